"""Every closed exercise: its solution passes, its untouched stub fails kindly, and common wrong
tries get a hint of their own.

The wrong tries of lesson NN are in tests/lessons/wrong_tries/lesson_NN.py: `TRIES` names, for each
exercise, a function that gives (answer, a word its hint must hold) pairs; `RIGHT`, where there is
one, a function that gives right answers of an unusual kind; `SETUP` is code that runs before stub
and solution.
"""

import importlib.util
import re
from pathlib import Path

import nbformat
import pytest

from course.common import lessons
from course.cells import exercises as exercise_cells
from whole_game import check as module
from whole_game.check import check

HERE = Path(__file__).parent


def known(number):
    "The module with the wrong tries of a lesson."
    spec = importlib.util.spec_from_file_location(
        f'lesson_{number}', HERE / 'wrong_tries' / f'lesson_{number}.py'
    )
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def exercises():
    """For each `check(name, answer)` in a lesson: its name, its answer's name, the source of stub
    and solution."""
    found = []
    for path in lessons():
        nb = nbformat.read(path, 4)
        for stub, solution, checked in exercise_cells(nb):
            for name, answer in re.findall(
                r"^check\('([^']+)', (\w+)\)", nb.cells[checked].source if checked else '', re.M
            ):
                found.append(
                    pytest.param(
                        name, answer, nb.cells[stub].source, nb.cells[solution].source, id=name
                    )
                )
    return found


def said(capsys, name, answer):
    capsys.readouterr()
    module._failures.clear()
    check(name, answer)
    return capsys.readouterr().out


def answer_of(name, source, answer):
    space = {}
    exec(known(name[:2]).SETUP + '\n' + source, space)
    return space[answer]


def test_there_are_exercises():
    in_lessons = [p.values[0] for p in exercises()]
    assert len(set(in_lessons)) == len(in_lessons)
    for path in lessons():
        importlib.import_module(f'whole_game.exercises.lesson_{path.stem[:2]}')
    assert set(in_lessons) == {name for name in module._checks if name[:2].isdigit()}


@pytest.mark.parametrize('name,answer,stub,solution', exercises())
def test_solution_passes_and_stub_fails_kindly(name, answer, stub, solution, capsys):
    assert said(capsys, name, answer_of(name, stub, answer)).startswith('✗ Not yet.')
    assert said(capsys, name, answer_of(name, solution, answer)).startswith('✓ Right.')


@pytest.mark.parametrize('name', [p.values[0] for p in exercises()])
def test_wrong_tries_get_their_own_hint(name, capsys):
    tries = known(name[:2]).TRIES[name]()
    hints = [said(capsys, name, answer) for answer, _ in tries]
    for hint, (_, word) in zip(hints, tries):
        assert hint.startswith('✗ Not yet.') and word in hint, hint
    assert len(set(hints)) == len(tries) >= 2


@pytest.mark.parametrize(
    'name, number',
    [
        (name, n)
        for name in (p.values[0] for p in exercises())
        for n in range(len(getattr(known(name[:2]), 'RIGHT', {}).get(name, list)()))
    ],
)
def test_unusual_right_tries_are_right(name, number, capsys):
    assert said(capsys, name, known(name[:2]).RIGHT[name]()[number]).startswith('✓ Right.')


def test_second_failure_gets_a_stronger_hint_and_success_starts_afresh(capsys):
    said(capsys, '00 minutes', 60)
    check('00 minutes', 60)
    assert '2 * 60' in capsys.readouterr().out
    check('00 minutes', 120)
    check('00 minutes', 60)
    assert '2 * 60' not in capsys.readouterr().out


def test_check_never_raises(capsys):
    def broken(guesses, labels):
        raise ValueError('oh no')

    assert 'ValueError: oh no' in said(capsys, '01 accuracy', broken)
    assert 'There is no exercise' in said(capsys, '99 nothing', 1)
    assert '01 charts' in said(capsys, '01 chart', 1)

    class Odd:
        def __eq__(self, other):
            raise RuntimeError('no comparing')

    assert 'RuntimeError' in said(capsys, '00 minutes', Odd())


@pytest.mark.parametrize(
    'ends, word',
    [
        (lambda: exit(), 'SystemExit'),
        (lambda: exit('done'), 'SystemExit: done'),
        (lambda: next(iter([])), 'StopIteration'),
    ],
)
def test_an_answer_that_ends_the_program_does_not(ends, word, capsys):
    assert word in said(capsys, '01 accuracy', lambda guesses, labels: ends())


@pytest.mark.parametrize(
    'hints, word',
    [
        (False, 'has no hint'),
        (0, 'has no hint'),
        ((), 'has no hint'),
        (True, 'Right'),
        (None, 'Right'),
    ],
)
def test_whatever_a_check_gives_back(hints, word, capsys, monkeypatch):
    monkeypatch.setitem(module._checks, 'toy', lambda answer: hints)
    assert word in said(capsys, 'toy', 1) and word in said(capsys, 'toy', 1)


def test_a_check_that_lacks_a_package_says_so(capsys, monkeypatch):
    def lacks(name):
        raise ModuleNotFoundError("No module named 'sklearn'", name='sklearn')

    monkeypatch.setattr(module.importlib, 'import_module', lacks)
    told = said(capsys, '77 lumps', 1)
    assert (
        "No module named 'sklearn'" in told
        and 'There is no exercise' not in told
        and 'nothing about your answer' in told
    )


@pytest.mark.parametrize('name', [5, None, ['01 accuracy']])
def test_a_name_that_is_none(name, capsys):
    assert 'could not be fetched' in said(capsys, name, 1)
