"""The instructors' page and the notes in the lessons: plans that add up, headings that exist,
breaks, and minutes that exercises really have."""

import copy
import re
from types import SimpleNamespace

import nbformat
import pytest

from course import plans
from course.anatomy import counted_minutes
from course.check import Notebook
from course.common import Complaint, lessons, settings
from course.learner import strip

KNOWN = {
    '01': SimpleNamespace(
        stem='01_tiny',
        title='Tiny',
        minutes=30,
        seconds=5,
        headings=['Add', 'Draw', 'Exercise 1: a sum (10 minutes)'],
        exercises=[('Exercise 1: a sum', 10)],
    )
}
STUCK = [{'lesson': '01', 'part': 'Add', 'see': 'tears', 'say': 'go on'}]
PLAN = {
    'name': 'An hour',
    'what_for': 'Sums.',
    'whole': ['01'],
    'days': [
        {
            'minutes': 100,
            'rows': [
                {
                    'minutes': 30,
                    'what': 'talk',
                    'lesson': '01',
                    'parts': ['Add', 'Draw'],
                    'do': 'add',
                    'late': 'never',
                },
                {
                    'minutes': 10,
                    'what': 'exercises',
                    'lesson': '01',
                    'exercises': [1],
                    'do': 'sum',
                    'late': 2,
                },
                {'minutes': 20, 'what': 'show', 'do': 'show', 'late': 1},
                {'minutes': 10, 'what': 'break', 'do': ''},
                {'minutes': 20, 'what': 'live coding', 'do': 'code', 'late': 3},
                {'minutes': 10, 'what': 'feedback', 'do': 'ask'},
            ],
        }
    ],
}


def changed(**at):
    "The plan with some rows changed: r1={'minutes': 5} changes row 1."
    plan = copy.deepcopy(PLAN)
    for row, new in at.items():
        plan['days'][0]['rows'][int(row[1:])] |= new
    return plan


def test_a_sound_plan_has_no_complaint():
    assert plans.complaints([PLAN], STUCK, KNOWN) == []


@pytest.mark.parametrize(
    'plan, said',
    [
        (changed(r0={'minutes': 25}), 'add up to 95 minutes, not to 100'),
        (changed(r0={'parts': ['Subtract']}), 'no heading "Subtract"'),
        (changed(r0={'lesson': '02'}), 'no lesson 02'),
        (
            changed(r1={'minutes': 5}, r2={'minutes': 25}),
            '5 minutes for exercises whose headings say 10',
        ),
        (changed(r1={'exercises': [2]}), 'no exercise 2'),
        (changed(r1={'exercises': []}), 'which exercises?'),
        (changed(r1={'what': 'pairs', 'exercises': []}), 'taught whole, without exercise 1'),
        (
            changed(r0={'minutes': 15}, r2={'minutes': 35}),
            'lesson 01 has 25 minutes; settings.ini says 30',
        ),
        (changed(r3={'what': 'buffer'}), '100 minutes without a break'),
        (changed(r4={'what': 'dancing'}), 'dancing is none of'),
        (changed(r4={'parts': ['Add']}), 'of which lesson?'),
        (changed(r4={'late': 4}), 'what to cut when late'),
        (changed(r0={'late': 3}, r4={'late': 'never'}, r2={'late': 3}), 'what to cut when late'),
        (changed(r3={'late': 'never'}), 'a break is never cut'),
    ],
)
def test_what_is_wrong_with_a_plan_is_said(plan, said):
    assert any(said in complaint for complaint in plans.complaints([plan], STUCK, KNOWN))


def test_where_rooms_get_stuck_is_a_place():
    assert (
        'no heading "Divide"' in plans.complaints([PLAN], [STUCK[0] | {'part': 'Divide'}], KNOWN)[0]
    )


def test_the_clock_runs_to_the_end():
    told = plans.plan_text(PLAN, KNOWN)
    assert (
        re.findall(r'^\| (\d+:\d\d) ', told, re.M)
        == ['0:00', '0:30', '0:40', '1:00', '1:10', '1:30', '1:40']
        and '**100 minutes**: talk 30' in told
    )


def test_the_page_is_in_step():
    plans.main(['--check'])


def test_a_page_out_of_step_is_noticed(tmp_path, monkeypatch):
    monkeypatch.setattr(plans, 'FILE', str(tmp_path / 'instructors.md'))
    with pytest.raises(Complaint, match='missing'):
        plans.main(['--check'])
    plans.main([])
    plans.main(['--check'])
    (tmp_path / 'instructors.md').write_text(
        (tmp_path / 'instructors.md').read_text().replace('| 5 |', '| 6 |', 1)
    )
    with pytest.raises(Complaint, match='out of step'):
        plans.main(['--check'])


def test_a_number_that_is_gone_is_told(tmp_path, monkeypatch):
    numbers = (plans.ROOT / plans.NUMBERS).read_text(encoding='utf-8')
    monkeypatch.setattr(plans, 'NUMBERS', str(tmp_path / 'numbers.md'))
    (tmp_path / 'numbers.md').write_text(numbers.replace('| memory |', '| disk |'))
    with pytest.raises(Complaint, match='numbers.md has no row any more for memory'):
        plans.page()


def test_the_three_plans():
    assert {
        plan['name']: [day['minutes'] for day in plan['days']] for plan in plans.kept()['plan']
    } == {
        '90 minutes': [90],
        'An evening in one field': [90],
        'Half a day': [240],
        'Two days': [390, 390],
    }


def test_it_can_be_printed():
    # a row for each lesson does not count
    page = re.sub(r'\]\([^)]*\)|<!--.*?-->|^\| \[.*$', '', plans.page(), flags=re.M)
    assert len(re.findall(r"[A-Za-z][\w'’-]*", page)) <= 2600


def mine(cell):
    return 'instructor' in cell.metadata.get('tags', [])


# the part that the plans teach
PLAY = [path for path in lessons() if settings().get(path.stem, {}).get('part') == 'Play']


def test_there_are_lessons_to_look_at():
    assert len(PLAY) >= 7


@pytest.mark.parametrize('path', PLAY, ids=lambda path: path.stem)
def test_every_lesson_has_notes_that_cost_learners_nothing(path):
    nb = nbformat.read(path, 4)
    notes = [
        cell
        for cell, after in zip(nb.cells, nb.cells[1:])
        if cell.cell_type == 'markdown'
        and mine(cell)
        and not (after.cell_type == 'code' and mine(after))
    ]
    assert 5 <= len(notes) <= 9, (
        'a lesson has five to nine notes for who teaches it: cells of text tagged instructor'
    )
    assert all(mine(cell) for cell in nb.cells if cell.id.startswith('note-')), (
        'a note without its tag is shown to learners'
    )
    copied = '\n'.join(cell.source for cell in strip(nb).cells)
    assert not any(
        line in copied for cell in notes for line in cell.source.splitlines() if len(line) > 40
    )
    book = Notebook(path, settings()[path.stem])
    with_notes = counted_minutes(book)
    book.prose = [(n, cell) for n, cell in book.prose if cell not in notes]
    assert counted_minutes(book) == with_notes
