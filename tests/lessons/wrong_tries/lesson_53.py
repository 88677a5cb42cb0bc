"Wrong tries at the exercises of lesson 53. (to be written)"

SETUP = ''
TRIES = {'53 product': lambda: [(7, 'adding'), ('12', 'text'), (9, 'rows')]}
