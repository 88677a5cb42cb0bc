"Wrong tries at the exercises of lesson 13."

import math

SETUP = 'import math\n'


def kilometres():
    at_equator = lambda n: n * 40075 / 5400
    return [
        (3.0, 'not a function'),
        (lambda n, lat: at_equator(n), 'at the equator'),
        (lambda n, lat: at_equator(n) * math.cos(lat), 'radians'),
        (lambda n, lat: at_equator(n) * math.sin(math.radians(lat)), 'sine'),
        (lambda n, lat: at_equator(1) * math.cos(math.radians(lat)), 'one pixel'),
        (lambda n, lat: n * 5400 / 40075 * math.cos(math.radians(lat)), 'other way round'),
        (lambda n, lat: at_equator(n) / math.cos(math.radians(lat)), 'narrower'),
        (lambda n, lat: round(at_equator(n) * math.cos(math.radians(lat))), 'You rounded'),
        (lambda n, lat: at_equator(n) / 2, '5400 pixels at 0'),
        (lambda n, lat: at_equator(n) * (1 - abs(lat) / 120), 'at -45 degrees'),
        (lambda n, lat: str(at_equator(n)), 'number'),
    ]


def windows():
    return [
        (32, 'not a function'),
        (lambda w, h, side, step: ((w - side) // step) * ((h - side) // step), 'too few'),
        (lambda w, h, side, step: (w // step) * (h // step), 'does not fit any more'),
        (lambda w, h, side, step: (w - side + 1) * (h - side + 1), 'step of 1'),
        (lambda w, h, side, step: (w - side) // step + (h - side) // step + 2, 'added'),
        (
            lambda w, h, side, step: (
                (math.ceil((w - side) / step) + 1) * (math.ceil((h - side) / step) + 1)
            ),
            'rounded up',
        ),
        (lambda w, h, side, step: (w // side) * (h // side), 'side by side'),
        (lambda w, h, side, step: ((w - side) / step + 1) * ((h - side) / step + 1), 'parts'),
        (lambda w, h, side, step: 32, 'For 25 x 25'),
        (
            lambda w, h, side, step: ((w - side) // step + 1) * ((h - side) // step + 1),
            'does not fit into',
        ),
        (
            lambda w, h, side, step: (
                0 if side > w else ((w - side) // step + 1) * ((h - side) // step + 1)
            ),
            'You return -8',
        ),
        (lambda w, h, side, step: [w, h], 'One number'),
    ]


def words():
    def split(said, true):
        return said.split(), true.split()

    def equal(said, true):
        return sum(a == b for a, b in zip(*split(said, true)))

    return [
        (0.3, 'not a function'),
        (equal, 'how many'),
        (lambda s, t: equal(s, t) / min(map(len, split(s, t))), 'shorter'),
        (lambda s, t: 100 * equal(s, t) / max(map(len, split(s, t))), 'per cent'),
        (
            lambda s, t: sum(w in t.split() for w in s.split()) / max(map(len, split(s, t))),
            'anywhere',
        ),
        (lambda s, t: sum(a == b for a, b in zip(s, t)) / max(len(s), len(t)), 'letters'),
        (lambda s, t: equal(s, t) / len(t.split()), 'by the sea'),
        (lambda s, t: s == t, 'One number'),
    ]


def shared():
    def area(b):
        return (b[2] - b[0]) * (b[3] - b[1])

    def both(a, b):
        return max(0, min(a[2], b[2]) - max(a[0], b[0])) * max(0, min(a[3], b[3]) - max(a[1], b[1]))

    def around(a, b):
        return (max(a[2], b[2]) - min(a[0], b[0])) * (max(a[3], b[3]) - min(a[1], b[1]))

    def careless(a, b):
        c = (min(a[2], b[2]) - max(a[0], b[0])) * (min(a[3], b[3]) - max(a[1], b[1]))
        return c / (area(a) + area(b) - c)

    return [
        (0.5, 'not a function'),
        (both, 'Divide by'),
        (lambda a, b: both(a, b) / (area(a) + area(b)), 'twice'),
        (lambda a, b: 2 * both(a, b) / (area(a) + area(b)), 'Dice'),
        (lambda a, b: both(a, b) / area(a), 'one box'),
        (lambda a, b: (area(a) + area(b) - both(a, b)) / both(a, b), 'Upside down'),
        (careless, 'negative'),
        (lambda a, b: both(a, b) / around(a, b), 'around both'),
        (lambda a, b: 1.0, 'never above 1'),
        (lambda a, b: 6 / 30, 'do not touch'),
    ]


TRIES = {
    '13 kilometres': kilometres,
    '13 windows': windows,
    '13 words': words,
    '13 shared': shared,
}


def right_kilometres():
    import numpy as np
    import torch

    return [
        lambda n, lat: n / 5400 * 40075 * np.cos(np.pi * lat / 180),
        lambda n, lat: np.float64(n * 40075) / 5400 * np.cos(np.deg2rad(lat)),
        lambda n, lat: n * 40075 / 5400 * math.sin(math.radians(90 - abs(lat))),
        lambda n, lat: torch.tensor(float(lat)).double().deg2rad().cos() * n * 40075 / 5400,
    ]


def right_windows():
    import numpy as np

    return [
        lambda w, h, side, step: (
            len(range(0, w - side + 1, step)) * len(range(0, h - side + 1, step))
        ),
        lambda w, h, side, step: (
            sum(
                1
                for x in range(0, w, step)
                for y in range(0, h, step)
                if x + side <= w and y + side <= h
            )
            if w * h < 10_000
            else len(range(0, w - side + 1, step)) * len(range(0, h - side + 1, step))
        ),
        lambda w, h, side, step: np.int64(
            np.arange(0, w - side + 1, step).size * np.arange(0, h - side + 1, step).size
        ),
        lambda w, h, side, step: (
            max(0, (w - side + step) // step) * max(0, (h - side + step) // step)
        ),
    ]


def right_words():
    import numpy as np
    from itertools import zip_longest

    def by_index(said, true):
        a, b = said.split(), true.split()
        if len(a) > len(b):
            a, b = b, a
        return len([i for i in range(len(a)) if a[i] == b[i]]) / len(b)

    return [
        by_index,
        lambda s, t: np.mean([a == b for a, b in zip_longest(s.split(), t.split())]),
        lambda s, t: (
            np.float32(sum(map(lambda a, b: a == b, s.split(), t.split())))
            / np.float64(max(len(s.split()), len(t.split())))
        ),
    ]


def right_shared():
    import numpy as np
    import torch
    from torchvision.ops import box_iou

    def by_numpy(a, b):
        a, b = np.array(a, float), np.array(b, float)
        both = np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None).prod()
        return both / (np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - both)

    def early(a, b):
        left, top, right, bottom = (
            max(a[0], b[0]),
            max(a[1], b[1]),
            min(a[2], b[2]),
            min(a[3], b[3]),
        )
        if right <= left or bottom <= top:
            return 0
        both = (right - left) * (bottom - top)
        return both / sum([(q[2] - q[0]) * (q[3] - q[1]) for q in (a, b)], -both)

    return [
        by_numpy,
        early,
        lambda a, b: box_iou(torch.tensor([a]).double(), torch.tensor([b]).double())[0, 0],
    ]


RIGHT = {
    '13 kilometres': right_kilometres,
    '13 windows': right_windows,
    '13 words': right_words,
    '13 shared': right_shared,
}
