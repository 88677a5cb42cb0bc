"""What lesson 20 draws: every number, the copies that broadcasting does not make, the nearest
average."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from whole_game import drawings_pixels as drawings


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close('all')


def test_each_number_is_in_its_square():
    picture = np.arange(6, dtype=np.uint8).reshape(2, 3)
    drawings.show_numbers(picture, 'six')
    found = {text.get_position(): text.get_text() for text in plt.gca().texts}
    assert found == {(c, r): str(picture[r, c]) for r in range(2) for c in range(3)}


@pytest.mark.parametrize('picture', [np.array([[0, 255]], np.uint8), np.array([[0.0, 1.0]])])
def test_black_and_white_are_the_same_for_both_kinds_of_numbers(picture):
    drawings.show_row([picture, picture], ['one', 'two'])
    for ax in plt.gcf().axes:
        assert ax.images[0].norm(picture).tolist() == [[0, 1]]


def test_what_broadcasting_repeats_is_pale():
    drawings.draw_sum(np.array([[1], [5]]), np.array([10, 20, 30]))
    column, row, total = ([patch.get_linestyle() for patch in ax.patches] for ax in plt.gcf().axes)
    assert [line.count('--') for line in (column, row, total)] == [4, 3, 0]
    assert [text.get_text() for text in plt.gcf().axes[2].texts] == '11 21 31 15 25 35'.split()


def test_the_smallest_distance_has_a_colour_of_its_own():
    distances = np.linspace(0.1, 0.2, 10)[::-1]
    bars = drawings.sliding_page(np.zeros((4, 4)), np.zeros((4, 4)), 3, distances).axes[1].patches
    assert len({bar.get_facecolor() for bar in bars[:9]}) == 1
    assert bars[9].get_facecolor() != bars[0].get_facecolor()


def test_only_wrong_answers_are_orange():
    grey = [np.zeros((2, 2))] * 3
    drawings.show_pairs(grey, grey, [''] * 3, 'abc', [False, True, False])
    colours = [ax.title.get_color() for ax in plt.gcf().axes[3:]]
    assert colours == ['black', '#D55E00', 'black']
