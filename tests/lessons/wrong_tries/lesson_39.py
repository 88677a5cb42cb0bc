"Wrong tries at the exercises of lesson 39. (to be written)"

SETUP = ''
TRIES = {'39 product': lambda: [(7, 'adding'), ('12', 'text'), (9, 'rows')]}
