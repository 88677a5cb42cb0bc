"""The convolutions of lesson 29 and the layers of lesson 30 against PyTorch's: values and gradients
on generated cases, what a layer finds in itself, and what it says to what does not fit."""

import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn

from whole_game.errors import CourseError
from whole_game.own.convolution import conv1d, conv2d
from whole_game.own.layers import (
    Conv1d,
    Conv2d,
    Flatten,
    GlobalAvgPool,
    Layer,
    Linear,
    ReLU,
    Sequential,
    uniform_init,
)
from whole_game.own.pooling import AvgPool2d, MaxPool2d

CASES = settings(max_examples=200, derandomize=True, deadline=None, database=None)
CLOSE = {torch.float64: dict(rtol=1e-7, atol=1e-12), torch.float32: dict(rtol=1e-4, atol=1e-5)}


def the_same(ours, theirs):
    assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
    torch.testing.assert_close(ours, theirs, **CLOSE[ours.dtype])


def twice(*tensors):
    return [[t.clone().requires_grad_() for t in tensors] for _ in range(2)]


def values_and_gradients(ours, theirs, tensors, rng):
    """Do both functions give the same for these tensors, and the same gradients of some weighted
    sum of what they give?"""
    mine, yours = twice(*tensors)
    got, wanted = ours(*mine), theirs(*yours)
    the_same(got, wanted)
    weights = torch.tensor(rng.uniform(-1, 1, got.shape)).to(got.dtype)
    (got * weights).sum().backward()
    (wanted * weights).sum().backward()
    for p, q in zip(mine, yours):
        the_same(p.grad, q.grad)


@st.composite
def slides(draw, axes):
    """A window that slides: x, w, b, stride, padding, and a source of chance. Sides of pictures and
    windows may differ, odd and even."""
    n, channels, outputs, stride, padding = (
        draw(st.integers(*bounds)) for bounds in ((1, 4), (1, 4), (1, 5), (1, 3), (0, 3))
    )
    size, length = ([draw(st.integers(1, most)) for _ in range(axes)] for most in (5, 9))
    assume(all(s <= side + 2 * padding for s, side in zip(size, length)))
    kind = draw(st.sampled_from([torch.float64, torch.float32]))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    x, w, b = (
        torch.tensor(rng.uniform(-2, 2, shape)).to(kind)
        for shape in ((n, channels, *length), (outputs, channels, *size), (outputs,))
    )
    return x, w, b, stride, padding, rng


def agree(ours, theirs, case):
    "With and without biases, our convolution and torch's give the same, and the same gradients."
    x, w, b, stride, padding, rng = case
    values_and_gradients(
        lambda *tensors: ours(*tensors, stride, padding),
        lambda *tensors: theirs(*tensors, stride, padding),
        (x, w, b),
        rng,
    )
    the_same(
        ours(x, w, stride=stride, padding=padding), theirs(x, w, stride=stride, padding=padding)
    )


@CASES
@given(slides(1))
def test_conv1d_is_torchs(case):
    agree(conv1d, F.conv1d, case)


@CASES
@given(slides(2))
def test_conv2d_is_torchs(case):
    agree(conv2d, F.conv2d, case)


@st.composite
def layers(draw):
    "Sizes for a layer, a seed for its first parameters, a kind of number, and a source of chance."
    n, inputs, outputs, size, stride, padding = (
        draw(st.integers(*bounds)) for bounds in ((1, 4), (1, 5), (1, 5), (1, 4), (1, 3), (0, 2))
    )
    return (
        n,
        inputs,
        outputs,
        size,
        stride,
        padding,
        draw(st.integers(0, 10**6)),
        draw(st.sampled_from([torch.float64, torch.float32])),
    )


