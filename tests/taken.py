"""What a command takes, in this process or its own: processor time, and the peak of memory."""

from __future__ import annotations

import contextlib
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pytest

from netrunner.exchange.importing import import_network
from netrunner.problems.problem import NetrunnerError, Problem

ROOT = Path(__file__).parent.parent
SECONDS, MEBIBYTES = 2.0, 300  # that any command may take to refuse a file
ROOM = 1.5  # how much slower than promised a machine may be, for a test

# Writes down its own peak of memory, since getrusage of a child begins with that of its parent.
MEASURED = """
import atexit, re, sys
path = sys.argv.pop(1)

def tell():
    with open("/proc/self/status") as status, open(path, "w") as told:
        told.write(re.search(r"VmHWM:\\s+([0-9]+)", status.read())[1])

if sys.platform == "linux":
    atexit.register(tell)
from netrunner.__main__ import main
main()
"""


Outcome = TypeVar("Outcome")


class Taken(NamedTuple):
    """What a command came to, and what it took; 0 MiB where no Linux tells."""

    exit: int
    out: bytes
    err: bytes
    processor: float
    mebibytes: float


def taken(*arguments: object, cwd: Path = ROOT) -> Taken:
    """Runs `netrunner` with these arguments, measured."""
    with tempfile.TemporaryDirectory() as elsewhere:
        peak = Path(elsewhere) / "peak"
        before = _processor_time()
        done = subprocess.run(
            [sys.executable, "-c", MEASURED, str(peak), *map(str, arguments)],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"},
            capture_output=True,
            check=False,
        )
        used = _processor_time() - before
        mebibytes = int(peak.read_text()) / 1024 if peak.exists() else 0.0
    return Taken(done.returncode, done.stdout, done.stderr, used, mebibytes)


def within_limits(call: Callable[[], Outcome]) -> Outcome:
    """What a call in this process gives, which keeps to the limits."""
    held, before = _peak_from_now(), time.process_time()
    outcome = call()
    assert time.process_time() - before < SECONDS * ROOM
    assert _peak() - held < MEBIBYTES - 35  # which a process takes before it reads anything
    return outcome


def refused(path: Path, **options: Any) -> Problem:
    """The problem that importing a bad file ends in, within the time that this may take."""
    before = time.process_time()
    with pytest.raises(NetrunnerError) as caught:
        import_network(path, **options)
    assert time.process_time() - before < SECONDS * ROOM
    (problem,) = caught.value.problems
    assert problem.place.file == str(path)
    return problem


def _peak_from_now() -> float:
    """The MiB that are held now; the peak is counted anew."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return _peak()


def _peak() -> float:
    """The most that this process has held, in MiB; 0 where no Linux tells."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return 0.0
    return int(re.findall(r"VmHWM:\s+([0-9]+)", status)[0]) / 1024


def _processor_time() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
