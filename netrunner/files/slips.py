"""What is wrong with a text that should be a number, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from netrunner.files.decimals import BLANK, NUMBER, are_numbers, is_whole_number, quick_numbers
from netrunner.problems.look_alikes import LOOK_ALIKES, look_alike, without_look_alikes
from netrunner.problems.problem import Fault
from netrunner.problems.words import quote

_NOT_FINITE = r"(?i)[-+]?\.?(?:inf|infinity|nan)"
_LEADING_ZERO = r"[-+]?0+[0-9].*"
_OTHER_BASE = r"(?i)([-+]?)0([xob])([0-9a-f_]+)"
_BASE_60 = r"[-+]?[0-9][0-9_]*(?::[0-9]{1,2})+(?:\.[0-9_]*)?"
DECIMAL_COMMA = r"[-+]?[0-9]+,[0-9]+"
_THOUSANDS = r"[-+]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]*)?"
_BRACKETS = "[]()"
_DASHES = "–—‐ー"  # as word processors and Japanese input write a minus
LONGEST = 1000  # longest text that is examined closely
MAX_DIGITS = 16  # of a number that is converted

TRUTH_VALUES = {"yes": "1", "true": "1", "on": "1", "y": "1"} | dict.fromkeys(
    ("no", "false", "off", "n"), "0"
)


def what_is_wrong(text: str) -> Fault:
    """Why `text` is not a decimal number, when it does not look like one."""
    shown = quote(text)
    if text in (BLANK, "?"):
        return Fault("blank", "'?' is a blank: write the missing number")
    if len(text) > LONGEST:
        return Fault("not-a-number", f"{shown} is not a number")
    if not text or text.lower() in ("~", "null"):
        return Fault("not-a-number", f"expected a number, found {shown if text else 'nothing'}")
    if re.fullmatch(r"[?？]+|_+|…|\.\.\.", text):
        return Fault("not-a-number", f"{shown} is a blank: write a number in its place")
    if text.lower() in TRUTH_VALUES:
        number = TRUTH_VALUES[text.lower()]
        return Fault("ambiguous-number", f"{shown} is a truth value, not a number", instead=number)
    if re.fullmatch(_NOT_FINITE, text):
        return Fault("not-finite", f"{shown} is not a finite number")
    if match := re.fullmatch(_OTHER_BASE, text):
        decimal = _decimal(match[1], match[3], {"x": 16, "o": 8, "b": 2}[match[2].lower()])
        return Fault("ambiguous-number", f"{shown} is not a decimal number", instead=decimal)
    if "_" in text and NUMBER.fullmatch(plain := text.replace("_", "")):
        instead = _readable(plain)
        return Fault("ambiguous-number", f"{shown} has underscores in it", instead=instead)
    if re.fullmatch(_LEADING_ZERO, text):
        plain = re.sub(r"^([-+]?)0+(?=[0-9])", r"\1", text)
        message = f"{shown} begins with 0, which some read as octal"
        instead = _readable(plain)
        if instead and re.fullmatch(r"[-+]?0+[1-7][0-7]+", text):  # one digit means the same
            hint = f"write {instead}, or {int(text, 8)} if octal is meant"
            return Fault("ambiguous-number", message, hint)
        return Fault("ambiguous-number", message, instead=instead)
    if re.fullmatch(_BASE_60, text):
        return _sexagesimal(text)
    decimal_comma = re.fullmatch(DECIMAL_COMMA, text)
    if re.fullmatch(_THOUSANDS, text) and (decimal_comma or not several_numbers(text)):
        return _with_thousands(text)
    if decimal_comma:
        instead = _readable(text.replace(",", "."))
        return Fault("ambiguous-number", f"{shown} has a comma in it", instead=instead)
    if NUMBER.fullmatch(text.partition("#")[0]):
        message = f"{shown} is not a number: a comment needs a space before its '#'"
        return Fault("not-a-number", message)
    number = text.rstrip(",;，、；。")
    if number != text and are_numbers([alone := in_ascii(number).strip()]):
        message = f"{shown} is not a number: there is a {quote(text[len(number)])} after it"
        return Fault("not-a-number", message, instead=alone)
    if numbers := several_numbers(text):
        what = f"{len(numbers)} numbers" + ("" if "," in text else " with no comma between them")
    else:
        what, numbers = "not a number", [in_ascii(text).strip()]
    if found := next((char for char in text if char in LOOK_ALIKES), None):
        what = f"not a number: {look_alike(found)[0]}"
    elif found := next((char for char in text if char in _DASHES), None):
        what = f"not a number: {quote(found)} (U+{ord(found):04X}) is not '-'"
    elif text != _narrow(text):
        what += ": its characters are full-width"
    return Fault("not-a-number", f"{shown} is {what}", instead=_readable(*numbers))


def _sexagesimal(text: str) -> Fault:
    """The fault of 1:30, which YAML reads as 90."""
    message = f"{quote(text)} can be read as a time or as base 60: write a decimal number"
    sign = "-" if text.startswith("-") else ""
    first, *others = text.replace("_", "").lstrip("+-").split(":")
    if len(text) > MAX_DIGITS:
        return Fault("ambiguous-number", message)
    number = Decimal(first)
    for each in others:
        number = 60 * number + Decimal(each)
    hint = f"write {sign}{number}"
    if len(others) == 1 and others[0].isdigit():
        hint += f", or {sign}{int(first)}.{others[0]} if the ':' is a decimal point"
    return Fault("ambiguous-number", message, hint)


def _with_thousands(text: str) -> Fault:
    """The fault of 1,000, which may mean a thousand, or 1 with three decimals."""
    message, plain = f"{quote(text)} has a comma in it", text.replace(",", "")
    if re.fullmatch(DECIMAL_COMMA, text):
        point = text.replace(",", ".")
        hint = f"write {plain}, or {point} if the comma is a decimal one"
        return Fault("ambiguous-number", message, hint)
    return Fault("ambiguous-number", message, instead=plain)


def with_thousands(fields: Sequence[str], index: int, fault: Fault) -> Fault:
    """The fault of a field in a row; the field may be part of a number such as 1,000."""
    if re.fullmatch(_THOUSANDS, fields[index]):
        fault = _with_thousands(fields[index])
    joined = ",".join(fields[index - 1 : index + 9]) if index else ""
    if thousands := re.match(rf"{_THOUSANDS}(?=,|$)", joined):
        one = thousands.group()
        several = re.sub(r"(?<=,)0+(?=\d)", "", one)
        fault.help_with(
            f"if {quote(one)} is one number, write {one.replace(',', '')}; if not, write {several}"
        )
    return fault


def with_whole_row(text: str, fields: Sequence[str], fault: Fault) -> Fault:
    """The fault of a field in a row, with a hint that shows the whole row, not only the number."""
    rows = [row_meant(row) for row in re.findall(r"\[([^\[\]]+)\]", text)]
    if len(rows) > 1 and all(rows):
        fault.message = f"{quote(text)} is {len(rows)} rows"
        fault.help_with("write " + " --input ".join(map(str, rows)))
    elif row := row_meant(text):
        if text.strip()[:1] in _BRACKETS:
            fault.message = f"{quote(text)} has brackets"
        fault.help_with(instead=row)
    elif fault.instead and fault.index:
        index = fault.index[0]
        row = _readable(*fields[:index], fault.instead, *fields[index + 1 :])
        fault.help_with(instead=row or fault.instead)
    return fault


def row_meant(text: str) -> str | None:
    """The row that a text means: in brackets, without commas, or in full-width characters."""
    plain = in_ascii(text).strip(f" ,;{_BRACKETS}")
    return _readable(*re.split(r"\s*[,;]\s*|\s+", plain))


def refuse_decimal_commas(row: str) -> None:
    """Raises Fault for a row such as 1,5;2,5, whose commas are probably decimal commas."""
    for separator, name in ((";", "semicolons"), ("\t", "tabs")):
        if separator in row and "," in row:
            numbers = [cell.strip(' "').replace(",", ".") for cell in row.split(separator)]
            if quick_numbers(numbers) is not None:
                message = f"{quote(row)} has commas and {name}: a number has a decimal point,"
                message += " and commas separate numbers"
                written = ",".join(numbers)
                if len(written) > 60:
                    written = f"points for them, and commas for the {name}"
                hint = f"if the commas are decimal ones, write {written}"
                raise Fault("ambiguous-number", message, hint)


def with_whole_number(text: str, fault: Fault, at_least: int) -> Fault:
    """The fault of a text where a whole number is expected; the hint shows only whole numbers."""
    if re.fullmatch(_THOUSANDS, text):
        plain = text.replace(",", "")
        return Fault("ambiguous-number", f"{quote(text)} has a comma in it", instead=plain)
    meant = re.fullmatch(r"write ([^ ]+)(?:, or ([^ ]+).*)?", fault.hint or "")
    if meant is None or not is_whole_number(meant[1], at_least):
        fault.help_with()
    elif meant[2] and not is_whole_number(meant[2], at_least):
        fault.help_with(f"write {meant[1]}")
    return fault


def _readable(*numbers: str) -> str | None:
    """These numbers as a row, if each can be parsed."""
    text = ", ".join(numbers)
    return text if len(text) <= 60 and quick_numbers(numbers) is not None else None


def in_ascii(text: str) -> str:
    """A text as it would be, had it been typed in ASCII, dashes included."""
    if text.isascii():
        return text
    ascii_ = without_look_alikes(_narrow(text))
    return "".join("-" if char in _DASHES else char for char in ascii_)


def _narrow(text: str) -> str:
    """A text with ordinary characters in place of the wide ones of Chinese and Japanese."""
    from unicodedata import decomposition, normalize

    return "".join(
        normalize("NFKC", char) if decomposition(char).startswith("<wide>") else char
        for char in text
    )


def several_numbers(text: str) -> list[str]:
    """The two or more numbers in `text`, separated by whitespace, commas or semicolons."""
    parts = re.split(r"[\s,;]+", in_ascii(text))
    return parts if len(parts) > 1 and are_numbers(parts) else []


def _decimal(sign: str, digits: str, base: int) -> str | None:
    digits = digits.replace("_", "")
    try:
        return f"{sign}{int(digits, base)}" if len(digits) < MAX_DIGITS else None
    except ValueError:
        return None
