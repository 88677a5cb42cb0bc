"""The one full pass: every notebook, two at a time, on the CPU, network denied, against the built
wheel.

`python -m course.full_pass [NAME]` builds the wheel and installs it in an environment of its own
(course/wheel.py), lets nbval run and compare the notebooks (course/compare.py), each lesson in a
folder of its own, and prints one table: what each lesson reached against its floors, its processor
seconds and memory against its budget, its seconds by the clock, and how many of its exercises were
checked untouched, too ("stubs"). Floors and budgets are in settings.ini.

Text is compared strictly where the committed outputs were made (nbs/reference.json: machine and
package versions). Elsewhere numbers may differ in a last digit, so differences are told and only
floors decide; WHOLE_GAME_STRICT=1, which CI sets, is strict everywhere.
"""

import argparse
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from course import offline
from course.common import BUILD, NBS, ROOT, Complaint, local_sets, notebooks, run, say, settings
from course.execute import REFERENCE, this_machine
from course.learner import copy_side_files
from course.parallel import ONE_THREAD, side_by_side
from course.wheels import away, build_wheel, call, make_env

REPORT = BUILD / 'pass.json'
TOGETHER = 8  # notebooks of the library that one process takes, one after another
SMALL = {'seconds': 5, 'memory_mb': 1000}  # what a notebook of the library needs at most


@dataclass
class Job:
    "Notebooks that one process runs, in a folder for its files; what came of it, by stem."

    books: list
    folder: Path
    seconds: float  # of the processor, as settings.ini expects
    memory_mb: int
    report: dict = field(default_factory=dict)
    records: dict = field(default_factory=dict)
    said: str = ''


def jobs(books, known, scratch):
    "A job for each lesson, and one for every few notebooks of the library."
    lessons = [[book] for book in books if book.parent == NBS]
    rest = [book for book in books if book.parent != NBS]
    groups = lessons + [rest[n : n + TOGETHER] for n in range(0, len(rest), TOGETHER)]
    for group in groups:
        needs = [known.get(book.stem, SMALL) if book.parent == NBS else SMALL for book in group]
        yield Job(
            group,
            Path(scratch) / group[0].stem,
            sum(need['seconds'] for need in needs),
            max(need['memory_mb'] for need in needs),
        )


def environment(folder):
    """The environment of a job: CPU only, one thread, nothing of this project that a kernel could
    import, nothing of the user's own IPython."""
    env = {key: value for key, value in os.environ.items() if key != 'PYTHONPATH'}
    return {
        **env,
        **ONE_THREAD,
        'CUDA_VISIBLE_DEVICES': '',
        'WHOLE_GAME_DEVICE': 'cpu',
        'WHOLE_GAME_RECORD': str(folder / 'records.jsonl'),
        'PYTHONHASHSEED': '0',
        'WHOLE_GAME_PROGRESS': str(folder / 'progress.json'),
        'IPYTHONDIR': str(folder / 'ipython'),
    }


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


def records(path):
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
    if seen['processor'] > 2 * section['seconds']:
        found.append(
            f'{stem}: {seen["processor"]:.0f} seconds of the processor, more than twice its'
            f' {section["seconds"]}.'
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
            'processor (budget)',
            'seconds',
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
            rows.append((stem, 'did not run', *[''] * 8))
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
                f'{seen["processor"]:.1f}{budget("seconds")}',
                f'{seen["seconds"]:.1f}',
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


def place(job):
    "Where the job's notebooks run: a lesson beside its files in the job's folder, others at home."
    job.folder.mkdir(parents=True)
    if job.books[0].parent != NBS:
        return job.books
    copy_side_files(NBS, job.folder)
    return [Path(shutil.copy(book, job.folder)) for book in job.books]


def play(job, py, strict):
    "Run the job's notebooks in one process and keep what came of it."
    report = job.folder / 'report.json'
    command = [py, ROOT / 'course' / 'compare.py', report, *place(job)]
    env = {**environment(job.folder), 'WHOLE_GAME_STRICT': '1' if strict else '0'}
    command, env, _ = offline.prepare([str(part) for part in command], env)
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    job.report = json.loads(report.read_text()) if report.exists() else {}
    job.records = records(job.folder / 'records.jsonl')
    job.said = done.stdout + done.stderr if done.returncode else ''


def full_pass(name=''):
    "Do all of it; return (cells that passed, complaints)."
    books, known = notebooks(name), settings()
    if not books:
        raise Complaint('There is no notebook to run.')
    BUILD.mkdir(exist_ok=True)
    REPORT.unlink(missing_ok=True)
    wheel = build_wheel()
    say(f'Built {wheel.name}.')
    py, how = make_env(wheel)
    say(f'Installed it in build/wheel-env ({how}).')
    same, odd = is_reference(books)
    strict = os.environ.get('WHOLE_GAME_STRICT', '1' if same else '0') == '1'
    report, said, found = {}, {}, []
    with tempfile.TemporaryDirectory() as scratch:
        env = environment(Path(scratch))
        say(f'Away from this folder: {away(py, env, scratch)}.')
        fetch = [py.with_name('whole-game' + py.suffix), 'data', 'fetch', *local_sets()]
        call(fetch, 'Preparing the data', cwd=scratch, env=env)
        say(how_strict(strict, same, odd))
        say(f'Network denied by {offline.prepare([], env)[2]}.\n')
        wanted = list(jobs(books, known, scratch))
        act = lambda job: play(job, py, strict)
        for job, _ in side_by_side(
            wanted, act, seconds=lambda job: job.seconds, memory_mb=lambda job: job.memory_mb
        ):
            report |= job.report
            said |= job.records
            say(ended(job))
            if job.said and not any(seen['failed'] for seen in job.report.values()):
                found.append(f'{job.books[0].stem}: its run ended early (told above).')
    REPORT.write_text(json.dumps(report, indent=1))
    stems = [book.stem for book in books]
    say('\n' + table(report, said, known, stems) + '\n')
    for stem in stems:
        for one in report.get(stem, {}).get('differ', []):
            say(f'{stem}, code cell {one["cell"]} differs (not failed):\n{one["how"]}')
    for book in books:
        section = known.get(book.stem) if book.parent == NBS else None
        found += judge(book.stem, report.get(book.stem), said.get(book.stem), section)
    return sum(seen['ran'] for seen in report.values()), found


def how_strict(strict, same, odd):
    "Whether text is compared strictly, and why, in words."
    if not strict:
        return (
            f'Not the machine and packages the outputs were made with ({odd}): differences are'
            ' told, floors decide.'
        )
    return 'Text is compared strictly.' + (
        '' if same else f' (Outputs were made with other versions: {odd})'
    )


def ended(job):
    "One line for a job that went well, all that it said for another."
    cells = sum(seen['ran'] for seen in job.report.values())
    seconds = sum(seen['seconds'] for seen in job.report.values())
    more = f' and {len(job.books) - 1} more' if len(job.books) > 1 else ''
    line = f'  {job.books[0].stem}{more}: {cells} cells in {seconds:.0f} s'
    return f'{line}\n{job.said}' if job.said else line


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
