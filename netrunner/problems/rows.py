"""How messages call the rows of a batch, which may be a block of a larger one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

RowName: TypeAlias = Callable[[int], str]  # of a row's index, which is from 0


def row_name(row: int) -> str:
    """A row's name where nothing comes before: they count from 1."""
    return f"row {row + 1}"


def names_from(first: int) -> RowName:
    """The names in a block whose first row has the index `first` in the whole."""
    return lambda row: row_name(first + row)
