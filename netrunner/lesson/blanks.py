"""The values of the blanks among a file's answers, for whoever asks for them."""

from __future__ import annotations

from collections.abc import Iterator

from netrunner.format.answers import classes_of, true_answers, values_of
from netrunner.format.assembly import NetworkFile
from netrunner.format.document import Scalar, is_blank
from netrunner.lesson.exercise import Blank, in_key


def values_of_blanks(file: NetworkFile) -> Iterator[tuple[str, Scalar, str]]:
    """The name of each blank, such as A1.2, its node, and its value for the first example.

    Raises NetrunnerError if the network cannot be run.
    """
    if "answers" not in file.values or not file.network.examples:
        return
    true = true_answers(file.network.silent_trace(file.network.examples[0].input).row(1))
    for name, numbers in file.values["answers"].value.items():
        array, _, neuron = name.partition(".")
        classes = classes_of(file.network.output_names) if array == "class" else ()
        for k, (number, value) in enumerate(
            zip(numbers, values_of(name, true) or (), strict=False)
        ):
            if is_blank(number):
                blank = Blank(array, int(neuron or k + 1), value, classes=classes)
                yield f"{array}.{blank.neuron}", number, in_key(blank)
