"""A run on a cluster of Dask: connects, looks at the workers, hands out blocks, and waits."""

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
from netrunner.problems.problem import NetrunnerError, Problem, about
from netrunner.problems.source import Place
from netrunner.problems.words import printable, quote
from netrunner.process.interrupt import unfinished

Client: TypeAlias = Any  # distributed's types change between versions
Future: TypeAlias = Any

LOCAL = "local"
PACKAGES = ("dask", "distributed", "cloudpickle", "zarr", "pyarrow")
_ADDRESS = re.compile(r"((tcp|tls|wss?)://)?([^:/\[\]\s]+|\[[0-9a-fA-F:.%]+\]):[0-9]{1,5}")
PATIENCE = 10.0  # seconds for a scheduler to answer, and for its first worker
PATIENCE_WITHOUT_WORKERS = 30.0  # in the middle of a run; they may be starting again
AT_THE_END = 5.0  # for blocks that are running when the run fails ...
AT_ONCE = 0.3  # ... or is interrupted


def run(
    scheduler: str, network: Network, data: str, output: str, show_progress: bool = False
) -> tuple[int, str | None]:
    """Run a network on the rows in `data`, on the workers of a scheduler, into `output`.

    Gives how many rows there were, and in words where a value was not finite. Raises
    NetrunnerError; then nothing of the output is left.
    """
    for package in PACKAGES:
        if find_spec(package) is None:
            message = f"a scheduler takes the package {package}: pip install 'netrunner-nn[dask]'"
            raise NetrunnerError(Problem("missing-package", Place("--scheduler"), message))
    with about(output):
        form = form_of(output)
        target = check_free(output)
    parts = parts_of(data, network)
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
    """A client of the scheduler, or of one in this process. Raises NetrunnerError."""
    distributed: Any = import_module("distributed")
    with contextlib.ExitStack() as stack:
        cluster = None
        if scheduler == LOCAL:
            folder = stack.enter_context(TemporaryDirectory(ignore_cleanup_errors=True))
            unfinished.add(Path(folder))
            stack.callback(unfinished.discard, Path(folder))
            # Threads: numpy's products leave Python to the others, and nothing has to be sent.
            cluster = distributed.LocalCluster(
                n_workers=1,
                processes=False,
                dashboard_address="127.0.0.1:0",
                memory_limit=0,
                local_directory=folder,
            )
            cluster.shutdown_on_close = False  # at exit, it would wait for what is running
        else:
            _call_on(scheduler)
        client = distributed.Client(cluster or scheduler, timeout=PATIENCE, set_as_default=False)
        try:
            yield client
        except KeyboardInterrupt:
            raise  # now: to close would wait for the blocks that are running
        except BaseException:
            _close(client, cluster)
            raise
        _close(client, cluster)


def _close(client: Client, cluster: Any) -> None:
    with contextlib.suppress(Exception):  # it may be lost, which has been reported
        client.close(timeout=1)
    if cluster is not None:
        cluster.close()


def _call_on(address: str) -> None:
    """Raises NetrunnerError unless a scheduler answers at the address.

    A client of distributed, for which something else answers, or nothing, may wait for ever.
    """
    if not _ADDRESS.fullmatch(address):
        _fail(address, "is not the address of a scheduler, such as tcp://HOST:8786, and not local")
    limit = PATIENCE + 0.5  # so that connect ends first, which gives a reason
    try:
        kind = asyncio.run(asyncio.wait_for(_kind(address), limit))
    except TimeoutError:
        _fail(address, f"no scheduler answers there within {PATIENCE:g} seconds")
    except (Exception, MemoryError) as error:  # whatever comes of an answer that is not one
        cause: BaseException | None = error
        while cause is not None and getattr(cause, "strerror", None) is None:
            cause = cause.__cause__
        reason = f": {printable(getattr(cause, 'strerror', ''))}" if cause else ""
        _fail(address, "no scheduler answers there" + reason)
    if kind != "Scheduler":
        _fail(address, f"a {str(kind).lower()} answers there, not a scheduler")


async def _kind(address: str) -> Any:
    """What answers at an address, in its own words."""
    comm_of = import_module("distributed.comm").connect
    security = import_module("distributed").Security()
    comm = await comm_of(address, timeout=PATIENCE, **security.get_connection_args("client"))
    try:
        await comm.write({"op": "identity", "reply": True})
        return (await comm.read())["type"]
    finally:
        comm.abort()


