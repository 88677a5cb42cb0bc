"""What lesson 44 exports against PyTorch and fastai, on 200 generated cases a layer: values,
gradients and running statistics. Its Dataset on odd folders, and its Learner against the barest
loop.

float64 must agree to rtol 1e-7, float32 to rtol 1e-4 (batch statistics of a few rows lose digits).
"""

import numpy as np
import pytest
import torch
from fastai.layers import AdaptiveConcatPool2d
from fastai.vision.learner import create_head
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torch import nn

from whole_game.errors import CourseError
from whole_game.own.layers import Linear, Sequential
from whole_game.own.learner import DataLoader, DataLoaders, Metrics, Recorder
from whole_game.own.network import accuracy
from whole_game.own.regularise import Dropout
from whole_game.own.vision import (
    BatchNorm1d,
    ColourPictures,
    ConcatPool,
    frozen,
    head,
    look_once,
    vision_learner,
)

CASES = settings(max_examples=200, derandomize=True, deadline=None, database=None)
CLOSE = {torch.float64: dict(rtol=1e-7, atol=1e-9), torch.float32: dict(rtol=1e-4, atol=1e-4)}
KINDS = st.sampled_from([torch.float64, torch.float32])


def numbers(shape, seed, kind):
    "Random numbers, all different, so that each map has one largest."
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=kind)


def compare(out, want, a, b, kind):
    "Two results and the gradients of what they were made from."
    weights = torch.linspace(-1, 1, out.numel(), dtype=kind).view(out.shape)
    (out**2 * weights).sum().backward()
    (want**2 * weights).sum().backward()
    assert out.dtype == want.dtype == kind and out.shape == want.shape
    torch.testing.assert_close(out, want, **CLOSE[kind])
    torch.testing.assert_close(a.grad, b.grad, **CLOSE[kind])


# --- the two layers


@CASES
@given(st.integers(1, 5), st.integers(1, 6), st.integers(1, 5), st.integers(1, 5), KINDS)
def test_concat_pool_is_fastais(n, channels, height, width, kind):
    x = numbers((n, channels, height, width), n + 10 * channels, kind)
    a, b = [x.clone().requires_grad_() for _ in range(2)]
    compare(ConcatPool()(a), AdaptiveConcatPool2d(1)(b).flatten(1), a, b, kind)


@CASES
@given(st.integers(2, 9), st.integers(1, 8), st.integers(0, 10**6), KINDS, st.floats(0.01, 1))
def test_batch_norm_is_torchs(n, width, seed, kind, momentum):
    ours, theirs = BatchNorm1d(width, momentum), nn.BatchNorm1d(width, momentum=momentum).to(kind)
    for name in ('weight', 'bias'):
        values = numbers((width,), seed + len(name), kind)
        setattr(ours, name, values.clone().requires_grad_())
        getattr(theirs, name).data = values.clone()
    ours.running_mean, ours.running_var = ours.running_mean.to(kind), ours.running_var.to(kind)
    for turn in range(2):
        x = numbers((n, width), seed + turn, kind) * 3 + 1
        a, b = [x.clone().requires_grad_() for _ in range(2)]
        for p in (ours.weight, ours.bias, theirs.weight, theirs.bias):
            p.grad = None
        compare(ours(a), theirs(b), a, b, kind)
        torch.testing.assert_close(ours.weight.grad, theirs.weight.grad, **CLOSE[kind])
        torch.testing.assert_close(ours.bias.grad, theirs.bias.grad, **CLOSE[kind])
    torch.testing.assert_close(ours.running_mean, theirs.running_mean, **CLOSE[kind])
    torch.testing.assert_close(ours.running_var, theirs.running_var, **CLOSE[kind])
    torch.testing.assert_close(ours.eval()(x), theirs.eval()(x), **CLOSE[kind])


@pytest.mark.parametrize(
    'layer, x, words',
    [
        (BatchNorm1d(4), torch.ones(1, 4), 'one item has no standard deviation'),
        (BatchNorm1d(4), torch.ones(3, 5), 'expects (n, 4)'),
        (BatchNorm1d(4), torch.ones(3, 4, 2, 2), 'expects (n, 4)'),
        (BatchNorm1d(4), torch.ones(3, 4, dtype=torch.int64), 'whole numbers'),
        (BatchNorm1d(4), None, 'met None'),
        (ConcatPool(), torch.ones(3, 4), 'ConcatPool met x of shape (3, 4)'),
        (ConcatPool(), np.ones((3, 4, 2, 2)), 'met a ndarray'),
    ],
)
def test_layers_say_what_does_not_fit(layer, x, words):
    with pytest.raises(CourseError) as met:
        layer(x)
    assert words in str(met.value)


