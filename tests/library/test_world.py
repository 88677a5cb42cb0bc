"""What lesson 13 is made of: the makers' files are the same twice, and nobody's dice moved;
pictures of one's own come in, and what is no such picture is refused in words."""

import csv
import random

import numpy as np
import pytest
import torch
from PIL import Image

from whole_game import fields_world as world
from whole_game.errors import CourseError
from whole_game.makers import captioned_scenes, earth, faces, streets, traffic_signs

SMALL = {
    traffic_signs: {'train': 1, 'snow': 1, 'stickers': 1, 'night': 1},
    streets: {'train': 2, 'night': 1},
    captioned_scenes: {'train': 6, 'valid': 3, 'new': 3, 'three': 2},
    earth: {'train': 3, 'valid': 2},
}


@pytest.mark.parametrize('maker', [*SMALL, faces], ids=lambda m: m.__name__.rsplit('.', 1)[-1])
def test_files_are_the_same_twice_whatever_the_dice_say(maker, tmp_path, monkeypatch):
    if maker in SMALL:
        monkeypatch.setattr(maker, 'MANY', SMALL[maker])
    found = []
    for copy, seed in (('a', 1), ('b', 2)):
        (tmp_path / copy).mkdir()
        random.seed(seed)
        np.random.seed(seed)
        maker.make(tmp_path / copy)
        assert random.random() == random.Random(seed).random()
        assert np.random.rand() == np.random.RandomState(seed).rand()
        files = sorted(p for p in (tmp_path / copy).rglob('*') if p.is_file())
        found.append({p.relative_to(tmp_path / copy): p.read_bytes() for p in files})
    assert found[0] == found[1] and len(set(found[0].values())) > 0.9 * len(found[0]) > 4


def test_every_sign_is_another_picture_and_transparent_outside():
    signs = {name: np.asarray(traffic_signs.sign(name)) for name in traffic_signs.SIGNS}
    assert len(signs) == 36 and len({a.tobytes() for a in signs.values()}) == 36
    for a in signs.values():
        assert a.shape == (192, 192, 4) and a[96, 96, 3] == 255 and a[0, 0, 3] == 0
    with pytest.raises(CourseError, match='no sign called "unicorns"'):
        traffic_signs.sign('unicorns')


@pytest.mark.parametrize('weather', ['', 'snow', 'stickers', 'night'])
def test_a_photograph_has_the_size_that_was_asked_for(weather):
    for side in (48, 160):
        picture = traffic_signs.photograph('stop', np.random.default_rng(0), side, weather=weather)
        assert picture.size == (side, side) and np.asarray(picture).std() > 5


def test_boxes_lie_around_what_was_drawn():
    picture, things = streets.draw_street([1, 2], 'noon')
    assert picture.size == (192, 128) and len(things) > 5
    for t in things:
        assert 0 <= t['left'] < t['right'] <= 192 and 0 <= t['top'] < t['bottom'] <= 128
        assert t['kind'] in world.KINDS and 0 <= t['seen'] <= 1
    larger, same = streets.draw_street([1, 2], 'noon', 384)
    assert larger.size == (384, 256)
    assert [t['kind'] for t in same][-3:] == [t['kind'] for t in things][-3:]
    with pytest.raises(CourseError, match='no hour called "tea time"'):
        streets.draw_street(1, 'tea time')


def test_no_training_scene_has_what_is_kept_back(tmp_path, monkeypatch):
    monkeypatch.setattr(captioned_scenes, 'MANY', {'train': 200, 'new': 20, 'three': 5})
    monkeypatch.setattr(captioned_scenes, 'draw_scene', lambda *a: Image.new('RGB', (96, 64)))
    captioned_scenes.make(tmp_path)
    with open(tmp_path / 'captions.csv', encoding='utf-8') as f:
        rows = [(row['file'].split('/')[0], row['caption']) for row in csv.DictReader(f)]
    assert all(('red boat' in caption) == (part == 'new') for part, caption in rows)
    assert all(caption.count('left of') == 2 for part, caption in rows if part == 'three')


