"Wrong tries at the exercises of lesson 30."

import numpy as np
import torch
from torch import nn

from whole_game.own.layers import Conv2d, Flatten, Layer, Linear, ReLU, Sequential

SETUP = '''import torch
from whole_game.own.layers import *
x = torch.zeros(20, 28, 28)
def colleague(inputs):
    first, second = Conv2d(1, 8, 3, stride=2), Conv2d(8, 16, 3, stride=2)
    return Sequential(first, ReLU(), second, ReLU(), Flatten(), Linear(inputs, 10))
'''


def colleague(inputs, padding=0):
    return Sequential(
        Conv2d(1, 8, 3, 2, padding),
        ReLU(),
        Conv2d(8, 16, 3, 2, padding),
        ReLU(),
        Flatten(),
        Linear(inputs, 10),
    )


def in_torch(padding=0):
    first, second = nn.Conv2d(1, 8, 3, 2, padding), nn.Conv2d(8, 16, 3, 2, padding)
    return [first, nn.ReLU(), second, nn.ReLU(), nn.Flatten(), nn.Linear(576, 10)]


def fixed():
    return [
        (colleague(784), '784 is 28 x 28, and 16 x 7 x 7'),
        (colleague(16), 'number of channels'),
        (colleague(36), 'number of positions'),
        (colleague(8 * 13 * 13), 'There is a second one'),
        (colleague(16 * 13 * 13), 'after the first convolution, with'),
        (colleague(100), 'another number arrives'),
        (colleague(16 * 7 * 7, padding=1), 'should stay as your colleague'),
        (576, 'That is a number'),
        ('576', 'A network is asked for'),
        (colleague, 'Give the network itself'),
        (
            Sequential(lambda x: x[:, None], colleague(576)),
            'They have their axis for the channel already',
        ),
        (
            Sequential(Conv2d(1, 8, 3, 2), Conv2d(8, 16, 3, 2), ReLU(), Flatten(), Linear(576, 10)),
            'more than the number',
        ),
        (
            nn.Sequential(*in_torch(padding=1)[:-1], nn.Linear(784, 10)),
            'as your colleague wrote them; yours have',
        ),
        (nn.Sequential(*in_torch()[:-1], nn.Linear(77, 10)), 'expects 77'),
    ]


def walk(add, apart=lambda a, stride: a * stride, begin=1):
    def far(layers):
        seen, a = begin, 1
        for size, stride in layers:
            seen, a = add(seen, size, stride, a), apart(a, stride)
        return seen

    return far


def far():
    return [
        (walk(lambda seen, size, stride, a: seen + (size - 1) * a, begin=0), 'not none'),
        (walk(lambda seen, size, stride, a: seen * size), 'you return 9. Neighbours'),
        (lambda layers: sum(size for size, _ in layers), 'counted twice'),
        (lambda layers: layers[-1][0], 'last layer only'),
        (walk(lambda seen, size, stride, a: seen + size - 1), 'strides of 1'),
        (walk(lambda seen, size, stride, a: seen + (size - 1) * a * stride), 'after'),
        (
            walk(lambda seen, size, stride, a: seen + (size - 1) * a, lambda a, stride: stride),
            'strides multiply',
        ),
        (lambda layers: len(layers), 'has seen three'),
        (lambda layers: {1: 3, 2: 7 if layers[0][1] == 2 else 5}.get(len(layers), 15), 'sees 25'),
        (
            lambda layers: (
                1
                + sum(
                    (k - 1) * (2 * n or 1) * (s if s > 1 else 1) for n, (k, s) in enumerate(layers)
                )
            ),
            'have seen 5',
        ),
        (25, 'not a function'),
    ]


def backwards(layers):
    seen = 1
    for size, stride in reversed(layers):
        seen = (seen - 1) * stride + size
    return seen


def with_numpy(layers):
    sizes, strides = np.array(layers).T
    return 1 + ((sizes - 1) * np.cumprod([1, *strides[:-1]])).sum()


def repaired():
    net = colleague(784)
    net.layers[-1] = Linear(576, 10)
    return net


class Net(Layer):
    "The colleague's network as a class on the lesson's own Layer."

    def __init__(self):
        self.first, self.second = Conv2d(1, 8, 3, 2), Conv2d(8, 16, 3, 2)
        self.last = Linear(576, 10)

    def forward(self, x):
        return self.last(self.second(self.first(x).relu()).relu().flatten(1))


RIGHT = {
    '30 fixed': lambda: [
        Net(),
        nn.Sequential(*in_torch()),
        Sequential(*in_torch()),
        Sequential(Sequential(*in_torch()[:4]), nn.Flatten(), Linear(576, 10)),
        repaired(),
    ],
    '30 far': lambda: [
        backwards,
        with_numpy,
        lambda layers: torch.tensor(backwards(layers)),
    ],
}
TRIES = {'30 fixed': fixed, '30 far': far}
