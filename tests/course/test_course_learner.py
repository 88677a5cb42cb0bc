"The learner's copies: nothing of the solutions, and never a loss of somebody's work."

import re

import nbformat
import pytest
from course_fixtures import lesson, put, runnable
from nbformat.v4 import new_code_cell, new_markdown_cell

from course import learner
from course.common import NBS, ROOT, Complaint
from course.leaks import leaks
from course.execute import execute
from whole_game.cli import parser
from whole_game.lesson import lessons


def with_exercise():
    nb = runnable(['1 + 1', 'answer = ...  # your number here\nanswer'])
    nb.cells += [
        new_markdown_cell('The answer is 2.', metadata={'tags': ['solution']}),
        new_code_cell('answer = 2', metadata={'tags': ['solution']}),
        new_markdown_cell('Ask the room.', metadata={'tags': ['instructor']}),
        new_markdown_cell('The end.'),
    ]
    nb.cells[2].update(execution_count=1, outputs=[nbformat.v4.new_output('stream', text='2')])
    return nb


@pytest.fixture
def nbs(tmp_path):
    put(with_exercise(), tmp_path / 'nbs' / '01_tiny.ipynb')
    put(lesson(), tmp_path / 'nbs' / 'lib' / 'inside.ipynb')
    (tmp_path / 'nbs' / 'pictures').mkdir()
    (tmp_path / 'nbs' / 'pictures' / 'a.txt').write_text('a')
    (tmp_path / 'nbs' / '01_tiny.quiz.toml').write_text('')
    return tmp_path / 'nbs'


@pytest.fixture
def made(nbs):
    learner.make(nbs, nbs.parent / 'learner')
    return nbs.parent / 'learner'


def test_no_solutions_no_outputs_and_the_pictures(made):
    nb = nbformat.read(made / '01_tiny.ipynb', 4)
    said = str(nb)
    assert (
        'The answer' not in said
        and 'answer = 2' not in said
        and 'Ask the room' not in said
        and 'The end' in said
    )
    assert all(
        not cell.outputs and cell.execution_count is None
        for cell in nb.cells
        if cell.cell_type == 'code'
    )
    assert (made / 'pictures' / 'a.txt').exists() and {path.name for path in made.iterdir()} == {
        '01_tiny.ipynb',
        'pictures',
        '.made.json',
        'AGENTS.md',
    }


@pytest.mark.parametrize('instructor', [False, True])
def test_every_link_of_the_copies_leads_somewhere(tmp_path, instructor):
    learner.make(folder=tmp_path / 'copies', instructor=instructor)
    prose = [
        (path, cell.source)
        for path in tmp_path.rglob('*.ipynb')
        for cell in nbformat.read(path, 4).cells
        if cell.cell_type == 'markdown'
    ]
    prose += [(path, path.read_text()) for path in tmp_path.rglob('docs/*.md')]
    found = [
        (path, to)
        for path, words in prose
        for to in re.findall(r'\]\(([^)\s#]+)', words)
        if not re.match(r'\w+:', to)
    ]
    assert len({to for _, to in found if to.startswith('docs/')}) >= 3 and len(found) > 20
    for path, to in found:  # JupyterLab serves this folder, and nothing above it
        assert (path.parent / to).resolve().is_relative_to(tmp_path / 'copies') and (
            path.parent / to
        ).exists(), f'{path.name} links to {to}'


def test_an_untouched_copy_runs_to_its_last_cell(made):
    assert execute(made / '01_tiny.ipynb').error is None


def test_an_untouched_copy_is_renewed(nbs, made):
    assert learner.make(nbs, made) == []
    nb = with_exercise()
    nb.cells[-1].source = 'A new end.'
    put(nb, nbs / '01_tiny.ipynb')
    assert learner.make(nbs, made) == ['learner/01_tiny.ipynb']
    assert 'A new end' in (made / '01_tiny.ipynb').read_text() and learner.make(nbs, made) == []


def test_a_changed_copy_is_never_overwritten(nbs, made):
    copy, beside = made / '01_tiny.ipynb', made / '01_tiny.new.ipynb'
    copy.write_text(copy.read_text().replace('your number here', 'my number is 2'))
    mine = copy.read_bytes()
    assert learner.make(nbs, made) == [] and not beside.exists(), 'nothing new to lay beside it'
    nb = with_exercise()
    nb.cells[-1].source = 'A second end.'
    put(nb, nbs / '01_tiny.ipynb')
    (told,) = learner.make(nbs, made)
    assert '01_tiny.new.ipynb' in told and 'your work' in told
    assert copy.read_bytes() == mine and 'A second end' in beside.read_text()
    assert learner.make(nbs, made) == [], 'told once'
    beside.write_text(beside.read_text().replace('your number here', 'here too'))
    also_mine = beside.read_bytes()
    assert learner.make(nbs, made) == [] and not (made / '01_tiny.new-2.ipynb').exists(), (
        'nothing new since'
    )
    nb.cells[-1].source = 'A third end.'
    put(nb, nbs / '01_tiny.ipynb')
    learner.make(nbs, made)
    assert (
        copy.read_bytes() == mine
        and beside.read_bytes() == also_mine
        and 'A third end' in (made / '01_tiny.new-2.ipynb').read_text()
    )
    assert learner.make(nbs, made) == []


