"""Own autoencoder, paths, Euler's method, time features and flows: next to PyTorch's or a closed
form, and what is said to what does not fit."""

import copy
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from whole_game.errors import CourseError
from whole_game.own.flow import (
    Autoencoder,
    Codes,
    Flow,
    between,
    euler,
    flow_loss,
    generate,
    guided,
    time_features,
    train_flow,
)

CASES = settings(max_examples=200, derandomize=True, deadline=None, database=None)
FEWER = settings(CASES, max_examples=40)
KINDS = st.sampled_from([torch.float64, torch.float32])
CLOSE = {torch.float64: dict(rtol=1e-7, atol=1e-9), torch.float32: dict(rtol=1e-4, atol=1e-4)}
SEEDS = st.integers(0, 10**6)


def the_same(ours, theirs):
    assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
    torch.testing.assert_close(ours, theirs, **CLOSE[ours.dtype])


def numbers(seed, *shape, kind=torch.float64):
    return torch.tensor(np.random.default_rng(seed).normal(0, 1, shape)).to(kind)


def copied(linear):
    "PyTorch's layer with the numbers of ours."
    theirs = nn.Linear(*linear.w.shape)
    theirs.weight.data, theirs.bias.data = linear.w.data.T.clone(), linear.b.data.clone()
    return theirs


# --- autoencoder


@CASES
@given(st.integers(1, 5), st.integers(1, 8), st.integers(1, 12), st.integers(1, 20), SEEDS)
def test_the_autoencoder_is_four_of_torchs_layers(n, size, width, pixels, seed):
    torch.manual_seed(seed)
    ours = Autoencoder(size, width, pixels)
    parts = [copied(half.layers[i]) for half in (ours.encoder, ours.decoder) for i in (0, 2)]
    theirs = nn.Sequential(parts[0], nn.ReLU(), parts[1], parts[2], nn.ReLU(), parts[3])
    a, b = [torch.rand(n, pixels).requires_grad_() for _ in range(2)]
    b.data = a.data.clone()
    the_same(ours(a), theirs(b))
    (ours(a) ** 3).sum().backward()
    (theirs(b) ** 3).sum().backward()
    the_same(a.grad, b.grad)
    for mine, its in zip((ours.encoder.layers[0], ours.decoder.layers[2]), (parts[0], parts[3])):
        the_same(mine.w.grad, its.weight.grad.T)
        the_same(mine.b.grad, its.bias.grad)
    assert len(ours.parameters()) == 8


@CASES
@given(st.integers(3, 30), st.integers(1, 6), SEEDS)
def test_codes_are_standardised_and_decoded_again(n, size, seed):
    torch.manual_seed(seed)
    auto, x = Autoencoder(size, 16, 10), torch.rand(n, 10)
    codes = Codes(auto, x)
    found = codes.encode(x)
    assert found.mean(0).abs().max() < 1e-3 and not found.requires_grad
    assert ((found.std(0) - 1).abs() < 1e-2).all()
    torch.testing.assert_close(
        codes.decode(found), auto(x).detach().clamp(0, 1), rtol=1e-3, atol=1e-4
    )


# --- paths


@CASES
@given(st.integers(1, 6), st.integers(1, 9), KINDS, SEEDS)
def test_a_path_is_torchs_lerp(n, width, kind, seed):
    given = [numbers(seed + i, n, width, kind=kind) for i in range(3)]
    t = torch.rand(n, generator=torch.Generator().manual_seed(seed)).to(kind)
    ours, theirs = [[z.clone().requires_grad_() for z in (given[0], given[1], t)] for _ in range(2)]
    a, b = between(*ours), torch.lerp(theirs[0], theirs[1], theirs[2][:, None])
    the_same(a, b)
    (a * given[2]).sum().backward()
    (b * given[2]).sum().backward()
    for mine, its in zip(ours, theirs):
        the_same(mine.grad, its.grad)


