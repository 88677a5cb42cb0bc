"""Lesson 43's explanations and attacks against closed forms and autograd on generated cases, what
they say to what does not fit, and its helpers: slant, patches and drawings."""

import matplotlib.pyplot as plt
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from whole_game import drawings_trust as drawings
from whole_game.errors import CourseError
from whole_game.modelcard import interval
from whole_game.own.layers import Flatten, GlobalAvgPool, Linear, ReLU, Sequential
from whole_game.own.patches import PatchReader
from whole_game.own.slant import lean_by, slant, straighten
from whole_game.own.trust import (
    by_group,
    class_map,
    fgsm,
    occlusion,
    pgd,
    project,
    saliency,
    share_on,
)

CASES = settings(max_examples=200, derandomize=True, deadline=None, database=None)


def the_same(ours, theirs):
    assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-7)


@st.composite
def asked(draw):
    "Pictures from 0 to 1, their labels, a linear model, a convolutional one, and an epsilon."
    n, channels, high, wide = (draw(st.integers(1, most)) for most in (4, 3, 9, 9))
    torch.manual_seed(draw(st.integers(0, 10**6)))
    x, y = torch.rand(n, channels, high, wide), torch.randint(0, 4, (n,))
    linear = Sequential(Flatten(), Linear(channels * high * wide, 4))
    convs = nn.Conv2d(channels, 3, 3, 1, 1), ReLU(), nn.Conv2d(3, 5, 3, 1, 1), ReLU()
    return x, y, linear, Sequential(*convs, GlobalAvgPool(), Linear(5, 4)), draw(st.floats(0, 1))


def gradient(model, x, y, loss=False):
    "PyTorch's, with `backward`."
    x = x.clone().requires_grad_()
    scores = model(x)
    (F.cross_entropy(scores, y) if loss else scores.gather(1, y[:, None]).sum()).backward()
    return x.grad


# --- explanations


@CASES
@given(asked())
def test_saliency_is_the_gradient_and_of_a_linear_model_its_weights(case):
    x, y, linear, model, _ = case
    the_same(saliency(model, x, y), gradient(model, x, y).abs())
    the_same(saliency(linear, x, y), linear.layers[1].w.T[y].abs().view_as(x))


def test_saliency_leaves_the_parameters_and_the_pictures_alone():
    model, x = Sequential(Flatten(), Linear(4, 2)), torch.rand(3, 1, 2, 2)
    before = x.clone()
    saliency(model, x, torch.tensor([0, 1, 1]))
    fgsm(model, x, torch.tensor([0, 1, 1]), 0.5)
    assert all(p.grad is None for p in model.parameters())
    assert not x.requires_grad and torch.equal(x, before)


@CASES
@given(asked(), st.integers(1, 9))
def test_occlusion_of_a_linear_model_is_what_the_covered_pixels_add(case, size):
    x, y, linear, _, _ = case
    size = min(size, *x.shape[2:])
    each = (linear.layers[1].w.T[y].view_as(x) * x).sum(1, keepdim=True)
    got = occlusion(linear, x, y, size)
    assert got.shape == x.shape
    for top in range(0, x.shape[2], size):
        for left in range(0, x.shape[3], size):
            place = (..., slice(top, top + size), slice(left, left + size))
            want = each[place].sum((1, 2, 3))[:, None, None, None].expand_as(got[place])
            torch.testing.assert_close(got[place], want, rtol=1e-4, atol=1e-5)


@CASES
@given(asked())
def test_class_map_is_the_weighted_sum_of_the_last_maps(case):
    x, y, _, model, _ = case
    maps = Sequential(*model.layers[:4])(x)
    want = torch.einsum('nchw,cn->nhw', maps, model.layers[5].w[:, y])[:, None]
    torch.testing.assert_close(class_map(model, x, y, 3), want.detach(), rtol=1e-4, atol=1e-6)
    mean = want.mean((1, 2, 3)) + model.layers[5].b[y]
    torch.testing.assert_close(mean, model(x).gather(1, y[:, None])[:, 0], rtol=1e-4, atol=1e-5)


