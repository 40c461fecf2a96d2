"""The promises about calls: a result's type and shape, and that it depends only on its input."""

from __future__ import annotations

import os
import pickle
import random
import warnings
from collections.abc import Callable, Iterator

import numpy as np

from netrunner.activations.activation import Array
from netrunner.activations.guard import wrong_type
from netrunner.process.session import working_directory
from netrunner.testing import samples, words
from netrunner.testing.promise import Broken, Promise
from netrunner.testing.trial import Trial, Unanswered

_ROUNDS = 3  # rounds, in each of which every input has its turn
_MANY = (120, 30)  # enough elements that dropping a few at random shows
_SHAPES = [(6, 4), (1, 4), (6, 1), (1, 1), _MANY]


def unanswered(failure: Unanswered, expected: str = "an array of the same shape") -> Broken:
    """A call without a result, as a break of the promise that made the call."""
    return Broken(words.given(failure.given), f"it {failure.did}", expected, line=failure.line)


def _answers(trial: Trial) -> Broken | None:
    for dtype in samples.DTYPES:
        a = samples.batch(dtype=dtype)
        outcome = trial.call(a)
        if outcome.error is not None:
            return unanswered(trial.failure(a, outcome.error), "an array")
    return None


def _type(trial: Trial) -> Broken | None:
    for dtype in samples.DTYPES:
        a = samples.batch(dtype=dtype)
        outcome = trial.call(a)
        if outcome.error is not None:
            raise trial.failure(a, outcome.error)
        z = outcome.result
        if wrong := wrong_type(z, a.shape):
            return Broken(words.given(a), f"it {wrong}", "a plain numpy array of real numbers")
        narrow = z.dtype.kind == "f" and z.dtype.itemsize < a.dtype.itemsize
        if narrow and not np.all(np.rint(z) == z):
            digits = f"{z.dtype}, which has fewer digits"
            return Broken(
                words.given(a), f"it returned an array of {digits}", f"an array of {a.dtype}"
            )
    return None


def _shape(trial: Trial) -> Broken | None:
    for shape in _SHAPES:
        trial.answer(samples.batch(*shape))
    return None


def _both_types(trial: Trial) -> Broken | None:
    a32 = samples.batch(dtype=np.float32)
    z32 = trial.answer(a32)
    z64 = trial.answer(a32.astype(np.float64))
    # At a step or on a steep slope, a neighbouring float32 may have quite another result.
    around = [trial.answer(a32 * np.float32(1 + k * 2**-20)) for k in (-1, 1)]
    with np.errstate(all="ignore"):
        slack = sum(np.abs(each - z32) for each in around)
        allowed = 2**-11 * np.maximum(np.abs(z64), 1) + slack
        wrong = np.abs(z32 - z64) > allowed
    for row, neuron in np.argwhere(wrong):
        return Broken(
            f"float32 {words.number(a32[row, neuron])}",
            words.number(z32[row, neuron]),
            f"about {words.number(z64[row, neuron])}, as in float64",
        )
    return None


def _no_mutation(trial: Trial) -> Broken | None:
    trial.answer(samples.batch())
    rough = np.array([[np.nan, 1000.0, -1000.0, 2.0], [np.inf, -np.inf, 1e300, -1e300]])
    for given in (samples.batch(), samples.batch(dtype=np.float32), samples.batch()[1], rough):
        after = trial.call(given).after
        if after.tobytes() != given.tobytes():
            rows = zip(np.atleast_2d(given), np.atleast_2d(after), strict=True)
            before, now = next(pair for pair in rows if pair[0].tobytes() != pair[1].tobytes())
            return Broken(
                f"row {words.array(before)}",
                f"the input itself has become {words.array(now)}",
                "a new array, and the input as it was",
            )
    a = samples.batch()
    if (error := trial.call(a, frozen=True).error) is not None:
        failure = trial.failure(a, error)
        given = f"{words.given(a)} that cannot be written to, as in a run"
        expected = "an array, as where it can be"
        return Broken(given, f"it {failure.did}", expected, line=failure.line)
    return None


