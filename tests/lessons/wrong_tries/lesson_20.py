"Wrong tries at the exercises of lesson 20."

import numpy as np

SETUP = 'import numpy as np\n'


def row():
    return [
        (lambda p: p.sum(axis=0).argmax(), 'fullest column'),
        (lambda p: p.sum(axis=1), 'Which of them is the largest'),
        (lambda p: p.sum(axis=0), 'ink of every column'),
        (lambda p: p.sum(axis=1).max(), 'In which row'),
        (lambda p: p.max(axis=1).argmax(), 'brightest single pixel'),
        (lambda p: p.argmax(), 'counts through all pixels'),
        (lambda p: p.sum(axis=1).argmax() + 1, 'counted from 0'),
        (lambda p: p, 'shape (12, 9)'),
        (lambda p: 4, 'wrong for another'),
        (lambda p: p.sum(axis=1).argmin(), 'you return 0'),
        (4, 'not a function'),
    ]


def brightened():
    square = lambda p: p / p.max((1, 2)) if len(p) == 28 else p / p.max((1, 2))[:, None, None]
    return [
        (lambda p: p / p.max(axis=(1, 2)), 'do not fit'),
        (lambda p: p / p.max(), 'whole pile'),
        (lambda p: p / p.max(axis=0), 'over the pile'),
        (lambda p: p / p.max(axis=2, keepdims=True), 'each row or each column'),
        (lambda p: p.max(axis=(1, 2)), 'one number for each picture'),
        (lambda p: p, 'as they were'),
        (lambda p: p + (1 - p.max(axis=(1, 2), keepdims=True)) * (p > 0.2), 'Each should be 1'),
        (lambda p: p[0] / p[0].max(), 'shape (28, 28) came out'),
        (square, 'by luck'),
        (np.ones(5), 'not a function'),
    ]


def network():
    right = lambda p: p.transpose(0, 3, 1, 2).astype(np.float32) / 255
    return [
        (lambda p: p.astype(np.float32) / 255, 'still the last axis'),
        (lambda p: p.T.astype(np.float32) / 255, 'all axes round'),
        (lambda p: p.reshape(len(p), 3, *p.shape[1:3]).astype(np.float32) / 255, 'scrambled'),
        (lambda p: p.transpose(0, 3, 2, 1).astype(np.float32) / 255, 'on their side'),
        (lambda p: right(p)[:, ::-1], 'Red and blue'),
        (lambda p: p.transpose(0, 3, 1, 2), 'largest number'),
        (lambda p: (right(p) + 0.5).astype(np.uint8), 'zeros and ones'),
        (lambda p: p.transpose(0, 3, 1, 2) / 255, 'float64'),
        (lambda p: 1 - right(p), 'not those of the paintings'),
        (lambda p: right(p)[0], 'it should be (4, 3, 20, 20)'),
        (lambda p: right(np.resize(p, (4, 20, 20, 3))), 'one size'),
        (3, 'not a function'),
    ]


def vote():
    far = lambda p, x: ((x - p) ** 2).mean(axis=(1, 2))
    return [
        (lambda p, x, y, k: y[far(p, x).argmin()], 'single nearest'),
        (lambda p, x, y, k: np.bincount(y).argmax(), 'Only the `k` nearest'),
        (lambda p, x, y, k: y[far(p, x).argsort()[-1]], 'farthest'),
        (lambda p, x, y, k: y[far(p, x).argsort()[:k]].mean(), 'mean of the labels'),
        (lambda p, x, y, k: y[far(p, x).argsort()[:k]], 'three things'),
        (lambda p, x, y, k: far(p, x).argsort()[:k], 'places of three'),
        (lambda p, x, y, k: np.bincount(y[far(p, x).argsort()[:k]]).max(), 'how many votes'),
        (lambda p, x, y, k: far(p, x).argmin(), 'like a place'),
        (lambda p, x, y, k: np.bincount(y[far(p, x).argsort()[:3]]).argmax(), 'wrong for one'),
        (lambda p, x, y, k: far(p, x), 'shape (8,)'),
        (
            lambda p, x, y, k: np.bincount(y[far(p, x).argsort()[:k][:4]]).argmax(),
            'wrong for eight',
        ),
        (lambda p, x, y, k: 8, 'You return 8'),
        (5, 'not a function'),
    ]


TRIES = {'20 row': row, '20 brightened': brightened, '20 network': network, '20 vote': vote}
