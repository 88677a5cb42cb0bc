"""Where a lesson compares trainings, they begin alike: with the same dice, the same start and the
same batches in the same order. Its own cells run here; only what would train notes what it got.
"""

from functools import partial
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
import torch
from fastai.learner import Learner
from fastai.torch_core import set_seed

from course.common import NBS
from whole_game.makers.signals import signal_arrays
from whole_game.own import init, layers, network, optim, resnet, schedules, weights
from whole_game.own.autograd import Value
from whole_game.own.pixels import digit_arrays, one_hot


class Lesson:
    "A lesson of which chosen cells run: their names, and the trainings that they asked for."

    def __init__(self, number, monkeypatch):
        cells = nbformat.read(next(NBS.glob(f'{number}_*.ipynb')), 4).cells
        self.cells = {cell.id: cell.source for cell in cells}
        self.names, self.trainings = (
            {'np': np, 'torch': torch, 'set_seed': set_seed, 'reveal': lambda *_: None},
            [],
        )
        monkeypatch.setattr(optim, 'fit', self.fit)
        monkeypatch.setattr(network, 'train', self.train)
        monkeypatch.setattr(Learner, 'fit', self.learner_fit())

    def __getattr__(self, name):
        return self.names[name]

    def run(self, *ids):
        "Run these cells; gives the trainings that they asked for."
        before = len(self.trainings)
        for name in ids:
            exec(compile(self.cells[name], f'cell {name}', 'exec'), self.names)
        return self.trainings[before:]

    def note(self, params, order):
        start = [torch.as_tensor(p.data).clone() for p in params]
        dice, order = torch.random.get_rng_state(), list(order)
        self.trainings.append(SimpleNamespace(start=start, order=order, dice=dice))

    def train(self, params, dl, epochs, lr, model=None):
        self.note(params, (torch.as_tensor(tb) for xb, tb in dl))
        return [1.0] * epochs

    def fit(self, model, dl, opt, loss_func, epochs, schedule=None):
        self.note(opt.params, (yb for _ in range(2) for xb, yb in dl))
        return [1.0] * epochs * len(dl)

    def learner_fit(self):
        def fit(learn, n_epoch, *args, **kwargs):
            dl, order = learn.dls.train, []
            for _ in range(2):  # as `for batch in dl` does it
                dl.randomize()
                order.append(torch.tensor(dl.get_idxs()))
            self.note([p for p in learn.model.parameters() if p.requires_grad], order)
            self.trainings[-1].learn = learn
            learn.recorder.values = [[0.0] * 3]

        return fit


@pytest.fixture
def lesson(monkeypatch):
    return lambda number: Lesson(number, monkeypatch)


def same(a, b):
    return len(a) == len(b) and all(torch.equal(p, q) for p, q in zip(a, b))


def alike(trainings, but=()):
    "All of them begin in the same way; `but` names what may differ."
    first, *others = trainings
    assert others
    for other in others:
        assert 'start' in but or same(first.start, other.start), 'they start from other parameters'
        assert 'order' in but or same(first.order, other.order), 'they meet other batches'
        assert 'dice' in but or torch.equal(first.dice, other.dice), 'they meet other dice'


def test_06_nothing_else_changed_but_four_labels(lesson):
    it = lesson('06')
    before = it.run('2a82b802', '5b7f5333', '74bf5bdb', 'f282e4f7', '3c55c372', '449660ea')
    sides = lambda learn: [
        {file.name: file.parent.name for file in dl.dataset.items} for dl in learn.dls
    ]
    first = sides(before[0].learn)
    after = it.run('c687979c', '91cd49a1', 'ed7ea194')
    second = sides(after[0].learn)
    moved = [name for a, b in zip(first, second) for name in a if a[name] != b.get(name)]
    assert [set(a) for a in first] == [set(b) for b in second] and len(moved) == 4
    alike(before + after)


@pytest.mark.expensive
def test_06_second_opinions(lesson):
    it = lesson('06')
    first = it.run('2a82b802', '5b7f5333', '74bf5bdb', 'f282e4f7', '78593bf3', '55623bdd')
    cleaned = it.run('c687979c', '91cd49a1', '714294a7')
    longer = it.run('b27b1c78')
    assert len(first) == len(cleaned) == len(longer) == 3
    for three in zip(first, cleaned, longer):
        alike(three)


