"Wrong tries at the exercises of lesson 52."

SETUP = ''
VERDICTS = {
    'a': 'measured',
    'b': 'too few',
    'c': 'nobody asked',
    'd': 'measured',
    'e': 'wrong',
    'f': 'wrong',
}
GOOD = (
    "Of 100 pictures 86 were right. In Ben's kitchen it is weakest: 38 of 50. Of the 60 answers it"
    ' was surest of, 3 were wrong. It has never seen vases, and noticed 6 of 40. Do not use it in a'
    ' shop.'
)


def claims():
    return [
        ('measured', 'A dict is wanted'),
        ({'a': 'measured'}, 'Not answered: b, c, d, e, f'),
        (VERDICTS | {'c': ..., 'e': ...}, 'left at c, e'),
        (VERDICTS | {'c': 'no'}, 'none of the four verdicts'),
        (dict.fromkeys(VERDICTS, 'measured'), 'All six the same'),
        (VERDICTS | {'b': 'measured'}, 'Read b again.'),
        (VERDICTS | {'b': 'measured', 'c': 'wrong'}, '1 more'),
        (VERDICTS | {'f': 'nobody asked'}, 'Read f again.'),
    ]


def share(groups, name):
    return groups[name][0] / groups[name][1]


def weakest():
    return [
        (3, 'not a function'),
        (lambda groups, least: None, 'Nothing comes back'),
        (lambda groups, least: 0.76, 'That is a number'),
        (lambda groups, least: min(groups, key=lambda g: share(groups, g)), 'hardly a measurement'),
        (
            lambda groups, least: min(
                (g for g in groups if groups[g][1] >= least), key=lambda g: groups[g][0]
            ),
            'fewest right answers',
        ),
        (
            lambda groups, least: max(
                (g for g in groups if groups[g][1] >= least), key=lambda g: share(groups, g)
            ),
            'strongest',
        ),
        (
            lambda groups, least: min(
                (g for g in groups if groups[g][1] > least),
                key=lambda g: share(groups, g),
                default=None,
            ),
            'exactly',
        ),
        (
            lambda groups, least: min(
                (g for g in groups if groups[g][1] >= 10), key=lambda g: share(groups, g)
            ),
            'With least=3',
        ),
        (
            lambda groups, least: min(
                (g for g in groups if groups[g][1] >= least), key=lambda g: share(groups, g)
            ),
            'None is wanted',
        ),
        (
            lambda groups, least: min(
                (g for g in groups if groups[g][1] >= least),
                key=lambda g: share(groups, g),
                default='',
            ),
            'No group has 100',
        ),
        (lambda groups, least: ('Ben', 0.76), 'Return the name alone'),
        (lambda groups, least: 'Zoe', 'Ben is the weakest'),
    ]


def paragraph():
    return [
        (86, 'A text is wanted'),
        ('86 of 100', 'hardly a paragraph'),
        (GOOD.replace('86', '90'), '90 of 100 was not measured'),
        (GOOD.replace('38 of 50', '40 of 50'), '40 of 50 was not measured'),
        (
            GOOD.replace('Of 100 pictures 86 were right', '86 % were right'),
            'were right of how many',
        ),
        (GOOD.replace("Ben's kitchen", 'one kitchen'), 'does not name the group'),
        (GOOD.replace(': 38 of 50', ''), "names Ben's kitchen"),
        (GOOD.replace(' Of the 60 answers it was surest of, 3 were wrong.', ''), 'when it is sure'),
        (GOOD.replace('Of the 60 answers it was surest of, 3', 'When sure, few'), 'surest answers'),
        (
            GOOD.replace(' It has never seen vases, and noticed 6 of 40.', ''),
            'things that it has never seen',
        ),
        (GOOD.replace(', and noticed 6 of 40', ''), 'where it notices fewest'),
        (GOOD.replace(' Do not use it in a shop.', ''), 'nobody should use it for'),
        (GOOD + ' It is perfect.', '"perfect" is more'),
        (GOOD + ' It always works.', '"always" is more'),
        (GOOD + ' In the office it is right in 100 % of all cases.', '100 %'),
        (GOOD + ' With my mother, 19 of 20 were right.', '19 of 20 was not measured'),
        (GOOD + ' That is 83 % of them.', '83 % was not measured'),
    ]


def by_hand(groups, least):
    found, smallest = None, 2
    for name in groups:
        if groups[name][1] >= least and share(groups, name) < smallest:
            found, smallest = name, share(groups, name)
    return found


RIGHT = {
    '52 claims': lambda: [
        VERDICTS,
        {k: v.upper() for k, v in VERDICTS.items()},
        VERDICTS | {'g': 'measured'},
    ],
    '52 weakest': lambda: [
        by_hand,
        lambda groups, least: next(
            iter(
                sorted(
                    (g for g, (_, n) in groups.items() if n >= least),
                    key=lambda g: share(groups, g),
                )
            ),
            None,
        ),
        lambda groups, least: min(
            [(r / n, g) for g, (r, n) in groups.items() if n >= least] or [(0, None)]
        )[1],
    ],
    '52 paragraph': lambda: [
        GOOD,
        GOOD.split('. '),
        GOOD.replace("Ben's", 'Ben’s'),
        "We tested 100 photos: 86 hits, 14 misses. Ada's kitchen went well (48 of 50), Ben's badly"
        ' (12 of 50 wrong). Of its 60 most confident answers three were wrong. Shown 40 vases, it'
        " noticed six. Don't sort recycling with it.",
        'Fourteen of the hundred pictures were named wrongly. It is not perfect. Ben’s kitchen is'
        ' the worst place: twelve of fifty wrong (24 %), against 4 % in Ada’s. When it is'
        ' confident, 57 of 60 are right, 95 %. Vases are strangers to it: 34 of the 40 got a wrong'
        " name. It isn't meant for blind people who sort glass.",
        "86/100 right, that is between 78 and 91 % in truth. Ben's kitchen 38/50. Its surest"
        ' answers: 57/60. Unknown things such as vases: 6/40 noticed. Please do not rely on it in'
        ' a museum.',
        "It read 86 % of 100 pictures, nearly nine in ten. Ben's kitchen: 76 % of 50. Surest: 95 %"
        ' of 60. Vases, which it has not seen, it notices in 15 % of 40 cases. Nobody must trust it'
        ' with crystal; it is unsuitable for that.',
    ],
}
TRIES = {'52 claims': claims, '52 weakest': weakest, '52 paragraph': paragraph}
