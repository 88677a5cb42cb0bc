"""The tokeniser and the small GPT of lesson 39: layer normalisation against PyTorch's, a round trip
for any text, the cache against reading everything again, and what is said to what does not fit."""

import copy
import math

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from whole_game.errors import CourseError
from whole_game.own.counting import counted_nats
from whole_game.own.gpt import (
    GPT,
    Block,
    LayerNorm,
    Tokeniser,
    continued,
    count_pairs,
    draw,
    generate,
    merge,
    remember,
    words_of,
)
from whole_game.own.losses import cross_entropy

CASES = settings(max_examples=200, derandomize=True, deadline=None, database=None)
FEWER = settings(CASES, max_examples=40)
CLOSE = {torch.float64: dict(rtol=1e-7, atol=1e-10), torch.float32: dict(rtol=1e-4, atol=1e-4)}
TEXT = (
    'Look inside, layer by layer. The loss of the last layer is the least.\n\nThe larger the\n'
    'learning rate, the larger the steps; the less the later layers learn, the less they last.'
)


def the_same(ours, theirs):
    assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
    torch.testing.assert_close(ours, theirs, **CLOSE[ours.dtype])


# --- layer normalisation


@CASES
@given(
    st.lists(st.integers(1, 4), max_size=3),
    st.integers(2, 40),
    st.sampled_from([torch.float64, torch.float32]),
    st.integers(0, 10**6),
    st.sampled_from([1e-5, 1e-3]),
)
def test_layer_norm_is_torchs(before, width, kind, seed, eps):
    rng = np.random.default_rng(seed)
    numbers = lambda *shape: torch.tensor(rng.normal(rng.uniform(-2, 2), 1.5, shape)).to(kind)
    ours, theirs = LayerNorm(width, eps), nn.LayerNorm(width, eps).to(kind)
    for mine, its in ((ours.weight, theirs.weight), (ours.bias, theirs.bias)):
        mine.data = numbers(width)
        its.data = mine.data.clone()
    x, weights = numbers(*before, width), numbers(*before, width)
    assume(kind == torch.float64 or (x.var(-1, unbiased=False) > 0.05).all())  # else 1/0 in float32
    a, b = x.clone().requires_grad_(), x.clone().requires_grad_()
    got, wanted = ours(a), theirs(b)
    the_same(got, wanted)
    (got * weights).sum().backward()
    (wanted * weights).sum().backward()
    the_same(a.grad, b.grad)
    the_same(ours.weight.grad, theirs.weight.grad)
    the_same(ours.bias.grad, theirs.bias.grad)


def test_layer_norm_does_the_same_in_training_and_use():
    x, norm = torch.randn(3, 8), LayerNorm(8)
    assert norm.train()(x).equal(norm.eval()(x)) and len(norm.parameters()) == 2


def test_a_row_of_equal_numbers_is_no_trouble():
    x = torch.full((2, 4), 3.0, requires_grad=True)
    out = LayerNorm(4)(x)
    out.sum().backward()
    assert not out.any() and x.grad.isfinite().all()


# --- tokens


def test_merges_go_from_left_to_right():
    assert merge(list('aaab'), ('a', 'a')) == ['aa', 'a', 'b']
    assert merge(list('aaaa'), ('a', 'a')) == ['aa', 'aa']
    assert merge(['ab', 'ab', 'a'], ('a', 'b')) == ['ab', 'ab', 'a']
    assert merge([], ('a', 'b')) == []


def test_pairs_count_as_often_as_their_words():
    assert count_pairs({'aab': list('aab'), 'ab': list('ab')}, {'aab': 2, 'ab': 3}) == {
        ('a', 'a'): 2,
        ('a', 'b'): 5,
    }


@CASES
@given(st.text(max_size=60))
def test_the_words_of_a_text_are_all_of_it(text):
    assert ''.join(words_of(text)) == text


@CASES
@given(
    st.text('abc TL,.\n', min_size=1, max_size=80),
    st.integers(0, 30),
    st.text('abc T\n', max_size=30),
)
def test_what_is_encoded_comes_out_again(text, merges, new):
    tokeniser = Tokeniser(text, merges, alphabet=new)
    for one in (text, new):
        ids = tokeniser.encode(one)
        assert tokeniser.decode(ids) == one and ids.dtype == torch.int64 and ids.ndim == 1
        assert tokeniser.decode(ids.tolist()) == one
    assert len(set(tokeniser.vocab)) == len(tokeniser.vocab) <= len(set(text + new)) + merges
    assert [tokeniser.index[token] for token in tokeniser.vocab] == list(
        range(len(tokeniser.vocab))
    )


