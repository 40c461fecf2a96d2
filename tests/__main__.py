"""Runs all the checks, the same for a hand and for CI: `python -m tests`.

`python -m tests --all` also runs the tests that are marked as slow: workers that are killed, disks
that fill up, memory that must not grow, the fuzzer's own test.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
PYTEST = ["pytest", "-n", str(CORES), "--cov", "--cov-report=", "--cov-fail-under=0"]
CHECKS = {
    "ruff format": ["ruff", "format", "--check"],
    "ruff check": ["ruff", "check"],
    "pytest": [*PYTEST, *(["-m", ""] if "--all" in sys.argv else [])],
    "coverage": ["coverage", "report"],
    "mypy": ["mypy"],
}


def started(check: str, **more: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", *CHECKS[check]], cwd=ROOT, **more)


os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else hundreds of processes compile all anew
# It needs one core, and pytest has some to spare while it begins and ends.
mypy = started("mypy", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
failed = []
for check in CHECKS:
    print(f"\n=== {check} ===", flush=True)
    running = mypy if check == "mypy" else started(check)
    if said := running.communicate()[0]:
        print(said.decode(), end="")
    if running.returncode:
        failed.append(check)
if failed:
    sys.exit(f"\nfailed: {', '.join(failed)}")
