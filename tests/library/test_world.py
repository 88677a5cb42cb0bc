"""What lesson 13 is made of: the makers' files are the same twice, and nobody's dice moved;
pictures of one's own come in, and what is no such picture is refused in words."""

import csv
import random
import zlib
from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch
from PIL import Image

from whole_game import fields_world as world
from whole_game.errors import CourseError
from whole_game.makers import captioned_scenes, earth, faces, streets, traffic_signs

SMALL = {
    traffic_signs: {'train': 1, 'snow': 1, 'stickers': 1, 'night': 1},
    streets: {'train': 4, 'night': 1},
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
    assert larger.size == (384, 256) and len(same) == len(things)
    for small, large in zip(things, same):
        assert small['kind'] == large['kind']
        for edge in ('left', 'top', 'right', 'bottom'):
            assert abs(large[edge] / 2 - small[edge]) < 2
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
    assert [world.count_hits(found, boxes, kind, 0.95) for kind in world.KINDS] == [(1, 0, 0)] * 2
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
        assert left + side <= 142 and top + side <= 102  # rounded to the small picture's pixels


def test_networks_answer_in_the_promised_shape():
    assert world.small_cnn(3, 7)(torch.zeros(2, 3, 48, 48)).shape == (2, 7)
    assert world.face_net()(torch.rand(2, 1, 25, 25)).shape == (2, 2)
    assert world.CentreNet()(torch.zeros(2, 3, 128, 192)).shape == (2, 6, 32, 48)
    said = torch.ones(2, 5, dtype=torch.long)
    assert world.Captioner(9)(torch.zeros(2, 3, 64, 96), said).shape == (2, 5, 9)


LESSON = Path(__file__).parents[2] / 'nbs' / '13_pictures_of_the_world.ipynb'


def play(cells, **names):
    "Run these cells of the lesson, by their ids, with a folder of one's own in place of ours."
    source = {c.id: c.source for c in nbformat.read(LESSON, 4).cells}
    names['__name__'] = 'lesson'
    exec('from fastai.vision.all import *', names)
    for cell in cells:
        lines = [line for line in source[cell].splitlines() if 'show_batch' not in line]
        exec('\n'.join(lines), names)
    return names


def save(path, size, mode='RGB'):
    "A picture of one's own: noise, another one for each path."
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(zlib.crc32(str(path).encode())).integers(
        0, 256, (*size[::-1], 3), dtype=np.uint8
    )
    Image.fromarray(pixels).convert(mode).save(path)


def test_a_folder_of_land_of_ones_own_enters_station_1(tmp_path):
    for part in ('train', 'valid'):
        for kind in ('field', 'town', 'wood', 'lake'):
            for i in range(4):
                save(tmp_path / part / kind / f'{i}.png', (64, 64))
    dls = play(['9f912bbf'], earth=tmp_path)['dls']
    assert list(dls.vocab) == ['field', 'lake', 'town', 'wood'] and len(dls.valid_ds) == 16
    assert world.small_cnn(3, 4)(dls.valid.one_batch()[0]).shape == (16, 4)


def test_a_folder_of_faces_of_ones_own_enters_station_2(tmp_path):
    for kind in ('face', 'other'):
        for i in range(20):
            save(tmp_path / kind / f'{i}.png', (25, 25), 'L' if i % 2 else 'RGB')
    dls = play(['c98977ea'], faces=tmp_path)['dls']
    assert dls.train.one_batch()[0].shape == (16, 1, 25, 25)
    more = world.with_mistakes(dls, [np.zeros((25, 25), np.uint8)] * 7)
    items = more.train_ds.items
    faces = sum(label == 'face' for _, label in items)
    assert list(more.vocab) == ['face', 'other'] and faces % 6 == 0
    assert len(items) == len(dls.train_ds) + faces * 5 // 6 + 7
    assert more.train.one_batch()[0].shape == (32, 1, 25, 25)


def test_a_table_of_captions_of_ones_own_enters_station_3(tmp_path):
    rows = ['file,caption']
    for part, many in (('train', 40), ('valid', 6)):
        for i in range(many):
            save(tmp_path / part / f'{i}.jpg', (96, 64))
            rows.append(f'{part}/{i}.jpg,{"a dog and " * (i % 3)}a cat')
    (tmp_path / 'captions.csv').write_text('\n'.join(rows), encoding='utf-8')
    found = play(['f0a14c0e', '77b12831', '3d861e89'], scenes=tmp_path)
    x, said, true = found['dls'].train.one_batch()
    assert x.shape == (16, 3, 64, 96) and said.shape == true.shape == (16, 15)
    assert found['vocabulary'][3:] == ['a', 'and', 'cat', 'dog']
    assert world.Captioner(7)(x, said).shape == (16, 15, 7)


def test_a_folder_of_signs_of_ones_own_enters_station_4(tmp_path):
    for part, many in (('train', 20), ('valid', 3)):
        for kind in ('left', 'right'):
            for i in range(many):
                save(tmp_path / part / kind / f'{i}.jpg', (64, 64))
    dls = play(['0acf27ce'], signs=tmp_path)['dls']
    assert list(dls.vocab) == ['left', 'right']
    assert dls.train.one_batch()[0].shape == (32, 3, 48, 48)


def test_a_street_table_of_ones_own_enters_station_5(tmp_path):
    rows = ['file,kind,left,top,right,bottom']
    for part, many in (('train', 9), ('valid', 2)):
        for i in range(many):
            save(tmp_path / part / f'{i}.jpg', (192, 128))
            rows += [f'{part}/{i}.jpg,person,10,20,22,60', f'{part}/{i}.jpg,car,90,60,150,100']
    (tmp_path / 'things.csv').write_text('\n'.join(rows), encoding='utf-8')
    names = dict(streets=tmp_path, things=streets.things_in(tmp_path))
    names.update(
        centre_map=world.centre_map,
        name_of=world.name_of,
        files=[None],
        draw_centres=lambda *a: None,
    )
    source = {c.id: c.source for c in nbformat.read(LESSON, 4).cells}
    centres = source['88e5e073'].split('draw_centres(files')[0]
    exec(centres, names)
    dls = play(['e3a77178'], **names)['dls']
    x, y = dls.train.one_batch()
    assert x.shape == (8, 3, 128, 192) and y.shape == (8, 6, 32, 48)
    for wrong in ('train/0.jpg,dog,1,2,3,4', 'train/0.jpg,car,1,2,3', 'train/0.jpg,car,a,2,3,4'):
        (tmp_path / 'things.csv').write_text('\n'.join([rows[0], wrong]), encoding='utf-8')
        with pytest.raises(CourseError, match='Line 2 of things.csv'):
            streets.things_in(tmp_path)
    (tmp_path / 'things.csv').unlink()
    with pytest.raises(CourseError, match='no things.csv'):
        streets.things_in(tmp_path)


def test_a_letter_among_the_pictures_is_named(tmp_path):
    for part in ('train', 'valid'):
        for kind in ('field', 'town'):
            for i in range(3):
                save(tmp_path / part / kind / f'{i}.png', (48, 48))
    letter = tmp_path / 'valid' / 'town' / 'letter.png'
    letter.write_text('Dear Sir', encoding='utf-8')
    with pytest.raises(CourseError, match='letter.png'):
        play(['9f912bbf'], earth=tmp_path)['dls'].valid.one_batch()


def test_an_empty_gallery_says_what_to_do():
    with pytest.raises(CourseError, match='no picture in the gallery'):
        world.draw_gallery({})
