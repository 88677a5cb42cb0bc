"""`make kit`: one folder, build/kit/, with which a room needs no network: packages, data, lessons,
book, slides, and install.py.

This file is longer than 400 lines, the only one in course/. Its parts (which packages, fetching
them, laying out, the proof) share the targets and the cache, are used by nothing else, and are read
together when a kit goes wrong.

The packages lie in wheels/ for the system and the Python that make the kit, in the versions that
are installed here, which are those that `make test` tried. `--for macos,windows` adds wheels-NAME/
for others; those are resolved and never run. Wheels are kept in build/wheels/ and linked from
there, so a second kit fetches only what changed. MANIFEST.sha256 is written last: a kit without it
is not whole. `--prove` installs a copy of the kit with the network denied, and plays lesson 1 in
it.
"""

import argparse
import importlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from urllib.request import urlopen

import nbformat
from packaging import tags
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name, parse_wheel_filename
from packaging.version import Version

from course import full_pass, install, learner, offline, wheels
from course import kit_install as installer
from course.common import BUILD, ROOT, Complaint, local_sets, prepare, run, say, settings, short
from whole_game.files import unused

KIT, CACHE, PROOF = BUILD / 'kit', BUILD / 'wheels', BUILD / 'proof'
EXTRAS, LESSON, AT_ONCE = 'lessons,fields', '01_train_a_classifier', 3
LATEST_GLIBC = 28  # the C library that PyTorch's wheels for Linux ask for is 2.28
# the other systems' Python is 3.11.9 or the like, the last with an installer on python.org
LATE = 9
MACOS = 14, 0  # the first macOS that PyTorch's wheels run on
TORCH = {'torch', 'torchvision'}
PLATFORMS = {  # system: (processor, uv's name for it, pip's names for what runs there)
    'linux': (
        'x86_64',
        'x86_64-manylinux_2_28',
        [f'manylinux_2_{n}_x86_64' for n in range(LATEST_GLIBC, 4, -1)]
        + [f'{old}_x86_64' for old in ('manylinux2014', 'manylinux2010', 'manylinux1', 'linux')],
    ),
    'macos': ('arm64', 'aarch64-apple-darwin', list(tags.mac_platforms(MACOS, 'arm64'))),
    'windows': ('x86_64', 'x86_64-pc-windows-msvc', ['win_amd64']),
}


@dataclass(frozen=True)
class Target:
    "A system and a Python that the kit has packages for."

    system: str
    python: str
    here: bool = False  # the one that makes the kit

    @property
    def machine(self):
        return installer.this_machine() if self.here else PLATFORMS[self.system][0]

    @property
    def folder(self):
        if self.here:
            return 'wheels'
        python = '' if self.python == this_python() else f'-{self.python}'
        return f'wheels-{self.system}{python}'

    def wheel_tags(self):
        "What a wheel may be made for, to be of use there."
        if self.here:
            return set(tags.sys_tags())
        version, platforms = tuple(map(int, self.python.split('.'))), PLATFORMS[self.system][2]
        return {
            *tags.cpython_tags(version, platforms=platforms),
            *tags.compatible_tags(version, f'cp{version[0]}{version[1]}', platforms),
        }

    def __str__(self):
        return f'{installer.SYSTEMS[self.system]} ({self.machine}), Python {self.python}'


def this_python():
    return '{}.{}'.format(*sys.version_info)


def targets(asked=''):
    "The computer that makes the kit, then those in a list such as 'macos,windows-3.12'."
    every = [Target(installer.this_system(), this_python(), True)]
    for word in filter(None, re.split(r'[,\s]+', asked)):
        system, _, python = word.lower().partition('-')
        if system not in PLATFORMS or not re.fullmatch(r'(3\.\d+)?', python):
            raise Complaint(
                f'{word!r} is no platform. Say {", ".join(PLATFORMS)}, with or without a version of'
                ' Python: windows-3.12.'
            )
        one = Target(system, python or this_python())
        if (one.system, one.machine, one.python) not in [
            (t.system, t.machine, t.python) for t in every
        ]:
            every.append(one)
    return every


