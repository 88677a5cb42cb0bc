"""What lessons 31 and 32 export against PyTorch: how kaiming draws, batch norm in both of its
modes, the residual block and the ResNet made of it.

float64 must agree to rtol 1e-7, float32 to rtol 1e-4 and atol 1e-5. Then the errors.
"""

import copy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from whole_game.errors import CourseError
from whole_game.own.init import kaiming
from whole_game.own.layers import Conv1d, Conv2d, Flatten, Layer, Linear, ReLU, Sequential
from whole_game.own.resnet import BatchNorm2d, Residual, resnet
from whole_game.own.weights import weights_of

CASES = settings(max_examples=200, derandomize=True, deadline=None, database=None)
# batch norm divides by the root of the variance of few numbers, and with it what rounding left
CLOSE = {torch.float64: dict(rtol=1e-7, atol=1e-10), torch.float32: dict(rtol=1e-4, atol=5e-5)}
KINDS = st.sampled_from([torch.float64, torch.float32])


@pytest.fixture(autouse=True, scope='module')
def one_thread():
    "Tiny tensors are quicker on one."
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def the_same(ours, theirs, kind=torch.float32):
    assert ours.dtype == theirs.dtype == kind and ours.shape == theirs.shape
    torch.testing.assert_close(ours.detach(), theirs.detach(), **CLOSE[kind])


def chance(seed):
    return torch.Generator().manual_seed(seed)


def norms(channels, momentum, eps, kind, dice):
    "Ours and PyTorch's batch norm with the same two parameters."
    ours = BatchNorm2d(channels, momentum, eps)
    theirs = nn.BatchNorm2d(channels, eps, momentum).to(kind)
    for name in ('weight', 'bias'):
        drawn = torch.rand(channels, generator=dice, dtype=kind) + 0.5
        setattr(ours, name, drawn.clone().requires_grad_())
        getattr(theirs, name).data.copy_(drawn)
    ours.running_mean, ours.running_var = ours.running_mean.to(kind), ours.running_var.to(kind)
    return ours, theirs


@st.composite
def inputs(draw):
    "A shape with at least three numbers in each channel, a kind of float, and a source of chance."
    n = draw(st.integers(1, 6))
    channels = draw(st.integers(1, 5))
    height = draw(st.integers(1, 5))
    width = draw(st.integers(1, 5))
    if n * height * width < 3:
        n += 3
    return (n, channels, height, width), draw(KINDS), chance(draw(st.integers(0, 10**6)))


def numbers(shape, kind, dice):
    "Each channel with another mean and another standard deviation, bounded."
    middle = torch.rand(shape[1], generator=dice, dtype=kind) * 4 - 2
    wide = torch.rand(shape[1], generator=dice, dtype=kind) + 0.5
    return (torch.rand(shape, generator=dice, dtype=kind) * 2 - 1) * wide[:, None, None] + middle[
        :, None, None
    ]


def run(layer, x, weights):
    "What comes out, and the gradient of x; each number that comes out counts with another weight."
    x = x.clone().requires_grad_()
    out = layer(x)
    for p in layer.parameters():
        p.grad = None
    (out * weights).sum().backward()
    return out, x.grad


# --- batch norm


@CASES
@given(inputs(), st.sampled_from([0.0, 0.01, 0.1, 0.5, 1.0]), st.sampled_from([1e-5, 1e-3]))
def test_batch_norm_is_torchs(case, momentum, eps):
    """Values, gradients of x, weight and bias, and what is remembered after each of three batches;
    then the same in evaluation."""
    shape, kind, dice = case
    ours, theirs = norms(shape[1], momentum, eps, kind, dice)
    for turn in range(5):
        if turn == 3:
            ours.eval()
            theirs.eval()
        x, weights = numbers(shape, kind, dice), torch.rand(shape, generator=dice, dtype=kind)
        (out, grads), (want, wanted) = run(ours, x, weights), run(theirs, x, weights)
        the_same(out, want, kind)
        the_same(grads, wanted, kind)
        the_same(ours.weight.grad, theirs.weight.grad, kind)
        the_same(ours.bias.grad, theirs.bias.grad, kind)
        the_same(ours.running_mean, theirs.running_mean, kind)
        the_same(ours.running_var, theirs.running_var, kind)
    assert ours(x).shape == shape and not ours.training