# --- the head and the body


def test_the_head_is_fastais():
    torch.manual_seed(0)
    ours, theirs = head(5, 16, 12), create_head(16, 5, lin_ftrs=[12], ps=0.5)
    kinds = [type(layer).__name__ for layer in ours.layers]
    assert kinds == [
        {'AdaptiveConcatPool2d': 'ConcatPool'}.get(name, name)
        for name in (type(layer).__name__ for layer in theirs)
        if name != 'Flatten'
    ]
    assert [d.p for d in ours.layers if isinstance(d, Dropout)] == [
        d.p for d in theirs if isinstance(d, nn.Dropout)
    ]
    linears = [layer for layer in ours.layers if isinstance(layer, Linear)]
    for mine, its in zip(linears, [m for m in theirs if isinstance(m, nn.Linear)], strict=True):
        assert not mine.b.any() and its.bias is None
        its.weight.data = mine.w.data.T.clone()
    for layer in theirs:
        if isinstance(layer, nn.BatchNorm1d):
            layer.bias.data.zero_()  # fastai's begin at 0.001
    x = torch.randn(6, 16, 3, 3)
    torch.testing.assert_close(ours.eval()(x), theirs.eval()(x), rtol=1e-4, atol=1e-5)
    assert abs(head(8).layers[3].w.std() - (2 / 2560) ** 0.5) < 1e-4


@pytest.mark.parametrize('args', [(1,), (0,), (2.5,), (True,), ('8',), (8, 0), (8, 16, -1)])
def test_the_head_says_which_number_is_none(args):
    with pytest.raises(CourseError, match='head was given'):
        head(*args)


def test_a_frozen_body_is_not_found_and_stays_as_it_was():
    body = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.5))
    look = frozen(body)
    model, x = Sequential(look, head(3, 4, 5)), torch.randn(6, 3, 8, 8)
    before = {name: value.clone() for name, value in body.state_dict().items()}
    assert len(model.parameters()) == 8  # two linear layers and two batch norms
    model.train()(x).sum().backward()
    assert not body.training and all(p.grad is None for p in body.parameters())
    assert all(torch.equal(before[name], value) for name, value in body.state_dict().items())
    assert not look(x).requires_grad and torch.equal(look(x), look(x))


@pytest.mark.parametrize('body', [3, None, nn.Linear, lambda x: x, 'lite0'])
def test_frozen_says_what_is_no_body(body):
    with pytest.raises(CourseError, match='frozen was given'):
        frozen(body)


@CASES
@given(st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=6), min_size=1, max_size=6))
def test_it_looks_at_each_picture_once(batches):
    seen = []

    def look(x):
        seen.extend(x[:, 0, 0, 0].int().tolist())
        return x.flatten(1)[:, :5] + 100

    once = look_once(look)
    for numbers_of in batches:
        x = torch.tensor(numbers_of, dtype=torch.float32)[:, None, None, None].expand(-1, 3, 4, 4)
        assert torch.equal(once(x), x.flatten(1)[:, :5] + 100)
    assert set(seen) == {i for batch in batches for i in batch}
    earlier = set()
    for batch in batches:  # twice only inside the batch that brought it
        now = [i for i in batch if i not in earlier]
        assert seen[: len(now)] == now
        seen, earlier = seen[len(now) :], earlier | set(batch)


def test_sizes_that_hold_the_same_bytes_are_kept_apart():
    once = look_once(lambda x: x.flatten(1).sum(1, keepdim=True) + x.shape[2])
    flat, high = torch.ones(1, 3, 2, 8), torch.ones(1, 3, 8, 2)
    assert once(flat).item() == 50 and once(high).item() == 56


# --- colour pictures


def folder_of(tmp_path, pictures):
    "A folder with pictures by category: {'a/one.png': an image, or text}."
    for name, picture in pictures.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        if isinstance(picture, Image.Image):
            picture.save(file)
        else:
            file.write_bytes(picture)
    return tmp_path


