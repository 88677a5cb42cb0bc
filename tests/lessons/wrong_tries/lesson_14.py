"Wrong tries at the exercises of lesson 14."

import math

SETUP = ""


def both(found, true):
    return sum(f * t for f, t in zip(found, true))


def dice():
    ones = lambda f, t: sum(f) + sum(t)
    return [
        (lambda f, t: both(f, t) / ones(f, t), 'counts twice'),
        (lambda f, t: both(f, t) / (ones(f, t) - both(f, t)), 'in one list or the other'),
        (lambda f, t: 2 * both(f, t) / len(f), 'how many pixels there are'),
        (lambda f, t: sum(a == b for a, b in zip(f, t)) / len(f), 'on which the lists agree'),
        (lambda f, t: both(f, t) / sum(f), 'one list only'),
        (lambda f, t: 2 * both(f, t), 'Now divide'),
        (lambda f, t: 2 * both(f, t) / ones(f, t), 'divides by zero'),
        (lambda f, t: 2 * both(f, t) / ones(f, t) if ones(f, t) else 0, 'Dice is 1'),
        (lambda f, t: 2 * both(f, t) / ones(f, t) if ones(f, t) else math.nan, 'You return nan'),
        (lambda f, t: 2 * both(f, t) / ones(f, t) if sum(f) and sum(t) else 1, '*neither*'),
        (lambda f, t: 2 * both(f, t) / ones(f, t) if sum(t) else 1, '*neither*'),
        (lambda f, t: 2 * both(f, t) / 9 if ones(f, t) else 1, 'wrong for another'),
        (lambda f, t: [2, 3], 'several numbers'),
        (2 / 3, 'not a function'),
    ]


def density():
    return [
        (lambda n, w, h, um: n / (w * h), 'for each pixel'),
        (lambda n, w, h, um: n / (w * um * h * um), 'square micrometre'),
        (lambda n, w, h, um: n / (w * h * um / 1000), 'two sides'),
        (lambda n, w, h, um: 1000 * n / (w * um * h * um), 'more than a thousand'),
        (lambda n, w, h, um: w * h * um**2 / 1e6, 'Divide the count'),
        (lambda n, w, h, um: n / ((w + h) * um / 1000), 'You added'),
        (lambda n, w, h, um: n / 0.02, 'wrong for another'),
        (lambda n, w, h, um: 7, 'You return 7'),
        (3000, 'not a function'),
    ]


def percent():
    return [
        (lambda m, t: sum(abs(a - b) / b for a, b in zip(m, t)) / len(t), 'That is a share'),
        (lambda m, t: sum(100 * abs(a - b) / b for a, b in zip(m, t)), 'That is the sum'),
        (lambda m, t: sum(100 * (a - b) / b for a, b in zip(m, t)) / len(t), 'cancel out'),
        (lambda m, t: sum(abs(a - b) for a, b in zip(m, t)) / len(t), 'in millimetres'),
        (lambda m, t: 100 * sum(abs(a - b) for a, b in zip(m, t)) / sum(t), 'of each head'),
        (lambda m, t: sum(100 * abs(a - b) / a for a, b in zip(m, t)) / len(t), 'was measured'),
        (lambda m, t: sum(100 * abs(a - b) / b for a, b in zip(m, t)) / 3, 'wrong for others'),
        (lambda m, t: [100 * abs(a - b) / b for a, b in zip(m, t)], 'several numbers'),
        (4.67, 'not a function'),
    ]


def of_the_ill(scores, ill):
    return sorted((s for s, i in zip(scores, ill) if i), reverse=True)


def screening():
    return [
        (lambda s, i, w: sorted(s, reverse=True)[round(w * len(s)) - 1], 'more than were asked'),
        (lambda s, i, w: min(of_the_ill(s, i)), 'more than were asked'),
        (lambda s, i, w: max(of_the_ill(s, i)), 'Lower it'),
        (lambda s, i, w: w, 'Lower it'),
        (lambda s, i, w: 0.4, 'is asked for'),
        (lambda s, i, w: 0.42, 'For 0.9 it is right'),
        (lambda s, i, w: of_the_ill(s, i)[int(w * sum(i)) - 1], 'For 0.85 the threshold'),
        (lambda s, i, w: of_the_ill(s, i)[max(int(w * 10 + 0.999), 1) - 1], 'wrong for twenty'),
        (lambda s, i, w: of_the_ill(s, i), 'several numbers'),
        (0.42, 'not a function'),
    ]


TRIES = {
    '14 dice': dice,
    '14 density': density,
    '14 percent': percent,
    '14 screening': screening,
}


def right_dice():
    import numpy as np
    import torch

    def by_torch(f, t):
        f, t = torch.tensor(f).bool(), torch.tensor(t).bool()
        return 2 * (f & t).sum() / (f.sum() + t.sum()) if (f | t).any() else torch.tensor(1.0)

    def by_sets(f, t):
        f, t = ({i for i, v in enumerate(x) if v} for x in (f, t))
        return 2 * len(f & t) / (len(f) + len(t)) if f or t else 1

    def by_f1(f, t):
        right = both(f, t)
        wrong = sum(a != b for a, b in zip(f, t))
        return right / (right + wrong / 2) if right + wrong else 1.0

    return [
        by_torch,
        by_sets,
        by_f1,
        lambda f, t: np.float32(2 * np.dot(f, t) / (np.sum(f) + np.sum(t))) if any(f + t) else 1,
    ]


def right_density():
    import numpy as np

    return [
        lambda n, w, h, um: n * 1e6 / (w * h * um**2),
        lambda n, w, h, um: n / np.prod([w * um * 1e-3, h * um * 1e-3]),
        lambda n, w, h, um: n / (w * h) * (1000 / um) ** 2,
        lambda n, w, h, um: np.float64(n) / (np.array([w, h]) * um / 1000).prod(),
    ]


def right_percent():
    import numpy as np
    import torch
    from sklearn.metrics import mean_absolute_percentage_error

    return [
        lambda m, t: 100 * mean_absolute_percentage_error(t, m),
        lambda m, t: np.mean(100 * np.abs(np.array(m) / np.array(t) - 1)),
        lambda m, t: (torch.tensor(m) / torch.tensor(t) - 1).abs().mean() * 100,
        lambda m, t: sum(abs(100 * a / b - 100) for a, b in zip(m, t)) / len(m),
        lambda m, t: round(sum(abs(100 * a / b - 100) for a, b in zip(m, t)) / len(m), 2),
    ]


def right_screening():
    import numpy as np

    def by_trying(scores, ill, wanted):
        theirs = of_the_ill(scores, ill)
        for t in sorted(set(scores), reverse=True):
            if sum(s >= t for s in theirs) / len(theirs) >= wanted:
                return t

    return [
        by_trying,
        lambda s, i, w: of_the_ill(s, i)[max(math.ceil(round(w * sum(i), 6)), 1) - 1],
        lambda s, i, w: np.sort(np.array(s)[np.array(i)])[::-1][
            max(math.ceil(w * sum(i) - 1e-9), 1) - 1
        ],
        lambda s, i, w: max(t for t in s if np.mean(np.array(of_the_ill(s, i)) >= t) >= w),
    ]


RIGHT = {
    '14 dice': right_dice,
    '14 density': right_density,
    '14 percent': right_percent,
    '14 screening': right_screening,
}