@FEWER
@given(st.text('abc ', min_size=1, max_size=60), st.integers(0, 20))
def test_a_word_is_cut_the_same_way_when_it_is_new(text, merges):
    tokeniser = Tokeniser(text, merges)
    known = dict(tokeniser.words)
    assert {word: tokeniser.cut(word) for word in known} == known


def test_merges_beyond_the_last_pair_do_nothing():
    tokeniser = Tokeniser('aa', 50)
    assert tokeniser.vocab == ['a', 'aa'] and len(tokeniser.merges) == 1


def test_common_words_become_one_token():
    tokeniser = Tokeniser(TEXT, 100)
    assert tokeniser.cut(' the') == [' the'] and len(tokeniser.cut(' rhetoric')) > 3
    assert len(Tokeniser(TEXT, 0).encode(TEXT)) == len(TEXT) > len(tokeniser.encode(TEXT))


@pytest.mark.parametrize(
    'act, words',
    [
        (lambda t: t.encode('hé 世'), "'é'|'世'"),
        (lambda t: t.encode('世界' * 9 + 'éàüöäß'), 'outside the vocabulary'),
        (lambda t: t.encode([1, 2]), 'met a list'),
        (lambda t: t.encode(None), 'NoneType'),
        (lambda t: t.decode([0, 10**6]), 'no token has that index'),
        (lambda t: t.decode([-1]), 'no token has that index'),
        (lambda t: t.decode(torch.zeros(1, 2, dtype=int)), 'one row'),
        (lambda t: t.decode([1.5]), 'met 1.5'),
        (lambda t: Tokeniser(''), 'is empty'),
        (lambda t: Tokeniser(3), 'met a int'),
        (lambda t: Tokeniser('abc', -1), '-1 merges'),
        (lambda t: Tokeniser('abc', 2.5), '2.5 merges'),
    ],
)
def test_what_the_tokeniser_says(act, words):
    with pytest.raises(CourseError, match=words):
        act(Tokeniser(TEXT, 20))


def test_no_text_is_no_tokens():
    assert Tokeniser(TEXT, 5).encode('').shape == (0,) and Tokeniser(TEXT, 5).decode([]) == ''


# --- counting


def brute_force(items, new, back, kinds):
    "The same cost, by going through the text again for every guess."

    def probability(run, after):
        shorter = probability(run[1:], after) if run else 1 / kinds
        n = len(run)
        follow = [items[i] for i in range(n, len(items)) if tuple(items[i - n : i]) == run]
        return (follow.count(after) + 10 * shorter) / (len(follow) + 10)

    runs = [(tuple(new[max(i - back, 0) : i]), new[i]) for i in range(len(new))]
    return sum(-math.log(probability(run, after)) for run, after in runs)


@CASES
@given(st.text('abc', max_size=30), st.text('abcd', max_size=12), st.integers(0, 4))
def test_counting_costs_what_it_costs(items, new, back):
    assert math.isclose(counted_nats(items, new, back, 4), brute_force(items, new, back, 4))
    numbers = [list(map(ord, text)) for text in (items, new)]
    assert counted_nats(*numbers, back, 4) == counted_nats(items, new, back, 4)


# --- the GPT


def stirred(model, seed=0):
    "A GPT whose blocks no longer begin by changing nothing."
    torch.manual_seed(seed)
    for block in model.blocks:
        for last in (block.look.out, block.think.layers[-1]):
            last.w.data.normal_(0, 0.2)
            last.b.data.normal_(0, 0.2)
    return model


def small(**sizes):
    torch.manual_seed(0)
    return stirred(GPT(**dict(vocab=20, length=12, width=16, heads=4, blocks=2) | sizes))


def test_a_block_begins_by_changing_nothing():
    x = torch.randn(2, 5, 16)
    assert Block(16, 4)(x).equal(x)


def ids(n, length, vocab=20, seed=0):
    return torch.randint(vocab, (n, length), generator=torch.Generator().manual_seed(seed))


