"""How hard are the paintings? Trains lesson 1's kind of model on folds that leave sources out, and
reports the spread.

    python -m benchmarks.paintings_folds
        six folds over the sources that are not reserved; this is what tuning may look at (the
        report keeps its final check as long as the paintings' strengths are the same)
    python -m benchmarks.paintings_folds --final
        the same, then once on the data set itself, whose valid folder has reserved sources only

Writes benchmarks/paintings_folds.md (with --final also the final number). The pictures go through
the frozen EfficientNet-Lite0 of lesson 1, and a logistic regression is fitted to the 1,280 numbers
that come out: close to what lesson 1's head reaches, without its randomness.
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from whole_game.backbone import imagenet_lite0
from whole_game.makers.paintings import COUNT, STRENGTH, STYLES, make, paintings, source_of
from whole_game.makers.scenes import SOURCES

REPORT = Path(__file__).parent.parent / 'benchmarks' / 'paintings_folds.md'
FOLDS, TUNING_SEED = 6, 7  # the tuning paintings are other paintings than the data set's


def features(pictures, bs=64):
    "What the frozen backbone sees: PIL pictures -> array (n, 1280)."
    body, out, batch = imagenet_lite0().eval(), [], []

    def flush():
        x = torch.from_numpy(np.stack(batch)).permute(0, 3, 1, 2).float() / 127.5 - 1
        out.append(body.forward_head(body.forward_features(x), pre_logits=True).numpy())
        batch.clear()

    with torch.inference_mode():
        for picture in pictures:
            batch.append(np.asarray(picture.convert('RGB')))
            if len(batch) == bs:
                flush()
        if batch:
            flush()
    return np.concatenate(out)


def fit(x, y):
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=300)).fit(x, y)


def groups(names, folds=FOLDS):
    "The sources in `folds` groups: shuffled once, then dealt out."
    names = list(np.random.default_rng(0).permutation(names))
    return [names[k::folds] for k in range(folds)]


def cross(x, y, sources, held_out):
    """Train without each group of sources and test on it: accuracies, the confusion matrix summed,
    the groups' names."""
    accuracies, confusion = [], np.zeros((len(STYLES), len(STYLES)), int)
    for group in held_out:
        test = np.isin(sources, group)
        guess = fit(x[~test], y[~test]).predict(x[test])
        accuracies.append((guess == y[test]).mean())
        np.add.at(confusion, (y[test], guess), 1)
    return np.array(accuracies), confusion


def table(confusion):
    "The confusion matrix as Markdown: a row per true style, a column per answer."
    names = list(STYLES)
    lines = [
        '| painted as \\ answered | ' + ' | '.join(names) + ' |',
        '|---' + '|---:' * len(names) + '|',
    ]
    return '\n'.join(
        lines
        + [
            f'| {name} | ' + ' | '.join(str(n or '·') for n in row) + ' |'
            for name, row in zip(names, confusion)
        ]
    )


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        '--final', action='store_true', help='also test once on the reserved sources'
    )
    parser.add_argument('--dry', action='store_true', help='print, but write no report')
    args = parser.parse_args(argv)
    torch.manual_seed(0)
    names = [name for name, s in SOURCES.items() if not s.reserved]
    pictures, labels, sources = zip(*paintings(names, round(COUNT / len(STYLES)), seed=TUNING_SEED))
    x = features(pictures)
    y = np.array([list(STYLES).index(s) for s in labels])
    sources = np.array(sources)
    held_out = groups(names)
    accuracies, confusion = cross(x, y, sources, held_out)
    rng = np.random.default_rng(0)
    mixed, _ = cross(x, y, rng.permutation(len(y)) % FOLDS, [[k] for k in range(FOLDS)])
    say = lambda a: (
        f'mean {100 * a.mean():.1f} %, lowest {100 * a.min():.1f} %, highest {100 * a.max():.1f} %,'
        f' standard deviation {100 * a.std(ddof=1):.1f}'
    )
    out = [
        '# How hard the paintings are',
        '',
        (
            'Written by `make folds` (`benchmarks/paintings_folds.py`). Logistic regression on the'
            ' features of the frozen backbone of lesson 1.'
        ),
        '',
        (
            f'{len(y)} paintings of {len(names)} sources, none of them reserved. {FOLDS} folds,'
            ' each leaving a group of sources out:'
        ),
        '',
        '| fold | sources left out | accuracy |',
        '|---|---|---:|',
    ]
    out += [
        f'| {k + 1} | {", ".join(group)} | {100 * a:.1f} % |'
        for k, (group, a) in enumerate(zip(held_out, accuracies))
    ]
    out += [
        '',
        f'By source: {say(accuracies)}.',
        '',
        f'The same paintings split at random instead: {say(mixed)}.',
        '',
        'All folds together:',
        '',
        table(confusion),
        '',
        'How much of each painting is paint (the rest is the photograph), from and to: '
        + ', '.join(f'{s} {a:g}-{b:g}' for s, (a, b) in STRENGTH.items())
        + '.',
    ]
    if args.final:
        with TemporaryDirectory() as tmp:
            files = sorted(make(tmp).rglob('*.jpg'))
            x = features(Image.open(f) for f in files)
        y = np.array([list(STYLES).index(f.parent.name) for f in files])
        valid = np.array([f.parts[-3] == 'valid' for f in files])
        guess = fit(x[~valid], y[~valid]).predict(x[valid])
        confusion = np.zeros_like(confusion)
        np.add.at(confusion, (y[valid], guess), 1)
        held = sorted({source_of(f) for f, v in zip(files, valid) if v})
        out += [
            '',
            '## The final check',
            '',
            (
                f'The data set itself: {(~valid).sum()} paintings to train on, {valid.sum()} of the'
                f' reserved sources ({", ".join(held)}), which no fold saw. Accuracy:'
                f' {100 * (guess == y[valid]).mean():.1f} %.'
            ),
            '',
            table(confusion),
        ]
    elif REPORT.exists():
        before = REPORT.read_text().partition('\n## The final check')
        if out[-1] in before[0]:
            out += [(before[1] + before[2]).rstrip('\n')]
    print('\n'.join(out))
    if not args.dry:
        REPORT.parent.mkdir(exist_ok=True)
        REPORT.write_text('\n'.join(out) + '\n')


if __name__ == '__main__':
    main()
