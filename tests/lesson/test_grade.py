"""Grading: right, wrong, missing, follows; the slips; broken files; networks."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import NETWORKS, ROOT, THREE_LAYER, sampled

import netrunner as nr
from netrunner.activations.plugins import load_registry
from netrunner.format.network_text import read_network
from netrunner.lesson.blanks import values_of_blanks
from netrunner.lesson.exercise import exercise, write_key
from netrunner.lesson.grading import grade
from netrunner.lesson.keys import load_keys
from netrunner.network.network import Example

pytestmark = pytest.mark.watched

PLUGINS = [ROOT / "plugins" / "leaky_relu.py"]
BOOK = {
    "A1": ["0.3", "0.7", "1.1"],
    "Z1": ["0.574", "0.668", "0.750"],
    "A2": ["0.516", "1.214"],
    "Z2": ["0.626", "0.771"],
    "A3": ["0.317", "0.696"],
    "Z3": ["0.317", "0.696"],
}


@pytest.fixture(scope="module")
def key_text(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("key") / "key.yaml"
    write_key(exercise(nr.load(THREE_LAYER), [1.0, 0.5]), path)
    return path.read_text(encoding="utf-8")


@pytest.fixture
def key(tmp_path: Path, key_text: str) -> Path:
    path = tmp_path / "key.yaml"
    path.write_text(key_text, encoding="utf-8")
    return path


def answers_file(path: Path, answers: dict[str, list[str]]) -> Path:
    lines = (f"  {name}: [{', '.join(numbers)}]\n" for name, numbers in answers.items())
    path.write_text("answers:\n" + "".join(lines), encoding="utf-8")
    return path


def graded(
    netrunner: Any, key: Path, changes: dict[str, list[str]], *options: object
) -> dict[str, dict[str, Any]]:
    """The answers of the book with some changed, graded, by "A1.2"."""
    path = answers_file(key.parent / "student.yaml", {**BOOK, **changes})
    result = netrunner("grade", key, path, "--format", "json", *options)
    assert (result.code, result.err) == (0, "")
    content = json.loads(result.out)
    assert content["format"] == "netrunner-grade/1"
    assert content["of"] == len(content["answers"])
    assert content["points"] == sum(each["points"] for each in content["answers"])
    for each in content["answers"]:
        assert each["points"] == (each["verdict"] in ("right", "follows"))
        assert each["reason"]
    return {f"{each['array']}.{each['neuron']}": each for each in content["answers"]}


def test_the_book_is_right(key: Path, netrunner: Any) -> None:
    answers = graded(netrunner, key, {})
    assert {each["verdict"] for each in answers.values()} == {"right"}
    assert len(answers) == 14
    assert answers["Z1.1"]["given"] == 0.574
    assert answers["Z1.1"]["expected"] == pytest.approx(0.57444252)


def test_the_key_itself_has_all_points(key: Path, netrunner: Any) -> None:
    content = json.loads(netrunner("grade", key, key, "--format", "json").out)
    assert (content["points"], content["of"]) == (14, 14)


@pytest.mark.parametrize(
    ("array", "number", "verdict", "reason"),
    [
        ("A1", "0.3", "right", "right"),
        ("A1", "0.30", "right", "right"),
        ("A1", "3e-1", "right", "right"),
        ("A1", "?", "missing", "missing"),
        ("A1", "0.2", "wrong", "the bias was left out; it is 0.3"),
        ("A1", "0.1", "wrong", "the bias was subtracted; it is 0.3"),
        ("A1", "0.7", "wrong", "this is A1.2, of another neuron; it is 0.3"),
        ("A1", "-0.3", "wrong", "the sign is wrong; it is 0.3"),
        ("A1", "3.0", "wrong", "the decimal point is one place off; it is 0.3"),
        ("A1", "0.35", "wrong", "this is w₂₁ where w₁₂ is needed; it is 0.3"),
        ("Z1", "0.57", "right", "right"),
        ("Z1", "0.5744", "right", "right"),
        ("Z1", "0.6", "wrong", "rounded too far: give at least two digits; it is 0.5744"),
        ("Z1", "0.5745", "wrong", "the last digit is off; it is 0.5744"),
        ("Z1", "0.3", "wrong", "sigmoid was left out; it is 0.5744"),
        ("Z1", "1.0", "wrong", "step was used where sigmoid is needed; it is 0.5744"),
        (
            "Z1",
            "0.4256",
            "wrong",
            "the sign of A1 was lost: this is sigmoid of -A1; it is 0.5744",
        ),
        ("Z1", "0.99", "wrong", "it is 0.5744"),
        ("Z3", "1e308", "wrong", "it is 0.3168"),
    ],
)
def test_verdicts_and_reasons(
    array: str, number: str, verdict: str, reason: str, key: Path, netrunner: Any
) -> None:
    answers = graded(netrunner, key, {array: [number, *BOOK[array][1:]]})
    answer = answers[f"{array}.1"]
    assert (answer["verdict"], answer["reason"]) == (verdict, reason)
    assert answer["given"] == (None if number == "?" else float(number))


def test_a_sum_of_the_layer_before_without_its_activation(key: Path, netrunner: Any) -> None:
    answers = key.parent / "unbent.yaml"
    answers.write_text("answers: {A2: [0.6, 1.33]}\n", encoding="utf-8")
    out = netrunner("grade", key, answers).out
    assert out.count("wrong: sigmoid was left out: A1 was used, not Z1; it is") == 2


@pytest.mark.parametrize(
    ("place", "number", "reason"),
    [
        ("A1.2", "0.10", "the term w₂₁·x₁ has the wrong sign; it is 0.7"),
        ("Z1.1", "0.5", "it is 0.5744"),
        ("Z1.1", "0.58", "the last digit is off; it is 0.5744"),
        ("Z1.1", "0.59", "it is 0.5744"),
        ("Z3.1", "-0.3168", "the sign is wrong; it is 0.3168"),
    ],
)
def test_what_is_near_and_what_is_not(
    place: str, number: str, reason: str, key: Path, netrunner: Any
) -> None:
    array, neuron = place.split(".")
    numbers = [*BOOK[array]]
    numbers[int(neuron) - 1] = number
    answer = graded(netrunner, key, {array: numbers})[place]
    assert (answer["verdict"], answer["reason"]) == ("wrong", reason)


def test_three_earlier_numbers_are_shown(key: Path, netrunner: Any) -> None:
    answers = graded(netrunner, key, {"Z1": ["0.50", "0.60", "0.70"], "A2": ["0.48", "1.214"]})
    assert answers["A2.1"]["verdict"] == "follows"
    assert "Z1.1 = 0.50, Z1.2 = 0.60, Z1.3 = 0.70" in answers["A2.1"]["reason"]


def sums_asked(folder: Path, W: Any, netrunner: Any, sums: dict[str, list[str]]) -> list[Any]:
    """The answers to the sums of a single layer, for an input of ones, graded."""
    network, key = folder / "n.yaml", folder / "key.yaml"
    nr.save(nr.from_arrays([(W, 0, "identity")]), network)
    ones = ",".join("1" for _ in W)
    arguments = ("--input", ones, "--blanks", "A1", "--output", folder / "s.md", "--key", key)
    assert netrunner("exercise", network, *arguments).code == 0
    result = netrunner("grade", key, answers_file(folder / "a.yaml", sums), "--format", "json")
    answers: list[Any] = json.loads(result.out)["answers"]
    return answers


def test_two_digits_are_asked_for_and_are_enough(tmp_path: Path, netrunner: Any) -> None:
    sums = {"A1": ["0.4", "0.40", "1.0", "1.0"]}
    answers = sums_asked(tmp_path, [[0.402, 0.402, 0.953, 0.9957]], netrunner, sums)
    assert [each["verdict"] for each in answers] == ["wrong", "right", "wrong", "right"]


def test_of_a_long_sum_only_the_first_terms_are_looked_at(tmp_path: Path, netrunner: Any) -> None:
    weights = [round(0.0137 * i**2, 4) for i in range(1, 22)]
    for left_out, reason in ((20, "the term w₁,₂₀·x₂₀ was left out"), (21, "it is 45.36")):
        total = sum(weights) - weights[left_out - 1]
        sums = {"A1": [f"{total:.4f}"]}
        (answer,) = sums_asked(tmp_path, [[w] for w in weights], netrunner, sums)
        assert answer["reason"].startswith(reason)


def test_a_name_that_two_outputs_end_in_names_neither(tmp_path: Path, netrunner: Any) -> None:
    network, key, student = (tmp_path / f"{name}.yaml" for name in ("n", "key", "s"))
    names = ["red cat", "blue cat", "dog"]
    nr.save(nr.from_arrays([([[3, 2, 1]], 0, "softmax")], outputs=names), network)
    netrunner(
        "exercise", network, "--input", "1", "--blanks", "class", "--output", "-", "--key", key
    )
    for name, code in (("cat", 1), ("dog", 0), ("red cat", 0)):
        student.write_text(f"answers: {{class: {name}}}\n")
        assert netrunner("grade", key, student).code == code


def test_a_slip_in_yaml_above_another_mistake(key: Path, netrunner: Any) -> None:
    student = key.parent / "s.yaml"
    student.write_text("answers:\n  A1: [0.3, 0.7, 1.1\n  Q9: [1]\n")
    result = netrunner("grade", key, student)
    assert result.code == 1
    assert f"{student}:2:7: error: not YAML: this '[' is never closed" in result.err


def test_a_share_of_the_sums_is_told_as_such(tmp_path: Path, netrunner: Any) -> None:
    key, student = tmp_path / "key.yaml", tmp_path / "s.yaml"
    arguments = ["exercise", NETWORKS / "softmax.yaml", "--input", "0.3,2.9,4.0"]
    netrunner(*arguments, "--blanks", "share", "--output", "-", "--key", key)
    for share in ("55.56", "0.5556"):  # 4.0 of 7.2
        student.write_text(f"answers: {{share: {share}}}\n")
        assert "the exponentials were left out" in netrunner("grade", key, student).out


def test_what_follows_from_an_earlier_slip(key: Path, netrunner: Any) -> None:
    answers = graded(
        netrunner, key, {"A1": ["0.8", "0.7", "1.1"], "Z1": ["0.690", "0.668", "0.750"]}
    )
    assert answers["A1.1"]["verdict"] == "wrong"
    assert (answers["Z1.1"]["verdict"], answers["Z1.1"]["points"]) == ("follows", 1)
    reason = "right for your A1.1 = 0.8; with A1.1 = 0.3 it would be 0.5744"
    assert answers["Z1.1"]["reason"] == reason
    # The rest was computed with the right numbers, and is right.
    assert {each["verdict"] for name, each in answers.items() if name[1] > "1"} == {"right"}


def networks() -> dict[str, nr.Network]:
    rng = np.random.default_rng(1)

    def layer(n: int, m: int, h: Any) -> Any:
        return np.round(rng.normal(size=(n, m)), 1), np.round(rng.normal(size=m), 1), h

    return {
        "the book": nr.load(THREE_LAYER),
        "softmax": nr.from_arrays([layer(3, 4, "sigmoid"), layer(4, 3, "softmax")]),
        "a plugin": nr.from_arrays(
            [layer(2, 3, ("leaky_relu", {"alpha": 0.1})), layer(3, 2, "identity")], plugins=PLUGINS
        ),
    }


@pytest.mark.parametrize("digits", sampled([3, 4, 8], 3))
@pytest.mark.parametrize("name", networks())
def test_exactly_the_planted_slips_are_wrong(name: str, digits: int, tmp_path: Path) -> None:
    """A slip at each place, from which the student goes on without another one."""
    net = networks()[name]
    x = np.array([0.7, -0.4, 1.3][: net.input_size])
    made = exercise(net, x)
    write_key(made, tmp_path / "key.yaml")
    keys = load_keys([tmp_path / "key.yaml"], PLUGINS)

    def text(value: float) -> str:
        return f"{value:.{digits}g}"

    for planted in made.blanks:
        answers: dict[str, list[str]] = {}
        X = A = x
        for layer in net.layers:
            for letter in "AZ":
                values = X @ layer.weights + layer.biases if letter == "A" else layer.h(A)
                if planted.array == f"{letter}{layer.index}":
                    values = values.copy()
                    values[planted.neuron - 1] += 0.37
                # The student goes on with what is written down.
                answers[f"{letter}{layer.index}"] = list(map(text, values.tolist()))
                A = np.array(answers[f"{letter}{layer.index}"], float)
            X = A
        result = grade(keys, answers_file(tmp_path / "student.yaml", answers))
        wrong = [(each.array, each.neuron) for each in result.answers if not each.points]
        assert wrong == [(planted.array, planted.neuron)]
        assert result.points == len(made.blanks) - 1


def test_class_and_share_follow_too(tmp_path: Path, netrunner: Any) -> None:
    key = tmp_path / "key.yaml"
    arguments = ["exercise", NETWORKS / "softmax.yaml", "--input", "0.3,2.9,4.0"]
    netrunner(*arguments, "--blanks", "Z1,class,share", "--output", "-", "--key", key)
    student = tmp_path / "student.yaml"
    student.write_text("answers: {Z1: [0.018, 0.74, 0.24], class: class 1, share: 74}\n")
    content = json.loads(netrunner("grade", key, student, "--format", "json").out)
    verdicts = [each["verdict"] for each in content["answers"]]
    assert verdicts == ["right", "wrong", "wrong", "follows", "right"]
    student.write_text("answers: {Z1: [0.018, 0.245, 0.74], class: [2], share: [73.7]}\n")
    content = json.loads(netrunner("grade", key, student, "--format", "json").out)
    assert content["points"] == 5


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ({"A3": ["?", "0.6963"], "Y": ["?", "0.6962"]}, "wrong"),
        ({"A3": ["0.317", "?"], "Y": ["0.3173", "?"]}, "wrong"),
        ({"A2": ["0.516", "?"], "Z2": ["0.6261", "?"]}, "wrong"),
        ({"A2": ["0.516", "?"], "Z2": ["0.6262", "?"]}, "right"),
        ({"A2": ["0.526", "?"], "Z2": ["0.6286", "?"]}, "follows"),
    ],
)
def test_what_is_right_leaves_no_room_to_what_comes_after_it(
    answers: dict[str, list[str]], verdict: str, tmp_path: Path, netrunner: Any
) -> None:
    key = tmp_path / "key.yaml"
    netrunner("exercise", THREE_LAYER, "--blanks", "A2,Z2,A3,Y", "--output", "-", "--key", key)
    student = answers_file(tmp_path / "s.yaml", answers)
    content = json.loads(netrunner("grade", key, student, "--format", "json").out)
    given = [each["verdict"] for each in content["answers"] if each["given"] is not None]
    assert given[1] == verdict


def test_both_of_two_equal_outputs_are_the_class(tmp_path: Path, netrunner: Any) -> None:
    network, key, student = (tmp_path / f"{name}.yaml" for name in ("n", "key", "s"))
    nr.save(nr.from_arrays([([[1, 1, 0]], [0, 0, 0], "softmax")], outputs=["a", "b", "c"]), network)
    arguments = ("--input", "1", "--blanks", "class", "--output", "-", "--key", key)
    netrunner("exercise", network, *arguments)
    for name, points in (("a", 1), ("b", 1), ("c", 0)):
        student.write_text(f"answers: {{class: {name}}}\n")
        result = netrunner("grade", key, student, "--format", "json")
        assert json.loads(result.out)["points"] == points


@pytest.mark.parametrize(("name", "blank"), [("xor", "class"), ("regression", "share")])
def test_what_is_no_classifier(name: str, blank: str, netrunner: Any) -> None:
    result = netrunner("exercise", NETWORKS / f"{name}.yaml", "--blanks", blank, "--output", "-")
    assert result.code == 1
    assert f"there is no {blank} to leave blank" in result.err


def test_a_rounded_slip_before_softmax_follows(tmp_path: Path, netrunner: Any) -> None:
    key = tmp_path / "key.yaml"
    arguments = ["exercise", NETWORKS / "softmax.yaml", "--input", "0.3,2.9,4.0"]
    netrunner(*arguments, "--output", "-", "--key", key)
    A = np.array([0.3, 2.9, 4.264])  # the last one is wrong, and written as 4.26
    Z = np.exp(A) / np.exp(A).sum()
    student = answers_file(
        tmp_path / "student.yaml",
        {"A1": [f"{a:.2f}" for a in A], "Z1": [f"{z:.4f}" for z in Z]},
    )
    content = json.loads(netrunner("grade", key, student, "--format", "json").out)
    verdicts = [each["verdict"] for each in content["answers"]]
    assert verdicts == ["right", "right", "wrong", "follows", "follows", "follows"]


class TestVariants:
    """A class's worth of sheets, each with its own key."""

    @pytest.fixture
    def keys(self, tmp_path: Path, netrunner: Any) -> Path:
        for name in ("keys", "class"):
            (tmp_path / name).mkdir()
        sheet, key = tmp_path / "sheet.md", tmp_path / "keys" / "key.yaml"
        arguments = ["exercise", NETWORKS / "xor.yaml", "--variants", 3, "--seed", 3]
        assert netrunner(*arguments, "--output", sheet, "--key", key).code == 0
        for number in (1, 2, 3):
            template = (tmp_path / f"sheet-0{number}.md").read_text().split("```yaml\n")[1]
            answers = template.partition("```")[0].replace("?", "0.42")
            (tmp_path / "class" / f"pupil{number}.yaml").write_text(answers)
        return tmp_path / "keys"

    def test_the_name_chooses_the_key(self, keys: Path, tmp_path: Path, netrunner: Any) -> None:
        folder = tmp_path / "class"
        text = (folder / "pupil3.yaml").read_text()
        assert text.startswith("name: step 2-2-1 (5)\nanswers:\n  A1: ")
        (folder / "pupil3.yaml").write_text(
            text.replace("2-2-1 (5)", "2-2-1（5）"), encoding="utf-8"
        )
        (folder / "key.yaml").write_text((keys / "key-02.yaml").read_text())
        result = netrunner("grade", keys, folder, "--format", "json")
        assert (result.code, result.err) == (0, "")
        own, *pupils = json.loads(result.out)
        assert own["points"] == own["of"]
        for pupil, key in zip(pupils, sorted(keys.iterdir()), strict=True):
            value = nr.load(key).trace(nr.load(key).examples[0].input).layers[0].A[0]
            assert pupil["answers"][0]["expected"] == pytest.approx(value)

    def test_names_that_are_no_keys(self, keys: Path, tmp_path: Path, netrunner: Any) -> None:
        folder = tmp_path / "class"
        (folder / "pupil1.yaml").write_text("name: Anna\nanswers: {A1: 1}\n")
        (folder / "pupil2.yaml").write_text("answers: {A1: 1}\n")
        result = netrunner("grade", keys, folder, "--format", "csv")
        assert result.code == 1
        assert [row.split(",")[3] for row in result.out.splitlines()[1:3]] == ["error"] * 2
        copy = "copy the name from the sheet, such as name: step 2-2-1 (3)"
        assert f"pupil1.yaml:1:7: error: there is no key named 'Anna': {copy}" in result.err
        assert f"pupil2.yaml:1:1: error: 'name' is missing: {copy}" in result.err
        assert result.err.count("error:") == 2

    def test_answers_to_another_variant(self, keys: Path, tmp_path: Path, netrunner: Any) -> None:
        result = netrunner("grade", keys / "key-01.yaml", tmp_path / "class", "--format", "csv")
        assert result.code == 1
        message = "these are the answers to 'step 2-2-1 (4)', but the key is 'step 2-2-1 (3)'"
        assert f"pupil2.yaml:1:7: error: {message}" in result.err
        assert result.err.count("error:") == 2
        student = answers_file(tmp_path / "anna.yaml", {"A1": ["1.0", "?"]})
        student.write_text("name: Anna\n" + student.read_text())
        assert netrunner("grade", keys / "key-01.yaml", student).code == 0

    def test_two_keys_of_one_name(self, keys: Path, tmp_path: Path, netrunner: Any) -> None:
        (keys / "copy.yaml").write_text((keys / "key-01.yaml").read_text())
        result = netrunner("grade", keys, tmp_path / "class")
        assert (result.code, result.out) == (1, "")
        message = f"has the same name as the key in {keys / 'copy.yaml'}"
        assert f"{keys / 'key-01.yaml'}: error: {message}" in result.err

    def test_variants_may_ask_for_different_numbers(self, tmp_path: Path, netrunner: Any) -> None:
        """elu gives back what is above 0, and what is given back is not asked."""
        network, elu = tmp_path / "elu.yaml", ROOT / "plugins" / "elu.py"
        network.write_text(
            "inputs: 2\nlayers: [{size: 2, weights: [[1, 1], [1, 1]], biases: 0, activation: elu}]"
        )
        for name in ("keys", "class"):
            (tmp_path / name).mkdir()
        arguments = ["exercise", network, "--plugins", elu, "--variants", 3]
        key = tmp_path / "keys" / "key.yaml"
        netrunner(*arguments, "--output", tmp_path / "sheet.md", "--key", key)
        for number in (1, 2, 3):
            template = (tmp_path / f"sheet-0{number}.md").read_text().split("```yaml\n")[1]
            (tmp_path / "class" / f"{number}.yaml").write_text(template.partition("```")[0])
        arguments = ["grade", tmp_path / "keys", tmp_path / "class", "--plugins", elu]
        result = netrunner(*arguments, "--format", "csv")
        head, *rows = csv.reader(io.StringIO(result.out))
        assert (result.code, head[3:]) == (0, ["A1.1", "A1.2", "Z1.1", "Z1.2"])
        assert [row[5:] for row in rows] == [["missing"] * 2, [""] * 2, [""] * 2]
        html = netrunner(*arguments, "--format", "html").out
        assert html.count("<td></td>") == 4


