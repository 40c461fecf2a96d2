"""Ctrl-C ends the command within a second, whatever it is doing; so do SIGTERM and SIGHUP.

Python raises KeyboardInterrupt between two instructions of the main thread: too late during a long
product, and a plugin may catch it. So a second thread receives the signal. It gives the main thread
half a second to end by itself, and then ends the process.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from netrunner.process import session

if TYPE_CHECKING:
    from pathlib import Path  # whose import takes as long as a fifth of click's

EXIT_INTERRUPTED = 130
GRACE = 0.5  # seconds
TRIES = 10

_ENDING = (signal.SIGTERM, signal.SIGHUP) if os.name == "posix" else ()

# Unfinished files and folders, which must be removed, and what else must be done at the end.
unfinished: set[Path | Callable[[], None]] = set()


@contextmanager
def ended_by_interrupt() -> Iterator[None]:
    """Until the context ends, SIGINT ends this process; enter it in the main thread."""
    if os.name != "posix":  # elsewhere, Python's own handling must do
        yield
        return
    heard, signalled = os.pipe()
    os.set_blocking(signalled, False)
    before = signal.set_wakeup_fd(signalled, warn_on_full_buffer=False)
    for ending in _ENDING:
        if signal.getsignal(ending) is signal.SIG_DFL:  # nohup ignores SIGHUP
            signal.signal(ending, _end)
    ended = threading.Event()
    threading.Thread(target=_watch, args=(heard, ended), daemon=True).start()
    try:
        yield
    finally:
        ended.set()
        for ending in _ENDING:
            if signal.getsignal(ending) is _end:
                signal.signal(ending, signal.SIG_DFL)
        signal.set_wakeup_fd(before)
        os.close(signalled)


def _end(number: int, frame: object) -> None:
    """Remove unfinished files, then end as the signal would have ended the process."""
    _remove_unfinished()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _remove_unfinished() -> None:
    for each in tuple(unfinished):
        if callable(each):
            each()
        else:
            _remove(each)


def _watch(heard: int, ended: threading.Event) -> None:
    while signals := os.read(heard, 64):  # empty when the other end is closed
        ending = next((number for number in _ENDING if number in signals), None)
        if ending is not None and not ended.wait(GRACE):
            _remove_unfinished()
            os._exit(128 + ending)
        if signal.SIGINT in signals and not ended.wait(GRACE):
            _remove_unfinished()
            with suppress(OSError):
                os.write(2, f"{session.interrupted()}\n".encode(errors="backslashreplace"))
            os._exit(EXIT_INTERRUPTED)
    os.close(heard)


def _remove(path: Path) -> None:
    with suppress(OSError):
        if not path.is_dir():
            path.unlink()
            return
    import shutil

    for _ in range(TRIES):  # other processes may still be writing into it
        shutil.rmtree(path, ignore_errors=True)
        if not path.exists():
            return
