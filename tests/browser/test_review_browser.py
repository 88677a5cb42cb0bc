"A review in JupyterLab: questions below the cell, replies typed into the box, a stop in between."

import json

from browser import jupyterlab, page, ready

ASK = """from whole_game.review import review

review('01', most=4)"""


def test_a_review_in_jupyterlab(tmp_path, monkeypatch):
    kept = tmp_path / 'progress.json'
    monkeypatch.setenv('WHOLE_GAME_PROGRESS', str(kept))
    with jupyterlab(tmp_path, [ASK]) as address, page() as p:
        p.goto(address)
        ready(p)
        cell = p.locator('.jp-CodeCell').first
        cell.locator('.cm-content').click()
        p.keyboard.press('Control+Enter')
        box, said = cell.locator('input.jp-Stdin-input'), cell.locator('.jp-OutputArea')
        for n in (1, 2):
            said.get_by_text(f'{n} of 4, lesson 01').wait_for(timeout=60_000)
            box.wait_for()
            if 'letter' in cell.locator('.jp-Stdin-prompt').inner_text():
                box.press_sequentially('a')
                box.press('Enter')
            else:
                box.press('Enter')
                said.get_by_text('Did you know it?').wait_for()
                box.press_sequentially('y')
                box.press('Enter')
        said.get_by_text('3 of 4, lesson 01').wait_for()
        box.wait_for()
        box.press_sequentially('q')
        box.press('Enter')
        said.get_by_text('never asked').wait_for()
        assert 'Traceback' not in said.inner_text() and p.away == []
    assert len(json.loads(kept.read_text())['reviews']) == 2
