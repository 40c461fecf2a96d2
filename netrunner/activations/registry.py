"""The activations that are known, by name, each with where it comes from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from netrunner.activations.activation import Activation, Origin
from netrunner.activations.blame import is_interrupt, raised_by, words_of
from netrunner.activations.guard import Guarded
from netrunner.activations.installed import option_for, shipped_plugins
from netrunner.problems.problem import Fault
from netrunner.problems.suggestions import did_you_mean, nearest
from netrunner.problems.words import quote
from netrunner.process.dataclass import dataclass


@dataclass(frozen=True)
class Registered:
    """An activation in the registry, with its origin and its parameters' defaults."""

    activation: Activation
    origin: Origin
    defaults: Mapping[str, Any]

    def default_of(self, parameter: str, given: Collection[str] = ()) -> Any:
        """The default of a parameter. Raises Fault if the activation has no such parameter.

        One of those that are `given` was not meant.
        """
        if parameter in self.defaults:
            return self.defaults[parameter]
        name = quote(self.activation.name)
        if not self.defaults:
            raise Fault("unknown-parameter", f"activation {name} has no parameters")
        near = nearest(parameter, [each for each in self.defaults if each not in given])
        known = ", ".join(self.defaults)
        message = f"activation {name} has no parameter {quote(parameter)}; it has {known}"
        hint = f"did you mean {near}?" if near else None
        raise Fault("unknown-parameter", message, hint, instead=near)

    def h(self, parameters: Mapping[str, Any] = MappingProxyType({})) -> Guarded:
        """The activation function with these parameters."""
        return Guarded(self.activation, self.origin, parameters)

    def try_parameters(self, parameters: Mapping[str, Any], size: int) -> None:
        """Call the function on `size` neurons, to find out whether it accepts these values.

        Raises Fault with the function's own message if it refuses them by a ValueError.
        """
        refused = self._refusal(parameters, size)
        # If it also refuses the defaults, it refuses the probe, not the values.
        if refused is not None and self._refusal({}, size) is None:
            name = quote(self.activation.name)
            raise Fault("wrong-parameter", f"activation {name}: {words_of(refused)}")

    def _refusal(self, parameters: Mapping[str, Any], size: int) -> ValueError | None:
        """The ValueError that the function itself raises for a few numbers, if any."""
        probe = np.linspace(-1.0, 1.0, min(size, 1000))
        try:
            self.h(parameters).answer(probe)
        except ValueError as error:
            return error if raised_by(error, self.origin.file) else None
        except BaseException as error:
            if is_interrupt(error, self.origin.file):
                raise
        return None  # or a mistake in the function: a run will report it, and where it is


class Registry(Mapping[str, Registered]):
    """The known activations, by name, sorted.

    `broken` are the installed plugins that were left out, as messages name them.
    """

    def __init__(self, registered: Iterable[Registered], broken: Iterable[str] = ()) -> None:
        by_name = {entry.activation.name: entry for entry in registered}
        self._by_name = dict(sorted(by_name.items()))
        self.broken = tuple(broken)

    def __getitem__(self, name: str) -> Registered:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def unknown(self, name: str) -> Fault:
        """The fault of an activation that is not here, with what would help."""
        from netrunner.activations.other_names import meant

        message = f"unknown activation {quote(name)}; known are {', '.join(self)}"
        if self.broken:
            message += f"; left out as broken: {', '.join(self.broken)}"
        known = [*self, *shipped_plugins()]
        near = name if option_for(name) else meant(name)
        if near not in known:
            near = nearest(name.lower(), known)
        hint = did_you_mean(near)
        if near and near not in self:
            option = option_for(near)
            comes = f"comes with netrunner: add --plugins {option}, in Python plugins=[{option!r}]"
            hint = f"it {comes}" if near == name else f"{hint} It {comes}"
        instead = near if near in self else None
        return Fault("unknown-activation", message, hint, instead=instead)
