"""What a command takes in a process of its own: the time of the processor, the peak of memory."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

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
from netrunner.commands.cli import main
sys.exit(main())
"""


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


def check_within_limits(path: Path) -> tuple[int, str]:
    """The exit code and the words of `netrunner check`, which keeps to the limits."""
    done = taken("check", path)
    assert done.mebibytes < MEBIBYTES
    assert done.processor < SECONDS * ROOM
    told = done.err.decode()
    assert "Traceback" not in told
    return done.exit, told


def _processor_time() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
