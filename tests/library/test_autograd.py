"""The autograd of lesson 24 against an independent oracle, PyTorch: values and gradients of random
calculations.

float64 must agree to rtol 1e-7, float32 to rtol 1e-4 and atol 1e-5. Then the errors, and what a
backward pass may not do.
"""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays, mutually_broadcastable_shapes

from whole_game.own.autograd import Value, unbroadcast
from whole_game.errors import CourseError

DTYPES = st.sampled_from([np.float64, np.float32])
CLOSE = {
    np.dtype(np.float64): dict(rtol=1e-7, atol=1e-12),
    np.dtype(np.float32): dict(rtol=1e-4, atol=1e-5),
}
many = lambda n: settings(max_examples=n, deadline=None, derandomize=True, database=None)


def floats(shape, dtype, low=-3.0, high=3.0):
    "Arrays of one shape and dtype, with numbers that two programs round alike: multiples of 1/64."
    return arrays(
        dtype,
        shape,
        elements=st.integers(int(low * 64), int(high * 64)).map(lambda n: n / 64),
        fill=st.nothing(),
    )


def positive(shape, dtype):
    return floats(shape, dtype, 0.25, 3.0)


def agree(f, *inputs, theirs=None):
    """Value and PyTorch find the same result of `f`, and the same gradients; each number of the
    result counts with another weight."""
    ours = [Value(x.copy()) for x in inputs]
    tensors = [torch.tensor(x, requires_grad=True) for x in inputs]
    result, answer = f(*ours), (theirs or f)(*tensors)
    assert result.shape == tuple(answer.shape) and result.dtype == np.result_type(*inputs)
    close = CLOSE[min((x.dtype for x in inputs), key=lambda dtype: dtype.itemsize)]
    np.testing.assert_allclose(result.data, answer.detach().numpy(), **close)
    weights = np.linspace(-1, 2, result.data.size, dtype=result.dtype).reshape(result.shape)
    (result * weights).sum().backward()
    (answer * torch.tensor(weights)).sum().backward()
    for value, tensor in zip(ours, tensors):
        want = np.zeros_like(value.data) if tensor.grad is None else tensor.grad.numpy()
        got = np.zeros_like(value.data) if value.grad is None else value.grad
        assert got.shape == value.shape and got.dtype == value.dtype
        np.testing.assert_allclose(got, want, **close)


@st.composite
def pairs(draw, second=floats):
    """Two arrays whose shapes fit by broadcasting, some with nothing in them; of one dtype or, each
    with an axis at least (see below), of two."""
    shapes = draw(
        mutually_broadcastable_shapes(num_shapes=2, max_dims=3, min_side=0, max_side=4)
    ).input_shapes
    dtypes = (draw(DTYPES), draw(DTYPES))
    # in PyTorch an array with no axis takes the other's dtype, in NumPy it has a say
    if () in shapes:
        dtypes = dtypes[:1] * 2
    return draw(floats(shapes[0], dtypes[0])), draw(second(shapes[1], dtypes[1]))


# --- one step at a time


@many(200)
@given(pairs())
def test_sums_differences_products(pair):
    agree(lambda p, q: p + q, *pair)
    agree(lambda p, q: p - q, *pair)
    agree(lambda p, q: p * q, *pair)


@many(200)
@given(pairs(positive))
def test_division(pair):
    agree(lambda p, q: p / q, *pair)


@many(200)
@given(st.data())
def test_matrix_products(data):
    n, k, m = (data.draw(st.integers(0, 5)) for _ in range(3))
    dtype = data.draw(DTYPES)
    agree(lambda x, w: x @ w, data.draw(floats((n, k), dtype)), data.draw(floats((k, m), dtype)))


