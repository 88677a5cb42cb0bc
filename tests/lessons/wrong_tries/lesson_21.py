"Wrong tries at the exercises of lesson 21."

import math
import warnings

import torch

SETUP = 'import torch\n'


def which_way():
    return [
        (lambda s: 'stay' if s == 0 else 'larger' if s > 0 else 'smaller', 'uphill'),
        (lambda s: 'larger' if s < 0 else 'smaller', 'At a slope of 0'),
        (lambda s: -s, 'One of the words'),
        (lambda s: 'larger', 'and to 2.5'),
        ('larger', 'not a function'),
        (lambda s: 'larger' if s < -1 else 'smaller' if s > 10 else 'stay', 'flat only where'),
        (
            lambda s: 'stay' if abs(s) < 0.01 else 'larger' if s < 0 else 'smaller',
            'very small slope',
        ),
    ]


def slope():
    return [
        (lambda f, p, nudge=0.001: (f(p + nudge) - f(p)) / nudge, 'one side only'),
        (lambda f, p, nudge=0.001: (f(p + nudge) - f(p - nudge)) / nudge, 'Twice too large'),
        (lambda f, p, nudge=0.001: f(p + nudge) - f(p - nudge), 'Divide it'),
        (lambda f, p, nudge=0.001: (f(p - nudge) - f(p + nudge)) / (2 * nudge), 'wrong sign'),
        (lambda f, p, nudge=0.001: (f(p + nudge) - f(p - nudge)) / 2 * nudge, 'Brackets'),
        (lambda f, p, nudge=0.001: f(p), 'the loss itself'),
        (lambda f, p, nudge=0.001: (f(p + 0.001) - f(p - 0.001)) / 0.002, 'the nudge as a number'),
        (lambda f, p, nudge=0.001: (f(p + nudge), f(p - nudge)), 'two numbers'),
        (lambda f, p, nudge=0.001: 7.0, 'You return 7'),
        (6, 'not a function'),
    ]


def verdict():
    def first_small(l):
        return (
            'too small'
            if l[-1] > l[0] / 2
            else 'too big'
            if l[-1] > l[0] or math.isnan(l[-1])
            else 'good'
        )

    def right(l):
        return (
            'too big'
            if math.isnan(l[-1]) or l[-1] > l[0]
            else 'too small'
            if l[-1] > l[0] / 2
            else 'good'
        )

    def compares_nan(l):
        return (
            'too big'
            if l[-1] > l[0] or str(l[-1]) == 'NaN'
            else 'too small'
            if l[-1] > l[0] / 2
            else 'good'
        )

    def swapped(l):
        return {'too big': 'too small', 'too small': 'too big'}.get(right(l), 'good')

    return [
        (compares_nan, 'every comparison with it'),
        (first_small, 'ask the other question first'),
        (swapped, 'swapped'),
        (
            lambda l: 'too big' if max(l) > l[0] or math.isnan(l[-1]) else right(l),
            'rise in between',
        ),
        (lambda l: right(l) if l[-1] != l[0] / 2 else 'too small', 'just half'),
        (lambda l: right([10.0] + l[1:]), 'begin at 10'),
        (lambda l: l[-1] > l[0], 'One of the words'),
        (lambda l: 'good', 'It should be'),
        ('good', 'not a function'),
    ]


def trainer(
    sign=-1,
    zero=True,
    loss=lambda e: (e**2).mean(),
    lr_=None,
    rounds=None,
    start=0.0,
    out=lambda w, b: (w.item(), b.item()),
    grad=True,
):
    def train_line(x, y, lr, steps):
        w, b = (torch.tensor(start, requires_grad=grad) for _ in range(2))
        for _ in range(steps if rounds is None else min(rounds, steps)):
            loss(w * x + b - y).backward()
            for p in (w, b):
                p.data += sign * (lr_ or lr) * p.grad
                if zero:
                    p.grad.zero_()
        return out(w, b)

    return train_line


def line():
    def in_place(x, y, lr, steps):
        w = torch.tensor(0.0, requires_grad=True)
        (w * x - y).pow(2).mean().backward()
        w -= lr * w.grad
        return w.item(), 0.0

    def anew(x, y, lr, steps):
        w, b = torch.tensor(0.0, requires_grad=True), torch.tensor(0.0, requires_grad=True)
        w.grad.zero_()
        return w.item(), b.item()

    def replaced(guarded):
        def train_line(x, y, lr, steps):
            w, b = torch.tensor(0.0, requires_grad=True), torch.tensor(0.0, requires_grad=True)
            for _ in range(steps):
                ((w * x + b - y) ** 2).mean().backward()
                with torch.set_grad_enabled(not guarded), warnings.catch_warnings():
                    # PyTorch warns that these have no slope any more
                    warnings.simplefilter('ignore')
                    w, b = w - lr * w.grad, b - lr * b.grad
            return w.item(), b.item()

        return train_line

    def whole_numbers(x, y, lr, steps):
        return torch.tensor(0, requires_grad=True)

    def once(x, y, lr, steps):
        w, b = torch.tensor(0.0, requires_grad=True), torch.tensor(0.0, requires_grad=True)
        ((w * x + b - y) ** 2).mean().backward()
        for _ in range(steps):
            for p in (w, b):
                p.data -= lr * p.grad
        return w.item(), b.item()

    return [
        (trainer(zero=False), 'Which line was forgotten'),
        (trainer(sign=1), 'uphill'),
        (trainer(loss=lambda e: (e**2).sum()), 'not their sum'),
        (trainer(out=lambda w, b: (w, b)), '.item()'),
        (trainer(out=lambda w, b: (b.item(), w.item())), 'other way round'),
        (trainer(out=lambda w, b: w.item()), 'Two numbers'),
        (trainer(lr_=1.0), 'Is the learning rate in it'),
        (trainer(lr_=0.1), 'wrong for 0.05'),
        (trainer(rounds=1), 'go round'),
        (trainer(rounds=5), 'stop too early'),
        (trainer(rounds=0), 'still stands at 0'),
        (trainer(start=1.0), 'Yours leads to'),
        (trainer(grad=False), 'requires_grad=True'),
        (in_place, 'torch.no_grad'),
        (replaced(guarded=True), 'has made new ones'),
        (replaced(guarded=False), 'has no `.grad` any more'),
        (anew, 'no slope yet'),
        (whole_numbers, 'with the point'),
        (once, 'computed anew'),
        (3, 'not a function'),
    ]


TRIES = {'21 which way': which_way, '21 slope': slope, '21 verdict': verdict, '21 line': line}
