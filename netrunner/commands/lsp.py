"""`netrunner lsp`."""

from __future__ import annotations

import sys

import click

from netrunner.commands.terminal import EXIT_WRONG, about


@click.command()
@click.option("--check", is_flag=True, help="Only check whether it can start.")
def lsp(check: bool) -> None:
    """Serve an editor: problems, fixes and numbers as you type.

    It speaks the Language Server Protocol on standard input and output; editors start it.

    \b
    Example:
      netrunner lsp
    """
    from importlib.util import find_spec

    if find_spec("pygls") is None:
        from netrunner.problems.problem import missing_package

        with about("lsp"):
            raise missing_package("the language server needs", "pygls", "lsp")
    if not check:
        from netrunner.process import session
        from netrunner.views.editor.server import serve

        session.stays()
        if not serve():
            sys.exit(EXIT_WRONG)
