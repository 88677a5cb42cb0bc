"Wrong tries at the exercises of lesson 5."

from collections import Counter

SETUP = '''import whole_game.backbone
from fastai.tabular.all import *
from whole_game.data import get
import whole_game.makers.tables
table = pd.read_csv(get('penguins')/'penguins.csv')
measures = ['bill_length_mm', 'bill_depth_mm', 'flipper_length_mm', 'body_mass_g']
def loaders(fold, words=['sex'], numbers=measures):
    return TabularDataLoaders.from_df(
        table,
        procs=[Categorify, FillMissing, Normalize],
        cat_names=list(words),
        cont_names=list(numbers),
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
        (lambda t, v: v.count(top(t)[0]) / 20, 'wrong for another'),
        (lambda t, v: sum(label == top(t) for label in v) / len(v), 'or the pair'),
        (lambda t, v: Counter(v).get(top(t)[0]) / len(v), 'does not occur in validation'),
        (lambda t, v: round(v.count(top(t)[0]) / len(v), 2), 'Do not round'),
        (lambda t, v: 0.11, 'You return 0.11'),
        (lambda t, v: v.count(max(t)) / len(v), 'alphabet'),
        (lambda t, v: v.count(t[0]) / len(v), 'first label'),
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
        (lambda g, r: squares(g, r)[-1] ** 0.5, 'last pair alone'),
        (lambda g, r: (sum(squares(g, r)) / len(r)) ** 1 / 2, 'half the mean'),
        (squares, 'a list'),
        (lambda g, r: (sum(squares(g, r)) / 4) ** 0.5, 'wrong for another'),
        (lambda g, r: 7, 'You return 7'),
        (1.58, 'not a function'),
    ]


def leak():
    space = {}
    exec(
        SETUP + "table['row'] = table.index\n"
        "def made(*args, **how): return tabular_learner(loaders(*args), **how)\n"
        "without = made(0, metrics=accuracy)\n"
        "with_sex = made(0, ['sex'], ['row'], metrics=accuracy)\n"
        "with_species = made(0, ['species'], ['row'], metrics=accuracy)\n"
        "untrained = made(0, [], ['row'], metrics=accuracy)\n"
        "as_a_word = made(0, ['row'], [], metrics=accuracy)\n"
        "fold_1 = made(1, [], ['row'], metrics=accuracy)\n"
        "other_fold = made(3, [], ['row'], metrics=accuracy)\n"
        "blind = made(0, [], ['row'])\n"
        "short = made(0, [], ['row'], metrics=accuracy)\n"
        "for learner, lr in ((blind, 1e-2), (short, 1e-7)):\n"
        "    with learner.no_bar(), learner.no_logging(): learner.fit_one_cycle(1, lr)\n"
        "table['row'] = table.species.rank(method='dense')\n"
        "species = made(0, [], ['row'], metrics=accuracy)",
        space,
    )
    return [
        (space['without'], 'not among them'),
        (space['as_a_word'], 'as a word'),
        (space['with_sex'], 'this goes in: sex'),
        (space['with_species'], 'this goes in: species'),
        (space['untrained'], 'not been trained'),
        (space['fold_1'], 'The 69 birds of your validation set'),
        (space['other_fold'], 'The 68 birds of your validation set'),
        (space['species'], 'does not hold the numbers'),
        (space['blind'], 'nothing measured'),
        (space['short'], 'More than 90'),
        (space['untrained'].dls, 'Those are the loaders'),
        ('row', 'not a Learner'),
    ]


TRIES = {'05 commonest': commonest, '05 rmse': rmse, '05 leak': leak}


def right_commonest():
    import numpy as np
    import torch

    return [
        lambda t, v: np.mean(np.array(v) == max(sorted(set(t)), key=t.count)),
        lambda t, v: np.float32(v.count(top(t)[0]) / len(v)),
        lambda t, v: torch.tensor([label == top(t)[0] for label in v]).float().mean(),
        lambda t, v: Counter(v)[top(t)[0]] / sum(Counter(v).values()),
    ]


def right_rmse():
    import numpy as np
    import torch
    from sklearn.metrics import root_mean_squared_error

    return [
        lambda g, r: np.sqrt(np.mean((np.array(g) - np.array(r)) ** 2)),
        lambda g, r: (torch.tensor(g).float() - torch.tensor(r).float()).pow(2).mean().sqrt(),
        lambda g, r: root_mean_squared_error(r, g),
        lambda g, r: np.linalg.norm(np.subtract(g, r)) / len(g) ** 0.5,
    ]


def right_leak():
    space = {}
    exec(
        SETUP + "table['row'] = table.index\n"
        "def trained(learner, epochs=20, lr=1e-2):\n"
        "    with learner.no_bar(), learner.no_logging(): learner.fit_one_cycle(epochs, lr)\n"
        "    return learner\n"
        "made = lambda metrics: tabular_learner(loaders(0, [], ['row']), metrics=metrics)\n"
        "error_first = trained(made([error_rate, accuracy]))\n"
        "error_last = trained(made([accuracy, error_rate]))\n"
        "error_alone = trained(made(error_rate))\n"
        "table['row'] = range(1, len(table) + 1)\n"
        "from_one = trained(tabular_learner(loaders(0, [], ('row',)), metrics=accuracy))\n"
        "table['row'] = table.index.astype(float)\n"
        "fitted = tabular_learner(loaders(0, (), ['row']), layers=[50], metrics=accuracy)\n"
        "with fitted.no_bar(), fitted.no_logging(): fitted.fit(30, 1e-2)\n"
        "own = TabularPandas(\n"
        "    table, [Normalize], [], ['row'], 'species',\n"
        "    splits=(list(table.index[table.fold != 0]), list(table.index[table.fold == 0])),\n"
        ").dataloaders(bs=16)\n"
        "own_loaders = trained(tabular_learner(own, metrics=accuracy))\n",
        space,
    )
    names = 'error_first', 'error_last', 'error_alone', 'from_one', 'fitted', 'own_loaders'
    return [space[name] for name in names]


RIGHT = {'05 commonest': right_commonest, '05 rmse': right_rmse, '05 leak': right_leak}
