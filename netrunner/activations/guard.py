"""An activation's function as the engine calls it: a plugin's mistake becomes one problem."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from contextvars import Context, ContextVar, copy_context
from functools import partial
from types import CoroutineType
from typing import TYPE_CHECKING, Any

import numpy as np

from netrunner.activations.blame import (
    culprit,
    is_interrupt,
    plugin_problem,
    problem_of_exception,
    words_of,
)
from netrunner.problems.problem import NetrunnerError, Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from netrunner.activations.activation import Activation, Array, Origin

_READ_ONLY = r"read-only|WRITEABLE"  # numpy's message to a function that changes its input

# The file and line of the running plugin, for warnings that name another file.
at_work: ContextVar[tuple[str, int | None] | None] = ContextVar("at_work", default=None)


class Guarded:
    """An activation function h with its parameters: Z = h(A).

    A function that writes in place is called directly: the engine relies on its declarations. Any
    other gets a read-only view of A, and its result is checked and copied. One thread at a time
    calls it, unless it declares that it is thread-safe.

    If it does something wrong, raises NetrunnerError with a message that begins with `where`.
    """

    def __init__(
        self,
        activation: Activation,
        origin: Origin,
        parameters: Mapping[str, Any],
        where: str = "",
    ) -> None:
        self.activation, self.origin, self.where = activation, origin, where
        self._function: Callable[..., Any] = activation.function
        if parameters:
            self._function = partial(activation.function, **parameters)
        self._in_place = activation.in_place
        self._turn = nullcontext() if activation.thread_safe else activation.lock
        self._context = quiet_context(origin)

    def __call__(self, A: Array, out: Array | None = None) -> Array:
        """Z, written to `out`, which may be A, or else in new memory."""
        Z = np.empty_like(A) if out is None else out
        try:
            with self._turn:
                if self._in_place:
                    self._function(A, out=Z)
                    return Z
                given = self.answer(A)
                # A copy: the plugin may keep its result and change it later.
                if type(given) is np.ndarray and given.dtype == Z.dtype and given.shape == Z.shape:
                    Z[...] = given
                    return Z
                self._convert(given, Z)
        except NetrunnerError:
            raise
        except BaseException as error:  # even SystemExit, by sys.exit
            if is_interrupt(error, self.origin.file):
                raise
            raise NetrunnerError(self._problem(error, A)) from error
        return Z

    @property
    def unguarded(self) -> Callable[..., Any]:
        """A function that gives the same as a call with `out`, unguarded if no guard is needed.

        If it raises, call this object itself, which reports what is wrong.
        """
        needs_none = self._in_place and self.activation.thread_safe
        return self._function if needs_none else self

    def answer(self, A: Array, **out: Array) -> Any:
        """The function's own result for a read-only A; raises whatever the function raises."""
        a = A.view()
        a.setflags(write=False)
        # The function's np.seterr affects only this copy of the context.
        return self._context.copy().run(self._function, a, **out)

    def _convert(self, given: Any, Z: Array) -> None:
        """Copy a result of another dtype to Z. Raises NetrunnerError if it is not a result."""
        if type(given) is CoroutineType:
            given.close()  # else Python warns that it was never awaited
        if wrong := wrong_type(given, Z.shape) or wrong_shape(given, Z.shape):
            raise NetrunnerError(self.problem("plugin-result", wrong))
        with np.errstate(all="ignore"):
            np.copyto(Z, given, casting="unsafe")

    def problem(self, code: Any, did: str, hint: str | None = None) -> Problem:
        """What the activation did, as a problem at its function."""
        who = culprit(self.activation, self.origin, self.where)
        return plugin_problem(who, self.origin, code, did, hint=hint)

    def _problem(self, error: BaseException, A: Array) -> Problem:
        who = culprit(self.activation, self.origin, self.where)
        writes = _is_about_writing(error) and self._writes(A)
        return problem_of_exception(who, self.origin, error, writes)

    def _writes(self, A: Array) -> bool:
        """Whether a failed write was to the input: given a writable copy, the function succeeds."""
        try:
            self._context.copy().run(self._function, A.copy())
        except BaseException as error:
            if is_interrupt(error, self.origin.file):
                raise
            return not _is_about_writing(error)
        return True


def quiet_context(origin: Origin | None = None) -> Context:
    """A context in which numpy gives no warnings, and the plugin, if any, is the running one.

    Running a function in a copy of it costs a tenth of `np.errstate`.
    """

    def enter() -> None:
        np.seterr(all="ignore")
        if origin is not None:
            at_work.set((origin.file, origin.line))

    context = copy_context()
    context.run(enter)
    return context


def _is_about_writing(error: BaseException) -> bool:
    return isinstance(error, ValueError) and re.search(_READ_ONLY, words_of(error)) is not None


def wrong_type(Z: Any, shape: tuple[int, ...]) -> str | None:
    """What a result is, if it is not a numpy array of real numbers."""
    if issubclass(type(Z), np.generic):  # isinstance would call Z's own code, which may raise
        return f"returned a single number for an input of shape {shape}"
    if type(Z) is not np.ndarray:
        return f"returned {type(Z).__name__}, not a numpy array"
    if Z.dtype.kind not in "fiub":
        return f"returned an array of {Z.dtype}, not of real numbers"
    return None


def wrong_shape(Z: NDArray[Any], shape: tuple[int, ...]) -> str | None:
    """The shape of a result, if it differs from its input's."""
    return None if Z.shape == shape else f"returned shape {Z.shape} for an input of shape {shape}"
