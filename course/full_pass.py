"""The one full pass: every notebook, one after another, on the CPU, network denied, against the
built wheel.

`python -m course.full_pass [NAME]` builds the wheel, installs it in build/wheel-env, shows that it
works away from this folder, lets nbval run and compare the notebooks (course/compare.py), and
prints one table: what each lesson reached against its floors, its seconds and memory against its
budget, and how many of its exercises were checked untouched, too ("stubs"). Floors and budgets live
in settings.ini.

Text is compared strictly where the committed outputs were made (nbs/reference.json: machine and
package versions). Elsewhere numbers may differ in a last digit, so differences are told and only
floors decide; WHOLE_GAME_STRICT=1, which CI sets, is strict everywhere.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from importlib import metadata
from pathlib import Path

from course import install, offline
from course.common import BUILD, NBS, ROOT, Complaint, local_sets, notebooks, run, say, settings
from course.execute import REFERENCE, this_machine

ENV, REPORT, RECORDS = BUILD / 'wheel-env', BUILD / 'pass.json', BUILD / 'records.jsonl'
AWAY = """
import json, sys, whole_game
from pathlib import Path
from importlib.resources import files
where = Path(whole_game.__file__).resolve()
assert where.is_relative_to(Path(sys.prefix).resolve()), f'whole_game is imported from {where}, not from the wheel'
for name in ('lessons.json', 'manifest.toml'): assert (files('whole_game')/name).is_file(), f'the wheel lacks {name}'
print(len(json.loads((files('whole_game')/'lessons.json').read_text(encoding='utf-8'))), 'lessons in its index')
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
            [pins, project['dependencies'], project['optional-dependencies'], sys.version]
        ).encode()
    ).hexdigest()
    stamp = ENV / 'made.json'
    if not (stamp.exists() and json.loads(stamp.read_text())['key'] == key):
        how = _own(uv, py, wheel, pins) if uv else ''
        if not how:
            shutil.rmtree(ENV, ignore_errors=True)
            call(
                [sys.executable, '-m', 'venv', *([] if not uv else ['--without-pip']), ENV],
                'Making build/wheel-env',
            )
            how = "its dependencies shared with the course's environment"
        stamp.write_text(json.dumps({'key': key, 'how': how}))
    how = json.loads(stamp.read_text())['how']
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


def _own(uv, py, wheel, pins):
    """Install wheel[lessons], nbval and pytest with uv, from the network or its cache; how, in
    words, or nothing when it cannot be had."""
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
                    *more,
                    *cpu,
                    '--python',
                    py,
                    '-c',
                    pinned,
                    f'whole-game[lessons] @ {wheel.as_uri()}',
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


def environment(scratch):
    """The pass's environment: CPU only, nothing of this folder that a kernel could import, nothing
    of the user's own IPython."""
    env = {key: value for key, value in os.environ.items() if key != 'PYTHONPATH'}
    return {
        **env,
        'CUDA_VISIBLE_DEVICES': '',
        'WHOLE_GAME_DEVICE': 'cpu',
        'WHOLE_GAME_RECORD': str(RECORDS),
        'PYTHONHASHSEED': '0',
        'WHOLE_GAME_PROGRESS': str(Path(scratch) / 'progress.json'),
        'IPYTHONDIR': str(Path(scratch) / 'ipython'),
        'PYTHONDONTWRITEBYTECODE': '1',
    }


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


def is_reference(books, nbs=NBS):
    """Whether the committed outputs of all these notebooks were made on a machine and packages like
    these, and what differs."""
    known = json.loads((nbs / REFERENCE).read_text()) if (nbs / REFERENCE).exists() else {}
    now, odd = this_machine(), {}
    for book in books:
        for key, value in known.get(book.stem, {'reference': 'unknown'}).items():
            if now.get(key) != value:
                odd[key] = f'{key} {value} -> {now.get(key)}'
    return not odd, ', '.join(odd.values())


def records(path=RECORDS):
    "What each lesson said it reached: {stem: {metrics, memory_mb}}."
    found = {}
    for line in path.read_text().splitlines() if path.exists() else []:
        one = json.loads(line)
        entry = found.setdefault(one['lesson'], {'metrics': {}, 'memory_mb': 0})
        entry['metrics'].update(one['metrics'])
        entry['memory_mb'] = max(entry['memory_mb'], round(one.get('memory_mb') or 0))
    return found


