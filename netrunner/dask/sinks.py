"""Where a run on many machines writes its rows: a folder of .npy, Parquet or Zarr.

Each worker writes its blocks into a folder beside the output. The folder takes the output's name
when all blocks are there.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from netrunner.activations.activation import Array
from netrunner.activations.blame import words_of
from netrunner.dask.sources import Block
from netrunner.files.opening import resolved
from netrunner.files.writing import no_folder, unwritable
from netrunner.network.network import Network
from netrunner.problems.problem import Fault
from netrunner.problems.words import printable


@dataclass(frozen=True)
class Sink:
    """A folder that is being filled; `columns` are the names of a Parquet file's columns."""

    form: str
    folder: str
    columns: tuple[str, ...]
    digits: int  # of the numbers in the part names

    def write(self, index: int, first: int, Y: Array) -> None:
        """Write the rows of a block; this may happen again if the worker that wrote it is lost.

        Raises Fault.
        """
        if not Path(self.folder).is_dir():  # zarr would create it
            message = "cannot be written on a worker: its folder is not shared with the workers"
            raise Fault("unwritable-output", message)
        try:
            self._write(index, first, Y)
        except OSError as error:
            reason = printable(error.strerror or words_of(error))
            message = f"cannot be written on a worker: {reason}"
            raise Fault("unwritable-output", message) from None

    def _write(self, index: int, first: int, Y: Array) -> None:
        part = Path(self.folder) / f"part-{index:0{self.digits}}.{self.form}"
        # A worker that was given up for lost may still write the same part as another.
        partial = part.with_name(f".{part.name}-{os.urandom(4).hex()}")
        if self.form == "npy":
            with partial.open("wb") as stream:
                np.save(stream, Y)
            partial.replace(part)
        elif self.form == "parquet":
            import pyarrow as pa  # type: ignore[import-untyped]
            import pyarrow.parquet as pq  # type: ignore[import-untyped]

            columns = [pa.array(np.ascontiguousarray(column)) for column in Y.T]
            pq.write_table(pa.table(columns, names=list(self.columns)), partial)
            partial.replace(part)
        else:
            import zarr

            array: Any = zarr.open_array(self.folder, mode="r+")
            array[first : first + len(Y)] = Y


def form_of(output: str) -> str:
    """The form that an output's name selects: npy, parquet or zarr. Raises Fault."""
    suffix = Path(output).suffix.lower()
    if suffix in (".zarr", ".parquet"):
        return suffix[1:]
    if suffix and not output.endswith(("/", os.sep)):
        message = "a scheduler writes .zarr, .parquet, or a folder of .npy files: NAME/"
        raise Fault("unknown-file-type", message)
    return "npy"


def check_free(output: str) -> Path:
    """The full path of an output that does not exist yet, in an existing folder. Raises Fault."""
    try:
        path = resolved(Path(output))
        if path.exists():
            raise Fault("file-exists", "already exists, and is left unchanged")
        if not path.parent.is_dir():
            raise no_folder(Path(output))
    except OSError as error:
        raise unwritable(error) from None
    return path


def begin(form: str, folder: Path, blocks: Sequence[Block], network: Network) -> Sink:
    """Make the folder that the workers will fill. Raises Fault."""
    try:
        folder.mkdir()
        if form == "zarr":
            import zarr

            zarr.create_array(
                str(folder),
                shape=(sum(block.rows for block in blocks), network.output_size),
                chunks=(max(blocks[0].rows, 1), network.output_size),  # one for each block
                dtype=network.dtype,
            )
    except OSError as error:
        raise unwritable(error) from None
    numbered = tuple(f"y{i + 1}" for i in range(network.output_size))
    columns = network.output_names or numbered
    return Sink(form, str(folder), columns, max(5, len(str(len(blocks)))))


def finish(folder: Path, output: str) -> None:
    """Give the full folder the output's name, which must still be free. Raises Fault."""
    target = check_free(output)
    try:
        folder.rename(target)
    except OSError as error:
        raise unwritable(error) from None
