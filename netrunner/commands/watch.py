"""`netrunner watch`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from netrunner.commands.hosting import plugins_at_work
from netrunner.commands.options import (
    RunOptions,
    chosen_format,
    format_by_suffix_option,
    output_to,
    precision_option,
    run_options,
)
from netrunner.commands.terminal import colored, destination, report, say, warn
from netrunner.views.render.formats import FORMATS, TraceFormat

if TYPE_CHECKING:
    from netrunner.network.trace import Trace


@click.command()
@run_options
@format_by_suffix_option(FORMATS, help="How FILE is written; npy has Y alone.")
@output_to("Also write the whole run to FILE, each time.")
@precision_option
@click.option("--output-only", is_flag=True, help="Only the output Y, not every A and Z.")
@click.option(
    "--show-blanks",
    is_flag=True,
    help="Show what belongs in place of each ? among the answers, instead of refusing it.",
)
def watch(
    options: RunOptions,
    format_: str | None,
    output: str | None,
    precision: int,
    output_only: bool,
    show_blanks: bool,
) -> None:
    """Run NETWORK at each save, and show the numbers that changed.

    It is run when the network, a weight file, a plugin or the input file is saved. Ctrl-C ends it.

    \b
    Example:
      netrunner new first.yaml
      netrunner watch first.yaml --input 1.0,0.5
    """
    if "-" in (options.network, options.input_file):
        raise click.UsageError("Standard input cannot be watched: name a file.")
    if output in (None, "-") and format_ not in (None, "text"):
        message = f"--format {format_} needs --output FILE: on the terminal, watch shows text."
        raise click.UsageError(message)
    written_as = chosen_format(FORMATS, format_, output)
    from netrunner.files.watching import look_at, wait_for_save
    from netrunner.problems.problem import NetrunnerError
    from netrunner.process import session

    session.stays()
    network = Path(options.network)
    named = [Path(each) for each in (options.network, *options.plugins, options.input_file) if each]
    last: Trace | None = None  # of the last run that succeeded
    shown: list[str] = []  # the values of blanks
    is_broken, saved = False, [network]
    while True:
        looks = look_at({*named, *session.take_files()})
        try:
            trace, blanks = _run(options, show_blanks)
        except NetrunnerError as error:
            if last is None and not network.exists():
                raise
            report(error.problems, "text")
            is_broken = True
        else:
            if output not in (None, "-"):
                _write(trace, written_as, output, precision, output_only)
            if is_broken:
                say(f"{', '.join(map(_name, saved))}: fixed")
            changed = _show(last, trace, precision, output_only)
            if blanks != shown:
                changed, shown = True, blanks
                with destination(None) as stream:
                    stream.write("".join(f"{line}\n" for line in blanks))
                    stream.flush()
            if not changed and not is_broken:
                say(f"{', '.join(map(_name, saved))}: saved, no number changed")
            last, is_broken = trace, False
        looks |= look_at(session.files() - looks.keys())
        saved = wait_for_save(looks)


def _name(path: Path) -> str:
    """A path, relative to the working directory if it is inside."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _run(options: RunOptions, show_blanks: bool) -> tuple[Trace, list[str]]:
    """A run, and the values of the blanks among the answers."""
    from netrunner.activations.plugins import load_registry
    from netrunner.format.network_text import read_network

    blanks = []
    with plugins_at_work(options.network):
        file = read_network(options.network, load_registry(options.plugins), show_blanks)
        if show_blanks:
            from netrunner.lesson.blanks import values_of_blanks

            blanks = [f"{name} is {value}" for name, _, value in values_of_blanks(file)]
        trace = file.network.silent_trace(options.input(file.network))
    if trace.not_finite is not None:
        warn(options.network, str(trace.not_finite), "not-finite")
    return trace, blanks


def _write(
    trace: Trace, written_as: TraceFormat, output: str | None, precision: int, output_only: bool
) -> None:
    look = {"precision": precision} if written_as is FORMATS["text"] else {}
    with destination(output, binary=written_as.binary) as stream:
        if output_only or not written_as.whole:
            names = trace.output_names
            written_as.write_output(trace.network, names, [trace.output], stream, **look)
        else:
            written_as.write([trace], stream, **look)


def _show(before: Trace | None, trace: Trace, precision: int, output_only: bool) -> bool:
    """Show the first run as `run` does, and the changes of a later one; returns if any."""
    from netrunner.commands.terminal import bold
    from netrunner.views.render import text
    from netrunner.views.render.changes import write_changes

    changed = True
    with destination(None) as stream:
        if before is not None:
            mark = _colored if colored(stream) else _starred
            changed = write_changes(before, trace, stream, precision, mark, output_only)
        elif output_only:
            text.write_output(trace.network, trace.output_names, [trace.output], stream, precision)
        else:
            text.write_blocks([trace], stream, precision, bold if colored(stream) else str)
        stream.flush()
    return changed


def _colored(number: str) -> str:
    return click.style(number, fg="yellow", bold=True) + " "


def _starred(number: str) -> str:
    return f"{number}*"
