"""Ctrl-C ends the command within a second, whatever it is doing.

Python raises KeyboardInterrupt between two instructions of the main thread: too late during a
long product, and a plugin may catch it. So a second thread hears of the signal. It gives the
main thread half a second to end by itself, and then ends the process.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from os import _exit  # the system's own, whatever a plugin meets under that name
from pathlib import Path

from netrunner.process import session

EXIT_INTERRUPTED = 130
GRACE = 0.5  # seconds
TRIES = 10

unfinished: set[Path] = set()  # files and folders that are being written, and must not stay


@contextmanager
def ended_by_interrupt() -> Iterator[None]:
    """While the context lasts, SIGINT ends this process; to be entered in the main thread."""
    if os.name != "posix":  # elsewhere, Python's own way has to do
        yield
        return
    heard, signalled = os.pipe()
    os.set_blocking(signalled, False)
    before = signal.set_wakeup_fd(signalled, warn_on_full_buffer=False)
    ended = threading.Event()
    threading.Thread(target=_watch, args=(heard, ended), daemon=True).start()
    try:
        yield
    finally:
        ended.set()
        signal.set_wakeup_fd(before)
        os.close(signalled)


def _watch(heard: int, ended: threading.Event) -> None:
    while signals := os.read(heard, 64):  # nothing, once the other end is closed
        if signal.SIGINT in signals and not ended.wait(GRACE):
            for path in tuple(unfinished):
                _remove(path)
            with suppress(OSError):
                os.write(2, f"{session.interrupted()}\n".encode(errors="backslashreplace"))
            _exit(EXIT_INTERRUPTED)
    os.close(heard)


def _remove(path: Path) -> None:
    with suppress(OSError):
        if not path.is_dir():
            path.unlink()
            return
    import shutil

    for _ in range(TRIES):  # others may still be writing into it
        shutil.rmtree(path, ignore_errors=True)
        if not path.exists():
            return
