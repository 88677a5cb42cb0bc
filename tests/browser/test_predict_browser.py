"The control that asks for a prediction, in JupyterLab: clicked, typed, and answered."

import pytest
from browser import jupyterlab, page, ready, run_until_said, run_until_shown

ASK = """from whole_game.predict import predict, reveal

predict('00 choice', 'What will the loss do?', ['rise', 'fall'])
predict('00 number', 'How many are right?', within=5, unit='%')"""
TELL = """reveal('00 choice', 'fall')
reveal('00 number', 90)
print('end')"""


@pytest.fixture
def lab(tmp_path, monkeypatch):
    "JupyterLab with a notebook of two cells; gives the notebook's address."
    monkeypatch.setenv('WHOLE_GAME_PROGRESS', str(tmp_path / 'progress.json'))
    with jupyterlab(tmp_path, [ASK, TELL]) as address:
        yield address


def test_a_prediction_in_jupyterlab(lab):
    with page() as p:
        p.goto(lab)
        choice = p.get_by_role('group', name='What will the loss do?')
        number = p.get_by_role('group', name='How many are right?')

        ready(p)
        run_until_shown(p, 0, number, choice)
        choice.get_by_label('rise').check()
        choice.get_by_text('how sure are you?').wait_for()
        choice.get_by_role('combobox').select_option('80')
        choice.get_by_text('Noted.').wait_for()
        number.get_by_role('spinbutton').fill('93')
        run_until_said(p, 1, 'You said 93 %. It is 90 %: close enough.')
        run_until_said(p, 1, 'You said "rise", 80 % sure. It is "fall".')
        assert p.away == []
