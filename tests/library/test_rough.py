"""Every command of whole-game that writes, treated roughly: on a full disk, without permission,
ended in the middle, its reader gone. Nothing half made, the right exit status, words."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from whole_game import files, progress
from whole_game.errors import CourseError

# what people's terminals have: Python keeps back what it prints until there is enough
BUFFERED = {k: v for k, v in os.environ.items() if k != 'PYTHONUNBUFFERED'}
posix = pytest.mark.skipif(os.name == 'nt', reason='the system has other signals and limits')
MAIN = 'import sys; from whole_game.cli import main; sys.exit(main(sys.argv[1:]))'


def whole_game(place, *words, code=MAIN, **env):
    "Run a command of whole-game at such a place."
    return subprocess.run(
        [*place.before, sys.executable, '-c', code, *map(str, words)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent,
        env={**os.environ, 'PYTHONDONTWRITEBYTECODE': '1', **{k: str(v) for k, v in env.items()}},
        timeout=120,
    )


def told(done, *words):
    "That a command failed with words, and with no traceback."
    said = done.stdout + done.stderr
    assert done.returncode == 1 and 'Traceback' not in said, said
    assert 'What happened' in done.stderr and 'What to do now' in done.stderr, said
    for word in words:
        assert word in done.stderr, said


def lying(folder):
    "What is in a folder, locks and the ballast aside."
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob('*')
        if path.suffix != '.lock' and path.name != 'something large'
    )


# --- a full disk


def test_a_project_on_a_full_disk_is_not_begun(full):
    told(whole_game(full, 'new-project', full.folder / 'mugs'), 'mugs', 'no room', 'Free some')
    assert lying(full.folder) == []
    full.empty()
    done = whole_game(full, 'new-project', full.folder / 'mugs')
    assert done.returncode == 0, done.stderr
    assert json.loads((full.folder / 'mugs' / 'your_game.ipynb').read_text())['cells']


def test_a_note_on_a_full_disk_is_not_called_noted(full):
    file = full.folder / 'progress.json'
    kept = json.dumps({'notes': [{'lesson': '01', 'note': 'x' * 1000, 'day': '2026-01-01'}]})
    full.put('progress.json', kept)
    words = 'why is the loss not the metric? ' * 150
    done = whole_game(full, 'stuck', '01', words, WHOLE_GAME_PROGRESS=file)
    told(done, 'not kept', words.strip(), 'no room')
    assert 'Noted' not in done.stdout and file.read_text() == kept
    assert lying(full.folder) == ['progress.json']


def test_a_data_set_on_a_full_disk(full):
    told(whole_game(full, 'data', 'fetch', 'doodles', WHOLE_GAME_CACHE=full.folder), 'doodles')
    assert lying(full.folder) == []


# A set of 200 KB which the small disk seems to have room for
PRETEND = """
import shutil, sys, types
from whole_game import cli, data
real = shutil.disk_usage
shutil.disk_usage = lambda path: types.SimpleNamespace(free=10**12)
raise SystemExit(cli.main(sys.argv[1:]))
"""


@pytest.mark.parametrize('name', ['names', 'charts', 'doodles'])
def test_a_disk_that_gets_full_in_the_middle(full, name):
    done = whole_game(full, 'data', 'fetch', name, code=PRETEND, WHOLE_GAME_CACHE=full.folder)
    told(done, name)
    assert lying(full.folder) == []


def test_unpacking_on_a_full_disk(full, tmp_path):
    import zipfile

    archive = tmp_path / 'names-v1.zip'
    with zipfile.ZipFile(archive, 'w') as z:
        z.writestr('train.csv', os.urandom(100_000))
    done = whole_game(full, 'data', 'unpack', archive, code=PRETEND, WHOLE_GAME_CACHE=full.folder)
    told(done, 'names', 'no room')
    assert lying(full.folder) == []


SAVE = """
import sys, torch
from pathlib import Path
from whole_game.errors import CourseError
from whole_game.modelcard import measured
from whole_game.projects import add_to_log, fill_card
from whole_game.strangers import Strangers
place = Path(sys.argv[1])
large = 'it was the cup ' * 700
tries = [
    lambda: Strangers(torch.rand(4, 2560), 'abcd', .5).save(place / 'mine'),
    lambda: measured(['a' * 5000], ['a' * 5000], [1], path=place / 'mine'),
    lambda: fill_card(place, 'data_card.md', large),
    lambda: add_to_log(place, large),
]
for n, one in enumerate(tries):
    try:
        one()
    except CourseError as e:
        print(n, e.why)
