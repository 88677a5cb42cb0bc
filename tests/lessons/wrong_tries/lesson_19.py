"Wrong tries at the exercises of lesson 19."

import math

import numpy as np

SETUP = 'import math'


def sine(angle, before, behind):
    return before * math.sin(math.radians(angle)) / behind


def degrees(value):
    return math.degrees(math.asin(value)) if value <= 1 else None


def bend():
    return [
        (lambda a, b, c: math.asin(sine(a, b, c)), 'in radians'),
        (lambda a, b, c: sine(a, b, c), '`math.asin` finds'),
        (lambda a, b, c: degrees(sine(a, c, b)), 'the wrong way'),
        (lambda a, b, c: a * b / c, 'the *sines*'),
        (lambda a, b, c: math.degrees(math.asin(sine(a, b, c))), 'ends in an error'),
        (lambda a, b, c: math.degrees(math.asin(min(1, sine(a, b, c)))), 'nothing gets through'),
        (lambda a, b, c: 19.47, 'should be'),
        (lambda a, b, c: 'a bit', 'number'),
        (lambda a, b, c: None, 'Nothing comes back'),
        (19.5, 'not a function'),
    ]


def share(scores, held, choose):
    return sum(h[choose(s)] for s, h in zip(scores, held)) / len(scores)


def best():
    return [
        (lambda s, h: share(s, h, lambda x: x.index(max(x))) * len(s), 'Divide by'),
        (lambda s, h: sum(map(sum, h)) / sum(map(len, h)), 'all grasps'),
        (lambda s, h: sum(map(max, s)) / len(s), 'what the judge believes'),
        (lambda s, h: share(s, h, lambda x: 0), 'the first grasp'),
        (lambda s, h: share(s, h, lambda x: x.index(min(x))), '*lowest*'),
        (lambda s, h: np.mean([np.argmax(x) for x in s]), '*places*'),
        (lambda s, h: sum(max(zip(a, b))[1] for a, b in zip(s, h)) / len(s), 'are alike'),
        (lambda s, h: sum(map(any, h)) / len(h), 'any grasp held'),
        (lambda s, h: share(s, h, lambda x: len(x) - 1 - x[::-1].index(max(x))), ''),
        (lambda s, h: 0.6, 'the first two 0.5'),
        (lambda s, h: 'most', 'number'),
        (lambda s, h: None, 'Nothing comes back'),
        (0.6, 'not a function'),
    ]


TRIES = {'19 bend': bend, '19 best': best}


def right_bend():
    def with_numpy(angle, before, behind):
        value = before / behind * np.sin(np.deg2rad(angle))
        if value > 1:
            return None
        return np.rad2deg(np.arcsin(value))

    def by_trying(angle, before, behind):
        try:
            return math.asin(math.sin(angle * math.pi / 180) * before / behind) * 180 / math.pi
        except ValueError:
            return None

    return [with_numpy, by_trying, lambda a, b, c: degrees(sine(a, b, c))]


def right_best():
    def by_pairs(scores, held):
        chosen = []
        for some, those in zip(scores, held):
            place = max(range(len(some)), key=some.__getitem__)
            chosen.append(those[place])
        return np.mean(chosen)

    return [
        by_pairs,
        lambda s, h: np.mean([b[np.argmax(a)] for a, b in zip(s, h)]),
        lambda s, h: sum(1 for a, b in zip(s, h) if b[a.index(max(a))]) / len(h),
    ]


RIGHT = {'19 bend': right_bend, '19 best': right_best}
