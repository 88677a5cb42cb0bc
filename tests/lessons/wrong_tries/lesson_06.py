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
    ]


def split():
    right = {'mugs': 'thing', 'yoga': 'person', 'coins': 'picture', 'street': 'day', 'diary': 'day'}
    return [
        (dict.fromkeys(right, 'picture'), '4 of the five'),
        ({**right, 'mugs': 'picture'}, 'about mugs'),
        ({**right, 'diary': 'person'}, 'about diary'),
        ({**right, 'coins': 'thing'}, 'about coins'),
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
        (lambda train, valid: {name.name.split('_')[0] for name in train}, 'wants a path'),
    ]


def small():
    return [
        (lambda l, e, s: l * e * s <= 7200, 'one label'),
        (lambda l, e, s: l >= 2 and e >= 20 and l * e * s <= 7200, 'twelve labels'),
        (lambda l, e, s: 2 <= l <= 5 and l * e * s <= 7200, '8 pictures'),
        (lambda l, e, s: 2 <= l <= 5 and e >= 20, 'five and a half hours'),
        (lambda l, e, s: 2 < l < 5 and e > 20 and l * e * s < 7200, 'limits themselves'),
        (lambda l, e, s: 2 <= l <= 5 and e >= 20 and l * e * s <= 2, 'small enough. Yours says no'),
        (lambda l, e, s: l * e * s, 'True or False is wanted'),
    ]


TRIES = {'06 few': few, '06 split': split, '06 unfair': unfair, '06 small': small}
