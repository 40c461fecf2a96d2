"""What activations are called elsewhere: in other tools, in Chinese and Japanese, and as a call.

No network that is right needs it.
"""

from __future__ import annotations

import re
from unicodedata import normalize

LONGEST = 100  # characters; a longer text is not the name of an activation

# Without 函数 and 单元, which `meant` leaves out. Chinese, simplified and traditional; Japanese.
_OTHER_NAMES = {
    "step": "heaviside 阶跃 单位阶跃 阶梯 階躍 單位階躍 階梯 "
    "ステップ 単位ステップ 階段 ヘビサイド ヘヴィサイド",
    "sigmoid": "logistic s型 s形 逻辑 逻辑斯谛 邏輯 邏輯斯諦 "
    "シグモイド 標準シグモイド ロジスティック",
    "relu": "rectifier 修正线性 线性整流 整流线性 斜坡 修正線性 線性整流 整流線性 "
    "正規化線形 ランプ",
    "identity": "linear none 恒等 恒等映射 线性 恆等 恆等映射 線性 "
    "線形 恒等写像",
    "softmax": "归一化指数 软最大 软最大值 柔性最大 柔性最大值 歸一化指數 軟最大 軟最大值 軟最大値 "
    "ソフトマックス 正規化指数",
    "tanh": "hyperbolic_tangent 双曲正切 雙曲正切 "
    "双曲線正接 双曲正接 双曲線タンジェント ハイパボリックタンジェント",
    "leaky_relu": "带泄露修正线性 带泄漏修正线性 带泄露线性整流 带泄漏线性整流 泄漏修正线性 "
    "渗漏整流线性 泄漏relu 洩漏修正線性 帶洩漏線性整流 滲漏整流線性 "
    "リーキーrelu 漏洩relu",
    "elu": "指数线性 指數線性 指数線形",
    "selu": "缩放指数线性 扩展指数线性 縮放指數線性 擴展指數線性 "
    "スケール化指数線形",
    "celu": "连续可微指数线性 連續可微指數線性 連続微分可能指数線形",
    "gelu": "高斯误差线性 高斯誤差線性 ガウス誤差線形",
    "softplus": "软加 軟加 ソフトプラス",
    "softsign": "软符号 軟符號 ソフトサイン",
    "swish": "silu スウィッシュ スイッシュ",
    "mish": "ミッシュ",
    "hard_sigmoid": "硬sigmoid 硬s型 ハードシグモイド",
    "hard_swish": "硬swish ハードスウィッシュ ハードスイッシュ",
    "log_softmax": "对数softmax 對數softmax 対数ソフトマックス ログソフトマックス",
    "thresholded_relu": "阈值修正线性 阈值relu 閾值修正線性 "
    "しきい値付きrelu しきい値relu",
}  # fmt: skip
_BY_OTHER_NAME = {other: name for name, others in _OTHER_NAMES.items() for other in others.split()}


def meant(name: str) -> str | None:
    """The activation that a name means: by another name, or as scripts and books write it."""
    plain = normalize("NFKC", name[:LONGEST]).lower().strip()
    plain = re.sub(r"^(?:np|nn|torch|tf|keras)\.", "", plain)
    plain = re.sub(r"[ _]?function$|(?:激活|活化|活性化)?(?:函数|函數|関数)$", "", plain).strip()
    plain = re.sub(r"(?:单元|單元|ユニット)$", "", plain).strip()
    return _BY_OTHER_NAME.get(plain, plain if plain != name else None)


def as_call(text: str) -> tuple[str, list[tuple[str, str]]] | None:
    """The name and the arguments in leaky_relu(alpha=0.1), the form in which headings have them.

    An argument without a name has the name "". None if the text is no call.
    """
    call = re.fullmatch(r"\s*([^()]*?)\s*\((.*)\)\s*", text[:LONGEST], re.DOTALL)
    if call is None:
        return None
    given = [each.rpartition("=") for each in call[2].split(",") if call[2].strip()]
    return call[1], [(key.strip(), value.strip()) for key, _, value in given]
