"Wrong tries at the exercises of lesson 28."

import numpy as np
import torch

SETUP = 'import numpy as np'


def suggest():
    at = lambda losses: losses.index(min(losses))
    return [
        (0.1, 'not a function'),
        (lambda rates, losses: None, 'Nothing comes back'),
        (lambda rates, losses: rates, 'One number is asked for'),
        (lambda rates, losses: rates[at(losses)], 'takes a tenth'),
        (lambda rates, losses: min(losses), 'the lowest loss. Which'),
        (lambda rates, losses: min(losses) / 10, 'a tenth of a loss'),
        (lambda rates, losses: at(losses), 'the index of the lowest loss'),
        (lambda rates, losses: rates[-1] / 10, 'You return 0.5'),
        (lambda rates, losses: 0.1, 'the answer is 0.001'),
        (lambda rates, losses: rates[1], 'You return 0.01'),
        (lambda rates, losses: rates[at(losses) - 1], 'the answer is 0.001'),
        (lambda rates, losses: min(rates) / 2 if losses[1] < 1 else 0.1, 'the answer is 0.016'),
    ]


def warm():
    return [
        (0.1, 'not a function'),
        (lambda lr, part: None, 'outer function'),
        (lambda lr, part: lr, 'You return a number'),
        (lambda lr, part: lambda done: None, 'Nothing comes back'),
        (lambda lr, part: lambda done: [lr], 'one number, the rate'),
        (lambda lr, part: lambda done: lr * min(1, part / done), 'division by zero'),
        (lambda lr, part: lambda done: 0.4 * min(1, done / part), 'written in by hand'),
        (lambda lr, part: lambda done: lr * done / part, 'goes on growing'),
        (lambda lr, part: lambda done: lr * done, 'to the very end'),
        (lambda lr, part: lambda done: lr, 'begins at the top'),
        (lambda lr, part: lambda done: lr * min(1, done / part) ** 2, 'not straight'),
        (
            lambda lr, part: lambda done: lr * done / part if done < part else None,
            'returns nothing',
        ),
        (lambda lr, part: lambda done: lr * min(done / part, 1.25 - 1.25 * done), 'stays at'),
        (lambda lr, part: lambda done: 0.9 * lr * min(1, done / part), 'Yours is'),
        (lambda lr, part: lambda done: lr * (done >= part / 2), 'jumps'),
    ]


RIGHT = {
    '28 suggest': lambda: [
        lambda rates, losses: rates[int(np.argmin(losses))] * 0.1,
        lambda rates, losses: np.array(rates)[np.array(losses).argmin()] / 10,
        lambda rates, losses: torch.tensor(rates)[torch.tensor(losses).argmin()] / 10,
        lambda rates, losses: min(zip(losses, rates))[1] / 10,
    ],
    '28 warm': lambda: [
        lambda lr, part: lambda done: lr if done > part else done / part * lr,
        lambda lr, part: lambda done: np.interp(done, [0, part], [0, lr]),
        lambda lr, part: lambda done: torch.tensor(lr) * torch.tensor(done / part).clamp(max=1),
    ],
}
TRIES = {'28 suggest': suggest, '28 warm': warm}
