"Wrong tries at the exercises of lesson 23."

import numpy as np
import torch

SETUP = '''def finite_differences(f, **numbers):
    found = {}
    for name in numbers:
        more, less = dict(numbers), dict(numbers)
        more[name] += 0.001
        less[name] -= 0.001
        found[name] = round((f(**more) - f(**less)) / 0.002, 3)
    return found
from whole_game.exercises.lesson_23 import Spare as Value
'''


class Value:
    "The engine of the lesson, as far as it is needed here."

    def __init__(self, data, parents=(), op=''):
        self.data, self.parents, self.op, self.grad = data, parents, op, 0.0

    def __add__(self, other):
        return Value(self.data + other.data, [(self, 1.0), (other, 1.0)], '+')

    def __mul__(self, other):
        return Value(self.data * other.data, [(self, other.data), (other, self.data)], '*')

    def __pow__(self, n):
        return Value(self.data**n, [(self, n * self.data ** (n - 1))], '**')

    def relu(self):
        return Value(max(self.data, 0.0), [(self, float(self.data > 0))], 'relu')

    def backward(self, g=1.0):
        self.grad += g
        for parent, local in self.parents:
            parent.backward(local * g)


def paper():
    return [
        (7, 'Three numbers'),
        ((10, 20), 'you wrote 2'),
        ((8, 20, 10), 'another order'),
        ((10, 15, 8), 'only the path through the product'),
        ((10, 5, 8), 'overwritten'),
        ((2, 4, 8), 'gradients of the bracket'),
        ((10, 75, 8), 'multiplied the two paths'),
        ((10, 20, 5), 'For `c` you have 5'),
        ((15, 20, 8), 'You have 15'),
        ((10, 16, 8), 'For `b` you have 16'),
        (('10', '20', '8'), 'as text'),
        ((2, 1, 5), 'local gradients of single steps'),
        ((3, 2, 5), 'the numbers themselves'),
    ]


def broken():
    return [
        ('cube', 'A name and a gradient'),
        ((None, None), 'Nothing here yet'),
        (('square', 4), 'You wrote'),
        (('double', 2), "'double' is right"),
        (('reciprocal', -0.25), "'reciprocal' is right"),
        (('cube', None), 'as one number'),
        (('cube', 6), 'the one that it *has*'),
        (('cube', 8), 'value of the cube'),
        (('cube', 3), 'is not 3'),
        (('cube', '12'), 'leave the quotes'),
        (('cube', np.array([6.0, 12.0])), 'You give 2'),
        (('cube', 12.09), 'is not 12.09'),
    ]


def absolute():
    made = lambda local: lambda v: Value(abs(v.data), [(v, local(v.data))], 'abs')
    return [
        (3, 'not a function'),
        (lambda v: abs(v.data), 'You return a float'),
        (lambda v: v.relu(), 'the result is 0'),
        (lambda v: Value(v.data, [(v, 1.0)], 'abs'), 'the result is -2'),
        (lambda v: Value(v), 'a `Value` inside'),
        (lambda v: Value(abs(v.data)), 'no parents'),
        (lambda v: Value(abs(v.data), (v, 1.0), 'abs'), 'a list of pairs'),
        (lambda v: Value(abs(v.data), [(Value(v.data), 1.0)], 'abs'), 'Is `v` itself'),
        (made(lambda x: 1.0), 'At -2 you have 1'),
        (made(lambda x: -1.0 if x > 0 else 1.0), 'wrong way round'),
        (made(abs), 'gave the *value*'),
        (made(lambda x: float(x > 0)), 'that of ReLU'),
        (made(lambda x: x), 'gradients are 3 and -2'),
    ]


def twelves():
    v = Value(2.0)
    return [
        ('cube', np.float64(12)),
        ('cube', np.array(12.0)),
        ('cube', 3 * v.data**2),
        ['cube', torch.tensor([12.0])],
        ('cube', v * Value(6.0)),
    ]


def absolutes():
    def by_if(v):
        if v.data > 0:
            return Value(v.data, [(v, 1)], 'abs')
        return Value(-v.data, [(v, -1)], 'abs')

    return [
        by_if,
        lambda v: (v**2) ** 0.5,
        lambda v: v.relu() + (v * Value(-1.0)).relu(),
        lambda v: Value(np.abs(v.data), ((v, np.sign(v.data)),), 'abs'),
    ]


RIGHT = {
    '23 paper': lambda: [
        [10, 20, 8],
        np.array([10.0, 20.0, 8.0]),
        (np.float64(10), torch.tensor(20.0), np.array(8)),
    ],
    '23 broken': twelves,
    '23 absolute': absolutes,
}

TRIES = {'23 paper': paper, '23 broken': broken, '23 absolute': absolute}
