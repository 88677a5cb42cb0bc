"""What unfreezing buys, near ImageNet and far from it: `python -m benchmarks.unfreeze_compare`,
written to benchmarks/unfreezing.md.

The paintings of lesson 1 and the handwriting of lesson 2, trained as those lessons do. Each model's
head is trained for three epochs; from there it goes on for three more in three ways that differ
only in how fast the body may change. Each (data set, seed) takes a minute or two on two cores and
is kept in build/unfreezing.json, so the work can be done in pieces (`--most 1`).
"""

import argparse
import json
import random
import statistics
import time

from course.common import BUILD, ROOT, run, say

REPORT, KEPT = ROOT / 'benchmarks' / 'unfreezing.md', BUILD / 'unfreezing.json'
SETS, SEEDS = ('paintings', 'handwriting'), (1, 2)
# pictures of each digit; the head's learning rate in the first three epochs; and after
PER_DIGIT, HEAD, LAST = 200, 2e-3, 5e-3
SCHEDULES = {
    'body frozen': None,
    'body ten times slower than the head': slice(LAST / 10, LAST),
    'body as fast as the head': LAST,
}


def loaders(name):
    "The data set's DataLoaders, as its lesson makes them."
    from fastai.vision.all import (
        CategoryBlock,
        DataBlock,
        GrandparentSplitter,
        ImageBlock,
        ImageDataLoaders,
        Resize,
        get_image_files,
        parent_label,
    )

    from whole_game.data import get

    path = get(name)
    if name == 'paintings':
        return ImageDataLoaders.from_folder(path, train='train', valid='valid', bs=32)
    rng = random.Random(42)
    files = [
        file
        for digit in sorted((path / 'train').iterdir())
        for file in rng.sample(sorted(digit.iterdir()), PER_DIGIT)
    ]
    block = DataBlock(
        (ImageBlock, CategoryBlock),
        get_items=lambda path: files + list(get_image_files(path / 'valid')),
        get_y=parent_label,
        splitter=GrandparentSplitter('train', 'valid'),
        item_tfms=Resize(64),
    )
    return block.dataloaders(path, bs=64)


def measure(name, seed):
    "Accuracy in per cent after three epochs of the head, and after three more in each way."
    from fastai.vision.all import accuracy, set_seed, vision_learner

    from whole_game.backbone import lite0

    set_seed(seed)
    learn = vision_learner(loaders(name), lite0, metrics=accuracy)
    reached = lambda: round(100 * learn.recorder.values[-1][-1], 2)
    with learn.no_bar(), learn.no_logging():
        learn.fit_one_cycle(3, HEAD)
        found = {'head': reached()}
        state = {key: value.clone() for key, value in learn.model.state_dict().items()}
        for schedule, rate in SCHEDULES.items():
            learn.model.load_state_dict(state)
            if rate is None:
                learn.freeze()
            else:
                learn.unfreeze()
            set_seed(seed)
            learn.fit_one_cycle(3, rate or LAST)
            found[schedule] = reached()
    return found


def report(kept):
    "The report's lines."
    said = lambda values: (
        f'{statistics.mean(values):.1f} % ({", ".join(f"{v:.1f}" for v in values)})'
    )
    out = [
        '# What unfreezing buys',
        '',
        (
            'Written by `python -m benchmarks.unfreeze_compare`. Accuracy on the validation set:'
            f' the mean, and in brackets each seed ({", ".join(map(str, SEEDS))}).'
        ),
        '',
        (
            f'Paintings: all of the training set, 128 px. Handwriting: {PER_DIGIT} pictures of each'
            f' digit, 64 px. Three epochs of the head (learning rate {HEAD:g}), then from there'
            f' three more in three ways (learning rate of the head {LAST:g}).'
        ),
        '',
        '| | ' + ' | '.join(SETS) + ' |',
        '|---|' + '---:|' * len(SETS),
    ]
    for schedule in ('head', *SCHEDULES):
        label = (
            'after three epochs of the head' if schedule == 'head' else f'three more, {schedule}'
        )
        out.append(
            f'| {label} | '
            + ' | '.join(
                said([kept[f'{name} {seed}'][schedule] for seed in SEEDS]) for name in SETS
            )
            + ' |'
        )
    return out


def main(argv=None):
    parser = argparse.ArgumentParser(
        prog='python -m benchmarks.unfreeze_compare',
        description='Measure what unfreezing buys, near ImageNet and far from it.',
    )
    parser.add_argument(
        '--most',
        type=int,
        default=len(SETS) * len(SEEDS),
        help='how many (data set, seed) to measure in this call',
    )
    parser.add_argument('--again', action='store_true', help='forget what was measured before')
    args = parser.parse_args(argv)
    kept = json.loads(KEPT.read_text()) if KEPT.exists() and not args.again else {}
    missing = [(name, seed) for seed in SEEDS for name in SETS if f'{name} {seed}' not in kept]
    BUILD.mkdir(exist_ok=True)
    for name, seed in missing[: args.most]:
        start = time.monotonic()
        kept[f'{name} {seed}'] = measure(name, seed)
        KEPT.write_text(json.dumps(kept, indent=1))
        say(
            f'{name}, seed {seed}, {time.monotonic() - start:.0f} s: '
            + ', '.join(
                f'{schedule} {value:.1f} %' for schedule, value in kept[f'{name} {seed}'].items()
            )
        )
    if len(missing) > args.most:
        say(f'{len(missing) - args.most} to go.')
        return
    REPORT.write_text('\n'.join(report(kept)) + '\n')
    say('\n'.join(report(kept)))


if __name__ == '__main__':
    run(main)
