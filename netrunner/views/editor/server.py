"""The language server: the protocol, through pygls, for what the other modules here know."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import sys
from collections.abc import Callable, Container, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from lsprotocol import types
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcMethodNotFound,
    JsonRpcParseError,
)
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, lsp_method

from netrunner import __version__
from netrunner.activations.registry import Registry
from netrunner.network.trace import Trace
from netrunner.problems.problem import Problem
from netrunner.problems.words import shortened
from netrunner.views.editor import showing
from netrunner.views.editor.analysis import Analysis, Parsed, Readable, analyse, parsed, registry_of
from netrunner.views.editor.completion import completions
from netrunner.views.editor.document import FIX_ALL, LARGEST, Document, completion_item, remark
from netrunner.views.editor.plugin_trial import left_out
from netrunner.views.editor.structure import context_at
from netrunner.views.editor.threads import StuckError, in_thread

QUIET = 0.05  # seconds without another change before a text is checked
RUN, EXPLAIN = "netrunner.run", "netrunner.explain"
NOT_CHECKED: Final = "not-checked"  # the code of what is not a problem of the document
WORTH_SHOWING = 2000  # characters of a message

_Result = TypeVar("_Result")


class _Protocol(LanguageServerProtocol):
    """Leaves the changes of documents to us, and answers each request, a wrong one by an error.

    pygls would end a line at other characters besides line feeds and carriage returns.
    """

    def structure_message(self, data: dict[str, Any]) -> Any:
        try:
            return super().structure_message(data)
        except JsonRpcException:
            if _is_request(data):
                known = self.get_message_type(data["method"])
                wrong = JsonRpcInvalidParams() if known else JsonRpcMethodNotFound()
                self._send_response(data["id"], error=wrong.to_response_error())
            return None

    def handle_message(self, message: Any) -> None:
        wrong = JsonRpcInvalidRequest().to_response_error()
        if self._shutdown and hasattr(message, "method") and hasattr(message, "id"):
            self._send_response(message.id, error=wrong)
        elif hasattr(message, "jsonrpc"):
            super().handle_message(message)
        elif _is_request(message):
            self._send_response(message["id"], error=wrong)

    def _send_response(
        self, msg_id: Any, result: Any = None, error: types.ResponseError | None = None
    ) -> None:
        if error is not None:
            error.data = None  # a traceback is of no use to a client
        super()._send_response(msg_id, result, error)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(
        self, params: types.DidChangeTextDocumentParams
    ) -> Iterator[Any]:
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CHANGE], (params,), None


def _is_request(message: object) -> bool:
    return (
        isinstance(message, dict)
        and isinstance(message.get("method"), str)
        and isinstance(message.get("id"), int | str)
    )


class Server(LanguageServer):
    """Keeps what is known about each open document, and answers from it."""

    def __init__(self) -> None:
        sync = types.TextDocumentSyncKind.Incremental
        super().__init__("netrunner", __version__, sync, protocol_cls=_Protocol)
        self.documents: dict[str, Document] = {}
        self.plugins: tuple[str, ...] = ()  # those that are loaded
        self.wanted_plugins: tuple[str, ...] = ()
        self.complete_keys: bool | None = None  # as the client says; None: by the schema
        self.options: object = None
        self.left_early = False
        self.ready = asyncio.Event()  # once the client's first plugins are loaded
        self.registry, self.plugin_problems = registry_of(())

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Answer a message that is not JSON; tell the user of no other slip of the client's."""
        if isinstance(error, (ValueError, RecursionError)):
            wrong = {"code": JsonRpcParseError.CODE, "message": JsonRpcParseError.MESSAGE}
            self.protocol._send_data({"jsonrpc": "2.0", "id": None, "error": wrong})
        else:
            super().report_server_error(error, source)

    @property
    def encoding(self) -> str:
        chosen = self.server_capabilities.position_encoding
        return str(getattr(chosen, "value", chosen) or "utf-16")

    # Documents.

    def renew(self, document: Document) -> None:
        """Check a document again, once the user stops typing."""
        if document.task is not None:
            document.task.cancel()
        document.task = asyncio.ensure_future(self._look_at(document))

    async def _look_at(self, document: Document) -> Analysis | None:
        await asyncio.sleep(QUIET)
        await self.ready.wait()
        text, before = document.text, document.readable
        if not document.is_ours:
            most = LARGEST // 2**20
            words = f"not looked at: the text has more than {most} million characters"
            self._publish(document, [remark(words, "too-large")] if document.is_network else [])
            document.readable = None
            return None
        try:
            registry = self.registry
            analysis = await self.work(lambda: analyse(text, document.path, registry, before))
        except StuckError as error:
            self._publish(document, [remark(f"not checked: {error}", NOT_CHECKED)])
            return None
        except Exception as error:  # a bug of ours, or of an unusual kind in a plugin
            logging.getLogger(__name__).exception("while a text was checked")
            words = f"not checked: {type(error).__name__}: {error}"
            self._publish(document, [remark(words, NOT_CHECKED)])
            return None
        document.readable = analysis.readable
        self._publish(document, self._diagnostics(document, analysis.problems))
        return analysis

    def _publish(self, document: Document, diagnostics: list[types.Diagnostic]) -> None:
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(document.uri, diagnostics, document.version)
        )

    def _diagnostics(
        self, document: Document, problems: Sequence[Problem]
    ) -> list[types.Diagnostic]:
        found = [document.diagnostic(problem) for problem in problems]
        if any(each.code == "unknown-activation" and each.hint is None for each in problems):
            found += [remark(problem.message, problem.code) for problem in self.plugin_problems]
        return found

    async def analysis(self, uri: str) -> Analysis | None:
        """What is known about the text as it is now."""
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

    async def readable(self, uri: str) -> tuple[Document, Readable] | None:
        """A document, and its last text that could be read, once it has been looked at."""
        await self.analysis(uri)
        document = self.documents.get(uri)
        if document is None or document.readable is None:
            return None
        return document, document.readable

    def has_other_keys(self, document: Document) -> bool:
        """Whether another server already completes and explains the keys, by the schema."""
        return document.has_schema if self.complete_keys is None else not self.complete_keys

    # Plugins.

    async def work(self, work: Callable[[], _Result]) -> _Result:
        """As `in_thread`; a plugin that never ends is left out from then on."""
        try:
            return await in_thread(work)
        except StuckError as error:
            self._leave_out(error.files)
            raise

    def _leave_out(self, files: Container[str]) -> None:
        """Go on without the activations of plugins, and check all documents again."""
        stuck = {each.origin.path for each in self.registry.values() if each.origin.path in files}
        if not stuck:
            return
        fit = (each for each in self.registry.values() if each.origin.path not in stuck)
        self.registry = Registry(fit)
        for path in sorted(stuck):
            problem = left_out(path, "does not end for some input")
            self.plugin_problems = (*self.plugin_problems, problem)
            self._warn(problem.message)
        asyncio.get_running_loop().call_soon(self.renew_all)

    def renew_all(self) -> None:
        for document in self.documents.values():
            self.renew(document)

    def _warn(self, message: str) -> None:
        self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, message))

    async def use_plugins(self, plugins: object) -> None:
        """Load the plugins that the client names, and check all documents again."""
        if plugins is None:
            return
        named = [plugins] if isinstance(plugins, str) else plugins
        if not isinstance(named, (list, tuple)) or not all(isinstance(each, str) for each in named):
            self._warn("netrunner.plugins must be a list of paths")
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
        for problem in self.plugin_problems:
            self._warn(problem.message)
        self.renew_all()


