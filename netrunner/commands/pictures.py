"""The name of the file that a command writes where the user gives none."""

from __future__ import annotations

import re
from pathlib import Path

import click

from netrunner.commands.options import PATH
from netrunner.commands.terminal import about, say

picture_option = click.option(
    "--output",
    type=PATH,
    metavar="FILE",
    help="A .png, .svg or .pdf file; without it, an .svg file with a new name.",
)


def file_for(output: str | None, *about_what: str) -> str:
    """The file to write: the one that was asked for, or a new one named after what it shows.

    Raises NetrunnerError if the name's suffix is not one of a picture.
    """
    from netrunner.views.pictures import saving

    if output is None:
        return new_name("_".join(about_what), ".svg")
    with about(output):
        saving.kind_of(output)
    return output


def stem_of(network: str) -> str:
    """What a new file about a network is called, without its suffix."""
    return Path(network).stem if network != "-" else "network"


def new_name(stem: str, suffix: str) -> str:
    """A name in the current folder that no file has: three_layer.svg, three_layer-2.svg, …"""
    stem = re.sub(r"[^\w-]+", "_", stem).strip("_")[:60] or "picture"
    number, path = 1, Path(f"{stem}{suffix}")
    while path.exists() or path.is_symlink():
        number += 1
        path = Path(f"{stem}-{number}{suffix}")
    return str(path)


def written(output: str | None, file: str) -> None:
    """Report the name of a file that the user did not choose."""
    if output is None:
        say(f"wrote {file}")
