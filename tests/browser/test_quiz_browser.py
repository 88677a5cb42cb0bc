"""The quizzes in a real browser: a click answers, every word can be read in both themes, the
questions are there without a script, and nothing is asked of the network."""

import contextlib

import nbformat
import pytest
from browser import jupyterlab, page, ready, run_cell
from playwright.sync_api import TimeoutError

from course.common import lessons
from whole_game.quiz import questions

# For each element of the quiz that has words of its own: the words, and how well their colour
# stands out from the ground they are on (WCAG 2: relative luminance, 1 to 21).
CONTRASTS = """() => {
    const rgb = colour => (colour.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
    const ground = it => {
        for (; it; it = it.parentElement) {
            const found = rgb(getComputedStyle(it).backgroundColor);
            if ((found[3] ?? 1) > 0) return found;
        }
        return [255, 255, 255];
    };
    const light = colour => {
        const [r, g, b] = colour.slice(0, 3).map(v => v / 255).map(
            v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const found = [];
    for (const it of document.querySelectorAll('.Quiz *, .quiz-as-text, .quiz-as-text *')) {
        const own = [...it.childNodes].filter(n => n.nodeType == 3);
        const words = own.map(n => n.data.trim()).join('');
        if (!words || !it.checkVisibility()) continue;
        const under = ground(it), ink = rgb(getComputedStyle(it).color), whole = ink[3] ?? 1;
        const seen = [0, 1, 2].map(i => whole * ink[i] + (1 - whole) * under[i]);
        const [a, b] = [light(seen), light(under)];
        found.push([words, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)]);
    }
    return found;
}"""


def saved(path, file, head=''):
    """The quiz of a lesson as a page on the disk: what its cell shows in the committed notebook,
    and nothing else."""
    cell = next(
        c
        for c in nbformat.read(path, 4).cells
        if c.cell_type == 'code' and f"quiz('{path.stem[:2]}')" in c.source
    )
    body = ''.join(
        o.data.get('text/html', '')
        + (
            f'<script>{o.data["application/javascript"]}</script>'
            if 'application/javascript' in o.data
            else ''
        )
        for o in cell.outputs
    )
    file.write_text(
        f'<!doctype html><meta charset="utf-8"><title>quiz</title>{head}<body>{body}',
        encoding='utf-8',
    )
    return file.as_uri()


def click_all(p, number):
    "Click every answer; what can be read with less contrast than 4.5 : 1 after any of the clicks."
    pale = set()
    for q in questions(number):
        for letter, a in zip('abcdef', q['answers']):
            p.locator('.MCButton').get_by_text(
                f'{letter}) {a["answer"]}', exact=False
            ).first.click()
            p.locator('.Feedback').get_by_text(a['why'], exact=False).first.wait_for()
            p.wait_for_function('document.getAnimations().every(a => a.playState == "finished")')
            seen = p.evaluate(CONTRASTS)
            assert {a['answer'] in words for words, _ in seen} == {True, False}
            pale |= {(words, round(ratio, 1)) for words, ratio in seen if ratio < 4.5}
    return pale


@pytest.mark.parametrize('ground', ['white', 'black'])
def test_every_click_is_answered_readably_and_nothing_leaves_the_page(tmp_path, ground):
    colours = f'background: {ground}; color: {"black" if ground == "white" else "white"}'
    with page() as p:
        for path in lessons():
            p.goto(saved(path, tmp_path / 'quiz.html', f'<style>body {{ {colours} }}</style>'))
            assert not p.locator('.quiz-as-text').is_visible()
            assert click_all(p, path.stem[:2]) == set()
        assert p.away == [] and p.errors == []


@pytest.mark.parametrize('theme', ['JupyterLab Light', 'JupyterLab Dark'])
def test_readable_in_jupyterlab(tmp_path, theme):
    cells = ["from whole_game.quiz import quiz\n\nquiz('01')"]
    with jupyterlab(tmp_path, cells, theme) as address, page() as p:
        p.goto(address)
        ready(p)
        assert p.locator('body').get_attribute('data-jp-theme-name') == theme
        for _ in range(3):  # a page that is just opening can lose what a cell shows
            run_cell(p, 0)
            with contextlib.suppress(TimeoutError):
                p.locator('.MCButton').first.wait_for(timeout=15_000)
                break
        assert click_all(p, '01') == set()


def test_without_a_script_the_questions_are_there_as_text(tmp_path):
    with page(scripts=False) as p:
        for path in lessons():
            p.goto(saved(path, tmp_path / 'quiz.html'))
            said = p.locator('body').inner_text()
            for q in questions(path.stem[:2]):
                for words in (q['question'], *[a['answer'] for a in q['answers']]):
                    assert words in said
