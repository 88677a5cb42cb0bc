"""Quizzes: every question has one right answer that nothing gives away, every answer explains
itself, and two runs show the same."""

import random

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from whole_game.errors import CourseError
from whole_game.lesson import lessons
from whole_game.quiz import LETTERS, questions, quiz

InteractiveShell.instance()  # without a shell nothing that is displayed can be captured
NUMBERS = [lesson['stem'][:2] for lesson in lessons()]


@pytest.mark.parametrize('number', NUMBERS)
def test_questions(number):
    found = questions(number)
    assert len(found) >= 5
    assert len({q['question'] for q in found}) == len(found)
    for q in found:
        assert sum(a['right'] for a in q['answers']) == 1, q['question']
        assert len(q['answers']) >= 3 and all(len(a['why']) > 20 for a in q['answers']), q[
            'question'
        ]
    whys = [a['why'] for q in found for a in q['answers']]
    assert not {why for why in whys if whys.count(why) > 1}


def place(q):
    return [a['right'] for a in q['answers']].index(True)


def test_the_right_answer_does_not_always_stand_in_one_place():
    keys = {number: ''.join(LETTERS[place(q)] for q in questions(number)) for number in NUMBERS}
    for number, key in keys.items():
        assert max(map(key.count, key)) <= len(key) / 2, (
            f'{number}: one letter is right in more than half of {key}'
        )
    assert len(set(keys.values())) == len(keys), f'two lessons have the same key: {keys}'


def guessed_by_length(most, q):
    "Is the right answer longer (shorter, with `min`) than all others?"
    lengths = [len(a['answer']) for a in q['answers']]
    return [i for i, length in enumerate(lengths) if length == most(lengths)] == [place(q)]


def test_its_length_does_not_give_the_right_answer_away():
    for number in NUMBERS:
        found = questions(number)
        for most in max, min:
            told = [q['question'] for q in found if guessed_by_length(most, q)]
            assert len(told) <= len(found) / 2, (
                f'{number}: {most.__name__} finds the right answer in more than half: {told}'
            )


def test_two_runs_show_the_same_and_leave_chance_alone():
    shown = []
    for seed in (1, 2):
        random.seed(seed)
        before = random.getstate()
        with capture_output() as out:
            quiz('01')
        assert random.getstate() == before
        shown.append([o.data for o in out.outputs])
    assert shown[0] == shown[1] and len(shown[0]) == 2
    with capture_output() as out:
        quiz('00')
    assert [o.data for o in out.outputs] != shown[0]


def test_the_quiz_asks_nothing_of_the_network():
    with capture_output() as out:
        quiz('01')
    words = ''.join(str(v) for o in out.outputs for v in o.data.values())
    assert 'fetch(' not in words and 'src="http' not in words


def test_text_form(capsys):
    quiz('01', as_text=True)
    text = capsys.readouterr().out
    for q in questions('01'):
        assert q['question'] in text
        for a in q['answers']:
            assert a['answer'] in text and a['why'] in text


def test_unknown_lesson_says_which_there_are():
    with pytest.raises(CourseError) as e:
        quiz('77')
    assert '01' in str(e.value)


def test_a_question_that_was_left_out_does_not_count(capsys):
    letters = [LETTERS[place(q)] for q in questions('13')]
    quiz('13', answers=' '.join(['-', letters[1], '-', *letters[3:]]))
    said = capsys.readouterr().out
    assert '4 of 4 right.' in said and '\n1.' not in f'\n{said}' and '\n2.' in f'\n{said}'
    quiz('13', answers='- ' * len(letters))
    assert 'left out every question' in capsys.readouterr().out
