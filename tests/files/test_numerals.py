"""Numbers mean what they look like, everywhere."""

from __future__ import annotations

import math
import re
from decimal import Decimal, InvalidOperation

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from netrunner.files.decimals import are_numbers, quick_numbers
from netrunner.files.numerals import (
    parse_number,
    parse_number_or_special,
    parse_row,
    parse_whole_number,
)
from netrunner.files.slips import refuse_decimal_commas
from netrunner.problems.problem import Fault

FINITE = st.floats(allow_nan=False, allow_infinity=False)
ALMOST_NUMBERS = st.text("0123456789+-.eE_:xo, \tnaifNAIF\u00a0\u3000０１．−，٣", max_size=12)


def fault_of(text: str) -> Fault:
    with pytest.raises(Fault) as caught:
        parse_number(text)
    return caught.value


@given(FINITE)
@settings(deadline=None)
def test_every_float_round_trips(number: float) -> None:
    for text in (repr(number), f"{number:.17e}", f"{number:+.17E}", f"{Decimal(number):f}"):
        read = parse_number(text)
        assert read == number
        assert math.copysign(1, read) == math.copysign(1, number)
        assert quick_numbers([text, "1"]) == [number, 1.0]


@given(ALMOST_NUMBERS)
@settings(deadline=None, max_examples=400)
def test_what_is_read_is_what_it_looks_like(text: str) -> None:
    try:
        value = parse_number(text)
    except Fault:
        accepted = None
        assert quick_numbers([text]) is None
    else:
        accepted = value
        assert quick_numbers([text]) == [value]
    # Independently: decimal notation in ASCII, without a leading zero, as an exact fraction.
    exact = None
    if text.isascii() and not re.search(r"^[-+]?0[0-9]|[_\s]", text):
        try:
            exact = Decimal(text)
        except InvalidOperation:
            exact = None
    if exact is None or not exact.is_finite():
        assert accepted is None
    elif exact == 0 or 1e-300 < abs(exact) < 1e300:
        assert accepted == float(exact)
    else:
        assert accepted is None or accepted not in (0, math.inf, -math.inf)


@given(ALMOST_NUMBERS)
@example("0:0")
@settings(deadline=None, max_examples=200)
def test_the_help_is_a_number(text: str) -> None:
    try:
        parse_number(text)
    except Fault as fault:
        if fault.hint is not None:
            other = "if octal is meant|if the comma is a decimal one|if the ':' is a decimal point"
            told = re.fullmatch(rf"write (.+?)(?:, or [0-9.+-]+ (?:{other}))?", fault.hint)
            assert told is not None
            if fault.hint != "write 0 if that is meant":
                for part in told.group(1).split(", "):
                    parse_number(part)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("1.0e3", 1000.0),
        (".5", 0.5),
        ("-.5", -0.5),
        ("+1", 1.0),
        ("-0", -0.0),
        ("1.", 1.0),
        ("0e5", 0.0),
        ("0e-999", 0.0),
        ("1E5", 100000.0),
        ("5e-324", 5e-324),
        ("0." + "0" * 400 + "1e400", 0.1),
        ("1" + "0" * 400 + "e-400", 1.0),
    ],
)
def test_what_is_a_number(text: str, value: float) -> None:
    assert parse_number(text) == value
    assert math.copysign(1, parse_number(text)) == math.copysign(1, value)


@pytest.mark.parametrize(
    ("text", "code", "hint"),
    [
        ("010", "ambiguous-number", "write 10, or 8 if octal is meant"),
        ("08", "ambiguous-number", "write 8"),
        ("-007", "ambiguous-number", "write -7"),
        ("0x1F", "ambiguous-number", "write 31"),
        ("-0X10", "ambiguous-number", "write -16"),
        ("0o17", "ambiguous-number", "write 15"),
        ("0b11", "ambiguous-number", "write 3"),
        ("0x_", "ambiguous-number", None),
        ("1_000", "ambiguous-number", "write 1000"),
        ("1:30", "ambiguous-number", "write 90, or 1.30 if the ':' is a decimal point"),
        ("-12:30:45", "ambiguous-number", "write -45045"),
        ("1:30.5", "ambiguous-number", "write 90.5"),
        ("1:30:00:00:00:00", "ambiguous-number", "write 1166400000"),
        ("1:30:00:00:00:00:00", "ambiguous-number", None),
        ("3,", "not-a-number", "write 3"),
        ("yes", "ambiguous-number", "write 1"),
        ("Off", "ambiguous-number", "write 0"),
        ("0,1", "ambiguous-number", "write 0.1"),
        (".nan", "not-finite", None),
        ("-.INF", "not-finite", None),
        ("Infinity", "not-finite", None),
        ("1e400", "not-finite", None),
        ("1e-400", "vanishing-number", "write 0 if that is meant"),
        ("0.1 0.2", "not-a-number", "write 0.1, 0.2"),
        ("０．５", "not-a-number", "write 0.5"),
        ("−1", "not-a-number", "write -1"),
        ("1，2", "not-a-number", "write 1, 2"),
        ("٣", "not-a-number", None),
        ("2001-13-45", "not-a-number", None),
        ("", "not-a-number", None),
        ("~", "not-a-number", None),
    ],
)
def test_what_is_none(text: str, code: str, hint: str | None) -> None:
    fault = fault_of(text)
    assert (fault.code, fault.hint) == (code, hint)


