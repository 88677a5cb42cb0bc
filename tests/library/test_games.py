"""What lesson 18 plays: the table of endings is that of others, rules are kept, a player that knows
the way wins, and what is illegal is refused in words."""

import sys

import numpy as np
import pytest
import torch

from whole_game import board as boards
from whole_game import fields_games as games
from whole_game.errors import CourseError
from whole_game.makers import games as makers


@pytest.fixture(scope='module')
def table():
    return makers.solve()


def still(options):
    return [0] * len(options)


# --- endings


def test_the_table_counts_what_engines_count(table):
    left = makers.PAWNS % 8 < 4
    won = [(t > 0) & (t < makers.IMPOSSIBLE) for t in table]
    assert sum(w[:, :, left].sum() for w in won) == 111_282
    assert all((t == t[mirror()][:, mirror()][:, :, files()]).all() for t in table)


def mirror():
    return np.arange(64).reshape(8, 8)[:, ::-1].ravel()


def files():
    return np.arange(48).reshape(6, 8)[:, ::-1].ravel()


def test_known_positions(table):
    for white, black, pawn, black_moves, wins in (
        ('e6', 'e8', 'e5', True, True),
        ('e5', 'e7', 'e4', True, True),  # the kings face each other: who has to move, gives way
        ('e5', 'e7', 'e4', False, False),
        ('a1', 'h8', 'a7', True, True),
        ('h1', 'a8', 'a6', True, False),
    ):
        king, other, foot = games.position_of(white, black, pawn)
        assert (table[black_moves][king, other, foot - 8] > 0) == wins, (white, black, pawn)


def test_who_plays_from_the_table_always_wins(table):
    def perfect(options):
        left = [
            0 if pawn > 55 else table[1][king, other, pawn - 8] or 99
            for king, other, pawn in options
        ]
        return -np.array(left) + games.queens(options)

    assert games.play_endings(perfect, table, 40) == (1, 1)
    kept, won = games.play_endings(still, table, 40)
    assert kept < 1 and won < 0.5


def test_moves_of_the_pieces():
    start = games.position_of('e1', 'e8', 'e2')
    assert len(games.white_moves(start)) == 4 + 2 and len(games.black_moves(start)) == 5
    assert {to for _, to, _ in games.black_moves(games.position_of('a1', 'e4', 'd3'))} == {
        *(games.position_of('a1', name, 'h2')[1] for name in 'd3 f3 d4 f4 d5 e5 f5 e3'.split())
    }


def test_a_board_as_a_picture():
    sheets = games.ending_boards([games.position_of('a8', 'h1', 'c2')])
    assert sheets.shape == (1, 3, 8, 8) and sheets.sum() == 3
    assert sheets[0, 0, 0, 0] == sheets[0, 1, 7, 7] == sheets[0, 2, 6, 2] == 1


@pytest.mark.parametrize(
    'squares, word',
    [
        (('z9', 'e8', 'e5'), "'z9'"),
        (('e6', 'e7', 'e5'), 'next to each other'),
        (('e6', 'e8', 'e1'), 'last rank'),
        (('e6', 'e6', 'e5'), 'one square'),
        ((3, 'e6', 'e5'), 'no square 3'),
    ],
)
def test_impossible_positions_in_words(squares, word):
    with pytest.raises(CourseError) as caught:
        games.position_of(*squares)
    assert word in str(caught.value)


# --- the ball, the bricks, the battle


def test_the_ball_is_caught_where_the_paddle_is():
    game = games.Catch(200, seed=1)
    caught = torch.zeros(200)
    assert game.state().shape == (200, 49)
    while not game.over:
        caught += game.step(1 + np.sign(game.ball - game.paddle))
    assert caught.mean() == 1
    with pytest.raises(CourseError, match='over'):
        game.step([1] * 200)


