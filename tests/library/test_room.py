"whole_game.room: what a room handed in is counted, whoever handed it in and however it is called."

import json

import pytest

from whole_game import progress, room
from whole_game.check import check
from whole_game.cli import main
from whole_game.errors import CourseError


def put(file, text='', **noted):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else (text or json.dumps(noted)).encode())


def rows(said):
    "The rows of a report, each as its words."
    return [line.split() for line in said.splitlines()]


def test_what_check_notes_is_what_a_room_shows(tmp_path, monkeypatch, capsys):
    tries = {'anna': [60, 120], 'ben': [60], 'chris': [120], 'dora': ['120', 60]}
    for name, answers in tries.items():
        monkeypatch.setenv('WHOLE_GAME_PROGRESS', str(tmp_path / name / 'progress.json'))
        for answer in answers:
            check('00 minutes', answer)
    hint = capsys.readouterr().out.splitlines()[0].removeprefix('✗ Not yet. ')
    assert progress.read()['exercises']['00 minutes']['hint'] == hint
    said = room.report(tmp_path)  # the lock files beside them are no one's
    assert said.startswith('4 progress files.\n') and 'Left out' not in said
    assert '00 minutes 2 1 2'.split() in rows(said)
    assert f'     3 × {hint}\n' in said + '\n' and '00 Start here 4'.split() in rows(said)
    assert not any(name in said for name in tries)
    assert '     not yet: ben, dora' in room.report(tmp_path, names=True).splitlines()


def test_where_people_are(tmp_path):
    put(tmp_path / 'a.json', reached={'00': 'x', '04': 'x'}, exercises={'03 split': {'tries': 1}})
    put(tmp_path / 'b', quizzes={'01': {'right': 3, 'of': 5, 'day': 'x'}}, reached={'99': 'x'})
    put(tmp_path / 'c.txt', notes=[])
    put(tmp_path / 'group 2' / 'd.json', exercises={'04 later': {'tries': 1, 'right': 'x'}})
    where = {name: room.last_begun(noted) for name, noted in room.handed_in(tmp_path)[0].items()}
    assert where == {'a': '04', 'b': '01', 'c': '', 'group 2/d': '04'}
    said = room.report(tmp_path, names=True)
    assert '     a, group 2/d' in said.splitlines() and 'not begun 1'.split() in rows(said)
    assert '04 later 1 1 0'.split() in rows(said)  # of a later version of the course
    assert '01 1 60%'.split() in rows(said) and '     b 3 of 5' in said.splitlines()


def test_names_that_are_the_same_are_two_people(tmp_path):
    for file in ('anna.json', 'anna.txt', 'anna/progress.json'):
        put(tmp_path / file, reached={'00': 'x'})
    assert len(room.handed_in(tmp_path)[0]) == 3


@pytest.mark.parametrize(
    'text',
    [
        b'{"reached"',
        b'\xff\xd8\xff',
        b'[]',
        b'{}',
        b'{"cells": [], "nbformat": 4}',
        b'{"exercises": {"00 minutes": {"tries": "many"}}}',
        b'{"quizzes": {"00": {"right": null}}}',
        b'{"notes": "x"}',
        b'[' * 200_000,
        b'{"reached": {}}' + b' ' * room.MOST,
    ],
    ids=range(10),
)
def test_what_is_no_progress_file_is_named_and_left_alone(tmp_path, text):
    put(tmp_path / 'anna.json', reached={'00': 'x'})
    put(tmp_path / 'odd one.json', text)
    said = room.report(tmp_path)
    assert said.startswith('1 progress file.\n') and said.endswith(
        '\nLeft out:\n  odd one.json: this is no progress file, or a damaged one'
    )
    assert (tmp_path / 'odd one.json').read_bytes() == text
    assert sorted(path.name for path in tmp_path.iterdir()) == ['anna.json', 'odd one.json']


def test_what_others_leave_in_a_folder_is_not_worth_a_word(tmp_path):
    put(tmp_path / 'anna.json', b'\xef\xbb\xbf{"reached": {"00": "x"}}')  # an editor's own mark
    for file in ('.DS_Store', '__MACOSX/anna.json', '.git/config', 'anna.json.lock'):
        put(tmp_path / file, b'x')
    assert room.handed_in(tmp_path)[1] == {}
    (tmp_path / 'gone.json').symlink_to(tmp_path / 'nowhere.json')
    assert list(room.handed_in(tmp_path)[0]) == ['anna']


def test_a_file_that_cannot_be_read(tmp_path, monkeypatch):
    put(tmp_path / 'anna.json', reached={'00': 'x'})
    put(tmp_path / 'ben.json', reached={'00': 'x'})
    real = type(tmp_path).read_bytes

    def read_bytes(path):
        if path.name == 'ben.json':
            raise PermissionError(13, 'Permission denied')
        return real(path)

    monkeypatch.setattr(type(tmp_path), 'read_bytes', read_bytes)
    assert 'ben.json: it could not be read (Permission denied)' in room.report(tmp_path)


def test_nothing_to_show_is_said_in_words(tmp_path, capsys):
    with pytest.raises(CourseError, match='no folder'):
        room.report(tmp_path / 'nowhere')
    with pytest.raises(CourseError, match='no progress file'):
        room.report(tmp_path)
    put(tmp_path / 'beach.jpg', b'sand')
    assert main(['room', str(tmp_path)]) == 1
    assert 'It has 1 other file.' in capsys.readouterr().err


def test_in_a_terminal(tmp_path, capsys):
    put(tmp_path / 'anna.json', reached={'00': 'x'})
    assert main(['room', str(tmp_path)]) == 0 and 'anna' not in capsys.readouterr().out
    assert main(['room', str(tmp_path), '--names']) == 0 and 'anna' in capsys.readouterr().out
