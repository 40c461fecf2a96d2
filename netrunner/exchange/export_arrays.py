"""The weights and biases alone: .npz and .safetensors, under the names W1, B1, W2, B2, …

Both hold W as netrunner does, (inputs, size), so that a network file can name them as they are;
PyTorch's Linear.weight is the transpose.
"""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np

from netrunner.format.save import arrays_of
from netrunner.network.network import Network


def npz_bytes(network: Network) -> bytes:
    """The arrays as the bytes of an .npz file."""
    stream = io.BytesIO()
    np.savez(stream, **arrays_of(network))
    return stream.getvalue()


def safetensors_bytes(network: Network) -> bytes:
    """The arrays as the bytes of a .safetensors file, its activations in the metadata.

    The format is https://github.com/huggingface/safetensors: the length of a JSON header, the
    header, the bytes of the arrays.
    """
    activations = [[layer.activation.name, dict(layer.parameters)] for layer in network.layers]
    header: dict[str, Any] = {
        "__metadata__": {
            "format": "netrunner",
            "network": network.name,
            "activations": json.dumps(activations, ensure_ascii=False),
        }
    }
    data, end = [], 0
    for name, array in arrays_of(network).items():
        start, end = end, end + array.nbytes
        kind = {"float64": "F64", "float32": "F32"}[array.dtype.name]
        header[name] = {"dtype": kind, "shape": array.shape, "data_offsets": [start, end]}
        data.append(array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes())
    text = json.dumps(header, ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    return b"".join([len(text).to_bytes(8, "little"), text, *data])
