"""What lesson 16 is made of: photographs are spoilt in the same way twice, no photograph is on both
sides, simple methods do what they say, and a picture that can't be used is refused in words."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from PIL import Image

from whole_game import fields_images as fields
from whole_game.errors import CourseError
from whole_game.makers import photographs as makers


def test_the_files_are_the_same_twice(tmp_path, monkeypatch):
    monkeypatch.setattr(
        makers, 'PARTS', {'train': (makers.TRAIN, 10, 48), 'valid': (makers.VALID, 4, 96)}
    )
    found = []
    for copy in 'ab':
        (tmp_path / copy).mkdir()
        makers.make(tmp_path / copy)
        files = sorted(path for path in (tmp_path / copy).rglob('*.png'))
        assert len(files) == 6 * 14
        found.append([path.read_bytes() for path in files])
    assert found[0] == found[1]
    sizes = {Image.open(tmp_path / 'a' / k / 'train' / '000.png').size for k in ('clean', 'noisy')}
    assert sizes == {(48, 48)}
    assert Image.open(tmp_path / 'a' / 'half' / 'valid' / '003.png').size == (48, 48)


def test_no_photograph_is_on_both_sides():
    assert not set(makers.TRAIN) & set(makers.VALID)
    assert makers.STAND_IN not in (*makers.TRAIN, *makers.VALID)
    for name in (*makers.TRAIN, *makers.VALID, makers.STAND_IN):
        assert min(makers.photograph(name).size) > 96


def test_no_view_of_the_new_world_is_for_training():
    train, valid = makers.WORLDS['train'], makers.WORLDS['valid']
    assert valid[1].stop < train[1].start


def test_what_is_spoilt_is_spoilt_as_said():
    rng, plain = np.random.default_rng(1), np.full((200, 200, 3), 128, np.uint8)
    assert makers.noisy(plain, rng).std() == pytest.approx(makers.NOISE, rel=0.03)
    assert makers.halved(plain).shape == (100, 100, 3)
    spoilt, where = makers.scratched(plain, rng)
    assert 0.01 < where.mean() < 0.3
    assert (spoilt[where] >= 215).all() and (spoilt[~where] == 128).all()


@pytest.mark.parametrize(
    'picture, words',
    [
        (np.full((300, 400, 3), 7, np.uint8), 'all of one colour'),
        (np.zeros((40, 400, 3), np.uint8), '400 x 40 pixels'),
        (Image.effect_noise((900, 200), 80), 'a long strip'),
        (b'this is a letter and no picture', 'cannot be opened'),
        (b'', 'cannot be opened'),
        (np.zeros((5, 5, 7)), 'no picture'),
    ],
)
def test_a_picture_that_cannot_be_used_is_refused_in_words(picture, words):
    with pytest.raises(CourseError) as met:
        fields.my_photo(picture)
    assert words in str(met.value)


def test_a_file_that_is_no_picture_stays_as_it_was(tmp_path):
    for name in ('letter.txt', 'letter.jpg'):
        (tmp_path / name).write_text('Dear aunt')
        with pytest.raises(CourseError, match=name):
            fields.my_photo(tmp_path / name)
        assert (tmp_path / name).read_text() == 'Dear aunt'
    with pytest.raises(CourseError, match='no picture'):
        fields.my_photo(tmp_path / 'missing.jpg')


def test_sixty_megapixels_come_through_and_the_file_stays(tmp_path):
    path = tmp_path / 'large.jpg'
    tile = np.asarray(makers.photograph('coffee'))
    large = Image.fromarray(tile).resize((9500, 6400), Image.Resampling.NEAREST)
    large.save(path, quality=70)
    before = path.read_bytes()
    picture = fields.my_photo(path)
    assert max(picture.size) == fields.LONGEST and path.read_bytes() == before


@pytest.mark.parametrize('size', [(451, 300), (300, 451), (97, 250), (1000, 1000), (385, 383)])
def test_every_photograph_fits_all_networks(size):
    picture = fields.my_photo(Image.effect_noise(size, 80))
    assert picture.mode == 'RGB' and not any(side % 8 for side in picture.size)
    assert max(picture.size) <= fields.LONGEST


def test_decibels_are_those_of_scikit_image():
    from skimage.metrics import peak_signal_noise_ratio

    clean = fields.my_photo()
    dirty = fields.with_noise(clean)
    right = peak_signal_noise_ratio(np.asarray(clean), np.asarray(dirty))
    assert fields.decibels_of([dirty], [clean]) == pytest.approx(right, abs=1e-3)
    assert fields.decibels_of([clean], [clean]) == pytest.approx(100)
    with pytest.raises(CourseError, match='the same size'):
        fields.decibels_of([fields.smaller(clean)], [clean])


def test_the_colour_error_does_not_see_brightness():
    one = Image.new('RGB', (8, 8), (200, 30, 30))
    assert fields.colour_error(one, one) == 0
    assert fields.colour_error(Image.new('RGB', (8, 8), 'white'), Image.new('RGB', (8, 8))) < 0.1
    assert fields.colour_error(one, one.convert('L')) > 50


def test_a_table_gives_back_what_it_has_seen(tmp_path):
    rng = np.random.default_rng(3)
    blue = np.zeros((64, 64, 3), np.uint8)
    blue[..., 2] = rng.integers(0, 256, (64, 64))
    Image.fromarray(blue).save(tmp_path / 'blue.png')
    table = fields.brightness_table([tmp_path / 'blue.png'])
    again = fields.look_up(table, Image.fromarray(blue).convert('L'))
    assert table.shape == (256, 3) and abs(np.asarray(again).astype(int) - blue).max() < 10


def test_dots_bring_colour_back():
    mine = fields.my_photo().resize((120, 80))
    few, _ = fields.colour_by_dots(mine.convert('L'), mine, dots=20)
    many, shown = fields.colour_by_dots(mine.convert('L'), mine, dots=400)
    grey = fields.colour_error(mine.convert('L'), mine)
    assert fields.colour_error(many, mine) < fields.colour_error(few, mine) < grey
    assert many.size == shown.size == mine.size


def test_simple_methods_repair():
    clean = fields.my_photo().resize((192, 128))
    dirty, old = fields.with_noise(clean), fields.with_scratches(clean)
    score = lambda picture: fields.decibels_of([picture], [clean])
    assert score(fields.non_local_means(dirty)) > score(dirty) + 3
    assert score(fields.fill_in(old, fields.find_scratches(old))) > score(old) + 3
    assert np.array_equal(fields.fill_in(clean, np.zeros((128, 192))), clean)
    small = fields.smaller(clean)
    assert small.size == (96, 64) and fields.larger(small).size == clean.size


def test_jpeg_changes_pixels_a_little():
    mine = fields.my_photo()
    saved, coarse = fields.as_jpeg(mine), fields.as_jpeg(mine, quality=10)
    assert saved.size == mine.size and saved.mode == 'RGB'
    assert 50 > fields.decibels_of([saved], [mine]) > fields.decibels_of([coarse], [mine]) > 20


def test_colours_of_another_picture():
    from skimage.color import rgb2lab

    mine, other = fields.my_photo(), makers.photograph('flower')
    means = [rgb2lab(np.asarray(p) / 255.0).mean((0, 1)) for p in (mine, other)]
    moved = rgb2lab(np.asarray(fields.colours_like(mine, other)) / 255.0).mean((0, 1))
    assert np.linalg.norm(moved - means[1]) < 0.5 * np.linalg.norm(means[0] - means[1])


def test_a_network_that_begins_at_zero_changes_nothing():
    from types import SimpleNamespace

    layer = fields.begin_at_zero(torch.nn.Conv2d(3, 3, 3, padding=1))
    model = torch.nn.Sequential(layer)
    assert not fields.ask(SimpleNamespace(model=model), fields.my_photo()).getbbox()
    same = SimpleNamespace(model=torch.nn.Identity())
    same.model.register_parameter('p', torch.nn.Parameter(torch.zeros(1)))
    assert np.array_equal(fields.ask(same, fields.my_photo()), fields.my_photo())


def test_pixels_there_and_back():
    mine = fields.my_photo()
    assert np.array_equal(fields.as_picture(fields.as_pixels(mine)), mine)
    seen = fields.seen_in(fields.as_pixels(mine.resize((64, 64))))
    assert len(seen) == 5 and seen[0].shape[-1] > seen[-1].shape[-1]
    assert fields.roughness(fields.as_pixels(Image.new('RGB', (16, 16)))) == 0
    assert fields.middle(mine).size == (128, 128)


def test_drawings():
    mine = fields.my_photo()
    fields.draw_pictures({'one': mine, 'two': mine.convert('L')}, title='Two')
    fields.draw_close({'one': mine, 'two': mine})
    fields.draw_gallery({'cleaned': (mine, mine)})
    with pytest.raises(CourseError, match='no picture in the gallery'):
        fields.draw_gallery({})
    plt.close('all')