class TestAClass:
    @pytest.fixture
    def folder(self, key: Path) -> Path:
        folder = key.parent / "class"
        folder.mkdir()
        answers_file(folder / "anna.yaml", BOOK)
        answers_file(folder / "ben.yml", {"A1": ["0.2", "?", "1.1"], "Z1": ["0.5", "?", "0.7"]})
        (folder / "chris.yaml").write_text("answers:\n  A1: [0.3, x, 1.1]\n")
        (folder / "dora.yaml").write_text("answers: {A1: [0.3, 0.7]}\n")
        (folder / "emil.yaml").write_text("answers: {A1: [0.3\n")
        (folder / "frida.yaml").write_text("my answers: none\n")
        (folder / "greta.yaml").write_text("answers: {A9: [0.3]}\n")
        (folder / "notes.txt").write_text("no answers")
        (folder / "more").mkdir()
        return folder

    def test_no_result_is_lost(self, key: Path, folder: Path, netrunner: Any) -> None:
        result = netrunner("grade", key, folder, "--format", "json")
        assert result.code == 1
        content = {Path(each["file"]).name: each for each in json.loads(result.out)}
        assert list(content) == [
            "anna.yaml", "ben.yml", "chris.yaml", "dora.yaml", "emil.yaml", "frida.yaml",
            "greta.yaml",
        ]  # fmt: skip
        assert content["anna.yaml"]["points"] == 14
        assert (content["ben.yml"]["points"], content["ben.yml"]["of"]) == (1, 14)
        problems = {name: each.get("problems", []) for name, each in content.items()}
        codes = {name: [each["code"] for each in found] for name, found in problems.items()}
        assert codes == {
            "anna.yaml": [],
            "ben.yml": [],
            "chris.yaml": ["not-a-number"],
            "dora.yaml": ["answer-mismatch"],
            "emil.yaml": ["yaml-syntax"],
            "frida.yaml": ["missing-key"],
            "greta.yaml": ["no-such-array"],
        }
        assert (problems["chris.yaml"][0]["line"], problems["chris.yaml"][0]["column"]) == (2, 13)
        assert f"{folder / 'chris.yaml'}:2:13: error: " in result.err

    def test_as_csv(self, key: Path, folder: Path, netrunner: Any) -> None:
        result = netrunner("grade", key, folder, "--format", "csv")
        head, *rows = csv.reader(io.StringIO(result.out))
        assert head[:4] == ["file", "points", "of", "A1.1"]
        assert len(rows) == 7
        assert rows[0][1:] == ["14", "14", *["right"] * 14]
        assert rows[1][3:9] == ["wrong", "missing", "right", "wrong", "missing", "wrong"]
        assert set(rows[2][3:]) == {"error"}

    def test_as_a_page(self, key: Path, folder: Path, netrunner: Any) -> None:
        (folder / "<b>.yaml").write_text("answers: {A1: [0.2, 0.7, 1.1]}\n")
        page = key.parent / "class.html"
        assert netrunner("grade", key, folder, "--format", "html", "--output", page).code == 1
        html = page.read_text(encoding="utf-8")
        assert "&lt;b&gt;.yaml" in html
        assert "<b>" not in html
        assert "<li>A1.1: 2 wrong; the bias was left out (2 of them)</li>" in html
        assert '<li class="missing">A1.2 = ?, missing</li>' in html
        assert "chris.yaml:2:13: answers: A1: &#x27;x&#x27; is not a number" in html

    def test_as_text(self, key: Path, folder: Path, netrunner: Any) -> None:
        result = netrunner("grade", key, folder / "ben.yml")
        assert result.code == 0
        lines = result.out.splitlines()
        assert lines[0] == f"{folder / 'ben.yml'}: 1 of 14 points"
        assert lines[1:4] == [
            "  A1.1  0.2  wrong: the bias was left out; it is 0.3",
            "  A1.2  ?    missing",
            "  A1.3  1.1  right",
        ]

    def test_what_is_no_student_in_a_folder(
        self, key: Path, tmp_path: Path, netrunner: Any
    ) -> None:
        folder, good = tmp_path / "class", answers_file(tmp_path / "good.yaml", BOOK)
        (folder / "dir.yaml").mkdir(parents=True)
        answers_file(folder / ".hid.yaml", BOOK)
        result = netrunner("grade", key, folder, good, "--format", "csv")
        assert result.code == 1
        assert result.out.splitlines()[1] == f"{good},14,14{',right' * 14}"
        assert result.err.count("error:") == 1
        assert f"{folder}: error: a folder without .yaml files" in result.err
        (folder / "gone.yaml").symlink_to("nowhere.yaml")
        result = netrunner("grade", key, folder, good, "--format", "csv")
        assert result.code == 1
        assert result.out.splitlines()[1] == f"{folder / 'gone.yaml'},0,14{',error' * 14}"
        assert result.err.count("error:") == 1
        assert f"{folder / 'gone.yaml'}: error: no such file" in result.err

    def test_files_of_other_kinds_in_a_folder_are_told_of(
        self, key: Path, tmp_path: Path, netrunner: Any
    ) -> None:
        folder = tmp_path / "class"
        folder.mkdir()
        answers_file(folder / "ben.YAML", BOOK)
        for name in ("cleo.yaml.txt", "dora.txt"):
            answers_file(folder / name, BOOK)
        result = netrunner("grade", key, folder)
        assert (result.code, result.out.count("14 of 14 points")) == (0, 1)
        assert "left out, since they are not .yaml files: 'cleo.yaml.txt', 'dora.txt'" in result.err

    def test_the_format_is_that_of_the_suffix(
        self, key: Path, tmp_path: Path, netrunner: Any
    ) -> None:
        for name, begin in (("c.csv", "file,"), ("c.html", "<!DOCTYPE"), ("c.json", "{")):
            assert netrunner("grade", key, key, "--output", tmp_path / name).code == 0
            assert (tmp_path / name).read_text().startswith(begin)
        for more in (("--output", "c.pdf"), ("--output", "c.csv", "--format", "json")):
            assert netrunner("grade", key, key, *more).code == 2

    def test_a_folder_without_answers(self, key: Path, folder: Path, netrunner: Any) -> None:
        result = netrunner("grade", key, folder / "more")
        assert (result.code, result.out) == (1, "")
        assert "a folder without .yaml files" in result.err


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("answers:", "# answers:"), "yaml-syntax"),
        (("A1: [0.3", "A1: [0.4"), "answer-mismatch"),
        (("sigmoid", "sigmod"), "unknown-activation"),
    ],
)
def test_a_wrong_key(change: tuple[str, str], code: str, key: Path, netrunner: Any) -> None:
    student = answers_file(key.parent / "student.yaml", BOOK)
    key.write_text(key.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    result = netrunner("grade", key, student)
    assert (result.code, result.out) == (1, "")
    assert f"[{code}]" in result.err


def test_a_network_without_answers_is_no_key(key: Path, netrunner: Any) -> None:
    result = netrunner("grade", THREE_LAYER, key)
    assert (result.code, result.out) == (1, "")
    assert "'answers' is missing: netrunner exercise --key writes a key [missing-key]" in result.err


def test_a_key_whose_example_fails(key: Path, netrunner: Any) -> None:
    text = key.read_text(encoding="utf-8")
    key.write_text(re.sub(r"output: \[0\.", "output: [1.", text), encoding="utf-8")
    for option in ((), ("--network",)):
        result = netrunner("grade", *option, key, THREE_LAYER)
        assert (result.code, result.out) == (1, "")
        assert "output 1 'y1' is 0.316" in result.err
        assert result.err.count("[example-mismatch]") == 1


XOR = """\
inputs: 2
layers:
  - {size: 3, weights: [[1, 1, -1], [1, 1, -1]], biases: [-0.5, -1.5, 2.5], activation: step}
  - {size: 1, weights: [[1], [-1], [0.25]], biases: BIAS, activation: step}
"""


class TestNetworks:
    def graded(self, netrunner: Any, key: Path, student: Path) -> dict[str, Any]:
        result = netrunner("grade", "--network", key, student, "--format", "json")
        assert (result.code, result.err) == (0, "")
        content: dict[str, Any] = json.loads(result.out)
        assert content["of"] == 1
        (answer,) = content["answers"]
        assert (content["points"], answer["points"]) == (answer["points"],) * 2
        return answer

    def test_another_xor_with_three_hidden_neurons(self, tmp_path: Path, netrunner: Any) -> None:
        student = tmp_path / "xor.yaml"
        student.write_text(XOR.replace("BIAS", "-0.5"))
        answer = self.graded(netrunner, NETWORKS / "xor.yaml", student)
        assert (answer["verdict"], answer["reason"]) == ("right", "the same for 4 inputs")
        student.write_text(XOR.replace("BIAS", "0.5"))
        answer = self.graded(netrunner, NETWORKS / "xor.yaml", student)
        assert answer["verdict"] == "wrong"
        assert answer["reason"] == "for the input [0 0], it gives [1], but the key gives [0]"

    def test_what_the_examples_do_not_show(self, tmp_path: Path, netrunner: Any) -> None:
        """The two agree on the examples, and not between them."""
        key, student = tmp_path / "key.yaml", tmp_path / "student.yaml"
        text = "inputs: 1\nlayers:\n  - {size: 1, weights: [[1]], biases: 0, activation: H}\n"
        examples = "examples:\n  - {input: [[0.5], [-0.75]], output: [[0.5], [-0.75]]}\n"
        key.write_text(text.replace("H", "identity") + examples)
        steps = "inputs: 1\nlayers:\n  - {size: 1, weights: [[1]], biases: 0, activation: step}\n"
        last = "  - {size: 1, weights: [[1.25]], biases: -0.75, activation: identity}\n"
        student.write_text(steps + last)
        answer = self.graded(netrunner, key, student)
        assert answer["verdict"] == "wrong"
        student.write_text(text.replace("H", "identity"))
        assert self.graded(netrunner, key, student)["verdict"] == "right"

    def test_a_network_that_ignores_the_input_of_the_only_example(
        self, tmp_path: Path, netrunner: Any
    ) -> None:
        student = tmp_path / "student.yaml"
        W, biases = np.zeros((2, 2)), [0.31682708, 0.69627909]
        nr.save(nr.from_arrays([(W, biases, "identity")]), student)
        answer = self.graded(netrunner, THREE_LAYER, student)
        assert answer["verdict"] == "wrong"
        nr.save(nr.from_arrays([(W, [0.31683, 0.69628], "identity")]), student)
        reason = self.graded(netrunner, THREE_LAYER, student)["reason"]
        key_gives = "but the key gives [0.316827 0.696279]"
        assert reason == f"for the input [1 0.5], it gives [0.31683 0.69628], {key_gives}"

    def test_the_largest_tolerance_of_the_examples_holds(
        self, tmp_path: Path, netrunner: Any
    ) -> None:
        key, student = tmp_path / "key.yaml", tmp_path / "student.yaml"
        text = (
            "inputs: 1\nlayers:\n  - {size: 1, weights: [[1]], biases: B, activation: identity}\n"
        )
        examples = "  - {input: [1], output: [1], tolerance: 0.1}\n"
        examples += "  - {input: [2], output: [2], tolerance: 1.0e-6}\n"
        key.write_text(f"{text.replace('B', '0')}examples:\n{examples}")
        for bias, verdict in ((0.05, "right"), (0.15, "wrong")):
            student.write_text(text.replace("B", str(bias)))
            assert self.graded(netrunner, key, student)["verdict"] == verdict

    def test_another_number_of_inputs(self, netrunner: Any) -> None:
        answer = self.graded(netrunner, NETWORKS / "xor.yaml", NETWORKS / "iris.yaml")
        reason = "it has 4 inputs and 3 outputs, but the key has 2 inputs and 1 output"
        assert (answer["verdict"], answer["reason"]) == ("wrong", reason)

    def test_a_network_that_does_not_load(self, tmp_path: Path, netrunner: Any) -> None:
        (tmp_path / "broken.yaml").write_text("inputs: 2\n")
        xor = NETWORKS / "xor.yaml"
        result = netrunner("grade", "--network", xor, tmp_path / "broken.yaml", xor)
        assert result.code == 1
        assert f"{xor}: 1 of 1 point\n" in result.out
        assert "'layers' is missing" in result.err

    def test_a_network_that_does_not_run(self, tmp_path: Path, netrunner: Any) -> None:
        """One student's float32, or failing plugin, takes nothing from the others."""
        key, narrow = tmp_path / "key.yaml", tmp_path / "narrow.yaml"
        text = "inputs: 1\nlayers:\n  - {size: 1, weights: [[1]], biases: 0, activation: H}\n"
        key.write_text(
            text.replace("H", "identity") + "examples:\n  - {input: [1.0e300], output: [1.0e300]}\n"
        )
        narrow.write_text(text.replace("H", "identity") + "dtype: float32\n")
        failing, plugin = tmp_path / "failing.yaml", tmp_path / "own.py"
        failing.write_text(text.replace("H", "h"))
        plugin.write_text(
            "import netrunner\n\ndef h(a):\n    raise RuntimeError('oh')\n\n"
            "@netrunner.hookimpl\ndef netrunner_activations():\n"
            "    return [netrunner.Activation('h', h)]\n"
        )
        result = netrunner("grade", "--network", key, narrow, failing, key, "--plugins", plugin)
        assert result.code == 1
        for file, points in ((narrow, 0), (failing, 0), (key, 1)):
            assert f"{file}: {points} of 1 point\n" in result.out
        assert f"{narrow}: error: the key's input 1, column 1, 1e+300, overflows" in result.err
        assert "oh" in result.err

    def test_a_key_without_an_example(self, tmp_path: Path, netrunner: Any) -> None:
        key = tmp_path / "key.yaml"
        key.write_text(XOR.replace("BIAS", "0.5"))
        result = netrunner("grade", "--network", key, tmp_path / "none.yaml")
        assert (result.code, result.out) == (1, "")
        assert result.err.count("[missing-key]") == 1

    def test_the_corners_are_tried(self, tmp_path: Path, netrunner: Any) -> None:
        key, student = tmp_path / "key.yaml", tmp_path / "student.yaml"
        W = np.full((2, 1), 0.001)
        two = [Example(np.array([x, 1 - x]), np.array([0.001])) for x in (0.0, 1.0)]
        nr.save(replace(nr.from_arrays([(W, 0, "identity")]), examples=tuple(two)), key)
        bump = [(np.full((2, 2), 1.0), [0, -1.9999], "relu"), ([[0.001], [1]], 0, "identity")]
        nr.save(nr.from_arrays(bump), student)
        assert "for the input [1 1]" in self.graded(netrunner, key, student)["reason"]

    @pytest.mark.parametrize(
        ("inputs", "outputs", "weights", "verdict"),
        [
            ("abc", "uv", [[1, 2], [3, 4], [5, 6]], "right"),
            ("cab", "uv", [[5, 6], [1, 2], [3, 4]], "right"),
            ("abc", "vu", [[2, 1], [4, 3], [6, 5]], "right"),
            ("cab", "uv", [[1, 2], [3, 4], [5, 6]], "wrong"),
            ("abc", "vu", [[1, 2], [3, 4], [5, 6]], "wrong"),
            ("abd", "uu", [[1, 2], [3, 4], [5, 6]], "right"),
        ],
    )
    def test_names_in_another_order(
        self, inputs: str, outputs: str, weights: Any, verdict: str, tmp_path: Path, netrunner: Any
    ) -> None:
        key, student = tmp_path / "key.yaml", tmp_path / "student.yaml"

        def given(W: Any, inputs: str, outputs: str) -> nr.Network:
            return nr.from_arrays([(W, 0, "identity")], inputs=[*inputs], outputs=[*outputs])

        net = given([[1, 2], [3, 4], [5, 6]], "abc", "uv")
        example = Example(np.array([1.0, 0.0, 2.0]), np.array([11.0, 14.0]))
        nr.save(replace(net, examples=(example,)), key)
        nr.save(given(weights, inputs, outputs), student)
        assert self.graded(netrunner, key, student)["verdict"] == verdict

    def test_a_blank_among_the_answers_is_no_hole_in_the_network(
        self, key: Path, tmp_path: Path, netrunner: Any
    ) -> None:
        student = tmp_path / "student.yaml"
        student.write_text(key.read_text(encoding="utf-8").replace("A1: [0.3", "A1: [?"))
        result = netrunner("grade", "--network", key, student)
        assert result.out.endswith("  Y.1    right: the same for 205 inputs\n")


def test_a_question_mark_is_a_blank_wherever_a_number_may_stand(
    tmp_path: Path, netrunner: Any
) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(
        "name: why?\ndescription: What is it ? A test, ? and more\ninputs: 2\nlayers:\n"
        "  - size: 2\n    weights: [[1, ?], [?,2]]\n    biases:\n      - ?\n      - 1\n"
        "    activation: step  # which one ?\n"
    )
    result = netrunner("check", path)
    assert result.err.count("'?' is a blank: write the missing number [blank]") == 3
    for place in ("6:19", "6:24", "8:9"):
        assert f"{path}:{place}: error: " in result.err
    result = netrunner("run", path, "--input", "1,1")
    assert (result.code, result.out) == (1, "")
    assert f"{path}:6:19: error: layer 1: weights: '?' is a blank" in result.err
    text = path.read_text().replace("[[1, ?], [?,2]]", "[[1, 3], [4, 2]]").replace("- ?", "- 0")
    path.write_text(text)
    net = nr.load(path)
    assert (net.name, net.description) == ("why?", "What is it ? A test, ? and more")


def test_numbers_without_brackets_get_them(netrunner: Any, key: Path, tmp_path: Path) -> None:
    (tmp_path / "student.yaml").write_text("answers:\n  A1: 0.3, 0.7, 1.1\n  Z1: 0.5 0.6 0.7\n")
    result = netrunner("grade", key, tmp_path / "student.yaml")
    for numbers in ("0.3, 0.7, 1.1", "0.5, 0.6, 0.7"):
        assert f"help: write [{numbers}]\n" in result.err


def test_numbers_in_round_brackets_are_read(netrunner: Any, key: Path, tmp_path: Path) -> None:
    student = tmp_path / "student.yaml"
    student.write_text("answers:\n  A1: ( 0.30, 0.70 , 1.1)\n  A2: （0.516，?）\n")
    result = netrunner("grade", key, student)
    assert (result.code, result.err, result.out.count(" right\n")) == (0, "", 4)
    student.write_text("answers:\n  A1: (0,3; 0,7; 1,1)\n  A2: (0.5, x)\n")
    err = netrunner("grade", key, student).err
    assert "help: write [0.3, 0.7, 1.1]\n" in err
    assert f"{student}:3:13: error: answers: A2: 'x' is not a number" in err
    student.write_text("answers:\n  A1: (0.3,\n    0.7, 1.1)\n  A2: '(0.5, 0.7)'\n")
    err = netrunner("grade", key, student).err
    assert err.count("error: ") == 2


def test_answers_that_are_not_text(netrunner: Any, key: Path, tmp_path: Path) -> None:
    (tmp_path / "student.yaml").write_bytes(b"answers: \xe9")
    result = netrunner("grade", key, tmp_path / "student.yaml")
    assert result.code == 1
    assert "this is not UTF-8 text [not-utf-8]" in result.err


@pytest.mark.parametrize(
    ("blanks", "answers", "points"),
    [
        ("A1,A2", {"A1": "0.8, 0.7, 1.1", "A2": "0.5277, 1.2602"}, "011 11"),
        ("A1,A2", {"A1": "0.8, 0.7, 1.1", "A2": "0.5277, 1.3602"}, "011 10"),
        ("A1,Z1,A2", {"A1": "0.8, 0.7, 1.1", "Z1": "?, ?, ?", "A2": "0.5277, 1.26"}, "011 000 11"),
        ("A2,Z3", {"A2": "0.9, 1.2", "Z3": "0.325, 0.721"}, "01 11"),
        ("A3,Y", {"A3": "0.5, 0.696", "Y": "0.5, 0.696"}, "01 11"),
        ("A1,class,share", {"A1": "0.8, 0.7, 1.1", "class": "y2", "share": "70.03"}, "011 1 1"),
        ("Y,class,share", {"Y": "0.9, 0.696", "class": "y1", "share": "90"}, "01 1 1"),
    ],
)
def test_what_follows_across_a_step_that_is_not_written(
    blanks: str, answers: dict[str, str], points: str, tmp_path: Path, netrunner: Any
) -> None:
    key = tmp_path / "key.yaml"
    worked_out = blanks.removesuffix(",class,share")
    netrunner("exercise", THREE_LAYER, "--blanks", worked_out, "--output", "-", "--key", key)
    if worked_out != blanks:  # which exercise asks of a classifier only
        key.write_text(key.read_text() + "  class: y2\n  share: 69.627909\n")
    student = answers_file(tmp_path / "s.yaml", {name: [each] for name, each in answers.items()})
    content = json.loads(netrunner("grade", key, student, "--format", "json").out)
    found = [str(each["points"]) for each in content["answers"]]
    assert "".join(found) == points.replace(" ", "")


def test_slips_that_change_nothing_are_no_reasons(tmp_path: Path, netrunner: Any) -> None:
    network, key = tmp_path / "n.yaml", tmp_path / "key.yaml"
    network.write_text(
        "inputs: 2\nlayers:\n"
        "  - {size: 1, weights: [[0.5], [0.2]], biases: 0.1, activation: identity}\n"
        "  - {size: 1, weights: [[1]], biases: -5, activation: sigmoid}\n"
    )
    netrunner("exercise", network, "--input", "1,3", "--output", "-", "--key", key)
    student = tmp_path / "s.yaml"
    student.write_text("answers: {A1: [1.8], Z1: [0.7], A2: [-2.5], Z2: [1.00]}\n")
    content = json.loads(netrunner("grade", key, student, "--format", "json").out)
    assert [each["reason"] for each in content["answers"]] == [
        "x₁ and x₂ were exchanged; it is 1.2",
        "it is 1.2, or 1.8 with your earlier numbers",
        "it is -3.8, or -4.3 with your earlier numbers",
        "it is 0.02188, or 0.07586 with your earlier numbers",
    ]


def test_what_follows_without_rounding_on_the_way(key: Path, netrunner: Any) -> None:
    """The slip is carried on exactly; only what is written down is rounded."""
    answers = graded(
        netrunner,
        key,
        {
            "A1": ["0.10", "0.70", "1.10"],
            "Z1": ["0.52", "0.67", "0.75"],
            "A2": ["0.51", "1.19"],
            "Z2": ["0.63", "0.77"],
            "A3": ["0.32", "0.69"],
            "Z3": ["0.32", "0.69"],
        },
    )
    assert [name for name, each in answers.items() if not each["points"]] == ["A1.1"]


class TestStandardInput:
    @pytest.fixture
    def piped(self, monkeypatch: pytest.MonkeyPatch) -> Any:
        def pipe(data: bytes) -> None:
            monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))

        return pipe

    def test_as_key_or_answers(self, key: Path, piped: Any, netrunner: Any) -> None:
        piped(key.read_bytes())
        assert netrunner("grade", "-", key).out.startswith(f"{key}: 14 of 14 points")
        piped(b"answers: {A1: [0.3, ?, 1.1]}\n")
        assert netrunner("grade", key, "-").out.startswith("standard input: 2 of 14 points")
        assert netrunner("grade", "-", "-").code == 2

    def test_no_text(self, key: Path, piped: Any, netrunner: Any) -> None:
        piped(b"answers: \xe9")
        result = netrunner("grade", key, "-", key)
        assert result.code == 1
        assert f"{key}: 14 of 14 points" in result.out
        assert "standard input:1:10: error: this is not UTF-8" in result.err


