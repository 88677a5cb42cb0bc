"Wrong tries at the exercises of lesson 40."

import numpy as np
import torch

SETUP = 'import torch\n'


def numbers():
    return [
        (24, 'not a function'),
        (lambda inputs, outputs, rank: None, 'Nothing comes back'),
        (lambda inputs, outputs, rank: 'few', 'One number'),
        (lambda inputs, outputs, rank: inputs * outputs, 'the weight itself'),
        (lambda inputs, outputs, rank: inputs * rank, 'only A'),
        (lambda inputs, outputs, rank: outputs * rank, 'only B'),
        (lambda inputs, outputs, rank: inputs * outputs * rank, 'should be added'),
        (lambda inputs, outputs, rank: inputs + outputs, 'for rank 1'),
        (lambda inputs, outputs, rank: rank**2, 'you say 4'),
        (lambda inputs, outputs, rank: 24, 'For 7 x 5 and rank 1 it is 12'),
        (lambda inputs, outputs, rank: 12 * rank, 'For 5 x 4'),
        (lambda inputs, outputs, rank: rank * inputs + 10, 'For 7 x 5 and rank 1 it is 12'),
        (lambda inputs, outputs, rank: 2 * inputs * rank, 'if the weight is a square'),
        (lambda inputs, outputs, rank: inputs * rank + rank * outputs + outputs, 'The bias'),
        (lambda inputs, outputs, rank: inputs * rank + outputs, 'you say 19'),
    ]


def learned(ids, spans):
    return torch.tensor([any(a <= i < b for a, b in spans) for i in range(1, len(ids))])


def in_place(ids, spans):
    inside = learned(ids, spans)
    ids[1:][~inside] = -100
    return ids[1:]


def by_slices(ids, spans):
    y = ids.new_full((len(ids),), -100)
    for start, end in spans:
        y[start:end] = ids[start:end]
    return y[1:]


def itself(ids, spans):
    return torch.where(learned(ids, spans), ids[:-1], -100)


def too_early(ids, spans):
    return torch.where(learned(ids, [(a - 1, b) for a, b in spans]), ids[1:], -100)


def too_short(ids, spans):
    return torch.where(learned(ids, [(a, b - 1) for a, b in spans]), ids[1:], -100)


def targets():
    nothing = lambda ids: torch.full_like(ids[1:], -100)
    return [
        (3, 'not a function'),
        (lambda ids, spans: None, 'Nothing comes back'),
        (lambda ids, spans: ids[1:].tolist(), 'A list comes back'),
        (lambda ids, spans: ids.reshape(3, 3), 'stopped with two answers'),
        (lambda ids, spans: ids, 'one is too many'),
        (lambda ids, spans: ids[2:], 'has the shape'),
        (lambda ids, spans: learned(ids, spans), 'torch.bool'),
        (lambda ids, spans: torch.where(learned(ids, spans), ids[1:], 0), 'Take -100'),
        (lambda ids, spans: ids[1:], 'everything is learned'),
        (lambda ids, spans: torch.where(learned(ids, spans), -100, ids[1:]), 'wrong way round'),
        (itself, 'the token itself'),
        (
            lambda ids, spans: torch.where(learned(ids, spans[:1]), ids[1:], -100),
            'Only the first',
        ),
        (lambda ids, spans: torch.where(learned(ids, spans[1:]), ids[1:], -100), 'Only the last'),
        (too_early, 'It should be'),
        (too_short, 'It should be'),
        (lambda ids, spans: nothing(ids), 'It should be'),
        (in_place, 'is changed'),
        (
            lambda ids, spans: (
                torch.where(learned(ids, spans), ids[1:], -100) if spans else ids[1:]
            ),
            'no answer at all',
        ),
        (
            lambda ids, spans: (
                torch.tensor([-100, -100, 13, 14, -100, -100, -100, 18, 19])
                if spans
                else nothing(ids)
            ),
            'In 7, 7, 8, 9',
        ),
    ]


def by_loop(ids, spans):
    y = []
    for i, token in enumerate(ids.tolist()[1:], 1):
        y.append(token if any(start <= i < end for start, end in spans) else -100)
    return torch.tensor(y)


def by_numbers(ids, spans):
    y = ids[1:].clone()
    keep = {i for start, end in spans for i in range(start, end)}
    y[[i for i in range(len(y)) if i + 1 not in keep]] = -100
    return y


RIGHT = {
    '40 numbers': lambda: [
        lambda inputs, outputs, rank: inputs * rank + outputs * rank,
        lambda inputs, outputs, rank: np.int64(rank) * (inputs + outputs),
        lambda inputs, outputs, rank: (
            torch.zeros(inputs, rank).numel() + torch.zeros(rank, outputs).numel()
        ),
    ],
    '40 targets': lambda: [by_loop, by_numbers, by_slices],
}
TRIES = {'40 numbers': numbers, '40 targets': targets}
