"""What lesson 35 exports against PyTorch: dropout with PyTorch's own choice of what to keep.

float64 must agree to rtol 1e-7, float32 to rtol 1e-5. Then the errors.
"""

import copy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from whole_game.errors import CourseError
from whole_game.own.layers import Flatten, Linear, ReLU, Sequential
from whole_game.own.regularise import Dropout

CASES = settings(max_examples=200, derandomize=True, deadline=None, database=None)
CLOSE = {torch.float64: dict(rtol=1e-7, atol=1e-12), torch.float32: dict(rtol=1e-5, atol=1e-6)}


@st.composite
def cases(draw):
    "Numbers of any shape, none of them 0, a share, and a seed."
    shape = draw(st.lists(st.integers(1, 6), min_size=1, max_size=4))
    kind = draw(st.sampled_from([torch.float64, torch.float32]))
    seed, p = draw(st.integers(0, 10**6)), draw(st.floats(0, 0.95))
    x = torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=kind) + 0.5
    return x, p, seed


@CASES
@given(cases())
def test_dropout_is_torchs(case):
    "Values and gradients, when both keep the same numbers; then in evaluation."
    x, p, seed = case
    ours, theirs = Dropout(p), nn.Dropout(p)
    a, b = [x.clone().requires_grad_() for _ in range(2)]
    torch.manual_seed(seed)
    want = theirs(b)
    ours.kept = lambda x: want != 0
    out = ours(a)
    weights = torch.linspace(-1, 1, x.numel(), dtype=x.dtype).view(x.shape)
    (out**2 * weights).sum().backward()
    (want**2 * weights).sum().backward()
    assert out.dtype == want.dtype == x.dtype and out.shape == want.shape
    torch.testing.assert_close(out, want, **CLOSE[x.dtype])
    torch.testing.assert_close(a.grad, b.grad, **CLOSE[x.dtype])
    assert torch.equal(ours.eval()(x), x) and torch.equal(theirs.eval()(x), x)
    assert not torch.equal(ours.train()(x), x) or bool((want != 0).all())


@pytest.mark.parametrize('p', [0.1, 0.5, 0.9])
def test_the_share_and_the_mean(p):
    torch.manual_seed(0)
    out = Dropout(p)(torch.ones(1000, 100))
    assert abs((out == 0).double().mean() - p) < 0.01
    assert abs(out.double().mean() - 1) < 0.03
    torch.testing.assert_close(out.max(), torch.tensor(1 / (1 - p)))


def test_each_call_decides_again_and_a_seed_repeats_it():
    layer, x = Dropout(0.5), torch.ones(100)
    torch.manual_seed(1)
    first, second = layer(x), layer(x)
    torch.manual_seed(1)
    assert torch.equal(first, layer(x)) and not torch.equal(first, second)
    assert torch.equal(Dropout(0)(x), x)


def test_in_a_network():
    "No parameters of its own; the switch of the network reaches it, copies too."
    model = Sequential(Flatten(), Linear(6, 4), ReLU(), Dropout(0.5), Linear(4, 2))
    assert len(model.parameters()) == 4
    x = torch.ones(5, 2, 3)
    copied = copy.deepcopy(model).eval()
    assert torch.equal(copied(x), copied(x))
    assert model.layers[3].training and not copied.layers[3].training
    assert repr(Dropout()).startswith('Dropout(')


@pytest.mark.parametrize(
    'p, words',
    [
        (50, ['p = 50', 'write 0.5']),
        (1, ['p = 1', 'below 1']),
        (-0.1, ['p = -0.1', 'from 0']),
        (float('nan'), ['p = nan']),
        ('0.5', ["'0.5'", 'a number']),
        (None, ['None', 'a number']),
        (True, ['True', 'a number']),
        (Linear(2, 2), ['Linear', 'a number']),
    ],
)
def test_a_share_that_is_none(p, words):
    with pytest.raises(CourseError) as met:
        Dropout(p)
    assert all(word in str(met.value) for word in [*words, 'Dropout'])


@pytest.mark.parametrize(
    'x, words',
    [
        (None, ['None', 'return']),
        ([1.0, 2.0], ['list', 'torch.tensor']),
        (torch.arange(6), ['whole numbers', 'float']),
    ],
)
def test_what_cannot_come_in(x, words):
    for layer in (Dropout(), Dropout().eval()):
        with pytest.raises(CourseError) as met:
            layer(x)
        assert all(word in str(met.value) for word in [*words, 'Dropout'])
