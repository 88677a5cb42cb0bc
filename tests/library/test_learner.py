"""Lesson 42's DataLoader against PyTorch's, and its Learner against a bare loop in PyTorch (200
generated trainings) and against fastai's. Its callbacks one by one, and what they say to mistakes.
"""

import copy
import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torch import nn
from torch.nn.functional import cross_entropy

from whole_game.errors import CourseError
from whole_game.own import layers
from whole_game.own import learner as own
from whole_game.own.guards_learner import EVENTS
from whole_game.own.guards_optim import LostLoss
from whole_game.own.learner import (
    ActivationStats,
    Callback,
    CancelBatch,
    CancelEpoch,
    CancelFit,
    DataLoader,
    DataLoaders,
    GradientAccumulation,
    Learner,
    Metrics,
    MixedPrecision,
    Pictures,
    Recorder,
    Schedule,
    collate,
    hook,
    set_hypers,
)
from whole_game.own.network import accuracy
from whole_game.own.optim import SGD, Adam
from whole_game.own.schedules import one_cycle
from whole_game.own.weights import alike, plain_net

CASES = settings(max_examples=200, derandomize=True, deadline=None, database=None)
# The two count the part that is done in other ways, which differ in the last digit
CLOSE = {torch.float64: dict(rtol=1e-9, atol=1e-12), torch.float32: dict(rtol=1e-4, atol=1e-6)}


def batches(n=4, bs=5, seed=0, kind=torch.float32):
    rng = torch.Generator().manual_seed(seed)
    return [
        (torch.randn(bs, 3, generator=rng).to(kind), torch.randint(0, 2, (bs,), generator=rng))
        for _ in range(n)
    ]


def net(seed=0, kind=torch.float32):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)).to(kind)


def learner(*cbs, n=4, valid=2, model=None, **how):
    dls = DataLoaders(batches(n), batches(valid, seed=1))
    return Learner(dls, model or net(), cross_entropy, cbs=cbs, **how)


# --- items and batches


@CASES
@given(st.integers(1, 30), st.integers(1, 12), st.integers(0, 99), st.booleans())
def test_batches_are_torchs_in_the_same_order(n, bs, seed, shuffle):
    items = [(torch.full((2, 3), float(i)), i) for i in range(n)]
    ours = DataLoader(items, bs, shuffle, seed)
    random = torch.Generator().manual_seed(seed)
    for _ in range(2):  # the second epoch has an order of its own
        order = torch.randperm(n, generator=random).tolist() if shuffle else range(n)
        theirs = torch.utils.data.DataLoader(items, bs, sampler=order)
        assert len(ours) == len(theirs)
        for a, b in zip(ours, theirs, strict=True):
            assert all(torch.equal(x, y) and x.dtype == y.dtype for x, y in zip(a, b))


def test_a_torch_loader_takes_our_dataset_and_ours_takes_torchs(tmp_path):
    for name, grey in (('a', 0), ('b', 255)):
        (tmp_path / name).mkdir()
        Image.new('L', (4, 6), grey).save(tmp_path / name / 'one.png')
    ds = Pictures(str(tmp_path))
    assert len(ds) == 2 and ds.vocab == ['a', 'b'] and ds[1][1] == 1
    assert ds[0][0].shape == (1, 6, 4) and ds[0][0].max() == 0 and ds[1][0].min() == 1
    assert next(iter(torch.utils.data.DataLoader(ds, 2)))[0].shape == (2, 1, 6, 4)
    theirs = torch.utils.data.TensorDataset(torch.rand(5, 2), torch.arange(5))
    assert [len(y) for x, y in DataLoader(theirs, 2)] == [2, 2, 1]
    assert len(list(ds)) == 2


def test_nothing_is_opened_before_it_is_asked_for():
    class Opens:
        opened = []

        def __len__(self):
            return 6

        def __getitem__(self, i):
            self.opened.append(i)
            return torch.zeros(1), i

    dl = DataLoader(Opens(), 2)
    assert len(dl) == 3 and Opens.opened == []
    next(iter(dl))
    assert Opens.opened == [0, 1]


