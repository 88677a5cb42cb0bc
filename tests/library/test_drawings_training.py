"whole_game.drawings_training: what is drawn is what was handed over."

import matplotlib

matplotlib.use('agg')

import matplotlib.pyplot as plt

from whole_game.drawings_training import show_trainings


def test_both_trainings_and_every_layer_are_drawn():
    losses = {'one': [3.0, 2.0, 1.0], 'two': [3.0, 2.5, 1.0]}
    insides = {'a': [[1.0, 0.1, 0.2]], 'b': [[1.0, 1.0, 1.0], [0.5, 0.4, 0.3]]}
    show_trainings(losses, insides)
    left, a, b = plt.gcf().axes
    assert [list(line.get_ydata()) for line in left.lines] == list(losses.values())
    assert [text.get_text() for text in left.get_legend().get_texts()] == ['one', 'two']
    for ax, (title, stds) in zip((a, b), insides.items()):
        assert ax.get_title() == title and ax.get_yscale() == 'log'
        assert [list(line.get_ydata()) for line in ax.lines] == stds
    plt.close('all')
