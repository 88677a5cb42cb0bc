"""whole_game.progress: what is noted stays noted, a damaged file is set aside, and nothing here
ever stops a lesson."""

import subprocess
import sys

import pytest

from whole_game import progress
from whole_game.check import check
from whole_game.cli import main
from whole_game.errors import CourseError
from whole_game.lesson import lessons
from whole_game.quiz import questions, quiz


@pytest.fixture(autouse=True)
def own_file(monkeypatch, tmp_path):
    monkeypatch.setenv('WHOLE_GAME_PROGRESS', str(tmp_path / 'deep' / 'progress.json'))


def test_a_try_is_noted_and_right_stays_right(capsys):
    check('00 minutes', ...)
    assert progress.read()['exercises'] == {}  # an untouched exercise is no try
    check('00 minutes', 60)
    check('00 minutes', 120)
    check('00 minutes', 60)
    seen = progress.read()['exercises']['00 minutes']
    assert seen['tries'] == 2 and 'right' in seen
    assert '00 Start here' in progress.table() and '1 of 2' in progress.table()


def right_letters(number):
    return ['abcdefgh'[[a['right'] for a in q['answers']].index(True)] for q in questions(number)]


def test_letters_are_marked_and_the_best_result_stays(capsys):
    letters = right_letters('01')
    quiz('01', answers=' '.join(letters))
    said = capsys.readouterr().out
    assert f'{len(letters)} of {len(letters)} right.' in said and '✗' not in said
    wrong = 'a' if letters[0] != 'a' else 'b'
    quiz('01', answers=','.join([wrong, *letters[1:]]).upper())
    said = capsys.readouterr().out
    assert said.startswith(f'1. {wrong}  ✗') and f'{len(letters) - 1} of' in said
    assert questions('01')[0]['answers']['ab'.index(wrong)]['why'] in said
    assert progress.read()['quizzes']['01']['right'] == len(letters)


@pytest.mark.parametrize('answers', ['', 'a b', '???', 5])
def test_letters_that_are_not_one_for_each_question(answers, capsys):
    quiz('01', answers=answers)
    assert 'one letter for each' in capsys.readouterr().out
    assert progress.read()['quizzes'] == {}


def test_a_letter_that_is_no_answer(capsys):
    quiz('01', answers='z' + ''.join(right_letters('01')[1:]))
    assert 'no answer z)' in capsys.readouterr().out


def test_a_lesson_gets_its_tick(capsys):
    tick = lambda: next(line for line in progress.table().splitlines() if ' 00 ' in line)[0]
    assert tick() == ' '
    check('00 minutes', 120)
    assert tick() == '·'
    check('00 names', lambda names, n: [name for name in names if len(name) > n])
    quiz('00', as_text=True)
    quiz('00', answers=' '.join(right_letters('00')))
    assert tick() == '✓'


@pytest.mark.parametrize(
    'raw',
    [
        b'',
        b'{"reached"',
        b'[]',
        b'{"notes": 3}',
        b'{"exercises": {"x": 1}}',
        b'{"quizzes": {"00": {"right": "all"}}}',
        b'{"cells": []}',
        b'\xff\xfe',
        b'null',
    ],
)
def test_a_damaged_file_is_set_aside_with_what_is_in_it(raw, capsys):
    progress.progress_file().parent.mkdir(parents=True)
    progress.progress_file().write_bytes(raw)
    check('00 minutes', 120)
    assert 'Right.' in capsys.readouterr().out
    assert progress.progress_file().with_name('progress.damaged-1.json').read_bytes() == raw
    assert 'right' in progress.read()['exercises']['00 minutes']
    progress.progress_file().write_bytes(raw)
    progress.read()
    assert progress.progress_file().with_name('progress.damaged-2.json').read_bytes() == raw


def test_keys_of_a_later_version_and_missing_ones_are_no_damage():
    progress.progress_file().parent.mkdir(parents=True)
    progress.progress_file().write_text('{"reached": {"01": "2026-01-01"}, "later": 1}')
    progress.note_quiz('01', 1, 6)
    assert progress.read()['reached'] == {'01': '2026-01-01'}


def test_the_hint_of_the_last_wrong_try_is_kept_and_old_files_have_none(capsys):
    progress.progress_file().parent.mkdir(parents=True)
    progress.progress_file().write_text('{"exercises": {"00 minutes": {"tries": 1}}}')
    seen = lambda: progress.read()['exercises']['00 minutes']
    assert seen() == {'tries': 1}
    check('00 minutes', 60)
    hint = seen()['hint']
    assert seen()['tries'] == 2 and hint in capsys.readouterr().out
    check('00 minutes', 'much')
    assert seen()['hint'] != hint and seen()['tries'] == 3
    check('00 minutes', 120)
    check('00 minutes', 60)
    assert seen()['tries'] == 4 and 'right' in seen() and seen()['hint'] != hint


def test_a_place_that_cannot_be_written_costs_one_line(monkeypatch, tmp_path, capsys):
    (tmp_path / 'file').write_text('')
    monkeypatch.setenv('WHOLE_GAME_PROGRESS', str(tmp_path / 'file' / 'progress.json'))
    check('00 minutes', 120)
    said = capsys.readouterr().out
    assert said.startswith('✓ Right.') and 'could not be noted' in said


def test_two_notebooks_at_once_lose_nothing():
    code = """
import sys
from whole_game import progress

for i in range(10):
    progress.note_exercise(f'01 writer{sys.argv[1]} {i}', True)
"""
    writers = [subprocess.Popen([sys.executable, '-c', code, str(n)]) for n in range(3)]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert len(progress.read()['exercises']) == 30
    assert not list(progress.progress_file().parent.glob('.*part'))


def test_stuck_and_progress_in_a_terminal(capsys):
    assert main(['stuck']) == 0 and 'No notes' in capsys.readouterr().out
    assert main(['stuck', '1', 'why is the', 'loss not the metric?']) == 0
    assert main(['stuck']) == 0
    assert (
        'lesson 01' in (said := capsys.readouterr().out)
        and 'why is the loss not the metric?' in said
    )
    assert main(['progress']) == 0
    said = capsys.readouterr().out
    assert '1 note about' in said and str(progress.progress_file()) in said
    assert all(lesson['title'] in said for lesson in lessons())
    assert main(['stuck', '77', 'x']) == 1 and 'no lesson 77' in capsys.readouterr().err
    assert main(['stuck', '01']) == 1 and 'no words' in capsys.readouterr().err
    assert main(['stuck', '--solved', '1']) == 0 and 'loss' in capsys.readouterr().out
    assert main(['stuck', '--solved', '1']) == 1
    with pytest.raises(CourseError):
        progress.stuck('01', '  ')


def test_words_in_other_alphabets_survive():
    progress.stuck('01', '왜 손실은 지표가 아닌가요? 🙂')
    assert '왜 손실은' in progress.notes() and '왜' in progress.progress_file().read_text(
        encoding='utf-8'
    )


def test_the_file_lies_outside_cache_and_course(monkeypatch):
    monkeypatch.delenv('WHOLE_GAME_PROGRESS')
    assert (
        progress.progress_file().name == 'progress.json'
        and 'cache' not in str(progress.progress_file()).lower()
    )
