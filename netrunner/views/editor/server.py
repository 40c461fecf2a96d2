"""The language server: the protocol, by pygls, over what the other modules of the room know."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlparse
from urllib.request import url2pathname

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from netrunner import __version__
from netrunner.problems.fixes import Edit, overlap
from netrunner.problems.problem import Problem
from netrunner.problems.source import Place
from netrunner.views.editor import showing
from netrunner.views.editor.analysis import Analysis, Readable, analyse, is_network, registry_of
from netrunner.views.editor.completion import completions
from netrunner.views.editor.positions import Lines, line_in
from netrunner.views.editor.structure import context_at

QUIET = 0.05  # seconds without another change, after which a text is looked at
PATIENCE = 10.0  # seconds for a text to be read and run
RUN, EXPLAIN = "netrunner.run", "netrunner.explain"
WORTH_SHOWING = 2000  # characters of a message

_Result = TypeVar("_Result")


async def in_thread(work: Callable[[], _Result]) -> _Result:
    """What `work` gives; where a plugin never ends, TimeoutError, and its thread is left alone."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[_Result] = loop.create_future()

    def settle(result: _Result | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is None:
            done.set_result(result)  # type: ignore[arg-type]
        else:
            done.set_exception(error)

    def run() -> None:
        result, error = None, None
        try:
            result = work()
        except Exception as raised:
            error = raised
        except BaseException as raised:
            error = RuntimeError(f"{type(raised).__name__}: {raised}")
        try:
            loop.call_soon_threadsafe(settle, result, error)
        except RuntimeError:  # the server has ended
            return

    threading.Thread(target=run, daemon=True).start()
    return await asyncio.wait_for(done, PATIENCE)


@dataclass
class Document:
    """An open document; `analysis` is of its text, or being made."""

    uri: str
    path: Path
    text: str
    version: int | None
    task: asyncio.Task[Analysis | None] | None = None
    readable: Readable | None = None
    lines: Lines = field(default_factory=lambda: Lines(""))


class Server(LanguageServer):
    """Keeps what is known of each open document, and answers from it."""

    def __init__(self) -> None:
        super().__init__(
            "netrunner", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full
        )
        self.documents: dict[str, Document] = {}
        self.plugins: tuple[str, ...] = ()  # those that are loaded
        self.wanted_plugins: tuple[str, ...] = ()
        self.complete_keys: bool | None = None  # as the client says; else by the schema
        self.options: object = None
        self.ready = asyncio.Event()  # when the plugins that the client begins with are loaded
        self.registry, self.plugin_problems = registry_of(())

    @property
    def encoding(self) -> str:
        chosen = self.server_capabilities.position_encoding
        return str(getattr(chosen, "value", chosen) or "utf-16")

    # Documents.

    def update(self, uri: str, text: str, version: int | None) -> None:
        document = self.documents.get(uri)
        if document is None:
            document = self.documents[uri] = Document(uri, path_of(uri), text, version)
        document.text, document.version = text, version
        document.lines = Lines(text, self.encoding)
        self.renew(document)

    def renew(self, document: Document) -> None:
        """Look at a document anew, once nothing more is typed."""
        if document.task is not None:
            document.task.cancel()
        document.task = asyncio.ensure_future(self._look_at(document))

    async def _look_at(self, document: Document) -> Analysis | None:
        await asyncio.sleep(QUIET)
        await self.ready.wait()
        text, before = document.text, document.readable
        if not is_network(text):
            self._publish(document, [])
            return None
        try:
            analysis = await in_thread(lambda: analyse(text, document.path, self.registry, before))
        except TimeoutError:
            words = f"not checked: it took more than {PATIENCE:g} seconds; is it a plugin?"
            self._publish(document, [self._remark(words)])
            return None
        except Exception as error:  # a fault of ours, or of a plugin that is beyond a plugin's
            logging.getLogger(__name__).exception("while a text was checked")
            self._publish(document, [self._remark(f"not checked: {type(error).__name__}: {error}")])
            return None
        document.readable = analysis.readable
        self._publish(document, self._diagnostics(document, analysis.problems))
        return analysis

    async def analysis(self, uri: str) -> Analysis | None:
        """What is known of the text as it is now."""
        document = self.documents.get(uri)
        if document is None or document.task is None:
            return None
        while True:
            task = document.task
            try:
                return await asyncio.shield(task)
            except asyncio.CancelledError:
                if document.task is task:  # it was this request that was cancelled
                    raise

    # What is known, in the protocol's terms.

    def _publish(self, document: Document, diagnostics: list[types.Diagnostic]) -> None:
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(document.uri, diagnostics, document.version)
        )

    def _remark(self, message: str) -> types.Diagnostic:
        start = types.Position(0, 0)
        severity = types.DiagnosticSeverity.Warning
        return types.Diagnostic(types.Range(start, start), message, severity, source="netrunner")

    def _diagnostics(
        self, document: Document, problems: Iterable[Problem]
    ) -> list[types.Diagnostic]:
        found = [self.diagnostic(document, problem) for problem in problems]
        return found + [self._remark(problem.message) for problem in self.plugin_problems]

    def diagnostic(self, document: Document, problem: Problem) -> types.Diagnostic:
        related = [
            types.DiagnosticRelatedInformation(
                types.Location(
                    self._uri_of(document, each.place), self._range(document, each.place)
                ),
                each.message,
            )
            for each in problem.related
        ]
        is_error = problem.severity == "error"
        severity = types.DiagnosticSeverity
        lines = [problem.message, problem.context, problem.hint and f"help: {problem.hint}"]
        return types.Diagnostic(
            self._range(document, problem.place),
            "\n".join(filter(None, lines)),
            severity.Error if is_error else severity.Warning,
            code=problem.code,
            source="netrunner",
            related_information=related or None,
        )

    def _uri_of(self, document: Document, place: Place) -> str:
        if place.file in ("", str(document.path)):
            return document.uri
        try:
            return Path(place.file).resolve().as_uri()
        except (OSError, ValueError):
            return document.uri

    def _range(self, document: Document, place: Place) -> types.Range:
        is_here = place.file in ("", str(document.path))
        if place.line is None or not is_here:
            line = max((place.line or 1) - 1, 0)
            return types.Range(types.Position(line, 0), types.Position(line, 0))
        column = place.column or 1
        start = document.lines.to_client(place.line, column)
        end = document.lines.to_client(place.end_line or place.line, place.end_column or column)
        return types.Range(types.Position(*start), types.Position(*max(start, end)))

    def text_edit(self, document: Document, edit: Edit) -> types.TextEdit:
        start = document.lines.to_client(edit.line, edit.column)
        end = document.lines.to_client(edit.end_line, edit.end_column)
        return types.TextEdit(types.Range(types.Position(*start), types.Position(*end)), edit.text)

    def range_of(
        self, document: Document, readable: Readable, part: showing.Part
    ) -> types.Range | None:
        """Where a part of the last readable text is now; None where that line has changed."""
        ends = []
        for offset in (part.start, part.end):
            line, column = readable.source.position(offset)
            now = line_in(document.lines.lines, readable.lines, line)
            if now is None or document.lines.lines[now - 1] != readable.lines[line - 1]:
                return None
            ends.append(types.Position(*document.lines.to_client(now, column)))
        return types.Range(*ends)

    def has_other_keys(self, document: Document) -> bool:
        """Whether another server, by the schema, completes and explains the keys already."""
        if self.complete_keys is not None:
            return not self.complete_keys
        first = document.lines.lines[0]
        _, marker, schema = first.partition("$schema=")
        return bool(marker) and (document.path.parent / schema.strip()).is_file()

    # Plugins.

    async def use_plugins(self, plugins: object) -> None:
        """Load the plugins that the client names, and look at all documents anew."""
        if plugins is None:
            return
        named = [plugins] if isinstance(plugins, str) else plugins
        if not isinstance(named, (list, tuple)) or not all(isinstance(each, str) for each in named):
            self.window_show_message(
                types.ShowMessageParams(
                    types.MessageType.Warning, "netrunner.plugins must be a list of paths"
                )
            )
            return
        root = self.workspace.root_path
        names = [str(Path(root or ".") / each) if _is_path(root, each) else each for each in named]
        self.wanted_plugins = wanted = tuple(names)
        if wanted == self.plugins:
            return
        try:
            found = await in_thread(lambda: registry_of(names))
        except (TimeoutError, RuntimeError) as error:
            message = f"the plugins cannot be loaded: {error or 'they do not end'}"
            self.window_show_message(types.ShowMessageParams(types.MessageType.Error, message))
            return
        if wanted != self.wanted_plugins:  # others were named meanwhile
            return
        self.plugins = wanted
        self.registry, self.plugin_problems = found
        for document in self.documents.values():
            self.renew(document)


