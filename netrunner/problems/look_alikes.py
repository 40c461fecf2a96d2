"""Characters that look like the ASCII characters of YAML, but are not."""

from __future__ import annotations

from netrunner.problems.words import quote

# Typed by Chinese and Japanese input methods, and by word processors.
LOOK_ALIKES = {
    "：": ":", "，": ",", "、": ",", "；": ";", "．": ".", "。": ".", "＃": "#", "－": "-",
    "［": "[", "］": "]", "【": "[", "】": "]", "｛": "{", "｝": "}", "（": "(", "）": ")",
    "−": "-", "“": '"', "”": '"', "‘": "'", "’": "'", "＂": '"', "＇": "'", "＝": "=",
    "＋": "+", "\u3000": " ", "\xa0": " ",
}  # fmt: skip


def look_alike(char: str) -> tuple[str, str]:
    """What is wrong with a character of LOOK_ALIKES, and what to write."""
    plain = LOOK_ALIKES[char]
    shown = "an ordinary space" if plain == " " else quote(plain)
    return f"{quote(char)} (U+{ord(char):04X}) is not {shown}", f"write {shown}"


def without_look_alikes(text: str) -> str:
    """`text` as it would be if typed in ASCII."""
    return text if text.isascii() else "".join(LOOK_ALIKES.get(char, char) for char in text)
