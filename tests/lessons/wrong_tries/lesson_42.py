"Wrong tries at the exercises of lesson 42."

import numpy as np
import torch

SETUP = '''from whole_game.own.learner import Callback, CancelBatch, CancelEpoch, CancelFit
'''


def often():
    return [
        (12, 'not a function'),
        (lambda train, valid, epochs: None, 'Nothing comes back'),
        (lambda train, valid, epochs: epochs * train, 'one thing came back'),
        (lambda train, valid, epochs: (1, 2, 3), 'and 3 came back'),
        (
            lambda train, valid, epochs: (epochs * train, epochs * (train + valid)),
            'in the other order',
        ),
        (lambda train, valid, epochs: (train + valid, train), 'That is one epoch'),
        (lambda train, valid, epochs: (epochs * train, epochs * train), 'training only'),
        (lambda train, valid, epochs: [epochs * (train + valid)] * 2, 'no step is taken'),
        (
            lambda train, valid, epochs: (epochs * train + valid, epochs * train),
            'after every epoch',
        ),
        (lambda train, valid, epochs: (18, 12), 'a Learner said them 5 and 5 times'),
    ]


def stop():
    from whole_game.own.learner import Callback, CancelBatch, CancelEpoch, CancelFit

    class Stop(Callback):
        order = 1

        def losses(self):
            return [row[0] for row in self.learn.rows]

        def worse(self):
            return len(self.losses()) > 1 and self.losses()[-1] > self.losses()[-2]

    class NotYet(Stop):
        def after_epoch(self): ...

    class OtherEvent(Stop):
        def after_batch(self):
            raise CancelFit

    class NoRowBefore(Stop):
        def after_epoch(self):
            if self.losses()[-1] > self.losses()[-2]:
                raise CancelFit

    class EpochOnly(Stop):
        def after_epoch(self):
            if self.worse():
                raise CancelEpoch

    class BatchOnly(Stop):
        def after_epoch(self):
            if self.worse():
                raise CancelBatch

    class Always(Stop):
        def after_epoch(self):
            raise CancelFit

    class Better(Stop):
        def after_epoch(self):
            if len(self.losses()) > 1 and not self.worse():
                raise CancelFit

    class TooLate(Stop):
        def after_epoch(self):
            if len(self.losses()) > 2 and self.losses()[-2] > self.losses()[-3]:
                raise CancelFit

    class OnlyThree(Stop):
        def after_epoch(self):
            if self.worse() and len(self.losses()) == 3:
                raise CancelFit

    class Equal(Stop):
        def after_epoch(self):
            if len(self.losses()) > 1 and self.losses()[-1] >= self.losses()[-2]:
                raise CancelFit

    class NotAtOnce(Stop):
        def after_epoch(self):
            if self.worse() and len(self.losses()) > 2:
                raise CancelFit

    class Broken(Stop):
        def after_epoch(self):
            self.learn.row.sort()

    return [
        (Stop(), 'The class is asked for'),
        (OtherEvent, 'is an epoch over'),
        (NotYet, 'never ends a training'),
        (NoRowBefore, 'only one row'),
        (EpochOnly, 'CancelEpoch leaves out'),
        (BatchOnly, 'CancelBatch leaves out'),
        (Always, 'after its first epoch'),
        (Better, 'gets lower in every epoch'),
        (TooLate, 'should end after three epochs'),
        (OnlyThree, 'should end after five epochs'),
        (Equal, 'same as before'),
        (NotAtOnce, 'should end after two epochs'),
        (Broken, 'ended with an error'),
    ]


def other_ways():
    from whole_game.own.learner import Callback, CancelFit

    class Remembers(Callback):
        order = 1

        def before_fit(self):
            self.last = float('inf')

        def after_epoch(self):
            now, self.last = self.last, self.learn.rows[-1][0]
            if self.last > now:
                raise CancelFit

    class ByDifferences(Callback):
        order = 5

        def after_epoch(self):
            if (np.diff([row[0] for row in self.learn.rows])[-1:] > 0).any():
                raise CancelFit()

    class ByPieces(Callback):
        order = 1

        def after_epoch(self):
            *_, before, now = [(float('inf'),), *self.learn.rows]
            if now[0] > before[0]:
                raise CancelFit('worse')

    return [Remembers, ByDifferences, ByPieces]


RIGHT = {
    '42 often': lambda: [
        lambda train, valid, epochs: [train * epochs + valid * epochs, train * epochs],
        lambda train, valid, epochs: (
            sum(train + valid for _ in range(epochs)),
            np.int64(epochs) * train,
        ),
        lambda train, valid, epochs: (
            torch.tensor(epochs * (train + valid)),
            torch.tensor(epochs * train),
        ),
    ],
    '42 stop': other_ways,
}
TRIES = {'42 often': often, '42 stop': stop}
