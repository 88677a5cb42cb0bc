"Wrong tries at the exercises of lesson 21."

import warnings

import numpy as np
import torch

SETUP = 'import torch\n'


def which_way():
    return [
        (lambda s: 'stay' if s == 0 else 'larger' if s > 0 else 'smaller', 'uphill'),
        (lambda s: 'larger' if s < 0 else 'smaller', 'Where the gradient is 0'),
        (lambda s: -s, 'Return one of the words'),
        (lambda s: 'larger', '-5.4 and 2.5. With one'),
        ('larger', 'not a function'),
        (lambda s: ['larger'], 'Return one of the words'),
        (lambda s: 'larger' if s < -1 else 'smaller' if s > 10 else 'stay', 'flat only where'),
        (
            lambda s: 'stay' if abs(s) < 0.01 else 'larger' if s < 0 else 'smaller',
            'very small gradient',
        ),
    ]


def difference():
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
        (lambda f, p, nudge=0.001: 2 * p, 'gradient of p³ at 1'),
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
                    # PyTorch warns that these have no gradient any more
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
        (trainer(out=lambda w, b: w.item()), 'Return two numbers'),
        (trainer(lr_=1.0), 'Is the learning rate in it'),
        (trainer(lr_=0.1), 'wrong for 0.05'),
        (trainer(rounds=1), 'go round'),
        (trainer(rounds=5), 'stop too early'),
        (trainer(rounds=0), 'still at 0'),
        (trainer(start=1.0), 'Yours leads to'),
        (trainer(grad=False), 'requires_grad=True'),
        (in_place, 'torch.no_grad'),
        (replaced(guarded=True), 'has made new ones'),
        (replaced(guarded=False), 'has no `.grad` any more'),
        (anew, 'no gradient yet'),
        (whole_numbers, 'with the point'),
        (once, 'computed again'),
        (trainer(zero='w'), 'gradient of `b`'),
        (trainer(zero='b'), 'gradient of `w`'),
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


def asked_for_gradients(x, y, lr, steps):
    w, b = torch.tensor(0.0, requires_grad=True), torch.tensor(0.0, requires_grad=True)
    for _ in range(steps):
        loss = torch.nn.functional.mse_loss(w * x + b, y)
        grads = torch.autograd.grad(loss, (w, b))
        w, b = ((p - lr * g).detach().requires_grad_() for p, g in zip((w, b), grads))
    return np.float32(w.item()), np.float64(b.item())


RIGHT = {
    '21 which way': lambda: [
        lambda s: np.where(s == 0, 'stay', np.where(s < 0, 'larger', 'smaller')),
        lambda s: {-1: 'larger', 0: 'stay', 1: 'smaller'}[int(np.sign(s))],
        lambda s: np.array(['smaller', 'stay', 'larger'])[int(np.sign(-s)) + 1],
    ],
    '21 difference': lambda: [
        lambda f, p, nudge=0.001: np.gradient([f(p - nudge), f(p), f(p + nudge)], nudge)[1],
        lambda f, p, nudge=0.001: np.array(0.5) * (f(p + nudge) - f(p - nudge)) / nudge,
        lambda f, p, nudge=0.001: torch.tensor(f(p + nudge) - f(p - nudge)).double() / nudge / 2,
    ],
    '21 line': lambda: [with_optimiser, without_grad, asked_for_gradients],
}

TRIES = {'21 which way': which_way, '21 difference': difference, '21 line': line}
