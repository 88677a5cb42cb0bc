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
        ((x, w, np.zeros(3, np.float32)), ['b (3,)', '(2,)']),
        ((x, w[0], b), ['w (2,)', 'table']),
        ((np.float32(1), w, b), ['shape ()']),
        ((x, w.T, b), ['w (2, 3)', '(3,)']),
        ((x, w, b[:, None]), ['b (2, 1)', '(2,)']),
        ((x.tolist(), w, b), ['x is a list']),
        ((x.astype(np.uint8), w, b), ['x of the kind uint8', '255', 'x.astype']),
        ((x, w.astype(int), b), ['w of the kind int']),
        ((x, w, b > 0), ['b of the kind bool']),
        ((t(x).long(), t(w), t(b)), ['x of the kind torch.int64', 'x.float() / 255']),
        ((t(x), t(w) > 0, t(b)), ['w of the kind torch.bool', '.float()']),
        ((x, t(w), t(b)), ['NumPy arrays (x)', 'tensors of PyTorch (w, b)', 'torch.tensor(x)']),
        ((t(x), w, b), ['NumPy arrays (w, b)', 'torch.tensor(w)']),
        ((None, t(w), t(b)), ['x is a NoneType']),
        ((t(x).double(), t(w), t(b)), ['x of torch.float64', 'w of torch.float32', 'x.float()']),
        ((t(x), t(w), t(b).double()), ['b of torch.float64']),
    ],
)
def test_linear_says_what_does_not_fit(args, words):
    with pytest.raises(CourseError) as told:
        linear(*args)
    for word in words:
        assert word in str(told.value)


def test_network_says_which_layer():
    with pytest.raises(CourseError, match=r'x of shape \(5, 4\), w \(3, 2\)'):
        network(
            np.zeros((5, 3), np.float32),
            np.zeros((3, 4), np.float32),
            np.zeros(4, np.float32),
            w,
            b,
        )


@pytest.mark.parametrize(
    'targets', [np.zeros(5), np.zeros((5, 1)), np.zeros((1, 10)), np.zeros((4, 10))]
)
def test_mse_never_stretches(targets):
    with pytest.raises(CourseError, match='one_hot') as told:
        mse(np.zeros((5, 10)), targets)
    assert '(5, 10)' in str(told.value) and str(targets.shape) in str(told.value)
    with pytest.raises(CourseError):
        mse(torch.zeros(5, 10), torch.tensor(targets))


def test_linear_takes_two_kinds_of_floats_where_they_mix():
    assert (
        linear(x.astype(np.float64), w, b).shape
        == linear(x, Value(w), Value(b)).shape
        == linear(t(x), Value(w), Value(b)).shape
        == (5, 2)
    )


@pytest.mark.parametrize(
    'preds, targets, words',
    [
        (
            np.array([0], np.uint8),
            np.array([20], np.uint8),
            ['preds of the kind uint8', 'expected: floats', 'clock', '.astype(np.float32)'],
        ),
        (t([0]), t([20]), ['preds of the kind torch.int64', '.float()']),
        ([0.0], [1.0], ['preds is a list']),
        (np.ones(1), None, ['targets is a NoneType']),
        (np.ones(1), t([1.0]), ['arrays (preds)', 'torch.tensor(preds)']),
        (t([1.0]), np.ones(1), ['torch.tensor(targets)']),
    ],
)
def test_mse_says_what_it_cannot_measure(preds, targets, words):
    with pytest.raises(CourseError, match='mse') as told:
        mse(preds, targets)
    for word in words:
        assert word in str(told.value)


def test_mse_takes_values_arrays_and_tensors():
    ours = [
        float(mse(preds, targets))
        for preds, targets in (
            (np.array([0.0]), np.array([20.0])),
            (np.array([0.0]), np.array([20], np.uint8)),
            (t([0.0]), t([20])),
        )
    ]
    assert [*ours, float(mse(Value(np.array([0.0])), np.array([20.0])).data)] == [400] * 4


def test_mse_of_nothing_is_no_loss():
    with pytest.raises(CourseError):
        mse(np.zeros((0, 10)), np.zeros((0, 10)))


def test_training_stops_at_nan_and_says_what_to_look_at():
    rng = np.random.default_rng(0)
    batch = (
        torch.tensor(numbers(rng, 'float32', 20, 3)),
        torch.tensor(numbers(rng, 'float32', 20, 2)),
    )
    params = tensors([numbers(rng, 'float32', *shape) for shape in ((3, 4), (4,), (4, 2), (2,))])
    with pytest.raises(CourseError, match='lr is 1000') as told:
        train(params, [batch], epochs=100, lr=1000.0)
    assert 'learning rate' in str(told.value)
    batch[0][3, 1] = float('nan')
    with pytest.raises(CourseError, match='nan') as told:
        train(tensors(new_parameters(4, 3, 2)), [batch], epochs=1, lr=0.1)
    assert 'isnan' in str(told.value)


def test_a_step_that_ends_in_nan_changes_nothing():
    params = tensors(new_parameters(4, 3, 2))
    before = [p.detach().clone() for p in params]
    with pytest.raises(CourseError):
        step(params, torch.full((2, 3), float('nan')), torch.zeros(2, 2), 0.1)
    assert all((p == q).all() for p, q in zip(params, before))


