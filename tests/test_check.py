"""Every closed exercise: its solution passes, its untouched stub fails kindly, and common wrong tries get a hint of their own."""
import re
from pathlib import Path

import nbformat, pytest

from whole_game import check as module
from whole_game.check import check

NBS = Path(__file__).parent.parent/'nbs'
SETUP = 'from whole_game.backbone import lite0\nfrom fastai.vision.all import *\nfrom whole_game.data import get\n'


def exercises():
    "For each `check(name, answer)` in a lesson: its name, its answer's name, the source of stub and solution."
    found = []
    for path in sorted(NBS.glob('[0-9][0-9]_*.ipynb')):
        code = [c for c in nbformat.read(path, 4).cells if c.cell_type == 'code']
        for i, cell in enumerate(code):
            for name, answer in re.findall(r"^check\('([^']+)', (\w+)\)", cell.source, re.M):
                j = max(k for k in range(i) if 'solution' in code[k].metadata.get('tags', []))
                found.append(pytest.param(name, answer, code[j-1].source, code[j].source, id=name))
    return found


def said(capsys, name, answer):
    capsys.readouterr()
    module._failures.clear()
    check(name, answer)
    return capsys.readouterr().out


def answer_of(source, name):
    space = {}
    exec(SETUP + source if 'Learner' in source or 'learner' in source else source, space)
    return space[name]


def wrong_tries(name):
    "What people try, and a word the hint for it must hold."
    if name == '00 minutes': return [(60, 'one hour'), (2, 'hours'), ('120', 'text'), (119, 'Two have twice as many')]
    if name == '01 accuracy':
        return [(lambda g, l: sum(a == b for a, b in zip(g, l)), 'how many are right'),
                (lambda g, l: 100*sum(a == b for a, b in zip(g, l))/len(l), 'percent'),
                (lambda g, l: sum(a != b for a, b in zip(g, l))/len(l), 'error rate'),
                (lambda g, l: g == l, 'place by place'), (0.75, 'not a function'), (lambda g, l: 0.75, 'wrong for another')]
    if name == '01 charts':
        space = {}
        exec(SETUP + "dls = ImageDataLoaders.from_folder(get('charts'), train='train', valid='valid', bs=32)\n"
             "untrained = vision_learner(dls, lite0, metrics=accuracy)\n"
             "same = ImageDataLoaders.from_folder(get('charts')/'train', valid_pct=0.2, seed=1)\n"
             "same.valid = same.train\nleaky = vision_learner(same, lite0)\n"
             "other = ImageDataLoaders.from_folder(get('handwriting'), train='train', valid='valid')\n"
             "digits = vision_learner(other, lite0)", space)
        return [(space['dls'], 'DataLoaders'), (space['untrained'], 'not been trained'), (space['leaky'], 'practised'),
                (space['digits'], 'Charts are asked for'), ('charts', 'not a Learner')]
    raise AssertionError(f'No wrong tries are known for "{name}". Add two or more here.')


def test_there_are_exercises():
    assert {p.values[0] for p in exercises()} == set(module._checks)


@pytest.mark.parametrize('name,answer,stub,solution', exercises())
def test_solution_passes_and_stub_fails_kindly(name, answer, stub, solution, capsys):
    assert said(capsys, name, answer_of(stub, answer)).startswith('✗ Not yet.')
    assert said(capsys, name, answer_of(solution, answer)).startswith('✓ Right.')


@pytest.mark.parametrize('name', [p.values[0] for p in exercises()])
def test_wrong_tries_get_their_own_hint(name, capsys):
    tries = wrong_tries(name)
    hints = [said(capsys, name, answer) for answer, _ in tries]
    for hint, (_, word) in zip(hints, tries): assert hint.startswith('✗ Not yet.') and word in hint, hint
    assert len(set(hints)) == len(tries) >= 2


def test_second_failure_gets_a_stronger_hint_and_success_starts_afresh(capsys):
    said(capsys, '00 minutes', 60)
    check('00 minutes', 60)
    assert '2 * 60' in capsys.readouterr().out
    check('00 minutes', 120), check('00 minutes', 60)
    assert '2 * 60' not in capsys.readouterr().out


def test_check_never_raises(capsys):
    def broken(guesses, labels): raise ValueError('oh no')
    assert 'ValueError: oh no' in said(capsys, '01 accuracy', broken)
    assert 'There is no exercise' in said(capsys, '99 nothing', 1)
    class Odd:
        def __eq__(self, other): raise RuntimeError('no comparing')
    assert 'RuntimeError' in said(capsys, '00 minutes', Odd())
