"What lessons 25 and 26 draw: a push for each logit, a matrix with its margins, people and a line."

import matplotlib.pyplot as plt
import numpy as np
import pytest

from whole_game import drawings_losses as drawings

P, ILL = np.array([0.001, 0.2, 0.4, 0.6, 0.99]), np.array([0, 0, 1, 0, 1])


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close('all')


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_only_pushes_that_can_be_seen_are_arrows():
    probs, target = np.array([0.9, 0.04, 0.06]), np.array([0, 0, 1])
    left, right = drawings.push_figure(probs, target - probs, label=2).axes
    assert len(left.texts) == 3 - 1
    assert right.lines[1].get_ydata()[0] == pytest.approx(-np.log(0.06))


def test_a_matrix_shows_what_is_not_zero_with_recall_and_precision():
    drawings.show_confusion([[9, 1], [0, 10]], [0.9, 1], [1, 10 / 11])
    shown = texts(plt.gca())
    assert shown.count('0') == 0 and {'9', '1', '10', '90%', '91%'} <= set(shown)


def test_a_matrix_without_mistakes_can_be_drawn():
    drawings.show_confusion(np.diag([3, 4]), [1, 1], [1, 1])
    assert {'3', '4', '100%'} <= set(texts(plt.gca()))


def test_whom_a_threshold_calls_in_is_in_the_title():
    fig = drawings.people_figure(P, ILL, [0.5, 0.3])
    assert [ax.get_title() for ax in fig.axes] == [
        'threshold 0.5: 1 of 2 ill people called in, and 1 healthy ones; 60.0% right',
        'threshold 0.3: 2 of 2 ill people called in, and 1 healthy ones; 80.0% right',
    ]


def test_a_probability_of_0_or_1_stays_in_the_picture():
    ax = drawings.people_figure(np.array([0.0, 1.0]), np.array([0, 1]), [0.5]).axes[0]
    dots = np.concatenate([dots.get_offsets()[:, 0] for dots in ax.collections])
    assert np.isfinite(dots).all() and (abs(dots) <= ax.get_xlim()[1]).all()


def test_small_thresholds_are_on_the_right():
    drawings.show_thresholds([0.5, 0.1], [0.8, 1], [1, 0.5], [0.9, 0.8], 0.95, [9, 4])
    for ax in plt.gcf().axes:
        assert ax.get_xlim()[0] > ax.get_xlim()[1]


def test_each_name_has_its_dots():
    drawings.show_runs({'a': [1, 2, 3], 'b': [2]}, 'Runs', 'accuracy', left=0)
    assert [len(line.get_xdata()) for line in plt.gca().lines] == [3, 1]
    assert plt.gca().get_xlim()[0] == 0


def test_groups_temperatures_and_costs_have_a_panel_or_a_line_each():
    group = dict(low=0, high=1, n=10, right=8, confidence=0.9)
    drawings.show_reliability({'As trained': [group], 'Cooled': [group]})
    assert [ax.get_title() for ax in plt.gcf().axes] == ['As trained', 'Cooled']
    drawings.show_temperatures([1.0, 0.0], {1: [0.7, 0.3], 3: [0.6, 0.4]})
    assert len(plt.gcf().axes) == 2
    drawings.show_costs(P, {'-log(p)': -np.log(P), 'accuracy': P < 0.5})
    assert len(plt.gca().lines) == 2