# --- which packages


def resolve_command(uv, target, torch, constraints):
    """uv's command that names every package the course needs on a platform; what is asked for comes
    on its standard input."""
    command = [*uv, 'pip', 'compile', '-', '--quiet', '--no-header', '--no-annotate']
    command += ['-c', str(constraints)]
    if target.here:
        command += ['--python', sys.executable]
    else:
        command += ['--python-version', f'{target.python}.{LATE}']
        command += ['--python-platform', PLATFORMS[target.system][1]]
    if torch == 'cpu' and target.system == 'linux':
        command += ['--torch-backend', 'cpu']
    return command


def resolve(target, wheel, torch='', uv=None):
    """Every package the course needs on a platform, and uv: {name: version}, in the versions that
    are installed here where they fit."""
    uv = install.find_uv(Path(sys.prefix)) if uv is None else uv
    CACHE.mkdir(parents=True, exist_ok=True)
    constraints = CACHE / 'constraints.txt'
    asked = [f'whole-game[{EXTRAS}] @ {wheel.as_uri()}', 'uv']
    constraints.write_text(
        ''.join(
            f'{dist.name}=={dist.version.partition("+")[0]}\n'
            for dist in metadata.distributions()
            if dist.name and canonicalize_name(dist.name) not in ('whole-game', 'uv', 'pip')
        )
    )
    if uv:
        said = call_either(
            [
                [*resolve_command(uv, target, torch, constraints), *more]
                for more in (['--offline'], [])
            ],
            f'Finding the packages for {target}',
            input='\n'.join(asked),
            env={**os.environ, 'MACOSX_DEPLOYMENT_TARGET': '{}.{}'.format(*MACOS)},
        )
    elif not target.here:
        raise Complaint(
            'Packages for other systems are found with uv. Install it (https://docs.astral.sh/uv),'
            ' or leave --for away.'
        )
    elif torch:
        raise Complaint(
            'The small build of PyTorch is found with uv. Install it (https://docs.astral.sh/uv),'
            ' or leave --torch away.'
        )
    else:
        report = json.loads(
            wheels.call(
                [
                    *(*pip(), 'install', '--dry-run', '--ignore-installed', '--quiet'),
                    *('--report', '-', '-c', constraints, *asked),
                ],
                'Finding the packages',
            )
        )
        said = '\n'.join(
            f'{one["metadata"]["name"]}=={one["metadata"]["version"]}' for one in report['install']
        )
    return {
        canonicalize_name(name): version
        for name, version in re.findall(r'^([\w.-]+)==([^\s;]+)', said, re.M)
        if canonicalize_name(name) != 'whole-game'
    }


def closed(target, folder, version):
    """Complain unless a folder of wheels holds all that the course needs on that platform, asked of
    the folder alone."""
    uv = install.find_uv(Path(sys.prefix))
    if not uv:
        return
    command = [
        *resolve_command(uv, target, '', os.devnull),
        '--offline',
        '--no-index',
        '--find-links',
        str(folder),
    ]
    wheels.call(
        command,
        f'Resolving {short(folder)} without a network',
        input=f'whole-game[{EXTRAS}]=={version}',
        env={**os.environ, 'MACOSX_DEPLOYMENT_TARGET': '{}.{}'.format(*MACOS)},
    )


def call_either(commands, what, **kw):
    """What the first command that works says; when none does, the last one's words are the
    complaint."""
    for command in commands:
        try:
            return wheels.call(command, what, **kw)
        except Complaint as complaint:
            last = complaint
    raise last


def pip():
    "The command that runs pip: this Python's own, or uv's."
    if importlib.util.find_spec('pip'):
        return [sys.executable, '-m', 'pip']
    uv = install.find_uv(Path(sys.prefix))
    if not uv:
        raise Complaint('Neither pip nor uv is here to fetch packages with. Run: make install-dev')
    return [*uv, 'tool', 'run', '--python', sys.executable, 'pip']


