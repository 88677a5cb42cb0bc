"""The committed quizzes in a real browser, on a page opened from the disk: a click answers, and
nothing is asked of the network."""

import nbformat
from browser import page

from course.common import lessons
from whole_game.quiz import questions


def saved(path, file):
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
        f'<!doctype html><meta charset="utf-8"><title>quiz</title><body>{body}', encoding='utf-8'
    )
    return file.as_uri()


def test_every_click_is_answered_and_nothing_leaves_the_page(tmp_path):
    with page() as p:
        for path in lessons():
            p.goto(saved(path, tmp_path / 'quiz.html'))
            for q in questions(path.stem[:2]):
                for letter, a in zip('abcdef', q['answers']):
                    p.get_by_text(f'{letter}) {a["answer"]}', exact=False).first.click()
                    p.get_by_text(a['why'], exact=False).first.wait_for()
        assert p.away == [] and p.errors == []
