"Wrong tries at the exercises of lesson 51."

import math
from pathlib import Path

import numpy as np
import torch
from torch import nn

import whole_game.backbone  # noqa: F401, before fastai, whose import it keeps quiet
from fastai.vision.all import Pipeline, TensorImageBW, Transform
from whole_game.broken import project_of

SETUP = 'import math\nimport torch\n'


def beat():
    share = lambda counts: max(counts) / sum(counts)
    return [
        (2.3, 'not a function'),
        (lambda counts: None, 'Nothing comes back'),
        (lambda counts: math.log(len(counts)), 'two numbers'),
        (lambda counts: ('much', share(counts)), 'not a number'),
        (lambda counts: (share(counts), math.log(len(counts))), 'the other way round'),
        (lambda counts: (math.log(1 / len(counts)), share(counts)), '*minus*'),
        (lambda counts: (math.log2(len(counts)), share(counts)), 'natural logarithm'),
        (lambda counts: (math.log(10), share(counts)), 'probability of 1/2'),
        (lambda counts: (math.log(sum(counts)), share(counts)), 'probability of 1/2'),
        (lambda counts: (math.log(len(counts)), max(counts)), 'Which share'),
        (lambda counts: (math.log(len(counts)), 1 / len(counts)), 'guessing blindly'),
        (lambda counts: (math.log(len(counts)), counts[0] / sum(counts)), 'commonest label'),
    ]


def new_network(net):
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 10))


def scaled(net):
    class Halved(nn.Module):
        def forward(self, x):
            return x / 2

    return nn.Sequential(*net[:-1], Halved())


def chen():
    return [
        (3, 'not a function'),
        (lambda net: None, 'Nothing comes back'),
        (lambda net: 'net', 'A network is asked for'),
        (lambda net: lambda x: x, 'You return a function'),
        (lambda net: net, 'adds up to 1'),
        (lambda net: net[:-2], 'taken away too much'),
        (lambda net: net[1:], 'cannot be used'),
        (new_network, 'other weights'),
        (scaled, 'not as strongly'),
    ]


def stepped(learn, step=True, copy=lambda p: p.detach().clone()):
    before = {name: copy(p) for name, p in learn.model.named_parameters()}
    x, y = learn.dls.train.one_batch()
    learn.loss_func(learn.model(x), y).backward()
    if step:
        learn.opt.step()
    return [(name, p, before[name]) for name, p in learn.model.named_parameters()]


def same(rows):
    return [name for name, p, old in rows if torch.equal(p, old)]


def without_gradient(learn):
    stepped(learn, step=False)
    return [name for name, p in learn.model.named_parameters() if p.grad is None]


def roughly(learn):
    return [name for name, p, old in stepped(learn) if torch.allclose(p, old, atol=1e-3)]


def dana():
    return [
        (0, 'not a function'),
        (lambda learn: None, 'Nothing comes back'),
        (lambda learn: 'the head', 'list of names'),
        (lambda learn: [p for _, p, _ in stepped(learn)], 'no name'),
        (lambda learn: ['head'], 'no parameter called'),
        (lambda learn: [], 'you name 0'),
        (without_gradient, 'A gradient alone'),
        (lambda learn: same(stepped(learn, copy=lambda p: p.detach())), 'clone'),
        (lambda learn: same(stepped(learn, step=False)), 'there was no step'),
        (
            lambda learn: ['1.0.weight', '1.1.weight', '1.1.bias', '3.weight', '3.bias'],
            'In a healthy project 0 of 8',
        ),
        (roughly, 'Compare exactly'),
        (
            lambda learn: [name for name, p, old in stepped(learn) if not torch.equal(p, old)],
            'that *do* move',
        ),
    ]


def emre():
    return [
        (3, 'Three things'),
        ((..., ..., '...'), 'three dots'),
        (('high', 'low', 'Dihedral'), 'are numbers'),
        ((75, 83, 'Dihedral'), 'between 0 and 1'),
        ((0.83, 0.75, 'Dihedral'), 'Which is which'),
        ((1.0, 0.9, 'Dihedral'), 'the healthy project'),
        ((0.5, 0.83, 'Dihedral'), 'on his training digits'),
        ((0.75, 0.5, 'Dihedral'), 'on his validation digits'),
        ((0.75, 0.83, '...'), 'Which transform'),
        ((0.75, 0.83, 'Normalize'), 'healthy project, too'),
        ((0.75, 0.83, 'Rotate'), 'has no Rotate'),
    ]


def by_name(train, valid):
    names = {file.name for file in valid}
    return [file for file in train if file.name not in names]


def no_copies(train, valid):
    return [file for file in train if '(1)' not in file.name]