# --- the loop


def bare(model, opt, dl, epochs, schedule=None):
    losses, n = [], 0
    for _ in range(epochs):
        for xb, yb in dl:
            if schedule:
                set_hypers(opt, lr=schedule(n / (epochs * len(dl))))
            loss = cross_entropy(model(xb), yb)
            loss.backward()
            opt.step()
            opt.zero_grad()
            losses.append(loss.item())
            n += 1
    return losses


OPTIMISERS = {
    'own SGD': lambda ps, lr: SGD(ps, lr, momentum=0.9),
    'own Adam': Adam,
    'SGD': lambda ps, lr: torch.optim.SGD(ps, lr, momentum=0.9),
    'Adam': torch.optim.Adam,
}


@CASES
@given(
    st.integers(1, 5),
    st.integers(1, 3),
    st.integers(0, 99),
    st.sampled_from(list(OPTIMISERS)),
    st.sampled_from([torch.float32, torch.float64]),
    st.booleans(),
)
def test_losses_and_parameters_are_those_of_a_bare_loop(n, epochs, seed, name, kind, scheduled):
    dl, model, schedule = batches(n, 4, seed, kind), net(seed, kind), one_cycle(0.05)
    other, recorder = copy.deepcopy(model), Recorder()
    cbs = [recorder, Schedule(lr=schedule)] if scheduled else [recorder]
    Learner(DataLoaders(dl, dl[:1]), model, cross_entropy, OPTIMISERS[name], 0.05, cbs).fit(epochs)
    opt = OPTIMISERS[name](list(other.parameters()), 0.05)
    losses, close = bare(other, opt, dl, epochs, schedule if scheduled else None), CLOSE[kind]
    np.testing.assert_allclose(recorder.losses, losses, **close)
    for p, q in zip(model.parameters(), other.parameters()):
        np.testing.assert_allclose(p.detach(), q.detach(), **close)


@pytest.mark.parametrize('kind, eps', [(torch.float64, 1e-7), (torch.float32, 1e-5)])
def test_one_cycle_is_fastais_loss_by_loss(kind, eps):
    import whole_game.backbone  # noqa: F401  it keeps fastai's import quiet
    import fastai.callback.all  # noqa: F401  it brings fit_one_cycle and no_bar
    from fastai.basics import Callback as TheirCallback
    from fastai.basics import DataLoaders as TheirLoaders
    from fastai.basics import Learner as TheirLearner

    from whole_game.own.optim import AdamW

    class Theirs(TheirCallback):
        losses, after_loss = [], Recorder.after_loss

    dls, model, recorder = (
        [batches(6, 8, 3, kind), batches(2, 8, 4, kind)],
        net(1, kind),
        Recorder(),
    )
    other = copy.deepcopy(model)
    adam = lambda ps, lr: AdamW(ps, lr, betas=(0.95, 0.99), eps=1e-5, weight_decay=0.01)
    Learner(DataLoaders(*dls), model, cross_entropy, adam, 0.02, [recorder]).fit_one_cycle(6)
    theirs = TheirLearner(
        TheirLoaders(*dls), other, cross_entropy, lr=0.02, wd_bn_bias=True, cbs=Theirs
    )
    with theirs.no_bar(), theirs.removed_cbs(theirs.recorder):
        theirs.fit_one_cycle(6)
    np.testing.assert_allclose(recorder.losses, Theirs.losses, atol=eps, rtol=0)
    for p, q in zip(model.parameters(), other.parameters()):
        np.testing.assert_allclose(p.detach(), q.detach(), atol=100 * eps, rtol=0)


def test_layers_of_our_own_train_and_change_their_mode():
    torch.manual_seed(0)
    model = layers.Sequential(layers.Linear(3, 8), layers.ReLU(), layers.Linear(8, 2))
    seen = []

    class Mode(Callback):
        def after_pred(self):
            seen.append((self.learn.training, model.training, torch.is_grad_enabled()))

    recorder = Recorder()
    learner(recorder, Mode(), model=model, lr=0.05).fit(20)
    assert recorder.losses[-1] < recorder.losses[0]
    assert set(seen) == {(True, True, True), (False, False, False)} and not model.training


