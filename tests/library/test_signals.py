"""whole_game.makers.signals: MNIST-1D as the package makes it, the same twice, and nobody's dice
moved."""

import random
import sys

import numpy as np
import pytest

from whole_game.makers import signals
from whole_game.errors import CourseError


def test_signals_are_those_of_the_package():
    from mnist1d.data import make_dataset

    theirs, (x, y, x_valid, y_valid) = make_dataset(), signals.signal_arrays()
    assert (
        x.shape == (4000, 40)
        and x_valid.shape == (1000, 40)
        and x.dtype == x_valid.dtype == np.float32
    )
    assert (
        np.abs(x - theirs['x']).max() <= 6e-5 and np.abs(x_valid - theirs['x_test']).max() <= 6e-5
    )
    assert (
        y.dtype == y_valid.dtype == np.int64
        and (y == theirs['y']).all()
        and (y_valid == theirs['y_test']).all()
    )
    assert set(y) == set(y_valid) == set(range(10))
    assert not set(map(bytes, x)) & set(map(bytes, x_valid)) and len(set(map(bytes, x))) == 4000


def test_files_are_the_same_twice_whatever_the_dice_say(tmp_path):
    for copy, seed in (('a', 1), ('b', 2)):
        (tmp_path / copy).mkdir()
        random.seed(seed)
        np.random.seed(seed)
        signals.make(tmp_path / copy)
        assert (
            random.random() == random.Random(seed).random()
            and np.random.rand() == np.random.RandomState(seed).rand()
        )
    for part in ('train.csv', 'valid.csv'):
        assert (tmp_path / 'a' / part).read_bytes() == (tmp_path / 'b' / part).read_bytes() != b''
        assert (tmp_path / 'a' / part).read_text().splitlines()[0] == ','.join(
            ['label', *map(str, range(40))]
        )


def test_dice_are_put_back_when_the_package_breaks(monkeypatch):
    import mnist1d.data

    def broken():
        random.random()
        np.random.rand()
        raise RuntimeError('broken')

    monkeypatch.setattr(mnist1d.data, 'make_dataset', broken)
    random.seed(3)
    np.random.seed(3)
    with pytest.raises(RuntimeError):
        signals.generated()
    assert (
        random.random() == random.Random(3).random()
        and np.random.rand() == np.random.RandomState(3).rand()
    )


def test_another_recipe_and_a_missing_package_are_told_kindly(monkeypatch):
    import mnist1d.data

    made = mnist1d.data.make_dataset
    monkeypatch.setattr(
        mnist1d.data,
        'make_dataset',
        lambda: {key: part[:10] if key in ('x', 'y') else part for key, part in made().items()},
    )
    with pytest.raises(CourseError, match=r'\(10, 40\)') as told:
        signals.generated()
    assert 'whole-game[play]' in str(told.value)
    for name in [name for name in sys.modules if name.startswith('mnist1d')]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, 'mnist1d', None)
    with pytest.raises(CourseError, match='package mnist1d.*not installed') as told:
        signals.generated()
    assert 'whole-game[play]' in str(told.value)
