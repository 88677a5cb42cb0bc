"Wrong tries at the exercises of lesson 20."

import statistics
from collections import Counter

import numpy as np
import torch

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
        (lambda p: p, 'the picture itself'),
        (lambda p: p > 0.5, 'shape (12, 9)'),
        (lambda p: p.mean(), 'no axis was named'),
        (lambda p: p.mean().argmax(), 'without an axis, all the ink'),
        (lambda p: 4, 'wrong for another'),
        (lambda p: (p > 0).sum(axis=1).argmax(), 'most pixels with any ink'),
        (lambda p: (p > 0.5).sum(axis=1).argmax(), 'most bright pixels'),
        (lambda p: np.median(p, axis=1).argmax(), 'this much ink'),
        (lambda p: p.sum(axis=1).argmin(), 'least ink'),
        (4, 'not a function'),
    ]


def brightened():
    square = lambda p: p / p.max((1, 2)) if len(p) == 28 else p / p.max((1, 2))[:, None, None]
    return [
        (lambda p: p / p.max(axis=(1, 2)), 'do not fit'),
        (lambda p: p / p.max(), 'brightest pixel of all'),
        (lambda p: p / p.max(axis=0), 'over all pictures'),
        (lambda p: p / p.max(axis=2, keepdims=True), 'each row or each column'),
        (lambda p: p.max(axis=(1, 2)), 'one number for each picture'),
        (lambda p: p, 'as they were'),
        (lambda p: p + (1 - p.max(axis=(1, 2), keepdims=True)) * (p > 0.2), 'must double, too'),
        (lambda p: p[0] / p[0].max(), 'shape (28, 28) came out'),
        (square, 'by luck'),
        (lambda p: p / p.max(axis=(1, 2)).mean(), 'Each should be 1'),
        (lambda p: p / p.mean(axis=(1, 2), keepdims=True), 'Each should be 1'),
        (np.ones(5), 'not a function'),
    ]


def vote():
    far = lambda p, x: ((x - p) ** 2).mean(axis=(1, 2))
    return [
        (lambda p, x, y, k: y[far(p, x).argmin()], 'single nearest'),
        (lambda p, x, y, k: np.bincount(y).argmax(), 'Only the `k` nearest'),
        (lambda p, x, y, k: y[far(p, x).argsort()[-1]], 'farthest'),
        (lambda p, x, y, k: y[far(p, x).argsort()[:k]].mean(), 'mean of the labels'),
        (lambda p, x, y, k: y[far(p, x).argsort()[:k]], 'three labels'),
        (lambda p, x, y, k: far(p, x).argsort()[:k], 'indices of three'),
        (lambda p, x, y, k: np.bincount(y[far(p, x).argsort()[:k]]).max(), 'how many votes'),
        (lambda p, x, y, k: far(p, x).argmin(), 'like an index'),
        (lambda p, x, y, k: np.bincount(y[far(p, x).argsort()[:3]]).argmax(), 'wrong for one'),
        (lambda p, x, y, k: far(p, x), 'shape (8,)'),
        (lambda p, x, y, k: p, 'the picture itself'),
        (lambda p, x, y, k: ((x - p) ** 2).mean(), 'labels are whole numbers'),
        (
            lambda p, x, y, k: np.bincount(y[((x - p) ** 2).mean().argsort()[:k]]).argmax(),
            '*one* number for all',
        ),
        (
            lambda p, x, y, k: np.bincount(y[far(p, x).argsort()[:k]]).argmin(),
            'Nobody voted for label 0',
        ),
        (
            lambda p, x, y, k: np.bincount(y[far(p, x).argsort()[:k][:4]]).argmax(),
            'wrong for eight',
        ),
        (lambda p, x, y, k: 8, 'You return 8'),
        (lambda p, x, y, k: np.median(y[far(p, x).argsort()[:k]]), 'in the middle'),
        (lambda p, x, y, k: y[far(p, x).argsort()[:k]].max(), 'largest of the labels'),
        (lambda p, x, y, k: y[far(p, x).argsort()[:k]][k // 2], 'other labels'),
        (5, 'not a function'),
    ]


def fullest_by_loop(p):
    best = 0
    for row in range(len(p)):
        if p[row].sum() > p[best].sum():
            best = row
    return best


def neighbours(p, x, y, k):
    return y[((x - p) ** 2).mean(axis=(1, 2)).argsort()[:k]]


RIGHT = {
    '20 row': lambda: [
        lambda p: p.mean(axis=1).argmax(),
        fullest_by_loop,
        lambda p: torch.tensor(p).sum(dim=1).argmax(),
        lambda p: np.float32((-p.sum(axis=1)).argsort()[0]),
    ],
    '20 brightened': lambda: [
        lambda p: np.stack([one / one.max() for one in p]),
        lambda p: p / p.max(axis=(1, 2))[:, None, None],
        lambda p: torch.tensor(p) / torch.tensor(p).amax(dim=(1, 2), keepdim=True),
        lambda p: [one / one.max() for one in p],
    ],
    '20 vote': lambda: [
        lambda p, x, y, k: Counter(neighbours(p, x, y, k).tolist()).most_common(1)[0][0],
        lambda p, x, y, k: statistics.mode(neighbours(p, x, y, k)),
        lambda p, x, y, k: torch.tensor(neighbours(p, x, y, k)).mode().values,
        lambda p, x, y, k: float(np.bincount(neighbours(p, x, y, k)).argmax()),
    ],
}

TRIES = {'20 row': row, '20 brightened': brightened, '20 vote': vote}
