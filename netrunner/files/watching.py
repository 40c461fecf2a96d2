"""Waits until one of a few files is saved.

The files are polled, because the system does not report changes on network drives and in
containers.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

INTERVAL = 0.05  # seconds between two polls
SETTLED = 0.1  # seconds without a change after which a save is complete
GONE = 0.5  # seconds that an editor needs to save by rename

Looks = dict[Path, Any]


def look_at(paths: Iterable[Path]) -> Looks:
    """A state of the files that can be compared with a later one."""
    return {path: _look_of(path) for path in paths}


def _look_of(path: Path) -> Any:
    try:
        status = os.stat(path)  # noqa: PTH116 - pathlib's may raise more
        if path.is_dir():  # a folder of plugins; an editor's own files in it do not count
            return sorted(name for name in os.listdir(path) if name.endswith(".py"))  # noqa: PTH208
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def wait_for_save(before: Looks) -> list[Path]:
    """Wait until files differ from `before` and have settled; return those files."""
    while True:
        time.sleep(INTERVAL)
        now = look_at(before)
        if now == before:
            continue
        changed_at = time.monotonic()
        while True:
            time.sleep(INTERVAL)
            then, now = now, look_at(before)
            if now != then:
                changed_at = time.monotonic()
            is_gone = any(now[path] is None and before[path] is not None for path in before)
            if time.monotonic() - changed_at >= (GONE if is_gone else SETTLED):
                break
        if saved := [path for path in before if now[path] != before[path]]:
            return saved
