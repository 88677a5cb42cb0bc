"""whole_game.go_on: what is tried aside is not noted as the reader's, a made-up person's progress
is shown only where there is hardly any, and a plan is kept whole or not at all."""

import datetime
import os

import pytest

from whole_game import go_on
from whole_game.check import check
from whole_game.progress import note_reached, read


@pytest.fixture(autouse=True)
def nobody(tmp_path, monkeypatch):
    monkeypatch.setenv('WHOLE_GAME_PROGRESS', str(tmp_path / 'progress.json'))


@pytest.mark.parametrize('named', [True, False])
def test_aside_leaves_no_trace(named, monkeypatch, capsys):
    if not named:
        monkeypatch.delenv('WHOLE_GAME_PROGRESS')
    before = os.environ.get('WHOLE_GAME_PROGRESS')
    with pytest.raises(ZeroDivisionError), go_on.aside():
        check('00 minutes', 120)
        assert 'right' in read()['exercises']['00 minutes']
        raise ZeroDivisionError
    assert os.environ.get('WHOLE_GAME_PROGRESS') == before
    if named:
        assert not read()['exercises']


def test_a_sample_only_for_those_who_have_hardly_begun():
    note_reached('01')
    note_reached('02')
    with go_on.progress_or_sample() as whose:
        assert whose == 'made up' and '35' in read()['reached']
    note_reached('03')
    with go_on.progress_or_sample() as whose:
        assert whose == 'yours' and set(read()['reached']) == {'01', '02', '03'}


def test_the_script_has_one_fault_and_25_lines():
    assert len(go_on.SCRIPT.splitlines()) == 25
    assert go_on.error_of(go_on.SCRIPT)[0] == 'RuntimeError'
    assert go_on.error_of(go_on.SCRIPT.replace('-1:]', '-1]')) is None


@pytest.mark.parametrize('code,kind', [('1 / 0', 'ZeroDivisionError'), ('exit()', 'SystemExit')])
def test_an_error_is_told_and_never_raised(code, kind):
    assert go_on.error_of(code)[0] == kind


@pytest.mark.parametrize('paper', [None, {}, [], dict.fromkeys(go_on.PAPER, ...)])
def test_an_empty_form_has_six_open_questions(paper):
    assert go_on.unanswered(paper).count('\n- ') == 6


def test_a_plan_is_kept_whole_or_not_at_all():
    today = datetime.date.today()
    for plan in ((..., '20 %', '2030-01-01'), ('Which?', '20 %', 'soon'), ('Which?', 'a lot', '')):
        go_on.keep(*plan)
        assert not read()['notes']
    assert 'begin today' in go_on.keep(' Which bird? ', '20 %, guessing', today.isoformat())
    assert read()['notes'][0]['note'] == f'{today}: Which bird? To beat: 20 %, guessing'
    assert read()['notes'][0]['lesson'] == '54'


def test_a_plan_that_is_run_again_is_kept_once():
    today = datetime.date.today()
    for to_beat, day in ((0.8, today), ('0.8', f'{today} '), (0.8, today.isoformat())):
        assert 'begin today' in go_on.keep('Which bird?', to_beat, day)
    assert [note['note'] for note in read()['notes']] == [f'{today}: Which bird? To beat: 0.8']
