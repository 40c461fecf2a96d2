"""Sheets: what is asked, in which formats and languages, and the numbers that are drawn."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import yaml
from conftest import NETWORKS, ROOT, THREE_LAYER
from samples import HOSTILE

import netrunner as nr
from netrunner.format.answers import agrees
from netrunner.lesson import random_numbers
from netrunner.lesson.exercise import Blank, Exercise, exercise, variants
from netrunner.views.sheets.content import accepted
from netrunner.views.sheets.formats import FORMATS, LANGUAGE_NAMES
from netrunner.views.sheets.words import LANGUAGES

pytestmark = pytest.mark.watched


def numbers_of(drawn: Exercise) -> dict[str, np.ndarray]:
    """A and Z of each layer, computed here."""
    arrays, X = {}, drawn.trace.input
    for layer in drawn.network.layers:
        A = X @ layer.weights + layer.biases
        arrays[f"A{layer.index}"], arrays[f"Z{layer.index}"] = A, (X := layer.h(A))
    return arrays


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("lang", LANGUAGE_NAMES)
def test_each_format_in_each_language(name: str, lang: str, tmp_path: Path, netrunner: Any) -> None:
    path = tmp_path / f"sheet{FORMATS[name].suffix}"
    result = netrunner("exercise", THREE_LAYER, "--lang", lang, "--output", path)
    assert (result.code, result.out, result.err) == (0, "", f"wrote {path}\n")
    text = path.read_text(encoding="utf-8")
    assert LANGUAGES[lang].task[-10:] in text  # formulas are written in many ways; they come first
    path.rename(tmp_path / "named")
    netrunner("exercise", THREE_LAYER, "--lang", lang, "--output", path, "--format", name)
    assert path.read_text(encoding="utf-8") == text
    if name in ("markdown", "html", "latex"):  # the file to fill in, and no answer
        assert "A1: [?, ?, ?]\n" in text
        assert "0.57" not in text
    assert "netrunner" not in text


@pytest.mark.parametrize("name", FORMATS)
def test_of_a_z_without_its_a_the_sheet_gives_a(name: str, netrunner: Any) -> None:
    """Then only the activation is worked out by hand."""
    sheets = [
        netrunner("exercise", THREE_LAYER, "--blanks", asked, "--format", name, "--output", "-").out
        for asked in ("Z1", "A1,Z1", "Y")
    ]
    gives_a = [bool(re.search(r"0\.3\D+0\.7\D+1\.1\D", sheet)) for sheet in sheets]
    assert gives_a == [True, False, False]


@pytest.mark.parametrize(
    ("lang", "term"), [("zh", "恒等函数 (identity)"), ("ja", "恒等関数 (identity)")]
)
def test_h_is_called_as_in_the_textbooks(lang: str, term: str, netrunner: Any) -> None:
    arguments = ["exercise", THREE_LAYER, "--lang", lang, "--output", "-"]
    assert re.search(f"^## .*{re.escape(term)}$", netrunner(*arguments).out, re.MULTILINE)


def test_the_languages_say_the_same_things() -> None:
    assert tuple(LANGUAGES) == LANGUAGE_NAMES
    for words in LANGUAGES.values():
        assert "A = X·W + B" in words.task
        for field, text in vars(words).items():
            assert set(re.findall(r"{\w*}", text)) == set(
                re.findall(r"{\w*}", getattr(LANGUAGES["en"], field))
            )


def test_the_key_is_a_network_that_check_verifies(tmp_path: Path, netrunner: Any) -> None:
    key = tmp_path / "key.yaml"
    asked = "A1,Z2.1,Y,shape2,Z1.3"
    arguments = ["exercise", THREE_LAYER, "--input", "0.2,-1", "--blanks", asked]
    assert netrunner(*arguments, "--output", tmp_path / "s.md", "--key", key).code == 0
    trace = nr.load(key).trace([0.2, -1.0])
    answers = yaml.safe_load(key.read_text(encoding="utf-8"))["answers"]
    assert list(answers) == ["A1", "Z2.1", "Y", "shape2", "Z1.3"]
    np.testing.assert_allclose(answers["A1"], trace.layers[0].A, atol=1e-8)
    np.testing.assert_allclose(answers["Z2.1"], trace.layers[1].Z[:1], atol=1e-8)
    np.testing.assert_allclose(answers["Y"], trace.output, atol=1e-8)
    assert answers["shape2"] == [2]
    np.testing.assert_array_equal(nr.load(key).examples[0].input, [0.2, -1.0])
    assert netrunner("check", key).code == 0
    text = key.read_text(encoding="utf-8")
    for wrong, code in (
        (text.replace("A1: [", "A1: [7, "), "answer-mismatch"),
        (text.replace("shape2: [2]", "shape2: [3]"), "answer-mismatch"),
        (text.replace("shape2: [2]", "shape4: [3]"), "no-such-array"),
        (text.replace("shape2: [2]", "B2: [3]"), "no-such-array"),
        (text.replace("shape2: [2]", "shape2: [?]"), "blank"),
        (re.sub("examples:(\n  .*){2}", "", text), "missing-key"),
    ):
        key.write_text(wrong, encoding="utf-8")
        result = netrunner("check", key)
        assert (result.code, f"[{code}]" in result.err) == (1, True), (code, result.err)


def test_a_classifier_is_asked_which_class_and_how_sure(tmp_path: Path, netrunner: Any) -> None:
    key = tmp_path / "key.yaml"
    arguments = ["exercise", NETWORKS / "softmax.yaml", "--input", "0.3,2.9,4.0"]
    result = netrunner(*arguments, "--blanks", "class, share", "--output", "-", "--key", key)
    assert "Which class is the most likely?" in result.out
    answers = yaml.safe_load(key.read_text(encoding="utf-8"))["answers"]
    assert answers["class"] == ["class 2"]
    assert answers["share"] == [pytest.approx(73.659691)]
    assert netrunner("check", key).code == 0
    key.write_text(key.read_text(encoding="utf-8").replace("[class 2]", "class 1"))
    message = "answers: class, number 1: found class 1, expected 'class 2' [answer-mismatch]"
    assert message in netrunner("check", key).err


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--blanks", "A4"], 1, "there is no 'A4' to leave blank"),
        (["--blanks", "A1.4"], 1, "there is no 'A1.4'"),
        (["--blanks", "A1,"], 1, "there is no ''"),
        (["--blanks", "W1"], 1, "there is no 'W1'"),
        (["--blanks", "class"], 1, "there is no class to leave blank: it needs several outputs"),
        (["--blanks", "share"], 1, "that are shares of 1, as from softmax"),
        (["--row", "2"], 1, "there is no row 2"),
        (["--seed", "1", "--input", "1,2"], 2, "leave --input out"),
        (["--variants", "2", "--output", "-"], 2, "give --output a name"),
        (["--key", "key.txt"], 1, "must end in .yaml"),
        (["--input", "1e308,1e308"], 0, ""),
    ],
)
def test_what_cannot_be_asked(
    options: list[str], code: int, words: str, tmp_path: Path, netrunner: Any
) -> None:
    result = netrunner("exercise", THREE_LAYER, "--output", tmp_path / "sheet.md", *options)
    assert result.code == code
    assert words in result.err


def test_what_is_not_finite_or_too_much_cannot_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    net = nr.from_arrays([([[1e308], [1e308]], 0, "identity")])
    with pytest.raises(nr.NetrunnerError, match="nothing can be asked about this run"):
        exercise(net, [1.0, 1.0])
    with pytest.raises(nr.NetrunnerError, match="300 blanks are too many"):
        exercise(nr.from_arrays([(np.ones((1, 150)), 0, "step")]), [1.0])
    monkeypatch.setattr(random_numbers, "MOST_DRAWN", 10_000)
    with pytest.raises(nr.NetrunnerError, match="no suitable numbers were found"):
        exercise(nr.from_arrays([(np.ones((1, 100)), 0, "sigmoid")]), None, ["Y.1"], 1)


def test_of_a_batch_one_row_is_asked(tmp_path: Path, netrunner: Any) -> None:
    arguments = ["exercise", THREE_LAYER, "--input", "1,2", "--input", "3,4", "--row", "2"]
    netrunner(*arguments, "--output", tmp_path / "s.md", "--key", tmp_path / "k.yaml")
    np.testing.assert_array_equal(nr.load(tmp_path / "k.yaml").examples[0].input, [3, 4])


class TestDrawnNumbers:
    @pytest.mark.parametrize("name", ["three_layer", "softmax", "iris"])
    @pytest.mark.parametrize(
        "seeds",
        [
            pytest.param(range(100), id="100 seeds"),
            pytest.param(range(100, 1000), id="1,000 seeds", marks=pytest.mark.slow),
        ],
    )
    def test_they_work_out_by_hand(self, name: str, seeds: range) -> None:
        net = nr.example(name)
        for seed in seeds:
            drawn = exercise(net, None, (), seed)
            one_decimal = [drawn.trace.input]
            one_decimal += [
                a for layer in drawn.network.layers for a in (layer.weights, layer.biases)
            ]
            for array in one_decimal:
                np.testing.assert_array_equal(array, np.round(array, 1))
                assert (array != 0).all()
                assert (np.abs(array) < 2).all()
            arrays = numbers_of(drawn)
            answers = [*drawn.trace.input.tolist()]
            for layer in drawn.network.layers:
                A, Z = arrays[f"A{layer.index}"], arrays[f"Z{layer.index}"]
                assert (np.abs(A) <= 3).all()
                answers += A.tolist()
                if layer.activation.name == "sigmoid":  # nowhere flat
                    assert (Z * (1 - Z) > 0.05).all()
                if layer.activation.name != "identity":  # which repeats A
                    answers += Z.tolist()
            asked = [blank.value for blank in drawn.blanks]
            np.testing.assert_allclose(np.sort(asked), np.sort(answers[net.input_size :]))
            assert min(map(abs, answers)) > 0.005
            looks = [f"{abs(answer) + 1e-9:.2g}" for answer in answers]
            assert len({*looks}) == len(answers)

    def test_a_step_a_relu_and_a_plugin(self) -> None:
        layers = [(np.ones((2, 3)), 0, "step"), (np.ones((3, 2)), 0, "relu")]
        layers += [(np.ones((2, 2)), 0, "tanh")]
        net = nr.from_arrays(layers, plugins=[ROOT / "plugins" / "tanh.py"])
        for seed in range(50):
            made = exercise(net, None, (), seed)
            arrays = numbers_of(made)
            assert {*arrays["Z1"].tolist()} == {0.0, 1.0}
            assert {*(arrays["A2"] > 0).tolist()} == {True, False}
            assert (1 - arrays["Z3"] ** 2 > 0.05).all()
            assert made.asked == ("A1", "Z1", "A2", "Z2", "A3", "Z3")

    def test_one_neuron_with_a_kink_is_on_either_side_over_its_seeds(self) -> None:
        gate = nr.from_arrays([(np.ones((2, 1)), 0, "step")])
        outputs = [exercise(gate, None, (), seed).trace.output.item() for seed in range(40)]
        assert 10 < sum(outputs) < 30
        chain = nr.from_arrays([(np.ones((1, 1)), 0, name) for name in ("relu", "identity")])
        for seed in range(10):  # a 0 in the middle would leave only the bias of the last layer
            assert exercise(chain, None, (), seed).trace.layers[0].Z.all()

    def test_what_the_old_weights_did_is_not_said_of_new_ones(self) -> None:
        for name, title, outputs in (
            ("and", "step 2-1", None),
            ("iris", "sigmoid softmax 4-2-3", 3),
        ):
            drawn = exercise(nr.example(name), None, (), 1).network
            assert (drawn.name, drawn.description) == (title, "")
            assert {layer.name for layer in drawn.layers} == {None}
            assert (drawn.output_names and len(drawn.output_names)) == outputs

    def test_the_share_of_one_neuron_is_nothing_to_work_out(self) -> None:
        net = nr.from_arrays([(np.ones((2, 1)), 0, "softmax")])
        with pytest.raises(nr.NetrunnerError, match="of a single neuron is always 1"):
            exercise(net, None, (), 1)

    def test_the_same_seed_draws_the_same(self, tmp_path: Path, netrunner: Any) -> None:
        sheets = []
        for seed in (5, 5, 6):
            netrunner("exercise", THREE_LAYER, "--seed", seed, "--output", tmp_path / "s.md")
            sheets.append((tmp_path / "s.md").read_text(encoding="utf-8"))
        assert sheets[0] == sheets[1] != sheets[2].replace("(6)", "(5)")

    def test_weights_without_room_are_in_a_file_for_the_students(
        self, tmp_path: Path, netrunner: Any
    ) -> None:
        sheet, key = tmp_path / "sheet.md", tmp_path / "key.yaml"
        arguments = ["exercise", NETWORKS / "digits.yaml", "--seed", 1, "--blanks", "class"]
        assert netrunner(*arguments, "--output", sheet, "--key", key).code == 0
        text = sheet.read_text(encoding="utf-8")
        assert "its numbers are in the network file sheet-network.yaml." in text
        x = [float(number) for number in re.search("X =\n([^`]*)", text)[1].split()]  # type: ignore[index]
        net = nr.load(tmp_path / "sheet-network.yaml")
        (digit,) = yaml.safe_load(key.read_text(encoding="utf-8"))["answers"]["class"]
        assert net.output_names is not None
        assert net.output_names[int(net(x).argmax())] == digit
        assert net.examples == ()
        assert netrunner(*arguments, "--output", "-").code == 2

    def test_a_classs_worth(self, tmp_path: Path, netrunner: Any) -> None:
        sheet, key = tmp_path / "sheet.html", tmp_path / "key.yaml"
        arguments = ["exercise", THREE_LAYER, "--variants", 12, "--seed", 3]
        assert netrunner(*arguments, "--output", sheet, "--key", key).code == 0
        names = {path.name for path in tmp_path.iterdir()}
        expected = {f"sheet-{i:02}.html" for i in range(1, 13)}
        assert names == expected | {f"key-{i:02}.yaml" for i in range(1, 13)}
        keys = [path.read_text(encoding="utf-8") for path in sorted(tmp_path.glob("key*"))]
        assert len(set(keys)) == 12
        netrunner("exercise", THREE_LAYER, "--seed", 5, "--output", "-", "--key", key)
        assert key.read_text(encoding="utf-8") == keys[2]
        assert netrunner("check", *sorted(tmp_path.glob("key-*"))).code == 0


def test_no_two_variants_are_alike(
    tmp_path: Path, netrunner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(random_numbers, "_INPUTS", [2, 3])
    monkeypatch.setattr(random_numbers, "_WEIGHTS", [5, -7])
    monkeypatch.setattr(random_numbers, "_BIASES", [3])
    monkeypatch.setattr("netrunner.lesson.exercise.MOST_ALIKE", 30)
    net = nr.from_arrays([([[1]], 0, "identity")])
    made = variants(net, (), 1, 3)
    arrays = [(each.trace.input[0], each.network.layers[0].weights[0, 0]) for each in made]
    assert len({*arrays}) == 3
    nr.save(net, tmp_path / "n.yaml")
    arguments = ("exercise", tmp_path / "n.yaml", "--variants", "30")
    result = netrunner(*arguments, "--output", tmp_path / "s.md")
    assert result.code == 1
    assert "--variants: error: only 4 variants that differ were found" in result.err


def test_moodle_has_a_number_for_each_blank(tmp_path: Path, netrunner: Any) -> None:
    path = tmp_path / "quiz.xml"
    asked = ["--blanks", "A1,Z1,shape2,class", "--variants", "3"]
    assert netrunner("exercise", NETWORKS / "iris.yaml", *asked, "--output", path).code == 0
    category, *questions = ElementTree.parse(path).getroot()
    assert (category.attrib["type"], category.findtext("category/text")) == (
        "category",
        "$course$/top/sigmoid softmax 4-2-3",
    )
    assert [each.findtext("name/text") for each in questions] == [
        f"Exercise: sigmoid softmax 4-2-3 ({i})" for i in (1, 2, 3)
    ]
    for seed, question in enumerate(questions, 1):
        assert question.attrib["type"] == "cloze"
        text = question.findtext("questiontext/text") or ""
        assert "Count the classes from 1 (setosa is 1)" in text
        clozes = re.findall(r"\{1:NUMERICAL:([^}]+)\}", text)
        assert len(clozes) == text.count("{") == 6
        blanks = exercise(nr.example("iris"), None, ["A1", "Z1", "shape2", "class"], seed).blanks
        for cloze, blank in zip(clozes, blanks, strict=True):
            value, _, tolerance = cloze.split("~")[0].removeprefix("=").partition(":")
            assert float(value) == pytest.approx(blank.value, abs=1e-8)
            assert (tolerance == "0") == blank.is_whole


def moodle_accepts(cloze: list[tuple[str, str]], text: str) -> bool:
    """As Moodle's question/type/numerical/question.php has it."""
    return any(
        abs(float(text) - float(value)) <= float(off) + 1e-14 * max(1, abs(float(value)))
        for value, off in cloze
    )


