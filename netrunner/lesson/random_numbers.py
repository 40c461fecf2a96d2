"""Random numbers for an exercise that can be done by hand: one decimal, and small sums.

No sum is beyond ±3, no activation is used where it is flat, no answer is 0 or an input itself, and
no two answers look the same in the digits that are asked for. Two things are otherwise: an
activation that gives its input back repeats it; and one with a kink, such as step or relu, is used
on both sides of it, with the 0 and the repetitions that it gives there.
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
STEP = 0.04  # on either side of a sum, to measure the slope there
SMALLEST_SHARE = 0.02
MOST_APART = 40  # answers that differ in two digits: more would leave too few numbers
TRIES = 300
_INPUTS = [*range(1, 10), *range(11, 16)]  # tenths; 1 times a weight is no work
_WEIGHTS, _BIASES = [*range(-9, 0), *range(1, 10)], [*range(-5, 0), *range(1, 6)]
MOST_DRAWN = 500_000  # numbers, in all tries together


def drawn(network: Network, seed: int) -> tuple[Network, Array]:
    """The network with weights and biases drawn anew, and an input, of shape (inputs,).

    What was said about the old numbers is left out: the description, and all names but those of
    the inputs and of classes. Raises NetrunnerError if no such numbers are found.
    """
    for layer in network.layers:
        if layer.activation.shares and layer.size == 1:
            message = f"{layer.title}: the share of a single neuron is always 1, whatever is drawn"
            raise NetrunnerError(Problem("out-of-range", Place("--seed"), message))
    random, size = _Counted(seed), network.input_size
    is_crowded = 2 * sum(layer.size for layer in network.layers) > MOST_APART
    while random.drawn < MOST_DRAWN:
        x = random.tenths(_INPUTS, size)
        if size <= len(_INPUTS):
            x = np.array(random.sample(_INPUTS, size)) / 10
        answers = _Answers(is_crowded)
        answers.add(x)
        X, layers = x, []
        for layer in network.layers:
            new = _layer(layer, X, random, answers, layer is network.layers[-1])
            if new is None:
                break
            layers.append(new)
            with np.errstate(all="ignore"):
                X = np.asarray(new.h(X @ new.weights + new.biases))
        else:
            return _renamed(network, tuple(layers)), x.astype(network.dtype)
    message = "no suitable numbers were found: the network may be too large to work out by hand"
    raise NetrunnerError(Problem("out-of-range", Place("--seed"), message))


def _renamed(network: Network, layers: tuple[Layer, ...]) -> Network:
    """The network with these layers, named by its activations and sizes, as in step 2-3-1."""
    sizes = "-".join(map(str, (network.input_size, *(layer.size for layer in layers))))
    activations = dict.fromkeys(layer.activation_name for layer in layers)
    return replace(
        network,
        name=" ".join([*activations, sizes]),
        description="",
        layers=tuple(replace(layer, name=None) for layer in layers),
        output_names=network.output_names if layers[-1].activation.shares else None,
        examples=(),
    )


def has_kink(layer: Layer) -> bool:
    """Whether h is a straight line on either side of 0, but another one, as step and relu are."""
    if not layer.activation.elementwise:
        return False
    a = np.array([-3, -2, -1, 1, 2, 3], layer.weights.dtype)
    with np.errstate(all="ignore"):
        slopes = np.diff(np.asarray(layer.h(a))) / np.diff(a)
    sides = np.allclose(slopes[[0, 3]], slopes[[1, 4]])
    return sides and not np.allclose(slopes, slopes[0])


class _Counted(Random):
    """Counts its random numbers, so that a search without a solution ends."""

    drawn = 0

    def tenths(self, pool: Sequence[int], count: int) -> Array:
        """`count` numbers with one decimal, from a pool of tenths."""
        self.drawn += count
        return np.array(self.choices(pool, k=count)) / 10


class _Answers:
    """How the answers so far look, whatever their sign: in the two digits that a sheet asks for.

    If they are too many for that, in three decimals.
    """

    def __init__(self, is_crowded: bool) -> None:
        self.is_crowded, self.known = is_crowded, set[float]()

    def looks(self, values: Iterable[float]) -> list[float]:
        if self.is_crowded:
            return [round(abs(float(value)), 3) for value in values]
        return [float(f"{abs(float(value)) + 1e-9:.2g}") for value in values]  # 0.525 is 0.53

    def add(self, values: Iterable[float]) -> None:
        self.known.update(self.looks(values))


def _layer(
    layer: Layer, X: Array, random: _Counted, answers: _Answers, is_last: bool
) -> Layer | None:
    """The layer with numbers that give good answers, which are added to `answers`."""
    kinked = has_kink(layer)
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
        is_smooth = layer.activation.elementwise and not kinked
        slope = np.abs(above - below) / (2 * STEP) if is_smooth else None
        random.drawn += 10 * size  # the cost of checking them
        to_draw = _wrong(A, Z, slope, kinked, layer.activation.shares, answers)
        if not to_draw and kinked and _one_sided(A, Z, is_last):
            to_draw = [random.randrange(size)]
        if not to_draw:
            answers.add(A)
            answers.add(Z)
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


def _one_sided(A: Array, Z: Array, is_last: bool) -> bool:
    """Whether several neurons are on one side of a kink, or nothing but 0 goes on."""
    return (len(A) > 1 and len({*(A > 0).tolist()}) == 1) or not (is_last or Z.any())


def _wrong(
    A: Array, Z: Array, slope: Array | None, kinked: bool, shares: bool, answers: _Answers
) -> list[int]:
    """Which neurons, from 0, have an answer that is trivial, flat, or already seen."""
    known, wrong = {*answers.known}, []
    for k, (a, z) in enumerate(zip(A.tolist(), Z.tolist(), strict=True)):
        asked = [a] if z == a or kinked else [a, z]
        new = answers.looks(asked)
        fine = np.isfinite(z) and min(new) >= SMALLEST_ANSWER
        fine = fine and SMALLEST_SUM <= abs(a) <= LARGEST_SUM
        fine = fine and len({*new}) == len(new) and not known.intersection(new)
        if slope is not None:
            fine = fine and slope[k] >= FLAT
        if shares:
            fine = fine and SMALLEST_SHARE <= z <= 1 - SMALLEST_SHARE
        if fine:
            known.update(new)
        else:
            wrong.append(k)
    return wrong
