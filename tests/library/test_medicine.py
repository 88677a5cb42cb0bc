"""whole_game.makers.medicine and whole_game.fields_medicine: the pictures of lesson 14, alike
twice, nobody's seeds moved; counting; and a door for pictures of the right kind alone."""

import random

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from whole_game import fields_medicine as fm
from whole_game.data import contents, get
from whole_game.errors import CourseError
from whole_game.makers import medicine

MAKERS = {
    'brains': (medicine.make_brains, 1860, (64, 72)),
    'nuclei': (medicine.make_nuclei, 563, (96, 96)),
    'heads': (medicine.make_heads, 961, (96, 96)),
    'retina': (medicine.make_retina, 1163, (64, 64)),
}


@pytest.mark.parametrize('name', MAKERS)
def test_made_alike_whatever_the_seeds_say_and_none_is_moved(name, tmp_path):
    maker, files, size = MAKERS[name]
    random.seed(5)
    np.random.seed(5)
    torch.manual_seed(5)
    maker(tmp_path)
    assert (random.random(), np.random.rand()) == (
        random.Random(5).random(),
        np.random.RandomState(5).rand(),
    )
    assert torch.rand(1) == torch.rand(1, generator=torch.Generator().manual_seed(5))
    made = contents(tmp_path)
    assert len(made) == files
    assert made == contents(get(name))
    for picture in fm.pictures_of(name)[::50]:
        assert Image.open(picture).size == size


def test_masks_are_zero_and_one_and_belong_to_their_pictures():
    for name, kind in (('brains', 'scans'), ('nuclei', 'pictures'), ('retina', 'pieces')):
        for part in ('train', 'valid'):
            masks = sorted((get(name) / 'masks' / part).glob('*.png'))
            assert [m.name for m in masks] == [p.name for p in fm.pictures_of(name, part)]
            assert all(set(np.unique(np.array(Image.open(m)))) <= {0, 1} for m in masks)
    with_lesion = [
        np.array(Image.open(m)).any()
        for m in sorted((get('brains') / 'masks' / 'train').glob('*.png'))
    ]
    assert with_lesion == [i % 2 == 1 for i in range(400)]


def test_dark_lesions_are_darker_and_bright_ones_brighter():
    average = medicine.average_slice(medicine.average_brain(), 90)
    for lesion in (0.25, -0.25):
        plain, none = medicine.brain_scan(average, np.random.default_rng(3))
        scan, mask = medicine.brain_scan(average, np.random.default_rng(3), lesion)
        assert not none.any() and mask.sum() >= 8
        assert np.sign(scan[mask].mean() - plain[mask].mean()) == np.sign(lesion)


def test_no_pixel_of_the_eye_is_in_training_and_validation():
    rng = np.random.default_rng(0)
    train = [col for _, col in medicine.corners('train', 300, rng)]
    valid = [col for _, col in medicine.corners('valid', 300, rng)]
    assert max(train) + medicine.SIDE <= min(valid)


def test_tables_say_what_the_pictures_show():
    heads = pd.read_csv(get('heads') / 'heads.csv')
    assert len(heads) == 960 and (heads.a > heads.b).all()
    around = medicine.MILLIMETRES * medicine.circumference(heads.a, heads.b)
    assert np.allclose(around, heads.circumference, rtol=1e-3)
    assert np.isclose(medicine.circumference(3, 3), 6 * np.pi)
    marks = pd.read_csv(get('nuclei') / 'marks.csv')
    assert marks[['x', 'y']].min().min() >= 0 and marks[['x', 'y']].max().max() < 192
    assert (marks.sure == 'clear').sum() == 65 and not marks[['x', 'y']].duplicated().any()
    half = pd.read_csv(get('retina') / 'half.csv')
    assert len(half) == 40 and Image.open(get('retina') / 'half.png').size == (640, 1288)


def test_without_its_package_the_brain_says_which_command(monkeypatch):
    monkeypatch.setattr(medicine, 'find_spec', lambda name: None)
    with pytest.raises(CourseError, match=r'whole-game\[medicine\]'):
        medicine.average_brain()


# --- what the lesson uses


def test_networks_answer_in_the_right_shapes():
    assert fm.UNet(1, 2)(torch.zeros(2, 1, 72, 64)).shape == (2, 2, 72, 64)
    assert fm.UNet(3, 4, width=4)(torch.zeros(1, 3, 96, 100)).shape == (1, 4, 96, 100)
    assert fm.measuring_net(1, 4, 96)(torch.zeros(2, 1, 96, 96)).shape == (2, 4)


def test_the_loss_is_cross_entropy_plus_what_is_missing_from_dice():
    torch.manual_seed(0)
    scores, masks = torch.randn(2, 2, 8, 8), (torch.rand(2, 8, 8) < 0.1).long()
    sure = scores.softmax(1)[:, 1]
    dice = (2 * sure[masks == 1].sum() + 1) / (sure.sum() + masks.sum() + 1)
    expected = torch.nn.functional.cross_entropy(scores, masks) + 1 - dice
    assert torch.isclose(fm.CrossEntropyDice()(scores, masks), expected)
    assert torch.isclose(fm.CrossEntropyDice().activation(scores)[:, 1], sure).all()
    nothing = torch.stack([torch.full((2, 8, 8), 9.0), torch.zeros(2, 8, 8)], 1)
    assert (
        fm.CrossEntropyDice()(nothing, masks)
        > 1
        > fm.CrossEntropyDice()(20 * torch.stack([1 - masks, masks], 1).float(), masks)
    )


