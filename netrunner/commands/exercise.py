"""`netrunner exercise`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from netrunner.commands.hosting import plugins_at_work
from netrunner.commands.options import (
    PATH,
    RunOptions,
    chosen_format,
    format_by_suffix_option,
    output_to,
    row_option,
    run_options,
)
from netrunner.commands.terminal import destination, say
from netrunner.views.sheets.formats import FORMATS, LANGUAGE_NAMES, SheetFormat


@click.command()
@run_options
@row_option("Which row of a batch the sheet is about.")
@click.option(
    "--blanks",
    metavar="A1,Z1,…",
    help="What to leave blank: arrays, or single neurons such as Z2.1; also Y, shape1, class and "
    "share.  [default: every A and Z]",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    metavar="N",
    help="Draw the weights and the input anew, to be worked out by hand.",
)
@click.option(
    "--variants",
    type=click.IntRange(1, 999),
    metavar="N",
    help="Write this many sheets, with seeds counted from --seed, or from 1; no two are alike.",
)
@format_by_suffix_option(FORMATS, help="The format of the sheet.")
@click.option(
    "--lang",
    type=click.Choice(LANGUAGE_NAMES),
    default="en",
    show_default=True,
    help="The language of the sheet.",
)
@output_to("The sheet; - is standard output.", required=True)
@click.option("--key", type=PATH, metavar="FILE", help="Write the answers, a .yaml file.")
def exercise(
    options: RunOptions,
    row: int,
    blanks: str | None,
    seed: int | None,
    variants: int | None,
    format_: str | None,
    lang: str,
    output: str,
    key: str | None,
) -> None:
    """Make a sheet from a network and an input, with blanks for some of the numbers.

    \b
    Example:
      netrunner new first.yaml
      netrunner exercise first.yaml --blanks A1 --output sheet.md --key key.yaml
    """
    is_drawn = seed is not None or variants is not None
    if is_drawn and options.has_input:
        raise click.UsageError("--seed and --variants draw the input: leave --input out.")
    written_as = chosen_format(FORMATS, format_, output)
    if output == "-" and variants is not None and not written_as.together:
        raise click.UsageError("--variants writes several files: give --output a name.")
    if key is not None and Path(key) == Path(output):
        raise click.UsageError("--output and --key name the same file: change one of them.")

    from netrunner.format.save import save
    from netrunner.lesson.exercise import check_key_name, write_key
    from netrunner.lesson.exercise import exercise as made
    from netrunner.lesson.exercise import variants as drawn_variants

    named = [name.strip() for name in blanks.split(",")] if blanks is not None else []
    with plugins_at_work(options.network):
        loaded = options.load()
        if is_drawn:
            exercises = drawn_variants(loaded, named, 1 if seed is None else seed, variants or 1)
        else:
            x: Any = loaded.silent_trace(options.input(loaded))
            exercises = [made(loaded, x.row(row).input, named)]
    numbers = range(1, len(exercises) + 1)
    keys = [] if key is None else [key]
    if key is not None and variants is not None:
        keys = [_numbered(key, number, len(exercises)) for number in numbers]
    sheets = [output]
    if variants is not None:
        sheets = [_numbered(output, number, len(exercises)) for number in numbers]
    networks = _network_files(exercises, sheets) if is_drawn else []
    network = loaded.name if options.network == "-" else Path(options.network).name
    files = [Path(name).name for name in networks] or [network] * len(exercises)
    pairs = zip(exercises, files, strict=True)
    exercises = [replace(each, file=file) for each, file in pairs]
    if networks and output == "-":
        message = "the drawn weights do not fit on the sheet and go into a file of their own:"
        raise click.UsageError(f"{message} give --output a name.")
    for name in (*keys, *networks):
        check_key_name(name)
    if variants is None or written_as.together:
        _write(written_as, exercises, lang, output)
    else:
        for name, each in zip(sheets, exercises, strict=True):
            _write(written_as, [each], lang, name)
    for name, each in zip(networks, exercises, strict=False):
        for file in save(replace(each.key, examples=()), name, example=False):
            say(f"wrote {file}")
    for name, each in zip(keys, exercises, strict=False):
        for file in write_key(each, name):
            say(f"wrote {file}")


def _network_files(exercises: list[Any], sheets: list[str]) -> list[str]:
    """The names of network files for students, if the sheets have no room for what was drawn."""
    from netrunner.views.sheets.content import has_room

    if all(has_room(layer.weights) for each in exercises for layer in each.network.layers):
        return []
    return [str(Path(name).with_name(f"{Path(name).stem}-network.yaml")) for name in sheets]


def _write(written_as: SheetFormat, exercises: list[Any], lang: str, output: str) -> None:
    with destination(output) as stream:
        written_as.write(exercises, lang, stream)
    if output != "-":
        say(f"wrote {output}")


def _numbered(path: str, number: int, of: int) -> str:
    """sheet-07.md for the seventh of thirty."""
    name = Path(path)
    return str(name.with_stem(f"{name.stem}-{number:0{max(2, len(str(of)))}d}"))
