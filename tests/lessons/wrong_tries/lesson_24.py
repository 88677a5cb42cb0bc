"Wrong tries at the exercises of lesson 24."

import numpy as np
import torch

SETUP = '''import numpy as np
from whole_game.own.autograd import Value
'''


def prices():
    return [
        ('5, 7', 'Leave the quotes out'),
        ([[5, 5], [5]], 'rows of the same length'),
        ([[1, 0, 4], [2, 2, 3]], 'What happens to what broadcasting stretched'),
        ([3, 2, 7], 'over the two prices'),
        (12, 'sum of everything'),
        ([[5 / 3], [7 / 3]], 'means'),
        ([[10], [35]], 'the takings'),
        ([[3], [3]], 'counted the three days'),
        ([5, 7], 'The right numbers, in the shape (2,)'),
        ([[5, 7]], 'in the shape (1, 2)'),
        ([[1], [2], [3]], 'has the shape (3, 1)'),
        ([[5], [4]], 'you have 5 and 4'),
        ([[7], [5]], 'you have 7 and 5'),
    ]


def leaky():
    from whole_game.own.autograd import Value

    result = lambda v: np.where(v.data > 0, v.data, 0.1 * v.data)
    made = lambda back: lambda v: Value(result(v), ((v, lambda g: back(g, v.data)),), 'leaky')
    return [
        (3, 'not a function'),
        (result, 'You return an array'),
        (lambda v: 'leaky', 'You return a str'),
        (lambda v: v.sum(), 'has the shape'),
        (lambda v: v.relu(), 'That is ReLU'),
        (lambda v: v * 0.1, 'For [-2.'),
        (lambda v: Value(result(v)), 'no parents'),
        (lambda v: Value(result(v), ((Value(v.data), lambda g: g),)), 'Is `v` itself'),
        (made(lambda g, x: np.where(x > 0, 1, 0.1)), 'local gradient alone'),
        (made(lambda g, x: g), 'as it is'),
        (made(lambda g, x: g * (x > 0)), 'that of ReLU'),
        (made(lambda g, x: g * np.where(x > 0, x, 0.1 * x)), 'by the *value*'),
        (made(lambda g, x: g * 0.1), 'your share is'),
        (lambda v: v.relu() + 0.1 * v, 'For [-2.'),
    ]


def step():
    def tries(change, clear=True, only_first=False):
        def go(params, lr):
            for p in params:
                p.data = change(p, lr)
                if clear:
                    p.grad = None
                if only_first:
                    return

        return go

    def clears_wrongly(params, lr):
        for p in params:
            p.data, p.grad = p.data - lr * p.grad, np.ones_like(p.data)

    def torch_habit(params, lr):
        for p in params:
            p.data = p.data - lr * p.grad
            p.grad.zero_()

    right = lambda p, lr: p.data - lr * p.grad
    return [
        (tries(lambda p, lr: p.data - 0.1 * p.grad), 'wrong for another'),
        (tries(lambda p, lr: p.data - lr * 3), 'should become 0.7'),
        (tries(lambda p, lr: p.data - lr * np.sign(p.grad)), 'only the sign'),
        (0.1, 'not a function'),
        (lambda params, lr: None, 'Nothing has moved'),
        (tries(lambda p, lr: p.data + lr * p.grad), 'uphill'),
        (tries(lambda p, lr: p.data - p.grad), 'Where is `lr`'),
        (tries(lambda p, lr: -lr * p.grad), '*became*'),
        (tries(right, only_first=True), 'Only the first'),
        (tries(lambda p, lr: p.data * (1 - lr)), 'should become 0.7'),
        (tries(lambda p, lr: p - lr * p.grad), 'no array'),
        (tries(right, clear=False), 'Leave everything ready'),
        (clears_wrongly, 'After the second'),
        (torch_habit, 'only PyTorch has'),
    ]


def leaks():
    from whole_game.own.autograd import Value

    def by_class(v):
        class Value2(Value):
            pass

        local = np.where(v.data > 0, 1.0, 0.1)
        return Value2(local * v.data, [(v, lambda g: local * g)], 'leaky')

    return [
        by_class,
        lambda v: v.relu() * 0.9 + v * 0.1,
        lambda v: v.relu() - (0 - v).relu() * 0.1,
    ]


def steps():
    def in_place(params, lr):
        for p in params:
            p.data -= lr * p.grad
            p.grad *= 0

    def zeros(params, lr):
        for i in range(len(params)):
            params[i].data = np.subtract(params[i].data, lr * params[i].grad)
            params[i].grad = np.zeros_like(params[i].data)

    def returns_them(params, lr):
        for p in params:
            p.data, p.grad = p.data - lr * p.grad, None
        return params

    return [in_place, zeros, returns_them]


def sums():
    from whole_game.own.autograd import Value

    return [
        np.array([[5], [7]]),
        torch.tensor([[5.0], [7.0]]),
        ((5,), (7,)),
        [np.array([5.0]), np.array([7.0])],
        Value(np.array([[5.0], [7.0]])),
    ]


RIGHT = {'24 prices': sums, '24 leaky': leaks, '24 step': steps}

TRIES = {'24 prices': prices, '24 leaky': leaky, '24 step': step}
