"""Install The Whole Game from this kit, without a network: `python3 install.py` (Windows: `py
install.py`).

In the folder where it is run, or the one that --where names, it makes the environment .venv from
the kit's packages and lays the lessons beside it, in learner/. Before it uses a file it compares it
with MANIFEST.sha256. A second run mends what is missing and leaves your work alone. It needs
nothing but Python; any Python 3.6 can read it and say which one it needs.
"""

import argparse
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

KIT = Path(__file__).resolve().parent
MANIFEST, FACTS = 'MANIFEST.sha256', 'kit.json'
SYSTEMS = {'linux': 'Linux', 'macos': 'macOS', 'windows': 'Windows'}


class Sorry(Exception):
    "What a person has to put right: what happened, and what to do now."

    def __init__(self, what, do):
        super().__init__(f'\n{what}\nWhat to do now: {do}')


def say(*words):
    print(*words, flush=True)


# --- the kit and its checksums


def facts(kit):
    "What the kit says about itself: version, extras, platforms."
    try:
        return json.loads((kit / FACTS).read_text(encoding='utf-8'))
    except (OSError, ValueError):
        raise Sorry(
            f'{kit / FACTS} is missing or damaged, so this kit is not whole.',
            'copy the kit again, all of it.',
        ) from None


def manifest(kit):
    "The checksums the kit came with: {path: SHA-256}."
    try:
        lines = (kit / MANIFEST).read_text(encoding='utf-8').splitlines()
    except OSError:
        raise Sorry(
            f'{kit / MANIFEST} is missing. It is written last, so this kit is not whole.',
            'copy the kit again, all of it; who made it runs `make kit` to its end.',
        ) from None
    return {line[66:]: line[:64] for line in lines if line}


def sha256(path):
    "The SHA-256 checksum of a file, as 64 hexadecimal digits."
    total = hashlib.sha256()
    with open(path, 'rb') as f:
        for block in iter(lambda: f.read(1 << 20), b''):
            total.update(block)
    return total.hexdigest()


def files(folder, kit):
    return sorted(
        path.relative_to(kit).as_posix()
        for path in folder.rglob('*')
        if path.is_file() or path.is_symlink()
    )


def wrong(kit, known, parts):
    """What is not as the manifest says in these parts of the kit (its folders or files), one line
    each."""
    asked = lambda name: (
        name != MANIFEST and any((name + '/').startswith(part + '/') for part in parts)
    )
    gone = [name for name in sorted(known) if asked(name) and not (kit / name).is_file()]
    found = [f'{name}: missing' for name in gone]
    for name in filter(asked, files(kit, kit)):
        if name not in known:
            found.append(f'{name}: not part of the kit')
        elif name not in gone and sha256(kit / name) != known[name]:
            found.append(f'{name}: damaged (its SHA-256 is not the one in {MANIFEST})')
    return found


def check(kit, known, parts):
    "Stop unless these parts are what the manifest says."
    found = wrong(kit, known, parts)
    if found:
        told = found[:10] + ['...'] * (len(found) > 10)
        raise Sorry(
            '\n  '.join([f"{len(found)} of the kit's files cannot be used:", *told]),
            'copy the kit again, all of it, into an empty folder. If it stays so, the stick or the'
            ' first copy is damaged.',
        )


# --- this computer


def this_system():
    return 'windows' if os.name == 'nt' else 'macos' if sys.platform == 'darwin' else 'linux'


def this_machine():
    "What kind of processor Python runs on: x86_64, arm64, ..."
    name = platform.machine().lower()
    name = {'amd64': 'x86_64', 'aarch64': 'arm64'}.get(name, name)
    return name if sys.maxsize > 2**32 else f'{name}, 32 bits'


def pythons(packages):
    "Which Pythons these packages are for, in words."
    python, least = packages['python'], packages['least']
    return python if least.endswith('.0') else f'{python} ({least} or a later {python})'


def recent(packages, release):
    return release >= tuple(map(int, packages['least'].split('.')))


def program(version, windows):
    "The command by which a Python of this version usually goes."
    return ['py', f'-{version}'] if windows else [f'python{version}']


def works(command):
    quiet = {'stdout': subprocess.DEVNULL, 'stderr': subprocess.DEVNULL}
    try:
        return subprocess.run(command, **quiet).returncode == 0
    except OSError:
        return False


def chosen(known, system, machine, version):
    """The kit's packages for this computer and Python (None when it has them for another Python
    only), and all it has for this computer."""
    fits = [
        one for one in known['platforms'] if (one['system'], one['machine']) == (system, machine)
    ]
    if not fits:
        has = {f'{SYSTEMS[one["system"]]} ({one["machine"]})' for one in known['platforms']}
        raise Sorry(
            f'This kit has no packages for {SYSTEMS[system]} ({machine}). It has them for:'
            f' {", ".join(sorted(has))}.',
            f'ask who made it for a kit with this system in it (make kit FOR={system}), or install'
            ' over the network.',
        )
    own = next((one for one in fits if one['python'] == version), None)
    if own and own['missing']:
        raise Sorry(
            f'The kit lacks packages for this computer: {", ".join(own["missing"])}. They do not'
            ' exist ready-made.',
            'install over the network, or work with a neighbour.',
        )
    return own, fits


