"Wrong tries at the exercises of lesson 41."

import torch

SETUP = 'import torch\n'


def landing():
    def in_place(z, v, t):
        z += (1 - t) * v
        return z

    return [
        (3, 'not a function'),
        (lambda z, v, t: None, 'Nothing comes back'),
        (lambda z, v, t: 'there', 'A str comes back'),
        (lambda z, v, t: (z + (1 - t) * v)[0], 'went in, and (2,)'),
        (in_place, 'changes the point'),
        (lambda z, v, t: z + v, 'right at t = 0'),
        (lambda z, v, t: z + t * v, 'time that has passed'),
        (lambda z, v, t: (1 - t) * v, 'begins at the point z'),
        (lambda z, v, t: z - (1 - t) * v, 'backwards'),
        (lambda z, v, t: z, 'where the point is now'),
        (lambda z, v, t: (1 - t) * (z + v), 'ends at (2, 2)'),
        (lambda z, v, t: z + 0.25 * v, 'wrong at t = 0.'),
        (lambda z, v, t: z if t == 0.2 else z + (1 - t) * v, 'wrong at t = 0.2'),
    ]


def steps_of(velocity, z, steps, half=True, late=True, time=True):
    h = 1 / steps
    for i in range(steps):
        t = torch.full((len(z),), i * h if time else 0.0)
        middle = z + h / 2 * velocity(z, t)
        z = (middle if half else z) + h * velocity(middle, t + h / 2 if late else t)
    return z


def in_place(velocity, z, steps=10):
    for i in range(steps):
        t = torch.full((len(z),), i / steps)
        z += velocity(z + velocity(z, t) / steps / 2, t + 0.5 / steps) / steps
    return z


def eulers(velocity, z, steps=10):
    for i in range(steps):
        z = z + velocity(z, torch.full((len(z),), i / steps)) / steps
    return z


def two_halves(velocity, z, steps=10):
    return eulers(velocity, z, 2 * steps)


def one_number(velocity, z, steps=10):
    for i in range(steps):
        middle = z + velocity(z, i / steps) / (2 * steps)
        z = z + velocity(middle, (i + 0.5) / steps) / steps
    return z


def one_column(velocity, z, steps=10):
    return steps_of(lambda z, t: velocity(z, t[:, None]), z, steps, half=False)


def always_four(velocity, z, steps=10):
    return steps_of(velocity, z, min(steps, 4), half=False)


def midpoint():
    right = lambda velocity, z, steps=10: steps_of(velocity, z, steps, half=False)
    return [
        (3, 'not a function'),
        (lambda velocity, z, steps=10: None, 'Nothing comes back'),
        (lambda velocity, z, steps=10: 'end', 'A str comes back'),
        (lambda velocity, z, steps=10: right(velocity, z, steps)[:1], 'went in, and (1, 2)'),
        (lambda velocity, z, steps=10: z @ z, 'Your function stopped: '),
        (lambda velocity, z, steps=10: torch.stack([z] * (steps + 1)), 'All stations'),
        (in_place, 'changes the noise'),
        (eulers, 'what Euler reaches'),
        (lambda velocity, z, steps=10: steps_of(velocity, z, steps), 'one and a half long'),
        (two_halves, 'Euler with twice as many steps'),
        (one_number, 'one number for all of them'),
        (one_column, 'the shape (3, 1)'),
        (lambda velocity, z, steps=10: right(velocity, z, 1), 'one step over the whole way'),
        (lambda velocity, z, steps=10: z, 'where they began'),
        (lambda velocity, z, steps=10: right(velocity, z, steps + 1), 'should become'),
        (
            lambda velocity, z, steps=10: steps_of(velocity, z, steps, half=False, late=False),
            'its time is not',
        ),
        (
            lambda velocity, z, steps=10: steps_of(velocity, z, steps, half=False, time=False),
            'wrong where it depends',
        ),
        (always_four, 'wrong with 10'),
    ]


def with_lists(velocity, z, steps=10):
    at = [z]
    for t in torch.linspace(0, 1, steps + 1)[:-1]:
        t = t.expand(len(z))
        middle = at[-1] + velocity(at[-1], t) * 0.5 / steps
        at.append(at[-1] + velocity(middle, t + 0.5 / steps) / steps)
    return at[-1]


def one_after_another(velocity, z, steps=10, begin=0.0):
    if steps * (1 - begin) < 0.5:
        return z
    t = torch.ones(len(z)) * begin
    middle = z + velocity(z, t) / (2 * steps)
    z = z + velocity(middle, t + 1 / (2 * steps)) / steps
    return one_after_another(velocity, z, steps, begin + 1 / steps)


RIGHT = {
    '41 landing': lambda: [
        lambda z, v, t: z + v - t * v,
        lambda z, v, t: torch.lerp(z + v, z, t),
        lambda z, v, t: z.double() + v * (1 - t),
    ],
    '41 midpoint': lambda: [
        with_lists,
        one_after_another,
        lambda velocity, z, steps=10: steps_of(velocity, z.clone(), steps, half=False),
    ],
}
TRIES = {'41 landing': landing, '41 midpoint': midpoint}