def test_an_answer_that_is_given_twice(key: Path, tmp_path: Path, netrunner: Any) -> None:
    student = tmp_path / "student.yaml"
    student.write_text("answers:\n  A1: [0.3, 0.7, 1.1]\n  A1.2: 0.7\n")
    result = netrunner("grade", key, student)
    assert result.code == 1
    message = "answers: A1.2 is answered twice: A1 has it too [duplicate-key]"
    assert f"{student}:3:3: error: {message}" in result.err
    key.write_text(key.read_text(encoding="utf-8") + "  A1.2: 0.7\n", encoding="utf-8")
    assert f"error: {message}" in netrunner("check", key).err


def test_a_question_mark_in_place_of_anything_else_is_a_blank_too(
    tmp_path: Path, netrunner: Any
) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(
        "inputs: 1\ndtype: ?\nlayers:\n"
        "  - {size: 1, name: ?, weights: [[?]], biases: ?, activation: ?}\nanswers:\n  ?\n"
    )
    result = netrunner("check", path, "--format", "json")
    problems = json.loads(result.out)
    assert {each["code"] for each in problems} == {"blank"}
    places = [(each["line"], each["column"], each["end_column"]) for each in problems]
    assert places == [(2, 8, 9), (4, 35, 36), (4, 48, 49), (4, 63, 64), (6, 3, 4)]
    assert "？" not in result.out
    assert problems[0]["message"] == "dtype: '?' is a blank: write float64 or float32"
    path.write_text("inputs: ？\nname: 何？\nlayers: [1]\n", encoding="utf-8")
    assert f"{path}:1:9: error: inputs: '?' is a blank" in netrunner("check", path).err