def place(where, kit):
    "The folder for the course: the one named, else the one we are in, but never the kit itself."
    folder = Path(where).expanduser().resolve() if where else Path.cwd()
    if folder == kit or kit in folder.parents:
        if where:
            raise Sorry(
                'The course cannot be installed inside the kit: others want to copy it as it is.',
                'name another folder: --where FOLDER',
            )
        folder = Path.home() / 'whole-game'
    return folder


def room(folder, megabytes):
    "Stop when the disk has less room than this."
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / 1e6
    if free < megabytes:
        raise Sorry(
            f'There is no room: the course needs {megabytes / 1e3:.1f} GB in {folder}, and'
            f' {free / 1e3:.1f} GB are free.',
            'free some space, or name a folder on another disk: --where FOLDER',
        )


# --- the environment


def in_venv(venv, name, windows):
    "The path of a program in an environment."
    return venv / ('Scripts' if windows else 'bin') / (name + ('.exe' if windows else ''))


def clean():
    "The environment variables without those that send pip or uv elsewhere."
    away = ('PIP_', 'UV_', 'VIRTUAL_ENV')
    kept = {key: value for key, value in os.environ.items() if not key.startswith(away)}
    return dict(kept, PIP_CONFIG_FILE=os.devnull)


def uv_from(wheels, to):
    """Take the program uv out of its package; its path, or nothing when it is not there or does not
    run here."""
    for wheel in wheels.glob('uv-*.whl'):
        with zipfile.ZipFile(str(wheel)) as z:
            for name in z.namelist():
                if name.rpartition('/')[2] not in ('uv', 'uv.exe'):
                    continue
                to.mkdir(parents=True, exist_ok=True)
                program = to / name.rpartition('/')[2]
                program.write_bytes(z.read(name))
                program.chmod(0o755)
                if works([str(program), '--version']):
                    return str(program)
    return ''


def commands(uv, wheels, venv, wanted, windows, work):
    "The commands that make the environment and fill it; uv does it in a fraction of the time."
    py = str(in_venv(venv, 'python', windows))
    source = ['--no-index', '--find-links', str(wheels)]
    if not uv:
        fill = [py, '-m', 'pip', 'install', '--quiet', '--isolated', *source, wanted]
        return [[sys.executable, '-m', 'venv', str(venv)], fill]
    alone = ['--quiet', '--no-config', '--offline']
    make = [uv, 'venv', *alone, '--allow-existing', '--python', sys.executable, str(venv)]
    how = ['--cache-dir', str(work / 'cache'), '--compile-bytecode', '--python', py]
    return [make, [uv, 'pip', 'install', *alone, *source, *how, wanted]]


def noted(file):
    "What is in a JSON file; None when there is none, {} when it is half of one."
    try:
        return json.loads(file.read_text())
    except ValueError:
        return {}
    except OSError:
        return None


def install(known, packages, kit, folder, stamp):
    """Make .venv and install the course in it, unless that is done; what was begun and not ended is
    made anew."""
    venv, windows = folder / '.venv', this_system() == 'windows'
    mark = venv / FACTS
    course = in_venv(venv, 'whole-game', windows)
    had = noted(mark)
    if had == {'kit': stamp, 'done': True} and works([str(course), '--version']):
        say('The packages are installed already.')
        return
    if venv.exists() and had is None:
        raise Sorry(
            f'There is an environment in {venv}, and this kit did not make it.',
            'name another folder: --where FOLDER. Or delete that .venv, if you do not need it.',
        )
    if venv.exists():
        shutil.rmtree(str(venv))
    room(folder, packages['installed_mb'])
    wheels, work = kit / packages['folder'], folder / '.kit-work'
    if work.exists():
        shutil.rmtree(str(work))
    venv.mkdir()
    mark.write_text(json.dumps({'kit': stamp, 'done': False}))
    uv = uv_from(wheels, work)
    how = 'uv: a minute or two' if uv else 'pip: several minutes'
    say(f'Installing the packages in {venv} (with {how}) ...')
    wanted = f'whole-game[{known["extras"]}]=={known["version"]}'
    try:
        for n, command in enumerate(commands(uv, wheels, venv, wanted, windows, work)):
            if subprocess.run(command, env=clean()).returncode == 0:
                continue
            what = f'Installing did not work: {" ".join(command[:3])} ...; its own words are above.'
            if n == 0 and not uv:
                what += '\n(On Debian and Ubuntu the package python3-venv may be missing.)'
            raise Sorry(what, 'read them, mend what they name, and type the same command again.')
    finally:
        shutil.rmtree(str(work), ignore_errors=True)
    mark.write_text(json.dumps({'kit': stamp, 'done': True}))


