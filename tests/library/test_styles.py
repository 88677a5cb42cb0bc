"""Contract of whole_game.makers.styles: every style, any picture, the same bytes for the same seed,
errors a beginner can act on."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from skimage import data

from whole_game.errors import CourseError
from whole_game.makers.styles import (
    STYLES,
    blur,
    brush,
    flow,
    grey,
    open_picture,
    paint,
    saturate,
    straight,
    vary,
    picture_grid,
)

CAT = Image.fromarray(data.chelsea()[:256, 100:356]).resize((128, 128))


def array(picture):
    return np.asarray(picture.convert('RGB'), float)


def digest(picture):
    return hashlib.sha256(picture.tobytes()).hexdigest()


def test_styles_have_one_line_each():
    assert len(STYLES) >= 7
    for line in STYLES.values():
        assert 20 < len(line) < 140 and '\n' not in line


@pytest.mark.parametrize('style', STYLES)
def test_changes_the_picture_and_keeps_its_size(style):
    out = paint(CAT, style)
    assert out.size == CAT.size and out.mode == 'RGB'
    assert np.abs(array(out) - array(CAT)).mean() > 8  # it is painted
    small = lambda p: array(p.resize((8, 8), Image.BOX)).mean(2).ravel()
    # and it still is this photo
    assert np.corrcoef(small(out), small(CAT))[0, 1] > 0.5


@pytest.mark.parametrize('style', STYLES)
def test_seed_decides(style):
    assert paint(CAT, style, 3).tobytes() == paint(CAT, style, 3).tobytes()
    assert paint(CAT, style, 3).tobytes() != paint(CAT, style, 4).tobytes()


def test_same_bytes_in_another_process():
    code = """
import hashlib
from PIL import Image
from skimage import data
from whole_game.makers.styles import *
cat = Image.fromarray(data.chelsea()[:256, 100:356]).resize((128, 128))
for s in STYLES:
    print(hashlib.sha256(paint(cat, s, 5).tobytes()).hexdigest())
