"""Arrays that arrive in blocks, kept in a temporary file until they are whole."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import numpy as np

from netrunner.activations.activation import Array

IN_MEMORY = 2**20  # bytes that do not need a file
COPIED = 2**20


class Spool:
    """An array that grows by rows; the bytes are in a file without a name, so that none stays.

    `shape` is that of the whole: of the one array of one dimension, or of all the rows.
    """

    def __init__(self, stream: IO[Any]) -> None:
        """The file is in the folder of `stream`, or else where temporary files are."""
        name = getattr(stream, "name", None)
        # Standard output calls itself <stdout>, which is not a path.
        folder = str(Path(name).parent) if isinstance(name, str) and Path(name).exists() else None
        self._file = SpooledTemporaryFile(IN_MEMORY, dir=folder)  # noqa: SIM115 - close() closes it
        self.shape: tuple[int, ...] = ()
        self.dtype: np.dtype[Any] = np.dtype(float)

    def add(self, block: Array) -> None:
        """The next rows. Raises OSError, as the other methods do."""
        before = self.shape[0] if self.shape else 0
        self.shape = (before + len(block), *block.shape[1:])
        self.dtype = block.dtype
        self._file.write(np.ascontiguousarray(block).data)

    def write_npy(self, stream: IO[bytes]) -> None:
        """The whole array, as np.save writes it."""
        descr = np.lib.format.dtype_to_descr(self.dtype)
        header = {"descr": descr, "fortran_order": False, "shape": self.shape}
        np.lib.format.write_array_header_1_0(stream, header)
        self._file.seek(0)
        shutil.copyfileobj(self._file, stream, COPIED)

    def blocks(self, rows: int) -> Iterator[Array]:
        """The whole array again, by so many rows at once."""
        self._file.seek(0)
        for first in range(0, self.shape[0], rows):
            shape = (min(rows, self.shape[0] - first), *self.shape[1:])
            size = int(np.prod(shape)) * self.dtype.itemsize
            yield np.frombuffer(self._file.read(size), self.dtype).reshape(shape)

    def close(self) -> None:
        self._file.close()