class Heard(Callback):
    def __init__(self, order=0):
        self.order, self.events = order, []


for _event in EVENTS:
    setattr(Heard, _event, lambda self, event=_event: self.events.append(event))

BATCH = 'before_batch after_pred after_loss after_backward after_step after_batch'.split()


def test_the_events_come_in_order():
    heard = Heard()
    learner(heard, n=1, valid=1).fit(1)
    quiet = ['before_batch', 'after_pred', 'after_loss', 'after_batch']
    inside = ['before_epoch', *BATCH, *quiet, 'after_epoch']
    assert heard.events == ['before_fit', *inside, 'after_fit', 'cleanup']


def test_callbacks_are_called_by_their_order():
    said = []

    class Say(Callback):
        def __init__(self, order):
            self.order = order

        def before_fit(self):
            said.append(self.order)

    learner(Say(2), Say(-1), Say(0)).fit(1)
    assert said == [-1, 0, 2]


def cancelling(event, error, at=1):
    class Cancels(Callback):
        times = 0

    def act(self):
        self.times += 1
        if self.times == at:
            raise error

    setattr(Cancels, event, act)
    return Cancels()


@pytest.mark.parametrize('event', BATCH[:-1])
def test_a_batch_is_cancelled_and_the_others_go_on(event):
    heard, recorder = Heard(order=1), Recorder()
    learner(heard, recorder, cancelling(event, CancelBatch)).fit(1)
    assert heard.events.count('after_batch') == 6 and heard.events[-2:] == ['after_fit', 'cleanup']
    assert heard.events.count('after_step') == 3


def test_an_epoch_and_a_training_are_cancelled():
    heard = Heard()
    learner(heard, cancelling('after_loss', CancelEpoch)).fit(2)
    assert heard.events.count('after_epoch') == 2 and heard.events.count('before_batch') == 7
    heard = Heard()
    learner(heard, cancelling('after_epoch', CancelFit)).fit(5)
    assert heard.events.count('before_epoch') == 1 and heard.events[-2:] == ['after_fit', 'cleanup']


def test_a_second_fit_goes_on_and_callbacks_of_one_training_leave():
    learn, once = learner(), Recorder()
    learn.fit(1, 0.01, cbs=[once])
    opt = learn.opt
    learn.fit(1)
    assert learn.opt is opt and opt.lr == learn.lr and len(once.losses) == 4 and learn.cbs == []


def test_hypers_of_both_kinds():
    ps = [torch.zeros(2, requires_grad=True)]
    for opt in (Adam(ps, 1.0), torch.optim.Adam(ps, 1.0)):
        assert set_hypers(opt, lr=0.5, betas=(0.8, 0.9)) is opt
        kept = getattr(opt, 'param_groups', [vars(opt)])[0]
        assert kept['lr'] == 0.5 and kept['betas'] == (0.8, 0.9)


# --- callbacks


def test_metrics_count_items_and_not_batches():
    model = net()
    valid = [*batches(1, 7, 5), *batches(1, 2, 6)]
    metrics = Metrics(accuracy)
    learn = Learner(DataLoaders(batches(2), valid), model, cross_entropy, cbs=[metrics])
    learn.fit(2)
    x, y = (torch.cat(part) for part in zip(*valid))
    with torch.no_grad():
        want = [cross_entropy(model(x), y).item(), accuracy(model(x), y)]
    np.testing.assert_allclose(metrics.rows[-1], want, rtol=1e-6)
    assert len(metrics.rows) == 2 and learn.rows is metrics.rows


def test_metrics_without_a_validation_set_have_no_rows():
    metrics = Metrics(accuracy)
    Learner(DataLoaders(batches(2)), net(), cross_entropy, cbs=[metrics]).fit(2)
    assert metrics.rows == []