"""
    there = subprocess.run(
        [sys.executable, '-c', code], capture_output=True, text=True, check=True
    ).stdout.split()
    # the global state must not matter
    np.random.seed(1)
    assert there == [digest(paint(CAT, s, 5)) for s in STYLES]


@pytest.mark.parametrize('style', STYLES)
def test_strength_lets_the_photo_through(style):
    none, some, all = (array(paint(CAT, style, 1, strength)) for strength in (0, 0.5, 1))
    far = lambda a: np.abs(a - array(CAT)).mean()
    # 3: up to twice the size and back
    assert far(none) < 3 and far(none) < far(some) < far(all)
    assert abs(far(some) - far(all) / 2) < 4


@pytest.mark.parametrize('style', STYLES)
@pytest.mark.parametrize('size', [(8, 8), (1, 1), (600, 80), (3, 300), (129, 127)])
def test_any_size(style, size):
    photo = CAT.resize(size)
    out = paint(photo, style)
    # the default makes large photos 512 at most
    assert out.size == ((512, 68) if size == (600, 80) else size)


def test_size_limits_the_longer_side():
    photo = CAT.resize((1000, 500))
    assert paint(photo, 'mosaic').size == (512, 256)
    assert paint(photo, 'mosaic', size=100).size == (100, 50)


def test_a_large_picture_looks_like_a_small_one():
    small, large = paint(CAT, 'mosaic', 2), paint(CAT.resize((384, 384)), 'mosaic', 2)
    rough = lambda p: np.abs(np.diff(array(p.resize((128, 128), Image.BOX)), axis=0)).mean()
    # tiles grow with the picture
    assert 0.6 < rough(large) / rough(small) < 1.6


@pytest.mark.parametrize(
    'mode', ['L', 'RGBA', 'P', 'CMYK', 'LA', '1', 'I;16', 'I', 'F', 'HSV', 'YCbCr']
)
def test_any_mode(mode):
    photo = CAT.convert('L').convert('I').point(lambda v: v * 200) if mode in ('I', 'I;16') else CAT
    photo = Image.fromarray(np.uint16(np.asarray(photo))) if mode == 'I;16' else photo.convert(mode)
    assert photo.mode == mode
    plain = open_picture(photo)
    assert plain.mode == 'RGB' and array(plain).std() > 20
    assert paint(photo, 'swirl').size == CAT.size


def test_transparent_is_white_and_turned_photos_stand_upright(tmp_path):
    clear = Image.new('RGBA', (20, 10), (255, 0, 0, 0))
    assert open_picture(clear).getpixel((5, 5)) == (255, 255, 255)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new('RGB', (20, 10)).save(tmp_path / 'turned.jpg', exif=exif)
    assert open_picture(tmp_path / 'turned.jpg').size == (10, 20)


def test_paths_and_arrays(tmp_path):
    CAT.save(tmp_path / 'cat.png')
    same = paint(CAT, 'cubist', 1).tobytes()
    for photo in (
        tmp_path / 'cat.png',
        str(tmp_path / 'cat.png'),
        np.asarray(CAT),
        np.asarray(CAT) / 255,
    ):
        assert paint(photo, 'cubist', 1).tobytes() == same
    assert paint(np.asarray(CAT)[..., 0], 'cubist').mode == 'RGB'


def test_the_photo_is_left_alone():
    before = CAT.tobytes()
    for style in STYLES:
        paint(CAT, style)
    assert CAT.tobytes() == before


@pytest.mark.parametrize(
    'wrong, right',
    [('cubism', 'cubist'), ('Water Colour', 'watercolour'), ('stained glass', 'stained_glass')],
)
def test_unknown_style_names_the_nearest(wrong, right):
    with pytest.raises(CourseError) as error:
        paint(CAT, wrong)
    assert wrong in error.value.what and f'"{right}"' in error.value.do


def test_unknown_style_far_from_all():
    with pytest.raises(CourseError, match='zzz') as error:
        paint(CAT, 'zzz')
    assert all(style in error.value.why for style in STYLES)
    with pytest.raises(CourseError):
        paint(CAT, None)
    with pytest.raises(CourseError):
        paint(CAT, ['swirl'])


def test_no_picture(tmp_path):
    (tmp_path / 'note.jpg').write_text('not a picture')
    CAT.save(tmp_path / 'cat.jpg')
    (tmp_path / 'half.jpg').write_bytes((tmp_path / 'cat.jpg').read_bytes()[:900])
    for name in ('note.jpg', 'half.jpg', 'missing.jpg'):
        with pytest.raises(CourseError, match=name):
            paint(tmp_path / name, 'swirl')
    with pytest.raises(CourseError):
        paint(tmp_path, 'swirl')
    for wrong in (np.zeros((3, 20, 20, 3)), np.zeros(5), 'x' * 10, None, np.zeros((0, 4, 3))):
        with pytest.raises(CourseError):
            paint(wrong, 'swirl')


def test_flow_runs_along_stripes():
    "Oracle: stripes drawn at a known angle."
    y, x = np.mgrid[:96, :96]
    for angle in (0, 0.4, 1.2, 2.5):
        wave = np.sin((y * np.cos(angle) - x * np.sin(angle)) * 0.5) * 0.5 + 0.5
        found, clear = flow(np.repeat(wave[..., None], 3, 2).astype('f4'), 1)
        assert (
            np.all(np.cos(2 * (found - angle))[12:-12, 12:-12] > 0.97)
            and clear[12:-12, 12:-12].min() > 0.8
        )


def test_brush_paints_the_later_stroke_over_the_earlier():
    canvas, height = np.zeros((40, 60, 3), 'f4'), np.zeros((40, 60), 'f4')
    ink = np.float32([[1, 0, 0], [0, 0, 1]])
    path = straight(np.float32([[30, 20], [30, 20]]), np.array([0, np.pi / 2]), np.array([50, 30]))
    brush(
        canvas, height, path, np.array([8, 8]), ink, np.random.default_rng(0), bristle=0, taper=60
    )
    assert (
        canvas[20, 30].tolist() == [0, 0, 1]
        and canvas[20, 10].tolist() == [1, 0, 0]
        and canvas[2, 2].tolist() == [0, 0, 0]
    )
    red, blue = (canvas[..., 0] == 1).sum(), (canvas[..., 2] == 1).sum()
    # area: width times length, less the crossing
    assert abs(blue - 8 * 30) < 50 and abs(red - 8 * 42) < 70


def test_brush_outside_the_canvas_is_no_error():
    canvas, height = np.zeros((10, 20, 3), 'f4'), np.zeros((10, 20), 'f4')
    path = straight(np.float32([[-30, 5], [50, 90], [19, 9]]), np.zeros(3), np.full(3, 12))
    brush(canvas, height, path, np.full(3, 6), np.ones((3, 3), 'f4'), np.random.default_rng(0))
    assert canvas[:, :8].max() == 0 and canvas[9, 19].min() > 0


def test_colour_tools():
    "Oracle: colorsys for the hue, SciPy-free arithmetic for the rest."
    import colorsys

    rng = np.random.default_rng(0)
    rgb = rng.uniform(0.3, 0.7, (50, 3)).astype('f4')
    assert np.allclose(grey(vary(rgb, rng, 0, 0)), grey(rgb)) and np.allclose(
        vary(rgb, rng, 0, 0), rgb, atol=1e-6
    )
    hue = lambda c: colorsys.rgb_to_hsv(*map(float, c))[0]
    opposite = [(hue(a) - hue(b)) % 1 for a, b in zip(rgb, saturate(rgb, -1))]
    assert np.allclose(opposite, 0.5, atol=1e-3)
    assert np.allclose(blur(np.ones((20, 30, 3), 'f4'), 2), 1, atol=1e-5)


def test_wall():
    out = picture_grid([CAT] * 5, columns=3, side=20, gap=2)
    assert out.size == (3 * 22 - 2, 2 * 22 - 2) and out.getpixel((63, 41)) == (255, 255, 255)
    assert picture_grid([CAT.resize((60, 20))], side=20).getpixel((10, 1)) == (255, 255, 255)
