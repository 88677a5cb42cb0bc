"""whole_game.review: what is due is asked, each answer is kept at once, and neither Ctrl-C, nor a
clock that jumps, nor a question that is no more loses anything."""

import builtins
import datetime
import json
import os
import signal
import subprocess
import sys
from collections import Counter

import pytest
from jupyter_client.manager import start_new_kernel

from whole_game import progress, review
from whole_game.cli import main
from whole_game.errors import CourseError
from whole_game.lesson import glossary, lessons

DAY = datetime.date(2026, 3, 1)


@pytest.fixture(autouse=True)
def own_file(monkeypatch, tmp_path):
    monkeypatch.setenv('WHOLE_GAME_PROGRESS', str(tmp_path / 'progress.json'))
    monkeypatch.setattr(review, '_today', lambda: DAY)


@pytest.fixture
def answering(monkeypatch):
    "Replies for the next session; after the last one Ctrl-C is pressed, or what `end` says."

    def give(*replies, end=KeyboardInterrupt):
        left = list(replies)

        def reply(prompt=''):
            if not left:
                raise end
            return left.pop(0)

        monkeypatch.setattr(builtins, 'input', reply)
        return left

    return give


def on(monkeypatch, day):
    monkeypatch.setattr(review, '_today', lambda: day)


def sitting(monkeypatch, right=True):
    "Somebody who answers every question, and knows every word."

    def ask(item, times=0):
        return 'Good' if right else 'Again'

    monkeypatch.setattr(review, '_ask_question', ask)
    monkeypatch.setattr(review, '_ask_term', ask)


# --- what can be asked


def test_every_question_and_term_is_asked_once_and_has_a_key_of_its_own():
    found = review.items([lesson['stem'][:2] for lesson in lessons()])
    assert max(Counter(item.key for item in found).values()) == 1
    questions = sum(len(lesson.get('quiz', {}).get('questions', [])) for lesson in lessons())
    assert len(found) == questions + len(glossary()) > 500
    assert all(item.means or sum(a['right'] for a in item.answers) == 1 for item in found)


def test_marks_go_and_code_stays():
    assert review.plain('see *test set*, **b**, `w*x + b*y`, 2 * 3 * 4') == (
        'see test set, b, `w*x + b*y`, 2 * 3 * 4'
    )


# --- when it comes again


def test_intervals_grow_and_shrink_and_are_the_same_each_time():
    def gaps(ratings):
        day, entry, found = DAY, None, []
        for rating in ratings:
            entry = review.schedule(entry, rating, day)
            found.append((datetime.date.fromisoformat(entry['due']) - day).days)
            day = review.due(entry, day)
        return found

    good = gaps(['Good'] * 8)
    assert good == sorted(good) and good[0] < 4 and good[-1] == review.LONGEST
    assert gaps(['Again'] * 3) == [1, 1, 1]
    known, hard, forgot = (gaps(['Good', 'Good', r])[-1] for r in ('Good', 'Hard', 'Again'))
    assert known > hard > forgot >= 1
    assert gaps(['Good'] * 8) == good


ENTRY = {'stability': 2.3, 'difficulty': 5.0, 'last': '2026-02-20', 'due': '2026-03-05'}


@pytest.mark.parametrize(
    'change, want',
    [
        ({}, datetime.date(2026, 3, 5)),
        ({'last': '2030-01-01', 'due': '2030-02-01'}, DAY),  # the clock was ahead
        ({'due': '2999-01-01'}, datetime.date(2027, 2, 20)),
        ({'due': None}, None),
        ({'due': 'soon'}, None),
        ({'last': 5}, None),
        ({'stability': 'much'}, None),
        ({'stability': float('nan')}, None),
        ({'stability': 0}, None),
        ({'stability': float('inf')}, None),
        ({'difficulty': None}, None),
        ({'difficulty': 99}, None),
    ],
)
def test_when_it_is_due_whatever_was_noted(change, want):
    entry = {**ENTRY, **change}
    assert review.due(entry, DAY) == want
    for rating in ('Good', 'Hard', 'Again'):
        new = review.schedule(entry, rating, DAY)
        gap = datetime.date.fromisoformat(new['due']) - DAY
        assert new['last'] == DAY.isoformat() and 1 <= gap.days <= review.LONGEST


@pytest.mark.parametrize('entry', [None, {}, {'stability': 1}, {'asked': 'x'}])
def test_no_note_is_a_first_time(entry):
    assert review.due(entry, DAY) is None
    assert review.schedule(entry, 'Good', DAY) == review.schedule(None, 'Good', DAY)


