"Wrong tries at the exercises of lesson 38. (to be written)"

SETUP = ''
TRIES = {'38 product': lambda: [(7, 'adding'), ('12', 'text'), (9, 'rows')]}
