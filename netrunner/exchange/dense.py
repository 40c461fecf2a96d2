"""A chain of dense layers, built step by step from what another tool's file says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netrunner.exchange.recast import Recast
from netrunner.problems.problem import Fault

MAX_DIAGONAL = 2**22  # elements of all the matrices that only scale

Floats = NDArray[np.floating[Any]]


@dataclass
class DenseLayer:
    """A layer as a file has it: `weights` (inputs, size), `biases` (size,).

    `said_by` is what messages call the part of the file that asks for the activation.
    """

    weights: Floats
    biases: Floats
    activation: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    name: str | None = None
    said_by: str = ""


@dataclass
class Imported:
    """What the reader of a format returns: layers, and what is known about them.

    `origin` says in a few words what the file is; `example_input` is a typical input; `inputs` and
    `outputs` are the names of the neurons at both ends. `name` and `description` are empty where
    the file has none.
    """

    layers: list[DenseLayer]
    dtype: np.dtype[Any]
    origin: str
    example_input: Floats | None = None
    inputs: tuple[str, ...] | None = None
    outputs: tuple[str, ...] | None = None
    name: str = ""
    description: str = ""


def batch_normalisation(
    gamma: Any, beta: Any, mean: Any, variance: Any, epsilon: float
) -> tuple[Any, Any]:
    """What a trained batch normalisation does, as x · scale + shift."""
    scale = gamma / np.sqrt(variance + epsilon)
    return scale, beta - mean * scale


class Chain:
    """Builds dense layers from a sequence of steps on a vector.

    Scaling and shifting of single values becomes part of the linear step before it, or else of the
    one after it. This is computed in float64, whatever the weights are. `width` is the number of
    values at this point.
    """

    def __init__(self, width: int) -> None:
        self.layers: list[DenseLayer] = []
        self.width = width
        self._linear: tuple[Floats, Floats, str | None] | None = None
        self._affine: tuple[Floats, Floats] | None = None  # not yet in a linear step
        self._diagonal = 0

    def affine(self, scale: Floats | float, shift: Floats | float) -> None:
        """x becomes x · scale + shift, element by element."""
        s, t = (np.broadcast_to(np.float64(each), (self.width,)) for each in (scale, shift))
        with np.errstate(all="ignore"):  # the caller checks the numbers of the network
            if self._linear is not None:
                weights, biases, name = self._linear
                if np.any(s != 1):
                    weights, biases = weights * s, biases * s
                self._linear = weights, biases + t, name
            elif self._affine is not None:
                self._affine = self._affine[0] * s, self._affine[1] * s + t
            else:
                self._affine = s, t

    def linear(self, weights: Floats, biases: Floats | float, name: str | None = None) -> None:
        """x becomes x·weights + biases; a linear step just before it becomes a layer of its own."""
        if self._linear is not None:
            self.activation("identity")
        biases = np.broadcast_to(np.float64(biases), weights.shape[1:])
        if self._affine is not None:
            scale, shift = self._affine
            with np.errstate(all="ignore"):
                biases = shift @ weights.astype(np.float64) + biases
                if np.any(scale != 1):
                    weights = scale[:, None] * weights
            self._affine = None
        self._linear = weights, biases, name
        self.width = weights.shape[1]

    def pick(self, at: NDArray[np.intp], scale: Floats | float = 1.0) -> None:
        """x becomes x[at] · scale: part of a linear step before it, or one of its own."""
        if self._linear is None:
            weights = np.zeros((self.width, len(at)), np.float32)
            weights[at, np.arange(len(at))] = scale
            self.linear(weights, 0.0)
        else:
            weights, biases, name = self._linear
            self._linear = weights[:, at] * scale, biases[at] * scale, name
            self.width = len(at)

    def activation(
        self,
        activation: str,
        parameters: Mapping[str, Any] | None = None,
        said_by: str = "",
        name: str | None = None,
    ) -> None:
        """x becomes h(x): the end of a layer.

        Raises Fault if the layer would need a large matrix that only scales.
        """
        if self._linear is None:
            scale, shift = self._affine or (np.ones(self.width), np.zeros(self.width))
            self._diagonal += self.width**2
            if self._diagonal > MAX_DIAGONAL:
                message = f"{activation} without a dense layer before it needs a matrix for it"
                raise Fault("too-large", f"{message}, too large at a width of {self.width:,}")
            self._linear = np.diag(scale), shift, name
            self._affine = None
        weights, biases, linear_name = self._linear
        self.layers.append(
            DenseLayer(weights, biases, activation, parameters or {}, linear_name, said_by)
        )
        self._linear = None

    def recast(self, recast: Recast, said_by: str = "") -> None:
        """x becomes what another tool's activation gives for it. Raises Fault, as `activation`."""
        if recast.before != 1:
            self.affine(recast.before, 0.0)
        self.activation(recast.activation, recast.parameters, said_by)
        if (recast.after, recast.shift) != (1, 0):
            self.affine(recast.after, recast.shift)

    def end_layer(self, name: str | None = None) -> None:
        """Make a layer with the identity of the steps not yet in a layer, if any."""
        if self._linear is not None or self._affine is not None:
            self.activation("identity", name=name)