def test_class_map_takes_an_early_layer_and_has_the_size_of_the_picture():
    torch.manual_seed(42)
    model = Sequential(nn.Conv2d(1, 2, 3, 2, 1), ReLU(), nn.Conv2d(2, 3, 3), ReLU(), Flatten())
    model.layers.append(Linear(3 * 25, 4))
    x, y = torch.rand(2, 1, 14, 14), torch.tensor([1, 3])
    for layer in range(4):
        assert class_map(model, x, y, layer).shape == x.shape


def test_share_on_counts_what_is_above_zero():
    maps = torch.tensor([[3.0, 1, -5, 0], [0, 0, 0, 0], [0, 2, 0, 0]]).view(3, 1, 2, 2)
    mask = torch.tensor([[True, False], [True, False]])
    assert share_on(maps, mask).tolist() == [0.75, 0, 0]


# --- attacks


@CASES
@given(asked())
def test_fgsm_is_a_signed_step_within_epsilon_and_from_0_to_1(case):
    x, y, linear, model, epsilon = case
    for each in (linear, model):
        got, slope = fgsm(each, x, y, epsilon), gradient(each, x, y, loss=True)
        assert got.min() >= 0 and got.max() <= 1 and (got - x).abs().max() <= epsilon + 1e-6
        clear = slope.abs() > 1e-7  # next to zero, rounding decides the sign
        want = (x + epsilon * slope.sign()).clamp(0, 1)
        torch.testing.assert_close(got[clear], want[clear], rtol=1e-6, atol=1e-6)


@CASES
@given(asked())
def test_project_is_the_nearest_allowed_picture(case):
    x, _, _, _, epsilon = case
    far = x + 3 * torch.randn(x.shape)
    got = project(far, x, epsilon)
    low, high = (x - epsilon).clamp(min=0), (x + epsilon).clamp(max=1)
    torch.testing.assert_close(got, torch.minimum(torch.maximum(far, low), high), rtol=0, atol=1e-6)
    torch.testing.assert_close(project(got, x, epsilon), got, rtol=0, atol=1e-6)


@CASES
@given(asked(), st.integers(1, 4))
def test_pgd_stays_within_epsilon_and_from_0_to_1(case, steps):
    x, y, linear, model, epsilon = case
    for each in (linear, model):
        got = pgd(each, x, y, epsilon, steps)
        assert got.shape == x.shape and not got.requires_grad
        assert got.min() >= 0 and got.max() <= 1 and (got - x).abs().max() <= epsilon + 1e-6


@CASES
@given(asked())
def test_on_a_model_of_two_linear_scores_one_step_cannot_be_beaten(case):
    x, y, _, _, epsilon = case
    model, y = Sequential(Flatten(), Linear(x[0].numel(), 2)), y % 2

    def loss(pictures):
        return F.cross_entropy(model(pictures), y).item()

    best = loss(fgsm(model, x, y, epsilon))
    noise = (x + epsilon * torch.randn(x.shape).sign()).clamp(0, 1)
    assert best >= loss(noise) - 1e-5 and best >= loss(pgd(model, x, y, epsilon, 3)) - 1e-5


# --- groups


@CASES
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40))
def test_by_group_counts(rows):
    right, member = torch.tensor(rows, dtype=torch.bool).T
    groups = {name: g for name, g in (('in', member), ('out', ~member)) if g.any()}
    for name, (n, share, low, high) in by_group(right, groups).items():
        answers = [r for r, m in rows if m == (name == 'in')]
        assert n == len(answers) and share == pytest.approx(sum(answers) / n)
        assert (low, high) == interval(sum(answers), n) and low <= share <= high


# --- what it says


def a_case():
    torch.manual_seed(42)
    model = Sequential(nn.Conv2d(1, 2, 3), ReLU(), GlobalAvgPool(), Linear(2, 3))
    return model, torch.rand(2, 1, 6, 6), torch.tensor([0, 2])


