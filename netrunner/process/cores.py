"""Work shared out over the cores, while the BLAS keeps to one thread.

The number of threads of a BLAS belongs to the whole process. So it is set and restored in one
place, by one thread at a time. A thread that comes meanwhile works alone, and leaves it be.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from functools import cache, partial
from queue import SimpleQueue
from typing import Any

Work = Callable[[Callable[[], bool]], None]

_taken = threading.Lock()  # by whoever sets the BLAS
_starting = threading.Lock()  # by whoever hands work to the threads, or ends them
_threads: list[threading.Thread] = []


def share_out(work: Work) -> None:
    """Do `work` in as many threads at once as the BLAS would take, or else in this one.

    `work` takes the next piece until there is none, or until the function that it is given says
    that the rest is no longer wanted. What it raises first is raised here, when all have ended.
    It must not share out work itself.
    """
    team = _Team(work)
    try:
        shared = not _taken.locked() and team.can_start()
        # A signal that comes as acquire begins to wait is heard at its end, which must come soon.
        while shared and not team.ended.acquire(timeout=0.1):
            pass
    except BaseException:  # an interrupt of this thread, which the others know nothing of
        team.stopped = True
        while not (team.over or team.begun.acquire(blocking=False)):
            time.sleep(0.001)
        raise
    if not shared:
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
        self.begun = (
            threading.Lock()
        )  # taken by the leader, or by a thread that keeps it from beginning
        self.over = False
        self.ended = threading.Lock()  # not an Event, which an interrupt in wait() may leave locked
        self.ended.acquire()

    def can_start(self) -> bool:
        try:
            with _starting:
                _jobs().put(self._lead)
        except RuntimeError:  # there are no threads, or no more, as Python is about to exit
            return False
        return True

    def _lead(self) -> None:
        if not self.begun.acquire(blocking=False):
            return
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
            self.over = True
            self.ended.release()

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
        turns = [threading.Lock() for _ in range(1, threads)]
        for turn in turns:
            _jobs().put(partial(self._assist, turn))
        self._do()
        for turn in turns:  # wait for those at work; those that have not begun never will
            turn.acquire()

    def _assist(self, turn: threading.Lock) -> None:
        if not turn.acquire(blocking=False):
            return
        try:
            for library in _blas().lib_controllers:
                if getattr(library, "threading_layer", None) == "openmp":  # each thread has its own
                    library.set_num_threads(1)
            self._do()
        finally:
            turn.release()

    def _do(self) -> None:
        try:
            self.work(lambda: self.stopped)
        except BaseException as error:
            self.errors.append(error)
            self.stopped = True


@cache
def _jobs() -> SimpleQueue[Callable[[], None] | None]:
    """What is put here is called in one of as many threads as there are cores; None ends one.

    They stay until the process forks: a new one often has to wait for its core for longer than
    its work takes. They are daemons, and not concurrent.futures', whose locks do not survive every
    fork and interrupt. Raises RuntimeError where not one thread can be started.
    """
    jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
    try:
        for i in range(core_count()):
            name = f"netrunner {i + 1}"
            thread = threading.Thread(target=_serve, args=[jobs], name=name, daemon=True)
            thread.start()
            _threads.append(thread)
    except RuntimeError:  # too many threads: do with those that there are
        if not _threads:
            raise
    return jobs


def _serve(jobs: SimpleQueue[Callable[[], None] | None]) -> None:
    while (job := jobs.get()) is not None:
        job()


@cache
def _blas() -> Any:
    """The BLAS libraries that are loaded, to be asked and set."""
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

    return ThreadpoolController().select(user_api="blas")


class _Fork:
    """A fork waits for a run to end, and ends the threads: the next run makes new ones.

    A child made in the middle would have the locks for ever, and its BLAS one thread; and Python
    warns of a process that forks while it has threads.
    """

    def __init__(self) -> None:
        self.ours = False  # whether a function that one of the threads calls forks

    def before(self) -> None:
        self.ours = threading.current_thread() in _threads
        if self.ours:
            return
        _taken.acquire()
        _starting.acquire()
        for _ in _threads:
            _jobs().put(None)
        for thread in _threads:
            thread.join()
        self._forget_threads()

    def in_parent(self) -> None:
        if not self.ours:
            _starting.release()
            _taken.release()

    def in_child(self) -> None:
        global _taken, _starting
        _taken, _starting = threading.Lock(), threading.Lock()
        self._forget_threads()

    def _forget_threads(self) -> None:
        _threads.clear()
        _jobs.cache_clear()


if hasattr(os, "register_at_fork"):
    _fork = _Fork()
    os.register_at_fork(
        before=_fork.before, after_in_parent=_fork.in_parent, after_in_child=_fork.in_child
    )


def core_count() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
