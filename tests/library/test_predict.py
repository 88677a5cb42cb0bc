"""Predictions: what is asked, what counts as right, what is kept, and what a reader is told about
their own confidence."""

import pytest

from whole_game import predict as module
from whole_game import progress
from whole_game.cli import main
from whole_game.errors import CourseError
from whole_game.predict import Question, calibration, predict, predictions, reveal, summary

SIDES = ['faster', 'slower', 'the loss explodes']


@pytest.fixture(autouse=True)
def own_file(monkeypatch, tmp_path):
    monkeypatch.setenv('WHOLE_GAME_PROGRESS', str(tmp_path / 'progress.json'))
    monkeypatch.setattr(module, 'asked', {})


def told(capsys):
    return capsys.readouterr().out


def test_nobody_has_to_say_anything(capsys):
    predict('00 a', 'How many?', within=5)
    told(capsys)
    reveal('00 a', 30)
    reveal('00 left out', 30)
    assert told(capsys) == '' and progress.read()['predictions'] == {}


@pytest.mark.parametrize(
    'answer, outcome, right',
    [
        (30, 35, True),
        (30, 35.1, False),
        ('30,5', 30, True),
        ('30 %', 30, True),
        (30, 25, True),
    ],
)
def test_a_number_is_right_when_it_is_near(answer, outcome, right, capsys):
    predict('00 a', 'How many?', within=5, unit='%', answer=answer, sure=80)
    reveal('00 a', outcome)
    kept = progress.read()['predictions']['00 a']
    assert kept['right'] is right and kept['sure'] == 80
    said = told(capsys)
    assert '80 % sure' in said and ('points away' in said) is not right
    assert ('close enough' in said or 'Right.' in said) is right


@pytest.mark.parametrize('answer', ['b', 'B', 'slower', 'slow', ' Slower '])
def test_a_choice_is_a_letter_or_its_words(answer, capsys):
    predict('00 a', 'What happens?', SIDES, answer=answer)
    reveal('00 a', 'slower')
    assert 'You said "slower". Right.' in told(capsys)
    predict('00 b', 'What happens?', SIDES, answer=answer)
    reveal('00 b', 'c')
    assert 'It is "the loss explodes".' in told(capsys)


def test_numbers_of_numpy_and_torch_are_outcomes_too(capsys):
    import numpy as np
    import torch

    for i, outcome in enumerate((np.float32(3), torch.tensor(3.0), np.int64(3))):
        predict(f'00 {i}', 'How many?', answer=3)
        reveal(f'00 {i}', outcome)
    assert [e['right'] for e in progress.read()['predictions'].values()] == [True] * 3


def test_the_first_answer_counts(capsys):
    for answer in (10, 30):
        predict('00 a', 'How many?', answer=answer)
        reveal('00 a', 30)
    assert progress.read()['predictions']['00 a']['right'] is False


@pytest.mark.parametrize('choices, answer', [(None, 'many'), (SIDES, 'd'), (SIDES, ''), (SIDES, 3)])
def test_an_answer_that_does_not_fit_is_told_in_words(choices, answer):
    with pytest.raises(CourseError, match='is not'):
        predict('00 a', 'What?', choices, answer=answer)


@pytest.mark.parametrize('sure', ['very', 101, -1, 0.6])
def test_sure_is_a_percentage(sure):
    with pytest.raises(CourseError, match='not a percentage'):
        predict('00 a', 'What?', answer=3, sure=sure)


def test_a_share_where_a_percentage_is_asked_is_no_answer_and_leaves_the_last_one(capsys):
    predict('00 a', 'How many?', within=5, unit='%', answer=97, sure='60 %')
    with pytest.raises(CourseError, match='Do you mean answer=98'):
        predict('00 a', 'How many?', within=5, unit='%', answer=0.98)
    reveal('00 a', 97)
    assert 'You said 97 %, 60 % sure. Right.' in told(capsys)


def test_large_numbers_are_written_out(capsys):
    predict('00 a', 'How many?', within=100, answer=5000)
    reveal('00 a', 5050)
    assert 'You say 5,000.' in (said := told(capsys)) and 'It is 5,050: close enough.' in said


def test_an_outcome_that_is_not_offered_is_a_fault_of_the_lesson():
    predict('00 a', 'What?', SIDES)
    with pytest.raises(CourseError, match='not one of the answers'):
        reveal('00 a', 'quicker')


def test_what_the_control_holds_is_the_answer(capsys):
    predict('00 a', 'What?', SIDES)
    module.asked['00 a'].widget.answer, module.asked['00 a'].widget.sure = 'faster', 65
    reveal('00 a', 'faster')
    assert 'You said "faster", 65 % sure. Right.' in told(capsys)


def test_nobody_is_offered_less_than_chance():
    two, three, number = (Question('00 a', '?', c, 1, '') for c in (SIDES[:2], SIDES, None))
    assert two.widget.levels[0] == 50 and three.widget.levels[0] == 35
    assert number.widget.levels == list(module.SURE)


def test_without_anywidget_the_question_is_text(monkeypatch, capsys):
    monkeypatch.setattr(module, '_widget', lambda **_: None)
    predict('00 a', 'What?', SIDES)
    said = told(capsys)
    reveal('00 a', 'slower')
    assert told(capsys) == ''
    for part in ('What?', 'b) slower', "answer='a', sure=80"):
        assert part in said + module.asked['00 a'].as_text()


def many(n, sure, right):
    for i in range(n):
        progress.note_prediction(f'00 {sure} {i}', 1, sure, i < right)


def test_confidence_is_held_against_what_came_true(capsys):
    assert summary() == '' and 'nothing' not in summary()
    progress.note_prediction('00 unsure', 1, None, True)
    assert 'On average' not in summary()
    many(20, 80, 16)
    assert calibration() == ({80: (16, 20)}, (17, 21))
    assert 'honest' in summary()
    many(20, 95, 8)
    assert 'You were too sure.' in summary() and '8 of 20 (40%)' in summary()
    main(['progress'])
    assert '25 of 41 predictions came true.' in told(capsys)


def test_who_knows_more_than_they_think():
    many(20, 50, 19)
    assert 'You know more than you think.' in summary()
    many(3, 20, 0)


def test_the_curve_is_drawn_from_ten_on(capsys):
    import matplotlib.pyplot as plt

    plt.close('all')
    predictions()
    assert 'not predicted anything' in told(capsys)
    many(9, 80, 5)
    predictions()
    assert not plt.get_fignums() and 'Ten or more' in told(capsys)
    many(5, 50, 3)
    show = plt.show
    plt.show = lambda: None
    try:
        predictions()
    finally:
        plt.show = show
    (ax,) = plt.gcf().axes
    assert ax.lines[1].get_xydata().round().tolist() == [[50, 60], [80, 56]]
    plt.close('all')


def test_a_damaged_entry_is_set_aside(capsys):
    progress.note_prediction('00 a', 1, 80, True)
    progress.progress_file().write_text('{"predictions": {"00 a": 7}}')
    assert summary() == '' and 'damaged' in told(capsys)
