"""The losses and metrics of lesson 25 against PyTorch's and scikit-learn's: values and gradients on
generated cases, extreme logits, and what they say to labels that do not fit."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from whole_game.errors import CourseError
from whole_game.own.losses import confusion, cross_entropy, log_softmax, precision_recall, softmax

CASES = settings(max_examples=200, derandomize=True, deadline=None, database=None)
CLOSE = {torch.float64: dict(rtol=1e-7, atol=1e-12), torch.float32: dict(rtol=1e-4, atol=1e-5)}


@st.composite
def cases(draw):
    """Logits of some shape, type and size, labels for them, and weights with which results are
    added up, so that slopes are not all alike."""
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
    "Two ways from logits to one number find the same number and the same slopes."
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
    shares = softmax(logits)
    torch.testing.assert_close(shares, F.softmax(logits, 1), **CLOSE[logits.dtype])
    torch.testing.assert_close(softmax(logits[0]), F.softmax(logits[0], 0), **CLOSE[logits.dtype])
    assert (
        (shares >= 0).all()
        and torch.allclose(shares.sum(1), torch.ones(len(logits), dtype=logits.dtype))
        and (shares.argmax(1) == logits.argmax(1)).all()
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
def test_its_slope_is_shares_minus_one_hot(case):
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
        (torch.float16, 3e4),
        (torch.bfloat16, 1e38),
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


@pytest.mark.parametrize('kind', [torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64])
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


# --- counting


@CASES
@given(st.integers(0, 10**6), st.integers(1, 40), st.integers(2, 6))
def test_confusion_precision_and_recall_are_scikit_learns(seed, n, categories):
    rng = np.random.default_rng(seed)
    y, answers = rng.integers(0, categories, n), rng.integers(0, categories, n)
    counts = confusion(torch.tensor(answers), torch.tensor(y), categories)
    assert (
        counts.numpy() == metrics.confusion_matrix(y, answers, labels=range(categories))
    ).all() and counts.sum() == n
    for category in range(categories):
        precision, recall = precision_recall(torch.tensor(answers), torch.tensor(y), category)
        want = metrics.precision_recall_fscore_support(
            y, answers, labels=[category], zero_division=np.nan
        )
        np.testing.assert_allclose([precision, recall], [want[0][0], want[1][0]], equal_nan=True)


def test_where_there_are_none_it_is_nan():
    nobody, everybody = torch.zeros(4, dtype=torch.int64), torch.ones(4, dtype=torch.int64)
    assert (
        math.isnan(precision_recall(nobody, everybody)[0])
        and precision_recall(nobody, everybody)[1] == 0
    )
    assert (
        math.isnan(precision_recall(everybody, nobody)[1])
        and precision_recall(everybody, nobody)[0] == 0
    )


def test_precision_and_recall_take_true_and_false():
    assert precision_recall(
        torch.tensor([True, True, False, False]), torch.tensor([True, False, False, True])
    ) == (0.5, 0.5)


# --- what does not fit

z, labels = torch.zeros(5, 3), torch.tensor([0, 1, 2, 0, 1])


@pytest.mark.parametrize(
    'logits, words',
    [
        ([[1.0, 2.0]], ['list', 'torch.tensor']),
        (np.zeros((2, 3)), ['ndarray']),
        (torch.zeros(2, 3, dtype=torch.int64), ['int64', 'floats', 'argmax']),
        (torch.tensor(1.0), ['shape ()', '(n, categories)']),
        (torch.zeros(4, 0), ['(4, 0)']),
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
        (z, F.one_hot(labels, 3).float(), ['(5, 3)', '(5,)', 'one-hot', 'argmax']),
        (z, F.one_hot(labels, 3), ['one-hot']),
        (z, labels[:, None], ['(5, 1)', '(5,)', 'y[:, 0]']),
        (z, labels[:4], ['(5, 3)', '(4,)']),
        (z, torch.tensor(1), ['shape ()']),
        (z, labels.float(), ['float32', 'whole numbers', '.long()']),
        (z, labels == 1, ['bool']),
        (z, labels.tolist(), ['list', 'torch.tensor(y)']),
        (z, labels.numpy(), ['ndarray']),
        (z, labels + 1, ['1 to 3', '0 to 2']),
        (z, labels - 1, ['-1 to 1', '0 to 2']),
        (z[0], labels[0], ['(3,)', '(n, categories)', 'logits[None]']),
        (torch.zeros(5, 3, 2), labels, ['(5, 3, 2)']),
        (torch.zeros(0, 3), labels[:0], ['(0, 3)']),
    ],
)
def test_labels_that_do_not_fit(logits, y, words):
    with pytest.raises(CourseError) as told:
        cross_entropy(logits, y)
    for word in words:
        assert word in str(told.value)


@pytest.mark.parametrize(
    'answers, y',
    [
        (torch.zeros(4).long(), torch.zeros(5).long()),
        (torch.zeros(4, 2).long(), torch.zeros(4, 2).long()),
    ],
)
def test_answers_that_do_not_fit(answers, y):
    with pytest.raises(CourseError, match=r'expected: \(n,\)'):
        confusion(answers, y, 2)
    with pytest.raises(CourseError, match=r'expected: \(n,\)'):
        precision_recall(answers, y)


whole = torch.tensor([0, 1, 1])


@pytest.mark.parametrize(
    'odd, words',
    [
        (torch.tensor([0.9, 0.2, 0.8]), ['float32', 'whole numbers, or True and False', 'p > 0.5']),
        (torch.tensor([0.0, 1.7, 1.0]), ['float32']),
        (torch.zeros(3, 2), ['float32', 'argmax(1)']),
        (torch.zeros(3, dtype=torch.complex64), ['complex64']),
        (torch.tensor([]), ['float32']),
        ([0, 1, 1], ['list', 'torch.tensor(...)']),
        (None, ['NoneType']),
        (np.array([0, 1, 1]), ['ndarray']),
    ],
)
@pytest.mark.parametrize('name', ['answers', 'labels'])
@pytest.mark.parametrize(
    'count',
    [lambda a, y: confusion(a, y, 2), precision_recall],
    ids=['confusion', 'precision_recall'],
)
def test_answers_and_labels_that_are_none(count, name, odd, words):
    with pytest.raises(CourseError) as told:
        count(*((odd, whole) if name == 'answers' else (whole, odd)))
    for word in [name, *words]:
        assert word in str(told.value)


@pytest.mark.parametrize('categories', [None, '3', 3.0, 0, -1, torch.tensor(3)])
def test_a_number_of_categories_that_is_none(categories):
    with pytest.raises(CourseError, match='for the number of categories; expected: a whole number'):
        confusion(whole, whole, categories)


def test_nothing_to_count_is_counted():
    nothing = whole[:0]
    assert confusion(nothing, nothing, 2).tolist() == [[0, 0], [0, 0]] and all(
        math.isnan(share) for share in precision_recall(nothing, nothing)
    )


@pytest.mark.parametrize('kind', [torch.bool, torch.uint8, torch.int32])
def test_kinds_of_whole_numbers_mix(kind):
    assert (
        confusion(whole.to(kind), whole, 2).tolist()
        == confusion(whole, whole.to(kind), 2).tolist()
        == confusion(whole.to(kind), whole.to(kind), 2).tolist()
        == [[1, 0], [0, 2]]
    )


def test_answers_out_of_range():
    with pytest.raises(CourseError, match='0 to 1'):
        confusion(torch.tensor([0, 2]), torch.tensor([0, 1]), 2)
    with pytest.raises(CourseError, match='0 to 1'):
        confusion(torch.tensor([0, 1]), torch.tensor([0, -1]), 2)
