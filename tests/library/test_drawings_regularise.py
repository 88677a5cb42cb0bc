"What lesson 35 draws: the numbers that it was given are in the picture."

import matplotlib.pyplot as plt
import numpy as np
import pytest

from whole_game import drawings_regularise as drawings


@pytest.fixture(autouse=True)
def no_figures_left():
    plt.close('all')
    yield
    plt.close('all')


def lines(ax):
    return [line.get_xydata().tolist() for line in ax.lines]


def labelled():
    for ax in plt.gcf().axes:
        assert ax.get_title() and ax.get_xlabel()


def test_curves_mark_the_lowest_validation_loss():
    drawings.show_curves([[2, 0.3, 2, 0.2], [1, 0.7, 1.2, 0.6], [0.1, 1, 1.5, 0.5]], 'An example')
    loss, right = plt.gcf().axes
    assert lines(loss)[-1] == [[1, 1.2]]
    assert [y for _, y in lines(right)[1]] == [0.2, 0.6, 0.5]
    labelled()


def test_offers_have_a_dot_for_each_training():
    found = np.array([[0.5, 0.6], [0.6, 0.7]])
    drawings.show_offers({'units': ([1, 10], found), 'digits': ([2, 20], found + 0.1)}, 0.55)
    left, right = plt.gcf().axes
    assert lines(left)[:2] == [[[1, 0.5], [10, 0.6]], [[1, 0.6], [10, 0.7]]]
    assert lines(right)[-1][0][1] == 0.55
    assert [text.get_text() for text in right.get_xticklabels()] == ['2', '20']
    labelled()


def test_ways_that_cost_more_are_hollow():
    runs = [{'nothing': 0.5, 'more': 0.7}, {'nothing': 0.6, 'more': 0.9}]
    drawings.show_ways({'easy': runs, 'hard': runs[:1]}, ['nothing'], 'Made up')
    easy, hard = plt.gcf().axes
    dots, mean, hollow, _, level = easy.lines
    assert dots.get_xydata().tolist() == [[0.5, 0], [0.6, 0]] and mean.get_xdata() == [0.55]
    assert dots.get_mfc() != 'none' and hollow.get_mfc() == 'none'
    assert level.get_xdata() == [0.55, 0.55] and len(hard.lines) == 5
    assert [text.get_text() for text in easy.get_yticklabels()] == ['nothing', 'more']
    labelled()


def test_descents_mark_where_features_equal_items():
    drawings.show_descent([10, 100, 1000], [0.5, 0.1, 0.8], [1, 1000, 2], 100)
    labelled()
    read, norms = plt.gcf().axes
    assert [y for _, y in lines(read)[0]] == [0.5, 0.1, 0.8] and lines(norms)[0][1] == [100, 1000]
    drawings.show_two_descents([10, 100], [0.5, 0.1], [0.5, 0.6], 100)
    labelled()
    (ax,) = plt.gcf().axes
    assert lines(ax)[1] == [[10, 0.5], [100, 0.6]] and lines(ax)[2][0][0] == 100
