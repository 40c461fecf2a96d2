"""A sheet as Markdown."""

from __future__ import annotations

from typing import TextIO

from netrunner.activations.activation import Array
from netrunner.lesson.exercise import Blank, Exercise
from netrunner.lesson.notation import symbol_text
from netrunner.views.render.array_text import array_text
from netrunner.views.render.explain_markdown import escaped
from netrunner.views.sheets.content import blanks_of, has_room, long_input, symbol_of
from netrunner.views.sheets.words import Words, titled

LINE = "\\_\\_\\_\\_\\_\\_\\_\\_"


def write(exercise: Exercise, words: Words, stream: TextIO) -> None:
    """The network, the input, the blanks, and the file of answers to fill in."""
    network, trace = exercise.network, exercise.trace
    stream.write(f"# {titled(words, network.name, exercise.seed, escaped)}\n\n")
    stream.write(f"{words.student} {LINE}{LINE}\n\n")
    stream.write(f"{words.task}\n\n")
    stream.write(f"## {words.input}\n\n")
    if network.input_names:
        stream.write(", ".join(map(escaped, network.input_names)) + "\n\n")
    if long := long_input(exercise):
        stream.write(f"```text\nX =\n{long}```\n")
    else:
        _write_arrays(stream, {"X": trace.input}, words)
    for step in trace.layers:
        layer = step.layer
        stream.write(f"\n## {escaped(words.heading(step))}\n\n")
        if layer.activation.formula:
            stream.write(f"h(a) = `{layer.activation.formula.replace('`', '')}`\n\n")
        _write_arrays(stream, {"W": layer.weights, "B": layer.biases}, words)
        _write_blanks(stream, blanks_of(exercise, step.index), words)
    if whole := blanks_of(exercise, None):
        stream.write(f"\n## {words.output}\n")
        if network.output_names:
            stream.write("\n" + ", ".join(map(escaped, network.output_names)) + "\n")
        _write_blanks(stream, whole, words)
    stream.write(f"\n{words.template}\n\n```yaml\n{exercise.template()}```\n")


def _write_arrays(stream: TextIO, arrays: dict[str, Array], words: Words) -> None:
    for name, array in arrays.items():
        if not has_room(array):
            stream.write(f"{words.too_large(name, array)}\n\n")
    lines = [f"{k} = {array_text(v, 17, 4)}\n" for k, v in arrays.items() if has_room(v)]
    if lines:
        stream.write(f"```text\n{''.join(lines)}```\n")


def _write_blanks(stream: TextIO, blanks: list[Blank], words: Words) -> None:
    if blanks:
        stream.write("\n")
    for blank in blanks:
        symbol = symbol_of(blank)
        asked = f"{symbol_text(symbol)} =" if symbol else words.question(blank)
        stream.write(f"- {asked} {LINE}\n")
