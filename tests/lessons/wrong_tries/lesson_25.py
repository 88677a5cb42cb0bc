"Wrong tries at the exercises of lesson 25."

SETUP = '''import torch
from whole_game.own.optim import SGD, fit, one_cycle
'''


def far():
    return [
        (0.2, 'not a function'),
        (lambda s, lr, m: None, 'Nothing comes back'),
        (lambda s, lr, m: [lr * s], 'One number is asked for'),
        (lambda s, lr, m: lr * s, 'right without momentum'),
        (lambda s, lr, m: s / (1 - m), 'the speed is right'),
        (lambda s, lr, m: lr * s * m, 'share of one step'),
        (lambda s, lr, m: lr * s * (1 + m), 'first two pushes'),
        (lambda s, lr, m: lr * s / (m or 1), 'share that is lost'),
        (lambda s, lr, m: lr * s / (1 - m) + 1, 'Without momentum a slope of 2'),
        (lambda s, lr, m: abs(lr * s / (1 - m)), 'Leave the sign'),
        (lambda s, lr, m: lr * s * (1 + 5 * m), 'You return 1.1'),
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
        (tries(right, lambda g, v, keep: g), 'the slope alone'),
        (tries(right, lambda g, v, keep: v + g), 'In step 2 the speed'),
        (tries(lambda g, v, new, lr, keep: -lr * new), 'plain momentum: your step'),
        (tries(lambda g, v, new, lr, keep: -lr * (g + new)), 'Only the share'),
        (tries(lambda g, v, new, lr, keep: lr * (g + keep * new)), 'uphill'),
        (tries(lambda g, v, new, lr, keep: -(g + keep * new)), 'Where is `lr`'),
        (tries(lambda g, v, new, lr, keep: -lr * keep * new), "PyTorch's numbers"),
    ]


def loop():
    def tries(clear='no', steps=True, give=lambda losses: losses, twice=False):
        def go(model, packs, opt, loss_func):
            losses = []
            for xb, yb in packs:
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

    def one_only(model, packs, opt, loss_func):
        for xb, yb in packs:
            opt.zero_grad()
            loss_func(model(xb), yb).backward()
            opt.step()
            break
        return []

    def late(model, packs, opt, loss_func):
        losses = []
        for xb, yb in packs:
            opt.zero_grad()
            loss_func(model(xb), yb).backward()
            opt.step()
            losses.append(loss_func(model(xb), yb).item())
        return losses

    def doubled(model, packs, opt, loss_func):
        for xb, yb in packs:
            opt.zero_grad()
            (2 * loss_func(model(xb), yb)).backward()
            opt.step()
        return [16.0, 4.0, 1.0, 0.25]

    return [
        (3, 'not a function'),
        (tries(steps=False), 'No step was taken'),
        (one_only, 'you took 1 step'),
        (tries('between'), 'there was no slope'),
        (tries('last'), 'Nearly'),
        (tries(), 'That is her loop'),
        (tries('first', twice=True), 'PyTorch says'),
        (doubled, 'should be 8, 4, 2 and 1'),
        (tries('first', give=lambda losses: None), 'Give back a list'),
        (late, 'as they were before each step'),
    ]


def warm():
    return [
        (0.1, 'not a function'),
        (lambda lr, share: None, 'outer function'),
        (lambda lr, share: lr, 'You return a number'),
        (lambda lr, share: lambda done: None, 'Nothing comes back'),
        (lambda lr, share: lambda done: [lr], 'one number, the rate'),
        (lambda lr, share: lambda done: lr * min(1, share / done), 'division by zero'),
        (lambda lr, share: lambda done: 0.4 * min(1, done / share), 'written in by hand'),
        (lambda lr, share: lambda done: lr * done / share, 'goes on growing'),
        (lambda lr, share: lambda done: lr * done, 'to the very end'),
        (lambda lr, share: lambda done: lr, 'begins at the top'),
        (lambda lr, share: lambda done: lr * min(1, done / share) ** 2, 'Yours is'),
    ]


TRIES = {'25 far': far, '25 nesterov': nesterov, '25 loop': loop, '25 warm': warm}
