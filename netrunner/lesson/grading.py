"""A student's answers against a key: each is right, wrong, missing, or follows from the student's
own earlier numbers."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from itertools import chain, product
from typing import Literal

import numpy as np

from netrunner.activations.activation import Array
from netrunner.format.answers import (
    NONE,
    agrees,
    classes_of,
    default_tolerance,
    given_numbers,
    read_answers,
)
from netrunner.lesson.exercise import Blank
from netrunner.lesson.keys import Key, chosen
from netrunner.lesson.slips import slips_of_class, slips_of_output, slips_of_share, slips_of_sum
from netrunner.network.trace import LayerTrace
from netrunner.problems.problem import NetrunnerError, Problem, in_file_order
from netrunner.problems.source import Source
from netrunner.problems.words import count, listed

FORMAT = "netrunner-grade/1"
SHOWN = 3  # earlier numbers that a reason names, at most
Verdict = Literal["right", "wrong", "missing", "follows"]
Applied = Callable[[Array], Array]
_Place = tuple[str, int]  # an array and the neuron in it, counted from 1


@dataclass(frozen=True)
class Answer:
    """The verdict on one blank; neurons count from 1, `given` is the number as it was written.

    A class with a name is given, and expected, by its name. A reason begins with the slip, if one
    was found.
    """

    array: str
    neuron: int
    given: str | None
    expected: float | str
    verdict: Verdict
    reason: str
    slip: str | None = None

    @property
    def points(self) -> int:
        return int(self.verdict in ("right", "follows"))


@dataclass(frozen=True)
class Grade:
    """All answers of one file, with warnings, or the problems for which it could not be graded."""

    file: str
    of: int
    answers: tuple[Answer, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def points(self) -> int:
        return sum(answer.points for answer in self.answers)


def grade(keys: Sequence[Key], student: str | os.PathLike[str] | Source) -> Grade:
    """The grade of one file of answers, or of its text; its problems are in it, and not raised.

    Its name says to which of several keys it belongs.
    """
    name = student.file if isinstance(student, Source) else os.fspath(student)
    try:
        answered = read_answers(student)
        key = chosen(keys, answered)
    except NetrunnerError as error:
        return Grade(name, len(keys[0].blanks), problems=error.problems)
    answers, reader = answered.answers, answered.reader
    whose = "the key's network: is this its file of answers?"
    classes = classes_of(key.network.output_names)
    given, wrong = given_numbers(answers, key.true, whose, classes)
    asked = {blank.array for blank in key.blanks}
    spare = {array: node for (array, _), (node, _) in reversed(given.items()) if array not in asked}
    is_other = len(spare) > 0 and not any(array in asked for array, _ in given)
    problems = [fault.at(reader.place(node)) for fault, node in wrong] + [
        Problem(
            "no-such-array",
            reader.place(node),
            f"answers: the key does not ask for {array}",
            severity="error" if is_other else "warning",
        )
        for array, node in spare.items()
    ]
    if wrong or is_other:
        return Grade(name, len(key.blanks), problems=tuple(in_file_order(problems)))
    graded = _Graded(
        key,
        {place: text for place, (_, text) in given.items()},
        {place: node.text for place, (node, _) in given.items()},
    )
    with np.errstate(all="ignore"):  # a student may write 1e308
        verdicts = tuple(map(graded.answer, key.blanks))
    return Grade(name, len(key.blanks), verdicts, tuple(problems))


@dataclass(frozen=True)
class _Own:
    """A student's own numbers, and what was computed with them, as it is or with one moved."""

    numbers: dict[_Place, float]
    computed: dict[tuple[_Place, float] | None, dict[str, Array]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Graded:
    """One student's numbers beside those of the key."""

    key: Key
    given: dict[_Place, str]
    as_written: dict[_Place, str]

    def answer(self, blank: Blank) -> Answer:
        place = blank.array, blank.neuron
        given = self.given.get(place)
        verdict, reason = self._verdict(blank, given)
        slip = self._slip(blank, given) if given is not None and verdict == "wrong" else None
        if slip is not None:
            reason = f"{slip}; {reason}"
        written = None if given is None else blank.named(float(given)) or self.as_written[place]
        expected = blank.named(blank.value) or blank.value
        return Answer(blank.array, blank.neuron, written, expected, verdict, reason, slip)

    def _verdict(self, blank: Blank, given: str | None) -> tuple[Verdict, str]:
        tolerance = self.key.tolerance
        if given is None:
            return "missing", "missing"
        if agrees(given, blank.value, tolerance) or (blank.array == "class" and self._ties(given)):
            return "right", "right"
        for own in (self.written, self.slips):
            earlier = self._earlier(blank, own)
            if not earlier:
                continue
            followed = self._value(blank, own)
            slack = self._slack(blank, own)
            if agrees(given, followed, tolerance) or (
                slack and abs(float(given) - followed) <= slack + _half_unit(given, 2)
            ):
                yours = listed((f"{name} = {text}" for name, text, _ in earlier), SHOWN)
                keys = listed((f"{name} = {_short(true)}" for name, _, true in earlier), SHOWN)
                it = f"it would be {_words(blank)}"
                return "follows", f"right for your {yours}; with {keys} {it}"
        value, otherwise = _words(blank), _words(blank, self._value(blank, self.written))
        is_rounding = not blank.is_whole and agrees(otherwise, blank.value)
        if otherwise != value and not is_rounding:
            value += f", or {otherwise} with your earlier numbers"
        return "wrong", f"it is {value}"

    def _ties(self, number: str) -> bool:
        """Whether an output, by its number from 1, is as large as the largest."""
        Y = self.key.true["Y"]
        return float(number) in range(1, len(Y) + 1) and Y[int(float(number)) - 1] == max(Y)

    @cached_property
    def written(self) -> _Own:
        """The student's numbers, as used by one who goes on with what is written down."""
        return _Own({place: float(text) for place, text in self.given.items()})

    @cached_property
    def slips(self) -> _Own:
        """Only those that are not just rounded, as used by one who goes on with all digits.

        Where such a number is the key's, the exact one is taken.
        """
        numbers: dict[_Place, float] = {}
        for array, computed in self._forward(numbers):
            for k, value in enumerate(computed.tolist(), 1):
                text, tolerance = self.given.get((array, k)), self.key.tolerance
                if text is not None and not agrees(text, value, tolerance):
                    true = self.key.true[array][k - 1]
                    numbers[array, k] = true if agrees(text, true, tolerance) else float(text)
        return _Own(numbers)

    def _forward(self, numbers: Mapping[_Place, float]) -> Iterator[tuple[str, Array]]:
        """What each array would be with these numbers in the arrays before it."""
        layers = self.key.trace.layers
        X: Array = np.asarray(layers[0].X)
        for step in layers:
            yield f"shape{step.index}", np.array([step.size])
            A = np.asarray(X @ step.layer.weights + step.layer.biases)
            yield f"A{step.index}", A
            Z = _applied(step)(_replaced(f"A{step.index}", A, numbers))
            yield f"Z{step.index}", Z
            X = _replaced(f"Z{step.index}", Z, numbers)
        yield "Y", X
        Y = _replaced("Y", X, numbers)
        yield "class", np.array([np.argmax(Y) + 1])
        yield "share", np.array([100 * Y.max()])

    def _computed(self, own: _Own, moved: tuple[_Place, float] | None = None) -> dict[str, Array]:
        """The arrays of `_forward`; with `moved`, one number is off by so much."""
        if moved not in own.computed:
            numbers = dict(own.numbers)
            if moved is not None:
                numbers[moved[0]] += moved[1]
            own.computed[moved] = dict(self._forward(numbers))
        return own.computed[moved]

    def _value(self, blank: Blank, own: _Own) -> float:
        """What the blank would be with the student's own earlier numbers."""
        return float(self._computed(own)[blank.array][blank.neuron - 1])

    def _sources(self, blank: Blank, own: _Own) -> list[_Place]:
        """The latest numbers before a blank, of the student's own, on which it depends."""
        array, neurons = blank.array, [blank.neuron]
        found: list[_Place] = []
        while neurons and (before := self._before(array, neurons)):
            array = before[0][0]
            found += [place for place in before if place in own.numbers]
            neurons = [k for place, k in before if (place, k) not in own.numbers]
        return found

    def _before(self, array: str, neurons: list[int]) -> list[_Place]:
        """The numbers of which these neurons of an array are made, if others than inputs."""
        layers = self.key.trace.layers
        if array.startswith("shape") or array == "A1":
            return []
        if array == "Y":
            return [(f"Z{len(layers)}", k) for k in neurons]
        if array in ("class", "share"):
            return [("Y", k) for k in range(1, len(layers[-1].Z) + 1)]
        step = layers[int(array[1:]) - 1]
        if array[0] == "A":
            return [(f"Z{step.index - 1}", i) for i in range(1, len(step.X) + 1)]
        if not step.layer.activation.elementwise:
            neurons = list(range(1, len(step.A) + 1))
        return [(f"A{step.index}", k) for k in neurons]

    def _earlier(self, blank: Blank, own: _Own) -> list[tuple[str, str, float]]:
        """The sources of a blank that differ from the key's: name, own, true."""
        found = []
        for array, k in self._sources(blank, own):
            true = self.key.true[array][k - 1]
            if abs(own.numbers[array, k] - true) > 1e-9 * max(1.0, abs(true)):
                name = f"{array}.{k}" if len(self.key.true[array]) > 1 else array
                found.append((name, self.given[array, k], true))
        return found

    def _slack(self, blank: Blank, own: _Own) -> float:
        """How far a blank may move, as its sources may be rounded: a right one is known exactly."""
        if blank.array == "class":
            return 0.0
        array, j, slack = blank.array, blank.neuron - 1, 0.0
        value = self._value(blank, own)
        for place in self._sources(blank, own):  # one at a time: softmax cancels a common shift
            true, given = self.key.true[place[0]][place[1] - 1], self.given[place]
            if agrees(given, true, self.key.tolerance):
                ends = {true - own.numbers[place]} - {0.0}
            else:
                half = _half_unit(given, at_least=2 if own is self.slips else 3)
                ends = {-half, half} - {0.0}
            moved = (self._computed(own, (place, by))[array][j] for by in ends)
            slack += max((abs(float(each) - value) for each in moved), default=0.0)
        return slack

    def _vector(self, array: str) -> Array:
        """An array of the student's numbers, and where one is missing, what follows from the
        earlier ones."""
        own = self.written
        return _replaced(array, self._computed(own)[array], own.numbers)

    def _slip(self, blank: Blank, given: str) -> str | None:
        """The slip that gives this number, if one does: each is tried.

        Of several, the one that also explains most of the other numbers in the array.
        """
        unit = float(Decimal(1).scaleb(int(Decimal(given).as_tuple().exponent)))
        values = blank.value, self._value(blank, self.written)
        off, own_off = (abs(float(given) - value) for value in values)
        found = self._found[blank.array, blank.neuron]
        slip = max(found, key=lambda slip: self._often[blank.array, _kind(slip)], default=None)
        if min(off, own_off) <= unit / 2:
            either = "" if slip is None else f"{slip}, or it was "
            return f"{either}rounded too far: give at least two digits"
        if slip is not None or blank.is_whole:
            return slip
        if any(agrees(given, factor * blank.value) for factor in (10.0, 0.1)):
            return "the decimal point is one place off"
        if agrees(given, -blank.value):
            return "the sign is wrong"
        is_near = off <= 1.5 * unit and unit < abs(blank.value) / 10
        return "the last digit is off" if is_near else None

    @cached_property
    def _found(self) -> dict[_Place, list[str]]:
        """The slips that give each number that is not right."""
        found: dict[_Place, list[str]] = {}
        tolerance = self.key.tolerance
        for blank in self.key.blanks:
            place = blank.array, blank.neuron
            given = self.given.get(place)
            if given is not None and not agrees(given, blank.value, tolerance):
                found[place] = [
                    slip
                    for slip, number in chain(self._slips(blank), self._of_others(blank))
                    if abs(number - blank.value) > default_tolerance(blank.value)
                    and agrees(given, float(number), tolerance)
                ]
        return found

    @cached_property
    def _often(self) -> Counter[tuple[str, str]]:
        """How many numbers of an array a kind of slip explains."""
        return Counter(
            (array, kind)
            for (array, _), slips in self._found.items()
            for kind in {*map(_kind, slips)}
        )

    def _slips(self, blank: Blank) -> Iterator[tuple[str, float]]:
        """Slips with the numbers that they give, on the key's numbers and on the student's own."""
        array, k, layers = blank.array, blank.neuron, self.key.trace.layers
        if array.startswith("shape"):
            step = layers[int(array.removeprefix("shape")) - 1]
            yield f"this is how many numbers go into layer {step.index}", len(step.X)
            yield f"A{step.index} is one row: its shape has one number", float(NONE)
            return
        step = layers[-1 if blank.layer is None else blank.layer - 1]
        As = [np.asarray(A, np.float64) for A in (step.A, self._vector(f"A{step.index}"))]
        if array[0] == "A":
            yield from self._slips_of_sum(step, k)
        elif array[0] in "ZY":
            for A in As:
                yield from slips_of_output(step, A, k)
                Z = _applied(step)(np.round(A, 1))
                yield f"A{step.index} was rounded to 1 decimal before it was used", float(Z[k - 1])
        else:
            for A, Y in zip(As, (self.key.trace.output, self._vector("Y")), strict=True):
                share = array == "share"
                yield from slips_of_share(step, A, Y) if share else slips_of_class(Y, blank.classes)

    def _of_others(self, blank: Blank) -> Iterator[tuple[str, float]]:
        for words, true in self.key.others.items():
            value = true[blank.array][blank.neuron - 1]
            if value % 1:  # 0 and 1 are many things
                yield f"this is for {words}", value

    def _slips_of_sum(self, step: LayerTrace, k: int) -> Iterator[tuple[str, float]]:
        Xs = [step.X]
        if step.index > 1:
            before = self.key.trace.layers[step.index - 2]
            Xs.append(self._vector(f"Z{before.index}"))
            W, b = step.layer.weights[:, k - 1], float(step.layer.biases[k - 1])
            is_bent = before.activation != "identity"
            for A in (before.A, self._vector(f"A{before.index}")) if is_bent else ():
                words = f"{before.activation} was left out: A{before.index} was used, not"
                yield f"{words} Z{before.index}", float(A @ W) + b
            for X, decimals in product(Xs, (1, 2)):
                words = f"Z{before.index} was rounded to {count(decimals, 'decimal')}"
                yield f"{words} before it was used", float(np.round(X, decimals) @ W) + b
        for X in Xs:
            yield from slips_of_sum(step, np.asarray(X, np.float64), k)


def _kind(slip: str) -> str:
    """What went wrong, whichever the neuron."""
    return re.sub("[0-9₀-₉]", "", slip)


def _half_unit(given: str, at_least: int) -> float:
    """Half a unit of the last digit of a student's number, if it has so many digits."""
    _, digits, exponent = Decimal(given).as_tuple()
    return 5 * 10.0 ** (int(exponent) - 1) if len(digits) >= at_least else 0.0


def _replaced(array: str, computed: Array, numbers: Mapping[_Place, float]) -> Array:
    """An array, with a student's numbers where there are some."""
    own = [numbers.get((array, k), value) for k, value in enumerate(computed.tolist(), 1)]
    return np.array(own, np.float64)


def _applied(step: LayerTrace) -> Applied:
    def h(A: Array) -> Array:
        return np.asarray(step.layer.h(np.asarray(A, step.A.dtype)), np.float64)

    return h


def _words(blank: Blank, value: float | None = None) -> str:
    """The value of a blank, or another in its place, for a sentence: a class by its name."""
    value = blank.value if value is None else value
    return blank.named(value) or _short(value)


def _short(value: float) -> str:
    """A value in three or four digits, for a sentence."""
    return f"{value:.4g}"