# --- fetching them


def fitting(pins, target, cache):
    "The wheels in `cache` that are these versions and of use on this platform: {name: path}."
    found, useful = {}, target.wheel_tags()
    for path in sorted(cache.glob('*.whl')):
        name, version, _, kinds = parse_wheel_filename(path.name)
        if name in pins and version == Version(pins[name]) and kinds & useful:
            found[name] = path
    return found


def fetch_command(target, wanted, to, cache, index=''):
    """pip's command that fetches wheels: here, what exists only as source is built into one; for
    others only what is ready-made."""
    if target.here and not index:
        command = [*pip(), 'wheel', '--wheel-dir', str(to)]
    else:
        command = [*pip(), 'download', '--dest', str(to), '--only-binary=:all:']
    if not target.here:
        command += ['--implementation', 'cp', '--python-version', target.python]
        command += [f'--platform={name}' for name in PLATFORMS[target.system][2]]
    command += ['--no-deps', '--disable-pip-version-check', '--quiet', '--find-links', str(cache)]
    if index:
        command += ['--index-url', index]
    return command + list(wanted)


def fetch(target, pins, cache, torch=''):
    """Have a wheel of every package in `cache`: ({name: path}, the packages that have no wheel for
    this platform)."""
    have, absent = fitting(pins, target, cache), []
    missing = [name for name in pins if name not in have]
    cpu = [
        name for name in missing if torch == 'cpu' and target.system == 'linux' and name in TORCH
    ]
    if missing:
        say(f'  fetching {len(missing)} packages for {target} ...')
    some = [name for name in missing if name not in cpu]
    groups = [(some[n::AT_ONCE], '') for n in range(AT_ONCE)] + [(cpu, install.CPU_INDEX)]
    # a line that serves one download fast serves three faster
    with ThreadPoolExecutor(len(groups)) as pool:
        for gone in pool.map(lambda one: fetch_some(target, pins, one[0], cache, one[1]), groups):
            absent += gone
    have = fitting(pins, target, cache)
    lost = set(pins) - set(have) - set(absent)
    if lost:
        raise Complaint(f'No wheel came for {", ".join(sorted(lost))}.')
    return have, sorted(absent)


def fetch_some(target, pins, names, cache, index=''):
    """Fetch these packages beside the cache and move them in when all is well; those that have no
    wheel for the platform."""
    absent, aside = [], cache / f'.new-{target.folder}-{names[0] if names else ""}'
    while names:
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        try:
            wheels.call(
                fetch_command(
                    target, [f'{name}=={pins[name]}' for name in names], aside, cache, index
                ),
                f'Fetching packages for {target}',
            )
        except Complaint as complaint:
            gone = re.search(r'No matching distribution found for ([\w.-]+)==', str(complaint))
            gone = gone and canonicalize_name(gone[1])
            if target.here or gone not in names:
                raise
            absent.append(gone)
            names = [name for name in names if name != gone]
            continue
        for path in aside.glob('*.whl'):
            path.replace(cache / path.name)
        break
    shutil.rmtree(aside, ignore_errors=True)
    return absent


def reachable(address):
    try:
        return bool(urlopen(address, timeout=20))
    except OSError:
        return False


# --- checksums that are remembered


class Sums:
    """SHA-256 of the wheels in the cache, as they were when they came; one that has changed since
    is fetched anew."""

    def __init__(self, cache):
        self.path = cache / '.sha256.json'
        self.known = installer.noted(self.path) or {}

    def __call__(self, path):
        "The checksum, from memory while size and time are those of the file that was summed."
        at = [path.stat().st_size, path.stat().st_mtime_ns]
        if self.known.get(path.name, [0])[:-1] != at:
            self.known[path.name] = [*at, installer.sha256(path)]
        return self.known[path.name][-1]

    def drop_changed(self):
        "Delete wheels that are not what came; their names."
        known = [path for path in self.path.parent.glob('*.whl') if path.name in self.known]
        changed = [path for path in known if self.differs(path)]
        for path in changed:
            path.unlink()
        return [path.name for path in changed]

    def differs(self, path):
        "Whether a file is another one now; one of the same size and time is not read."
        size, when, checksum = self.known[path.name]
        same = (path.stat().st_size, path.stat().st_mtime_ns) == (size, when)
        return not same and installer.sha256(path) != checksum

    def keep(self):
        there = {name for name in self.known if (self.path.parent / name).exists()}
        kept = {name: self.known[name] for name in sorted(there)}
        self.path.write_text(json.dumps(kept, indent=0))


