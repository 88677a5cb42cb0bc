"Drawings of calculations: where boxes go, what is written, and how the gradients flow."

from itertools import count

import matplotlib.pyplot as plt
import numpy as np
import pytest

from whole_game.own.autograd import Value
from whole_game.graphs import topological_order, box_positions, draw, gradients_flowing

births = count()


class Step:
    def __init__(self, data, parents=(), op=''):
        self.data = data
        self.parents = parents
        self.op = op
        self.grad = None
        self.born = next(births)


@pytest.fixture
def two_ways():
    "d = a*b, then d*d + d: from d two paths lead to the result."
    a, b = Step(3.0), Step(2.0)
    d = Step(6.0, [(a, 2.0), (b, 3.0)], '×')
    square = Step(36.0, [(d, 6.0), (d, 6.0)], '×')
    return a, b, d, square, Step(42.0, [(square, 1), (d, 1)], '+')


def words(figure):
    return [text.get_text() for text in figure.axes[0].texts if text.get_text()]


def test_the_youngest_first_and_each_once(two_ways):
    assert topological_order(two_ways[-1]) == list(two_ways[::-1])


def test_parents_stand_left_and_nobody_on_another(two_ways):
    at = box_positions(two_ways[-1])
    assert len(set(at.values())) == len(at) == 5
    for value in at:
        assert all(at[parent][0] < at[value][0] for parent, _ in value.parents)
    levels = {}
    for column, height in at.values():
        levels.setdefault(column, []).append(height)
    for heights in levels.values():
        assert all(np.diff(sorted(heights)) > 0.8)


def test_what_is_written(two_ways):
    a, b, d, square, total = two_ways
    assert {'a\n3', 'b\n2', '×\n6', '+\n42'} <= set(words(draw(total, a=a, b=b)))
    d.grad = 13.0
    assert 'grad 13' in words(draw(total)) and 'grad 13' not in words(draw(total, gradients=False))
    # two arrows between two boxes
    assert words(draw(total, arrows=[(square, d)])).count('× 6') == 2
    assert words(draw(Step(np.ones((100, 784))))) == ['100 × 784']
    plt.close('all')


def test_gradients_flow_by_the_chain_rule_and_leave_no_trace(two_ways):
    a, b, *_, total = two_ways
    a.grad = 7.0
    frames, titles = gradients_flowing(total, a=a, b=b)
    assert len(frames) == len(titles) == 5 and (a.grad, b.grad) == (7.0, None)
    assert not any('grad' in word for word in words(frames[0]))
    # by hand: (2*6 + 1)*2, (2*6 + 1)*3
    assert {'grad 26', 'grad 39', 'grad 13', 'grad 1'} <= set(words(frames[-1]))
    assert not plt.get_fignums()


def test_gradients_flow_through_the_values_of_the_library():
    a, b = Value(2.0), Value(3.0)
    total = a * b + b.exp() * 0 + 5 * a  # plain numbers get no gradients
    frames, titles = gradients_flowing(total, a=a, b=b)
    assert {'grad 8', 'grad 2', 'grad 1'} <= set(words(frames[-1])) and not any(
        'grad' in word for word in words(frames[0])
    )
    assert all(value.grad is None for value in topological_order(total))
    total.backward()
    assert (a.grad, b.grad) == (8, 2)