@pytest.mark.parametrize(
    "value", [0.57444252, 0.3, -0.345, 0.97, 12.0449, 73.659691, 0.0182, 1.21402696, 4e-7, 0.0996]
)
def test_moodle_accepts_what_grade_accepts(value: float) -> None:
    """On both sides of each edge: of the tolerance, and of each digit."""
    cloze = accepted(Blank("A1", 1, value))
    texts = {f"{value:.{digits}g}" for digits in range(2, 12)}
    for number, off in cloze:
        center, width = float(number), float(off)
        for step in (width, 1e-9 * abs(value)):
            texts |= {
                f"{center + side * step * near:.17g}" for side in (1, -1) for near in (0.999, 1.001)
            }
    for digits in range(2, 6):  # the neighbours of each rounding
        unit = 10.0 ** (np.floor(np.log10(abs(value))) + 1 - digits)
        texts |= {f"{value + k * unit:.{digits}g}" for k in (-2, -1, 0, 1, 2)}
    both = {}
    for text in {f"{Decimal(f'{float(text):.12g}'):f}" for text in texts}:
        with_zero = text + ("0" if "." in text else ".0")  # which Moodle cannot tell apart
        ours = agrees(text, value) or agrees(with_zero, value)
        both[text] = (moodle_accepts(cloze, text), ours)
    assert {text for text, (moodle, ours) in both.items() if moodle != ours} == set()
    assert len({ours for _, ours in both.values()}) == 2


