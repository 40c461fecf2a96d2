"""A run on a Dask cluster: connect, check the workers, hand out blocks, and wait."""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import re
import shutil
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn, TypeAlias

import numpy as np

from netrunner import __version__
from netrunner.activations.blame import place_in_code, words_of
from netrunner.dask.portable import Portable
from netrunner.dask.sinks import Sink, begin, check_free, finish, form_of
from netrunner.dask.sources import Block, blocks_of, parts_of
from netrunner.dask.worker import Outcome, run_block, settled
from netrunner.network.network import Network
from netrunner.problems.codes import Code
from netrunner.problems.problem import NetrunnerError, Problem, about, missing_package
from netrunner.problems.source import Place
from netrunner.problems.words import printable, quote
from netrunner.process.interrupt import unfinished

Client: TypeAlias = Any  # distributed's types change between versions
Future: TypeAlias = Any

LOCAL = "local"
PACKAGES = ("dask", "distributed", "cloudpickle", "zarr", "pyarrow")
_ADDRESS = re.compile(r"((tcp|tls|wss?)://)?([^:/\[\]\s]+|\[[0-9a-fA-F:.%]+\]):[0-9]{1,5}")
PATIENCE = 10.0  # seconds for the scheduler to answer, and for its first worker to arrive
PATIENCE_WITHOUT_WORKERS = 30.0  # for workers to come back during a run: they may be restarting
AT_THE_END = 5.0  # for running blocks to end, when the run fails ...
AT_ONCE = 0.3  # ... or is interrupted


def run(
    scheduler: str, network: Network, data: str, output: str, show_progress: bool = False
) -> tuple[int, str | None]:
    """Run a network on the rows in `data`, on the workers of a scheduler, into `output`.

    Returns the number of rows, and a description of where a value was not finite. If it raises
    NetrunnerError, no output is left.
    """
    for package in PACKAGES:
        if find_spec(package) is None:
            fault = missing_package("a scheduler needs", package, "dask")
            raise NetrunnerError(fault.at(Place("--scheduler")))
    with about(output):
        form = form_of(output)
        target = check_free(output)
    parts = parts_of(data, network)
    with about(data):
        blocks = blocks_of(parts)
    portable = Portable.of(network)
    with _connected(scheduler) as client:
        _check_workers(client, scheduler, {form, parts[0].form})
        folder = target.with_name(f".netrunner-{os.urandom(4).hex()}.part")
        left = {folder, _gone(folder)}
        unfinished.update(left)
        try:
            with about(output):
                sink = begin(form, folder, blocks, network)
            words = _compute(client, scheduler, blocks, portable, sink, output, show_progress)
            with about(output):
                finish(folder, output)
        except BaseException as error:
            _clear(client, folder, AT_ONCE if isinstance(error, KeyboardInterrupt) else AT_THE_END)
            raise
        finally:
            unfinished.difference_update(left)
    return sum(block.rows for block in blocks), words


def _fail(scheduler: str, message: str, code: Code = "scheduler-failed") -> NoReturn:
    raise NetrunnerError(Problem(code, Place(scheduler), message))


@contextlib.contextmanager
def _connected(scheduler: str) -> Iterator[Client]:
    """A client of this scheduler, or of a new one in this process. Raises NetrunnerError."""
    distributed: Any = import_module("distributed")
    with contextlib.ExitStack() as stack:
        cluster = None
        if scheduler == LOCAL:
            folder = stack.enter_context(TemporaryDirectory(ignore_cleanup_errors=True))
            unfinished.add(Path(folder))
            stack.callback(unfinished.discard, Path(folder))
            # Threads: numpy releases Python's lock during products, and nothing has to be sent.
            cluster = distributed.LocalCluster(
                n_workers=1,
                processes=False,
                dashboard_address="127.0.0.1:0",
                memory_limit=0,
                local_directory=folder,
            )
            cluster.shutdown_on_close = False  # at exit, it would wait for running tasks
        else:
            _call_on(scheduler)
        client = distributed.Client(cluster or scheduler, timeout=PATIENCE, set_as_default=False)
        try:
            yield client
        except KeyboardInterrupt:
            raise  # now, because closing would wait for running blocks
        except BaseException:
            _close(client, cluster)
            raise
        _close(client, cluster)


def _close(client: Client, cluster: Any) -> None:
    with contextlib.suppress(Exception):  # the connection may be lost, which has been reported
        client.close(timeout=1)
    if cluster is not None:
        cluster.close()