# --- a session


def test_nothing_done_is_nothing_to_ask(capsys):
    review.review()
    assert 'lessons that you have done' in capsys.readouterr().out


def test_only_lessons_that_were_done_or_named(monkeypatch, capsys):
    sitting(monkeypatch)
    progress.note_reached('01')
    review.review(most=500)
    assert set(progress.read()['reviews']) == {item.key for item in review.items(['01'])}
    review.review('02', 3, most=500)
    assert set(progress.read()['reviews']) == {
        item.key for item in review.items(['01', '02', '03'])
    }
    on(monkeypatch, DAY + datetime.timedelta(999))
    review.review('02', most=500)
    noted = progress.read()['reviews']
    assert {noted[item.key]['asked'] for item in review.items(['01', '03'])} == {1}
    with pytest.raises(CourseError, match='no lesson 77'):
        review.review('77')
    with pytest.raises(CourseError, match='at least one'):
        review.review('01', most=0)


def test_what_is_due_comes_first_and_sessions_are_short(monkeypatch, capsys):
    sitting(monkeypatch)
    review.review('01')
    first = set(progress.read()['reviews'])
    assert len(first) == review.MOST and 'You knew 10 of 10.' in capsys.readouterr().out
    on(monkeypatch, DAY + datetime.timedelta(1))
    review.review('01', most=5)
    assert len(set(progress.read()['reviews']) - first) == 5, 'nothing is due, so new ones'
    on(monkeypatch, DAY + datetime.timedelta(2))
    sitting(monkeypatch, right=False)
    review.review('01')
    noted = progress.read()['reviews']
    assert all(noted[key]['asked'] == 2 and noted[key]['known'] == 1 for key in first)
    said = capsys.readouterr().out
    assert 'You knew 0 of 10.' in said and 'Nothing more is due today, 2' in said
    assert 'Next: 15 tomorrow.' in said


def test_letters_words_and_slips(answering, capsys):
    question = next(item for item in review.items(['01']) if item.answers)
    answering('', '7', 'ab', 'A')
    assert review._ask_question(question, 0) == ''
    assert review._ask_question(question, 0) in ('Good', 'Again')
    said = capsys.readouterr().out
    assert said.count('Enter alone leaves it out') == 2 and (' is right.' in said or '✓' in said)
    term = review.Item('term X', '01', 'X', means='what it is')
    for reply, want in {'y': 'Good', 'h': 'Hard', 'n': 'Again', '': ''}.items():
        answering('my own words', reply)
        assert review._ask_term(term) == want
    assert 'what it is' in capsys.readouterr().out


def test_each_letter_is_marked_as_the_quiz_marks_it(answering, capsys):
    for item in review.items(['01', '20']):
        if item.answers:
            marks = []
            for letter in 'abcdefgh'[: len(item.answers)]:
                answering(letter)
                marks.append(review._ask_question(item, 3))
                assert next(a['why'] for a in item.answers if a['right'])[:20] in (
                    ' '.join(capsys.readouterr().out.split())
                )
            assert sorted(marks) == ['Again'] * (len(marks) - 1) + ['Good']


def test_the_answers_are_in_another_order_another_time(answering, capsys):
    question = next(item for item in review.items(['01']) if item.answers)
    shown = []
    for times in (0, 0, 1, 2, 3):
        answering('')
        review._ask_question(question, times)
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1] and len(set(shown)) > 2


@pytest.mark.parametrize('end', [KeyboardInterrupt, EOFError])
def test_what_was_answered_before_it_was_stopped_is_kept(answering, capsys, end):
    progress.note_quiz('00', 1, 5)
    first = review.items(['00'])[:3]
    answering(*(r for item in first for r in (['a'] if item.answers else ['hm', 'y'])), end=end)
    review.review()
    said = capsys.readouterr().out
    assert 'Stopped. What you had answered is kept.' in said and 'Traceback' not in said
    kept = progress.read()
    assert set(kept['reviews']) == {item.key for item in first}
    assert kept['quizzes']['00']['right'] == 1
    answering('q')
    review.review()
    said = capsys.readouterr().out
    assert 'Stopped' not in said and progress.read() == kept


