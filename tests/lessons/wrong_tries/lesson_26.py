"Wrong tries at the exercises of lesson 26."

import torch

from whole_game.own.layers import Conv2d, Flatten, Linear, Relu, Sequential

SETUP = '''import torch
from whole_game.own.layers import *
x = torch.zeros(20, 28, 28)
def colleague(inputs):
    first, second = Conv2d(1, 8, 3, stride=2), Conv2d(8, 16, 3, stride=2)
    return Sequential(first, Relu(), second, Relu(), Flatten(), Linear(inputs, 10))
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
        (torch.zeros(3, 3), 'All weights are zero'),
        (torch.ones(5, 5), 'Three rows of three'),
        ([[-1, 2, -1]] * 3, 'A tensor is asked for'),
    ]


def colleague(inputs, padding=0):
    return Sequential(
        Conv2d(1, 8, 3, 2, padding),
        Relu(),
        Conv2d(8, 16, 3, 2, padding),
        Relu(),
        Flatten(),
        Linear(inputs, 10),
    )


def mended():
    return [
        (colleague(784), '784 is 28 x 28, and 16 x 7 x 7'),
        (colleague(16), 'number of channels'),
        (colleague(36), 'number of places'),
        (colleague(8 * 13 * 13), 'There is a second one'),
        (colleague(16 * 13 * 13), 'those after the first'),
        (colleague(100), 'another number arrives'),
        (colleague(16 * 7 * 7, padding=1), 'should stay as the colleague'),
        (576, 'That is a number'),
        ('576', 'A network is asked for'),
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
        (25, 'not a function'),
    ]


TRIES = {'26 places': places, '26 thin': thin, '26 mended': mended, '26 far': far}