def once(train, valid):
    seen, kept = {file.read_bytes() for file in valid}, []
    for file in train:
        if file.read_bytes() not in seen:
            seen.add(file.read_bytes())
            kept.append(file)
    return kept


def fair(train, valid):
    asked = {file.read_bytes() for file in valid}
    return [file for file in train if file.read_bytes() not in asked]


def both_tests(train, valid):
    names = {file.name.replace(' (1)', '') for file in valid}
    return [file for file in fair(train, valid) if file.name not in names]


def noor():
    return [
        ([], 'not a function'),
        (lambda train, valid: None, 'Nothing comes back'),
        (lambda train, valid: 4, 'A list of files'),
        (lambda train, valid: [file.name for file in fair(train, valid)], 'no training file'),
        (lambda train, valid: train, 'still there'),
        (by_name, 'still there'),
        (no_copies, 'still there'),
        (both_tests, 'because of its name'),
        (once, 'may stay'),
        (lambda train, valid: [], 'Both may stay'),
        (lambda train, valid: sorted(fair(train, valid)), 'in another order'),
        (lambda train, valid: fair(train, valid)[:4], 'remain'),
    ]


def set_rate(learn, lr=0.01):
    learn.lr = lr
    return learn


def alike(learn):
    learn.dls.valid.after_batch = learn.dls.train.after_batch
    return learn


def trained(learn):
    learn.lr = 0.01
    learn.fit_one_cycle(1)
    return learn


def olu():
    return [
        (0.01, 'not a function'),
        (lambda learn: None, 'Nothing comes back'),
        (lambda learn: 0.01, 'A Learner is asked for'),
        (lambda learn: project_of('healthy'), 'another project'),
        (lambda learn: learn, 'the first step that fails'),
        (set_rate, 'One fault is gone'),
        (alike, 'look alike now'),
        (lambda learn: set_rate(alike(learn), 1e-4), 'look alike now'),
        (trained, 'trained already'),
    ]


def without_the_division(learn):
    learn.lr = 0.005
    keep = [t for t in learn.dls.valid.after_batch.fs if type(t).__name__ != 'Divide']
    learn.dls.valid.after_batch = type(learn.dls.valid.after_batch)(keep)
    return learn


def with_good_loaders(learn):
    learn.lr, learn.dls = 0.02, project_of('healthy', 3).dls
    return learn


def with_vars(learn):
    return {name for name, p, old in stepped(learn) if (p == old).all()}


def with_the_fit(learn):
    before = {name: p.detach().clone() for name, p in learn.model.named_parameters()}
    learn.fit(1)
    return [name for name, p in learn.model.named_parameters() if (p - before[name]).any() == 0]


def with_a_filter(train, valid):
    asked = {file.read_bytes() for file in valid}
    return list(filter(lambda file: file.read_bytes() not in asked, train))


def multiplied(learn):
    "The division undone by another transform, and the rate as it was meant."

    class Multiply(Transform):
        order = 12

        def encodes(self, x: TensorImageBW):
            return x * 255

    learn.lr *= 1000
    first, divide, *rest = learn.dls.valid.after_batch.fs
    learn.dls.valid.after_batch = Pipeline([first, divide, Multiply(), *rest])
    return learn


def by_hash(train, valid):
    asked = [Path(file).read_bytes() for file in valid]
    return tuple(file for file in train if Path(file).read_bytes() not in asked)


RIGHT = {
    '51 beat': lambda: [
        lambda counts: [-math.log(1 / len(counts)), max(counts) / sum(counts)],
        lambda counts: (torch.tensor(float(len(counts))).log(), max(counts) / sum(counts)),
        lambda counts: (np.log(len(counts)), np.max(counts) / np.sum(counts)),
    ],
    '51 chen': lambda: [
        lambda net: nn.Sequential(*list(net.children())[:-1]),
        lambda net: nn.Sequential(*net[:-1], nn.Identity()),
        lambda net: nn.Sequential(*net[:-1], nn.LogSoftmax(dim=1)),
    ],
    '51 dana': lambda: [with_vars, lambda learn: tuple(same(stepped(learn))), with_the_fit],
    '51 emre': lambda: [
        (0.77, 0.85, 'dihedral'),
        [0.72, 0.8, 'Dihedral.'],
        (np.float32(0.75), torch.tensor(0.83), 'Dihedral -- {}'),
    ],
    '51 noor': lambda: [by_hash, lambda train, valid: iter(fair(train, valid)), with_a_filter],
    '51 olu': lambda: [without_the_division, with_good_loaders, multiplied],
}
TRIES = {
    '51 beat': beat,
    '51 chen': chen,
    '51 dana': dana,
    '51 emre': emre,
    '51 noor': noor,
    '51 olu': olu,
}
