"""Keeps README.md, docs/*.md, the tour and their translations in step with the program.

    python docs/generate.py

The blocks of a page are executed in order, in a folder with copies of networks/ and plugins/:

    ```yaml net.yaml    writes a file with this name; so does any language with a name
    ```diff net.yaml    changes that file: the lines with - become the lines with +
    ```console          runs each command after a $, and renews the output below it
    ```pycon            does the same with each Python statement after >>>
    ```python           is run
    ```sh               is for the reader's own machine, and is not run
    ```json             is to be looked at

Text between `<!-- made from NAME -->` and `<!-- end -->` is made from the program: from a table of
netrunner/format/network_file.py, or from a command. An SVG from docs/gallery/ on a page is the file
of the same name that the blocks of the page have written. The tests do all this too, and compare.

Translated pages, in docs/zh and docs/ja, are executed in the same way, or get the blocks of the
English page where they have the same ones; docs/translations.py says what else is kept in step
there. A translated tour has the code and the outputs of the English one.
"""

from __future__ import annotations

import doctest
import inspect
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest.mock import patch

import click
import matplotlib.font_manager  # noqa: F401 - a first look at the fonts may be reported: not below
import translations

from netrunner.commands import cli
from netrunner.format import network_file
from netrunner.format.records import Record

ROOT = Path(__file__).parent.parent
ENGLISH = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PAGES = [*ENGLISH, *translations.pages()]
TOUR = ROOT / "docs" / "tour.ipynb"
GALLERY = Path("docs") / "gallery"

FENCED = re.compile(r"^(```(\w+)(?: (\S+))?\n)(.*?)^```$", re.MULTILINE | re.DOTALL)
MADE = re.compile(r"(<!-- made from (.+?) -->\n).*?(<!-- end -->)", re.DOTALL)
PICTURE = re.compile(r"!\[.+?\]\((?:docs/|\.\./)?gallery/(.+?\.svg)\)")
# Whether this machine has a Chinese font does not concern the page.
FONTS = re.compile(rf"^{GALLERY.as_posix()}/.+\[missing-font\]\n", re.MULTILINE)

# One value for each key of the format; the tests read each of them as the format does.
EXAMPLES = {
    "NETWORK": {
        "name": "three-layer",
        "description": "Worked by hand in chapter 3.",
        "inputs": "[x1, x2]",
        "layers": "[{size: 1, weights: [[1], [1]], biases: 0, activation: step}]",
        "outputs": "[cat, dog]",
        "dtype": "float32",
        "examples": "[{input: [1.0, 0.5], output: [0.3, 0.7]}]",
        "answers": "{A1: [0.3, 0.7, 1.1], Z1: [0.574, 0.668, 0.75]}",
    },
    "LAYER": {
        "name": "hidden 1",
        "size": "3",
        "weights": "[[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]]",
        "biases": "[0.1, 0.2, 0.3]",
        "activation": "sigmoid",
    },
    "WEIGHTS_FILE": {"file": "digits.npz", "key": "W1", "transpose": "true"},
    "BIASES_FILE": {"file": "digits.npz", "key": "B1"},
    "EXAMPLE": {"input": "[1.0, 0.5]", "output": "[0.3168, 0.6963]", "tolerance": "1e-4"},
}


def renewed(page: Path) -> str:
    """The text that the page should have; the pictures that it shows are renewed."""
    return "".join(renewed_text(part, ROOT / GALLERY) for part in parts(page))


def blocks(text: str) -> list[tuple[str, ...]]:
    """What the blocks of a page do: all of them, without the outputs in them."""
    found = []
    for fence, language, _, block in FENCED.findall(text):
        if language in ("console", "pycon"):
            block = "".join(re.findall(r"^(?:\$|>>>|\.\.\.) .*\n", block, re.MULTILINE))
        found.append((fence, block))
    return found


def parts(page: Path) -> list[str]:
    """The parts of a page, each executed in a folder of its own.

    Each page is one part; only the page of errors has many.
    """
    text = page.read_text(encoding="utf-8")
    return re.split(r"^(?=### )", text, flags=re.MULTILINE) if page.stem == "errors" else [text]


def renewed_text(text: str, gallery: Path | None = None) -> str:
    """`text` with everything made again: outputs, tables, commands, and pictures in `gallery`."""
    text = MADE.sub(lambda match: match[1] + made_from(match[2]) + match[3], text)
    if not FENCED.search(text):
        return text
    with fresh_folder():
        names: dict[str, Any] = {"__name__": "__main__"}
        text = FENCED.sub(lambda match: renewed_block(match, names), text)
        for picture in dict.fromkeys(PICTURE.findall(text)) if gallery else ():
            shutil.copy(picture, gallery / picture)
        return text