@CASES
@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 6), st.integers(0, 99))
def test_several_batches_are_one(n, steps, bs, seed):
    x, y = (torch.cat(part) for part in zip(*batches(n * steps, bs, seed, torch.float64)))
    ends = []
    for size, cbs in ((n * bs, []), (bs, [GradientAccumulation(n)])):
        model, dl = net(seed, torch.float64), DataLoader(list(zip(x, y)), size)
        Learner(DataLoaders(dl), model, cross_entropy, SGD, 0.1, cbs).fit(1)
        ends.append(model)
    for p, q in zip(*(end.parameters() for end in ends)):
        np.testing.assert_allclose(p.detach(), q.detach(), atol=1e-12)


def test_frozen_parameters_are_no_trouble():
    model = net()
    model[0].weight.requires_grad_(False)
    learner(GradientAccumulation(2), model=model, opt_func=torch.optim.SGD).fit(1)
    assert model[0].weight.grad is None


def test_mixed_precision_is_that_of_autocast_and_is_off_afterwards():
    seen, model, other = [], net(), net()

    class Look(Callback):
        def after_loss(self):
            seen.append((self.learn.preds.dtype, torch.is_autocast_enabled('cpu')))

    learn = learner(MixedPrecision(), Look(), model=model, opt_func=torch.optim.SGD, lr=0.1)
    learn.fit(1)
    opt = torch.optim.SGD(other.parameters(), 0.1)
    for xb, yb in batches(4):
        with torch.autocast('cpu', torch.bfloat16):
            preds = other(xb)
        cross_entropy(preds.float(), yb).backward()
        opt.step()
        opt.zero_grad()
    assert set(seen) == {(torch.float32, False)}
    assert all(torch.equal(p, q) for p, q in zip(model.parameters(), other.parameters()))


def test_mixed_precision_says_so_where_there_is_none(monkeypatch, capsys):
    monkeypatch.setattr(torch.amp, 'is_autocast_available', lambda device: False)
    recorder, plain = Recorder(), Recorder()
    learner(MixedPrecision(), recorder).fit(1)
    assert 'cpu has no mixed precision' in capsys.readouterr().out
    learner(plain).fit(1)
    assert recorder.losses == plain.losses


@pytest.mark.parametrize('event', ['before_batch', 'after_pred', 'after_loss'])
def test_mixed_precision_ends_with_an_error_too(event):
    with pytest.raises(CourseError):
        learner(MixedPrecision(), cancelling(event, ZeroDivisionError)).fit(1)
    assert not torch.is_autocast_enabled('cpu')
    assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32


def test_hooks_see_what_torchs_see_and_leave_nothing_behind():
    for model in (net(), layers.Sequential(layers.Linear(3, 4), layers.ReLU())):
        layer = model[1] if isinstance(model, nn.Sequential) else model.layers[1]
        seen, x = [], torch.randn(5, 3)
        before = model(x)
        remove = hook(layer, seen.append)
        assert torch.equal(model(x), before)
        remove()
        model(x)
        assert len(seen) == 1 and seen[0].shape == (5, 4) and (seen[0] >= 0).all()


@pytest.mark.parametrize('breaks', [False, True])
def test_activation_stats_note_training_batches_and_take_their_hooks_off(breaks):
    model = net()
    stats = ActivationStats([model[1]])
    cbs = [stats, cancelling('after_step', ZeroDivisionError, at=3)] if breaks else [stats]
    learn = learner(*cbs, model=model)
    if breaks:
        with pytest.raises(CourseError):
            learn.fit(1)
    else:
        learn.fit(1)
    assert len(stats.stds[0]) == (3 if breaks else 4)
    model(torch.zeros(1, 3))
    assert len(stats.stds[0]) == (3 if breaks else 4)
    first = nn.ReLU()(net()[0](batches(1)[0][0])).std().item()
    assert stats.stds[0][0] == pytest.approx(first)


