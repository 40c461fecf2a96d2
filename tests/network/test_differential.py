"""Whole random networks against others that compute them, within bounds that are derived."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import onnxruntime
import pytest
from bounds import bounds, ours, usual
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

import netrunner
from netrunner.activations.plugins import load_registry
from netrunner.exchange.onnx.exporter import model_bytes

REGISTRY = load_registry([ROOT / "plugins" / "tanh.py"])
HIDDEN = ("identity", "relu", "sigmoid", "tanh")
BY_HAND = {
    "identity": lambda A: A,
    "relu": lambda A: np.maximum(A, 0),
    "sigmoid": lambda A: 1 / (1 + np.exp(-A)),
    "tanh": np.tanh,
    "softmax": lambda A: (
        np.exp(A - A.max(axis=-1, keepdims=True))
        / np.exp(A - A.max(axis=-1, keepdims=True)).sum(axis=-1, keepdims=True)
    ),
}
TRUE = {
    "identity": lambda row: row,
    "relu": lambda row: [max(a, mpf(0)) for a in row],
    "sigmoid": lambda row: [1 / (1 + mp.exp(-a)) for a in row],
    "tanh": lambda row: [mp.tanh(a) for a in row],
    "softmax": lambda row: [mp.exp(a) / mp.fsum(map(mp.exp, row)) for a in row],
}


@st.composite
def networks(draw: st.DrawFn, dtypes: tuple[str, ...] = ("float64", "float32")) -> Any:
    """A network of random shape, activations and dtype, and a batch for it."""
    sizes = draw(st.lists(st.integers(1, 40), min_size=2, max_size=5))
    hidden = draw(st.lists(st.sampled_from(HIDDEN), min_size=len(sizes) - 2, max_size=10))
    last = draw(st.sampled_from([*HIDDEN, "softmax"]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    scale = draw(st.sampled_from([0.01, 1.0, 5.0]))
    names = [*hidden[: len(sizes) - 2], last]
    layers = [
        (rng.normal(0, scale, (m, n)), rng.normal(0, scale, n), name)
        for m, n, name in zip(sizes, sizes[1:], names, strict=False)
    ]
    network = netrunner.from_arrays(layers, dtype=draw(st.sampled_from(dtypes)), registry=REGISTRY)
    X = rng.normal(0, scale, (draw(st.integers(1, 6)), sizes[0])).astype(network.dtype)
    return network, X


def assert_within(found: Any, expected: Any, *limits: Any) -> None:
    """|found - expected| ≤ the sum of the limits, for each number."""
    off = np.abs(np.asarray(found, np.float64) - np.asarray(expected, np.float64))
    assert (off <= sum(limits)).all(), f"off by {(off / sum(limits)).max():.2f} bounds"


@settings(deadline=None)
@given(networks())
def test_numpy_by_hand(case: Any) -> None:
    network, X = case
    trace = network.trace(X)
    mine = bounds(network.layers, trace, network.dtype, ours)
    theirs = bounds(network.layers, trace, network.dtype, usual)
    Z = X
    for i, layer in enumerate(network.layers):
        A = Z @ layer.weights + layer.biases
        with np.errstate(over="ignore"):  # exp(-a) of the book's sigmoid; 1/(1 + inf) is 0
            Z = BY_HAND[layer.activation.name](A)
        assert A.dtype == Z.dtype == network.dtype
        assert_within(trace.layers[i].A, A, mine[i].A, theirs[i].A)
        assert_within(trace.layers[i].Z, Z, mine[i].Z, theirs[i].Z)
    assert_within(network(X), Z, mine[-1].Z, theirs[-1].Z)


@settings(deadline=None, max_examples=25)
@given(networks())
def test_sixty_digits(case: Any) -> None:
    network, X = case
    trace = network.trace(X)
    limits = bounds(network.layers, trace, network.dtype, ours)
    with mp.workdps(60):
        Z = [[mpf(float(x)) for x in row] for row in X]
        for i, layer in enumerate(network.layers):
            W, B = layer.weights.astype(float).T.tolist(), layer.biases.astype(float).tolist()
            A = [[mp.fdot(row, w) + b for w, b in zip(W, B, strict=True)] for row in Z]
            Z = [TRUE[layer.activation.name](row) for row in A]
            assert_within(trace.layers[i].A, A, limits[i].A)
            assert_within(trace.layers[i].Z, Z, limits[i].Z)


@settings(deadline=None, max_examples=40)
@given(networks())
def test_onnxruntime(case: Any) -> None:
    network, X = case
    trace = network.trace(X)
    mine = bounds(network.layers, trace, network.dtype, ours)
    theirs = bounds(network.layers, trace, network.dtype, usual)
    session = onnxruntime.InferenceSession(model_bytes(network))
    names = [each.name for each in session.get_outputs()]
    found = dict(zip(names, session.run(names, {"X": X}), strict=True))
    for i, layer in enumerate(trace.layers):
        assert_within(found[f"A{layer.index}"], layer.A, mine[i].A, theirs[i].A)
        assert_within(found[f"Z{layer.index}"], layer.Z, mine[i].Z, theirs[i].Z)
    assert_within(found["Y"], network(X), mine[-1].Z, theirs[-1].Z)


@pytest.mark.parametrize("activation", ["identity", "logistic", "relu", "tanh"])
@pytest.mark.parametrize("classes", [0, 2, 5])  # 0: a regressor
@pytest.mark.parametrize("hidden", [(), (7,), (30, 20, 10)])
def test_scikit_learn(activation: str, classes: int, hidden: tuple[int, ...]) -> None:
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    rng = np.random.default_rng(7)
    sizes = (12, *hidden, classes if classes > 2 else 1)
    model = (MLPClassifier if classes else MLPRegressor)(hidden, activation=activation)
    model.coefs_ = [rng.normal(0, 2, shape) for shape in pairwise(sizes)]
    model.intercepts_ = [rng.normal(0, 2, size) for size in sizes[1:]]
    model.n_layers_, model.n_outputs_, model.n_features_in_ = len(sizes), sizes[-1], sizes[0]
    model.out_activation_ = {0: "identity", 2: "logistic", 5: "softmax"}[classes]
    if classes:
        model.classes_ = np.arange(classes)
    X = rng.normal(0, 3, (50, 12))

    network = netrunner.from_sklearn(model, plugins=[ROOT / "plugins" / "tanh.py"])
    trace = network.trace(X)
    mine = bounds(network.layers, trace, np.float64, ours)[-1].Z
    theirs = bounds(network.layers, trace, np.float64, usual)[-1].Z
    expected = model.predict_proba(X) if classes else model.predict(X)
    if sizes[-1] == 1:  # a column of its own for the second class
        expected = expected[:, -1:] if classes else expected[:, np.newaxis]
    assert_within(network(X), expected, mine, theirs)


def test_a_bound_is_a_bound_and_no_more() -> None:
    # An error of one part in 10⁹, or in float32 10⁴, in one weight is not let through.
    rng = np.random.default_rng(8)
    W, B = rng.normal(size=(10, 3)), rng.normal(size=3)
    X = rng.normal(size=(4, 10))
    for dtype, error in ((np.float64, 1e-9), (np.float32, 1e-4)):
        network = netrunner.from_arrays([(W, B, "sigmoid")], dtype=dtype)
        wrong = netrunner.from_arrays([(W * (1 + error), B, "sigmoid")], dtype=dtype)
        limit = bounds(network.layers, network.trace(X.astype(dtype)), dtype, usual)[0].Z
        with pytest.raises(AssertionError):
            assert_within(wrong(X.astype(dtype)), network(X.astype(dtype)), limit, limit)