def _call_on(address: str) -> None:
    """Raises NetrunnerError unless a scheduler answers at the address.

    If nothing answers, or something else does, a distributed client may wait forever.
    """
    if not _ADDRESS.fullmatch(address):
        _fail(address, "is not the address of a scheduler, such as tcp://HOST:8786, and not local")
    limit = PATIENCE + 0.5  # so that connect times out first: its error gives a reason
    try:
        kind = asyncio.run(asyncio.wait_for(_kind(address), limit))
    except TimeoutError:
        _fail(address, f"no scheduler answers there within {PATIENCE:g} seconds")
    except (Exception, MemoryError) as error:  # something else answered: anything can be raised
        cause: BaseException | None = error
        while cause is not None and getattr(cause, "strerror", None) is None:
            cause = cause.__cause__
        reason = f": {printable(getattr(cause, 'strerror', ''))}" if cause else ""
        _fail(address, "no scheduler answers there" + reason)
    if kind != "Scheduler":
        _fail(address, f"a {str(kind).lower()} answers there, not a scheduler")


async def _kind(address: str) -> Any:
    """What kind of server answers at an address, as it reports itself."""
    connect = import_module("distributed.comm").connect
    security = import_module("distributed").Security()
    comm = await connect(address, timeout=PATIENCE, **security.get_connection_args("client"))
    try:
        await comm.write({"op": "identity", "reply": True})
        return (await comm.read())["type"]
    finally:
        comm.abort()


def _check_workers(client: Client, scheduler: str, forms: set[str]) -> None:
    """Raises NetrunnerError if a worker could not compute the same results as this process."""
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError:
        _fail(scheduler, f"the scheduler has no worker, and got none within {PATIENCE:g} seconds")
    workers: dict[str, Any] = client.scheduler_info(n_workers=-1)["workers"]
    # Python's version first: our functions may crash another version.
    versions = client.get_versions()["workers"]
    here = ".".join(map(str, sys.version_info[:2]))
    problems: list[Problem] = []

    def refuse(address: str, did: str) -> None:
        name = str(workers.get(address, {}).get("name", address))
        worker = address if name == address else quote(name)
        problems.append(Problem("worker-version", Place(scheduler), f"worker {worker} {did}"))

    for address, found in versions.items():
        there = ".".join(found["host"]["python"].split(".")[:2])
        if there != here:
            refuse(address, f"has Python {there}, but here it is {here}")
    if problems:
        raise NetrunnerError(problems)
    packages = ["netrunner", "numpy"]
    packages += [package for form, package in _PACKAGE_OF.items() if form in forms]
    answers = client.run(_probe(), packages, on_error="return")
    for address, answer in answers.items():
        if isinstance(answer, OSError):
            continue  # the worker was lost meanwhile
        if isinstance(answer, BaseException):
            did = f"does not report its versions: {type(answer).__name__}: {words_of(answer)}"
            refuse(address, did)
            continue
        for package in packages:
            there, own = answer[package], _OWN.get(package)
            if there is None:
                refuse(address, f"has no package {package}")
            elif own is not None and there.split(".")[: own[1]] != own[0].split(".")[: own[1]]:
                refuse(address, f"has {package} {there}, but here it is {own[0]}")
    if problems:
        raise NetrunnerError(problems)


_PACKAGE_OF = {"zarr": "zarr", "parquet": "pyarrow"}
# The package, its version here, and how many parts of the version must agree.
_OWN = {"netrunner": (__version__, 9), "numpy": (np.__version__, 1)}


def _probe() -> Callable[[list[str]], dict[str, str | None]]:
    """A function that is sent by value: the worker may lack netrunner, or have another version."""

    def probe(packages: list[str]) -> dict[str, str | None]:
        import importlib

        found: dict[str, str | None] = {}
        for package in packages:
            try:
                module = importlib.import_module(package)
                found[package] = str(getattr(module, "__version__", "of no version"))
            except ImportError:
                found[package] = None
        return found

    return probe


