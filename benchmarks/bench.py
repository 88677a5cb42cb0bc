"""`make bench`: how fast lesson 1 is, against other networks and against its physical limit, in
benchmarks/lesson_01.md.

Everything in the file comes from one run on one machine that does nothing else. The other networks
start from random weights (theirs are not carried by any package), frozen as fastai freezes
pretrained ones: their times are what counts, their accuracy says nothing.
"""

import argparse
import os
import platform
import tempfile
import time
from importlib.metadata import version
from unittest.mock import patch

from course.common import ROOT, run, say, short

OUT = ROOT / 'benchmarks' / 'lesson_01.md'
SIZE, BS, EPOCHS = 128, 32, 3


def clock(act):
    "The seconds that `act()` takes, and what it gives back."
    start = time.perf_counter()
    out = act()
    return time.perf_counter() - start, out


def learner(dls, arch):
    """As in the lesson; an architecture other than lite0 gets random weights and is frozen as
    fastai freezes pretrained ones."""
    from fastai.vision.all import accuracy, set_seed, vision_learner

    from whole_game.backbone import lite0

    set_seed(42)
    learn = vision_learner(dls, arch, metrics=accuracy, pretrained=arch is lite0)
    learn.freeze()
    return learn


def loaders(path, **kwargs):
    from fastai.vision.all import ImageDataLoaders, set_seed

    set_seed(42)
    return ImageDataLoaders.from_folder(path, train='train', valid='valid', bs=BS, **kwargs)


def fit(learn, train):
    "Train without a display; gives the accuracy."
    with learn.no_bar(), learn.no_logging():
        train(learn)
    return learn.recorder.values[-1][-1]


