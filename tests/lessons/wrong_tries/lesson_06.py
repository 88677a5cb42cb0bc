"Wrong tries at the exercises of lesson 6."

SETUP = "from collections import Counter\n"


def few():
    from collections import Counter

    return [
        (lambda labels, least: Counter(labels), 'Those are counts'),
        (
            lambda labels, least: [l for l, n in Counter(labels).items() if n >= least],
            'have enough',
        ),
        (lambda labels, least: [l for l in labels if labels.count(l) < least], 'more than once'),
        (lambda labels, least: [l for l, n in Counter(labels).items() if n <= least], 'exactly 5'),
        (
            lambda labels, least: [l for l, n in Counter(labels).items() if n < 5],
            '5 is fewer than 6',
        ),
        (lambda labels, least: [p for p in Counter(labels).items() if p[1] < least], 'pair'),
        (['cat', 'fish'], 'not a function'),
        (lambda labels, least: ['cat', 'fish'], 'least=10'),
        (lambda labels, least: sorted(set(labels))[:2], "You give ['cat', 'cup']"),
        (lambda labels, least: 2, 'this is a int'),
    ]


def split():
    right = {'mugs': 'thing', 'yoga': 'person', 'coins': 'picture', 'street': 'day', 'diary': 'day'}
    return [
        (dict.fromkeys(right, 'picture'), '4 of the five'),
        ({**right, 'mugs': 'picture'}, 'about mugs'),
        ({**right, 'diary': 'person'}, 'about diary'),
        ({**right, 'coins': 'person'}, 'about coins'),
        ({**right, 'yoga': 'thing', 'street': 'picture'}, 'about yoga'),
        ({**right, 'street': 'week'}, "'week'"),
        ({'mugs': 'thing'}, 'Not answered'),
        ('person', 'A dict'),
    ]


def unfair():
    person = lambda name: name.split('_')[0]
    return [
        (lambda train, valid: set(train) & set(valid), 'different files'),
        (lambda train, valid: {person(n) for n in train} | {person(n) for n in valid}, 'everybody'),
        (
            lambda train, valid: {person(n) for n in train} - {person(n) for n in valid},
            'one side only',
        ),
        (
            lambda train, valid: len({person(n) for n in train} & {person(n) for n in valid}),
            'That is a number',
        ),
        (
            lambda train, valid: bool({person(n) for n in train} & {person(n) for n in valid}),
            'Wanted are their names',
        ),
        (lambda train, valid: {'ada', 'ben'}, 'nobody'),
        (
            lambda train, valid: {
                person(a) for a, b in zip(train, valid) if person(a) == person(b)
            },
            'one pair after the other',
        ),
        (
            lambda train, valid: {n[:3] for n in train} & {n[:3] for n in valid},
            'first letters',
        ),
        (lambda train, valid: {person(n) for n in valid if n not in train}, 'You give'),
        (lambda train, valid: {name.name.split('_')[0] for name in train}, 'wants a path'),
    ]


def small():
    return [
        (lambda l, e, s: l * e * s <= 7200, 'one label'),
        (lambda l, e, s: 2 <= l < 8 and e >= 20 and l * e * s <= 7200, 'six labels'),
        (lambda l, e, s: 2 <= l <= 5 and e > 10 and l * e * s <= 7200, '19 pictures'),
        (lambda l, e, s: 'yes', "'yes' came back"),
        (lambda l, e, s: 2 <= l <= 5 and e >= 20, 'five and a half hours'),
        (lambda l, e, s: 2 < l < 5 and e > 20 and l * e * s < 7200, 'limits themselves'),
        (lambda l, e, s: 2 <= l <= 5 and e >= 20 and l * e * s <= 2, 'small enough. Yours says no'),
        (lambda l, e, s: l * e * s, 'True or False is wanted'),
    ]


def wall():
    right = {'cat': 'tree', 'cup': 'tree', 'fish': None, 'house': 'fish', 'tree': 'house'}
    return [
        (dict.fromkeys(right), '4 drawings'),
        ({**right, 'tree': None}, 'Look once more at the trees'),
        ({**right, 'fish': 'cat'}, 'All the fish are fish'),
        ({**right, 'cup': 'cup'}, 'A cup belongs among the cups'),
        ({**right, 'cat': 'house'}, 'not a house'),
        ({**right, 'cat': 'dog'}, "'dog'"),
        ({'cat': 'tree'}, 'Not answered'),
        (['tree'], 'A dict'),
    ]


TRIES = {'06 wall': wall, '06 few': few, '06 split': split, '06 unfair': unfair, '06 small': small}


def right_few():
    import numpy as np
    import pandas as pd
    from collections import Counter

    def with_numpy(labels, least):
        names, counts = np.unique(labels, return_counts=True)
        return names[counts < least]

    def with_pandas(labels, least):
        counts = pd.Series(labels).value_counts()
        return counts[counts < least].index

    return [
        with_numpy,
        with_pandas,
        lambda labels, least: {l for l in labels if labels.count(l) < least},
        lambda labels, least: (l for l, n in Counter(labels).items() if n < least),
        lambda labels, least: {l: n for l, n in Counter(labels).items() if n < least}.keys(),
    ]


def right_split():
    right = {'mugs': 'thing', 'yoga': 'person', 'coins': 'picture', 'street': 'day', 'diary': 'day'}
    return [
        {**right, 'coins': 'thing'},
        dict(sorted(right.items())),
        {name: f' {word.title()}' for name, word in right.items()},
    ]


def right_unfair():
    import numpy as np

    person = lambda name: name.split('_')[0]
    return [
        lambda t, v: sorted({person(n) for n in t if person(n) in {person(m) for m in v}}),
        lambda t, v: np.intersect1d([person(n) for n in t], [person(n) for n in v]),
        lambda t, v: [person(n) for n in t if person(n) in list(map(person, v))],
        lambda t, v: {n.partition('_')[0] for n in t}.intersection(m.split('_')[0] for m in v),
    ]


def right_small():
    import numpy as np
    import torch

    fits = lambda l, e, s: 2 <= l <= 5 and e >= 20 and l * e * s <= 7200
    return [
        lambda *project: np.bool_(fits(*project)),
        lambda *project: torch.tensor(fits(*project)),
        lambda *project: np.array(fits(*project)),
        lambda l, e, s: l in range(2, 6) and not e < 20 and l * e * s / 3600 <= 2,
    ]


def right_wall():
    right = {'cat': 'tree', 'cup': 'tree', 'fish': None, 'house': 'fish', 'tree': 'house'}
    return [
        {**right, 'fish': 'None'},
        {**right, 'fish': ''},
        {name: word and word.upper() for name, word in right.items()},
    ]


RIGHT = {
    '06 wall': right_wall,
    '06 few': right_few,
    '06 split': right_split,
    '06 unfair': right_unfair,
    '06 small': right_small,
}
