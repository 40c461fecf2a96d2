"""`netrunner lsp`."""

from __future__ import annotations

import click


@click.command()
@click.option("--check", is_flag=True, help="Only see whether it can start.")
def lsp(check: bool) -> None:
    """Serve an editor: problems, fixes and numbers as you type.

    It speaks the Language Server Protocol on standard input and output; editors start it.

    \b
    Example:
      netrunner lsp
    """
    from importlib.util import find_spec

    if find_spec("pygls") is None:
        from netrunner.problems.problem import NetrunnerError, Problem
        from netrunner.problems.source import Place

        message = "the language server needs the package pygls: pip install 'netrunner-nn[lsp]'"
        raise NetrunnerError(Problem("missing-package", Place("lsp"), message))
    if not check:
        from netrunner.views.editor.server import serve

        serve()
