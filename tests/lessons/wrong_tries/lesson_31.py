"Wrong tries at the exercises of lesson 31."

import math

import numpy as np
import torch
from torch import nn

from whole_game.own.layers import Layer, Linear, ReLU, Sequential

SETUP = '''import torch
from whole_game.own.layers import Layer, Linear, ReLU, Sequential
'''


def left():
    return [
        (3, 'not a function'),
        (lambda layers, n, std: None, 'Nothing comes back'),
        (lambda layers, n, std: 'little', 'One number'),
        (lambda layers, n, std: (std * n**0.5) ** layers, 'what the sum leaves'),
        (lambda layers, n, std: (std * n / 2) ** layers, 'square root missing'),
        (lambda layers, n, std: (std * n**0.5 / 2) ** layers, 'half of the mean *square*'),
        (lambda layers, n, std: std**layers, 'how wide'),
        (lambda layers, n, std: (std * (2 / n) ** 0.5) ** layers, 'it is a half'),
        (lambda layers, n, std: layers * std * (n / 2) ** 0.5, 'you have added'),
        (lambda layers, n, std: std * (n / 2) ** 0.5, 'same as after one'),
        (lambda layers, n, std: std * (n / 2) ** 0.5 / layers**3, 'A half of a half'.lower()),
        (lambda layers, n, std: 0.5**layers, 'Right for 50 wide'),
        (lambda layers, n, std: (std * 5) ** layers, '200 wide'),
        (
            lambda layers, n, std: (std * (n / 2) ** 0.5) ** min(layers, 3),
            'for 20 layers, 50 wide',
        ),
    ]


def block(make, forward):
    "A class like the stub: what makes its shortcut, and its forward."

    class Block(Layer):
        def __init__(self, inputs, outputs):
            self.change = Sequential(Linear(inputs, outputs), ReLU(), Linear(outputs, outputs))
            self.shortcut = make(inputs, outputs)

        def forward(self, z):
            return forward(self, z)

    return Block


def right(self, z):
    return (self.shortcut(z) + self.change(z)).relu()


def widen():
    return [
        (3, 'not a class'),
        (block(lambda n, m: ..., right), 'Nothing is in'),
        (block(lambda n, m: 1, right), 'should be layers'),
        (block(Linear, lambda self, z: None), 'Nothing comes back'),
        (block(lambda n, m: Linear(m, n), right), 'one of its two sides stopped'),
        (block(lambda n, m: Linear(n, n), right), 'it has to give (4, 5)'),
        (block(lambda n, m: lambda z: z[:, :1].repeat(1, m), right), 'no parameters'),
        (block(Linear, lambda self, z: (z + self.change(z)).relu()), 'The block stopped'),
        (block(Linear, lambda self, z: self.shortcut(z) + self.change(z)), 'is missing'),
        (block(Linear, lambda self, z: self.shortcut(z).relu() + self.change(z).relu()), 'once'),
        (block(Linear, lambda self, z: self.shortcut(z) + self.change(z).relu()), 'the change.'),
        (block(Linear, lambda self, z: self.shortcut(z).relu() + self.change(z)), 'the shortcut.'),
        (block(Linear, lambda self, z: self.change(z).relu()), 'change alone'),
        (block(Linear, lambda self, z: self.shortcut(z).relu()), 'shortcut alone'),
        (block(Linear, lambda self, z: (self.shortcut(z) * self.change(z)).relu()), 'multiply'),
        (block(Linear, lambda self, z: (self.shortcut(z) - self.change(z)).relu()), 'subtract'),
        (block(Linear, lambda self, z: torch.zeros(4, 5)), 'something else'),
        (
            block(Linear, lambda self, z: right(self, z) if z.shape[1] == 3 else z[:, :2]),
            'From six to two',
        ),
    ]


def one_by_one(layers, n, std):
    return one_by_one(layers - 1, n, std) * std * math.sqrt(n / 2) if layers else 1


RIGHT = {
    '31 left': lambda: [
        one_by_one,
        lambda layers, n, std: np.float32(std**layers) * np.sqrt(n / 2) ** layers,
        lambda layers, n, std: torch.tensor(std**2 * n / 2).pow(layers / 2),
    ],
    '31 widen': lambda: [
        block(nn.Linear, right),
        block(lambda n, m: nn.Linear(n, m, bias=False), lambda self, z: nn.ReLU()(right(self, z))),
        block(
            lambda n, m: Sequential(Linear(n, m)),
            lambda self, z: torch.clamp(self.change(z) + self.shortcut(z), min=0),
        ),
    ],
}
TRIES = {'31 left': left, '31 widen': widen}
