"Wrong tries at the exercises of lesson 10."

import re

from whole_game.fields_text import words_of

SETUP = '''import re
from whole_game.fields_text import words_of
'''
DATE = r'\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])'


def frequency():
    inside = lambda word, texts: [word in words_of(text) for text in texts]
    return [
        (lambda word, texts: sum(inside(word, texts)), 'how many texts'),
        (lambda word, texts: 100 * sum(inside(word, texts)) / len(texts), 'percent'),
        (lambda word, texts: sum(word in t.lower() for t in texts) / len(texts), 'in "steam"'),
        (lambda word, texts: sum(word in t.split() for t in texts) / len(texts), 'small'),
        (lambda w, texts: sum(words_of(t).count(w) for t in texts) / len(texts), 'four times'),
        (lambda word, texts: sum(inside(word, texts)) / 5, 'wrong for four'),
        (lambda word, texts: sum(inside(word, texts)) / len(texts), 'a capital as well'),
        (lambda word, texts: inside(word, texts), 'One number'),
        (lambda word, texts: 0.3, 'You return 0.3'),
        (0.4, 'not a function'),
    ]


def dates():
    every = lambda pattern: lambda text: re.findall(pattern, text)
    return [
        (every(DATE), 'longer number'),
        (every(r'\b\d+-\d+-\d+\b'), 'longer number'),
        (every(r'\b\d{4}-\d\d-\d\d\b'), 'month 13'),
        (every(r'\b\d{4}-(?:0\d|1[0-2])-(?:0[1-9]|[12]\d|3[01])\b'), 'month 00'),
        (every(r'\b\d{4}-(?:0[1-9]|1[0-2])-[0-3]\d\b'), 'day 32'),
        (every(r'\b\d{4}-(?:0[1-9]|1[0-2])-(?:[0-2]\d|3[01])\b'), 'day 00'),
        (every(r'\b\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])\b'), 'pieces of dates'),
        (every(r'\b2\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])\b'), 'too narrow'),
        (every(rf'\b{DATE}\b'.replace('-(', '.(')), 'other signs'),
        (lambda text: re.search(rf'\b{DATE}\b', text), 'return Match'),
        (lambda text: re.findall(rf'\b{DATE}\b', text)[:1], 'you return one'),
        (lambda text: list(re.finditer(rf'\b{DATE}\b', text)), 'match objects'),
        (lambda text: ' '.join(re.findall(rf'\b{DATE}\b', text)), 'one text'),
        (lambda text: sorted(re.findall(rf'\b{DATE}\b', text), reverse=True), 'in order'),
        ('2016-05-01', 'not a function'),
    ]


def first():
    hits = lambda rankings, wanted, k: [w in r[:k] for r, w in zip(rankings, wanted)]
    return [
        (lambda r, w, k: sum(hits(r, w, k)), 'how many queries'),
        (lambda r, w, k: 100 * sum(hits(r, w, k)) / len(w), 'percent'),
        (lambda r, w, k: sum(hits(r, w, k + 1)) / len(w), 'first three'),
        (lambda r, w, k: sum(hits(r, w, k - 1)) / len(w), 'index k - 1'),
        (lambda r, w, k: sum(hits(r, w, k)) / len(r[0]), 'how many articles'),
        (lambda r, w, k: sum(hits(r, w, 2)) / len(w), 'Is there a 2'),
        (lambda r, w, k: sum(w[0] in row[:k] for row in r) / len(r), 'own right article'),
        (lambda r, w, k: sum(hits(r, w, k)) / 5, 'wrong for two'),
        (lambda r, w, k: hits(r, w, k), 'One number'),
        (0.4, 'not a function'),
    ]


TRIES = {'10 document frequency': frequency, '10 dates': dates, '10 in first': first}


def right_frequency():
    import numpy as np
    import pandas as pd
    import torch

    low = lambda word, texts: [word.lower() in set(words_of(text)) for text in texts]
    return [
        lambda word, texts: np.mean(low(word, texts)),
        lambda word, texts: torch.tensor(low(word, texts)).float().mean(),
        lambda word, texts: pd.Series(texts).map(words_of).map(lambda w: word.lower() in w).mean(),
        lambda word, texts: np.float32(sum(low(word, texts)) / len(texts)),
    ]


def right_dates():
    def by_split(text):
        words = [word.strip('.,') for word in text.split()]
        return [word for word in words if re.fullmatch(DATE, word)]

    return [
        by_split,
        lambda text: tuple(re.findall(rf'\b{DATE}\b', text)),
        lambda text: [found.group() for found in re.finditer(rf'(?<!\d){DATE}(?!\d)', text)],
        lambda text: re.compile(rf'\b{DATE}\b', re.ASCII).findall(text),
    ]


def right_first():
    import numpy as np
    import torch

    places = lambda rankings, wanted: [r.index(w) for r, w in zip(rankings, wanted)]
    return [
        lambda r, w, k: np.mean([place < k for place in places(r, w)]),
        lambda r, w, k: torch.tensor(places(r, w)).lt(k).float().mean(),
        lambda r, w, k: sum(len(set(row[:k]) & {one}) for row, one in zip(r, w)) / len(r),
        lambda r, w, k: np.float32(np.mean(np.array(places(r, w)) < k)),
    ]


RIGHT = {
    '10 document frequency': right_frequency,
    '10 dates': right_dates,
    '10 in first': right_first,
}