def test_plain_arrays_cannot_be_trained():
    with pytest.raises(CourseError, match='requires_grad'):
        train(new_parameters(4, 3, 2), [(x, x[:, :2])], epochs=1, lr=0.1)


def trainable():
    return tensors(new_parameters(4, 3, 2))


PACK = t(x), t(x[:, :2])


@pytest.mark.parametrize('dl', [[], iter([]), zip([], [])], ids=['list', 'generator', 'zip'])
def test_without_batches_there_is_no_training(dl):
    with pytest.raises(CourseError, match='There are no batches') as told:
        train(trainable(), dl, epochs=2, lr=0.1)
    assert 'batches(x, targets)' in str(told.value)


def test_a_generator_serves_every_epoch():
    a, b = trainable(), trainable()
    assert train(a, (batch for batch in [PACK, PACK]), epochs=3, lr=0.1) == train(
        iter(b), [PACK, PACK], epochs=3, lr=0.1
    )


@pytest.mark.parametrize('dl', [PACK, [PACK[0]], [(*PACK, 1)]])
def test_a_pack_is_a_pair(dl):
    with pytest.raises(CourseError, match='not a pair'):
        train(trainable(), dl, epochs=1, lr=0.1)


@pytest.mark.parametrize(
    'params, words',
    [
        ([t(p) for p in new_parameters(4, 3, 2)], 'keep no slopes'),
        ([Value(p, fixed=True) for p in new_parameters(4, 3, 2)], 'keep no slopes'),
        (trainable()[0], 'square brackets'),
        ([], 'no parameters'),
        ([2 * p for p in trainable()], 'result of a calculation'),
        (new_parameters(4, 3, 2), 'plain arrays'),
    ],
)
def test_what_cannot_be_trained(params, words):
    for go in (lambda: train(params, [PACK], epochs=1, lr=0.1), lambda: step(params, *PACK, 0.1)):
        with pytest.raises(CourseError, match=words):
            go()


def test_a_parameter_that_the_model_does_not_use_stays():
    params, spare = trainable(), torch.ones(2, requires_grad=True)
    train(
        [*params, spare],
        [(t(x) + 1, t(x[:, :2]) + 1)],
        epochs=2,
        lr=0.1,
        model=lambda x, *params: network(x, *params[:4]),
    )
    assert spare.tolist() == [1, 1] and params[3].detach().any()


def test_a_loss_without_a_way_back_is_named():
    with pytest.raises(CourseError, match='no way back'):
        train(
            trainable(),
            [PACK],
            epochs=1,
            lr=0.1,
            model=lambda x, *params: network(x, *params).detach(),
        )


def test_values_that_are_lost_say_where_it_began():
    params = [Value(p) for p in new_parameters(4, 3, 2)]
    with pytest.raises(CourseError, match='It began in the step|It stood already'):
        train(params, [(x + np.float32('nan'), x[:, :2])], epochs=1, lr=0.1)


@pytest.mark.parametrize(
    'x, targets, bs, words',
    [
        (np.zeros((5, 3)), np.zeros((4, 2)), 2, 'bs=2'),
        (np.zeros((5, 3)), np.zeros((5, 2)), 0, 'bs=0'),
        (np.zeros((5, 3)), np.zeros((5, 2)), 2.5, 'bs=2.5'),
        (np.zeros((5, 3)), np.zeros((5, 2)), None, 'bs=None'),
        ([[0.0]], [[1.0]], 1, 'a list and a list'),
        (np.zeros((5, 3)), None, 1, 'NoneType'),
        (np.array(3.0), np.zeros(3), 1, 'two arrays'),
    ],
)
def test_batches_say_what_does_not_fit(x, targets, bs, words):
    with pytest.raises(CourseError, match=words):
        batches(x, targets, bs)


@pytest.mark.parametrize(
    'preds, y',
    [
        (np.zeros((5, 10)), np.zeros((5, 10))),
        (np.zeros(5), np.zeros(5)),
        (np.zeros((5, 10)), np.zeros(4)),
    ],
)
def test_accuracy_says_what_does_not_fit(preds, y):
    with pytest.raises(CourseError, match='one label for each item'):
        accuracy(preds, y)


@pytest.mark.parametrize(
    'preds, y, words',
    [
        (np.zeros((0, 3)), np.zeros(0), r'shape \(0, 3\)'),
        (np.zeros((3, 0)), np.zeros(3), r'shape \(3, 0\)'),
        (None, None, r'shape \(\)'),
        ([[1, 2], [3]], [0, 1], 'several lengths'),
        (np.array([[np.nan, 1.0]]), [0], 'nan'),
        (t([[float('nan'), 1.0]]), t([1]), 'nan'),
        ([[0.1, 0.9]], ['1'], 'no numbers'),
        ([['a', 'b']], [0], 'no numbers'),
    ],
)
def test_accuracy_of_what_cannot_be_counted(preds, y, words):
    with pytest.raises(CourseError, match=words):
        accuracy(preds, y)


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
