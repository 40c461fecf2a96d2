"""Networks on Dask: a real scheduler, two worker processes, and what may go wrong with them."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cloudpickle
import dask
import dask.array as da
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zarr
from conftest import NETWORKS, ROOT, THREE_LAYER, Result, spawn
from distributed import Client, LocalCluster
from taken import within_limits

from netrunner import NetrunnerError, NetrunnerWarning, __version__, load
from netrunner.dask import cluster as scale_cluster
from netrunner.dask import predict, sources

Run = Callable[..., Result]
ROWS = 400
# The bound that docs/scale.md states.
CLOSE = {"rtol": 1e-9, "atol": 1e-12}


# A cluster


class Cluster:
    """A scheduler and workers, each a process of its own, in a folder where nothing of ours is."""

    def __init__(self, folder: Path, stack: ExitStack, environment: dict[str, str]) -> None:
        self.folder, self.stack, self.environment = folder, stack, environment
        self.file = folder / "scheduler.json"
        self.scheduler = self._start(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
            "--scheduler-file", self.file,
        )  # fmt: skip
        _wait_for(self.file.exists)
        with Client(scheduler_file=str(self.file), set_as_default=False) as client:
            self.address = client.scheduler.address

    def add_worker(self, name: str, path: Path = ROOT) -> subprocess.Popen[bytes]:
        return self._start(
            "worker", self.address, "--name", name, "--nthreads", "1", "--no-nanny",
            "--no-dashboard", "--memory-limit", "0", "--local-directory", self.folder,
            path=path,
        )  # fmt: skip

    def wait_for_workers(self, number: int) -> None:
        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(number, timeout=300)

    def _start(self, what: str, *options: object, path: Path = ROOT) -> subprocess.Popen[bytes]:
        log = self.stack.enter_context((self.folder / f"{what}.log").open("ab"))
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", what, *map(str, options)],
            cwd=self.folder,
            env={**os.environ, **self.environment, "PYTHONPATH": str(path)},
            stdout=log,
            stderr=log,
        )
        self.stack.callback(process.wait)
        self.stack.callback(process.kill)
        return process


def _wait_for(condition: Callable[[], Any]) -> None:
    end = time.monotonic() + 300
    while not condition():
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.02)


@contextmanager
def cluster_in(folder: Path, workers: int = 2, **environment: str) -> Iterator[Cluster]:
    with ExitStack() as stack:
        made = Cluster(folder, stack, environment)
        for n in range(workers):
            made.add_worker(f"worker {n + 1}")
        if workers:
            made.wait_for_workers(workers)
        yield made


ALL_IN_ONE = """
import sys, time
from distributed import LocalCluster

