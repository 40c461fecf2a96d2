"""Every activation, built in or shipped in plugins/, against 60-digit arithmetic.

The unit is the ulp, the distance between neighbouring floats at the true value; below the normal
range that is the smallest subnormal. `python benchmarks/accuracy.py` prints the errors measured.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf
from samples import ACTIVATIONS

from netrunner.activations import built_in as activations

FLOAT64, FLOAT32 = np.dtype(np.float64), np.dtype(np.float32)

ONNX_ALPHA, ONNX_GAMMA = 1.67326319217681884765625, 1.05070102214813232421875

mp.dps = 60


def ulp(truth: mpf, dtype: np.dtype[Any], floor: float = 0) -> mpf:
    """The distance between the floats around `truth`; `floor` is the smallest value to look at."""
    info = np.finfo(dtype)
    exponent = mp.frexp(max(abs(truth), mpf(floor)))[1] - 1
    return mp.ldexp(1, max(int(exponent), int(info.minexp)) - info.nmant)


def errors(z: Iterable[Any], truth: Iterable[mpf], dtype: np.dtype[Any], floor: float = 0) -> Any:
    """How far each z is from the true value, in ulp."""
    return np.array(
        [
            float(abs(mpf(float(got)) - exact) / ulp(exact, dtype, floor))
            for got, exact in zip(z, truth, strict=True)
        ]
    )


def representable(truth: mpf, dtype: np.dtype[Any]) -> bool:
    return bool(abs(truth) <= float(np.finfo(dtype).max))


# The true values, for one number a of any precision. Beyond these limits, every exponential
# below is far outside of the range of float64, and far below its resolution.


def exp(a: mpf) -> mpf:
    return mp.exp(max(min(a, mpf(5000)), mpf(-5000)))


def sigmoid(a: mpf) -> mpf:
    return 1 / (1 + exp(-a)) if a >= 0 else exp(a) / (1 + exp(a))


def gelu(a: mpf) -> mpf:
    return a * mp.erfc(-max(min(a, mpf(60)), mpf(-60)) / mp.sqrt(2)) / 2


def gelu_tanh(a: mpf) -> mpf:
    t = max(min(a, mpf(60)), mpf(-60))
    return a * sigmoid(2 * mp.sqrt(2 / mp.pi) * (t + mpf(0.044715) * t**3))


def softplus(a: mpf) -> mpf:
    return a if a > 4000 else mp.log1p(exp(a))


def mish(a: mpf) -> mpf:
    return a * mp.tanh(softplus(a))


def elu(a: mpf, alpha: float = 1) -> mpf:
    return a if a >= 0 else alpha * mp.expm1(max(a, mpf(-5000)))


def celu(a: mpf, alpha: float = 1) -> mpf:
    return a if a >= 0 else alpha * mp.expm1(max(a / alpha, mpf(-5000)))


def selu(a: mpf, alpha: float = ONNX_ALPHA, gamma: float = ONNX_GAMMA) -> mpf:
    return mpf(gamma) * elu(a, alpha)


def softmax(row: list[mpf]) -> list[mpf]:
    largest = max(row)
    e = [exp(a - largest) for a in row]
    total = mp.fsum(e)
    return [each / total for each in e]


def log_softmax(row: list[mpf]) -> list[mpf]:
    winner = row.index(max(row))
    rest = mp.fsum(exp(a - row[winner]) for i, a in enumerate(row) if i != winner)
    beyond = mp.log1p(rest)
    return [a - row[winner] - beyond for a in row]


@dataclass(frozen=True)
class Promise:
    """What an activation should give, and how many ulp it may be off, by dtype.

    Errors of values below `floor` are counted in the ulp of `floor`.
    """

    truth: Callable[..., Any]
    float64: float
    float32: float
    floor: float = 0


# gelu: erfc is subnormal where a · erfc is not yet, and has fewer digits there. hard_sigmoid:
# 0.2·a + 0.5 cancels near -2.5, as it does for everybody.
ELEMENTWISE = {
    "step": Promise(lambda a: mpf(1 if a > 0 else 0), 0, 0),
    "sigmoid": Promise(sigmoid, 2.5, 4),
    "relu": Promise(lambda a: max(a, mpf(0)), 0, 0),
    "identity": Promise(lambda a: a, 0, 0),
    "tanh": Promise(mp.tanh, 2.5, 2),
    "leaky_relu": Promise(lambda a, alpha=0.01: a if a >= 0 else mpf(alpha) * a, 0.5, 1.5),
    "elu": Promise(elu, 1, 3),
    "selu": Promise(selu, 3, 6),
    "celu": Promise(celu, 1, 3),
    "gelu": Promise(gelu, 4, 0.6, floor=1e-306),
    "swish": Promise(lambda a, beta=1: a * sigmoid(mpf(beta) * a), 4, 0.6),
    "softplus": Promise(softplus, 2.5, 5),
    "softsign": Promise(lambda a: a / (1 + abs(a)), 1.5, 1.5),
    "mish": Promise(mish, 5, 0.6),
    "hard_sigmoid": Promise(
        lambda a, alpha=0.2, beta=0.5: max(mpf(0), min(mpf(1), mpf(alpha) * a + mpf(beta))),
        1.5,
        1.5,
        floor=0.5,
    ),
    "hard_swish": Promise(lambda a: a * max(mpf(0), min(mpf(1), (a + 3) / 6)), 2, 2),
    "thresholded_relu": Promise(lambda a, alpha=1: a if a > alpha else mpf(0), 0, 0),
}
ROWWISE = {
    "softmax": Promise(softmax, 6, 8),
    "log_softmax": Promise(log_softmax, 6, 1),
}


def points(dtype: np.dtype[Any]) -> Any:
    """Values of a over the whole range, denser where an activation bends or its tail ends."""
    random = np.random.default_rng(20)
    info = np.finfo(dtype)
    least, most = np.log10(float(info.smallest_subnormal)), np.log10(float(info.max))
    last_exp = 745.2 if dtype == FLOAT64 else 104
    magnitudes = 10 ** random.uniform(least + 1, most - 0.1, 40)
    tail = random.uniform(0.93, 1.02, 40) * last_exp
    normal_tail = random.uniform(0.93, 1.02, 30) * np.sqrt(2 * last_exp)
    corners = np.array([0, 0.5, 1, 2.5, 3, 6, 17.3, 36.7, 88.72, 709.78, 710, 1e4, info.max / 1.1])
    special = [0.0, info.smallest_subnormal, info.tiny, info.eps, info.max]
    with np.errstate(under="ignore"):
        positive = np.concatenate(
            [
                np.array(special, dtype),
                np.concatenate([magnitudes, tail, normal_tail]).astype(dtype),
                np.nextafter(corners.astype(dtype), dtype.type(0)),
                corners.astype(dtype),
                np.nextafter(corners.astype(dtype), dtype.type(np.inf)),
                random.uniform(0, 5, 100).astype(dtype),
                random.uniform(5, 40, 40).astype(dtype),
            ]
        )
    return np.concatenate([positive, -positive])


def rows(dtype: np.dtype[Any]) -> list[Any]:
    """Rows of many widths and scales for what looks at its whole row."""
    random = np.random.default_rng(21)
    huge = float(np.finfo(dtype).max)
    chosen: list[Any] = [
        [1010, 1000, 990],
        [huge, -huge],
        [-huge, -huge, -huge * 0.99],
        [huge, huge / 2, 0],
        [0.0, -0.0],
        [0, -40],
        [0, *[-36.74] * 6],  # each of the six is just too small to change a sum of 1
        [0, *[-36.74] * 62],
        [0, *[-16.64] * 62],  # the same in float32
        [0, *[-36.74] * 999],
        [700.3, 1e-30, -44.9],
        [5.3, -31.44] * 4,
        [0, -744.9, -745.1, -720, -100.5, -103.5],
    ]
    for width, count in ((1, 3), (2, 30), (3, 15), (10, 10), (100, 2), (500, 1)):
        for scale in (1, 10, 100, 1_000, 1e6):
            chosen += list(random.normal(0, scale, (count, width)) + random.normal(0, scale))
    return [np.array(row, dtype) for row in chosen]


def strictly(function: Callable[..., Any], a: Any, **parameters: Any) -> Any:
    """function(a) of read-only memory, with all that numpy can complain of but underflow."""
    a = np.frombuffer(a.tobytes(), a.dtype).reshape(a.shape)
    with np.errstate(all="raise", under="ignore"), warnings.catch_warnings():
        warnings.simplefilter("error")
        z = function(a, **parameters)
    assert z.shape == a.shape
    assert z.dtype == a.dtype
    return z


def worst(name: str, dtype: np.dtype[Any], function: Any = None) -> tuple[float, Any]:
    """The largest error of an activation over points or rows, and where it is."""
    is_ours = function is None
    call = strictly if is_ours else lambda function, a: function(a)
    function = function or ACTIVATIONS[name].function
    if name in ELEMENTWISE:
        promise = ELEMENTWISE[name]
        pairs = [(a, promise.truth(mpf(float(a)))) for a in points(dtype)]
        pairs = [(a, truth) for a, truth in pairs if representable(truth, dtype)]
        a = np.array([a for a, _ in pairs], dtype)
        off = errors(call(function, a), [truth for _, truth in pairs], dtype, promise.floor)
        off[np.isnan(off)] = np.inf
        return off.max(), a[off.argmax()]
    promise = ROWWISE[name]
    found = []
    for row in rows(dtype):
        truth = promise.truth([mpf(float(a)) for a in row])
        keep = [representable(each, dtype) for each in truth]
        truth = [each for each, kept in zip(truth, keep, strict=True) if kept]
        results = [call(function, row)]
        if is_ours:
            results.append(call(function, row[np.newaxis])[0])  # a batch is computed by columns
        for z in results:
            off = errors(z[keep], truth, dtype, promise.floor)
            off[np.isnan(off)] = np.inf
            found.append((off.max(), row))
    return max(found, key=lambda pair: pair[0])


def test_every_activation_makes_a_promise():
    assert {*ELEMENTWISE, *ROWWISE} == set(ACTIVATIONS)
    assert {name for name, each in ACTIVATIONS.items() if not each.elementwise} == set(ROWWISE)
    assert all(each.formula for each in ACTIVATIONS.values())


@pytest.mark.no_cover  # which doubles what mpmath takes
@pytest.mark.parametrize("dtype", [FLOAT64, FLOAT32], ids=str)
@pytest.mark.parametrize("name", [*ELEMENTWISE, *ROWWISE])
def test_error_over_the_whole_range(name, dtype):
    promise = (ELEMENTWISE | ROWWISE)[name]
    off, where = worst(name, dtype)
    assert off <= getattr(promise, dtype.name), f"{off:.2f} ulp at {where!r}"


def test_sigmoid_where_other_forms_are_off_by_more_than_it_promises():
    # e/(1 + e) is off by up to 2.58 ulp at the first four, 1/(1 + exp(-a)) by 2.6 at the others.
    places = [-4.8497016532682435, -4.849767077667461, -5.542832084878989, -5.543438746820598]
    places += [-36.738943846565505, -36.73928002871524, -36.739362480362004, -37.0, -40.0]
    a = np.array(places)
    z = strictly(activations.sigmoid, a)
    assert errors(z, [sigmoid(mpf(each)) for each in places], FLOAT64).max() <= 2.2


@pytest.mark.no_cover
@pytest.mark.parametrize("dtype", [FLOAT64, FLOAT32], ids=str)
def test_softmax_of_ten_thousand_neurons(dtype):
    a = np.random.default_rng(22).normal(0, 5, 10_000).astype(dtype)
    a[0] = 12  # leads, so that it has all the small ones added to it
    z = strictly(activations.softmax, a)
    e = [mp.exp(mpf(float(each)) - 12) for each in a]
    total = mp.fsum(e)
    some = slice(None, None, 17)
    assert errors(z[some], [each / total for each in e[some]], dtype).max() <= 6


# With other parameters a · beta and the like are rounded before exp multiplies their error, by
# up to 745; so these are held to a relative error.
@pytest.mark.parametrize(
    ("name", "truth", "parameters"),
    [
        ("leaky_relu", ELEMENTWISE["leaky_relu"].truth, {"alpha": 0.3}),
        ("leaky_relu", ELEMENTWISE["leaky_relu"].truth, {"alpha": 2}),
        ("leaky_relu", ELEMENTWISE["leaky_relu"].truth, {"alpha": -0.1}),
        ("elu", elu, {"alpha": 0.7}),
        ("celu", celu, {"alpha": 0.01}),
        ("celu", celu, {"alpha": 3}),
        ("selu", selu, {"alpha": 1.5, "gamma": 0.9}),
        ("gelu", gelu_tanh, {"approximate": "tanh"}),
        ("swish", ELEMENTWISE["swish"].truth, {"beta": 1.7}),
        ("swish", ELEMENTWISE["swish"].truth, {"beta": 0}),
        ("swish", ELEMENTWISE["swish"].truth, {"beta": -0.5}),
        ("thresholded_relu", ELEMENTWISE["thresholded_relu"].truth, {"alpha": 2.5}),
        ("thresholded_relu", ELEMENTWISE["thresholded_relu"].truth, {"alpha": -1}),
    ],
)
@pytest.mark.no_cover
@pytest.mark.parametrize("dtype", [FLOAT64, FLOAT32], ids=str)
def test_other_parameters(name, truth, parameters, dtype):
    numbers = {key: value for key, value in parameters.items() if key != "approximate"}
    pairs = [(a, truth(mpf(float(a)), **numbers)) for a in points(dtype)[::3]]
    pairs = [(a, exact) for a, exact in pairs if representable(exact, dtype)]
    z = strictly(ACTIVATIONS[name].function, np.array([a for a, _ in pairs], dtype), **parameters)
    relative = 1e-12 if dtype == FLOAT64 else 1e-6
    smallest = float(np.finfo(dtype).smallest_subnormal)
    for got, (a, exact) in zip(z, pairs, strict=True):
        assert abs(mpf(float(got)) - exact) <= relative * abs(exact) + 3 * smallest, a


def test_hard_sigmoid_with_a_steep_line_does_not_overflow():
    hard_sigmoid = ACTIVATIONS["hard_sigmoid"].function
    z = strictly(hard_sigmoid, np.array([1e308, -1e308, 0.1]), alpha=3, beta=0.25)
    np.testing.assert_allclose(z, [1, 0, 0.55], rtol=1e-15)


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("elu", {"alpha": -1}, "alpha must be positive, got -1"),
        ("celu", {"alpha": 0}, "alpha must be positive, got 0"),
        ("selu", {"alpha": float("nan")}, "alpha must be positive, got nan"),
        ("selu", {"gamma": -2.5}, "gamma must be positive, got -2.5"),
        ("gelu", {"approximate": "foo"}, "approximate must be none or tanh, got foo"),
    ],
)
def test_bad_parameter(name, parameters, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        ACTIVATIONS[name].function(np.zeros(2), **parameters)


@pytest.mark.parametrize("dtype", [FLOAT64, FLOAT32], ids=str)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_batch(name, dtype):
    function = ACTIVATIONS[name].function
    batch = np.random.default_rng(23).normal(0, 3, (50, 7)).astype(dtype)
    rows = np.array([function(row) for row in batch])
    tolerance = 20 * float(np.finfo(dtype).eps)
    np.testing.assert_allclose(strictly(function, batch), rows, rtol=tolerance)
    np.testing.assert_allclose(function(np.asfortranarray(batch)), rows, rtol=tolerance)
    strictly(function, batch[:0])
    strictly(function, batch[:, :1])


@pytest.mark.parametrize("dtype", [FLOAT64, FLOAT32], ids=str)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_nan_stays_nan(name, dtype):
    a = np.array([[-1, np.nan], [3, 4]], dtype)
    z = ACTIVATIONS[name].function(a)
    assert np.isnan(z[0, 1])
    assert not np.isnan(z[1]).any()
    assert np.isnan(z[0, 0]) == (name in ROWWISE)


def test_impossible_classes():
    a = np.array([0, -np.inf, 0])
    np.testing.assert_array_equal(activations.softmax(a), [0.5, 0, 0.5])
    half = -np.log(2)
    np.testing.assert_allclose(ACTIVATIONS["log_softmax"].function(a), [half, -np.inf, half])
