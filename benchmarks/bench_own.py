"""How fast the learner's own code of lessons 22 to 44 is, against PyTorch's and fastai's: the
second half of `make bench`, in benchmarks/own_code.md.

The same network (784-50-10, unless a row says otherwise), the same 4,000 digits in batches of 100,
one run. The two sides of a row take turns, and the best of their turns counts: what else the
machine does would only blur the ratio.
"""

import argparse
import os

from benchmarks.bench import clock, machine, table
from course.common import ROOT, Complaint, run, say, short

OUT = ROOT / 'benchmarks' / 'own_code.md'
HIDDEN, BS, TURNS = 50, 100, 20


def turns(ours, theirs, n):
    """Seconds of `ours()` and of `theirs()`, the best of `n` turns each, after one that warms them
    up."""
    ours()
    theirs()
    return tuple(map(min, zip(*[(clock(ours)[0], clock(theirs)[0]) for _ in range(n)])))


def data():
    "The digits as tensors, flat: x (4000, 784), y (4000,)."
    import torch

    from whole_game.own.pixels import digit_arrays

    x, y, *_ = digit_arrays()
    return torch.tensor(x.reshape(len(x), -1)), torch.tensor(y)


def mlp():
    "Lesson 22's network out of PyTorch's parts, from the same start every time."
    import torch
    from torch import nn

    torch.manual_seed(42)
    return nn.Sequential(nn.Linear(784, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 10))


def bare(model, dl, opt, loss_func):
    "The barest loop in PyTorch: one epoch."
    for xb, yb in dl:
        loss = loss_func(model(xb), yb)
        loss.backward()
        opt.step()
        opt.zero_grad()


def autograd(n):
    "Lesson 22's training, one epoch: through lesson 24's class, and through PyTorch's tensors."
    import torch

    from whole_game.own.autograd import Value
    from whole_game.own.network import batches, new_parameters, train
    from whole_game.own.pixels import one_hot

    x, y = (a.numpy() for a in data())
    dl = batches(x, one_hot(y), BS)
    tensors = [(torch.tensor(xb), torch.tensor(tb)) for xb, tb in dl]
    ours = [Value(p) for p in new_parameters()]
    theirs = [torch.tensor(p, requires_grad=True) for p in new_parameters()]
    return turns(lambda: train(ours, dl, 1, 1.0), lambda: train(theirs, tensors, 1, 1.0), n)


def loop(n):
    """One epoch of `fit` and of the bare loop, both with PyTorch's Adam and loss, over the same
    batches."""
    from torch import optim
    from torch.nn.functional import cross_entropy

    from whole_game.own.optim import DataLoader, fit

    dl = list(DataLoader(*data(), bs=BS))
    sides = []
    for way in (lambda *args: fit(*args, epochs=1), bare):
        model = mlp()
        opt = optim.Adam(model.parameters(), lr=1e-3)
        sides.append(lambda way=way, model=model, opt=opt: way(model, dl, opt, cross_entropy))
    return turns(*sides, n)


def learner(n):
    """One epoch of lesson 42's Learner, with a recorder and a schedule, and of the bare loop, both
    with PyTorch's Adam and loss, over the same batches."""
    from torch import optim
    from torch.nn.functional import cross_entropy

    from whole_game.own.learner import DataLoaders, Learner, Recorder, Schedule
    from whole_game.own.optim import DataLoader
    from whole_game.own.schedules import one_cycle

    dl, model = list(DataLoader(*data(), bs=BS)), mlp()
    opt = optim.Adam(model.parameters(), lr=1e-3)
    cbs = [Recorder(), Schedule(lr=one_cycle(1e-3))]
    learn = Learner(DataLoaders(dl), mlp(), cross_entropy, optim.Adam, cbs=cbs)
    return turns(lambda: learn.fit(1), lambda: bare(model, dl, opt, cross_entropy), n)


