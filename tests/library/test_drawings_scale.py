"whole_game.drawings_scale: what is drawn is what was handed over."

import matplotlib

matplotlib.use('Agg')
import matplotlib.pyplot as plt
import numpy as np

from whole_game.drawings_scale import show_processes


def test_three_panels_with_the_numbers_that_were_given():
    differences = {'without': [0, 1e-7], 'with': [1e-3, 1e-2]}
    show_processes([2, 1], [2, 1.1], differences, (0, 0.5), 1.7)
    left, middle, right = plt.gcf().axes
    assert [line.get_ydata().tolist() for line in left.lines] == [[2, 1], [2, 1.1]]
    assert [line.get_ydata().tolist() for line in middle.lines] == [[1e-9, 1e-7], [1e-3, 1e-2]]
    all_split, half_split, dot = right.lines
    assert np.allclose(all_split.get_ydata(), range(1, 17)) and half_split.get_ydata().max() < 2
    assert (dot.get_xdata(), dot.get_ydata()) == ([2], [1.7])
    for ax in (left, middle, right):
        assert ax.get_title() and ax.get_xlabel() and ax.get_ylabel() and ax.get_legend()
    plt.close('all')
