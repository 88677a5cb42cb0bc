"whole_game.drawings_data: what is drawn is what was handed over."

import matplotlib.pyplot as plt
import numpy as np
import pytest

from whole_game.drawings_data import folds_beside, labels_found, learning_curves, loss_panels


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close('all')


def lines(ax=None):
    return [list(line.get_ydata()) for line in (ax or plt.gca()).lines]


def test_a_learning_curve_goes_through_the_means_over_equal_doublings():
    learning_curves([5, 10], {'a': np.array([[0.5, 0.7], [0.8, 1.0]])}, 'Enough?')
    np.testing.assert_allclose(lines(), [[0.6, 0.9]])
    assert plt.gca().get_xscale() == 'log' and plt.gca().get_title() == 'Enough?'


def test_folds_have_a_dot_each_and_a_mean():
    wall = [np.zeros((4, 4, 3))] * 6
    folds_beside(wall, {'a': [0.5, 0.7], 'b': np.array([[0.9], [1.0]])}, chance=0.5)
    left, right = plt.gcf().axes
    assert left.images[0].get_array().shape[:2] == (8, 12)
    assert lines(right)[:2] == [[0.5, 0.7], [0.9, 1.0]]
    assert [t.get_text() for t in right.texts] == ['60%', '95%']


def test_wrong_labels_are_counted_down_the_list():
    labels_found({'a': np.array([True, False, True])})
    assert lines() == [[1, 1, 2], [0, 2]]


def test_each_training_has_a_panel_with_both_losses():
    run = np.array([[2.0, 2.1], [1.0, 1.5]])
    loss_panels({'one': run, 'two': run}, guessing=2.3)
    first, second = plt.gcf().axes
    assert lines(first)[:2] == [[2, 1], [2.1, 1.5]] and second.get_title() == 'two'
