"""The place to draw: what its drawings are like, what Python gets of them, and a real browser in
which somebody draws."""

import base64
import io
import sys

import numpy as np
import pytest
from browser import jupyterlab, page, ready, run_until_said, run_until_shown
from PIL import Image, ImageDraw
from scipy.ndimage import center_of_mass

from whole_game import canvas as module
from whole_game.canvas import SIDE, canvas, centred, pen_width, strokes
from whole_game.data import get
from whole_game.errors import CourseError


def ink(picture):
    return np.array(picture, float)


def box(picture):
    return [
        b - a
        for a, b in zip(
            picture.point(lambda v: 255 * (v > 60)).getbbox()[:2],
            picture.point(lambda v: 255 * (v > 60)).getbbox()[2:],
        )
    ]


def middle(picture):
    return np.array(center_of_mass(ink(picture)))[::-1]


# --- drawn by a program


@pytest.mark.parametrize('digit', range(10))
def test_a_drawn_digit_lies_as_mnist_lays_it(digit):
    for seed in range(8):
        picture = strokes(digit, seed=seed)
        assert (picture.size, picture.mode) == ((SIDE, SIDE), 'L') and picture.getextrema() == (
            0,
            255,
        )
        assert 18 <= max(box(picture)) <= 21
        assert np.abs(middle(picture) - 14).max() < 1


def test_pen_size_place_and_tilt_do_what_they_say():
    plain = strokes(3, seed=5)
    assert (
        ink(strokes(3, seed=5, width=4)).sum()
        > 1.3 * ink(plain).sum()
        > 1.6 * ink(strokes(3, seed=5, width=1.2)).sum()
    )
    assert max(box(strokes(3, seed=5, size=10))) <= 11
    assert np.allclose(
        middle(strokes(3, seed=5, shift=(3, -2))) - middle(plain), (3, -2), atol=0.15
    )
    one = [ink(strokes(1, seed=0, tilt=tilt)).sum(axis=0).astype(bool).sum() for tilt in (0, 40)]
    assert one[1] > 2 * one[0]  # a 1 that leans is wider


def test_a_seed_repeats_and_seeds_differ():
    assert strokes(8, seed=3) == strokes(8, seed=3)
    drawn = {strokes(8, seed=seed).tobytes() for seed in range(20)}
    assert len(drawn) == 20


@pytest.mark.parametrize('digit', [10, -1, '7'])
def test_no_such_digit(digit):
    with pytest.raises(CourseError, match='no digit'):
        strokes(digit)


# --- measured and brought into MNIST's form


def test_the_pen_of_a_straight_line():
    for width in (2, 3, 5):
        sheet = Image.new('L', (SIDE, SIDE))
        ImageDraw.Draw(sheet).rectangle((10, 4, 10 + width - 1, 24), fill=255)
        assert pen_width(sheet) == pytest.approx(width, abs=0.5)


def test_training_digits_are_in_the_form_the_lesson_says():
    """The longer side is 20 pixels, the centre of mass in the middle: what lesson 2 tells about
    MNIST holds for each of its pictures."""
    for file in sorted((get('handwriting') / 'train').rglob('*.png'))[::40]:
        picture = Image.open(file)
        left, top, right, bottom = picture.getbbox()
        assert max(right - left, bottom - top) == 20
        assert np.abs(middle(picture) - 14).max() <= 0.5


@pytest.mark.parametrize('digit', range(10))
@pytest.mark.parametrize(
    'how',
    [
        dict(width=1, size=12, shift=(-4, 3)),
        dict(width=1, size=24),
        dict(width=4, shift=(3, 3)),
        dict(size=16, tilt=10, shift=(0, -5)),
    ],
)
def test_centred_gives_mnists_form(digit, how):
    for pen in (None, 2.5):
        done = centred(strokes(digit, seed=1, **how), pen=pen)
        assert (
            (done.size, done.mode) == ((SIDE, SIDE), 'L')
            and done.getextrema()[0] == 0
            and done.getextrema()[1] > 250
        )
        assert 18 <= max(box(done)) <= 20 and np.abs(middle(done) - 14).max() < 1
        if pen and how.get('width') == 1:
            assert pen_width(done) == pytest.approx(2.5, abs=0.8)


