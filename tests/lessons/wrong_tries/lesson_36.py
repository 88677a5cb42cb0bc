"Wrong tries at the exercises of lesson 36."

import numpy as np
import torch
from torch import nn

SETUP = '''import torch
from torch import nn
'''


def parameters():
    return [
        (3, 'not a function'),
        (lambda people, things, width: None, 'Nothing comes back'),
        (lambda people, things, width: 'many', 'One number'),
        (lambda people, things, width: (people + things) * width, 'two tables with rows'),
        (lambda people, things, width: people + things, 'Those are the biases'),
        (lambda people, things, width: (people + things) * width + 1, 'Only one bias'),
        (lambda people, things, width: (people + things) * width + 2, 'not each table'),
        (lambda people, things, width: people * things * width, 'times width'),
        (lambda people, things, width: people * things, 'one number for each'),
        (lambda people, things, width: people * width, 'rows of the people'),
        (lambda people, things, width: people + things + width, 'You add the width'),
        (lambda people, things, width: 99, 'there are 56'),
        (lambda people, things, width: 56, 'Right for 10, 4 and 3'),
    ]


def unit(rows):
    return rows / rows.norm(dim=1, keepdim=True)


def right(rows):
    return int((unit(rows) @ unit(rows).T).sum(1).argmin())


def by_closest(rows):
    alike = unit(rows) @ unit(rows).T - 2 * torch.eye(len(rows))
    return alike.max(1).values.argmin()


def odd():
    return [
        (3, 'not a function'),
        (lambda rows: None, 'Nothing comes back'),
        (lambda rows: rows @ rows, 'stopped at a table'),
        (lambda rows: (unit(rows) @ unit(rows).T).sum(1), 'A tensor of 4 numbers'),
        (lambda rows: (unit(rows) @ unit(rows).T).sum(1).min(), 'no whole number'),
        (lambda rows: 'green', 'a whole number'),
        (lambda rows: 4, 'from 0 to 3'),
        (
            lambda rows: (unit(rows) @ unit(rows).T - 2 * torch.eye(len(rows))).argmin(),
            'Add up each row first',
        ),
        (by_closest, 'of 5 rows'),
        (lambda rows: (unit(rows) @ unit(rows).T).sum(1).argmax(), 'most'),
        (lambda rows: (rows @ rows.T).sum(1).argmin(), 'the row that is short'),
        (lambda rows: 0, 'points elsewhere'),
        (lambda rows: 1, 'Right for four rows'),
    ]


def one_by_one(rows):
    each = [sum(float(nn.functional.cosine_similarity(a, b, dim=0)) for b in rows) for a in rows]
    return each.index(min(each))


RIGHT = {
    '36 parameters': lambda: [
        lambda people, things, width: people * width + things * width + people + things,
        lambda people, things, width: np.int64((people + things) * (width + 1)),
        lambda people, things, width: torch.tensor((people + things) * (1 + width)),
    ],
    '36 odd': lambda: [
        one_by_one,
        lambda rows: (unit(rows) @ unit(rows).sum(0)).argmin(),
        lambda rows: np.argmin((unit(rows) @ unit(rows).T).numpy().sum(1)),
    ],
}
TRIES = {'36 parameters': parameters, '36 odd': odd}
