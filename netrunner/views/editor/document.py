"""An open document, and what is known about it, in the protocol's terms."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlparse
from urllib.request import url2pathname

from lsprotocol import types

from netrunner.problems.fixes import Edit, overlap
from netrunner.problems.problem import Problem
from netrunner.problems.source import Place
from netrunner.views.editor import showing
from netrunner.views.editor.analysis import Analysis, Parsed, Readable, is_network
from netrunner.views.editor.completion import Item
from netrunner.views.editor.positions import Lines, place_in

if TYPE_CHECKING:
    from netrunner.problems.codes import Code

_SCHEMA = re.compile(r"(?:^|\r)#\s*yaml-language-server:\s*\$schema=", re.M)
FIX_ALL = f"{types.CodeActionKind.SourceFixAll.value}.netrunner"
LARGEST = 8 * 2**20  # characters: a longer text is not checked while it is edited


class Document:
    """A text in an editor; `task` checks it, and `readable` is the last that could be read."""

    def __init__(self, uri: str, text: str, version: int | None, encoding: str) -> None:
        self.uri, self.path = uri, _path_of(uri)
        self.encoding = encoding
        self.task: asyncio.Task[Analysis | None] | None = None
        self.readable: Readable | None = None
        self.is_network = False
        self.become(text, version)

    def become(self, text: str, version: int | None) -> None:
        self.text = text.removeprefix("\ufeff")
        self.mark = text[: len(text) - len(self.text)]  # a byte order mark, if the client sends it
        self.version = version
        self.is_network = is_network(text[:LARGEST], self.is_network)
        self.__dict__.pop("lines", None)

    @cached_property
    def lines(self) -> Lines:
        return Lines(self.text, self.encoding, self.mark)

    def changed(self, changes: Iterable[types.TextDocumentContentChangeEvent]) -> str:
        """The text after changes to parts or the whole, applied one after the other."""
        text, lines = self.mark + self.text, None
        for change in changes:
            if isinstance(change, types.TextDocumentContentChangePartial):
                lines = lines or (self.lines if text is self.text else Lines(text, self.encoding))
                start, end = _offsets(lines, change.range)
                text = text[:start] + change.text + text[max(start, end) :]
            else:
                text = change.text
            lines = None
        return text

    @property
    def is_ours(self) -> bool:
        """Whether the server checks it."""
        return len(self.text) <= LARGEST and self.is_network

    @property
    def has_schema(self) -> bool:
        """Whether the document names a schema by a comment, for a YAML server to complete by."""
        return _SCHEMA.search(self.text) is not None

    # Places.

    def range(self, place: Place) -> types.Range:
        if place.line is None or not self._is_here(place):
            at = types.Position(max((place.line or 1) - 1, 0), 0)
            return types.Range(at, at)
        column = place.column or 1
        start = self.lines.to_client(place.line, column)
        end = self.lines.to_client(place.end_line or place.line, place.end_column or column)
        return types.Range(types.Position(*start), types.Position(*max(start, end)))

    def _is_here(self, place: Place) -> bool:
        return place.file in ("", str(self.path))

    def _uri(self, place: Place) -> str:
        if self._is_here(place):
            return self.uri
        try:
            return Path(place.file).resolve().as_uri()
        except (OSError, ValueError):
            return self.uri

    def range_of(self, readable: Parsed, part: showing.Part) -> types.Range | None:
        """Where a part of the last readable text is now; None where an end of it has changed."""
        ends = []
        for offset in (part.start, part.end):
            place = readable.source.position(offset)
            now = place_in(self.lines.lines, readable.lines.lines, *place)
            if now is None:
                return None
            ends.append(types.Position(*self.lines.to_client(*now)))
        return types.Range(*ends)

    def text_at(self, where: types.Range) -> str:
        start, end = _offsets(self.lines, where)
        return self.text[start:end]

    def offset_in(self, readable: Parsed, position: types.Position) -> int | None:
        """Where a position was in the last readable text; None where that has changed."""
        place = self.lines.from_client(position.line, position.character)
        then = place_in(readable.lines.lines, self.lines.lines, *place)
        return None if then is None else readable.lines.offset(*then)

    # Problems and their fixes.

    def diagnostic(self, problem: Problem) -> types.Diagnostic:
        related = [
            types.DiagnosticRelatedInformation(
                types.Location(self._uri(each.place), self.range(each.place)), each.message
            )
            for each in problem.related
        ]
        is_error = problem.severity == "error"
        severity = types.DiagnosticSeverity
        lines = [problem.message, problem.context, problem.hint and f"help: {_here(problem.hint)}"]
        return types.Diagnostic(
            self.range(problem.place),
            "\n".join(filter(None, lines)),
            severity.Error if is_error else severity.Warning,
            code=problem.code,
            source="netrunner",
            related_information=related or None,
        )

    def text_edits(self, edits: Iterable[Edit]) -> types.WorkspaceEdit:
        found = []
        for edit in edits:
            place = Place("", edit.line, edit.column, None, edit.end_line, edit.end_column)
            found.append(types.TextEdit(self.range(place), edit.text))
        return types.WorkspaceEdit({self.uri: found})

    def actions(
        self, problems: Iterable[Problem], params: types.CodeActionParams
    ) -> list[types.CodeAction]:
        """The fixes of the problems in a range, and all of them at once."""
        kind, found = types.CodeActionKind, []
        together: list[Edit] = []
        for problem in problems:
            if not problem.fixes:
                continue
            diagnostic = self.diagnostic(problem)
            edits = sorted(problem.fixes[0].edits)
            if not any(overlap(edit, other) for edit in edits for other in together):
                together += edits
            if not _is_wanted(kind.QuickFix, params) or not _meet(diagnostic.range, params.range):
                continue
            for position, fix in enumerate(problem.fixes):
                found.append(
                    types.CodeAction(
                        fix.title,
                        kind.QuickFix,
                        [diagnostic],
                        is_preferred=position == 0,
                        edit=self.text_edits(fix.edits),
                    )
                )
        # To a client that asks for our own kind, as some do on each save, that is the answer.
        kinds = [each for each in (kind.SourceFixAll, FIX_ALL) if _is_wanted(each, params)]
        if together and kinds:
            title, edit = "Apply every fix that netrunner has tried", self.text_edits(together)
            found.append(types.CodeAction(title, kinds[0], edit=edit))
        return found

    def blank_actions(
        self, blanks: Iterable[tuple[Place, str]], params: types.CodeActionParams
    ) -> list[types.CodeAction]:
        """For each blank in a range, to write its value in its place: it is shown only then."""
        if not _is_wanted(types.CodeActionKind.RefactorRewrite, params):
            return []
        ranges = [(self.range(place), text) for place, text in blanks]
        return [
            types.CodeAction(
                "Write the answer in place of the ?",
                types.CodeActionKind.RefactorRewrite,
                edit=types.WorkspaceEdit({self.uri: [types.TextEdit(whole, text)]}),
            )
            for whole, text in ranges
            if _meet(whole, params.range)
        ]

    # Symbols.

    def symbols(
        self, readable: Parsed, found: Sequence[showing.Symbol]
    ) -> list[types.DocumentSymbol]:
        made = []
        for symbol in found:
            whole, key = (self.range_of(readable, part) for part in (symbol.part, symbol.key))
            if whole is not None and key is not None:
                children = self.symbols(readable, symbol.children)
                kind = types.SymbolKind.Array if children else types.SymbolKind.Field
                detail = symbol.detail or None
                made.append(
                    types.DocumentSymbol(
                        symbol.name, kind, whole, key, detail=detail, children=children
                    )
                )
        return made


def _offsets(lines: Lines, where: types.Range) -> tuple[int, int]:
    start, end = (lines.from_client(at.line, at.character) for at in (where.start, where.end))
    return lines.offset(*start), lines.offset(*end)


def remark(message: str, code: Code) -> types.Diagnostic:
    """A message about a document as a whole."""
    start = types.Position(0, 0)
    where, severity = types.Range(start, start), types.DiagnosticSeverity.Warning
    return types.Diagnostic(where, message, severity, code=code, source="netrunner")


_KINDS = {
    "key": types.CompletionItemKind.Property,
    "activation": types.CompletionItemKind.Function,
    "parameter": types.CompletionItemKind.Property,
    "value": types.CompletionItemKind.EnumMember,
    "file": types.CompletionItemKind.File,
    "array": types.CompletionItemKind.Field,
}


def completion_item(item: Item) -> types.CompletionItem:
    about = types.MarkupContent(types.MarkupKind.Markdown, item.about) if item.about else None
    return types.CompletionItem(
        item.label,
        kind=_KINDS[item.kind],
        detail=item.detail or None,
        documentation=about,
        insert_text=item.insert or None,
    )


def _path_of(uri: str) -> Path:
    """The file of a document; for one that is not in a file, its name in the current folder."""
    parts = urlparse(uri)
    if parts.scheme == "file":
        return Path(url2pathname(unquote(parts.path)) or "network.yaml")
    return Path(Path(unquote(parts.path)).name or "network.yaml")


def _here(hint: str) -> str:
    """A hint, with the editor's setting in place of the command's option."""
    instead = r"add '\1' to the setting netrunner.plugins"
    return re.sub(r"add --plugins (\S+), in Python plugins=\[.*?\]", instead, hint)


def _is_wanted(kind: types.CodeActionKind | str, params: types.CodeActionParams) -> bool:
    """Whether the client asks for a kind, for one that it is part of, or for any."""
    wanted, *names = [
        str(getattr(one, "value", one)) for one in (kind, *(params.context.only or []))
    ]
    return not names or any(f"{wanted}.".startswith(f"{name}.") for name in names)


def _meet(one: types.Range, other: types.Range) -> bool:
    def at(position: types.Position) -> tuple[int, int]:
        return position.line, position.character

    return at(one.start) <= at(other.end) and at(other.start) <= at(one.end)
