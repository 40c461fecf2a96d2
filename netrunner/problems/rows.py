"""The names of rows in messages; a batch may be a block of a larger one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

RowName: TypeAlias = Callable[[int], str]  # from a row's index, counted from 0


def row_name(row: int) -> str:
    """A row's name in a whole batch; names count from 1."""
    return f"row {row + 1}"


def names_from(first: int) -> RowName:
    """The row names in a block whose first row has the index `first` in the whole batch."""
    return lambda row: row_name(first + row)
