"""`make play` on tiny lessons: what it tells, where it writes, how it ends; and the end of the full
suite."""

import io
import signal
import subprocess
import sys
import time

import pytest
from course_fixtures import RECORD, SECTION, put, runnable

from course import play, suite
from course.common import ROOT, Complaint


def tiny(tmp_path, *code):
    return put(runnable([RECORD, *code]), tmp_path / 'nbs' / '01_tiny.ipynb')


def go(tmp_path, out=None):
    play.play('01_tiny', (), tmp_path / 'nbs', tmp_path / 'build', SECTION, out or io.StringIO())


def test_it_tells_how_it_went(tmp_path, capsys):
    path = tiny(tmp_path, 'record(accuracy=.95, right=19, of=20)', 'open("saved.txt", "w").close()')
    out = io.StringIO()
    before = path.read_bytes()
    go(tmp_path, out)
    told = capsys.readouterr().out
    for piece in ('19 of 20 paintings', '95.0%', 'seconds', 'GB', '01_tiny.ipynb', 'make lab'):
        assert piece in told
    assert path.read_bytes() == before and (tmp_path / 'build' / 'play' / '01_tiny.ipynb').exists()
    assert [found.name for found in path.parent.iterdir()] == ['01_tiny.ipynb'], (
        'it left something in nbs/'
    )
    lines = out.getvalue().splitlines()
    assert len(lines) == 3 and lines[1].startswith('[#') and 'cell 2 of 3  Part 2' in lines[1]


@pytest.mark.parametrize(
    'code, said',
    [
        ('record(accuracy=.8)', 'accuracy is 0.8; at least 0.9'),
        ('1', 'accuracy is not recorded'),
        ('record(accuracy=float("nan"))', 'accuracy is nan'),
        ('1 / 0', 'ZeroDivisionError'),
    ],
)
def test_it_fails_when_the_lesson_does(tmp_path, code, said):
    tiny(tmp_path, code)
    with pytest.raises(Complaint, match=said):
        go(tmp_path)
    assert (tmp_path / 'build' / 'play' / '01_tiny.ipynb').exists()


def test_a_moving_line_on_a_terminal(tmp_path):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    tiny(tmp_path, 'import time\ntime.sleep(2.5)\nrecord(accuracy=.95)')
    out = Terminal()
    go(tmp_path, out)
    drawn = out.getvalue().split('\r')
    assert (
        '\n' not in out.getvalue() and len({line for line in drawn if 'cell 2 of 2' in line}) >= 2
    ), 'the clock stood still'


def test_no_lesson(tmp_path):
    with pytest.raises(Complaint, match='no lesson'):
        play.play('09_none', (), tmp_path, tmp_path, SECTION)


# The kernel takes its time to end, so that what waits for the cell surely sees it die.
SLOW_TO_END = """
import asyncio
from pathlib import Path
from course import execute, play
from course.common import run

class Slow(execute.KernelHere):
    async def cleanup_resources(self, restart=False):
        await super().cleanup_resources(restart)
        await asyncio.sleep(2.5)

execute.KernelHere = Slow
folder = Path({folder!r})
run(lambda: play.play('01_tiny', (), folder / 'nbs', folder / 'build', {section!r}))
"""


def test_ctrl_c_is_one_line_and_leaves_no_kernel(tmp_path):
    import psutil

    tiny(tmp_path, 'import time\ntime.sleep(60)')
    going = subprocess.Popen(
        [sys.executable, '-c', SLOW_TO_END.format(folder=str(tmp_path), section=SECTION)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    for line in going.stdout:
        if 'Part 2' in line:
            break
    time.sleep(0.5)
    kernels = psutil.Process(going.pid).children(recursive=True)
    assert kernels
    going.send_signal(signal.SIGINT)
    out, err = going.communicate(timeout=30)
    assert (
        going.returncode == 130
        and out.strip() == 'Stopped, as you asked.'
        and 'Traceback' not in err
    )
    assert not psutil.wait_procs(kernels, timeout=10)[1], 'a kernel was left behind'


def test_the_suite_stops_at_the_first_failure(capsys):
    steps = (('one', lambda: (3, 0, 1)), ('two', lambda: (2, 1, 0)), ('three', lambda: 1 / 0))
    assert suite.suite(steps) == 1
    said = capsys.readouterr().out
    assert (
        'FAILED: two' in said
        and 'not run          three' in said
        and said.splitlines()[-1] == '5 passed, 1 failed, 1 skipped'
    )
    assert (
        suite.suite(steps[:1]) == 0
        and capsys.readouterr().out.splitlines()[-1] == '3 passed, 0 failed, 1 skipped'
    )


def test_a_complaint_fails_the_suite(capsys):
    def complain():
        raise Complaint('no')

    assert suite.suite([('one', complain)]) == 1 and '0 passed, 1 failed' in capsys.readouterr().out