def test_training_and_validation_lie_on_both_sides_of_an_ocean(tmp_path, monkeypatch):
    monkeypatch.setattr(earth, 'MANY', SMALL[earth])
    earth.make(tmp_path)
    with open(tmp_path / 'places.csv', encoding='utf-8') as f:
        for row in csv.DictReader(f):
            assert (float(row['longitude']) > -30) == row['file'].startswith('train')
            assert Image.open(tmp_path / row['file']).size == (48, 48)


@pytest.mark.parametrize('place', [(200, 0), (0, 91), ('9', 46), (None, 3)])
def test_what_is_no_place_is_refused(place):
    with pytest.raises(CourseError, match='not a place on Earth'):
        earth.tile_at(*place)


def test_the_sea_is_refused_and_land_comes_in():
    with pytest.raises(CourseError, match='mostly water'):
        earth.tile_at(-30, 0)
    assert earth.tile_at(86.9, 28.0).size == (48, 48)
    assert earth.tile_at(-180, 68).size == (48, 48)  # at the edge of the map


def test_a_photograph_of_ones_own_is_cut_to_the_shape(tmp_path):
    Image.fromarray(np.arange(300 * 500 * 3, dtype=np.uint8).reshape(300, 500, 3)).save(
        tmp_path / 'own.png'
    )
    for size in ((64, 64), (192, 128), (96, 64)):
        assert world.photo(tmp_path / 'own.png', *size).size == size
    grey = world.grey_photo(tmp_path / 'own.png')
    assert grey.shape == (300, 500) and grey.dtype == np.uint8
    Image.new('L', (30, 40)).save(tmp_path / 'tiny.png')
    with pytest.raises(CourseError, match='30 x 40 pixels'):
        world.photo(tmp_path / 'tiny.png', 64, 64)
    assert min(world.grey_photo(tmp_path / 'tiny.png').shape) >= 60
    Image.new('L', (9, 9)).save(tmp_path / 'dot.png')
    with pytest.raises(CourseError, match='9 x 9'):
        world.grey_photo(tmp_path / 'dot.png')
    (tmp_path / 'letter.jpg').write_text('Dear Sir')
    for door in (world.grey_photo, lambda f: world.photo(f, 64, 64)):
        with pytest.raises(CourseError):
            door(tmp_path / 'letter.jpg')


def test_a_centre_map_gives_its_boxes_back():
    boxes = [
        dict(kind='person', left=20, top=30, right=32, bottom=66),
        dict(kind='car', left=90, top=60, right=150, bottom=100),
    ]
    answer = world.centre_map(boxes)
    answer[:2] = 20 * answer[:2] - 10  # as scores
    found = world.boxes_from(answer, 0.4)
    assert [world.count_hits(found, boxes, kind, 0.7) for kind in world.KINDS] == [(1, 0, 0)] * 2
    assert world.f1(1, 0, 0) == 1 and world.f1(0, 3, 4) == 0


def test_doubtful_boxes_count_neither_way():
    box = dict(kind='car', left=0, top=0, right=20, bottom=10, doubtful=True)
    assert world.count_hits([], [box], 'car') == (0, 0, 0)
    assert world.count_hits([dict(box, sure=1)], [box], 'car') == (0, 0, 0)
    assert world.count_hits([dict(box, kind='person')], [box], 'person') == (0, 0, 1)


def test_windows_cover_a_photograph():
    pictures, places = world.windows_of(np.zeros((100, 140)), smallest=50, step=1)
    assert len(pictures) == len(places) and pictures.shape[1:] == (25, 25)
    assert places[:, 0].min() == places[:, 1].min() == 0
    for left, top, side in places:
        assert left + side <= 141 and top + side <= 101


def test_networks_answer_in_the_promised_shape():
    assert world.small_cnn(3, 7)(torch.zeros(2, 3, 48, 48)).shape == (2, 7)
    assert world.face_net()(torch.rand(2, 1, 25, 25)).shape == (2, 2)
    assert world.CentreNet()(torch.zeros(2, 3, 128, 192)).shape == (2, 4, 32, 48)
    said = torch.ones(2, 5, dtype=torch.long)
    assert world.Captioner(9)(torch.zeros(2, 3, 64, 96), said).shape == (2, 5, 9)


def test_an_empty_gallery_says_what_to_do():
    with pytest.raises(CourseError, match='no picture in the gallery'):
        world.draw_gallery({})
