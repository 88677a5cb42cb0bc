"Wrong tries at the exercises of lesson 5."

from collections import Counter

SETUP = '''import whole_game.backbone
from fastai.tabular.all import *
from whole_game.data import get
import whole_game.makers.tables
table = pd.read_csv(get('penguins')/'penguins.csv')
measures = ['bill_length_mm', 'bill_depth_mm', 'flipper_length_mm', 'body_mass_g']
def loaders(fold, words=['sex']):
    return TabularDataLoaders.from_df(
        table,
        procs=[Categorify, FillMissing, Normalize],
        cat_names=list(words),
        cont_names=list(measures),
        y_names='species',
        valid_idx=list(table.index[table.fold == fold]),
        bs=32,
    )
'''


def top(labels):
    return Counter(labels).most_common(1)[0]


def commonest():
    return [
        (lambda t, v: top(v)[1] / len(v), 'peeking'),
        (lambda t, v: top(t)[0], 'You return a label'),
        (lambda t, v: top(t)[1] / len(t), 'in training'),
        (lambda t, v: v.count(top(t)[0]), 'how many are right'),
        (lambda t, v: 100 * v.count(top(t)[0]) / len(v), 'percent'),
        (lambda t, v: top(t), 'pair'),
        (0.25, 'not a function'),
        (lambda t, v: v.count(top(t)[0]) / 4, 'wrong for another'),
        (lambda t, v: 0.1, 'You return 0.1'),
    ]


def runs():
    return [
        (lambda w, n: [w[i : i + n] for i in range(len(w) - n)], 'last run is missing'),
        (lambda w, n: [w[i : i + n] for i in range(len(w))], 'too short'),
        (lambda w, n: [w[i : i + n] for i in range(0, len(w), n)], 'overlap'),
        (lambda w, n: list(w), 'single letters'),
        (lambda w, n: w[:n], 'one piece'),
        (lambda w, n: [w[i : i + 3] for i in range(3)], 'Nobel'),
        (lambda w, n: [w[i : i + n] for i in reversed(range(len(w) - n + 1))], 'another order'),
        (lambda w, n: [w[i - n : i] for i in range(len(w), n - 1, -1)][:1], 'should be'),
        (lambda w, n: [w[i : i + n] for i in range(max(1, len(w) - n + 1))], 'empty'),
        (3, 'not a function'),
    ]


def rmse():
    squares = lambda g, r: [(a - b) ** 2 for a, b in zip(g, r)]
    return [
        (lambda g, r: sum(squares(g, r)) / len(r), 'root is missing'),
        (lambda g, r: sum(squares(g, r)) ** 0.5, 'root of the sum'),
        (lambda g, r: sum(squares(g, r)), 'sum of the squares'),
        (lambda g, r: sum(abs(a - b) for a, b in zip(g, r)) / len(r), 'without their signs'),
        (lambda g, r: sum(a - b for a, b in zip(g, r)) / len(r), 'cancel out'),
        (lambda g, r: sum(squares(g, r)) ** 0.5 / len(r), 'root first'),
        (squares, 'a list'),
        (lambda g, r: (sum(squares(g, r)) / 4) ** 0.5, 'wrong for another'),
        (lambda g, r: 7, 'You return 7'),
        (1.58, 'not a function'),
    ]


def island():
    space = {}
    exec(
        SETUP + "without = tabular_learner(loaders(0), metrics=accuracy)\n"
        "no_sex = tabular_learner(loaders(0, ['island']), metrics=accuracy)\n"
        "untrained = tabular_learner(loaders(0, ['sex', 'island']), metrics=accuracy)\n"
        "other_fold = tabular_learner(loaders(3, ['sex', 'island']), metrics=accuracy)\n"
        "blind = tabular_learner(loaders(0, ['sex', 'island']))\n"
        "short = tabular_learner(loaders(0, ['sex', 'island']), metrics=accuracy)\n"
        "for learner, lr in ((blind, 1e-2), (short, 1e-7)):\n"
        "    with learner.no_bar(), learner.no_logging(): learner.fit_one_cycle(1, lr)",
        space,
    )
    return [
        (space['without'], 'island is missing'),
        (space['no_sex'], 'no longer'),
        (space['untrained'], 'not been trained'),
        (space['other_fold'], 'kept back'),
        (space['blind'], 'nothing measured'),
        (space['short'], 'More than 90'),
        (space['untrained'].dls, 'Those are the loaders'),
        ('island', 'not a Learner'),
    ]


TRIES = {'05 commonest': commonest, '05 runs': runs, '05 rmse': rmse, '05 island': island}