@pytest.mark.parametrize("unit", ["9", "0", "1:", "1_", "0x1", ".", "e", "- ", "1 ", "yes", "，"])
def test_a_text_of_a_million_characters_is_refused_at_once(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    fault = fault_of(text)
    assert len(fault.message) < 200
    assert len(fault.hint or "") < 200


def test_what_means_no_number_but_may_stand_in_an_output() -> None:
    assert math.isnan(parse_number_or_special(".NaN"))
    assert parse_number_or_special("-.inf") == -math.inf
    assert parse_number_or_special("+.Inf") == math.inf
    for text in ("nan", "inf", "1e400", "-.nan"):
        with pytest.raises(Fault):
            parse_number_or_special(text)


@given(st.integers(1, 2**31))
def test_whole_numbers(number: int) -> None:
    assert parse_whole_number(str(number), at_least=1) == number
    assert parse_whole_number(f"+{number}", at_least=1) == number


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0", "out-of-range"),
        ("-1", "out-of-range"),
        ("2147483649", "out-of-range"),
        ("9" * 300, "out-of-range"),
        ("9" * 5000, "not-finite"),
        ("1.5", "not-a-number"),
        ("1.0", "not-a-number"),
        ("1e3", "not-a-number"),
        ("1,5", "ambiguous-number"),
    ],
)
def test_what_is_no_size(text: str, code: str) -> None:
    with pytest.raises(Fault) as caught:
        parse_whole_number(text, at_least=1)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "text", ["1_0e400", "010e400", "1e400,2", "1_0e-400", "1" * 30 + ",2" * 30]
)
def test_no_help_that_would_be_refused_in_turn(text: str) -> None:
    assert fault_of(text).hint is None


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("0x1_0", "write 16"),
        ("0x_1F", "write 31"),
        ("-0XfF", "write -255"),
        ("0b" + "1" * 15, "write 32767"),
        ("0b" + "1" * 16, None),
        ("0o9", None),
    ],
)
def test_numbers_in_another_base(text: str, hint: str | None) -> None:
    assert fault_of(text).hint == hint


@pytest.mark.parametrize(
    ("text", "code", "words", "hint"),
    [
        ("x" * 1001, "not-a-number", "…' is not a number", None),
        ("0" * 999 + "1", "ambiguous-number", "begins with 0, which some read as octal", "write 1"),
        ("0" * 1000 + "1", "not-a-number", "…' is not a number", None),
        ("010", "ambiguous-number", "begins with 0", "write 10, or 8 if octal is meant"),
        ("-0017", "ambiguous-number", "begins with 0", "write -17, or -15 if octal is meant"),
        ("007", "ambiguous-number", "begins with 0", "write 7"),
        ("018", "ambiguous-number", "begins with 0", "write 18"),
        ("0,5", "ambiguous-number", "'0,5' has a comma in it", "write 0.5"),
        ("0,125", "ambiguous-number", "'0,125' has a comma in it", "write 0.125"),
        (
            "1,250",
            "ambiguous-number",
            "'1,250' has a comma in it",
            "write 1250, or 1.250 if the comma is a decimal one",
        ),
        ("1,000,000", "ambiguous-number", "'1,000,000' has a comma in it", "write 1000000"),
        ("1,250,300", "not-a-number", "'1,250,300' is 3 numbers", "write 1, 250, 300"),
        ("2 # c", "not-a-number", "'2 # c' is not a number", None),
        ("10⁵", "not-a-number", "'10⁵' is not a number", None),
        ("①", "not-a-number", "'①' is not a number", None),
        ("１２", "not-a-number", "'１２' is not a number", "write 12"),
        ("1#a#b", "not-a-number", "a comment needs a space before its '#'", None),
        ("1#one", "not-a-number", "a comment needs a space before its '#'", None),
        ("one#1", "not-a-number", "'one#1' is not a number", None),
        ("-0E-5x", "not-a-number", "'-0E-5x' is not a number", None),
        ("1E-400", "vanishing-number", "'1E-400' vanishes", "write 0 if that is meant"),
    ],
)
def test_what_is_wrong_and_what_to_write(text: str, code: str, words: str, hint: str) -> None:
    fault = fault_of(text)
    assert (fault.code, fault.hint) == (code, hint)
    assert words in fault.message


