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
    "mypy": ["mypy"],
    "pytest": [*PYTEST, *(["-m", ""] if "--all" in sys.argv else [])],
    "coverage": ["coverage", "report"],
}


def passes(check: str) -> bool:
    print(f"\n=== {check} ===", flush=True)
    return subprocess.run([sys.executable, "-m", *CHECKS[check]], cwd=ROOT).returncode == 0


os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else hundreds of processes compile all anew
if failed := [check for check in CHECKS if not passes(check)]:
    sys.exit(f"\nfailed: {', '.join(failed)}")
