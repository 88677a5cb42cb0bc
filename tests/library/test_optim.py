"""The optimisers of lesson 27 against an independent oracle, torch.optim: step for step, on random
parameters and gradients. Then lesson 28's schedule and finder, against PyTorch and fastai.

float64 must agree to rtol 1e-7, float32 to rtol 1e-4 and atol 1e-5. Then batches, the training
loop, and what they say to bad input.
"""

import copy

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.functional import cross_entropy, mse_loss

from whole_game.own.autograd import Value
from whole_game.errors import CourseError
from whole_game.own.guards_optim import LostLoss
from whole_game.own.optim import SGD, Adam, AdamW, DataLoader, RMSProp, fit
from whole_game.own.schedules import lr_find, one_cycle

CASES = settings(max_examples=200, derandomize=True, deadline=None, database=None)
CLOSE = {torch.float64: dict(rtol=1e-7, atol=1e-12), torch.float32: dict(rtol=1e-4, atol=1e-5)}
RATES = st.floats(1e-4, 0.5)
WD = st.sampled_from([0.0, 0.0, 0.01, 0.3])


@st.composite
def cases(draw):
    "Shapes of one to three parameters, a dtype, how many steps, and a source of chance."
    shapes = draw(st.lists(st.lists(st.integers(1, 5), max_size=3), min_size=1, max_size=3))
    return (
        shapes,
        draw(st.sampled_from([torch.float64, torch.float32])),
        draw(st.integers(1, 12)),
        np.random.default_rng(draw(st.integers(0, 10**6))),
    )


def numbers(rng, dtype, shape, scale=1.0):
    return torch.tensor(rng.uniform(-2, 2, shape) * scale, dtype=dtype)


def agree(case, ours, theirs, rates=None):
    """Both optimisers stay together: in each step the same gradients, of very different sizes, some
    zero, and some steps without any gradient for a parameter."""
    shapes, dtype, steps, rng = case
    mine = [numbers(rng, dtype, shape).requires_grad_() for shape in shapes]
    other = [p.detach().clone().requires_grad_() for p in mine]
    own, torchs = ours(mine), theirs(other)
    sizes = [10.0 ** rng.integers(-3, 2) for _ in shapes]
    for n in range(steps):
        if rates:
            own.lr = rates[n % len(rates)]
            for group in torchs.param_groups:
                group['lr'] = own.lr
        for i, (p, q) in enumerate(zip(mine, other)):
            skip = i > 0 and rng.random() < 0.1
            p.grad = (
                None
                if skip
                else numbers(rng, dtype, p.shape, sizes[i])
                * torch.tensor(rng.random(tuple(p.shape)) < 0.9, dtype=dtype)
            )
            q.grad = None if skip else p.grad.clone()
        gradients = [None if p.grad is None else p.grad.clone() for p in mine]
        own.step()
        torchs.step()
        for p, q, g in zip(mine, other, gradients):
            np.testing.assert_allclose(
                p.detach().numpy(),
                q.detach().numpy(),
                **CLOSE[dtype],
                err_msg=f'after step {n + 1}',
            )
            assert p.dtype == dtype and (g is None or torch.equal(p.grad, g)), (
                'a step may not change the gradients'
            )


@CASES
@given(cases(), RATES, st.sampled_from([0.0, 0.5, 0.9, 0.99]), WD)
def test_sgd_is_torchs(case, lr, momentum, wd):
    agree(
        case,
        lambda ps: SGD(ps, lr, momentum=momentum, weight_decay=wd),
        lambda ps: torch.optim.SGD(ps, lr, momentum=momentum, weight_decay=wd),
    )


@CASES
@given(cases(), RATES, st.sampled_from([0.5, 0.9, 0.99]), st.sampled_from([1e-8, 1e-3]), WD)
def test_rmsprop_is_torchs(case, lr, alpha, eps, wd):
    agree(
        case,
        lambda ps: RMSProp(ps, lr, alpha=alpha, eps=eps, weight_decay=wd),
        lambda ps: torch.optim.RMSprop(ps, lr, alpha=alpha, eps=eps, weight_decay=wd),
    )


