"""What every test shares: none leaves a mark on the reader's own progress, or runs on a graphics
card."""

import os
import signal
import tempfile

os.environ['WHOLE_GAME_DEVICE'] = 'cpu'
os.environ.setdefault('MPLBACKEND', 'Agg')
os.environ['WHOLE_GAME_PROGRESS'] = os.path.join(
    tempfile.mkdtemp(prefix='whole_game_tests_'), 'progress.json'
)

# Started in the background, a shell's children ignore Ctrl-C. The tests that press it need it to
# work.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
