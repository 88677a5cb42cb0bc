"Wrong tries at the exercises of lesson 26."

import math
from fractions import Fraction

import numpy as np
import torch

SETUP = 'import torch\n'


def recalls():
    return [
        (lambda counts: counts.diag() / counts.sum(0), '*precision*'),
        (lambda counts: counts.diag() / counts.sum(), 'number of all items'),
        (lambda counts: counts.diag().sum() / counts.sum(), 'the accuracy'),
        (lambda counts: counts.diag(), 'Those are counts'),
        (lambda counts: 1 - counts.diag() / counts.sum(1), '*missed*'),
        (lambda counts: 100 * counts.diag() / counts.sum(1), 'percentages'),
        (lambda counts: counts / counts.sum(1, keepdim=True), 'shape (2,)'),
        (lambda counts: torch.tensor([0.8, 0.9]), 'shape (3,)'),
        (lambda counts: counts.diag() / 10, '[0.5, 0.5, 0.95]'),
        (lambda counts: counts.amax(1) / counts.sum(1), '[[30, 0, 0, 10]'),
        (lambda counts: 'high', 'A tensor'),
        (torch.tensor([0.8, 0.9]), 'not a function'),
    ]


def letter():
    def right(rate, recall, alarms):
        return rate * recall / (rate * recall + (1 - rate) * alarms)

    return [
        (lambda rate, recall, alarms: recall, 'That is the recall'),
        (lambda rate, recall, alarms: rate * recall, 'all people'),
        (lambda rate, recall, alarms: recall / (recall + alarms), 'do not use `rate`'),
        (lambda rate, recall, alarms: rate * recall / (rate * recall + alarms), 'Nearly'),
        (lambda *three: 1 - right(*three), '*healthy* people'),
        (lambda *three: 100 * right(*three), 'percentage'),
        (lambda rate, recall, alarms: rate, 'with or without'),
        (lambda rate, recall, alarms: 1 - alarms, '*no* letter'),
        (lambda rate, recall, alarms: 0.06, 'You return 0.06'),
        (lambda rate, recall, alarms: 15 / 23, '0.005, 0.9, 0.07'),
        (lambda rate, recall, alarms: 15 / 23 if rate == 0.2 else 0.0607, '0.5, 0.6, 0.3'),
        (lambda *three: round(right(*three), 2), '0.652'),
        (lambda *three: f'{right(*three):.0%}', 'One number'),
        (0.06, 'not a function'),
    ]


def threshold():
    def kth(p, ill, k):
        return float(p[ill == 1].sort(descending=True).values[k])

    def by_rounding(p, ill, recall):
        return kth(p, ill, max(0, round(recall * int(ill.sum())) - 1))

    def a_little_lower(p, ill, recall):
        return kth(p, ill, math.ceil(recall * int(ill.sum())) - 1) - 1e-4

    def by_quantile(p, ill, recall):
        return float(torch.quantile(p[ill == 1], 1 - recall))

    return [
        (lambda p, ill, recall: 0.4, 'only three'),
        (lambda p, ill, recall: 0.02, 'finds everybody'),
        (lambda p, ill, recall: 0.6, 'only two'),
        (lambda p, ill, recall: 0.05, 'healthy person'),
        (lambda p, ill, recall: recall, 'recall you were given'),
        (lambda p, ill, recall: 0.95, 'none of the five'),
        (a_little_lower, '0.3 finds the same four'),
        (by_quantile, 'Yours is 0.244'),
        (lambda p, ill, recall: kth(p, ill, max(0, int(recall * 5) - 1)), '75 % of 5'),
        (by_rounding, '60 % of 7'),
        (lambda p, ill, recall: 0.3, '100 % of 5'),
        (lambda p, ill, recall: (0.3, 4), 'One number'),
        (0.3, 'not a function'),
    ]


RIGHT = {
    '26 recalls': lambda: [
        lambda counts: [float(row[i] / row.sum()) for i, row in enumerate(counts)],
        lambda counts: counts.numpy().diagonal() / counts.numpy().sum(axis=1),
        lambda counts: (counts / counts.sum(1, keepdim=True)).diag(),
        lambda counts: torch.stack([row[i] / row.sum() for i, row in enumerate(counts)]),
        lambda counts: tuple(counts[i, i] / counts[i].sum() for i in range(len(counts))),
    ],
    '26 letter': lambda: [
        lambda rate, recall, alarms: 1 / (1 + (1 - rate) * alarms / (rate * recall)),
        lambda rate, recall, alarms: np.float32(
            1000 * rate * recall / (1000 * rate * recall + 1000 * (1 - rate) * alarms)
        ),
        lambda rate, recall, alarms: torch.tensor(
            rate * recall / (rate * recall + (1 - rate) * alarms)
        ),
        lambda rate, recall, alarms: (
            Fraction(rate * recall) / (Fraction(rate * recall) + Fraction((1 - rate) * alarms))
        ),
        lambda rate, recall, alarms: np.array(
            [rate * recall / (rate * recall + alarms - rate * alarms)]
        ),
    ],
    '26 threshold': lambda: [
        lambda p, ill, recall: p[ill == 1].sort().values[int((1 - recall) * int(ill.sum()) + 1e-9)],
        lambda p, ill, recall: p[ill.bool()].topk(math.ceil(recall * int(ill.sum()))).values[-1],
        lambda p, ill, recall: np.sort(p.numpy()[ill.numpy() == 1])[
            -math.ceil(recall * int(ill.sum()))
        ],
        lambda p, ill, recall: max(
            t for t in p.tolist() if (p[ill == 1] >= t).double().mean() >= recall
        ),
    ],
}
TRIES = {'26 recalls': recalls, '26 letter': letter, '26 threshold': threshold}