@pytest.fixture
def softmax_key(tmp_path: Path, netrunner: Any) -> Path:
    key = tmp_path / "softmax_key.yaml"
    arguments = ["exercise", NETWORKS / "softmax.yaml", "--input", "0.3,2.9,4.0"]
    netrunner(*arguments, "--blanks", "Z1,class,share", "--output", "-", "--key", key)
    return key


def reason_for(netrunner: Any, key: Path, name: str, number: str) -> str:
    student = key.parent / "student.yaml"
    student.write_text(f"answers: {{{name}: {number}}}\n")
    content = json.loads(netrunner("grade", key, student, "--format", "json").out)
    (answer,) = [each for each in content["answers"] if each["verdict"] != "missing"]
    return str(answer["reason"])


@pytest.mark.parametrize(
    ("name", "number", "reason"),
    [
        ("class", "class 2", "right"),
        ("class", "Class 2", "right"),
        ("class", "2", "right"),
        ("class", "class 0", "this is the class with the smallest output; it is class 2"),
        ("class", "1", "it is class 2"),
        ("share", "73.7", "right"),
        ("share", "0.737", "this is a share where a percentage is needed: times 100; it is 73.66"),
        (
            "share",
            "55.6",
            "the exponentials were left out: this is a share of the sums; it is 73.66",
        ),
        ("share", "24.5", "this is output 2, which is not the largest; it is 73.66"),
        (
            "Z1",
            "[?, ?, 0.556]",
            "the exponentials were left out: this is a share of the sums; it is 0.7366",
        ),
        ("Z1", "[?, ?, 54.6]", "the exponential was not divided by the sum; it is 0.7366"),
        ("Z1", "[?, 0.333, ?]", "the exponential was not divided by the sum; it is 0.2452"),
        ("Z1", "[?, ?, 73.7]", "this is a percentage where a share is needed; it is 0.7366"),
    ],
)
def test_slips_of_softmax(
    name: str, number: str, reason: str, softmax_key: Path, netrunner: Any
) -> None:
    assert reason_for(netrunner, softmax_key, name, number) == reason