@pytest.mark.parametrize('asks', [saliency, occlusion, lambda m, x, y: fgsm(m, x, y, 0.1)])
@pytest.mark.parametrize(
    'change, said',
    [
        (lambda x, y: (x[0], y), 'x[None]'),
        (lambda x, y: (x[:, 0], y), 'a batch'),
        (lambda x, y: (x[:0], y[:0]), 'no pictures at all'),
        (lambda x, y: (x * 255, y), 'Pictures run from 0 (black) to 1 (white)'),
        (lambda x, y: (x - 0.5, y), 'pixels from -0.'),
        (lambda x, y: (x * float('nan'), y), 'pixels from nan'),
        (lambda x, y: ((x * 255).byte(), y), 'whole numbers'),
        (lambda x, y: (x.numpy(), y), 'ndarray'),
        (lambda x, y: (x, 2), 'labels that are a int'),
        (lambda x, y: (x, y[:1]), '2 pictures and labels of shape (1,)'),
        (lambda x, y: (x, y.float()), 'whole number'),
    ],
)
def test_bad_pictures_and_labels_have_words(asks, change, said):
    model, x, y = a_case()
    with pytest.raises(CourseError) as met:
        asks(model, *change(x, y))
    assert said in str(met.value)


@pytest.mark.parametrize(
    'epsilon, said',
    [
        (-0.1, 'never negative'),
        (8, '8 / 255'),
        (float('nan'), 'from 0 to 1'),
        ('0.1', 'a number'),
        (True, 'a number'),
        (None, 'a number'),
    ],
)
@pytest.mark.parametrize('attack', [fgsm, pgd])
def test_a_bad_epsilon_has_words(attack, epsilon, said):
    with pytest.raises(CourseError) as met:
        attack(*a_case(), epsilon)
    assert said in str(met.value)


@pytest.mark.parametrize('steps', [0, -1, 2.5, True])
def test_bad_steps_have_words(steps):
    with pytest.raises(CourseError, match='whole number of steps'):
        pgd(*a_case(), 0.1, steps)


@pytest.mark.parametrize('size', [0, 7, 1.5, True])
def test_a_bad_square_has_words(size):
    with pytest.raises(CourseError, match='from 1 to 6 here'):
        occlusion(*a_case(), size)


@pytest.mark.parametrize(
    'layer, said',
    [
        (4, 'the model has 4 layers'),
        (3, '0 to 2'),
        (-1, 'counted from 0'),
        ('relu', 'counted from 0'),
        (2, 'Take a layer before the pooling'),
    ],
)
def test_a_layer_that_is_not_there_has_words(layer, said):
    with pytest.raises(CourseError) as met:
        class_map(*a_case(), layer)
    assert said in str(met.value)


def test_a_model_without_a_list_of_layers_has_words():
    _, x, y = a_case()
    with pytest.raises(CourseError, match='Take a Sequential'):
        class_map(nn.Sequential(nn.Flatten(), nn.Linear(36, 3)), x, y, 0)


@pytest.mark.parametrize(
    'mask, said',
    [
        (torch.ones(3, 3, dtype=torch.bool), 'a mask of shape (3, 3)'),
        (torch.ones(1, 4, 4, dtype=torch.bool), 'a mask of shape (1, 4, 4)'),
        (torch.zeros(4, 4, dtype=torch.bool), 'false everywhere'),
        (torch.ones(4, 4), 'true and false'),
        (None, 'true and false'),
    ],
)
def test_a_mask_that_does_not_fit_has_words(mask, said):
    with pytest.raises(CourseError) as met:
        share_on(torch.rand(2, 1, 4, 4), mask)
    assert said in str(met.value)


@pytest.mark.parametrize(
    'groups, said',
    [
        ({}, 'names with masks'),
        (None, 'names with masks'),
        ({'left': torch.zeros(3, dtype=torch.bool)}, 'has no items'),
        ({'left': torch.ones(2, dtype=torch.bool)}, "group 'left' has the shape (2,)"),
        ({'left': torch.ones(3)}, 'whether it belongs'),
    ],
)
def test_a_group_that_cannot_be_measured_has_words(groups, said):
    with pytest.raises(CourseError) as met:
        by_group(torch.tensor([True, True, False]), groups)
    assert said in str(met.value)


