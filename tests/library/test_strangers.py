"""Strangers, and what is measured: directions against an independent oracle, saving and damage,
intervals, the card, the watch."""

import json

import numpy as np
import pytest
import skimage.data
import torch
from fastai.vision.all import create_vision_model
from PIL import Image

from whole_game.backbone import lite0
from whole_game.errors import CourseError
from whole_game.modelcard import interval, load_measured, measured, model_card, reliability, watch
from whole_game.saving import Classifier
from whole_game.strangers import Strangers, features_and_probs, load_strangers

NAMES = ['dots', 'plain', 'stripes']


@pytest.fixture(scope='module')
def classifier():
    torch.manual_seed(0)
    return Classifier(create_vision_model(lite0, 3), NAMES, 128)


def pictures(kind, n, rng):
    "n squares of a kind: points, one colour, or stripes."
    for _ in range(n):
        a = np.broadcast_to(rng.integers(0, 256, 3), (128, 128, 3)).copy()
        if kind == 'dots':
            a = rng.integers(0, 256, (128, 128, 3))
        if kind == 'stripes':
            a[:: rng.integers(4, 12)] = 255 - a[0, 0]
        yield Image.fromarray(a.astype(np.uint8))


@pytest.fixture(scope='module')
def fitted(classifier):
    rng = np.random.default_rng(0)
    labels = [kind for kind in NAMES for _ in range(6)]
    features, _ = features_and_probs(
        classifier, [p for kind in NAMES for p in pictures(kind, 6, rng)]
    )
    strangers = Strangers.fit(features, labels, NAMES)
    strangers.threshold = 1.05 * float(strangers.strangeness(features).max())
    return strangers, features, labels


# --- looking


def test_features_and_probs_answer_as_predict_does(classifier, tmp_path):
    """One at a time or in batches, from paths, images and odd shapes: the same probabilities as
    `Classifier.predict`."""
    photos = [
        Image.fromarray(skimage.data.chelsea()),
        Image.fromarray(skimage.data.coffee()).resize((64, 300)),
        Image.fromarray(skimage.data.astronaut()).convert('L'),
    ]
    photos[0].save(tmp_path / 'cat.png')
    features, probs = features_and_probs(classifier, [tmp_path / 'cat.png', *photos], bs=3)
    assert features.shape == (4, 2560) and probs.shape == (4, 3)
    for given, photo in zip(probs[1:], photos):
        torch.testing.assert_close(given, classifier.predict(photo)[2], atol=1e-5, rtol=0)
    torch.testing.assert_close(probs[0], probs[1], atol=1e-5, rtol=0)


def test_the_features_are_what_the_head_gets(classifier):
    "The rest of the head, applied to them, gives the probabilities."
    features, probs = features_and_probs(classifier, [skimage.data.coffee()])
    with torch.no_grad():
        torch.testing.assert_close(
            classifier.model[1][2:](features).softmax(1), probs, atol=1e-5, rtol=0
        )


def test_features_and_probs_say_what_is_no_picture(classifier, tmp_path):
    (tmp_path / 'letter.jpg').write_text('Dear reader')
    with pytest.raises(CourseError, match='letter.jpg'):
        features_and_probs(classifier, [tmp_path / 'letter.jpg'])


# --- strangeness


def test_strangeness_agrees_with_numpy(fitted):
    strangers, features, labels = fitted
    X = features.double().numpy()
    X /= np.sqrt((X**2).sum(1, keepdims=True))
    centres = np.stack([X[np.array(labels) == name].mean(0) for name in NAMES])
    cosines = X @ centres.T / np.sqrt((centres**2).sum(1))
    np.testing.assert_allclose(strangers.strangeness(features), 1 - cosines.max(1), atol=1e-5)
    assert strangers.nearest(features) == [NAMES[i] for i in cosines.argmax(1)]


