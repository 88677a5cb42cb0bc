"Wrong tries at the exercises of lesson 50. (to be written)"

SETUP = ''
TRIES = {'50 product': lambda: [(7, 'adding'), ('12', 'text'), (9, 'rows')]}
