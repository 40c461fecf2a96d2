"""Calls a plugin's function in such a way that it cannot harm a run.

Memory is handed over that the function cannot change, what it returns is checked and copied, and
whatever it raises becomes one problem that names the plugin, its file and line, and the layer.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable
from contextvars import ContextVar
from types import CoroutineType
from typing import TYPE_CHECKING, Any

import numpy as np

from netrunner.problems.problem import NetrunnerError, Problem, Related
from netrunner.problems.source import Place
from netrunner.problems.words import printable
from netrunner.process import session

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from netrunner.activations.activation import Array, Function, Origin
    from netrunner.problems.codes import Code

MAX_WORDS = 300  # characters of an exception's message
MAX_DECORATORS = 20  # lines
_DEF = r"\s*(?:async\s+)?def\s+"
_BRANCH_HINT = "`if`, max and min take one number, and a is an array: use np.where or np.maximum"
_READ_ONLY = r"read-only|WRITEABLE"  # numpy's words to a function that changes its input


# The file and line of the plugin that is at work, for what it warns of in the name of others.
at_work: ContextVar[tuple[str, int | None] | None] = ContextVar("at_work", default=None)


def call_plugin(function: Function, culprit: str, origin: Origin, A: Array) -> Array:
    """Z = function(A). Raises NetrunnerError, about `culprit`, where the plugin misbehaves."""
    token = at_work.set((origin.file, origin.line))
    try:
        return _call(function, culprit, origin, A)
    finally:
        at_work.reset(token)


def _call(function: Function, culprit: str, origin: Origin, A: Array) -> Array:
    frozen = frozen_copy(A)
    looks = _looks(frozen)
    try:
        Z = answer(function, frozen)
    except BaseException as error:  # a plugin may even call sys.exit
        if is_interrupt(error, origin.file):
            raise
        writes = _is_about_writing(error) and _writes(function, origin, A)
        raise NetrunnerError(_problem_of_exception(culprit, origin, error, writes)) from error
    if _looks(frozen) != looks or frozen.tobytes() != A.tobytes():  # by a pointer in C, perhaps
        did = "changes its input, which it must not"
        raise NetrunnerError(plugin_problem(culprit, origin, "plugin-changes-input", did))
    if wrong := wrong_type(Z, A.shape) or wrong_shape(Z, A.shape):
        raise NetrunnerError(plugin_problem(culprit, origin, "plugin-result", wrong))
    # A copy, so that what the plugin keeps of its result cannot change the run's later.
    Z = np.array(Z, dtype=A.dtype)
    if wrong := _mixed_rows(function, frozen, Z, origin.file):
        raise NetrunnerError(plugin_problem(culprit, origin, "plugin-result", wrong))
    return Z


def frozen_copy(A: Array) -> Array:
    """A copy of A that a function can neither write to, nor make writable."""
    # Memory of a bytes object is the only kind that stays as it is.
    return np.frombuffer(A.tobytes(), A.dtype).reshape(A.shape) if A.size else A.copy()


def answer(function: Callable[[Array], Any], A: Array) -> Any:
    """What a plugin's function gives for A; what it sets is put back."""
    process = os.getpid()
    try:
        with np.errstate(all="ignore"):  # which also ends what the function does by np.seterr
            given = function(A)
    finally:
        session.go_back()
        session.end_unless(process)
    if type(given) is CoroutineType:
        given.close()  # or Python complains that nobody awaited it
    return given


def _looks(A: Array) -> tuple[object, ...]:
    return A.shape, A.strides, A.dtype


def _is_about_writing(error: BaseException) -> bool:
    return isinstance(error, ValueError) and re.search(_READ_ONLY, words_of(error)) is not None


def _writes(function: Function, origin: Origin, A: Array) -> bool:
    """Whether a function that may not write somewhere meant its input: that of a copy it may."""
    try:
        answer(function, A.copy())
    except BaseException as error:
        if is_interrupt(error, origin.file):
            raise
        return not _is_about_writing(error)
    return True


def describe_exception(error: BaseException) -> str:
    """What a plugin's exception did, in a line."""
    if isinstance(error, SystemExit):
        return "tried to exit the program (SystemExit)"
    words = words_of(error)
    return f"raised {type(error).__name__}" + (f": {words}" if words else "")


def words_of(error: BaseException) -> str:
    """An exception's message in a line."""
    try:
        words = " ".join(str(error).split())
    except KeyboardInterrupt:
        raise
    except BaseException:  # a plugin's exception may fail even here, or try to exit
        return ""
    return printable(words if len(words) <= MAX_WORDS else words[: MAX_WORDS - 1] + "…")


def place_in_code(file: str, line: int | None) -> Place:
    """A line of a plugin's code, with its text where the file can be read.

    A decorator's line stands for its function's, and the column is that of the function's name.
    """
    import linecache  # only an error needs it

    if line is None:
        return Place(file)
    linecache.checkcache(file)
    text = linecache.getline(file, line)
    if text.lstrip().startswith("@"):
        later = range(line + 1, line + MAX_DECORATORS)
        line = next((n for n in later if re.match(_DEF, linecache.getline(file, n))), line)
        text = linecache.getline(file, line)
    begin = re.match(_DEF, text) or re.match(r"\s*", text)
    assert begin is not None
    return Place(file, line, begin.end() + 1, text.rstrip("\r\n") or None)


