"What lesson 21 draws: the loss of a line, and steps that do not hide each other."

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.patches import FancyArrowPatch

from whole_game import drawings_descent as drawings

X = np.linspace(-2, 2, 40)
Y = 4 + X


def loss_at(w, b):
    return ((w * X + b - Y) ** 2).mean()


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close('all')


def arrows(ax):
    return [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]


def test_a_lines_loss_is_in_its_title():
    assert drawings.line_figure(X, Y, 1, 4).axes[0].get_title() == 'loss 0.00'
    assert drawings.line_figure(X, Y, 1, 2).axes[0].get_title() == 'loss 4.00'


def test_a_walk_ends_with_its_last_line():
    path = [(0, 0), (0.5, 2), (1, 3)]
    left, right = drawings.walk_figure(X, Y, path).axes
    assert left.get_title() == 'loss 1.00' and right.get_title() == 'w = 1.00, b = 3.00'
    every = drawings.walk_figure(X, Y, path, every_line=True).axes[1]
    assert len(every.lines) == len(right.lines) + 2


def test_steps_to_and_fro_are_arrows_on_two_sides():
    drawings.show_rates(loss_at, {0.1: [(0, 1), (0.2, 2)], 1: [(0, 1), (2, 7), (0, 1)]})
    small, large = (arrows(ax) for ax in plt.gcf().axes[:2])
    assert (len(small), len(large)) == (1, 2)
    there, back = (arrow.get_path().vertices.mean(axis=0) for arrow in large)
    assert np.abs(there - back).max() > 1


def test_a_narrow_valley_shows_eight_steps_and_the_best_line():
    path = [(n / 100, -n / 100) for n in range(100)]
    drawings.show_valley(loss_at, path, (1, 4), {'a': [1, 0.1], 'b': [2, 1]})
    left, right = plt.gcf().axes
    assert len(arrows(left)) == 8 and len(right.lines) == 2


def test_curves_and_hills_have_a_legend_for_each():
    drawings.show_hills(lambda p: p**2, {0: np.zeros(3), 1: np.ones(3)})
    drawings.show_swing({'right': [2, 1], 'forgotten': [2, 3]})
    assert [text.get_text() for text in plt.gca().get_legend().texts] == ['right', 'forgotten']