def _repeatable(trial: Trial) -> Broken | None:
    x, y = samples.batch(), samples.batch(seed=8)
    many = samples.batch(*_MANY)
    kept = trial.call(x)
    first = trial.checked(x, kept)
    turns = [(x, first), *((a, trial.answer(a)) for a in (y, x[:1], many))]
    for a, expected in turns * _ROUNDS:
        again = trial.answer(a)
        if (row := _other_row(again, expected, a)) is not None:
            return Broken(
                f"row {words.array(a[row])} a second time",
                words.array(again[row]),
                f"{words.array(expected[row])}, as the first time",
            )
    for before in ([], [10 * y + 3]):
        if (afresh := trial.afresh()) is None:
            break
        for a in before:
            afresh.answer(a)
        there = afresh.answer(x)
        if (row := _other_row(there, first, x)) is not None:
            when = "after other rows" if before else "at the first call"
            return Broken(
                f"row {words.array(x[row])}, {when} in a new process",
                words.array(there[row]),
                f"{words.array(first[row])}, as in this one",
            )
    now = trial.checked(x, kept)
    if (row := _other_row(now, first, x)) is not None:
        return Broken(
            f"row {words.array(x[row])}, and other rows afterwards",
            f"the first result, {words.array(first[row])}, has become {words.array(now[row])}",
            "each call returns memory of its own",
        )
    return None


def _other_row(z: Array, expected: Array, a: Array) -> int | None:
    """The first row, counted from 0, in which two results for `a` differ."""
    agree = np.all(words.same_rows(z, expected, a), axis=-1)
    return None if agree.all() else int(np.argmin(agree))


def _settings() -> dict[str, object]:
    return {
        "numpy's error handling (np.seterr)": np.geterr(),
        "numpy's printing (np.set_printoptions)": repr(np.get_printoptions()),
        "Python's filters of warnings": list(warnings.filters),
        "the state of Python's random": random.getstate(),
        "the state of np.random": pickle.dumps(np.random.get_state(legacy=False)),
        "the working directory (os.chdir)": working_directory(),
        "the environment (os.environ)": dict(os.environ),
    }


def _leaves_settings(trial: Trial) -> Broken | None:
    expected = "all settings stay as they are"
    for which, each in (("an ordinary batch", trial), ("the first batch", trial.afresh())):
        for name in each.changed_by_call(samples.batch(), _settings) if each else ():
            return Broken(which, f"it changes {name}", expected)
    return None


def _company(rows: int) -> Iterator[tuple[str, Callable[[Array, int], tuple[Array, int]]]]:
    """What may surround a row: a description, and a batch with the row's place in it."""
    yield f"in a batch of {rows}", lambda X, i: (X, i)
    yield f"in the same batch of {rows}, reversed", lambda X, i: (X[::-1], len(X) - 1 - i)
    yield "in a batch of 2", lambda X, i: (X[[i - 1, i]], 1)
    yield (
        "at the top of a batch of 121",
        lambda X, i: (np.concatenate([X[i : i + 1], samples.batch(120).astype(X.dtype)]), 0),
    )
    for name, value in [("0", 0.0), ("1000", 1e3), ("-1000", -1e3), ("1e30", 1e30)]:
        yield f"with another row of {name}", _beside(value)
    for value in (np.nan, np.inf):
        yield f"with another row of {value}", _beside(value)


def _beside(value: float) -> Callable[[Array, int], tuple[Array, int]]:
    def batch(X: Array, i: int) -> tuple[Array, int]:
        return np.stack([np.full_like(X[i], value), X[i]]), 1

    return batch


def rows_of(trial: Trial) -> Broken | None:
    """Whether a row among other rows has another result than alone."""
    return _mixed(trial.answer)


def _mixed(answer: Callable[[Array], Array]) -> Broken | None:
    for dtype in samples.DTYPES:
        X = samples.batch(dtype=dtype)
        alone = np.concatenate([answer(X[i : i + 1]) for i in range(len(X))])
        for where, place in _company(len(X)):
            for i in range(len(X)):
                batch, at = place(X, i)
                try:
                    together = answer(batch)[at]
                except Unanswered:
                    if np.isfinite(batch).all():
                        raise
                    continue  # a failure on NaN or infinity breaks another promise
                if not np.all(words.same_rows(together, alone[i], X[i])):
                    return Broken(
                        f"row {words.array(X[i])} {where}",
                        words.array(together),
                        f"{words.array(alone[i])}, as alone",
                    )
    return None


