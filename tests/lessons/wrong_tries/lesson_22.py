"Wrong tries at the exercises of lesson 22."

import numpy as np
import torch

from whole_game.own.network import batches, new_parameters, train
from whole_game.own.network import network as own_network
from whole_game.own.pixels import digit_arrays, one_hot

SETUP = '''import numpy as np, torch
from whole_game.own.network import batches, new_parameters, relu, step, train
from whole_game.own.pixels import one_hot
'''


def ramp(x):
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
        (lambda x: ramp(x) / 2 - ramp(x - 6) + ramp(x - 8) / 2, 'left of 4'),
        (lambda x: ramp(x - 4) - 2 * ramp(x - 6) + ramp(x - 8), 'At 6'),
        (lambda x: ramp(x - 4) / 2, 'climbs on'),
        (lambda x: ramp(x - 4) / 2 - ramp(x - 6) / 2, 'runs level'),
        (lambda x: ramp(x - 4) / 2 - ramp(x - 6), 'falling'),
        (lambda x: ramp(x - 4) / 2 - ramp(x - 6) * 2, 'down at zero'),
        (lambda x: ramp(x - 4) / 2 - ramp(x - 6) + ramp(x - 8), 'stay at zero'),
        (lambda x: np.where((x > 4) & (x < 8), np.sin((x - 4) * np.pi / 4), 0), 'not straight'),
        (lambda x: 0.0, 'One height for each'),
        (lambda x: 0.5 * max(0, x - 4) - max(0, x - 6), '`max` or `if`'),
        (1, 'not a function'),
        (lambda x: (x == 6) * 1.0, 'not straight'),
        (lambda x: np.maximum(0, 1 - np.abs(x - 6)), 'not straight'),
    ]


def parameters(inputs, hidden, outputs):
    layers = torch.nn.Linear(inputs, hidden), torch.nn.Linear(hidden, outputs)
    return torch.tensor([p.numel() for layer in layers for p in layer.parameters()]).sum()


def untrained(x, y):
    "Two outputs that are always zero."
    return [0 * p for p in new_parameters(outputs=2)]


def even(x, y):
    "Looks up which digits these are, and learns which of them are even."
    pictures, labels, more, their_labels = digit_arrays()
    known = {
        picture.tobytes(): label
        for picture, label in zip([*pictures, *more], [*labels, *their_labels])
    }
    return learnt(x, np.array([known[row.tobytes()] % 2 for row in x]))


def a_line(x, y):
    "A network whose hidden units are never at zero, so that it is a line."
    x = x.astype(float)
    w = np.linalg.solve(x.T @ x + 10 * np.eye(784), x.T @ (2.0 * y - 1))[:, None] * [-1, 1]
    return w, np.full(2, 100.0), np.eye(2), np.full(2, -100.0)


class Neighbour(torch.nn.Module):
    "Looks for the nearest of the digits it was given, and learns nothing."

    def __init__(self, x, y):
        super().__init__()
        self.x, self.y = torch.tensor(x), torch.tensor(one_hot(y, 2))

    def forward(self, x):
        return self.y[torch.cdist(x, self.x).argmin(dim=1)]


def five():
    return [torch.tensor(p, requires_grad=True) for p in [*new_parameters(outputs=2), [0.0]]]


def a_fifth(x, y):
    "Five parameters, of which the network uses four."
    model = lambda digits, *params: own_network(digits, *params[:4])
    train(params := five(), batches(torch.tensor(x), torch.tensor(one_hot(y, 2))), 1, 0.2, model)
    return params[:4]


def five_at_once(x, y):
    train(five(), batches(torch.tensor(x), torch.tensor(one_hot(y, 2))), 1, 0.2)


def network():
    return [
        (untrained, 'same answer'),
        (even, 'another question'),
        (a_line, 'on the way'),
        (lambda x, y: new_parameters(), 'has 10 outputs'),
        (lambda x, y: new_parameters(outputs=2)[::-1], 'could not use these four'),
        (lambda x, y: [0.1] * 30, 'are they the losses'),
        (lambda x, y: new_parameters()[:2], 'Four things'),
        (lambda x, y: lambda digits: np.eye(2)[y[: len(digits)]], 'You return a function'),
        (Neighbour, 'no parameters'),
        (lambda x, y: torch.nn.Linear(784, 1), '(1000, 1)'),
        (lambda x, y: torch.nn.Linear(28, 2), 'could not use the digits'),
        (a_fifth, 'do not depend on it'),
        (five_at_once, 'four parameters'),
        (lambda x, y: [p * np.nan for p in new_parameters(outputs=2)], 'nan'),
        ([1, 2, 3, 4], 'not a function'),
    ]


def learnt(x, y, hidden=50, epochs=30):
    params = [torch.tensor(p, requires_grad=True) for p in new_parameters(hidden, outputs=2)]
    train(params, batches(torch.tensor(x), torch.tensor(one_hot(y, 2))), epochs, lr=0.2)
    return params


def by_hand(x, y):
    "The bare loop, on all digits at once, and arrays at the end."
    x, targets = torch.tensor(x), torch.tensor(np.eye(2, dtype=np.float32)[y])
    w1, w2 = (torch.randn(shape) * 0.05 for shape in ((784, 100), (100, 2)))
    params = [p.requires_grad_() for p in (w1, torch.zeros(100), w2, torch.zeros(2))]
    optimiser = torch.optim.Adam(params, 0.005)
    for _ in range(120):
        optimiser.zero_grad()
        ((torch.relu(x @ w1 + params[1]) @ w2 + params[3] - targets) ** 2).mean().backward()
        optimiser.step()
    return tuple(p.detach().numpy() for p in params)


def a_model(x, y):
    "PyTorch's layers and cross-entropy, and dropout, which only trains."
    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.Linear(784, 30), torch.nn.ReLU(), torch.nn.Dropout(0.1), torch.nn.Linear(30, 2)
    )
    optimiser = torch.optim.Adam(model.parameters(), 0.003)
    for _ in range(10):
        for xb, yb in batches(torch.tensor(x), torch.tensor(y)):
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(model(xb), yb).backward()
            optimiser.step()
    return model


def by_layers(x, y):
    "The parameters alone, one after another; a layer's matrix is turned."
    return (p.T if p.ndim == 2 else p for p in a_model(x, y).parameters())


def handed_out(x, y):
    yield from learnt(x, y)


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
        lambda x: [max(0, 1 - abs(spot - 6) / 2) for spot in x],
    ],
    '22 network': lambda: [
        lambda x, y: tuple(p.detach().numpy() for p in learnt(x, y, hidden=20, epochs=40)),
        by_hand,
        a_model,
        by_layers,
        handed_out,
    ],
}

TRIES = {'22 count': count, '22 hat': hat, '22 network': network}