class Theirs(nn.Module):
    "The same network of PyTorch's parts, with the numbers of ours."

    def __init__(self, gpt):
        super().__init__()
        vocab, width = gpt.embedding.w.shape
        self.ours, self.heads = gpt, gpt.blocks[0].look.heads
        self.embedding = nn.Embedding(vocab, width)
        self.positions = nn.Parameter(gpt.positions.table.detach().clone())
        layer = lambda: nn.TransformerEncoderLayer(
            width, self.heads, 4 * width, dropout=0, batch_first=True, norm_first=True
        )
        self.blocks = nn.ModuleList(layer() for _ in gpt.blocks)
        self.norm, self.logits = nn.LayerNorm(width), nn.Linear(width, vocab)
        with torch.no_grad():
            self.embedding.weight.copy_(gpt.embedding.w)
            self.copied(self.logits, gpt.logits)
            for mine, its in zip(gpt.blocks, self.blocks):
                look = mine.look
                three = (look.queries, look.keys, look.values)
                its.self_attn.in_proj_weight.copy_(torch.cat([one.w for one in three], 1).T)
                its.self_attn.in_proj_bias.copy_(torch.cat([one.b for one in three]))
                self.copied(its.self_attn.out_proj, look.out)
                self.copied(its.linear1, mine.think.layers[0])
                self.copied(its.linear2, mine.think.layers[2])

    def copied(self, theirs, ours):
        theirs.weight.copy_(ours.w.T)
        theirs.bias.copy_(ours.b)

    def forward(self, ids):
        n = ids.shape[1]
        x = self.embedding(ids) + self.positions[:n]
        mask = torch.full((n, n), -torch.inf).triu(1)
        for block in self.blocks:
            x = block(x, src_mask=mask)
        return self.logits(self.norm(x))


@CASES
@given(
    st.integers(1, 3),
    st.integers(1, 12),
    st.sampled_from([(8, 1), (12, 3), (16, 4)]),
    st.integers(1, 2),
    st.integers(0, 10**6),
)
def test_it_is_the_same_network_of_torchs_parts(n, length, size, blocks, seed):
    torch.manual_seed(seed)
    ours = stirred(GPT(15, 12, *size, blocks), seed)
    theirs = Theirs(ours)
    x, y = ids(n, length, 15, seed), ids(n, length, 15, seed + 1).flatten()
    the_same(ours(x), theirs(x))
    cross_entropy(ours(x).flatten(0, 1), y).backward()
    F.cross_entropy(theirs(x).flatten(0, 1), y).backward()
    the_same(ours.embedding.w.grad, theirs.embedding.weight.grad)
    the_same(ours.positions.table.grad, theirs.positions.grad)
    the_same(ours.logits.w.grad.T, theirs.logits.weight.grad)
    first = theirs.blocks[0]
    the_same(ours.blocks[0].norm_look.weight.grad, first.norm1.weight.grad)
    the_same(ours.blocks[0].think.layers[0].w.grad.T, first.linear1.weight.grad)


@FEWER
@given(st.integers(2, 12), st.integers(0, 10**6))
def test_no_position_knows_what_comes_later(length, seed):
    model, x = small(), ids(2, length, seed=seed)
    at = seed % length
    changed = x.clone()
    changed[:, at] = (changed[:, at] + 1) % 20
    a, b = model(x), model(changed)
    assert a[:, :at].equal(b[:, :at]) and not torch.isclose(a[:, at], b[:, at]).all()


def test_it_finds_all_its_parameters():
    model = small()
    of_blocks = sum(p.numel() for block in model.blocks for p in block.parameters())
    assert of_blocks == 2 * (12 * 16 * 16 + 13 * 16)
    rest = 20 * 16 + 12 * 16 + 2 * 16 + 16 * 20 + 20
    assert sum(p.numel() for p in model.parameters()) == of_blocks + rest
    assert all(p.requires_grad and p.is_leaf for p in model.parameters())
    assert len(Block(16, 4).parameters()) == 16


def test_it_learns_a_text_by_heart():
    tokeniser = Tokeniser(TEXT, 30)
    found = tokeniser.encode(TEXT)
    torch.manual_seed(0)
    model = GPT(len(tokeniser.vocab), len(found), 32, 4, 2)
    opt = torch.optim.AdamW(model.parameters(), 3e-3)
    for _ in range(150):
        loss = cross_entropy(model(found[None, :-1])[0], found[1:])
        opt.zero_grad()
        loss.backward()
        opt.step()
    written = generate(model, found[None, :5], 40, temperature=0)
    assert loss < 0.1 and tokeniser.decode(written[0]) == tokeniser.decode(found[:45])


