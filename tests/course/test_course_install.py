"""The installer: which commands it would run, that a second call does nothing, and that it is kind
when it cannot go on."""

import subprocess
import sys
from pathlib import Path

import pytest

from course import install
from course.common import ROOT

VENV = Path('/x/.venv')
PY = str(install.python_in(VENV))
CPU = 'https://download.pytorch.org/whl/cpu'


@pytest.mark.parametrize('extras', ['lessons', 'lessons,dev'])
def test_commands(extras):
    given = lambda **kw: install.commands(extras, venv=VENV, **kw)
    assert given(uv=['uv']) == [
        ['uv', 'pip', 'install', '--compile-bytecode', '--python', PY, '-e', f'.[{extras}]']
    ]
    assert given(uv=['uv'], torch='cpu') == [
        [
            'uv',
            'pip',
            'install',
            '--compile-bytecode',
            '--python',
            PY,
            '--torch-backend',
            'cpu',
            '-e',
            f'.[{extras}]',
        ]
    ]
    assert given() == [[PY, '-m', 'pip', 'install', '-e', f'.[{extras}]']]
    assert given(torch='cpu') == [
        [PY, '-m', 'pip', 'install', 'torch', 'torchvision', '--index-url', CPU],
        [PY, '-m', 'pip', 'install', '-e', f'.[{extras}]'],
    ]


def test_commands_that_make_the_environment():
    assert install.venv_commands(['uv'], VENV, 'python3.12') == [
        ['uv', 'venv', '--allow-existing', '--python', 'python3.12', str(VENV)]
    ]
    assert install.venv_commands((), VENV, 'python3.12') == [
        ['python3.12', '-m', 'venv', str(VENV)],
        [PY, '-m', 'pip', 'install', '--quiet', 'uv'],
    ]


def test_the_options_exist_in_uv():
    uv = install.find_uv(Path(sys.prefix))
    if not uv:
        pytest.skip('uv is not here')
    said = lambda *command: (
        subprocess.run([*uv, *command, '--help'], capture_output=True, text=True).stdout
    )
    assert '--torch-backend' in said('pip', 'install') and '--allow-existing' in said('venv')


