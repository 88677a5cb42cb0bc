"Wrong tries at the exercises of lesson 22."

import numpy as np

SETUP = '''import numpy as np
from whole_game.own.network import relu, linear
'''


def bend(x):
    return np.maximum(x, 0)


def count():
    return [
        (lambda i, h, o: i * h + h * o, 'Those are the weights'),
        (lambda i, h, o: i * h + h * o + o, 'biases of the first layer'),
        (lambda i, h, o: i * h + h * o + h, 'biases of the second layer'),
        (lambda i, h, o: i * h + h, 'That is the first layer'),
        (lambda i, h, o: h * o + o, 'That is the second layer'),
        (lambda i, h, o: i * h * o, 'multiplied all three'),
        (lambda i, h, o: i + h + o, 'added the sizes'),
        (lambda i, h, o: i + i * h + h + h * o + o, 'only sums do'),
        (lambda i, h, o: [i * h + h, h * o + o], 'several numbers'),
        (lambda i, h, o: 731, 'wrong for others'),
        (lambda i, h, o: 12, 'You return 12'),
        (39_760, 'not a function'),
    ]


def hat():
    return [
        (lambda x: bend(x) / 2 - bend(x - 6) + bend(x - 8) / 2, 'left of 4'),
        (lambda x: bend(x - 4) - 2 * bend(x - 6) + bend(x - 8), 'At 6'),
        (lambda x: bend(x - 4) / 2, 'climbs on'),
        (lambda x: bend(x - 4) / 2 - bend(x - 6) / 2, 'runs level'),
        (lambda x: bend(x - 4) / 2 - bend(x - 6), 'falling'),
        (lambda x: bend(x - 4) / 2 - bend(x - 6) * 2, 'down at zero'),
        (lambda x: bend(x - 4) / 2 - bend(x - 6) + bend(x - 8), 'stay at zero'),
        (lambda x: np.where((x > 4) & (x < 8), np.sin((x - 4) * np.pi / 4), 0), 'not straight'),
        (lambda x: 0.0, 'One height for each'),
        (1, 'not a function'),
    ]


def fold():
    return [
        (lambda w1, b1, w2, b2: (w1 @ w2, b2), 'first layer are lost'),
        (lambda w1, b1, w2, b2: (w1 @ w2, b1 @ w2), 'second layer are missing'),
        (lambda w1, b1, w2, b2: (w2 @ w1, b1 @ w2 + b2), 'order of the tables'),
        (lambda w1, b1, w2, b2: w1 @ w2, 'Two things'),
        (lambda w1, b1, w2, b2: (w1, b2), 'should have the shape'),
        (lambda w1, b1, w2, b2: (w1 @ w2, b1), 'one number for each of the'),
        (lambda w1, b1, w2, b2: (w1 @ w2, 2 * b1 @ w2 + b2), 'w is right'),
        (lambda w1, b1, w2, b2: (2 * w1 @ w2, b2), 'w is not right'),
        ('w1 @ w2', 'not a function'),
    ]


def asleep():
    return [
        (lambda a: (a == 0).sum(), 'all the zeros'),
        (lambda a: (a == 0).all(axis=1).sum(), 'items'),
        (lambda a: a.any(axis=0).sum(), 'do wake'),
        (lambda a: (a == 0).any(axis=0).sum(), 'how many bends there are'),
        (lambda a: (a == 0).all(axis=0).mean(), 'share'),
        (lambda a: (a == 0).all(axis=0), 'one thing for each'),
        (lambda a: 2, 'wrong for others'),
        (lambda a: 9, 'You return 9'),
        (0, 'not a function'),
    ]


TRIES = {'22 count': count, '22 hat': hat, '22 fold': fold, '22 asleep': asleep}
