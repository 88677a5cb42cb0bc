"Wrong tries at the exercise of the start page."

import numpy as np
import torch

SETUP = ''


def names():
    return [
        (lambda n, k: [x for x in n if len(x) >= k], 'exactly six'),
        (lambda n, k: [x for x in n if len(x) < k], 'the short ones'),
        (lambda n, k: [len(x) for x in n if len(x) > k], 'does not hold names'),
        (lambda n, k: sorted(x for x in n if len(x) > k), 'another order'),
        (lambda n, k: sum(len(x) > k for x in n), 'A list of names'),
        (lambda n, k: [x for x in n if len(x) > 6], 'wrong for another'),
        (lambda n, k: n, 'You return'),
        (lambda n, k: max(n, key=len), 'One name'),
        (['watercolour', 'woodblock'], 'not a function'),
    ]


TRIES = {
    '00 minutes': lambda: [
        (60, 'one hour'),
        (2, 'hours'),
        ('120', 'text'),
        (119, 'Two have twice as many'),
        (62, 'added'),
    ],
    '00 names': names,
}
RIGHT = {
    '00 minutes': lambda: [120.0, np.int64(120), np.array(120), torch.tensor(120)],
    '00 names': lambda: [
        lambda n, k: list(filter(lambda x: len(x) > k, n)),
        lambda n, k: np.array(n)[np.array([len(x) for x in n]) > k],
        lambda n, k: tuple(x for x in n if not len(x) <= k),
    ],
}
