"""Lesson 38's attention against PyTorch's: values and gradients on generated cases, its layer
against nn.MultiheadAttention, keys and values that were kept, and what it says to what does not
fit. Then its brackets and drawings."""

import matplotlib.pyplot as plt
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from whole_game.drawings_attention import draw_pattern, draw_shares
from whole_game.errors import CourseError
from whole_game.makers.brackets import bracket_sequences, bracket_text
from whole_game.own.attention import (
    Positions,
    SelfAttention,
    attention,
    attention_weights,
    causal_mask,
)
from whole_game.own.layers import Sequential

CASES = settings(max_examples=200, derandomize=True, deadline=None, database=None)
CLOSE = {torch.float64: dict(rtol=1e-7, atol=1e-12), torch.float32: dict(rtol=1e-4, atol=1e-5)}
KINDS = st.sampled_from([torch.float64, torch.float32])


def the_same(ours, theirs):
    assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
    torch.testing.assert_close(ours, theirs, **CLOSE[ours.dtype])


def chance(seed):
    return torch.Generator().manual_seed(seed)


# --- the look-up


@st.composite
def look_ups(draw):
    "Queries, keys and values with none, one or two axes before the last two; a mask or None."
    queries, keys, d, numbers = (draw(st.integers(1, most)) for most in (6, 7, 9, 5))
    before = draw(st.lists(st.integers(1, 3), max_size=2))
    kind, dice = draw(KINDS), chance(draw(st.integers(0, 10**6)))
    q, k, v = (
        torch.randn(*before, *shape, generator=dice, dtype=torch.float64).to(kind)
        for shape in ((queries, d), (keys, d), (keys, numbers))
    )
    mask = draw(st.sampled_from(['none', 'causal', 'any', 'each its own']))
    if mask == 'none':
        return q, k, v, None, dice
    if mask == 'causal' and keys >= queries:
        return q, k, v, causal_mask(queries, keys), dice
    shape = (*before, queries, keys) if mask == 'each its own' else (queries, keys)
    looks = torch.rand(shape, generator=dice) < 0.5
    looks[..., 0] |= ~looks.any(-1)
    return q, k, v, looks, dice


@CASES
@given(look_ups())
def test_attention_is_torchs(case):
    *tensors, mask, dice = case
    ours, theirs = [[t.clone().requires_grad_() for t in tensors] for _ in range(2)]
    got = attention(*ours, mask)
    wanted = F.scaled_dot_product_attention(*theirs, attn_mask=mask)
    the_same(got, wanted)
    each = torch.rand(got.shape, generator=dice).to(got.dtype)
    (got * each).sum().backward()
    (wanted * each).sum().backward()
    for mine, its in zip(ours, theirs):
        the_same(mine.grad, its.grad)


@CASES
@given(look_ups())
def test_weights_add_up_to_one_and_keep_to_the_mask(case):
    q, k, v, mask, _ = case
    weights = attention_weights(q, k, mask)
    assert weights.shape == (*q.shape[:-1], k.shape[-2]) and (weights >= 0).all()
    the_same(weights.sum(-1), torch.ones_like(weights.sum(-1)))
    if mask is not None:
        assert (weights.masked_select(~mask) == 0).all()
    the_same(attention(q, k, v, mask), weights @ v)


@pytest.mark.parametrize('length', [1, 2, 5])
def test_a_causal_mask_is_torchs(length):
    q, k, v = torch.randn(3, 2, length, 4, generator=chance(length)).unbind()
    the_same(
        attention(q, k, v, causal_mask(length)),
        F.scaled_dot_product_attention(q, k, v, is_causal=True),
    )


def test_the_last_positions_look_at_all_that_was_before():
    assert causal_mask(2, 4).int().tolist() == [[1, 1, 1, 0], [1, 1, 1, 1]]
    assert causal_mask(1, 4).all() and causal_mask(3).dtype == torch.bool
    assert (causal_mask(5)[3:] == causal_mask(2, 5)).all()


def test_large_scores_stay_finite():
    q = torch.full((1, 2, 4), 1e4)
    assert torch.isfinite(attention(q, q, q, causal_mask(2))).all()


# --- the layer


@st.composite
def layers(draw):
    n, length, heads, each = (draw(st.integers(1, most)) for most in (3, 7, 4, 5))
    return n, length, heads, each * heads, draw(st.booleans()), draw(KINDS)


def both(width, heads, causal, kind):
    "Our layer and PyTorch's, with the same parameters."
    ours, theirs = (
        SelfAttention(width, heads, causal),
        nn.MultiheadAttention(width, heads, batch_first=True, dtype=kind),
    )
    three = ours.queries, ours.keys, ours.values
    with torch.no_grad():
        for p in ours.parameters():
            p.data = p.data.to(kind)
        theirs.in_proj_weight.copy_(torch.cat([layer.w for layer in three], 1).T)
        theirs.in_proj_bias.copy_(torch.cat([layer.b for layer in three]))
        theirs.out_proj.weight.copy_(ours.out.w.T)
        theirs.out_proj.bias.copy_(ours.out.b)
    return ours, theirs


