"""Prints how long the command lives after Ctrl-C, in several kinds of work.

    python benchmarks/interrupt.py

Seconds from the signal to the end of the process: the median and the longest of ten.
"""

from __future__ import annotations

import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "commands"))
from test_ends import BUSY, NETRUNNER, busy

TIMES = 10


def seconds_to_end(folder: Path, body: str) -> float:
    """How long a command whose plugin does `body` goes on after a SIGINT."""
    running = folder / "running"
    running.unlink(missing_ok=True)
    arguments = [*NETRUNNER, *map(str, busy(folder, body))]
    with subprocess.Popen(arguments, cwd=folder, stderr=subprocess.DEVNULL) as process:
        while not running.exists():
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        start = time.perf_counter()
        code = process.wait()
        seconds = time.perf_counter() - start
    assert code == 130
    return seconds


if __name__ == "__main__":
    print(f"{'':26}  median  longest  (seconds)")
    for case, body in BUSY.items():
        with tempfile.TemporaryDirectory() as name:
            seconds = [seconds_to_end(Path(name), body) for _ in range(TIMES)]
        print(f"{case:26}  {statistics.median(seconds):6.2f}  {max(seconds):7.2f}")
