"""The .nnet format, a text format of the verification community: ACAS Xu, Stanford's NNet.

https://github.com/sisl/NNet: comments, sizes, the inputs' minima, maxima, means and ranges (the
last mean and range are the outputs'), then for each layer the rows of its weights (size, inputs)
and its biases, one to a line. Hidden layers are relu, the last is the identity.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from netrunner.exchange.dense import Chain, Imported
from netrunner.exchange.formats import Options
from netrunner.files.numerals import parse_number, parse_whole_number
from netrunner.files.opening import read_text
from netrunner.problems import words
from netrunner.problems.codes import Code
from netrunner.problems.problem import Fault
from netrunner.problems.source import Source


def read(path: Path, options: Options) -> Imported:
    """The layers in a .nnet file, its normalisation folded in or kept as layers of its own.

    The format's own readers first clip inputs to the minima and maxima. No dense layer does that,
    so it is left out, and `origin` gives the bounds. Raises Fault with the line.
    """
    lines = _Lines(read_text(path, options.name))
    depth, inputs, outputs, _ = lines.whole_numbers(4, "layers, inputs, outputs, largest layer")
    sizes = lines.whole_numbers(depth + 1, f"the sizes of the input and {depth} layers")
    if (sizes[0], sizes[-1]) != (inputs, outputs):
        message = f"sizes from {sizes[0]} to {sizes[-1]}, but the line before says"
        raise lines.fault(f"{message} {inputs} inputs and {outputs} outputs", "shape-mismatch")
    lines.skip("a flag that is no longer used")
    # Some files also have a number for each output here. The format's own reader ignores the
    # outputs' minima and maxima, and uses the last mean and range for all outputs.
    more = (inputs + 1, inputs + outputs)
    low = lines.numbers(inputs, "the inputs' minima", more)[:inputs]
    high = lines.numbers(inputs, "the inputs' maxima", more)[:inputs]
    mean = lines.numbers(inputs + 1, "the means of the inputs and of the output", more)
    scale = lines.numbers(inputs + 1, "the ranges of the inputs and of the output", more)
    mean, scale = (np.append(each[:inputs], each[-1]) for each in (mean, scale))
    if not np.all(scale):
        raise lines.fault("a range is 0, but the values are divided by it", "out-of-range")

    chain = Chain(inputs)
    is_normalised = np.any(mean[:-1] != 0) or np.any(scale[:-1] != 1)
    if is_normalised:
        chain.affine(1 / scale[:-1], -mean[:-1] / scale[:-1])
        if options.separate_normalisation:
            chain.end_layer("normalisation")
    for index, (before, size) in enumerate(itertools.pairwise(sizes), 1):
        what = f"layer {index}"
        rows = [
            lines.numbers(before, f"the weights of {what}, neuron {neuron}")
            for neuron in range(1, size + 1)
        ]
        biases = [
            lines.numbers(1, f"the bias of {what}, neuron {neuron}")[0]
            for neuron in range(1, size + 1)
        ]
        chain.linear(np.array(rows).T, np.array(biases))
        if index < depth:
            chain.activation("relu")
    lines.end()
    if mean[-1] != 0 or scale[-1] != 1:
        if options.separate_normalisation:
            chain.end_layer()
        chain.affine(scale[-1], mean[-1])
    chain.end_layer("denormalisation" if options.separate_normalisation else None)
    origin = "NNet"
    if inputs <= 10:
        bounds = ", ".join(f"{a:g} to {b:g}" for a, b in zip(low, high, strict=True))
        origin += f"; its own reader clips inputs to {bounds}, which is left out here"
    middle = np.clip(mean[:-1], np.minimum(low, high), high)
    return Imported(chain.layers, np.dtype(np.float64), origin, middle)


class _Lines:
    """The lines of a .nnet file that hold numbers, one after the other."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.at = 0
        self._lines = self._iterate()
        self._header = True

    def _iterate(self) -> Iterator[str]:
        for match in re.finditer(r"[^\r\n]+", self.source.text):
            line = match.group()
            if line.isspace() or (self._header and line.lstrip().startswith("//")):
                continue
            self._header = False
            self.at = match.start()
            yield line

    def fault(self, message: str, code: Code = "wrong-type", within: int = 0) -> Fault:
        """What is wrong at the current line."""
        return Fault(code, message, place=self.source.place(self.at + within))

    def _next(self, what: str) -> str:
        line = next(self._lines, None)
        if line is None:
            self.at = len(self.source.text.rstrip())
            raise self.fault(f"the file ends where {what} should be", "damaged-file")
        return line

    def skip(self, what: str) -> None:
        self._next(what)

    def numbers(self, count: int, what: str, more: tuple[int, ...] = ()) -> NDArray[np.float64]:
        """The next line, which must hold `count` numbers, or one of the counts in `more`."""
        return np.array(self._parsed(count, what, parse_number, more), np.float64)

    def whole_numbers(self, count: int, what: str) -> list[int]:
        """The next line, which must hold `count` whole numbers of at least 1. Raises Fault."""
        return [int(each) for each in self._parsed(count, what, _size)]

    def _parsed(
        self, count: int, what: str, parse: Callable[[str], float], more: tuple[int, ...] = ()
    ) -> list[float]:
        line = self._next(what)
        line = line.rstrip().removesuffix(",")
        found = line.count(",") + 1  # counted before a long line becomes many strings
        if found != count and found not in more:
            message = f"{words.count(found, 'number')}, expected {count}: {what}"
            raise self.fault(message, "shape-mismatch")
        values, at = [], 0
        for field in line.split(","):
            text = field.strip()
            try:
                values.append(parse(text))
            except Fault as fault:
                within = at + len(field) - len(field.lstrip())
                raise self.fault(f"{fault.message}: {what}", fault.code, within) from None
            at += len(field) + 1
        return values

    def end(self) -> None:
        """Raises Fault if anything is left."""
        line = next(self._lines, None)
        if line is not None:
            raise self.fault("the file goes on after the last bias", "shape-mismatch")
        before, _, last = self.source.text.rpartition("\n")
        if last.strip() and "," not in last and before.rstrip().endswith(","):
            raise self.fault("the file ends within a number", "damaged-file")


def _size(text: str) -> float:
    return parse_whole_number(text, at_least=1)