def same_layer(ours, theirs, x, seed, kind, turn=False):
    "Two layers, made from one seed: the same parameters, values, and gradients of x, w and b."
    torch.manual_seed(seed)
    mine = ours()
    torch.manual_seed(seed)
    yours = theirs()
    assert (
        mine.w.shape == (yours.weight.T if turn else yours.weight).shape
        and (mine.b == yours.bias).all()
    )
    assert mine.parameters() == [mine.w, mine.b] and all(
        p.requires_grad and p.is_leaf for p in mine.parameters()
    )
    with torch.no_grad():
        yours.to(kind).weight.copy_(mine.w.T if turn else mine.w)
        for p in mine.parameters():
            p.data = p.data.to(kind)
    (left,), (right,) = twice(x.to(kind))
    got, wanted = mine(left), yours(right)
    the_same(got, wanted)
    got.square().mean().backward()
    wanted.square().mean().backward()
    the_same(left.grad, right.grad)
    the_same(mine.b.grad, yours.bias.grad)
    the_same(mine.w.grad, yours.weight.grad.T if turn else yours.weight.grad)
    return mine, yours


@CASES
@given(layers())
def test_layers_with_parameters_are_torchs(case):
    n, inputs, outputs, size, stride, padding, seed, kind = case
    rng = np.random.default_rng(seed)
    numbers = lambda *shape: torch.tensor(rng.uniform(-2, 2, shape))
    same_layer(
        lambda: Linear(inputs, outputs),
        lambda: nn.Linear(inputs, outputs),
        numbers(n, inputs),
        seed,
        kind,
        turn=True,
    )
    ours, theirs = same_layer(
        lambda: Conv1d(inputs, outputs, size, stride, padding),
        lambda: nn.Conv1d(inputs, outputs, size, stride, padding),
        numbers(n, inputs, 7),
        seed,
        kind,
    )
    assert (ours.w == theirs.weight).all()
    ours, theirs = same_layer(
        lambda: Conv2d(inputs, outputs, size, stride, padding),
        lambda: nn.Conv2d(inputs, outputs, size, stride, padding),
        numbers(n, inputs, 7, 6),
        seed,
        kind,
    )
    assert (ours.w == theirs.weight).all()


@CASES
@given(layers(), st.integers(4, 9), st.integers(4, 9), st.booleans())
def test_layers_without_parameters_are_torchs(case, height, width, ties):
    n, inputs, _, size, stride, _, seed, kind = case
    rng = np.random.default_rng(seed)
    x = torch.tensor(rng.uniform(-2, 2, (n, inputs, height, width))).to(kind)
    if ties:
        x = x.round().relu()
    for ours, theirs in (
        (MaxPool2d(size, stride), nn.MaxPool2d(size, stride)),
        (MaxPool2d(size), nn.MaxPool2d(size)),
        (AvgPool2d(size, stride), nn.AvgPool2d(size, stride)),
        (AvgPool2d(size), nn.AvgPool2d(size)),
        (GlobalAvgPool(), nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())),
        (Flatten(), nn.Flatten()),
        (ReLU(), nn.ReLU()),
    ):
        values_and_gradients(ours, theirs, (x,), rng)
    the_same(GlobalAvgPool()(x[..., 0]), F.adaptive_avg_pool1d(x[..., 0], 1)[..., 0])


