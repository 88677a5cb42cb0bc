"Wrong tries at the exercises of lesson 29."

import math

import numpy as np
import torch
from torch import nn

from whole_game.own.layers import Conv2d, Flatten, Linear, ReLU, Sequential

SETUP = '''import torch
from whole_game.own.layers import *
x = torch.zeros(20, 28, 28)
def colleague(inputs):
    first, second = Conv2d(1, 8, 3, stride=2), Conv2d(8, 16, 3, stride=2)
    return Sequential(first, ReLU(), second, ReLU(), Flatten(), Linear(inputs, 10))
'''


def rule(change):
    return lambda length, size, stride, padding: change(length, size, stride, padding)


def places():
    return [
        (lambda n, k, s, p: (n + 2 * p - k) // s, 'how often the window can'),
        (lambda n, k, s, p: (n + p - k) // s + 2, 'one place too many'),
        (lambda n, k, s, p: (n + 2 * p - k) / s + 1, 'no parts of places'),
        (lambda n, k, s, p: n + 2 * p - k + 1, 'right for a stride of 1'),
        (lambda n, k, s, p: n // k, 'You return 4'),
        (lambda n, k, s, p: (n - k) // s + 1, 'length, size, stride, padding = (10, 3, 1, 1)'),
        (lambda n, k, s, p: 6, 'right for one case'),
        (lambda n, k, s, p: n // s, '(10, 3, 1, 0)'),
        (lambda n, k, s, p: (n + p - k) // s + 1, 'you return 9'),
        (6, 'not a function'),
    ]


def tensor(*rows):
    return torch.tensor(rows, dtype=torch.float32)


def thin():
    return [
        (tensor((-1, 0, 1), (-1, 0, 1), (-1, 0, 1)), 'it answers 0.'),
        (tensor((-1, -1, -1), (2, 2, 2), (-1, -1, -1)), 'other way round'),
        (tensor((1, -2, 1), (1, -2, 1), (1, -2, 1)), 'below zero'),
        (tensor((0, 1, 0), (0, 1, 0), (0, 1, 0)), 'equally bright'),
        (tensor((-1, -1, -1), (-1, 8, -1), (-1, -1, -1)), 'just as to an upright'),
        (tensor((-1, 2, -1), (-1, 3, -1), (-1, 1, -1)), 'Exactly on a line'),
        (tensor((0, 1, -1), (0, 1, -1), (0, 1, -1)), 'edge filter'),
        (tensor((-2, 1, 1), (-2, 1, 1), (-2, 1, 1)), 'answers 6 at the edge'),
        (tensor((0, 0, 0), (-1, 1, 0), (0, 0, 0)), 'answers 1 at the edge'),
        (torch.zeros(3, 3), 'All weights are zero'),
        (torch.ones(5, 5), 'Three rows of three'),
        ([[-1, 2, -1]] * 3, 'A tensor is asked for'),
    ]


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


def mended():
    return [
        (colleague(784), '784 is 28 x 28, and 16 x 7 x 7'),
        (colleague(16), 'number of channels'),
        (colleague(36), 'number of places'),
        (colleague(8 * 13 * 13), 'There is a second one'),
        (colleague(16 * 13 * 13), 'those after the first'),
        (colleague(100), 'another number arrives'),
        (colleague(16 * 7 * 7, padding=1), 'should stay as your colleague'),
        (576, 'That is a number'),
        ('576', 'A network is asked for'),
        (colleague, 'the function itself'),
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


RIGHT = {
    '29 places': lambda: [
        lambda n, k, s, p: len(range(0, n + 2 * p - k + 1, s)),
        lambda n, k, s, p: np.floor((n + 2 * p - k) / s) + 1,
        lambda n, k, s, p: torch.tensor((n + 2 * p - k) // s + 1),
        lambda n, k, s, p: nn.Conv1d(1, 1, k, s, p)(torch.zeros(1, 1, n)).shape[2],
        lambda n, k, s, p: math.ceil((n + 2 * p - k + 1) / s),
    ],
    '29 thin': lambda: [
        torch.tensor([[-1, 2, -1]] * 3),
        np.array([[-1.0, 2, -1]] * 3),
        tensor((-1, 3, -2), (0, 0, 0), (-0.5, 1, -0.5))[None, None],
        tensor((0, 0, 0), (-1, 2, -1), (0, 0, 0)).double().requires_grad_(),
    ],
    '29 mended': lambda: [
        nn.Sequential(*in_torch()),
        Sequential(*in_torch()),
        Sequential(Sequential(*in_torch()[:4]), nn.Flatten(), Linear(576, 10)),
        repaired(),
    ],
    '29 far': lambda: [
        backwards,
        with_numpy,
        lambda layers: torch.tensor(backwards(layers)),
    ],
}
TRIES = {'29 places': places, '29 thin': thin, '29 mended': mended, '29 far': far}
