"""The SVG of a matplotlib figure, made to stand inside an HTML page.

A page has one name space for ids and one for styles, and its security policy may forbid styles
on elements. So ids get a prefix, and styles become attributes that a style sheet can override.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

_REFERENCE = re.compile(r"url\(#(.+?)\)")
_FONT = re.compile(r"(?:.* )?(?P<size>[\d.]+px) (?P<family>.+)")  # matplotlib before 3.9
_NO_TURN = re.compile(r"rotate\(-?0(\.0+)? ")
FONTS = "DejaVu Sans, Verdana, sans-serif"


def parse(svg: str, prefix: str, keeps: Callable[[str], bool] = lambda id_: False) -> Element:
    """The <svg> element of a figure, without namespaces, styles and metadata.

    An id that `keeps` says yes to stays as it is; others get the prefix, or go where nothing
    refers to them.
    """
    root = ElementTree.fromstring(svg)
    referred = {id_ for element in root.iter() for id_ in _references(element)}
    for parent in reversed(list(root.iter())):  # from the inside, as some become empty
        for child in list(parent):
            if _local(child.tag) in ("metadata", "style") or not (len(child) or child.attrib):
                parent.remove(child)
    for element in root.iter():
        element.tag = _local(element.tag)
        attributes = {_local(key): value for key, value in element.attrib.items()}
        attributes |= _declarations(attributes.pop("style", ""))
        attributes.pop("font-family", None)  # the root has it for all
        if _NO_TURN.match(attributes.get("transform", "")):
            del attributes["transform"]
        if "d" in attributes:
            attributes["d"] = " ".join(attributes["d"].split())
        id_ = attributes.get("id", "")
        if id_ in referred:
            attributes["id"] = prefix + id_
        elif id_ and not keeps(id_):
            del attributes["id"]
        for key, value in attributes.items():
            if (key == "href" and value.startswith("#")) or _REFERENCE.search(value):
                attributes[key] = value.replace("#", f"#{prefix}", 1)
        element.attrib.clear()
        element.attrib.update(attributes)
        if element.tag != "text":
            element.text = None
        element.tail = None
    for key in ("version", "width", "height"):
        root.attrib.pop(key, None)
    root.attrib |= {"font-family": FONTS, "stroke-linejoin": "round", "stroke-linecap": "butt"}
    return root


def crop(root: Element, top: float, scale: float) -> None:
    """Cut `top` points off, and give the picture its size, so many pixels a point."""
    left, upper, width, height = map(float, root.attrib["viewBox"].split())
    height -= top
    root.attrib |= {
        "viewBox": f"{left:g} {upper + top:g} {width:g} {height:g}",
        "width": f"{width * scale:.0f}",
        "height": f"{height * scale:.0f}",
    }


def written(root: Element) -> str:
    """The element as HTML."""
    return ElementTree.tostring(root, encoding="unicode")


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _references(element: Element) -> list[str]:
    """The ids that an element refers to."""
    found = [id_ for value in element.attrib.values() for id_ in _REFERENCE.findall(value)]
    links = [value for key, value in element.attrib.items() if _local(key) == "href"]
    return found + [link[1:] for link in links if link.startswith("#")]


def _declarations(style: str) -> dict[str, str]:
    """`fill: none; stroke: #0072b2` as attributes."""
    found = {}
    for declaration in filter(None, style.split(";")):
        key, _, value = declaration.partition(":")
        if key.strip() == "font" and (font := _FONT.fullmatch(value.strip())):
            found["font-size"] = font["size"]
            if re.search(r"\b(bold|[6-9]00) ", value):
                found["font-weight"] = "bold"
        else:
            found[key.strip()] = value.strip()
    return found
