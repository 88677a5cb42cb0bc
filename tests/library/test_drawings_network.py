"whole_game.drawings_network: what is drawn is what was handed over."

import matplotlib.pyplot as plt
import numpy as np
import pytest

from whole_game import drawings_network as drawings


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close('all')


rng = np.random.default_rng(0)
rows, ink = np.arange(28), rng.random(28)


def test_a_curve_and_its_values():
    ax = drawings.curve_figure(rows, ink, 2 * ink, 'twice').axes[0]
    dots, curve = ax.lines
    assert (dots.get_ydata() == ink).all() and (curve.get_ydata() == 2 * ink).all()
    assert ax.get_title() == 'twice'


def test_ramps_and_their_sum():
    ramps = {'up': np.maximum(0, rows - 5), 'down': -np.maximum(0, rows - 9)}
    drawings.show_ramps(rows, ramps)
    left, right = plt.gcf().axes
    assert [line.get_label() for line in left.lines] == ['up', 'down']
    assert (right.lines[0].get_ydata() == sum(ramps.values())).all()


def test_a_bar_for_each_ramp():
    left, right = drawings.ramps_figure(rows, ink, [3, 8], ink + 1, [1.5, -2]).axes
    assert [bar.get_height() for bar in left.patches] == [1.5, -2]
    assert left.patches[0].get_facecolor() != left.patches[1].get_facecolor()
    assert (right.lines[1].get_ydata() == ink + 1).all()


def test_without_ramps_there_are_no_bars():
    left, _ = drawings.ramps_figure(rows, ink, [], ink, np.array([])).axes
    assert not left.patches


def test_a_match_tells_its_sum():
    drawings.show_matches(np.full(784, 0.5), [np.ones(784), np.zeros(784)])
    titles = [ax.get_title() for ax in plt.gcf().axes]
    assert titles == ['digit', '× template', '= product, sum 392', '', '', 'sum 0']


def test_the_weights_of_eight_units():
    drawings.show_weights(rng.random((784, 9)), range(1, 9))
    assert [ax.get_title() for ax in plt.gcf().axes] == [f'unit {n}' for n in range(1, 9)]


def test_a_digit_on_its_way():
    sums = np.array([1.0, -1.0])
    drawings.show_inside(rng.random(784), 3, sums, np.maximum(0, sums), np.eye(10)[3])
    axes = plt.gcf().axes
    assert [ax.get_title() for ax in axes] == [
        '784 pixels, a 3',
        '2 sums',
        '2 activations',
        '10 outputs',
    ]
    assert [bar.get_height() for bar in axes[2].patches] == [1, 0]


def test_accuracies_as_bars():
    drawings.show_ways({'guess': 0.1, 'net': 0.947}, ['net'])
    assert [text.get_text() for text in plt.gca().texts] == ['10%', '95%']
    grey, blue = plt.gca().patches
    assert grey.get_facecolor() != blue.get_facecolor()


def test_a_training_has_two_panels():
    drawings.show_training([0.2, 0.1], [0.5, 0.7])
    loss, right = plt.gcf().axes
    assert list(loss.lines[0].get_ydata()) == [0.2, 0.1]
    assert list(right.lines[0].get_xdata()) == [1, 2]


def test_mistakes_have_label_and_answer():
    drawings.show_mistakes(rng.random((12, 784)), range(12), range(1, 13))
    assert [ax.get_title() for ax in plt.gcf().axes][:2] == ['0, says 1', '1, says 2']
