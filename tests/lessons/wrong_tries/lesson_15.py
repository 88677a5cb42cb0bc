"Wrong tries at the exercises of lesson 15."

SETUP = ''


def pairs(wild, variant, first=1):
    return [(a, i, b) for i, (a, b) in enumerate(zip(wild, variant), first) if a != b]


def changes():
    return [
        (lambda w, v: [f'{a}{i}{b}' for a, i, b in pairs(w, v, 0)], 'begins at 1'),
        (lambda w, v: [f'{b}{i}{a}' for a, i, b in pairs(w, v)], 'of the wild type'),
        (lambda w, v: ' '.join(f'{a}{i}{b}' for a, i, b in pairs(w, v)), 'That is one text'),
        (lambda w, v: len(pairs(w, v)), 'That is a number'),
        (lambda w, v: [f'{a}{i}{b}' for i, (a, b) in enumerate(zip(w, v), 1)], 'every place'),
        (lambda w, v: [a for a, i, b in pairs(w, v)], 'You return'),
        (lambda w, v: ['T4A', 'G7T'], 'wrong for another'),
        (lambda w, v: None, 'Nothing comes back'),
        ('T4A', 'not a function'),
    ]


def charge():
    up = lambda p: sum(p.upper().count(a) for a in 'KR')
    down = lambda p: sum(p.upper().count(a) for a in 'DE')
    return [
        (up, 'how many are positive'),
        (lambda p: up(p) + down(p), 'are negative'),
        (lambda p: down(p) - up(p), 'wrong way round'),
        (len, 'number of letters'),
        (lambda p: p.count('K') - p.count('D') - p.count('E'), 'Four letters'),
        (lambda p: sum((a in 'KR') - (a in 'DE') for a in p), 'Small letters'),
        (lambda p: 1, 'wrong for another'),
        (lambda p: 9, 'You return 9'),
        (lambda p: None, 'Nothing comes back'),
        (1, 'not a function'),
    ]


def squares(places, true):
    return [sum((a - b) ** 2 for a, b in zip(p, t)) for p, t in zip(places, true)]


def rmsd():
    return [
        (lambda p, t: sum(squares(p, t)) / len(p), 'take the root'),
        (lambda p, t: sum(squares(p, t)), 'sum of the squares'),
        (lambda p, t: sum(squares(p, t)) ** 0.5, 'root of the sum'),
        (lambda p, t: (sum(squares(p, t)) / len(p) / 3) ** 0.5, 'nine numbers'),
        (lambda p, t: sum(s**0.5 for s in squares(p, t)) / len(p), 'mean distance'),
        (lambda p, t: (sum(squares(p, t)) / 3) ** 0.5, 'wrong for others'),
        (lambda p, t: 7, 'You return 7'),
        (lambda p, t: squares(p, t), 'several numbers'),
        (2.08, 'not a function'),
    ]


def shares(cells, by=10_000):
    return [[by * count / max(sum(cell), 1) for count in cell] for cell in cells]


def per_ten_thousand():
    import numpy as np

    return [
        (lambda cells: shares(cells, 1), 'Multiply them'),
        (lambda cells: 1e4 * np.array(cells) / np.array(cells).sum(0), 'sum of each gene'),
        (lambda cells: 1e4 * np.array(cells) / np.array(cells).sum(), 'of all cells'),
        (
            lambda cells: 1e4 * np.array(cells) / np.array(cells).mean(1, keepdims=True),
            'mean of the cell',
        ),
        (lambda cells: shares(cells)[0], 'list of lists'),
        (lambda cells: cells, 'You return'),
        (lambda cells: [[1e4 * n / sum(cell) for n in cell] for cell in cells], 'you divide by it'),
        (lambda cells: None, 'Nothing comes back'),
        (1, 'not a function'),
    ]


TRIES = {
    '15 changes': changes,
    '15 charge': charge,
    '15 rmsd': rmsd,
    '15 per ten thousand': per_ten_thousand,
}


def right_changes():
    import numpy as np

    def by_array(wild, variant):
        w, v = np.array(list(wild)), np.array(list(variant))
        return [f'{w[k]}{k + 1}{v[k]}' for k in np.flatnonzero(w != v)]

    return [
        by_array,
        lambda w, v: [w[i] + str(i + 1) + v[i] for i in range(len(w)) if w[i] != v[i]],
        lambda w, v: tuple(f'{a}{i}{b}' for a, i, b in pairs(w, v)),
    ]


def right_charge():
    from collections import Counter

    values = {'K': 1, 'R': 1, 'D': -1, 'E': -1}

    def by_counter(peptide):
        n = Counter(peptide.upper())
        return n['K'] + n['R'] - n['D'] - n['E']

    return [
        by_counter,
        lambda p: sum(values.get(a, 0) for a in p.upper()),
        lambda p: sum((a in 'KRkr') - (a in 'DEde') for a in p),
    ]


def right_rmsd():
    import math

    import numpy as np
    import torch

    return [
        lambda p, t: np.sqrt(((np.array(p) - np.array(t)) ** 2).sum(1).mean()),
        lambda p, t: math.sqrt(sum(math.dist(a, b) ** 2 for a, b in zip(p, t)) / len(p)),
        lambda p, t: (
            (torch.tensor(p).float() - torch.tensor(t).float()).square().sum(1).mean().sqrt()
        ),
    ]


def right_per_ten_thousand():
    import numpy as np
    import pandas as pd

    def by_table(cells):
        table = pd.DataFrame(cells, dtype=float)
        return table.div(table.sum(axis=1).replace(0, 1), axis=0).mul(10_000).values.tolist()

    return [
        by_table,
        lambda cells: 1e4 * np.array(cells) / np.array(cells).sum(1, keepdims=True).clip(1),
        lambda cells: [[1e4 * n / sum(c) if sum(c) else 0 for n in c] for c in cells],
    ]


RIGHT = {
    '15 changes': right_changes,
    '15 charge': right_charge,
    '15 rmsd': right_rmsd,
    '15 per ten thousand': right_per_ten_thousand,
}
