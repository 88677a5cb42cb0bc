"Wrong tries at the exercises of lesson 3."

import numpy as np

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
        (lambda g, share, seed: np.isin(g, drawn(g, share, seed)), 'yes and no'),
        (lambda g, share, seed: np.flatnonzero(np.isin(g, drawn(g, share, 1))), 'Every seed'),
        (lambda g, share, seed: np.flatnonzero(np.isin(g, np.unique(g)[:1])), 'you keep back 1'),
        (lambda g, share, seed: [], 'No row'),
        (lambda g, share, seed: np.arange(len(g)), 'Every row'),
        (
            lambda g, share, seed: np.flatnonzero(
                np.isin(g, np.random.default_rng().choice(np.unique(g), 5, replace=False))
            ),
            'second time',
        ),
        (3, 'not a function'),
    ]


def ranking():
    top = lambda losses, k: np.argsort(-losses)[:k]
    return [
        (lambda losses, wrong, k: wrong[np.argsort(losses)[:k]].mean(), 'smallest'),
        (lambda losses, wrong, k: wrong[top(losses, k)].sum(), 'That counts'),
        (lambda losses, wrong, k: wrong[:k].mean(), 'all rows'),
        (lambda losses, wrong, k: wrong[top(losses, k)], 'single number'),
        (lambda losses, wrong, k: wrong[top(losses, 4)].mean(), 'wrong for two'),
        (0.75, 'not a function'),
        (lambda losses, wrong, k: wrong[top(losses, 3)].mean(), 'so 0.75'),
    ]


def name():
    return [
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


TRIES = {'03 curve': curve, '03 group': group, '03 list': ranking, '03 name': name}
