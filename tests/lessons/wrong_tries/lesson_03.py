"Wrong tries at the exercises of lesson 3."

import random

import numpy as np
import torch
from sklearn.model_selection import GroupShuffleSplit

SETUP = 'import numpy as np\nimport torch\nimport matplotlib.pyplot as plt\n'


def curve():
    return [
        ('more data', 'not a dictionary'),
        ({'A': 'more data'}, 'No advice for B, C'),
        ({'A': 'data', 'B': 'data', 'C': 'data'}, 'none of the three'),
        ({'A': 'hold it back', 'B': 'better model', 'C': 'more data'}, 'Look at A'),
        ({'A': 'more data', 'B': 'more data', 'C': 'more data'}, 'Look at B'),
        ({'A': 'more data', 'B': 'better model', 'C': 'better model'}, 'Look at C'),
    ]


def group():
    def drawn(groups, share, seed):
        names = np.unique(groups)
        return np.random.default_rng(seed).choice(names, round(len(names) * share), replace=False)

    return [
        (
            lambda g, share, seed: np.random.default_rng(seed).choice(
                len(g), round(len(g) * share), replace=False
            ),
            'both sides',
        ),
        (drawn, 'names of groups'),
        (lambda g, share, seed: np.isin(g, drawn(g, share, seed)), 'yes or no'),
        (lambda g, share, seed: np.flatnonzero(np.isin(g, drawn(g, share, 1))), 'Every seed'),
        (lambda g, share, seed: np.flatnonzero(np.isin(g, np.unique(g)[:1])), 'groups you take 1;'),
        (lambda g, share, seed: [], 'No row'),
        (lambda g, share, seed: np.arange(len(g)), 'Every row'),
        (
            lambda g, share, seed: np.flatnonzero(
                np.isin(g, np.random.default_rng().choice(np.unique(g), 5, replace=False))
            ),
            'second time',
        ),
        (3, 'not a function'),
        (
            lambda g, share, seed: np.flatnonzero(
                np.isin(
                    g,
                    np.random.default_rng(seed).choice(
                        g, round(len(np.unique(g)) * share), replace=False
                    ),
                )
            ),
            'a share of',
        ),
        (
            lambda g, share, seed: np.flatnonzero(
                np.isin(
                    g, np.random.default_rng(seed).choice(np.unique(g), round(len(set(g)) * share))
                )
            ),
            'a share of 0.',
        ),
        (
            lambda g, share, seed: np.flatnonzero(
                np.isin(g, np.random.default_rng(seed).choice(np.unique(g), 5, replace=False))
            ),
            'Of 30 groups you take 5',
        ),
        (
            lambda g, share, seed: np.concatenate(
                [np.flatnonzero(g == name) for name in drawn(g, share, seed)] * 2
            ),
            'more than once',
        ),
    ]


CASES = ['too high', 'too low', 'overfitting', 'healthy']


def ask_in_turn(t, v, guess):
    return [t[-1] > 2 * guess, t[-1] >= 0.9 * t[0], v[-1] >= 1.1 * min(v), True]


def with_random(groups, share, seed):
    names = sorted(set(groups.tolist()))
    drawn = random.Random(seed).sample(names, int(share * len(names)))
    return [row for row, name in enumerate(groups) if name in drawn]


def name():
    def asks(**own):  # The right questions but for one
        def name_curve(t, v, guess):
            questions = dict(zip(CASES, ask_in_turn(t, v, guess)))
            for case, question in own.items():
                questions[case.replace('_', ' ')] = question(t, v, guess)
            return next(case for case in CASES if questions[case])

        return name_curve

    return [
        (asks(overfitting=lambda t, v, guess: v[-1] > min(v)), '0.62], guessing 2.3: you say'),
        (asks(overfitting=lambda t, v, guess: v[-1] >= 1.1 * v[0]), '1.0], guessing 2.3: you say'),
        (asks(too_high=lambda t, v, guess: v[-1] > 2 * guess), '3.2], guessing 2.3: you say'),
        (asks(too_low=lambda t, v, guess: v[-1] >= 0.9 * v[0]), '2.4], guessing 2.3: you say'),
        (asks(too_high=lambda t, v, guess: max(t) > 2 * guess), '0.6], guessing 2.3: you say'),
        (lambda t, v, guess: 'healthy', 'every curve'),
        (lambda t, v, guess: 'good', 'none of the four'),
        ('healthy', 'not a function'),
        (lambda t, v, guess: 'overfitting' if v[-1] > min(v) else 'healthy', "it is 'too high'"),
        (lambda t, v, guess: 'too high' if t[-1] > 2 * guess else 'healthy', "it is 'too low'"),
        (
            lambda t, v, guess: (
                'too high' if t[-1] > 2 * guess else 'too low' if t[-1] > 0.9 * t[0] else 'healthy'
            ),
            "it is 'overfitting'",
        ),
        (
            lambda t, v, guess: (
                'too high'
                if t[-1] > 2 * guess
                else 'too low'
                if t[-1] > 0.9 * t[0]
                else 'overfitting'
            ),
            "it is 'healthy'",
        ),
    ]


RIGHT = {
    '03 curve': lambda: [
        dict(C='hold it back', B='better model', A='more data'),
        {
            np.str_(k): np.str_(v)
            for k, v in zip('ABC', ['more data', 'better model', 'hold it back'])
        },
        {**{k: 'better model' for k in 'ABC'}, 'A': 'more data', 'C': 'hold it back'},
    ],
    '03 group': lambda: [
        lambda g, share, seed: with_random(g, share, seed),
        lambda g, share, seed: set(with_random(g, share, seed)),
        lambda g, share, seed: torch.tensor(with_random(g, share, seed)),
        lambda g, share, seed: next(
            GroupShuffleSplit(1, test_size=share, random_state=seed).split(g, groups=g)
        )[1],
    ],
    '03 name': lambda: [
        lambda t, v, guess: CASES[ask_in_turn(t, v, guess).index(True)],
        lambda t, v, guess: np.str_(CASES[np.argmax(ask_in_turn(t, v, guess))]),
        lambda t, v, guess: next(
            case
            for case, yes in zip(CASES, ask_in_turn(torch.tensor(t), torch.tensor(v), guess))
            if yes
        ),
    ],
}
TRIES = {'03 curve': curve, '03 group': group, '03 name': name}
