"""Mutation: of texts by their tokens and lines, of bytes, and of what binary formats are made of.

All of it draws from the `random.Random` that it is given, and from nothing else.
"""

from __future__ import annotations

import contextlib
import io
import json
import pickletools
import re
import struct
import zipfile
from copy import deepcopy
from functools import cache
from itertools import chain, pairwise
from random import Random
from typing import Any

from .networks import PLAIN
from .seeds import npy, zipped

TOKENS = re.compile(r"\r\n|[\r\n]|[ \t]+|[\w.+-]+|[^\w\s]|\s")
NUMBER, WORD, COMMA = re.compile(r"[-+]?\.?[0-9]"), re.compile(r"\w"), re.compile(",")
ODD_NUMBERS = (
    "0", "1", "2", "3", "4", "-1", "-0", "0.0", "1e400", "-1e400", "1e-400", "1e308", "5e-324",
    "2147483648", "2147483649", "99999999999999999999", "010", "0x1F", "0b1", "1_0", "1:30", "1,5",
    "12:30:45", "1e5", "1e-3", ".5", "5.", "+1", ".nan", ".inf", "-.inf", "NaN", "inf", "２", "½",
    "yes", "~", "", "1 2", "1e", "e1", "--1", "0.1#", "9" * 400, "1" + "0" * 5000, "3.5e38",
)  # fmt: skip
KEYS = (
    "inputs", "layers", "size", "weights", "biases", "activation", "name", "outputs", "examples",
    "input", "output", "tolerance", "dtype", "description", "float32", "float64", "file", "key",
    "transpose", "w.csv", "numpy", "__import__", "sigmod", "Relu", "Infinity", *PLAIN,
)  # fmt: skip
WORDS = (
    *"[]{}:,-&*!|>'\"#%@`?", "\t", " ", "\n", "\n  ", "\n    ", "- ", ": ", ", ", "&a ", "*a", "<<",
    "<<: ", "? ", "|\n", ">-\n", "---\n", "...\n", "!!python/object:os.system ", "!!str ", "!x ",
    "%YAML 1.2\n", "[]", "{}", "[[]]", "''", '""', "null", "true", "：", "，", "［", "　", "\x00",
    "\x1b", "\ufeff", "\u2028", "\x85", "\u202e", "🙂", "é", "\\", "\\x", "\\ud800", '"\\ud800"',
    "inputs: 2\n", "size: 3\n", "biases: 0\n", "alpha", "beta", "{name: elu, alpha: ",
    "{file: w.npy}", "{file: w.npz, key: W1}", "{file: ../w.npy}", "{file: /dev/zero}", "os", "sys",
    *KEYS,
)  # fmt: skip
BYTES = (
    b"\x00",
    b"\xff",
    b"\x80",
    b"\x7f",
    b"\n",
    b"\r",
    b"\xef\xbb\xbf",
    b"\xe5\xb1",
    b"\x93NUMPY",
)
SIZES = (0, 1, 2, 3, 7, 8, 63, 64, 127, 128, 255, 256, 2**15, 2**16, 2**31 - 1, 2**31, 2**32, 2**48)


def text(random: Random, seed: str, other: str, tame: bool = False) -> str:
    """A text a few steps away from `seed`, sometimes with a part of `other` in it.

    A tame step changes what a network file says, and seldom what YAML needs to read it.
    """
    tokens = TOKENS.findall(seed)
    steps, weights = (_TAME, _TAME_WEIGHTS) if tame else (_STEPS, _WEIGHTS)
    for step in random.choices(steps, weights, k=1 + int(random.expovariate(0.8))):
        tokens = step(random, tokens or [""], other)
    return "".join(tokens)


def _at(random: Random, tokens: list[str]) -> int:
    return random.randrange(len(tokens))


def _find(random: Random, tokens: list[str], kind: re.Pattern[str]) -> int | None:
    """The place of a token of that kind."""
    start = _at(random, tokens)
    order = chain(range(start, len(tokens)), range(start))
    return next((i for i in order if kind.match(tokens[i])), None)