def test_a_class_without_a_name_is_counted_from_1(tmp_path: Path, netrunner: Any) -> None:
    key, network = tmp_path / "key.yaml", tmp_path / "n.yaml"
    net = nr.from_arrays([(np.eye(3), 0, "softmax")], outputs=["a", "A", "b"])  # two look alike
    nr.save(net, network)
    arguments = ["exercise", network, "--input", "1,2,3", "--blanks", "class,shape1,Y"]
    out = netrunner(*arguments, "--output", "-", "--key", key).out
    assert "Give its number, counted from 1." in out
    assert reason_for(netrunner, key, "class", "3") == "right"
    reason = "classes are counted from 1, not from 0; it is 3"
    assert reason_for(netrunner, key, "class", "2") == reason
    assert reason_for(netrunner, key, "class", "1") == (
        "this is the class with the smallest output; it is 3"
    )
    student = tmp_path / "student.yaml"
    student.write_text("answers: {class: b}\n")
    assert "class: 'b' is not a number [not-a-number]" in netrunner("grade", key, student).err
    assert reason_for(netrunner, key, "Y", "[?, ?, 3.0]") == "softmax was left out; it is 0.6652"


def test_a_class_that_there_is_not(softmax_key: Path, netrunner: Any) -> None:
    student = softmax_key.parent / "student.yaml"
    student.write_text("answers:\n  class: clas 2\n")
    result = netrunner("grade", softmax_key, student)
    assert result.code == 1
    message = "answers: class: 'clas 2' is not one of the network's outputs [unknown-value]"
    assert f"{student}:2:10: error: {message}" in result.err
    assert "help: did you mean 'class 2'?" in result.err


