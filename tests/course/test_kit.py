"""The kit: its manifest, its packages for each platform, its install.py on kits of a few kilobytes.
(`python -m course.kit --prove` tries the real one.)"""

import ast
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

from course import install, kit, wheels
from course import kit_install as installer
from course.common import ROOT, Complaint
from course.kit import Target, targets

HERE = Target(installer.this_system(), kit.this_python(), True)
PROGRAM = '''
import sys
def main():
    words = sys.argv[1:]
    if words[:1] == ['--version']: print('whole-game 9.9')
    elif words[:2] == ['data', 'unpack']: print('unpacked', *words[2:])
    elif words[:1] == ['doctor']: print('the doctor looked'); return DOCTOR
'''


def wheel(
    folder, name, version='1.0', tag='py3-none-any', python='>=3.8', files=(), scripts='', extras=''
):
    "A wheel of a few bytes, made by hand."
    folder.mkdir(parents=True, exist_ok=True)
    about = f'{name}-{version}.dist-info'
    texts = {
        f'{about}/METADATA': (
            f'Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Python:'
            f' {python}\n{extras}'
        ),
        f'{about}/WHEEL': f'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n',
        **({f'{about}/entry_points.txt': scripts} if scripts else {}),
        **dict(files),
    }
    with zipfile.ZipFile(folder / f'{name}-{version}-{tag}.whl', 'w') as z:
        for path, text in texts.items():
            z.writestr(path, text)
        z.writestr(
            f'{about}/RECORD', ''.join(f'{path},,\n' for path in [*texts, f'{about}/RECORD'])
        )
    return folder / f'{name}-{version}-{tag}.whl'


def course_wheel(folder, doctor=0):
    return wheel(
        folder,
        'whole_game',
        '9.9',
        files={'whole_game_kit.py': PROGRAM.replace('DOCTOR', str(doctor))},
        scripts='[console_scripts]\nwhole-game = whole_game_kit:main\n',
        extras='Provides-Extra: lessons\n',
    )


@pytest.fixture
def small(tmp_path):
    """A kit with one package, one lesson and one data set; `small(python=...)` changes what it says
    of its packages."""
    folder = tmp_path / 'the kit'

    def make(doctor=0, **said):
        course_wheel(folder / 'wheels', doctor)
        for name, text in {
            'learner/00_start_here.ipynb': 'lesson',
            'learner/pictures/a.txt': 'a',
            'data/prepared/names-v1.zip': 'zip',
            'instructor/key.txt': 'b',
            'wheels-macos/other.whl': 'x',
        }.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        one = {
            'system': HERE.system,
            'machine': HERE.machine,
            'python': HERE.python,
            'least': f'{HERE.python}.0',
            'here': True,
            'folder': 'wheels',
            'missing': [],
            'installed_mb': 1,
            **said,
        }
        (folder / installer.FACTS).write_text(
            json.dumps({'version': '9.9', 'extras': 'lessons', 'torch': '', 'platforms': [one]})
        )
        shutil.copy(installer.__file__, folder / 'install.py')
        kit.write_manifest(folder)
        return folder

    return make


def run_it(folder, *words, cwd=None, **env):
    "install.py as a person runs it: (exit status, what it said)."
    done = subprocess.run(
        [sys._base_executable, str(folder / 'install.py'), *map(str, words)],
        cwd=cwd or folder.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={key: value for key, value in os.environ.items() if key != 'PYTHONPATH'} | env,
    )
    assert 'Traceback' not in done.stdout, done.stdout
    return done.returncode, done.stdout


def refuses(folder, *words, **kw):
    code, said = run_it(folder, *words, **kw)
    assert code == 1 and 'What to do now: ' in said, said
    return said


# --- the manifest


def test_the_manifest_is_what_sha256sum_reads(small):
    folder = small()
    assert (
        installer.wrong(
            folder, installer.manifest(folder), [path.name for path in folder.iterdir()]
        )
        == []
    )
    assert b'\r' not in (folder / installer.MANIFEST).read_bytes() and set(
        installer.manifest(folder)
    ) == {name for name in installer.files(folder, folder) if name != installer.MANIFEST}
    assert run_it(folder, '--check')[0] == 0
    if not shutil.which('sha256sum'):
        pytest.skip('sha256sum is not here')
    check = lambda: (
        subprocess.run(
            ['sha256sum', '-c', '--quiet', '--strict', installer.MANIFEST],
            cwd=folder,
            capture_output=True,
        ).returncode
    )
    assert check() == 0
    (folder / 'data/prepared/names-v1.zip').write_text('zap')
    assert check() == 1


@pytest.mark.parametrize(
    'name',
    [
        'learner/00_start_here.ipynb',
        'data/prepared/names-v1.zip',
        'kit.json',
        'instructor/key.txt',
        'wheels/whole_game-9.9-py3-none-any.whl',
    ],
)
def test_one_changed_byte_and_one_missing_file_are_found(small, name):
    folder = small()
    raw = bytearray((folder / name).read_bytes())
    raw[-1] ^= 1
    (folder / name).write_bytes(raw)
    said = run_it(folder, '--check')
    assert said[0] == 1 and ('is missing or damaged' in said[1] or f'{name}: damaged' in said[1])
    (folder / name).unlink()
    code, said = run_it(folder, '--check')
    assert code == 1 and name.rpartition('/')[2] in said and 'missing' in said


