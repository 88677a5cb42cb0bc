"""What the paintings are made from: every source is there, free to use, the same every time, and
worth painting."""

import hashlib
import socket
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from whole_game.makers import scenes
from whole_game.errors import CourseError
from whole_game.makers.scenes import SOURCES, Source, crop, interest, source

NAMES = list(SOURCES)


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    "Any attempt to reach the network is an error."

    def refuse(*args, **kwargs):
        raise AssertionError('a source asked for the network')

    monkeypatch.setattr(socket.socket, 'connect', refuse)
    monkeypatch.setattr(socket, 'create_connection', refuse)
    monkeypatch.setattr(socket, 'getaddrinfo', refuse)


def test_the_guard_bites():
    with pytest.raises(AssertionError):
        socket.create_connection(('localhost', 9))


def test_enough_sources():
    drawn = [s for s in SOURCES.values() if s.kind == 'drawn']
    photographs = [s for s in SOURCES.values() if s.kind == 'photograph']
    assert len(drawn) >= 18 and len(drawn) + len(photographs) == len(SOURCES) >= 28
    assert [s.name for s in SOURCES.values()] == NAMES
    assert len({s.title for s in SOURCES.values()}) == len(SOURCES)


def test_reserved():
    reserved = [s for s in SOURCES.values() if s.reserved]
    assert len(reserved) == 6
    assert sum(s.kind == 'photograph' for s in reserved) == 2
    assert {s.name for s in reserved if s.kind == 'drawn'} == set(scenes.RESERVED)


@pytest.mark.parametrize('name', NAMES)
def test_credit_and_licence(name):
    s = SOURCES[name]
    assert s.credit.strip() and s.licence.strip() and s.title.strip()
    # attribution is what the licence asks for
    if 'CC BY 2.0' in s.licence:
        assert 'https://www.flickr.com/photos/' in s.credit


@pytest.mark.parametrize('name', NAMES)
def test_picture(name):
    im = source(name)
    assert im.mode == 'RGB' and min(im.size) >= 256
    assert np.asarray(im).mean() > 60, 'dark all over'


@pytest.mark.parametrize('name', NAMES)
def test_the_same_again(name):
    assert SOURCES[name].picture().tobytes() == source(name).tobytes()


def test_the_same_in_another_process():
    names = ['chelsea', 'lilies', 'canal']
    code = (
        f'import hashlib\nfrom whole_game.makers.scenes import source\nfor n in {names}:'
        ' print(hashlib.sha256(source(n).tobytes()).hexdigest())'
    )
    out = subprocess.run(
        [sys.executable, '-c', code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert out == [hashlib.sha256(source(n).tobytes()).hexdigest() for n in names]


def test_no_two_alike():
    small = {n: np.asarray(source(n).resize((16, 16)), float).ravel() for n in NAMES}
    closest = min(
        np.abs(small[a] - small[b]).mean() for i, a in enumerate(NAMES) for b in NAMES[:i]
    )
    assert closest > 15


@pytest.mark.parametrize('name', NAMES)
def test_crops_are_not_dull(name):
    rng, im = np.random.default_rng(7), source(name)
    for _ in range(12):
        c = crop(im, rng)
        a = np.asarray(c)
        assert c.size == (128, 128) and c.mode == 'RGB'
        assert a.std() > 25 and a.mean() > 40 and interest(c) > 0.45


def test_crop_prefers_the_lively_side():
    half = Image.new('RGB', (400, 200), 'grey')
    half.paste(source('market').resize((200, 200)), (200, 0))
    rng = np.random.default_rng(0)
    lively = sum(interest(crop(half, rng, tries=8)) > 0.5 for _ in range(30))
    blind = sum(interest(crop(half, rng, tries=1)) > 0.5 for _ in range(30))
    assert lively >= 28 and blind < 28


def test_crop_of_a_flat_picture_ends():
    assert crop(Image.new('RGB', (300, 200), 'black'), np.random.default_rng(0), 64).size == (
        64,
        64,
    )


def test_crop_repeats():
    one, two = (crop(source('hills'), np.random.default_rng(3)).tobytes() for _ in range(2))
    assert one == two


def test_source_gives_a_copy():
    source('coffee').paste('black', (0, 0, 100, 100))
    assert np.asarray(source('coffee'))[:100, :100].mean() > 10


def test_unknown_name():
    with pytest.raises(CourseError, match='"chelsea"'):
        source('Chelsa')
    with pytest.raises(CourseError, match='Choose one of'):
        source('')
    with pytest.raises(CourseError):
        source(None)


def test_a_photograph_that_is_not_there():
    with pytest.raises(CourseError, match='scikit-image'):
        Source('x', 'photograph', 'x', 'x', 'x', file='skimage/data/nothing.png').picture()
    with pytest.raises(CourseError, match='no_such_package'):
        Source('x', 'photograph', 'x', 'x', 'x', file='no_such_package/nothing.png').picture()
