"""One worker of a long run: draws inputs, watches each execution, keeps what it finds.

Started by `__main__`, as a process of its own, that a signal may end without ending the run. The
file that is being read lies in the worker's folder until the next one; so does the number of the
execution. Whatever happens, the input that did it is there.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import resource
import struct
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

from . import targets

SECONDS = 1.0  # that an execution may take
BYTES = 256 * 2**20  # that it may add to the memory of a process that has run before
REPORT_EVERY = 2000
KEPT = 3  # inputs that are saved of a kind of finding
TRIES = 3  # of what took too long, as the machine may have been busy with something else
HEARTBEAT = struct.Struct("<Q32s")  # executions, door


def main() -> None:
    folder, findings = Path(sys.argv[1]), Path(sys.argv[2])
    seed, executions, seconds = sys.argv[3], int(sys.argv[4]), float(sys.argv[5])
    warm_up = int(sys.argv[6])
    targets.quiet()
    worker = Worker(folder, findings, seed, warm_up)
    worker.go(executions, time.monotonic() + seconds)


class Worker:
    def __init__(self, folder: Path, findings: Path, seed: str, warm_up: int) -> None:
        self.folder, self.findings, self.warm_up = folder, findings, warm_up
        self.fuzzer = targets.Fuzzer(targets.Doors(folder), Random(seed))
        self.done = 0
        self.executions: Counter[str] = Counter()
        self.accepted: Counter[str] = Counter()
        self.codes: Counter[str] = Counter()
        self.found: Counter[str] = Counter()
        self.slowest: tuple[float, str] = (0.0, "")
        self.baseline = 0
        with (folder / "heartbeat").open("w+b") as file:
            file.truncate(HEARTBEAT.size)
            self.heartbeat = mmap.mmap(file.fileno(), HEARTBEAT.size)

    def go(self, executions: int, until: float) -> None:
        """Executes so often, or until then, and reports now and then, and at the end."""
        while self.done < executions and time.monotonic() < until:
            if self.done == self.warm_up:
                self.limit_memory()
            self.once()
            self.done += 1
            if self.done % REPORT_EVERY == 0:
                self.report()
        self.report()

    def once(self) -> None:
        door, data, call = self.fuzzer.draw()
        self.heartbeat[:] = HEARTBEAT.pack(self.done, door.encode())
        start = time.process_time()
        became = self.watched(door, data, call)
        took = time.process_time() - start
        if took > SECONDS / 4 and became is not None:
            took = min(took, *(self.timed(call) for _ in range(TRIES - 1)))
            if took > SECONDS:
                self.keep(f"slow {door}", f"{took:.2f} s", door, data)
        if took > self.slowest[0]:
            self.slowest = took, door
            (self.folder / "slowest").write_bytes(data)
        if self.baseline and _peak() - self.baseline > BYTES:
            self.keep(f"memory {door}", f"{(_peak() - self.baseline) >> 20} MiB", door, data)
            self.baseline = _peak()
        self.executions[door] += 1
        if became is None:
            return
        if became == targets.ACCEPTED:
            self.accepted[door] += 1
        else:
            self.codes.update(became.split(","))
        self.fuzzer.learn(door, data, became)

    def watched(self, door: str, data: bytes, call: Any) -> str | None:
        """What became of the input, or None where it is a finding."""
        try:
            became: str = call()
            if "out-of-memory" in became:
                raise MemoryError
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            told = traceback.format_exc()
            frames = traceback.extract_tb(error.__traceback__)
            where = [f"{Path(each.filename).name}:{each.lineno}" for each in frames[-3:]]
            kind = f"{type(error).__name__} {' '.join(where)}"
            if isinstance(error, targets.BrokenPromiseError):
                kind = f"{error}"[:100]
            self.keep(kind, told, door, data)
            return None
        return became

    def timed(self, call: Any) -> float:
        start = time.process_time()
        call()
        return time.process_time() - start

    def keep(self, kind: str, told: str, door: str, data: bytes) -> None:
        """Save an input with what it did."""
        self.found[kind] += 1
        if self.found[kind] <= KEPT:
            save(self.findings, kind, told, door, data)
        self.report()  # at once, as the next execution may be the last

    def limit_memory(self) -> None:
        """From here on, what wants more than BYTES above what there is gets a MemoryError."""
        self.baseline = _peak()
        with Path("/proc/self/statm").open() as file:
            pages = int(file.read().split()[0])
        limit = pages * resource.getpagesize() + BYTES
        resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))

    def report(self) -> None:
        state = {
            "executions": self.executions,
            "accepted": self.accepted,
            "codes": self.codes,
            "found": self.found,
            "slowest": self.slowest,
            "grown": _peak() - self.baseline if self.baseline else 0,
            "processor": time.process_time(),
            "outcomes": len(self.fuzzer.seen),
        }
        partial = self.folder / "state.part"
        partial.write_text(json.dumps(state))
        partial.replace(self.folder / "state.json")


def save(findings: Path, kind: str, told: str, door: str, data: bytes) -> None:
    """An input that did something wrong, and what."""
    name = hashlib.sha256(kind.encode() + data).hexdigest()[:12]
    findings.mkdir(parents=True, exist_ok=True)
    (findings / f"{name}.input").write_bytes(data)
    (findings / f"{name}.txt").write_text(f"{door}\n{kind}\n\n{told}\n", encoding="utf-8")


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    os.environ.setdefault("NO_COLOR", "1")
    main()