def test_a_file_too_many_is_found_and_a_part_left_out_is_not_missed(small):
    folder = small()
    for part in ('instructor', 'wheels-macos'):
        shutil.rmtree(folder / part)
    code, said = run_it(folder, '--check')
    assert code == 0 and 'Left out: instructor. Left out: wheels-macos.' in said
    for odd in ('learner/more.txt', 'odd.txt'):
        (folder / odd).write_text('x')
        assert f'{odd}: not part of the kit' in refuses(folder, '--check')
        (folder / odd).unlink()


@pytest.mark.skipif(os.name == 'nt', reason='Windows lets few people make links')
def test_a_kit_holds_no_links(small):
    folder = small()
    (folder / 'learner' / 'link').symlink_to('/etc/passwd')
    with pytest.raises(Complaint, match='is a link'):
        kit.write_manifest(folder)


# --- install.py refuses


@pytest.mark.parametrize(
    'said, words',
    [
        (dict(python='3.99'), 'are for Python 3.99, and this is Python 3.'),
        (dict(least=f'{HERE.python}.99'), f'{HERE.python}.99 or a later'),
        (dict(system='windows' if HERE.system != 'windows' else 'linux'), 'has no packages for'),
        (dict(machine='abacus'), 'has no packages for'),
        (dict(missing=['torch']), 'lacks packages for this computer: torch'),
        (dict(installed_mb=10**9), 'There is no room'),
    ],
)
def test_a_computer_it_is_not_for(small, tmp_path, said, words):
    folder = small(**said)
    assert (
        words in refuses(folder, '--where', tmp_path / 'room')
        and not (tmp_path / 'room' / '.venv').exists()
    )


@pytest.mark.parametrize(
    'name, how',
    [
        ('wheels/whole_game-9.9-py3-none-any.whl', 'change'),
        ('learner/00_start_here.ipynb', 'change'),
        ('data/prepared/names-v1.zip', 'change'),
        ('wheels/whole_game-9.9-py3-none-any.whl', 'delete'),
        ('wheels/torch-99.0-py3-none-any.whl', 'add'),
        ('MANIFEST.sha256', 'delete'),
        ('kit.json', 'delete'),
        ('kit.json', 'change'),
    ],
)
def test_a_damaged_kit_installs_nothing(small, tmp_path, name, how):
    folder = small()
    if how == 'delete':
        (folder / name).unlink()
    else:
        (folder / name).write_text('{}x')
    said = refuses(folder, '--where', tmp_path / 'room')
    assert (
        name.rpartition('/')[2] in said
        and 'copy the kit again' in said
        and not (tmp_path / 'room').exists()
    )


def test_what_this_computer_does_not_use_may_be_damaged(small, monkeypatch):
    folder = small()
    (folder / 'wheels-macos' / 'other.whl').write_text('y')
    shutil.rmtree(folder / 'instructor')
    installer.check(folder, installer.manifest(folder), ['kit.json', 'wheels', 'learner', 'data'])


def test_never_inside_the_kit_nor_over_another_environment(small, tmp_path, monkeypatch):
    folder = small()
    assert 'inside the kit' in refuses(folder, '--where', folder / 'learner')
    (tmp_path / 'mine' / '.venv').mkdir(parents=True)
    (tmp_path / 'mine' / '.venv' / 'dear.txt').write_text('dear')
    assert (
        'did not make it' in refuses(folder, '--where', tmp_path / 'mine')
        and (tmp_path / 'mine' / '.venv' / 'dear.txt').exists()
    )
    monkeypatch.chdir(folder)
    assert installer.place(None, folder.resolve()) == Path.home() / 'whole-game'
    monkeypatch.chdir(tmp_path)
    assert (
        installer.place(None, folder.resolve()) == tmp_path.resolve()
        and installer.place('x', folder.resolve()) == tmp_path.resolve() / 'x'
    )


@pytest.mark.skipif(os.name == 'nt', reason='a shell script plays the other Python')
def test_another_python_that_is_here_is_taken(small, tmp_path):
    folder = small(python='3.99')
    (tmp_path / 'bin').mkdir()
    other = tmp_path / 'bin' / 'python3.99'
    other.write_text('#!/bin/sh\ncase "$1" in -c) exit 0;; esac\necho "handed over: $*"; exit 7\n')
    other.chmod(0o755)
    code, said = run_it(
        folder, '--where', 'x', PATH=f'{tmp_path / "bin"}{os.pathsep}{os.environ["PATH"]}'
    )
    assert (code, said.strip()) == (7, f'handed over: {folder.resolve() / "install.py"} --where x')


