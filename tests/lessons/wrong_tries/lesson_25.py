"Wrong tries at the exercises of lesson 25."

import math

import numpy as np
import torch
import torch.nn.functional as F

SETUP = '''import torch
from whole_game.own.losses import cross_entropy, log_softmax, softmax
from whole_game.own.pixels import one_hot

def hot(y, n=10): return torch.tensor(one_hot(y, n))
import math
'''


def probability():
    return [
        (lambda loss: math.exp(loss), 'larger than 1'),
        (lambda loss: -math.log(loss), 'loss for a probability of 0.7'),
        (lambda loss: 1 - loss, 'subtract from 1'),
        (lambda loss: 2**-loss, 'halvings'),
        (lambda loss: 1 / loss, 'Dividing'),
        (lambda loss: 0.0, 'You return 0'),
        (lambda loss: math.exp(-0.7), 'blind guess'),
        (lambda loss: [1, 2], 'One number'),
        (lambda loss: round(math.exp(-loss), 2), 'rounded'),
        (lambda loss: math.exp(-loss) if loss < 1 else 0.1 if loss < 2.4 else 0.09, 'a loss of 5'),
        (0.8, 'not a function'),
    ]


def soft():
    def by(targets_of):
        return lambda logits, y, soft=0.1: (
            -(
                targets_of(F.one_hot(y, logits.shape[1]).float(), soft, logits.shape[1])
                * logits.log_softmax(1)
            )
            .sum(1)
            .mean()
        )

    right = by(lambda hot, soft, n: (1 - soft) * hot + soft / n)
    return [
        (lambda logits, y, soft=0.1: -right(logits, y, soft), 'wrong sign'),
        (lambda logits, y, soft=0.1: F.cross_entropy(logits, y), 'nothing is soft'),
        (
            by(lambda hot, soft, n: (1 - soft) * hot + soft / (n - 1) * (1 - hot)),
            '*wrong* categories',
        ),
        (by(lambda hot, soft, n: hot + soft / n), 'more than 1'),
        (lambda logits, y, soft=0.1: right(logits, y, soft) * len(y), 'sum over all rows'),
        (lambda logits, y, soft=0.1: right(logits, y, soft) / logits.shape[1], 'A quarter'),
        (lambda logits, y, soft=0.1: right(logits, y, 0.1), 'Use the name'),
        (by(lambda hot, soft, n: (1 - soft) * hot + soft / 4), 'type in a 4'),
        (
            lambda logits, y, soft=0.1: (
                -(
                    ((1 - soft) * F.one_hot(y, logits.shape[1]) + soft / logits.shape[1])
                    * logits.softmax(1).log()
                )
                .sum(1)
                .mean()
            ),
            'large ones',
        ),
        (lambda logits, y, soft=0.1: -(logits.log_softmax(1)).sum(1), 'loss for each row'),
        (by(lambda hot, soft, n: torch.ones(len(hot), 10)), 'ten'),
        (lambda logits, y, soft=0.1: 0.3, 'as a tensor'),
        (lambda logits, y, soft=0.1: torch.tensor(0.3), 'logits of the check'),
        (lambda logits, y, soft=0.1: torch.tensor(right(logits, y, soft).item()), 'no gradient'),
        (0.1, 'not a function'),
    ]


def lowest():
    right = math.log(math.e + 9) - 1
    return [
        (0.0, '*without*'),
        (math.log(10), 'blind guess'),
        (-right, 'wrong sign'),
        (math.e / (math.e + 9), 'the *probability*'),
        (math.log(math.e + 9), 'sum of the powers'),
        (1.45, 'Very near'),
        (1.0, 'Imagine'),
        ('nothing', 'One number'),
    ]


RIGHT = {
    '25 probability': lambda: [
        lambda loss: math.e**-loss,
        lambda loss: 1 / np.exp(loss),
        lambda loss: torch.exp(-torch.tensor(loss)),
        lambda loss: (-loss).exp(),
    ],
    '25 soft': lambda: [
        lambda logits, y, soft=0.1: F.cross_entropy(logits, y, label_smoothing=soft),
        lambda logits, y, soft=0.1: (
            (1 - soft) * F.cross_entropy(logits, y) - soft * logits.log_softmax(1).mean()
        ),
        lambda logits, y, soft=0.1: F.cross_entropy(
            logits,
            (1 - soft) * F.one_hot(y, logits.shape[1]) + soft / logits.shape[1],
        )[None],
    ],
    '25 lowest': lambda: [
        1.461,
        np.float32(1.4612),
        F.cross_entropy(torch.eye(10), torch.arange(10)),
        np.array(math.log(math.e + 9) - 1),
    ],
}
TRIES = {
    '25 probability': probability,
    '25 soft': soft,
    '25 lowest': lowest,
}
