"""The portfolio in a real browser, opened from the disk: it asks nobody for anything, axe has no
complaint in light or dark, and a telephone shows all of it."""

import pytest
from browser import page

from whole_game import modelcard, portfolio, progress, projects

WIDER = 'document.documentElement.scrollWidth > document.documentElement.clientWidth'
SEEN = """[...document.querySelectorAll('svg circle, svg .range')].map(e => {
    const box = e.getBoundingClientRect(), all = e.ownerSVGElement.getBoundingClientRect();
    return box.left >= all.left && box.right <= all.right && box.top >= all.top
        && box.bottom <= all.bottom && getComputedStyle(e).stroke !== 'none'; })"""


@pytest.fixture
def made(monkeypatch, tmp_path):
    "A page with everything that a page can have."
    monkeypatch.setenv('WHOLE_GAME_PROGRESS', str(tmp_path / 'progress.json'))
    for number in ('00', '01', '20'):
        progress.note_reached(number)
        progress.note_quiz(number, 5, 6)
    for i in range(24):
        progress.note_prediction(f'01 n{i}', 1, (20, 50, 80, 100)[i % 4], i % 3 > 0)
    progress.stuck('01', 'Why is the loss not the metric? ' + 'w' * 200)
    progress.note_review('term Loss', {'asked': 3, 'known': 2})
    own = projects.new_project(tmp_path / 'my_mugs')
    (own / 'model').mkdir()
    labels = ['a label with a rather long name'] * 3 + ['<b>red</b>'] * 5
    modelcard.measured(labels, labels, [0.9] * 8, path=own / 'model' / 'my_mugs')
    projects.new_project(tmp_path / 'later')
    return portfolio.portfolio(tmp_path / 'page.html', name='Ada', projects=[tmp_path])


def complaints(p):
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(p, options={'resultTypes': ['violations']}).response['violations']
    return [(v['id'], node['html'][:120]) for v in found for node in v['nodes']]


@pytest.mark.parametrize('scheme', ['light', 'dark'])
def test_opened_from_the_disk(made, scheme):
    with page() as p:
        p.emulate_media(color_scheme=scheme)
        p.goto(made.as_uri())
        assert p.away == [] and p.errors == [] and complaints(p) == []
        assert p.locator('script, link, img, iframe').count() == 0
        ground = p.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (sum(map(int, ground[4:-1].split(','))) < 200) == (scheme == 'dark')
        seen = p.evaluate(SEEN)
        assert len(seen) == 8 and all(seen), 'marks outside the picture'
        assert p.get_by_role('img').get_attribute('aria-labelledby') == 'cal-title'
        p.set_viewport_size({'width': 360, 'height': 700})
        assert not p.evaluate(WIDER), 'wider than a telephone'


def test_the_page_cannot_ask_for_anything(made):
    made.write_text(
        made.read_text('utf-8').replace(
            '</main>', '<img src="https://example.org/a.png" alt=""></main>'
        ),
        'utf-8',
    )
    with page() as p:
        p.goto(made.as_uri())
        assert 'Content Security Policy' in ' '.join(p.errors)


def test_what_breaks_it_is_seen(made):
    made.write_text(
        made.read_text('utf-8')
        .replace('--quiet: #4f5b6b', '--quiet: #d0d4da')
        .replace('<html lang="en">', '<html>'),
        'utf-8',
    )
    with page() as p:
        p.emulate_media(color_scheme='light')
        p.goto(made.as_uri())
        assert {'color-contrast', 'html-has-lang'} <= {name for name, _ in complaints(p)}
