"Wrong tries at the exercises of lesson 10. (to be written)"

SETUP = ''
TRIES = {'10 product': lambda: [(7, 'adding'), ('12', 'text'), (9, 'rows')]}