if __name__ == "__main__":
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, protocol="tcp", host="127.0.0.1",
        dashboard_address=None, memory_limit=0,
    ) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A scheduler with two workers in its own process, which is quicker: all have one start."""
    folder = tmp_path_factory.mktemp("cluster")
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",  # takes as long as the tests
    }
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-c", ALL_IN_ONE],
            cwd=folder, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
        ) as process,
    ):  # fmt: skip
        yield SimpleNamespace(address=process.stdout.readline().strip())
        process.kill()


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> int:
    """Blocks of fifty rows of two numbers, as if a row were large; gives their number."""
    monkeypatch.setattr(sources, "BLOCK_BYTES", 50 * 2 * 8)
    return ROWS // 50


@pytest.fixture(name="X")
def rows() -> np.ndarray:
    return np.random.default_rng(7).normal(size=(ROWS, 2))


@pytest.fixture
def expected(X: np.ndarray) -> np.ndarray:
    return load(THREE_LAYER)(X)


@pytest.fixture(autouse=True)
def _logging() -> Iterator[None]:
    """The command silences dask until its process ends, and here it has none of its own."""
    yield
    logging.disable(logging.NOTSET)


def nothing_left(folder: Path) -> bool:
    return not [path for path in folder.iterdir() if path.name.startswith((".", "Y"))]


# Data in, data out


def write_npy(path: Path, X: np.ndarray) -> Path:
    np.save(path / "X.npy", X)
    return path / "X.npy"


def write_columns_first(path: Path, X: np.ndarray) -> Path:
    np.save(path / "F.npy", np.asfortranarray(X.astype(">f8")))
    return path / "F.npy"


def write_parts(path: Path, X: np.ndarray) -> Path:
    folder = path / "parts"
    folder.mkdir()
    for n, rows in enumerate(np.split(X, [7, 7, 200, 233])):
        np.save(folder / f"part-{n}.npy", rows)
    return folder


def write_zarr(path: Path, X: np.ndarray) -> Path:
    stored = zarr.create_array(path / "X.zarr", shape=X.shape, chunks=(30, 1), dtype=X.dtype)
    stored[:] = X
    return path / "X.zarr"


def write_parquet(path: Path, X: np.ndarray) -> Path:
    table = pa.table({"id": np.arange(len(X)), "x2": X[:, 1], "x1": X[:, 0]})
    pq.write_table(table, path / "X.parquet", row_group_size=33)
    return path / "X.parquet"


def write_short_numbers(path: Path, X: np.ndarray) -> Path:
    whole, half = (X[:, 0] * 8).astype("i1"), X[:, 1].astype("f4")
    X[:] = np.column_stack([whole, half])
    pq.write_table(pa.table({"x1": whole, "x2": half}), path / "short.parquet")
    return path / "short.parquet"


def write_parquets(path: Path, X: np.ndarray) -> Path:
    folder = path / "table"
    folder.mkdir()
    for n, rows in enumerate(np.split(X, [50, 123])):
        pq.write_table(pa.table({"x1": rows[:, 0], "x2": rows[:, 1]}), folder / f"{n}.parquet")
    (folder / "_SUCCESS").touch()
    return folder


FORMS = [
    (write_npy, "Y.zarr"),
    (write_columns_first, "Y.parquet"),
    (write_parts, "Y"),
    (write_zarr, "Y.zarr"),
    (write_parquet, "Y.parquet"),
    (write_short_numbers, "Y"),
    (write_parquets, "Y.zarr"),
]


def read_output(path: Path) -> np.ndarray:
    if path.suffix == ".zarr":
        return zarr.open_array(path, mode="r")[:]
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        assert table.column_names == ["y1", "y2"]
        return np.column_stack([column.to_numpy() for column in table.columns])
    return np.concatenate([np.load(part) for part in sorted(path.glob("part-*.npy"))])


@pytest.mark.parametrize(("write", "output"), FORMS)
def test_each_form_in_and_out_gives_the_local_result(
    cluster, netrunner, small_blocks, tmp_path, X, write, output
):
    data = write(tmp_path, X)
    expected = load(THREE_LAYER)(X)
    options = ("--input-file", data, "--output", tmp_path / output)
    result = netrunner("run", THREE_LAYER, "--scheduler", cluster.address, *options)
    assert result == (0, "", f"wrote {tmp_path / output}: 400 rows\n")
    np.testing.assert_allclose(read_output(tmp_path / output), expected, **CLOSE)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_scheduler_of_its_own_as_a_user_starts_it(tmp_path, X, expected):
    data = write_npy(tmp_path, X)
    done = spawn(
        "run", THREE_LAYER, "--scheduler", "local", "--input-file", data, "--output", "Y.zarr",
        cwd=tmp_path,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"wrote Y.zarr: 400 rows\n")
    np.testing.assert_allclose(read_output(tmp_path / "Y.zarr"), expected, **CLOSE)


def test_no_rows_give_no_rows(netrunner, tmp_path):
    data = write_npy(tmp_path, np.empty((0, 2)))
    for name in ("Y.zarr", "Y.parquet", "Y"):
        options = ("--input-file", data, "--output", tmp_path / name)
        assert netrunner("run", THREE_LAYER, "--scheduler", "local", *options).code == 0
        assert read_output(tmp_path / name).shape == (0, 2)


def test_float32_stays_float32(cluster, netrunner, tmp_path):
    X = np.random.default_rng(7).normal(size=(50, 2))
    net = tmp_path / "net.yaml"
    net.write_text(
        "dtype: float32\n"
        "inputs: 2\n"
        "layers: [{size: 2, weights: [[1, 2], [3, 4]], biases: 0, activation: sigmoid}]\n"
    )
    options = ("--input-file", write_npy(tmp_path, X), "--output", tmp_path / "Y")
    result = netrunner("run", net, "--scheduler", cluster.address, *options)
    assert result.code == 0, result.err
    Y = read_output(tmp_path / "Y")
    assert Y.dtype == np.float32
    np.testing.assert_allclose(Y, load(net)(X), rtol=1e-5)


# Plugins

PLUGIN = """\
import numpy as np

import netrunner
from netrunner import Activation

FACTOR = 3.0


def scaled(a):
    return FACTOR * np.tanh(a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("scaled", scaled)]
"""


def with_plugin(folder: Path, function: str = "", name: str = "scaled") -> tuple[Path, Path]:
    """A network and the plugin of its activation; `function` takes the place of the function."""
    plugin = folder / "own.py"
    begin, end = PLUGIN.index("def scaled"), PLUGIN.index("@netrunner")
    plugin.write_text(PLUGIN[:begin] + function + PLUGIN[end:] if function else PLUGIN)
    net = folder / "net.yaml"
    net.write_text(
        "inputs: 2\n"
        "layers:\n"
        f"  - {{size: 2, weights: [[1, 2], [3, 4]], biases: 0, activation: {name}}}\n"
    )
    return net, plugin


def test_a_plugin_file_works_where_nobody_has_seen_it(cluster, tmp_path, X):
    net, plugin = with_plugin(tmp_path)
    network = load(net, plugins=[plugin])
    expected = network(X)
    plugin.unlink()
    with Client(cluster.address, set_as_default=False) as client:
        Y = predict(network, da.from_array(X, chunks=(50, 2)))
        np.testing.assert_allclose(client.compute(Y).result(), expected, **CLOSE)


def test_the_network_is_opened_once_by_each_worker(cluster, netrunner, small_blocks, tmp_path, X):
    log = tmp_path / "log"
    net, plugin = with_plugin(
        tmp_path,
        f"""