@CASES
@given(layers(), st.integers(0, 10**6))
def test_self_attention_is_torchs(case, seed):
    "Values, weights of each head, gradients of the input and of all parameters."
    n, length, heads, width, causal, kind = case
    torch.manual_seed(seed)
    ours, theirs = both(width, heads, causal, kind)
    x = torch.randn(n, length, width, dtype=torch.float64).to(kind)
    mine, its = [x.clone().requires_grad_() for _ in range(2)]
    got = ours(mine)
    mask = ~causal_mask(length) if causal else None
    wanted, weights = theirs(its, its, its, attn_mask=mask, average_attn_weights=False)
    the_same(got, wanted)
    the_same(ours.pattern(x), weights)
    each = torch.rand(got.shape).to(kind)
    (got * each).sum().backward()
    (wanted * each).sum().backward()
    the_same(mine.grad, its.grad)
    three = ours.queries, ours.keys, ours.values
    the_same(torch.cat([layer.w.grad for layer in three], 1).T, theirs.in_proj_weight.grad)
    the_same(torch.cat([layer.b.grad for layer in three]), theirs.in_proj_bias.grad)
    the_same(ours.out.w.grad.T, theirs.out_proj.weight.grad)
    the_same(ours.out.b.grad, theirs.out_proj.bias.grad)


@CASES
@given(layers(), st.integers(0, 10**6))
def test_without_positions_order_is_invisible(case, seed):
    n, length, heads, width, _, kind = case
    torch.manual_seed(seed)
    ours, _ = both(width, heads, False, kind)
    x, order = torch.randn(n, length, width, dtype=kind), torch.randperm(length)
    the_same(ours(x[:, order]), ours(x)[:, order])


def test_it_is_a_layer():
    layer = SelfAttention(12, heads=3)
    shapes = [tuple(p.shape) for p in layer.parameters()]
    assert shapes == 4 * [(12, 12), (12,)]
    assert layer(torch.zeros(0, 5, 12)).shape == (0, 5, 12)
    x = torch.randn(5, 12)
    the_same(layer(x), layer(x[None])[0])
    positions = Positions(7, 12)
    assert [tuple(p.shape) for p in Sequential(positions, layer).parameters()][0] == (7, 12)


class Keeps(SelfAttention):
    "What lesson 39 needs: keys and values of what came before are kept."

    def keys_and_values(self, x):
        new = super().keys_and_values(x)
        old = getattr(self, 'kept', None)
        self.kept = [torch.cat([a, b], -2) for a, b in zip(old, new)] if old else new
        return self.kept


@pytest.mark.parametrize('heads', [1, 2, 4])
@pytest.mark.parametrize('pieces', [[1] * 6, [4, 1, 1], [2, 3, 1], [6]])
def test_a_subclass_may_keep_keys_and_values(heads, pieces):
    torch.manual_seed(1)
    whole, piecewise = (cls(8, heads, causal=True) for cls in (SelfAttention, Keeps))
    for mine, its in zip(piecewise.parameters(), whole.parameters()):
        mine.data = its.data
    positions, x = Positions(6, 8), torch.randn(3, 6, 8)
    seen, found = 0, []
    for part in x.split(pieces, dim=1):
        found.append(piecewise(positions.forward(part, start=seen)))
        seen += part.shape[1]
    the_same(torch.cat(found, 1), whole(positions(x)))


def test_positions_are_added_and_learned():
    positions, x = Positions(5, 4, std=0.5), torch.zeros(2, 3, 4)
    assert (positions(x) == positions.table[:3]).all()
    assert (positions.forward(x, 2) == positions.table[2:]).all()
    positions(x).sum().backward()
    assert positions.table.grad[:, 0].tolist() == [2, 2, 2, 0, 0]
    assert 0.4 < Positions(500, 40, std=0.5).table.std() < 0.6


# --- what it says to what does not fit

A = torch.zeros