@CASES
@given(
    cases(),
    RATES,
    st.sampled_from([(0.9, 0.999), (0.95, 0.99), (0.0, 0.5)]),
    st.sampled_from([1e-8, 1e-5]),
    WD,
)
def test_adam_is_torchs(case, lr, betas, eps, wd):
    agree(
        case,
        lambda ps: Adam(ps, lr, betas=betas, eps=eps, weight_decay=wd),
        lambda ps: torch.optim.Adam(ps, lr, betas=betas, eps=eps, weight_decay=wd),
    )


@CASES
@given(cases(), RATES, st.sampled_from([0.01, 0.3]))
def test_adamw_is_torchs(case, lr, wd):
    agree(
        case,
        lambda ps: AdamW(ps, lr, weight_decay=wd),
        lambda ps: torch.optim.AdamW(ps, lr, weight_decay=wd),
    )


@CASES
@given(cases(), st.lists(RATES, min_size=2, max_size=5), st.integers(0, 3))
def test_a_rate_that_changes_on_the_way(case, rates, which):
    ours = [
        lambda ps: SGD(ps, 1.0),
        lambda ps: SGD(ps, 1.0, momentum=0.9),
        lambda ps: RMSProp(ps, 1.0),
        lambda ps: Adam(ps, 1.0),
    ][which]
    theirs = [
        lambda ps: torch.optim.SGD(ps, 1.0),
        lambda ps: torch.optim.SGD(ps, 1.0, momentum=0.9),
        lambda ps: torch.optim.RMSprop(ps, 1.0),
        lambda ps: torch.optim.Adam(ps, 1.0),
    ][which]
    agree(case, ours, theirs, rates)


@CASES
@given(
    st.integers(4, 60),
    st.floats(1e-4, 5.0),
    st.floats(0.1, 0.9),
    st.floats(2.0, 50.0),
    st.floats(10.0, 1e5),
)
def test_one_cycle_is_torchs(steps, lr_max, pct_start, div, more):
    """torch counts the last step as the end, and one step before the peak as its share; apart from
    that the two rates are the same."""
    opt = torch.optim.SGD([nn.Parameter(torch.zeros(1))], 1.0)
    theirs = torch.optim.lr_scheduler.OneCycleLR(
        opt,
        lr_max,
        total_steps=steps,
        pct_start=(pct_start * (steps - 1) + 1) / steps,
        div_factor=div,
        final_div_factor=more,
        cycle_momentum=False,
    )
    schedule = one_cycle(lr_max, pct_start=pct_start, div=div, div_final=div * more)
    for n in range(steps):
        np.testing.assert_allclose(
            schedule(n / (steps - 1)), theirs.get_last_lr()[0], rtol=1e-7, atol=1e-9 * lr_max
        )
        opt.step()
        if n < steps - 1:
            theirs.step()


@CASES
@given(
    st.floats(1e-4, 5.0),
    st.floats(0.05, 0.95),
    st.floats(2.0, 50.0),
    st.floats(10.0, 1e6),
    st.floats(0.0, 1.0),
)
def test_one_cycle_is_fastais(lr_max, pct_start, div, div_final, done):
    from fastai.callback.schedule import combined_cos

    # theirs counts in float32
    np.testing.assert_allclose(
        one_cycle(lr_max, pct_start, div, div_final)(done),
        combined_cos(pct_start, lr_max / div, lr_max, lr_max / div_final)(done),
        rtol=1e-4,
        atol=1e-6 * lr_max,
    )


def test_one_cycle_begins_peaks_and_ends():
    schedule = one_cycle(0.1)
    assert (
        schedule(0) == pytest.approx(0.004)
        and schedule(0.25) == pytest.approx(0.1)
        and schedule(1) == pytest.approx(1e-6)
    )
    rates = [schedule(n / 100) for n in range(101)]
    assert rates[:26] == sorted(rates[:26]) and rates[25:] == sorted(rates[25:], reverse=True)