def test_any_python_of_these_days_reads_it():
    """No syntax younger than Python 3.6 and nothing but the standard library, so that an old one
    says which it needs."""
    source = Path(installer.__file__).read_text(encoding='utf-8')
    tree = ast.parse(source, feature_version=(3, 6))
    assert {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    } | {
        node.module.partition('.')[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
    } <= set(sys.stdlib_module_names)
    assert source.isascii(), 'a console of long ago shows letters only'
    with pytest.raises(SyntaxError):
        ast.parse('(a := 1)', feature_version=(3, 6))


def test_on_windows_paths_and_programs_are_windows_own():
    from pathlib import PureWindowsPath

    venv, wheels = PureWindowsPath('C:/my course/.venv'), PureWindowsPath('D:/kit/wheels')
    assert str(
        installer.in_venv(venv, 'python', True)
    ) == r'C:\my course\.venv\Scripts\python.exe' and installer.in_venv(
        Path('v'), 'python', False
    ) == Path('v/bin/python')
    assert installer.program('3.11', True) == ['py', '-3.11'] and installer.program(
        '3.11', False
    ) == ['python3.11']
    for uv in ('uv.exe', ''):
        make, fill = installer.commands(
            uv,
            wheels,
            venv,
            'whole-game[lessons]==9.9',
            True,
            PureWindowsPath('C:/my course/.kit-work'),
        )
        assert (
            str(venv) in make
            and r'D:\kit\wheels' in fill
            and '--no-index' in fill
            and r'C:\my course\.venv\Scripts\python.exe' in fill
        )
    assert installer.quoted(venv.parent) == r'"C:\my course"'


@pytest.mark.parametrize(
    'machine, bits, known',
    [
        ('AMD64', 2**63 - 1, 'x86_64'),
        ('aarch64', 2**63 - 1, 'arm64'),
        ('arm64', 2**63 - 1, 'arm64'),
        ('AMD64', 2**31 - 1, 'x86_64, 32 bits'),
    ],
)
def test_processors_have_many_names(monkeypatch, machine, bits, known):
    monkeypatch.setattr(installer.platform, 'machine', lambda: machine)
    monkeypatch.setattr(installer.sys, 'maxsize', bits)
    assert installer.this_machine() == known


# --- install.py installs


def test_from_nothing_to_the_lessons_and_once_more(small, tmp_path):
    folder, room = small(), tmp_path / 'a room'
    (tmp_path / 'pip.conf').write_text('[install]\nno-deps = nonsense\n')
    env = {
        'PIP_INDEX_URL': 'http://127.0.0.1:9',
        'PIP_CONFIG_FILE': str(tmp_path / 'pip.conf'),
        'UV_INDEX_URL': 'http://127.0.0.1:9',
        'HOME': str(tmp_path),
        'USERPROFILE': str(tmp_path),
    }
    code, said = run_it(folder, '--where', room, **env)
    assert (
        code == 0
        and 'the doctor looked' in said
        and f'cd "{room}"' in said
        and 'jupyter lab' in said
    )
    assert (
        (room / 'learner' / 'pictures' / 'a.txt').exists()
        and not (room / '.kit-work').exists()
        and installer.in_venv(room / '.venv', 'whole-game', os.name == 'nt').exists()
    )
    (room / 'learner' / '00_start_here.ipynb').write_text('my work')
    (room / 'learner' / 'pictures' / 'a.txt').unlink()
    code, said = run_it(folder, '--where', room, **env)
    assert code == 0 and 'installed already' in said and '1 of your files' in said
    assert (room / 'learner' / '00_start_here.ipynb').read_text() == 'my work' and (
        room / 'learner' / 'pictures' / 'a.txt'
    ).exists()
    # another kit, or an installation that broke off: made again
    small(doctor=1)
    code, said = run_it(folder, '--where', room, **env)
    assert code == 1 and 'installed already' not in said and 'the doctor looked' in said


def test_an_installation_that_broke_off_is_begun_again(small, tmp_path, monkeypatch, capsys):
    folder, room = small(), tmp_path / 'room'
    room.mkdir()
    known = installer.facts(folder)
    monkeypatch.setattr(
        installer,
        'commands',
        lambda *args: [[sys.executable, '-c', 'import sys; sys.exit(3)', 'x']],
    )
    with pytest.raises(installer.Sorry, match='did not work'):
        installer.install(known, known['platforms'][0], folder, room, 'stamp')
    assert (
        json.loads((room / '.venv' / 'kit.json').read_text()) == {'kit': 'stamp', 'done': False}
        and not (room / '.kit-work').exists()
    )
    (room / '.venv' / 'half').write_text('')
    monkeypatch.setattr(installer, 'commands', lambda *args: [[sys.executable, '-c', '']])
    installer.install(known, known['platforms'][0], folder, room, 'stamp')
    assert (
        json.loads((room / '.venv' / 'kit.json').read_text())['done']
        and not (room / '.venv' / 'half').exists()
    )


def test_settings_that_lead_elsewhere_are_left_behind(monkeypatch):
    for name in (
        'PIP_INDEX_URL',
        'PIP_REQUIRE_VIRTUALENV',
        'UV_INDEX_URL',
        'UV_PYTHON',
        'VIRTUAL_ENV',
        'KEPT',
    ):
        monkeypatch.setenv(name, 'x')
    assert [name for name, value in installer.clean().items() if value == 'x'] == [
        'KEPT'
    ] and installer.clean()['PIP_CONFIG_FILE'] == os.devnull


@pytest.mark.skipif(os.name == 'nt', reason='a shell script plays uv')
def test_uv_comes_out_of_its_package_when_it_runs_here(tmp_path):
    script = '#!/bin/sh\nexit {}\n'
    packed = wheel(
        tmp_path / 'w',
        'uv',
        files={
            'uv-1.0.data/scripts/uv': script.format(0),
            'uv-1.0.data/scripts/uvx': 'x',
            'uv/uv': 'not it',
        },
    )
    assert installer.uv_from(tmp_path / 'w', tmp_path / 'to') == str(tmp_path / 'to' / 'uv')
    packed.unlink()
    assert installer.uv_from(tmp_path / 'w', tmp_path / 'to') == ''
    wheel(tmp_path / 'w', 'uv', files={'uv-1.0.data/scripts/uv': script.format(1)})
    assert installer.uv_from(tmp_path / 'w', tmp_path / 'to') == '', 'it does not run here'


# --- platforms


def test_targets():
    assert targets() == [HERE]
    assert [(t.system, t.python) for t in targets('macos, windows-3.12')[1:]] == [
        ('macos', HERE.python),
        ('windows', '3.12'),
    ]
    assert [t.folder for t in (HERE, Target('macos', HERE.python), Target('windows', '3.99'))] == [
        'wheels',
        'wheels-macos',
        'wheels-windows-3.99',
    ]
    if (HERE.system, HERE.machine) == ('linux', 'x86_64'):
        assert targets('linux') == [HERE] and len(targets('linux-3.99')) == 2
    for wrong in ('amiga', 'windows-2', 'windows-3.12.1', 'macos3.12'):
        with pytest.raises(Complaint, match='is no platform'):
            targets(wrong)


@pytest.mark.parametrize(
    'system, uv, pip',
    [
        ('linux', 'x86_64-manylinux_2_28', 'manylinux_2_17_x86_64'),
        ('macos', 'aarch64-apple-darwin', 'macosx_14_0_arm64'),
        ('windows', 'x86_64-pc-windows-msvc', 'win_amd64'),
    ],
)
def test_command_lines_for_other_systems(system, uv, pip):
    one = Target(system, '3.12')
    command = kit.resolve_command(['uv'], one, '', 'c.txt')
    assert (
        command[:4] == ['uv', 'pip', 'compile', '-']
        and command[command.index('--python-platform') + 1] == uv
        and command[command.index('--python-version') + 1].startswith('3.12.')
    )
    assert ('--torch-backend' in kit.resolve_command(['uv'], one, 'cpu', 'c.txt')) == (
        system == 'linux'
    )
    command = kit.fetch_command(one, ['a==1'], Path('to'), Path('cache'))
    assert (
        'download' in command
        and '--only-binary=:all:' in command
        and '--no-deps' in command
        and f'--platform={pip}' in command
        and command[command.index('--python-version') + 1] == '3.12'
        and command[-1] == 'a==1'
    )


def test_command_lines_for_this_one():
    assert '--python-platform' not in kit.resolve_command(['uv'], HERE, '', 'c.txt')
    command = kit.fetch_command(HERE, ['a==1'], Path('to'), Path('cache'))
    assert 'wheel' in command and '--only-binary=:all:' not in command, (
        'what exists only as source is built here'
    )
    command = kit.fetch_command(
        HERE, ['torch==1+cpu'], Path('to'), Path('cache'), install.CPU_INDEX
    )
    assert 'download' in command and command[command.index('--index-url') + 1] == install.CPU_INDEX


def test_uv_and_pip_know_the_options():
    uv = install.find_uv(Path(sys.prefix))
    if not uv:
        pytest.skip('uv is not here')
    said = lambda *command: (
        subprocess.run([*map(str, command), '--help'], capture_output=True, text=True).stdout
    )
    compiled, venv, installed = (
        said(*uv, *words) for words in (['pip', 'compile'], ['venv'], ['pip', 'install'])
    )
    for command, text in [
        (kit.resolve_command(['uv'], Target('linux', '3.12'), 'cpu', 'c'), compiled),
        (kit.resolve_command(['uv'], HERE, '', 'c'), compiled),
        (['--offline', '--no-index', '--find-links'], compiled),
    ]:
        for word in command:
            assert not word.startswith('--') or word in text, word
    assert all(one[1] in compiled for one in kit.PLATFORMS.values())
    for command, text in zip(
        installer.commands('uv', Path('w'), Path('v'), 'x', False, Path('k')), (venv, installed)
    ):
        for word in command:
            assert not word.startswith('--') or word in text, word
    fetching = said(*kit.pip(), 'download') + said(*kit.pip(), 'wheel')
    for word in [
        *kit.fetch_command(Target('macos', '3.12'), [], Path('t'), Path('c'), 'i'),
        *kit.fetch_command(HERE, [], Path('t'), Path('c')),
    ]:
        assert not word.startswith('--') or word.partition('=')[0] in fetching, word


def test_wheels_that_fit(tmp_path):
    for tag in (
        'cp312-cp312-win_amd64',
        'cp312-cp312-macosx_11_0_arm64',
        'cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64',
    ):
        wheel(tmp_path, 'torch', '2.0', tag)
    for name, version, tag in [
        ('torch', '1.0', 'py3-none-any'),
        ('Pure_Thing', '1.0', 'py2.py3-none-any'),
        ('old', '1.0', 'cp311-cp311-win_amd64'),
        ('stable', '1.0', 'cp39-abi3-win_amd64'),
        ('new', '1.0', 'cp312-cp312-manylinux_2_39_x86_64'),
    ]:
        wheel(tmp_path, name, version, tag)
    pins = {'torch': '2.0', 'pure-thing': '1.0', 'old': '1.0', 'stable': '1.0', 'new': '1.0'}
    got = {
        system: {
            name: path.name.split('-')[-1]
            for name, path in kit.fitting(pins, Target(system, '3.12'), tmp_path).items()
        }
        for system in kit.PLATFORMS
    }
    assert got == {
        'windows': {'torch': 'win_amd64.whl', 'pure-thing': 'any.whl', 'stable': 'win_amd64.whl'},
        'macos': {'torch': 'macosx_11_0_arm64.whl', 'pure-thing': 'any.whl'},
        'linux': {
            'torch': 'manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
            'pure-thing': 'any.whl',
        },
    }


class Index:
    "An index whose packages are made when pip's command asks for them; `lacks` has no wheel there."

    def __init__(self, lacks=()):
        self.asked, self.lacks = [], lacks

    def __call__(self, command, what, **kw):
        words = [str(word) for word in command]
        wanted = [word for word in words if '==' in word]
        self.asked += wanted
        gone = next((word for word in wanted if word.split('==')[0] in self.lacks), None)
        if gone:
            raise Complaint(f'{what} failed:\nERROR: No matching distribution found for {gone}')
        to = Path(words[words.index('--dest' if '--dest' in words else '--wheel-dir') + 1])
        for word in wanted:
            wheel(to, *word.split('=='))
        return ''


def test_fetching_only_what_is_not_there(tmp_path, monkeypatch):
    index = Index()
    monkeypatch.setattr(wheels, 'call', index)
    have, absent = kit.fetch(HERE, {'a': '1.0', 'b': '1.0'}, tmp_path)
    assert (
        set(have) == {'a', 'b'}
        and not absent
        and sorted(index.asked) == ['a==1.0', 'b==1.0']
        and not list(tmp_path.glob('.new*'))
    )
    have, absent = kit.fetch(HERE, {'a': '1.0', 'b': '2.0'}, tmp_path)
    assert index.asked[2:] == ['b==2.0'] and have['b'].name.startswith('b-2.0')


def test_packages_without_a_wheel_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr(wheels, 'call', Index(lacks=('b', 'd')))
    have, absent = kit.fetch(Target('windows', '3.12'), dict.fromkeys('abcdefg', '1.0'), tmp_path)
    assert absent == ['b', 'd'] and set(have) == set('acefg')
    # here, no kit comes of it
    with pytest.raises(Complaint, match='No matching'):
        kit.fetch(HERE, {'b': '1.0'}, tmp_path)
    monkeypatch.setattr(wheels, 'call', lambda *args: '')
    with pytest.raises(Complaint, match='No wheel came for z'):
        kit.fetch(HERE, {'z': '1.0'}, tmp_path)


def test_least_python_and_room(tmp_path):
    paths = [
        wheel(tmp_path, 'a', python='>=3.8,!=3.9.*'),
        wheel(tmp_path, 'b', python='>=3.11.5', files={'big': 'x' * 2_000_000}),
    ]
    assert (
        kit.least(paths, '3.11') == '3.11.5'
        and kit.least(paths, '3.12') == '3.12.0'
        and kit.installed_mb(paths) == 302
    )


def test_without_uv(tmp_path, monkeypatch):
    monkeypatch.setattr(kit, 'CACHE', tmp_path)
    report = {
        'install': [
            {'metadata': {'name': name, 'version': '1.0'}}
            for name in ('Some_Thing', 'whole-game', 'uv')
        ]
    }
    monkeypatch.setattr(wheels, 'call', lambda command, what, **kw: json.dumps(report))
    assert kit.resolve(HERE, tmp_path / 'whole_game-9.9-py3-none-any.whl', uv=[]) == {
        'some-thing': '1.0',
        'uv': '1.0',
    }
    held = (tmp_path / 'constraints.txt').read_text().lower().replace('_', '-')
    assert 'numpy==' in held and 'whole-game' not in held and '+' not in held
    with pytest.raises(Complaint, match='uv'):
        kit.resolve(Target('macos', '3.12'), tmp_path / 'x.whl', uv=[])
    with pytest.raises(Complaint, match='uv'):
        kit.resolve(HERE, tmp_path / 'x.whl', 'cpu', uv=[])


# --- checksums that are remembered


def test_a_wheel_that_changed_in_the_cache_is_dropped(tmp_path):
    path, other, sums = wheel(tmp_path, 'a'), wheel(tmp_path, 'b'), kit.Sums(tmp_path)
    first = [sums(path), sums(other)]
    sums.keep()
    os.utime(other, (1, 1))
    assert kit.Sums(tmp_path).drop_changed() == [] and first == [
        installer.sha256(path),
        installer.sha256(other),
    ]
    path.write_bytes(path.read_bytes() + b'x')
    assert kit.Sums(tmp_path).drop_changed() == [path.name] and not path.exists() and other.exists()


def test_a_checksum_is_computed_once(tmp_path, monkeypatch):
    path, sums = wheel(tmp_path, 'a'), kit.Sums(tmp_path)
    first = sums(path)
    sums.keep()
    monkeypatch.setattr(installer, 'sha256', lambda path: 'again')
    assert kit.Sums(tmp_path)(path) == first
    os.utime(path, (1, 1))
    assert kit.Sums(tmp_path)(path) == 'again'


# --- making it


@pytest.fixture
def workshop(tmp_path, monkeypatch):
    """`kit.make` with small parts: a lesson, a book, slides, a data set and two packages. `.steps`
    can be made to fail."""
    self = SimpleNamespace(
        kit=tmp_path / 'kit', pins={'a': '1.0', 'b': '1.0'}, fails='', asked_alone=[]
    )

    def step(name, do):
        def run(*args, **kw):
            if self.fails == name:
                raise KeyboardInterrupt
            return do(*args, **kw)

        return run

    def text(path, words):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(words)

    monkeypatch.setattr(kit, 'CACHE', tmp_path / 'cache')
    monkeypatch.setattr(
        kit,
        'lay_lessons',
        step(
            'lessons',
            lambda folder: [
                text(folder / 'learner' / '00_start_here.ipynb', 'x'),
                text(folder / 'instructor' / 'key', 'y'),
            ],
        ),
    )

    def tool(module, what):
        text(tmp_path / module / 'index.html', module)
        return tmp_path / module

    monkeypatch.setattr(kit, 'made', step('book', tool))
    monkeypatch.setattr(
        kit,
        'lay_data',
        step(
            'data',
            lambda folder: text(folder / 'archive.tar.gz', 'z') or ['one set is not in the kit'],
        ),
    )
    monkeypatch.setattr(wheels, 'build_wheel', lambda: course_wheel(tmp_path / 'built'))
    monkeypatch.setattr(kit, 'resolve', step('resolve', lambda *args: self.pins))
    monkeypatch.setattr(wheels, 'call', step('fetch', Index()))
    monkeypatch.setattr(kit, 'closed', lambda target, *args: self.asked_alone.append(target))
    monkeypatch.setattr(kit, 'lay', step('lay', kit.lay))
    monkeypatch.setattr(kit.shutil, 'rmtree', step('rmtree', shutil.rmtree))
    self.make = lambda **kw: kit.make(kit=self.kit, **kw)
    return self


def test_a_kit_is_made_and_made_again(workshop, capsys):
    workshop.make()
    said, folder = capsys.readouterr().out, workshop.kit
    assert {path.name for path in folder.iterdir()} == {
        'INSTALL.txt',
        'LICENSE',
        'MANIFEST.sha256',
        'book',
        'data',
        'install.py',
        'instructor',
        'kit.json',
        'learner',
        'slides',
        'wheels',
    }
    assert (
        'in all' in said
        and 'wheels/' in said
        and 'one set is not in the kit' in said
        and run_it(folder, '--check')[0] == 0
    )
    before = {path.name: path.stat().st_mtime_ns for path in (folder / 'wheels').iterdir()}
    assert set(before) == {
        'a-1.0-py3-none-any.whl',
        'b-1.0-py3-none-any.whl',
        'whole_game-9.9-py3-none-any.whl',
    } and (folder / 'wheels' / 'a-1.0-py3-none-any.whl').samefile(
        kit.CACHE / 'a-1.0-py3-none-any.whl'
    )
    workshop.pins = {'a': '1.0', 'b': '2.0'}
    for stale in (
        'wheels/c-1.0-py3-none-any.whl',
        'wheels-macos/x.whl',
        'book/old.html',
        'data/old.zip',
        'old.txt',
    ):
        (folder / stale).parent.mkdir(exist_ok=True)
        (folder / stale).write_text('old')
    workshop.make()
    assert {path.name for path in (folder / 'wheels').iterdir()} == {
        'a-1.0-py3-none-any.whl',
        'b-2.0-py3-none-any.whl',
        'whole_game-9.9-py3-none-any.whl',
    }
    assert (folder / 'wheels' / 'a-1.0-py3-none-any.whl').stat().st_mtime_ns == before[
        'a-1.0-py3-none-any.whl'
    ]
    assert (
        not [name for name in installer.files(folder, folder) if 'old' in name or 'macos' in name]
        and run_it(folder, '--check')[0] == 0
    )


@pytest.mark.parametrize('step', ['rmtree', 'lessons', 'book', 'data', 'resolve', 'fetch', 'lay'])
def test_an_interrupted_kit_does_not_look_whole(workshop, step):
    workshop.make()
    workshop.fails, workshop.pins = step, {'a': '1.0', 'b': '3.0'}
    with pytest.raises(KeyboardInterrupt):
        workshop.make()
    assert not (workshop.kit / installer.MANIFEST).exists()
    shutil.copy(installer.__file__, workshop.kit / 'install.py')
    (workshop.kit / installer.FACTS).write_text('{}')
    assert 'is not whole' in refuses(workshop.kit, '--check')
    workshop.fails = ''
    workshop.make()
    assert run_it(workshop.kit, '--check')[0] == 0


def test_other_platforms_are_marked_as_not_run(workshop):
    other = 'windows' if HERE.system != 'windows' else 'linux'
    workshop.make(asked=f'{other}-3.99', without=['book', 'slides'])
    text, known = (workshop.kit / 'INSTALL.txt').read_text(), installer.facts(workshop.kit)
    assert (
        [one['here'] for one in known['platforms']] == [True, False]
        and workshop.asked_alone == targets(f'{other}-3.99')
        and (workshop.kit / f'wheels-{other}-3.99').is_dir()
    )
    lines = text.partition('PACKAGES ARE HERE FOR')[2].strip().splitlines()
    assert (
        'this is where the kit was made' in lines[0]
        and lines[1].endswith('Python 3.99: resolved, not run')
        and not (workshop.kit / 'book').exists()
        and 'instructors.html' not in text
    )
    assert 'whole-game mirror data --host 0.0.0.0' in text and '--check' in text


def test_a_platform_that_lacks_packages_is_told(workshop, monkeypatch, capsys):
    monkeypatch.setattr(wheels, 'call', Index(lacks=('b',)))
    wheel(kit.CACHE, 'b', tag='cp399-cp399-win_amd64')
    if HERE.system == 'windows':
        pytest.skip('written for a kit that is made elsewhere')
    workshop.pins = {'a': '1.0'}
    targets_seen = []
    monkeypatch.setattr(
        kit,
        'resolve',
        lambda target, *args: (
            targets_seen.append(target)
            or ({'a': '1.0'} if target.here else {'a': '1.0', 'b': '1.0'})
        ),
    )
    workshop.make(asked='windows-3.98')
    assert (
        'no wheel exists for b' in capsys.readouterr().out
        and 'NOT complete, no wheel exists for: b' in (workshop.kit / 'INSTALL.txt').read_text()
    )


def test_a_colleague_tool_that_is_not_there():
    with pytest.raises(Complaint, match='Leave it out with --without no_such_tool'):
        kit.made('no_such_tool', 'the book')


def test_the_small_torch_needs_its_own_index(workshop, monkeypatch):
    def gone(*args):
        raise Complaint('it could not be had')

    monkeypatch.setattr(kit, 'resolve', gone)
    monkeypatch.setattr(kit, 'reachable', lambda address: False)
    with pytest.raises(Complaint, match=install.CPU_INDEX):
        workshop.make(torch='cpu')
    with pytest.raises(Complaint, match='it could not be had'):
        workshop.make()
    monkeypatch.setattr(kit, 'reachable', lambda address: True)
    with pytest.raises(Complaint, match='it could not be had'):
        workshop.make(torch='cpu')
    assert kit.reachable and not (workshop.kit / installer.MANIFEST).exists()


def test_a_folder_of_wheels_is_asked_alone(tmp_path):
    if not install.find_uv(Path(sys.prefix)):
        pytest.skip('uv is not here')
    wheel(tmp_path, 'part')
    wheel(
        tmp_path,
        'whole_game',
        '9.9',
        extras='Provides-Extra: lessons\nRequires-Dist: part; extra == "lessons"\n',
    )
    kit.closed(Target('windows', '3.12'), tmp_path, '9.9')
    (tmp_path / 'part-1.0-py3-none-any.whl').unlink()
    with pytest.raises(Complaint, match='part'):
        kit.closed(Target('windows', '3.12'), tmp_path, '9.9')


def test_data_for_the_kit(tmp_path, monkeypatch):
    from whole_game import data

    monkeypatch.setenv('WHOLE_GAME_CACHE', str(tmp_path / 'cache'))
    monkeypatch.setenv('WHOLE_GAME_MIRROR', str(tmp_path / 'mirror'))
    monkeypatch.setattr(kit, 'local_sets', lambda: ['names'])

    def nothing(*args):
        raise data._Refused('nobody answers')

    with monkeypatch.context() as without_a_network:
        without_a_network.setattr(data, '_archive', nothing)
        told = kit.lay_data(tmp_path / 'data')
    assert (
        len(told) == 1
        and 'sign_language_digits is not in the kit (no lesson needs it)' in told[0]
        and 'nobody answers' in told[0]
    )
    assert installer.files(tmp_path / 'data', tmp_path / 'data') == [
        'README.txt',
        'prepared/names-v1.zip',
    ] and 'Faker' in (tmp_path / 'data' / 'README.txt').read_text(encoding='utf-8')
    real = ROOT.parent / 'shared' / 'mirror'
    if not (real / 'sign_language_digits.tar.gz').exists():
        pytest.skip('the mirror folder with the real photographs is not here')
    monkeypatch.setenv('WHOLE_GAME_MIRROR', str(real))
    assert (
        kit.lay_data(tmp_path / 'data') == []
        and (tmp_path / 'data' / 'sign_language_digits.tar.gz').stat().st_mode & 0o200
    )


def test_lessons_for_learners_and_for_instructors(tmp_path):
    kit.lay_lessons(tmp_path)
    assert {'00_start_here.ipynb', f'{kit.LESSON}.ipynb'} <= {
        path.name for path in (tmp_path / 'learner').iterdir()
    } & {path.name for path in (tmp_path / 'instructor' / 'solutions').iterdir()}
    tags = lambda folder: {
        tag
        for path in folder.glob('*.ipynb')
        for cell in nbformat.read(path, 4).cells
        for tag in cell.metadata.get('tags', [])
    }
    assert 'solution' in tags(tmp_path / 'instructor' / 'solutions') and not {
        'solution',
        'instructor',
    } & tags(tmp_path / 'learner')
    assert [path.parent.name for path in tmp_path.rglob('AGENTS.md')] == ['learner']
    page = (tmp_path / 'instructor' / 'instructors.md').read_text(encoding='utf-8')
    assert '](../' not in page and f'](solutions/{kit.LESSON}.ipynb)' in page


# --- the proof can fail


def test_a_lesson_that_did_not_run_to_its_end_is_no_proof():
    cell = lambda count, outputs=(), tags=(): nbformat.v4.new_code_cell(
        '1 + 1', execution_count=count, outputs=list(outputs), metadata={'tags': list(tags)}
    )
    error = nbformat.v4.new_output('error', ename='ValueError', evalue='no', traceback=[])
    assert (
        kit.unrun(nbformat.v4.new_notebook(cells=[cell(1), cell(2, [error], ['raises-exception'])]))
        == []
    )
    assert kit.unrun(nbformat.v4.new_notebook(cells=[cell(1), cell(None)])) == [
        'cell 2 did not run: 1 + 1'
    ]
    assert kit.unrun(nbformat.v4.new_notebook(cells=[cell(1, [error])])) == [
        'cell 1 ended in ValueError: no'
    ]
    assert kit.unrun(nbformat.v4.new_notebook()) == ['it has no code cell']


def test_a_lesson_below_its_floor_is_no_proof():
    section = {'floors': {'accuracy': 0.9, 'charts': 0.8}}
    assert kit.floors_missed({'metrics': {'accuracy': 0.95}}, section) == []
    assert kit.floors_missed({'metrics': {'accuracy': 0.85}}, section) == [
        'accuracy is 0.85; the floor is 0.9'
    ]
    assert kit.floors_missed(
        {'metrics': {'accuracy': float('nan')}}, section
    ) and kit.floors_missed({}, section) == ['accuracy was never recorded']


def test_the_proof_knows_nothing_of_this_machine(tmp_path, monkeypatch):
    for name in (
        'PIP_INDEX_URL',
        'UV_CACHE_DIR',
        'PYTHONPATH',
        'VIRTUAL_ENV',
        'WHOLE_GAME_CACHE',
        'WHOLE_GAME_MIRROR',
        'XDG_CACHE_HOME',
        'http_proxy',
    ):
        monkeypatch.setenv(name, 'x')
    env = kit.bare(tmp_path)
    assert (
        env['PIP_NO_INDEX'] == '1'
        and 'x' not in env.values()
        and all(
            env[name].startswith(str(tmp_path))
            for name in ('HOME', 'USERPROFILE', 'TMPDIR', 'WHOLE_GAME_RECORD')
        )
    )


def test_modules_from_elsewhere_are_seen():
    found = json.loads(
        subprocess.run(
            [sys.executable, '-c', kit.OWN.replace('fastai, torch, ', '')],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    )
    assert found == [str(ROOT / 'whole_game' / '__init__.py')], (
        'here the package is used from its folder, and that must show'
    )


def test_a_kit_that_does_not_install_is_no_proof(small, tmp_path):
    folder = small(installed_mb=10**9)
    with pytest.raises(Complaint, match=r'install.py ended with exit status 1'):
        kit.prove(folder, tmp_path / 'proof')
    assert (
        not (tmp_path / 'proof').exists()
        and (folder / 'wheels' / 'whole_game-9.9-py3-none-any.whl').exists()
    )
