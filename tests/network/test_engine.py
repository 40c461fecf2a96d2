"""The forward pass against the book's lines written out by hand."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from netrunner.activations.activation import Activation, Origin
from netrunner.activations.built_in import netrunner_activations
from netrunner.network.building import from_arrays
from netrunner.network.engine import all_finite, first_not_finite, forward
from netrunner.network.layer import Layer
from netrunner.problems.problem import NetrunnerError

BUILT_INS = {activation.name: activation for activation in netrunner_activations()}


def layer(index: int, W: object, B: object, activation: Activation) -> Layer:
    origin = Origin("built-in", "netrunner", "activations.py", 1, "activations.py")
    return Layer(index, None, np.array(W, float), np.array(B, float), activation, origin)


def network(sizes: list[int], names: list[str], seed: int) -> list[Layer]:
    rng = np.random.default_rng(seed)
    return [
        layer(i + 1, rng.normal(size=(m, n)), rng.normal(size=n), BUILT_INS[name])
        for i, (m, n, name) in enumerate(zip(sizes, sizes[1:], names, strict=False))
    ]


@settings(deadline=None, max_examples=60)
@given(
    sizes=st.lists(st.integers(1, 7), min_size=2, max_size=6),
    names=st.lists(st.sampled_from(sorted(BUILT_INS)), min_size=5, max_size=5),
    rows=st.none() | st.integers(0, 5),
    seed=st.integers(0, 2**32 - 1),
)
def test_forward_is_the_books_two_lines(
    sizes: list[int], names: list[str], rows: int | None, seed: int
) -> None:
    layers = network(sizes, names, seed)
    shape = (sizes[0],) if rows is None else (rows, sizes[0])
    X = np.random.default_rng(seed + 1).normal(size=shape)
    for step, A, Z in forward(layers, X):
        by_hand = [
            sum(x * w for x, w in zip(X.T, column, strict=True)) for column in step.weights.T
        ]
        np.testing.assert_allclose(A, np.array(by_hand).T + step.biases, rtol=1e-9, atol=1e-9)
        np.testing.assert_array_equal(Z, step.activation.function(A))
        assert A.shape == Z.shape == (*shape[:-1], step.size)
        X = Z


@settings(deadline=None, max_examples=100)
@given(
    values=hnp.arrays(
        st.sampled_from([np.float64, np.float32]),
        hnp.array_shapes(max_dims=2, min_side=0, max_side=5),
    )
)
def test_all_finite_agrees_with_a_look_at_each_value(values: np.ndarray) -> None:
    with np.errstate(all="ignore"):
        assert all_finite(values) == np.isfinite(values).all()


@pytest.mark.parametrize("value", [1e200, -1e308, 5e-324])
def test_large_values_are_finite(value: float) -> None:
    assert all_finite(np.full((3, 4), value))


def test_the_first_value_that_is_not_finite_is_named_by_row_and_neuron() -> None:
    A = np.array([[1.0, 2.0], [np.nan, np.inf]])
    step = layer(3, [[1, 0], [0, 1]], [0, 0], BUILT_INS["relu"])
    words = "layer 3, neuron 1, row 2: A is nan, so 'relu' gets no finite number"
    assert str(first_not_finite(step, A, A)) == words
    assert first_not_finite(step, A[0], A[0]) is None


@pytest.mark.parametrize("name", sorted(BUILT_INS))
def test_a_built_in_makes_finite_numbers_of_finite_ones(name: str) -> None:
    # Which is why `first_not_finite` does not look at what a built-in gives.
    largest = np.finfo(np.float64).max
    A = np.array([[0.0, -0.0, 5e-324, -5e-324, 1.0], [largest, -largest, 1e300, -750.0, 750.0]])
    assert np.isfinite(BUILT_INS[name].function(A)).all()


@pytest.mark.parametrize("size", [1, 8192, 8193, 16384, 20000])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_one_value_that_is_not_finite_is_seen_wherever_it_is(size: int, value: float) -> None:
    values = np.ones(size)
    assert all_finite(values)
    for at in {0, size // 2, size - 1}:
        values[at] = value
        assert not all_finite(values)
        values[at] = 1e200  # whose square overflows
        assert all_finite(values)
        values[at] = 1


@pytest.mark.parametrize("batch", [False, True])
def test_a_pickled_trace_says_where_a_value_is_not_finite(batch: bool) -> None:
    net = from_arrays([([[1e308, 1.0]], 0, "identity"), ([[1.0], [1.0]], 0, "sigmoid")])
    trace = net.silent_trace([[1.0], [10.0]] if batch else [10.0])
    again = pickle.loads(pickle.dumps(trace))
    assert again.not_finite == trace.not_finite
    where = "layer 1, neuron 1" + (", row 2" if batch else "")
    assert str(again.not_finite).startswith(f"{where}: A is inf")
    for layer in again.layers:
        assert not layer.A.flags.writeable
        assert not layer.Z.flags.writeable


def test_a_row_of_a_trace_is_that_row_alone() -> None:
    net = from_arrays([([[1e308, 1.0]], [0.5, 0.25], "identity"), ([[1.0], [1.0]], 0, "sigmoid")])
    X = [[1.0], [10.0], [0.5]]
    trace = net.silent_trace(X)
    for number, x in enumerate(X, 1):
        row, alone = trace.row(number), net.silent_trace(x)
        assert (row.rows, str(row.not_finite)) == (None, str(alone.not_finite))
        np.testing.assert_array_equal(row.input, alone.input)
        for one, other in zip(row.layers, alone.layers, strict=True):
            for array in ("X", "A", "Z"):
                np.testing.assert_array_equal(getattr(one, array), getattr(other, array))
    for number in (0, 4):
        with pytest.raises(NetrunnerError, match=f"there is no row {number}: the input has 3"):
            trace.row(number)


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ([[1.0, 1e308, 1e308]], "layer 1, neuron 2, row 2: A is inf"),
        ([[1.0, 1.0, -1e308]], "layer 1, neuron 3, row 2: A is -inf"),
    ],
)
def test_the_first_neuron_that_is_not_finite_is_named(weights: object, said: str) -> None:
    trace = from_arrays([(weights, 0, "relu")]).silent_trace([[1.0], [10.0]])
    assert str(trace.not_finite).startswith(said)