@settings(CASES, max_examples=60)
@given(inputs())
def test_in_evaluation_the_batch_does_not_count(case):
    shape, kind, dice = case
    layer, _ = norms(shape[1], 0.1, 1e-5, kind, dice)
    layer(numbers(shape, kind, dice))
    layer.eval()
    kept, x = layer.running_mean.clone(), numbers(shape, kind, dice)
    together, alone = layer(x), torch.cat([layer(x[i : i + 1]) for i in range(len(x))])
    the_same(together, alone, kind)
    assert (layer.running_mean == kept).all()


def test_batch_norm_standardises_and_forgets_the_brightness():
    x = torch.randn(64, 3, 7, 7, generator=chance(0))
    layer = BatchNorm2d(3)
    out = layer(x)
    assert (
        out.mean((0, 2, 3)).abs().max() < 1e-5
        and (out.var((0, 2, 3), unbiased=False) - 1).abs().max() < 1e-3
    )
    torch.testing.assert_close(layer(5 * x + 3), out, rtol=0, atol=1e-4)
    assert torch.isfinite(layer(torch.ones(4, 3, 2, 2))).all()


def test_batch_norm_is_a_layer():
    layer = BatchNorm2d(4)
    assert (
        len(layer.parameters()) == 2
        and all(p.requires_grad for p in layer.parameters())
        and not layer.running_mean.requires_grad
    )
    assert (
        layer.weight.tolist() == [1] * 4
        and layer.bias.tolist() == [0] * 4
        and layer.running_var.tolist() == [1] * 4
        and layer.training
    )
    x = torch.randn(3, 4, 2, 2)
    layer(x)
    layer(x)  # two forward passes, then back through both
    (layer(x) + layer(x)).sum().backward()
    twin = copy.deepcopy(layer)
    twin(x + 100)
    assert (twin.running_mean != layer.running_mean).all()


@pytest.mark.parametrize(
    'x, words',
    [
        (torch.zeros(5, 4, 8, 8), ['(5, 4, 8, 8)', 'made for 3 channels', '(n, 3, height, width)']),
        (torch.zeros(5, 3), ['(5, 3)']),
        (torch.zeros(3, 8, 8), ['(3, 8, 8)']),
        (torch.zeros(5, 3, 8, 8, dtype=torch.int64), ['whole numbers', 'int64', 'float()']),
        (torch.zeros(1, 3, 1, 1), ['in training', 'no standard deviation', 'eval()']),
        (
            torch.zeros(5, 3, 8, 8, dtype=torch.float64),
            ['float64', 'weights of torch.float32', 'x.float()'],
        ),
    ],
)
def test_batch_norm_says_what_does_not_fit(x, words):
    with pytest.raises(CourseError) as told:
        BatchNorm2d(3)(x)
    for word in words:
        assert word in str(told.value)


def test_a_batch_too_small_leaves_no_trace():
    layer = BatchNorm2d(3)
    layer(torch.rand(4, 3, 2, 2, generator=chance(0)))
    kept = layer.running_mean.clone(), layer.running_var.clone()
    with pytest.raises(CourseError, match='in training'):
        layer(torch.zeros(1, 3, 1, 1))
    assert (layer.running_mean == kept[0]).all() and (layer.running_var == kept[1]).all()


def test_one_number_for_each_channel_is_enough_in_evaluation():
    assert BatchNorm2d(3).eval()(torch.zeros(1, 3, 1, 1)).shape == (1, 3, 1, 1)


# --- the residual block, and the network of blocks


class TorchBlock(nn.Module):
    "The same block, written with PyTorch's layers alone."

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.one = nn.Conv2d(inputs, outputs, 3, stride, 1)
        self.two = nn.Conv2d(outputs, outputs, 3, 1, 1)
        self.norm_one, self.norm_two = nn.BatchNorm2d(outputs), nn.BatchNorm2d(outputs)
        self.shortcut = (
            nn.Conv2d(inputs, outputs, 1, stride)
            if stride > 1 or inputs != outputs
            else nn.Identity()
        )

    def forward(self, x):
        return nn.functional.relu(
            self.norm_two(self.two(nn.functional.relu(self.norm_one(self.one(x)))))
            + self.shortcut(x)
        )


def ordered(block):
    "The parameters of TorchBlock in the order of ours."
    return [
        p
        for part in (block.one, block.norm_one, block.two, block.norm_two, block.shortcut)
        for p in part.parameters()
    ]


