"""Inputs of a run: from the command line, from files of each kind, from standard input."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT, THREE_LAYER, spawn

from netrunner.files.input_rows import InputRows
from netrunner.files.inputs import inputs_from_file, rows_from_options

ROWS = [[1.0, 0.5], [0.0, -2.0]]


def rows_from_file(path: Path) -> InputRows:
    with inputs_from_file(str(path)) as inputs:
        (rows,) = inputs.blocks(100)
    return rows


def output(netrunner: Any, *arguments: object) -> Any:
    result = netrunner("run", THREE_LAYER, "--output-only", "--format", "json", *arguments)
    assert (result.code, result.err) == (0, "")
    return json.loads(result.out)["output"]


def error(netrunner: Any, *arguments: object) -> str:
    result = netrunner("run", THREE_LAYER, *arguments)
    assert (result.code, result.out) == (1, "")
    return str(result.err)


def test_one_input_is_a_row_and_several_are_a_batch(netrunner: Any) -> None:
    one = output(netrunner, "--input", "1.0,0.5")
    assert np.shape(one) == (2,)
    both = output(netrunner, "--input", "1.0,0.5", "--input", " -1 , -.5e0 ")
    assert np.shape(both) == (2, 2)
    np.testing.assert_allclose(both[0], one, rtol=1e-14)
    assert output(netrunner) == one  # the file's example


@pytest.mark.parametrize(
    ("texts", "begins"),
    [
        (["a,b"], "--input: error: 'a' is not a number"),
        (["1,"], "--input: error: "),
        ([""], "--input: error: "),
        (["1 2"], "--input: error: '1 2' is 2 numbers with no comma between them"),
        (["1,nan"], "--input: error: 'nan' is not a finite number"),
        (["1,1e400"], "--input: error: '1e400' overflows"),
        (["1,0x10"], "--input: error: '0x10'"),
        (["1,2,3"], "--input: error: 3 numbers, but the network takes 2 numbers ('x1', 'x2')"),
        (["1,2", "1"], "--input: error: the rows are not equally long: 2, 1 numbers"),
    ],
)
def test_an_input_that_is_no_row_of_numbers(texts: list[str], begins: str, netrunner: Any) -> None:
    said = error(netrunner, *(part for text in texts for part in ("--input", text)))
    assert said.startswith(begins)
    assert len([line for line in said.splitlines() if "error:" in line]) == 1


FILES: dict[str, Any] = {
    "in.csv": lambda path: path.write_text("1.0,0.5\n0,-2\n"),
    "header.csv": lambda path: path.write_text("x1,x2\r\n1.0,0.5\r\n\r\n0,-2"),
    "quoted.csv": lambda path: path.write_text('"x1","x2"\n"1.0", 0.5\n0,-2\n'),
    "bom.csv": lambda path: path.write_bytes(b"\xef\xbb\xbfx1,x2\n1.0,0.5\n0,-2\n"),
    "in.json": lambda path: path.write_text("[[1.0, 0.5],\n [0, -2]]"),
    "in.npy": lambda path: np.save(path, ROWS),
    "fortran.npy": lambda path: np.save(path, np.asfortranarray(np.array(ROWS, ">f4"))),
    "one.npz": lambda path: np.savez(path, whatever=ROWS),
    "several.npz": lambda path: np.savez_compressed(path, Y=[1.0], X=ROWS),
    "UPPER.CSV": lambda path: path.write_text("1.0,0.5\n0,-2\n"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_batch_in_a_file_of_each_kind(name: str, tmp_path: Path, netrunner: Any) -> None:
    FILES[name](tmp_path / name)
    expected = output(netrunner, "--input", "1.0,0.5", "--input", "0,-2")
    assert output(netrunner, "--input-file", tmp_path / name) == expected


def test_a_single_row_in_a_file(tmp_path: Path, netrunner: Any) -> None:
    (tmp_path / "a.csv").write_text("x1,x2\n1.0,0.5\n")
    (tmp_path / "a.json").write_text("[1.0, 0.5]")
    np.save(tmp_path / "a.npy", [1.0, 0.5])
    for suffix in ("csv", "json", "npy"):
        assert np.shape(output(netrunner, "--input-file", tmp_path / f"a.{suffix}")) == (2,)
    (tmp_path / "b.json").write_text("[[1.0, 0.5]]")
    assert np.shape(output(netrunner, "--input-file", tmp_path / "b.json")) == (1, 2)


WRONG_FILES: dict[str, tuple[bytes, str, str]] = {
    "word.csv": (b"1,2\n3,x\n", ":2:3: error: ", "'x' is not a number"),
    "ragged.csv": (b"1,2\n3\n", ":2:1: error: ", "1 number"),
    "empty.csv": (b"x1,x2\n", ": error: ", "no numbers"),
    "nan.csv": (b"1,2\nnan,1\n", ":2:1: error: ", "finite"),
    "full-width.csv": ("１,２\n3,4\n".encode(), ":1:1: error: ", "'１' is not a number"),
    "semicolon.csv": (b"1;2\n3;4\n", ":1:1: error: ", "no comma"),
    "latin.csv": (b"x1,\xe9\n1,2\n", ":1:4: error: ", "not UTF-8"),
    "syntax.json": (b"[1,\n 2", ":2:3: error: ", "not JSON"),
    "word.json": (b'[[1, 2],\n [3, "4"]]', ":2:6: error: ", ""),
    "true.json": (b"[1,\n true]", ":2:2: error: ", ""),
    "nan.json": (b"[1,\n NaN]", ":2:2: error: ", "'NaN' is not a finite number [not-finite]"),
    "infinity.json": (b"[[1, 2],\n [3, Infinity]]", ":2:6: error: ", "'Infinity' is not a finite"),
    "minus.json": (b"[-Infinity]", ":1:2: error: ", "'-Infinity' is not a finite number"),
    "before-nan.json": (b'["x", true,\n NaN]', ":1:2: error: ", "expected a list"),
    "after-words.json": (b"[1, 2,\n1e400]", ":2:1: error: ", "'1e400' overflows"),
    "in-object.json": (b'{"X": [NaN, true]}', ":1:1: error: ", "expected a list"),
    "large.json": (b"[1,\n 1e400]", ":2:2: error: ", "overflows"),
    "ragged.json": (b"[[1, 2],\n [3]]", ":2:2: error: ", ""),
    "object.json": (b'{"X": [1, 2]}', ":1:1: error: ", "list"),
    "mixed.json": (b"[[1, 2],\n 3]", ":2:2: error: ", "a list of numbers, or a list of such lists"),
    "no-yaml.json": (b'[1, "\\ud800"]', ":1:5: error: ", "a list of numbers, or"),
    "wide.csv": (b"x1,x2,x3\n\n1,2,3\n", ":3:1: error: ", "3 numbers, but"),
    "wide.json": (b"[[1, 2, 3],\n [4, 5, 6]]", ":1:2: error: ", "3 numbers a row, but"),
    "single.json": (b"\n [1, 2, 3]", ":2:2: error: ", "3 numbers, but"),
    "number.json": (b"\n 5", ":2:2: error: ", "a single number, but"),
    "empty.json": (b"\n[]", ":2:1: error: ", "0 numbers"),
    "empty-row.json": (b"[[]]", ":1:2: error: ", "0 numbers"),
    "deep.json": (b"[" * 100_000, ":1:1: error: ", ""),
    "cut.npy": (b"\x93NUMPY\x01\x00", ": error: ", "damaged"),
    "text.npz": (b"nothing", ": error: ", "damaged"),
    "in.txt": (b"1,2", ": error: ", ".csv, .json"),
}


@pytest.mark.parametrize("name", WRONG_FILES)
def test_a_fault_in_a_file_is_told_at_its_own_line(
    name: str, tmp_path: Path, netrunner: Any
) -> None:
    content, where, words = WRONG_FILES[name]
    path = tmp_path / name
    path.write_bytes(content)
    said = error(netrunner, "--input-file", path)
    assert said.startswith(f"{path}{where}")
    assert words in said.splitlines()[0]


OF_COMMAS = ": a number has a decimal point, and commas separate numbers [ambiguous-number]"


@pytest.mark.parametrize(
    ("text", "where", "said", "hint"),
    [
        ("1,5;2,5", ":1:1", f"'1,5;2,5' has commas and semicolons{OF_COMMAS}", "1.5,2.5"),
        ("x;y\n1,5;2", ":2:1", f"'1,5;2' has commas and semicolons{OF_COMMAS}", "1.5,2"),
        ("1,5\t2", ":1:1", f"'1,5 2' has commas and tabs{OF_COMMAS}", "1.5,2"),
        ('"1,5";2', ":1:1", f"'\"1,5\";2' has commas and semicolons{OF_COMMAS}", "1.5,2"),
        (
            ";".join(["12345,6789"] * 6),
            ":1:1",
            f"'{('12345,6789;' * 4)[:39]}…' has commas and semicolons{OF_COMMAS}",
            "points for them, and commas for the semicolons",
        ),
    ],
)
def test_decimal_commas(
    text: str, where: str, said: str, hint: str, tmp_path: Path, netrunner: Any
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{text}\n")
    lines = error(netrunner, "--input-file", path).splitlines()
    assert lines[0] == f"{path}{where}: error: {said}"
    assert lines[-1] == f"  help: if the commas are decimal ones, write {hint}"
    if "\n" not in text and '"' not in text:
        lines = error(netrunner, "--input", text).splitlines()
        assert lines[0] == f"--input: error: {said}"


@pytest.mark.parametrize(
    ("text", "where", "said", "hint"),
    [
        ('1,2\n"1,5",2', ":2:1", "'1,5' has a comma in it [amb", "write 1.5"),
        ('"1,5",2', ":1:1", "'1,5' has a comma in it [amb", "write 1.5"),
        ('2,"1,500"', ":1:3", "'1,500' has a c", "write 1500, or 1.500 if the comma is a decimal"),
        ('2,"1,500,200.5"', ":1:3", "'1,500,200.5' has a comma in it", "write 1500200.5"),
        ("1,000,2", ":1:3", "'000' begins with 0", "if '1,000' is one number, write 1000"),
        (
            "2,1,000,500.5,3",
            ":1:5",
            "'000' begins",
            "if '1,000,500.5' is one number, write 1000500",
        ),
        ("000,1", ":1:1", "'000' begins with 0, which some", "write 0"),
        ("1,0001", ":1:3", "'0001' begins with 0, which some", "write 1"),
        ("1;2", ":1:1", "'1;2' is 2 numbers", "the values are separated by semicolons: separate"),
        ('1,"Paris, France"', ":1:3", "'Paris, France' is not a number", None),
        ("1,2;3,x", ":1:3", "'2;3' is 2 numbers with no comma between them", None),
    ],
)
def test_a_number_with_a_comma_in_it(
    text: str, where: str, said: str, hint: str | None, tmp_path: Path, netrunner: Any
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{text}\n")
    told = error(netrunner, "--input-file", path)
    assert told.startswith(f"{path}{where}: error: {said}")
    assert f"  help: {hint}" in told if hint else "help:" not in told


def test_commas_in_the_names_of_columns(tmp_path: Path, netrunner: Any) -> None:
    (tmp_path / "a.csv").write_text('"x, in metres","y"\n"1.0" , "0.5"\n')
    row = output(netrunner, "--input", "1.0,0.5")
    assert output(netrunner, "--input-file", tmp_path / "a.csv") == row


@pytest.mark.parametrize("more", [[], ["--output-only"], ["--format", "csv"]])
def test_columns_in_another_order_are_no_input(
    more: list[str], tmp_path: Path, netrunner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "swapped.csv"
    path.write_text('\n"x2", x1\n1,2\n')
    said = error(netrunner, "--input-file", path, *more)
    assert said.splitlines()[0] == (
        f"{path}:2:1: error: column 1 is 'x2', but the network's input 1 is 'x1' [column-order]"
    )
    feed(monkeypatch, b"x2,x1\n1,2\n")
    said = error(netrunner, "--input-file", "-", *more)
    assert said.startswith("standard input:1:1: error: column 1 is 'x2'")
    for header in ("x1,x2", "a,b", "x1", "X 1,b,c", "# x1,x2", "a,X2"):
        path.write_text(f"{header}\n1.0,0.5\n")
        assert "0.31682708" in netrunner("run", THREE_LAYER, "--input-file", path).out


WEATHER = """
inputs: [temp, humidity, wind, sun]
layers: [{size: 1, weights: [[1], [2], [3], [4]], biases: 0, activation: relu}]
"""


@pytest.mark.parametrize(
    ("header", "column", "said", "helps"),
    [
        ("Humidity,Temp,wind,sun", 1, "column 1 is 'Humidity', but the network's input 1", True),
        ("# humidity,temp,wind,sun", 1, "column 1 is 'humidity', but the network's", True),
        ("humidity,temp,wind,sunn", 1, "column 1 is 'humidity', but the network's", False),
        ("humidity,temp,wind,id", 1, "column 1 is 'humidity', but the network's", False),
        ("temp,humidity,sun,other", 15, "column 3 is 'sun', but the network's input 3", False),
        ("temp,temp,wind,sun", 6, "column 2 is 'temp', but the network's input 2", False),
        ("id,temp,humidity,wind,sun", 4, "column 2 is 'temp', but the network's", False),
    ],
)
def test_an_input_in_the_place_of_another(
    header: str, column: int, said: str, helps: bool, tmp_path: Path, netrunner: Any
) -> None:
    network, path = tmp_path / "net.yaml", tmp_path / "a.csv"
    network.write_text(WEATHER)
    path.write_text(f"{header}\n1,2,3,4\n")
    result = netrunner("run", network, "--input-file", path)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith(f"{path}:1:{column}: error: {said}")
    assert "[column-order]" in result.err
    assert ("help: put the columns in the order" in result.err) == helps


def test_the_case_of_names_counts_where_it_tells_them_apart(tmp_path: Path, netrunner: Any) -> None:
    network, path = tmp_path / "net.yaml", tmp_path / "a.csv"
    network.write_text(WEATHER.replace("temp, humidity", "x, X"))
    path.write_text("x,X,wind,sun\n1,2,3,4\n")
    assert "30." in netrunner("run", network, "--input-file", path).out
    path.write_text("X,x,wind,sun\n1,2,3,4\n")
    assert "[column-order]" in netrunner("run", network, "--input-file", path).err


@pytest.mark.parametrize(
    ("header", "rest"),
    [
        ("id,temp,humidity,wind,sun", "; surplus is column 1 'id' [input-shape]"),
        (",Temp,humidity,wind,sun", "; surplus is column 1 [input-shape]"),
        ("humidity,temp,wind,id,sun", "; surplus is column 4 'id' [input-shape]"),
        ("temp,humidity,wind,id,day", " [input-shape]"),
        ("temp,humidity,wind,sun,sun", " [input-shape]"),
        ("temp,humidity,wind,sun", " [input-shape]"),
    ],
)
@pytest.mark.parametrize("more", [[], ["--output-only"]])
def test_a_column_too_many_is_named(
    header: str, rest: str, more: list[str], tmp_path: Path, netrunner: Any
) -> None:
    network, path = tmp_path / "net.yaml", tmp_path / "a.csv"
    network.write_text(WEATHER)
    path.write_text(f"{header}\n0,1,2,3,4\n5,6,7,8,9\n")
    said = netrunner("run", network, "--input-file", path, *more).err
    assert said.splitlines()[0] == (
        f"{path}:2:1: error: 5 numbers a row, but the network takes 4 numbers"
        f" ('temp', 'humidity', 'wind', 'sun'){rest}"
    )
    in_order = "surplus" in rest and "humidity,wind,sun" in header
    assert ("help: remove column 1" in said) == in_order


@pytest.mark.parametrize(
    ("name", "text", "where"),
    [
        ("a.csv", "x1,x2\n1,2\n3, 1e39\n", ":3:3: error: row 2, column 2"),
        ("a.csv", "1,1e39\n", ":1:3: error: value 2"),
        ("a.json", "[[1, 2],\n [3, 1e39]]", ":2:6: error: row 2, column 2"),
        ("a.json", "[1,\n 1e39]", ":2:2: error: value 2"),
        ("a.npy", "", ": error: row 2, column 2"),
    ],
)
def test_a_number_that_float32_has_not_is_told_at_its_place(
    name: str, text: str, where: str, tmp_path: Path, netrunner: Any
) -> None:
    network, path = tmp_path / "net.yaml", tmp_path / name
    network.write_text(
        "inputs: 2\ndtype: float32\n"
        "layers: [{size: 1, weights: [[1], [2]], biases: 0, activation: relu}]\n"
    )
    path.write_text(text)
    if not text:
        np.save(path, [[1, 2], [3, 1e39]])
    result = netrunner("run", network, "--input-file", path)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith(f"{path}{where}, 1e+39, overflows in float32 [not-finite]")


def test_what_is_no_input_file(
    tmp_path: Path, netrunner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.savez(tmp_path / "two.npz", a=ROWS, b=ROWS)
    assert "it holds 'a', 'b'" in error(netrunner, "--input-file", tmp_path / "two.npz")
    np.save(tmp_path / "nan.npy", [[1.0, 2.0], [np.nan, 1.0]])
    assert "row 2, column 1 is nan" in error(netrunner, "--input-file", tmp_path / "nan.npy")
    np.save(tmp_path / "c.npy", [1j, 2])
    assert "complex numbers" in error(netrunner, "--input-file", tmp_path / "c.npy")
    np.save(tmp_path / "o.npy", np.array([{}, 1], object))
    assert "pickled objects" in error(netrunner, "--input-file", tmp_path / "o.npy")
    assert "no such file" in error(netrunner, "--input-file", tmp_path / "nope.csv")
    monkeypatch.setattr("netrunner.files.csv_tables.MAX_BYTES", 10)
    (tmp_path / "large.csv").write_text("1,2\n" * 3)
    said = error(netrunner, "--input-file", tmp_path / "large.csv")
    assert "larger than 0 MiB: save it as .npy instead" in said
    assert "File name too long" in error(netrunner, "--input-file", "a" * 300 + ".csv")
    (tmp_path / "folder.csv").mkdir()
    assert "it is a folder" in error(netrunner, "--input-file", tmp_path / "folder.csv")
    os.mkfifo(tmp_path / "fifo.csv")
    assert "not a regular file" in error(netrunner, "--input-file", tmp_path / "fifo.csv")


def test_a_near_name_is_suggested(tmp_path: Path, netrunner: Any) -> None:
    (tmp_path / "digits.csv").write_text("1,2\n")
    assert "digits.csv'?" in error(netrunner, "--input-file", tmp_path / "digit.csv")


def feed(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_standard_input_is_read_as_csv(monkeypatch: pytest.MonkeyPatch, netrunner: Any) -> None:
    feed(monkeypatch, b"x1,x2\n1.0,0.5\n")
    assert output(netrunner, "--input-file", "-") == output(netrunner, "--input", "1.0,0.5")
    feed(monkeypatch, b"1,2\n3,x\n")
    said = error(netrunner, "--input-file", "-")
    assert said.startswith("standard input:2:3: error: 'x' is not a number [not-a-number]\n  2 | ")
    feed(monkeypatch, b"")
    assert error(netrunner, "--input-file", "-").startswith("standard input: error: ")
    monkeypatch.setattr("netrunner.files.csv_tables.MAX_BYTES", 100)
    feed(monkeypatch, b"1,2\n" * 100)
    assert "[too-large]" in error(netrunner, "--input-file", "-")


def test_rows_keep_the_type_of_their_file(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array(ROWS, np.float32))
    assert rows_from_file(tmp_path / "a.npy").rows.dtype == np.float32
    assert rows_from_options(["1,2"]).rows.dtype == np.float64


def test_a_header_far_above_the_numbers_is_one_in_a_stream_too(
    tmp_path: Path, netrunner: Any
) -> None:
    path = tmp_path / "far.csv"
    path.write_text(" " * 100_000 + "\nx2,x1\n" + "  \n" * 2**18 + "1,2\n3,4\n")
    for more in ([], ["--output-only"]):
        assert f"{path}:2:1: error: column 1 is 'x2'" in error(
            netrunner, "--input-file", path, *more
        )


@pytest.mark.parametrize(
    "first", ["true,false", "'1','2'", "(1,2)", "1%,2%", ",", "NA,NA", "$1,$2", "yes,x2"]
)
def test_values_at_the_top_are_no_header(first: str, tmp_path: Path, netrunner: Any) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{first}\n3,4\n")
    assert error(netrunner, "--input-file", path).startswith(f"{path}:1:1: error: ")


@pytest.mark.parametrize("others", ["", "3, 4\n", '"3",4\n'])
@pytest.mark.parametrize("row", ["1,\t2", '"1"\t,2', "1\t,2"])
def test_a_tab_between_values_is_refused_whatever_stands_beside_it(
    row: str, others: str, tmp_path: Path, netrunner: Any
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"1,2\n{row}\n{others}")
    assert error(netrunner, "--input-file", path).startswith(f"{path}:2:1: error: ")


@pytest.mark.parametrize("first", ["x,y", "on,no", "x1,N", "inflation,nano", "名,値", "a b,c"])
def test_names_at_the_top_are_a_header(first: str, tmp_path: Path, netrunner: Any) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{first}\n3,4\n")
    given = rows_from_file(path)
    assert given.rows.tolist() == [3.0, 4.0]
    assert given.header is not None


@pytest.mark.parametrize(
    "text",
    ["1 0.5", "[1, 0.5]", "(1,0.5)", "１,０.５", "１，0.5", "1,0.5,", "1;0.5", "1,０.５", "1、0.5"],
)
def test_help_for_the_command_line_is_the_whole_row(text: str, netrunner: Any) -> None:
    assert error(netrunner, "--input", text).endswith("help: write 1,0.5\n")


def test_help_for_several_rows_is_an_option_for_each(netrunner: Any) -> None:
    said = error(netrunner, "--input", "[[1, 1],[0,1]]")
    assert said.endswith("is 2 rows [not-a-number]\n  help: write 1,1 --input 0,1\n")


def test_help_for_one_number_keeps_the_others_of_the_row(netrunner: Any) -> None:
    assert error(netrunner, "--input", "1,0x10,-2").endswith("help: write 1,16,-2\n")


@pytest.mark.parametrize("only", [[], ["--output-only"]])
@pytest.mark.parametrize("shape", [(2**27,), (2**27, 1, 1), (2**26, 3)])
def test_an_array_that_cannot_be_an_input_is_not_read(
    shape: tuple[int, ...], only: list[str], tmp_path: Path, netrunner: Any
) -> None:
    path = tmp_path / "x.npy"
    with path.open("wb") as file:
        header = {"descr": "<f8", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        file.truncate(file.tell() + 8 * int(np.prod(shape)))  # with a hole
    tracemalloc.start()
    result = netrunner("run", THREE_LAYER, "--input-file", path, *only)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (result.code, result.out, peak < 2**26) == (1, "", True)
    assert "the network takes 2 numbers" in result.err


def test_a_json_file_of_too_many_values(
    tmp_path: Path, netrunner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.json"
    path.write_text("[[1, 2], [3, 4]]")
    monkeypatch.setattr("netrunner.files.json_tables.MAX_VALUES", 6)
    assert netrunner("run", THREE_LAYER, "--input-file", path).code == 0
    monkeypatch.setattr("netrunner.files.json_tables.MAX_VALUES", 5)
    said = error(netrunner, "--input-file", path)
    assert "more than 5 numbers and rows: save it as .npy" in said


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ("5", "1:1", "a single number"),
        ('"x"', "1:1", "expected a list"),
        ('{"a": [1, 2]}', "1:1", "expected a list"),
        ("[1, [2]]", "1:2", "expected a list"),
        ("[[1, 2], 3]", "1:10", "expected a list"),
        ("[[1, 2],\n {}]", "2:2", "expected a list"),
        ("[[1, 2],\n [3, [4, 5], 6]]", "2:6", "expected a list"),
        ("[[1, 2],\n [3, true]]", "2:6", "expected a list"),
        ('["\\ud800", 2]', "1:2", "expected a list"),
        ('["\x7f", 2]', "1:2", "expected a list"),
        ('["[,]\\"", {"1": [2, 3]}, NaN]', "1:2", "expected a list"),
        ('[1, {"1": 1, "b": [[2, 1e400]]}]', "1:5", "expected a list"),
        ("[1, null, 1e400]", "1:5", "expected a list"),
        ("-Infinity", "1:1", "'-Infinity' is not a finite number"),
        ("[1, 1E400, 2]", "1:5", "'1E400' overflows"),
        ("[[1, 2],\n [1e-400, 0]]", "2:3", "'1e-400' vanishes"),
        (f'[1, {{"{"k" * 2000}": 1}}]', "1:5", "expected a list"),
        ("[" * 500 + "]" * 500, "1:3", "expected a list"),
        ("[" * 100_000, "1:1", "nested too deeply"),
        ("[[1, 2], [3]]", "1:10", "a row of 1 number after one of 2"),
        ("[[1, 2],\n [], [3]]", "2:2", "a row of 0 numbers after one of 2"),
        ("[1, 2, 3]", "1:1", "3 numbers, but"),
        ("[\n[1, 2, 3], [4, 5, 6]]", "2:1", "3 numbers a row, but"),
        ("[]", "1:1", "0 numbers"),
        ("[[]]", "1:2", "0 numbers a row"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_wrong_in_json_is_told_at_its_place(
    text: str, where: str, said: str, tmp_path: Path, netrunner: Any
) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    assert error(netrunner, "--input-file", path).startswith(f"{path}:{where}: error: {said}")


def test_standard_input_that_does_not_wait() -> None:
    reads, writes = os.pipe()
    os.set_blocking(reads, False)
    arguments = [sys.executable, "-m", "netrunner", "run", str(THREE_LAYER), "--input-file", "-"]
    with subprocess.Popen(
        arguments, stdin=reads, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    ) as process:
        os.close(reads)
        time.sleep(1)
        os.write(writes, b"1.0,0.5\n")
        os.close(writes)
        out, err = process.communicate(timeout=300)
    assert (process.returncode, err) == (0, b"")
    assert b"Y  = [0.31682708 0.69627909]" in out


@pytest.mark.parametrize("only", [[], ["--output-only"]])
def test_standard_input_that_cannot_be_read_is_told_of_as_such(only: list[str]) -> None:
    with Path(os.devnull).open("w") as written_only:
        done = spawn("run", THREE_LAYER, "--input-file", "-", *only, stdin=written_only)
    said = b"standard input: error: cannot be read: Bad file descriptor [unreadable-file]\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", said)