def _row_independence(trial: Trial) -> Broken | None:
    broken = rows_of(trial)
    if broken is None or trial.activation.elementwise:
        return broken
    try:
        turned = _mixed(lambda a: trial.answer(a.T).T)
    except Unanswered:
        return broken
    if turned is not None:
        return broken
    hint = "it works along the columns of a batch: use axis=-1"
    return Broken(broken.given, broken.got, broken.expected, hint)


def _element_wise(trial: Trial) -> Broken | None:
    X = samples.batch()
    Z = trial.answer(X)
    for where, a, columns in _other_neurons(X):
        try:
            z = trial.answer(a)
        except Unanswered:
            if np.isfinite(a).all():
                raise
            continue  # a failure on NaN breaks another promise
        here = list(columns)
        there = list(columns.values())
        agree = words.same(z[:, here], Z[:, there], a[:, here])
        for row, k in np.argwhere(~agree):
            return Broken(
                f"{words.number(a[row, here[k]])} {where}",
                words.number(z[row, here[k]]),
                f"{words.number(Z[row, there[k]])}, as in {words.array(X[row])}",
                _whole_rows(trial),
            )
    return None


def _other_neurons(X: Array) -> Iterator[tuple[str, Array, dict[int, int]]]:
    """What may be beside an element: a description, an array, and its columns that are X's."""
    order = [2, 0, 3, 1]
    yield "with the neurons in another order", X[:, order], dict(enumerate(order))
    yield "alone", X[:, 1:2], {0: 1}
    for value in (0.0, 50.0, -50.0, np.nan):
        a = np.full_like(X, value)
        a[:, 1] = X[:, 1]
        yield f"among neurons of {value}", a, {1: 1}
    yield "in a row of 3", X[:, :3], {k: k for k in range(3)}


def _whole_rows(trial: Trial) -> str | None:
    if rows_of(trial) is not None:
        return None
    return f"declare it: Activation({trial.activation.name!r}, …, elementwise=False)"


def _single(trial: Trial) -> Broken | None:
    for neurons in (samples.NEURONS, 1):
        for row in samples.batch(3, neurons):
            z, batch = trial.answer(row), trial.answer(row[None])[0]
            if not np.all(words.same_rows(z, batch, row)):
                return Broken(
                    f"{words.array(row)}, of shape {row.shape}",
                    words.array(z),
                    f"{words.array(batch)}, as in a batch of this row",
                )
    return None


def _empty(trial: Trial) -> Broken | None:
    for dtype in samples.DTYPES:
        trial.answer(np.empty((0, samples.NEURONS), dtype))
    return None


ANSWERS = Promise(
    "no exception",
    "It gives a result for everyday numbers.",
    "A network cannot go on without the layer's Z.",
    _answers,
)
TYPE = Promise(
    "type",
    "It returns a numpy array of real numbers, no less precise than its input.",
    "The next layer multiplies the result by its weights.",
    _type,
)
SHAPE = Promise(
    "shape",
    "The result has the shape of the input.",
    "Each neuron has one output, for each row.",
    _shape,
)
REPEATABLE = Promise(
    "repeatable",
    "The same input always gives the same result.",
    "A run can be repeated, and a network may run in several threads at a time.",
    _repeatable,
)
PROMISES = (
    Promise(
        "float32 and float64",
        "The result in float32 is that in float64, with fewer digits.",
        "A network file may choose either dtype.",
        _both_types,
        compares=True,
    ),
    Promise(
        "no mutation",
        "It leaves its input as it was.",
        "The input is the layer's A, which is shown and used elsewhere.",
        _no_mutation,
    ),
    Promise(
        "no side effects",
        "It leaves the settings of the process alone.",
        "A change would reach the rest of the run, and the program around it.",
        _leaves_settings,
    ),
    Promise(
        "row independence",
        "The result of a row does not depend on the other rows of its batch.",
        "Rows are different inputs; how many run together must not change the result.",
        _row_independence,
        compares=True,
    ),
    Promise(
        "element-wise",
        "The result of an element depends on this element alone.",
        "explain, plot and export treat the function as one of a single number.",
        _element_wise,
        lambda trial: None if trial.activation.elementwise else "elementwise is False",
        compares=True,
    ),
    Promise(
        "1-D against batch",
        "A single input, of shape (neurons,), gives the result of a batch of one.",
        "A network runs with either.",
        _single,
        compares=True,
    ),
    Promise(
        "empty batch",
        "A batch without rows gives a result without rows.",
        "A data set may be empty after it was filtered.",
        _empty,
    ),
)