def test_a_copy_that_was_there_before_is_kept(nbs):
    folder = nbs.parent / 'learner'
    put(lesson(), folder / '01_tiny.ipynb')
    before = (folder / '01_tiny.ipynb').read_bytes()
    learner.make(nbs, folder)
    assert (folder / '01_tiny.ipynb').read_bytes() == before and (
        folder / '01_tiny.new.ipynb'
    ).exists()


def test_what_an_assistant_is_told_is_renewed_and_never_overwritten(nbs, made, monkeypatch):
    told = made / 'AGENTS.md'
    assert told.read_bytes() == learner.AGENTS.read_bytes()
    monkeypatch.setattr(learner, 'AGENTS', nbs.parent / 'newer.md')
    learner.AGENTS.write_text('Be kind.')
    learner.make(nbs, made)
    assert told.read_text() == 'Be kind.', 'an untouched one is renewed'
    told.write_text('Be strict.')
    learner.AGENTS.write_text('Be kinder.')
    (line,) = learner.make(nbs, made)
    assert 'AGENTS.new.md' in line and told.read_text() == 'Be strict.'
    assert (made / 'AGENTS.new.md').read_text() == 'Be kinder.' and learner.make(nbs, made) == []
    told.unlink()
    learner.make(nbs, made)
    assert told.read_text() == 'Be kinder.'
    learner.make(nbs, nbs.parent / 'solutions', instructor=True)
    assert not (nbs.parent / 'solutions' / 'AGENTS.md').exists()


def test_what_an_assistant_is_told_is_true():
    said = learner.AGENTS.read_text(encoding='utf-8')
    assert len(said.split()) < 500, 'short enough to be read each time'
    names = re.findall(r'whole_game/[\w/]+\.py', said)
    assert names and all((ROOT / name).is_file() for name in names)
    commands = set(re.findall(r'`whole-game ([\w-]+)', said))
    known = parser()._subparsers._group_actions[0].choices
    assert commands == {'progress', 'stuck', 'review'} and commands <= set(known)
    assert all((NBS / name).is_file() for name in re.findall(r'\b\d\d_\w+\.ipynb', said))
    (exercise,) = re.findall(r"check\('([^']+)'", said)
    assert any(exercise in lesson['exercises'] for lesson in lessons())
    assert 'Do not write the solution' in said and learner.MADE in said
    from whole_game.lesson import glossary  # as it says

    assert f'from {glossary.__module__} import glossary' in said


def test_a_solution_that_leaks_is_found():
    nb = with_exercise()
    assert leaks(nb) == []
    nb.cells.append(new_markdown_cell('Psst: write `answer = 2`.'))
    assert leaks(nb) == ['holds a line of a solution: answer = 2']


def test_a_lesson_that_leans_on_a_solution_is_found():
    nb = with_exercise()
    nb.cells.insert(-3, new_code_cell('helper = 3', metadata={'tags': ['solution']}))
    assert leaks(nb) == []
    nb.cells.append(new_code_cell('print(helper)'))
    assert leaks(nb) == ['uses helper, which only a solution makes']


def test_a_lesson_that_goes_on_with_an_exercises_answer_is_found():
    nb = with_exercise()
    nb.cells.append(new_code_cell("check('01 sum', answer)"))
    assert leaks(nb) == []
    nb.cells.append(new_code_cell('answer + 1'))
    assert leaks(nb) == ['uses answer after its exercise, where a learner may have nothing yet']
    nb.cells[-1].source = 'answer = 5\nanswer + 1'
    assert leaks(nb) == []


def test_the_instructors_copies_have_everything(nbs):
    (nbs / '01_tiny.quiz.toml').write_text(
        '[[questions]]\nquestion = "1 + 1?"\nanswers = [{answer = "3", why = "No."}, {answer = "2",'
        ' right = true, why = "One more."}]\n'
    )
    told = learner.make(nbs, nbs.parent / 'solutions', instructor=True)
    nb = nbformat.read(nbs.parent / 'solutions' / '01_tiny.ipynb', 4)
    assert told == ['solutions/01_tiny.ipynb'] and any(cell.get('outputs') for cell in nb.cells)
    assert any(cell.source == '**[solution]** The answer is 2.' for cell in nb.cells) and any(
        '**[for you]**' in cell.source for cell in nb.cells
    )
    assert nb.cells[-1].source == '## Key to the quiz\n\n1. 1 + 1? **b) 2**. One more.'
    assert learner.make(nbs, nbs.parent / 'solutions', instructor=True) == []


def test_the_key_to_the_quiz_is_not_in_the_learners_copy(nbs, made):
    assert not list(made.glob('*.toml')) and 'Key' not in (made / '01_tiny.ipynb').read_text()


def test_no_lessons(tmp_path):
    with pytest.raises(Complaint, match='no lesson'):
        learner.make(tmp_path, tmp_path / 'learner')