def restored():
    with open({str(log)!r}, "a") as log:
        log.write("opened\\n")
    return Scaled()

class Scaled:
    def __call__(self, a):
        return FACTOR * np.tanh(a)
    def __reduce__(self):
        return restored, ()

scaled = Scaled()

""",
    )
    options = ("--input-file", write_npy(tmp_path, X), "--output", tmp_path / "Y.zarr")
    result = netrunner("run", net, "--plugins", plugin, "--scheduler", cluster.address, *options)
    assert result.code == 0, result.err
    opened = log.read_text().split()
    assert 1 <= len(opened) <= 2 < small_blocks


def test_a_large_network_gives_no_warning(netrunner, tmp_path):
    W = np.random.default_rng(7).normal(size=(1000, 1500))
    np.save(tmp_path / "W.npy", W)
    net = tmp_path / "net.yaml"
    net.write_text(
        "inputs: 1000\n"
        "layers: [{size: 1500, weights: {file: W.npy}, biases: 0, activation: relu}]\n"
    )
    data = write_npy(tmp_path, np.eye(5, 1000))
    options = ("--input-file", data, "--output", tmp_path / "Y")
    result = netrunner("run", net, "--scheduler", "local", *options)
    assert result == (0, "", f"wrote {tmp_path / 'Y'}: 5 rows\n")
    np.testing.assert_allclose(read_output(tmp_path / "Y"), np.maximum(W[:5], 0), **CLOSE)


def test_the_graph_holds_the_network_once(X):
    network = load(NETWORKS / "digits.yaml")
    weights = sum(layer.weights.nbytes for layer in network.layers)

    def size(chunks: int) -> int:
        Y = predict(network, da.zeros((chunks, network.input_size), chunks=(1, -1)))
        return len(cloudpickle.dumps(dask.optimize(Y)[0].__dask_graph__()))

    few, many = size(10), size(1010)
    assert weights < few
    assert (many - few) / 1000 < 500  # bytes for a chunk more


# Workers that die


@pytest.mark.slow
def test_a_killed_worker_costs_its_blocks_not_the_run(
    netrunner, small_blocks, tmp_path, tmp_path_factory, X
):
    flag = tmp_path / "flag"
    net, plugin = with_plugin(
        tmp_path,
        f"""
