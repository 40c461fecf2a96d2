"""The output Y alone, as numpy's .npy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import BinaryIO

from netrunner.activations.activation import Array
from netrunner.views.render.spool import Spool


def write_output(
    network: str, names: Sequence[str] | None, outputs: Iterable[Array], stream: BinaryIO
) -> None:
    """Write what np.save writes. The header has the shape, so the rows are kept until the end."""
    with closing(Spool(stream)) as spool:
        for output in outputs:
            spool.add(output)
        spool.write_npy(stream)
