"""Rows in files too large for one machine: .npy, Zarr, Parquet, and folders of such files.

The client reads only the shapes; each worker reads the rows of its own blocks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netrunner.activations.blame import words_of
from netrunner.files.arrays import stored_arrays
from netrunner.files.opening import open_regular
from netrunner.network.network import Network
from netrunner.problems.problem import Fault, NetrunnerError, Problem, about, damaged
from netrunner.problems.source import Place
from netrunner.problems.suggestions import nearest
from netrunner.problems.words import listed, quote

BLOCK_BYTES = 64 * 2**20  # of input that a worker reads at a time, unless a chunk is larger
MAX_BLOCK_BYTES = 4 * 2**30
MAX_BLOCKS = 100_000
FORMS = ".npy, .parquet or .zarr"
ZARR_FILES = ("zarr.json", ".zarray")  # the files that mark a folder as a Zarr array


@dataclass(frozen=True)
class Part:
    """A data file or a Zarr array: `rows` rows of `columns` numbers.

    `name` is its name in messages, `path` is where workers find it. Rows can only be read in groups
    of `quantum`. `selected` names the columns to read from a Parquet file.
    """

    form: str
    name: str
    path: str
    rows: int
    columns: int
    dtype: np.dtype[Any]
    quantum: int = 1
    selected: tuple[str, ...] = ()


@dataclass(frozen=True)
class Block:
    """Rows that a worker runs together: `pieces` are (part, first row, end row)."""

    index: int
    first: int
    rows: int
    pieces: tuple[tuple[Part, int, int], ...]


def parts_of(data: str, network: Network) -> list[Part]:
    """The files that `data` means, sorted by name.

    Raises NetrunnerError that lists every file that the network cannot take.
    """
    path = Path(data)
    if path.suffix.lower() == ".zarr" or any((path / name).is_file() for name in ZARR_FILES):
        found = [("zarr", path)]
    elif path.is_dir():
        found = _files_in(path)
    else:
        form = path.suffix.lower().removeprefix(".")
        with about(data):
            open_regular(path).close()
            if form not in ("npy", "parquet"):
                message = f"for a scheduler, it must be {FORMS}, or a folder of such files"
                raise Fault("unknown-file-type", message)
        found = [(form, path)]
    parts: list[Part] = []
    problems: list[Problem] = []
    for form, file in found:
        try:
            with about(str(file)):
                parts.append(_fitting(_LOOKS[form](file, network), network))
        except NetrunnerError as error:
            problems += error.problems
    if problems:
        raise NetrunnerError(problems)
    return parts


def blocks_of(parts: list[Part]) -> list[Block]:
    """The rows of all the parts in blocks of one size, the last of which may be smaller.

    Raises Fault for more than a cluster could take, as a file of a few bytes may claim.
    """
    row_bytes = max(part.columns * part.dtype.itemsize for part in parts)
    size = max(1, BLOCK_BYTES // max(row_bytes, 1))
    quantum = max(part.quantum for part in parts)
    size = max(size // quantum, 1) * quantum
    if size * row_bytes > MAX_BLOCK_BYTES:
        message = f"it is stored in chunks of {quantum:,} rows, {size * row_bytes:,} bytes; "
        raise Fault("too-large", f"{message}a worker reads whole chunks: store smaller ones")
    ends = [*accumulate(part.rows for part in parts)]
    if (count := -(-ends[-1] // size)) > MAX_BLOCKS:
        message = f"{ends[-1]:,} rows are {count:,} blocks of work, and {MAX_BLOCKS:,} are the most"
        raise Fault("too-large", f"{message}: run parts of it")
    begins = [0, *ends[:-1]]
    cuts = [*range(0, ends[-1], size), ends[-1]] if ends[-1] else [0, 0]
    blocks, at = [], 0
    for index, (first, end) in enumerate(pairwise(cuts)):
        while ends[at] <= first and at + 1 < len(parts):
            at += 1
        pieces = []
        for n in range(at, len(parts)):
            low, high = max(first, begins[n]), min(end, ends[n])
            if low < high:
                pieces.append((parts[n], low - begins[n], high - begins[n]))
            if ends[n] >= end:
                break
        blocks.append(Block(index, first, end - first, tuple(pieces)))
    return blocks


def read(part: Part, first: int, end: int) -> NDArray[Any]:
    """Some rows of a part. Raises Fault."""
    try:
        rows = _READS[part.form](part, first, end)
    except Fault:
        raise
    except OSError as error:
        if error.strerror is None:  # one of pyarrow's own
            raise damaged(words_of(error)) from None
        raise Fault("unreadable-file", f"cannot be read on a worker: {error.strerror}") from None
    except Exception as error:  # the libraries raise anything for damaged files
        raise damaged(words_of(error)) from None
    if rows.shape != (end - first, part.columns):
        raise damaged("it has changed since the run began")
    return rows


def _files_in(folder: Path) -> list[tuple[str, Path]]:
    files = [path for path in sorted(folder.iterdir()) if not path.name.startswith((".", "_"))]
    found = {
        form: [(form, path) for path in files if path.suffix.lower() == f".{form}"]
        for form in ("npy", "parquet")
    }
    held = [form for form in found if found[form]]
    if len(held) != 1:
        holds = "both .npy and .parquet files" if held else "neither .npy nor .parquet files"
        message = f"this folder holds {holds}"
        raise NetrunnerError(Problem("unknown-file-type", Place(str(folder)), message))
    return found[held[0]]


def sample(columns: int, dtype: np.dtype[Any], network: Network) -> NDArray[Any]:
    """Sample rows, with which the network checks the width and the type."""
    # A wrong width may be absurdly large.
    return np.zeros((int(columns == network.input_size), columns), dtype)


def _fitting(part: Part, network: Network) -> Part:
    """The part, after checking that the network takes its rows. Raises NetrunnerError."""
    try:
        network.as_input(sample(part.columns, part.dtype, network))
    except NetrunnerError as error:
        (problem,) = error.problems
        raise NetrunnerError(Problem(problem.code, Place(part.name), problem.message)) from None
    return part


def _rows_and_columns(shape: tuple[int, ...], network: Network) -> tuple[int, int]:
    if len(shape) != 2:
        message = f"an array of shape {shape}, but rows of {network.input_size} are needed"
        raise Fault("input-shape", message)
    return shape[0], shape[1]


def _look_at_npy(path: Path, network: Network) -> Part:
    with stored_arrays(path) as arrays:
        rows, columns = _rows_and_columns(arrays[""].shape, network)
    if rows * columns == 0:
        dtype = np.dtype(float)
    else:
        try:
            dtype = _mapped(path).dtype
        except ValueError as error:  # for some headers, numpy is stricter than we are
            raise damaged(words_of(error)) from None
    return Part("npy", str(path), str(path.resolve()), rows, columns, dtype)


def _mapped(path: str | Path) -> NDArray[Any]:
    mapped: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    return mapped


def _read_npy(part: Part, first: int, end: int) -> NDArray[Any]:
    return np.array(_mapped(part.path)[first:end])


def _look_at_zarr(path: Path, network: Network) -> Part:
    if not path.is_dir():
        what = "it is not a folder" if path.exists() else "no such file"
        raise Fault("unreadable-file" if path.exists() else "file-not-found", what)
    try:
        stored = _open_zarr(path)
    except Exception as error:
        if (path / ".zgroup").exists() or _is_zarr_group(path):
            message = "it is a group: name one of the arrays in it"
            raise Fault("unknown-member", message) from None
        raise damaged(words_of(error)) from None
    rows, columns = _rows_and_columns(stored.shape, network)
    step = (stored.shards or stored.chunks)[0]
    # A chunk may be larger than the data; the block need not be.
    quantum = max(min(step, rows), 1)
    return Part("zarr", str(path), str(path.resolve()), rows, columns, stored.dtype, quantum)


def _is_zarr_group(path: Path) -> bool:
    import zarr

    try:
        zarr.open_group(str(path), mode="r")
    except Exception:
        return False
    return True


def _open_zarr(path: Path) -> Any:
    import zarr

    return zarr.open_array(str(path), mode="r")


def _read_zarr(part: Part, first: int, end: int) -> NDArray[Any]:
    return np.asarray(_open_zarr(Path(part.path))[first:end])


def _look_at_parquet(path: Path, network: Network) -> Part:
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    with open_regular(path) as stream:
        try:
            file = pq.ParquetFile(stream)
            schema = file.schema_arrow
            groups = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
        except Exception as error:  # of pyarrow or of the system
            raise damaged(words_of(error)) from None
    selected = network.input_names or tuple(schema.names)
    dtypes = []
    for name in selected:
        if schema.names.count(name) != 1:
            raise _no_column(name, schema.names)
        dtypes.append(_dtype_of(schema.field(name)))
    dtype = np.result_type(*dtypes) if dtypes else np.dtype(float)
    quantum = max(groups, default=1) or 1
    rows = sum(groups)
    return Part(
        "parquet", str(path), str(path.resolve()), rows, len(selected), dtype, quantum, selected
    )


def _no_column(name: str, names: list[str]) -> Fault:
    if name in names:
        return Fault("missing-column", f"there are {names.count(name)} columns {quote(name)}")
    near = nearest(name, names)
    shown = listed(map(quote, names), 20)
    message = f"there is no column {quote(name)}, which the network takes; there are {shown}"
    hint = f"did you mean {quote(near)}, in place of {quote(name)}?" if near else None
    return Fault("missing-column", message, hint)


def _dtype_of(field: Any) -> np.dtype[Any]:
    import pyarrow as pa

    if not (pa.types.is_integer(field.type) or pa.types.is_floating(field.type)):
        message = f"column {quote(field.name)} holds values of type {field.type}, not numbers"
        raise Fault("not-real-numbers", message)
    name = str(field.type)
    return np.dtype({"halffloat": "f2", "float": "f4", "double": "f8"}.get(name, name))


def _read_parquet(part: Part, first: int, end: int) -> NDArray[Any]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(part.path) as file:
        sizes = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
        ends = np.cumsum(sizes)
        begins = ends - sizes
        groups = np.flatnonzero((begins < end) & (ends > first)).tolist()
        table = file.read_row_groups(groups, columns=list(part.selected), use_threads=False)
    table = table.slice(first - int(begins[groups[0]]), end - first)
    rows = np.empty((table.num_rows, part.columns), part.dtype)
    for i, name in enumerate(part.selected):
        column = table.column(name)
        if column.null_count:
            row = int(np.argmax(column.is_null().to_numpy())) + first + 1
            raise Fault("not-real-numbers", f"row {row}, column {quote(name)} is empty")
        rows[:, i] = column.to_numpy()
    return rows


_LOOKS: dict[str, Callable[[Path, Network], Part]] = {
    "npy": _look_at_npy,
    "zarr": _look_at_zarr,
    "parquet": _look_at_parquet,
}
_READS: dict[str, Callable[[Part, int, int], NDArray[Any]]] = {
    "npy": _read_npy,
    "zarr": _read_zarr,
    "parquet": _read_parquet,
}
