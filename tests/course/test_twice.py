"""Running every cell twice in a row: what is found on notebooks with one fault each, and in the
lessons themselves."""

import nbformat
import pytest
from course_fixtures import RECORD, SETTINGS, put, result, runnable

from course import common, twice
from course.execute import note_reference


def wrong(tmp_path, monkeypatch, *code, tags=(), outputs=(), floors=''):
    "What is found wrong with a lesson that has these cells; the last has the tags and outputs."
    ini = tmp_path / 'settings.ini'
    ini.write_text(SETTINGS.replace('floor.accuracy = 0.9', floors))
    monkeypatch.setattr(twice, 'settings', lambda: common.settings(ini))
    nb = runnable(list(code))
    nb.cells[-1].metadata.tags = list(tags)
    nb.cells[-1].outputs = list(outputs)
    path = put(nb, tmp_path / '01_tiny.ipynb')
    note_reference(['01_tiny'], tmp_path)
    return twice.twice(path)


def test_a_sound_cell(tmp_path, monkeypatch):
    assert wrong(tmp_path, monkeypatch, 'a = 1\na += 1\na', outputs=[result('2')]) == []


def test_an_error_the_second_time(tmp_path, monkeypatch):
    (told,) = wrong(tmp_path, monkeypatch, 'names = {"a": 1}', 'del names["a"]')
    assert "error the second time:\nKeyError: 'a'" in told and 'del names' in told


def test_an_announced_error(tmp_path, monkeypatch):
    assert wrong(tmp_path, monkeypatch, '1 / 0', tags=['raises-exception']) != []  # not committed
    error = nbformat.v4.new_output(
        'error', ename='ZeroDivisionError', evalue='division by zero', traceback=['in cell 7']
    )
    found = wrong(tmp_path, monkeypatch, '1 / 0', tags=['raises-exception'], outputs=[error])
    assert found == []


def test_another_text_the_second_time(tmp_path, monkeypatch):
    (told,) = wrong(tmp_path, monkeypatch, 'a = 1', 'a += 1\na', outputs=[result('2')])
    assert 'the second time:\n3\nand should:\n2' in told


def test_a_silent_change_is_seen_further_down(tmp_path, monkeypatch):
    (told,) = wrong(tmp_path, monkeypatch, 'a = 1', 'a += 1', 'a', outputs=[result('2')])
    assert 'the first time:\n3\nand should:\n2' in told


def test_an_exempt_cell_may_differ_and_has_to_keep_its_floor(tmp_path, monkeypatch):
    exempt = dict(tags=['nbval-ignore-output'], outputs=[result('0.95')])
    code = [RECORD, 'a = 1.05', 'a -= .1\nrecord(accuracy=a)\na']
    assert wrong(tmp_path, monkeypatch, *code, **exempt, floors='floor.accuracy = 0.8') == []
    (told,) = wrong(tmp_path, monkeypatch, *code, **exempt, floors='floor.accuracy = 0.9')
    assert 'accuracy is 0.85; the floor is 0.9' in told


LEARNER = """import whole_game.backbone  # keeps fastai quiet
from fastai.basics import DataLoaders, Learner
from torch import nn
from whole_game.data import cache_folder

learn = Learner(DataLoaders([], []), nn.Linear(1, 1), loss_func=nn.MSELoss(){path})"""


@pytest.mark.parametrize('path', ['', ", path=cache_folder() / 'paintings'"])
def test_a_learner_that_saves_into_the_data(tmp_path, monkeypatch, path):
    found = wrong(tmp_path, monkeypatch, LEARNER.replace('{path}', path))
    assert [told.endswith('into the data of paintings') for told in found] == [True] * bool(path)


QUICK = ('00', '23')


@pytest.mark.parametrize(
    'path',
    [
        pytest.param(
            path, id=path.stem[:2], marks=[pytest.mark.expensive] * (path.stem[:2] not in QUICK)
        )
        for path in common.lessons()
    ],
)
def test_every_cell_of_a_lesson_twice(path, monkeypatch):
    monkeypatch.delenv('MPLBACKEND', raising=False)  # pictures below the cells, as for a learner
    common.prepare(common.local_sets())
    assert twice.twice(path) == []
