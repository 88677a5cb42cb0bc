"Wrong tries at the exercises of lesson 1."

import numpy as np
import torch

SETUP = (
    'from whole_game.backbone import lite0\nfrom fastai.vision.all import *\nfrom whole_game.data'
    ' import get\n'
    'from tempfile import mkdtemp\n'
    'folder = Path(mkdtemp())\n'
    "for kind in sorted((get('charts') / 'train').ls())[:2]:\n"
    '    shutil.copytree(kind, folder / kind.name)\n'
)


def accuracy():
    def returns_at_once(guesses, labels):
        right = 0
        for guess, label in zip(guesses, labels):
            right += guess == label
            return right / len(labels)

    return [
        (lambda g, l: sum(a == b for a, b in zip(g, l)), 'how many are right'),
        (lambda g, l: 100 * sum(a == b for a, b in zip(g, l)) / len(l), 'percent'),
        (lambda g, l: sum(a != b for a, b in zip(g, l)) / len(l), 'error rate'),
        (lambda g, l: g == l, 'Compare them place by place'),
        (lambda g, l: sum(g == l) / len(l), 'as wholes. Go'),
        (lambda g, l: [a == b for a, b in zip(g, l)], 'A list came back'),
        (0.625, 'not a function'),
        (lambda g, l: 0.625, 'wrong for another'),
        (returns_at_once, 'inside the loop'),
        (lambda g, l: len(set(g) & set(l)) / len(l), 'in both lists'),
        (lambda g, l: 0.5, 'You return 0.5'),
        (lambda g, l: str(sum(a == b for a, b in zip(g, l)) / len(l)), 'That is text'),
    ]


def charts():
    space = {}
    exec(
        SETUP + "dls = ImageDataLoaders.from_folder(get('charts'), train='train', valid='valid',"
        " bs=32)\nuntrained = vision_learner(dls, lite0, metrics=accuracy)\nsame ="
        " ImageDataLoaders.from_folder(get('charts')/'train', valid_pct=0.2, seed=1)\nsame.valid"
        " = same.train\nleaky = vision_learner(same, lite0)\nother ="
        " ImageDataLoaders.from_folder(get('handwriting'), train='train', valid='valid')\ndigits"
        " = vision_learner(other, lite0)\nfew = [file for kind in (get('charts')/'train').ls()"
        " for file in kind.ls()[:8]]\nmisjudged ="
        " vision_learner(ImageDataLoaders.from_path_func(get('charts'), few, lambda file:"
        " file.parent.name, seed=1), lite0, metrics=error_rate)\nwith misjudged.no_bar(),"
        " misjudged.no_logging(): misjudged.fit(1)",
        space,
    )
    return [
        (space['dls'], 'DataLoaders'),
        (space['untrained'], 'not been trained'),
        (space['leaky'], 'practised'),
        (space['digits'], 'Charts are asked for'),
        (space['misjudged'], 'not by its accuracy'),
        (None, 'gives nothing back'),
        ('charts', 'not a Learner'),
    ]


def folders():
    "Learners of small folders: usual slips, and unusual ones that are right."
    space = {}
    exec(
        SETUP
        + """
charts = get('charts') / 'train'
few = [file for kind in sorted(charts.ls())[:2] for file in sorted(kind.ls())[:8]]
label = lambda file: file.parent.name


def learner(files=few, label=label, trained=True, metrics=accuracy, **how):
    how = {'valid_pct': 0.25, 'seed': 1} | how
    dls = ImageDataLoaders.from_path_func('.', files, label, bs=4, **how)
    learn = vision_learner(dls, lite0, metrics=metrics)
    if trained:
        with learn.no_bar(), learn.no_logging():
            learn.fit(1)
    return learn


untrained, unmeasured = learner(trained=False), learner(metrics=error_rate)
one = learner(few[:8], trained=False)
halves = learner(label=lambda file: 'train' if file.name < few[3].name else 'valid', trained=False)
mixed = learner(trained=False)
mixed.dls.valid_ds.items[:] = mixed.dls.train_ds.items[: len(mixed.dls.valid_ds)]
both, rates = learner(metrics=[error_rate, accuracy]), learner(few + [charts.ls()[3].ls()[0]])
block = DataBlock((ImageBlock, CategoryBlock), get_y=parent_label, splitter=RandomSplitter(0.25))
blocks = vision_learner(block.dataloaders(few, bs=4), lite0, metrics=accuracy)
with blocks.no_bar(), blocks.no_logging():
    blocks.fit(1)
""",
        space,
    )
    return space


def folder():
    space = folders()
    return [
        (space['untrained'].dls, 'DataLoaders'),
        (space['untrained'], 'not been trained'),
        (space['unmeasured'], 'not measured'),
        (space['one'], 'only 1 category'),
        (space['halves'], 'tell *train* from'),
        (space['mixed'], 'in the training set and in'),
        ('my_pictures', 'not a Learner'),
    ]


def own_ways():
    space = folders()
    return [space['both'], space['blocks'], space['rates']]


TRIES = {'01 accuracy': accuracy, '01 charts': charts, '01 folder': folder}
RIGHT = {
    '01 folder': own_ways,
    '01 accuracy': lambda: [
        lambda g, l: np.mean(np.array(g) == np.array(l)),
        lambda g, l: np.float32(sum(a == b for a, b in zip(g, l)) / len(g)),
        lambda g, l: torch.tensor([a == b for a, b in zip(g, l)]).float().mean(),
        lambda g, l: 1 - sum(a != b for a, b in zip(g, l)) / len(l),
        lambda g, l: len([1 for i in range(len(g)) if g[i] == l[i]]) / len(g),
    ],
}
