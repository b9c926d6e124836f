"""What can be evolved: du/dt = (A + B)u, where the flows of A (the drift) and of B (the kick) are each exact."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import equinox as eqx

from jaxwigner._types import Array
from jaxwigner.engine.methods import Method
from jaxwigner.grid import Scalar

Flow = Callable[[Any], Any]  # a state to the state a time τ later


class System(eqx.Module):
    """An equation du/dt = (A + B)u given by its two exact half-flows; everything else is shared by `evolve`."""

    independent: ClassVar[bool] = False
    """Whether every configuration of a cloud moves by itself, whatever the others do."""

    @property
    def reversible(self) -> bool:
        """Whether −τ undoes its flows; not where something is lost."""
        return True

    def check_method(self, method: Method) -> None:
        """Refuses, in one sentence, a method that does not go with this equation."""

    @abstractmethod
    def drift_flow(self, tau: Scalar) -> Flow:
        """The exact flow of free transport over τ, prepared: a module called on a state."""

    @abstractmethod
    def kick_flow(self, tau: Scalar) -> Flow:
        """The exact flow of the potential over τ, prepared."""

    @abstractmethod
    def enter(self, state: Any) -> Any:
        """The state as the flows take it: checked, of one precision, without modes that no flow inverts."""

    @abstractmethod
    def diagnose(self, state: Any) -> dict[str, Array]:
        """`norm`, `energy`, `kinetic`, `spectral_tail` and `edge_mass` of a state."""

    def modified_kick_flow(self, tau: Scalar, weight: Scalar) -> Flow:
        """The exact flow of U − weight·|∇U|²/m over τ; only systems with a gradient of U have it."""
        name = type(self).__name__
        raise ValueError(f"Argument `method` must not need a modified kick, but {name} has none")

    def drift(self, state: Any, tau: Scalar) -> Any:
        """Free transport of a state over τ."""
        return self.drift_flow(tau)(state)

    def kick(self, state: Any, tau: Scalar) -> Any:
        """Action of the potential on a state over τ."""
        return self.kick_flow(tau)(state)

    def coordinates(self) -> dict[str, Any]:
        """Names and values of the axes of a state, for labelled results."""
        return {}

    def observables(self) -> dict[str, Callable[[Any], Any]]:
        """What `evolve(…, observe="name")` finds by name: functions of a state; of any system `energy`, `kinetic`, `norm`, `potential`.

        >>> import jaxwigner as jw
        >>> newton = jw.Newton(lambda x: 0.5 * x**2)
        >>> float(newton.observables()["energy"](jw.Particles([1.0], [3.0], [1.0])))
        5.0
        """
        of = self.diagnose
        known = {name: lambda u, name=name: of(u)[name] for name in ("energy", "kinetic", "norm")}
        return known | {"potential": lambda u: (lambda s: s["energy"] - s["kinetic"])(of(u))}

    def observed_axes(self) -> dict[str, dict[str, Any]]:
        """Names and values of the axes of what is observed by name; None where an axis counts coordinates."""
        return {}
