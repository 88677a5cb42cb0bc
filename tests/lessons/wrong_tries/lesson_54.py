"Wrong tries at the exercises of lesson 54."

import numpy as np

from whole_game.go_on import SCRIPT

SETUP = ''
LINES = 'import torch\npreds, y = torch.zeros(4, 3), torch.zeros(4, 1).long()\n'
ERROR = '0D or 1D target tensor expected, multi-target not supported'


def fair():
    return [
        ('0.94', 'One number'),
        ([5.18, 4.24], 'several numbers'),
        (5.53 - 4.24, 'first column'),
        (5.18 - 4.68, 'second column'),
        (5.53 - 5.18, 'to one of the two'),
        (5.53 - 4.68, 'suits them least'),
        ((5.53 + 5.18 - 4.24 - 4.68) / 2, 'mean of both columns'),
        (0.94 / 5.18, 'nothing divided'),
        (4.24, 'no difference'),
        (0, 'no difference'),
    ]


def breaks():
    return [
        ('True', 'A list'),
        ({True}, 'no order'),
        ([], 'empty'),
        ([True, True, False], 'that is right'),
        ([False], 'that is right'),
        ([True, 'no'], 'Only True and False'),
        ([3, 0], 'Only True and False'),
        ([True, True, True, False], 'that is right'),
    ]


def smallest():
    return [
        (3, 'three quotes'),
        ('', 'begin to cut'),
        (SCRIPT, 'it needs data'),
        ('import torch\ntorch.zeros(', 'cannot read it'),
        (f'raise RuntimeError({ERROR!r})', 'yourself'),
        (f'(i for i in [1]).throw(RuntimeError({ERROR!r}))', 'Plain lines'),
        (LINES, 'without any error'),
        ('loss_func(model(x), y)', 'still needed'),
        (LINES + 'torch.nn.functional.cross_entropy(preds.T, y)', 'another error'),
        (LINES + 'preds @ y', 'another error'),
        (
            LINES + 'a = 1\nb = 2\nc = 3\nd = 4\ntorch.nn.functional.cross_entropy(preds, y)',
            'in 7 statements',
        ),
        (
            LINES + 'for _ in range(2):\n    if True:\n        if True:\n            a = 1\n'
            '            b = 2\n'
            '            torch.nn.functional.cross_entropy(preds, y)',
            'in 8 statements',
        ),
        (
            'import torch\ntorch.nn.functional.cross_entropy(torch.zeros(4, 3),'
            + ' ' * 80
            + 'torch.zeros(4, 1).long())',
            'characters',
        ),
    ]


RIGHT = {
    '54 fair': lambda: [0.94, 0.0094, 4.24 - 5.18, np.float64(0.94), 0.93999],
    '54 breaks': lambda: [
        [True],
        [False, True],
        [1, 0, 1, 1],
        (True, False, True, True),
        np.array([False, True, True]),
    ],
    '54 smallest': lambda: [
        LINES + 'torch.nn.functional.cross_entropy(preds, y)',
        'import torch\n\n# both are zeros\nloss_func = torch.nn.CrossEntropyLoss()\n'
        'loss_func(torch.zeros(2, 5), torch.tensor([[1], [2]]))',
        '    import torch\n    from torch import nn\n    model = nn.Linear(13, 3)\n'
        '    x, y = torch.rand(20, 13), torch.randint(3, (20, 1))\n'
        '    loss = nn.CrossEntropyLoss()(model(x), y)\n',
    ],
}
TRIES = {'54 fair': fair, '54 breaks': breaks, '54 smallest': smallest}