def optimisers():
    "Rows of a name, the learner's optimiser and PyTorch's, each a function from parameters."
    from torch import optim

    from whole_game.own.optim import SGD, Adam, RMSProp

    return [
        ('SGD', lambda ps: SGD(ps, lr=1e-3), lambda ps: optim.SGD(ps, lr=1e-3)),
        (
            'SGD with momentum',
            lambda ps: SGD(ps, lr=1e-3, momentum=0.9),
            lambda ps: optim.SGD(ps, lr=1e-3, momentum=0.9),
        ),
        ('RMSProp', lambda ps: RMSProp(ps, lr=1e-3), lambda ps: optim.RMSprop(ps, lr=1e-3)),
        ('Adam', lambda ps: Adam(ps, lr=1e-3), lambda ps: optim.Adam(ps, lr=1e-3)),
    ]


def steps(make, count=40):
    "A function that takes as many steps as an epoch has, and nothing else: the slopes stay."
    from torch.nn.functional import cross_entropy

    model, (x, y) = mlp(), data()
    cross_entropy(model(x[:BS]), y[:BS]).backward()
    opt = make(list(model.parameters()))
    return lambda: [opt.step() for _ in range(count)]


def epoch(make, whole):
    "A function that trains one epoch with an optimiser, by `fit` or by the bare loop."
    from torch.nn.functional import cross_entropy as torchs

    from whole_game.own.losses import cross_entropy
    from whole_game.own.optim import DataLoader, fit

    model = mlp()
    opt, dl = make(list(model.parameters())), DataLoader(*data(), bs=BS)
    return lambda: (
        fit(model, dl, opt, cross_entropy, epochs=1) if whole else bare(model, dl, opt, torchs)
    )


def fastai_epoch():
    """A function that trains one epoch with fastai's Learner and Adam, out of memory, without a
    display."""
    from fastai.basics import DataLoaders, Learner, set_seed
    from fastai.callback.progress import ProgressCallback  # noqa: F401  brings no_bar
    from torch.nn.functional import cross_entropy

    import whole_game.backbone  # noqa: F401  it keeps fastai's import quiet

    set_seed(42)
    items = list(zip(*data()))
    learn = Learner(
        DataLoaders.from_dsets(items, items[:BS], bs=BS, num_workers=0, device='cpu'),
        mlp(),
        loss_func=cross_entropy,
        cbs=[],
    )
    learn.create_opt()

    def act():
        with learn.no_bar(), learn.no_logging():
            learn.fit(1, 1e-3)

    return act


