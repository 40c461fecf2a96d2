"""Writes what `netrunner check` says of each file in invalid/ beside it, to be read and committed.

Run it after a message has changed (`python tests/data/write_expected.py`), and read the difference
as a newcomer would: nothing but a reader can tell whether a message is clear.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

INVALID = Path(__file__).parent / "invalid"


def main() -> None:
    for path in sorted(INVALID.glob("*.yaml")):
        command = [sys.executable, "-m", "netrunner", "check", path.name]
        done = subprocess.run(command, cwd=INVALID, stderr=subprocess.PIPE, check=False)
        path.with_suffix(".txt").write_bytes(done.stderr)


if __name__ == "__main__":
    main()