def judge(stem, seen, recorded, section):
    """What is wrong with one notebook's run: floors missed, budgets broken twice over, or nothing
    that was checked."""
    found, metrics = [], (recorded or {}).get('metrics', {})
    if (
        seen is None
        or not seen['ran']
        or not (seen['compared'] or seen['asserts'] or seen['differ'])
    ):
        return [f'{stem}: nothing in it was checked.']
    if seen['failed']:
        found.append(f'{stem}: {seen["failed"]} cells failed or differ (told above).')
    if section is None:
        return found
    if not seen['stubs']:
        found.append(
            f'{stem}: no exercise of it was checked as somebody meets it who has written nothing'
            ' yet.'
        )
    for name, least in section['floors'].items():
        if name not in metrics:
            found.append(f'{stem}: never recorded {name}, which has a floor.')
        elif not metrics[name] >= least:
            found.append(f'{stem}: {name} is {metrics[name]:.4g}; the floor is {least:g}.')
    memory = max(seen['memory_mb'], (recorded or {}).get('memory_mb', 0))
    if seen['seconds'] > 2 * section['seconds']:
        found.append(
            f'{stem}: {seen["seconds"]:.0f} s, more than twice its {section["seconds"]} s.'
        )
    if memory > 2 * section['memory_mb']:
        found.append(f'{stem}: {memory} MB, more than twice its {section["memory_mb"]} MB.')
    return found


def table(report, said, known, stems):
    "The pass in one table."
    rows = [
        (
            'notebook',
            'reached (floor)',
            'seconds (budget)',
            'MB (budget)',
            'cells',
            'compared',
            'exempt',
            'pictures',
            'stubs',
        )
    ]
    also = []
    for stem in stems:
        seen, recorded, section = report.get(stem), said.get(stem, {}), known.get(stem)
        if not seen:
            rows.append((stem, 'did not run', *[''] * 7))
            continue
        floors = section['floors'] if section else {}
        reached, other = [], []
        for name, value in recorded.get('metrics', {}).items():
            (reached if name in floors else other).append(
                f'{name} {value:.4g}' + (f' ({floors[name]:g})' if name in floors else '')
            )
        if other:
            also.append(f'{stem} also recorded: {", ".join(other)}')
        budget = lambda key: f' ({section[key]})' if section else ''
        rows.append(
            (
                stem,
                ', '.join(reached) or '-',
                f'{seen["seconds"]:.1f}{budget("seconds")}',
                f'{max(seen["memory_mb"], recorded.get("memory_mb", 0))}{budget("memory_mb")}',
                *(str(seen[key]) for key in ('ran', 'compared', 'exempt', 'pictures', 'stubs')),
            )
        )
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return '\n'.join(
        [
            '  '.join(value.ljust(width) for value, width in zip(row, widths)).rstrip()
            for row in rows
        ]
        + also
    )


def full_pass(name=''):
    "Do all of it; return (cells that passed, complaints)."
    books, known = notebooks(name), settings()
    if not books:
        raise Complaint('There is no notebook to run.')
    BUILD.mkdir(exist_ok=True)
    for old in (REPORT, RECORDS):
        old.unlink(missing_ok=True)
    wheel = build_wheel()
    say(f'Built {wheel.name}.')
    py, how = make_env(wheel)
    say(f'Installed it in build/wheel-env ({how}).')
    same, odd = is_reference(books)
    strict = os.environ.get('WHOLE_GAME_STRICT', '1' if same else '0') == '1'
    with tempfile.TemporaryDirectory() as scratch:
        env = environment(scratch)
        say(f'Away from this folder: {away(py, env, scratch)}.')
        call(
            [py.with_name('whole-game' + py.suffix), 'data', 'fetch', *local_sets()],
            'Preparing the data',
            cwd=scratch,
            env=env,
        )
        say(
            'Text is compared strictly.'
            + ('' if same else f' (Outputs were made with other versions: {odd})')
            if strict
            else (
                f'Not the machine and packages the outputs were made with ({odd}): differences are'
                ' told, floors decide.'
            )
        )
        env['WHOLE_GAME_STRICT'] = '1' if strict else '0'
        command, env, denied = offline.prepare(
            [str(py), str(ROOT / 'course' / 'compare.py'), str(REPORT), *map(str, books)], env
        )
        say(f'Network denied by {denied}.')
        code = subprocess.run(command, cwd=ROOT, env=env).returncode
    report = json.loads(REPORT.read_text()) if REPORT.exists() else {}
    said, stems = records(), [book.stem for book in books]
    say('\n' + table(report, said, known, stems) + '\n')
    for stem in stems:
        for one in report.get(stem, {}).get('differ', []):
            say(f'{stem}, code cell {one["cell"]} differs (not failed):\n{one["how"]}')
    found = [
        complaint
        for book in books
        for complaint in judge(
            book.stem,
            report.get(book.stem),
            said.get(book.stem),
            known.get(book.stem) if book.parent == NBS else None,
        )
    ]
    if code and not found:
        found = [f'The run of the notebooks ended with exit status {code}.']
    return sum(seen['ran'] for seen in report.values()), found


def main(argv=None):
    parser = argparse.ArgumentParser(
        prog='python -m course.full_pass',
        description='Run and compare every notebook against the built wheel.',
    )
    parser.add_argument('name', nargs='?', default='', help='only notebooks whose name begins so')
    passed, found = full_pass(parser.parse_args(argv).name)
    for complaint in found:
        say(complaint)
    say(f'{passed} cells ran and passed, {len(found)} complaints.')
    return 1 if found else 0


if __name__ == '__main__':
    run(main)
