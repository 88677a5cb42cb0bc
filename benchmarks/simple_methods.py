"""Networks against simple methods, over several seeds: `python -m benchmarks.simple_methods`,
written to benchmarks/simple_methods.md.

Games one to three are lesson 5's own cells, run with other seeds. Pictures are lesson 1's network
with and without what it learned before: once on top of the pretrained body, once with all its
weights from chance and all of them trained. A piece of work (a seed of the three games: minutes;
a seed from chance: ten to thirty) is kept in build/simple_methods.json, so the work can be done in
pieces (`--only games`, `--only chance`, `--most 1`).
"""

import argparse
import json
import statistics
import time

import nbformat

from course.cells import LEFT_OUT, tags
from course.common import BUILD, ROOT, run, say

REPORT, KEPT = ROOT / 'benchmarks' / 'simple_methods.md', BUILD / 'simple_methods.json'
LESSON = ROOT / 'nbs' / '05_the_same_game_other_data.ipynb'
SEEDS = {'games': (1, 2, 3), 'pretrained': (1,), 'chance': (1,)}
EPOCHS, RATE = 9, 3e-3  # from chance: three times as long as lesson 1 trains its head


def cells():
    "The code of lesson 5 from its first import to the shares of its third game."
    nb = nbformat.read(LESSON, 4)
    code = [c.source for c in nb.cells if c.cell_type == 'code' and not LEFT_OUT & tags(c)]
    first = next(i for i, source in enumerate(code) if 'whole_game.backbone' in source)
    last = next(i for i, source in enumerate(code) if "results['ratings']" in source)
    return code[first : last + 1]


def games(seed):
    "Lesson 5's three games with another seed: right answers in per cent, and errors in points."
    import matplotlib

    matplotlib.use('Agg')
    space = {}
    for source in cells():
        exec(source.replace('set_seed(42)', f'set_seed({seed})'), space)
        space['plt'].close('all')
    results, errors = space['results'], space['errors']
    return {
        **{
            f'{game}, {m}': 100 * results[game][m]
            for game in results
            for m in ('simple', 'network')
        },
        'error, simple': float(errors['regressions']),
        'error, network': float(errors['network']),
    }


def pictures(seed, pretrained, epochs, rate):
    "Accuracy in per cent of lesson 1's network."
    from fastai.vision.all import ImageDataLoaders, accuracy, set_seed, vision_learner

    from whole_game.backbone import lite0
    from whole_game.data import get

    set_seed(seed)
    dls = ImageDataLoaders.from_folder(get('paintings'), train='train', valid='valid', bs=32)
    learn = vision_learner(dls, lite0, metrics=accuracy, pretrained=pretrained)
    with learn.no_bar(), learn.no_logging():
        learn.fit_one_cycle(epochs, rate)
    return {'pictures': 100 * learn.recorder.values[-1][-1]}


WORK = {
    'games': games,
    'pretrained': lambda seed: pictures(seed, True, 3, None),
    'chance': lambda seed: pictures(seed, False, EPOCHS, RATE),
}


def report(kept):
    "The report's lines."

    def row(name, piece, key, form='{:.1f}'):
        values = [kept[f'{piece} {seed}'][key] for seed in SEEDS[piece]]
        each = ', '.join(form.format(v) for v in values)
        return f'| {name} | {form.format(statistics.mean(values))} | {each} |'

    return [
        '# Networks against simple methods',
        '',
        'Written by `python -m benchmarks.simple_methods`. Validation items that are right, in per'
        ' cent: the mean, then each seed. Games one to three are the cells of lesson 5.',
        '',
        '| | mean | each seed |',
        '|---|---:|:---|',
        row('pictures: network, pretrained, three epochs of its head', 'pretrained', 'pictures'),
        row(
            f'pictures: the same network from chance, {EPOCHS} epochs of all of it',
            'chance',
            'pictures',
        ),
        *[
            row(f'{game}: {method}', 'games', f'{game}, {method}')
            for game in ('text', 'table', 'ratings')
            for method in ('simple', 'network')
        ],
        row('ratings, error in points: simple', 'games', 'error, simple', '{:.3f}'),
        row('ratings, error in points: network', 'games', 'error, network', '{:.3f}'),
        '',
        'The simple methods have no dice: with the same rows they give the same answers.',
    ]


def main(argv=None):
    parser = argparse.ArgumentParser(
        prog='python -m benchmarks.simple_methods',
        description='Measure networks against simple methods, over several seeds.',
    )
    parser.add_argument('--only', choices=WORK, help='measure this alone')
    parser.add_argument('--most', type=int, help='how many seeds to measure in this call')
    parser.add_argument('--again', action='store_true', help='forget what was measured before')
    args = parser.parse_args(argv)
    kept = json.loads(KEPT.read_text()) if KEPT.exists() and not args.again else {}
    left = lambda: [(p, s) for p in SEEDS for s in SEEDS[p] if f'{p} {s}' not in kept]
    for piece, seed in [w for w in left() if args.only in (None, w[0])][: args.most]:
        start = time.monotonic()
        found = WORK[piece](seed)
        # another call may have measured something in the meantime
        kept = {**(json.loads(KEPT.read_text()) if KEPT.exists() else {}), f'{piece} {seed}': found}
        BUILD.mkdir(exist_ok=True)
        KEPT.write_text(json.dumps(kept, indent=1))
        say(f'{piece}, seed {seed}, {time.monotonic() - start:.0f} s: {found}')
    if missing := left():
        say(f'{len(missing)} to go.')
        return
    REPORT.write_text('\n'.join(report(kept)) + '\n')
    say('\n'.join(report(kept)))


if __name__ == '__main__':
    run(main)