@pytest.mark.parametrize('actions', [[1], [3, 0], [-1, 0], 1])
def test_actions_that_do_not_exist(actions):
    with pytest.raises(CourseError, match='not actions'):
        games.Catch(2, seed=0).step(actions)


def test_bricks_keep_their_rules():
    world = games.Bricks(32, seed=3)
    rng, hits = np.random.default_rng(0), 0
    for _ in range(300):
        bricks = world.bricks.sum()
        rewards, ended = world.step(rng.integers(3, size=32))
        hits += rewards.sum()
        picture = world.picture()
        assert ((picture == 1).sum((1, 2)) == 1).all()
        if not ended.any():
            assert bricks - world.bricks.sum() <= rewards.sum()
    assert hits > 10
    assert games.bricks_per_game(games.under_the_ball, 20) > 15
    world = games.Bricks(200, seed=4, longest=100)
    for step in range(1, 301):  # the rule never misses: games end only when their time is up
        ended = world.step(games.under_the_ball(world.state()))[1]
        assert ended.mean() == (step % 100 == 0)


def test_same_seed_same_games():
    for world in (games.Catch, games.Bricks):
        assert torch.equal(world(9, seed=5).state(), world(9, seed=5).state())
        np.random.seed(1)
        first = world(9).state()
        np.random.seed(1)
        assert torch.equal(first, world(9).state())


def test_a_battle_keeps_its_rules():
    battle = games.Battle(20, seed=2)
    while not battle.over:
        before = battle.life.sum()
        earned = battle.step(games.at_random(battle, 0), games.commander(battle, 1))
        assert before - battle.life.sum() == pytest.approx(2 * earned.sum().item())
        for game in range(20):
            units = sorted(battle.who[game][battle.who[game] >= 0])
            assert units == list(np.flatnonzero(battle.life[game].ravel() > 0))
    assert battle.won().mean() < 0.1
    assert abs(games.wins_of(games.commander, games.commander, 200) - 0.5) < 0.12


def test_both_sides_see_the_same_in_a_mirror():
    battle = games.Battle(1, seed=0)
    battle.at[0, 1] = battle.at[0, 0] * [1, -1] + [0, 8]
    assert torch.allclose(battle.state(0), battle.state(1))


def test_orders_that_do_not_exist():
    with pytest.raises(CourseError, match='not orders'):
        games.Battle(1, seed=0).step([[9] * 5], [[0] * 5])


def test_returns_are_discounted_and_end_with_the_game():
    rewards = [torch.tensor([1.0]), torch.tensor([2.0]), torch.tensor([4.0])]
    ended = [torch.tensor([0.0]), torch.tensor([1.0]), torch.tensor([0.0])]
    assert games.discounted(rewards, 0.5).flatten().tolist() == [3, 4, 4]
    got = games.discounted(rewards, 0.5, ended, torch.tensor([10.0])).flatten().tolist()
    assert got == [2, 2, 9]


def test_a_world_of_ones_own():
    assert games.check_world(games.Bricks(3)) == (3, 2, 10, 10)

    class NoStep:
        games, state = 2, lambda self: torch.zeros(2, 1)

    class Short(NoStep):
        step = lambda self, actions: torch.zeros(2)

    for wrong, word in ((NoStep(), 'no `step`'), (Short(), 'another form')):
        with pytest.raises(CourseError, match=word):
            games.check_world(wrong)


# --- Go


def test_search_beats_random_and_more_beats_less():
    assert games.go_wins(makers.Search(30), games.go_random(), 20) > 0.8
    assert games.go_wins(makers.Search(200, 1), makers.Search(10, 2), 20) > 0.6


def test_turned_boards_are_the_same_position():
    seen, chosen, ended = makers.searched_games(2, 20)
    many = games.eight_ways(*map(torch.from_numpy, (seen.astype(np.float32), chosen, ended)))
    assert len(many[0]) == 8 * len(seen)
    boards_, moves, _ = many
    points = moves < makers.PASS
    allowed = boards_[:, 2].flatten(1)[points].gather(1, moves[points][:, None])
    assert (allowed == 1).all()