def _is_path(root: str | None, plugin: str) -> bool:
    """Whether a plugin is named by a path, and not by the name of one that comes with netrunner."""
    return (Path(root or ".") / plugin).exists()


def path_of(uri: str) -> Path:
    """The file of a document; for one that is not in a file, its name in the current folder."""
    parts = urlparse(uri)
    if parts.scheme == "file":
        return Path(url2pathname(unquote(parts.path)) or "network.yaml")
    return Path(Path(unquote(parts.path)).name or "network.yaml")


def new_server() -> Server:
    server = Server()

    @server.feature(types.INITIALIZE)
    async def initialize(ls: Server, params: types.InitializeParams) -> None:
        ls.options = params.initialization_options

    @server.feature(types.INITIALIZED)
    async def initialized(ls: Server, params: types.InitializedParams) -> None:
        try:
            await _configure(ls, ls.options)
        finally:
            ls.ready.set()
        workspace = ls.client_capabilities.workspace
        if workspace is not None and workspace.configuration:
            item = types.ConfigurationItem(section="netrunner")
            try:
                answer = await ls.workspace_configuration_async(types.ConfigurationParams([item]))
            except Exception:
                return
            await _configure(ls, answer[0] if answer else None)

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def configured(ls: Server, params: types.DidChangeConfigurationParams) -> None:
        settings = params.settings
        inner = settings.get("netrunner") if isinstance(settings, dict) else None
        await _configure(ls, inner if inner is not None else settings)

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def opened(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
        document = params.text_document
        ls.update(document.uri, document.text, document.version)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
        document = ls.workspace.get_text_document(params.text_document.uri)
        ls.update(document.uri, document.source, params.text_document.version)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def saved(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
        for document in ls.documents.values():
            ls.renew(document)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def files_changed(ls: Server, params: types.DidChangeWatchedFilesParams) -> None:
        for document in ls.documents.values():
            ls.renew(document)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    async def closed(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
        document = ls.documents.pop(params.text_document.uri, None)
        if document is not None and document.task is not None:
            document.task.cancel()
        ls.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(params.text_document.uri, [])
        )

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions([types.CodeActionKind.QuickFix, types.CodeActionKind.SourceFixAll]),
    )
    async def code_actions(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
        analysis = await ls.analysis(params.text_document.uri)
        if analysis is None:
            return []
        problems = await in_thread(lambda: analysis.fixable)
        document = ls.documents.get(params.text_document.uri)
        if document is None or document.text != analysis.text:
            return []  # closed or changed meanwhile
        return _actions(ls, document, problems, params)

    @server.feature(
        types.TEXT_DOCUMENT_COMPLETION,
        types.CompletionOptions(trigger_characters=[":", " ", "{", ","]),
    )
    async def complete(ls: Server, params: types.CompletionParams) -> list[types.CompletionItem]:
        document = ls.documents.get(params.text_document.uri)
        if document is None or not is_network(document.text):
            return []
        await ls.ready.wait()
        at = document.lines.from_client(params.position.line, params.position.character)
        context = context_at(document.lines.lines, *at)
        if context is None:
            return []
        with_keys = not ls.has_other_keys(document)
        folder = document.path.parent
        found = await in_thread(lambda: list(completions(context, folder, ls.registry, with_keys)))
        return [_completion(item) for item in found]

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(ls: Server, params: types.HoverParams) -> types.Hover | None:
        await ls.analysis(params.text_document.uri)
        document = ls.documents.get(params.text_document.uri)
        if document is None or (readable := document.readable) is None:
            return None
        line, column = document.lines.from_client(params.position.line, params.position.character)
        then = line_in(readable.lines, document.lines.lines, line)
        if then is None or readable.lines[then - 1] != document.lines.lines[line - 1]:
            return None
        offset = _offset_of(readable, then, column)
        part = showing.hover(readable, offset, ls.registry, not ls.has_other_keys(document))
        if part is None:
            return None
        content = types.MarkupContent(types.MarkupKind.Markdown, part.text)
        return types.Hover(content, ls.range_of(document, readable, part))

    @server.feature(types.TEXT_DOCUMENT_INLAY_HINT)
    async def hints(ls: Server, params: types.InlayHintParams) -> list[types.InlayHint]:
        await ls.analysis(params.text_document.uri)
        document = ls.documents.get(params.text_document.uri)
        if document is None or (readable := document.readable) is None:
            return []
        found = []
        for part in showing.hints(readable):
            at = ls.range_of(document, readable, part)
            if at and params.range.start.line <= at.start.line <= params.range.end.line:
                found.append(types.InlayHint(at.start, part.text, padding_left=True))
        return found

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS)
    async def lenses(ls: Server, params: types.CodeLensParams) -> list[types.CodeLens]:
        await ls.analysis(params.text_document.uri)
        document = ls.documents.get(params.text_document.uri)
        if document is None or (readable := document.readable) is None:
            return []
        parts = await in_thread(lambda: showing.examples(readable))
        found = []
        for number, part in enumerate(parts):
            if at := ls.range_of(document, readable, part):
                where = [document.uri, number]
                found.append(types.CodeLens(at, types.Command(part.text, RUN, arguments=where)))
                found.append(types.CodeLens(at, types.Command("explain", EXPLAIN, arguments=where)))
        return found

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    async def symbols(ls: Server, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        await ls.analysis(params.text_document.uri)
        document = ls.documents.get(params.text_document.uri)
        if document is None or (readable := document.readable) is None:
            return []
        found = (_symbol(ls, document, readable, each) for each in showing.symbols(readable))
        return [each for each in found if each is not None]

    @server.command(RUN)
    async def run(ls: Server, uri: str, number: int) -> str | None:
        return await _shown(ls, uri, number, _run_text)

    @server.command(EXPLAIN)
    async def explain(ls: Server, uri: str, number: int) -> str | None:
        return await _shown(ls, uri, number, _explain_text)

    return server


async def _configure(ls: Server, settings: object) -> None:
    if isinstance(settings, dict):
        keys = settings.get("completeKeys")
        ls.complete_keys = keys if isinstance(keys, bool) else ls.complete_keys
        await ls.use_plugins(settings.get("plugins"))


def _actions(
    ls: Server, document: Document, problems: Iterable[Problem], params: types.CodeActionParams
) -> list[types.CodeAction]:
    kind, found = types.CodeActionKind, []
    only = params.context.only

    def wanted(each: types.CodeActionKind) -> bool:
        names = [str(getattr(one, "value", one)) for one in only or [each]]
        return any(each.value == name or each.value.startswith(f"{name}.") for name in names)

    together: list[Edit] = []
    for problem in problems:
        if not problem.fixes:
            continue
        diagnostic = ls.diagnostic(document, problem)
        edits = sorted(problem.fixes[0].edits)
        if not any(overlap(edit, other) for edit in edits for other in together):
            together += edits
        if not wanted(kind.QuickFix) or not _meet(diagnostic.range, params.range):
            continue
        for position, fix in enumerate(problem.fixes):
            changes = {document.uri: [ls.text_edit(document, edit) for edit in fix.edits]}
            found.append(
                types.CodeAction(
                    fix.title,
                    kind.QuickFix,
                    [diagnostic],
                    is_preferred=position == 0,
                    edit=types.WorkspaceEdit(changes),
                )
            )
    if together and wanted(kind.SourceFixAll):
        changes = {document.uri: [ls.text_edit(document, edit) for edit in together]}
        title = "Apply every fix that netrunner has tried"
        edit = types.WorkspaceEdit(changes)
        found.append(types.CodeAction(title, kind.SourceFixAll, edit=edit))
    return found


def _meet(one: types.Range, other: types.Range) -> bool:
    def at(position: types.Position) -> tuple[int, int]:
        return position.line, position.character

    return at(one.start) <= at(other.end) and at(other.start) <= at(one.end)


_KINDS = {
    "key": types.CompletionItemKind.Property,
    "activation": types.CompletionItemKind.Function,
    "parameter": types.CompletionItemKind.Property,
    "value": types.CompletionItemKind.EnumMember,
    "file": types.CompletionItemKind.File,
    "array": types.CompletionItemKind.Field,
}


def _completion(item: Any) -> types.CompletionItem:
    about = types.MarkupContent(types.MarkupKind.Markdown, item.about) if item.about else None
    return types.CompletionItem(
        item.label,
        kind=_KINDS[item.kind],
        detail=item.detail or None,
        documentation=about,
        insert_text=item.insert or None,
    )


def _symbol(
    ls: Server, document: Document, readable: Readable, symbol: showing.Symbol
) -> types.DocumentSymbol | None:
    whole = ls.range_of(document, readable, symbol.part)
    key = ls.range_of(document, readable, symbol.key)
    if whole is None or key is None:
        return None
    children = [_symbol(ls, document, readable, each) for each in symbol.children]
    kind = types.SymbolKind.Array if children else types.SymbolKind.Field
    return types.DocumentSymbol(
        symbol.name,
        kind,
        whole,
        key,
        detail=symbol.detail or None,
        children=[each for each in children if each is not None],
    )


def _offset_of(readable: Readable, line: int, column: int) -> int:
    """The offset of a line and a column, both from 1, in the last readable text."""
    text, offset = readable.source.text, 0
    for each in readable.lines[: line - 1]:
        offset += len(each)
        offset += 2 if text.startswith("\r\n", offset) else 1
    return offset + column - 1


async def _shown(
    ls: Server, uri: str, number: int, make: Callable[[Readable, int], str]
) -> str | None:
    """Run or explain an example; shown to the user, and given back to the client."""
    await ls.analysis(uri)
    document = ls.documents.get(uri)
    if document is None or (readable := document.readable) is None:
        return None
    if not 0 <= number < len(readable.network.examples):
        return None
    text = await in_thread(lambda: make(readable, number))
    message = text if len(text) <= WORTH_SHOWING else text[: WORTH_SHOWING - 1] + "…"
    ls.window_show_message(types.ShowMessageParams(types.MessageType.Info, message))
    return text


def _run_text(readable: Readable, number: int) -> str:
    from io import StringIO

    from netrunner.views.render import text

    stream = StringIO()
    trace = readable.network.silent_trace(readable.network.examples[number].input)
    text.write_blocks([trace], stream)
    return stream.getvalue()


def _explain_text(readable: Readable, number: int) -> str:
    return str(readable.network.silent_trace(readable.network.examples[number].input).explain())


def serve() -> None:
    """Speak the protocol on standard input and output until the client leaves.

    What a plugin prints goes to standard error.
    """
    logging.getLogger("pygls").setLevel(logging.CRITICAL)
    incoming = os.fdopen(os.dup(0), "rb", buffering=0)
    outgoing = os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    import io

    new_server().start_io(io.BufferedReader(incoming), outgoing)