# --- with lesson 23's values


@pytest.mark.parametrize(
    'make',
    [
        lambda ps: SGD(ps, 0.1),
        lambda ps: SGD(ps, 0.1, momentum=0.9, weight_decay=0.1),
        lambda ps: RMSProp(ps, 0.1),
        lambda ps: Adam(ps, 0.1, weight_decay=0.1),
        lambda ps: AdamW(ps, 0.1, weight_decay=0.1),
    ],
)
def test_they_move_lesson_23s_values_too(make):
    start = [np.array([[1.0, -2.0], [0.5, 3.0]]), np.array([0.1, 0.2]), np.array(2.0)]
    values = [Value(a.copy()) for a in start]
    tensors = [torch.tensor(a, requires_grad=True) for a in start]
    x = np.array([[1.0, 2.0], [3.0, -1.0], [0.0, 1.0]])
    ours, theirs = make(values), make(tensors)
    for _ in range(6):
        for opt, params, items in ((ours, values, x), (theirs, tensors, torch.tensor(x))):
            opt.zero_grad()
            w, b, scale = params
            ((((items @ w) + b).relu() * scale - 1) ** 2).mean().backward()
            opt.step()
    for v, t in zip(values, tensors):
        np.testing.assert_allclose(v.data, t.detach().numpy(), rtol=1e-7)


def test_adam_takes_the_two_steps_that_lesson_27_works_out():
    p = torch.tensor([1.0], requires_grad=True)
    opt = Adam([p], 0.1)
    for gradient, after in ((4.0, 0.9), (-2.0, 0.8734)):
        p.grad = torch.tensor([gradient])
        opt.step()
        assert p.item() == pytest.approx(after, abs=1e-4)


# --- batches


@settings(max_examples=60, derandomize=True, deadline=None, database=None)
@given(st.integers(1, 50), st.integers(1, 20))
def test_each_item_comes_once_with_its_own_label(n, bs):
    x, y = torch.arange(n * 2.0).reshape(n, 2), torch.arange(n)
    dl = DataLoader(x, y, bs=bs)
    for _ in range(2):
        seen = list(dl)
        assert (
            len(seen) == len(dl)
            and all(len(xb) == len(yb) == bs for xb, yb in seen[:-1])
            and 0 < len(seen[-1][0]) <= bs
        )
        assert sorted(int(label) for _, yb in seen for label in yb) == list(range(n))
        assert all((xb[:, 0] == 2 * yb).all() for xb, yb in seen)


def test_a_new_order_each_time_and_the_same_for_the_same_seed():
    x = y = torch.arange(100)
    orders = lambda dl: [torch.cat([yb for _, yb in dl]).tolist() for _ in range(3)]
    one = orders(DataLoader(x, y, 10))
    two = orders(DataLoader(x, y, 10))
    other = orders(DataLoader(x, y, 10, seed=1))
    assert one == two and one != other and one[0] != one[1] != one[2]
    assert orders(DataLoader(x, y, 10, shuffle=False))[0] == list(range(100))


# --- the loop and the finder


def digits(n=120, dtype=torch.float32):
    rng = np.random.default_rng(0)
    return torch.tensor(rng.normal(size=(n, 6)), dtype=dtype), torch.tensor(rng.integers(0, 3, n))


def small(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3))


def test_fit_is_a_bare_loop():
    x, y = digits()
    ours, theirs = small(), small()
    losses = fit(ours, DataLoader(x, y, 20), Adam(ours.parameters(), 0.01), cross_entropy, epochs=3)
    opt, dl, wanted = torch.optim.Adam(theirs.parameters(), 0.01), DataLoader(x, y, 20), []
    for _ in range(3):
        for xb, yb in dl:
            opt.zero_grad()
            loss = cross_entropy(theirs(xb), yb)
            loss.backward()
            opt.step()
            wanted.append(loss.item())
    assert len(losses) == 18
    np.testing.assert_allclose(losses, wanted, rtol=1e-4, atol=1e-5)