@CASES
@given(st.integers(1, 6), st.integers(1, 6), SEEDS)
def test_the_velocity_is_the_slope_of_the_path(n, width, seed):
    noise, x = numbers(seed, n, width), numbers(seed + 1, n, width)
    t = torch.rand(n, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    slope = torch.autograd.functional.jvp(lambda t: between(noise, x, t), t, torch.ones_like(t))[1]
    torch.testing.assert_close(slope, x - noise)
    zero = torch.zeros(n, dtype=torch.float64)
    assert between(noise, x, zero).equal(noise) and between(noise, x, zero + 1).equal(x)


@CASES
@given(st.integers(1, 8), st.integers(1, 6), SEEDS)
def test_the_loss_is_torchs_mean_squared_error(n, width, seed):
    x, w = numbers(seed, n, width, kind=torch.float32), torch.tensor(0.3, requires_grad=True)
    torch.manual_seed(seed)
    ours = flow_loss(lambda z, t: w * z + t[:, None], x)
    torch.manual_seed(seed)
    noise, t = torch.randn(n, width), torch.rand(n)
    v = torch.tensor(0.3, requires_grad=True)
    z = torch.lerp(noise, x, t[:, None])
    theirs = nn.functional.mse_loss(v * z + t[:, None], x - noise)
    the_same(ours.detach(), theirs.detach())
    the_same(torch.autograd.grad(ours, w)[0], torch.autograd.grad(theirs, v)[0])


# --- Euler's method


@CASES
@given(st.integers(1, 5), st.integers(1, 40), st.floats(-2, 2), st.floats(-2, 2), SEEDS)
def test_euler_follows_a_linear_flow(n, steps, a, b, seed):
    z = numbers(seed, n, 3)
    found = euler(lambda z, t: a * z + b, z, steps)
    assert found.shape == (steps + 1, n, 3) and found[0].equal(z)
    factor = 1 + a / steps
    wanted = z * factor**steps + b / steps * sum(factor**i for i in range(steps))
    torch.testing.assert_close(found[-1], wanted)
    if steps > 1:
        torch.testing.assert_close(found[1], z + (a * z + b) / steps)


@FEWER
@given(st.floats(-2, 2), SEEDS)
def test_with_many_steps_it_is_the_closed_form(a, seed):
    z = numbers(seed, 4, 2)
    found = euler(lambda z, t: a * z, z, 4000)[-1]
    torch.testing.assert_close(found, z * math.exp(a), rtol=1e-2, atol=1e-3)


@CASES
@given(st.integers(1, 30), st.integers(1, 5), SEEDS)
def test_each_step_is_told_the_time_at_its_beginning(steps, n, seed):
    heard = []
    velocity = lambda z, t: heard.append(t) or t.double()[:, None].expand_as(z)
    end = euler(velocity, numbers(seed, n, 2), steps)
    assert [round(t[0].item() * steps) for t in heard] == list(range(steps))
    assert all(t.shape == (n,) and (t == t[0]).all() for t in heard)
    moved = torch.full((n, 2), (steps - 1) / (2 * steps), dtype=torch.float64)
    torch.testing.assert_close(end[-1] - end[0], moved, rtol=1e-4, atol=1e-6)


@CASES
@given(st.integers(1, 8), st.integers(1, 20), SEEDS)
def test_time_features_are_points_on_circles(n, half, seed):
    t = torch.rand(n, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    found = time_features(t, 2 * half)
    speeds = torch.tensor([100 ** (i / max(half - 1, 1)) for i in range(half)], dtype=torch.float64)
    turned = torch.polar(torch.ones(n, half, dtype=torch.float64), t[:, None] * speeds)
    torch.testing.assert_close(
        found, torch.cat([turned.imag, turned.real], 1), rtol=1e-4, atol=1e-4
    )
    torch.testing.assert_close(
        found[:, :half] ** 2 + found[:, half:] ** 2, torch.ones(n, half, dtype=torch.float64)
    )


# --- the flow


def small(numbers=5, width=16, seed=0):
    torch.manual_seed(seed)
    flow = Flow(numbers, width, 2)
    for block in flow.blocks:
        block.layers[-1].w.data.normal_(0, 0.3)
    return flow


class Theirs(nn.Module):
    "The same network of PyTorch's parts, with the numbers of ours."

    def __init__(self, flow):
        super().__init__()
        norm = lambda: nn.LayerNorm(flow.digit.w.shape[1])
        self.start, self.time = copied(flow.start), copied(flow.time)
        self.digit = nn.Embedding.from_pretrained(flow.digit.w.data.clone(), freeze=False)
        self.blocks = nn.ModuleList(
            nn.Sequential(norm(), copied(b.layers[1]), nn.ReLU(), copied(b.layers[3]))
            for b in flow.blocks
        )
        self.end = nn.Sequential(norm(), copied(flow.end.layers[1]))

    def forward(self, z, t, digit):
        what = self.time(time_features(t)) + self.digit(digit)
        x = self.start(z) + what
        for block in self.blocks:
            x = x + block(x + what)
        return self.end(x)


def question(n, width, seed):
    torch.manual_seed(seed)
    return torch.randn(n, width), torch.rand(n), torch.randint(11, (n,))


@CASES
@given(st.integers(1, 6), st.integers(1, 8), st.sampled_from([4, 8, 16]), SEEDS)
def test_it_is_the_same_network_of_torchs_parts(n, width, hidden, seed):
    ours = small(width, hidden, seed)
    theirs, (z, t, digit) = Theirs(ours), question(n, width, seed)
    a, b = z.clone().requires_grad_(), z.clone().requires_grad_()
    got, wanted = ours.velocity(a, t, digit), theirs(b, t, digit)
    torch.testing.assert_close(got, wanted, rtol=1e-3, atol=1e-4)
    got.sin().sum().backward()
    wanted.sin().sum().backward()
    close = dict(rtol=1e-2, atol=1e-3)
    torch.testing.assert_close(a.grad, b.grad, **close)
    torch.testing.assert_close(ours.digit.w.grad, theirs.digit.weight.grad, **close)
    torch.testing.assert_close(ours.time.w.grad.T, theirs.time.weight.grad, **close)
    torch.testing.assert_close(
        ours.blocks[0].layers[1].w.grad.T, theirs.blocks[0][1].weight.grad, **close
    )


@CASES
@given(st.integers(1, 6), st.floats(-3, 8), SEEDS)
def test_guidance_is_a_point_on_a_line(n, strength, seed):
    flow, (z, t, digit) = small(seed=seed), question(n, 5, seed)
    to_any = flow.velocity(z, t, torch.full((n,), 10))
    wanted = torch.lerp(to_any, flow.velocity(z, t, digit), strength)
    torch.testing.assert_close(guided(flow, z, t, digit, strength), wanted, rtol=1e-3, atol=1e-4)


def test_strengths_nought_and_one():
    flow, (z, t, digit) = small(), question(7, 5, 1)
    any_digit = torch.full((7,), 10)
    torch.testing.assert_close(guided(flow, z, t, digit, 0), flow.velocity(z, t, any_digit))
    torch.testing.assert_close(guided(flow, z, t, digit, 1), flow.velocity(z, t, digit))
    torch.testing.assert_close(guided(flow, z, t, any_digit, 7.0), flow.velocity(z, t, any_digit))


@FEWER
@given(st.integers(1, 5), st.integers(1, 6), SEEDS)
def test_generate_is_euler_with_guidance(n, steps, seed):
    flow, (z, _, digit) = small(seed=seed), question(n, 5, seed)
    found = generate(flow, digit, z, steps, 1.5)
    with torch.no_grad():
        wanted = euler(lambda z, t: guided(flow, z, t, digit, 1.5), z, steps)
    assert found.equal(wanted) and found.shape == (steps + 1, n, 5) and not found.requires_grad
    alone = torch.cat(
        [generate(flow, digit[i : i + 1], z[i : i + 1], steps, 1.5) for i in range(n)], 1
    )
    torch.testing.assert_close(found, alone, rtol=1e-3, atol=1e-4)


def test_it_finds_all_its_parameters():
    flow = Flow(5, 16, 2)
    shapes = [5 * 16 + 16, 32 * 16 + 16, 11 * 16, 2 * (2 * 16 + 2 * (16 * 16 + 16)), 2 * 16 + 85]
    assert sum(p.numel() for p in flow.parameters()) == sum(shapes)
    assert copy.deepcopy(flow).parameters()[0] is not flow.parameters()[0]


def test_it_learns_where_two_digits_are():
    torch.manual_seed(0)
    y = torch.arange(400) % 2
    codes = torch.stack([2.0 * y - 1, 1 - 2.0 * y], 1) + 0.1 * torch.randn(400, 2)
    flow = train_flow(Flow(2, 32, 1), codes, y, steps=400, lr=1e-2, bs=64)
    wanted = torch.arange(100) % 2
    ends = generate(flow, wanted, torch.randn(100, 2), strength=1.0)[-1]
    at = torch.stack([2.0 * wanted - 1, 1 - 2.0 * wanted], 1)
    assert (ends - at).norm(dim=1).median() < 0.4
    to_any = generate(flow, torch.full((100,), 10), torch.randn(100, 2))[-1]
    assert 0.2 < (to_any[:, 0] > 0).float().mean() < 0.8


# --- words


def codes():
    torch.manual_seed(0)
    return Codes(Autoencoder(3, 8, 784), torch.rand(9, 784))


Z, T, DIGIT = torch.zeros(2, 5), torch.zeros(2), torch.tensor([1, 2])


@pytest.mark.parametrize(
    'act, words',
    [
        (lambda: generate(small(), torch.tensor([12]), Z[:1]), 'the digit 12'),
        (lambda: generate(small(), torch.tensor([-1]), Z[:1]), 'the digit -1'),
        (lambda: generate(small(), torch.tensor([1.0]), Z[:1]), 'a whole number'),
        (lambda: generate(small(), [1], Z[:1]), 'met a list'),
        (lambda: generate(small(), torch.tensor(3), Z[:1]), 'has one digit'),
        (lambda: generate(small(), DIGIT, Z, 0), '0 steps'),
        (lambda: generate(small(), DIGIT, Z, -3), '-3 steps'),
        (lambda: generate(small(), DIGIT, Z, 2.5), '2.5 steps'),
        (lambda: generate(small(), DIGIT, Z, True), 'True steps'),
        (lambda: generate(small(), DIGIT, torch.zeros(2, 4)), 'with noise of shape .2, 4.'),
        (lambda: generate(small(), DIGIT, Z[:1]), '2 digits were asked for'),
        (lambda: generate(small(), DIGIT, None), 'met None'),
        (lambda: generate(small(), DIGIT, Z.long()), 'whole numbers'),
        (lambda: generate(small(), DIGIT, Z / 0), 'NaN or infinity'),
        (lambda: generate(small(), DIGIT, Z, strength=float('nan')), 'guidance is nan'),
        (lambda: generate(small(), DIGIT, Z, strength=float('inf')), 'guidance is inf'),
        (lambda: generate(small(), DIGIT, Z, strength='2'), "guidance is '2'"),
        (lambda: generate(small(), DIGIT, Z, strength=None), 'guidance is None'),
        (lambda: small().velocity(Z[:, :2], T, DIGIT), 'points of 5 numbers'),
        (lambda: small().velocity(Z, T[:1], DIGIT), 'times of shape .1,. for 2'),
        (lambda: small().velocity(Z, T + 2, DIGIT), 'times such as 2'),
        (lambda: small().velocity(Z, T, DIGIT[:1]), '2 points and 1 digits'),
        (lambda: small().velocity(Z, T, DIGIT + 9), 'the digit 11'),
        (lambda: between(Z, Z[:1], T), 'noise of shape'),
        (lambda: between(Z, Z, T[:1]), 'for 2 points'),
        (lambda: between(Z, Z, T - 1), 'times such as -1'),
        (lambda: between(Z, Z, T.long()), 'times such as 0'),
        (lambda: between(Z, None, T), 'met None'),
        (lambda: euler(lambda z, t: z, Z, 0), '0 steps'),
        (lambda: euler(lambda z, t: z, None), 'met None'),
        (lambda: codes().encode(255 * torch.rand(2, 784)), 'pixels from'),
        (lambda: codes().encode(torch.rand(2, 784) - 1), 'pixels from -'),
        (lambda: codes().encode(torch.rand(2, 28, 28)), 'flatten'),
        (lambda: codes().encode(torch.rand(784)), 'flatten'),
        (lambda: codes().encode(torch.zeros(2, 784, dtype=torch.uint8)), 'x.float'),
        (lambda: codes().encode(torch.full((2, 784), torch.nan)), 'NaN'),
        (lambda: codes().encode('3'), 'met a str'),
        (lambda: codes().decode(Z), 'decode met codes of shape .2, 5.'),
        (lambda: codes().auto(2 * torch.ones(1, 784)), 'from 2 to 2'),
        (lambda: Autoencoder(0), 'size=0'),
        (lambda: Autoencoder(2.5), 'size=2.5'),
    ],
)
def test_what_is_said(act, words):
    with pytest.raises(CourseError, match=words):
        act()