def test_every_picture_becomes_a_colour_square(tmp_path):
    grey = Image.new('L', (40, 20), 255)
    see_through = Image.new('RGBA', (16, 16), (255, 0, 0, 255))
    ds = ColourPictures(
        folder_of(
            tmp_path,
            {
                'a/grey.png': grey,
                'a/tall.jpg': Image.new('RGB', (10, 200), 'black'),
                'b/alpha.png': see_through,
                'b/palette.gif': Image.new('P', (33, 21)),
                'b/tiny.png': Image.new('RGB', (1, 1), 'white'),
            },
        ),
        size=16,
    )
    assert len(ds) == 5 and ds.vocab == ['a', 'b']
    items = list(ds)
    assert [y for _, y in items] == [0, 0, 1, 1, 1]
    assert all(x.shape == (3, 16, 16) and x.dtype == torch.float32 for x, _ in items)
    assert all(-1 <= x.min() and x.max() <= 1 for x, _ in items)
    assert items[0][0].min() == 1 and items[1][0].max() < -0.9
    assert items[2][0][0].min() == 1 and items[2][0][1].max() == -1
    assert len(next(iter(DataLoader(ds, 5)))[0]) == 5


def test_it_cuts_out_the_middle(tmp_path):
    wide = np.zeros((8, 24, 3), dtype=np.uint8)
    wide[:, 8:16] = 255
    ds = ColourPictures(folder_of(tmp_path, {'a/wide.png': Image.fromarray(wide)}), size=8)
    assert ds[0][0].min() == 1


def test_the_paintings_are_fastais():
    import fastai.vision.all as fastai

    import whole_game.backbone  # noqa: F401
    from whole_game.data import get

    path = get('paintings')
    ds = ColourPictures(path / 'valid')
    dls = fastai.ImageDataLoaders.from_folder(path, train='train', valid='valid', bs=8)
    theirs = dls.test_dl(ds.files[::31], with_labels=True).one_batch()
    normal = fastai.Normalize.from_stats([0.5] * 3, [0.5] * 3, cuda=False)
    want = normal(fastai.TensorImage(theirs[0].cpu()))
    torch.testing.assert_close(
        torch.stack([ds[i][0] for i in range(0, 248, 31)]), torch.Tensor(want), atol=1e-6, rtol=0
    )
    assert theirs[1].tolist() == [ds[i][1] for i in range(0, 248, 31)]
    assert ds.vocab == list(dls.vocab)


@pytest.mark.parametrize('name, what', [('a/text.jpg', b'no picture'), ('a/empty.png', b'')])
def test_a_broken_picture_is_named(tmp_path, name, what):
    ds = ColourPictures(folder_of(tmp_path, {name: what}))
    with pytest.raises(CourseError) as met:
        ds[0]
    assert name.split('/')[1] in str(met.value)


def test_a_broken_picture_stops_a_training_in_words(tmp_path):
    good = Image.new('RGB', (8, 8), 'red')
    names = {f'{c}/{n}.png': good for c in 'ab' for n in range(3)}
    ds = ColourPictures(folder_of(tmp_path, names | {'b/zzz.png': b'\x89PNG and no more'}), 8)
    learn = vision_learner(DataLoaders(DataLoader(ds, 7)), frozen(nn.Conv2d(3, 1280, 3)), 2)
    with pytest.raises(CourseError, match='zzz'):
        learn.fit(1)


@pytest.mark.parametrize('size', [0, -1, 1.5, True, '128', None])
def test_an_empty_folder_and_a_size_that_is_none(tmp_path, size):
    with pytest.raises(CourseError, match='found nothing'):
        ColourPictures(tmp_path)
    with pytest.raises(CourseError, match='The size is'):
        ColourPictures(folder_of(tmp_path, {'a/b.png': b''}), size)


def test_items_of_two_sizes_do_not_fit_in_a_batch(tmp_path):
    folder = folder_of(tmp_path, {'a/b.png': Image.new('RGB', (8, 8))})
    mixed = [ColourPictures(folder, 8)[0], ColourPictures(folder, 9)[0]]
    with pytest.raises(CourseError, match='item 1 has'):
        next(iter(DataLoader(mixed, 2)))


# --- the learner


def test_it_learns_two_colours(tmp_path):
    rng = np.random.default_rng(0)
    pictures = {}
    for name, channel in (('blue', 2), ('red', 0)):
        for i in range(20):
            pixels = rng.integers(0, 120, (8, 8, 3), dtype=np.uint8)
            pixels[..., channel] += 100
            pictures[f'{name}/{i}.png'] = Image.fromarray(pixels)
    ds = ColourPictures(folder_of(tmp_path, pictures), 8)
    torch.manual_seed(0)
    dls = DataLoaders(DataLoader(ds, 10, shuffle=True), DataLoader(ds, 10))
    look = look_once(frozen(nn.Conv2d(3, 1280, 3)))
    learn, metrics, losses = vision_learner(dls, look, 2), Metrics(accuracy), Recorder()
    learn.fit_one_cycle(4, cbs=[metrics, losses])
    assert metrics.rows[-1][1] > 0.9 and len(losses.losses) == 16