def _number(random: Random, tokens: list[str], other: str) -> list[str]:
    if (at := _find(random, tokens, NUMBER)) is not None:
        tokens[at] = random.choice(ODD_NUMBERS)
    return tokens


def _value(random: Random, tokens: list[str], other: str) -> list[str]:
    """A word or a number is another one of the text, a word of the format, or a text in quotes."""
    one, two = (_find(random, tokens, WORD) for _ in range(2))
    if one is not None and two is not None:
        odd = random.choice(WORDS).replace("'", "''")
        tokens[one] = random.choice((tokens[two], random.choice(KEYS), f"'{odd}'"))
    return tokens


def _exchange(random: Random, tokens: list[str], other: str) -> list[str]:
    """Two words or numbers change places."""
    one, two = (_find(random, tokens, WORD) for _ in range(2))
    if one is not None and two is not None:
        tokens[one], tokens[two] = tokens[two], tokens[one]
    return tokens


def _item(random: Random, tokens: list[str], other: str) -> list[str]:
    """A number of a row, or an entry of one word, is left out or comes twice."""
    if (at := _find(random, tokens, COMMA)) is not None:
        end = next((i for i in range(at + 1, len(tokens)) if tokens[i] in ",[]{}\r\n"), at)
        if tokens[end] not in "[{":
            tokens[at:end] = tokens[at:end] * random.choice((0, 2))
    return tokens


def _whole_line(random: Random, tokens: list[str], other: str) -> list[str]:
    """Deletes a line, repeats it, or changes it for the next one."""
    lines = "".join(tokens).split("\n")
    at = random.randrange(len(lines))
    lines[at : at + 2] = lines[at : at + 2][:: random.choice((-1, -1, 2))] * random.choice(
        (1, 1, 2)
    )
    return TOKENS.findall("\n".join(lines))


def _word(random: Random, tokens: list[str], other: str) -> list[str]:
    at = _at(random, tokens)
    tokens[at : at + random.randrange(2)] = [random.choice(WORDS)]
    return tokens


def _delete(random: Random, tokens: list[str], other: str) -> list[str]:
    at = _at(random, tokens)
    del tokens[at : at + random.choice((1, 1, 1, 2, 5, 20))]
    return tokens


def _swap(random: Random, tokens: list[str], other: str) -> list[str]:
    one, two = _at(random, tokens), _at(random, tokens)
    tokens[one], tokens[two] = tokens[two], tokens[one]
    return tokens


def _copy(random: Random, tokens: list[str], other: str) -> list[str]:
    start, to = _at(random, tokens), _at(random, tokens)
    tokens[to:to] = tokens[start : start + random.randint(1, 15)]
    return tokens


def _line(random: Random, tokens: list[str], other: str) -> list[str]:
    """Deletes a line, repeats it, moves it, or indents it otherwise."""
    lines = "".join(tokens).split("\n")
    at = random.randrange(len(lines))
    kind = random.randrange(4)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(at, lines[at])
    elif kind == 2:
        lines.insert(random.randrange(len(lines)), lines.pop(at))
    else:
        lines[at] = " " * random.randrange(7) + lines[at].lstrip()
    return TOKENS.findall("\n".join(lines))


def _splice(random: Random, tokens: list[str], other: str) -> list[str]:
    rest = TOKENS.findall(other) or [""]
    return tokens[: _at(random, tokens)] + rest[_at(random, rest) :]


def _nest(random: Random, tokens: list[str], other: str) -> list[str]:
    depth = random.choice((1, 1, 2, 3, 63, 64, 65, 1500))
    opening, closing = random.choice(
        (("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", ""), ("[[", "]]"))
    )
    at = _at(random, tokens)
    end = min(len(tokens), at + random.randint(0, 4))
    tokens[end:end] = [closing * random.choice((depth, depth, depth - 1))]
    tokens[at:at] = [opening * depth]
    return tokens


def _alias(random: Random, tokens: list[str], other: str) -> list[str]:
    """An anchor somewhere, and aliases of it elsewhere, once or as a bomb."""
    for _ in range(random.choice((1, 1, 2, 6))):
        name = random.choice("abc")
        tokens.insert(_at(random, tokens), f"&{name} ")
        tokens.insert(_at(random, tokens), random.choice((f"*{name}", f"[{f'*{name}, ' * 9}]")))
    return tokens


