"The board of lesson 18 in a real browser: somebody clicks, and the arrow keys walk."

import pytest
from browser import jupyterlab, page, ready, run_until_said, run_until_shown


@pytest.fixture
def lab(tmp_path):
    "JupyterLab with a battle on a board; gives the notebook's address."
    cells = [
        (
            'from whole_game.fields_games import battle_to_play, commander\n'
            'board = battle_to_play(commander, seed=1)\nboard'
        ),
        "f'step {board.game.battle.time} end'",
    ]
    with jupyterlab(tmp_path, cells) as address:
        yield address


def test_a_battle_is_played_by_clicking(lab):
    with page() as p:
        p.goto(lab)
        ready(p)
        board = p.get_by_role('group', name='Board')
        run_until_shown(p, 0, board)
        squares = board.get_by_role('button')
        assert squares.count() == 81
        squares.nth(40).click()
        run_until_said(p, 1, 'step 1 end')
        squares.nth(40).focus()
        p.keyboard.press('ArrowRight')
        p.keyboard.press('ArrowDown')
        assert squares.nth(50).evaluate('it => it == document.activeElement')
        p.keyboard.press('Enter')
        run_until_said(p, 1, 'step 2 end')
        assert 'Step 2' in p.get_by_role('status').filter(has_text='Lives').first.inner_text()
        assert p.away == []