def test_dry_run_prints_and_does_nothing():
    done = subprocess.run(
        [
            sys.executable,
            'course/install.py',
            '--dry-run',
            '--torch',
            'cpu',
            '--extras',
            'lessons,dev',
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert (
        done.returncode == 0
        and '.[lessons,dev]' in done.stdout
        and ('--torch-backend cpu' in done.stdout or CPU in done.stdout)
    )


class Pretend:
    "An installer whose commands are only written down; those with `fails` in them fail."

    def __init__(self, monkeypatch, root, fails=None, uv=('uv',)):
        self.ran, self.fails = [], fails
        (root / 'pyproject.toml').write_text('one')
        monkeypatch.setattr(install, 'ROOT', root)
        monkeypatch.setattr(install, 'find_uv', lambda venv: list(uv))
        monkeypatch.setattr(
            install, '_works', lambda command: Path(command[0]).exists() or 'uv' in command
        )
        monkeypatch.setattr(install.subprocess, 'run', self.run)

    def run(self, command, **kw):
        self.ran.append(command)
        ok = not (self.fails and self.fails in command)
        if ok and 'venv' in command:
            python = install.python_in(Path(command[-1]))
            python.parent.mkdir(parents=True, exist_ok=True)
            python.write_text('')
        return subprocess.CompletedProcess(command, 0 if ok else 2)


@pytest.fixture
def pretend(monkeypatch, tmp_path):
    return lambda **kw: Pretend(monkeypatch, tmp_path, **kw)


def test_a_second_call_does_nothing(pretend, tmp_path):
    p = pretend()
    install.main(['--extras', 'lessons'])
    assert len(p.ran) == 2
    install.main(['--extras', 'lessons'])
    assert len(p.ran) == 2, 'it installed again'
    install.main(['--extras', 'lessons,dev'])
    assert len(p.ran) == 3 and '.[dev,lessons]' in p.ran[-1]
    install.main(['--extras', 'lessons'])
    assert len(p.ran) == 3, 'lab was a part of what was there'
    (tmp_path / 'pyproject.toml').write_text('two')
    install.main(['--extras', 'lessons'])
    assert len(p.ran) == 4, 'other dependencies, and nothing was installed'


def test_the_small_torch_is_remembered_and_asked_for_anew(pretend, tmp_path):
    p = pretend()
    install.main(['--torch', 'cpu'])
    assert '--torch-backend' in p.ran[-1]
    install.main(['--extras', 'lessons,dev'])
    assert '--torch-backend' in p.ran[-1], 'the next command forgot which build is there'
    p = pretend()
    install.main(['--extras', 'lessons,dev', '--torch', 'cpu'])
    assert p.ran == []


def has_torch(root, version):
    "What pip leaves when it has installed a build of PyTorch."
    folder = root / '.venv' / 'lib' / 'python3.11' / 'site-packages'
    for old in folder.glob('torch-*'):
        old.rmdir()
    (folder / f'torch-{version}.dist-info').mkdir(parents=True)


def test_an_interrupted_installation_goes_on(pretend, tmp_path):
    p = pretend(fails='install')
    with pytest.raises(SystemExit):
        install.main(['--torch', 'cpu'])
    has_torch(tmp_path, '2.9.0+cpu')  # it got as far as that
    p = pretend()
    install.main([])
    assert [command[1] for command in p.ran] == ['pip'] and '--torch-backend' in p.ran[0], (
        'it should go on with the same build'
    )


@pytest.mark.parametrize('uv', [('uv',), ()], ids=['uv', 'pip'])
def test_a_failed_installation_of_the_small_torch_asks_for_it_no_more(pretend, tmp_path, uv):
    pretend(fails='install', uv=uv)
    with pytest.raises(SystemExit):
        install.main(['--torch', 'cpu'])
    p = pretend(uv=uv)
    install.main([])
    assert '--torch-backend' not in p.ran[-1] and not any(CPU in command for command in p.ran)


def test_another_torch_takes_the_place_of_the_one_that_is_there(pretend, tmp_path, capsys):
    pretend()
    install.main([])
    has_torch(tmp_path, '2.9.0')
    (tmp_path / '.venv' / 'mine').write_text('a package that a person added')
    pretend(fails='install')
    with pytest.raises(SystemExit):
        install.main(['--torch', 'cpu'])
    assert (tmp_path / '.venv' / 'mine').exists() and install.installed(tmp_path / '.venv')
    p = pretend()
    install.main(['--torch', 'cpu'])
    assert '--reinstall-package' in p.ran[-1] and 'exchanging it' in capsys.readouterr().out
    assert (tmp_path / '.venv' / 'mine').exists()
    has_torch(tmp_path, '2.9.0+cpu')
    p = pretend()
    install.main(['--torch', 'cpu', '--extras', 'lessons,dev'])
    assert '--reinstall-package' not in p.ran[-1]


def test_half_an_environment_is_made_whole(tmp_path):
    "Ended between Python and pip, the next installation found no pip for ever."
    venv = tmp_path / '.venv'
    subprocess.run([sys.executable, '-m', 'venv', '--without-pip', str(venv)], check=True)
    assert install.usable(venv) == bool(install.find_uv(venv))
    (venv / 'whole_game.json').write_text('{"pyproject"')
    assert install.installed(venv) == {}


def test_a_failure_is_kind(pretend, capsys):
    pretend(fails='install')
    with pytest.raises(SystemExit) as end:
        install.main([])
    said = capsys.readouterr().out
    assert (
        end.value.code == 1
        and 'did not work' in said
        and 'What to do now' in said
        and 'Traceback' not in said
    )


def test_debian_without_venv(pretend, monkeypatch, capsys):
    p = pretend(uv=())
    monkeypatch.setattr(
        install.importlib.util, 'find_spec', lambda name: None if name == 'ensurepip' else object()
    )
    with pytest.raises(SystemExit):
        install.main([])
    assert 'apt install python3-venv' in capsys.readouterr().out and p.ran == []


def test_an_old_python_reads_the_file():
    "No syntax younger than Python 3.5 in it, so that an old one can say it is too old."
    import ast

    source = (ROOT / 'course' / 'install.py').read_text()
    tree = ast.parse(source, feature_version=(3, 5))
    assert not [node for node in ast.walk(tree) if isinstance(node, (ast.JoinedStr, ast.NamedExpr))]
