"""`netrunner compare`."""

from __future__ import annotations

import sys

import click

from netrunner.commands.hosting import plugins_at_work
from netrunner.commands.options import (
    PATH,
    format_option,
    input_options,
    load_network,
    network_argument,
    number,
    plugins_option,
    read_input,
)
from netrunner.commands.terminal import EXIT_WRONG, destination


@click.command()
@network_argument
@click.argument("reference", type=PATH)
@input_options
@plugins_option
@click.option(
    "--rtol", callback=number, metavar="R", help="Relative tolerance: 1e-9, or 1e-5 for float32."
)
@click.option(
    "--atol", callback=number, metavar="A", help="Absolute tolerance: 1e-12, or 1e-6 for float32."
)
@format_option("text", "json", help="The format of the result.")
def compare(
    network: str,
    reference: str,
    inputs: tuple[str, ...],
    input_file: str | None,
    plugins: tuple[str, ...],
    rtol: float | None,
    atol: float | None,
    format_: str,
) -> None:
    """Find the first neuron that differs from a trace.

    REFERENCE is what `run` wrote as JSON or npz, or another network file.

    \b
    Example:
      netrunner new first.yaml
      netrunner run first.yaml --format json --output golden.json
      netrunner compare first.yaml golden.json
    """
    from netrunner.activations.plugins import load_registry
    from netrunner.exchange.compare import compare
    from netrunner.exchange.reference import is_trace
    from netrunner.problems.problem import NetrunnerError, Problem
    from netrunner.problems.source import Place
    from netrunner.views.render import comparison

    with plugins_at_work(network):
        try:
            loaded = load_network(network, plugins)
        except NetrunnerError:
            if not is_trace(network):
                raise
            message = "this is a trace: it comes second, behind the network"
            raise NetrunnerError(Problem("wrong-format", Place(network), message)) from None
        x = None
        if inputs or input_file is not None:
            x = read_input(loaded, network, inputs, input_file)
        result = compare(
            loaded, reference, x=x, rtol=rtol, atol=atol, registry=load_registry(plugins)
        )
    with destination(None) as stream:
        if format_ == "json":
            comparison.write_json(result, stream)
        else:
            comparison.write(result, stream)
    if not result.same:
        sys.exit(EXIT_WRONG)
