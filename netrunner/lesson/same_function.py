"""Whether a student's network does what the key's does, whatever its layers are."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from random import Random

import numpy as np

from netrunner.activations.activation import Array
from netrunner.format.assembly import NetworkFile
from netrunner.format.checks import allowed_error
from netrunner.lesson.grading import Answer
from netrunner.network.network import Example, Network, as_input
from netrunner.problems.problem import NetrunnerError, Problem
from netrunner.problems.source import Place
from netrunner.problems.words import count

DRAWN = 200  # inputs, besides the examples and corners
MOST_ENDS = 8  # inputs of which each combination of a least and a largest value is tried
Names = tuple[str, ...] | None


@dataclass(frozen=True, eq=False)
class Task:
    """The key, the inputs to try, (rows, inputs), and the key's outputs, (rows, outputs)."""

    key: Network
    X: Array
    Y: Array

    @classmethod
    def of(cls, file: NetworkFile, name: str) -> Task:
        """Raises NetrunnerError if the key has no example, or cannot be run on an input."""
        key = file.network
        if not key.examples:
            message = "'examples' is missing: the key's examples say which inputs to try"
            raise NetrunnerError(Problem("missing-key", Place(name), message))
        X = inputs_to_try(key)
        return cls(key, X, key.silent_output(X)[0].astype(np.float64))


def graded_network(task: Task, student: Network) -> Answer:
    """One answer: right if the two agree on the key's examples, and on inputs drawn from their
    range, within the tolerance of the examples. If they do not, the reason shows an input.

    Inputs and outputs with the key's names in another order are matched by these.
    Raises Fault or NetrunnerError if the student's network cannot be run on an input.
    """
    key, X, Y = task.key, task.X, task.Y
    sizes = [(net.input_size, net.output_size) for net in (key, student)]
    if sizes[0] != sizes[1]:
        takes = [
            f"{count(inputs, 'input')} and {count(outputs, 'output')}" for inputs, outputs in sizes
        ]
        reason = f"it has {takes[1]}, but the key has {takes[0]}"
        return Answer("Y", 1, None, 0.0, "wrong", reason)
    inputs = _order(key.input_names, student.input_names, key.input_size)
    outputs = _order(student.output_names, key.output_names, key.output_size)
    tried = as_input(X[:, inputs], student, lambda row: f"the key's input {row + 1}")
    given = student.silent_output(tried)[0].astype(np.float64)[:, outputs]
    tolerances = [each.tolerance for each in key.examples if each.tolerance is not None]
    allowed = allowed_error(Example(X, Y, max(tolerances, default=None)), key.dtype)
    with np.errstate(all="ignore"):
        wrong = ~((np.abs(given - Y) <= allowed) | (np.isnan(given) & np.isnan(Y)))
    if not wrong.any():
        return Answer(
            "Y", 1, None, float(Y[0, 0]), "right", f"the same for {count(len(X), 'input')}"
        )
    row, k = np.argwhere(wrong)[0].tolist()
    gives, key_gives = _apart(given[row], Y[row])
    reason = f"for the input {_short(X[row])}, it gives {gives}, but the key gives {key_gives}"
    return Answer("Y", k + 1, repr(float(given[row, k])), float(Y[row, k]), "wrong", reason)


def _order(names: Names, wanted: Names, size: int) -> list[int]:
    """Where each of the wanted names is, from 0; as they are, unless all are there, and once."""
    if names is None or wanted is None or len({*names} & {*wanted}) < size:
        return [*range(size)]
    return [names.index(name) for name in wanted]


def inputs_to_try(network: Network) -> Array:
    """The inputs of the examples, the corners of their range, if they are not too many, and others
    from it, whole numbers if these are.

    The range of a single input would be this input, which a network without weights may fit: it
    includes 0 and 1. No input is there twice: a gate has four.
    """
    examples = np.concatenate([np.atleast_2d(each.input) for each in network.examples])
    low, high = examples.min(axis=0), examples.max(axis=0)
    if (low == high).all():
        low, high = np.minimum(low, 0), np.maximum(high, 1)
    whole = (examples == np.round(examples)).all(axis=0)
    random = Random(0)
    drawn = [
        [
            random.randint(int(a), int(b)) if is_whole else random.uniform(a, b)
            for a, b, is_whole in zip(low.tolist(), high.tolist(), whole.tolist(), strict=True)
        ]
        for _ in range(DRAWN)
    ]
    ends = [*zip(low.tolist(), high.tolist(), strict=True)]
    corners = [*product(*ends)] if len(ends) <= MOST_ENDS else [*zip(*ends, strict=True)]
    X = np.concatenate([examples, np.array(corners + drawn, examples.dtype)])
    _, first = np.unique(X, axis=0, return_index=True)
    return X[np.sort(first)]


def _apart(a: Array, b: Array) -> tuple[str, str]:
    """Two rows in as few digits as show that they differ."""
    for digits in range(4, 17):
        texts = _short(a, digits), _short(b, digits)
        if texts[0] != texts[1]:
            return texts
    return _short(a, 17), _short(b, 17)


def _short(row: Array, digits: int = 4) -> str:
    return f"[{' '.join(f'{value:.{digits}g}' for value in row.tolist())}]"