def convolution(n):
    """One epoch on the first 1,000 digits of a small convolutional network: lesson 30's layers, and
    PyTorch's."""
    import torch
    from torch import nn, optim
    from torch.nn.functional import cross_entropy

    from whole_game.own import layers

    x, y = data()
    dl = [(x[i : i + BS].reshape(-1, 1, 28, 28), y[i : i + BS]) for i in range(0, 1000, BS)]
    torch.manual_seed(42)
    ours = layers.Sequential(
        layers.Conv2d(1, 8, 3, stride=2, padding=1),
        layers.ReLU(),
        layers.Conv2d(8, 16, 3, stride=2, padding=1),
        layers.ReLU(),
        layers.Flatten(),
        layers.Linear(784, 10),
    )
    theirs = nn.Sequential(
        nn.Conv2d(1, 8, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(8, 16, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(784, 10),
    )
    sides = []
    for model in (ours, theirs):
        opt = optim.SGD(model.parameters(), lr=1e-2)
        sides.append(lambda model=model, opt=opt: bare(model, dl, opt, cross_entropy))
    return turns(*sides, n)


def look_ups():
    """A look-up of lesson 38 forward and backward, by our attention and by the same steps in
    PyTorch (its math kernel): 32 sequences of 64 positions, 4 heads of 16 numbers, causal."""
    import torch
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.nn.functional import scaled_dot_product_attention

    from whole_game.own.attention import attention, causal_mask

    torch.manual_seed(42)
    q, k, v = (torch.randn(32, 4, 64, 16, requires_grad=True) for _ in range(3))
    mask = causal_mask(64)

    def theirs():
        with sdpa_kernel(SDPBackend.MATH):
            scaled_dot_product_attention(q, k, v, attn_mask=mask).sum().backward()

    return lambda: attention(q, k, v, mask).sum().backward(), theirs


def torchs_gpt(vocab, length=64, width=96, heads=4, blocks=2):
    "Lesson 39's network out of PyTorch's modules."
    import torch
    from torch import nn

    class TorchsGPT(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding, self.positions = nn.Embedding(vocab, width), nn.Embedding(length, width)
            self.blocks = nn.ModuleList(
                nn.TransformerEncoderLayer(
                    width, heads, 4 * width, dropout=0, batch_first=True, norm_first=True
                )
                for _ in range(blocks)
            )
            self.norm, self.logits = nn.LayerNorm(width), nn.Linear(width, vocab)
            self.mask = nn.Transformer.generate_square_subsequent_mask(length)

        def forward(self, ids):
            x = self.embedding(ids) + self.positions(torch.arange(ids.shape[1]))
            for block in self.blocks:
                x = block(x, src_mask=self.mask, is_causal=True)
            return self.logits(self.norm(x))

    return TorchsGPT()


def gpt_steps(n, vocab=880, length=64, bs=16):
    """Five steps of lesson 39's training, with its own GPT and with the same model of PyTorch's
    modules; loss and optimiser are the learner's on both sides."""
    import torch

    from whole_game.own.gpt import GPT
    from whole_game.own.losses import cross_entropy
    from whole_game.own.optim import AdamW

    torch.manual_seed(42)
    ids = torch.randint(vocab, (bs, length + 1))
    batches = [(ids[:, :-1], ids[:, 1:])] * 5
    of = lambda logits, y: cross_entropy(logits.flatten(0, 1), y.flatten())
    sides = []
    for model in (GPT(vocab, length), torchs_gpt(vocab, length)):
        opt = AdamW(model.parameters(), 1e-3)
        sides.append(lambda model=model, opt=opt: bare(model, batches, opt, of))
    return turns(*sides, n)


def gpt_cache(n, vocab=880, count=256):
    "256 tokens from a GPT of lesson 39, twice as wide and deep: with its cache, and without."
    import torch

    from whole_game.own.gpt import GPT, continued, generate

    torch.manual_seed(42)
    model, prompt = GPT(vocab, count + 4, 192, 8, 4), torch.zeros(1, 4, dtype=torch.int64)
    return turns(lambda: generate(model, prompt, count), lambda: continued(model, prompt, count), n)


def paintings(n):
    """An epoch of lesson 1's training by lesson 44's own library, and by fastai: frozen body, no
    picture remembered, the same batches; reading, training and validation."""
    import fastai.vision.all as fastai

    from whole_game.backbone import lite0, lite_body
    from whole_game.data import get
    from whole_game.own.learner import DataLoader, DataLoaders, Metrics
    from whole_game.own.network import accuracy
    from whole_game.own.vision import ColourPictures, frozen, vision_learner

    path = get('paintings')
    train, valid = ColourPictures(path / 'train'), ColourPictures(path / 'valid')
    dls = DataLoaders(DataLoader(train, 32, shuffle=True), DataLoader(valid, 32))
    ours = vision_learner(dls, frozen(lite_body(lite0())), len(train.vocab))
    its_dls = fastai.ImageDataLoaders.from_folder(path, 'train', 'valid', bs=32)
    how = dict(metrics=fastai.accuracy, train_bn=False, cbs=fastai.BnFreeze, path='.')
    theirs = fastai.vision_learner(its_dls, lite0, **how)
    theirs.remove_cb(theirs.remember_features)

    def fastais():
        with theirs.no_bar(), theirs.no_logging():
            theirs.fit_one_cycle(1)

    return turns(lambda: ours.fit_one_cycle(1, cbs=[Metrics(accuracy)]), fastais, n)


def bench(quick=False):
    "Measure everything; return the text of the report, and what missed its aim."
    n, rows, missed = 3 if quick else TURNS, [], []

    def row(name, times, aim=None):
        ours, theirs = times
        rows.append(
            (name, f'{1000 * ours:.1f}', f'{1000 * theirs:.1f}', f'{ours / theirs:.2f}', aim or '')
        )
        if aim and ours / theirs > aim:
            missed.append(f'{name}: {ours / theirs:.2f} times PyTorch\'s; the aim is {aim}.')
        say(
            f'  {1000 * ours:7.1f} ms against {1000 * theirs:7.1f}: {ours / theirs:5.2f} times '
            f' {name}'
        )

    row("lesson 24's autograd on lesson 22's network and training", autograd(n), 10)
    row("lesson 27's `fit` against the bare loop", loop(n), 1.3)
    row("lesson 42's Learner, a recorder and a schedule, against the bare loop", learner(n), 1.1)
    for name, ours, theirs in optimisers():
        # Adam as it reads best makes more copies than PyTorch's, which works in place
        most = 1.6 if name == 'Adam' else 1.3
        row(f'the 40 steps of {name} alone', turns(steps(ours), steps(theirs), 3 * n), most)
    for name, ours, theirs in optimisers():
        row(
            f'a whole epoch, everything own but the network: {name}',
            turns(epoch(ours, True), epoch(theirs, False), n),
        )
    row(
        "lesson 30's layers against PyTorch's: a small convolutional network, 1,000 digits",
        convolution(min(n, 5)),
    )
    row(
        "lesson 38's attention against PyTorch's math kernel, one pass forward and backward",
        turns(*look_ups(), 3 * n),
        1.3,
    )
    row(
        "five steps of lesson 39's small GPT, against the same of nn modules",
        gpt_steps(min(n, 10)),
        1.3,
    )
    row(
        "256 tokens from lesson 39's GPT with its cache; on the right, without",
        gpt_cache(min(n, 5)),
        0.2,
    )
    row(
        "lesson 44: an epoch of lesson 1's paintings, against fastai's; no picture is remembered",
        paintings(1 if quick else 3),
        1.3,
    )
    fastais, own = turns(fastai_epoch(), epoch(optimisers()[-1][1], True), min(n, 5))
    say(f'  {1000 * fastais:7.1f} ms  fastai')
    text = f'''# How fast the learner's own code is

All numbers are from one run of `make bench`; on another machine they are different, and the ratios
are about the same.

{machine()}

The network of lesson 22 (784-{HIDDEN}-10) on 4,000 digits in batches of {BS}, milliseconds for one
epoch, which is 40 steps. Both sides take turns; the best of {n} turns counts (of {3 * n} for steps
alone).

{table(('what', 'own', "PyTorch's", 'ratio', 'at most'), rows)}

fastai's `Learner.fit` needs {1000 * fastais:.0f} ms for an epoch of the same network with Adam:
{fastais / own:.1f} times the learner's own {1000 * own:.0f} ms (timed anew, in turns with
fastai's). It does more meanwhile: its loader puts every batch together item by item, it validates
on 100 digits, and it asks all its callbacks at every step whether they want something.
'''
    return text, missed


def main(argv=None):
    parser = argparse.ArgumentParser(
        prog='python -m benchmarks.bench_own', description=__doc__.splitlines()[0]
    )
    parser.add_argument(
        '--quick', action='store_true', help='fewer turns; prints the report instead of writing it'
    )
    args = parser.parse_args(argv)
    os.environ['WHOLE_GAME_DEVICE'] = 'cpu'
    text, missed = bench(args.quick)
    if args.quick:
        say('\n' + text)
    else:
        OUT.parent.mkdir(exist_ok=True)
        OUT.write_text(text, encoding='utf-8')
        say(f'Written to {short(OUT)}.')
    if missed:
        raise Complaint('\n'.join(missed))


if __name__ == '__main__':
    run(main)
