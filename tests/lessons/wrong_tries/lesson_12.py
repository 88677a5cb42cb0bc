"Wrong tries at the exercises of lesson 12."

SETUP = 'import numpy as np\n'


def loud(numbers, level):
    return [i for i, number in enumerate(numbers) if abs(number) > level]


def silence():
    import numpy as np

    def at_level(numbers, level):
        where = [i for i, number in enumerate(numbers) if abs(number) >= level]
        return numbers[where[0] : where[-1] + 1] if where else []

    return [
        (lambda n, level: n[np.abs(n) > level], 'every quiet number'),
        (lambda n, level: n[np.flatnonzero(n > level)[0] : 6], 'far *below* zero'),
        (lambda n, level: n[loud(n, level)[0] : loud(n, level)[-1]], 'A slice ends before'),
        (lambda n, level: n[loud(n, level)[0] + 1 : loud(n, level)[-1] + 1], 'first loud number'),
        (lambda n, level: n[loud(n, level)[0] :], 'silence at the end'),
        (lambda n, level: n[: loud(n, level)[-1] + 1], 'silence at the beginning'),
        (lambda n, level: (loud(n, level)[0], loud(n, level)[-1]), 'two indices'),
        (lambda n, level: n, 'whole sound'),
        (lambda n, level: n[loud(n, level)[0] : loud(n, level)[-1] + 1], 'silent from end to end'),
        (
            lambda n, level: n[loud(n, 0.1)[0] : loud(n, 0.1)[-1] + 1] if loud(n, 0.1) else [],
            'another',
        ),
        (lambda n, level: n[2:7], 'come back empty'),
        (at_level, 'exactly at the level'),
        (lambda n, level: 'quiet', 'A part of the sound'),
        ([0.5], 'not a function'),
    ]


def by_voice(voices, right):
    return {v: [r for w, r in zip(voices, right) if w == v] for v in voices}


def voices():
    def most_mistakes(voices, right):
        heard = by_voice(voices, right)
        return max(heard, key=lambda v: heard[v].count(False))

    def fewest_right(voices, right):
        heard = by_voice(voices, right)
        return min(heard, key=lambda v: heard[v].count(True))

    def best(voices, right):
        heard = by_voice(voices, right)
        return max(heard, key=lambda v: (sum(heard[v]) / len(heard[v]), len(heard[v])))

    def share(voices, right):
        return min(sum(r) / len(r) for r in by_voice(voices, right).values())

    def last_one(voices, right):
        last = dict(zip(voices, right))
        return [voice for voice in last if not last[voice]][-1]

    return [
        (most_mistakes, 'most recordings'),
        (fewest_right, 'You counted right answers'),
        (best, 'heard best of all'),
        (share, 'The *name* of the voice'),
        (lambda v, r: ('bob', 0.5), 'its name alone'),
        (lambda v, r: 'bob', 'wrong for others'),
        (last_one, 'only the last one'),
        (lambda v, r: 'zoe', 'no voice'),
        ('bob', 'not a function'),
    ]


def slots():
    import re

    def merged(text):
        return ''.join(a for a, b in zip(text, '\0' + text) if a != b)

    return [
        (lambda s: s.replace('_', ''), 'still said twice'),
        (lambda s: merged(s), 'still empty slots'),
        (lambda s: merged(s.replace('_', '')), 'in between'),
        (
            lambda s: 'ss' if s == 's_s' else ''.join(dict.fromkeys(s.replace('_', ''))),
            'come back later',
        ),
        (lambda s: re.sub(r'(.)\1', r'\1', s).replace('_', ''), 'wrong for others'),
        (lambda s: merged(s).replace('_', '') or ' ', 'an empty text'),
        (lambda s: [a for a in merged(s) if a != '_'], "''.join"),
        (lambda s: ''.join(a for a, b in zip(s[1:], s) if a != b and a != '_'), 'The first slot'),
        (lambda s: 'nIt', "You return 'nIt'"),
        (lambda s: merged(s).replace('_', '')[:-1], 'at one of the ends'),
        (lambda s: 3, 'Text is asked for'),
        ('nIt', 'not a function'),
    ]


TRIES = {'12 silence': silence, '12 voices': voices, '12 slots': slots}


def right_silence():
    import numpy as np

    def by_stripping(numbers, level):
        left = list(numbers)
        while left and abs(left[0]) <= level:
            left = left[1:]
        while left and abs(left[-1]) <= level:
            left = left[:-1]
        return left

    def by_numpy(numbers, level):
        where = np.flatnonzero(np.abs(numbers) > level)
        return numbers[where.min() : where.max() + 1] if where.size else numbers[:0]

    def by_torch(numbers, level):
        import torch

        numbers = torch.tensor(numbers)
        where = (numbers.abs() > level).nonzero().flatten()
        return numbers[where[0] : where[-1] + 1] if len(where) else torch.tensor([])

    def by_running(numbers, level):
        big = np.abs(numbers) > level
        return numbers[np.logical_or.accumulate(big) & np.logical_or.accumulate(big[::-1])[::-1]]

    return [by_stripping, by_numpy, by_torch, by_running]


def right_voices():
    from collections import Counter

    import numpy as np
    import pandas as pd

    def by_counters(voices, right):
        every, good = Counter(voices), Counter(v for v, r in zip(voices, right) if r)
        return min(every, key=lambda voice: good[voice] / every[voice])

    return [
        lambda v, r: pd.Series(r).groupby(pd.Series(v)).mean().idxmin(),
        by_counters,
        lambda v, r: sorted((np.mean(marks), voice) for voice, marks in by_voice(v, r).items())[0][
            1
        ],
        lambda v, r: min(
            set(v), key=lambda one: sum(b for a, b in zip(v, r) if a == one) / v.count(one)
        ),
    ]


def right_slots():
    import re
    from itertools import groupby

    def by_loop(slots):
        said, before = '', '_'
        for sign in slots:
            if sign != before and sign != '_':
                said += sign
            before = sign
        return said

    return [
        by_loop,
        lambda s: ''.join(sign for sign, _ in groupby(s)).replace('_', ''),
        lambda s: re.sub(r'(.)\1+', r'\1', s).replace('_', ''),
        lambda s: ''.join(b for a, b in zip('_' + s, s) if a != b != '_'),
    ]


RIGHT = {'12 silence': right_silence, '12 voices': right_voices, '12 slots': right_slots}
