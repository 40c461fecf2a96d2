"""A long run: `python -m tests.fuzz --executions 10_000_000`.

Each core gets a worker, a process of its own. A worker that dies, or hangs, is a finding: its
input is kept, and another one takes its place. The same seed gives the same inputs.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from json import loads
from pathlib import Path
from typing import Any

from .seeds import ROOT
from .work import HEARTBEAT, KEPT, save

HANGS_AFTER = 30.0  # seconds of a worker's processor time without an end of an execution ...
UNTOLD = "by one that died"  # executions after the last report of a worker
WAITS_AFTER = 120.0  # ... or of the clock, while it sleeps


def main() -> None:
    parser = argparse.ArgumentParser("python -m tests.fuzz", description=__doc__)
    parser.add_argument("--executions", type=int, default=100_000, help="in all (100_000)")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="at most")
    parser.add_argument("--seed", type=int, default=0, help="of the random inputs (0)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="one for a core")
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"), metavar="FOLDER")
    parser.add_argument(
        "--warm-up",
        type=int,
        default=3000,
        help="executions of each worker that load what is loaded once, before memory counts (3000)",
    )
    parser.add_argument("--replay", type=Path, metavar="FILE.input", help="run a finding again")
    given = parser.parse_args()
    for ending in (signal.SIGINT, signal.SIGTERM):  # a shell lets its background jobs ignore one
        signal.signal(ending, signal.default_int_handler)
    sys.exit(replay(given.replay) if given.replay else Run(given).go())


def replay(path: Path) -> int:
    """Puts a saved input through its door again, with no limit but the traceback."""
    from .targets import Doors

    door, data = path.with_suffix(".txt").read_text("utf-8").split("\n", 1)[0], path.read_bytes()
    with tempfile.TemporaryDirectory(prefix="netrunner-fuzz-") as folder:
        doors = Doors(Path(folder))
        name, _, kind = door.replace(".", " .").partition(" ")
        if name == "command":
            became = doors.command([kind], data)
        elif kind:
            door_ = getattr(doors, "import_" if name == "import" else name)
            became = door_(kind, data)
        else:
            became = doors.load(data)
    print(f"{door}: {became}")
    return 0


@dataclass
class Place:
    """A worker's place in the run, which outlives the worker."""

    index: int
    folder: Path
    executions: int
    lives: int = 0
    process: subprocess.Popen[bytes] | None = None
    past: list[dict[str, Any]] = field(default_factory=list)
    beat: tuple[bytes, float, float] = (b"", 0.0, 0.0)  # the last one, with both clocks

    def state(self) -> dict[str, Any]:
        try:
            state: dict[str, Any] = loads((self.folder / "state.json").read_text())
        except FileNotFoundError:
            return {}
        return state