@pytest.mark.parametrize("text", ["one#1", "#1", " 1", "1 "])
def test_a_comment_is_told_of_only_behind_a_number(text: str) -> None:
    assert fault_of(text).message == f"'{text}' is not a number"


def test_a_help_has_at_most_sixty_characters_of_numbers() -> None:
    longest = "1, " * 19 + "123"
    assert len(longest) == 60
    assert fault_of(longest.replace(",", "")).hint == f"write {longest}"
    assert fault_of(longest.replace(",", "") + "4").hint is None


def test_a_zero_may_have_any_exponent() -> None:
    assert parse_number("0E5") == parse_number("-0.0E-400") == 0


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("no", None), ("yes", "write 1"), ("1e-400", None), ("−1", None), ("００.5", None),
        ("1;2", None), ("010", "write 10, or 8 if octal is meant"), ("0x10", "write 16"),
        ("1_000", "write 1000"), ("1,5", None), ("３", "write 3"),
        ("2_147_483_648", "write 2147483648"), ("2_147_483_649", None), ("0x0", None),
    ],
)  # fmt: skip
def test_a_help_for_a_size_is_a_size(text: str, hint: str | None) -> None:
    with pytest.raises(Fault) as caught:
        parse_whole_number(text, at_least=1)
    assert caught.value.hint == hint


def test_the_largest_sizes() -> None:
    assert parse_whole_number("2147483648", at_least=1) == 2**31
    for text, hint in (("9e14", "write 900000000000000"), ("1e15", None)):
        with pytest.raises(Fault) as caught:
            parse_whole_number(text, at_least=1)
        assert caught.value.hint == hint


def test_a_size_with_commas_between_its_thousands() -> None:
    for text, hint in (("1,000", "write 1000"), ("1,000,000", "write 1000000")):
        with pytest.raises(Fault, match="has a comma in it") as caught:
            parse_whole_number(text, at_least=1)
        assert (caught.value.code, caught.value.hint) == ("ambiguous-number", hint)


def test_the_quick_look_at_a_row_says_where_it_needs_a_closer_one() -> None:
    assert are_numbers(["1", "-.5e3"])
    assert not are_numbers(["1", "x"])
    assert not are_numbers(["1\n2", "3"])
    assert quick_numbers(["0", "-0.0", "0e9"]) == [0.0, 0.0, 0.0]
    for row in (["1", "1e-400"], ["2", "1e-400"], ["1", "1e400"], ["1", ""], ["1\n2"], ["1,2"]):
        assert quick_numbers(row) is None
    with pytest.raises(TypeError):
        quick_numbers(["1", None])  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("fields", "index", "words", "hint"),
    [
        (
            "1 000 2",
            1,
            "'000' begins with 0",
            "if '1,000' is one number, write 1000; if not, write 1,0",
        ),
        (
            "5 1 000 500",
            2,
            "'000' begins with 0",
            "if '1,000,500' is one number, write 1000500; if not, write 1,0,500",
        ),
        ("2,500", 0, "'2,500' has a comma", "write 2500, or 2.500 if the comma is a decimal one"),
        ("1,250,300", 0, "'1,250,300' has a comma", "write 1250300"),  # not three numbers
        ("x 1,000", 0, "'x' is not a number", None),
        ("1 x 1,000", 1, "'x' is not a number", None),
    ],
)
def test_commas_between_thousands_in_a_row(
    fields: str, index: int, words: str, hint: str | None
) -> None:
    assert parse_row(["1", "-.5"]) == [1.0, -0.5]
    with pytest.raises(Fault, match=words) as caught:
        parse_row(fields.split())
    assert (caught.value.index, caught.value.hint) == ((index,), hint)


@pytest.mark.parametrize(
    ("row", "separator", "written"),
    [
        ("1,5;2,5", "semicolons", "1.5,2.5"),
        ("1,5\t2,5", "tabs", "1.5,2.5"),
        ('"1,5"; "2,5"', "semicolons", "1.5,2.5"),
        (f"1,5;2,{'5' * 54}", "semicolons", f"1.5,2.{'5' * 54}"),  # 60 characters
        (f"1,5;2,{'5' * 55}", "semicolons", "points for them, and commas for the semicolons"),
    ],
)
def test_decimal_commas_in_a_row(row: str, separator: str, written: str) -> None:
    refuse_decimal_commas(f"X{row}")  # which is none
    with pytest.raises(Fault, match=f"has commas and {separator}: a number has a ") as caught:
        refuse_decimal_commas(row)
    assert caught.value.hint == f"if the commas are decimal ones, write {written}"


def test_a_whole_number_of_two_parts_has_no_decimal_point() -> None:
    with pytest.raises(Fault) as caught:
        parse_whole_number("1:30", 1)
    assert caught.value.hint == "write 90"
