"Wrong tries at the exercises of lesson 23."

import numpy as np
import torch

SETUP = '''import numpy as np
from whole_game.own.autograd import Value
def nudged(f, **numbers):
    def slope(name, hair=1e-4):
        up, down = (f(**{**numbers, name: numbers[name] + by}) for by in (hair, -hair))
        return float(round((up - down) / (2*hair), 3))
    return {name: slope(name) for name in numbers}
'''


def paper():
    return [
        (7, 'Three numbers'),
        ((10, 20), 'you wrote 2'),
        ((8, 20, 10), 'another order'),
        ((10, 15, 8), 'only the way through the product'),
        ((10, 5, 8), 'written over'),
        ((2, 4, 8), 'slopes of the bracket'),
        ((10, 75, 8), 'multiplied the two ways'),
        ((10, 20, 5), 'For `c` you have 5'),
        ((15, 20, 8), 'for `a` you have 15'),
        ((10, 16, 8), 'For `b` you have 16'),
        (('10', '20', '8'), 'as text'),
        ((2, 1, 5), 'slopes of the single steps'),
        ((3, 2, 5), 'the numbers themselves'),
    ]


def broken():
    return [
        ('cube', 'A name and a slope'),
        ((None, None), 'Nothing here yet'),
        (('square', 4), 'You wrote'),
        (('double', 2), "'double' is sound"),
        (('flip', -0.25), "'flip' is sound"),
        (('cube', None), 'as one number'),
        (('cube', 6), 'what it *does*'),
        (('cube', 8), 'value of the cube'),
        (('cube', 3), 'is not 3'),
        (('cube', '12'), 'leave the quotes'),
        (('cube', np.array([6.0, 12.0])), 'You give 2'),
        (('cube', 12.09), 'is not 12.09'),
    ]


def leaky():
    from whole_game.own.autograd import Value

    way = lambda v: np.where(v.data > 0, v.data, 0.1 * v.data)
    made = lambda back: lambda v: Value(way(v), ((v, lambda g: back(g, v.data)),), 'leaky')
    return [
        (3, 'not a function'),
        (way, 'You return an array'),
        (lambda v: 'leaky', 'You return a str'),
        (lambda v: v.sum(), 'has the shape'),
        (lambda v: v.relu(), 'That is ReLU'),
        (lambda v: v * 0.1, 'For [-2.'),
        (lambda v: Value(way(v)), 'no parents'),
        (lambda v: Value(way(v), ((Value(v.data), lambda g: g),)), 'Is `v` itself'),
        (made(lambda g, x: np.where(x > 0, 1, 0.1)), 'slope of this step alone'),
        (made(lambda g, x: g), 'as it is'),
        (made(lambda g, x: g * (x > 0)), 'what ReLU would'),
        (made(lambda g, x: g * np.where(x > 0, x, 0.1 * x)), 'with the *value*'),
        (made(lambda g, x: g * 0.1), 'you hand back'),
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

        slope = np.where(v.data > 0, 1.0, 0.1)
        return Value2(slope * v.data, [(v, lambda g: slope * g)], 'leaky')

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


def twelves():
    from whole_game.own.autograd import Value

    v = Value(2.0)
    return [
        ('cube', np.float64(12)),
        ('cube', np.array(12.0)),
        ('cube', 3 * v.data**2),
        ['cube', torch.tensor([12.0])],
        ('cube', v * 6),
    ]


RIGHT = {
    '23 paper': lambda: [
        [10, 20, 8],
        np.array([10.0, 20.0, 8.0]),
        (np.float64(10), torch.tensor(20.0), np.array(8)),
    ],
    '23 broken': twelves,
    '23 leaky': leaks,
    '23 step': steps,
}

TRIES = {'23 paper': paper, '23 broken': broken, '23 leaky': leaky, '23 step': step}
