"""The wheel, in an environment of its own: built from this folder, installed as a learner's would
be, and shown to work away from here."""

import hashlib
import json
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

from course import install
from course.common import BUILD, ROOT, Complaint, say

ENV = BUILD / 'wheel-env'
EXTRAS = 'lessons,fields'  # what the lessons use
AWAY = """
import json, sys, whole_game
from pathlib import Path
from importlib.resources import files

where = Path(whole_game.__file__).resolve()
from_wheel = where.is_relative_to(Path(sys.prefix).resolve())
assert from_wheel, f'whole_game is imported from {where}, not from the wheel'
for name in ('lessons.json', 'glossary.json', 'manifest.toml'):
    assert (files('whole_game') / name).is_file(), f'the wheel lacks {name}'
index = (files('whole_game') / 'lessons.json').read_text(encoding='utf-8')
print(len(json.loads(index)), 'lessons in its index')
"""


def call(command, what, **kw):
    "Run a command quietly; when it fails its words become the complaint."
    done = subprocess.run(
        [str(c) for c in command], cwd=kw.pop('cwd', ROOT), capture_output=True, text=True, **kw
    )
    if done.returncode:
        raise Complaint(f'{what} failed:\n{(done.stdout + done.stderr).strip()[-3000:]}')
    return done.stdout.strip()


def build_wheel():
    "Build the wheel from this folder, nothing left over from an earlier build; return its path."
    for old in (BUILD / 'lib', BUILD / 'wheel'):
        shutil.rmtree(old, ignore_errors=True)
    call(
        [sys.executable, '-m', 'build', '--wheel', '--no-isolation', '--outdir', BUILD / 'wheel'],
        'Building the wheel',
    )
    return next((BUILD / 'wheel').glob('*.whl'))


def make_env(wheel):
    """Install the wheel in an environment of its own, with the versions this one has; a later run
    exchanges only the wheel.

    With uv that is a full installation from the wheel's own list of dependencies. Without uv, or
    when that cannot be had offline, the wheel alone is installed and its dependencies are shared
    with this environment.
    """
    py, uv = install.python_in(ENV), install.find_uv(Path(sys.prefix))
    pins = sorted(
        f'{dist.name}=={dist.version}'
        for dist in metadata.distributions()
        if dist.name and dist.name.lower() != 'whole-game'
    )
    project = tomllib.loads((ROOT / 'pyproject.toml').read_text(encoding='utf-8'))['project']
    key = hashlib.sha256(
        json.dumps(
            [EXTRAS, pins, project['dependencies'], project['optional-dependencies'], sys.version]
        ).encode()
    ).hexdigest()
    stamp = ENV / 'made.json'
    if _noted(stamp).get('key') != key:
        how = _own(uv, py, wheel, pins) if uv else ''
        if not how:
            shutil.rmtree(ENV, ignore_errors=True)
            call(
                [sys.executable, '-m', 'venv', *([] if not uv else ['--without-pip']), ENV],
                'Making build/wheel-env',
            )
            how = "its dependencies shared with the course's environment"
        stamp.write_text(json.dumps({'key': key, 'how': how}))
    how = _noted(stamp)['how']
    site = Path(
        call(
            [py, '-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'],
            'Looking into build/wheel-env',
        )
    )
    here = Path(
        call(
            [sys.executable, '-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'],
            'Looking into this environment',
        )
    )
    # a path only: the editable whole_game there is not seen
    if 'shared' in how:
        (site / 'dependencies.pth').write_text(f'{here}\n')
    if uv:
        call(
            [
                *uv,
                'pip',
                'install',
                '--quiet',
                '--offline',
                '--no-deps',
                '--reinstall',
                '--python',
                py,
                wheel,
            ],
            'Installing the wheel',
        )
    else:
        call(
            [
                py,
                '-m',
                'pip',
                'install',
                '--quiet',
                '--no-index',
                '--no-deps',
                '--force-reinstall',
                wheel,
            ],
            'Installing the wheel',
        )
    return py, how


def _noted(stamp):
    "What a stamp says; nothing when it is not there, or half of one."
    try:
        return json.loads(stamp.read_text())
    except (OSError, ValueError):
        return {}


def _own(uv, py, wheel, pins):
    """Install wheel[lessons,fields], nbval and pytest with uv, from the network or its cache; how,
    in words, or nothing when it cannot be had."""
    pinned = BUILD / 'constraints.txt'
    pinned.write_text('\n'.join(pins) + '\n')
    cpu = (
        ['--torch-backend', 'cpu']
        if any(pin.startswith('torch==') and pin.endswith('+cpu') for pin in pins)
        else []
    )
    for more in (['--offline'], []):
        try:
            shutil.rmtree(ENV, ignore_errors=True)
            call(
                [*uv, 'venv', '--quiet', '--python', sys.executable, ENV], 'Making build/wheel-env'
            )
            call(
                [
                    *uv,
                    'pip',
                    'install',
                    '--quiet',
                    '--compile-bytecode',
                    *more,
                    *cpu,
                    '--python',
                    py,
                    '-c',
                    pinned,
                    f'whole-game[{EXTRAS}] @ {wheel.as_uri()}',
                    'nbval',
                    'pytest',
                ],
                'Installing the wheel',
            )
            return 'its dependencies installed from its own list'
        except Complaint as complaint:
            last = complaint
    say(f'  (uv could not install them anew: {str(last).splitlines()[-1][:120]})')
    return ''


def away(py, env, scratch):
    "Use the installed wheel from a folder that is not the project; return what it said."
    command = py.with_name('whole-game' + py.suffix)
    version = call([command, '--version'], 'whole-game --version', cwd=scratch, env=env)
    listed = call([command, 'data', 'list'], 'whole-game data list', cwd=scratch, env=env)
    if 'paintings' not in listed:
        raise Complaint(
            'The wheel\'s `whole-game data list` does not list the paintings:\n' + listed
        )
    return (
        f'{version};'
        f' {call([py, "-c", AWAY], "Using the wheel outside the project", cwd=scratch, env=env)};'
        ' `whole-game data list` works'
    )