def test_a_question_that_changed_is_new_and_one_that_is_gone_is_not_asked(monkeypatch, capsys):
    sitting(monkeypatch)
    review.review('01', most=500)
    (gone, changed), before = review.items(['01'])[:2], review.items
    new = review.Item('quiz new', '01', 'Anew?', changed.answers)

    def items(numbers):
        return [new] + [i for i in before(numbers) if i.key not in (gone.key, changed.key)]

    monkeypatch.setattr(review, 'items', items)
    on(monkeypatch, DAY + datetime.timedelta(1))
    review.review('01', most=500)
    assert '1 question.' in capsys.readouterr().out
    on(monkeypatch, DAY + datetime.timedelta(400))
    review.review('01', most=500)
    noted = progress.read()['reviews']
    assert noted['quiz new']['asked'] == 2 and noted[gone.key]['asked'] == 1


def test_a_clock_that_went_backwards(monkeypatch, capsys):
    sitting(monkeypatch)
    on(monkeypatch, datetime.date(2031, 1, 1))
    review.review('01', most=5)
    on(monkeypatch, DAY)
    review.review('01', most=5)
    noted = progress.read()['reviews']
    assert len(noted) == 5 and all(entry['last'] == DAY.isoformat() for entry in noted.values())
    assert all(entry['due'] < '2026-05' for entry in noted.values())


def test_an_older_file_and_a_newer_one(monkeypatch):
    sitting(monkeypatch)
    old = {'reached': {'01': '2026-01-01'}, 'notes': [], 'invented later': {'x': 1}}
    progress.progress_file().write_text(json.dumps(old))
    review.review(most=1)
    found = json.loads(progress.progress_file().read_text())
    assert found['reached'] == old['reached'] and len(found['reviews']) == 1
    assert found['invented later'] == {'x': 1}, 'what a newer version noted stays'


def test_broken_notes_are_asked_as_if_they_were_new(monkeypatch):
    sitting(monkeypatch)
    first = review.items(['01'])[0]
    progress.progress_file().write_text(json.dumps({'reviews': {first.key: {'due': 'never'}}}))
    review.review('01', most=1)
    assert progress.read()['reviews'][first.key]['asked'] == 1


def test_a_place_that_cannot_be_written(monkeypatch, tmp_path):
    sitting(monkeypatch)
    (tmp_path / 'file').write_text('')
    monkeypatch.setenv('WHOLE_GAME_PROGRESS', str(tmp_path / 'file' / 'progress.json'))
    with pytest.raises((CourseError, NotADirectoryError)):
        review.review('01')
    assert main(['review', '01']) == 1


def test_without_the_package_the_command_is_named(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, 'fsrs', None)
    assert main(['review', '01']) == 1
    assert 'whole-game[review]' in capsys.readouterr().err


def test_a_notebook_that_runs_by_itself(monkeypatch):
    def nobody(prompt=''):
        raise NotImplementedError

    monkeypatch.setattr(builtins, 'input', nobody)
    with pytest.raises(CourseError, match='Nobody can answer'):
        review.review('01')


def test_in_a_terminal_with_ctrl_c_and_at_the_end_of_the_input(tmp_path):
    command = [
        sys.executable,
        '-c',
        'import sys; from whole_game.cli import main; sys.exit(main())',
    ]
    command += ['review', '00']
    done = subprocess.run(command, input='a\na\na\n', capture_output=True, text=True)
    assert done.returncode == 0 and 'Stopped.' in done.stdout and not done.stderr
    asked = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    read = ''
    while '1 of ' not in read:
        read += os.read(asked.stdout.fileno(), 4096).decode()
    asked.send_signal(signal.SIGINT)
    out, err = asked.communicate(timeout=30)
    assert asked.returncode == 0 and 'Traceback' not in err and 'Stopped.' in read + out


def test_in_a_notebook(tmp_path):
    asked, shown = [], []
    manager, client = start_new_kernel(kernel_name='python3', cwd=str(tmp_path))
    try:

        def reply(message):
            asked.append(message['content']['prompt'])
            client.input('a' if 'letter' in asked[-1] else 'y' if 'know it' in asked[-1] else 'q')

        def hear(message):
            shown.append(message['content'].get('text', ''))
            assert message['msg_type'] != 'error', message['content']

        done = client.execute_interactive(
            "from whole_game.review import review\nreview('20', most=3)",
            allow_stdin=True,
            stdin_hook=reply,
            output_hook=hear,
            timeout=60,
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert done['content']['status'] == 'ok' and asked
    assert '1 of 3, lesson 20' in ''.join(shown) and 'never asked' in ''.join(shown)
