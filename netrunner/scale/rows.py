"""Runs a network on a block of rows, in such a way that messages count the rows of the whole."""

from __future__ import annotations

import re
from typing import Any

from numpy.typing import NDArray

from netrunner.errors import Fault
from netrunner.layer import Array
from netrunner.network import Network, as_input


def checked(network: Network, X: NDArray[Any]) -> Array:
    """X as the network takes it. Raises Fault, whose index counts the rows of X."""
    return as_input(X, network.input_size, network.dtype, network.input_names)


def counted_from(fault: Fault, first: int | None, whose: str = "") -> Fault:
    """The fault of a block whose first row is row `first` of the whole, from 0.

    Where nobody knows `first`, `whose` says which block the row is counted in.
    """
    if fault.index is None or len(fault.index) < 2:
        return fault
    row = _row(fault.index[0] + 1, first, whose)
    message = re.sub(r"\Arow \d+", f"row {row}", fault.message)
    return Fault(fault.code, message, fault.hint, fault.place)


def words_counted_from(network: Network, words: str, first: int | None, whose: str = "") -> str:
    """The same for the words in which a network tells where a value is not finite."""
    for layer in network.layers:
        begin = f"{layer.title}, neuron "
        if words.startswith(begin) and (
            found := re.match(r"(\d+, row )(\d+)(.*)", words[len(begin) :], re.DOTALL)
        ):
            return begin + found[1] + _row(int(found[2]), first, whose) + found[3]
    return words


def _row(number: int, first: int | None, whose: str) -> str:
    return f"{number} of {whose}" if first is None else str(number + first)
