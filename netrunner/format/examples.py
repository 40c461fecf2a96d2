"""The networks that come with netrunner, and copying them for editing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from netrunner.files.shipped import shipped
from netrunner.files.writing import writing
from netrunner.format.network_file import modeline
from netrunner.network.network import Network
from netrunner.problems.problem import Fault, NetrunnerError, Problem
from netrunner.problems.source import Place
from netrunner.problems.suggestions import did_you_mean, nearest
from netrunner.problems.words import quote


def example_names() -> list[str]:
    return sorted(path.stem for path in shipped("networks").glob("*.yaml"))


def descriptions() -> dict[str, str]:
    """A one-line description of each example, by name."""
    from netrunner.format.loading import load

    found = {name: load(shipped("networks") / f"{name}.yaml") for name in example_names()}
    return {name: network.description.partition(". ")[0] for name, network in found.items()}


def example(name: str) -> Network:
    """A network that comes with netrunner, by its name: `example("iris")`.

    Raises NetrunnerError if there is no such example.
    """
    from netrunner.format.loading import load

    _check_name(name, "example")
    return load(shipped("networks") / f"{name}.yaml")


def _check_name(name: str, place: str) -> None:
    names = example_names()
    if name not in names:
        message = f"no example {quote(name)}; there are {', '.join(names)}"
        hint = did_you_mean(nearest(name, names))
        raise NetrunnerError(Problem("unknown-example", Place(place), message, hint=hint))


def write_example(path: str, example: str) -> list[str]:
    """Write an example network to `path`, and its weight file beside it; returns the paths written.

    Nothing that exists is overwritten. Raises NetrunnerError.
    """
    _check_name(example, "--from")
    path = path if Path(path).suffix else f"{path}.yaml"
    text = (shipped("networks") / f"{example}.yaml").read_text(encoding="utf-8")
    _, _, text = text.split("\n", 2)  # the first line names the schema, seen from the new folder
    text = modeline(Path(path).parent) + text
    contents = {Path(path): text.encode()}
    weights = shipped("networks") / f"{example}.npz"
    if weights.exists():
        contents[Path(path).parent / weights.name] = weights.read_bytes()
    return write_new(contents)


def write_new(contents: Mapping[Path, bytes]) -> list[str]:
    """Write files that do not exist yet, either all or none; returns their names.

    Raises NetrunnerError.
    """
    for file in contents:
        if file.exists():
            message = "already exists, and is left unchanged"
            raise NetrunnerError(Problem("file-exists", Place(str(file)), message))
    written: list[Path] = []
    for file, content in contents.items():
        try:
            with writing(file, binary=True) as stream:
                stream.write(content)
        except Fault as fault:
            for earlier in written:
                earlier.unlink(missing_ok=True)
            raise NetrunnerError(fault.at(Place(str(file)))) from None
        written.append(file)
    return list(map(str, contents))