def speed(learn, steps, recall=False):
    """Pictures per second of whole training steps (forward, backward, optimiser) on one batch that
    is already in memory; with `recall` one that the body has seen before."""
    from fastai.basics import Callback, DataLoaders

    batch, times = learn.dls.one_batch(), []

    class Clock(Callback):
        def before_batch(self):
            if not recall and hasattr(self.learn, 'remember_features'):
                self.learn.remember_features.cache.clear()
            self.start = time.perf_counter()

        def after_batch(self):
            times.append(time.perf_counter() - self.start)

    learn.dls = DataLoaders([batch] * (steps + 1), [])
    with learn.no_bar(), learn.no_logging():
        learn.fit(1, cbs=Clock())
    times = sorted(times[1:])
    return len(batch[0]) / times[len(times) // 2]


def bare(learn):
    """Seconds of one forward pass of the body over all pictures of both sides, held in memory, the
    best of three: the physical limit."""
    import torch

    batches = [
        xb.as_subclass(torch.Tensor)
        for dl in (learn.dls.train.new(shuffle=False, drop_last=False), learn.dls.valid)
        for xb, _ in dl
    ]
    body = learn.model[0].eval()
    with torch.no_grad():
        return min(clock(lambda: [body(xb).sum() for xb in batches])[0] for _ in range(3))


def curve(path, valid):
    "The lesson's learning curve: 10, 20 and 40 paintings a style."
    import random

    from fastai.vision.all import CategoryBlock, DataBlock, ImageBlock, IndexSplitter, parent_label

    from whole_game.backbone import lite0

    for n, epochs in zip((10, 20, 40), (10, 6, 4)):
        rng = random.Random(42)
        files = [
            file
            for style in sorted((path / 'train').iterdir())
            for file in rng.sample(sorted(style.iterdir()), n)
        ]
        block = DataBlock(
            (ImageBlock, CategoryBlock), get_y=parent_label, splitter=IndexSplitter([])
        )
        few = learner(block.dataloaders(files, bs=16), lite0)
        fit(few, lambda few: few.fit_one_cycle(epochs))
        with few.no_bar():
            few.validate(dl=valid)


def machine():
    "One line on the machine and the versions that matter."
    from course.execute import this_machine

    here = this_machine()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count()
    versions = ', '.join(
        f'{name} {version(name)}' for name in ('torch', 'torchvision', 'fastai', 'timm')
    )
    return (
        f'{here["cpu"] or here["machine"]}, {cores} cores, {here["system"]}, without a graphics'
        f' card. Python {platform.python_version()}, {versions}.'
    )


def table(head, rows):
    "A markdown table; numbers to the right."
    line = lambda cells: '| ' + ' | '.join(map(str, cells)) + ' |'
    return '\n'.join([line(head), line(['---'] + ['---:'] * (len(head) - 1)), *map(line, rows)])


def bench(quick=False):
    """Measure everything; gives the text of the report. `quick` takes fewer steps and leaves the
    long fits out."""
    steps, stages = 3 if quick else 15, {}

    def stage(name, act):
        stages[name], out = clock(act)
        say(f'  {stages[name]:7.1f} s  {name}')
        return out

    def libraries():
        import fastai.vision.all  # noqa: F401

        from whole_game.backbone import lite0

        return lite0

    lite0 = stage('import the libraries', libraries)
    from fastai.vision.all import ClassificationInterpretation, Resize, resnet18, resnet34

    from whole_game.data import get
    from whole_game.lesson import peak_memory_mb

    with tempfile.TemporaryDirectory() as cache, patch.dict(os.environ, WHOLE_GAME_CACHE=cache):
        path = stage('make the paintings (the first time)', lambda: get('paintings'))
        stage('find the paintings (afterwards)', lambda: get('paintings'))
        dls = stage('make the loaders', lambda: loaders(path))
        learn = stage('make the learner', lambda: learner(dls, lite0))
        right = stage(
            f'train the head, {EPOCHS} epochs',
            lambda: fit(learn, lambda l: l.fit_one_cycle(EPOCHS)),
        )
        with learn.no_bar():
            stage(
                'find the mistakes',
                lambda: ClassificationInterpretation.from_learner(learn).confusion_matrix(),
            )
        stage('draw the learning curve (3 trainings)', lambda: curve(path, dls.valid))
        memory = peak_memory_mb()
        ours, n = stages[f'train the head, {EPOCHS} epochs'], (len(dls.train_ds), len(dls.valid_ds))
        limit = bare(learn)
        say(f'  {limit:7.1f} s  one bare forward pass over {sum(n)} pictures')

        speeds = []
        for arch in (lite0, resnet18, resnet34):
            frozen = speed(learner(dls, arch), steps)
            again = speed(learner(dls, arch), steps, recall=True) if arch is lite0 else None
            one = learner(dls, arch)
            one.unfreeze()
            speeds.append((arch.__name__, frozen, again, speed(one, steps)))
            say(
                f'  {arch.__name__}: {frozen:.0f} pictures a second frozen, {speeds[-1][-1]:.0f}'
                ' unfrozen'
            )
        plain = (
            {}
            if quick
            else {
                arch.__name__: clock(
                    lambda: fit(learner(dls, arch), lambda l: l.fit_one_cycle(EPOCHS))
                )[0]
                for arch in (resnet18, resnet34)
            }
        )
        for name, seconds in plain.items():
            say(f'  {seconds:7.1f} s  {name}, {EPOCHS} epochs')
        recipe = None
        if not quick:
            large = learner(loaders(path, item_tfms=Resize(224)), resnet34)
            recipe = clock(lambda: fit(large, lambda l: l.fine_tune(1)))[0]
            say(f'  {recipe:7.1f} s  resnet34, fine_tune(1), 224 px')

    passes = EPOCHS * limit
    times = table(('stage', 'seconds'), [(name, f'{s:.1f}') for name, s in stages.items()])
    row = lambda name, seconds: (name, f'{seconds:.1f}', f'{seconds / ours:.1f}')
    rows = [row(f'lesson 1 (lite0, {SIZE} px, {EPOCHS} epochs of the head)', ours)]
    rows += [
        row(f"{name}, the same pictures, size and epochs, fastai's default freezing", seconds)
        for name, seconds in plain.items()
    ]
    aim = 'A quick run: the long trainings were left out.'
    if recipe:
        rows.append(row("fastai's default first recipe: resnet34, 224 px, `fine_tune(1)`", recipe))
        aim = (
            'The aim is ten times faster than the default recipe: **about'
            f' {recipe / ours:.0f} times**.'
        )
    rates = table(
        ('network', 'frozen', 'frozen, pictures seen before', 'unfrozen'),
        [
            (name, f'{frozen:.0f}', f'{again:.0f}' if again else '', f'{unfrozen:.0f}')
            for name, frozen, again, unfrozen in speeds
        ],
    )
    text = f'''# How fast lesson 1 is

All numbers are from one run of `make bench`; on another machine they are different, and the ratios
are about the same.

{machine()}

{n[0]} paintings to learn from and {n[1]} held back, {SIZE} x {SIZE} pixels, batches of {BS}.
Accuracy {right:.1%}. Peak memory of the stages below: about {memory:.0f} MB.

## Seconds of each stage

{times}

## Against the physical limit

One bare forward pass of the body over all {sum(n)} pictures, already in memory, takes about
{limit:.1f} s (the best of three). Each epoch passes over both sides once, so {EPOCHS} epochs are
{passes:.1f} s of pure compute. The training took {ours:.1f} s, with reading, the head and the
metric: **{ours / passes:.2f} times** the pure compute of its own passes (aim: at most 1.5).
It can be less than 1 because the frozen body looks at each picture once and remembers:
{ours / limit:.2f} times a single pass.

## Against other networks

{table(('training', 'seconds', 'times lesson 1'), rows)}

{aim}
The resnets have random weights here: only their times are compared. All of them are trained
without a display.

## Images per second

Whole training steps (forward, backward, optimiser) on a batch in memory, {SIZE} px, batches of
{BS}, the median of {steps}. Frozen means: as fastai freezes it, which still trains the BatchNorm
layers of the resnets; lite0's body only looks.

{rates}
'''
    return text


def main(argv=None):
    parser = argparse.ArgumentParser(
        prog='python -m benchmarks.bench', description=__doc__.splitlines()[0]
    )
    parser.add_argument(
        '--quick',
        action='store_true',
        help='leave out the long trainings; prints the report instead of writing it',
    )
    args = parser.parse_args(argv)
    os.environ['WHOLE_GAME_DEVICE'] = 'cpu'
    text = bench(args.quick)
    if args.quick:
        say('\n' + text)
    else:
        OUT.parent.mkdir(exist_ok=True)
        OUT.write_text(text, encoding='utf-8')
        say(f'Written to {short(OUT)}.')


if __name__ == '__main__':
    run(main)
