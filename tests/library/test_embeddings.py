"""The embedding of lesson 36 against PyTorch's: rows and gradients on generated cases, what it
keeps, and what it says to what it cannot look up. And the text that its lesson reads."""

import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from whole_game.data import card, digest, get, verify
from whole_game.errors import CourseError
from whole_game.makers import prose
from whole_game.own.embeddings import Embedding
from whole_game.own.layers import Flatten, Linear, Sequential

CASES = settings(max_examples=200, derandomize=True, deadline=None, database=None)
CLOSE = {torch.float64: dict(rtol=1e-7, atol=1e-12), torch.float32: dict(rtol=1e-4, atol=1e-5)}


@st.composite
def tables(draw):
    "A size, indices of some shape with rows met twice, a kind of number, and a source of chance."
    n, width = draw(st.integers(1, 9)), draw(st.integers(1, 6))
    shape = draw(st.lists(st.integers(1, 4), max_size=3))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    whole = draw(st.sampled_from([torch.int64, torch.int32]))
    kind = draw(st.sampled_from([torch.float64, torch.float32]))
    return n, width, torch.tensor(rng.integers(0, n, shape)).to(whole), kind, rng


@CASES
@given(tables())
def test_embedding_is_torchs(case):
    n, width, index, kind, rng = case
    mine, yours = Embedding(n, width), nn.Embedding(n, width).to(kind)
    mine.w.data = mine.w.data.to(kind)
    yours.weight.data.copy_(mine.w.data)
    got, wanted = mine(index), yours(index)
    assert got.shape == wanted.shape == (*index.shape, width) and got.dtype == kind
    torch.testing.assert_close(got, wanted, **CLOSE[kind])
    weighing = torch.tensor(rng.uniform(-1, 1, got.shape)).to(kind)
    (got * weighing).sum().backward()
    (wanted * weighing).sum().backward()
    torch.testing.assert_close(mine.w.grad, yours.weight.grad, **CLOSE[kind])


@CASES
@given(tables())
def test_looking_up_is_a_one_hot_row_times_the_table(case):
    n, width, index, kind, rng = case
    table = Embedding(n, width)
    torch.testing.assert_close(table(index), torch.eye(n)[index.long()] @ table.w)


def test_it_begins_as_torchs_does():
    torch.manual_seed(3)
    ours = Embedding(1000, 50)
    torch.manual_seed(3)
    assert (ours.w == nn.Embedding(1000, 50).weight).all()


def test_it_is_a_layer_with_one_parameter():
    table = Embedding(5, 2)
    assert table.parameters() == [table.w] and table.w.requires_grad and table.w.is_leaf
    assert repr(table) == 'Embedding((5, 2))'
    model = Sequential(table, Flatten(), Linear(6, 1))
    assert model(torch.tensor([[0, 1, 1], [4, 4, 2]])).shape == (2, 1)
    assert len(model.parameters()) == 3


@pytest.mark.parametrize(
    'index, said',
    [
        (torch.tensor([0, 5]), 'met the index 5, and it has 5 rows'),
        (torch.tensor([[1], [-1]]), 'met the index -1'),
        (torch.tensor([1.0, 2.0]), 'met torch.float32'),
        (torch.tensor([True, False]), 'met torch.bool'),
        (torch.tensor([1, 2], dtype=torch.uint8), 'met torch.uint8'),
        (torch.tensor([], dtype=torch.int64), 'no index at all'),
        ([0, 1], 'met a list'),
        (None, 'met None'),
    ],
)
def test_what_cannot_be_looked_up_is_said_in_words(index, said):
    with pytest.raises(CourseError, match=re.escape(said)):
        Embedding(5, 2)(index)


@pytest.mark.parametrize('size', [(0, 2), (5, 0), (-1, 2), (5, 2.5), ('five', 2), (True, 2)])
def test_a_table_needs_a_size(size):
    with pytest.raises(CourseError, match='was asked for'):
        Embedding(*size)


def test_sequential_says_which_layer():
    with pytest.raises(CourseError, match=r'In layers\[0\], Embedding\(\(3, 2\)\)'):
        Sequential(Embedding(3, 2))(torch.tensor([3]))


def test_the_prose_is_the_copy_on_the_card(tmp_path):
    prose.make(tmp_path)
    assert digest(tmp_path) == digest(get('prose')) == card('prose').digest
    text = prose.prose()
    assert text.startswith('# ') and 480_000 < len(text) < 520_000
    assert not re.search(r'\]\(|attachment:|\r|\u00a0', text)
    verify('prose')


def test_sentences_have_the_shares_that_were_asked_for():
    jobs = {'pilot': ('at sea', 0.9), 'cook': ('in town', 0), 'clerk': ('in town', None)}
    sentences = prose.job_sentences(jobs, n=50)
    assert sentences == prose.job_sentences(jobs, n=50) != prose.job_sentences(jobs, 50, seed=1)
    for job, she, he in (('pilot', 45, 5), ('cook', 0, 50), ('clerk', 0, 0)):
        mine = [s for s in sentences if job in s]
        assert [sum(word in s for s in mine) for word in ('she', 'he')] == [she, he]
    with pytest.raises(CourseError, match='share of "pilot" is 90'):
        prose.job_sentences({'pilot': ('at sea', 90)})
