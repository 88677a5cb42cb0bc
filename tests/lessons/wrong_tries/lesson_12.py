"Wrong tries at the exercises of lesson 12. (to be written)"

SETUP = ''
TRIES = {'12 product': lambda: [(7, 'adding'), ('12', 'text'), (9, 'rows')]}
