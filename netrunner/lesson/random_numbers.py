"""Random numbers for an exercise that can be done by hand: one decimal, and small sums.

No sum is beyond ±3, no activation is used where it is flat, no answer is 0 or an input itself, and
no two answers look the same in three decimals. Two things cannot be avoided, and are not asked: the
0 and 1 of a step, and an activation that gives its input back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from random import Random

import numpy as np

from netrunner.activations.activation import Array
from netrunner.network.layer import Layer
from netrunner.network.network import Network
from netrunner.problems.problem import NetrunnerError, Problem
from netrunner.problems.source import Place

LARGEST_SUM = 3.0
LARGEST_SUM_OF_SHARES = 1.5  # or one share would take nearly all
SMALLEST_SUM = 0.05
SMALLEST_ANSWER = 0.01
FLAT = 0.06  # slope of an activation
STEP = 0.04  # less than any sum, so that no step is on the way
SMALLEST_SHARE = 0.02
DIGITS = 3
TRIES = 300
_INPUTS = [*range(1, 10), *range(11, 16)]  # tenths; 1 times a weight is no work
_WEIGHTS, _BIASES = [*range(-9, 0), *range(1, 10)], [*range(-5, 0), *range(1, 6)]
MOST_DRAWN = 500_000  # numbers, in all tries together


def drawn(network: Network, seed: int) -> tuple[Network, Array]:
    """The network with weights and biases drawn anew, and an input, of shape (inputs,).

    Raises NetrunnerError if no such numbers are found.
    """
    random = _Counted(seed)
    while random.drawn < MOST_DRAWN:
        size = network.input_size
        x = random.tenths(_INPUTS, size)
        if size <= len(_INPUTS):
            x = np.array(random.sample(_INPUTS, size)) / 10
        X, layers, seen = x, [], {*looks(x)}
        for layer in network.layers:
            new = _layer(layer, X, random, seen)
            if new is None:
                break
            layers.append(new)
            with np.errstate(all="ignore"):
                X = np.asarray(new.h(X @ new.weights + new.biases))
        else:
            # The examples and the description are of the old numbers.
            new_network = replace(network, layers=tuple(layers), examples=(), description="")
            return new_network, x.astype(network.dtype)
    message = "no suitable numbers were found: the network may be too large to work out by hand"
    raise NetrunnerError(Problem("out-of-range", Place("--seed"), message))


class _Counted(Random):
    """Counts its random numbers, so that a search without a solution ends."""

    drawn = 0

    def tenths(self, pool: Sequence[int], count: int) -> Array:
        """`count` numbers with one decimal, from a pool of tenths."""
        self.drawn += count
        return np.array(self.choices(pool, k=count)) / 10


def _layer(layer: Layer, X: Array, random: _Counted, seen: set[float]) -> Layer | None:
    """The layer with numbers that give good answers, which are added to `seen`."""
    inputs, size = layer.weights.shape
    W, B = np.zeros((inputs, size)), np.zeros(size)
    largest = LARGEST_SUM_OF_SHARES if layer.activation.shares else LARGEST_SUM
    to_draw = list(range(size))
    for _ in range(TRIES):
        if random.drawn > MOST_DRAWN:
            break
        for k in to_draw:
            W[:, k], B[k] = _neuron(X, random, largest)
        dtype = layer.weights.dtype
        new = replace(layer, weights=W.astype(dtype), biases=B.astype(dtype))
        A = X @ new.weights + new.biases
        with np.errstate(all="ignore"):
            Z, above, below = (
                np.asarray(each) for each in new.h(np.stack([A, A + STEP, A - STEP]).astype(dtype))
            )
        slope = np.abs(above - below) / (2 * STEP) if layer.activation.elementwise else None
        random.drawn += 10 * size  # the cost of checking them
        to_draw = _wrong(A, Z, slope, layer.activation.shares, seen)
        if not to_draw:
            seen.update(looks(A), looks(Z))
            return new
        if not layer.activation.elementwise:
            to_draw = list(range(size))
    return None


def _neuron(X: Array, random: _Counted, largest: float) -> tuple[Array, float]:
    """Weights and a bias whose sum is small, but not too small."""
    for _ in range(TRIES):
        w, b = random.tenths(_WEIGHTS, len(X)), float(random.tenths(_BIASES, 1)[0])
        if SMALLEST_SUM <= abs(float(X @ w) + b) <= largest:
            break
    return w, b


def _wrong(A: Array, Z: Array, slope: Array | None, shares: bool, seen: set[float]) -> list[int]:
    """Which neurons, from 0, have an answer that is trivial, flat, or already seen."""
    is_step = slope is not None and not slope.any() and 1 in Z
    known, wrong = {*seen}, []
    for k, (a, z) in enumerate(zip(A.tolist(), Z.tolist(), strict=True)):
        answers = [a] if z == a or is_step else [a, z]
        new = looks(answers)
        fine = np.isfinite(z) and min(new) >= SMALLEST_ANSWER
        fine = fine and SMALLEST_SUM <= abs(a) <= LARGEST_SUM
        fine = fine and len({*new}) == len(new) and not known.intersection(new)
        if slope is not None and not is_step:
            fine = fine and slope[k] >= FLAT
        if shares:
            fine = fine and SMALLEST_SHARE <= z <= 1 - SMALLEST_SHARE
        if fine:
            known.update(new)
        else:
            wrong.append(k)
    return wrong


def looks(values: Iterable[float]) -> list[float]:
    """How values look on a sheet, whatever their sign."""
    return [round(abs(float(value)), DIGITS) for value in values]
