"""The losses of lesson 25 against PyTorch's: values and gradients on generated cases, extreme
logits, and what they say to labels that do not fit."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from whole_game.errors import CourseError
from whole_game.own.losses import cross_entropy, log_softmax, softmax

CASES = settings(max_examples=200, derandomize=True, deadline=None, database=None)
CLOSE = {torch.float64: dict(rtol=1e-7, atol=1e-12), torch.float32: dict(rtol=1e-4, atol=1e-5)}


@st.composite
def cases(draw):
    """Logits of some shape, type and size, labels for them, and weights with which results are
    added up, so that gradients are not all alike."""
    n, categories = draw(st.integers(1, 9)), draw(st.integers(1, 12))
    kind = draw(st.sampled_from([torch.float64, torch.float32]))
    size = draw(st.sampled_from([0.0, 1.0, 5.0, 50.0, 1e3, 1e6]))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    # Multiples of 1/64 are the same number in both types, and ties among them are common.
    logits = torch.tensor(rng.integers(-128, 129, (n, categories)) / 64 * size, dtype=kind)
    return (
        logits,
        torch.tensor(rng.integers(0, categories, n)),
        torch.tensor(rng.uniform(-1, 2, (n, categories)), dtype=kind),
    )


def agree(ours, theirs, logits):
    "Two ways from logits to one number find the same number and the same gradients."
    p, q = logits.clone().requires_grad_(), logits.clone().requires_grad_()
    a, b = ours(p), theirs(q)
    assert a.dtype == b.dtype and a.shape == b.shape
    torch.testing.assert_close(a, b, **CLOSE[logits.dtype])
    a.backward()
    b.backward()
    torch.testing.assert_close(p.grad, q.grad, **CLOSE[logits.dtype])


@CASES
@given(cases())
def test_softmax_is_torchs(case):
    logits, _, weights = case
    probs = softmax(logits)
    torch.testing.assert_close(probs, F.softmax(logits, 1), **CLOSE[logits.dtype])
    torch.testing.assert_close(softmax(logits[0]), F.softmax(logits[0], 0), **CLOSE[logits.dtype])
    assert (
        (probs >= 0).all()
        and torch.allclose(probs.sum(1), torch.ones(len(logits), dtype=logits.dtype))
        and (probs.argmax(1) == logits.argmax(1)).all()
    )
    agree(
        lambda z: (softmax(z) * weights).sum(), lambda z: (F.softmax(z, 1) * weights).sum(), logits
    )


@CASES
@given(cases())
def test_log_softmax_is_torchs(case):
    logits, _, weights = case
    torch.testing.assert_close(log_softmax(logits), F.log_softmax(logits, 1), **CLOSE[logits.dtype])
    agree(
        lambda z: (log_softmax(z) * weights).sum(),
        lambda z: (F.log_softmax(z, 1) * weights).sum(),
        logits,
    )


@CASES
@given(cases())
def test_cross_entropy_is_torchs(case):
    logits, y, _ = case
    agree(lambda z: cross_entropy(z, y), lambda z: F.cross_entropy(z, y), logits)


@CASES
@given(cases())
def test_its_gradient_is_probabilities_minus_one_hot(case):
    logits, y, _ = case
    z = logits.clone().requires_grad_()
    cross_entropy(z, y).backward()
    torch.testing.assert_close(
        z.grad * len(y), F.softmax(logits, 1) - F.one_hot(y, logits.shape[1]), **CLOSE[logits.dtype]
    )


@pytest.mark.parametrize(
    'kind, size',
    [
        (torch.float32, 1e30),
        (torch.float32, 1e38),
        (torch.float64, 1e300),
    ],
)
def test_the_largest_numbers_there_are(kind, size):
    logits = (
        (torch.tensor([[1.0, 0, 0.5], [0, 0, 0], [-1, -1, 0.25]], dtype=torch.float64) * size)
        .to(kind)
        .requires_grad_()
    )
    for found, want in ((softmax, F.softmax), (log_softmax, F.log_softmax)):
        got = found(logits)
        assert not got.isnan().any() and got.dtype == kind
        torch.testing.assert_close(got, want(logits, 1))
    cross_entropy(logits, torch.tensor([0, 2, 2])).backward()
    assert torch.isfinite(logits.grad).all()


def test_known_values():
    assert cross_entropy(torch.zeros(7, 10), torch.arange(7)).item() == pytest.approx(math.log(10))
    assert log_softmax(torch.tensor([1000.0, 0.0])).tolist() == [0, -1000] and softmax(
        torch.tensor([1000.0, 0.0])
    ).tolist() == [1, 0]
    assert cross_entropy(
        torch.tensor([[0.0, math.log(3)]]), torch.tensor([0])
    ).item() == pytest.approx(math.log(4))


def test_the_loss_is_a_mean_over_items():
    logits = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))
    y = torch.tensor([0, 1, 2, 3, 0, 1])
    assert cross_entropy(logits.repeat(5, 1), y.repeat(5)).item() == pytest.approx(
        cross_entropy(logits, y).item(), rel=1e-5
    )
    assert cross_entropy(logits, y).shape == ()


@pytest.mark.parametrize('kind', [torch.uint8, torch.int32, torch.int64])
def test_labels_may_be_any_whole_numbers(kind):
    logits = torch.randn(4, 3, generator=torch.Generator().manual_seed(0))
    y = torch.tensor([2, 0, 1, 1])
    assert cross_entropy(logits, y.to(kind)).item() == pytest.approx(
        F.cross_entropy(logits, y).item(), abs=1e-6
    )


def test_nothing_that_goes_in_is_changed():
    logits, y = torch.tensor([[3.0, 1.0], [0.0, 2.0]]), torch.tensor([0, 1])
    before = logits.clone()
    softmax(logits)
    log_softmax(logits)
    cross_entropy(logits, y)
    assert (logits == before).all()


# --- what does not fit

z, labels = torch.zeros(5, 3), torch.tensor([0, 1, 2, 0, 1])


@pytest.mark.parametrize(
    'logits, words',
    [
        ([[1.0, 2.0]], ['list', 'floats']),
        (np.zeros((2, 3)), ['ndarray', 'a tensor of floats']),
        (torch.zeros(2, 3, dtype=torch.int64), ['int64', 'floats', 'argmax']),
    ],
)
@pytest.mark.parametrize(
    'function',
    [softmax, log_softmax, lambda logits: cross_entropy(logits, labels)],
    ids=['softmax', 'log_softmax', 'cross_entropy'],
)
def test_what_are_no_logits(function, logits, words):
    with pytest.raises(CourseError) as told:
        function(logits)
    for word in words:
        assert word in str(told.value)


@pytest.mark.parametrize(
    'logits, y, words',
    [
        (z, F.one_hot(labels, 3).float(), ['(5, 3)', '(n,)', 'One-hot', 'argmax']),
        (z, F.one_hot(labels, 3), ['One-hot']),
        (z, labels[:, None], ['(5, 1)', '(n,)']),
        (z, labels[:4], ['(5, 3)', '(4,)']),
        (z, labels.float(), ['float32', 'whole numbers', '.long()']),
        (z, labels.tolist(), ['list', 'a tensor']),
        (z, labels + 1, ['1 to 3', '0 to 2']),
        (z, labels - 1, ['-1 to 1', '0 to 2']),
        (z[0], labels[0], ['(3,)', '(n, categories)']),
    ],
)
def test_labels_that_do_not_fit(logits, y, words):
    with pytest.raises(CourseError) as told:
        cross_entropy(logits, y)
    for word in words:
        assert word in str(told.value)