@pytest.mark.parametrize("name", FORMATS)
def test_an_array_without_room_is_told_by_its_shape(name: str) -> None:
    stream = io.StringIO()
    net = nr.example("digits")
    made = replace(exercise(net, net.examples[0].input, ["class"]), file="digits.yaml")
    FORMATS[name].write([made], "en", stream)
    text = stream.getvalue().replace("\\:", ":")
    assert "W has the shape (64, 50): its numbers are in the network file digits.yaml." in text
    assert len(text) < 10_000
    assert re.search(
        "0 +0 +9 +16 +10 +1 +0 +0", text
    )  # the input is in full, a row of the picture a line


def test_the_answer_file_of_a_wide_layer_fits_the_page(tmp_path: Path, netrunner: Any) -> None:
    sheet, key, empty = (tmp_path / name for name in ("sheet.md", "key.yaml", "empty.yaml"))
    arguments = ["exercise", NETWORKS / "digits.yaml", "--blanks", "A1"]
    netrunner(*arguments, "--output", sheet, "--key", key)
    template = sheet.read_text(encoding="utf-8").partition("```yaml\n")[2].partition("```")[0]
    assert max(map(len, template.splitlines())) <= 70
    empty.write_text(template)
    result = netrunner("grade", key, empty)
    assert (result.code, result.out.count("missing")) == (0, 50)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["pdflatex", "lualatex"])