def _compute(
    client: Client,
    scheduler: str,
    blocks: list[Block],
    portable: Portable,
    sink: Sink,
    output: str,
    show_progress: bool,
) -> str | None:
    """Run all the blocks. Raises NetrunnerError for the first block in which something is wrong."""
    token = os.urandom(8).hex()
    # The network is the result of a task: each worker that runs blocks receives it once, and if
    # the worker that holds it is lost, the task runs again. Scattered data would be lost with its
    # worker.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sending large graph")  # sent once
        opened = client.submit(
            Portable, portable.packed, key=f"netrunner-network-{token}", pure=False
        )
    futures = client.map(
        run_block,
        blocks,
        key=[f"netrunner-block-{token}-{block.index}" for block in blocks],
        pure=False,
        portable=opened,
        sink=sink,
        output=output,
        version=__version__,
    )
    bar = _start_progress(client, futures) if show_progress else None
    outcomes: dict[int, Outcome] = {}
    failed = len(blocks)
    try:
        for index, future in _as_done(client, scheduler, futures):
            outcome = _outcome(future, blocks[index], scheduler, index > failed)
            if outcome is not None:
                outcomes[index] = outcome
            if outcome is not None and outcome.problems and index < failed:
                failed = index
                client.cancel(futures[failed + 1 :], force=True)
            if failed < len(blocks) and all(i in outcomes for i in range(failed + 1)):
                raise NetrunnerError(map(_with_its_line, outcomes[failed].problems))
    finally:
        if len(outcomes) < len(blocks):
            with contextlib.suppress(Exception):  # a scheduler may be lost at any time
                if client.status == "running":
                    client.cancel([opened, *futures], force=True)
    if bar is not None:
        bar.join(1)  # when it ends, it clears its line
    found = [each.not_finite for _, each in sorted(outcomes.items()) if each.not_finite]
    return str(min(found, key=lambda each: each.layer)) if found else None


def _as_done(client: Client, scheduler: str, futures: list[Future]) -> Iterator[tuple[int, Future]]:
    """Each future's index, and the future, as it completes. Raises NetrunnerError if none can."""
    done: queue.SimpleQueue[int] = queue.SimpleQueue()

    def watch(index: int) -> None:
        futures[index].add_done_callback(lambda _: done.put(index))

    for index in range(len(futures)):
        watch(index)
    left, idle = len(futures), 0.0
    while left:
        try:
            index = done.get(timeout=1)
        except queue.Empty:
            if client.status != "running":
                _fail(scheduler, "the connection to the scheduler is lost")
            idle = 0.0 if client.nthreads() else idle + 1
            if idle >= PATIENCE_WITHOUT_WORKERS:
                _fail(scheduler, "all workers are lost")
            continue
        if futures[index].status in ("pending", "lost"):  # its result was lost with a worker
            watch(index)
            continue
        left -= 1
        yield index, futures[index]


def _outcome(future: Future, block: Block, scheduler: str, is_cancelled: bool) -> Outcome | None:
    """The outcome of a block; None if we cancelled it."""
    status = future.status
    if status == "cancelled":
        if is_cancelled:
            return None
        _fail(scheduler, "the connection to the scheduler is lost")
    if status != "error":
        outcome: Outcome = future.result()
        return outcome
    error = future.exception()
    part, first, _ = block.pieces[0]
    where = f"the block from row {first + 1} of {part.name}"
    if type(error).__name__ == "KilledWorker":
        times = error.allowed_failures + 1
        did = f"{times} workers died" if times > 1 else "a worker died"
        message = f"{did} at {where}; is there enough memory for {block.rows:,} rows?"
    else:
        message = f"{where} failed on a worker: {type(error).__name__}: {words_of(error)}"
    return Outcome((Problem("worker-failed", Place(scheduler), message),))


def _with_its_line(problem: Problem) -> Problem:
    """A plugin's problem with its line of code added: the worker may not have the file."""
    place = problem.place
    if problem.code.startswith("plugin-") and place.line is not None and place.source_line is None:
        return replace(problem, place=place_in_code(place.file, place.line))
    return problem


def _start_progress(client: Client, futures: list[Future]) -> threading.Thread:
    """Dask's own progress bar, in a thread because it blocks until the end."""
    distributed: Any = import_module("distributed")
    where = {"scheduler": client.scheduler.address, "loop": client.loop}

    def show() -> None:
        with contextlib.suppress(Exception):  # the run itself reports what went wrong
            distributed.progress(futures, notebook=False, **where)

    thread = threading.Thread(target=show, daemon=True)
    thread.start()
    return thread


def _gone(folder: Path) -> Path:
    """The new name of a folder into which nothing may be written any more."""
    return folder.with_suffix(".gone")


def _clear(client: Client, folder: Path, patience: float) -> None:
    """Remove what was written, after the last writer ends; new writers find no folder."""
    gone = _gone(folder)
    with contextlib.suppress(OSError):
        folder.rename(gone)
    with contextlib.suppress(Exception):  # a scheduler may be lost at any time
        if client.status == "running":
            client.run(settled, str(folder), patience, on_error="ignore")
    for path in (gone, folder):
        shutil.rmtree(path, ignore_errors=True)