def test_fit_follows_the_schedule_and_puts_the_rate_back():
    x, y = digits()
    model, rates = small(), []

    def schedule(done):
        rates.append(done)
        return one_cycle(0.1)(done)

    class Watched(SGD):
        def step(self):
            seen.append(self.lr)
            super().step()

    seen = []
    opt = Watched(model.parameters(), 7.0)
    fit(model, DataLoader(x, y, 20), opt, cross_entropy, epochs=2, schedule=schedule)
    np.testing.assert_allclose(rates, np.arange(12) / 12)
    np.testing.assert_allclose(seen, [one_cycle(0.1)(n / 12) for n in range(12)])
    assert opt.lr == 7.0


@pytest.mark.parametrize('ends', [LostLoss, KeyboardInterrupt, ZeroDivisionError])
def test_the_rate_is_put_back_whatever_happens(ends):
    w, steps = torch.zeros(1, requires_grad=True), iter(range(3))

    def loss_func(preds, targets):
        if next(steps) < 2:
            return preds.mean()
        if ends is LostLoss:
            return preds.mean() * float('nan')
        raise ends

    opt = SGD([w], 7.0)
    with pytest.raises(ends):
        fit(lambda xb: xb * w, [(torch.ones(2), torch.ones(2))], opt, loss_func, 5, one_cycle(0.1))
    assert opt.lr == 7.0 and w.item() != 0


def test_fit_switches_to_training():
    x, y = digits()
    model = small().eval()
    fit(model, DataLoader(x, y), SGD(model.parameters(), 0.1), cross_entropy, 1)
    assert model.training


def test_fit_works_with_functions_lists_and_torchs_optimisers():
    rng = np.random.default_rng(1)
    x, w = rng.normal(size=(50, 4)), rng.normal(size=(4, 1))
    pairs = [(torch.tensor(x), torch.tensor(x @ w))]
    p = torch.zeros(4, 1, dtype=torch.float64, requires_grad=True)
    q = torch.zeros(4, 1, dtype=torch.float64, requires_grad=True)
    ours = fit(lambda xb: xb @ p, pairs, SGD([p], 0.1), mse_loss, 40)
    theirs = fit(lambda xb: xb @ q, pairs, torch.optim.SGD([q], 0.1), mse_loss, 40)
    np.testing.assert_allclose(ours, theirs, rtol=1e-7)
    assert ours[-1] < 0.01 * ours[0]


def test_the_finder_leaves_everything_as_it_was():
    x, y = digits()
    model = small()
    opt = Adam(model.parameters(), 0.01)
    fit(model, DataLoader(x, y), opt, cross_entropy, 1)  # so that the optimiser remembers something
    before = copy.deepcopy((model.state_dict(), opt.state))
    rates, losses = lr_find(model, DataLoader(x, y), opt, cross_entropy)
    for name, p in before[0].items():
        assert torch.equal(p, model.state_dict()[name]), name
    for old, new in zip(before[1], opt.state):
        assert old.keys() == new.keys() and all(
            torch.equal(torch.as_tensor(old[k]), torch.as_tensor(new[k])) for k in old
        )
    assert opt.lr == 0.01 and len(rates) == len(losses) > 50
    assert rates[0] == pytest.approx(1e-7) and all(
        b / a == pytest.approx(1e8**0.01) for a, b in zip(rates, rates[1:])
    )