def as_kind(layer, kind):
    "All tensors of one of our layers as `kind`, in place."
    for name, value in list(vars(layer).items()):
        if isinstance(value, torch.Tensor):
            setattr(layer, name, value.detach().to(kind).requires_grad_(value.requires_grad))
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, Layer):
                as_kind(part, kind)
    return layer


@settings(CASES, max_examples=200)
@given(st.data())
def test_the_block_is_torchs(data):
    n, inputs, outputs, size = (
        data.draw(st.integers(a, b)) for a, b in ((2, 4), (1, 4), (1, 4), (3, 7))
    )
    stride = data.draw(st.sampled_from([1, 2]))
    kind = data.draw(KINDS)
    dice = chance(data.draw(st.integers(0, 10**6)))
    if data.draw(st.booleans()):
        outputs = inputs
    ours = as_kind(Residual(inputs, outputs, stride), kind)
    theirs = TorchBlock(inputs, outputs, stride).to(kind)
    assert len(ours.parameters()) == len(ordered(theirs))
    for p, q in zip(ours.parameters(), ordered(theirs)):
        p.data = torch.rand(p.shape, generator=dice, dtype=kind) - 0.3
        q.data.copy_(p.data)
    for turn in range(3):
        if turn == 2:
            ours.eval()
            theirs.eval()
        x = numbers((n, inputs, size, size), kind, dice)
        weights = torch.rand(ours(x).shape, generator=dice, dtype=kind)
        theirs(x)  # as often as ours, for the running statistics
        (out, grads), (want, wanted) = run(ours, x, weights), run(theirs, x, weights)
        the_same(out, want, kind)
        grads = [grads, *[p.grad for p in ours.parameters()]]
        wanted = [wanted, *[p.grad for p in ordered(theirs)]]
        # a bias before a batch norm has no gradient at all, and what is left of it is rounding: so
        # all are measured by the largest
        scale = max(1.0, *[float(g.abs().max()) for g in wanted])
        for p, q in zip(grads, wanted):
            the_same(p / scale, q / scale, kind)


@pytest.mark.parametrize('parts', [{}, dict(conv=nn.Conv2d, norm=nn.BatchNorm2d)])
def test_a_block_begins_by_changing_nothing(parts):
    x = torch.rand(8, 4, 6, 6, generator=chance(0))
    assert (Residual(4, 4, **parts)(x) == x).all()
    changed = Residual(4, 6, 2, **parts)
    assert changed(x).shape == (8, 6, 3, 3) and (changed(x) == changed.shortcut(x).relu()).all()


def test_gradients_reach_a_block_that_begins_as_nothing():
    block, x = Residual(4, 4), torch.rand(8, 4, 6, 6, requires_grad=True)
    block(x).pow(2).sum().backward()
    assert x.grad.abs().min() > 0 and block.convs.layers[-1].weight.grad.abs().min() > 0


def test_resnet_with_pytorchs_parts_is_ours():
    "Same dice, same weights, so the same answers, gradients and running statistics."
    models = []
    for parts in ({}, dict(conv=nn.Conv2d, norm=nn.BatchNorm2d)):
        torch.manual_seed(3)
        models.append(resnet((4, 8, 12), blocks=2, inputs=3, outputs=5, **parts))
        for part in models[-1].layers:
            # or nothing of its convolutions would show
            if isinstance(part, Residual):
                part.convs.layers[-1].weight.data.fill_(1)
    ours, theirs = models
    x, y = torch.rand(6, 3, 20, 20, generator=chance(1)), torch.arange(6) % 5
    for _ in range(2):
        outs = [model(x) for model in models]
        assert outs[0].shape == (6, 5)
        the_same(*outs)
        for model, out in zip(models, outs):
            nn.functional.cross_entropy(out, y).backward()
        for p, q in zip(ours.parameters(), theirs.parameters()):
            the_same(p.grad, q.grad)
        assert all(p.grad.any() for model in models for p in model.parameters())
    the_same(ours.eval()(x), theirs.eval()(x))
    the_same(ours.layers[1].running_var, theirs.layers[1].running_var)
    assert ours.layers[1].running_mean.any() and not ours.layers[3].convs.layers[1].training


def test_resnet_as_the_lesson_has_it():
    model = resnet()
    assert (
        sum(p.numel() for p in model.parameters()) == 165_930
        and len(weights_of(model)) == 12
        and model(torch.rand(2, 1, 28, 28)).shape == (2, 10)
    )
    assert len(weights_of(resnet((4, 4), blocks=1))) == 5
    with pytest.raises(CourseError, match='channels'):
        model(torch.rand(2, 3, 28, 28))


