"Wrong tries at the exercises of lesson 35."

import math
from itertools import accumulate

import numpy as np
import torch

SETUP = ''


def left():
    return [
        (0.5, 'not a function'),
        (lambda w, lr, wd, steps: None, 'Nothing comes back'),
        (lambda w, lr, wd, steps: 'little', 'A number is asked for'),
        (lambda w, lr, wd, steps: w * (1 - lr * wd), 'after the first step'),
        (lambda w, lr, wd, steps: w * (1 - lr * wd * steps), 'half of what is *left*'),
        (lambda w, lr, wd, steps: w - w * (1 - lr * wd) ** steps, 'what is gone'),
        (lambda w, lr, wd, steps: (1 - lr * wd) ** steps, 'That is the share'),
        (lambda w, lr, wd, steps: w * math.exp(-lr * wd * steps), 'These steps are not tiny'),
        (lambda w, lr, wd, steps: w, 'nothing has happened'),
        (lambda w, lr, wd, steps: w * (1 - lr) ** steps, 'The first step leaves half'),
        (lambda w, lr, wd, steps: abs(w) * (1 - lr * wd) ** steps, 'Right for 8'),
        (lambda w, lr, wd, steps: None if w < 0 else 2, 'you say None'),
    ]


def rises(losses, patience):
    row = 0
    for epoch in range(1, len(losses)):
        row = row + 1 if losses[epoch] > losses[epoch - 1] else 0
        if row >= patience:
            return epoch
    return len(losses) - 1


def stopping(better=lambda loss, low: loss < low, late=0, low=math.inf, again=True, end=True):
    "A solution with one thing wrong."

    def stops(losses, patience):
        lowest, best = low, 0
        for epoch, loss in enumerate(losses):
            if better(loss, lowest):
                lowest = loss
                best = epoch if again or not best else best
            if epoch - best >= patience + late:
                return epoch
        return len(losses) - 1 if end else None

    return stops


def stops():
    return [
        (3, 'not a function'),
        (lambda losses, patience: None, 'Nothing comes back'),
        (lambda losses, patience: 'soon', 'number of an epoch'),
        (lambda losses, patience: 1, 'That was the best one'),
        (stopping(late=-1), 'only one epoch old'),
        (lambda losses, patience: losses.index(min(losses)), 'never seen'),
        (lambda losses, patience: 0, 'in epoch 3'),
        (rises, 'in succession'),
        (stopping(end=False), 'you say nothing'),
        (stopping(better=lambda loss, low: loss <= low), 'only *equals*'),
        (stopping(again=False), 'begin again'),
        (stopping(low=1.0), 'larger than 1'),
    ]


def with_lists(losses, patience):
    lowest = list(accumulate(losses, min))
    old = [epoch - losses.index(low) for epoch, low in enumerate(lowest)]
    return next((epoch for epoch, age in enumerate(old) if age >= patience), len(losses) - 1)


def with_numpy(losses, patience):
    for epoch in range(len(losses)):
        if epoch - np.argmin(losses[: epoch + 1]) >= patience:
            return np.int64(epoch)
    return torch.tensor(len(losses) - 1)


def step_by_step(w, lr, wd, steps):
    for _ in range(steps):
        w -= lr * wd * w
    return np.float64(w)


def counting(losses, patience):
    lowest, waited = math.inf, 0
    for epoch, loss in enumerate(losses):
        waited = 0 if loss < lowest else waited + 1
        lowest = min(lowest, loss)
        if waited == patience:
            break
    return epoch


RIGHT = {
    '35 left': lambda: [
        lambda w, lr, wd, steps: math.prod([w] + [1 - lr * wd] * steps),
        lambda w, lr, wd, steps: torch.tensor(w) * torch.tensor(1 - lr * wd) ** steps,
        step_by_step,
    ],
    '35 stops': lambda: [with_lists, with_numpy, counting],
}
TRIES = {'35 left': left, '35 stops': stops}
