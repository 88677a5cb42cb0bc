"Wrong tries at the exercises of lesson 37."

import math

import numpy as np
import torch

SETUP = """import math
import torch
"""


def nats():
    return [
        (3, 'not a function'),
        (lambda probs: None, 'Nothing comes back'),
        (lambda probs: 'little', 'One number'),
        (lambda probs: sum(map(math.log, probs)) / len(probs), 'sign is wrong'),
        (lambda probs: -sum(map(math.log, probs)), 'whole name'),
        (lambda probs: -math.log(sum(probs) / len(probs)), 'logarithm of the mean'),
        (lambda probs: -sum(map(math.log2, probs)) / len(probs), 'bits'),
        (lambda probs: -sum(map(math.log10, probs)) / len(probs), 'base 10'),
        (lambda probs: sum(1 - p for p in probs) / len(probs), '1 - p'),
        (lambda probs: math.exp(-sum(map(math.log, probs)) / len(probs)), 'to the power'),
        (lambda probs: -math.log(probs[0]), 'one letter'),
        (lambda probs: -math.log(min(probs)), 'dearest letter'),
        (lambda probs: 7, 'it is 0.9242'),
        (lambda probs: -sum(map(math.log, probs)) / 3, 'Right for three letters'),
    ]


def cat(*parts, axis=2):
    return torch.cat(parts, axis)


def both():
    return [
        (3, 'not a function'),
        (lambda f, b, x: None, 'Nothing comes back'),
        (lambda f, b, x: cat(f(x), b(x)), 'two things'),
        (lambda f, b, x: cat(f(x)[0], b(x[0])[0]), 'stopped'),
        (lambda f, b, x: (f(x)[0], b(x)[0]), 'A pair comes back'),
        (lambda f, b, x: [f(x)[0], b(x)[0]], 'A list comes back'),
        (lambda f, b, x: cat(f(x)[0], b(x.flip(1))[0]), 'Turn them round'),
        (lambda f, b, x: cat(f(x)[0], b(x)[0]), 'Both readers go forward'),
        (lambda f, b, x: cat(f(x)[0], b(x)[0].flip(1)), 'still reads forward'),
        (lambda f, b, x: cat(b(x.flip(1))[0].flip(1), f(x)[0]), 'swapped'),
        (lambda f, b, x: cat(f(x)[0], f(x.flip(1))[0].flip(1)), 'first reader twice'),
        (lambda f, b, x: f(x)[0] + b(x.flip(1))[0].flip(1), 'You add'),
        (lambda f, b, x: cat(f(x)[0], b(x.flip(1))[0].flip(1), axis=1), 'in time'),
        (lambda f, b, x: cat(f(x)[0], b(x.flip(1))[0].flip(1), axis=0), 'twice as many'),
        (lambda f, b, x: f(x)[0], 'Only the forward'),
        (lambda f, b, x: b(x.flip(1))[0].flip(1), 'Only the backward'),
        (lambda f, b, x: f(x)[1], '(2, 5, 6) is expected'),
        (lambda f, b, x: cat(f(x)[0], b(x.flip(0))[0].flip(0)) * 2, 'numbers differ'),
        (
            lambda f, b, x: cat(f(x)[0], b(x.flip(1))[0].flip(1)) if x.shape[1] > 1 else x[..., :1],
            'a single step',
        ),
    ]


def by_hand(forward, backward, x):
    "Each step looked up: a right answer without flip."
    back = torch.arange(x.shape[1] - 1, -1, -1)
    return torch.cat((forward(x)[0], backward(x[:, back])[0][:, back]), dim=-1)


def prefixes(forward, backward, x):
    "Each state is the last one of a reader that stops there."
    steps, turned = x.shape[1], x.flip(1)
    ahead = [forward(x[:, : t + 1])[1] for t in range(steps)]
    behind = [backward(turned[:, : steps - t])[1] for t in range(steps)]
    return torch.stack([torch.cat(pair, 1) for pair in zip(ahead, behind)], 1)


def at_both_ends(forward, backward, x):
    "The states written side by side, without cat."
    there, back = forward(x)[0], torch.flip(backward(torch.flip(x, [1]))[0], [1])
    both = torch.zeros(*there.shape[:2], there.shape[2] + back.shape[2])
    both[..., : there.shape[2]], both[..., there.shape[2] :] = there, back
    return both


RIGHT = {
    '37 nats': lambda: [
        lambda probs: -math.log(math.prod(probs)) / len(probs),
        lambda probs: -np.log(probs).mean(),
        lambda probs: -torch.tensor(probs).log().mean(),
    ],
    '37 both': lambda: [by_hand, prefixes, at_both_ends],
}
TRIES = {'37 nats': nats, '37 both': both}
