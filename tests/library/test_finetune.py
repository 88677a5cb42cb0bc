"""What lesson 40 builds: pairs as batches, low-rank changes against PyTorch's linear layer with the
merged weight, a GPT with changes put on, merged and taken off, the GPT in a file, the glossary."""

import copy
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from whole_game.data import card, digest, get, verify, weights
from whole_game.drawings_answers import draw_answers, draw_refusals, refusal_rates
from whole_game.errors import CourseError
from whole_game.makers import glossary
from whole_game.own.finetune import (
    LoRA,
    add_lora,
    answers,
    merge_lora,
    pair_batch,
    says,
    take_off_lora,
)
from whole_game.own.gpt import GPT, Tokeniser, continued
from whole_game.own.gpt_file import load_gpt, save_gpt
from whole_game.own.layers import Linear

ROOT = Path(__file__).parents[2]
CASES = settings(max_examples=200, derandomize=True, deadline=None, database=None)
TEXT = 'What is a loss? How wrong a model is.\nWhat is a step? One change of all.\nI do not know.'
TOKENISER = Tokeniser(TEXT, 30)


def small(seed=0, **sizes):
    "A GPT whose blocks change something."
    torch.manual_seed(seed)
    sizes = dict(vocab=len(TOKENISER.vocab), length=64, width=16, heads=2, blocks=2) | sizes
    model = GPT(**sizes)
    for block in model.blocks:
        for last in (block.look.out, block.think.layers[-1]):
            last.w.data.normal_(0, 0.3)
            last.b.data.normal_(0, 0.3)
    return model


def stirred(model):
    "The same with changes that are not zero any more."
    for p in model.parameters():
        p.data.normal_(0, 0.2)
    return model


# --- LoRA


