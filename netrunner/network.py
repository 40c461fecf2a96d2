"""What a network is: activations, layers, and the network that chains them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Activation:
    name: str
    function: Callable[..., NDArray[Any]]
    elementwise: bool = field(default=True, kw_only=True)
    formula: str = field(default="", kw_only=True)
