"What every test shares: no test leaves a mark on the reader's own cache of data, or runs on a graphics card."
import os

os.environ['WHOLE_GAME_DEVICE'] = 'cpu'
os.environ.setdefault('MPLBACKEND', 'Agg')
