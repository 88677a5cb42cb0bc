"Wrong tries at the exercises of lesson 38."

import numpy as np
import torch

SETUP = 'import torch\n'


def how_many():
    return [
        (3, 'not a function'),
        (lambda length, heads: None, 'Nothing comes back'),
        (lambda length, heads: 'many', 'One number'),
        (lambda length, heads: [heads] * length, 'several numbers'),
        (lambda length, heads: heads * length**2, 'every position with every other'),
        (lambda length, heads: heads * length * (length - 1) // 2, '*before* each position'),
        (lambda length, heads: heads * length, 'one look for each'),
        (lambda length, heads: heads * (length - 1), 'All positions look'),
        (lambda length, heads: heads * length**2 / 2, 'Half of the square'),
        (lambda length, heads: heads * (length + 2), '15 looks'),
        (lambda length, heads: length * (length + 1) // 2, 'its own weights'),
        (lambda length, heads: length * (length + 1) // 2 / heads, 'share the looks'),
        (lambda length, heads: (length * (length + 1) // 2) ** heads, 'to the power'),
        (lambda length, heads: 3 * heads * length, 'length=1 and heads=1'),
        (lambda length, heads: length * (length + 1) // 2 + heads - 1, 'length=5 and heads=3'),
    ]


def steps(length):
    return torch.arange(length)[:, None] - torch.arange(length)


def mask(rule):
    "An answer: a function that makes a mask from how many steps back each key is."
    return lambda length, back: rule(steps(length), back)


def window():
    return [
        (3, 'not a function'),
        (lambda length, back: None, 'Nothing comes back'),
        (lambda length, back: [[True] * length] * length, 'A list comes back'),
        (lambda length, back: np.ones((length, length), bool), 'A ndarray comes back'),
        (lambda length, back: back, 'No tensor'),
        (lambda length, back: torch.ones(length, dtype=torch.bool), '(5, 5)'),
        (mask(lambda s, back: ((s >= 0) & (s <= back)).int()), 'numbers are right'),
        (mask(lambda s, back: s), 'A mask holds true and false'),
        (mask(lambda s, back: s >= 0), 'the causal mask'),
        (mask(lambda s, back: s <= back), 'look ahead'),
        (mask(lambda s, back: s.abs() <= back), 'equally far'),
        (mask(lambda s, back: (s >= 0) & (s < back)), 'too few'),
        (mask(lambda s, back: (s > 0) & (s <= back)), 'itself, too'),
        (mask(lambda s, back: (s <= 0) & (s >= -back)), 'wrong way round'),
        (mask(lambda s, back: s > back), 'too far back'),
        (mask(lambda s, back: ~((s >= 0) & (s <= back))), 'swapped'),
        (mask(lambda s, back: (s >= 0) & (s <= back + 1)), 'row 3 should be [0, 1, 1, 1, 0]'),
        (mask(lambda s, back: (s >= 0) & (s <= 2)), 'length=4 and back=1'),
    ]


def with_loops(length, back):
    made = torch.zeros(length, length, dtype=torch.bool)
    for row in range(length):
        made[row, max(0, row - back) : row + 1] = True
    return made


RIGHT = {
    '38 how many': lambda: [
        lambda length, heads: heads * length * (length + 1) / 2,
        lambda length, heads: heads * int(torch.ones(length, length).tril().sum()),
        lambda length, heads: np.int64(heads) * np.arange(length + 1).sum(),
        lambda length, heads: torch.tensor(heads * sum(i + 1 for i in range(length))),
    ],
    '38 window': lambda: [
        with_loops,
        lambda length, back: torch.ones(length, length).tril().triu(-back) == 1,
        lambda length, back: torch.ones(length, length, dtype=torch.bool).tril().triu(-back),
    ],
}
TRIES = {'38 how many': how_many, '38 window': window}