LIBRARY = dict(conv=nn.Conv2d, norm=nn.BatchNorm2d)


@pytest.mark.parametrize(
    'x, says',
    [
        (torch.zeros(2, 3, 28, 28), r'\(2, 3, 28, 28\)'),
        (torch.zeros(2, 1, 28, 28, dtype=torch.float64), 'float64'),
        (torch.zeros(2, 1, 28, 28, dtype=torch.int64), 'int64'),
    ],
)
def test_resnet_says_where_it_does_not_fit(x, says):
    with pytest.raises(CourseError, match=rf'In layers\[\d\].*{says}'):
        resnet()(x)


def test_resnet_learns():
    torch.manual_seed(0)
    x = torch.rand(40, 1, 12, 12)
    y = (x[:, 0, :, :6].mean((1, 2)) > x[:, 0, :, 6:].mean((1, 2))).long()
    model = resnet((4, 8), blocks=1, outputs=2)
    opt = torch.optim.Adam(model.parameters(), 0.02)
    for _ in range(80):
        loss = nn.functional.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    assert (model.eval()(x).argmax(1) == y).float().mean() > 0.9


# --- kaiming


@CASES
@given(st.data())
def test_kaiming_draws_as_torch_does(data):
    """The same dice give the same weights as nn.init.kaiming_normal_, whatever the layer, and
    biases are zero."""
    make = data.draw(st.sampled_from([nn.Linear, nn.Conv1d, nn.Conv2d, Conv1d, Conv2d]))
    sizes = [data.draw(st.integers(1, 12)), data.draw(st.integers(1, 12))] + (
        [] if make is nn.Linear else [data.draw(st.integers(1, 5))]
    )
    layer, seed = make(*sizes), data.draw(st.integers(0, 10**6))
    weights, biases = (
        (layer.weight, layer.bias) if isinstance(layer, nn.Module) else (layer.w, layer.b)
    )
    torch.manual_seed(seed)
    want = nn.init.kaiming_normal_(weights.detach().clone())
    torch.manual_seed(seed)
    assert kaiming(layer) is layer
    torch.testing.assert_close(weights.detach(), want, rtol=1e-6, atol=0)
    assert not biases.any() and weights.requires_grad and biases.requires_grad


@pytest.mark.parametrize(
    'layer, n',
    [
        (Linear(300, 200), 300),
        (nn.Linear(300, 200), 300),
        (Conv2d(20, 100, 5), 500),
        (nn.Conv2d(20, 100, 5), 500),
        (Conv1d(30, 200, 7), 210),
    ],
)
def test_kaimings_standard_deviation(layer, n):
    torch.manual_seed(0)
    kaiming(layer)
    ((w, b, inputs),) = weights_of(layer)
    assert (
        inputs == n
        and abs(float(w.detach().std()) * (n / 2) ** 0.5 - 1) < 0.03
        and abs(float(w.detach().mean())) * n**0.5 < 0.03
    )


def test_kaiming_keeps_the_standard_deviation_of_a_deep_network():
    torch.manual_seed(0)
    z = torch.randn(500, 200)
    for layer in [kaiming(Linear(200, 200)) for _ in range(30)]:
        z = layer(z).relu()
    assert 0.3 < z.std() < 3


def test_weights_of_looks_into_everything_held():
    mixed = Sequential(
        Conv2d(1, 2),
        ReLU(),
        nn.Sequential(nn.Conv2d(2, 3, 3), nn.ReLU(), nn.Sequential(nn.Conv2d(3, 4, 1, bias=False))),
        Flatten(),
        Linear(8, 3),
    )
    assert [n for w, b, n in weights_of(mixed)] == [9, 18, 3, 8]
    assert weights_of(kaiming(mixed))[2][1] is None
    assert len(weights_of(Residual(4, 8, 2))) == 3 and len(weights_of(Residual(4, 4))) == 2


@pytest.mark.parametrize('make', [Linear, nn.Linear])
def test_a_shared_layer_counts_once(make):
    shared, other = make(3, 3), make(3, 3)
    model = Sequential(shared, ReLU(), Sequential(other, shared), {'again': other}.get('again'))
    assert len(model.parameters()) == 4 and len(weights_of(model)) == 2


def test_layers_in_a_list_are_found():
    layer = Layer()
    layer.parts = [Linear(2, 3), nn.Linear(3, 4)]
    assert [n for w, b, n in weights_of(layer)] == [2, 3]