def test_the_finder_finds_what_fastais_finds():
    import fastai.callback.all  # noqa: F401  brings lr_find
    from fastai.basics import SGD as fastais
    from fastai.basics import DataLoader as FastaiLoader
    from fastai.basics import DataLoaders, Learner

    import whole_game.backbone  # noqa: F401  it keeps fastai's import quiet

    x, y = digits(600)
    model = small()
    ours = lr_find(
        model, DataLoader(x, y, 20, shuffle=False), SGD(model.parameters(), 1.0), cross_entropy
    )
    dl = list(DataLoader(x, y, 20, shuffle=False))
    learn = Learner(
        DataLoaders(FastaiLoader(dl, bs=None), FastaiLoader(dl, bs=None)),
        model,
        loss_func=cross_entropy,
        opt_func=fastais,
        wd=0,
    )
    with learn.no_bar(), learn.no_logging():
        learn.lr_find(show_plot=False, suggest_funcs=())
    smooth, mean = [], 0.0
    for n, loss in enumerate(ours[1], 1):
        mean = 0.98 * mean + 0.02 * loss
        smooth.append(mean / (1 - 0.98**n))
    shared = min(len(smooth), len(learn.recorder.lrs))
    assert shared > 60
    np.testing.assert_allclose(ours[0][:shared], learn.recorder.lrs[:shared], rtol=1e-5)
    np.testing.assert_allclose(
        smooth[:shared], [float(loss) for loss in learn.recorder.losses[:shared]], rtol=1e-3
    )


def test_the_finder_stops_before_it_is_lost():
    x, y = digits()
    model = small()
    rates, losses = lr_find(
        model,
        DataLoader(x, y),
        SGD(model.parameters(), 1.0),
        lambda p, yb: (p**4).mean(),
        end_lr=1e6,
    )
    assert np.isfinite(losses).all() and rates[-1] < 1e5


def finder(numbers, **more):
    "lr_find on a model whose losses are `numbers`, whatever it does."
    numbers, model = iter(numbers), nn.Linear(1, 1)
    return lr_find(
        model,
        [(torch.zeros(1, 1), torch.zeros(1, 1))],
        SGD(model.parameters(), 1.0),
        lambda preds, targets: (0 * preds + next(numbers)).mean(),
        **more,
    )


def test_the_finder_stops_at_four_times_the_first():
    rates, losses = finder(range(1, 200))
    assert losses == [1, 2, 3, 4, 5] and len(rates) == 5


def test_the_finder_keeps_what_it_had_when_the_loss_is_lost():
    rates, losses = finder([1.0, 1.0, float('nan')])
    assert losses == [1, 1] and len(rates) == 2


def test_the_trial_trains_and_the_model_stays_in_evaluation():
    seen = []

    class Watch(nn.Module):
        def forward(self, x):
            seen.append(self.training)
            return x

    model = nn.Sequential(nn.Linear(1, 1), Watch()).eval()
    lr_find(
        model,
        [(torch.zeros(1, 1), torch.zeros(1, 1))],
        SGD(model.parameters(), 1.0),
        mse_loss,
        num_it=3,
    )
    assert seen == [True] * 3 and not model.training


# --- errors


def message(wrong, *words):
    with pytest.raises(CourseError) as caught:
        wrong()
    said = str(caught.value)
    for word in words:
        assert word in said, said
    assert caught.value.why and caught.value.do


@pytest.mark.parametrize('opt', [SGD, RMSProp, Adam])
def test_parameters_that_cannot_be_trained(opt):
    w = torch.zeros(3, 2, requires_grad=True)
    message(lambda: opt(w, 0.1), 'one Tensor', '[w]')
    message(lambda: opt(nn.Linear(2, 2), 0.1), 'one Linear', 'model.parameters()')
    message(lambda: opt([], 0.1), 'no parameters')
    for wrong in (np.zeros(2), torch.arange(4), torch.zeros(5), w * 2):
        message(lambda: opt([w, wrong], 0.1), 'params[1]', 'keeps no gradient')
    message(opt([w], 0.1).step, 'No parameter has a gradient', 'backward()')


def test_batches_that_do_not_fit():
    x, y = digits()
    message(lambda: DataLoader(x, y[:-1]), '(120, 6)', '(119,)')
    message(lambda: DataLoader(x.tolist(), y), 'x (list', 'tensors')
    message(lambda: DataLoader(x, torch.tensor(3)), 'y (Tensor of shape ()')
    message(lambda: DataLoader(x[:0], y[:0]), '(0, 6)')


NAN = float('nan')
LINE = torch.zeros(6, 3, requires_grad=True)