def test_01_the_learning_curve(lesson):
    it = lesson('01')
    it.run('bdd7bc0e', '71806cdb', '447f1bbe', '0924929b', '97449769')
    it.names['dls'].show_batch(max_n=1)
    alike(it.run('ab282f76'), but=['order'])


def test_03_the_same_seeds_for_each_way(lesson):
    it = lesson('03')
    it.names |= dict(y=torch.arange(8).repeat(40), train=np.arange(240), valid=np.arange(240, 320))
    it.names |= dict(x=torch.randn(320, 1280), x_small=torch.randn(320, 1280))
    it.run('a5da76bb', '64567814', 'e371e092', 'b1c5e6fb', '6c7492a3', 'ba3a5d1a', '0b7006cd')
    it.run('1e96de19')  # fifteen for the losses, then three with wrong labels, three corrected
    for wrong, corrected in zip(it.trainings[15:18], it.trainings[18:]):
        alike([wrong, corrected])
    it.trainings.clear()
    for x in it.x, it.x_small:
        it.learning_curve(x, sizes=[5, 10])
    for pair in zip(it.trainings[:6], it.trainings[6:]):
        alike(pair)


def digits(it, *names):
    "The digits as tensors and some functions that learners wrote earlier."
    it.names |= {name: getattr(network, name) for name in names}
    x, y, x_valid, y_valid = (torch.tensor(a) for a in digit_arrays())
    it.names |= dict(x=x.flatten(1), y=y, x_valid=x_valid.flatten(1), y_valid=y_valid)


def test_22_without_relu(lesson):
    it = lesson('22')
    digits(it, 'accuracy', 'batches', 'linear', 'network')
    it.names |= dict(train=it.train, start=network.new_parameters(), targets=one_hot(it.y))
    it.names |= dict(x=it.x.numpy(), x_valid=it.x_valid.numpy())
    it.names |= dict(reveal=print, drawings=SimpleNamespace(show_training=print))
    with_relu, without = it.run('8429e789')[0], it.run('a240713f')[0]
    alike([with_relu, without])


def test_24_ours_and_pytorch(lesson):
    it = lesson('24')
    digits(it, 'accuracy', 'batches', 'network', 'new_parameters')
    dl = network.batches(it.x.numpy(), one_hot(it.y))
    it.names |= dict(train=it.train, dl=dl, timed=lambda f: (f(), 1), Value=Value)
    it.names['x_valid'] = it.x_valid.numpy()
    ours, theirs = it.run('0b966d7a'), it.run('2aa1e7f0')
    assert len(ours) == len(theirs) == 30
    for pair in zip(ours, theirs):
        alike(pair)


def test_25_two_models_two_losses(lesson):
    it = lesson('25')
    digits(it, 'accuracy', 'batches', 'linear', 'network', 'new_parameters')
    it.names['cross_entropy'] = None
    it.names['mse'] = None
    it.names['train_with'] = lambda params, dl, model, loss_func, lr: it.train(params, dl, 1, lr)
    it.run('0c2f5b1e', '580099f9')
    trainings = it.run('6d8155ca')
    assert len(trainings) == 12
    for seed in range(3):
        alike(trainings[seed::3], but=['start'])
        for model in (0, 6):
            alike([trainings[model + seed], trainings[model + 3 + seed]])


def test_27_three_ways_to_train(lesson):
    it = lesson('27')
    digits(it, 'accuracy')
    it.names |= {name: getattr(optim, name) for name in ('Adam', 'DataLoader', 'SGD')}
    it.names |= dict(fit=it.fit, nn=torch.nn, cross_entropy=None)
    trainings = it.run('ae235d72', 'd6157aa9')
    assert len(trainings) == 3
    alike(trainings)


def test_28_the_schedules_and_the_race(lesson):
    it = lesson('28')
    digits(it, 'accuracy')
    it.names |= {name: getattr(optim, name) for name in ('Adam', 'DataLoader', 'RMSProp', 'SGD')}
    it.names |= dict(fit=it.fit, one_cycle=schedules.one_cycle, nn=torch.nn)
    it.names |= dict(perf_counter=lambda: 0, cross_entropy=torch.nn.functional.cross_entropy)
    rates = it.run('ae235d72', '518cb3e3', '28aa0018', '28aa0034')
    assert len(rates) == 5
    alike(rates)
    alike(it.run('be412975', '74d839d9'))
    it.run('7d61c82f', '3de3886f', '28aa0024', '5de534c8')
    it.names['run'] = partial(it.names['run'], epochs=1)
    tries, finals = it.run('86b3d371'), it.run('6dbce01f')
    assert len(tries) == 6 * 5 and len(finals) == 6 * 3
    for runs in (tries, finals[:6], finals[6:12], finals[12:]):
        alike(runs)


