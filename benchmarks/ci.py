"""`make ci-page`: where the minutes of CI go, in benchmarks/ci.md. The figures are those of the
last `make test` here (build/timings.json, build/pass.json)."""

import json

from course.common import NBS, ROOT, Complaint, lessons, run, say, short
from course.execute import this_machine
from course.full_pass import REPORT
from course.parallel import workers
from course.suite import TIMINGS

OUT = ROOT / 'benchmarks' / 'ci.md'


def figures():
    "What the last run left behind; a Complaint when it ended early."
    if not TIMINGS.exists() or not REPORT.exists():
        raise Complaint('There are no figures yet. What to do now: make test')
    timings = json.loads(TIMINGS.read_text())
    if timings['counts'][1]:
        raise Complaint('The last `make test` failed, so its figures say nothing. Run it again.')
    return timings, json.loads(REPORT.read_text())


def minutes(seconds):
    return f'{seconds / 60:.1f}'


def page(timings, report, kept=''):
    "The page as Markdown."
    machine, steps = this_machine(), timings['steps']
    passed, _, skipped = timings['counts']
    lines = [
        '# Where the minutes of CI go',
        '',
        f'One run on {timings["day"]}, {machine["system"]}, {machine["cpu"]},'
        f' one thread a process, {workers()} processes at a time.'
        f' {passed:,} tests and cells passed, {skipped} skipped. `make ci-page` writes this page'
        ' from the last `make test`.',
        '',
        '| step | minutes |',
        '|:--|--:|',
        *(f'| {step["name"]} | {minutes(step["seconds"])} |' for step in steps),
        f'| **all** | **{minutes(sum(step["seconds"] for step in steps))}** |',
        '',
        '## Lessons',
        '',
        '| lesson | seconds of the processor | seconds by the clock | MB |',
        '|:--|--:|--:|--:|',
    ]
    for path in lessons(NBS):
        if seen := report.get(path.stem):
            numbers = seen['processor'], seen['seconds'], seen['memory_mb']
            lines.append(f'| {path.stem} | ' + ' | '.join(f'{n:.0f}' for n in numbers) + ' |')
    lines += ['', '## The slowest tests', '', '| test | seconds |', '|:--|--:|']
    lines += [f'| `{one["name"]}` | {one["seconds"]:.0f} |' for one in timings['slowest']]
    return '\n'.join(lines) + '\n' + (f'\n{kept}' if kept else '')


def main():
    old = OUT.read_text(encoding='utf-8') if OUT.exists() else ''
    kept = old[old.index('## Before') :] if '## Before' in old else ''
    OUT.write_text(page(*figures(), kept), encoding='utf-8')
    say(f'{short(OUT)} has the figures of the last run.')


if __name__ == '__main__':
    run(main)
