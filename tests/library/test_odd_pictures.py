"""What is checked is what is trained on: each odd picture file goes through the check, collect,
training with fastai and the app, and is the same picture in all of them or refused by all."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
from fastai.vision.all import (
    CategoryBlock,
    DataBlock,
    ImageBlock,
    ImageDataLoaders,
    IndexSplitter,
    PILImage,
    PILImageBW,
    PILMask,
    Resize,
    ResizeMethod,
    create_vision_model,
    get_image_files,
    parent_label,
    vision_learner,
)
from odd_pictures import motifs, odd_pictures, saved, turned, write
from PIL import Image, ImageFile
from test_pictures import assert_similar

from whole_game import pictures
from whole_game.app import app
from whole_game.backbone import lite0
from whole_game.collect import collect
from whole_game.data import get
from whole_game.errors import CourseError
from whole_game.features import extract_features
from whole_game.pictures import check_pictures, find_duplicates, open_picture
from whole_game.saving import Classifier
from whole_game.strangers import features_and_probs

ODD = {odd.name: odd for odd in odd_pictures()}
GOOD = [name for name, odd in ODD.items() if odd.shows]
BAD = [name for name, odd in ODD.items() if not odd.shows]


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    "All of them as one label, and a few plain pictures as another."
    folder = tmp_path_factory.mktemp('odd') / 'pictures'
    for label in ('odd', 'plain'):
        (folder / label).mkdir(parents=True)
    for odd in ODD.values():
        write(odd, folder / 'odd')
    for i, picture in enumerate(list(motifs())[-6:]):
        picture.save(folder / 'plain' / f'{i}.png')
    return folder


@pytest.fixture(scope='module')
def good_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp('good') / 'pictures'
    for label in ('left', 'right'):
        (folder / label).mkdir(parents=True)
    for i, name in enumerate(GOOD):
        write(ODD[name], folder / ('left', 'right')[i % 2])
    return folder


def test_there_are_enough():
    assert len(GOOD) >= 80 and len(BAD) >= 20


# --- the check


@pytest.fixture(scope='module')
def checked(folder):
    with pytest.raises(CourseError) as refusal:
        check_pictures(folder)
    assert f'{len(BAD)} files are no pictures' in str(refusal.value)
    set_aside = check_pictures(folder, set_aside=True)
    for name in BAD:  # back to where they were
        (folder.with_name('pictures-set-aside') / 'odd' / name).rename(folder / 'odd' / name)
    return set_aside


def test_the_check_passes_the_good_and_names_the_others(checked):
    assert sorted(checked.bad) == sorted(f'odd/{name}' for name in BAD)
    assert checked.parts == {'all': {'odd': len(GOOD), 'plain': 6}}


@pytest.mark.parametrize('name', BAD)
def test_the_check_says_why(checked, name):
    assert ODD[name].word in checked.why[f'odd/{name}']


# --- collect


@pytest.fixture(scope='module')
def collected(folder):
    return collect(folder, folder.with_name('clean'))


def test_collect_leaves_out_the_others(collected):
    assert sorted(collected.left_out) == sorted(f'odd/{name}' for name in BAD)
    assert check_pictures(collected.folder).total == len(GOOD) + 6


@pytest.mark.parametrize('name', GOOD)
def test_collect_copies_what_it_shows(collected, name):
    found = next(f for f in collected.found if f.path.name == name)
    wanted = ODD[name].shows
    copy = Image.open(collected.folder / found.became)
    assert_similar(copy.resize(wanted.size), wanted, ODD[name].off + 4)


@pytest.mark.parametrize('name', BAD)
def test_collect_says_why(collected, name):
    assert ODD[name].word in collected.left_out[f'odd/{name}']


# --- training


@pytest.mark.parametrize('name', GOOD)
def test_training_sees_what_it_shows(folder, name):
    path, wanted = folder / 'odd' / name, ODD[name].shows
    trained = PILImage.create(path)
    assert type(trained) is PILImage
    assert trained.tobytes() == open_picture(path, None).tobytes()
    assert_similar(trained.resize(wanted.size), wanted, ODD[name].off)
    if trained.width > 1000:
        return
    with open(path, 'rb') as opened:
        for given in (path.read_bytes(), opened):
            assert PILImage.create(given).tobytes() == trained.tobytes()
    if 'video' not in name:  # Pillow's own reader has not learned to read these
        with Image.open(path) as image:
            assert PILImage.create(image).tobytes() == trained.tobytes()
    in_grey = PILImageBW.create(str(path))
    assert in_grey.mode == 'L' and in_grey.tobytes() == trained.convert('L').tobytes()


@pytest.mark.parametrize('name', BAD)
def test_training_refuses_with_the_same_words(folder, name):
    with pytest.raises(CourseError, match=ODD[name].word):
        PILImage.create(folder / 'odd' / name)


def test_a_batch_of_all_that_pass(good_folder):
    check_pictures(good_folder)
    dls = ImageDataLoaders.from_folder(
        good_folder,
        valid_pct=0.5,
        item_tfms=Resize(32, ResizeMethod.Squish),
        bs=len(GOOD),
        seed=1,
    )
    assert dls.train.n + dls.valid.n == len(GOOD) == check_pictures(good_folder).total
    xb, yb = dls.valid.one_batch()
    for path, x in zip(dls.valid.items, dls.valid.decode_batch((xb, yb), len(xb))):
        wanted = Resize(32, ResizeMethod.Squish)(PILImage(open_picture(path, None)), split_idx=1)
        seen = np.asarray(x[0]).transpose(1, 2, 0)
        assert np.abs(seen - np.asarray(wanted, int)).max() <= 1  # they have been floats in between


def test_a_batch_with_one_that_is_refused(folder):
    block = DataBlock(
        (ImageBlock, CategoryBlock),
        get_items=get_image_files,
        get_y=parent_label,
        item_tfms=Resize(32),
    )
    dls = block.dataloaders(folder / 'plain', bs=2)
    with pytest.raises(CourseError, match='half.jpg'):
        dls.test_dl([folder / 'odd' / 'half.jpg']).one_batch()


# --- the app, and what else looks at pictures


@pytest.fixture(scope='module')
def classifier():
    return Classifier(create_vision_model(lite0, 2, pretrained=False), ['cat', 'dog'], 32)


@pytest.fixture(scope='module')
def ask(classifier):
    "The function that the app's button calls."
    return next(f.fn for f in app(classifier).fns.values() if f.api_name == 'ask')


@pytest.mark.parametrize('name', GOOD)
def test_the_app_answers(folder, ask, name):
    answer = ask(str(folder / 'odd' / name))[1]
    assert answer['kind'] != 'fault' and len(answer['top']) == 2


@pytest.mark.parametrize('name', BAD)
def test_the_app_says_why(folder, ask, name):
    answer = ask(str(folder / 'odd' / name))[1]
    assert answer['kind'] == 'fault' and ODD[name].word in answer['why']


SMALL = [name for name in GOOD if max(ODD[name].shows.size) < 1000 and '60' not in name]


def test_the_model_is_asked_what_it_was_trained_on(folder, classifier):
    paths = [folder / 'odd' / name for name in SMALL]
    _, probs = features_and_probs(classifier, paths)
    for path, asked in zip(paths, probs):
        image = Resize(32)(PILImage.create(path), split_idx=1)
        assert classifier.predict(path)[2].allclose(classifier.predict(image)[2], atol=1e-6)
        assert asked.allclose(classifier.predict(image)[2], atol=1e-4)


def test_features_are_of_the_same_pictures(folder):
    paths = [folder / 'odd' / name for name in SMALL[:: len(SMALL) // 12]]
    assert extract_features(paths, 64).allclose(
        extract_features([open_picture(p, None) for p in paths], 64), atol=1e-4
    )


def test_duplicates_of_a_turned_scan_are_found(folder, tmp_path):
    scan = open_picture(folder / 'odd' / 'scan.png')
    stored, note = turned(scan, 6)
    (tmp_path / 'turned.jpg').write_bytes(saved(stored, 'JPEG', exif=note))
    write(ODD['scan.png'], tmp_path)
    assert len(find_duplicates(tmp_path)) == 1


# --- what is left as it is


def test_masks_are_no_pictures(tmp_path):
    ids = np.arange(12, dtype=np.uint8).reshape(3, 4)
    stored = Image.fromarray(ids).convert('P')
    stored.putpalette([255 - i // 3 for i in range(768)])
    Image.fromarray(ids).save(tmp_path / 'mask.png')
    assert (np.asarray(PILMask.create(tmp_path / 'mask.png')) == ids).all()
    seen = PILMask.create(tmp_path / 'mask.png', mode=None)
    assert (np.asarray(seen) == ids).all()


def test_what_somebody_made_in_memory_or_asks_for_is_given(tmp_path):
    made = Image.new('RGBA', (4, 3), (1, 2, 3, 4))
    assert PILImage.create(made.copy()).mode == 'RGBA'
    assert PILImage.create(np.zeros((3, 4, 3), np.uint8)).size == (4, 3)
    made.save(tmp_path / 'four.png')
    assert PILImage.create(tmp_path / 'four.png', mode='RGBA').getpixel((0, 0)) == (1, 2, 3, 4)


def test_being_told_to_accept_what_is_cut_off_changes_nothing(folder, monkeypatch):
    monkeypatch.setattr(ImageFile, 'LOAD_TRUNCATED_IMAGES', True)
    for name in ('half.jpg', 'half.png', 'half.tif', 'half slow.jpg'):
        with pytest.raises(CourseError, match='cut off'):
            PILImage.create(folder / 'odd' / name)
    assert ImageFile.LOAD_TRUNCATED_IMAGES is True


def test_the_pictures_of_the_course_are_what_they_were():
    from fastai.vision.core import load_image

    files = sorted(get('paintings').rglob('*.jpg')) + sorted(get('charts').rglob('*.png'))[:100]
    assert len(files) > 1000
    for file in files:
        assert PILImage.create(file).tobytes() == load_image(file, 'RGB').tobytes()


def test_a_model_is_trained_exported_and_asked_as_before(good_folder, tmp_path):
    block = DataBlock(
        (ImageBlock, CategoryBlock),
        get_items=lambda _: [good_folder / ('left', 'right')[i % 2] / GOOD[i] for i in range(8)],
        get_y=parent_label,
        splitter=IndexSplitter([0, 1]),
        item_tfms=Resize(64),
    )
    learn = vision_learner(block.dataloaders(good_folder, bs=4), lite0, path=tmp_path)
    learn.dls.show_batch()
    turned_one = good_folder / ('left', 'right')[GOOD.index('turn 6.jpg') % 2] / 'turn 6.jpg'
    upright = PILImage.create(open_picture(turned_one, None))
    said = learn.predict(turned_one)[2]
    assert said.allclose(learn.predict(upright)[2])
    tfm = pickle.loads(pickle.dumps(PILImage.create))
    assert tfm(turned_one).tobytes() == upright.tobytes()


ORDERS = (
    'import whole_game.pictures; from fastai.vision.all import PILImage',
    'from fastai.vision.all import PILImage; import whole_game.pictures',
    'import whole_game.backbone; from fastai.vision.all import PILImage',
    'import whole_game.collect; import fastai.vision.all; from fastai.vision.all import PILImage',
)


@pytest.mark.parametrize('order', ORDERS)
def test_it_does_not_matter_what_is_imported_first(order, folder):
    code = f'{order}; import sys; print(PILImage.create(sys.argv[1]).size)'
    path = str(folder / 'odd' / 'turn 6.jpg')
    done = subprocess.run([sys.executable, '-c', code, path], capture_output=True, text=True)
    assert done.stdout.strip() == '(160, 120)', done.stderr


def test_a_check_alone_need_not_wait_for_fastai():
    code = 'import sys, whole_game.collect; print("fastai" in sys.modules)'
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert done.stdout.strip() == 'False', done.stderr


def test_teaching_it_twice_is_teaching_it_once(folder, monkeypatch):
    for _ in range(2):
        pictures._teach(sys.modules['fastai.vision.core'])
    opened = []
    monkeypatch.setattr(
        pictures, 'open_picture', lambda *a: opened.append(a) or Image.new('RGB', (1, 1))
    )
    PILImage.create(folder / 'odd' / 'ink.png')
    assert len(opened) == 1


def test_a_warning_is_still_shown_only_once(folder):
    "Opening a picture must not make Python forget which warnings it has shown."
    code = """
import sys, warnings
from whole_game.pictures import open_picture
def warn(): warnings.warn('look out')
for _ in range(3):
    warn()
    open_picture(sys.argv[1])
"""
    path = str(folder / 'odd' / 'rgb.jpg')
    done = subprocess.run([sys.executable, '-c', code, path], capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr.count('look out') == 1, done.stderr
