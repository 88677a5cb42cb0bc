"""`make test`, after the installation: the library in step, the notebooks checked, the tests, and
the one full pass. `make test-all` (--all) adds what takes long and seldom breaks: the tests marked
`expensive`, and the kit, installed and played without a network.

It stops at the first step that fails and says which. The last line counts tests and notebook cells
together. Where the time went is printed at the end and kept in build/timings.json.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from xml.etree import ElementTree

from course import check, full_pass, kit, offline, sync
from course.common import BUILD, ROOT, Complaint, run, say
from course.parallel import ONE_THREAD, workers

TIMINGS = BUILD / 'timings.json'
STARTED = 'WHOLE_GAME_STARTED'  # when .ci/run began, in seconds since 1970
SLOWEST = 10
FOLDERS = 'browser', 'course', 'lessons', 'library'  # of tests/


def tests(folders, everything, times):
    """Run pytest on folders of tests/ with the network denied, two files at a time; return (passed,
    failed, skipped). A test that is not done after 20 minutes fails, and the next one begins."""
    BUILD.mkdir(exist_ok=True)
    counts = BUILD / f'tests-{folders[0]}.xml'
    counts.unlink(missing_ok=True)
    command = [sys.executable, '-m', 'pytest', '-q', '-ra', '--timeout=1200']
    command += ['-n', str(workers()), '--dist', 'loadfile', f'--junitxml={counts}']
    command += [] if everything else ['-m', 'not expensive']
    command += [f'tests/{folder}' for folder in folders]
    command, env, how = offline.prepare(command, {**os.environ, **ONE_THREAD})
    say(f'Network denied by {how}.')
    code = subprocess.run(command, cwd=ROOT, env=env).returncode
    if not counts.exists():
        raise Complaint(f'pytest ended with exit status {code} and left no count.')
    suite = next(ElementTree.parse(counts).iter('testsuite'))
    for case in suite.iter('testcase'):
        name = f'{case.get("classname").removeprefix("tests.")}::{case.get("name")}'
        times.append((float(case.get('time', 0)), name))
    total, skipped = int(suite.get('tests')), int(suite.get('skipped'))
    failed = int(suite.get('failures')) + int(suite.get('errors'))
    return total - failed - skipped, failed or (1 if code else 0), skipped


def notebooks():
    "The one full pass; return (cells passed, complaints, 0)."
    passed, found = full_pass.full_pass()
    for complaint in found:
        say(complaint)
    return passed, len(found), 0


def plain(main, *argv):
    main(list(argv))
    return 0, 0, 0


def steps(everything, times):
    "What is done, in order: (name, function that returns passed, failed, skipped)."
    inside = ['course', 'lessons', 'library']
    found = [
        ('library in step with the notebooks', lambda: plain(sync.main)),
        ('notebooks and code checked without running them', lambda: plain(check.main)),
        ('tests', lambda: tests(inside, everything, times)),
        ('tests in a browser', lambda: tests(['browser'], everything, times)),
        ('one full pass over the notebooks, against the wheel', notebooks),
    ]
    if everything:
        torch = os.environ.get('TORCH', '')
        prove = lambda: plain(kit.main, '--prove', '--torch', torch)
        found.append(('the kit, installed and played in a room without a network', prove))
    return found


def suite(steps, times=(), left_out='', figures=None):
    """Run the steps, stop at the first that fails, close with a summary; return the exit status.
    `figures` is the file that keeps where the time went."""
    done, totals, began = [], [0, 0, 0], time.time()
    installing = began - float(os.environ.get(STARTED, began))
    rows = [('passed', installing, 'installation, before all this')] if installing else []
    for n, (name, step) in enumerate(steps, 1):
        say(f'\n== {n} of {len(steps)}: {name}\n')
        start = time.monotonic()
        try:
            counts = step()
        except Complaint as complaint:
            say(complaint)
            counts = 0, 1, 0
        totals = [a + b for a, b in zip(totals, counts)]
        done.append(name)
        rows.append(('FAILED' if counts[1] else 'passed', time.monotonic() - start, name))
        if counts[1]:
            break
    say('\n== Where the time went\n')
    for how, seconds, name in rows:
        say(f'  {how:7} {seconds:6.0f} s  {name}')
    for name, _ in steps[len(done) :]:
        say(f'  not run           {name}')
    slowest = sorted(times, reverse=True)[:SLOWEST]
    say('\nThe slowest tests:' if slowest else '')
    for seconds, name in slowest:
        say(f'  {seconds:6.1f} s  {name}')
    if figures:
        keep(figures, rows, times, totals)
    say(left_out)
    if totals[1]:
        say(f'\nFAILED: {done[-1]}; what went wrong is told above.')
    else:
        say('\nAll of it passed: tests and notebook cells together')
    say(f'{totals[0]} passed, {totals[1]} failed, {totals[2]} skipped')
    return 1 if totals[1] else 0


def keep(file, rows, times, totals):
    "Write the figures where benchmarks/ci.py finds them."
    BUILD.mkdir(exist_ok=True)
    steps = [{'name': name, 'seconds': round(seconds, 1)} for _, seconds, name in rows]
    slowest = sorted(times, reverse=True)[:SLOWEST]
    folders = {
        folder: round(sum(seconds for seconds, name in times if name.startswith(folder)))
        for folder in FOLDERS
    }
    kept = {
        'day': time.strftime('%Y-%m-%d'),
        'steps': steps,
        'tests': folders,
        'slowest': [{'name': name, 'seconds': round(seconds, 1)} for seconds, name in slowest],
        'counts': totals,
    }
    file.write_text(json.dumps(kept, indent=1) + '\n')


def fetch_what_tests_need():
    "JupyterHub's proxy, from npm, while there is a network; where no hub can be, its test says so."
    if not sys.platform.startswith('linux'):
        return
    from course import hub  # it knows the accounts of a system, which Windows does not have

    try:
        hub.check_system()
        hub.fetch_proxy()
    except Complaint as why:
        say(f'The hub is not tested here. {why}\n')


LEFT_OUT = (
    '\nLeft out here, and part of `make test-all`: the tests marked `expensive` (real photographs,'
    " every learner's copy, lessons on a pretended card, every page of the book in both themes,"
    " eight learners on one server) and the kit's proof."
)


def main(argv=None):
    parser = argparse.ArgumentParser(prog='python -m course.suite', description='Run all checks.')
    parser.add_argument('--all', action='store_true', help='with what takes long, too')
    everything, times = parser.parse_args(argv).all, []
    fetch_what_tests_need()
    return suite(steps(everything, times), times, '' if everything else LEFT_OUT, TIMINGS)


if __name__ == '__main__':
    run(main)