@contextmanager
def fresh_folder() -> Iterator[None]:
    """In a new folder, as a reader finds it after cloning, and in a known environment."""
    with (
        tempfile.TemporaryDirectory() as folder,
        chdir(folder),
        patch.dict(os.environ, known_environment(), clear=True),
    ):
        for name in ("networks", "plugins", GALLERY):
            ignored = shutil.ignore_patterns("__pycache__", "*.svg", "*.png")
            shutil.copytree(ROOT / name, name, ignore=ignored)
        yield


def known_environment() -> dict[str, str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    known = {"PATH": path, "COLUMNS": "80", "LC_ALL": "C.UTF-8"}
    known |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # a reader's has none
    return known | {"PYTHONPATH": str(ROOT)}  # this checkout, whichever is installed


def renewed_block(match: re.Match[str], names: dict[str, Any]) -> str:
    """A fenced block, executed, with what it has printed now."""
    fence, language, file, text = match.groups()
    if language == "diff":
        change(Path(file), text)
    elif file is not None:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        Path(file).write_text(text, encoding="utf-8")
    elif language == "console":
        commands = re.findall(r"^\$ (.+)$", text, re.MULTILINE)
        outputs = [FONTS.sub("", output_of(command)) for command in commands]
        text = "".join(map("$ {}\n{}".format, commands, outputs))
        if "Traceback" in text:
            raise RuntimeError(f"a traceback must not be documented:\n{text}")
    elif language == "pycon":
        text = "".join(map(renewed_statement(names), doctest.DocTestParser().get_examples(text)))
    elif language == "python":
        exec(compile(text, "<python block>", "exec"), names)
    elif language not in ("json", "sh", "text"):
        raise ValueError(f"unknown kind of block, {language}:\n{text}")
    return f"{fence}{text}```"


def change(file: Path, diff: str) -> None:
    """Change a file, in which the lines with - and those with a blank must be found once."""
    lines = diff.splitlines(keepends=True)
    old = "".join(line[1:] for line in lines if line[0] in "- ")
    new = "".join(line[1:] for line in lines if line[0] in "+ ")
    text = file.read_text(encoding="utf-8")
    if text.count(old) != 1:
        raise ValueError(f"found {text.count(old)} times in {file}:\n{old}")
    file.write_text(text.replace(old, new), encoding="utf-8")


def output_of(command: str) -> str:
    """What a command prints, on standard output and standard error.

    What Python can do is done in this process, which is ten times as fast.
    """
    told = '; echo "exit code $?"'
    plain = command.removesuffix(told)
    if plain.startswith("netrunner ") and not re.search(r"[|<>;&$*]", plain):
        output, code = output_of_main(shlex.split(plain))
        return output + (f"exit code {code}\n" if plain != command else "")
    if piped := re.fullmatch(r"(netrunner [^|<>;&$*]+) \| ([^|]+)", command):
        return output_of_shell(piped[2], output_of_main(shlex.split(piped[1]))[0])
    if command.startswith("python -c ") and "$" not in command:
        words = shlex.split(command)
        if len(words) == 3:  # nothing after the program: it prints here
            return output_of_program(words[2])
    return output_of_shell(command)


def output_of_shell(command: str, given: str = "") -> str:
    done = subprocess.run(
        ["bash", "-c", command],
        input=given.encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return done.stdout.decode()


def output_of_main(arguments: list[str]) -> tuple[str, int]:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    with redirect_stdout(stream), redirect_stderr(stream), patch("sys.argv", arguments):
        code = cli.main()
        stream.seek(0)
        return stream.read(), code


def output_of_program(text: str) -> str:
    with (
        redirect_stdout(io.StringIO()) as stream,
        redirect_stderr(stream),
        warnings.catch_warnings(action="ignore", category=ResourceWarning),  # files left open
    ):
        try:
            exec(compile(text, "<string>", "exec"), {"__name__": "__main__"})
        except Exception:
            traceback.print_exc()
    return stream.getvalue()


def renewed_statement(names: dict[str, Any]) -> Any:
    """Statement → the lines that a Python prompt shows for it."""

    def renew(example: doctest.Example) -> str:
        code = compile(example.source, "<python prompt>", "single")
        with redirect_stdout(io.StringIO()) as stream, redirect_stderr(stream):
            exec(code, names)
        first, *others = example.source.splitlines(keepends=True)
        typed = [f">>> {first}", *(f"... {line}".replace("... \n", "...\n") for line in others)]
        return "".join([*typed, stream.getvalue()])

    return renew


def made_from(name: str) -> str:
    """The part of a page that is made from a table of the format, or from a command."""
    if name in cli.cli.commands:
        return about_command(cli.cli.commands[name])
    return table_of_fields(name, getattr(network_file, name))


def table_of_fields(name: str, record: Record) -> str:
    rows = ["| key | takes | default | meaning | example |", "|---|---|---|---|---|"]
    for field in record.fields:
        default = "**required**" if field.required else field.default or "none"
        example = f"`{field.name}: {EXAMPLES[name][field.name]}`"
        cells = [f"`{field.name}`", field.kind.words, default, field.meaning, example]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def about_command(command: click.Command, group: str = "") -> str:
    """A command as `--help` describes it: what it does, its usage, its options, an example."""
    if isinstance(command, click.Group):
        members = command.commands.values()
        return "\n".join(about_command(each, f"{command.name} ") for each in members)
    what, example = inspect.cleandoc(command.help or "").split("\n\n\b\nExample:\n")
    pieces = command.collect_usage_pieces(click.Context(command, **cli.cli.context_settings))
    usage = " ".join([f"netrunner {group}{command.name}", *pieces])
    options = [each for each in command.params if isinstance(each, click.Option)]
    rows = ["| option | meaning |", "|---|---|", *map(row_of_option, options)]
    table = "\n".join(rows) if options else "There are no options."
    example = f"Example:\n\n```sh\n{inspect.cleandoc(example)}\n```"
    return f"{what}\n\n```text\n{usage}\n```\n\n{table}\n\n{example}\n"


def row_of_option(option: click.Option) -> str:
    names, takes = ", ".join([*option.opts, *option.secondary_opts]), option.metavar or ""
    if isinstance(option.type, click.Choice):
        takes = "\\|".join(option.type.choices)
    default = f" Default: `{option.default}`." if option.show_default else ""
    return f"| `{f'{names} {takes}'.rstrip()}` | {option.help}{default} |"


def renewed_tour() -> str:
    """The notebook, executed in docs/ as a reader would, without what changes between runs."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(TOUR, as_version=4)
    # The commands after a ! are run by the kernel's own process.
    setting = "import sys; sys.path.insert(0, {!r}); import generate; generate.answer_shell()"
    client = NotebookClient(
        notebook,
        timeout=60,
        resources={"metadata": {"path": TOUR.parent}},
        extra_arguments=[f"--IPKernelApp.exec_lines={setting.format(str(ROOT / 'docs'))}"],
    )
    client.coalesce_streams = True  # what one cell prints comes in pieces on a busy machine
    with patch.dict(os.environ, known_environment() | {"NO_COLOR": "1"}):
        client.execute()
    notebook.metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        cell.metadata = {}
        for output in cell.get("outputs", ()):
            if "text" in output:
                output.text = output.text.replace("\r\n", "\n")  # a terminal's
    return nbformat.writes(notebook) + "\n"


def answer_shell() -> None:
    """Let `output_of` do what a notebook asks of a shell."""
    from IPython import get_ipython

    get_ipython().system = lambda command: print(output_of(command), end="")


def renewed_translation(page: Path) -> str:
    """The same for a translated page. Blocks that do what the English ones do are copied."""
    text = translations.renewed(page)
    english = translations.english_of(page).read_text(encoding="utf-8")
    if blocks(text) != blocks(english):
        return renewed_text(text)
    copies = (match[0] for match in FENCED.finditer(english))
    return FENCED.sub(lambda match: next(copies), text)


def translated_tour(tour: Path) -> str:
    """A translated tour, with the code and the outputs of the English one between its texts."""
    import nbformat

    notebook = nbformat.reads(translations.renewed(tour), as_version=4)
    english = nbformat.read(TOUR, as_version=4)
    for cell, origin in zip(notebook.cells, english.cells, strict=True):
        if origin.cell_type == "code":
            cell.update(origin)
    return nbformat.writes(notebook) + "\n"


def write(page: Path, text: str) -> None:
    before = page.read_text(encoding="utf-8")
    page.write_text(text, encoding="utf-8")
    print(f"{page.relative_to(ROOT)}: {'in step' if text == before else 'renewed'}")


def main() -> None:
    for page in ENGLISH:
        write(page, renewed(page))
    write(TOUR, renewed_tour())
    for page in translations.pages():
        write(page, renewed_translation(page))
    for tour in translations.tours():
        write(tour, translated_tour(tour))


if __name__ == "__main__":
    main()