def _repeat(random: Random, tokens: list[str], other: str) -> list[str]:
    at = _at(random, tokens)
    part = tokens[at : at + random.randint(1, 6)]
    tokens[at:at] = part * random.choice((2, 5, 30, 200))
    return tokens


_STEPS = (_number, _word, _delete, _swap, _copy, _line, _splice, _nest, _alias, _repeat)
_WEIGHTS = (30, 25, 15, 8, 8, 15, 4, 3, 4, 1)
_TAME = (_number, _value, _exchange, _item, _whole_line)
_TAME_WEIGHTS = (30, 30, 10, 15, 15)


def raw(random: Random, data: bytes) -> bytes:
    """Bytes with a few of them flipped, changed, inserted, repeated or cut off."""
    mutated = bytearray(data or b"\x00")
    for _ in range(1 + int(random.expovariate(0.7))):
        at, kind = random.randrange(len(mutated)), random.randrange(7)
        if kind == 0:
            mutated[at] ^= 1 << random.randrange(8)
        elif kind == 1:
            mutated[at] = random.randrange(256)
        elif kind == 2:
            mutated[at:at] = random.choice(BYTES) * random.choice((1, 1, 1, 40))
        elif kind == 3:
            del mutated[at : at + random.choice((1, 1, 4, 16, len(mutated)))]
        elif kind == 4:
            mutated[at:at] = mutated[at : at + random.randint(1, 40)]
        elif kind == 5:
            width = random.choice(("<H", "<I", "<Q", ">I"))
            number = random.choice(SIZES) & (256 ** struct.calcsize(width) - 1)
            mutated[at : at + struct.calcsize(width)] = struct.pack(width, number)
        else:
            mutated[at : at + 1] = str(random.choice(SIZES)).encode()
        mutated = mutated or bytearray(b"\x00")
    return bytes(mutated)


def encoded(random: Random, typed: str) -> bytes:
    """A text as bytes: nearly always UTF-8."""
    if random.random() < 0.99:
        return typed.encode(errors="surrogatepass")
    kind = random.choice(("latin-1", "gbk", "utf-16", "shift-jis", "utf-8-sig"))
    return typed.encode(kind, errors="replace")


def array_file(random: Random, suffix: str, seed: bytes) -> bytes:
    """A file of arrays: its text or header changed, its parts, or just its bytes."""
    if suffix in (".csv", ".json") and random.random() < 0.7:
        return encoded(random, text(random, seed.decode(errors="replace"), "[1,2,3]\n4,5,6"))
    if suffix == ".npy" and random.random() < 0.6:
        return _npy(random, seed)
    if suffix == ".npz" and random.random() < 0.5:
        return _npz(random, seed)
    if suffix == ".safetensors" and random.random() < 0.6:
        return _safetensors(random, seed)
    return raw(random, seed)


_DTYPES = (
    "<f8",
    "<f4",
    ">f8",
    "<f2",
    "<i8",
    "|u1",
    "|b1",
    "<c16",
    "|O",
    "<U3",
    "<M8[s]",
    "<f16",
    "x",
)
_SHAPES = (
    "(2, 3)", "(3,)", "()", "(6,)", "(1, 6)", "(0, 3)", "(-2, -3)", "(4294967296, 4294967296)",
    "(1000000000000,)", "(2, 3,)", "[2, 3]", "(2.0, 3)", "(True, 6)", "(2, 3" * 40,
)  # fmt: skip


