"""The promises about numbers: large, tiny and missing ones, warnings, and declarations."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np

from netrunner.activations.activation import Array
from netrunner.lesson.notation import spelled, unit
from netrunner.lesson.worked import NotWorkedOut, filled, worked_out
from netrunner.testing import samples, words
from netrunner.testing.promise import Broken, Promise
from netrunner.testing.trial import Trial

_HALVINGS = 60  # more than the bits of a float
_NUMPYS = "encountered in"  # in each of numpy's warnings about an operation
_LAST_BITS = 8  # units of the precision by which a result may miss a declaration
_PRINTED = 8  # digits, as explain prints them


def _thousands(trial: Trial) -> Broken | None:
    looked_at = set()
    for row, value, pattern in _rows(samples.thousands):
        z = _answer_to(trial, row)
        if np.isnan(z).any():
            return _broken_at(trial, row, z, int(np.argmax(np.isnan(z))), "a number")
        way = (row.dtype, pattern, value > 0)  # larger numbers get the same exception
        if way not in looked_at and np.isinf(z).any():
            looked_at.add(way)
            if broken := _sudden_infinity(trial, row, int(np.argmax(np.isinf(z)))):
                return broken
    return None


def _ends(trial: Trial) -> Broken | None:
    # So far out, an infinity is close enough: a square under a root may overflow.
    for row, _, _ in _rows(samples.ends):
        z = _answer_to(trial, row)
        if np.isnan(z).any():
            return _broken_at(trial, row, z, int(np.argmax(np.isnan(z))), "a number")
    for value in (np.inf, -np.inf):  # any result will do there, but there must be one
        trial.answer(np.full((1, samples.NEURONS), value))
    return None


def _rows(values: Callable[[Any], list[float]]) -> Iterator[tuple[Array, float, int]]:
    """Rows with each of the values, in each type; with the value, and the number of the pattern."""
    for dtype in samples.DTYPES:
        for value in values(dtype):
            for pattern, row in enumerate(samples.rows_with(value, dtype)):
                yield row, value, pattern


def _answer_to(trial: Trial, row: Array) -> Array:
    """The result for a row, as a batch of one: single inputs belong to another promise."""
    z: Array = trial.answer(row[None])[0]
    return z


def _broken_at(trial: Trial, row: Array, z: Array, neuron: int, expected: str) -> Broken:
    kind = "" if row.dtype == np.float64 else f"{row.dtype} "
    if trial.activation.elementwise:
        return Broken(f"{kind}{words.number(row[neuron])}", words.number(z[neuron]), expected)
    return Broken(f"{kind}row {words.array(row)}", words.array(z), expected)


def _sudden_infinity(trial: Trial, row: Array, neuron: int) -> Broken | None:
    """An infinity that results do not grow towards: an overflow inside, not the true result.

    exp grows to 1e308 before it reaches infinity. log(1 + exp(a)), computed as written, is only 709
    when its exp overflows.
    """

    def at(scale: float) -> Any:
        with np.errstate(all="ignore"):
            return _answer_to(trial, row * row.dtype.type(scale))[neuron]

    high = 1.0
    low = high
    while np.isinf(at(low)):
        high, low = low, low / 2
        if abs(low * float(row[neuron])) < 1:
            return None  # a pole, such as that of 1/a
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if np.isinf(at(middle)) else (middle, high)
    last = at(low)
    if np.isnan(last) or abs(float(last)) > math.sqrt(float(np.finfo(row.dtype).max)):
        return None
    there = row * row.dtype.type(high)
    expected = f"a number: just before, it is {words.number(last)}"
    return _broken_at(trial, there, _answer_to(trial, there), neuron, expected)


def _nan(trial: Trial) -> Broken | None:
    for column in range(samples.NEURONS):
        a = samples.batch(2).copy()
        a[1, column] = np.nan
        z = trial.answer(a)[1]
        if not np.isnan(z[column] if trial.activation.elementwise else z).any():
            return _broken_at(trial, a[1], z, column, "nan")
    return None


def _has_no_nan(trial: Trial) -> str | None:
    """The reason to skip a promise about NaN, if the type of the results has no NaN."""
    kind = getattr(trial.call(samples.batch()).result, "dtype", np.dtype(float)).kind
    return "integers and truth values have no NaN" if kind in "iub" else None


def _warnings(trial: Trial) -> Broken | None:
    trial.answer(samples.batch())
    if (afresh := trial.afresh()) and (broken := _warned(afresh, samples.batch())):
        return replace(broken, given=f"{broken.given}, at the first call")
    for dtype in samples.DTYPES:
        empty = np.empty((0, samples.NEURONS), dtype)
        for a in (samples.batch(dtype=dtype), samples.batch(dtype=dtype)[1], empty):
            if broken := _warned(trial, a):
                return broken
        for value in samples.thousands(dtype):
            for row in samples.rows_with(value, dtype):
                if broken := _warned(trial, row[None]):
                    return broken
    return None


def _warned(trial: Trial, a: Array) -> Broken | None:
    outcome = trial.call(a, errors="warn")
    result = outcome.result
    try:
        truly = not np.isfinite(result).all()
    except TypeError:  # not numbers, which breaks another promise
        truly = False
    # If a result is not finite, numpy's warning about it is true, and another promise judges the
    # result.
    said = [each for each in outcome.warnings if not (truly and _NUMPYS in each)]
    if not said:
        return None
    harmless = ", or np.errstate around what is harmless" if _NUMPYS in said[0] else ""
    return Broken(words.given(a), f"a warning, {said[0]}", "no warning" + harmless)


def _range(trial: Trial) -> Broken | None:
    low, high = trial.activation.range or (None, None)
    for dtype in samples.DTYPES:
        for a in _wide_inputs(trial, dtype):
            z = trial.answer(a)
            beyond = np.full(z.shape, -np.inf)
            if low is not None:
                beyond = np.fmax(beyond, low - z - _bits(dtype, low))
            if high is not None:
                beyond = np.fmax(beyond, z - high - _bits(dtype, high))
            if np.any(beyond > 0):
                # The farthest; among equals, the one with the simplest input.
                farthest = np.argwhere(beyond == beyond.max())
                row, neuron = min(farthest, key=lambda at: abs(float(a[tuple(at)])))
                expected = f"a number {_between(low, high)}"
                return _broken_at(trial, a[row], z[row], int(neuron), expected)
    return None


def _bits(dtype: Any, size: float) -> float:
    return float(_LAST_BITS * np.finfo(dtype).eps * abs(size)) if math.isfinite(size) else 0.0


def _between(low: float | None, high: float | None) -> str:
    if high is None:
        return f"of {low:g} or more"
    return f"of {high:g} or less" if low is None else f"from {low:g} to {high:g}"


def _wide_inputs(trial: Trial, dtype: Any) -> Iterator[Array]:
    if trial.activation.elementwise:
        yield samples.ladder(dtype)[:, None]
        return
    yield samples.batch(120, 5).astype(dtype) * dtype(0.1)
    yield samples.batch(120, 5).astype(dtype) * dtype(10)
    values: Iterable[float] = [*samples.thousands(dtype), *samples.ends(dtype)]
    yield np.concatenate([samples.rows_with(value, dtype) for value in values])


def _shares(trial: Trial) -> Broken | None:
    for dtype in samples.DTYPES:
        for a in _wide_inputs(trial, dtype):
            z = trial.answer(a)
            sums = z.sum(axis=-1, dtype=np.float64)
            wrong = (z < 0).any(axis=-1) | (np.abs(sums - 1) > _bits(dtype, z.shape[-1]))
            for row in np.flatnonzero(wrong):
                given, got = f"row {words.array(a[row])}", words.array(z[row])
                total = f"{got}, together {sums[row]:.8g}"
                return Broken(given, total, "numbers of 0 or more, together 1")
    return None


def _finite(trial: Trial) -> Broken | None:
    for dtype in samples.DTYPES:
        for a in _wide_inputs(trial, dtype):
            z = trial.answer(a)
            for row, neuron in np.argwhere(~np.isfinite(z)):
                return _broken_at(trial, a[row], z[row], int(neuron), "a finite number")
    return None


def _in_place(trial: Trial) -> Broken | None:
    for a in (samples.batch(), samples.batch(dtype=np.float32), samples.batch()[1]):
        z = trial.answer(a)
        for where, given, out in (
            ("another array", a, np.full_like(a, 7)),
            ("its input", input_ := a.copy(), input_),
        ):
            returned = trial.written(given, out)
            for what, got in (("what it returns", returned), ("out", out)):
                if not np.all(words.same_rows(got, z, a)):
                    return Broken(
                        f"{words.given(a)}, and as out {where}",
                        f"{what} is {words.array(got)}",
                        f"{words.array(z)}, as without out",
                    )
    return None


def _monotonic(trial: Trial) -> Broken | None:
    sign = 1 if trial.activation.monotonic == "increasing" else -1
    broken = _turns_back(trial, sign)
    if broken is None or _turns_back(trial, -sign) is not None:
        return broken
    hint = f"declare it: monotonic={'decreasing' if sign > 0 else 'increasing'!r}"
    return Broken(broken.given, broken.got, broken.expected, hint)


def _turns_back(trial: Trial, sign: int) -> Broken | None:
    for dtype in samples.DTYPES:
        a = samples.ladder(dtype)
        z = trial.answer(a[:, None])[:, 0]
        with np.errstate(all="ignore"):
            risen = np.fmax.accumulate(sign * z)
            fallen = risen - sign * z
            fallen -= _LAST_BITS * np.finfo(dtype).eps * np.maximum(np.abs(z), 1)
        low = int(np.argmax(np.where(np.isfinite(fallen), fallen, 0)))
        if fallen[low] > 0:
            top = int(np.flatnonzero(sign * z[: low + 1] == risen[low])[-1])
            before, after = words.number(z[top]), words.number(z[low])
            least = "or more" if sign > 0 else "or less"
            return Broken(
                f"{words.number(a[top])}, then {words.number(a[low])}",
                f"{before}, then {after}",
                f"{before}, then that {least}",
            )
    return None


def _worked(trial: Trial) -> Broken | None:
    a = samples.batch(30).ravel()
    z = trial.answer(a[:, None])[:, 0]
    # Next to a step, the last bits of a threshold decide.
    around = np.array([trial.answer(a[:, None] * (1 + k * 2**-40))[:, 0] for k in (-1, 1)])
    texts = _worked_texts(trial, a)
    given = np.array([worked_out(text) for text in texts])
    with np.errstate(all="ignore"):
        beside = np.abs(around - z).max(axis=0)
        last_digit = [float(unit(Decimal(repr(each)), _PRINTED)) for each in z.tolist()]
        cancelled = 8 * np.finfo(np.float64).eps * np.abs(a)  # as in 1 + tanh(-9)
        right = words.same(given, z, a) | (np.abs(given - z) <= beside + last_digit + cancelled)
    for i in np.flatnonzero(~right):
        return Broken(
            words.number(a[i]),
            f"{texts[i]} = {words.number(given[i])}",
            f"{words.number(z[i])}, as the function gives",
            "change worked with the function, or leave it out",
        )
    return None


def _worked_texts(trial: Trial, a: Array) -> list[str]:
    digits = [spelled(Decimal(repr(each))) for each in a.tolist()]
    return [filled(trial.activation, trial.parameters, each) for each in digits]


def _cannot_be_worked_out(trial: Trial) -> str | None:
    if not trial.activation.worked_with(trial.parameters):
        return "nothing is declared"
    try:
        # One without a sign and one with parentheses represent all.
        for text in _worked_texts(trial, np.array([2.5, -1.0])):
            worked_out(text)
    except NotWorkedOut:
        return "worked is not in the arithmetic that the kit knows"
    return None


PROMISES = (
    Promise(
        "±1000",
        "It gives a number for each number up to ±1000, where exp overflows.",
        "A layer that is badly scaled has such sums, and NaN spreads to all outputs.",
        _thousands,
    ),
    Promise(
        "ends of the float range",
        "It gives no NaN for the largest and the smallest floats, and a result for infinity.",
        "One overflow in a layer must not become NaN in all that follow.",
        _ends,
    ),
    Promise(
        "NaN in NaN out",
        "Where a NaN goes in, a NaN comes out.",
        "A NaN that becomes a number hides what went wrong before.",
        _nan,
        _has_no_nan,
    ),
    Promise(
        "no warning",
        "It gives no warning for numbers up to ±1000, in numpy's default settings.",
        "A warning asks for attention, and would stop a program that makes them errors.",
        _warnings,
    ),
    Promise(
        "declared range",
        "All results are in the declared range.",
        "Whoever chooses the activation goes by what it declares.",
        _range,
        lambda trial: _not_declared(trial, trial.activation.range),
    ),
    Promise(
        "declared shares",
        "The results of a row are shares: none below 0, together 1.",
        "They are shown as percentages.",
        _shares,
        lambda trial: None if trial.activation.shares else "nothing is declared",
    ),
    Promise(
        "declared finite",
        "It gives finite numbers for finite numbers.",
        "A run does not look for NaN and infinity where this is declared.",
        _finite,
        lambda trial: None if trial.activation.finite else "nothing is declared",
    ),
    Promise(
        "declared in place",
        "It writes its results to `out`, also where that is its input.",
        "A run spares memory where this is declared.",
        _in_place,
        lambda trial: None if trial.activation.in_place else "nothing is declared",
    ),
    Promise(
        "declared monotonicity",
        "It never turns back, if it says so.",
        "Whoever chooses the activation goes by what it declares.",
        _monotonic,
        lambda trial: _not_declared(trial, trial.activation.monotonic),
    ),
    Promise(
        "worked formula",
        "The formula in `worked` gives what the function gives, to the digits that `explain`"
        " prints.",
        "explain puts the numbers in, and writes the function's value after it.",
        _worked,
        _cannot_be_worked_out,
        compares=True,
    ),
)


def _not_declared(trial: Trial, declared: object) -> str | None:
    if declared is None:
        return "nothing is declared"
    return None if trial.by_default else "parameters are not their defaults"
