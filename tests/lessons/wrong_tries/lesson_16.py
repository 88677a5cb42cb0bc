"Wrong tries at the exercises of lesson 16."

import math

SETUP = 'import numpy as np'


def ab(one, other):
    return [p - q for p, q in zip(one[1:], other[1:])]


def distance():
    return [
        (lambda a, b: sum((p - q) ** 2 for p, q in zip(a, b)) ** 0.5, 'brightness L'),
        (lambda a, b: sum(d**2 for d in ab(a, b)), 'square root'),
        (lambda a, b: sum(abs(d) for d in ab(a, b)), 'added the differences'),
        (lambda a, b: sum(ab(a, b)), 'cancel out'),
        (lambda a, b: (sum(d**2 for d in ab(a, b)) / 2) ** 0.5, 'a mean of the two'),
        (lambda a, b: math.dist(a[:2], b[:2]), 'You return'),
        (lambda a, b: 5, 'wrong for another'),
        (lambda a, b: ab(a, b), 'several numbers'),
        (5, 'not a function'),
    ]


def mse(one, other):
    return sum((p - q) ** 2 for p, q in zip(one, other)) / len(one)


def decibels():
    def by_sum(a, b):
        return 10 * math.log10(255**2 / (mse(a, b) * len(a)))

    def not_squared(a, b):
        return 10 * math.log10(255**2 / (sum(abs(p - q) for p, q in zip(a, b)) / len(a)))

    def inf_or(f):
        return lambda a, b: f(a, b) if a != b else math.inf

    return [
        (mse, 'mean squared error'),
        (lambda a, b: 10 * math.log10(mse(a, b) / 255**2), 'The sign'),
        (lambda a, b: 10 * math.log(255**2 / mse(a, b)), 'another base'),
        (lambda a, b: math.log10(255**2 / mse(a, b)), 'ten times that'),
        (lambda a, b: 20 * math.log10(255**2 / mse(a, b)), 'squared already'),
        (lambda a, b: 10 * math.log10(255 / mse(a, b)), '255 *squared*'),
        (by_sum, 'by their mean'),
        (not_squared, 'Square the difference'),
        (lambda a, b: 10 * math.log10(mse(a, b)), '255, squared'),
        (lambda a, b: 10 * math.log10(255**2 / mse(a, b)), 'divides by zero'),
        (lambda a, b: 10 * math.log10(255**2 / mse(a, b)) if a != b else 0, 'You return 0'),
        (inf_or(lambda a, b: 10 * math.log10(255**2 / (mse(a, b) * len(a) / 4))), 'for others'),
        (lambda a, b: 7, 'You return 7'),
        (34.15, 'not a function'),
    ]


def shots():
    return [
        (lambda n, w: n / w, 'Four pictures only'),
        (lambda n, w: (n / w) ** 0.5, 'Square it instead'),
        (lambda n, w: (w / n) ** 2, 'on top'),
        (lambda n, w: (n / w) ** 2, 'Round up'),
        (lambda n, w: max(1, int((n / w) ** 2)), 'Round *up*'),
        (lambda n, w: int((n / w) ** 2) + 1, 'You return 17'),
        (lambda n, w: math.ceil((n / w) ** 2) if n > w else 0, 'one is enough'),
        (lambda n, w: 16, 'You return 16'),
        (lambda n, w: [16], 'several numbers'),
        (16, 'not a function'),
    ]


def moved(values):
    import numpy as np

    values = np.array(values)
    return (values - values.mean()) / values.std()


def match():
    import numpy as np

    return [
        (lambda v, o: np.array(v) - np.mean(v) + np.mean(o), 'The spread is still'),
        (lambda v, o: moved(v), 'mean 0 and spread 1'),
        (lambda v, o: moved(v) + np.mean(o), 'the spread is 1'),
        (lambda v, o: moved(v) * np.std(o), 'add the mean'),
        (lambda v, o: (moved(v) + np.mean(o)) * np.std(o), 'too early'),
        (lambda v, o: moved(v) * np.var(o) + np.mean(o), 'the variance'),
        (lambda v, o: np.mean(o), 'you return 1'),
        (lambda v, o: o, 'you return 3'),
        (lambda v, o: v, 'should become 40'),
        (lambda v, o: moved(v) * 16.3299 + 40, 'wrong for others'),
        (lambda v, o: 'x', "isn't a list of numbers"),
        ([1, 2], 'not a function'),
    ]


TRIES = {
    '16 distance': distance,
    '16 decibels': decibels,
    '16 shots': shots,
    '16 match': match,
}


def right_distance():
    import numpy as np
    import torch

    return [
        lambda a, b: math.hypot(a[1] - b[1], a[2] - b[2]),
        lambda a, b: math.dist(a[1:], b[1:]),
        lambda a, b: np.linalg.norm(np.array(a[1:]) - np.array(b[1:])),
        lambda a, b: (torch.tensor(a[1:]) - torch.tensor(b[1:])).float().norm(),
        lambda a, b: abs(complex(a[1] - b[1], a[2] - b[2])),
    ]


def right_decibels():
    import numpy as np
    import torch

    def by_torch(a, b):
        error = ((torch.tensor(a).float() - torch.tensor(b)) ** 2).mean()
        return 10 * torch.log10(255**2 / error)

    def by_skimage(a, b):
        from skimage.metrics import peak_signal_noise_ratio

        a, b = np.array(a, dtype=np.uint8), np.array(b, dtype=np.uint8)
        with np.errstate(divide='ignore'):
            return peak_signal_noise_ratio(a, b)

    return [
        by_torch,
        by_skimage,
        lambda a, b: 20 * math.log10(255 / mse(a, b) ** 0.5) if a != b else float('inf'),
        lambda a, b: round(10 * math.log10(65025 / mse(a, b)), 2) if mse(a, b) else math.inf,
    ]


def right_shots():
    import numpy as np

    def by_trying(noise, wanted):
        n = 1
        while noise / n**0.5 > wanted + 1e-12:
            n += 1
        return n

    return [
        by_trying,
        lambda n, w: max(1, math.ceil(n**2 / w**2)),
        lambda n, w: np.ceil(max(n / w, 1) ** 2),
        lambda n, w: max(1, -int(-(n * n) // (w * w))),
    ]


def right_match():
    import numpy as np
    import statistics
    import torch

    def by_hand(values, like):
        mean, spread = statistics.mean(values), statistics.pstdev(values)
        to, wide = statistics.mean(like), statistics.pstdev(like)
        return [(value - mean) / spread * wide + to for value in values]

    def by_torch(values, like):
        v, o = torch.tensor(values), torch.tensor(like)
        return (v - v.mean()) / v.std(correction=0) * o.std(correction=0) + o.mean()

    return [
        by_hand,
        by_torch,
        lambda v, o: (np.array(v) - np.mean(v)) * (np.std(o) / np.std(v)) + np.mean(o),
    ]


RIGHT = {
    '16 distance': right_distance,
    '16 decibels': right_decibels,
    '16 shots': right_shots,
    '16 match': right_match,
}
