"""The values of the blanks among a file's answers, for whoever asks for them."""

from __future__ import annotations

from collections.abc import Iterator

from netrunner.format.answers import true_answers
from netrunner.format.assembly import NetworkFile
from netrunner.format.nodes import Scalar, is_blank
from netrunner.lesson.exercise import blanks_named, in_key


def values_of_blanks(file: NetworkFile) -> Iterator[tuple[str, Scalar, str]]:
    """The name of each blank, such as A1.2, its node, and its value for the first example.

    Raises NetrunnerError if the network cannot be run.
    """
    if "answers" not in file.values or not file.network.examples:
        return
    trace = file.network.silent_trace(file.network.examples[0].input).row(1)
    true = true_answers(trace)
    for name, numbers in file.values["answers"].value.items():
        blanks = blanks_named(name, trace, true)
        if len(numbers) == 1 < len(blanks) and is_blank(numbers[0]):  # for the whole array
            values = ", ".join(map(in_key, blanks))
            before = file.source.text[: numbers[0].offset].rstrip()
            if not before.endswith("-"):  # an item of a list over several lines
                yield name, numbers[0], values if before.endswith("[") else f"[{values}]"
            continue
        for number, blank in zip(numbers, blanks, strict=False):
            if is_blank(number):
                yield f"{blank.array}.{blank.neuron}", number, in_key(blank)
