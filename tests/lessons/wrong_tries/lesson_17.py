"Wrong tries at the exercises of lesson 17."

from collections import Counter

SETUP = ""


def looks():
    return [
        (lambda p, c: sum(c) / len(c), 'was *shown*'),
        (lambda p, c: sum(c) / sum(p), 'You added the places'),
        (lambda p, c: sum(1 / x for x in p), 'number of looks'),
        (lambda p, c: sum(1 / x for x in p) / sum(c), '*by* the looks'),
        (lambda p, c: sum(x * y for x, y in zip(p, c)) / len(p), 'weights each click'),
        (lambda p, c: sum(y / x for x, y in zip(p, c)) / sum(1 / x for x in p), 'Every click'),
        (lambda p, c: sum(c) / 2.85, 'wrong for another'),
        (lambda p, c: 3, 'You return 3'),
        (lambda p, c: [1, 2], 'several numbers'),
        (1.05, 'not a function'),
    ]


def counted(film, lists, itself=False):
    return Counter(f for films in lists if film in films for f in films if itself or f != film)


def last_only(film, lists):
    for films in lists:
        if film in films:
            counts = Counter(f for f in films if f != film)
    return counts.most_common(1)[0][0]


def also():
    return [
        (
            lambda film, lists: counted(film, lists, True).most_common(1)[0][0],
            'watched `film` itself',
        ),
        (
            lambda film, lists: Counter(f for x in lists for f in x).most_common(1)[0][0],
            '*all* people',
        ),
        (lambda film, lists: counted(film, lists).most_common(1), 'more than one thing'),
        (lambda film, lists: counted(film, lists).most_common(1)[0][1], 'That is a number'),
        (lambda film, lists: 'Heat', 'You return Heat'),
        (last_only, 'You return Jaws'),
        (lambda film, lists: 'Alien', 'wrong for another'),
        ('Alien', 'not a function'),
    ]


def earned():
    matches = lambda w, s, c, p: [(x, y) for a, b, x, y in zip(w, s, c, p) if a == b]
    return [
        (lambda *a: sum(x / y for x, y in matches(*a)), 'That is the sum'),
        (lambda *a: sum(x for x, y in matches(*a)) / len(matches(*a)), 'its chance'),
        (lambda *a: sum(x / y for x, y in matches(*a)) / len(matches(*a)), 'by all visits'),
        (lambda *a: sum(x for x, y in matches(*a)) / len(a[0]), 'count four times'),
        (lambda *a: sum(x * y for x, y in matches(*a)) / len(a[0]), 'You multiplied'),
        (lambda w, s, c, p: sum(x / y for x, y in zip(c, p)) / len(c), 'all clicks'),
        (lambda *a: sum(x / y for x, y in matches(*a)) / 8, 'wrong for others'),
        (lambda *a: 5, 'You return 5'),
        (lambda *a: None, 'Nothing comes back'),
        (0.75, 'not a function'),
    ]


def squares(a, b):
    return sum((x - y) ** 2 for x, y in zip(a, b))


def mean(a):
    return sum(a) / len(a)


def r_squared():
    total = lambda t: squares(t, [mean(t)] * len(t))
    return [
        (lambda t, s: squares(t, s) / total(t), '*not* explained'),
        (lambda t, s: 1 - squares(t, s) / total(s), 'what was *said*'),
        (lambda t, s: 1 - total(t) / squares(t, s), 'wrong way round'),
        (
            lambda t, s: (
                1 - sum(abs(a - b) for a, b in zip(t, s)) / sum(abs(a - mean(t)) for a in t)
            ),
            'without squaring',
        ),
        (lambda t, s: 1 - squares(t, s) / len(t) / total(t), 'Take both alike'),
        (lambda t, s: 1 - squares(t, s), 'Divide the 6'),
        (lambda t, s: total(t) / squares(t, s), 'The parts are there'),
        (lambda t, s: 1 - squares(t, s) / 38, 'wrong for another'),
        (lambda t, s: 0, 'You return 0'),
        (lambda t, s: [a - b for a, b in zip(t, s)], 'several numbers'),
        (0.84, 'not a function'),
    ]


def weekday():
    return [
        (lambda people, ahead: people[-1], 'last number'),
        (lambda people, ahead: people[-ahead], 'counted back'),
        (lambda people, ahead: people[len(people) - 8 + ahead], 'not in the list'),
        (lambda people, ahead: people[-8 + ahead], 'Up to 7 days'),
        (lambda people, ahead: people[-8 + ahead % 7], 'Up to 6 days'),
        (lambda people, ahead: people[-7 + (ahead - 1 if ahead < 8 else 1)], 'Up to 7 days'),
        (lambda people, ahead: people[-7], 'You return 400'),
        (lambda people, ahead: people[len(people) - 14 + (ahead - 1) % 7], 'You return 300'),
        (lambda people, ahead: 400 + (ahead - 1) % 7, 'wrong for others'),
        (lambda people, ahead: people[-7:], 'several numbers'),
        (7, 'not a function'),
    ]


TRIES = {
    '17 looks': looks,
    '17 also': also,
    '17 earned': earned,
    '17 r squared': r_squared,
    '17 weekday': weekday,
}


def right_looks():
    import numpy as np
    import torch

    return [
        lambda p, c: np.sum(c) / (1 / np.array(p)).sum(),
        lambda p, c: torch.tensor(c).sum() / (1 / torch.tensor(p)).sum(),
        lambda p, c: c.count(1) / sum(map(lambda x: x**-1, p)),
    ]


def right_also():
    def by_hand(film, lists):
        counts = {}
        for films in lists:
            if film in films:
                for other in films:
                    if other != film:
                        counts[other] = counts.get(other, 0) + 1
        return max(counts, key=counts.get)

    def by_pandas(film, lists):
        import pandas as pd

        return pd.Series(counted(film, lists)).idxmax()

    return [by_hand, by_pandas, lambda film, lists: counted(film, lists).most_common()[0][0]]


def right_earned():
    import numpy as np
    import pandas as pd

    def by_table(w, s, c, p):
        table = pd.DataFrame({'w': w, 's': s, 'worth': np.divide(c, p)})
        return table.worth.where(table.w == table.s, 0).mean()

    return [
        by_table,
        lambda w, s, c, p: np.mean((np.array(w) == np.array(s)) * np.array(c) / np.array(p)),
        lambda w, s, c, p: sum(x / y if a == b else 0 for a, b, x, y in zip(w, s, c, p)) / len(w),
    ]


def right_r_squared():
    import numpy as np
    import torch
    from sklearn.metrics import r2_score

    return [
        r2_score,
        lambda t, s: 1 - np.mean((np.array(t) - np.array(s)) ** 2) / np.var(t),
        lambda t, s: (
            1
            - (torch.tensor(t).float() - torch.tensor(s).float()).square().sum()
            / (torch.tensor(t).float() - torch.tensor(t).float().mean()).square().sum()
        ),
    ]


def right_weekday():
    def by_going_back(people, ahead):
        while ahead > 0:
            ahead -= 7
        return people[ahead - 1]

    return [
        by_going_back,
        lambda people, ahead: people[-7:][(ahead - 1) % 7],
        lambda people, ahead: people[len(people) - 1 + ahead - 7 * ((ahead + 6) // 7)],
        lambda people, ahead: people[-7 + (ahead - 1) % 7],
    ]


RIGHT = {
    '17 looks': right_looks,
    '17 also': right_also,
    '17 earned': right_earned,
    '17 r squared': right_r_squared,
    '17 weekday': right_weekday,
}
