"""whole_game.makers.names: ten lists, no name on two sides or in two lists, and an error a beginner
can read."""

import csv
import sys
from collections import Counter

import pytest

from whole_game.errors import CourseError
from whole_game.data import import_data_package
from whole_game.makers.names import EACH, HELD_BACK, LISTS, make, normalised, surnames_of


def rows(path):
    with open(path, encoding='utf-8', newline='') as f:
        return list(csv.reader(f))


def test_every_list_counts_the_same_and_no_name_is_twice(tmp_path):
    make(tmp_path)
    train, valid = rows(tmp_path / 'train.csv'), rows(tmp_path / 'valid.csv')
    assert train[0] == valid[0] == ['name', 'list']
    assert Counter(label for _, label in train[1:]) == dict.fromkeys(LISTS, EACH - HELD_BACK)
    assert Counter(label for _, label in valid[1:]) == dict.fromkeys(LISTS, HELD_BACK)
    keys = [normalised(name) for name, _ in train[1:] + valid[1:]]
    assert len(set(keys)) == len(keys) == 10 * EACH
    assert [row[0] for row in rows(tmp_path / 'lists.csv')] == ['list', *LISTS]


def test_every_name_stands_in_its_list_and_in_no_other(tmp_path):
    make(tmp_path)
    lists = {name: {normalised(surname) for surname in surnames_of(name)} for name in LISTS}
    for part in ('train', 'valid'):
        for name, label in rows(tmp_path / f'{part}.csv')[1:]:
            assert name in surnames_of(label) and [
                other for other in lists if normalised(name) in lists[other]
            ] == [label]


def test_made_twice_it_is_the_same(tmp_path):
    for copy in ('a', 'b'):
        (tmp_path / copy).mkdir()
        make(tmp_path / copy)
    for part in ('train', 'valid', 'lists'):
        assert (tmp_path / 'a' / f'{part}.csv').read_bytes() == (
            tmp_path / 'b' / f'{part}.csv'
        ).read_bytes()


def test_spellings_count_as_one_name():
    assert (
        normalised("O'Brien") == normalised('OBRIEN')
        and normalised('Müller') == normalised('muller')
        and normalised('Da Silva') == normalised('Dasilva')
    )


def test_a_missing_package_is_told_kindly(monkeypatch):
    monkeypatch.setitem(sys.modules, 'faker', None)
    for name in list(sys.modules):
        if name.startswith('faker.'):
            monkeypatch.delitem(sys.modules, name)
    with pytest.raises(CourseError, match='package faker.*not installed') as told:
        surnames_of('Finnish')
    assert 'whole-game[play]' in str(told.value)
    assert import_data_package('json').dumps(1) == '1'
