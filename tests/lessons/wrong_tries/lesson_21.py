"Wrong tries at the exercises of lesson 21."

import math
import warnings

import numpy as np
import torch

SETUP = 'import torch\n'


def which_way():
    return [
        (lambda s: 'stay' if s == 0 else 'larger' if s > 0 else 'smaller', 'uphill'),
        (lambda s: 'larger' if s < 0 else 'smaller', 'At a slope of 0'),
        (lambda s: -s, 'One of the words'),
        (lambda s: 'larger', 'and to 2.5'),
        ('larger', 'not a function'),
        (lambda s: ['larger'], 'One of the words'),
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
        (lambda f, p, nudge=0.001: 2 * p, 'slope of p³ at 1'),
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
        (lambda l: right([l[0], min(l)]) if l[-1] < l[0] else right(l), 'dip in between'),
        (lambda l: right([l[0], sum(l) / len(l)]), 'It should be'),
        (lambda l: right(l[-2:]), "You say 'too big'"),
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
            for name, p in zip('wb', (w, b)):
                p.data += sign * (lr_ or lr) * p.grad
                if zero is True or zero == name:
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
        (trainer(zero='w'), 'slope of `b`'),
        (trainer(zero='b'), 'slope of `w`'),
        (lambda x, y, lr, steps: (3.0, 1.0), 'Yours leads to 3.00, 1.00'),
        (lambda x, y, lr, steps: tuple(np.polyfit(x, y, 1) * (1 - (1 - lr) ** steps)), 'one step'),
        (3, 'not a function'),
    ]


def with_optimiser(x, y, lr, steps):
    p = torch.zeros(2, requires_grad=True)
    opt = torch.optim.SGD([p], lr)
    for _ in range(steps):
        opt.zero_grad()
        ((p[0] * x + p[1] - y) ** 2).mean().backward()
        opt.step()
    return p.detach()


def without_grad(x, y, lr, steps):
    w = b = torch.tensor(0.0)
    for _ in range(steps):
        off = w * x + b - y
        w, b = w - lr * 2 * (off * x).mean(), b - lr * 2 * off.mean()
    return [w, b]


def asked_for_slopes(x, y, lr, steps):
    w, b = torch.tensor(0.0, requires_grad=True), torch.tensor(0.0, requires_grad=True)
    for _ in range(steps):
        loss = torch.nn.functional.mse_loss(w * x + b, y)
        slopes = torch.autograd.grad(loss, (w, b))
        w, b = ((p - lr * s).detach().requires_grad_() for p, s in zip((w, b), slopes))
    return np.float32(w.item()), np.float64(b.item())


def verdict_of_array(losses):
    losses = np.array(losses)
    if not losses[-1] <= losses[0]:
        return np.str_('too big')
    return np.where(losses[-1] > 0.5 * losses[0], 'too small', 'good')


RIGHT = {
    '21 which way': lambda: [
        lambda s: np.where(s == 0, 'stay', np.where(s < 0, 'larger', 'smaller')),
        lambda s: {-1: 'larger', 0: 'stay', 1: 'smaller'}[int(np.sign(s))],
        lambda s: np.array(['smaller', 'stay', 'larger'])[int(np.sign(-s)) + 1],
    ],
    '21 slope': lambda: [
        lambda f, p, nudge=0.001: np.gradient([f(p - nudge), f(p), f(p + nudge)], nudge)[1],
        lambda f, p, nudge=0.001: np.array(0.5) * (f(p + nudge) - f(p - nudge)) / nudge,
        lambda f, p, nudge=0.001: torch.tensor(f(p + nudge) - f(p - nudge)).double() / nudge / 2,
    ],
    '21 verdict': lambda: [
        verdict_of_array,
        lambda l: 'too big' if not l[-1] <= l[0] else 'too small' if 2 * l[-1] > l[0] else 'good',
        lambda l: (
            'too big'
            if any(map(math.isnan, l)) or l[-1] / l[0] > 1
            else 'too small'
            if l[-1] / l[0] > 0.5
            else 'good'
        ),
    ],
    '21 line': lambda: [with_optimiser, without_grad, asked_for_slopes],
}

TRIES = {'21 which way': which_way, '21 slope': slope, '21 verdict': verdict, '21 line': line}
