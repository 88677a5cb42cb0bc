"Wrong tries at the exercises of lesson 44."

import numpy as np
import torch

SETUP = '''from whole_game.own.learner import DataLoader
'''


def steps():
    return [
        (72, 'not a function'),
        (lambda items, bs, epochs, drop_last: None, 'Nothing comes back'),
        (lambda items, bs, epochs, drop_last: (1, 2), 'One number is asked for'),
        (
            lambda items, bs, epochs, drop_last: items // bs if drop_last else -(-items // bs),
            'That is one epoch',
        ),
        (
            lambda items, bs, epochs, drop_last: (
                epochs * (-(-items // bs) if drop_last else items // bs)
            ),
            'is left out',
        ),
        (lambda items, bs, epochs, drop_last: epochs * (items // bs), 'a last batch counts'),
        (
            lambda items, bs, epochs, drop_last: epochs * (items // bs + (not drop_last)),
            'When the last batch is full',
        ),
        (
            lambda items, bs, epochs, drop_last: epochs * (-(-items // bs) - drop_last),
            'it stays',
        ),
        (lambda items, bs, epochs, drop_last: epochs * items / bs, 'whole numbers'),
        (
            lambda items, bs, epochs, drop_last: (
                epochs * (items // bs) if drop_last else -(-epochs * items // bs)
            ),
            'round first',
        ),
        (lambda items, bs, epochs, drop_last: 69 if drop_last else 72, 'it should be'),
    ]


def full():
    from whole_game.own.learner import DataLoader

    class NotYet(DataLoader):
        def __len__(self): ...

        def __iter__(self): ...

    class Right(DataLoader):
        def __len__(self):
            return len(self.dataset) // self.bs

        def __iter__(self):
            for xb, yb in super().__iter__():
                if len(yb) == self.bs:
                    yield xb, yb

    class NoLength(DataLoader):
        def __iter__(self):
            for xb, yb in super().__iter__():
                if len(yb) == self.bs:
                    yield xb, yb

    class OnlyLength(DataLoader):
        def __len__(self):
            return len(self.dataset) // self.bs

    class AlwaysOneLess(Right):
        def __iter__(self):
            yield from list(DataLoader.__iter__(self))[:-1]

    class NoLabels(Right):
        def __iter__(self):
            for xb, _ in super().__iter__():
                yield xb

    class OneTooFew(Right):
        def __len__(self):
            return len(self.dataset) // self.bs - 1

    class AllAlike(Right):
        def __iter__(self):
            for i in range(len(self)):
                items = [self.dataset[j] for j in range(i * self.bs, (i + 1) * self.bs)]
                yield torch.stack([x for x, y in items]), torch.tensor([y for x, y in items])

    class MixedUp(Right):
        def __iter__(self):
            for xb, yb in super().__iter__():
                yield xb, yb.flip(0)

    class Smaller(Right):
        def __iter__(self):
            for xb, yb in super().__iter__():
                yield xb[1:], yb[1:]

    class LenOfAPair(Right):
        def __iter__(self):
            for batch in super(Right, self).__iter__():
                if len(batch) == self.bs:
                    yield batch

    class NoPlain:
        pass

    return [
        (Right([(torch.zeros(1), 0)]), 'The class is asked for'),
        (NoPlain, 'built on DataLoader'),
        (NotYet, 'should be a number'),
        (NoLength, 'the length says 3'),
        (OnlyLength, 'comes all the same'),
        (AlwaysOneLess, 'is full here'),
        (NoLabels, 'A batch is a pair'),
        (OneTooFew, 'the length says 1'),
        (AllAlike, 'order of its own'),
        (MixedUp, 'no longer those'),
        (Smaller, 'full batches'),
        (LenOfAPair, 'no batch comes'),
    ]


def other_ways():
    from whole_game.own.learner import DataLoader, collate

    class ByCounting(DataLoader):
        def __len__(self):
            return (len(self.dataset) - len(self.dataset) % self.bs) // self.bs

        def __iter__(self):
            for _, batch in zip(range(len(self)), super().__iter__()):
                yield batch

    class ByHand(DataLoader):
        def __len__(self):
            return len(range(self.bs, len(self.dataset) + 1, self.bs))

        def __iter__(self):
            n = len(self.dataset)
            order = list(range(n))
            if self.shuffle:
                order = torch.randperm(n, generator=self.random).tolist()
            while len(order) >= self.bs:
                now, order = order[: self.bs], order[self.bs :]
                yield collate([self.dataset[i] for i in now])

    class AsAList(DataLoader):
        def __len__(self):
            return int(len(self.dataset) / self.bs)

        def __iter__(self):
            return iter([b for b in super().__iter__() if len(b[0]) >= self.bs])

    return [ByCounting, ByHand, AsAList]


RIGHT = {
    '44 steps': lambda: [
        lambda items, bs, epochs, drop_last: (
            epochs * len([i for i in range(0, items, bs) if not drop_last or i + bs <= items])
        ),
        lambda items, bs, epochs, drop_last: (
            np.int64(epochs) * (items // bs + (0 if drop_last else int(items % bs > 0)))
        ),
        lambda items, bs, epochs, drop_last: float(
            epochs * (items // bs if drop_last else np.ceil(items / bs))
        ),
    ],
    '44 full': other_ways,
}
TRIES = {'44 steps': steps, '44 full': full}
