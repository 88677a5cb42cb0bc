"""`make test`, after the installation: the library in step, the notebooks checked, the tests, the
one full pass, and the kit.

It stops at the first that fails and says which. The last line counts tests and notebook cells
together.
"""

import os
import subprocess
import sys
import time
from xml.etree import ElementTree

from course import check, full_pass, kit, offline, sync
from course.common import BUILD, ROOT, Complaint, run, say

COUNTS = BUILD / 'tests.xml'


def tests():
    """Run pytest with the network denied; return (passed, failed, skipped). A test that stands
    still for twenty minutes fails, and the next one begins."""
    BUILD.mkdir(exist_ok=True)
    COUNTS.unlink(missing_ok=True)
    command, env, how = offline.prepare(
        [sys.executable, '-m', 'pytest', '-ra', '--timeout=1200', f'--junitxml={COUNTS}', 'tests']
    )
    say(f'Network denied by {how}.')
    code = subprocess.run(command, cwd=ROOT, env=env).returncode
    if not COUNTS.exists():
        raise Complaint(f'pytest ended with exit status {code} and left no count.')
    suite = next(ElementTree.parse(COUNTS).iter('testsuite'))
    total, skipped = int(suite.get('tests')), int(suite.get('skipped'))
    failed = int(suite.get('failures')) + int(suite.get('errors'))
    return total - failed - skipped, failed or (1 if code else 0), skipped


def notebooks():
    "The one full pass; return (cells passed, complaints, 0)."
    passed, found = full_pass.full_pass()
    for complaint in found:
        say(complaint)
    return passed, len(found), 0


def plain(main):
    main([])
    return 0, 0, 0


STEPS = (
    ('library in step with the notebooks', lambda: plain(sync.main)),
    ('notebooks checked without running them', lambda: plain(check.main)),
    ('tests', tests),
    ('one full pass over the notebooks, against the wheel', notebooks),
    (
        'the kit, installed and played in a room without a network',
        lambda: plain(lambda argv: kit.main(['--prove', '--torch', os.environ.get('TORCH', '')])),
    ),
)


def suite(steps=STEPS):
    """Run the steps in order, stop at the first that fails, close with a summary; return the exit
    status."""
    done, totals = [], [0, 0, 0]
    for n, (name, step) in enumerate(steps, 1):
        say(f'\n== {n} of {len(steps)}: {name}\n')
        start = time.monotonic()
        try:
            counts = step()
        except Complaint as complaint:
            say(complaint)
            counts = 0, 1, 0
        totals = [a + b for a, b in zip(totals, counts)]
        done.append(
            f'  {"FAILED" if counts[1] else "passed":7} {time.monotonic() - start:5.0f} s  {name}'
        )
        if counts[1]:
            break
    say(
        '\n== Summary\n\n'
        + '\n'.join(done + [f'  not run          {name}' for name, _ in steps[len(done) :]])
    )
    say(
        f'\n{"FAILED: " + steps[len(done) - 1][0] + "; what went wrong is told above." if totals[1] else "All of it passed: tests and notebook cells together"}'
    )
    say(f'{totals[0]} passed, {totals[1]} failed, {totals[2]} skipped')
    return 1 if totals[1] else 0


if __name__ == '__main__':
    run(suite)
