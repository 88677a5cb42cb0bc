"""What every test shares: none leaves a mark on the reader's own progress, runs on a graphics card,
or takes more than one thread."""

import os
import signal
import tempfile

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