# --- laying it out


def lay(source, target):
    "Have the file `source` as `target`, too, without a second copy where the disk allows that."
    if target.exists() and target.samefile(source):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def lay_wheels(paths, folder):
    "Have these wheels and nothing else in a folder."
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        if old.name not in {path.name for path in paths}:
            old.unlink()
    for path in paths:
        lay(path, folder / path.name)


def installed_mb(paths):
    """About how much room these wheels take when they are installed and compiled, and what
    installing needs beside that."""

    def size(path):
        with zipfile.ZipFile(path) as z:
            return sum(one.file_size for one in z.infolist())

    return round(sum(map(size, paths)) / 1e6 * 1.1) + 300


def least(paths, python):
    "The first release of this Python that all these wheels work with: 3.11.5, say."
    asks = []
    for path in paths:
        with zipfile.ZipFile(path) as z:
            about = z.read(
                next(
                    name
                    for name in z.namelist()
                    if re.fullmatch(r'[^/]+\.dist-info/METADATA', name)
                )
            ).decode('utf-8', 'replace')
        asks += re.findall(r'^Requires-Python: *(.+)$', about.partition('\n\n')[0], re.M)
    return next(
        (
            f'{python}.{n}'
            for n in range(30)
            if all(SpecifierSet(ask.strip()).contains(f'{python}.{n}') for ask in asks)
        ),
        f'{python}.0',
    )


def made(module, what):
    "The folder that another tool of the course makes, made now."
    try:
        tool = importlib.import_module(f'course.{module}')
    except ModuleNotFoundError as missing:
        raise Complaint(
            f'The kit cannot have {what}: {missing}. Leave it out with --without {module}.'
        ) from None
    tool.main([])
    return BUILD / module


def lay_data(folder):
    """The made and carried sets, packed, and the archive of each downloaded set that can be had;
    what to tell."""
    from whole_game import data, mirror

    prepare(local_sets())
    for name in local_sets():
        mirror.pack(name, folder / 'prepared')
    told = []
    for card in data.cards().values():
        if card.kind != 'data' or card.origin != 'downloaded':
            continue
        why = []
        for origin, address in data._places(card):
            if not origin.get('sha256'):
                continue  # the contents decide: `pack` knows how
            try:
                lay_whole(
                    data._archive(origin, address, lambda line: None), folder / origin['file']
                )
                break
            except data._Refused as refused:
                why.append(f'{address}: {refused}')
        else:
            try:
                data.get(card.name)
                mirror.pack(card.name, folder)
            except Exception as problem:
                told.append(
                    f'{card.name} is not in the kit (no lesson needs it): '
                    + '; '.join([*why, getattr(problem, 'why', None) or str(problem)]).replace(
                        '\n', ' '
                    )
                )
    (folder / 'README.txt').write_text(
        'What is here, where it comes from, and what you may do with it.\n\n'
        + '\n\n'.join(str(data.card(name)) for name in data.names())
        + '\n',
        encoding='utf-8',
    )
    return told


def lay_whole(source, target):
    "A copy of its own, made aside and moved in place."
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target.with_name(f'.{target.name}.part'))
    target.with_name(f'.{target.name}.part').replace(target)


