"Wrong tries at the exercises of lesson 27."

import numpy as np
import torch

SETUP = '''import torch
from whole_game.own.optim import SGD, fit
'''


def far():
    return [
        (0.2, 'not a function'),
        (lambda s, lr, m: None, 'Nothing comes back'),
        (lambda s, lr, m: [lr * s], 'One number is asked for'),
        (lambda s, lr, m: lr * s, 'right without momentum'),
        (lambda s, lr, m: s / (1 - m), 'The velocity is right'),
        (lambda s, lr, m: lr * s * m, 'part of one step'),
        (lambda s, lr, m: lr * s * (1 + m), 'first two gradients'),
        (lambda s, lr, m: lr * s / (m or 1), 'part that is lost'),
        (lambda s, lr, m: lr * s / (1 - m) + 1, 'Without momentum a gradient of 2'),
        (lambda s, lr, m: abs(lr * s / (1 - m)), 'Leave the sign'),
        (lambda s, lr, m: lr * s * (1 + 5 * m), 'You return 1.1'),
        (lambda s, lr, m: lr * s * (10 if m else 1), 'momentum of 0.8'),
        (lambda s, lr, m: lr * s * sum(m**k for k in range(20)), 'You return 1.76'),
    ]


def nesterov():
    def tries(step, speed=lambda g, v, keep: keep * v + g):
        def go(numbers, slope, old, lr, keep):
            new = speed(slope, old, keep)
            return numbers + step(slope, old, new, lr, keep), new

        return go

    right = lambda g, v, new, lr, keep: -lr * (g + keep * new)
    return [
        (0.1, 'not a function'),
        (lambda *a: None, 'Nothing comes back'),
        (lambda p, g, v, lr, keep: p - lr * g, 'Two things are asked for'),
        (lambda p, g, v, lr, keep: (p, 0.0), 'the shape of the parameter'),
        (
            lambda p, g, v, lr, keep: (keep * v + g, p - lr * (g + keep * (keep * v + g))),
            'other way round',
        ),
        (tries(right, lambda g, v, keep: g), 'gradient alone'),
        (tries(right, lambda g, v, keep: v + g), 'In step 2 the velocity'),
        (tries(lambda g, v, new, lr, keep: -lr * new), 'plain momentum: the gradient plus'),
        (tries(lambda g, v, new, lr, keep: -lr * (g + new)), 'multiplied by `momentum`'),
        (tries(lambda g, v, new, lr, keep: lr * (g + keep * new)), 'uphill'),
        (tries(lambda g, v, new, lr, keep: -(g + keep * new)), 'Where is `lr`'),
        (tries(lambda g, v, new, lr, keep: -lr * keep * new), "PyTorch's parameter"),
        (tries(lambda g, v, new, lr, keep: -0.1 * (g + keep * new)), 'written in by hand'),
        (
            tries(
                lambda g, v, new, lr, keep: -lr * (g + 0.8 * new),
                lambda g, v, keep: 0.8 * v + g,
            ),
            'Right for momentum 0.8',
        ),
    ]


def loop():
    def tries(clear='no', steps=True, give=lambda losses: losses, twice=False):
        def go(model, dl, opt, loss_func):
            losses = []
            for xb, yb in dl:
                if clear == 'first':
                    opt.zero_grad()
                loss = loss_func(model(xb), yb)
                loss.backward()
                if twice:
                    loss.backward()
                if clear == 'between':
                    opt.zero_grad()
                if steps:
                    opt.step()
                if clear == 'last':
                    opt.zero_grad()
                losses.append(loss.item())
            return give(losses)

        return go

    def one_only(model, dl, opt, loss_func):
        for xb, yb in dl:
            opt.zero_grad()
            loss_func(model(xb), yb).backward()
            opt.step()
            break
        return []

    def late(model, dl, opt, loss_func):
        losses = []
        for xb, yb in dl:
            opt.zero_grad()
            loss_func(model(xb), yb).backward()
            opt.step()
            losses.append(loss_func(model(xb), yb).item())
        return losses

    def doubled(model, dl, opt, loss_func):
        for xb, yb in dl:
            opt.zero_grad()
            (2 * loss_func(model(xb), yb)).backward()
            opt.step()
        return [16.0, 1.0, 9.0, 0.25]

    def first_batch_only(model, dl, opt, loss_func):
        xb, yb = dl[0]
        return [tries('first')(model, [(xb, yb)], opt, loss_func)[0] for _ in dl]

    def emptied(model, dl, opt, loss_func):
        for xb, yb in dl:
            loss_func(model(xb), yb).backward()
            for p in opt.params:
                p.grad.zero_()
            opt.step()

    def too_early(model, dl, opt, loss_func):
        for xb, yb in dl:
            for p in opt.params:
                p.grad.zero_()
            loss_func(model(xb), yb).backward()
            opt.step()

    return [
        (3, 'not a function'),
        (tries(steps=False), 'No step was taken'),
        (one_only, 'you took 1 step'),
        (tries('between'), 'there was no gradient'),
        (emptied, 'every gradient was 0'),
        (too_early, '`.grad` is None'),
        (tries(), 'That is her loop'),
        (tries('first', twice=True), 'PyTorch says'),
        (doubled, 'should be 8, 2, 12 and -1'),
        (first_batch_only, 'The first batch was used 4 times'),
        (tries('first', give=lambda losses: None), 'Return a list'),
        (late, 'as they were before each step'),
    ]


def clears(how, when='first', own_step=False):
    def loop(model, dl, opt, loss_func):
        losses = []
        for xb, yb in dl:
            if when == 'first':
                how(model, opt)
            loss = loss_func(model(xb), yb)
            loss.backward()
            if own_step:
                for p in model.parameters():
                    p.data -= opt.lr * p.grad
            else:
                opt.step()
            losses.append(loss)
            if when == 'last':
                how(model, opt)
        return losses

    return loop


def no_gradients(things):
    for p in things:
        p.grad = None


def long_run(s, lr, m):
    speed = 0.0
    for _ in range(100):
        speed = np.float32(m) * speed + np.float32(s)
    return lr * speed


RIGHT = {
    '27 far': lambda: [
        lambda s, lr, m: lr * s * (1 / (1 - m)),
        lambda s, lr, m: torch.tensor(lr * s) / (1 - torch.tensor(m)),
        long_run,
    ],
    '27 nesterov': lambda: [
        lambda p, g, v, lr, keep: [p - lr * (g + keep * (keep * v + g)), keep * v + g],
        lambda p, g, v, lr, keep: (p - lr * ((1 + keep) * g + keep**2 * v), torch.add(g, v * keep)),
        lambda p, g, v, lr, keep: torch.stack([p - lr * (g + keep * (keep * v + g)), keep * v + g]),
    ],
    '27 loop': lambda: [
        clears(lambda model, opt: opt.zero_grad(), 'last'),
        clears(lambda model, opt: no_gradients(model.parameters())),
        clears(lambda model, opt: no_gradients(opt.params), 'last'),
        clears(lambda model, opt: model.zero_grad()),
        clears(lambda model, opt: opt.zero_grad(), own_step=True),
    ],
}
TRIES = {'27 far': far, '27 nesterov': nesterov, '27 loop': loop}
