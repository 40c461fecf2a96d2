"""What a sheet says, in each of its languages, with the terms of the textbooks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netrunner.activations.activation import Array
    from netrunner.lesson.exercise import Blank
    from netrunner.network.trace import LayerTrace


@dataclass(frozen=True)
class Words:
    """The sentences of a sheet. `layer` has places for its number, its name, and h."""

    language: str
    title: str
    task: str
    input: str
    layer: str
    named: str
    output: str
    large: str
    shape: str
    which: str
    from_one: str
    by_name: str
    first_is: str
    share: str
    template: str
    student: str

    def heading(self, step: LayerTrace) -> str:
        """The layer, as a heading."""
        name = "" if step.name is None else self.named.format(name=step.name)
        h = _ACTIVATIONS.get((self.language, step.activation_text), step.activation_text)
        return self.layer.format(index=step.index, name=name, h=h)

    def too_large(self, symbol: str, array: Array, file: str) -> str:
        """What a sheet says about an array that it has no room for."""
        return self.large.format(symbol=symbol, shape=array.shape, file=file)

    def question(self, blank: Blank, by_number: bool = False) -> str:
        """What is asked about the output as a whole, or about a shape.

        A class is asked for by its name, if it has one, or `by_number`, for tools that take only
        numbers.
        """
        if blank.array.startswith("shape"):
            return self.shape.format(symbol=f"A{blank.layer}", shapes=blank.shapes)
        if blank.array == "share":
            return self.share
        if not blank.classes:
            return self.which + self.from_one
        how = self.first_is if by_number and not blank.names_are_numbers else self.by_name
        return self.which + how.format(name=blank.classes[0])


# The textbooks' terms for h.
_ACTIVATIONS = {
    ("zh", "step"): "阶跃函数 (step)",
    ("zh", "sigmoid"): "sigmoid 函数",
    ("zh", "relu"): "ReLU 函数 (relu)",
    ("zh", "identity"): "恒等函数 (identity)",
    ("zh", "softmax"): "softmax 函数",
    ("ja", "step"): "ステップ関数 (step)",
    ("ja", "sigmoid"): "シグモイド関数 (sigmoid)",
    ("ja", "relu"): "ReLU関数 (relu)",
    ("ja", "identity"): "恒等関数 (identity)",
    ("ja", "softmax"): "ソフトマックス関数 (softmax)",
}

_ALL = (
    Words(
        language="en",
        title="Exercise: {name}",
        task="Work out A = X·W + B and Z = h(A), one layer after the other. "
        "Give at least two significant digits.",
        input="The input",
        layer="Layer {index}{name}: h is {h}",
        named=", {name}",
        output="The output",
        large="{symbol} has the shape {shape}: its numbers are in the network file {file}.",
        shape="{shapes} → ? How many numbers are in {symbol}?",
        which="Which class is the most likely? ",
        from_one="Give its number, counted from 1.",
        by_name="Give its name.",
        first_is="Count the classes from 1 ({name} is 1), and give its number.",
        share="How sure is the network, in percent?",
        template="Your file of answers: write your answer in place of each ?.",
        student="Name",
    ),
    Words(
        language="zh",
        title="练习：{name}",
        task="逐层计算 A = X·W + B 和 Z = h(A)。至少保留两位有效数字。",
        input="输入",
        layer="第 {index} 层{name}，激活函数 h：{h}",
        named="“{name}”",
        output="输出",
        large="{symbol} 的形状是 {shape}：数值见网络文件 {file}。",
        shape="{shapes} → ? {symbol} 有几个元素？",
        which="哪个类别的概率最大？",
        from_one="写出它的编号（从 1 开始）。",
        by_name="写出它的名称。",
        first_is="各类别从 1 开始编号（{name} 为 1），写出它的编号。",
        share="网络认为它的概率是百分之多少？",
        template="答案文件：把每个 ? 换成你的答案。",
        student="姓名",
    ),
    Words(
        language="ja",
        title="演習問題：{name}",
        task="入力側の層から順に、A = X·W + BとZ = h(A)を計算しなさい。"
        "有効数字2桁以上で答えなさい。",
        input="入力",
        layer="第{index}層{name}：hは{h}",
        named="「{name}」",
        output="出力",
        large="{symbol}の形状は{shape}。数値はネットワークファイル{file}にある。",
        shape="{shapes} → ? {symbol}の要素は何個か。",
        which="確率が最も高いクラスはどれか。",
        from_one="番号（1から数える）を書きなさい。",
        by_name="クラス名を書きなさい。",
        first_is="クラスに1から番号を付け（{name}が1）、その番号を書きなさい。",
        share="その確率は何パーセントか。",
        template="解答ファイル：?をそれぞれ答えに書き換えなさい。",
        student="氏名",
    ),
)
LANGUAGES = {each.language: each for each in _ALL}
