"""`netrunner serve`."""

from __future__ import annotations

import threading
from pathlib import Path

import click

from netrunner.commands.hosting import plugins_at_work
from netrunner.commands.options import network_argument, plugins_option
from netrunner.commands.terminal import about, destination


@click.command()
@network_argument
@plugins_option
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="N",
    default=0,
    show_default=True,
    help="The port to listen on; 0 is a free one.",
)
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
def serve(network: str, plugins: tuple[str, ...], port: int, no_browser: bool) -> None:
    """Show the page of a network file beside an editor.

    The page follows the file, whoever saves it. It is for this machine alone: its address has a
    token in it. Ctrl-C ends it.

    \b
    Example:
      netrunner new first.yaml
      netrunner serve first.yaml
    """
    if network == "-":
        raise click.UsageError("Standard input cannot be served: name a file.")
    from netrunner.files.opening import open_regular
    from netrunner.process import session
    from netrunner.views.page.desk import Desk
    from netrunner.views.page.server import HOST, Server

    session.stays()
    path = Path(network)
    with about(network), open_regular(path):
        pass
    desk = Desk(path, plugins)
    try:
        server = Server(desk, port)
    except OSError as error:
        message = f"{HOST}:{port} cannot be used: {error.strerror}"
        raise click.BadParameter(message, param_hint="--port") from None
    with server:
        with destination(None) as stream:
            stream.write(f"{server.address}\n")
            stream.flush()
        if not no_browser:
            import webbrowser

            webbrowser.open(server.address)
        threading.Thread(target=desk.follow, daemon=True).start()
        with plugins_at_work(network):
            server.serve_forever(poll_interval=0.1)