def test_all_that_does_not_fit_is_reported(key: Path, netrunner: Any) -> None:
    student = key.parent / "student.yaml"
    student.write_text("answers:\n  A1: [0,3, 0,7, 1,1]\n  Z9: [1]\n  A2: [1]\n")
    result = netrunner("grade", key, student)
    assert result.code == 1
    places = [line.split(": ")[0] for line in result.err.splitlines() if ": error: " in line]
    assert places == [f"{student}:{place}" for place in ("2:8", "3:8", "4:8")]
    assert "help: write 0.3, 0.7, 1.1: with decimal points" in result.err
    assert "there is no Z9 in the key's network: is this its file of answers?" in result.err


@pytest.mark.parametrize(
    ("answers", "words", "hint"),
    [
        ("  A₁: [0.3, 0.7, 1.1]", "unknown array 'A₁'", "did you mean 'A1'?"),
        ("  Ｚ1: [0.3, 0.7, 1.1]", "unknown array 'Ｚ1'", "did you mean 'Z1'?"),
        ("  a_1: [0.3, 0.7, 1.1]", "unknown array 'a_1'", "did you mean 'A1'?"),
        ("  a₂⁽¹⁾: [0.7]", "unknown array 'a₂⁽¹⁾'", "did you mean 'A1.2'?"),
        ("  A1: [0.3, 0.7, 1.1]\n  a1: [0.3]", "unknown array 'a1'", None),
        ("  B7: [0.3, 0.7, 1.1]", "unknown array 'B7'", None),
        ("  A1: [0,3; 0,7; 1,1]", "commas in them, and semicolons", "write [0.3, 0.7, 1.1]"),
        ("  A1： [0.3, 0.7, 1.1]", "'：' (U+FF1A) is not ':'", "write ':'"),
        ("\tA1: [0.3, 0.7, 1.1]", "a tab character where spaces belong", "indent with spaces"),
        ("  A1: [0.3, 0.7, 1.1", "this '[' is never closed", "put ']' after '[0.3, 0.7, 1.1'"),
        ("  A1: [?0.3, 0.7, 1.1]", "a ? stands alone, in place of a number", None),
    ],
)
def test_answers_as_pupils_write_them(
    answers: str, words: str, hint: str | None, key: Path, netrunner: Any
) -> None:
    student = key.parent / "student.yaml"
    student.write_text(f"answers:\n{answers}\n", encoding="utf-8")
    result = netrunner("grade", key, student, "--format", "json")
    (problem,) = json.loads(result.out)["problems"]
    assert words in problem["message"]
    assert problem["hint"] == hint


