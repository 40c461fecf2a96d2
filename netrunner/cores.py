"""Work shared out over the cores, while the BLAS keeps to one thread.

The number of threads of a BLAS belongs to the whole process. So it is set and restored in one
place, by one thread at a time: who comes while another is at it works alone, and leaves it be.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

Work = Callable[[Callable[[], bool]], None]

_taken = threading.Lock()


def share_out(work: Work) -> None:
    """Do `work` in as many threads at once as the BLAS would take, or else in this one.

    `work` takes the next piece until there is none, or until the function that it is given says
    that the rest is no longer wanted. What it raises first is raised here, when all have ended.
    """
    team = _Team(work)
    try:
        shared = not _taken.locked() and team.can_start()
        if shared:
            team.ended.wait()
    except BaseException:  # an interrupt of this thread, which the others know nothing of
        team.stopped = True
        # It may have come while the leader was starting, or before.
        team.ended.wait(None if team.started else 0.1)
        raise
    if not shared:
        team.stopped = True
        work(lambda: False)
    elif team.errors:
        raise team.errors[0]


class _Team:
    """Threads that do one work.

    The leader is a thread, too: an interrupt can come anywhere in the main thread, and must not
    come between setting the BLAS and restoring it.
    """

    def __init__(self, work: Work) -> None:
        self.work = work
        self.stopped = False
        self.errors: list[BaseException] = []
        self.started = False
        self.ended = threading.Event()

    def can_start(self) -> bool:
        try:
            _threads().submit(self._lead)
        except RuntimeError:  # there are no threads, or no more, as Python is about to exit
            return False
        self.started = True
        return True

    def _lead(self) -> None:
        try:
            if _taken.acquire(blocking=False):
                try:
                    self._do_with_limit()
                finally:
                    _taken.release()
            else:
                self._do()
        except BaseException as error:  # of threadpoolctl
            self.errors.append(error)
        finally:
            self.ended.set()

    def _do_with_limit(self) -> None:
        blas = _blas()
        now = [library.num_threads for library in blas.lib_controllers]
        threads = min(core_count(), *now) if now else 1
        if threads < 2 or self.stopped:
            self._do()
            return
        with blas.limit(limits=1):
            # Where another thread has set a limit and not taken it back, this one cannot.
            if all(library.num_threads == 1 for library in blas.lib_controllers):
                self._do_together(threads)
            else:
                self._do()

    def _do_together(self, threads: int) -> None:
        others = []
        with suppress(RuntimeError):  # too many threads: do with those that there are
            for _ in range(1, threads):
                others.append(_threads().submit(self._assist))
        self._do()
        for other in others:
            if not other.cancel():  # which it can be where it has not begun
                other.result()

    def _assist(self) -> None:
        for library in _blas().lib_controllers:
            if getattr(library, "threading_layer", None) == "openmp":  # a number for each thread
                library.set_num_threads(1)
        self._do()

    def _do(self) -> None:
        try:
            self.work(lambda: self.stopped)
        except BaseException as error:
            self.errors.append(error)
            self.stopped = True


@cache
def _threads() -> ThreadPoolExecutor:
    """Threads that stay: a new one often has to wait for its core longer than its work takes."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(2 * core_count(), "netrunner")


@cache
def _blas() -> Any:
    """The BLAS libraries that are loaded, to be asked and set."""
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

    return ThreadpoolController().select(user_api="blas")


def _after_fork() -> None:
    _threads.cache_clear()  # a child has none of them
    _taken.release()


if hasattr(os, "register_at_fork"):
    # A child made in the middle would have the lock for ever, and its BLAS one thread.
    os.register_at_fork(
        before=_taken.acquire, after_in_parent=_taken.release, after_in_child=_after_fork
    )


def core_count() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
