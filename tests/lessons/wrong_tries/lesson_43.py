"Wrong tries at the exercises of lesson 43."

import math

import numpy as np

SETUP = 'import math\nimport torch\n'


def push():
    return [
        (3, 'not a function'),
        (lambda w, epsilon: None, 'Nothing comes back'),
        (lambda w, epsilon: 'far', 'One number'),
        (lambda w, epsilon: epsilon * w, 'several numbers'),
        (lambda w, epsilon: epsilon * w.sum(), 'cancel out'),
        (lambda w, epsilon: epsilon * w.max(), 'largest weight'),
        (lambda w, epsilon: epsilon * len(w), 'epsilon for each pixel'),
        (lambda w, epsilon: epsilon * w.relu().sum(), 'only pixels with positive'),
        (lambda w, epsilon: epsilon * w.norm(), 'length of the row'),
        (lambda w, epsilon: epsilon * (w**2).sum(), 'square the weights'),
        (lambda w, epsilon: epsilon * w.abs().mean(), 'mean over the pixels'),
        (lambda w, epsilon: w.abs().sum(), 'epsilon = 1'),
        (lambda w, epsilon: -epsilon * w.abs().sum(), 'pushed down'),
        (lambda w, epsilon: 7 * epsilon, 'can rise by 0.8'),
        (lambda w, epsilon: 8 * epsilon, 'For 1 weights'),
    ]


def threshold():
    return [
        (3, 'not a function'),
        (lambda scores, truth, recall: None, 'Nothing comes back'),
        (lambda scores, truth, recall: scores, 'several numbers'),
        (lambda scores, truth, recall: scores[truth].min(), 'all five are found'),
        (lambda scores, truth, recall: 0.6, 'only three of the five'),
        (lambda scores, truth, recall: scores.sort(descending=True).values[6], 'everybody'),
        (lambda scores, truth, recall: scores[truth].max(), 'too high'),
        (lambda scores, truth, recall: scores[truth].quantile(1 - recall), 'between two scores'),
        (lambda scores, truth, recall: 0.5, 'four are found'),
        (lambda scores, truth, recall: 0.55, 'Round the number'),
        (
            lambda scores, truth, recall: (
                scores[truth].sort(descending=True).values[round(recall * truth.sum().item()) - 1]
            ),
            'Round the number',
        ),
        (
            lambda scores, truth, recall: (
                scores[truth].sort(descending=True).values[max(0, int(recall * truth.sum()) - 1)]
            ),
            'Round the number',
        ),
    ]


def by_trying(scores, truth, recall):
    fits = [t for t in scores.tolist() if (scores[truth] >= t).double().mean() >= recall - 1e-9]
    return max(fits)


RIGHT = {
    '43 push': lambda: [
        lambda w, epsilon: epsilon * sum(abs(float(a)) for a in w),
        lambda w, epsilon: (w * epsilon * w.sign()).sum(),
        lambda w, epsilon: np.abs(w.numpy()).sum() * epsilon,
        lambda w, epsilon: (epsilon * w).norm(1),
    ],
    '43 threshold': lambda: [
        by_trying,
        lambda scores, truth, recall: (
            scores[truth].sort().values[math.floor((1 - recall) * truth.sum().item() + 1e-9)]
        ),
        lambda scores, truth, recall: np.sort(scores[truth].numpy())[::-1][
            math.ceil(recall * int(truth.sum()) - 1e-9) - 1
        ],
    ],
}
TRIES = {'43 push': push, '43 threshold': threshold}
