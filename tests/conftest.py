"What every test shares: no test leaves a mark on the reader's own cache of data, or runs on a graphics card."
import os, signal

os.environ['WHOLE_GAME_DEVICE'] = 'cpu'
os.environ.setdefault('MPLBACKEND', 'Agg')

# Started in the background, a shell's children ignore Ctrl-C. The tests that press it need it to work.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN: signal.signal(signal.SIGINT, signal.default_int_handler)