@pytest.mark.parametrize("lang", LANGUAGE_NAMES)
def test_latex_compiles(engine: str, lang: str, tmp_path: Path) -> None:
    if shutil.which(engine) is None:
        pytest.skip(f"there is no {engine}")
    names = ['a_b % & # $ {x} ~ ^ \\ <b> "q" `|']
    if engine == "pdflatex" and lang != "en":
        pytest.skip("pdflatex is for sheets in ASCII")
    if engine == "lualatex":
        package = {"en": "ctex.sty", "zh": "ctexart.cls", "ja": "ltjsarticle.cls"}[lang]
        if not subprocess.run(["kpsewhich", package], capture_output=True, check=False).stdout:
            pytest.skip(f"there is no {package}")
        names += ["隐藏层", "名前"]
    nets = [nr.example(name) for name in ("three_layer", "iris", "digits")]
    nets += [nr.from_arrays([(np.eye(2), 0, "softmax", n)], name=n, inputs=[n, "x"]) for n in names]
    nets += [nr.from_arrays([(np.eye(30) / 3, 0, "relu")])]
    sheets = [exercise(net, np.full(net.input_size, 0.25), ["A1", "Y", "shape1"]) for net in nets]
    for number, sheet in enumerate(sheets):
        with (tmp_path / f"{number}.tex").open("w", encoding="utf-8") as stream:
            FORMATS["latex"].write([sheet], lang, stream)
        command = [engine, "-interaction=nonstopmode", "-halt-on-error", f"{number}.tex"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
        assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
        assert b"Overfull \\hbox" not in done.stdout


class Text(HTMLParser):
    """The text and the tags of a page; an open tag without an end is an error."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.open = "", list[str]()
        self.tags = set[str]()
        self.feed(html)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.add(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_text_in_every_format(name: str) -> None:
    layers = [(np.eye(2), 0, "softmax", name)]
    net = nr.from_arrays(layers, name=name, inputs=[name, "x"], outputs=[name, "y"])
    made = exercise(net, [1.0, 0.5], ["A1", "class"])
    texts = {}
    for each in FORMATS.values():
        stream = io.StringIO()
        each.write([made], "en", stream)
        texts[each.name] = stream.getvalue()
        assert "\x1b" not in texts[each.name]
    page = Text(texts["html"])
    assert not page.tags & {"script", "img"}
    questions = ElementTree.fromstring(texts["moodle"].encode())
    body = questions[1].findtext("questiontext/text") or ""
    assert not Text(body).tags & {"script", "img"}
    assert body.count("{") == 3
    latex = texts["latex"].partition("\\begin{verbatim}")[0]
    assert latex.isascii() or latex.startswith("% Compile with xelatex or lualatex, and ctex")
    assert latex.replace("\\{", "").count("{") == latex.replace("\\}", "").count("}")
    assert "\\input" not in latex
    gift = texts["gift"]
    assert len(re.findall(r"(?<!\\)\{#", gift)) == 3
    assert len(re.findall(r"(?<!\\)::", gift)) == 8


def test_a_name_does_not_end_the_answer_file_in_latex() -> None:
    net = nr.from_arrays([(np.eye(2), 0, "sigmoid")], name="\\end{verbatim}\\input{x}")
    stream = io.StringIO()
    FORMATS["latex"].write([exercise(net, None, (), 1)], "en", stream)
    assert stream.getvalue().count("\\end{verbatim}") == 1


def test_a_neuron_of_an_array_that_is_asked_is_not_asked_again(tmp_path: Path) -> None:
    net = nr.load(THREE_LAYER)
    assert exercise(net, [1.0, 0.5], ["A1.2", "A1", "Z1.1"]).asked == ("A1", "Z1.1")


@pytest.mark.parametrize("name", ["key.txt", "none/key.yaml", "folder.yaml"])
def test_a_key_that_cannot_be_written_leaves_no_sheet(
    name: str, tmp_path: Path, netrunner: Any
) -> None:
    (tmp_path / "folder.yaml").mkdir()
    sheet = tmp_path / "sheet.md"
    result = netrunner("exercise", THREE_LAYER, "--output", sheet, "--key", tmp_path / name)
    assert result.code == 1
    assert str(tmp_path / name) in result.err
    assert not sheet.exists()


def test_a_key_over_the_network_or_the_sheet(tmp_path: Path, netrunner: Any) -> None:
    network, sheet = tmp_path / "net.yaml", tmp_path / "sheet.md"
    text = THREE_LAYER.read_text(encoding="utf-8")
    network.write_text(text, encoding="utf-8")
    assert netrunner("exercise", network, "--output", sheet, "--key", network).code == 1
    assert netrunner("exercise", network, "--output", sheet, "--key", sheet).code == 2
    assert (network.read_text(encoding="utf-8"), sheet.exists()) == (text, False)
