"""The layers of lesson 37 against PyTorch's: states, gradients, the state to begin with, and what
they say to what does not fit."""

import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from whole_game.errors import CourseError
from whole_game.own.recurrent import GRU, RNN, Recurrent

CASES = settings(max_examples=200, derandomize=True, deadline=None, database=None)
CLOSE = {torch.float64: dict(rtol=1e-7, atol=1e-10), torch.float32: dict(rtol=1e-4, atol=1e-5)}


def the_same(ours, theirs):
    assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
    torch.testing.assert_close(ours, theirs, **CLOSE[ours.dtype])


@st.composite
def sequences(draw):
    "Sequences, perhaps a state to begin with, how wide the layer is, and a source of chance."
    n, steps, inputs, hidden = (draw(st.integers(1, most)) for most in (4, 9, 6, 7))
    kind = draw(st.sampled_from([torch.float64, torch.float32]))
    seed = draw(st.integers(0, 10**6))
    rng = np.random.default_rng(seed)
    x = torch.tensor(rng.uniform(-2, 2, (n, steps, inputs))).to(kind)
    h = torch.tensor(rng.uniform(-1, 1, (n, hidden))).to(kind) if draw(st.booleans()) else None
    return x, h, hidden, kind, seed


def pair(ours, theirs, inputs, hidden, kind, seed):
    "Our layer, and PyTorch's with the same parameters."
    torch.manual_seed(seed)
    mine, yours = ours(inputs, hidden), theirs(inputs, hidden, batch_first=True).to(kind)
    for p in mine.parameters():
        p.data = p.data.to(kind)
    with torch.no_grad():
        yours.weight_ih_l0.copy_(mine.w.T)
        yours.weight_hh_l0.copy_(mine.u.T)
        yours.bias_ih_l0.copy_(mine.b)
        yours.bias_hh_l0.copy_(mine.c if ours is GRU else torch.zeros(hidden))
    return mine, yours


def agree(ours, theirs, case):
    x, h, hidden, kind, seed = case
    mine, yours = pair(ours, theirs, x.shape[2], hidden, kind, seed)
    (a, c), (b, d) = (
        [None if t is None else t.clone().requires_grad_() for t in (x, h)] for _ in range(2)
    )
    got, last = mine(a, c)
    wanted, final = yours(b, None if d is None else d[None])
    the_same(got, wanted)
    the_same(last, final[0])
    assert (got[:, -1] == last).all()
    rng = np.random.default_rng(seed)
    weights, more = (torch.tensor(rng.uniform(-1, 1, t.shape)).to(kind) for t in (got, last))
    ((got * weights).sum() + (last * more).sum()).backward()
    ((wanted * weights).sum() + (final[0] * more).sum()).backward()
    the_same(a.grad, b.grad)
    if h is not None:
        the_same(c.grad, d.grad)
    the_same(mine.w.grad, yours.weight_ih_l0.grad.T)
    the_same(mine.u.grad, yours.weight_hh_l0.grad.T)
    the_same(mine.b.grad, yours.bias_ih_l0.grad)
    if ours is GRU:
        the_same(mine.c.grad, yours.bias_hh_l0.grad)


@CASES
@given(sequences())
def test_rnn_is_torchs(case):
    agree(RNN, nn.RNN, case)


@CASES
@given(sequences())
def test_gru_is_torchs(case):
    agree(GRU, nn.GRU, case)


@pytest.mark.parametrize('layer', [RNN, GRU])
def test_in_two_parts_as_in_one(layer):
    torch.manual_seed(1)
    reader, x = layer(3, 5), torch.randn(2, 7, 3)
    first, h = reader(x[:, :4])
    second, last = reader(x[:, 4:], h)
    whole, final = reader(x)
    torch.testing.assert_close(torch.cat([first, second], 1), whole)
    torch.testing.assert_close(last, final)


@pytest.mark.parametrize('layer, parts', [(RNN, 3), (GRU, 4)])
def test_parameters_begin_as_torchs_do(layer, parts):
    torch.manual_seed(0)
    reader = layer(50, 25)
    assert isinstance(reader, Recurrent) and len(reader.parameters()) == parts
    assert all(p.is_leaf and p.abs().max() <= 0.2 for p in reader.parameters())
    assert reader.w.min() < -0.19 and reader.w.max() > 0.19


@pytest.mark.parametrize('layer', [RNN, GRU])
def test_no_items_are_no_trouble(layer):
    states, last = layer(3, 4)(torch.zeros(0, 5, 3))
    assert states.shape == (0, 5, 4) and last.shape == (0, 4)


X, H = torch.zeros(2, 5, 3), torch.zeros(2, 4)


@pytest.mark.parametrize('layer', [RNN, GRU])
@pytest.mark.parametrize(
    'x, h, says, helps',
    [
        (None, None, 'met None', 'return'),
        (np.zeros((2, 5, 3)), None, 'met a ndarray', 'torch.tensor'),
        (X[0], None, r'x of shape \(5, 3\)', r'n, steps, 3.*x\[None\]'),
        (X[None], None, r'\(1, 2, 5, 3\)', 'three axes.*aloud'),
        (X[..., 0].long(), None, r'\(2, 5\), in whole numbers', r'F.one_hot\(x, 3\).float\(\)'),
        (X.long(), None, 'whole numbers', r'x.float\(\)'),
        (X.double(), None, 'float64 and weights of torch.float32', 'float32'),
        (X[..., :2], None, r'\(2, 5, 2\)', 'reads 3 numbers, and here are 2.*for 2 inputs'),
        (X.transpose(1, 2), None, r'\(2, 3, 5\)', r'x.transpose\(1, 2\)'),
        (X[:, :0], None, 'without a step', 'empty sequences'),
        (X, H[:1], r'state of shape \(1, 4\), for 2', r'\(2, 4\).*Leave h out'),
        (X, H[:, :3], r'state of shape \(2, 3\)', 'row of 4 numbers'),
        (X, H[None], r'state of shape \(1, 2, 4\)', r'h\[0\]'),
        (X, H.double(), 'as its state,', 'float32'),
        (X, (H, H), 'as its state, met a tuple', 'torch.tensor'),
    ],
)
def test_what_does_not_fit_is_told_kindly(layer, x, h, says, helps):
    with pytest.raises(CourseError, match=says) as told:
        layer(3, 4)(x, h)
    words = ' '.join(str(told.value).split())
    assert re.search(helps, words) and layer.__name__ in words, words
