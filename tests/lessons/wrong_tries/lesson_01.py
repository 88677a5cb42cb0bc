"Wrong tries at the exercises of lesson 1."

import numpy as np
import torch

SETUP = (
    'from whole_game.backbone import lite0\nfrom fastai.vision.all import *\nfrom whole_game.data'
    ' import get\n'
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
        (returns_at_once, 'indented into the loop'),
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


TRIES = {'01 accuracy': accuracy, '01 charts': charts}
RIGHT = {
    '01 accuracy': lambda: [
        lambda g, l: np.mean(np.array(g) == np.array(l)),
        lambda g, l: np.float32(sum(a == b for a, b in zip(g, l)) / len(g)),
        lambda g, l: torch.tensor([a == b for a, b in zip(g, l)]).float().mean(),
        lambda g, l: 1 - sum(a != b for a, b in zip(g, l)) / len(l),
        lambda g, l: len([1 for i in range(len(g)) if g[i] == l[i]]) / len(g),
    ]
}