def test_plain_net_begins_as_asked():
    small, kaiming = plain_net(4, std=0.01), plain_net(4)
    assert len(small) == 8 and small[3].weight.std().item() == pytest.approx(0.01, rel=0.1)
    assert kaiming[3].weight.std().item() == pytest.approx((2 / 50) ** 0.5, rel=0.1)
    assert torch.equal(plain_net(4)[1].weight, kaiming[1].weight) and not small[1].bias.any()


def test_alike_is_numpys_correlation_and_leaves_no_hook():
    model, x = plain_net(3, width=6, inputs=4), torch.randn(50, 4)
    said = model[:-1](x).detach().numpy()
    with np.errstate(invalid='ignore'):
        want = np.nan_to_num(np.abs(np.corrcoef(said.T)), nan=1).mean()
    assert alike(model, x) == pytest.approx(want, rel=1e-4)
    assert not model[-2]._forward_hooks
    model[-3].bias.data -= 1e6  # nobody is on
    assert alike(model, x) == 1


# --- what goes wrong


@pytest.mark.parametrize('event', EVENTS)
def test_a_callback_that_raises_is_named_and_nothing_is_lost(event):
    class Careless(Callback):
        order = 1

    setattr(Careless, event, lambda self: 1 / 0)
    recorder, model = Recorder(), net()
    learn = learner(recorder, model=model)
    with pytest.raises(CourseError) as met:
        learn.fit(2, cbs=[Careless()])
    assert f'The callback Careless stopped at {event}' in met.value.what
    assert 'ZeroDivisionError: division by zero' in met.value.what
    assert isinstance(met.value.__cause__, ZeroDivisionError)
    assert ('batch 0' in met.value.what) == (event in BATCH)
    assert learn.cbs == [recorder] and not model.training
    steps = {'after_step': 1, 'after_batch': 1, 'after_epoch': 4, 'after_fit': 8, 'cleanup': 8}
    other = net()
    bare(other, Adam(other.parameters(), 1e-3), (batches(4) * 2)[: steps.get(event, 0)], 1)
    assert all(torch.equal(p, q) for p, q in zip(model.parameters(), other.parameters()))
    before = len(recorder.losses)
    learn.fit(1)
    assert len(recorder.losses) == before + 4


def test_all_clean_up_even_if_one_of_them_breaks():
    heard = Heard(order=2)
    with pytest.raises(CourseError, match='stopped at cleanup'):
        learner(cancelling('cleanup', ZeroDivisionError), heard).fit(1)
    assert heard.events[-1] == 'cleanup'


def test_gradients_of_a_batch_that_broke_are_forgotten():
    learn, other = learner(opt_func=SGD, lr=0.1), learner(opt_func=SGD, lr=0.1)
    with pytest.raises(CourseError):
        learn.fit(1, cbs=[cancelling('after_backward', ValueError)])
    learn.fit(1)
    other.fit(1)
    for p, q in zip(learn.model.parameters(), other.model.parameters()):
        assert torch.equal(p, q)


def test_ctrl_c_stays_what_it_is():
    with pytest.raises(KeyboardInterrupt):
        learner(cancelling('after_step', KeyboardInterrupt)).fit(1)


class Typo(Callback):
    def after_bacth(self):
        pass


class NotOne:
    def after_batch(self):
        pass


X = torch.zeros(6, 3)