def _npy(random: Random, seed: bytes) -> bytes:
    """An .npy with another header: type, order, shape, its own length or version."""
    dtype, shape = random.choice(_DTYPES), random.choice(_SHAPES)
    order = random.choice(("True", "False", "0"))
    header = f"{{'descr': '{dtype}', 'fortran_order': {order}, 'shape': {shape}, }}"
    if random.random() < 0.3:
        header = text(random, header, "{'shape': (2, 3)}")
    written = header.encode(errors="replace")
    written += b" " * (-(len(written) + 11) % 64) + b"\n"
    version = random.choice((1, 1, 1, 2, 3, 4))
    length = len(written) if random.random() < 0.9 else random.choice(SIZES)
    width = "<H" if version == 1 else "<I"
    length &= 256 ** struct.calcsize(width) - 1
    size = random.choice((48, 48, 48, 24, 0, 6, 96, 47))
    data = (
        bytes(random.randrange(256) for _ in range(size)) if random.random() < 0.2 else bytes(size)
    )
    return b"\x93NUMPY" + bytes((version, 0)) + struct.pack(width, length) + written + data


_MEMBERS = (
    "W1.npy",
    "X.npy",
    "A1.npy",
    "Z1.npy",
    "Y.npy",
    "b1.npy",
    "W2.npy",
    "b2.npy",
    "W",
    "",
    ".npy",
    "a/b.npy",
    "a/",
    "../W1.npy",
    "名.npy",
)


def _npz(random: Random, seed: bytes) -> bytes:
    """An archive of mutated members, under names that make sense or none."""
    import numpy as np

    members = {}
    for name in random.sample(_MEMBERS, random.randint(0, 4)):
        shape = [random.randrange(4) for _ in range(random.randrange(4))]
        member = npy(np.ones(shape, random.choice(("f8", "f4", "i2"))))
        members[name] = member if random.random() < 0.6 else raw(random, member)
    archive = zipped(
        members, random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2))
    )
    return archive if random.random() < 0.7 else raw(random, archive)


def _safetensors(random: Random, seed: bytes) -> bytes:
    (length,) = struct.unpack("<Q", seed[:8].ljust(8, b"\x00"))
    header = seed[8 : 8 + min(length, len(seed))].decode(errors="replace")
    if random.random() < 0.5:
        header = text(random, header, json.dumps({"W": {"dtype": "F8_E4M3", "shape": [2]}}))
    else:
        offsets = [random.choice(SIZES[:9]) for _ in range(2)]
        entry = {
            "dtype": random.choice(("F64", "F32", "BF16", "I8", "F8_E4M3", 3)),
            "shape": [random.choice(SIZES) for _ in range(random.randrange(4))],
            "data_offsets": offsets,
        }
        header = json.dumps({random.choice(("W1", "b1", "__metadata__", "")): entry, "b2": entry})
    written = header.encode(errors="replace")
    told = len(written) if random.random() < 0.9 else random.choice(SIZES)
    return struct.pack("<Q", told) + written + bytes(random.choice((0, 8, 48, 200)))


def import_file(random: Random, suffix: str, seed: bytes) -> bytes:
    """Another tool's file, with its parts or its bytes changed."""
    if suffix in (".npz", ".safetensors"):
        return array_file(random, suffix, seed)
    if suffix == ".nnet" and random.random() < 0.8:
        return encoded(random, text(random, seed.decode(errors="replace"), "2,2,2,2\n2,2\n0\n"))
    if suffix == ".onnx" and random.random() < 0.6:
        return _onnx(random, seed)
    if suffix == ".pkl" and random.random() < 0.8:
        return pickled(random, seed)
    if suffix == ".pt" and random.random() < 0.8:
        return _pt(random, seed)
    if suffix in (".keras", ".h5") and random.random() < 0.9:
        return (_keras if suffix == ".keras" else _h5)(random, seed)
    return raw(random, seed)