def test_answers_that_are_no_answers_have_words():
    with pytest.raises(CourseError, match='answers == labels'):
        by_group(torch.rand(3), {'all': torch.ones(3, dtype=torch.bool)})


# --- helpers


def strokes(*leans):
    "A stroke of 20 rows for each lean, on 40 x 40 pixels, with soft edges."
    down, across = torch.arange(40.0)[:, None], torch.arange(40.0)
    rows = (down > 9) & (down < 30)
    each = [(2 - (across - 20 + lean * (down - 19.5)).abs()).clamp(0, 1) for lean in leans]
    return torch.stack([a * rows for a in each])[:, None]


@CASES
@given(st.floats(-0.7, 0.7), st.floats(-0.4, 0.4))
def test_slant_is_measured_changed_and_taken_away(lean, more):
    x = strokes(lean)
    assert slant(x).item() == pytest.approx(lean, abs=0.05)
    assert slant(lean_by(x, more)).item() == pytest.approx(lean + more, abs=0.08)
    assert slant(straighten(x)).item() == pytest.approx(0, abs=0.05)
    assert straighten(x).min() >= 0 and straighten(x).max() <= 1


def test_each_picture_leans_by_its_own():
    x = strokes(0.0, 0.3)
    assert slant(lean_by(x, torch.tensor([0.3, -0.3]))).tolist() == pytest.approx(
        [0.3, 0], abs=0.05
    )
    assert slant(torch.zeros(1, 1, 5, 5)).item() == 0


def test_a_patch_is_where_it_is():
    reader, x = PatchReader(), torch.zeros(1, 1, 28, 28)
    x[..., 7:14, 14:21] = 1
    plain = reader.patches(torch.zeros(1, 1, 28, 28))
    different = (reader.patches(x) != plain).any(2)[0]
    assert different.nonzero()[:, 0].tolist() == [6]
    torch.testing.assert_close(reader.weights(x).sum(1), torch.ones(1))
    torch.testing.assert_close(reader(x), reader.read(x, reader.weights(x)))
    assert torch.equal(PatchReader()(x), reader(x)) and not torch.equal(
        PatchReader(seed=1)(x), reader(x)
    )


def test_drawings_say_what_they_show():
    x = torch.rand(3, 1, 8, 8)
    mask = torch.zeros(8, 8, dtype=torch.bool)
    mask[:2, :3] = True
    maps = {'gradient': x[0], 'edges': x[1]}
    rows = {'few': (12, 0.8, 0.5, 0.9), 'many': (500, 0.9, 0.87, 0.92)}
    figures = [
        drawings.show_row(x, 'abc', 'Row'),
        drawings.show_maps(x[0], {'one': maps, 'other': maps}, mask, 'Maps'),
        drawings.show_attack(x, x, ('abc', 'def'), title='Attack'),
        drawings.show_cover((x[0], x[1]), (x[0], x[1]), 'abc', {'now': rows}),
        drawings.show_pairs({'a': (0.1, 0.2)}, ('one', 'other'), 'Pairs', 'share').figure,
        drawings.show_curves([0, 1], {'a': [1, 0]}, 'Curves', 'epsilon').figure,
        drawings.show_groups({'now': rows}, 'Groups').figure,
    ]
    for figure in figures:
        figure.canvas.draw()
    assert len(figures[0].axes) == 3 and len(figures[1].axes) == 6 and len(figures[2].axes) == 9
    frames = [p for ax in figures[1].axes for p in ax.patches]
    assert len(frames) == 4 and all(p.get_xy() == (-0.5, -0.5) for p in frames)
    assert all((p.get_width(), p.get_height()) == (3, 2) for p in frames)
    for figure in figures[4:]:
        (ax,) = figure.axes
        assert ax.get_title() and ax.get_xlabel() and ax.get_legend()
    plt.close('all')