def lay_lessons(kit):
    """The learner's copies; the instructor's with the page of plans, apart, so that they can be
    left out."""
    learner.make(folder=kit / 'learner')
    learner.make(folder=kit / 'instructor' / 'solutions', instructor=True)
    for folder in (kit / 'learner', kit / 'instructor' / 'solutions'):
        (folder / learner.MADE).unlink()
    page = (
        (ROOT / 'docs' / 'instructors.md')
        .read_text(encoding='utf-8')
        .replace('](../nbs/', '](solutions/')
    )
    (kit / 'instructor' / 'instructors.md').write_text(
        re.sub(r'(?<!!)\[([^\]]*)\]\(\.\./[^)]*\)', r'\1', page), encoding='utf-8'
    )


GUIDE = """The Whole Game {version}: a kit for a room without a network

LEARNERS
  You need Python {pythons} and {gigabytes:.0f} GB of free disk. Open a terminal in the folder
  where the course shall live (a short path, such as C:\\course; not inside this kit), and type,
  with the path of this kit:
    Linux, macOS   python3 /path/to/kit/install.py
    Windows        py \\path\\to\\kit\\install.py
  It compares the kit with its checksums, installs, looks the computer over, and says how to open
  the lessons.

INSTRUCTORS
  instructor/ has the solutions, and instructors.md the plans for your day{book}.
  Leave that folder out of what you hand to learners. A machine needs install.py, {facts},
  {manifest}, learner/, data/ and the packages for its own system; the other folders may stay
  away.
{mirror}  Is this copy whole?   python3 install.py --check
  (or, in this folder: sha256sum -c --quiet {manifest})

WHAT IS HERE
{parts}

PACKAGES ARE HERE FOR
{platforms}
"""


def guide(known, kit, parts):
    "The text of INSTALL.txt."
    about = {
        'data': 'data sets; README.txt says whose they are',
        'learner': "the lessons, to work in (install.py copies them)",
        'book': 'the book: open book/index.html',
        'slides': 'the slides: open slides/index.html',
        'instructor': 'solutions, keys to the quizzes, plans',
    }
    about |= {
        one['folder']: (
            f'the course and all it needs, for {name(one)}'
            + ('' if one['here'] else ': resolved, not run')
        )
        for one in known['platforms']
    }
    lines = [
        f'  {part + "/":24}{size / 1e6:8,.1f} MB  {about.get(part, "")}'
        for part, size in parts.items()
        if (kit / part).is_dir()
    ]
    platforms = [
        f'  {name(one)}: {"this is where the kit was made" if one["here"] else "resolved, not run"}'
        + (
            f'. NOT complete, no wheel exists for: {", ".join(one["missing"])}'
            if one['missing']
            else ''
        )
        for one in known['platforms']
    ]
    archives = [
        path.name
        for path in (kit / 'data').iterdir()
        if path.is_file() and path.name != 'README.txt'
    ]
    mirror = (
        '  To give data to the room over its own network:   whole-game mirror data --host 0.0.0.0\n'
        if archives
        else ''
    )
    return GUIDE.format(
        version=known['version'],
        pythons=' or '.join(sorted({installer.pythons(one) for one in known['platforms']})),
        gigabytes=max(one['installed_mb'] for one in known['platforms']) / 1e3 + 0.5,
        mirror=mirror,
        manifest=installer.MANIFEST,
        facts=installer.FACTS,
        book=(
            ' (easier to read: book/docs/instructors.html)'
            if (kit / 'book' / 'docs' / 'instructors.html').exists()
            else ''
        ),
        parts='\n'.join(lines),
        platforms='\n'.join(platforms),
    )


def name(one):
    return f'{installer.SYSTEMS[one["system"]]} ({one["machine"]}), Python {installer.pythons(one)}'


def sizes(kit):
    "How much each part of the kit takes: {name: bytes}."
    return {
        path.name: sum(
            one.stat().st_size
            for one in ([path] if path.is_file() else path.rglob('*'))
            if one.is_file()
        )
        for path in sorted(kit.iterdir())
    }