# What a pickle of arrays or tensors may ask for, a little more, and its plain values.
_GLOBALS = [
    f"c{module}\n{name}\n".encode()
    for module, name in (
        ("numpy", "ndarray"), ("numpy", "dtype"), ("numpy.core.multiarray", "_reconstruct"),
        ("numpy._core.numeric", "_frombuffer"), ("_codecs", "encode"), ("builtins", "print"),
        ("collections", "OrderedDict"), ("torch._utils", "_rebuild_tensor_v2"),
        ("torch._utils", "_rebuild_parameter"), ("torch", "FloatStorage"), ("torch", "Size"),
    )
]  # fmt: skip
_VALUES = [
    b"N", b"\x88", b"\x89", b"K\x00", b"K\x01", b"K\x02", b"M\xff\xff", b"J\xff\xff\xff\xff", b")",
    b"]", b"}", b"G?\xf0\x00\x00\x00\x00\x00\x00", b"X\x02\x00\x00\x00W1", b"X\x02\x00\x00\x00b1",
    b"X\x02\x00\x00\x00f8", b"X\x01\x00\x00\x00<", b"X\x06\x00\x00\x00latin1", b"X\x00\x00\x00\x00",
    b"U\x02f4", b"C\x00", b"C\x08" + bytes(8), b"C\x10" + bytes(16), b"\x8a\x09" + b"\xff" * 9,
    b"K\x01K\x02\x86", b"h\x00",
]  # fmt: skip
_ACTIONS = [
    b"R",
    b"\x81",
    b"b",
    b"a",
    b"s",
    b"u",
    b"e",
    b"t",
    b"(",
    b"0",
    b"2",
    b"q\x00",
    b"\x94",
    b"Q",
]


def pickled(random: Random, seed: bytes) -> bytes:
    """A pickle whose operations are others, in another order, or all made anew."""
    if random.random() < 0.4:
        items = b"".join(
            random.choice((b"X\x02\x00\x00\x00W1", b"X\x02\x00\x00\x00b1")) + _made(random, 3)
            for _ in range(random.randint(1, 2))
        )
        return b"\x80\x02}(" + items + b"u."
    operations = [*_operations(seed)]
    for _ in range(1 + int(random.expovariate(0.7))):
        at = random.randrange(len(operations) + 1)
        kind = random.randrange(5)
        if kind == 0:
            del operations[at : at + random.choice((1, 1, 1, 2, 5))]
        elif kind == 1:
            operations[at : at + random.randrange(2)] = [random.choice(_ACTIONS)]
        elif kind == 2:
            operations[at : at + random.randrange(2)] = [random.choice(_VALUES + _GLOBALS)]
        elif kind == 3:
            operations[at:at] = operations[at : at + random.randint(1, 12)]
        else:
            operations[at:at] = [_made(random, 2)]
    return b"".join(operations)


def _made(random: Random, depth: int) -> bytes:
    """The operations that make a value: called, built or put together in any order."""
    kind = random.random() if depth else 0
    if kind < 0.3:
        return random.choice(_VALUES if random.random() < 0.7 else _GLOBALS)
    one, other = _made(random, depth - 1), _made(random, depth - 1)
    if kind < 0.7:  # called, or made without a call; then often filled
        made = random.choice(_GLOBALS) + _tuple(random, depth - 1) + random.choice((b"R", b"\x81"))
        return made + (_tuple(random, depth - 1) + b"b" if random.random() < 0.5 else b"")
    if kind < 0.8:
        return _tuple(random, depth)
    if kind < 0.9:
        return b"]" + one + b"a"
    return b"}" + one + other + b"s"


def _tuple(random: Random, depth: int) -> bytes:
    items = [_made(random, max(depth - 1, 0)) for _ in range(random.choice((0, 1, 2, 3, 5)))]
    return b"(" + b"".join(items) + b"t"


@cache
def _operations(seed: bytes) -> tuple[bytes, ...]:
    """The operations of a pickle as pieces of its bytes."""
    starts = [at for _, _, at in pickletools.genops(seed) if at is not None]
    return tuple(seed[start:end] for start, end in pairwise([*starts, len(seed)]))


