"Wrong tries at the exercises of lesson 32."

import copy
import math

import numpy as np
import torch

SETUP = '''import torch
from whole_game.own.network import accuracy
'''


def judge():
    from whole_game.own.network import accuracy

    def with_gradients(model, x, y):
        model.eval()
        return accuracy(model(x), y)

    def without_return(model, x, y):
        model.eval()
        with torch.no_grad():
            accuracy(model(x), y)

    def error_rate(model, x, y):
        model.eval()
        with torch.no_grad():
            return 1 - accuracy(model(x), y)

    def leaves_it(model, x, y):
        model.eval()
        with torch.no_grad():
            return accuracy(model(x), y)

    def always_back(model, x, y):
        found = leaves_it(model, x, y)
        model.train()
        return found

    def the_outermost_alone(model, x, y):
        was, model.training = model.training, False
        with torch.no_grad():
            found = accuracy(model(x), y)
        model.training = was
        return found

    def half_way_back(model, x, y):
        was = model.training
        found = leaves_it(model, x, y)
        model.training = was
        return found

    def certain(model, x, y):
        leaves_it(model, x, y)
        return 1.0

    return [
        (0.98, 'not a function'),
        (the_outermost_alone, 'the layers in it'),
        (half_way_back, 'its layers are in evaluation'),
        (certain, 'you return 1.0'),
        (lambda model, x, y: 1.0, 'not been asked'),
        (lambda model, x, y: accuracy(model(x), y), 'in training mode'),
        (with_gradients, 'no_grad'),
        (without_return, 'no accuracy comes back'),
        (error_rate, 'That is the share of mistakes'),
        (leaves_it, 'left it in evaluation'),
        (always_back, 'is in training afterwards'),
    ]


def arrived():
    return [
        (29, 'not a function'),
        (lambda momentum: None, 'Nothing comes back'),
        (lambda momentum: 'soon', 'A number of batches'),
        (lambda momentum: 1, 'you say one batch'),
        (lambda momentum: round(0.95 / momentum), 'that is left'),
        (lambda momentum: int(math.log(0.05) / math.log(1 - momentum)), 'a sixteenth'),
        (lambda momentum: math.log(0.05) / math.log(1 - momentum), 'Batches are counted'),
        (lambda momentum: 20, 'Halve a way'),
        (lambda momentum: 5, 'For 0.1 it takes 29'),
        (lambda momentum: math.ceil(3 / momentum) - 1, 'For 0.9 it takes 2'),
        (lambda momentum: 5 if momentum == 0.5 else 1 / 0, 'ends with an error'),
    ]


def itself():
    axes = (1, 2, 3)
    mean = lambda x: x.mean(axes, keepdim=True)
    var = lambda x: x.var(axes, unbiased=False, keepdim=True)
    over = lambda axes: (
        lambda x: (
            (x - x.mean(axes, keepdim=True))
            / (x.var(axes, unbiased=False, keepdim=True) + 1e-5).sqrt()
        )
    )
    return [
        (1, 'not a function'),
        (lambda x: None, 'Nothing comes back'),
        (lambda x: x.tolist(), 'A list comes back'),
        (lambda x: x.mean(axes), 'has the shape'),
        (lambda x: (x - x.mean(axes)) / x.std(axes), 'PyTorch stopped'),
        (over((0, 2, 3)), 'That is batch norm'),
        (over((2, 3)), 'instance norm'),
        (over((0, 1, 2, 3)), 'over everything'),
        (lambda x: x - mean(x), 'Now divide'),
        (lambda x: (x - mean(x)) / (var(x) + 1e-5), 'by the variance'),
        (lambda x: x / (var(x) + 1e-5).sqrt(), 'still there'),
        (lambda x: (x - mean(x)) / (x.var(axes, keepdim=True) + 1e-5).sqrt(), 'one number fewer'),
        (lambda x: (x - mean(x)) / var(x).sqrt(), 'Right for ordinary'),
        (lambda x: 2 * x, "differ from PyTorch's"),
        (lambda x: torch.zeros_like(x), 'every number that comes back is 0'),
    ]


def by_a_copy(model, x, y):
    from whole_game.own.network import accuracy

    with torch.no_grad():
        return accuracy(copy.deepcopy(model).eval()(x), y)


@torch.inference_mode()
def in_pieces(model, x, y):
    was = model.training
    answers = torch.cat([model.eval()(part).argmax(1) for part in x.split(3)])
    model.train(was)
    return (answers == y).float().mean()


def careful(model, x, y):
    try:
        return in_pieces(model, x, y).numpy()
    finally:
        model.train(model.training)


RIGHT = {
    '32 judge': lambda: [by_a_copy, in_pieces, careful],
    '32 arrived': lambda: [
        lambda momentum: math.ceil(math.log(1 / 20) / math.log(1 - momentum)),
        lambda momentum: np.ceil(np.log(0.05) / np.log(1 - momentum)),
        lambda momentum: torch.tensor(next(n for n in range(400) if (1 - momentum) ** n <= 0.05)),
    ],
    '32 itself': lambda: [
        lambda x: torch.nn.functional.layer_norm(x, x.shape[1:]),
        lambda x: torch.nn.GroupNorm(1, x.shape[1])(x),
        lambda x: torch.stack(
            [(one - one.mean()) / (one.var(unbiased=False) + 1e-5).sqrt() for one in x]
        ),
    ],
}
TRIES = {'32 judge': judge, '32 arrived': arrived, '32 itself': itself}
