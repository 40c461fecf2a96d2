"""Work in a thread of its own, which the server leaves alone if it never ends."""

from __future__ import annotations

import asyncio
import sys
import threading
import traceback
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 10.0  # seconds for a text to be read and run

_Result = TypeVar("_Result")


class StuckError(TimeoutError):
    """Work that does not end; `files` are those whose code it is in."""

    def __init__(self, files: frozenset[str]) -> None:
        super().__init__(f"it took more than {PATIENCE:g} seconds; is it a plugin?")
        self.files = files


async def in_thread(work: Callable[[], _Result]) -> _Result:
    """What `work` returns. Raises StuckError if a plugin never ends; its thread is left alone."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[_Result] = loop.create_future()

    def settle(result: _Result | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is None:
            done.set_result(result)  # type: ignore[arg-type]
        else:
            done.set_exception(error)

    def run() -> None:
        result, error = None, None
        try:
            result = work()
        except Exception as raised:
            error = raised
        except BaseException as raised:
            error = RuntimeError(f"{type(raised).__name__}: {raised}")
        try:
            loop.call_soon_threadsafe(settle, result, error)
        except RuntimeError:  # the server has ended
            return

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        async with asyncio.timeout(PATIENCE):  # `wait_for` forgets to be cancelled if it is done
            return await done
    except TimeoutError:
        raise StuckError(_files_of(thread)) from None


def _files_of(thread: threading.Thread) -> frozenset[str]:
    """The files whose code a thread is in."""
    frame = sys._current_frames().get(thread.ident or 0)
    return frozenset(each.f_code.co_filename for each, _ in traceback.walk_stack(frame) if frame)
