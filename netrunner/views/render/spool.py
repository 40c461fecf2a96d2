"""Arrays that arrive in blocks, kept in a temporary file until they are complete."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import numpy as np

from netrunner.activations.activation import Array

IN_MEMORY = 2**20  # bytes up to which no file is needed
COPIED = 2**20


class Spool:
    """An array that grows by rows. Its bytes are in an unnamed file, so nothing is left behind.

    `shape` is the shape of the whole: of the only array, if it has one dimension, or of all rows.
    """

    def __init__(self, stream: IO[Any]) -> None:
        """The file is in the folder of `stream`, or else in the folder for temporary files."""
        name = getattr(stream, "name", None)
        # The name of standard output, <stdout>, is not a path.
        folder = str(Path(name).parent) if isinstance(name, str) and Path(name).exists() else None
        self._file = SpooledTemporaryFile(IN_MEMORY, dir=folder)  # noqa: SIM115 - close() closes it
        self.shape: tuple[int, ...] = ()
        self.dtype: np.dtype[Any] = np.dtype(float)

    def add(self, block: Array) -> None:
        """Add the next rows. Raises OSError, as the other methods do."""
        before = self.shape[0] if self.shape else 0
        self.shape = (before + len(block), *block.shape[1:])
        self.dtype = block.dtype
        self._file.write(np.ascontiguousarray(block).data)

    def write_npy(self, stream: IO[bytes]) -> None:
        """Write the whole array, as np.save does."""
        descr = np.lib.format.dtype_to_descr(self.dtype)
        header = {"descr": descr, "fortran_order": False, "shape": self.shape}
        np.lib.format.write_array_header_1_0(stream, header)
        self._file.seek(0)
        shutil.copyfileobj(self._file, stream, COPIED)

    def blocks(self, rows: int) -> Iterator[Array]:
        """The whole array again, in blocks of `rows` rows."""
        self._file.seek(0)
        for first in range(0, self.shape[0], rows):
            shape = (min(rows, self.shape[0] - first), *self.shape[1:])
            size = int(np.prod(shape)) * self.dtype.itemsize
            yield np.frombuffer(self._file.read(size), self.dtype).reshape(shape)

    def close(self) -> None:
        self._file.close()
