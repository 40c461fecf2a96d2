"""A trace as numpy's .npz: X, A1, Z1, …, Y."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack, closing
from typing import BinaryIO
from zipfile import ZipFile

from netrunner.activations.activation import Array
from netrunner.network.trace import Trace, arrays_by_symbol
from netrunner.views.render.spool import Spool


def write_blocks(traces: Iterable[Trace], stream: BinaryIO) -> None:
    """Write the whole trace, which comes in blocks of rows."""
    _write(map(arrays_by_symbol, traces), stream)


def write_output(
    network: str, names: Sequence[str] | None, outputs: Iterable[Array], stream: BinaryIO
) -> None:
    """Write Y alone."""
    _write(({"Y": Y} for Y in outputs), stream)


def _write(blocks: Iterable[dict[str, Array]], stream: BinaryIO) -> None:
    """Write what np.savez writes. A member cannot be split, so each is kept until it is whole."""
    with ExitStack() as spools:
        members: dict[str, Spool] = {}
        for block in blocks:
            added: dict[int, Spool] = {}  # one spool for each array, since Y is the last layer's Z
            for name, array in block.items():
                if id(array) in added:
                    members[name] = added[id(array)]
                    continue
                if name not in members:
                    members[name] = spools.enter_context(closing(Spool(stream)))
                members[name].add(array)
                added[id(array)] = members[name]
        with ZipFile(stream, "w") as archive:
            for name, spool in members.items():
                with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                    spool.write_npy(member)
