"Wrong tries at the exercise of the start page."

import numpy as np
import torch

SETUP = ''
TRIES = {
    '00 minutes': lambda: [
        (60, 'one hour'),
        (2, 'hours'),
        ('120', 'text'),
        (119, 'Two have twice as many'),
        (62, 'added'),
    ]
}
RIGHT = {'00 minutes': lambda: [120.0, np.int64(120), np.array(120), 60 + 60, torch.tensor(120)]}