def test_29_digits_in_order_and_shuffled(lesson):
    it = lesson('29')
    it.run('2cd2a1cd', '4ce7562c', '2f2f1ede')
    it.names['order'] = torch.randperm(784)
    alike(it.run('e31d51ba', 'd8489c51'))


def test_30_signals_in_order_and_shuffled(lesson):
    it = lesson('30')
    it.names |= dict(DataLoader=optim.DataLoader, Adam=optim.Adam, fit=it.fit)
    it.names |= dict(one_cycle=schedules.one_cycle, accuracy=network.accuracy)
    it.names['cross_entropy'] = torch.nn.functional.cross_entropy
    it.names |= zip(('s', 's_y', 's_valid', 's_y_valid'), map(torch.tensor, signal_arrays()))
    it.names |= {name: getattr(layers, name) for name in dir(layers) if name[0] != '_'}
    it.names['count'] = lambda model: 0
    it.run('4b91bb8c')
    cells = '929b7628', '929b7629', 'f50b38e4', 'f993378c', '078d5061'
    dense, dense_mixed, conv, conv_mixed = it.run(*cells)
    alike([dense, dense_mixed])
    alike([conv, conv_mixed])
    alike([dense, conv], but=['start', 'dice'])


def test_31_all_the_networks_again(lesson):
    it = lesson('31')
    it.names |= dict(kaiming=init.kaiming, weights_of=weights.weights_of)
    it.run('203f1282', '5d618c68', '4f69edcd', '4f69edcc')
    it.names |= dict(torch=torch, draw_depths=lambda *lines: None)
    naive = it.run('d9b3e2bd', '524eba16', '4233e4ca', '4233e4cb')
    with_kaiming = it.run('cf39a563')
    with_shortcuts = it.run('372f5e77', '5419318e', '17b320e3')
    assert len(naive) == len(with_kaiming) == len(with_shortcuts) == 5
    for one, two, three in zip(naive, with_kaiming, with_shortcuts):
        alike([one, two, three], but=['start', 'dice'])
        for p, q in zip(one.start, two.start):  # the same random numbers at another scale
            torch.testing.assert_close(p / p.std(), q / q.std(), equal_nan=True)


def small_resnet(lesson):
    it = lesson('32')
    it.names |= {name: getattr(resnet, name) for name in dir(resnet) if name[0] != '_'}
    it.run('96f283f8', '8f1d2c31', '8f1d2c32', '4f69edce', 'fe7863a0', 'fe7863a1')
    return it


def test_32_batch_norm_at_any_rate(lesson):
    it = small_resnet(lesson)
    it.run('857f779b', '857f7790', '6a31c541')
    with_norm, without = it.run('6a31c542'), it.run('6a31c543')
    assert len(with_norm) == len(without) == 6
    for seed in range(2):
        alike(with_norm[seed::2] + without[seed::2])


def test_32_one_thing_less_at_a_time(lesson):
    it = small_resnet(lesson)
    trainings = it.run(
        '857f779b', 'e1539639', 'e153963a', 'ac2f4fe7', '28b32820', 'bb01c055', '7366afa7'
    )
    assert len(trainings) == 12
    for seed in range(3):
        everything, no_shifts, no_shortcuts, no_norm = trainings[seed::3]
        alike([everything, no_shifts])
        alike([everything, no_norm])
        alike([everything, no_shortcuts], but=['start'])  # whose last weight begins at 1


def test_32_two_momenta(lesson):
    it = small_resnet(lesson)
    trainings = it.run('a6c6a74c', '72630869')
    assert len(trainings) == 20
    slow, quick = trainings[:10], trainings[10:]
    for pair in zip(slow, quick):
        alike(pair)


def test_32_the_same_batches_with_and_without_eval(lesson):
    it, met = small_resnet(lesson), []
    it.names['digit'] = 7
    it.run('de9446ad')
    for _ in range(2):
        it.asked(lambda x: met.append(x) or torch.zeros(100, 10))
    assert len(met) == 60 and same(met[:30], met[30:])
