"Wrong tries at the exercises of lesson 22."

import numpy as np
import torch

SETUP = '''import numpy as np
from whole_game.own.network import relu, linear
'''


def bend(x):
    return np.maximum(x, 0)


def count():
    return [
        (lambda i, h, o: i * h + h * o, 'Those are the weights'),
        (lambda i, h, o: i * h + h * o + o, 'biases of the first layer'),
        (lambda i, h, o: i * h + h * o + h, 'biases of the second layer'),
        (lambda i, h, o: i * h + h, 'That is the first layer'),
        (lambda i, h, o: h * o + o, 'That is the second layer'),
        (lambda i, h, o: i * h * o, 'multiplied all three'),
        (lambda i, h, o: i + h + o, 'added the sizes'),
        (lambda i, h, o: i + i * h + h + h * o + o, 'only sums do'),
        (lambda i, h, o: [i * h + h, h * o + o], 'several numbers'),
        (lambda i, h, o: 731, 'wrong for others'),
        (lambda i, h, o: 12, 'You return 12'),
        (39_760, 'not a function'),
        (lambda i, h, o: i * h + h * o + 2 * 5, 'wrong for others'),
        (lambda i, h, o: (i + 1) * (h + 1) * o, 'You return 2424'),
    ]


def hat():
    return [
        (lambda x: bend(x) / 2 - bend(x - 6) + bend(x - 8) / 2, 'left of 4'),
        (lambda x: bend(x - 4) - 2 * bend(x - 6) + bend(x - 8), 'At 6'),
        (lambda x: bend(x - 4) / 2, 'climbs on'),
        (lambda x: bend(x - 4) / 2 - bend(x - 6) / 2, 'runs level'),
        (lambda x: bend(x - 4) / 2 - bend(x - 6), 'falling'),
        (lambda x: bend(x - 4) / 2 - bend(x - 6) * 2, 'down at zero'),
        (lambda x: bend(x - 4) / 2 - bend(x - 6) + bend(x - 8), 'stay at zero'),
        (lambda x: np.where((x > 4) & (x < 8), np.sin((x - 4) * np.pi / 4), 0), 'not straight'),
        (lambda x: 0.0, 'One height for each'),
        (1, 'not a function'),
        (lambda x: (x == 6) * 1.0, 'not straight'),
        (lambda x: np.maximum(0, 1 - np.abs(x - 6)), 'not straight'),
    ]


def fold():
    return [
        (lambda w1, b1, w2, b2: (w1 @ w2, b2), 'first layer are lost'),
        (lambda w1, b1, w2, b2: (w1 @ w2, b1 @ w2), 'second layer are missing'),
        (lambda w1, b1, w2, b2: (w2 @ w1, b1 @ w2 + b2), 'order of the tables'),
        (lambda w1, b1, w2, b2: w1 @ w2, 'Two things'),
        (lambda w1, b1, w2, b2: (w1, b2), 'should have the shape'),
        (lambda w1, b1, w2, b2: (w1 @ w2, b1), 'one number for each of the'),
        (lambda w1, b1, w2, b2: (w1 @ w2, 2 * b1 @ w2 + b2), 'w is right'),
        (lambda w1, b1, w2, b2: (2 * w1 @ w2, b2), 'w is not right'),
        ('w1 @ w2', 'not a function'),
        (lambda w1, b1, w2, b2: (w1 @ w2, b1 + b2), '`+`'),
        (lambda w1, b1, w2, b2: (w1 * w2, b1 @ w2 + b2), '`*`'),
        (lambda w1, b1, w2, b2: (w1 @ w2, b1 * w2 + b2), 'b1 and w2'),
        (lambda w1, b1, w2, b2: (w1 @ w2, w2 @ b1 + b2), 'size 4 is different from 3'),
    ]


def asleep():
    return [
        (lambda a: (a == 0).sum(), 'all the zeros'),
        (lambda a: (a == 0).all(axis=1).sum(), 'items'),
        (lambda a: a.any(axis=0).sum(), 'do wake'),
        (lambda a: (a == 0).any(axis=0).sum(), 'how many bends there are'),
        (lambda a: (a == 0).all(axis=0).mean(), 'share'),
        (lambda a: (a == 0).all(axis=0), 'one thing for each'),
        (lambda a: 2, 'wrong for others'),
        (lambda a: 9, 'You return 9'),
        (0, 'not a function'),
        (lambda a: (a.mean(axis=0) < 0.1).sum(), 'barely'),
        (lambda a: (np.median(a, axis=0) == 0).sum(), 'median'),
        (lambda a: (a[0] == 0).sum(), 'first item'),
        (lambda a: (a.std(axis=0) == 0).sum(), 'always the same'),
    ]


def parameters(inputs, hidden, outputs):
    layers = torch.nn.Linear(inputs, hidden), torch.nn.Linear(hidden, outputs)
    return torch.tensor([p.numel() for layer in layers for p in layer.parameters()]).sum()


def by_asking(w1, b1, w2, b2):
    layers = lambda x: (x @ w1 + b1) @ w2 + b2
    b = layers(np.zeros(len(w1)))
    return layers(np.eye(len(w1))) - b, b


RIGHT = {
    '22 count': lambda: [
        lambda i, h, o: (i + 1) * h + (h + 1) * o,
        lambda i, h, o: np.prod([i + 1, h]) + np.prod([h + 1, o]),
        parameters,
    ],
    '22 hat': lambda: [
        lambda x: np.interp(x, [4, 6, 8], [0, 1, 0]),
        lambda x: np.clip(1 - abs(x - 6) / 2, 0, None),
        lambda x: torch.relu(1 - (torch.tensor(x) - 6).abs() / 2),
        lambda x: [max(0, 1 - abs(place - 6) / 2) for place in x],
    ],
    '22 fold': lambda: [
        by_asking,
        lambda w1, b1, w2, b2: [np.matmul(w1, w2), np.dot(b1, w2) + b2],
        lambda w1, b1, w2, b2: (np.einsum('ih,ho->io', w1, w2), (b1[None] @ w2 + b2)),
        lambda w1, b1, w2, b2: tuple(map(torch.tensor, (w1 @ w2, b1 @ w2 + b2))),
    ],
    '22 asleep': lambda: [
        lambda a: sum(not column.any() for column in a.T),
        lambda a: torch.tensor(a).amax(dim=0).eq(0).sum(),
        lambda a: len(a.T) - np.count_nonzero(a.any(axis=0)),
        lambda a: float((a.sum(axis=0) == 0).sum()),
    ],
}

TRIES = {'22 count': count, '22 hat': hat, '22 fold': fold, '22 asleep': asleep}
