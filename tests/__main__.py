"""Runs all the checks, the same for a hand and for CI: `python -m tests`.

The tests of the modules whose branch coverage is to be complete (they are listed in
pyproject.toml) run under coverage, which makes them half as slow again; all others run beside
them, and are shown when they are done.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
MEASURED = [
    f"tests/test_{name}.py"
    for name in (
        "arrays", "blocks", "cli", "corpus", "document", "engine", "explain", "help", "inputs",
        "kinds", "kit", "lint", "network", "number_rows", "numerals", "outputs", "plugins",
        "schema", "shapes", "shipped_plugins", "source", "streaming",
    )
]  # fmt: skip
CHECKS = {
    "ruff format": ["ruff", "format", "--check"],
    "ruff check": ["ruff", "check"],
    "mypy": ["mypy"],
    "pytest, measured": ["coverage", "run", "-m", "pytest", *MEASURED],
    "coverage": ["coverage", "report"],
}
BESIDE = ["pytest", *(f"--ignore={path}" for path in MEASURED)]


def started(command: list[str], output: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, stdout=output)


def passes(check: str) -> bool:
    print(f"\n=== {check} ===", flush=True)
    return started(CHECKS[check]).wait() == 0


with tempfile.TemporaryFile() as shown:
    beside = started(BESIDE, shown)
    failed = [check for check in CHECKS if not passes(check)]
    print("\n=== pytest ===", flush=True)
    if beside.wait() != 0:
        failed.append("pytest")
    shown.seek(0)
    print(shown.read().decode(errors="replace"), flush=True)
if failed:
    sys.exit(f"\nfailed: {', '.join(failed)}")
