"""The stations of the part Fields with other seeds: `python -m benchmarks.fields`, written to
benchmarks/fields.md.

A lesson's own cells run as they are, but for their seeds: every `set_seed` and `default_rng` with
42 or 0 gets another number. What the lesson records is kept in build/fields.json, so the
work can be done in pieces (`--only 12`, `--most 1`); the lesson's own seed, 42, is run as well.
"""

import argparse
import json
import re
import statistics
import tempfile

import nbformat

from course.book_fields import stations
from course.common import BUILD, ROOT, Complaint, lessons, run, say, settings
from course.execute import execute, plain_progress, this_machine
from whole_game import files

REPORT, KEPT = ROOT / 'benchmarks' / 'fields.md', BUILD / 'fields.json'
SEEDS = 42, 1, 2, 3
SEEDED = re.compile(r'\b(set_seed|default_rng)\((?:42|0)\)')


def seeded(nb, seed):
    "The notebook with another seed, and with each station's processor seconds recorded."
    changed = 0
    for cell in nb.cells:
        if cell.cell_type == 'code':
            other = rf'\1({seed})' if seed != SEEDS[0] else r'\g<0>'
            cell.source, n = SEEDED.subn(other, cell.source)
            changed += n
    if not changed:
        raise Complaint('No cell has a seed.')
    for number, (_, cells) in enumerate(stations(nb.cells), 1):
        code = [cell for cell in cells if cell.cell_type == 'code']
        last = next(cell for cell in code if re.search(r'^record\(', cell.source, re.M))
        code[0].source = f'import time as _time\n_began = _time.process_time()\n{code[0].source}'
        last.source += f'\nrecord(seconds_{number}=_time.process_time() - _began)'
    return nb


def measure(path, seed):
    "What a lesson records with this seed, by name; a Complaint when it does not run to its end."
    plain_progress.last = None
    with tempfile.TemporaryDirectory() as folder:
        ran = execute(path, seeded(nbformat.read(path, 4), seed), plain_progress, folder=folder)
    if ran.error:
        raise Complaint(ran.error)
    return {name: float(f'{value:.4g}') for name, value in ran.metrics.items()}


def report(kept, paths, floors):
    "The page: for each number of a lesson its mean, its range and each seed, beside its floor."
    lines = [
        '# The stations of the Fields, over seeds',
        '',
        f'Written by `python -m benchmarks.fields` on {this_machine()["system"]}, one thread a'
        f' process, two lessons at a time. The lesson has the seed {SEEDS[0]}; the others are'
        f' {", ".join(map(str, SEEDS[1:]))}. What does not change with the seed has nothing to do'
        ' with chance.',
    ]
    for path in paths:
        lines += [
            '',
            f'## {path.stem}',
            '',
            f'On {kept[f"{path.stem} cpu"]}.',
            '',
            '| number | floor | mean | each seed |',
            '|:--|--:|--:|:--|',
        ]
        found = [kept[f'{path.stem} {seed}'] for seed in SEEDS]
        for name in (n for n in found[0] if not n.startswith('seconds_')):  # see ci.md
            values = [one[name] for one in found]
            each = ', '.join(f'{v:.3g}' for v in values)
            floor = floors[path.stem].get(name, '')
            lines.append(f'| {name} | {floor} | {statistics.mean(values):.3g} | {each} |')
    return lines


def main(argv=None):
    parser = argparse.ArgumentParser(
        prog='python -m benchmarks.fields',
        description='Measure the stations of the Fields, over several seeds.',
    )
    parser.add_argument('--only', default='', help='the number of one lesson')
    parser.add_argument('--most', type=int, help='how many runs to do in this call')
    args = parser.parse_args(argv)
    known = settings()
    paths = [path for path in lessons() if known[path.stem]['part'] == 'Fields']
    read = lambda: json.loads(KEPT.read_text()) if KEPT.exists() else {}
    left = lambda: [(p, s) for p in paths for s in SEEDS if f'{p.stem} {s}' not in read()]
    mine = [work for work in left() if work[0].name.startswith(args.only)]
    for path, seed in mine[: args.most]:
        say(f'{path.stem}, seed {seed}')
        found = measure(path, seed)
        BUILD.mkdir(exist_ok=True)  # another call may have measured something in the meantime
        new = {f'{path.stem} {seed}': found, f'{path.stem} cpu': this_machine()['cpu']}
        files.write({KEPT: json.dumps({**read(), **new}, indent=1)})
        say(f'  {found}')
    if missing := left():
        say(f'{len(missing)} to go.')
        return
    text = report(read(), paths, {stem: section['floors'] for stem, section in known.items()})
    files.write({REPORT: '\n'.join(text) + '\n'})
    say('\n'.join(text))


if __name__ == '__main__':
    run(main)
