"""Text to number, by one rule everywhere: a number means what it looks like.

YAML 1.1 reads `010` as 8, `1:30` as 90, `1e-3` as text and `1e400` as infinity. Here a decimal
number is a number, and what a reader could take for something else is an error that says what to
write. The same rule holds in network files, CSV and JSON files, and on the command line.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from netrunner.problems.look_alikes import LOOK_ALIKES, look_alike, without_look_alikes
from netrunner.problems.problem import Fault
from netrunner.problems.words import quote

# Possessive quantifiers, so that no text makes the match slow.
_NUMBER = r"[-+]?(?:(?:0|[1-9][0-9]*+)(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][-+]?[0-9]++)?"
NUMBER = re.compile(_NUMBER)
_NUMBERS = re.compile(rf"{_NUMBER}(?:\n{_NUMBER})*+")
_WHOLE = r"[-+]?(?:0|[1-9][0-9]*)"

_NOT_FINITE = r"(?i)[-+]?\.?(?:inf|infinity|nan)"
_LEADING_ZERO = r"[-+]?0+[0-9].*"
_OTHER_BASE = r"(?i)([-+]?)0([xob])([0-9a-f_]+)"
_BASE_60 = r"[-+]?[0-9][0-9_]*(?::[0-9]{1,2})+(?:\.[0-9_]*)?"
DECIMAL_COMMA = r"[-+]?[0-9]+,[0-9]+"
_THOUSANDS = r"[-+]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]*)?"
LARGEST = 2**31  # of the whole numbers, which are sizes
LONGEST = 1000  # characters of a text that is looked at closely

TRUTH_VALUES = {"yes": "1", "true": "1", "on": "1", "y": "1"} | dict.fromkeys(
    ("no", "false", "off", "n"), "0"
)


def are_numbers(texts: Sequence[str]) -> bool:
    """Whether each text is a decimal number by its looks; quick over long rows.

    Raises TypeError where an element is no text.
    """
    joined = "\n".join(texts)
    alone = joined.count("\n") == len(texts) - 1  # no text has a line end of its own
    return alone and _NUMBERS.fullmatch(joined) is not None


def quick_numbers(texts: Sequence[str]) -> list[float] | None:
    """The numbers that the texts show, or None where one of them needs a closer look.

    Raises TypeError where an element is no text.
    """
    if not are_numbers(texts):
        return None
    numbers = list(map(float, texts))
    if max(map(abs, numbers)) == math.inf:
        return None
    if 0.0 in numbers:
        zeros = {text for text, number in zip(texts, numbers, strict=True) if number == 0}
        if any(map(vanishes, zeros)):
            return None
    return numbers


def parse_number(text: str) -> float:
    """The finite number that `text` shows. Raises Fault."""
    if not NUMBER.fullmatch(text):
        raise what_is_wrong(text)
    value = float(text)
    if math.isinf(value):
        raise Fault("not-finite", f"{quote(text)} overflows: the largest is about 1.8e308")
    if value == 0 and vanishes(text):
        raise Fault(
            "vanishing-number",
            f"{quote(text)} vanishes: it is too small for a float and would become 0",
            "write 0 if that is meant",
        )
    return value


def vanishes(text: str) -> bool:
    """Whether `text`, a number that reads as 0, shows another digit than 0."""
    return re.split("[eE]", text)[0].strip("-+.0") != ""


def parse_number_or_special(text: str) -> float:
    """Like `parse_number`, but `.nan`, `.inf` and `-.inf` are values too."""
    if re.fullmatch(r"[-+]?\.inf|\.nan", text.lower()):
        return float(text.lower().replace(".", ""))
    return parse_number(text)


def parse_whole_number(text: str, at_least: int) -> int:
    """The whole number that `text` shows. Raises Fault."""
    if re.fullmatch(_THOUSANDS, text):
        hint = _to_write(text.replace(",", ""))
        raise Fault("ambiguous-number", f"{quote(text)} has a comma in it", hint)
    try:
        value = parse_number(text)
    except Fault as fault:
        meant = re.fullmatch(r"write ([^ ]+)(?:, or .*)?", fault.hint or "")
        if meant is None or not _is_whole(meant[1], at_least):
            fault.hint = None
        raise
    if not re.fullmatch(_WHOLE, text):
        whole = str(int(value)) if value == int(value) and abs(value) < 1e15 else None
        hint = f"write {whole}" if whole and int(whole) >= at_least else None
        raise Fault("not-a-number", f"{quote(text)} is not a whole number", hint)
    if value < at_least:
        raise Fault("out-of-range", f"{quote(text)} is too small: at least {at_least}")
    if value > LARGEST:
        raise Fault("out-of-range", f"{quote(text)} is too large: at most {LARGEST}")
    return int(text)


def _is_whole(text: str, at_least: int) -> bool:
    return re.fullmatch(_WHOLE, text) is not None and at_least <= int(text) <= LARGEST


def what_is_wrong(text: str) -> Fault:
    """Why `text`, which is no decimal number by its looks, is not one."""
    shown = quote(text)
    if len(text) > LONGEST:
        return Fault("not-a-number", f"{shown} is not a number")
    if not text or text.lower() in ("~", "null"):
        return Fault("not-a-number", f"expected a number, found {shown if text else 'nothing'}")
    if text.lower() in TRUTH_VALUES:
        number = TRUTH_VALUES[text.lower()]
        return Fault(
            "ambiguous-number", f"{shown} is a truth value, not a number", f"write {number}"
        )
    if re.fullmatch(_NOT_FINITE, text):
        return Fault("not-finite", f"{shown} is not a finite number")
    if match := re.fullmatch(_OTHER_BASE, text):
        return Fault(
            "ambiguous-number",
            f"{shown} is not a decimal number",
            _decimal(match.group(1), match.group(3), {"x": 16, "o": 8, "b": 2}[match[2].lower()]),
        )
    if "_" in text and NUMBER.fullmatch(plain := text.replace("_", "")):
        return Fault("ambiguous-number", f"{shown} has underscores in it", _to_write(plain))
    if re.fullmatch(_LEADING_ZERO, text):
        plain = re.sub(r"^([-+]?)0+(?=[0-9])", r"\1", text)
        hint = _to_write(plain)
        if hint and re.fullmatch(r"[-+]?0+[1-7][0-7]+", text):  # one digit is the same in both
            hint += f", or {int(text, 8)} if octal is meant"
        return Fault("ambiguous-number", f"{shown} begins with 0, which some read as octal", hint)
    if re.fullmatch(_BASE_60, text):
        return Fault(
            "ambiguous-number",
            f"{shown} can be read as a time or as base 60: write a decimal number",
        )
    decimal_comma = re.fullmatch(DECIMAL_COMMA, text)
    if re.fullmatch(_THOUSANDS, text) and (decimal_comma or not several_numbers(text)):
        return _with_thousands(text)
    if decimal_comma:
        hint = _to_write(text.replace(",", "."))
        return Fault("ambiguous-number", f"{shown} has a comma in it", hint)
    if NUMBER.fullmatch(text.partition("#")[0]):
        message = f"{shown} is not a number: a comment needs a blank before its '#'"
        return Fault("not-a-number", message)
    if numbers := several_numbers(text):
        what = f"{len(numbers)} numbers" + ("" if "," in text else " with no comma between")
    else:
        what, numbers = "not a number", [_narrow(without_look_alikes(text))]
    if found := next((char for char in text if char in LOOK_ALIKES), None):
        what = f"not a number: {look_alike(found)[0]}"
    return Fault("not-a-number", f"{shown} is {what}", _to_write(*numbers))


def _with_thousands(text: str) -> Fault:
    """The fault of 1,000, which may be a thousand, or 1 with three decimals."""
    decimal = f", or {text.replace(',', '.')} if the comma is a decimal one"
    hint = f"write {text.replace(',', '')}" + (decimal if re.fullmatch(DECIMAL_COMMA, text) else "")
    return Fault("ambiguous-number", f"{quote(text)} has a comma in it", hint)


def parse_row(fields: Sequence[str]) -> list[float]:
    """The numbers of fields that had commas between. Raises Fault with the index of the first."""
    numbers = []
    for index, field in enumerate(fields):
        try:
            numbers.append(parse_number(field))
        except Fault as error:
            fault = _with_thousands(field) if re.fullmatch(_THOUSANDS, field) else error
            joined = ",".join(fields[index - 1 : index + 9]) if index else ""
            if thousands := re.match(rf"{_THOUSANDS}(?=,|$)", joined):
                one = thousands.group()
                fault.hint = f"if {quote(one)} is one number, write {one.replace(',', '')}"
            fault.index = (index,)
            raise fault from None
    return numbers


def check_decimal_commas(row: str) -> None:
    """Raises Fault for a row such as 1,5;2,5, whose commas are most likely decimal ones."""
    for separator, name in ((";", "semicolons"), ("\t", "tabs")):
        if separator in row and "," in row:
            numbers = [cell.strip(' "').replace(",", ".") for cell in row.split(separator)]
            if quick_numbers(numbers) is not None:
                message = f"{quote(row)} has commas and {name}: a number has a decimal point,"
                message += " and commas stand between numbers"
                written = ",".join(numbers)
                if len(written) > 60:
                    written = f"points for them, and commas for the {name}"
                hint = f"if the commas are decimal ones, write {written}"
                raise Fault("ambiguous-number", message, hint)


def _to_write(*numbers: str) -> str | None:
    """The hint to write these numbers, if each of them can be read."""
    text = ", ".join(numbers)
    if len(text) > 60 or not are_numbers(numbers):
        return None
    try:
        for number in numbers:
            parse_number(number)
    except Fault:
        return None
    return f"write {text}"


def _narrow(text: str) -> str:
    """A text with the usual forms of wide characters, as Chinese and Japanese have them."""
    from unicodedata import decomposition, normalize

    return "".join(
        normalize("NFKC", char) if decomposition(char).startswith("<wide>") else char
        for char in text
    )


def several_numbers(text: str) -> list[str]:
    """The numbers, two or more, that `text` shows with blanks, commas or semicolons between."""
    parts = re.split(r"[\s,;]+", without_look_alikes(text))
    return parts if len(parts) > 1 and are_numbers(parts) else []


def _decimal(sign: str, digits: str, base: int) -> str | None:
    digits = digits.replace("_", "")
    try:
        return f"write {sign}{int(digits, base)}" if len(digits) < 16 else None
    except ValueError:
        return None