def test_a_number_of_no_size(key: Path, netrunner: Any) -> None:
    path = answers_file(key.parent / "student.yaml", {"A1": ["0e400", "0.7", "1.1"]})
    answers = json.loads(netrunner("grade", key, path, "--format", "json").out)["answers"]
    assert [each["verdict"] for each in answers[:3]] == ["wrong", "right", "right"]


def test_a_tie_may_be_rounded_either_way(tmp_path: Path, netrunner: Any) -> None:
    """-1.05 is the sum on paper; the sum of the floats is -1.0499999999999998."""
    key = tmp_path / "key.yaml"
    layer = "{size: 1, weights: [[-1.5], [-1.4]], biases: 0.1, activation: identity}"
    key.write_text(
        f"inputs: 2\nlayers: [{layer}]\n"
        "examples: [{input: [0.3, 0.5], output: [-1.05]}]\nanswers: {A1: -1.05}\n"
    )
    for given in ("-1.0", "-1.1"):
        path = answers_file(tmp_path / "student.yaml", {"A1": [given]})
        answers = json.loads(netrunner("grade", key, path, "--format", "json").out)["answers"]
        assert [each["verdict"] for each in answers] == ["right"]


def test_answers_that_the_key_does_not_ask_for(tmp_path: Path, netrunner: Any) -> None:
    key = tmp_path / "key.yaml"
    netrunner("exercise", THREE_LAYER, "--blanks", "A1", "--output", "-", "--key", key)
    path = answers_file(tmp_path / "student.yaml", {"A1": BOOK["A1"], "A2": ["0.5", "1.2"]})
    result = netrunner("grade", key, path)
    assert result.code == 0
    assert f"{path}:3:8: warning: answers: the key does not ask for A2" in result.err
    assert "3 of 3 points" in result.out
    path = answers_file(tmp_path / "student.yaml", {"A2": ["0.5", "1.2"]})
    result = netrunner("grade", key, path)
    assert result.code == 1
    assert f"{path}:2:8: error: answers: the key does not ask for A2" in result.err


