"""The same doors, led by the branches that an input reaches.

    python -m tests.fuzz.coverage_guided -max_total_time=60

Needs atheris (`pip install atheris`), and takes the options of libFuzzer.
The first byte of an input chooses the door; network files are mutated by their tokens as well as
by libFuzzer. What raises ends the run, as libFuzzer does it, and is kept in a file `crash-…`.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from random import Random

import atheris

with atheris.instrument_imports(include=["netrunner"]):
    from . import mutate, seeds, targets

DOORS = ("load", *seeds.ARRAYS, *seeds.IMPORTS, *seeds.INPUTS)


def main() -> None:
    targets.quiet()
    with tempfile.TemporaryDirectory(prefix="netrunner-fuzz-") as folder:
        doors = targets.Doors(Path(folder))

        def once(data: bytes) -> None:
            choice, rest = data[:1], data[1:]
            if not choice:
                return
            # Most inputs are network files, as in the long run without coverage.
            index = max(0, choice[0] - 256 + len(DOORS))
            if index == 0:
                doors.load(rest)
            elif index <= len(seeds.ARRAYS):
                doors.arrays(DOORS[index], rest)
            elif index <= len(seeds.ARRAYS) + len(seeds.IMPORTS):
                doors.import_(DOORS[index], rest)
            else:
                doors.inputs(DOORS[index], rest)

        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        for i, (door, data) in enumerate(first_inputs()):
            (corpus / str(i)).write_bytes(bytes((door,)) + data)
        options = ["-timeout=10", "-rss_limit_mb=2048", "-max_len=4096"]
        arguments = [sys.argv[0], *options, *sys.argv[1:], str(corpus)]
        atheris.Setup(arguments, once, custom_mutator=mutator)
        atheris.Fuzz()


def first_inputs() -> list[tuple[int, bytes]]:
    """The seeds of each door, with the byte that chooses it."""
    found = [(0, typed.encode()) for typed in seeds.yaml_seeds()]
    for index, suffix in enumerate(DOORS[1:], 257 - len(DOORS)):
        kept = (seeds.import_seeds if suffix in seeds.IMPORTS else seeds.array_seeds)(suffix)
        found += [(index, data) for data in dict.fromkeys(kept)]
    return found


def mutator(data: bytes, largest: int, seed: int) -> bytes:
    """Half of the network files by their tokens, all else as libFuzzer does it."""
    random = Random(seed)
    if data and data[0] <= 256 - len(DOORS) and random.random() < 0.5:
        typed = data[1:].decode(errors="replace")
        other = random.choice(seeds.yaml_seeds())
        changed = mutate.text(random, typed, other).encode(errors="replace")
        return (data[:1] + changed)[:largest]
    mutated: bytes = atheris.Mutate(data, largest)
    return mutated


if __name__ == "__main__":
    main()
