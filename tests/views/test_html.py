"""element() escapes whatever is no Markup."""

from __future__ import annotations

from netrunner.views.html import Markup, element, fragment, joined


def test_text_is_escaped_and_markup_is_not() -> None:
    inner = element("b", {}, "x < y & z")
    assert str(inner) == "<b>x &lt; y &amp; z</b>"
    assert str(element("p", None, inner, " </p>", None)) == (
        "<p><b>x &lt; y &amp; z</b> &lt;/p&gt;</p>\n"
    )


def test_attributes_are_escaped_or_left_out() -> None:
    given = {"id": "a", "hidden": True, "title": '">\u202e\x1b', "class": None, "open": False}
    assert str(element("span", given)) == '<span id="a" hidden title="&quot;&gt;\ufffd␛"></span>'


def test_some_elements_have_no_end() -> None:
    assert str(element("input", {"value": 0})) == '<input value="0">'


def test_parts_one_after_the_other() -> None:
    assert str(fragment("<", Markup("<br>"))) == "&lt;<br>"
    assert str(joined(["a", Markup("<i>b</i>")], " & ")) == "a &amp; <i>b</i>"
