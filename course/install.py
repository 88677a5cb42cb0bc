"""Make the course's own environment, .venv, and install what is asked for: `python3
course/install.py --extras lessons`.

Needs nothing but Python: the standard library alone, written so that an old Python 3 can read it
and say that it is too old. uv does the work when it can be had (on the search path, or from the
package index into .venv), plain pip otherwise. A stamp in .venv says what is installed, so a second
call is done at once and needs no network.
"""

from __future__ import print_function

import sys

NEEDS, NAMES = (3, 11), ('python3.14', 'python3.13', 'python3.12', 'python3.11')

if sys.version_info < NEEDS:  # look for a newer one by name, and hand over to it
    import os
    import subprocess

    for name in NAMES:
        try:
            found = (
                subprocess.call(
                    [name, '-c', 'pass'], stdout=open(os.devnull, 'w'), stderr=subprocess.STDOUT
                )
                == 0
            )
        except OSError:
            found = False
        if found:
            sys.exit(subprocess.call([name] + sys.argv))
    print(
        'This course needs Python %d.%d or newer, and this is %d.%d.'
        % (NEEDS + tuple(sys.version_info[:2]))
    )
    print(
        'What to do now: install a newer Python from https://www.python.org/downloads/ (macOS: brew'
        ' install python,'
    )
    print(
        'Debian and Ubuntu: sudo apt install python3.11 python3.11-venv), then type the command'
        ' again.'
    )
    sys.exit(1)

import argparse
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CPU_INDEX = 'https://download.pytorch.org/whl/cpu'  # PyTorch's own, for builds without CUDA


def python_in(venv):
    return venv / ('Scripts/python.exe' if os.name == 'nt' else 'bin/python')


def find_uv(venv):
    """The command that runs uv, as a list: the one on the search path, or the one inside `venv`;
    nothing when there is none."""
    inside = python_in(venv).with_name('uv.exe' if os.name == 'nt' else 'uv')
    for command in ([shutil.which('uv')], [str(inside)]):
        if command[0] and Path(command[0]).exists() and _works([*command, '--version']):
            return command
    return []


def _works(command):
    try:
        return subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        return False


def commands(extras='lessons', torch='', uv=(), venv=ROOT / '.venv', again=False):
    """The commands that install the course with `extras`; `uv` is the command that runs uv (empty:
    pip), `torch` is '' or 'cpu', `again` replaces the PyTorch that is there."""
    parts = ['torch', 'torchvision']
    py, what = str(python_in(venv)), ['-e', '.[' + extras + ']']
    if uv:
        return [
            [
                *uv,
                'pip',
                'install',
                '--compile-bytecode',
                '--python',
                py,
                *(['--torch-backend', torch] if torch else []),
                *([word for part in parts for word in ('--reinstall-package', part)] * again),
                *what,
            ]
        ]
    pip = [py, '-m', 'pip', 'install']
    force = ['--force-reinstall'] if again else []
    return [
        *([[*pip, *force, *parts, '--index-url', CPU_INDEX]] if torch == 'cpu' else []),
        [*pip, *what],
    ]


def venv_commands(uv=(), venv=ROOT / '.venv', python=sys.executable):
    """The commands that make the empty environment; without uv, the second tries to get it there
    and may fail."""
    if uv:
        return [[*uv, 'venv', '--allow-existing', '--python', str(python), str(venv)]]
    return [
        [str(python), '-m', 'venv', str(venv)],
        [str(python_in(venv)), '-m', 'pip', 'install', '--quiet', 'uv'],
    ]


def fingerprint():
    return hashlib.sha256((ROOT / 'pyproject.toml').read_bytes()).hexdigest()


def installed(venv):
    """What the stamp in `venv` says is installed; empty when it is missing, out of date, or its
    Python is gone."""
    try:
        stamp = json.loads((venv / 'whole_game.json').read_text())
    except (OSError, ValueError):
        return {}
    return (
        stamp
        if stamp.get('pyproject') == fingerprint() and _works([str(python_in(venv)), '-c', 'pass'])
        else {}
    )


def sorry(what, do):
    print('\n' + what + '\nWhat to do now: ' + do, flush=True)
    sys.exit(1)


