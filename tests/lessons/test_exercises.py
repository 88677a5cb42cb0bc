"""Every closed exercise: its solution passes, its untouched stub fails kindly, and common wrong
tries get a hint of their own.

The wrong tries of lesson NN are in tests/lessons/wrong_tries/lesson_NN.py: `TRIES` names, for each
exercise, a function that gives (answer, a word its hint must hold) pairs; `RIGHT`, where there is
one, a function that gives unusual answers that are right all the same; `SETUP` is code that runs
before stub and solution.
"""

import importlib.util
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch

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
    """For each `check(name, answer)` in a lesson: its name, its answer's name (or several in
    brackets), the source of stub and solution."""
    found = []
    for path in lessons():
        nb = nbformat.read(path, 4)
        for stub, solution, checked in exercise_cells(nb):
            for name, answer in re.findall(
                r"^check\('([^']+)', (\w+|\(\w+(?:, \w+)+\))\)",
                nb.cells[checked].source if checked else '',
                re.M,
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
    return eval(answer, space)


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


def unusual():
    "The exercises for which unusual right answers are written down."
    names = [p.values[0] for p in exercises()]
    return [name for name in names if name in getattr(known(name[:2]), 'RIGHT', {})]


@pytest.mark.parametrize('name', unusual())
def test_unusual_right_tries_pass(name, capsys):
    answers = known(name[:2]).RIGHT[name]()
    assert len(answers) >= 3
    for number, answer in enumerate(answers):
        told = said(capsys, name, answer)
        assert told.startswith('✓ Right.'), f'answer {number}: {told}'


def test_second_failure_gets_a_stronger_hint_and_success_starts_afresh(capsys):
    said(capsys, '00 minutes', 60)
    check('00 minutes', 60)
    assert '`*`' in capsys.readouterr().out
    check('00 minutes', 120)
    check('00 minutes', 60)
    assert '`*`' not in capsys.readouterr().out


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


def test_the_second_failure_keeps_the_first_hint(capsys, monkeypatch):
    monkeypatch.setitem(module._checks, 'toy', lambda answer: ('Of [1, 2] you say 3.', 'Divide.'))
    assert 'Divide' not in said(capsys, 'toy', 3)
    check('toy', 3)
    assert 'Of [1, 2] you say 3. Divide.' in capsys.readouterr().out


@pytest.mark.parametrize(
    'number',
    [
        np.float64(12),
        np.float32(12),
        np.int64(12),
        np.array(12.0),
        torch.tensor(12),
        torch.tensor(12.0),
    ],
)
def test_numbers_of_numpy_and_torch_are_as_right_as_pythons(number, capsys, monkeypatch):
    kinds = []

    def look(answer):
        got = answer(2) if callable(answer) else answer
        kinds.append([type(g) for g in got] if isinstance(got, (list, tuple)) else type(got))
        return None if got in (12, [12], (12, 'b')) else 'no'

    monkeypatch.setitem(module._checks, 'toy', look)
    for answer in (number, [number], (number, 'b'), lambda n: number, lambda n: (number, 'b')):
        assert said(capsys, 'toy', answer).startswith('✓ Right.')
    assert not {np.float64, torch.Tensor, np.ndarray} & {k for k in kinds if isinstance(k, type)}


def test_what_is_no_single_number_reaches_the_check_as_it_is(capsys, monkeypatch):
    loss = torch.tensor(2.0, requires_grad=True)
    seen = []
    monkeypatch.setitem(module._checks, 'toy', seen.append)
    things = [np.ones(1), torch.ones(2, 2), loss, 'text', {1: 'one'}, {3}]
    for thing in things:
        said(capsys, 'toy', thing)
    assert all(a is b or a == b for a, b in zip(seen, things)) and seen[2] is loss


def test_a_number_is_the_one_that_is_shown(capsys, monkeypatch):
    monkeypatch.setitem(module._checks, 'toy', lambda answer: None if answer(1) == 0.1 else 'no')
    for number in (np.float32(0.1), torch.tensor(0.1), np.float64(0.1), torch.tensor(0.1).double()):
        own = module._own(number)
        assert own == (0.1 if number.dtype in (np.float32, torch.float32) else float(number))
    assert said(capsys, 'toy', lambda n: torch.tensor(0.1)).startswith('✓ Right.')
    monkeypatch.setitem(module._checks, 'toy', lambda answer: None if answer(1) is True else 'no')
    assert said(capsys, 'toy', lambda n: np.bool_(True)).startswith('✓ Right.')


def prints(*args):
    print(args[0])


def forgets_to_return(*args):
    args[0]


def first_round_only(guesses, labels):
    right = 0
    for guess, label in zip(guesses, labels):
        right += guess == label
        return right / len(labels)


def both_ways_out(guesses, labels):
    for guess, label in zip(guesses, labels):
        if guess == label:
            return 1.0
        else:
            return 0.0


def a_search(guesses, labels):
    for guess, label in zip(guesses, labels):
        if guess != label:
            continue
        return -1.0


@pytest.mark.parametrize(
    'name', [p.values[0] for p in exercises() if re.search(r'^def ', p.values[2], re.M)]
)
def test_print_and_no_return_have_their_own_words_everywhere(name, capsys):
    module._find(name)
    if module._checks[name].returns == 'nothing':
        pytest.skip('its function returns nothing')
    assert 'you wrote `print`' in said(capsys, name, prints)
    told = said(capsys, name, forgets_to_return)
    assert told.startswith('✗ Not yet.') and 'dots' not in told and 'with an error' not in told


def test_return_in_a_loop_has_its_own_words(capsys):
    told = said(capsys, '01 accuracy', first_round_only)
    assert '`return right / len(labels)` is inside the loop' in told and 'error rate' not in told
    assert 'is inside the loop' in said(capsys, '01 accuracy', both_ways_out)
    assert 'is inside the loop' not in said(capsys, '01 accuracy', a_search)


def test_return_in_a_loop_is_seen_in_a_notebook(capsys):
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    source = 'def f(guesses, labels):\n    for guess in guesses:\n        return guess / 2\n'
    shell.run_cell(source + '\nfrom whole_game.check import check\ncheck("01 accuracy", f)')
    assert '`return guess / 2` is inside the loop' in capsys.readouterr().out


def test_the_leaking_step_may_be_of_the_notebooks_own_class(capsys):
    space = {}
    exec(
        'import numpy as np\nfrom whole_game.own import autograd\n'
        'class Value(autograd.Value): pass\n'
        'def leaky(v):\n'
        '    assert type(v) is Value\n'
        '    slope = np.where(v.data > 0, 1, 0.1)\n'
        '    return Value(slope * v.data, ((v, lambda g: slope * g),), "leaky")\n',
        space,
    )
    assert said(capsys, '24 leaky', space['leaky']).startswith('✓ Right.')


def stopped(share, width):
    "What a loop without an end does when its reader presses the stop button."
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    'answer, word',
    [(stopped, 'Does its loop ever end?'), (lambda share, width: share ^ 2, '`x ** 2`')],
)
def test_slips_that_can_happen_in_any_function(answer, word, capsys):
    importlib.import_module('whole_game.exercises.lesson_50')
    assert word in said(capsys, '50 needed', answer)