@pytest.mark.parametrize(
    'act, words',
    [
        (lambda: attention(None, A(2, 3), A(2, 3)), ['attention (q) met None']),
        (lambda: attention(A(2, 3), [[1.0]], A(2, 3)), ['attention (k) met a list']),
        (lambda: attention(A(2, 3).long(), A(2, 3), A(2, 3)), ['q of whole numbers']),
        (lambda: attention(A(2, 3), A(2, 3), A(2, 3).double()), ['float32 and torch.float64']),
        (lambda: attention(A(3), A(2, 3), A(2, 3)), ['q of shape (3,)', 'q[None]']),
        (lambda: attention(A(2, 3), A(2, 4), A(2, 3)), ['(2, 3)', '(2, 4)', 'same length']),
        (lambda: attention(A(5, 2, 3), A(4, 2, 3), A(4, 2, 3)), ['(5, 2, 3)', 'heads']),
        (lambda: attention(A(2, 3), A(2, 3), A(4, 3)), ['k of shape (2, 3)', 'v of shape (4, 3)']),
        (lambda: attention(A(2, 3), A(4, 3), A(4, 3), A(2, 4)), ['mask of the kind torch.float32']),
        (lambda: attention(A(2, 3), A(4, 3), A(4, 3), True), ['mask of the kind bool']),
        (
            lambda: attention(A(2, 3), A(4, 3), A(4, 3), A(4, 2) == 0),
            ['mask of shape (4, 2)', 'ends in (2, 4)', 'mask.T'],
        ),
        (
            lambda: attention(A(2, 3), A(4, 3), A(4, 3), causal_mask(3)),
            ['mask of shape (3, 3)', 'causal_mask(2, 4)'],
        ),
        (
            lambda: attention(A(3, 2), A(3, 2), A(3, 2), ~causal_mask(3)),
            ['hides everything from query 2', 'nothing to give them to'],
        ),
        (lambda: SelfAttention(32, 5), ['width of 32 and 5 heads', 'such as 2, 4, 8']),
        (lambda: SelfAttention(32, 0), ['heads=0']),
        (lambda: SelfAttention(32, 2.0), ['heads=2.0']),
        (lambda: SelfAttention(8)(A(2, 5, 7)), ['(2, 5, 7)', '(n, length, 8)']),
        (lambda: SelfAttention(8)(A(8)), ['(8,)']),
        (lambda: SelfAttention(8)(A(2, 5).long()), ['whole numbers', 'for each letter']),
        (lambda: Positions(10, 8)(A(2, 12, 8)), ['a sequence of 12 items', '10 positions']),
        (lambda: Positions(10, 8).forward(A(2, 3, 8), 9), ['beginning at position 9']),
        (lambda: Positions(10, 8).forward(A(2, 3, 8), -1), ['beginning at position -1']),
        (lambda: Positions(10, 8)(A(2, 3, 7)), ['(2, 3, 7)', '8 numbers each']),
        (lambda: Positions(10, 8)(A(2, 8).long()), ['int64', 'for each letter']),
    ],
)
def test_it_says_what_does_not_fit(act, words):
    with pytest.raises(CourseError) as told:
        act()
    for word in words:
        assert word in str(told.value)


# --- brackets, and what is drawn


@CASES
@given(st.integers(1, 9), st.integers(0, 10**6))
def test_brackets_are_balanced_and_partners_belong_together(pairs, seed):
    seen, kinds, partners = bracket_sequences(3, pairs, seed)
    assert seen.shape == kinds.shape == partners.shape == (3, 2 * pairs)
    for row, kind, partner in zip(seen, kinds, partners):
        stack = []
        for i in range(2 * pairs):
            stack += [i] if row[i] < 4 else []
            assert partner[i] == (stack[-1] if row[i] < 4 else stack.pop())
            assert kind[i] == row[partner[i]]
        assert stack == []
        text = bracket_text(row, kind)
        for _ in range(pairs):
            for pair in ('()', '[]', '{}', '<>'):
                text = text.replace(pair, '')
        assert text == '' and set(bracket_text(row)) <= set('([{<?')


def test_brackets_come_again_from_the_same_seed():
    first, again, other = (bracket_sequences(50, seed=seed)[0] for seed in (1, 1, 2))
    assert (first == again).all() and (first != other).any()


@pytest.fixture
def closed():
    yield
    plt.close('all')


def test_what_is_drawn_is_what_was_handed_over(closed):
    weights = torch.rand(3, 4, requires_grad=True)
    ax = draw_pattern(weights, 'a title', 'abcd', [2, -1, 0])
    assert (ax.images[0].get_array() == weights.detach().numpy()).all()
    assert ax.images[0].get_clim() == (0, 1) and ax.get_title() == 'a title'
    assert ax.lines[0].get_xydata().tolist() == [[2, 0], [0, 2]]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == list('abcd')
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ['0', '1', '2']


def test_a_bar_for_each_share_and_a_dot_for_each_seed(closed):
    ax = draw_shares({'one': 0.25, 'three': [0.5, 0.6, 0.7]}, 'a title')
    assert [round(bar.get_width(), 6) for bar in ax.patches] == [0.25, 0.6]
    (dots,) = ax.lines
    assert dots.get_xdata().tolist() == [0.5, 0.6, 0.7]
    assert [text.get_text() for text in ax.texts] == ['25%', '60%']