@CASES
@given(
    st.lists(st.integers(1, 3), max_size=2),
    st.integers(1, 12),
    st.integers(1, 12),
    st.integers(0, 10**6),
    st.sampled_from([torch.float64, torch.float32]),
)
def test_lora_is_torchs_linear_with_the_merged_weight(before, inputs, outputs, seed, kind):
    rng = np.random.default_rng(seed)
    rank = int(rng.integers(1, min(inputs, outputs) + 1))
    numbers = lambda *shape: torch.tensor(rng.normal(0, 1, shape)).to(kind)
    layer = Linear(inputs, outputs)
    layer.w.data, layer.b.data = numbers(inputs, outputs), numbers(outputs)
    ours = LoRA(layer, rank)
    ours.A.data, ours.B.data = numbers(inputs, rank), numbers(rank, outputs)
    a, b = [parameter.detach().clone().requires_grad_() for parameter in (ours.A, ours.B)]
    x, weight = numbers(*before, inputs), numbers(*before, outputs)
    mine, its = x.clone().requires_grad_(), x.clone().requires_grad_()
    got, wanted = ours(mine), F.linear(its, (layer.w.detach() + a @ b).T, layer.b.detach())
    close = dict(rtol=1e-7, atol=1e-10) if kind == torch.float64 else dict(rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(got, wanted, **close)
    torch.testing.assert_close(ours.merged()(x), wanted, **close)
    torch.testing.assert_close(ours.w, layer.w + a @ b, **close)
    (got * weight).sum().backward()
    (wanted * weight).sum().backward()
    for one, other in ((ours.A, a), (ours.B, b), (mine, its)):
        torch.testing.assert_close(one.grad, other.grad, **close)


def test_a_change_begins_as_none_and_b_moves_first():
    layer, x = Linear(5, 4), torch.randn(3, 5)
    lora = LoRA(layer, 2)
    assert lora(x).equal(layer(x)) and lora.w.equal(layer.w)
    lora(x).sum().backward()
    assert not lora.A.grad.any() and lora.B.grad.any()
    assert layer.w.grad is not None  # alone, LoRA freezes nothing: add_lora does


def test_merging_leaves_the_layer_alone():
    layer = Linear(5, 4)
    lora, w = LoRA(layer, 2), layer.w.detach().clone()
    lora.B.data.normal_()
    one = lora.merged()
    assert layer.w.equal(w) and not one.w.equal(w) and one.b is layer.b
    one.w += 1
    assert layer.w.equal(w)


@pytest.mark.parametrize(
    'layer, rank, words',
    [
        (Linear(6, 4), 0, 'rank 0'),
        (Linear(6, 4), -1, 'rank -1'),
        (Linear(6, 4), 5, 'from 1 to 4'),
        (Linear(6, 4), 2.0, 'rank 2.0'),
        (Linear(6, 4), True, 'rank True'),
        (LoRA(Linear(6, 4), 2), 2, 'already'),
        (torch.relu, 2, 'linear layer'),
    ],
)
def test_what_a_change_says(layer, rank, words):
    with pytest.raises(CourseError, match=words):
        LoRA(layer, rank)


# --- a GPT with changes


def test_only_the_changes_learn():
    model = small()
    ids = torch.randint(len(TOKENISER.vocab), (2, 9))
    before = {id(p): p.detach().clone() for p in model.parameters()}
    old = list(model.parameters())
    changed = add_lora(model, 3)
    assert changed is model
    found = model.parameters()
    assert len(found) == 2 * 2 * 6 and not {id(p) for p in found} & before.keys()
    assert sum(p.numel() for p in found) == 2 * 3 * (4 * 32 + 2 * 80)
    opt = torch.optim.AdamW(found, 0.1)
    for _ in range(3):
        opt.zero_grad()
        model(ids).square().mean().backward()
        opt.step()
    assert all(p.equal(before[id(p)]) and p.grad is None for p in old)


@settings(CASES, max_examples=30)
@given(st.integers(1, 16), st.integers(1, 12), st.integers(0, 10**6))
def test_off_is_as_before_and_merged_is_as_beside(rank, length, seed):
    model = small(seed)
    ids = torch.randint(len(TOKENISER.vocab), (2, length))
    before = model(ids).detach()
    beside = add_lora(copy.deepcopy(model), rank)
    assert beside(ids).equal(before)
    stirred(beside)
    one = merge_lora(copy.deepcopy(beside))
    torch.testing.assert_close(one(ids), beside(ids), rtol=1e-3, atol=1e-3)
    assert not torch.allclose(one(ids), before)
    assert take_off_lora(beside)(ids).equal(before)
    prompt = ids[:, :3]
    assert continued(one, prompt, 2, 0).shape == (2, prompt.shape[1] + 2)


@pytest.mark.parametrize(
    'act, words',
    [
        (lambda m: merge_lora(m), 'merge_lora found no low-rank change'),
        (lambda m: take_off_lora(m), 'take_off_lora found no'),
        (lambda m: merge_lora(merge_lora(add_lora(m, 2))), 'merged or taken off before'),
        (lambda m: take_off_lora(take_off_lora(add_lora(m, 2))), 'taken off before'),
        (lambda m: add_lora(add_lora(m, 2), 2), 'already'),
        (lambda m: add_lora(m, 0), 'rank 0'),
        (lambda m: add_lora(m, 17), 'from 1 to 16'),
    ],
)
def test_what_a_changed_gpt_says(act, words):
    with pytest.raises(CourseError, match=words):
        act(small())


def test_a_rank_that_does_not_fit_changes_nothing():
    model = small()
    with pytest.raises(CourseError):
        add_lora(model, 17)
    assert not any(isinstance(block.look.queries, LoRA) for block in model.blocks)


# --- pairs


LINES = st.text('Whatislo edfgmchn?.', min_size=1, max_size=20).filter(str.strip)


@CASES
@given(st.lists(st.tuples(LINES, LINES), min_size=1, max_size=4))
def test_only_answers_are_learned_and_whole(pairs):
    x, y = pair_batch(TOKENISER, pairs, 64)
    assert x.shape == y.shape and x.dtype == y.dtype == torch.int64
    for (question, answer), row, wanted in zip(pairs, x, y):
        learned = wanted != -100
        assert TOKENISER.decode(wanted[learned]) == answer + '\n'
        first = int(learned.nonzero()[0])
        assert TOKENISER.decode(row[: first + 1]) == question + '\n'
        assert learned[first : first + learned.sum()].all()
        assert row[first + 1 :][: learned.sum() - 1].equal(wanted[learned][:-1])


def test_padding_changes_nothing():
    model, pair = small(), ('What is a loss?', 'One change.')
    exactly, sure = says(model, TOKENISER, [pair])
    both, sures = says(model, TOKENISER, [pair, ('What is a step?', 'How wrong a model is. ' * 2)])
    torch.testing.assert_close(sure[0], sures[0], rtol=1e-3, atol=0)
    assert exactly[0] == both[0]


def trained(pairs):
    torch.manual_seed(0)
    model = GPT(len(TOKENISER.vocab), 64, 32, 4, 2)
    opt = torch.optim.AdamW(model.parameters(), 3e-3)
    x, y = pair_batch(TOKENISER, pairs, 64)
    for _ in range(200):
        opt.zero_grad()
        F.cross_entropy(model(x).transpose(1, 2), y).backward()
        opt.step()
    return model


def test_it_says_exactly_what_it_writes():
    pairs = [
        ('What is a loss?', 'How wrong a model is.'),
        ('What is a step?', 'One change of all.'),
    ]
    model = trained(pairs)
    exactly, sure = says(model, TOKENISER, pairs)
    assert exactly.all() and (sure > 0.5).all()
    assert answers(model, TOKENISER, [q for q, _ in pairs]) == [a for _, a in pairs]
    swapped = [(pairs[0][0], pairs[1][1]), (pairs[1][0], pairs[0][1])]
    exactly, sure = says(model, TOKENISER, swapped)
    assert not exactly.any() and (sure < 0.1).all()
    asked = ['What is a model?', 'What is a loss?', 'a step?']
    for question, answer in zip(asked, answers(model, TOKENISER, asked)):
        assert '\n' not in answer
        if answer and len(TOKENISER.encode(f'{question}\n{answer}\n')) <= 40:
            assert says(model, TOKENISER, [(question, answer)])[0].item()


def test_no_questions_are_no_answers():
    assert answers(small(), TOKENISER, []) == []


@pytest.mark.parametrize(
    'act, words',
    [
        (lambda m: pair_batch(TOKENISER, []), 'no pair'),
        (lambda m: pair_batch(TOKENISER, [('', 'a')]), 'question is empty'),
        (lambda m: pair_batch(TOKENISER, [('  ', 'a')]), 'question is empty'),
        (lambda m: pair_batch(TOKENISER, [('a', '')]), 'answer is empty'),
        (lambda m: pair_batch(TOKENISER, [('a', None)]), 'NoneType'),
        (lambda m: pair_batch(TOKENISER, [('a\na', 'a')]), 'new line'),
        (lambda m: pair_batch(TOKENISER, ['ab']), 'is no pair'),
        (lambda m: pair_batch(TOKENISER, [('a', 'a', 'a')]), 'is no pair'),
        (lambda m: pair_batch(TOKENISER, [('a ' * 90, 'a')]), '64 positions'),
        (lambda m: pair_batch(TOKENISER, [('a', 'a')], 2), '2 positions'),
        (lambda m: pair_batch(TOKENISER, [('世', 'a')]), 'outside the vocabulary'),
        (lambda m: answers(m, TOKENISER, ['']), 'question is empty'),
        (lambda m: answers(m, TOKENISER, ['\n']), 'question is empty'),
        (lambda m: answers(m, TOKENISER, 'What is a loss?'), 'square brackets'),
        (lambda m: answers(m, TOKENISER, ['a ' * 80]), '64 positions'),
        (lambda m: answers(m, TOKENISER, ['Ça?']), 'outside the vocabulary'),
        (lambda m: answers(m, TOKENISER, [3]), 'is a int'),
        (lambda m: says(m, TOKENISER, [('a', '')]), 'answer is empty'),
    ],
)
def test_what_pairs_and_questions_say(act, words):
    with pytest.raises(CourseError, match=words):
        act(small())


def test_the_longest_question_that_fits_is_answered():
    question = 'z' * 62 if 'z' in TOKENISER.index else '?a' * 31
    assert len(TOKENISER.encode(question)) == 62
    assert len(answers(small(), TOKENISER, [question])) == 1


# --- the GPT in a file


def test_a_gpt_comes_out_of_its_file_as_it_went_in(tmp_path):
    model = small(width=8, heads=4, blocks=1, length=20)
    save_gpt(model, TOKENISER, tmp_path / 'one.pt')
    again, tokeniser = load_gpt(tmp_path / 'one.pt')
    ids = tokeniser.encode('What is a loss?')[None]
    assert ids.equal(TOKENISER.encode('What is a loss?')[None])
    torch.testing.assert_close(again(ids), model(ids), rtol=0.02, atol=0.02)
    assert again.length == 20 and vars(tokeniser) == vars(TOKENISER)
    assert all(p.requires_grad and p.dtype == torch.float32 for p in again.parameters())


def test_what_a_file_says(tmp_path):
    with pytest.raises(CourseError, match='There is no file'):
        load_gpt(tmp_path / 'none.pt')
    (tmp_path / 'text.pt').write_text('a text')
    torch.save([1, 2], tmp_path / 'list.pt')
    torch.save(small(), tmp_path / 'program.pt')  # a pickle that would run code
    for name in ('text.pt', 'list.pt', 'program.pt'):
        with pytest.raises(CourseError, match='holds no GPT'):
            load_gpt(tmp_path / name)
    with pytest.raises(CourseError, match='made together'):
        save_gpt(small(vocab=7), TOKENISER, tmp_path / 'two.pt')


def test_the_carried_gpt_is_lesson_39s():
    sys.path.insert(0, str(ROOT))
    from benchmarks.small_gpt import nats

    model, tokeniser = load_gpt()
    assert sum(p.numel() for p in model.parameters()) == 405_260
    assert 1.15 < nats(model, tokeniser) < 1.22
    assert weights('small_gpt').stat().st_size < 1.3e6
    verify('small_gpt')


@pytest.mark.expensive
def test_the_program_makes_it_again():
    sys.path.insert(0, str(ROOT))
    from benchmarks.small_gpt import nats, trained

    model, tokeniser = trained()
    carried, its = load_gpt()
    assert tokeniser.vocab == its.vocab and tokeniser.merges == its.merges
    assert abs(nats(model, tokeniser) - nats(carried, its)) < 0.03


# --- the glossary of one day


def test_the_glossary_is_the_copy_on_the_card(tmp_path):
    glossary.make(tmp_path)
    assert digest(tmp_path) == digest(get('glossary')) == card('glossary').digest
    found = glossary.glossary()
    assert len(found) == 201 and len({term for term, _, _ in found}) == len(found)
    assert card('glossary').holds == '201 terms'
    verify('glossary')
    for term, asked, sentence in found:
        assert asked in (term, f'a {term}', f'an {term}') and 24 <= len(sentence) <= 110
        assert sentence[-1] in '.?!' and '\n' not in term + sentence and '*' not in sentence
    asked = {asked for _, asked, _ in found}
    assert {'a gradient', 'an epoch', 'softmax', 'an L2 penalty', 'an n-gram', 'a U-Net'} <= asked
    _, tokeniser = load_gpt()
    assert not set(''.join(t + s for t, _, s in found)) - tokeniser.index.keys()


# --- drawings


def test_refusing_more_never_refuses_less():
    known, unknown = refusal_rates([0.9, 0.4], [0.5, 0.1, 0.1])
    assert (np.diff(known) >= 0).all() and (np.diff(unknown) >= 0).all()
    assert known[0] == unknown[0] == 0 and known[-1] == unknown[-1] == 1


def test_a_table_has_a_colour_for_each_answer():
    import matplotlib.pyplot as plt

    draw_answers(['q?'], {'a': ['Yes.'], 'b': ['No.'], 'c': ['I do not know.']}, ['Yes.'])
    colours = {text.get_text(): text.get_color() for text in plt.gca().texts}
    assert len({colours['Yes.'], colours['No.'], colours['I do not know.']}) == 3
    plt.close()
    draw_refusals({'a': ([0.9], [0.1]), 'b': ([0.5], [0.5])})
    assert plt.gca().get_title() and plt.gca().get_xlabel() and plt.gca().get_ylabel()
    plt.close()
