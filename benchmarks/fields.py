"""The stations of the part Fields with other seeds: `python -m benchmarks.fields`, written to
benchmarks/fields.md. With `--only 12` that lesson alone is measured, and the page keeps the rest.

A lesson's own cells run as they are, but for their seeds: every `set_seed` and `default_rng` with
42 or 0 gets another number. What the lesson records is kept in build/fields.json, so the
work can be done in pieces (`--most 1`); the lesson's own seed, 42, is run as well.
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


def section(kept, path, floors):
    "A lesson's part of the page: each number's mean and each seed's, beside its floor."
    lines = [
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
        lines.append(
            f'| {name} | {floors.get(name, "")} | {statistics.mean(values):.3g} | {each} |'
        )
    return '\n'.join(lines)


def report(kept, paths, known, before=''):
    """The page: the lessons that were measured with every seed, and from the page as it was
    `before` those that were not measured this time."""
    texts = re.split(r'^(?=## )', before, flags=re.M)[1:]
    parts = {text.split()[1]: text.rstrip() for text in texts}
    for path in paths:
        if all(f'{path.stem} {seed}' in kept for seed in SEEDS):
            parts[path.stem] = section(kept, path, known[path.stem]['floors'])
    head = (
        '# The stations of the Fields, over seeds\n\n'
        f'Written by `python -m benchmarks.fields` on {this_machine()["system"]}, one thread a'
        f' process. The lesson has the seed {SEEDS[0]}; the others are'
        f' {", ".join(map(str, SEEDS[1:]))}. What does not change with the seed has nothing to do'
        ' with chance.'
    )
    found = [parts[path.stem] for path in paths if path.stem in parts]
    return '\n\n'.join([head, *found]) + '\n'


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
    if missing := [work for work in left() if work[0].name.startswith(args.only)]:
        say(f'{len(missing)} to go.')
        return
    text = report(read(), paths, known, REPORT.read_text(encoding='utf-8'))
    files.write({REPORT: text})
    say(text)


if __name__ == '__main__':
    run(main)
