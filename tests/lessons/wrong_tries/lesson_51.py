"Wrong tries at the exercises of lesson 51. (to be written)"

SETUP = ''
TRIES = {'51 product': lambda: [(7, 'adding'), ('12', 'text'), (9, 'rows')]}