def write_manifest(kit, sums=None):
    """Write MANIFEST.sha256 over everything in the kit, in the form that `sha256sum -c` reads; how
    many files."""
    lines = []
    for one in installer.files(kit, kit):
        if one == installer.MANIFEST:
            continue
        if (kit / one).is_symlink():
            raise Complaint(f'{one} is a link: a kit holds files only.')
        checksum = sums if sums and one.endswith('.whl') else installer.sha256
        lines.append(f'{checksum(kit / one)}  {one}\n')
    aside = kit.with_name(f'.{kit.name}.manifest')
    aside.write_text(''.join(lines), encoding='utf-8', newline='\n')
    aside.replace(kit / installer.MANIFEST)
    return len(lines)


def set_aside(kit):
    """Move what no earlier `make kit` wrote out of the folder that is laid out anew, to a folder
    beside it."""
    before, beside = kit.with_name(f'.{kit.name}.before'), kit.with_name(f'{kit.name}-set-aside')
    if (kit / installer.MANIFEST).exists():
        shutil.copyfile(kit / installer.MANIFEST, before)
    if not before.exists():
        return
    listed = {line[66:] for line in before.read_text(encoding='utf-8').splitlines()}
    for name in installer.files(kit, kit):
        if name not in listed | {installer.MANIFEST}:
            to = unused(beside / name)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(kit / name, to)
            say(f'{short(kit)}/{name} is not from the course: it is in {short(beside)}/ now.')


def make(torch='', asked='', without=(), kit=KIT):
    "Make the kit or bring it up to date."
    kit.mkdir(parents=True, exist_ok=True)
    set_aside(kit)
    (kit / installer.MANIFEST).unlink(missing_ok=True)  # from here on it is not whole
    every, start = targets(asked), time.monotonic()
    step = lambda what: say(f'[{time.monotonic() - start:4.0f} s] {what}')
    keep = {target.folder for target in every} | {'data'}
    for old in kit.iterdir():
        if old.name in keep and old.name != 'data':
            continue
        if old.is_dir():
            shutil.rmtree(old)
        else:
            old.unlink()
    step('lessons, book, slides')
    lay_lessons(kit)
    for module, what in (('book', 'the book'), ('slides', 'the slides')):
        if module not in without:
            shutil.copytree(made(module, what), kit / module)
    step('data')
    told = lay_data(kit / 'data')
    for line in told:
        say(f'  {line}')
    step('packages')
    CACHE.mkdir(parents=True, exist_ok=True)
    sums = Sums(CACHE)
    for gone in sums.drop_changed():
        say(f'  {gone} has changed since it came: fetching it again')
    wheel, platforms = wheels.build_wheel(), []
    version = tomllib.loads((ROOT / 'pyproject.toml').read_text(encoding='utf-8'))['project'][
        'version'
    ]
    try:
        for target in every:
            pins = resolve(target, wheel, torch)
            have, absent = fetch(target, pins, CACHE, torch)
            lay_wheels([*have.values(), wheel], kit / target.folder)
            if not absent:
                closed(target, kit / target.folder, version)
            if absent:
                say(
                    f'  {target}: no wheel exists for {", ".join(absent)}; the kit cannot be'
                    ' installed there'
                )
            platforms.append(
                {
                    'system': target.system,
                    'machine': target.machine,
                    'python': target.python,
                    'least': least(have.values(), target.python),
                    'here': target.here,
                    'folder': target.folder,
                    'missing': absent,
                    'installed_mb': installed_mb([*have.values(), wheel]),
                }
            )
    except Complaint:
        if torch == 'cpu' and not reachable(f'{install.CPU_INDEX}/torch/'):
            raise Complaint(
                f'PyTorch\'s small build is only at {install.CPU_INDEX}, which cannot be reached'
                ' from here. Go where it can, or leave TORCH=cpu away: the kit then has the large'
                ' build, which needs no graphics card either.'
            ) from None
        raise
    step('checksums')
    known = {'version': version, 'extras': EXTRAS, 'torch': torch, 'platforms': platforms}
    (kit / installer.FACTS).write_text(json.dumps(known, indent=1) + '\n')
    shutil.copyfile(installer.__file__, kit / 'install.py')
    shutil.copyfile(ROOT / 'LICENSE', kit / 'LICENSE')
    parts = sizes(kit)
    (kit / 'INSTALL.txt').write_text(guide(known, kit, parts), encoding='utf-8', newline='\n')
    count = write_manifest(kit, sums)
    sums.keep()
    say('')
    for part, size in parts.items():
        if (kit / part).is_dir():
            say(f'  {part + "/":24}{size / 1e6:9,.1f} MB')
    say(
        f'  {"in all":24}{sum(sizes(kit).values()) / 1e6:9,.1f} MB, {count} files,'
        f' {time.monotonic() - start:.0f} s\n'
    )
    say(
        f'{short(kit)}/ is whole. INSTALL.txt says how to use it. Without {short(kit)}/instructor/'
        ' it is for learners.'
    )