def _is_path(root: str | None, plugin: str) -> bool:
    """Whether a plugin is named by a path, and not by the name of one that comes with netrunner."""
    return (Path(root or ".") / plugin).exists()


def new_server() -> Server:
    server, kind = Server(), types.CodeActionKind

    @server.feature(types.INITIALIZE)
    async def initialize(ls: Server, params: types.InitializeParams) -> None:
        ls.options = params.initialization_options

    @server.feature(types.EXIT)
    def left(ls: Server, *_: object) -> None:
        ls.left_early = not ls.protocol._shutdown

    @server.feature(types.INITIALIZED)
    async def initialized(ls: Server, params: types.InitializedParams) -> None:
        try:
            await _configure(ls, ls.options)
        finally:
            ls.ready.set()
        await _ask_for_settings(ls)

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def configured(ls: Server, params: types.DidChangeConfigurationParams) -> None:
        settings = params.settings
        if settings is None:
            await _ask_for_settings(ls)
        inner = settings.get("netrunner") if isinstance(settings, dict) else None
        await _configure(ls, inner if inner is not None else settings)

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def opened(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
        given = params.text_document
        document = Document(given.uri, given.text, given.version, ls.encoding)
        ls.documents[given.uri] = document
        ls.renew(document)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
        document = ls.documents.get(params.text_document.uri)
        if document is not None:
            document.become(document.changed(params.content_changes), params.text_document.version)
            ls.renew(document)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def saved(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
        ls.renew_all()

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def files_changed(ls: Server, params: types.DidChangeWatchedFilesParams) -> None:
        ls.renew_all()

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
        types.CodeActionOptions([kind.QuickFix, kind.SourceFixAll, FIX_ALL, kind.RefactorRewrite]),
    )
    async def code_actions(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
        analysis = await ls.analysis(params.text_document.uri)
        if analysis is None:
            return []
        problems = await ls.work(lambda: analysis.fixable)
        document = ls.documents.get(params.text_document.uri)
        if document is None or document.text != analysis.text:
            return []  # closed or changed meanwhile
        blanks = await ls.work(lambda: analysis.values_of_blanks) if analysis.has_blanks else ()
        return [*document.actions(problems, params), *document.blank_actions(blanks, params)]

    @server.feature(
        types.TEXT_DOCUMENT_COMPLETION,
        types.CompletionOptions(trigger_characters=[":", " ", "{", ","]),
    )
    async def complete(ls: Server, params: types.CompletionParams) -> list[types.CompletionItem]:
        document = ls.documents.get(params.text_document.uri)
        if document is None or not document.is_ours:
            return []
        await ls.ready.wait()
        at = document.lines.from_client(params.position.line, params.position.character)
        context = context_at(document.lines.lines, *at)
        if context is None:
            return []
        with_keys = not ls.has_other_keys(document)
        folder = document.path.parent
        found = await in_thread(lambda: list(completions(context, folder, ls.registry, with_keys)))
        return [completion_item(item) for item in found]

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(ls: Server, params: types.HoverParams) -> types.Hover | None:
        await ls.analysis(params.text_document.uri)
        document = ls.documents.get(params.text_document.uri)
        if document is None or not document.is_ours:
            return None
        known: Parsed | None = document.readable
        text, path = document.text, document.path
        offset = None if known is None else document.offset_in(known, params.position)
        if known is None or offset is None:
            known = await in_thread(lambda: parsed(text, path))
            if known is None or text is not document.text:
                return None
            offset = document.offset_in(known, params.position)
            assert offset is not None
        part = showing.hover(known, offset, ls.registry, not ls.has_other_keys(document))
        if part is None or (where := document.range_of(known, part)) is None:
            return None
        if document.text_at(where) != known.source.text[part.start : part.end]:
            return None
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, part.text), where)

    @server.feature(types.TEXT_DOCUMENT_INLAY_HINT)
    async def hints(ls: Server, params: types.InlayHintParams) -> list[types.InlayHint]:
        if (known := await ls.readable(params.text_document.uri)) is None:
            return []
        document, readable = known
        found = []
        for part in showing.hints(readable):
            at = document.range_of(readable, part)
            if at and params.range.start.line <= at.start.line <= params.range.end.line:
                found.append(types.InlayHint(at.start, part.text, padding_left=True))
        return found

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS)
    async def lenses(ls: Server, params: types.CodeLensParams) -> list[types.CodeLens]:
        if (known := await ls.readable(params.text_document.uri)) is None:
            return []
        document, readable = known
        parts = await ls.work(lambda: showing.examples(readable))
        found = []
        for number, part in enumerate(parts):
            if at := document.range_of(readable, part):
                where = [document.uri, number]
                found.append(types.CodeLens(at, types.Command(part.text, RUN, arguments=where)))
                found.append(types.CodeLens(at, types.Command("explain", EXPLAIN, arguments=where)))
        return found

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    async def symbols(ls: Server, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        if (known := await ls.readable(params.text_document.uri)) is None:
            return []
        document, readable = known
        return document.symbols(readable, showing.symbols(readable))

    @server.command(RUN)
    async def run(ls: Server, *where: object) -> str:
        return await _shown(ls, where, _run_text)

    @server.command(EXPLAIN)
    async def explain(ls: Server, *where: object) -> str:
        return await _shown(ls, where, lambda trace: str(trace.explain()))

    return server


async def _ask_for_settings(ls: Server) -> None:
    workspace = ls.client_capabilities.workspace
    if workspace is not None and workspace.configuration:
        item = types.ConfigurationItem(section="netrunner")
        try:
            answer = await ls.workspace_configuration_async(types.ConfigurationParams([item]))
        except Exception:
            return
        await _configure(ls, answer[0] if answer else None)


async def _configure(ls: Server, settings: object) -> None:
    if isinstance(settings, dict):
        keys = settings.get("completeKeys")
        ls.complete_keys = keys if isinstance(keys, bool) else ls.complete_keys
        await ls.use_plugins(settings.get("plugins"))


async def _shown(ls: Server, where: tuple[object, ...], written: Callable[[Trace], str]) -> str:
    """Run or explain an example; the text is shown to the user and returned to the client."""
    match where:
        case (str(uri), int(number)):
            known = await ls.readable(uri)
        case _:
            raise JsonRpcInvalidParams("give the URI of a document and the number of an example")
    if known is None:
        raise JsonRpcInvalidParams("there is no open document of this URI that can be read")
    network = known[1].network
    if not 0 <= number < len(network.examples):
        raise JsonRpcInvalidParams(f"the document has no example {number}, counted from 0")
    text = await ls.work(lambda: written(network.silent_trace(network.examples[number].input)))
    message = shortened(text, WORTH_SHOWING)
    ls.window_show_message(types.ShowMessageParams(types.MessageType.Info, message))
    return text


def _run_text(trace: Trace) -> str:
    from netrunner.views.render import text

    stream = io.StringIO()
    text.write_blocks([trace], stream)
    return stream.getvalue()


def serve() -> bool:
    """Speak the protocol on standard input and output until the client leaves.

    What a plugin prints goes to standard error. Returns False if the client leaves without having
    asked for the end, as the protocol wants it.
    """
    logging.getLogger("pygls").setLevel(logging.CRITICAL)
    incoming = os.fdopen(os.dup(0), "rb", buffering=0)
    outgoing = os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    server = new_server()
    server.start_io(io.BufferedReader(incoming), outgoing)
    return not server.left_early
