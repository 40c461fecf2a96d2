"""Runs all the checks, the same for a hand and for CI: `python -m tests`.

The tests of the modules whose branch coverage is to be complete (they are listed in
pyproject.toml) run first, under coverage, which makes them half as slow again; then all others.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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
    "pytest": ["pytest", *(f"--ignore={path}" for path in MEASURED)],
}


def passes(check: str) -> bool:
    print(f"\n=== {check} ===", flush=True)
    return subprocess.run([sys.executable, "-m", *CHECKS[check]], cwd=ROOT).returncode == 0


failed = [check for check in CHECKS if not passes(check)]
if failed:
    sys.exit(f"\nfailed: {', '.join(failed)}")