def scaled(a):
    import os, time
    done = np.abs(a - THE_SUM).min() < 1e-9
    if done:
        try:
            file = os.open({str(flag)!r}, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        except FileExistsError:
            pass
        else:
            os.write(file, str(os.getpid()).encode())
            time.sleep(60)
    return FACTOR * np.tanh(a)

""".replace("THE_SUM", repr(float(X[123, 0] + 3 * X[123, 1]))),
    )

    def kill() -> None:
        _wait_for(lambda: flag.exists() and flag.read_text())
        os.kill(int(flag.read_text()), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    with cluster_in(tmp_path_factory.mktemp("cluster")) as cluster:
        killer.start()
        options = ("--input-file", write_npy(tmp_path, X), "--output", tmp_path / "Y.zarr")
        result = netrunner(
            "run", net, "--plugins", plugin, "--scheduler", cluster.address, *options
        )
        killer.join()
    assert result == (0, "", f"wrote {tmp_path / 'Y.zarr'}: 400 rows\n")
    expected = load(net, plugins=[plugin])(X)
    np.testing.assert_allclose(read_output(tmp_path / "Y.zarr"), expected, **CLOSE)


@pytest.mark.slow
def test_a_block_at_which_workers_die_again_and_again_is_an_error(
    netrunner, tmp_path, tmp_path_factory, X
):
    net, plugin = with_plugin(tmp_path, "def scaled(a):\n    import os\n    os._exit(1)\n\n")
    once = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
    with cluster_in(tmp_path_factory.mktemp("cluster"), **once) as cluster:
        options = ("--input-file", write_npy(tmp_path, X), "--output", tmp_path / "Y.zarr")
        result = netrunner(
            "run", net, "--plugins", plugin, "--scheduler", cluster.address, *options
        )
    where = f"the block from row 1 of {tmp_path / 'X.npy'}"
    assert result == (
        1,
        "",
        f"{cluster.address}: error: 2 workers died at {where}; is there enough memory for 400 rows?"
        " [worker-failed]\n",
    )
    assert nothing_left(tmp_path)


@pytest.mark.slow
def test_a_scheduler_that_dies_is_an_error(netrunner, small_blocks, tmp_path, tmp_path_factory, X):
    flag = tmp_path / "flag"
    net, plugin = with_plugin(
        tmp_path,
        f"""
def scaled(a):
    import pathlib, time
    pathlib.Path({str(flag)!r}).touch()
    time.sleep(1)
    return a

""",
    )
    with cluster_in(tmp_path_factory.mktemp("cluster"), workers=1) as cluster:

        def kill() -> None:
            _wait_for(flag.exists)
            cluster.scheduler.kill()

        killer = threading.Thread(target=kill)
        killer.start()
        options = ("--input-file", write_npy(tmp_path, X), "--output", tmp_path / "Y.zarr")
        result = netrunner(
            "run", net, "--plugins", plugin, "--scheduler", cluster.address, *options
        )
        killer.join()
    message = "the connection to the scheduler is lost [scheduler-failed]"
    assert result == (1, "", f"{cluster.address}: error: {message}\n")
    assert nothing_left(tmp_path)


# What is wrong with the data


NOWHERE = "tcp://127.0.0.1:1"


def refused(netrunner: Run, scheduler: str, data: Path, outputs: Sequence[str] = ("Y/",)) -> str:
    """What a run says that leaves nothing."""
    for output in outputs:
        options = ("--input-file", data, "--output", f"{data.parent}/{output}")
        result = netrunner("run", THREE_LAYER, "--scheduler", scheduler, *options)
        assert (result.code, result.out) == (1, "")
        assert nothing_left(data.parent)
    return result.err


def test_a_nan_is_named_by_its_file_and_its_row_there(
    cluster, netrunner, small_blocks, tmp_path, X
):
    X[[233, 301], 1] = np.nan
    npy, parts = write_npy(tmp_path, X), write_parts(tmp_path, X)
    words = "column 2 is nan, not a finite number [not-finite]\n"
    said = refused(netrunner, cluster.address, npy, ("Y.zarr", "Y.parquet", "Y/"))
    assert said == f"{npy}: error: row 234, {words}"
    said = refused(netrunner, cluster.address, parts)
    assert said == f"{parts}/part-4.npy: error: row 1, {words}"


def test_parts_of_another_width_are_named_before_anything_runs(netrunner, tmp_path, X):
    parts = write_parts(tmp_path, X)
    np.save(parts / "part-1.npy", X[:, :1])
    np.save(parts / "part-3.npy", X[0])
    said = refused(netrunner, NOWHERE, parts).splitlines()
    assert said == [
        f"{parts}/part-1.npy: error: 1 number a row, but the network takes 2 numbers"
        " ('x1', 'x2') [input-shape]",
        f"{parts}/part-3.npy: error: an array of shape (2,), but rows of 2 are needed"
        " [input-shape]",
    ]


def test_what_is_no_data_is_refused_before_anything_runs(netrunner, tmp_path, X):
    def said(name: str) -> str:
        words = refused(netrunner, NOWHERE, tmp_path / name)
        assert words.startswith(f"{tmp_path / name}: error: ")
        return words

    assert "no such file [file-not-found]" in said("X.npy")
    write_npy(tmp_path, X)
    assert "did you mean" in said("X.npz")
    (tmp_path / "X.npz").write_bytes(b"")
    assert ".npy, .parquet or .zarr, or a folder of such files [unknown-file-type]" in said("X.npz")
    (tmp_path / "X.npy").write_bytes(b"nonsense")
    assert "[damaged-file]" in said("X.npy")
    np.save(tmp_path / "X.npy", np.empty((3, 0)))
    assert "0 numbers a row, but the network takes 2" in said("X.npy")
    np.save(tmp_path / "X.npy", np.array([["a", "b"]]))
    assert "it holds text, not real numbers [not-real-numbers]" in said("X.npy")
    (tmp_path / "X.parquet").write_bytes(b"nonsense")
    assert "[damaged-file]" in said("X.parquet")
    (tmp_path / "folder").mkdir()
    assert "holds neither .npy nor .parquet files [unknown-file-type]" in said("folder")
    for name in ("a.npy", "b.parquet"):
        (tmp_path / "folder" / name).touch()
    assert "holds both .npy and .parquet files [unknown-file-type]" in said("folder")
    assert "no such file [file-not-found]" in said("X.zarr")
    (tmp_path / "X.zarr").mkdir()
    assert "[damaged-file]" in said("X.zarr")
    zarr.create_group(tmp_path / "G.zarr").create_array("X", shape=(1, 2), dtype="f8")
    assert "it is a group: name one of the arrays in it [unknown-member]" in said("G.zarr")
    zarr.create_array(tmp_path / "wide.zarr", shape=(1, 10**13), dtype="f8")
    assert "10000000000000 numbers a row, but the network takes 2" in said("wide.zarr")
    zarr.create_array(tmp_path / "C.zarr", shape=(1, 2), dtype="c16")
    assert "values of type complex128, not numbers [not-real-numbers]" in said("C.zarr")


def test_columns_of_parquet_are_taken_by_their_names(cluster, netrunner, tmp_path):
    def said(scheduler: str, **columns: list[Any]) -> str:
        pq.write_table(pa.table(columns), tmp_path / "X.parquet")
        return refused(netrunner, scheduler, tmp_path / "X.parquet")

    message = "error: there is no column 'x2', which the network takes; there are 'x1', 'x_2'"
    assert message in said(NOWHERE, x1=[1.0], x_2=[2.0])
    message = "error: column 'x1' holds values of type string, not numbers [not-real-numbers]"
    assert message in said(NOWHERE, x1=["1"], x2=[2.0])
    message = "error: row 2, column 'x2' is empty [not-real-numbers]"
    assert message in said(cluster.address, x1=[1, 1, 1], x2=[2.0, None, 2.0])


def test_a_damaged_file_is_named_by_the_worker_that_reads_it(cluster, netrunner, tmp_path, X):
    data = write_parquet(tmp_path, X)
    content = bytearray(data.read_bytes())
    content[40:4000] = bytes(3960)  # the columns, and not the description at the end
    data.write_bytes(content)
    said = refused(netrunner, cluster.address, data)
    assert said.startswith(f"{data}: error: the file is damaged: ")
    assert said.endswith(" [damaged-file]\n")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("chunk", "words"),
    [
        (1000, "1,000,000,000,000,000 rows are 238,435,861 blocks of work, and 100,000 are the"),
        (10**15, "it is stored in chunks of 1,000,000,000,000,000 rows"),
    ],
)
def test_rows_without_end_are_refused_at_once(netrunner, tmp_path, chunk, words):
    zarr.create_array(tmp_path / "X.zarr", shape=(10**15, 2), chunks=(chunk, 2), dtype="f8")
    said = within_limits(lambda: refused(netrunner, NOWHERE, tmp_path / "X.zarr"))
    assert said.startswith(f"{tmp_path}/X.zarr: error: {words}")
    assert said.endswith("[too-large]\n")


def test_an_output_that_is_there_is_left_as_it_is(netrunner, tmp_path, X):
    data = write_npy(tmp_path, X)
    (tmp_path / "Y").mkdir()
    (tmp_path / "Y" / "own.txt").write_text("mine")
    for output, words in (
        ("Y", "already exists, and is left unchanged [file-exists]"),
        ("X.npy/", "already exists, and is left unchanged [file-exists]"),
        ("no/Y", f"cannot be written: there is no folder '{tmp_path}/no' [unwritable-output]"),
        ("Y.npy", "a scheduler writes .zarr, .parquet, or a folder of .npy files: NAME/"
         " [unknown-file-type]"),
    ):  # fmt: skip
        options = ("--input-file", data, "--output", f"{tmp_path}/{output}")
        result = netrunner("run", THREE_LAYER, "--scheduler", NOWHERE, *options)
        assert result == (1, "", f"{tmp_path}/{output}: error: {words}\n")
    assert [path.name for path in (tmp_path / "Y").iterdir()] == ["own.txt"]


def test_an_output_that_appears_during_the_run_is_left_as_it_is(
    netrunner, tmp_path, X, monkeypatch
):
    compute, output = scale_cluster._compute, tmp_path / "Y.zarr"

    def interrupted_by_another(*given: Any) -> Any:
        output.mkdir()
        return compute(*given)

    monkeypatch.setattr(scale_cluster, "_compute", interrupted_by_another)
    options = ("--input-file", write_npy(tmp_path, X), "--output", output)
    result = netrunner("run", THREE_LAYER, "--scheduler", "local", *options)
    message = "already exists, and is left unchanged [file-exists]"
    assert result == (1, "", f"{output}: error: {message}\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["X.npy", "Y.zarr"]
    assert not list(output.iterdir())


def test_workers_that_do_not_share_the_file_system(cluster, netrunner, tmp_path, X, monkeypatch):
    data = write_npy(tmp_path, X)
    parts_of, begin = scale_cluster.parts_of, scale_cluster.begin
    with monkeypatch.context() as patch:  # as if the paths were those of another machine
        patch.setattr(
            scale_cluster,
            "parts_of",
            lambda *given: [replace(part, path="/there/X.npy") for part in parts_of(*given)],
        )
        said = refused(netrunner, cluster.address, data)
        reason = "cannot be read on a worker: No such file or directory [unreadable-file]"
        assert said == f"{data}: error: {reason}\n"
    monkeypatch.setattr(
        scale_cluster, "begin", lambda *given: replace(begin(*given), folder="/there/Y")
    )
    said = refused(netrunner, cluster.address, data)
    reason = "its folder is not shared with the workers [unwritable-output]"
    assert said == f"{tmp_path}/Y/: error: cannot be written on a worker: {reason}\n"


# What is wrong with the plugin


def test_a_plugin_that_fails_on_a_worker_is_named_by_file_and_line(
    cluster, netrunner, small_blocks, tmp_path, X
):
    net, plugin = with_plugin(
        tmp_path, "def scaled(a):\n    if len(a):\n        raise KeyError('x')\n\n"
    )
    options = ("--input-file", write_npy(tmp_path, X), "--plugins", plugin)
    local = netrunner("run", net, *options)
    remote = netrunner(
        "run", net, *options, "--scheduler", cluster.address, "--output", tmp_path / "Y.zarr"
    )
    assert "plugin 'own.py' raised KeyError" in local.err
    assert remote == local
    assert nothing_left(tmp_path)


def test_a_plugin_that_cannot_travel_is_named(netrunner, tmp_path, X):
    function = "import threading\nLOCK = threading.Lock()\ndef scaled(a):\n    LOCK\n    return a\n"
    net, plugin = with_plugin(tmp_path, function)
    options = ("--input-file", write_npy(tmp_path, X), "--output", tmp_path / "Y.zarr")
    result = netrunner("run", net, "--plugins", plugin, "--scheduler", "local", *options)
    words = "the activation cannot be sent to workers: cannot pickle '_thread.lock' object"
    assert result == (1, "", f"{plugin}: error: {words} [not-portable]\n")


def test_a_plugin_that_needs_what_workers_lack_is_an_error(
    cluster, netrunner, tmp_path, X, monkeypatch
):
    (tmp_path / "beside.py").write_text("three = 3\n")
    monkeypatch.syspath_prepend(tmp_path)
    net, plugin = with_plugin(
        tmp_path, "import beside\ndef scaled(a):\n    return a * beside.three\n\n"
    )
    options = ("--input-file", write_npy(tmp_path, X), "--output", tmp_path / "Y.zarr")
    result = netrunner("run", net, "--plugins", plugin, "--scheduler", cluster.address, *options)
    message = "the network cannot be opened on a worker: ModuleNotFoundError: No module named"
    assert result == (1, "", f"--scheduler: error: {message} 'beside' [not-portable]\n")
    assert nothing_left(tmp_path)


def test_an_infinity_that_arises_is_one_warning_with_the_row_of_the_whole(
    cluster, netrunner, small_blocks, tmp_path, X
):
    net, plugin = with_plugin(tmp_path, "def scaled(a):\n    return 1 / np.maximum(a, 0)\n\n")
    X[:] = 1
    X[[233, 301], 1] = -1
    options = ("--input-file", write_npy(tmp_path, X), "--plugins", plugin)
    local = netrunner("run", net, *options, "--output-only", "--format", "npz",
                      "--output", tmp_path / "local.npz")  # fmt: skip
    assert "neuron 1, row 234: 'scaled' gives inf" in local.err
    output = tmp_path / "Y.zarr"
    remote = netrunner("run", net, *options, "--scheduler", cluster.address, "--output", output)
    assert remote == (0, "", local.err + f"wrote {output}: 400 rows\n")
    with np.load(tmp_path / "local.npz") as arrays:
        np.testing.assert_array_equal(read_output(output), arrays["Y"])


# What is wrong with the cluster


@pytest.mark.slow
def test_a_scheduler_that_does_not_answer(netrunner, tmp_path, X, monkeypatch):
    monkeypatch.setattr(scale_cluster, "PATIENCE", 0.5)
    data = write_npy(tmp_path, X)
    options = ("--input-file", data, "--output", tmp_path / "Y.zarr")

    def said(scheduler: str) -> str:
        result = netrunner("run", THREE_LAYER, "--scheduler", scheduler, *options)
        assert (result.code, result.out) == (1, "")
        assert nothing_left(tmp_path)
        return result.err

    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        words = "no scheduler answers there within 0.5 seconds [scheduler-failed]"
        assert said(address) == f"{address}: error: {words}\n"
    # On a busy machine, the time may be over before the refusal is heard.
    assert said(address).startswith(f"{address}: error: no scheduler answers there")
    for address in ("nonsense://there:1", "tcp://", "there", "127.0.0.1", "", "tcp://a:b", "a:1 "):
        assert "is not the address of a scheduler, such as tcp://HOST:8786" in said(address)


@pytest.mark.slow
def test_what_answers_may_be_something_else(cluster, netrunner, tmp_path, X, monkeypatch):
    options = ("--input-file", write_npy(tmp_path, X), "--output", tmp_path / "Y.zarr")
    with Client(cluster.address, set_as_default=False) as client:
        worker = next(iter(client.scheduler_info()["workers"]))
    result = netrunner("run", THREE_LAYER, "--scheduler", worker, *options)
    message = "a worker answers there, not a scheduler [scheduler-failed]"
    assert result == (1, "", f"{worker}: error: {message}\n")
    monkeypatch.setattr(scale_cluster, "PATIENCE", 2.0)
    monkeypatch.setattr(BaseHTTPRequestHandler, "log_message", lambda *_: None)
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as web:
        thread = threading.Thread(target=web.handle_request)
        thread.start()
        address = f"tcp://127.0.0.1:{web.server_port}"
        result = netrunner("run", THREE_LAYER, "--scheduler", address, *options)
        thread.join()
    assert result.code == 1
    assert result.err.startswith(f"{address}: error: no scheduler answers there")
    assert nothing_left(tmp_path)


@pytest.mark.slow
def test_a_scheduler_without_workers(netrunner, tmp_path, X, monkeypatch):
    monkeypatch.setattr(scale_cluster, "PATIENCE", 1.0)
    options = ("--input-file", write_npy(tmp_path, X), "--output", tmp_path / "Y.zarr")
    with LocalCluster(
        n_workers=0, processes=False, protocol="tcp", dashboard_address="127.0.0.1:0"
    ) as empty:
        address = empty.scheduler_address
        result = netrunner("run", THREE_LAYER, "--scheduler", address, *options)
    message = "the scheduler has no worker, and got none within 1 seconds [scheduler-failed]"
    assert result == (1, "", f"{address}: error: {message}\n")
    assert nothing_left(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("__version__ = '0.0.9'", f"has netrunner 0.0.9, but here it is {__version__}"),
        ("raise ImportError", "has no package netrunner"),
    ],
)
def test_a_worker_with_another_version(netrunner, tmp_path, tmp_path_factory, X, content, words):
    (tmp_path / "other" / "netrunner").mkdir(parents=True)
    (tmp_path / "other" / "netrunner" / "__init__.py").write_text(content)
    options = ("--input-file", write_npy(tmp_path, X), "--output", tmp_path / "Y.zarr")
    with cluster_in(tmp_path_factory.mktemp("cluster")) as cluster:
        cluster.add_worker("old", path=tmp_path / "other")
        cluster.wait_for_workers(3)
        result = netrunner("run", THREE_LAYER, "--scheduler", cluster.address, *options)
    assert result == (1, "", f"{cluster.address}: error: worker 'old' {words} [worker-version]\n")
    assert nothing_left(tmp_path)


def test_workers_with_another_python(cluster, netrunner, tmp_path, X, monkeypatch):
    monkeypatch.setattr(scale_cluster, "sys", SimpleNamespace(version_info=(3, 99, 0)))
    python = ".".join(map(str, sys.version_info[:2]))
    lines = refused(netrunner, cluster.address, write_npy(tmp_path, X)).splitlines()
    words = f"has Python {python}, but here it is 3.99 [worker-version]"
    expected = [f"{cluster.address}: error: worker '{n}' {words}" for n in (0, 1)]
    assert sorted(lines) == expected


def test_a_worker_with_another_version_that_comes_later(
    cluster, netrunner, tmp_path, X, monkeypatch
):
    monkeypatch.setattr(scale_cluster, "_check_workers", lambda *_: None)
    monkeypatch.setattr(scale_cluster, "__version__", "9.9")
    said = refused(netrunner, cluster.address, write_npy(tmp_path, X))
    message = f"a worker that joined during the run has netrunner {__version__}, but here it is 9.9"
    assert said == f"--scheduler: error: {message} [worker-version]\n"


@pytest.mark.slow
def test_interrupted_it_leaves_nothing(cluster, tmp_path, X):
    flag = tmp_path / "flag"
    net, plugin = with_plugin(
        tmp_path,
        f"""
def scaled(a):
    import pathlib, time
    pathlib.Path({str(flag)!r}).touch()
    time.sleep(3)
    return a

""",
    )
    data = write_npy(tmp_path, X)
    for scheduler in ("local", cluster.address):
        process = subprocess.Popen(
            [sys.executable, "-m", "netrunner", "run", net, "--plugins", plugin, "--scheduler",
             scheduler, "--input-file", data, "--output", tmp_path / "Y.zarr"],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stderr=subprocess.PIPE,
        )  # fmt: skip
        _wait_for(flag.exists)
        flag.unlink()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=300)
        assert (process.returncode, err.strip()) == (130, b"interrupted")
        assert nothing_left(tmp_path)


# The command line


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--output", "Y"], "--scheduler takes its rows from --input-file PATH."),
        (["--output", "Y", "--input", "1,2"], "--scheduler takes its rows from --input-file"),
        (["--output", "Y", "--input-file", "-"], "--scheduler takes its rows from --input-file"),
        (["--input-file", "X.npy"], "--scheduler writes into a folder: give --output PATH."),
        (
            ["--input-file", "X.npy", "--output", "Y", "--format", "json"],
            "--format and --scheduler cannot both be given",
        ),
        (
            ["--input-file", "X.npy", "--output", "Y", "--precision", "3"],
            "--precision and --scheduler cannot both be given",
        ),
    ],
)
def test_options_that_do_not_go_together(netrunner, options, words):
    result = netrunner("run", THREE_LAYER, "--scheduler", "local", *options)
    assert (result.code, result.out) == (2, "")
    assert words in result.err


@pytest.mark.slow
def test_progress_is_dasks_and_for_terminals(cluster, tmp_path, X):
    net, plugin = with_plugin(
        tmp_path, "def scaled(a):\n    import time\n    time.sleep(0.3)\n    return a\n\n"
    )
    data, output = write_npy(tmp_path, X), tmp_path / "Y.zarr"
    program = "import os, pty, sys\nsys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
    done = subprocess.run(
        [sys.executable, "-c", program, sys.executable, "-m", "netrunner", "run", net,
         "--plugins", plugin, "--scheduler", cluster.address,
         "--input-file", data, "--output", output],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=300,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert b"% Completed" in done.stdout
    assert done.stdout.endswith(b": 400 rows\r\n")


# In Python


def test_predict_is_lazy_and_knows_its_shape():
    network = load(THREE_LAYER)
    X = da.random.default_rng(7).normal(size=(100, 2), chunks=(30, 1))
    Y = predict(network, X)
    assert isinstance(Y, da.Array)
    assert (Y.shape, Y.dtype, Y.chunks) == ((100, 2), network.dtype, ((30, 30, 30, 10), (2,)))
    assert isinstance(Y._meta, np.ndarray)
    assert Y._meta.dtype == network.dtype
    x, y = dask.compute(X, Y)
    np.testing.assert_allclose(y, network(x), **CLOSE)
    assert predict(network, X).name == Y.name  # the same is computed once


def test_predict_takes_chunks_of_unknown_length(X):
    network = load(THREE_LAYER)
    rows = da.from_array(X, chunks=(100, 2))
    Y = predict(network, rows[rows[:, 0] > 0])
    assert np.isnan(Y.shape[0])
    np.testing.assert_allclose(Y.compute(), network(X[X[:, 0] > 0]), **CLOSE)
    X[250] = np.nan
    rows = da.from_array(X, chunks=(100, 2))
    message = r"input: error: row 51 of block 3, column 1 is nan, not a finite number"
    with pytest.raises(NetrunnerError, match=message):
        predict(network, rows[rows[:, 0] != 0]).compute()


def test_predict_refuses_at_once_what_the_network_does_not_take(X):
    network = load(THREE_LAYER)
    with pytest.raises(NetrunnerError, match="1 number a row, but the network takes 2"):
        predict(network, da.zeros((10, 1)))
    with pytest.raises(NetrunnerError, match=r"an array of shape \(2,\), but predict takes"):
        predict(network, da.zeros(2))
    with pytest.raises(NetrunnerError, match="values of type complex128, not numbers"):
        predict(network, da.zeros((10, 2), dtype=complex))
    with pytest.raises(TypeError, match="predict takes a dask array, not ndarray"):
        predict(network, X)


def test_predict_on_a_cluster_tells_its_client_what_it_would_tell_here(cluster, tmp_path, X):
    net, plugin = with_plugin(tmp_path, "def scaled(a):\n    return 1 / np.maximum(a, 0)\n\n")
    network = load(net, plugins=[plugin])
    X[:] = 1
    X[233, 1] = -1
    rows = da.from_array(X, chunks=(50, 2))
    words = "layer 1, neuron 1, row 234: 'scaled' gives inf"
    with pytest.warns(NetrunnerWarning, match=words):
        predict(network, rows).compute()
    with Client(cluster.address, set_as_default=False) as client:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            client.compute(predict(network, rows)).result()
            _wait_for(lambda: caught)  # it comes by another way than the result
        assert words in str(caught[0].message)
        assert caught[0].category is NetrunnerWarning
    X[77, 0] = np.inf
    with (
        Client(cluster.address, set_as_default=False) as client,
        pytest.raises(NetrunnerError, match="row 78, column 1 is inf, not a finite number"),
    ):
        client.compute(predict(network, da.from_array(X, chunks=(50, 2)))).result()


def test_without_dask_the_error_says_what_to_install(tmp_path):
    (tmp_path / "dask.py").write_text("raise ImportError")
    program = "import netrunner; netrunner.dask.predict(netrunner.load('networks/and.yaml'), None)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    message = "Dask arrays need the package dask: pip install 'netrunner-nn[dask]'"
    assert f"netrunner.dask: error: {message} [missing-package]" in done.stderr
