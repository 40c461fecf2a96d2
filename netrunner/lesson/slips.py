"""Slips that students make, each with the number that it gives, so that it can be tried."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from netrunner.activations.activation import Array
from netrunner.activations.plugins import built_in_activations
from netrunner.format.answers import NONE
from netrunner.lesson.notation import Symbol, symbol_text
from netrunner.network.trace import LayerTrace
from netrunner.problems.words import listed

MOST_TERMS = 20  # of a sum whose terms are looked at one by one: among more, one fits by chance

Slips = Iterator[tuple[str, float]]


def slips_of_sum(step: LayerTrace, X: Array, k: int) -> Slips:
    """What may go wrong in neuron k's weighted sum of X, counted from 1."""
    W, B = (np.asarray(each, np.float64) for each in (step.layer.weights, step.layer.biases))
    j, name = k - 1, f"A{step.index}"
    terms = W[:, j] * X
    a = float(terms.sum() + B[j])
    if B[j]:
        yield "the bias was left out", a - B[j]
        yield "the bias was subtracted", a - 2 * B[j]
        yield "this is the bias alone", B[j]
    if W.shape[0] == W.shape[1] and W.shape[0] > 1:
        row = float(W[j] @ X)
        yield f"row {k} of W was used where column {k} is needed", row + B[j]
        yield f"row {k} of W was used where column {k} is needed, and no bias", row
    for other_neuron, value in enumerate((X @ W + B).tolist(), 1):
        if other_neuron != k:
            yield f"this is {name}.{other_neuron}, of another neuron", value
    for i in range(min(len(X), MOST_TERMS)):
        w = symbol_text(Symbol("w", (k, i + 1)))
        if j < W.shape[0] and i < W.shape[1] and i != j:
            other = symbol_text(Symbol("w", (i + 1, k)))
            yield f"this is {other} where {w} is needed", a - terms[i] + W[j, i] * X[i]
        source = symbol_text(Symbol("x" if step.index == 1 else "z", (i + 1,)))
        yield f"the term {w}·{source} was left out", a - terms[i]
        yield f"the term {w}·{source} has the wrong sign", a - 2 * terms[i]
        yield f"the weight {w} was left out of its term", a - terms[i] + X[i]
    if len(X) == 2:
        x = "x" if step.index == 1 else "z"
        first, second = (symbol_text(Symbol(x, (i,))) for i in (1, 2))
        yield f"{first} and {second} were exchanged", float(W[:, j] @ X[::-1] + B[j])
    yield "the inputs were added without their weights", float(X.sum() + B[j])
    yield "the minus signs of the terms were left out", float(np.abs(terms).sum() + B[j])
    if W.shape[0] != W.shape[1] and min(W.shape) > 1:
        in_rows = W.reshape(W.shape[::-1])[j]
        yield f"W was read row by row, and neuron {k} has column {k} of it", in_rows @ X + B[j]
    for other_neuron, bias in enumerate(B.tolist(), 1):
        if bias != B[j]:
            ours, other = (symbol_text(Symbol("b", (each,))) for each in (k, other_neuron))
            yield f"{other} was added where {ours} is needed", a - B[j] + bias
    if step.activation == "identity" or (step.makes_shares and len(step.A) == 1):
        return
    z = float(np.asarray(step.layer.h((X @ W + B).astype(step.A.dtype)))[j])
    yield f"{step.activation} has been applied already", z


def slips_of_output(step: LayerTrace, A: Array, k: int) -> Slips:
    """What may go wrong in neuron k's activation of A, counted from 1."""
    j, h = k - 1, step.activation
    Z = np.asarray(step.layer.h(A.astype(step.A.dtype)), np.float64)
    if h != "identity":
        yield f"{h} was left out", float(A[j])
        yield (
            f"{h} was applied twice",
            float(np.asarray(step.layer.h(Z.astype(step.A.dtype)))[j]),
        )
    if h == "sigmoid":
        yield "exp was left out of 1/(1 + exp(-a))", float(1 / (1 - A[j]))
        yield "the 1 + was left out of 1/(1 + exp(-a))", float(np.exp(A[j]))
        yield "this is 1 + exp(-a), and 1 must be divided by it", float(1 + np.exp(-A[j]))
    for registered in built_in_activations():
        name = registered.activation.name
        if name != h and not (name == "softmax" and len(A) == 1):  # then it is always 1
            values = np.asarray(registered.activation.function(A))
            yield f"{name} was used where {h} is needed", float(values[j])
    mirrored = np.asarray(step.layer.h((-A).astype(step.A.dtype)), np.float64)
    if mirrored[j] != -Z[j]:
        lost = f"the sign of A{step.index} was lost: this is {h} of -A{step.index}"
        yield lost, float(mirrored[j])
    if step.makes_shares:
        yield (
            "the exponentials were left out: this is a share of the sums",
            float(A[j] / A.sum()),
        )
        for exponent in (A[j], A[j] - A.max()):
            yield "the exponential was not divided by the sum", float(np.exp(exponent))
        yield "this is a percentage where a share is needed", 100 * float(Z[j])
    for other_neuron, value in enumerate(Z.tolist(), 1):
        if other_neuron != k:
            yield f"this is Z{step.index}.{other_neuron}, of another neuron", value


def slips_of_class(Y: Array, names: Sequence[str]) -> Slips:
    """What may go wrong in the number of the largest of the outputs Y, which may have names."""
    if names:
        yield f"there is no such class: the outputs are {listed(names)}", float(NONE)
    else:
        yield "classes are counted from 1, not from 0", float(Y.argmax())
    yield "this is the class with the smallest output", float(Y.argmin() + 1)


def slips_of_share(step: LayerTrace, A: Array, Y: Array) -> Slips:
    """What may go wrong in the largest of the outputs Y, in percent; A are the sums."""
    j = int(Y.argmax())
    yield "this is a share where a percentage is needed: times 100", float(Y[j])
    if step.makes_shares:
        share = float(A[j] / A.sum())
        for times in (100, 1):
            yield "the exponentials were left out: this is a share of the sums", times * share
    for k, y in enumerate(Y.tolist(), 1):
        if k != j + 1:
            yield f"this is output {k}, which is not the largest", 100 * y