def _mixed_rows(function: Function, A: Array, Z: Array, file: str) -> str | None:
    """Whether the last row of a batch has another result alone, as with softmax over axis 0.

    That the results agree proves nothing, but a wrong number is seldom so lucky.
    """
    if A.ndim < 2 or len(A) < 2:
        return None
    try:
        with np.errstate(all="ignore"):
            alone = np.asarray(answer(function, A[-1:]))[-1]
            row = Z[-1]
            tolerance = np.sqrt(np.finfo(A.dtype).eps) * np.maximum(np.abs(row), 1)
            same = (alone == row) | (np.abs(alone - row) <= tolerance) | (alone != alone)
            if np.all(same):
                return None
            again = np.asarray(answer(function, A))[-1]
    except BaseException as error:  # it has worked in the batch, and need not work alone
        if is_interrupt(error, file):
            raise
        return None
    if np.any((again != row) & (again == again)):
        neuron = int(np.argmax(again != row))
        return (
            "gives the same rows another answer each time:"
            f" for neuron {neuron + 1}, {row[neuron]} and {again[neuron]}"
        )
    neuron = int(np.argmin(same))
    return (
        f"mixes the rows of a batch: in the last of {len(A)}, neuron {neuron + 1} is {row[neuron]}"
        f" among the others and {alone[neuron]} alone"
    )


def wrong_type(Z: Any, shape: tuple[int, ...]) -> str | None:
    """What a result is instead of a numpy array of real numbers, if it is none."""
    if issubclass(type(Z), np.generic):  # isinstance would ask Z itself, which may raise
        return f"returned a single number for an input of shape {shape}"
    if type(Z) is not np.ndarray:
        return f"returned {type(Z).__name__}, not a numpy array"
    if Z.dtype.kind not in "fiub":
        return f"returned an array of {Z.dtype}, not of real numbers"
    return None


def wrong_shape(Z: NDArray[Any], shape: tuple[int, ...]) -> str | None:
    """Which shape a result has instead of its input's, if it has another."""
    return None if Z.shape == shape else f"returned shape {Z.shape} for an input of shape {shape}"


def _problem_of_exception(
    culprit: str, origin: Origin, error: BaseException, writes: bool
) -> Problem:
    line = line_of(error, origin.file)
    here = place_in_code(origin.file, line)
    related = () if line is None else (Related(here, "it happened here"),)
    if writes:
        did = f"changes its input, which it must not ({words_of(error)})"
        return plugin_problem(culprit, origin, "plugin-changes-input", did, related)
    hint = _BRANCH_HINT if "truth value of an array" in words_of(error) else None
    if "converted to Python scalars" in words_of(error):
        hint = _hint_for_math(error, origin.file)
    return plugin_problem(
        culprit, origin, "plugin-raised", describe_exception(error), related, hint
    )


def _hint_for_math(error: BaseException, file: str) -> str | None:
    """Where a function of math got the array, numpy's function of the same name."""
    import linecache
    import math
    from traceback import extract_tb

    calls = [
        linecache.getline(file, frame.lineno or 0).encode()[frame.colno :].decode(errors="replace")
        for frame in extract_tb(error.__traceback__)
        if frame.filename == file
    ]
    called = re.match(r"(?:\w+\.)?(\w+)\(", calls[-1] if calls else "")
    if called is None or not all(callable(getattr(each, called[1], 0)) for each in (math, np)):
        return None
    return f"math's {called[1]} takes one number, and a is an array: use np.{called[1]}"


def line_of(error: BaseException, file: str) -> int | None:
    """The deepest line of a file that an error came through."""
    line, frames = None, error.__traceback__
    while frames is not None:
        if frames.tb_frame.f_code.co_filename == file:
            line = frames.tb_lineno
        frames = frames.tb_next
    return line


def raised_by(error: BaseException, file: str | None) -> bool:
    """Whether a `raise` is where an error comes from, and not a call that failed.

    It has to be in this file, if one is given.
    """
    from opcode import opname

    frames = error.__traceback__
    while frames is not None and frames.tb_next is not None:
        frames = frames.tb_next
    if frames is None or file not in (None, frames.tb_frame.f_code.co_filename):
        return False
    return opname[frames.tb_frame.f_code.co_code[frames.tb_lasti]] == "RAISE_VARARGS"


def is_interrupt(error: BaseException, file: str) -> bool:
    """Whether this is the user's Ctrl-C, and not a plugin's own `raise KeyboardInterrupt`."""
    if not isinstance(error, KeyboardInterrupt):
        return False
    # Python's own handler of the signal is in C. Another one may well `raise`.
    by_c = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    return not raised_by(error, None if by_c else file)


def plugin_problem(
    culprit: str,
    origin: Origin,
    code: Code,
    did: str,
    related: tuple[Related, ...] = (),
    hint: str | None = None,
) -> Problem:
    """What an activation of a plugin has done, as a problem at its function."""
    place = place_in_code(origin.file, origin.line)
    return Problem(code, place, f"{culprit} {did}", related=related, hint=hint)
