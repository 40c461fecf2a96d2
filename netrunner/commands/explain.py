"""`netrunner explain`."""

from __future__ import annotations

import sys

import click

from netrunner.commands.hosting import plugins_at_work
from netrunner.commands.options import (
    RunOptions,
    chosen_format,
    format_by_suffix_option,
    output_option,
    precision_option,
    run_options,
    text_formats,
)
from netrunner.commands.terminal import bold, colored, spooled
from netrunner.process import session

_FORMATS = text_formats(text=".txt", markdown=".md", latex=".tex", html=".html")


@click.command()
@run_options
@click.option("--layer", metavar="L", help="Only this layer, by its number or name.")
@click.option("--neuron", metavar="K", help="Only this neuron, by its number or output name.")
@precision_option
@click.option("--all-terms", is_flag=True, help="Every term of a long sum.")
@format_by_suffix_option(
    _FORMATS, help="The format of the text; latex is for a document with amsmath."
)
@output_option
def explain(
    options: RunOptions,
    layer: str | None,
    neuron: str | None,
    precision: int,
    all_terms: bool,
    format_: str | None,
    output: str | None,
) -> None:
    """Write out each neuron's sum, with its numbers.

    \b
    Example:
      netrunner new first.yaml
      netrunner explain first.yaml --layer 1
    """
    from netrunner.views.render.explain import write
    from netrunner.views.render.explain_text import write as write_text

    written_as = chosen_format(_FORMATS, format_, output).name
    with plugins_at_work(options.network):
        _, trace = options.load_and_run()
        explanation = trace.explain(
            layer=layer,
            neuron=neuron,
            all_terms=all_terms,
            precision=precision,
        )
    style = bold if output is None and colored(sys.stdout) else str
    # It is worked out while it is written, and plugins are called for it.
    with spooled(output) as stream, plugins_at_work(options.network):
        if written_as == "text":
            write_text(explanation, stream, style, session.columns())
        else:
            write(explanation, stream, written_as)
