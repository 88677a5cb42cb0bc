"""The metrics of lesson 26 against scikit-learn's, and what they say to answers that do not fit."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from whole_game.errors import CourseError
from whole_game.own.metrics import confusion, precision_recall

CASES = settings(max_examples=200, derandomize=True, deadline=None, database=None)


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
        (
            torch.tensor([0.9, 0.2, 0.8]),
            ['float32', 'whole numbers', 'p > 0.5'],
        ),
        (torch.zeros(3, 2), ['float32', 'argmax(1)']),
        ([0, 1, 1], ['list']),
        (np.array([0, 1, 1]), ['ndarray', 'a tensor']),
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