def test_new_pictures_of_known_kinds_are_familiar_and_photographs_are_not(classifier, fitted):
    strangers, _, _ = fitted
    rng = np.random.default_rng(1)
    known, _ = features_and_probs(classifier, [p for kind in NAMES for p in pictures(kind, 4, rng)])
    strange, _ = features_and_probs(
        classifier, [skimage.data.chelsea(), skimage.data.coffee(), skimage.data.astronaut()]
    )
    assert strangers.strangeness(strange).min() > strangers.strangeness(known).max()
    between = Strangers(
        strangers.centres,
        NAMES,
        float(strangers.strangeness(strange).min() + strangers.strangeness(known).max()) / 2,
    )
    assert not between.is_stranger(known).any() and between.is_stranger(strange).all()


def test_without_a_threshold_it_says_so(fitted):
    strangers = Strangers(fitted[0].centres, NAMES)
    with pytest.raises(CourseError, match='how strange'):
        strangers.is_stranger(fitted[1])


def test_a_category_without_pictures_is_told(fitted):
    "Its average would be NaN, and then nothing would ever be strange."
    features, labels = fitted[1:]
    with pytest.raises(CourseError, match='no picture of waves'):
        Strangers.fit(features, labels, [*NAMES, 'waves'])
    with pytest.raises(CourseError, match='stripes, which is not'):
        Strangers.fit(features, labels, NAMES[:2])
    with pytest.raises(CourseError, match='18 pictures and 17 labels'):
        Strangers.fit(features, labels[1:], NAMES)


def test_saved_and_loaded_it_is_the_same(fitted, tmp_path):
    strangers, features, _ = fitted
    assert [f.name for f in strangers.save(tmp_path / 'models' / 'mine')] == [
        'mine.strangers.safetensors',
        'mine.strangers.json',
    ]
    for name in ('mine', 'mine.safetensors', 'mine.json'):
        again = load_strangers(tmp_path / 'models' / name)
        assert (
            torch.equal(again.is_stranger(features), strangers.is_stranger(features))
            and again.categories == NAMES
        )
    torch.testing.assert_close(again.strangeness(features), strangers.strangeness(features))


def test_nothing_saved_is_no_fault(tmp_path):
    assert load_strangers(tmp_path / 'mine') is None and load_measured(tmp_path / 'mine') is None


@pytest.mark.parametrize(
    'damage', ['no numbers', 'no text', 'cut', 'no threshold', 'other categories']
)
def test_damage_is_told(fitted, tmp_path, damage):
    numbers, meaning = fitted[0].save(tmp_path / 'mine')
    if damage == 'no numbers':
        numbers.unlink()
    if damage == 'no text':
        meaning.unlink()
    if damage == 'cut':
        numbers.write_bytes(numbers.read_bytes()[:100])
    if damage == 'no threshold':
        meaning.write_text('{"model": "", "categories": ["a", "b", "c"], "threshold": null}')
    if damage == 'other categories':
        meaning.write_text('{"model": "", "categories": ["a"], "threshold": 0.5}')
    with pytest.raises(CourseError, match='mine.strangers, cannot be read'):
        load_strangers(tmp_path / 'mine')


def test_a_model_saved_again_does_not_keep_what_was_measured_about_the_old_one(fitted, tmp_path):
    (tmp_path / 'mine.safetensors').write_bytes(b'one model')
    fitted[0].save(tmp_path / 'mine')
    measured(['a', 'b'], ['a', 'b'], [0.9, 0.9], path=tmp_path / 'mine')
    assert load_strangers(tmp_path / 'mine') and load_measured(tmp_path / 'mine')
    (tmp_path / 'mine.safetensors').write_bytes(b'another')
    for look_again in (load_strangers, load_measured):
        with pytest.raises(CourseError, match='about another model'):
            look_again(tmp_path / 'mine')


# --- measured


@pytest.mark.parametrize(
    'right,n,low,high',
    [(10, 10, 0.7225, 1), (0, 10, 0, 0.2775), (19, 20, 0.7639, 0.9911), (81, 263, 0.2553, 0.3662)],
)
def test_intervals_are_wilsons(right, n, low, high):
    "The last is worked out in Newcombe (1998), table I: 0.2553 to 0.3662."
    assert interval(right, n) == pytest.approx((low, high), abs=2e-4)


def test_intervals_hold_the_truth_as_often_as_they_say():
    from math import comb

    for p in (0.5, 0.8, 0.95):
        held = sum(
            comb(40, k) * p**k * (1 - p) ** (40 - k)
            for k in range(41)
            if interval(k, 40)[0] <= p <= interval(k, 40)[1]
        )
        assert 0.92 < held < 0.98


