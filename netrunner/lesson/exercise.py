"""A network and an input become an exercise: some of the numbers of the run are left blank."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import wrap

import numpy as np

from netrunner.files.decimals import is_whole_number
from netrunner.files.writing import check_not_read, no_folder
from netrunner.format.answers import ARRAY, classes_of, true_answers, values_of
from netrunner.format.network_file import modeline
from netrunner.format.save import (
    check_suffix,
    network_text,
    scalar,
    weights_file,
    write_with_arrays,
)
from netrunner.lesson.notation import decimals, shown
from netrunner.lesson.random_numbers import drawn, has_kink
from netrunner.network.network import Example, Network
from netrunner.network.trace import Trace
from netrunner.problems.problem import Fault, NetrunnerError, Problem, about
from netrunner.problems.source import Place
from netrunner.problems.words import quote

PRECISION = 8  # digits of an answer in a key
MOST_ALIKE = 500  # seeds that are passed over
COLUMNS = 70  # of a file of answers, which is printed
ALL = 200  # blanks of a sheet, at most: more cannot be done by hand


@dataclass(frozen=True)
class Blank:
    """One number to work out: of an array such as A1, the neuron counted from 1.

    `shapes` are those that meet in the product, where a shape is asked for; `classes` the names of
    the outputs, where a class is asked for and they have names.
    """

    array: str
    neuron: int
    value: float
    shapes: str = ""
    classes: tuple[str, ...] = ()

    @property
    def layer(self) -> int | None:
        """The layer that it belongs to; None if it is about the output as a whole."""
        found = re.search("[0-9]+", self.array)
        return int(found[0]) if found else None

    @property
    def is_whole(self) -> bool:
        """Whether it is a count or a class, and not a measurement."""
        return self.array.startswith(("shape", "class"))

    @property
    def text(self) -> str:
        """The value in digits."""
        return shown(decimals(np.array([self.value]))[0], PRECISION)

    @property
    def names_are_numbers(self) -> bool:
        """Whether the classes have names that are numbers, as digits have."""
        return bool(self.classes) and all(is_whole_number(name, 0) for name in self.classes)

    def named(self, number: float) -> str | None:
        """The name of a class, by its number from 1, if it is asked for by name."""
        is_known = number in range(1, len(self.classes) + 1)
        return self.classes[int(number) - 1] if is_known else None


@dataclass(frozen=True)
class Exercise:
    """A network with an input, the run of it, and what is left blank, in the order of the run.

    `file` is the name of the network's file, for weights that have no room on a sheet.
    """

    network: Network
    trace: Trace
    blanks: tuple[Blank, ...]
    asked: tuple[str, ...]
    seed: int | None = None
    file: str = ""

    @property
    def title(self) -> str:
        """The name of the network; if its numbers were drawn, with the seed: step 2-1 (7)."""
        name = self.network.name
        return name if self.seed is None else f"{name} ({self.seed})"

    @property
    def key(self) -> Network:
        """The network with the input as its only example."""
        rounded = np.array([float(f"{y:.15g}") for y in self.trace.output])  # 0.3, not 0.30…04
        output = np.where(np.isfinite(rounded), rounded, self.trace.output)
        example = Example(self.trace.input, output)
        return replace(self.network, name=self.title, examples=(example,))

    def answers(self) -> dict[str, list[Blank]]:
        """The blanks by what was asked for: an array, or one neuron of it."""
        by_name = {}
        for name in self.asked:
            array, _, neuron = name.partition(".")
            by_name[name] = [
                blank
                for blank in self.blanks
                if blank.array == array and neuron in ("", str(blank.neuron))
            ]
        return by_name

    def template(self) -> str:
        """The file of answers to fill in; its name says which of the variants it is about."""
        name = "" if self.seed is None else f"name: {scalar(self.title)}\n"
        lines = []
        for line in self.answers_text(lambda blank: "?").splitlines():
            indent = " " * (line.find("[") + 1)
            lines += wrap(line, COLUMNS, subsequent_indent=indent, break_on_hyphens=False)
        return name + "".join(f"{line}\n" for line in lines)

    def answers_text(self, answer: Callable[[Blank], str]) -> str:
        """The answers as YAML."""
        items = self.answers().items()
        lines = (f"  {name}: [{', '.join(map(answer, blanks))}]\n" for name, blanks in items)
        return "answers:\n" + "".join(lines)


def exercise(
    network: Network, x: object, blanks: Sequence[str] = (), seed: int | None = None
) -> Exercise:
    """An exercise about the run of a network on x, of shape (inputs,), or on numbers drawn anew.

    `blanks` are names such as A1, Z2.1, shape2, class and share; without any, every A and Z is
    left blank. With a `seed`, the weights and the input are drawn: the same seed draws the same.
    Raises NetrunnerError.
    """
    if seed is not None:
        network, x = drawn(network, seed)
    trace = network.silent_trace(x)  # type: ignore[arg-type]
    true = true_answers(trace)
    asked = tuple(
        name for name in dict.fromkeys(blanks) if name.partition(".")[0] not in {*blanks} - {name}
    ) or tuple(_without_repetitions(trace) if seed is not None else _every_array(trace))
    found = []
    for name in asked:
        named = blanks_named(name, trace, true) if re.fullmatch(ARRAY, name) else []
        if not named:
            raise _no_such_array(name, trace)
        last = trace.layers[-1]
        if name in ("class", "share") and (last.size == 1 or not last.makes_shares):
            raise _no_classifier(name)
        found += named
    if not all(np.isfinite(blank.value) for blank in found):
        message = f"nothing can be asked about this run: {trace.not_finite}"
        raise NetrunnerError(Problem("not-finite", Place("--blanks"), message))
    if len(found) > ALL:
        message = f"{len(found):,} blanks are too many for a sheet: name at most {ALL} numbers"
        raise NetrunnerError(Problem("out-of-range", Place("--blanks"), message))
    return Exercise(network, trace, in_order(found, true), asked, seed)


def variants(network: Network, blanks: Sequence[str], first: int, number: int) -> list[Exercise]:
    """Exercises with seeds counted from `first`, without those that are like an earlier one.

    Raises NetrunnerError.
    """
    found: dict[tuple[bytes, ...], Exercise] = {}
    for seed in range(first, first + number + MOST_ALIKE):
        made = exercise(network, None, blanks, seed)
        layers = made.network.layers
        arrays = (array for layer in layers for array in (layer.weights, layer.biases))
        found.setdefault((made.trace.input.tobytes(), *(a.tobytes() for a in arrays)), made)
        if len(found) == number:
            return [*found.values()]
    message = f"only {len(found)} variants that differ were found: the network has few numbers"
    raise NetrunnerError(Problem("out-of-range", Place("--variants"), message))


def blanks_named(name: str, trace: Trace, true: Mapping[str, list[float]]) -> list[Blank]:
    """The blanks of an array, such as A1, or of one neuron, A1.2; none if the name is unknown."""
    values = values_of(name, true) or []
    array, _, neuron = name.partition(".")
    shapes, classes = "", classes_of(trace.output_names) if array == "class" else ()
    if array.startswith("shape") and values:
        shapes = trace.layers[int(array.removeprefix("shape")) - 1].shapes.partition(" →")[0]
    return [
        Blank(array, int(neuron or k), value, shapes, classes) for k, value in enumerate(values, 1)
    ]


def in_order(blanks: Iterable[Blank], true: Mapping[str, list[float]]) -> tuple[Blank, ...]:
    """Each blank once, in the order of the run."""
    order = list(true)
    key = {blank: (order.index(blank.array), blank.neuron) for blank in blanks}
    return tuple(sorted(key, key=key.__getitem__))


def _every_array(trace: Trace) -> list[str]:
    return [f"{letter}{step.index}" for step in trace.layers for letter in "AZ"]


def _without_repetitions(trace: Trace) -> list[str]:
    """Every A and Z, but no Z that repeats its A, as it does after the identity.

    Of an h with a kink, as step and relu have, every Z is asked: which side it is on is the point.
    """
    names = []
    for step in trace.layers:
        pairs = zip(step.A.tolist(), step.Z.tolist(), strict=True)
        fresh = [f"Z{step.index}.{k}" for k, (a, z) in enumerate(pairs, 1) if z != a]
        is_whole = len(fresh) == step.size or has_kink(step.layer)
        names += [f"A{step.index}", *([f"Z{step.index}"] if is_whole else fresh)]
    return names


def _no_such_array(name: str, trace: Trace) -> NetrunnerError:
    layers = len(trace.layers)
    last = f", A{layers}, Z{layers}" if layers > 1 else ""
    known = f"A1, Z1{last}, Y, or one neuron, A1.2; also shape1, class and share"
    message = f"there is no {quote(name)} to leave blank: name {known}"
    return NetrunnerError(Problem("no-such-array", Place("--blanks"), message))


def _no_classifier(name: str) -> NetrunnerError:
    message = f"there is no {name} to leave blank: it needs several outputs that are shares of 1"
    message += ", as from softmax"
    return NetrunnerError(Problem("no-such-array", Place("--blanks"), message))


def in_key(blank: Blank) -> str:
    """The value of a blank, as YAML."""
    name = blank.named(blank.value)
    return blank.text if name is None else scalar(name)


def check_key_name(path: str | os.PathLike[str]) -> None:
    """Raises NetrunnerError if a key cannot be written there, by its name."""
    path = Path(path)
    with about(os.fspath(path)):
        check_suffix(path)
        if path.is_dir():
            raise Fault("unwritable-output", "cannot be written: it is a folder")
        if not path.parent.is_dir():
            raise no_folder(path)
        check_not_read(path)


def write_key(exercise: Exercise, path: str | os.PathLike[str]) -> list[Path]:
    """Write the key: the network, with the input as its example, and the answers.

    Returns the files written. Raises NetrunnerError.
    """
    check_key_name(path)
    with about(os.fspath(path)):
        path = Path(path)
        key, head = exercise.key, modeline(path.parent)
        answers = exercise.answers_text(in_key)

        def text(stored: str | None) -> str:
            return head + network_text(key, stored) + answers

        return write_with_arrays(path, text, weights_file(key, path, "auto"), key)