@cache
def _members(seed: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(seed)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _pt(random: Random, seed: bytes) -> bytes:
    """PyTorch's archive, with another pickle in it, or other members."""
    members = {**_members(seed)}
    for name in list(members):
        if name.endswith("data.pkl"):
            members[name] = pickled(random, members[name])
        elif random.random() < 0.1:
            members[name] = raw(random, members[name])
        elif random.random() < 0.05:
            del members[name]
    return zipped(members, zipfile.ZIP_STORED)


def _keras(random: Random, seed: bytes) -> bytes:
    """Keras's archive, with another configuration in it."""
    members = {**_members(seed)}
    members["config.json"] = _changed_json(random, members["config.json"])
    if random.random() < 0.1:
        del members[random.choice([*members])]
    return zipped(members, zipfile.ZIP_STORED)


def _h5(random: Random, seed: bytes) -> bytes:
    """The same in the older format, and attributes and arrays of other kinds."""
    import h5py

    stream = io.BytesIO(seed)
    with h5py.File(stream, "r+") as file:
        config = _changed_json(random, file.attrs["model_config"].encode())
        file.attrs["model_config"] = config.decode()
        found: list[str] = []
        file.visit(found.append)
        for name in random.sample(found, random.randrange(2)):
            is_array = isinstance(file[name], h5py.Dataset)
            del file[name]
            if is_array:
                kind = random.choice(["f2", "f4", "f8", "i8", "S3", "c8"])
                file.create_dataset(
                    name, random.choice([(), (3,), (8, 3), (0, 3), (2, 2, 2)]), kind
                )
            elif random.random() < 0.5:
                file.create_dataset(name, (3,), "f4")
    return stream.getvalue()


def _changed_json(random: Random, text: bytes) -> bytes:
    """JSON of which a few values are others, or each other's."""
    content = json.loads(text)
    for _ in range(1 + int(random.expovariate(0.7))):
        places: list[tuple[Any, Any]] = []
        inside = [content]
        while inside:
            each = inside.pop()
            keys = [*each] if isinstance(each, dict) else range(len(each))
            places += [(each, key) for key in keys]
            inside += [each[key] for key in keys if isinstance(each[key], dict | list)]
        if not places:
            break
        (one, key), (other, of) = random.choices(places, k=2)
        odd = [None, True, -1, 0, 1e308, 2**70, "", "relu", "x" * 300, [], {}, [None], [[1]]]
        one[key] = random.choice([*odd, deepcopy(other[of])])
    return json.dumps(content).encode()


def _onnx(random: Random, seed: bytes) -> bytes:
    """A model of which a few fields, nodes or tensors are changed, at any depth."""
    import onnx

    model = onnx.ModelProto.FromString(seed)
    for _ in range(1 + int(random.expovariate(0.7))):
        _change_message(random, model)
    return model.SerializeToString()


_OPERATORS = (
    "Gemm", "MatMul", "Add", "Mul", "Div", "Sub", "Relu", "Softmax", "Flatten", "Reshape", "Clip",
    "Concat", "Transpose", "Cast", "Squeeze", "Unsqueeze", "BatchNormalization", "Elu", "Loop",
)  # fmt: skip


def _change_message(random: Random, message: Any) -> None:
    fields = message.ListFields()
    if not fields:
        return
    field, value = random.choice(fields)
    repeated = not isinstance(value, (int, float, str, bytes)) and field.message_type is None
    if field.message_type is not None:
        if hasattr(value, "add"):
            kind = random.randrange(6)
            if kind == 0:
                del value[random.randrange(len(value))]
            elif kind == 1:
                value.add().CopyFrom(random.choice(value))
            elif value:
                _change_message(random, random.choice(value))
        else:
            _change_message(random, value)
    elif repeated:
        if random.random() < 0.4:
            value.append(random.choice(value))
        elif random.random() < 0.3:
            del value[random.randrange(len(value))]
        else:
            with contextlib.suppress(ValueError):
                value[random.randrange(len(value))] = _other(random, value[0])
    else:
        with contextlib.suppress(ValueError):  # a number that is not one of the field's
            setattr(message, field.name, _other(random, value))


def _other(random: Random, value: Any) -> Any:
    if isinstance(value, str):
        return random.choice(
            (*_OPERATORS, "W1", "b1", "x", "y", "a", "s", "", "alpha", "axis", "é")
        )
    if isinstance(value, bytes):
        return raw(random, value)
    if isinstance(value, float):
        return random.choice((0.0, 1.0, -1.0, 3e38, float("nan"), float("inf"), 1e-40))
    return random.choice((0, 1, 2, 3, 7, 11, 13, 18, 100, -1))
