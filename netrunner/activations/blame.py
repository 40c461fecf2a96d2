"""What a plugin's code did wrong: one problem that names the plugin, the file and the line."""

from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING

import numpy as np

from netrunner.problems.problem import Problem, Related
from netrunner.problems.source import Place
from netrunner.problems.words import printable, quote, shortened

if TYPE_CHECKING:
    from netrunner.activations.activation import Activation, Origin
    from netrunner.problems.codes import Code

MISTAKES = (Exception, SystemExit)  # that usually end a plugin's code; Ctrl-C is the user's
MAX_WORDS = 300  # characters of an exception's message
MAX_DECORATORS = 20  # lines
_DEF = r"\s*(?:async\s+)?def\s+"
_BRANCH_HINT = "`if`, max and min take one number, but a is an array: use np.where or np.maximum"


def culprit(activation: Activation, origin: Origin, where: str = "") -> str:
    """The activation as messages name it, after `where`."""
    return f"{where}activation {quote(activation.name)} of plugin {quote(origin.plugin)}"


def describe_exception(error: BaseException) -> str:
    """What a plugin's exception did, on one line."""
    if isinstance(error, SystemExit):
        return "tried to exit the program (SystemExit)"
    words = words_of(error)
    return f"raised {type(error).__name__}" + (f": {words}" if words else "")


def words_of(error: BaseException) -> str:
    """An exception's message on one line."""
    try:
        return printable(shortened(" ".join(str(error).split()), MAX_WORDS))
    except KeyboardInterrupt:
        raise
    except BaseException:  # even this may raise or try to exit, in a plugin's own exception class
        return ""


def place_in_code(file: str, line: int | None) -> Place:
    """A line of a plugin's code, with its text if the file can be read.

    For a decorator's line, the place is that of its function's name.
    """
    import linecache  # needed only for an error

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


def problem_of_exception(
    culprit: str, origin: Origin, error: BaseException, writes: bool
) -> Problem:
    line = line_of(error, origin.file)
    here = place_in_code(origin.file, line)
    related = () if line is None else (Related(here, "it happened here"),)
    if writes:
        did = f"changes its input, which is not allowed ({words_of(error)})"
        return plugin_problem(culprit, origin, "plugin-changes-input", did, related)
    hint = _BRANCH_HINT if "truth value of an array" in words_of(error) else None
    if "converted to Python scalars" in words_of(error):
        hint = _hint_for_math(error, origin.file)
    return plugin_problem(
        culprit, origin, "plugin-raised", describe_exception(error), related, hint
    )


def _hint_for_math(error: BaseException, file: str) -> str | None:
    """If a function of math got the array: numpy's function of the same name."""
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
    return f"math's {called[1]} takes one number, but a is an array: use np.{called[1]}"


def line_of(error: BaseException, file: str) -> int | None:
    """The line of a file in the innermost frame of an error's traceback that is in the file."""
    line, frames = None, error.__traceback__
    while frames is not None:
        if frames.tb_frame.f_code.co_filename == file:
            line = frames.tb_lineno
        frames = frames.tb_next
    return line


def raised_by(error: BaseException, file: str | None) -> bool:
    """Whether an error comes from a `raise`, and not from a call that failed.

    If a file is given, the `raise` must be in it.
    """
    from opcode import opname

    frames = error.__traceback__
    while frames is not None and frames.tb_next is not None:
        frames = frames.tb_next
    if frames is None or file not in (None, frames.tb_frame.f_code.co_filename):
        return False
    return opname[frames.tb_frame.f_code.co_code[frames.tb_lasti]] == "RAISE_VARARGS"


def is_interrupt(error: BaseException, file: str) -> bool:
    """Whether this is the user's Ctrl-C, not a plugin's own `raise KeyboardInterrupt`."""
    if not isinstance(error, KeyboardInterrupt):
        return False
    # Python's own signal handler is in C. Another handler may well `raise`.
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
    """What a plugin's activation did, as a problem at its function."""
    place = place_in_code(origin.file, origin.line)
    return Problem(code, place, f"{culprit} {did}", related=related, hint=hint)