@pytest.mark.parametrize('wrong', [(5, 4), (-1, 4), (0, 0)])
def test_an_impossible_count(wrong):
    with pytest.raises(CourseError, match='cannot be'):
        interval(*wrong)


def test_reliability_puts_each_answer_into_one_group():
    confidence = [0.3, 0.6, 0.79, 0.8, 0.95, 1.0, 1.0]
    rows = reliability(confidence, [False, True, True, False, True, True, True])
    assert [(r['low'], r['n'], r['right']) for r in rows] == [
        (0, 1, 0),
        (0.6, 2, 2),
        (0.8, 1, 0),
        (0.95, 3, 3),
    ]
    assert sum(r['n'] for r in rows) == len(confidence) and rows[-1]['confidence'] == pytest.approx(
        0.983
    )
    assert len(reliability([0.9, 0.9], [True, False])) == 1


def test_what_is_no_probability_is_not_left_out_in_silence():
    for wrong in (float('nan'), 97, -0.1):
        with pytest.raises(CourseError, match='from 0 to 1'):
            reliability([0.9, wrong], [True, False])
    # float32 rounds
    (row,) = reliability([np.float32(1.0000001)], [True])
    assert row['n'] == 1 and row['confidence'] == 1


def test_what_is_measured_has_one_answer_for_each_label():
    for labels, answers, sure in (
        (['a', 'b'], ['a'], [0.9]),
        (['a'], ['a', 'b'], [0.9, 0.9]),
        (['a', 'b'], ['a', 'b'], [0.9]),
    ):
        with pytest.raises(CourseError, match='labels'):
            measured(labels, answers, sure)
    with pytest.raises(CourseError, match='2 confidences and 1 answers'):
        reliability([0.9, 0.9], [True])


def test_the_card_says_what_was_measured(tmp_path):
    labels = ['cat'] * 8 + ['stained_glass'] * 2
    answers = ['cat'] * 7 + ['dog', 'stained_glass', 'cat']
    found = measured(
        labels,
        answers,
        [0.9] * 10,
        strangers={'birds': (3, 4)},
        kept=(9, 10),
        path=tmp_path / 'pets',
    )
    assert (found['right'], found['n'], found['categories']) == (
        8,
        10,
        {'cat': [7, 8], 'stained_glass': [1, 2]},
    )
    assert (
        load_measured(tmp_path / 'pets')
        == json.loads((tmp_path / 'pets.measured.json').read_text())
        == found
    )
    text = model_card(
        found,
        'Pets',
        'Fun.',
        'Vets.',
        'Ten pictures.',
        ['It was made up.'],
        'CC0',
        path=tmp_path / 'pets',
    )
    assert (tmp_path / 'pets.md').read_text() == text
    for words in (
        '# Pets',
        '8 of 10',
        '| stained glass | 1 of 2 |',
        '| birds | 3 of 4 |',
        'of 10 pictures of the kinds it knows, 1 was turned away',
        'It was made up.',
        'CC0',
        found['date'],
    ):
        assert words in text


@pytest.mark.parametrize(
    'text',
    [
        '',
        '[]',
        '{}',
        '{"reliability": []}',
        '{"model": "", "reliability": [{"low": 0}]}',
        '{"model": "", "reliability": [3]}',
    ],
)
def test_damaged_measurements(tmp_path, text):
    (tmp_path / 'pets.measured.json').write_text(text)
    with pytest.raises(CourseError, match='pets.measured.json cannot be read'):
        load_measured(tmp_path / 'pets')


def test_the_watch_is_calm_about_luck_and_not_about_a_fall():
    def after(right):
        return watch(['a'] * right + ['b'] * (40 - right), ['a'] * 40, at_launch=(239, 248))

    assert [after(n).alarm for n in (40, 38, 37, 35, 30)] == [False, False, False, True, True]
    assert (
        '37 of 40' in repr(after(37))
        and 'No alarm' in repr(after(37))
        and 'ALARM' in repr(after(30))
    )
    with pytest.raises(CourseError, match='one label'):
        watch(['a'], ['a', 'b'], (9, 10))