def test_a_slip_that_changes_nothing_is_no_reason(tmp_path: Path, netrunner: Any) -> None:
    """Not even within the usual tolerance, if the key has a smaller one."""
    key = tmp_path / "key.yaml"
    key.write_text(
        "inputs: 2\nlayers:\n"
        "  - {size: 1, weights: [[0.5], [0.2]], biases: 0.25, activation: identity}\n"
        "examples: [{input: [0, 1], output: [0.45], tolerance: 1.0e-9}]\nanswers: {A1: 0.45}\n"
    )
    assert reason_for(netrunner, key, "A1", "0.45000005") == "it is 0.45"


@pytest.mark.parametrize(
    ("answer", "given", "reason"),
    [
        ("shape1: (3,)", 3.0, "right"),
        ("shape1: [(3,)]", 3.0, "right"),
        ("shape1: （3，）", 3.0, "right"),
        ("shape1: [(2, 3)]", "(2, 3)", "A1 is one row: its shape has one number; it is 3"),
        ("shape1: 2x3", "(2, 3)", "A1 is one row: its shape has one number; it is 3"),
        ("shape1: 2", 2.0, "this is how many numbers go into layer 1; it is 3"),
        ("share: 69.6%", 69.6, "right"),
        ("share: [69.6 ％]", 69.6, "right"),
    ],
)
def test_answers_as_people_write_them(
    answer: str, given: object, reason: str, tmp_path: Path, netrunner: Any
) -> None:
    key, student = tmp_path / "key.yaml", tmp_path / "student.yaml"
    answers = "answers: {shape1: 3, share: 69.627909}\n"
    key.write_text(THREE_LAYER.read_text(encoding="utf-8") + answers, encoding="utf-8")
    student.write_text(f"answers:\n  {answer}\n", encoding="utf-8")
    result = netrunner("grade", key, student, "--format", "json")
    assert (result.code, result.err) == (0, "")
    (found,) = [each for each in json.loads(result.out)["answers"] if each["given"] is not None]
    assert (found["given"], found["reason"]) == (given, reason)


def test_a_whole_array_may_be_left_blank(key: Path, tmp_path: Path, netrunner: Any) -> None:
    student = tmp_path / "student.yaml"
    student.write_text("answers:\n  A1: ?\n  A2:\n  Z1: [0.57, ~, ?]\n")
    result = netrunner("grade", key, student, "--format", "json")
    assert (result.code, result.err) == (0, "")
    verdicts = [each["verdict"] for each in json.loads(result.out)["answers"]]
    assert verdicts.count("missing") == 13
    key.write_text(re.sub("A1: .*", "A1: ?", key.read_text(encoding="utf-8")), encoding="utf-8")
    file = read_network(key, load_registry(), blanks_allowed=True)
    (shown,) = [(name, value) for name, _, value in values_of_blanks(file)]
    assert shown == ("A1", "[0.3, 0.7, 1.1]")


@pytest.mark.parametrize("number", ["class 3", "3", "2.0", "'class 7'"])
def test_a_class_is_not_counted_where_its_name_has_a_number(
    number: str, softmax_key: Path, netrunner: Any
) -> None:
    reason = "there is no such class: the outputs are class 0, class 1, class 2; it is class 2"
    assert reason_for(netrunner, softmax_key, "class", number) == reason


@pytest.mark.parametrize(
    ("name", "numbers", "reasons"),
    [
        ("A1", "0.35, 0.75, 1.15", ["x₁ and x₂ were exchanged; it is "] * 3),
        ("A1", "0.35, 0.8, 1.0", ["W was read row by row, and neuron "] * 3),
        ("A2", "0.6162, ?", ["b₂ was added where b₁ is needed; it is 0.5162"]),
        ("A2", "0.540, 1.270", ["Z1 was rounded to 1 decimal before it was used; it is "] * 2),
        ("Z1", "0.3, 0.7, 1.1", ["sigmoid was left out"] * 3),
        ("Z1", "0.6398, ?, ?", ["sigmoid was applied twice; it is 0.5744"]),
        ("Z1", "1.3499, ?, ?", ["the 1 + was left out of 1/(1 + exp(-a)); it is 0.5744"]),
        ("Z2", "0.6225, ?", ["A2 was rounded to 1 decimal before it was used; it is 0.6262"]),
        ("A2", "0.4884, ?", ["this is for example 2; it is 0.5162"]),
    ],
)
def test_of_several_slips_the_one_that_explains_most(
    name: str, numbers: str, reasons: list[str], key: Path, netrunner: Any
) -> None:
    more = "  - {input: [0.4, 0.5], output: [0.314, 0.69], tolerance: 0.001}\nanswers:"
    text = key.read_text(encoding="utf-8").replace("answers:", more)
    key.write_text(text, encoding="utf-8")
    (key.parent / "s.yaml").write_text(f"answers: {{{name}: [{numbers}]}}")
    result = netrunner("grade", key, key.parent / "s.yaml", "--format", "json")
    answers = [each for each in json.loads(result.out)["answers"] if each["given"] is not None]
    for answer, reason in zip(answers, reasons, strict=True):
        assert answer["reason"].startswith(reason)
