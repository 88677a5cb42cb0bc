"The control that asks for a prediction, in JupyterLab: clicked, typed, and answered."

import pytest
from browser import jupyterlab, page, ready, run_cell

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
        said = p.locator('.jp-CodeCell').nth(1).locator('.jp-OutputArea-output').last
        choice = p.get_by_role('group', name='What will the loss do?')
        number = p.get_by_role('group', name='How many are right?')

        def now(words):
            for _ in range(40):
                run_cell(p, 1)
                try:
                    return said.get_by_text(words, exact=False).wait_for(timeout=1500)
                except Exception:
                    pass
            raise AssertionError(f'{words!r} wanted; there is: {said.inner_text()!r}')

        ready(p)
        # a page that is just opening can lose a widget's first message: a reader runs the cell
        # again, and so does this
        for last in (False, False, True):
            run_cell(p, 0)
            try:
                number.wait_for(timeout=30_000)
                choice.wait_for(timeout=5_000)
                break
            except Exception:
                if last:
                    raise
        choice.get_by_label('rise').check()
        choice.get_by_text('how sure are you?').wait_for()
        choice.get_by_role('combobox').select_option('80')
        choice.get_by_text('Noted.').wait_for()
        number.get_by_role('spinbutton').fill('93')
        now('You said 93 %. It is 90 %: close enough.')
        now('You said "rise", 80 % sure. It is "fall".')
        assert p.away == []
