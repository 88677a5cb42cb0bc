"""The digits as arrays, against the package they come from; labels as rows, against scikit-learn
and PyTorch."""

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.metrics import pairwise_distances_argmin
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.preprocessing import OneHotEncoder

from whole_game.errors import CourseError
from whole_game.makers.handwriting import digits, make
from whole_game.own.pixels import digit_arrays, one_hot, read_digits


@pytest.fixture(scope='module')
def arrays():
    return digit_arrays()


def test_shapes_kinds_and_range(arrays):
    x, y, x_valid, y_valid = arrays
    assert [a.shape for a in arrays] == [(4000, 28, 28), (4000,), (1000, 28, 28), (1000,)]
    assert [a.dtype for a in arrays] == [np.float32, np.int64] * 2
    assert x.min() == x_valid.min() == 0 and x.max() == x_valid.max() == 1
    assert np.bincount(y).tolist() == [400] * 10 and np.bincount(y_valid).tolist() == [100] * 10


def test_they_are_the_digits_of_the_package_and_split_as_the_folders_are(arrays):
    pictures, labels = digits()
    index = {picture.tobytes(): n for n, picture in enumerate(pictures)}
    assert len(index) == 5000
    rng, kept = np.random.default_rng(42), set()
    for digit in range(10):
        kept |= set(rng.permutation(np.flatnonzero(labels == digit))[400:].tolist())
    for x, y, numbers in (
        (arrays[0], arrays[1], set(range(5000)) - kept),
        (arrays[2], arrays[3], kept),
    ):
        found = [index[np.rint(picture * 255).astype(np.uint8).tobytes()] for picture in x]
        assert set(found) == numbers and (labels[found] == y).all()


def test_any_piece_is_a_fair_sample(arrays):
    for y in (arrays[1], arrays[3]):
        for start in range(0, len(y), 500):
            assert np.bincount(y[start : start + 500], minlength=10).min() > 25


def test_twice_the_same(arrays):
    for one, two in zip(arrays, digit_arrays()):
        assert (one == two).all()


def test_reads_any_folder_of_digits(tmp_path):
    for digit, value in ((3, 51), (8, 255)):
        (tmp_path / str(digit)).mkdir()
        Image.fromarray(np.full((28, 28), value, np.uint8)).save(tmp_path / str(digit) / 'a.png')
    x, y = read_digits(tmp_path)
    assert {int(label): float(picture[0, 0]) for picture, label in zip(x, y)} == {
        3: np.float32(0.2),
        8: 1,
    }


def test_an_empty_folder_is_named(tmp_path):
    with pytest.raises(CourseError, match='no digits in the folder') as said:
        read_digits(tmp_path)
    assert tmp_path.name in str(said.value) and 'What to do now' in str(said.value)


def grey(folder, name='a.png', size=(28, 28), kind='L'):
    folder.mkdir(exist_ok=True)
    Image.new(kind, size).save(folder / name)


def test_a_path_may_be_text(tmp_path):
    grey(tmp_path / '3')
    assert read_digits(str(tmp_path))[1].tolist() == [3]


@pytest.mark.parametrize(
    'spoil, words',
    [
        (lambda path: grey(path / 'three'), 'three/a.png is not one of'),
        (lambda path: grey(path / '12'), '12/a.png is not one of'),
        (lambda path: grey(path / '4', size=(20, 28)), '4/a.png is not one of'),
        (lambda path: grey(path / '4', kind='RGB'), '4/a.png is not one of'),
    ],
)
def test_a_file_that_is_no_digit_is_named(tmp_path, spoil, words):
    grey(tmp_path / '3')
    spoil(tmp_path)
    with pytest.raises(CourseError, match=words) as said:
        read_digits(tmp_path)
    assert 'What to do now' in str(said.value)


def test_make_and_the_arrays_agree_on_a_folder_made_afresh(tmp_path, arrays):
    make(tmp_path)
    x, y = read_digits(tmp_path / 'valid')
    assert (x == arrays[2]).all() and (y == arrays[3]).all()


@pytest.mark.parametrize('n', [1, 2, 10, 37])
def test_one_hot_against_scikit_learn_and_torch(n):
    y = np.random.default_rng(n).integers(0, n, 200)
    rows = one_hot(y, n)
    assert rows.dtype == np.float32 and rows.shape == (200, n) and (rows.argmax(1) == y).all()
    assert (
        rows == OneHotEncoder(categories=[range(n)], sparse_output=False).fit_transform(y[:, None])
    ).all()
    assert (rows == torch.nn.functional.one_hot(torch.tensor(y), n).numpy()).all()


def test_one_hot_takes_lists_tensors_and_small_integers():
    want = np.eye(10, dtype=np.float32)[[3, 0, 9]]
    for y in ([3, 0, 9], torch.tensor([3, 0, 9]), np.array([3, 0, 9], np.uint8)):
        assert (one_hot(y) == want).all()
    assert one_hot(np.array([], np.int64)).shape == (0, 10)


@pytest.mark.parametrize(
    'y, words',
    [
        ([0.5, 1.0], 'float64'),
        ([[0, 1]], r'shape \(1, 2\)'),
        ([0, 10], '0 to 10'),
        ([-1, 3], '-1 to 3'),
        (['7'], 'kind <U1'),
        ([True, False], 'bool'),
        (3, r'shape \(\)'),
    ],
)
def test_one_hot_says_what_it_was_given(y, words):
    with pytest.raises(CourseError, match=words) as said:
        one_hot(y)
    assert 'What to do now' in str(said.value)


# the corners are black in every digit
@pytest.mark.filterwarnings('ignore:self.within_class_std_dev_')
def test_the_baselines_of_the_lesson_are_what_scikit_learn_gets(arrays):
    x, y, x_valid, y_valid = arrays
    averages = np.stack([x[y == d].mean(axis=0) for d in range(10)])
    answers = ((x_valid[:, None] - averages) ** 2).mean(axis=(2, 3)).argmin(axis=1)
    flat, flat_valid = x.reshape(4000, -1), x_valid.reshape(1000, -1)
    assert (answers == NearestCentroid().fit(flat, y).predict(flat_valid)).all()
    assert (answers == pairwise_distances_argmin(flat_valid, averages.reshape(10, -1))).all()
    assert 0.78 < (answers == y_valid).mean() < 0.84
    assert KNeighborsClassifier(1).fit(flat, y).score(flat_valid, y_valid) == pytest.approx(
        0.949, abs=0.002
    )
