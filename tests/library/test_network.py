"""The network of lesson 22 against PyTorch's: values and gradients on generated cases, and what it
says to arrays that do not fit."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from whole_game.own.autograd import Value
from whole_game.errors import CourseError
from whole_game.own.network import (
    accuracy,
    batches,
    linear,
    mse,
    network,
    new_parameters,
    relu,
    step,
    train,
)

CASES = settings(max_examples=200, derandomize=True, deadline=None, database=None)
CLOSE = {'float64': dict(rtol=1e-7, atol=1e-12), 'float32': dict(rtol=1e-4, atol=1e-5)}


@st.composite
def cases(draw):
    "Sizes, a type of number, and a source of chance."
    n, inputs, hidden, outs = (draw(st.integers(1, 7)) for _ in range(4))
    return (
        n,
        inputs,
        hidden,
        outs,
        draw(st.sampled_from(['float64', 'float32'])),
        np.random.default_rng(draw(st.integers(0, 10**6))),
    )


def numbers(rng, kind, *shape):
    return rng.uniform(-2, 2, shape).astype(kind)


def tensors(arrays):
    return [torch.tensor(a, requires_grad=True) for a in arrays]


def the_same(ours, theirs, kind):
    np.testing.assert_allclose(np.asarray(ours), np.asarray(theirs), **CLOSE[kind])


def torchs(w1, b1, w2, b2):
    "The same parameters in PyTorch's own layers."
    made = nn.Sequential(nn.Linear(*w1.shape), nn.ReLU(), nn.Linear(*w2.shape)).to(
        torch.tensor(w1).dtype
    )
    with torch.no_grad():
        for theirs, ours in zip(made.parameters(), (w1, b1, w2, b2)):
            theirs.copy_(torch.tensor(ours.T))
    return made


@CASES
@given(cases())
def test_linear_is_torchs(case):
    n, inputs, hidden, _, kind, rng = case
    x = numbers(rng, kind, n, inputs)
    w = numbers(rng, kind, inputs, hidden)
    b = numbers(rng, kind, hidden)
    theirs = nn.functional.linear(torch.tensor(x), torch.tensor(w.T), torch.tensor(b))
    the_same(linear(x, w, b), theirs, kind)
    the_same(linear(x[0], w, b), theirs[0], kind)
    assert linear(x, w, b).dtype == kind


@CASES
@given(cases())
def test_relu_is_torchs(case):
    n, inputs, _, _, kind, rng = case
    # every ninth or so is exactly 0, where the bend is
    x = np.round(2 * numbers(rng, kind, n, inputs)) / 2
    assert (
        (relu(x) == torch.tensor(x).relu().numpy()).all()
        and (relu(torch.tensor(x)).numpy() == relu(x)).all()
        and (relu(x) >= 0).all()
    )
    ours, theirs = Value(x), torch.tensor(x, requires_grad=True)
    relu(ours).sum().backward()
    torch.relu(theirs).sum().backward()
    assert (ours.grad == theirs.grad.numpy()).all() and (relu(x).dtype, ours.grad.dtype) == (
        x.dtype,
        x.dtype,
    )


@CASES
@given(cases())
def test_predictions_loss_and_gradients_are_torchs(case):
    n, inputs, hidden, outputs, kind, rng = case
    x, targets = numbers(rng, kind, n, inputs), numbers(rng, kind, n, outputs)
    params = [
        numbers(rng, kind, *shape)
        for shape in ((inputs, hidden), (hidden,), (hidden, outputs), (outputs,))
    ]
    library, ours = torchs(*params), tensors(params)
    the_same(network(x, *params), library(torch.tensor(x)).detach(), kind)
    mine = mse(network(torch.tensor(x), *ours), torch.tensor(targets))
    theirs = nn.functional.mse_loss(library(torch.tensor(x)), torch.tensor(targets))
    the_same(mine.detach(), theirs.detach(), kind)
    the_same(mse(network(x, *params), targets), theirs.detach(), kind)
    mine.backward()
    theirs.backward()
    for p, q in zip(ours, library.parameters()):
        the_same(p.grad, q.grad.numpy().T, kind)


@CASES
@given(cases())
def test_a_step_is_torchs(case):
    n, inputs, hidden, outputs, kind, rng = case
    x = torch.tensor(numbers(rng, kind, n, inputs))
    targets = torch.tensor(numbers(rng, kind, n, outputs))
    params = [
        numbers(rng, kind, *shape)
        for shape in ((inputs, hidden), (hidden,), (hidden, outputs), (outputs,))
    ]
    library, ours = torchs(*params), tensors(params)
    optimiser = torch.optim.SGD(library.parameters(), lr=0.05)
    for _ in range(2):
        optimiser.zero_grad()
        theirs = nn.functional.mse_loss(library(x), targets)
        theirs.backward()
        optimiser.step()
        the_same(step(ours, x, targets, 0.05), theirs.item(), kind)
    for p, q in zip(ours, library.parameters()):
        the_same(p.detach(), q.detach().numpy().T, kind)


# --- new parameters, batches, accuracy, training


def test_new_parameters():
    params = new_parameters()
    assert [p.shape for p in params] == [(784, 50), (50,), (50, 10), (10,)] and sum(
        p.size for p in params
    ) == 39_760
    assert (
        all(p.dtype == np.float32 for p in params) and not params[1].any() and not params[3].any()
    )
    assert abs(params[0].std() - 0.01) < 1e-3 and all(
        (p == q).all() for p, q in zip(params, new_parameters())
    )
    assert (new_parameters(seed=1)[0] != params[0]).any()
    assert [p.shape for p in new_parameters(hidden=3, inputs=2, outputs=1)] == [
        (2, 3),
        (3,),
        (3, 1),
        (1,),
    ]


def test_batches_hold_every_item_once_beside_its_target():
    x = np.arange(10, dtype=np.float32)[:, None]
    dl = batches(x, 2 * x, bs=4)
    assert [len(xb) for xb, _ in dl] == [4, 4, 2] and all((tb == 2 * xb).all() for xb, tb in dl)
    seen = np.concatenate([xb[:, 0] for xb, _ in dl])
    assert sorted(seen) == list(range(10)) and list(seen) != list(range(10))
    assert (seen == np.concatenate([xb[:, 0] for xb, _ in batches(x, x, bs=4)])).all()
    tensor = batches(torch.tensor(x), torch.tensor(x), bs=4)
    assert all(
        isinstance(xb, torch.Tensor) and (xb.numpy() == ours).all()
        for (xb, _), (ours, _) in zip(tensor, dl)
    )


def test_accuracy_counts():
    preds = np.array([[0.1, 0.9], [0.8, 0.3], [2, 1]])
    assert accuracy(preds, np.array([1, 0, 1])) == pytest.approx(2 / 3)
    assert (
        accuracy(torch.tensor(preds, requires_grad=True), torch.tensor([1, 0, 0])) == 1
        and accuracy(preds.tolist(), [0, 1, 1]) == 0
    )


def test_training_learns_what_a_line_cannot():
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32)
    y = np.array([0, 1, 1, 0])  # one or the other, and not both
    dl = [(torch.tensor(x), torch.tensor(np.eye(2, dtype=np.float32)[y]))]
    straight = lambda x, w1, b1, w2, b2: linear(linear(x, w1, b1), w2, b2)
    rng = np.random.default_rng(0)
    start = [
        rng.normal(0, 1, shape).astype(np.float32) for shape in ((2, 16), (16,), (16, 2), (2,))
    ]
    bent, flat = tensors(start), tensors(start)
    losses = train(bent, dl, epochs=400, lr=0.1)
    assert (
        len(losses) == 400
        and losses[-1] < 0.01 < losses[0]
        and accuracy(network(dl[0][0], *bent), y) == 1
    )
    assert train(flat, dl, epochs=400, lr=0.05, model=straight)[-1] > 0.2


def test_training_changes_the_parameters_it_is_given():
    rng = np.random.default_rng(0)
    x, targets = numbers(rng, 'float32', 8, 3), numbers(rng, 'float32', 8, 2)
    params = tensors(new_parameters(4, 3, 2))
    before = [p.detach().clone() for p in params]
    first = train(params, batches(torch.tensor(x), torch.tensor(targets), bs=4), epochs=3, lr=0.1)
    assert len(first) == 3 and any((p != q).any() for p, q in zip(params, before))
    assert (
        train(
            tensors(new_parameters(4, 3, 2)),
            batches(torch.tensor(x), torch.tensor(targets), bs=4),
            epochs=3,
            lr=0.1,
        )
        == first
    )


# --- what does not fit

x, w, b = np.zeros((5, 3), np.float32), np.zeros((3, 2), np.float32), np.zeros(2, np.float32)
t = torch.tensor


@pytest.mark.parametrize(
    'args, words',
    [
        (
            (np.zeros((5, 28, 28), np.float32), np.zeros((784, 2), np.float32), b),
            ['(5, 28, 28)', '(784, 2)', '(n, 784)', 'reshape'],
        ),
        ((x, w, np.zeros(3, np.float32)), ['b (3,)', 'each sum has one bias']),
        ((x, w[0], b), ['w (2,)', 'a column for each sum']),
        ((x, w.T, b), ['w (2, 3)']),
        ((x.tolist(), w, b), ['x, a list of no dtype', 'np.array(x']),
        ((x.astype(np.uint8), w, b), ['x, a ndarray of uint8', '255', 'x.astype']),
        ((x, w.astype(int), b), ['w, a ndarray of int']),
        ((t(x).long(), t(w), t(b)), ['x, a Tensor of torch.int64', 'x.float()']),
        ((x, t(w), t(b)), ['NumPy arrays (x)', 'tensors of PyTorch (w, b)', 'torch.tensor(x)']),
        ((t(x).double(), t(w), t(b)), ['torch.float32 and torch.float64', 'x.float()']),
    ],
)
def test_linear_says_what_does_not_fit(args, words):
    with pytest.raises(CourseError, match='^What happened: linear met') as told:
        linear(*args)
    for word in words:
        assert word in str(told.value)


def test_network_says_which_layer():
    hidden = np.zeros((3, 4), np.float32), np.zeros(4, np.float32)
    with pytest.raises(CourseError, match=r'x of shape \(5, 4\), w \(3, 2\)'):
        network(x, *hidden, w, b)


def test_linear_takes_values_with_arrays_and_tensors():
    assert linear(x, Value(w), Value(b)).shape == linear(t(x), Value(w), Value(b)).shape == (5, 2)


@pytest.mark.parametrize(
    'targets', [np.zeros(5), np.zeros((5, 1)), np.zeros((1, 10)), np.zeros((4, 10)), None]
)
def test_mse_never_stretches(targets):
    with pytest.raises(CourseError, match='one_hot') as told:
        mse(np.zeros((5, 10)), targets)
    assert '(5, 10)' in str(told.value) and str(np.shape(targets)) in str(told.value)


@pytest.mark.parametrize('preds', [np.array([0], np.uint8), t([0]), [0.0]])
def test_mse_measures_floats(preds):
    with pytest.raises(CourseError, match='mse met preds'):
        mse(preds, np.array([20.0]))


def test_mse_takes_values_arrays_and_tensors():
    array, target = np.array([0.0]), np.array([20.0])
    ours = [mse(array, target), mse(t(array), t(target)), mse(Value(array), target).data]
    assert [float(loss) for loss in ours] == [400] * 3


def test_training_stops_at_nan_and_says_what_to_look_at():
    rng = np.random.default_rng(0)
    batch = [t(numbers(rng, 'float32', 20, n)) for n in (3, 2)]
    params = tensors([numbers(rng, 'float32', *shape) for shape in ((3, 4), (4,), (4, 2), (2,))])
    with pytest.raises(CourseError, match='training stopped') as told:
        train(params, [batch], epochs=100, lr=1000.0)
    assert 'tenth of the learning rate' in str(told.value) and 'isnan' in str(told.value)


def test_a_step_that_meets_nan_changes_nothing():
    params = tensors(new_parameters(4, 3, 2))
    before = [p.detach().clone() for p in params]
    with pytest.raises(CourseError, match='nan'):
        step(params, torch.full((2, 3), float('nan')), torch.zeros(2, 2), 0.1)
    assert all((p == q).all() for p, q in zip(params, before))


def test_values_that_are_lost_say_where_it_began():
    params = [Value(p) for p in new_parameters(4, 3, 2)]
    with pytest.raises(CourseError, match='It began in|It stood already'):
        train(params, [(x + np.float32('nan'), x[:, :2])], epochs=1, lr=0.1)


BATCH = t(x), t(x[:, :2])


@pytest.mark.parametrize('dl', [[], BATCH, [BATCH[0]], [(*BATCH, 1)], iter([BATCH])])
def test_batches_are_a_list_of_pairs(dl):
    with pytest.raises(CourseError, match='not a list of batches') as told:
        train(tensors(new_parameters(4, 3, 2)), dl, epochs=1, lr=0.1)
    assert 'batches(x, targets)' in str(told.value)


@pytest.mark.parametrize(
    'params',
    [
        [],
        new_parameters(4, 3, 2),
        [t(p) for p in new_parameters(4, 3, 2)],
        torch.zeros(3, requires_grad=True),
    ],
)
def test_what_cannot_be_trained(params):
    with pytest.raises(CourseError, match='requires_grad=True'):
        train(params, [BATCH], epochs=1, lr=0.1)


def test_batches_need_a_target_for_each_item():
    with pytest.raises(CourseError, match='5 items and 4 targets'):
        batches(np.zeros((5, 3)), np.zeros((4, 2)), 2)


@pytest.mark.parametrize(
    'preds, y',
    [
        (np.zeros((5, 10)), np.zeros((5, 10))),
        (np.zeros(5), np.zeros(5)),
        (np.zeros((5, 10)), np.zeros(4)),
        (np.zeros((0, 3)), np.zeros(0)),
        (None, None),
    ],
)
def test_accuracy_says_what_does_not_fit(preds, y):
    with pytest.raises(CourseError, match='one label for each item'):
        accuracy(preds, y)


@pytest.mark.parametrize('preds', [np.array([[np.nan, 1.0]]), t([[float('nan'), 1.0]])])
def test_accuracy_of_nan(preds):
    with pytest.raises(CourseError, match='nan'):
        accuracy(preds, [0])


def test_accuracy_takes_what_has_rows():
    for preds in (
        ((0.1, 0.9), (0.8, 0.3)),
        Value(np.array([[0.1, 0.9], [0.8, 0.3]])),
        torch.tensor([[0.1, 0.9], [0.8, 0.3]], requires_grad=True),
    ):
        assert accuracy(preds, (1, 0)) == 1


@pytest.mark.parametrize('bs', [3, 4, 7])
def test_the_loss_of_an_epoch_counts_every_item_once(bs):
    rng = np.random.default_rng(0)
    x, t = (torch.tensor(numbers(rng, 'float64', 7, n)) for n in (4, 2))
    params = tensors(numbers(rng, 'float64', *shape) for shape in ((4, 3), (3,), (3, 2), (2,)))
    (found,) = train(params, batches(x, t, bs=bs), epochs=1, lr=1e-12)
    np.testing.assert_allclose(found, mse(network(x, *params), t).item(), rtol=1e-9)