class Run:
    def __init__(self, given: argparse.Namespace) -> None:
        self.given = given
        memory = Path("/dev/shm")
        self.folder = Path(
            tempfile.mkdtemp(prefix="netrunner-fuzz-", dir=memory if memory.is_dir() else None)
        )
        share, rest = divmod(given.executions, given.workers)
        self.places = [
            Place(i, self.folder / str(i), share + (i < rest)) for i in range(given.workers)
        ]
        self.begin = time.monotonic()
        self.found: Counter[str] = Counter()  # by the run itself: workers that died or hung

    def go(self) -> int:
        """Runs to the end, prints what happened, and says whether anything was found."""
        try:
            for place in self.places:
                self.start(place)
            told = time.monotonic()
            while any(place.process for place in self.places):
                time.sleep(0.2)
                for place in self.places:
                    self.look_after(place)
                if time.monotonic() - told > 30:
                    told = time.monotonic()
                    print(self.line(), file=sys.stderr, flush=True)
        except KeyboardInterrupt:
            for place in self.places:
                if place.process:
                    place.process.kill()
                    place.process.wait()
            print("interrupted", file=sys.stderr)
        finally:
            found = self.tell()
            shutil.rmtree(self.folder, ignore_errors=True)
        return 1 if found else 0

    def start(self, place: Place) -> None:
        """A worker for a place: the first, or the next one after one that died."""
        shutil.rmtree(place.folder, ignore_errors=True)
        place.folder.mkdir()
        left = place.executions - sum(sum(past["executions"].values()) for past in place.past)
        seconds = self.given.seconds - (time.monotonic() - self.begin)
        seed = f"{self.given.seed}/{place.index}/{place.lives}"
        arguments = [
            place.folder,
            self.given.findings.absolute(),
            seed,
            left,
            seconds,
            self.given.warm_up,
        ]
        place.process = subprocess.Popen(
            [sys.executable, "-m", "tests.fuzz.work", *map(str, arguments)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stderr=(self.folder / f"{place.index}.err").open("wb"),
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "NO_COLOR": "1", "PYTHONHASHSEED": "0"},
        )
        place.lives += 1
        place.beat = (b"", time.monotonic(), 0.0)

    def look_after(self, place: Place) -> None:
        process = place.process
        if process is None:
            return
        code = process.poll()
        if code is None:
            if not self.hangs(place):
                return
            process.kill()
            process.wait()
            self.bury(place, "hang")
        elif code:
            name = signal.Signals(-code).name if code < 0 else f"exit {code}"
            self.bury(place, name)
        state = place.state() or {"executions": {}}
        died, begun = code != 0, self.beats(place)
        if died:
            state["executions"][UNTOLD] = begun - sum(state["executions"].values())
        place.past.append(state)
        place.process = None
        if died and begun:  # one that does not even start would not start again
            self.start(place)

    def hangs(self, place: Place) -> bool:
        """Whether a worker has not got on for too long: in its own time, or asleep."""
        assert place.process is not None
        try:
            beat = (place.folder / "heartbeat").read_bytes()
            stat = Path(f"/proc/{place.process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return False
        used = (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")
        now = time.monotonic()
        if beat != place.beat[0] or stat[0] == "T":
            place.beat = (beat, now, used)
            return False
        asleep = stat[0] == "S" and now - place.beat[1] > WAITS_AFTER
        return asleep or used - place.beat[2] > HANGS_AFTER

    def beats(self, place: Place) -> int:
        """How many executions a worker has begun."""
        try:
            done, door = HEARTBEAT.unpack((place.folder / "heartbeat").read_bytes())
        except (OSError, struct.error):
            return 0
        return int(done) + 1 if door.rstrip(b"\0") else 0

    def bury(self, place: Place, cause: str) -> None:
        """Keep the input at which a worker died, which is the newest file in its folder."""
        door = "load"
        with_beat = place.folder / "heartbeat"
        if with_beat.exists() and len(beat := with_beat.read_bytes()) == HEARTBEAT.size:
            door = HEARTBEAT.unpack(beat)[1].rstrip(b"\0").decode()
        name, dot, suffix = door.partition(".")
        stem = "fuzzed" if name == "arrays" else name if dot else "n.yaml"
        path = place.folder / f"{stem}{dot}{suffix}"
        data = path.read_bytes() if path.exists() else b""
        told = (self.folder / f"{place.index}.err").read_text("utf-8", errors="replace")
        kind = f"{cause} {door}"
        self.found[kind] += 1
        if self.found[kind] <= KEPT:
            save(self.given.findings, kind, told, door, data)

    def total(self, key: str) -> Counter[str]:
        total: Counter[str] = Counter()
        for state in self.states():
            total.update(state.get(key, {}))
        return total

    def states(self) -> list[dict[str, Any]]:
        alive = [place.state() for place in self.places if place.process]
        return [*alive, *(past for place in self.places for past in place.past)]

    def line(self) -> str:
        executions = self.total("executions").total()
        found = self.total("found").total() + self.found.total()
        seconds = time.monotonic() - self.begin
        rate = executions / seconds
        return f"{seconds:7.0f} s {executions:>12,} executions {rate:7,.0f} a second, {found} found"

    def tell(self) -> int:
        executions, accepted = self.total("executions"), self.total("accepted")
        print(self.line())
        print(f"{'door':20}{'executions':>13}{'accepted':>13}")
        for door in sorted(executions):
            print(f"{door:20}{executions[door]:>13,}{accepted[door]:>13,}")
        states = self.states()
        slowest = max((tuple(state.get("slowest", (0, ""))) for state in states), default=(0, ""))
        print(f"slowest: {slowest[0]:.3f} s ({slowest[1]})")
        grown = max((state.get("grown", 0) for state in states), default=0)
        print(f"memory added to a worker, at most: {grown / 2**20:.0f} MiB")
        used = sum(state.get("processor", 0.0) for state in states)
        print(f"processor time: {used:.0f} s, {executions.total() / (used or 1):,.0f} a second")
        codes = self.total("codes")
        print(f"codes reached: {len(codes)}: {', '.join(sorted(codes))}")
        outcomes = max((state.get("outcomes", 0) for state in states), default=0)
        print(f"combinations of codes, at most in a worker: {outcomes:,}")
        found = self.total("found") + self.found
        for kind, count in found.most_common():
            print(f"found {count:,} times: {kind}")
        if found:
            print(f"kept in {self.given.findings}; once more: --replay FILE.input")
        else:
            print("found nothing")
        return found.total()


if __name__ == "__main__":
    main()