def test_matches_use_each_mark_once_and_forgive_the_doubtful():
    found = [(10, 10), (11, 11), (50, 50), (90, 90)]
    assert fm.count_matches(found, [(10, 10), (30, 30)], within=5) == (1, 1, 3)
    assert fm.count_matches(found, [(10, 10), (30, 30)], 5, [(51, 50)]) == (1, 1, 2)
    assert fm.count_matches([], [(1, 1)], 5) == (0, 1, 0)
    assert fm.count_matches([(1, 1)], [], 5) == (0, 0, 1)
    # the nearest first would leave one without a partner
    assert fm.count_matches([(0, 0), (0, 4)], [(0, 3), (0, 7)], within=4) == (2, 0, 0)


def test_things_hang_together():
    mask = np.zeros((12, 12), bool)
    mask[1:4, 1:4] = mask[8:10, 8:10] = mask[6, 0] = True
    assert fm.things(mask).tolist() == [[2, 2], [8.5, 8.5]]
    assert len(fm.things(mask, least=1)) == 3 and fm.things(mask & False).shape == (0, 2)


def test_measures_agree_with_others():
    from sklearn.metrics import f1_score, mean_absolute_percentage_error

    rng = np.random.default_rng(0)
    for _ in range(50):
        found, true = rng.random((2, 30)) < 0.4
        right, missed, extra = (found & true).sum(), (~found & true).sum(), (found & ~true).sum()
        ours = f1_score(true, found, zero_division=1)
        assert np.isclose(fm.dice_of(found, true), ours)
        assert np.isclose(fm.f1(right, missed, extra), ours)
        measured, real = rng.uniform(1, 9, (2, 7))
        off = 100 * mean_absolute_percentage_error(real, measured)
        assert np.isclose(fm.percent_off(measured, real), off)
    assert fm.dice_of([0, 0], [0, 0]) == fm.f1(0, 0, 0) == 1


def test_simple_methods_measure_what_is_plain_to_see():
    rows, cols = np.mgrid[:96, :96]
    far = np.hypot((cols - 48) / 30, (rows - 50) / 24)
    picture = np.where(far < 1, 60, 200)
    true = medicine.MILLIMETRES * medicine.circumference(30, 24)
    assert abs(fm.ellipse_of_dark(picture) / true - 1) < 0.1
    assert fm.ellipse_of_dark(np.zeros((96, 96))) == 0
    tissue = np.full((60, 60, 3), 240, np.uint8)
    for row, col in ((15, 15), (15, 24), (40, 40)):
        tissue[np.hypot(*(np.mgrid[:60, :60] - [[[row]], [[col]]])) < 5] = (110, 110, 170)
    assert len(fm.nuclei_by_otsu(tissue)) == 2 and len(fm.nuclei_by_otsu(tissue, split=True)) == 3


# --- pictures of one's own


def test_own_files_come_in_and_have_the_form_the_model_knows(tmp_path):
    sizes = {'brains': (64, 72), 'nuclei': (96, 96), 'heads': (96, 96), 'retina': (64, 64)}
    for kind, size in sizes.items():
        let_in = 0
        for file in fm.pictures_of(kind, 'valid')[1:20:2]:
            own = tmp_path / f'{kind} é.png'
            Image.open(file).convert('RGB').save(own)
            try:
                picture = fm.open_scan(own, kind)
            except CourseError:
                continue
            let_in += 1
            assert picture.size == size
            assert picture.mode == ('RGB' if kind == 'nuclei' else 'L')
        assert let_in >= 8, (kind, let_in)


def test_the_wrong_kind_is_told_so_in_words():
    asked, refused = 0, 0
    for kind in fm.KINDS:
        for other in fm.KINDS:
            for file in fm.pictures_of(other, 'valid')[3:40:9] if other != kind else ():
                asked += 1
                try:
                    fm.open_scan(file, kind)
                except CourseError as told:
                    assert 'does not look like' in str(told) and 'stranger' in str(told)
                    refused += 1
    assert asked >= 50 and refused >= 0.9 * asked, (refused, asked)


def comes_in(picture, kind):
    try:
        fm.open_scan(picture, kind)
    except CourseError:
        return False
    return True


def test_the_door_at_real_pictures_is_as_the_lesson_says(monkeypatch):
    tissue, half, other = (
        Image.open(get(kind) / name)
        for kind, name in (('nuclei', 'real.png'), ('retina', 'half.png'), ('retina', 'real.png'))
    )
    assert not comes_in(tissue, 'nuclei') and not comes_in(half, 'retina')
    assert comes_in(half.crop((0, 300, 200, 900)), 'retina') and comes_in(other, 'retina')
    monkeypatch.setattr(fm.gatekeeper('nuclei'), 'threshold', 0.6)
    assert comes_in(tissue, 'nuclei')
    assert not any(comes_in(fm.pictures_of(k, 'valid')[3], 'nuclei') for k in ('brains', 'heads'))
    dark = sorted((get('brains') / 'scans' / 'dark').glob('*.png'))
    assert all(comes_in(scan, 'brains') for scan in dark[::6])


def test_no_picture_a_tiny_one_and_an_unknown_kind(tmp_path):
    (tmp_path / 'scan.png').write_text('no picture')
    with pytest.raises(CourseError):
        fm.open_scan(tmp_path / 'scan.png', 'brains')
    with pytest.raises(CourseError):
        fm.open_scan(tmp_path / 'nothing.png', 'brains')
    Image.new('L', (20, 30)).save(tmp_path / 'tiny.png')
    with pytest.raises(CourseError, match='20 by 30'):
        fm.open_scan(tmp_path / 'tiny.png', 'brains')
    with pytest.raises(CourseError, match='"knees"'):
        fm.open_scan(tmp_path / 'tiny.png', 'knees')
