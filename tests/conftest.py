"""What every test shares: none leaves a mark on the reader's own progress, runs on a graphics card,
or takes more than one thread. And two places for rough tests: a full disk, a forbidden folder."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from types import SimpleNamespace

import pytest

from course.parallel import ONE_THREAD

os.environ.update(ONE_THREAD)  # before torch is imported
os.environ['WHOLE_GAME_DEVICE'] = 'cpu'
os.environ.setdefault('MPLBACKEND', 'Agg')
os.environ['WHOLE_GAME_PROGRESS'] = os.path.join(
    tempfile.mkdtemp(prefix='whole_game_tests_'), 'progress.json'
)

# Started in the background, a shell's children ignore Ctrl-C. The tests that press it need it to
# work.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def no_figure_stays_open():
    "A test that counts its pictures counts none of an earlier one's."
    yield
    if plots := sys.modules.get('matplotlib.pyplot'):
        plots.close('all')


def works(*command):
    return (
        bool(shutil.which(command[0]))
        and not subprocess.run(command, capture_output=True).returncode
    )


class Full:
    "A place that has room for a file of a few letters, and for nothing else."

    def __init__(self, folder, before):
        self.folder, self.before, self.ballast = folder, before, folder / 'something large'

    def fill(self):
        "Leave four kilobytes of a real disk."
        free = shutil.disk_usage(self.folder).free
        self.ballast.write_bytes(bytes(free - 4096))

    def put(self, name, text):
        "A file that was there before it was full."
        self.ballast.unlink(missing_ok=True)
        (self.folder / name).write_text(text)
        if not self.before:
            self.fill()

    def empty(self):
        "Make room."
        self.before = []
        self.ballast.unlink(missing_ok=True)


@pytest.fixture(params=['disk', 'limit'])
def full(request, tmp_path):
    """A place where nothing has room: `folder`, and `before`, the words that a command begins with.
    Either a real disk of 64 KB, almost full, where a test may mount one; or a limit of the system,
    which needs no rights, on how large a file may be."""
    folder = tmp_path / 'small disk'
    folder.mkdir()
    if request.param == 'limit':
        if not works('sh', '-c', 'ulimit -f 1'):
            pytest.skip('this system sets no limit on the size of files')
        yield Full(folder, ['sh', '-c', 'ulimit -f 1 && exec "$@"', 'sh'])
        return
    if not works('mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', str(folder)):
        pytest.skip(
            'this system does not let a test mount a small disk; the limit stands in for it'
        )
    try:
        disk = Full(folder, [])
        disk.fill()
        yield disk
    finally:
        subprocess.run(['umount', str(folder)], check=True)


@pytest.fixture
def forbidden(tmp_path):
    "A folder that may not be written in: `folder`, and the words a command `before` begins with."
    folder = tmp_path / 'not yours'
    folder.mkdir()
    folder.chmod(0o500)
    before = []
    if hasattr(os, 'geteuid') and os.geteuid() == 0:  # root may do everything, so it gives that up
        before = ['setpriv', '--bounding-set', '-dac_override,-dac_read_search']
        if not works(*before, 'true'):
            pytest.skip('root cannot give up its rights here')
    yield SimpleNamespace(folder=folder, before=before)
    folder.chmod(0o700)
