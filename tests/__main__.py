"""Runs all the checks, the same for a hand and for CI: `python -m tests`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKS = ("ruff format --check", "ruff check", "mypy", "coverage run -m pytest", "coverage report")
BEFORE = {"coverage run -m pytest": "coverage erase", "coverage report": "coverage combine -q"}


def passes(check: str) -> bool:
    if before := BEFORE.get(check):
        subprocess.run([sys.executable, "-m", *before.split()], cwd=ROOT)
    print(f"\n=== {check} ===", flush=True)
    return subprocess.run([sys.executable, "-m", *check.split()], cwd=ROOT).returncode == 0


failed = [check for check in CHECKS if not passes(check)]
if failed:
    sys.exit(f"\nfailed: {', '.join(failed)}")
