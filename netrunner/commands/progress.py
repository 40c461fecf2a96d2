"""A progress bar on a terminal, for what takes longer than a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from typing import Any

import click

from netrunner.commands.terminal import is_terminal

PATIENCE = 1.0  # seconds before the bar is shown
STEPS = 1000  # that the work is divided into, if its end is known
ROWS = 10_000  # to a step, if it is not

Advance = Callable[[float, float | None], None]


@contextmanager
def progress(total: int | None) -> Iterator[Advance]:
    """A function to call with the number of rows that are done, and their share of the work.

    The share is from 0 to 1; `total` is the number of rows. Both are None if they are not known.
    """
    begin = time.time()
    with ExitStack() as stack:
        bar: Any = None

        def advance(rows: float, share: float | None) -> None:
            nonlocal bar
            if bar is None and is_terminal(sys.stderr) and time.time() >= begin + PATIENCE:
                bar = stack.enter_context(_bar(total, share is not None))
                bar.start = begin
            if bar is not None:
                done = rows / ROWS if share is None else share * STEPS
                bar.update(int(done) - bar.pos, rows)

        yield advance


def _bar(total: int | None, has_end: bool) -> Any:
    of = "" if total is None else f" of {total:,}"
    return click.progressbar(
        None if has_end else count(),
        length=STEPS if has_end else None,
        item_show_func=lambda rows: None if rows is None else f"{int(rows):,}{of} rows",
        file=sys.stderr,
        width=20,
    )