def ours_and_torchs():
    "The same small network twice."
    torch.manual_seed(1)
    theirs = nn.Sequential(
        nn.Conv2d(1, 4, 5, 2, 2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(4, 6, 3, 1, 1),
        nn.ReLU(),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(6 * 9, 10),
    )
    torch.manual_seed(1)
    ours = Sequential(
        Conv2d(1, 4, 5, 2, 2),
        ReLU(),
        MaxPool2d(2),
        Conv2d(4, 6, 3, 1, 1),
        ReLU(),
        AvgPool2d(2),
        Flatten(),
        Linear(6 * 9, 10),
    )
    with torch.no_grad():
        ours.layers[-1].w.copy_(theirs[-1].weight.T)
    return ours, theirs


def test_a_network_trains_as_torchs_does():
    ours, theirs = ours_and_torchs()
    x = torch.rand(20, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    y = torch.arange(20) % 10
    for model in (ours, theirs):
        opt, model.losses = torch.optim.Adam(model.parameters(), 1e-2), []
        for _ in range(15):
            opt.zero_grad()
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            opt.step()
            model.losses.append(loss.item())
    assert ours.losses[-1] < ours.losses[0] - 0.05
    np.testing.assert_allclose(ours.losses, theirs.losses, rtol=1e-3)


@pytest.mark.parametrize(
    'ours, theirs, shape',
    [
        (Conv2d(3, 4, 3, 2, 1), nn.Conv2d(3, 4, 3, 2, 1), (3, 8, 8)),
        (Conv1d(3, 4), nn.Conv1d(3, 4, 3), (3, 8)),
        (Linear(8, 5), nn.Linear(8, 5), (8,)),
        (MaxPool2d(2), nn.MaxPool2d(2), (3, 8, 8)),
        (AvgPool2d(2), nn.AvgPool2d(2), (3, 8, 8)),
        (GlobalAvgPool(), nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()), (3, 8, 8)),
        (ReLU(), nn.ReLU(), (3, 8, 8)),
        (Flatten(), nn.Flatten(), (3, 8, 8)),
    ],
)
def test_no_items_are_no_trouble(ours, theirs, shape):
    x = torch.zeros(0, *shape, requires_grad=True)
    out = ours(x)
    assert out.shape == theirs(x.detach()).shape
    out.sum().backward()
    assert x.grad.shape == x.shape and all(not p.grad.any() for p in ours.parameters())


def test_a_convolution_without_biases():
    for ours, theirs, x, w in (
        (conv1d, F.conv1d, torch.rand(2, 3, 9), torch.rand(4, 3, 3)),
        (conv2d, F.conv2d, torch.rand(2, 3, 9, 9), torch.rand(4, 3, 3, 3)),
    ):
        for b in (0, 0.0):
            the_same(ours(x, w, b), theirs(x, w, None))


def test_the_bend_takes_arrays_too():
    assert ReLU()(np.array([-1.0, 2.0])).tolist() == [0, 2]


# --- what a layer finds in itself


class Two(Layer):
    "A layer that holds layers, a list of layers, a tensor with a gradient and one without."

    def __init__(self):
        self.first = Linear(2, 3)
        self.rest = [ReLU(), Linear(3, 3), nn.Linear(3, 1)]
        self.scale = torch.ones(1, requires_grad=True)
        self.seen = torch.zeros(3)
        self.again = self.first

    def forward(self, x):
        for layer in (self.first, *self.rest):
            x = layer(x)
        return self.scale * x


def test_a_layer_finds_all_parameters_and_each_once():
    two = Two()
    shapes = [(2, 3), (3,), (3, 3), (3,), (1, 3), (1,), (1,)]
    assert [tuple(p.shape) for p in two.parameters()] == shapes
    assert two(torch.ones(4, 2)).shape == (4, 1) and ReLU().parameters() == []
    assert len(Sequential(two, two, torch.tanh).parameters()) == 7
    two.first.w.requires_grad_(False)
    assert len(two.parameters()) == 6


def test_train_and_eval_reach_every_layer():
    two = Two()
    model = Sequential(two, ReLU())
    every = lambda: [
        model.training,
        two.training,
        two.first.training,
        two.rest[0].training,
        two.rest[1].training,
        two.rest[2].training,
        model.layers[1].training,
    ]
    assert every() == [True] * 7
    assert model.eval() is model and every() == [False] * 7 and ReLU().training
    assert (
        model.train() is model
        and every() == [True] * 7
        and model.train(False) is model
        and every() == [False] * 7
    )


def test_parameters_begin_by_chance():
    torch.manual_seed(0)
    p = uniform_init(100, 50, inputs=25)
    assert (
        p.shape == (100, 50)
        and p.requires_grad
        and p.is_leaf
        and p.dtype == torch.float32
        and -0.2 <= p.min() < -0.19
        and 0.19 < p.max() <= 0.2
    )


def test_a_layer_says_what_it_is():
    net = Sequential(Conv2d(1, 8, 5, 2, 2), ReLU())
    assert repr(net.layers) == '[Conv2d((8, 1, 5, 5), (8,)), ReLU()]'
    assert repr(net) == 'Sequential((8, 1, 5, 5), (8,))'


# --- what does not fit

PICTURES, WINDOWS = torch.zeros(2, 3, 8, 8), torch.zeros(4, 3, 3, 3)


@pytest.mark.parametrize(
    'call, says, helps',
    [
        (lambda: conv2d(np.zeros((2, 3, 8, 8)), WINDOWS), 'conv2d met a ndarray', 'torch.tensor'),
        (lambda: conv2d(None, WINDOWS), 'conv2d met None', 'return'),
        (
            lambda: conv2d(PICTURES.to(torch.uint8), WINDOWS),
            'whole numbers .torch.uint8',
            r'x.float\(\) / 255',
        ),
        (
            lambda: conv2d(PICTURES, WINDOWS.long()),
            'torch.float32 and weights of torch.int64',
            r'w.float\(\)',
        ),
        (
            lambda: conv2d(torch.zeros(2, 8, 8), WINDOWS),
            r'x of shape \(2, 8, 8\)',
            r'n, channels, height, width.*x\[:, None\]',
        ),
        (lambda: conv2d(torch.zeros(8, 8), WINDOWS), r'x of shape \(8, 8\)', 'expects 4 axes'),
        (
            lambda: conv1d(torch.zeros(2, 40), torch.zeros(4, 1, 5)),
            r'conv1d met x of shape \(2, 40\)',
            r'n, channels, length.*x\[:, None\]',
        ),
        (lambda: conv1d(PICTURES, torch.zeros(4, 1, 5)), r'\(2, 3, 8, 8\)', 'expects 3 axes'),
        (
            lambda: conv2d(PICTURES, torch.zeros(3, 3)),
            r'filters of shape \(3, 3\)',
            r'w\[None, None\]',
        ),
        (
            lambda: conv2d(PICTURES, torch.zeros(4, 1, 3, 3)),
            r'\(2, 3, 8, 8\) and filters of shape \(4, 1, 3, 3\)',
            'x has 3 channels.*weights for 1.*Give x 1 channels.*filters for 3',
        ),
        (
            lambda: conv2d(PICTURES, WINDOWS, torch.zeros(3)),
            r'4 filters and biases of shape \(3,\)',
            r'shape \(4,\)',
        ),
        (
            lambda: conv2d(PICTURES[..., :2], WINDOWS),
            r'\(2, 3, 8, 2\) and filters',
            'larger than what it slides over',
        ),
        (
            lambda: conv1d(torch.zeros(2, 1, 4), torch.zeros(1, 1, 7), padding=1),
            'filters of shape',
            'padding of 1',
        ),
        (
            lambda: GlobalAvgPool()(torch.zeros(2, 3)),
            r'GlobalAvgPool met x of shape \(2, 3\)',
            'before the layer that flattens',
        ),
        (lambda: Conv2d(3, 4)(PICTURES[0]), r'conv2d met x of shape \(3, 8, 8\)', r'x\[:, None\]'),
        (lambda: Linear(8, 10)(torch.zeros(2, 7)), r'linear met x of shape \(2, 7\)', '8'),
        (lambda: Linear(8, 10)(torch.zeros(2, 8, dtype=torch.int64)), 'int64', r'float\(\)'),
    ],
)
def test_what_does_not_fit_is_told_kindly(call, says, helps):
    with pytest.raises(CourseError, match=says) as told:
        call()
    assert re.search(helps, ' '.join(str(told.value).split())), str(told.value)


def test_sequential_says_where():
    model = Sequential(Conv2d(1, 4, 5, 2), ReLU(), Sequential(Flatten(), Linear(100, 10)))
    with pytest.raises(CourseError) as told:
        model(torch.zeros(2, 1, 28, 28))
    assert (
        'In layers[2]' in told.value.what
        and 'In layers[1], Linear((100, 10), (10,))' in told.value.what
        and '(2, 576)' in told.value.what
    )
    with pytest.raises(CourseError, match=r'In layers\[0\], Conv2d.*x of shape \(2, 28, 28\)'):
        model(torch.zeros(2, 28, 28))


def test_errors_of_other_things_stay_as_they_are():
    with pytest.raises(RuntimeError) as met:
        Sequential(nn.Linear(8, 2))(torch.zeros(2, 7))
    assert not isinstance(met.value, CourseError)


def test_the_advice_for_rows_that_do_not_fit_is_not_to_make_rows():
    net = Sequential(Conv2d(1, 8, 3, 2), Flatten(), Linear(1568, 10))
    with pytest.raises(CourseError) as met:
        net(torch.zeros(4, 1, 28, 28))
    assert 'reshape' not in met.value.do and '1352' in str(met.value)
