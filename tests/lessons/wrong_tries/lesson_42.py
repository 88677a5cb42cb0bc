"Wrong tries at the exercises of lesson 42. (to be written)"

SETUP = ''
TRIES = {'42 product': lambda: [(7, 'adding'), ('12', 'text'), (9, 'rows')]}