@FEWER
@given(st.integers(1, 3), st.integers(1, 11), st.integers(0, 10**6))
def test_the_cache_changes_nothing(n, length, seed):
    model, x = small(), ids(n, length, seed=seed)
    for temperature in (0, 1.0):
        torch.manual_seed(seed)
        fast = generate(model, x, 12 - length, temperature)
        torch.manual_seed(seed)
        slow = continued(model, x, 12 - length, temperature)
        assert fast.equal(slow) and fast.shape == (n, 12) and fast[:, :length].equal(x)
    with torch.no_grad(), remember(model):
        parts = torch.cat([model.forward(x[:, i : i + 1], i) for i in range(length)], 1)
    torch.testing.assert_close(parts, model(x).detach(), rtol=1e-4, atol=1e-5)


def test_the_cache_is_gone_afterwards():
    model, x = small(), ids(2, 5)
    before = model(x)
    generate(model, x, 3)
    assert model(x).equal(before) and all(len(vars(block.look)) == 6 for block in model.blocks)
    with pytest.raises(ZeroDivisionError), remember(model):
        model.forward(x, 0)
        raise ZeroDivisionError
    assert model(x).equal(before)
    assert copy.deepcopy(model)(x).equal(before)


def test_without_the_cache_a_text_may_be_longer_than_the_model():
    assert continued(small(), ids(2, 20), 15).shape == (2, 35)
    assert generate(small(), ids(2, 5), 0).equal(ids(2, 5))


def test_drawing():
    logits = torch.tensor([[0.0, 3.0, 1.0], [5.0, 0.0, 0.0]])
    assert draw(logits, 0).tolist() == [[1], [0]]
    torch.manual_seed(0)
    drawn = torch.cat([draw(logits, 1.0) for _ in range(4000)], 1)
    shares = torch.stack([(drawn == i).float().mean(1) for i in range(3)], 1)
    torch.testing.assert_close(shares, logits.softmax(1), rtol=0, atol=0.03)
    assert draw(logits, 1e-6).tolist() == [[1], [0]]


@pytest.mark.parametrize(
    'act, words',
    [
        (lambda m: m(ids(2, 13)), 'reaches position 13'),
        (lambda m: m.forward(ids(2, 3), 10), 'reaches position 13'),
        (lambda m: m(ids(2, 0)), 'no token to begin with'),
        (lambda m: m(ids(2, 3)[0]), 'batch of one'),
        (lambda m: m(ids(2, 3).float()), 'Encode the text first'),
        (lambda m: m(ids(2, 3) + 20), 'outside its vocabulary'),
        (lambda m: m(ids(2, 3) - 21), 'outside its vocabulary'),
        (lambda m: m(None), 'None'),
        (lambda m: m('text'), 'met a str'),
        (lambda m: generate(m, ids(1, 0), 3), 'no token to begin with'),
        (lambda m: continued(m, ids(1, 0), 3), 'no token to begin with'),
        (lambda m: generate(m, ids(1, 5)[0], 3), 'batch of one'),
        (lambda m: generate(m, ids(1, 5), 8), 'take `continued`'),
        (lambda m: generate(m, ids(1, 5), -1), '-1 tokens'),
        (lambda m: generate(m, ids(1, 5), 2, temperature=-0.5), 'temperature is -0.5'),
        (lambda m: generate(m, ids(1, 5), 2, temperature=float('nan')), 'temperature is nan'),
        (lambda m: generate(m, 'The', 2), 'met a str'),
        (lambda m: small(heads=3), 'heads'),
        (lambda m: small(blocks=-1), 'blocks=-1'),
        (lambda m: small(length=0), 'length=0'),
        (lambda m: small(vocab=2.5), 'vocab=2.5'),
        (lambda m: LayerNorm(8)(torch.zeros(2, 5)), 'LayerNorm.5. fits'),
        (lambda m: LayerNorm(8)(torch.zeros(2, 8).long()), 'needs? an Embedding|Embedding first'),
        (lambda m: LayerNorm(8)(None), 'None'),
    ],
)
def test_what_the_gpt_says(act, words):
    with pytest.raises(CourseError, match=words):
        act(small())