@many(200)
@given(st.data())
def test_curves_and_powers(data):
    dtype = data.draw(DTYPES)
    shape = data.draw(array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
    x, above = data.draw(floats(shape, dtype)), data.draw(positive(shape, dtype))
    agree(lambda v: v.relu(), x)
    agree(lambda v: v.exp(), x)
    agree(lambda v: -v, x)
    agree(lambda v: v.log(), above)
    n = data.draw(st.sampled_from([0, 1, 2, 3, 4]))
    agree(lambda v: v**n, x)
    n = data.draw(st.sampled_from([-2, -1, 0.5, 1.5, 2.5]))
    agree(lambda v: v**n, above)


@many(200)
@given(st.data())
def test_sums_and_means_along_axes(data):
    x = data.draw(
        floats(data.draw(array_shapes(min_dims=1, max_dims=3, max_side=4)), data.draw(DTYPES))
    )
    axes = data.draw(st.sets(st.integers(0, x.ndim - 1), min_size=1))
    axis, keep = data.draw(st.sampled_from([tuple(axes), min(axes), -1])), data.draw(st.booleans())
    agree(lambda v: v.sum(axis, keepdims=keep), x, theirs=lambda t: t.sum(axis, keepdim=keep))
    agree(lambda v: v.mean(axis, keepdims=keep), x, theirs=lambda t: t.mean(axis, keepdim=keep))
    agree(lambda v: v.sum() * v.mean(), x)


@many(200)
@given(st.data())
def test_parts_of_arrays(data):
    x = data.draw(
        floats(data.draw(array_shapes(min_dims=2, max_dims=3, max_side=4)), data.draw(DTYPES))
    )
    # one row may be taken twice
    rows = data.draw(st.lists(st.integers(0, len(x) - 1), min_size=1, max_size=6))
    columns = data.draw(
        st.lists(st.integers(0, x.shape[1] - 1), min_size=len(rows), max_size=len(rows))
    )
    agree(lambda v: v[rows], x)
    agree(lambda v: v[rows, columns], x)
    agree(lambda v: v[:, 0], x)
    agree(lambda v: v[-1], x)


# --- whole calculations

STEPS = {
    '+': lambda p, q: p + q,
    '-': lambda p, q: p - q,
    '*': lambda p, q: p * q,
    '/': lambda p, q: p / (q * q + 1),
    'relu': lambda p, q: (p - q).relu(),
    'square': lambda p, q: p**2 - q,
    'numbers': lambda p, q: 2 - 0.5 * p + q / 4 + 1 / (p * p + 2),
    'log': lambda p, q: (q * q + 1).log() * p,
    'mean': lambda p, q: p - q.mean(),
    'squash': lambda p, q: p / (1 + (-q / (q * q + 1)).exp()),
}


@many(300)
@given(st.data())
def test_random_calculations(data):
    """Up to seven steps, each with two of the values that are there: many are used twice or more,
    and shapes are stretched."""
    dtype = data.draw(DTYPES)
    shapes = data.draw(
        mutually_broadcastable_shapes(num_shapes=3, max_dims=3, max_side=3)
    ).input_shapes
    inputs = [data.draw(floats(shape, dtype, -1.5, 1.5)) for shape in shapes]
    plan = data.draw(
        st.lists(
            st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 9), st.integers(0, 9)),
            min_size=1,
            max_size=7,
        )
    )

    def f(*pool):
        pool = list(pool)
        for step, i, j in plan:
            new = STEPS[step](pool[i % len(pool)], pool[j % len(pool)])
            # so that numbers stay small, however long it gets
            pool.append(new / (1 + (new * new).mean()))
        return pool[-1] + pool[len(pool) // 2] * pool[0]

    agree(f, *inputs)


@many(200)
@given(st.data())
def test_random_networks(data):
    n = data.draw(st.integers(1, 6))
    sizes = data.draw(st.lists(st.integers(1, 5), min_size=2, max_size=4))
    dtype = data.draw(DTYPES)
    x = data.draw(floats((n, sizes[0]), dtype))
    layers = [
        data.draw(floats(shape, dtype, -1, 1))
        for rows, columns in zip(sizes, sizes[1:])
        for shape in ((rows, columns), (columns,))
    ]

    def f(x, *layers):
        for w, b in zip(layers[::2], layers[1::2]):
            x = (x @ w + b).relu()
        return (x - 0.5) ** 2

    agree(f, x, *layers)


def test_the_network_of_lesson_22():
    from whole_game.own.network import mse, network, new_parameters

    rng = np.random.default_rng(0)
    x = rng.random((64, 784), dtype=np.float32)
    targets = np.eye(10, dtype=np.float32)[rng.integers(0, 10, 64)]
    ours = [Value(p) for p in new_parameters()]
    theirs = [torch.tensor(p, requires_grad=True) for p in new_parameters()]
    loss = mse(network(x, *ours), targets)
    answer = mse(network(torch.tensor(x), *theirs), torch.tensor(targets))
    loss.backward()
    answer.backward()
    np.testing.assert_allclose(loss.data, answer.item(), rtol=1e-4, atol=1e-5)
    for value, tensor in zip(ours, theirs):
        np.testing.assert_allclose(value.grad, tensor.grad.numpy(), rtol=1e-4, atol=1e-5)
    assert all(value.grad.dtype == np.float32 for value in ours)


# --- what a backward pass may and may not do


def test_gradients_add_up_until_cleared():
    v = Value(np.array([1.0, 2.0]))
    (v * v).sum().backward()
    (v * v).sum().backward()
    assert v.grad.tolist() == [4, 8]
    v.grad = None
    (v * v).sum().backward()
    assert v.grad.tolist() == [2, 4]


def test_two_results_share_a_middle():
    """The gradients in the middle begin anew with each backward pass, so the inputs get the sum of
    both, as in PyTorch, and no more."""

    def both(v):
        middle = v * v
        one, two = (middle * 3).sum(), (middle * middle).sum()
        return one, two

    v, t = Value(np.array([1.0, 2.0])), torch.tensor([1.0, 2.0], requires_grad=True)
    for loss in both(v):
        loss.backward()
    one, two = both(t)
    one.backward(retain_graph=True)
    two.backward()
    assert v.grad.tolist() == t.grad.tolist()
    loss = (v * v).sum()
    v.grad = None
    loss.backward()
    loss.backward()
    assert v.grad.tolist() == [4, 8]


def test_a_long_calculation_needs_no_deep_recursion():
    v = Value(1.0)
    total = v
    for _ in range(5000):
        total = total + v
    total.backward()
    assert v.grad == 5001


def test_inputs_are_not_changed_and_data_gets_no_gradient():
    x, w = np.ones((2, 3)), Value(np.ones((3, 1)))
    data = Value(np.ones((2, 1)), fixed=True)
    ((x @ w - data) ** 2).mean().backward()
    assert data.grad is None and (x == 1).all() and (w.data == 1).all()
    assert (w.grad == 4).all()


def test_gradients_of_inputs_belong_to_them_alone():
    v, w = Value(np.ones(3)), Value(np.ones(3))
    (v + w).sum().backward()
    v.grad *= 10
    assert v.grad.tolist() == [10] * 3 and w.grad.tolist() == [1] * 3


def test_plain_numbers_and_arrays_on_both_sides():
    v, array = Value(np.array([1.0, 2.0], dtype=np.float32)), np.array([3.0, 5.0], dtype=np.float32)
    for f in (
        lambda v: 2 + v,
        lambda v: v + 2,
        lambda v: 2 - v,
        lambda v: 2 * v,
        lambda v: 6 / v,
        lambda v: v / 2,
        lambda v: array - v,
        lambda v: array / v,
        lambda v: np.float32(2) * v,
    ):
        got = f(v)
        assert isinstance(got, Value) and got.dtype == np.float32
        np.testing.assert_allclose(got.data, f(v.data), rtol=1e-6)


def test_steps_change_nobody_elses_array():
    from whole_game.own.optim import SGD

    a = np.ones(3)
    v, part = Value(a), Value(a[:2])
    for value in (v, part):
        value.grad = np.ones_like(value.data)
    SGD([v, part], lr=0.1).step()
    assert (
        a.tolist() == [1, 1, 1] and v.data.tolist() == [0.9] * 3 and part.data.tolist() == [0.9] * 2
    )


def test_one_can_go_through_the_rows():
    first, second = Value(np.array([[1.0, 2.0], [3.0, 4.0]]))
    (first * second).sum().backward()
    ((parent, _),) = first.parents
    assert parent.grad.tolist() == [[3, 4], [1, 2]] and [float(row.data) for row in second] == [
        3,
        4,
    ]


@pytest.mark.parametrize('n', [2, 2.0])
def test_a_power_of_a_plain_number_keeps_the_dtype(n):
    v = Value(np.array([3.0], dtype=np.float32))
    (v**n).sum().backward()
    assert (v**n).dtype == np.float32 and v.grad.tolist() == [6]


def test_every_public_step_says_what_it_does():
    for name in ('backward', 'exp', 'topological_order', 'log', 'mean', 'relu', 'sum'):
        assert getattr(Value, name).__doc__, name
    assert {name for name in vars(Value) if not name.startswith('_')} == {
        'backward',
        'births',
        'dtype',
        'exp',
        'topological_order',
        'log',
        'mean',
        'relu',
        'shape',
        'sum',
    }


# --- errors


def message(wrong, *words):
    with pytest.raises(CourseError) as caught:
        wrong()
    said = str(caught.value)
    for word in words:
        assert word in said, said
    assert caught.value.do


def test_shapes_that_do_not_fit():
    v = Value(np.ones((4, 3)))
    message(lambda: v + np.ones(4), '(4, 3)', '(4,)', 'from the right')
    message(lambda: np.ones((2, 1, 3)) * Value(np.ones((5, 4, 3))), '(2, 1, 3)', '(5, 4, 3)')
    message(lambda: np.ones(2) / v, '(2,)')
    message(lambda: v - np.ones((3, 4)), '(3, 4)')
    message(
        lambda: v @ np.ones((4, 2)),
        'matrix product',
        '(4, 3)',
        '(4, 2)',
        'as many rows as the first has columns',
    )
    message(lambda: np.ones((2, 28, 28)) @ v, '(2, 28, 28)', 'two axes')
    message(lambda: v @ np.ones(3), 'two axes')
    message(v.backward, '(4, 3)', 'expected: one number', '.mean()')


def test_whole_numbers():
    v = Value(np.ones(3))
    for wrong in (
        lambda: Value(np.arange(3)),
        lambda: v - np.arange(3),
        lambda: np.arange(3) * v,
        lambda: v * np.array([True, False, True]),
    ):
        message(wrong, 'Floats are needed', 'astype')
    message(lambda: Value(np.ones((3, 1))) @ np.ones((1, 2), dtype=int), 'Floats are needed')
    # a plain number is no array
    assert (2 * v + 1).data.tolist() == [3, 3, 3] and Value(3).data == 3.0


@pytest.mark.parametrize(
    'f, step',
    [
        (lambda v: (v - 2).log().mean(), '`log`'),
        (lambda v: (v * 1e200 * 1e200).mean(), '`*`'),
        (lambda v: (1 / (v - 1)).sum(), '`/`'),
        (lambda v: ((v - 1) ** -1).sum(), '`**-1`'),
    ],
)
def test_a_lost_loss_says_where_it_began(f, step):
    v = Value(np.array([1.0, 3.0]))
    with np.errstate(all='ignore'):
        loss = f(v)
    message(loss.backward, step, 'learning rate first', 'It began in the step')
    assert v.grad is None


def test_a_parameter_that_is_lost_already():
    v = Value(np.array([1.0, np.nan]))
    message((v * 2).sum().backward, 'in what went in', '(2,)')


def test_training_stops_when_the_steps_are_too_big():
    x, w = np.array([[1.0], [2.0]]), Value(np.array([[1.0]]))

    def train():
        for _ in range(10_000):
            w.grad = None
            ((x @ w - 3) ** 2).mean().backward()
            w.data = w.data - 100 * w.grad

    with np.errstate(all='ignore'):
        message(train, 'learning rate first')


def test_a_step_that_sends_back_the_wrong_shape():
    v = Value(np.ones((2, 3)))
    wrong = Value(v.data.T.copy(), ((v, lambda g: g),), 'turn')
    message(wrong.sum().backward, '(3, 2)', 'expected: (2, 3)')
    message(lambda: unbroadcast(np.ones(3), (2, 3)), '(3,)', 'expected: (2, 3)')