def lay(kit, folder):
    "Copy the lessons to learner/; a file that is there and has changed stays. The names of those."
    kept = []
    for name in files(kit / 'learner', kit):
        target = folder / name
        if target.exists():
            if target.read_bytes() != (kit / name).read_bytes():
                kept.append(name)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_name(f'.{target.name}.part')  # half a lesson would stay for ever
        shutil.copyfile(str(kit / name), str(aside))
        os.replace(str(aside), str(target))
    return kept


# --- all of it


def check_all(kit, sums):
    "Compare everything in the kit with its checksums; a whole part may be left out."
    here = [path.name for path in kit.iterdir()]
    check(kit, sums, here)
    parts = sorted({name.partition('/')[0] for name in sums})
    left_out = ''.join(f' Left out: {name}.' for name in parts if name not in here)
    say(f'Every file is as {MANIFEST} says.{left_out}')


def hand_over(fits, kit, words):
    """Let the Python that the packages are for install them, when it is here under its own name.
    Returns its exit status; complains when it is not here."""
    for one in fits:
        command = program(one['python'], this_system() == 'windows')
        least = tuple(map(int, one['least'].split('.')))
        young = f'import sys; sys.exit(sys.version_info[:3] < {least})'
        if works([*command, '-c', young]):
            return subprocess.run([*command, str(kit / 'install.py'), *words]).returncode
    first = fits[0]['python']
    raise Sorry(
        f'The packages in this kit are for Python {" or ".join(map(pythons, fits))}, and this is'
        f' Python {platform.python_version()}.',
        'install that Python beside it (https://www.python.org/downloads/; macOS: brew install'
        f' python@{first}; Debian and Ubuntu: sudo apt install python{first}-venv), then type the'
        ' command again.',
    )


def main(argv=None, kit=KIT):
    parser = argparse.ArgumentParser(
        prog='install.py', description='Install The Whole Game from this kit, without a network.'
    )
    parser.add_argument('--where', help='the folder to install in (default: the one you are in)')
    parser.add_argument(
        '--check', action='store_true', help='only compare every file of the kit with its checksum'
    )
    args, start = parser.parse_args(argv), time.time()
    known, sums, windows = facts(kit), manifest(kit), this_system() == 'windows'
    if args.check:
        check_all(kit, sums)
        return 0
    version = '{}.{}'.format(*sys.version_info)
    packages, fits = chosen(known, this_system(), this_machine(), version)
    if not packages or not recent(packages, sys.version_info[:3]):
        return hand_over(fits, kit, sys.argv[1:] if argv is None else argv)
    folder = place(args.where, kit)
    say(f'The Whole Game {known["version"]}, from {kit} into {folder}')
    say('Comparing the kit with its checksums ...')
    check(kit, sums, [FACTS, packages['folder'], 'learner', 'data'])
    folder.mkdir(parents=True, exist_ok=True)
    install(known, packages, kit, folder, sha256(kit / MANIFEST))
    kept = lay(kit, folder)
    if kept:
        mine = folder / 'learner'
        say(f"{len(kept)} of your files in {mine} differ from the kit's and stay as they are.")
    course = str(in_venv(folder / '.venv', 'whole-game', windows))
    prepared = [str(path) for path in sorted((kit / 'data' / 'prepared').glob('*.zip'))]
    unpack = [course, 'data', 'unpack', *prepared]
    if prepared and subprocess.run(unpack, stdout=subprocess.DEVNULL).returncode:
        say('Never mind: what is missing, the lessons make when they need it.')
    say('Looking the computer over: whole-game doctor --quick\n')
    code = subprocess.run([course, 'doctor', '--quick']).returncode
    python = in_venv(Path('.venv'), 'python', windows)
    root = hasattr(os, 'geteuid') and os.geteuid() == 0  # for whom Jupyter does not start unasked
    say(
        f'\nInstalled in {time.time() - start:.0f} seconds. To open the lessons, now and every'
        f' other day:\n\n  cd {quoted(folder)}\n  {python} -m jupyter lab'
        f' {Path("learner") / "00_start_here.ipynb"}{" --allow-root" if root else ""}\n'
    )
    return code


def quoted(path):
    return f'"{path}"' if ' ' in str(path) else str(path)


if __name__ == '__main__':
    try:
        sys.exit(main())
    except Sorry as sorry:
        say(sorry)
        sys.exit(1)
    except OSError as problem:
        what = f'A file could not be read or written: {problem}.'
        do = 'see that the stick or folder is still there and that you may write in the folder'
        say(Sorry(what, f'{do} to install in; then type the command again.'))
        sys.exit(1)
    except KeyboardInterrupt:
        say('\nStopped, as you asked. Type the same command again to go on.')
        sys.exit(130)