"""


def test_what_a_notebook_writes_on_a_full_disk(full):
    names = 'mine.measured.json', 'data_card.md', 'log.md'
    for name in names:
        full.put(name, 'short')
    before = lying(full.folder)
    done = whole_game(full, full.folder, code=SAVE)
    assert done.stdout.count('no room') == 4, done.stdout + done.stderr
    assert lying(full.folder) == before
    assert {path.read_text() for path in full.folder.glob('*.*')} == {'short'}


@posix
def test_a_terminal_that_takes_nothing():
    done = subprocess.run(
        ['sh', '-c', '"$@" > /dev/full', 'sh', sys.executable, '-c', MAIN, 'progress'],
        stderr=subprocess.PIPE,
        text=True,
        env=BUFFERED,
    )
    assert done.returncode == 1 and 'no room' in done.stderr
    assert 'Traceback' not in done.stderr and 'Exception ignored' not in done.stderr


# --- no permission


@pytest.mark.parametrize(
    'words',
    [
        ['new-project', 'PLACE/mugs'],
        ['stuck', '01', 'why is the loss not the metric?'],
        ['stuck', '--solved', '1'],
        ['data', 'fetch', 'doodles'],
        ['data', 'fetch', 'doodles', '--again'],
        ['mirror'],
    ],
    ids=' '.join,
)
def test_without_permission(forbidden, words):
    forbidden.folder.chmod(0o700)
    note = {'lesson': '01', 'note': 'why?', 'day': '2026-01-01'}
    (forbidden.folder / 'progress.json').write_text(json.dumps({'notes': [note]}))
    if 'mirror' in words or '--again' in words:
        name = 'sign_language_digits-v1' if 'mirror' in words else 'doodles-v1'
        (forbidden.folder / name).mkdir()
    before = lying(forbidden.folder)
    forbidden.folder.chmod(0o500)
    words = [word.replace('PLACE', str(forbidden.folder)) for word in words]
    at = {'WHOLE_GAME_CACHE': forbidden.folder}
    at['WHOLE_GAME_PROGRESS'] = forbidden.folder / 'progress.json'
    told(whole_game(forbidden, *words, **at))
    assert lying(forbidden.folder) == before


# --- ended in the middle


def ended(code, *words, after):
    "Start a program, end it at once and for good when it prints `after`."
    going = subprocess.Popen(
        [sys.executable, '-c', code, *map(str, words)], stdout=subprocess.PIPE, text=True
    )
    assert going.stdout.readline().strip() == after
    going.send_signal(signal.SIGKILL)
    going.communicate(timeout=30)


# The system stops a program just before the file gets its name
STOP = """
import os, sys, time
from whole_game import cli
def stop(*args):
    print('now', flush=True)
    time.sleep(60)
os.replace = stop
cli.main(sys.argv[1:])
"""


@posix
def test_a_project_ended_in_the_middle_is_begun_anew(tmp_path):
    ended(STOP, 'new-project', tmp_path / 'mugs', after='now')
    assert not (tmp_path / 'mugs').exists()
    from whole_game.projects import new_project

    assert (new_project(tmp_path / 'mugs') / 'your_game.ipynb').stat().st_size > 1000
    assert [path.name for path in tmp_path.iterdir()] == ['mugs']


@posix
def test_a_note_ended_in_the_middle_harms_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv('WHOLE_GAME_PROGRESS', str(tmp_path / 'progress.json'))
    progress.stuck('01', 'the first')
    ended(STOP, 'stuck', '01', 'the second', after='now')
    progress.stuck('01', 'the third')
    assert [note['note'] for note in progress.read()['notes']] == ['the first', 'the third']
    assert lying(tmp_path) == ['progress.json']


def test_files_that_belong_together_are_written_together(tmp_path):
    one, two = tmp_path / 'one', tmp_path / 'nowhere' / 'two'
    one.write_text('old')
    with pytest.raises(OSError):
        files.write({one: 'new', two: 'new'})
    assert one.read_text() == 'old' and lying(tmp_path) == ['one']


def test_a_file_that_is_a_link_stays_one(tmp_path):
    (tmp_path / 'far').mkdir()
    (tmp_path / 'near').symlink_to(tmp_path / 'far' / 'real')
    files.write({tmp_path / 'near': 'words'})
    assert (tmp_path / 'near').is_symlink() and (tmp_path / 'far' / 'real').read_text() == 'words'


# --- a reader that goes


@posix
@pytest.mark.parametrize(
    'words',
    [
        ['progress'],
        ['stuck'],
        ['--help'],
        ['data', 'list'],
        ['data', 'card', 'charts'],
        ['doctor', '--quick'],
    ],
    ids=' '.join,
)
def test_a_reader_that_has_read_enough_is_no_error(words, tmp_path):
    done = subprocess.run(
        ['sh', '-c', '{ "$@"; echo $? > "$STATUS"; } | true', 'sh', sys.executable, '-c']
        + ['import time; time.sleep(.3)\n' + MAIN, *words],
        stderr=subprocess.PIPE,
        text=True,
        env={**BUFFERED, 'STATUS': str(tmp_path / 'status')},
    )
    assert done.stderr == '' and (tmp_path / 'status').read_text().strip() == '141'


# --- words


@pytest.mark.parametrize('port', [99999, 0, -1])
def test_a_number_that_is_no_port(port, tmp_path):
    from whole_game.app import serve

    with pytest.raises(CourseError, match='is no port'):
        serve(tmp_path / 'no model is looked for', port=port)


def test_a_folder_in_the_way_of_a_project_is_told_from_one(tmp_path):
    from whole_game.projects import new_project

    (tmp_path / 'mugs').mkdir()
    (tmp_path / 'mugs' / 'your_game.ipynb').touch()  # what earlier versions left on a full disk
    with pytest.raises(CourseError, match='No project is in it'):
        new_project(tmp_path / 'mugs')
