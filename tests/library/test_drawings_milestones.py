"whole_game.drawings_milestones and whole_game.lines: what is drawn and counted is what is there."

import matplotlib

matplotlib.use('agg')

import fastcore
import matplotlib.pyplot as plt
import pytest
import torch

from whole_game import drawings_milestones as draw
from whole_game.lines import code_lines, library_lines, lines_by_lesson


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close('all')


class Shown(list):
    vocab = ['a', 'b']


def test_the_worst_mistakes_come_first():
    pictures = Shown((torch.full((3, 4, 4), i / 4 - 1), 0) for i in range(8))
    logits = torch.tensor([[float(i), 0.0] for i in range(8)])
    labels = torch.tensor([0, 0, 0, 0, 1, 1, 1, 1])
    draw.show_mistakes(torch.tensor([[4, 0], [4, 0]]), logits, labels, pictures, 'ours')
    matrix, *worst = [ax for sub in plt.gcf().subfigs for ax in sub.axes]
    assert matrix.get_title() == 'ours' and sorted(t.get_text() for t in matrix.texts) == ['4', '4']
    assert worst[0].get_title() == 'a /\nb\n7.0 / 1.00' and len(worst) == 6
    assert worst[1].get_title().startswith('a /\nb\n6.0')
    assert abs(worst[0].images[0].get_array().max() - 7 / 8) < 1e-6


def test_two_trainings_and_their_validation():
    draw.show_two({'one': [3, 2, 1, 1], 'two': [3, 1]}, {'one': [2, 1], 'two': [1]})
    lines = plt.gca().lines
    assert list(lines[0].get_ydata()) == [3, 2, 1, 1] and list(lines[1].get_xdata()) == [1, 3]
    assert list(lines[3].get_xdata()) == [1]
    assert {t.get_text() for t in plt.gca().get_legend().get_texts()} >= {'one', 'two, validation'}


def test_planes_bars_and_timeline():
    corners, labels = torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]]), torch.tensor([0, 1, 1, 0])
    draw.draw_planes({'l': lambda p: p[:, 0] > 0.5, 'r': lambda p: p[:, 1] > 2}, corners, labels)
    left, right = plt.gcf().axes
    assert left.get_title() == 'l' and sorted(left.lines[0].get_xdata()) == [0, 1]
    draw.draw_lines({'20': 3, '42': 10}, {'torch': 5000})
    assert plt.gca().get_title() == '13 lines of your own; torch has 5,000'
    assert [bar.get_height() for bar in plt.gca().patches] == [3, 10]
    draw.draw_weights(torch.arange(784.0)[:, None], 'w')
    assert plt.gcf().axes[0].images[0].get_array()[1, 0] == 28
    rows = [(1958, 'one', 785, 0.9, 'x'), (1998, 'two', 60_000, 0.95, 'y')]
    draw.draw_timeline(rows)
    ax = plt.gcf().axes[0]
    assert ax.get_yscale() == 'log' and [t.get_text() for t in ax.texts] == [
        'one\nx: 90%',
        'two\ny: 95%',
    ]


@pytest.mark.parametrize(
    'text, count',
    [
        ('', 0),
        ('\n# only words\n"a docstring"\n', 0),
        ('import os\nfrom a import b\n', 0),
        ('def f(x):\n    "Doc."\n    return x\n', 2),
        ('def f(x):\n    """Doc\n\n    more."""\n    return x  # so\n', 2),
        ("def f(x):\n    '''Doc\n    more.'''\n\n    return x\n", 2),
        ("__all__ = ['a',\n           'b']\n", 0),
        ('@guarded(check)\ndef f(x):\n    return x\n', 2),
        ('@patch\ndef f(self: A):\n    pass\n', 3),
        ('x = "text"\n', 1),
        ('importance = 1\n', 1),
    ],
)
def test_what_counts_as_a_line(text, count):
    assert code_lines(text) == count


def test_lessons_and_libraries():
    found = lines_by_lesson()
    assert list(found) == sorted(found) and {'20', '24', '42', '44'} <= set(found)
    assert all(2 < n < 400 for n in found.values()) and 500 < sum(found.values()) < 2000
    assert library_lines(fastcore) > 1000
