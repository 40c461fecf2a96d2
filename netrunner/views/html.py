"""HTML from elements that escape what is put into them, so that no text becomes markup."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape

from netrunner.problems.words import printable

_WITHOUT_END = {"br", "hr", "img", "input", "link", "meta"}
# Elements that end their line, so that the source of a page can be read.
_BLOCKS = {
    "article", "caption", "dd", "details", "div", "dl", "figcaption", "figure", "footer", "h1",
    "h2", "h3", "h4", "h5", "header", "li", "main", "nav", "ol", "p", "section", "summary",
    "table", "tbody", "thead", "tr", "ul",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Markup:
    """HTML that is written as it is. `str()` gives the text."""

    text: str

    def __str__(self) -> str:
        return self.text


Child = Markup | str | None


def element(tag: str, attributes: Mapping[str, object] | None = None, *children: Child) -> Markup:
    """<tag attributes>children</tag>.

    A `str` is text: it is escaped, and characters that hide or reorder others are made visible. A
    `Markup` is written as it is, and None is left out; so it is in attributes. An attribute that
    is False is left out, too; one that is True has no value.
    """
    given = "".join(
        f" {name}"
        if value is True
        else f' {name}="{value if isinstance(value, Markup) else escaped(str(value))}"'
        for name, value in (attributes or {}).items()
        if value is not None and value is not False
    )
    end = "" if tag in _WITHOUT_END else f"</{tag}>"
    line_end = "\n" if tag in _BLOCKS else ""
    return Markup(f"<{tag}{given}>{fragment(*children)}{end}{line_end}")


def fragment(*children: Child) -> Markup:
    """The children one after the other, text escaped."""
    texts = (escaped(each) if isinstance(each, str) else str(each or "") for each in children)
    return Markup("".join(texts))


def document(
    title: str, style: str, *body: Child, head: Iterable[Child] = (), lang: str = "en"
) -> str:
    """A whole page, complete in itself; `head` is what else its head has."""
    parts = (
        element("meta", {"charset": "utf-8"}),
        element("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        *head,
        element("title", None, title),
        element("style", None, Markup(style)),
    )
    about, shown = element("head", None, *parts), element("body", None, *body)
    return f"<!DOCTYPE html>\n{element('html', {'lang': lang}, about, shown)}\n"


def joined(parts: Iterable[Child], between: str = "") -> Markup:
    """Parts with a text between them."""
    return Markup(escaped(between).join(str(fragment(part)) for part in parts))


def escaped(text: str) -> str:
    """`text` in which nothing is markup, in an element as in an attribute."""
    return escape(printable(text))
