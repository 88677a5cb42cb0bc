"""Quizzes: every question has one right answer, every answer explains itself, and two runs show the same."""
import random

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from whole_game.errors import CourseError
from whole_game.lesson import lessons
from whole_game.quiz import questions, quiz

InteractiveShell.instance()  # without a shell nothing that is displayed can be captured
NUMBERS = [lesson['stem'][:2] for lesson in lessons()]


@pytest.mark.parametrize('number', NUMBERS)
def test_questions(number):
    found = questions(number)
    assert len(found) >= 5
    assert len({q['question'] for q in found}) == len(found)
    for q in found:
        assert sum(a['right'] for a in q['answers']) == 1, q['question']
        assert len(q['answers']) >= 3 and all(len(a['why']) > 20 for a in q['answers']), q['question']


def test_the_right_answer_does_not_always_stand_in_one_place():
    for number in NUMBERS:
        places = {[a['right'] for a in q['answers']].index(True) for q in questions(number)}
        assert len(places) > 1, number


def test_two_runs_show_the_same_and_leave_chance_alone():
    shown = []
    for seed in (1, 2):
        random.seed(seed)
        before = random.getstate()
        with capture_output() as out: quiz('01')
        assert random.getstate() == before
        shown.append([o.data for o in out.outputs])
    assert shown[0] == shown[1] and len(shown[0]) == 2
    with capture_output() as out: quiz('00')
    assert [o.data for o in out.outputs] != shown[0]


def test_the_quiz_asks_nothing_of_the_network():
    with capture_output() as out: quiz('01')
    words = ''.join(str(v) for o in out.outputs for v in o.data.values())
    assert 'fetch(' not in words and 'src="http' not in words


def test_text_form(capsys):
    quiz('01', as_text=True)
    text = capsys.readouterr().out
    for q in questions('01'):
        assert q['question'] in text
        for a in q['answers']: assert a['answer'] in text and a['why'] in text


def test_unknown_lesson_says_which_there_are():
    with pytest.raises(CourseError) as e: quiz('77')
    assert '01' in str(e.value)
