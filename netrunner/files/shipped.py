"""Files that come with netrunner: networks, plugins, documentation."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent.parent


def shipped(folder: str) -> Path:
    """The path of a folder that comes with netrunner: in the package, or beside it in a clone."""
    installed = PACKAGE / folder
    return installed if installed.is_dir() else PACKAGE.parent / folder
