"""The formats of a trace, one record each; the module of the same name writes the format.

To add one, write a module in this folder with `write_blocks(traces, stream)` and
`write_output(network, names, outputs, stream)`, and add its record to `FORMATS`.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from netrunner.activations.activation import Array
    from netrunner.network.trace import Trace


class TraceFormat(NamedTuple):
    """A format: its name and the suffix of its files.

    `binary`: it is written to a stream of bytes. `in_blocks`: the blocks of a large input can be
    written as they come. `whole`: it holds every A and Z, not only Y.
    """

    name: str
    suffix: str
    binary: bool = False
    in_blocks: bool = True
    whole: bool = True

    def write(self, traces: Iterable[Trace], stream: Any, **look: Any) -> None:
        """Write a trace that comes in blocks of rows; `look` is used by text alone."""
        self._module.write_blocks(traces, stream, **look)

    def write_output(
        self,
        network: str,
        names: tuple[str, ...] | None,
        outputs: Iterable[Array],
        stream: Any,
        **look: Any,
    ) -> None:
        """Write Y alone, which comes in blocks of rows. `names` are those of the outputs."""
        self._module.write_output(network, names, outputs, stream, **look)

    @property
    def _module(self) -> Any:
        return import_module(f"netrunner.views.render.{self.name}")


FORMATS = {
    each.name: each
    for each in (
        TraceFormat("text", ".txt", in_blocks=False),
        TraceFormat("json", ".json", in_blocks=False),
        TraceFormat("jsonl", ".jsonl"),
        TraceFormat("csv", ".csv"),
        TraceFormat("npz", ".npz", binary=True),
        TraceFormat("npy", ".npy", binary=True, whole=False),
    )
}


def save(trace: Trace, path: str | os.PathLike[str]) -> None:
    """Write a trace to a file in the format of its suffix. Raises NetrunnerError."""
    from pathlib import Path

    from netrunner.files.writing import writing
    from netrunner.problems.problem import Fault, about

    name = os.fspath(path)
    with about(name):
        formats = {each.suffix: each for each in FORMATS.values()}
        written_as = formats.get(Path(name).suffix.lower())
        if written_as is None:
            message = f"its name does not end in one of {', '.join(formats)}"
            raise Fault("unknown-file-type", message)
        with writing(Path(name), written_as.binary) as stream:
            if written_as.whole:
                written_as.write([trace], stream)
            else:
                names, outputs = trace.output_names, [trace.output]
                written_as.write_output(trace.network, names, outputs, stream)
