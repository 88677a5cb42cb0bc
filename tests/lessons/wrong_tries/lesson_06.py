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


def groups_of(people, rounds):
    return [people[i::rounds] for i in range(rounds)]


def planned(people, groups):
    return [([p for p in people if p not in group], group) for group in groups]


def turns():
    six = ['ada', 'ben', 'chen', 'dana', 'emre', 'noor']

    def cut(people, n):  # What is left over when `n` do not divide them is lost
        size = len(people) // n
        return [people[i * size : (i + 1) * size] for i in range(n)]

    def rest_in_last(people, n):
        return cut(people, n)[:-1] + [people[(n - 1) * (len(people) // n) :]]

    def at_random(people, n):
        import random

        dice = random.Random(0)
        return [dice.sample(people, len(people) // n) for _ in range(n)]

    return [
        (lambda p, n: [(p, group) for group in groups_of(p, n)], 'has learned from ada'),
        (lambda p, n: groups_of(p, n), 'one group'),
        (lambda p, n: [(group, t) for t, group in planned(p, groups_of(p, n))], 'changed places'),
        (lambda p, n: [(group[:-1], group[-1]) for group in groups_of(p, n)], 'a name alone'),
        (lambda p, n: planned(p, at_random(p, n)), 'Everybody should be, once'),
        (lambda p, n: planned(p, cut(p, n)), 'In no round is mika judged'),
        (lambda p, n: planned(p, rest_in_last(p, n)), 'judge 2, 2, 4 people'),
        (lambda p, n: planned(p, groups_of(p, 3)), '5 rounds are asked for'),
        (lambda p, n: planned(six, groups_of(six, 3)), 'not on the list of people'),
        (lambda p, n: planned(p, [p, [], []]), 'judge 6, 0, 0'),
        (lambda p, n: planned(p, [p[i : i + 2] + p[:1] for i in (0, 2, 4)]), 'ada is judged 4'),
        (
            lambda p, n: [(groups_of(p, n)[i - 1], groups_of(p, n)[i]) for i in range(n)],
            'neither teaches nor is judged',
        ),
        (lambda p, n: planned(p, groups_of(p, n))[0], 'pair of one round'),
        (lambda p, n: {p[0]: p[1:]}, 'A list of pairs'),
        (lambda p, n: n, 'two lists of names'),
        (six, 'not a function'),
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


TRIES = {'06 wall': wall, '06 few': few, '06 split': split, '06 unfair': unfair, '06 turns': turns}


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


def right_turns():
    import numpy as np
    import random

    def shuffled(people, rounds):
        random.shuffle(people)
        return planned(people, groups_of(people, rounds))

    def one_by_one(people, rounds):
        "Deals people out like cards; hands the rounds out one after another."
        hands = [set() for _ in range(rounds)]
        while people_left := [p for p in people if not any(p in hand for hand in hands)]:
            min(hands, key=len).add(people_left[0])
        for hand in hands:
            yield set(people) - hand, hand

    return [
        shuffled,
        one_by_one,
        lambda people, rounds: planned(people, np.array_split(people, rounds)),
        lambda people, rounds: tuple(
            (np.setdiff1d(people, group), tuple(group)) for group in groups_of(people, rounds)
        ),
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
    '06 turns': right_turns,
}
