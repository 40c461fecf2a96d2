"""`netrunner compare`."""

from __future__ import annotations

import sys
from typing import Any

import click

from netrunner.commands.hosting import plugins_at_work
from netrunner.commands.options import (
    INPUT,
    format_option,
    input_options,
    load_network,
    number,
    plugins_option,
    read_input,
)
from netrunner.commands.terminal import EXIT_WRONG, destination, report

EXIT_NOT_COMPARED = 2  # as diff has it


@click.command()
@click.argument("a", type=INPUT)
@click.argument("b", type=INPUT)
@input_options
@plugins_option
@click.option(
    "--rtol", callback=number, metavar="R", help="Relative tolerance: 1e-9, or 1e-5 for float32."
)
@click.option(
    "--atol", callback=number, metavar="A", help="Absolute tolerance: 1e-12, or 1e-6 for float32."
)
@click.option("--outputs-only", is_flag=True, help="Compare Y alone, whatever leads to it.")
@format_option("text", "json", help="The format of the result.")
def compare(
    a: str,
    b: str,
    inputs: tuple[str, ...],
    input_file: str | None,
    plugins: tuple[str, ...],
    rtol: float | None,
    atol: float | None,
    outputs_only: bool,
    format_: str,
) -> None:
    """Find the first neuron that differs between A and B.

    Each is a network file, a trace that `run` wrote (.json, .npz), or a model that `import`
    reads; - reads a network from standard input. The exit code is 0 where they agree, 1 where
    they differ, and 2 where they cannot be compared.

    \b
    Example:
      netrunner new first.yaml
      netrunner run first.yaml --format json --output golden.json
      netrunner compare first.yaml golden.json
    """
    from netrunner.exchange.compare import compare
    from netrunner.exchange.sides import network_in
    from netrunner.problems.problem import NetrunnerError
    from netrunner.views.render import comparison

    with plugins_at_work(a):
        try:
            one, other = (load_network(path, plugins) if path == "-" else path for path in (a, b))
            x: Any = None
            if inputs or input_file is not None:
                network = network_in(one, other, plugins) or network_in(other, one, plugins)
                x = () if network is None else read_input(network, a, inputs, input_file)
            result = compare(
                one,
                other,
                x=x,
                rtol=rtol,
                atol=atol,
                outputs_only=outputs_only,
                plugins=plugins,
            )
        except NetrunnerError as error:
            problems = error.problems
        else:
            problems = ()
    if problems:
        if format_ == "json":
            from netrunner.views.render.json import dump

            with destination(None) as stream:
                dump([problem.as_dict() for problem in problems], stream, indent=1)
        report(problems, format_)
        sys.exit(EXIT_NOT_COMPARED)
    with destination(None) as stream:
        if format_ == "json":
            comparison.write_json(result, stream)
        else:
            comparison.write(result, stream)
    if result:
        sys.exit(EXIT_WRONG)
