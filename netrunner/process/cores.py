"""Work shared out over the cores, while the BLAS uses one thread.

The number of BLAS threads belongs to the whole process. So it is set and restored in one place, by
one thread at a time. A thread that comes meanwhile works alone, and does not change it.
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

_taken = threading.Lock()  # held while the BLAS is set
_starting = threading.Lock()  # held to give work to the threads, or to end them
_threads: list[threading.Thread] = []


def share_out(work: Work) -> None:
    """Do `work` in as many threads as the BLAS would use, or else in this one.

    `work` takes the next piece until there is none, or until the function passed to it says that
    the rest is no longer needed. Its first exception is raised here, after all threads end. It must
    not call `share_out` itself.
    """
    team = _Team(work)
    try:
        shared = not _taken.locked() and team.can_start()
        # A signal that arrives just before acquire waits is handled after it, so the wait must be
        # short.
        while shared and not team.ended.acquire(timeout=0.1):
            pass
    except BaseException:  # an interrupt in this thread; the others do not see it
        team.stopped = True
        while not (team.over or team.begun.acquire(blocking=False)):
            time.sleep(0.001)
        raise
    if not shared:
        work(lambda: False)
    elif team.errors:
        raise team.errors[0]


class _Team:
    """Threads that share one piece of work.

    The leader is a thread, too: an interrupt can hit the main thread anywhere, and must not hit
    between setting the BLAS and restoring it.
    """

    def __init__(self, work: Work) -> None:
        self.work = work
        self.stopped = False
        self.errors: list[BaseException] = []
        self.begun = (
            threading.Lock()
        )  # taken by the leader, or by a thread that stops the leader from starting
        self.over = False
        # Not an Event: an interrupt in its wait() may leave it locked.
        self.ended = threading.Lock()
        self.ended.acquire()

    def can_start(self) -> bool:
        try:
            with _starting:
                _jobs().put(self._lead)
        except RuntimeError:  # no threads can be started, for example because Python is exiting
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
            # While another thread's limit is set, this thread cannot set one.
            if all(library.num_threads == 1 for library in blas.lib_controllers):
                self._do_together(threads)
            else:
                self._do()

    def _do_together(self, threads: int) -> None:
        turns = [threading.Lock() for _ in range(1, threads)]
        for turn in turns:
            _jobs().put(partial(self._assist, turn))
        self._do()
        for turn in turns:  # wait for the working threads; those that have not begun never will
            turn.acquire()

    def _assist(self, turn: threading.Lock) -> None:
        if not turn.acquire(blocking=False):
            return
        try:
            for library in _blas().lib_controllers:
                if getattr(library, "threading_layer", None) == "openmp":  # set per thread
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
    """A queue of functions, each called in one of the threads, one for each core; None ends a
    thread.

    The threads stay until the process forks: a new thread often waits for a core for longer than
    its work takes. They are daemon threads, not those of concurrent.futures, whose locks do not
    survive every fork and interrupt. Raises RuntimeError if no thread can be started.
    """
    jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
    try:
        for i in range(core_count()):
            name = f"netrunner {i + 1}"
            thread = threading.Thread(target=_serve, args=[jobs], name=name, daemon=True)
            thread.start()
            _threads.append(thread)
    except RuntimeError:  # too many threads: use those that started
        if not _threads:
            raise
    return jobs


def _serve(jobs: SimpleQueue[Callable[[], None] | None]) -> None:
    while (job := jobs.get()) is not None:
        job()


@cache
def _blas() -> Any:
    """A controller for the BLAS libraries that are loaded."""
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

    return ThreadpoolController().select(user_api="blas")


class _Fork:
    """Makes a fork wait for a run to end, and ends the threads; the next run makes new ones.

    After a fork during a run, the child's locks would stay locked, and its BLAS would keep one
    thread. Python also warns about a fork while threads are running.
    """

    def __init__(self) -> None:
        self.ours = False  # whether the fork comes from a function that one of the threads calls

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