def test_a_lost_loss_stops_training():
    x, y = digits()
    model = small()
    broken = x.clone()
    broken[3, 2] = NAN
    opt = SGD(model.parameters(), 0.1)
    message(
        lambda: fit(model, DataLoader(broken, y), opt, cross_entropy, 2),
        'The loss is nan',
        'Look at the data first',
        'isnan(x)',
        'not to blame',
    )
    message(lambda: lr_find(model, DataLoader(broken, y, 200), opt, cross_entropy), 'data', 'first')
    line = torch.zeros(6, 3, requires_grad=True)
    message(
        lambda: fit(lambda xb: xb @ line, DataLoader(x, x[:, :3]), SGD([line], 1e6), mse_loss, 200),
        'training stopped',
        'too large',
        '1000000',
        'tenth',
    )


def test_a_hole_in_the_labels_is_not_blamed_on_the_rate():
    w, labels = torch.zeros(1, requires_grad=True), torch.tensor([1.0, NAN])
    message(
        lambda: fit(lambda xb: xb * w, [(torch.ones(2), labels)], SGD([w], 0.1), mse_loss, 1),
        'infinity in y',
        'isnan(y)',
        'not to blame',
    )


X, Y = digits()


@pytest.mark.parametrize(
    'x, y, words',
    [
        (X[:, :5], Y, ['The model met', '(100, 5)']),
        ((X * 10).long(), Y, ['The model met', 'int64', 'x.float()']),
        (X.double(), Y, ['The model met', 'float64', 'x.float()']),
        (X, Y[:, None], ['The loss met', '(100, 3)', '(100, 1)']),
        (X, Y + 5, ['The loss met', 'from 0 on']),
        (X, Y.float(), ['The loss met', 'float32', 'y.long()']),
    ],
)
@pytest.mark.parametrize('train', [fit, lr_find])
def test_items_and_labels_that_do_not_fit(train, x, y, words):
    model, how = small(), {'epochs': 1} if train is fit else {}
    opt = SGD(model.parameters(), 0.1)
    message(lambda: train(model, DataLoader(x, y), opt, cross_entropy, **how), *words)


def test_a_loss_that_is_not_one_number():
    x, y = digits()
    model = small()
    opt = SGD(model.parameters(), 0.1)
    go = lambda loss_func: fit(model, DataLoader(x, y), opt, loss_func, 1)
    message(lambda: go(lambda p, yb: cross_entropy(p, yb, reduction='none')), '(100,)', 'mean')
    message(lambda: go(lambda p, yb: cross_entropy(p, yb).item()), 'float', '.item()')
    message(lambda: go(lambda p, yb: cross_entropy(p.detach(), yb)), 'no way back', 'detach')


def test_no_batches_at_all():
    x, y = digits()
    model = small()
    opt = SGD(model.parameters(), 0.1)
    message(lambda: fit(model, [], opt, cross_entropy, 1), 'no batches')
    message(lambda: fit(model, iter(DataLoader(x, y)), opt, cross_entropy, 1), 'list(batches)')
    message(lambda: lr_find(model, [], opt, cross_entropy), 'no batches')


def test_a_schedule_needs_a_rate_to_set():
    x, y = digits()
    model = small()
    opt = torch.optim.SGD(model.parameters(), 0.1)
    message(
        lambda: fit(model, DataLoader(x, y), opt, cross_entropy, 1, one_cycle(0.1)), '`lr`', 'torch'
    )
    message(lambda: lr_find(model, DataLoader(x, y), opt, cross_entropy), '`lr`', 'torch')


def test_an_optimiser_of_another_model():
    x, y = digits()
    model, old = small(), small()
    message(
        lambda: fit(model, DataLoader(x, y), SGD(old.parameters(), 0.1), cross_entropy, 1),
        'No parameter has a gradient',
        'Make the model first',
    )


def test_the_finder_cannot_copy_a_function():
    message(lambda: lr_find(lambda xb: xb @ LINE, [(X, Y)], SGD([LINE], 1), cross_entropy), 'copy')