# --- the proof

OWN = """
import json, sys, fastai, torch, whole_game
from pathlib import Path
venv, base = Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve()
own = [venv, *(base / name for name in ('lib', 'Lib', 'DLLs'))]
inside = lambda path, folder: path.resolve().is_relative_to(folder)
modules = {**sys.modules, 'sitecustomize': None}  # a system's own: Debian's is in /etc
files = [getattr(module, '__file__', None) for module in modules.values()]
found = {Path(file) for file in files if file and Path(file).is_absolute()}
found |= {Path(path) for path in sys.path if 'site-packages' in path}
print(json.dumps([
    str(path) for path in sorted(found)
    if not any(inside(path, folder) for folder in own)
    or 'site-packages' in path.parts and not inside(path, venv)
]))
"""


def bare(place):
    """Environment variables of a machine that knows nothing of this project: a home of its own, no
    settings, caches or search paths."""
    keep = (
        'LANG',
        'LC_ALL',
        'SYSTEMROOT',
        'SYSTEMDRIVE',
        'COMSPEC',
        'PATHEXT',
        'WINDIR',
        'NUMBER_OF_PROCESSORS',
    )
    home = place / 'home'
    (place / 'tmp').mkdir(parents=True, exist_ok=True)
    home.mkdir(exist_ok=True)
    path = os.environ['PATH'] if os.name == 'nt' else '/usr/bin:/bin'
    return {
        **{key: os.environ[key] for key in keep if key in os.environ},
        'PATH': path,
        'HOME': str(home),
        'USERPROFILE': str(home),
        'APPDATA': str(home),
        'LOCALAPPDATA': str(home),
        **dict.fromkeys(('TMPDIR', 'TEMP', 'TMP'), str(place / 'tmp')),
        'PIP_NO_INDEX': '1',
        'PIP_CONFIG_FILE': os.devnull,
        'UV_OFFLINE': '1',
        'CUDA_VISIBLE_DEVICES': '',
        'WHOLE_GAME_LESSON': LESSON,
        'WHOLE_GAME_RECORD': str(place / 'records.jsonl'),
    }


def copied(kit, to):
    "A copy of the kit in a fresh folder; its wheels are linked where the disk allows that."
    for one in [*installer.files(kit, kit)]:
        if one.endswith('.whl'):
            lay(kit / one, to / one)
        else:
            lay_whole(kit / one, to / one)


def floors_missed(reached, section):
    """What a run of the learner's copy recorded below its floor; floors that only a solved exercise
    records do not count."""
    metrics = reached.get('metrics', {})
    if 'accuracy' not in metrics:
        return ['accuracy was never recorded']
    return [
        f'{key} is {metrics[key]:.4g}; the floor is {least:g}'
        for key, least in section['floors'].items()
        if key in metrics and not metrics[key] >= least
    ]


def unrun(nb):
    "What is wrong with a notebook that should have run to its last cell."
    code = [cell for cell in nb.cells if cell.cell_type == 'code' and cell.source.strip()]
    found = [
        f'cell {n} did not run: {cell.source.splitlines()[0]}'
        for n, cell in enumerate(code, 1)
        if not cell.execution_count
    ]
    for n, cell in enumerate(code, 1):
        for out in cell.outputs:
            if out.output_type == 'error' and 'raises-exception' not in cell.metadata.get(
                'tags', []
            ):
                found.append(f'cell {n} ended in {out.ename}: {out.evalue}')
    return found if code else ['it has no code cell']


