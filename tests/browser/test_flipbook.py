"""whole_game.flipbook: every frame can be reached by mouse and keys, nothing is asked of the
network, and the same frames give the same page."""

import base64
import io
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from browser import page
from PIL import Image

from course.normalise import outputs
from whole_game import flipbook as module
from whole_game.errors import CourseError
from whole_game.flipbook import flipbook


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close('all')


def figure(n):
    fig, ax = plt.subplots(figsize=(4, 3))
    ax.plot(np.arange(10), np.arange(10) * n)
    ax.set_title(f'Slope {n}')
    return fig


def shown(*args, **kw):
    "What flipbook displays: the player's HTML, and the row of pictures."
    got = []
    import IPython.display

    before = IPython.display.display
    IPython.display.display = lambda data, raw: got.append(data)
    try:
        flipbook(*args, **kw)
    finally:
        IPython.display.display = before
    assert len(got) == 2
    return got[0]['text/html'], Image.open(io.BytesIO(base64.b64decode(got[1]['image/png'])))


def names(n):
    return [f'step {i}' for i in range(n)]


def test_the_same_frames_give_the_same_page_and_others_another():
    first, again, other = (shown([figure(i + s) for i in range(4)], names(4)) for s in (0, 0, 1))
    assert (
        first[0] == again[0] and first[1].tobytes() == again[1].tobytes() and first[0] != other[0]
    )
    assert not plt.get_fignums(), 'a figure was left open, and the notebook would show it again'


def test_the_normal_form_leaves_it_as_it_is():
    html, _ = shown([figure(i) for i in range(3)], names(3))
    out = dict(output_type='display_data', data={'text/html': html}, metadata={})
    assert outputs([out], 1, 'a-cell')[0].data['text/html'] == html


def test_it_stays_small_even_for_frames_that_cannot_be_packed():
    rng = np.random.default_rng(0)
    noise = [
        Image.fromarray(rng.integers(0, 256, (300, 400, 3), dtype=np.uint8)) for _ in range(12)
    ]
    html, _ = shown(noise, names(12))
    assert len(html) < 250_000 and html.count('data:image/') == 12


def test_frames_of_two_sizes_are_brought_to_one():
    html, _ = shown(
        [
            Image.new('RGB', (40, 60), 'red'),
            Image.new('L', (100, 30), 9),
            Image.new('RGBA', (10, 10), (0, 0, 0, 0)),
        ],
        names(3),
    )
    sizes = {
        Image.open(io.BytesIO(base64.b64decode(code))).size
        for code in re.findall(r'base64,([A-Za-z0-9+/=]+)', html)
    }
    assert sizes == {(100, 60)}


@pytest.mark.parametrize('n', [1, 3, 8, 12, 30])
def test_the_row_shows_first_and_last_and_at_most_eight(n):
    places = module._chosen(n)
    assert places[0] == 0 and places[-1] == n - 1 and len(places) == len(set(places)) == min(n, 8)
    assert (
        shown([Image.new('RGB', (80, 60), (8 * i, 90, 200)) for i in range(n)], names(n))[1].width
        == 1200
    )


@pytest.mark.parametrize(
    'frames, titles, alt, says',
    [
        ([], [], '', 'no frames'),
        ([Image.new('RGB', (9, 9))], ['a', 'b'], '', '1 frames and 2 titles'),
        ([np.zeros((9, 9))], ['a'], '', 'ndarray'),
        ([Image.new('RGB', (9, 9))], ['a'], ['x', 'y'], '2 descriptions'),
    ],
)
def test_what_does_not_fit_is_said(frames, titles, alt, says):
    with pytest.raises(CourseError, match=says):
        flipbook(frames, titles, alt=alt)


def test_in_a_browser(tmp_path):
    titles = ['first <one>', 'second & "two"', '</script> third', 'fourth']
    html, _ = shown([figure(i) for i in range(4)], titles, alt='A blue line.', pause=80)
    file = tmp_path / 'flip.html'
    # the same book twice on a page
    file.write_text(
        f'<!doctype html><meta charset="utf-8"><title>flip</title><body>{html}{html}',
        encoding='utf-8',
    )
    with page() as p:
        p.goto(file.as_uri())
        assert (
            p.locator('[data-flipbook] img').count() == 2
            and p.locator('[data-flipbook] button').count() == 2
        )
        picture, slider, button = (
            p.locator(f'[data-flipbook] {tag}').first for tag in ('img', 'input', 'button')
        )
        assert (
            picture.get_attribute('alt') == 'first <one>. A blue line.'
            and picture.evaluate('e => e.naturalWidth') > 100
        )
        seen = {picture.get_attribute('src')}
        slider.focus()
        for n, title in enumerate(titles[1:], 2):
            p.keyboard.press('ArrowRight')
            assert (
                picture.get_attribute('alt').startswith(title)
                and p.get_by_text(title, exact=True).count() == 1
                and slider.get_attribute('aria-valuetext') == f'{n} of 4: {title}'
            )
            seen.add(picture.get_attribute('src'))
        assert len(seen) == 4 and p.get_by_text('4 of 4').count() == 1
        assert (
            slider.get_attribute('aria-label') and p.get_by_role('button', name='Play').count() == 2
        )
        button.focus()
        button.evaluate(
            'b => { window.named = []; new MutationObserver(() =>'
            ' named.push(b.textContent)).observe(b, {childList: true, characterData: true, subtree:'
            ' true}) }'
        )
        # at the end it begins again, and stops when it has come to the end
        p.keyboard.press('Enter')
        p.wait_for_function("named.length > 1 && named.at(-1).includes('Play')")
        assert 'Stop' in p.evaluate('named[0]')
        assert picture.get_attribute('alt').startswith('fourth')
        assert p.locator('[data-flipbook] img').nth(1).get_attribute('alt').startswith('first'), (
            'the other copy moved, too'
        )
        assert p.away == [] and p.errors == []


def test_without_scripts_the_box_is_empty_and_harmless(tmp_path):
    html, _ = shown([figure(i) for i in range(2)], names(2))
    assert re.fullmatch(r'<div [^>]*></div>', html.split('\n<script>')[0])