def _check_workers(client: Client, scheduler: str, forms: set[str]) -> None:
    """Raises NetrunnerError where a worker could not do the work as it is done here."""
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError:
        _fail(scheduler, f"the scheduler has no worker, and got none within {PATIENCE:g} seconds")
    workers: dict[str, Any] = client.scheduler_info(n_workers=-1)["workers"]
    # The version of Python first: a function of ours may crash another one.
    versions = client.get_versions()["workers"]
    here = ".".join(map(str, sys.version_info[:2]))
    problems = []
    for address, found in versions.items():
        there = ".".join(found["host"]["python"].split(".")[:2])
        if there != here:
            problems.append(_other_version(scheduler, workers, address, "Python", there, here))
    if problems:
        raise NetrunnerError(problems)
    packages = ["netrunner", "numpy"]
    packages += [package for form, package in _PACKAGE_OF.items() if form in forms]
    answers = client.run(_probe(), packages, on_error="return")
    for address, answer in answers.items():
        if isinstance(answer, OSError):
            continue  # it is just being lost
        if isinstance(answer, BaseException):
            did = f"does not report its versions: {type(answer).__name__}: {words_of(answer)}"
            problems.append(_about_worker(scheduler, workers, address, did))
            continue
        for package in packages:
            there, own = answer[package], _OWN.get(package)
            if there is None:
                did = f"has no package {package}"
                problems.append(_about_worker(scheduler, workers, address, did))
            elif own is not None and there.split(".")[: own[1]] != own[0].split(".")[: own[1]]:
                problems.append(_other_version(scheduler, workers, address, package, there, own[0]))
    if problems:
        raise NetrunnerError(problems)


_PACKAGE_OF = {"zarr": "zarr", "parquet": "pyarrow"}
# The package, its version here, and how many of the version's numbers must agree.
_OWN = {"netrunner": (__version__, 9), "numpy": (np.__version__, 1)}


def _about_worker(scheduler: str, workers: dict[str, Any], address: str, did: str) -> Problem:
    name = workers.get(address, {}).get("name", address)
    worker = address if str(name) == address else f"{quote(str(name))}"
    return Problem("worker-version", Place(scheduler), f"worker {worker} {did}")


def _other_version(
    scheduler: str, workers: dict[str, Any], address: str, what: str, there: str, here: str
) -> Problem:
    did = f"has {what} {there}, and here it is {here}"
    return _about_worker(scheduler, workers, address, did)


def _probe() -> Callable[[list[str]], dict[str, str | None]]:
    """A function that travels by value: the worker may have no netrunner, or another one."""

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
    """Have all the blocks run. Raises NetrunnerError for what is wrong in the first of them."""
    token = os.urandom(8).hex()
    # The network is the result of a task: it goes once to each worker that runs blocks, and can
    # be had again where the worker that held it is lost. What a client scatters is lost with it.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sending large graph")  # it goes once
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
        bar.join(1)  # it ends by wiping its line
    found = [
        (o.not_finite.layer, index, o.not_finite)
        for index, o in outcomes.items()
        if o.not_finite is not None
    ]
    return str(min(found)[-1]) if found else None


def _as_done(client: Client, scheduler: str, futures: list[Future]) -> Iterator[tuple[int, Future]]:
    """Each future with its index, as it gets done. Raises NetrunnerError where none will be."""
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
        if futures[index].status in ("pending", "lost"):  # with the worker that had its outcome
            watch(index)
            continue
        left -= 1
        yield index, futures[index]


def _outcome(future: Future, block: Block, scheduler: str, is_cancelled: bool) -> Outcome | None:
    """What came of a block; None where it was cancelled by us."""
    status = future.status
    if status == "cancelled" and is_cancelled:
        return None
    if status == "cancelled":
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
    """A problem with a plugin, with its line of code: the worker may not have had the file."""
    place = problem.place
    if problem.code.startswith("plugin-") and place.line is not None and place.source_line is None:
        return replace(problem, place=place_in_code(place.file, place.line))
    return problem


def _start_progress(client: Client, futures: list[Future]) -> threading.Thread:
    """Dask's own bar, which waits for the end, in a thread."""
    distributed: Any = import_module("distributed")
    where = {"scheduler": client.scheduler.address, "loop": client.loop}

    def show() -> None:
        with contextlib.suppress(Exception):  # the run itself tells what went wrong
            distributed.progress(futures, notebook=False, **where)

    thread = threading.Thread(target=show, daemon=True)
    thread.start()
    return thread


def _gone(folder: Path) -> Path:
    """What a folder is called that nobody shall write into any more."""
    return folder.with_suffix(".gone")


def _clear(client: Client, folder: Path, patience: float) -> None:
    """Remove what was written, once nobody writes any more; whoever begins now finds no folder."""
    gone = _gone(folder)
    with contextlib.suppress(OSError):
        folder.rename(gone)
    with contextlib.suppress(Exception):  # a scheduler may be lost at any time
        if client.status == "running":
            client.run(settled, str(folder), patience, on_error="ignore")
    for path in (gone, folder):
        shutil.rmtree(path, ignore_errors=True)
