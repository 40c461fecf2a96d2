"""A progress bar on standard error, for what takes longer than a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from netrunner.commands.terminal import is_terminal

PATIENCE = 1.0  # seconds before anything is shown
INTERVAL = 0.1  # seconds from one look to the next
BAR = 20  # characters
WIDTH = 79


Tell = Callable[[float, float | None], None]


@contextmanager
def progress(total: int | None) -> Iterator[Tell]:
    """A function to be told how many rows are done, and which part of the work, from 0 to 1.

    `total` is how many rows there are; both are None where nobody knows. Nothing of the bar is
    left in the end. Without a terminal, nothing is ever shown.
    """
    if not is_terminal(sys.stderr):
        yield lambda rows, share: None
        return
    begin = time.monotonic()
    shown_at = begin + PATIENCE - INTERVAL

    def tell(rows: float, share: float | None) -> None:
        nonlocal shown_at
        now = time.monotonic()
        if now - shown_at >= INTERVAL:
            shown_at = now
            line = line_of(int(rows), total, share, now - begin)
            click.echo(f"\r{line:<{WIDTH}}", nl=False, err=True)

    try:
        yield tell
    finally:
        if shown_at > begin + PATIENCE - INTERVAL:
            click.echo(f"\r{'':<{WIDTH}}\r", nl=False, err=True)


def line_of(rows: int, total: int | None, share: float | None, seconds: float) -> str:
    """What is shown after so many seconds: rows done, rows a second, time left."""
    of = "" if total is None else f" of {total:,}"
    words = f"{rows:,}{of} rows, {rows / seconds:,.0f} a second"
    if not share:
        return words
    done = "#" * min(BAR, int(BAR * share))
    left = max(0.0, seconds / share - seconds)
    return f"[{done:.<{BAR}}] {words}, {clock(left)} left"


def clock(seconds: float) -> str:
    """A duration as minutes and seconds, with hours where there are any."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