def prove(kit=KIT, place=PROOF):
    """Install a copy of the kit in a fresh place with the network denied, play lesson 1 there as a
    learner, and tell what it took."""
    shutil.rmtree(place, ignore_errors=True)
    took, env = {}, bare(place)
    try:

        def timed(what, command, cwd, quiet=True):
            command, there, how = offline.prepare([str(word) for word in command], env)
            start = time.monotonic()
            done = subprocess.run(command, cwd=cwd, env=there, capture_output=quiet, text=True)
            took[what] = time.monotonic() - start
            if done.returncode:
                raise Complaint(
                    f'The proof failed: {what} ended with exit status {done.returncode}.'
                    + (
                        f'\n{(done.stdout + done.stderr).strip()[-3000:]}'
                        if quiet
                        else ' Its words are above.'
                    )
                )
            return done.stdout, how

        copied(kit, place / 'kit')
        (place / 'room').mkdir()
        _, how = timed(
            'install.py',
            [sys._base_executable, place / 'kit' / 'install.py', '--where', place / 'room'],
            place / 'room',
            quiet=False,
        )
        say(f'Network denied by {how}.')
        venv = place / 'room' / '.venv'
        py = install.python_in(venv)
        outside = json.loads(timed('importing', [py, '-c', OWN], place / 'room')[0])
        if outside:
            raise Complaint(
                f'The environment is not made from the kit alone: {", ".join(outside[:5])}'
            )
        timed(
            'lesson 1',
            [
                *(py, '-m', 'nbconvert', '--to', 'notebook', '--execute'),
                *('--output', 'ran.ipynb', f'{LESSON}.ipynb'),
            ],
            place / 'room' / 'learner',
        )
        found = unrun(nbformat.read(place / 'room' / 'learner' / 'ran.ipynb', 4))
        reached = full_pass.records(place / 'records.jsonl').get(LESSON, {})
        found += floors_missed(reached, settings()[LESSON])
        if found:
            raise Complaint('The proof failed: lesson 1 ran, but\n' + '\n'.join(found))
        size = sum(
            path.lstat().st_size
            for path in venv.rglob('*')
            if path.is_file() and not path.is_symlink()
        )
        say(
            '\nProved: from a copy of the kit alone, without a network, a fresh environment was'
            ' made and lesson 1 ran to its last cell.'
        )
        for what, seconds in took.items():
            say(f'  {what:12}{seconds:6.0f} s')
        say(
            f'  environment{size / 1e6:8,.0f} MB\n  reached     '
            + ', '.join(f'{key} {value:.4g}' for key, value in reached['metrics'].items())
        )
    finally:
        shutil.rmtree(place, ignore_errors=True)


def main(argv=None):
    parser = argparse.ArgumentParser(
        prog='python -m course.kit',
        description='Make one folder for a room without a network, build/kit/.',
    )
    parser.add_argument(
        '--torch',
        default='',
        choices=['', 'cpu'],
        help="cpu: the small build of PyTorch without CUDA, from PyTorch's own index (Linux)",
    )
    parser.add_argument(
        '--for',
        dest='asked',
        default='',
        metavar='NAMES',
        help=(
            'packages for other systems, too: linux, macos, windows, or with a Python: windows-3.12'
        ),
    )
    parser.add_argument(
        '--without', default='', metavar='PARTS', help='leave out book, slides or both: book,slides'
    )
    parser.add_argument(
        '--prove',
        action='store_true',
        help='then install a copy with the network denied and play lesson 1 in it',
    )
    args = parser.parse_args(argv)
    make(args.torch, args.asked, args.without.split(','))
    if args.prove:
        prove()


if __name__ == '__main__':
    run(main)