def test_the_games_are_the_same_twice():
    one, other = (makers.searched_games(2, 20, seed=4) for _ in range(2))
    assert all((a == b).all() for a, b in zip(one, other))


def test_moves_of_go_in_words():
    state = games.go_position('C3 B3 pass')
    assert state.current_player() == 1
    for moves, number in (('C3 C3', 2), ('F3', 1), ('pass pass A1', 3)):
        with pytest.raises(CourseError, match=f'Move {number}'):
            games.go_position(moves)


def test_without_open_spiel(monkeypatch):
    monkeypatch.setitem(sys.modules, 'pyspiel', None)
    with pytest.raises(CourseError) as caught:
        makers.go_start()
    assert 'whole-game[games]' in caught.value.do


# --- the board


def made(table):
    return [
        games.ending_to_play(still, table, 1),
        games.go_to_play(makers.Search(5), 1),
        games.bricks_to_play(games.under_the_ball, 1),
        games.battle_to_play(games.commander, 1),
    ]


def test_every_game_can_be_played_to_its_end(table):
    rng = np.random.default_rng(0)
    for board in made(table):
        for _ in range(4000):
            if board.game.over:
                break
            try:
                board.click(int(rng.integers(-1, board.game.rows * board.game.columns)))
            except CourseError as e:
                assert e.what and e.do
        assert board.game.over, board.game
        assert board.result >= 0 and board.game.words()
        with pytest.raises(CourseError, match='over'):
            board.click(0)


def test_squares_have_names_and_pictures(table):
    for board in made(table):
        squares = board.game.squares()
        assert len(squares) == board.game.rows * board.game.columns
        assert all(name and ground.startswith('#') for _, ground, _, name in squares)
        assert boards.board_picture(board.game, 10).size == (
            10 * board.game.columns + 1,
            10 * board.game.rows + 1,
        )


def test_illegal_moves_and_closed_games_in_words(table):
    ending, go, bricks, battle = made(table)
    with pytest.raises(CourseError, match='cannot go'):
        ending.click(next(n for n in (0, 63) if abs(n - 32) > 20))
    taken = next(n for n, s in enumerate(go.game.squares()) if s[0] == '●')
    with pytest.raises(CourseError, match='No stone'):
        go.click(taken)
    for square in (-1, 81, 1.5, 'a', True):
        with pytest.raises(CourseError, match='no square'):
            battle.click(square)
    with pytest.raises(CourseError, match='no result'):
        str(bricks.result)
    bricks.close()
    with pytest.raises(CourseError, match='closed'):
        bricks.click(0)
    with pytest.raises(CourseError, match='no result') as caught:
        str(bricks.result)
    assert 'closed in the middle' in caught.value.why


def test_a_click_on_the_page_is_answered_there(table):
    board = made(table)[1]
    taken = next(n for n, s in enumerate(board.game.squares()) if s[0] == '●')
    board.widget.clicked = [taken, 1]
    assert 'No stone' in board.widget.words
    board.widget.clicked = [-1, 2]
    assert 'No stone' not in board.widget.words


def test_without_anywidget_it_is_played_by_calls(monkeypatch, table):
    monkeypatch.setitem(sys.modules, 'anywidget', None)
    board = made(table)[3]
    data, _ = board._repr_mimebundle_()
    assert set(data) == {'text/plain', 'text/html'} and 'not installed' in data['text/plain']
    board.click(40)
    assert board.game.battle.time == 1
    board.close()
    assert board.closed


def test_films_side_by_side():
    films = {
        'a': games.bricks_frames(games.under_the_ball, steps=9),
        'b': games.battle_frames(games.commander, games.at_random),
    }
    frames, titles = games.side_by_side(films, most=7)
    assert len(frames) == len(titles) == 7 and len({frame.size for frame in frames}) == 1
