"""A network from the text of its file, or all the problems of that text."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from netrunner.activations.registry import Registry
from netrunner.files.opening import NETWORK_SUFFIXES, open_regular, read_text
from netrunner.format.assembly import Assembly, NetworkFile
from netrunner.format.document import parse
from netrunner.format.network_file import LISTS, NETWORK, words_of_keys
from netrunner.format.nodes import Mapping, Node, Scalar, Sequence
from netrunner.format.parameter_files import naming
from netrunner.format.reading import Reader
from netrunner.problems.problem import Fault, NetrunnerError, Problem, about, in_file_order
from netrunner.problems.source import Source
from netrunner.problems.suggestions import did_you_mean

if TYPE_CHECKING:
    import yaml

    from netrunner.format.mends import Finding
    from netrunner.problems.fixes import Fix


def read_network(
    path: str | os.PathLike[str], registry: Registry, blanks_allowed: bool = False
) -> NetworkFile:
    """The network in a file. Raises NetrunnerError with all the problems of the file."""
    return network_of(read_source(path), Path(path).parent, registry, blanks_allowed=blanks_allowed)


def read_source(path: str | os.PathLike[str]) -> Source:
    """The text of a network file. Raises NetrunnerError."""
    name = os.fspath(path)
    with about(name):
        _check_type(Path(path))
        return read_text(Path(path), name)


def network_of(
    source: Source,
    folder: Path | None,
    registry: Registry,
    blanks_allowed: bool = False,
    found: dict[str, Finding] | None = None,
    fixed: int = 0,
) -> NetworkFile:
    """The network that a text describes; the files that it names are in `folder`.

    Raises NetrunnerError with all the problems of the text. If a syntax error can be fixed, these
    include the problems of the fixed text, and otherwise those of the lines before it. `found` has
    what was found in texts that are not YAML, of which this one is the text with so many slips
    `fixed`. With `blanks_allowed`, answers may have blanks.
    """
    found = {} if found is None else found
    reader = Reader(source, registry, partial(_problems_of_the_format, registry=registry))
    reader.blanks_allowed = blanks_allowed
    if folder is not None:
        reader.naming = cache(partial(naming, folder))  # many lines may name the same file
    try:
        root = parse(source, reader.problems, partial(_explain, reader, found))
        values = None if root is None else NETWORK.read(root, reader)
        if reader.problems and root is not None and fixed < MOST_SYNTAX_ERRORS:
            _refuse_texts(root, reader, found)
    except NetrunnerError as error:
        problems = [*error.problems, *_after_syntax(source, error, folder, registry, found, fixed)]
        raise NetrunnerError(in_file_order(problems)) from None
    file = None
    if root is None:
        message = "the file is empty: a network needs inputs and layers"
        reader.problems.append(Problem("missing-key", source.place(0), message))
    elif values is not None:
        file = Assembly(reader, values, Path(source.file).stem, folder).assemble()
    if reader.problems or file is None:
        raise NetrunnerError(in_file_order(reader.problems))
    return file


def _refuse_texts(root: Node, reader: Reader, found: dict[str, Finding]) -> None:
    """Raises NetrunnerError for a text that would be more, were its signs those of YAML."""
    for node, signs in _texts(root):
        if isinstance(node, Scalar) and node.plain and (sign := re.search(signs, node.text)):
            from netrunner.format.document import error_at  # needed only for an error

            at = reader.source.text.index(sign.group(), node.offset)
            problems = _explain(reader, found, error_at(at, "a ':' and a space are missing"), None)
            if problems[0].fixes:
                raise NetrunnerError(problems)


def _texts(node: Node) -> Iterator[tuple[Node, str]]:
    """What stands where a mapping is expected, or may be a list; and the signs of that."""
    yield node, "[=：:]"
    if isinstance(node, Mapping):
        for name, (_, value) in node.entries.items():
            yield value, "^－"
            if name in LISTS and isinstance(value, Sequence):
                for item in value.nodes():
                    yield from _texts(item)


def _explain(
    reader: Reader,
    found: dict[str, Finding],
    error: yaml.MarkedYAMLError,
    innermost: int | None,
) -> list[Problem]:
    """The most likely explanation of a syntax error."""
    from netrunner.format.syntax import explain  # needed only for an error

    check = lru_cache(16)(partial(_problems_of_the_format, registry=reader.registry))
    problem, *others = explain(reader.source, error, innermost, check, words_of_keys(), found)
    line = problem.place.source_line or ""
    named = re.fullmatch(r"([ -]*(weights|biases): +)(file: *+(\S+))\s*", line)
    if named is None or problem.place.line is None:
        return [problem, *others]
    from dataclasses import replace

    hint, instead = reader.naming(named[4], 2 if named[2] == "weights" else 1)
    fixes: tuple[Fix, ...] = ()
    if instead is not None:
        from netrunner.problems.fixes import Edit

        number = problem.place.line
        edit = Edit(number, named.start(3) + 1, number, named.end(3) + 1, instead)
        hint = f"write {instead}"
        fixes = (reader.fix(hint, edit),)
    message = "not YAML: braces belong around a file and its key"
    return [replace(problem, message=message, hint=hint, fixes=fixes)]


MOST_SYNTAX_ERRORS = 32  # that are fixed one after the other, to tell of what comes after them


def _after_syntax(
    source: Source,
    error: NetrunnerError,
    folder: Path | None,
    registry: Registry,
    found: dict[str, Finding],
    fixed: int,
) -> list[Problem]:
    """The problems that remain after a syntax error is fixed, at their places in the text."""
    fixes = [fix for each in error.problems if each.code == "yaml-syntax" for fix in each.fixes]
    if not fixes or fixed == MOST_SYNTAX_ERRORS:
        return _before_syntax(source, error, registry)
    from dataclasses import replace

    from netrunner.problems.fixes import Unedited, edited

    mended = Source(source.file, edited(source.text, fixes[0].edits))
    try:
        network_of(mended, folder, registry, found=found, fixed=fixed + 1)
    except NetrunnerError as others:
        unedited = Unedited(fixes[0].edits, source)
        known = {(each.code, each.message, each.place) for each in error.problems}
        placed = (
            replace(
                each,
                place=unedited(each.place),
                related=tuple(replace(one, place=unedited(one.place)) for one in each.related),
                fixes=tuple(filter(None, map(unedited.fix, each.fixes)))
                if each.code == "yaml-syntax"
                else (),
            )
            for each in others.problems
        )
        return [each for each in placed if (each.code, each.message, each.place) not in known]
    return []


MAX_READ_AGAIN = 2**20  # characters before a syntax error
# What is wrong with a value or a key whatever comes after it.
_OF_ITS_OWN = {
    "unknown-activation", "unknown-key", "unknown-value",
    "not-a-number", "ambiguous-number", "out-of-range",
}  # fmt: skip


def _before_syntax(source: Source, error: NetrunnerError, registry: Registry) -> list[Problem]:
    """The problems of the lines before a syntax error that are problems whatever comes after."""
    number = next((each.place.line for each in error.problems if each.code == "yaml-syntax"), None)
    if number is None:
        return []
    beginning = source.text[:MAX_READ_AGAIN]
    ends = [0, *(end.end() for end in re.finditer(r"\r\n?|\n", beginning))]
    if number - source.first_line >= len(ends):
        return []
    before = beginning[: ends[number - source.first_line]]
    found = _problems_of_the_format(before, registry, source.file)
    return [each for each in found if each.code in _OF_ITS_OWN]


def _check_type(path: Path) -> None:
    """Raises Fault for a file that is not a network file by its name, or does not exist."""
    if path.suffix.lower() in (*NETWORK_SUFFIXES, ".json", ""):
        return
    from netrunner.exchange.formats import READ  # needed only for this error

    other = READ.get(path.suffix.lower())
    if other is None and path.suffix.lower() != ".npy":
        return
    open_regular(path).close()
    network = path.with_suffix(".yaml")
    hint = None
    if network.exists():
        hint = did_you_mean(str(network), 200)
    elif other is not None:
        import shlex

        command = f"netrunner import {shlex.quote(str(path))} --output {shlex.quote(str(network))}"
        hint = f"make one from it: {command}"
        if not other.has_activations:
            hint += " --activations A,B,C (one for each layer)"
    raise Fault("unknown-file-type", "not a network file: network files are YAML text", hint)


def _problems_of_the_format(text: str, registry: Registry, name: str = "") -> list[Problem]:
    """The problems of a text by the format alone, without checking files and shapes."""
    reader = Reader(Source(name, text), registry)
    try:
        root = parse(reader.source, reader.problems)
        if root is not None:
            NETWORK.read(root, reader)
    except NetrunnerError as error:
        return list(error.problems)
    return reader.problems