def do(command, what):
    "Run one command where a person can see it; when it fails, say what that means."
    print('$ ' + ' '.join(command), flush=True)
    try:
        code = subprocess.run(command, cwd=ROOT).returncode
    except OSError as wrong:
        print(wrong)
        code = 1
    if code:
        sorry(
            '%s did not work (exit status %d); its own words are above.' % (what, code),
            'check that you are online, that there is room on the disk (about 8 GB; TORCH=cpu needs'
            ' about 2), and that you may write in this folder. Then type the same command again.'
            ' What is already there is kept. To begin afresh, delete the folder .venv first.',
        )


def make_venv(venv):
    "Make the environment and return the command that runs uv (empty when there is none)."
    uv = find_uv(venv)
    if not uv and (
        importlib.util.find_spec('venv') is None or importlib.util.find_spec('ensurepip') is None
    ):
        sorry(
            'This Python cannot make an environment: Debian and Ubuntu keep that part in a package'
            ' of its own.',
            'sudo apt install python3-venv (or python%d.%d-venv), then type the command again.'
            % sys.version_info[:2],
        )
    first, *more = venv_commands(uv, venv)
    do(first, 'Making the environment .venv')
    # uv installs many times faster; plain pip does as well when it cannot be had
    for command in more:
        print('$ ' + ' '.join(command) + '   (faster installs; not needed)', flush=True)
        if not _works(command):
            print('uv could not be had; going on with pip.', flush=True)
    return uv or find_uv(venv)


def main(argv=None):
    parser = argparse.ArgumentParser(description='Make .venv and install the course in it.')
    parser.add_argument(
        '--extras',
        default='lessons',
        help='which extras of pyproject.toml: lessons, or lessons,dev',
    )
    parser.add_argument(
        '--torch',
        default=os.environ.get('TORCH', ''),
        choices=['', 'cpu'],
        help='cpu: the small build of PyTorch without CUDA',
    )
    parser.add_argument('--dry-run', action='store_true', help='print the commands and run none')
    args = parser.parse_args(argv)
    venv, wanted = ROOT / '.venv', set(args.extras.split(','))
    if args.dry_run:
        uv = find_uv(venv)
        for command in venv_commands(uv, venv) + commands(args.extras, args.torch, uv, venv):
            print(' '.join(command))
        return
    have, there = installed(venv), build(venv)
    if wanted <= set(have.get('extras', [])) and args.torch in ('', have['torch']):
        return
    torch = args.torch or have.get('torch', '') or ('cpu' if there == 'cpu' else '')
    another = bool(args.torch and there and there != torch and have.get('torch') != torch)
    if another:
        print('.venv holds another build of PyTorch: exchanging it.', flush=True)
    extras = sorted(wanted | set(have.get('extras', [])))
    print(
        'Installing the course in .venv. The first time, PyTorch is a large download; a second time'
        ' this takes a moment.',
        flush=True,
    )
    uv = find_uv(venv) if usable(venv) else make_venv(venv)
    for command in commands(','.join(extras), torch, uv, venv, again=another):
        do(command, 'Installing')
    stamp = {'pyproject': fingerprint(), 'extras': extras, 'torch': torch}
    aside = venv / 'whole_game.json.part'
    aside.write_text(json.dumps(stamp))
    os.replace(str(aside), str(venv / 'whole_game.json'))


def usable(venv):
    "Whether there is a Python in `venv` and a program that installs; both lack in half a one."
    py = str(python_in(venv))
    return _works([py, '-c', 'pass']) and bool(
        find_uv(venv) or _works([py, '-m', 'pip', '--version'])
    )


def build(venv):
    "The build of PyTorch that is in `venv`: 'cpu', 'other', or '' when none is."
    places = ('lib*/python*/site-packages', 'Lib/site-packages')  # the second on Windows
    found = [p.name for place in places for p in venv.glob(place + '/torch-*.dist-info')]
    return 'cpu' if any('+cpu' in name for name in found) else 'other' if found else ''


if __name__ == '__main__':
    try:
        main()
    except OSError as wrong:
        print('\nA file could not be written: %s' % wrong)
        print('What to do now: free some space, or see that you may write there, and try again.')
        sys.exit(1)
    except KeyboardInterrupt:
        print('\nStopped, as you asked. Type the same command again to go on from here.')
        sys.exit(130)
