"Wrong tries at the exercises of lesson 39."

import numpy as np
import torch

SETUP = 'import torch\n'
INF = float('inf')


def per_character():
    return [
        (3, 'not a function'),
        (lambda loss, tokens, characters: None, 'Nothing comes back'),
        (lambda loss, tokens, characters: 'few', 'One number'),
        (lambda loss, tokens, characters: loss, 'still the loss for a token'),
        (lambda loss, tokens, characters: loss * characters / tokens, 'should cost less'),
        (lambda loss, tokens, characters: loss * tokens, 'whole text costs'),
        (lambda loss, tokens, characters: loss / characters, 'one token among all'),
        (lambda loss, tokens, characters: tokens / characters, 'how many tokens a character is'),
        (lambda loss, tokens, characters: loss / tokens, 'and it is 1.2'),
        (lambda loss, tokens, characters: 1.2, 'For 2 nats'),
        (lambda loss, tokens, characters: loss * 0.4, '40 tokens'),
        (lambda loss, tokens, characters: loss * tokens / 250, '300 characters'),
    ]


def kept(logits, k, other=-INF):
    return torch.where(logits >= logits.topk(k).values[..., -1:], logits, other)


def in_place(logits, k):
    logits[logits < logits.topk(k).values[..., -1:]] = -INF
    return logits


def best_few():
    return [
        (3, 'not a function'),
        (lambda logits, k: None, 'Nothing comes back'),
        (lambda logits, k: logits.tolist(), 'A list comes back'),
        (lambda logits, k: logits.reshape(3, 3), 'stopped with a single row'),
        (lambda logits, k: logits.topk(k).values, 'Only the largest two'),
        (lambda logits, k: logits[None].repeat(2, 1), 'of shape (2, 5)'),
        (lambda logits, k: logits >= logits.topk(k).values[..., -1:], 'true and false'),
        (lambda logits, k: kept(logits, k, 0.0), 'still has a probability'),
        (
            lambda logits, k: logits.masked_fill(logits >= logits.topk(k).values[..., -1:], -INF),
            'wrong way round',
        ),
        (lambda logits, k: kept(logits, k, INF), 'plus infinity'),
        (
            lambda logits, k: logits.masked_fill(logits <= logits.topk(k).values[..., -1:], -INF),
            'only one is left',
        ),
        (lambda logits, k: kept(logits, k).softmax(-1), 'Softmax comes later'),
        (lambda logits, k: kept(logits, k + 1), 'Yours leaves 3'),
        (lambda logits, k: -kept(-logits, k, INF), 'should stay. Yours is'),
        (in_place, 'are changed, too'),
        (
            lambda logits, k: logits.masked_fill(logits < logits.topk(k).values[-1], -INF),
            'With two rows',
        ),
        (
            lambda logits, k: torch.where(
                logits >= logits.flatten().topk(k).values[-1], logits, -INF
            ),
            'each should keep its own',
        ),
        (lambda logits, k: kept(logits, 2), 'all of them should stay'),
    ]


def by_sorting(logits, k):
    order = logits.argsort(-1, descending=True)
    result = torch.full_like(logits, -INF)
    best = order[..., :k]
    return result.scatter(-1, best, logits.gather(-1, best))


def one_by_one(logits, k):
    if logits.ndim > 1:
        return torch.stack([one_by_one(row, k) for row in logits])
    best = sorted(range(len(logits)), key=lambda i: -logits[i])[:k]
    return torch.tensor([x if i in best else -INF for i, x in enumerate(logits.tolist())])


RIGHT = {
    '39 per character': lambda: [
        lambda loss, tokens, characters: loss / (characters / tokens),
        lambda loss, tokens, characters: np.float32(tokens / characters * loss),
        lambda loss, tokens, characters: torch.tensor(loss) * tokens / characters,
    ],
    '39 best few': lambda: [kept, by_sorting, one_by_one],
}
TRIES = {'39 per character': per_character, '39 best few': best_few}
