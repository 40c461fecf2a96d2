"""`netrunner help`."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import click

from netrunner.commands.terminal import destination


@click.command()
@click.argument("code", required=False)
@click.option(
    "--lang",
    type=click.Choice(["en", "zh", "ja"]),
    default="en",
    show_default=True,
    help="The language of the explanation; English where it is not translated.",
)
@click.pass_context
def help(context: click.Context, code: str | None, lang: str) -> None:
    """Explain an error code, such as shape-mismatch.

    CODE is what an error or a warning has in [brackets]. The name of a command shows its help.

    \b
    Example:
      netrunner help shape-mismatch
    """
    root = context.find_root()
    assert isinstance(root.command, click.Group)
    command = root.command.get_command(root, code) if code else root.command
    if command is not None:
        with destination(None) as stream:
            stream.write(_help_of(command, code, root) + "\n")
        return
    assert code is not None
    code = code.strip("[]")
    sections = _sections(_page(lang))
    section = sections.get(code) or _sections(_page("en")).get(code)
    if section is None:
        from netrunner.problems.suggestions import nearest

        near = nearest(code, [*sections, *root.command.list_commands(root)])
        did_you_mean = f" Did you mean {near!r}?" if near else ""
        raise click.UsageError(f"No such code or command {code!r}.{did_you_mean}")
    with destination(None) as stream:
        stream.write(f"{code}\n\n{_plain(section)}\n")


def _help_of(command: click.Command, name: str | None, root: click.Context) -> str:
    if name is None:
        return command.get_help(root)
    return command.get_help(click.Context(command, root, name, **root.command.context_settings))


def _page(lang: str) -> str:
    from netrunner.files.shipped import shipped

    english = shipped("docs") / "errors.md"
    translated = english.parent / lang / english.name
    page: Path = translated if translated.is_file() else english
    return page.read_text(encoding="utf-8")


def _sections(page: str) -> dict[str, str]:
    """The sections of the page on errors, by their codes, as Markdown."""
    return dict(re.findall(r"^### ([a-z0-9-]+)\n(.*?)(?=^#{1,3} |\Z)", page, re.M | re.S))


def _plain(markdown: str) -> str:
    """A section as text for a terminal: blocks indented, links replaced by their words."""
    markdown = re.sub(r"<!--.*?-->\n*", "", markdown, flags=re.DOTALL)
    parts = []
    for text, block in re.findall(r"(.*?)(?:^```[^\n]*\n(.*?)^```$|\Z)", markdown, re.M | re.S):
        words = re.sub(
            r"\[([^\]]*)\]\([^)]*\)", r"\1", text.replace("。** ", "。").replace("**", "")
        )
        parts += [_filled(each) for each in words.strip().split("\n\n") if each]
        if block:
            parts.append(textwrap.indent(block.rstrip(), "    "))
    return "\n\n".join(parts)


def _filled(text: str) -> str:
    """The text in lines that fit, which may end between Chinese or Japanese letters."""
    from netrunner.problems.words import display_width
    from netrunner.views.render.lines import width

    lines = [""]
    closing = "、。，：；！？」』）】"
    pieces = rf"[^\s\u2e80-\uffef]+[{closing}]*\s*|[「『（【]*[\u2e80-\uffef][{closing}]*\s*"
    for piece in re.findall(pieces, text):
        if lines[-1] and display_width((lines[-1] + piece).rstrip()) > width():
            lines.append("")
        lines[-1] += piece.replace("\n", " ")
    return "\n".join(line.rstrip() for line in lines)