@pytest.mark.parametrize(
    'call, says, helps',
    [
        (lambda: DataLoader(X, torch.zeros(6)), 'items and labels', r'list\(zip\(x, y\)\)'),
        (lambda: DataLoader(iter([1])), 'was given a list_iterator', r'list\(items\)'),
        (lambda: DataLoader([]), 'is empty', 'the right one'),
        (lambda: DataLoader([(1, 2)], 0), 'batch size is 0', 'bs=100'),
        (lambda: DataLoader([(1, 2)], 2.5), 'batch size is 2.5', 'bs=100'),
        (lambda: collate([X[0], X[1]]), 'Item 0 of this batch is a Tensor', 'return x, y'),
        (
            lambda: collate([(torch.zeros(2), 0), (torch.zeros(3), 1)]),
            r'item 1 has \[\(3,\), \(\)\]',
            'one size',
        ),
        (lambda: Pictures('nowhere-at-all'), 'found nothing', 'folder above'),
        (lambda: learner().fit(1, cbs=Recorder()), 'single', r'cbs=\[Recorder\(\)\]'),
        (lambda: learner().fit(1, cbs=Recorder), 'single callback Recorder', 'square brackets'),
        (lambda: learner(model=net).fit(1), 'has a function for its model', 'missing after net'),
        (
            lambda: Learner(DataLoaders(batches()), cross_entropy, net()).fit(1),
            'no parameters',
            'dls, model, loss_func',
        ),
        (lambda: learner(model=nn.ReLU).fit(1), 'has a type for its model', 'after ReLU'),
        (
            lambda: learner(Schedule(learning_rate=one_cycle(0.1))).fit(1),
            'Adam has no learning_rate. It has lr, weight_decay, betas',
            'Nothing is lost',
        ),
        (lambda: set_hypers(SGD(net().parameters(), 1), rate=2), 'SGD has no rate', 'lr=...'),
        (lambda: learner().fit('3'), "asked for '3' epochs", r'learn.fit\(3\)'),
        (lambda: learner(Recorder).fit(1), 'Recorder is no callback', r'Recorder\(\)'),
        (lambda: learner(NotOne()).fit(1), 'NotOne is no callback', r'NotOne\(Callback\)'),
        (lambda: learner(Typo()).fit(1), 'method after_bacth', 'Did you mean after_batch'),
        (lambda: learner().fit(1, cbs=[Typo()]), 'method after_bacth', 'after_batch'),
        (lambda: learner().fit(0), '0 epochs', r'learn.fit\(3\)'),
        (lambda: learner().fit(1.5), '1.5 epochs', r'learn.fit\(3\)'),
        (
            lambda: Learner(batches(), net(), cross_entropy).fit(1),
            'a list for its data',
            r'DataLoaders\(train, valid\)',
        ),
        (
            lambda: Learner(DataLoaders(iter(batches())), net(), cross_entropy).fit(1),
            'cannot be counted',
            r'list\(batches\)',
        ),
        (
            lambda: learner(cancelling('before_fit', CancelBatch)).fit(1),
            'raised CancelBatch at before_fit',
            'before_batch to after_step',
        ),
        (
            lambda: learner(cancelling('after_batch', CancelBatch)).fit(1),
            'raised CancelBatch at after_batch, epoch 0, batch 0',
            'before_batch',
        ),
        (
            lambda: learner(cancelling('after_fit', CancelFit)).fit(1),
            'raised CancelFit at after_fit',
            'before_fit to after_epoch',
        ),
        (lambda: hook(torch.relu, print), 'no|was given a builtin', 'model'),
        (lambda: hook(nn.ReLU(), []), 'list to call', 'brackets'),
    ],
)
def test_mistakes_are_told_kindly(call, says, helps):
    with pytest.raises(CourseError, match=says) as told:
        call()
    assert re.search(helps, ' '.join(str(told.value).split())), str(told.value)


def test_a_folder_of_folders_is_told_which_one_is_meant(tmp_path):
    (tmp_path / 'train' / 'a').mkdir(parents=True)
    Image.new('L', (4, 6)).save(tmp_path / 'train' / 'a' / 'one.png')
    with pytest.raises(CourseError, match='there are folders again') as told:
        Pictures(tmp_path)
    assert "'train'" in str(told.value) and len(Pictures(tmp_path / 'train')) == 1


def test_one_cycle_takes_an_optimiser_without_betas():
    learner(opt_func=SGD).fit_one_cycle(1, 0.1)


def test_a_loss_that_is_lost_ends_the_training():
    holes = [(torch.full((2, 3), float('nan')), torch.tensor([0, 1]))]
    with pytest.raises(LostLoss, match='nan'):
        Learner(DataLoaders(holes), net(), cross_entropy).fit(1)


def test_everything_public_has_a_docstring():
    for name in own.__all__:
        assert (getattr(own, name).__doc__ or '').strip(), name
