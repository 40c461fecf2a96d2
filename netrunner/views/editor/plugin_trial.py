"""Whether a plugin can be let into the server: it is tried first in a process of its own.

A plugin may end its process, or never return. In the server, that would stop all documents.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from time import monotonic

from netrunner.problems.problem import Problem
from netrunner.problems.source import Place
from netrunner.problems.words import quote

PATIENCE = 5.0  # seconds for plugins to be loaded and called
FINE = b"fine"
WIDTH = 3


def try_plugins(paths: Iterable[str]) -> tuple[list[str], list[Problem]]:
    """Which of the files and folders can be loaded, and what is wrong with the others."""
    package = str(Path(__file__).parents[3])
    path = os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "PYTHONPATH": path}
    command = [sys.executable, "-P", "-m", __name__]
    null = subprocess.DEVNULL
    tried = {
        path: subprocess.Popen(
            [*command, path], stdin=null, stdout=subprocess.PIPE, stderr=null, env=environment
        )
        for path in paths
    }
    end = monotonic() + PATIENCE
    fine, problems = [], []
    for path, process in tried.items():
        with process:
            try:
                said, _ = process.communicate(timeout=max(end - monotonic(), 0.01))
                did = f"ends the process that uses it (exit code {process.returncode})"
            except subprocess.TimeoutExpired:
                process.kill()
                said, did = b"", "does not end"
        if said == FINE:
            fine.append(path)
        else:
            problems.append(left_out(path, did))
    return fine, problems


def left_out(path: str, did: str) -> Problem:
    """The problem of a plugin that the server does not use."""
    message = f"plugin {quote(Path(path).name)}: {did}, and is left out"
    return Problem("plugin-raised", Place(path), message)


def main() -> None:
    """Load the plugins of a path, call each activation, and report success."""
    import numpy as np

    from netrunner.activations.plugins import load_files
    from netrunner.activations.trial import try_once
    from netrunner.problems.problem import NetrunnerError

    answer = os.dup(1)
    os.dup2(2, 1)
    added, _ = load_files(sys.argv[1:])
    for each in added:
        with suppress(NetrunnerError):  # a document that uses it will report it
            try_once(each.h(), WIDTH, np.dtype(float))
    os.write(answer, FINE)
    os._exit(0)


if __name__ == "__main__":
    main()