def test_a_big_sheet_gives_the_same_as_a_small_one():
    big = strokes(5, seed=2, size=14, shift=(3, -3)).resize((280, 280), Image.Resampling.BICUBIC)
    small = centred(strokes(5, seed=2, size=14, shift=(3, -3)))
    assert np.abs(ink(centred(big)) - ink(small)).mean() < 12


@pytest.mark.parametrize('call', [centred, pen_width, lambda picture: centred(picture, pen=2)])
def test_an_empty_picture(call):
    with pytest.raises(CourseError, match='nothing on this picture'):
        call(Image.new('L', (28, 28)))


# --- the sheet, from Python's side


def as_address(sheet):
    held = io.BytesIO()
    sheet.save(held, 'png')
    return 'data:image/png;base64,' + base64.b64encode(held.getvalue()).decode()


def test_nothing_drawn():
    board = canvas()
    assert not board.drawn
    for ask in (board.picture, lambda: board.raw):
        with pytest.raises(CourseError, match='Nothing has been drawn'):
            ask()


def test_a_drawing_arrives_white_on_black_and_where_it_was():
    board, sheet = canvas(), Image.new('RGBA', (280, 280), 'white')
    ImageDraw.Draw(sheet).ellipse((200, 20, 240, 60), fill='black')
    board.widget.drawing = as_address(sheet)
    assert (
        board.drawn
        and board.raw.size == (280, 280)
        and board.raw.getpixel((5, 5)) == 255
        and board.raw.getpixel((220, 40)) == 0
    )
    assert board.picture().size == (28, 28) and np.allclose(
        middle(board.picture()), (21.5, 3.5), atol=0.3
    )
    board.widget.drawing = ''
    assert not board.drawn


def test_what_a_page_without_a_kernel_shows():
    data, about = canvas()._repr_mimebundle_()
    assert (
        set(data) == {'text/plain', 'text/html', module._VIEW}
        and 'JupyterLab' in data['text/plain']
        and data[module._VIEW]['model_id']
    )
    assert data['text/html'] == canvas()._repr_mimebundle_()[0]['text/html']


def test_without_anywidget_the_lesson_goes_on(monkeypatch):
    monkeypatch.setitem(sys.modules, 'anywidget', None)  # import anywidget now fails
    board = canvas()
    data, _ = board._repr_mimebundle_()
    assert (
        not board.drawn
        and set(data) == {'text/plain', 'text/html'}
        and 'not installed' in data['text/plain']
    )
    with pytest.raises(CourseError) as caught:
        board.picture()
    assert '%pip install anywidget' in caught.value.do


# --- the sheet in JupyterLab, with a mouse and with the keyboard


@pytest.fixture
def lab(tmp_path):
    "JupyterLab with a notebook of two cells; gives the notebook's address."
    cells = [
        'from whole_game.canvas import canvas\nboard = canvas(pen=20)\nboard',
        (
            "f'ink {board.drawn} {[v // 10 for v in board.picture().getbbox()] if board.drawn else"
            " None} end'"
        ),
    ]
    with jupyterlab(tmp_path, cells) as address:
        yield address


def test_drawing_in_jupyterlab(lab):
    with page() as p:
        p.goto(lab)
        ready(p)
        sheet = p.get_by_role('application', name='A sheet to draw on')
        run_until_shown(p, 0, sheet)
        run_until_said(p, 1, 'ink False None end')

        frame = sheet.bounding_box()
        at = lambda x, y: (frame['x'] + x, frame['y'] + y)
        p.mouse.move(*at(120, 60))
        p.mouse.down()
        p.mouse.move(*at(160, 120), steps=5)
        p.mouse.move(*at(210, 250), steps=5)
        p.mouse.up()
        # the ink's box on 28 x 28, in tens: left, top, right, bottom
        run_until_said(p, 1, 'ink True [1, 0, 2, 2] end')

        p.get_by_role('button', name='Clear the drawing').click()
        run_until_said(p, 1, 'ink False None end')

        sheet.focus()
        p.keyboard.press('ArrowRight')
        p.keyboard.down('Shift')
        for _ in range(5):
            p.keyboard.press('ArrowDown')
        p.keyboard.up('Shift')
        # the notebook has not taken the arrow keys
        assert sheet.evaluate('it => it == document.activeElement')
        run_until_said(p, 1, 'ink True [1, 1, 1, 1] end')
        assert p.away == []
