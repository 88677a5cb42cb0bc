"""The layers of lesson 29 against PyTorch's: values and gradients on generated cases, what a layer
finds in itself, and what it says to what does not fit."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn

from whole_game.errors import CourseError
from whole_game.own.layers import (
    AvgPool2d,
    Conv1d,
    Conv2d,
    Flatten,
    Layer,
    Linear,
    MaxPool2d,
    GlobalAvgPool,
    ReLU,
    Sequential,
    uniform_init,
    conv1d,
    conv2d,
)

CASES = settings(max_examples=200, derandomize=True, deadline=None, database=None)
CLOSE = {torch.float64: dict(rtol=1e-7, atol=1e-12), torch.float32: dict(rtol=1e-4, atol=1e-5)}


def the_same(ours, theirs):
    assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
    torch.testing.assert_close(ours, theirs, **CLOSE[ours.dtype])


def twice(*tensors):
    return [[t.clone().requires_grad_() for t in tensors] for _ in range(2)]


def values_and_gradients(ours, theirs, tensors, rng):
    """Do both functions give the same for these tensors, and the same slopes of some weighted sum
    of what they give?"""
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
    "With and without biases, our convolution and torch's give the same, and the same slopes."
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
    "Two layers, made from one seed: the same parameters, values, and slopes of x, w and b."
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
        for b in (None, 0, 0.0):
            the_same(ours(x, w, b), theirs(x, w, None))


def test_the_bend_takes_arrays_too():
    assert ReLU()(np.array([-1.0, 2.0])).tolist() == [0, 2]


# --- what a layer finds in itself


class Two(Layer):
    """A layer that holds layers, a list of layers, a tensor that keeps track, one that does not,
    and a result."""

    def __init__(self):
        self.first = Linear(2, 3)
        self.rest = [ReLU(), (Linear(3, 3),), nn.Linear(3, 1)]
        self.scale = torch.ones(1, requires_grad=True)
        self.seen = torch.zeros(3)
        self.again, self.kept = self.first, self.scale * 2

    def forward(self, x):
        return self.scale * self.rest[2](self.rest[1][0](self.rest[0](self.first(x))))


def test_a_layer_finds_all_parameters_and_each_once():
    two = Two()
    assert [tuple(p.shape) for p in two.parameters()] == [
        (2, 3),
        (3,),
        (3, 3),
        (3,),
        (1, 3),
        (1,),
        (1,),
    ]
    assert (
        two(torch.ones(4, 2)).shape == (4, 1)
        and ReLU().parameters() == []
        and len(Sequential(two, two, torch.tanh).parameters()) == 7
    )
    two.first.w.requires_grad_(False)
    assert len(two.parameters()) == 6


def test_layers_in_a_dictionary_are_found():
    class Named(Layer):
        def __init__(self):
            self.parts = {
                'one': Linear(2, 3),
                'more': [{'two': nn.Linear(3, 1)}],
                'scale': torch.ones(1, requires_grad=True),
            }

    named = Named()
    assert [tuple(p.shape) for p in named.parameters()] == [(2, 3), (3,), (1, 3), (1,), (1,)]
    assert (
        named.eval()
        and not named.parts['one'].training
        and not named.parts['more'][0]['two'].training
    )


def test_train_and_eval_reach_every_layer():
    two = Two()
    model = Sequential(two, ReLU())
    every = lambda: [
        model.training,
        two.training,
        two.first.training,
        two.rest[0].training,
        two.rest[1][0].training,
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


def test_what_has_a_name_says_what_it_does():
    for thing in (
        uniform_init,
        conv1d,
        conv2d,
        MaxPool2d.seen,
        Layer.forward,
        Layer.held,
        Layer.parameters,
        Layer.train,
        Layer.eval,
    ):
        assert thing.__doc__, thing


def test_a_layer_says_what_it_is():
    assert (
        repr(Sequential(Conv2d(1, 8, 5, 2, 2), ReLU()).eval())
        == 'Sequential(layers=[Conv2d(w (8, 1, 5, 5), b (8,), stride=2, padding=2), ReLU()])'
    )
    assert repr(MaxPool2d(3)) == 'MaxPool2d(size=3, stride=3)'


# --- what does not fit

PICTURES, WINDOWS = torch.zeros(2, 3, 8, 8), torch.zeros(4, 3, 3, 3)


@pytest.mark.parametrize(
    'call, says, helps',
    [
        (lambda: conv2d(np.zeros((2, 3, 8, 8)), WINDOWS), 'conv2d met a ndarray', 'torch.tensor'),
        (lambda: conv2d([1], WINDOWS), 'conv2d met a list', 'torch.tensor'),
        (
            lambda: conv2d(PICTURES.to(torch.uint8), WINDOWS),
            'whole numbers .torch.uint8',
            r'x.float\(\) / 255',
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
            r'weights of shape \(3, 3\)',
            r'w\[None, None\]',
        ),
        (lambda: conv2d(PICTURES, [[1.0]]), 'weights that are a list', 'torch.tensor'),
        (
            lambda: conv2d(PICTURES, np.zeros((4, 3, 3, 3))),
            'weights that are a ndarray',
            'torch.tensor',
        ),
        (lambda: conv1d(PICTURES[0], None), 'weights that are a NoneType', 'tensors'),
        (
            lambda: conv2d(PICTURES, WINDOWS.long()),
            'weights that are whole numbers .torch.int64',
            r'w.float\(\)',
        ),
        (
            lambda: conv2d(PICTURES, WINDOWS.double()),
            'torch.float32 and weights of torch.float64',
            r'w.float\(\)',
        ),
        (lambda: conv2d(PICTURES, WINDOWS, [0.0] * 4), 'biases that are a list', 'torch.tensor'),
        (
            lambda: conv2d(PICTURES, WINDOWS, np.zeros(3)),
            'biases that are a ndarray',
            'torch.tensor',
        ),
        (
            lambda: conv2d(PICTURES, WINDOWS, torch.zeros(4, dtype=torch.int64)),
            'biases that are whole numbers',
            r'b.float\(\)',
        ),
        (
            lambda: conv1d(PICTURES[0], torch.zeros(4, 8, 3), torch.zeros(4).double()),
            'torch.float32 and biases of torch.float64',
            r'b.float\(\)',
        ),
        (
            lambda: conv2d(PICTURES, torch.zeros(4, 1, 3, 3)),
            r'\(2, 3, 8, 8\) and weights of shape \(4, 1, 3, 3\)',
            r'x has 3 channels.*weights for 1.*\(n, 1, ...\).*\(outputs, 3, ...\)',
        ),
        (
            lambda: conv2d(PICTURES, WINDOWS, torch.zeros(3)),
            r'b of shape \(3,\)',
            r'4 filters.*shape \(4,\)',
        ),
        (lambda: conv2d(PICTURES, WINDOWS, torch.zeros(1)), r'b of shape \(1,\)', r'shape \(4,\)'),
        (
            lambda: conv2d(PICTURES.double(), WINDOWS),
            'torch.float64 and weights of torch.float32',
            r'x.float\(\)',
        ),
        (
            lambda: conv2d(PICTURES[..., :2], WINDOWS),
            r'\(2, 3, 8, 2\) and a window of 3 x 3',
            'larger than what it should slide over',
        ),
        (
            lambda: conv1d(torch.zeros(2, 1, 4), torch.zeros(1, 1, 7), padding=1),
            'window of 7',
            'padding of 1',
        ),
        (lambda: conv2d(PICTURES, WINDOWS, stride=0), 'stride=0', '1 or more'),
        (lambda: conv2d(PICTURES, WINDOWS, stride=1.5), 'stride=1.5', 'whole number'),
        (lambda: conv2d(PICTURES, WINDOWS, padding=-1), 'padding=-1', '0 or more'),
        (
            lambda: MaxPool2d(9)(PICTURES),
            r'MaxPool2d met x of shape \(2, 3, 8, 8\) and a window of 9 x 9',
            'larger',
        ),
        (
            lambda: AvgPool2d(2)(PICTURES[0]),
            r'AvgPool2d met x of shape \(3, 8, 8\)',
            'expects 4 axes',
        ),
        (lambda: MaxPool2d(0), 'MaxPool2d met size=0', '1 or more'),
        (lambda: MaxPool2d('a'), "MaxPool2d met size='a'", 'whole number'),
        (lambda: AvgPool2d(2, 0), 'AvgPool2d met stride=0', '1 or more'),
        (lambda: AvgPool2d(2.0), 'AvgPool2d met size=2.0', 'whole number'),
        (
            lambda: GlobalAvgPool()(torch.zeros(2, 3)),
            r'GlobalAvgPool met x of shape \(2, 3\)',
            'channels',
        ),
        (
            lambda: GlobalAvgPool()(PICTURES.long()),
            'GlobalAvgPool met whole numbers .torch.int64',
            r'x.float\(\)',
        ),
        (
            lambda: GlobalAvgPool()(PICTURES > 0),
            'GlobalAvgPool met whole numbers .torch.bool',
            r'x.float\(\)',
        ),
        (
            lambda: GlobalAvgPool()(PICTURES[..., :0]),
            r'GlobalAvgPool met x of shape \(2, 3, 8, 0\)',
            'mean of nothing',
        ),
        *[
            (lambda layer=layer, x=x: layer()(x), f'{layer.__name__} met {name}', helps)
            for layer in (GlobalAvgPool, Flatten, ReLU)
            for x, name, helps in ((None, 'None', 'return'), ([1.0], 'a list', 'torch.tensor'))
        ],
        *[
            (
                lambda layer=layer: layer()(np.zeros((2, 3, 4))),
                f'{layer.__name__} met a ndarray',
                'torch.tensor',
            )
            for layer in (GlobalAvgPool, Flatten)
        ],
        (lambda: Flatten()(torch.zeros(5)), r'Flatten met x of shape \(5,\)', r'x\[None\]'),
        (lambda: Sequential(ReLU(), Linear), 'layers.1. is the class Linear', r'Linear\(...\)'),
        (lambda: Sequential(ReLU(), 3), 'layers.1. is a int', 'can be called'),
        (lambda: Conv2d(1, 4, 0), 'Conv2d met size=0', 'whole number, 1 or more'),
        (lambda: Conv1d(0, 4), 'Conv1d met inputs=0', 'whole number, 1 or more'),
        (lambda: Linear(784, 10.0), 'Linear met outputs=10.0', 'whole number, 1 or more'),
        (
            lambda: Linear(192, 10)(PICTURES),
            r'x of shape \(2, 3, 8, 8\)',
            r'reshape\(len\(x\), -1\)',
        ),
        (lambda: Linear(8, 10)(torch.zeros(2, 3, dtype=torch.int64)), 'whole numbers', 'float'),
        (lambda: Linear(8, 10)(np.zeros((2, 8))), 'Linear met a ndarray', 'torch.tensor'),
        (
            lambda: Linear(8, 10)(torch.zeros(2, 8, dtype=torch.float64)),
            'torch.float64',
            r'x.float\(\)',
        ),
        (lambda: Layer()(PICTURES), 'Layer has no forward', 'def forward'),
    ],
)
def test_what_does_not_fit_is_told_kindly(call, says, helps):
    with pytest.raises(CourseError, match=says) as told:
        call()
    import re

    assert re.search(helps, ' '.join(str(told.value).split())), str(told.value)


def test_sequential_says_where():
    model = Sequential(Conv2d(1, 4, 5, 2), ReLU(), Sequential(Flatten(), Linear(100, 10)))
    with pytest.raises(CourseError) as told:
        model(torch.zeros(2, 1, 28, 28))
    assert (
        'In layers[2]' in str(told.value)
        and 'In layers[1], Linear(w (100, 10), b (10,))' in str(told.value)
        and '(2, 576)' in str(told.value)
        and 'make the layer for 576 inputs' in str(told.value)
    )
    with pytest.raises(CourseError, match=r'In layers\[0\], Conv2d.*x of shape \(2, 28, 28\)'):
        model(torch.zeros(2, 28, 28))


@pytest.mark.parametrize(
    'layer, x, says',
    [
        (
            nn.Linear(8, 2),
            torch.zeros(2, 7),
            r'Linear.in_features=8.* met x of shape \(2, 7\) and kind torch.float32',
        ),
        (nn.Linear(8, 2), torch.zeros(2, 8, dtype=torch.float64), 'kind torch.float64'),
        (
            nn.Conv2d(3, 4, 3),
            PICTURES.long(),
            r'Conv2d.3, 4.* met x of shape \(2, 3, 8, 8\) and kind torch.int64',
        ),
        (nn.Conv2d(1, 4, 3), PICTURES, r'Conv2d.1, 4.* met x of shape \(2, 3, 8, 8\)'),
        (nn.Conv2d(3, 4, 9), PICTURES, 'met x of shape'),
        (
            nn.BatchNorm2d(3),
            torch.zeros(1, 3, 1, 1),
            r'BatchNorm2d.* met x of shape \(1, 3, 1, 1\)',
        ),
        (nn.BatchNorm2d(3), np.zeros((2, 3, 8, 8)), 'BatchNorm2d'),
        (nn.Flatten(2, 3), torch.zeros(2, 3), r'x of shape \(2, 3\)'),
        (nn.Linear(8, 2), None, 'which met a NoneType'),
        (nn.Sequential(nn.Linear(8, 2)), torch.zeros(2, 7), r'met x of shape \(2, 7\)'),
    ],
)
def test_sequential_says_where_pytorchs_layers_stumble(layer, x, says):
    with pytest.raises(CourseError, match=says) as told:
        Sequential(lambda x: x, layer)(x)
    assert told.value.what.startswith('In layers[1], ') and 'x.float()' in told.value.do
    with pytest.raises(CourseError, match=r'(?s)In layers\[0\], Sequential.*In layers\[0\]'):
        Sequential(Sequential(layer))(x)


def test_errors_of_other_things_stay_as_they_are():
    "A learner's own mistake keeps its place and its cause."

    def mine(x):
        try:
            {}['a']
        except KeyError as met:
            raise ValueError('mine') from met

    class Own(nn.Module):
        def forward(self, x):
            return mine(x)

    for layer in (mine, Own(), Sequential(mine)):
        with pytest.raises(ValueError, match='^mine$') as told:
            Sequential(layer)(PICTURES)
        assert isinstance(told.value.__cause__, KeyError)

    def full(x):
        raise torch.cuda.OutOfMemoryError('full')

    layer = nn.ReLU()
    layer.forward = full
    with pytest.raises(torch.cuda.OutOfMemoryError):
        Sequential(layer)(PICTURES)


def test_sequential_takes_one_list():
    parts = [Linear(2, 3), ReLU()]
    assert (
        Sequential(parts).layers
        == Sequential(tuple(parts)).layers
        == Sequential(*parts).layers
        == parts
        and Sequential(parts).layers is not parts
    )
    assert Sequential([]).layers == Sequential().layers == []


def test_the_advice_for_rows_that_do_not_fit_is_not_to_make_rows():
    net = Sequential(Conv2d(1, 8, 3, 2), Flatten(), Linear(1568, 10))
    with pytest.raises(CourseError) as met:
        net(torch.zeros(4, 1, 28, 28))
    assert 'reshape' not in met.value.do and 'for 1352 inputs' in met.value.do
    with pytest.raises(CourseError) as met:
        Linear(784, 10)(torch.zeros(4, 28, 28))
    assert 'x.reshape(len(x), -1)' in met.value.do
