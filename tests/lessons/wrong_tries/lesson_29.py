"Wrong tries at the exercises of lesson 29."

import math

import numpy as np
import torch
from torch import nn

SETUP = 'import torch'


def positions():
    return [
        (lambda n, k, s, p: (n + 2 * p - k) // s, 'how often the window can'),
        (lambda n, k, s, p: (n + p - k) // s + 2, 'one position too many'),
        (lambda n, k, s, p: (n + 2 * p - k) / s + 1, 'no parts of positions'),
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
        (tensor((-1, -1, -1), (2, 2, 2), (-1, -1, -1)), 'Turn it round'),
        (tensor((1, -2, 1), (1, -2, 1), (1, -2, 1)), 'below zero'),
        (tensor((0, 1, 0), (0, 1, 0), (0, 1, 0)), 'equally bright'),
        (tensor((-1, -1, -1), (-1, 8, -1), (-1, -1, -1)), 'just as it does to an upright'),
        (tensor((-1, 2, -1), (-1, 3, -1), (-1, 1, -1)), 'Exactly on a line'),
        (tensor((0, 1, -1), (0, 1, -1), (0, 1, -1)), 'edge filter'),
        (tensor((-2, 1, 1), (-2, 1, 1), (-2, 1, 1)), 'answers 6 at the edge'),
        (tensor((0, 0, 0), (-1, 1, 0), (0, 0, 0)), 'answers 1 at the edge'),
        (torch.zeros(3, 3), 'All weights are zero'),
        (torch.ones(5, 5), 'Three rows of three'),
        ([[-1, 2, -1]] * 3, 'A tensor is asked for'),
    ]


RIGHT = {
    '29 positions': lambda: [
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
}
TRIES = {'29 positions': positions, '29 thin': thin}
