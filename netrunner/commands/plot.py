"""`netrunner plot`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from netrunner.commands.hosting import plugins_at_work
from netrunner.commands.options import (
    INPUT,
    input_options,
    load_network,
    plugins_option,
    read_input,
)
from netrunner.commands.pictures import file_for, picture_option, stem_of, written
from netrunner.commands.terminal import about

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from netrunner.activations.registry import Registry

BOOK_RANGE = "-5,5"


def _complete(
    context: click.Context, argument: click.Parameter, begun: str
) -> list[CompletionItem]:
    """The activations that can be drawn, with the plugins named so far; else a network file."""
    from contextlib import redirect_stderr, suppress
    from io import StringIO

    from click.shell_completion import CompletionItem

    from netrunner.activations.plugins import load_registry
    from netrunner.problems.problem import NetrunnerError

    names: list[str] = []
    with suppress(NetrunnerError), redirect_stderr(StringIO()), plugins_at_work():
        names = [*load_registry(context.params.get("plugins") or ())]
    found = [CompletionItem(name) for name in names if name.startswith(begun)]
    return [CompletionItem(begun, type="file"), *found]


@click.command()
@click.argument(
    "names", type=INPUT, nargs=-1, metavar="ACTIVATION...|NETWORK", shell_complete=_complete
)
@click.option("--network", type=INPUT, metavar="NETWORK", help="The same as NETWORK alone.")
@input_options
@plugins_option
@click.option(
    "--range",
    "range_",
    metavar="A,B",
    default=BOOK_RANGE,
    show_default=True,
    help="The range of a to draw.",
)
@picture_option
def plot(
    names: tuple[str, ...],
    network: str | None,
    inputs: tuple[str, ...],
    input_file: str | None,
    plugins: tuple[str, ...],
    range_: str,
    output: str | None,
) -> None:
    """Draw curves of activations, or the run of a network.

    \b
    Example:
      netrunner plot step sigmoid --output curves.png
    """
    if network is None and len(names) == 1 and _is_network(names[0]):
        network, names = names[0], ()
    if bool(names) == (network is not None):
        raise click.UsageError("Give the names of activations, or one network file.")
    if network is None and (inputs or input_file is not None):
        raise click.UsageError("--input and --input-file go with a network.")
    if network is not None and range_ != BOOK_RANGE:
        raise click.UsageError("--range goes with the names of activations.")

    from netrunner.views.pictures.axes import import_matplotlib
    from netrunner.views.pictures.saving import save

    file = file_for(output, *(names or [stem_of(network or "")]))
    import_matplotlib()
    with plugins_at_work(network or "netrunner"):
        if network is None:
            from netrunner.activations.plugins import load_registry
            from netrunner.views.pictures import curves

            low_high, registry = _range(range_), load_registry(plugins)
            if len(names) == 1 and names[0] not in registry:
                _refuse_name_of_network(names[0], registry)
            ax = curves.draw(names, low_high, registry=registry)
        else:
            from netrunner.views.pictures.dots import plot_trace

            loaded = load_network(network, plugins)
            ax = plot_trace(loaded.trace(read_input(loaded, network, inputs, input_file)))
        with about(file):
            save(ax.figure, file)
    written(output, file)


def _is_network(name: str) -> bool:
    """Whether a name is that of a network file rather than of an activation."""
    path = Path(name)
    return name == "-" or path.suffix in (".yaml", ".yml") or len(path.parts) > 1 or path.is_file()


def _refuse_name_of_network(name: str, registry: Registry) -> None:
    """Raises NetrunnerError for `first`, where there is no such activation, but first.yaml."""
    from netrunner.files.opening import NETWORK_SUFFIXES
    from netrunner.problems.problem import NetrunnerError
    from netrunner.problems.source import Place
    from netrunner.problems.suggestions import did_you_mean

    for suffix in NETWORK_SUFFIXES:
        if Path(name + suffix).is_file():
            fault = registry.unknown(name)
            fault.help_with(did_you_mean(name + suffix, 200))
            raise NetrunnerError(fault.at(Place("activation")))


def _range(text: str) -> tuple[float, float]:
    from netrunner.files.inputs import rows_from_options

    low_high = rows_from_options([text], "--range").rows.tolist()
    if len(low_high) != 2:
        raise click.UsageError("--range takes two numbers separated by a comma, such as -5,5.")
    return low_high[0], low_high[1]
