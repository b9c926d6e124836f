"""What is asked of a comparison: names and functions of x or of p, as numbers of one point and as rows of quantum sums.

A mean is ∫A(x)|ψ|²dx + ∫B(p)|ψ̂|²dp: A stands on a grid of twice as many points as ψ has, on which |ψ|² is exact.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner._checks import require
from jaxwigner._types import Array
from jaxwigner.grid import Grid
from jaxwigner.potentials import Potential
from jaxwigner.states import Gaussian
from jaxwigner.studies.compare.observed import NAMES, Named, Own, observables, shapes
from jaxwigner.studies.compare.states import Packet
from jaxwigner.studies.compare.states.state import State
from jaxwigner.studies.compare.tolerances import absolute, fits

OF_X, OF_P = ("position", "potential", "energy", "|x|²"), ("momentum", "kinetic", "energy", "|p|²")


class Beyond(eqx.Module):
    """Whether a point lies on the far side of a barrier."""

    place: Any
    side: Any

    def __call__(self, x: Array, p: Array) -> Array:
        return jnp.where(self.side * (x[0] - self.place) > 0, 1.0, 0.0)


class Component(eqx.Module):
    """One entry of an observable that is a vector."""

    function: Any
    index: tuple[int, ...] = eqx.field(static=True)

    def __call__(self, x: Array, p: Array) -> Array:
        return self.function(x, p)[self.index]


class Asked(NamedTuple):
    """Observables with their functions A(x, p), and whether densities are compared."""

    functions: dict[str, Any]
    density: bool


def asked(observe: Any, potential: Potential, mass: Any, d: int) -> Asked:
    """The observables by name; those with several entries one by one, counted from 1."""
    many = isinstance(observe, (list, tuple, dict))
    every = list(observe if many else [observe])
    if isinstance(observe, dict):
        every = list(observe.values())
        others = [name for name, one in observe.items() if _is_special(one) and name != one]
        require(not others, "observe", "call 'density' and 'transmitted' by these names", others)
    special = [one for one in every if _is_special(one)]
    must = "leave out 'density' and 'transmitted', which are of one coordinate"
    require(d == 1 or not special, "observe", must, ", ".join(special))
    unknown = [one for one in every if isinstance(one, str) and one not in (*NAMES, *special)]
    names = ", ".join((*NAMES, "density", "transmitted"))
    require(not unknown, "observe", f"hold functions of x or p and names among {names}", unknown)
    require(
        len(special) == len(set(special)), "observe", "hold every name once", ", ".join(special)
    )
    rest: list[Any] = [one for one in every if not _is_special(one)]
    plain: Any = tuple(rest)
    if isinstance(observe, dict):
        plain = {name: one for name, one in observe.items() if not _is_special(one)}
    found = observables(plain, potential, mass) if rest else {}
    if (
        special == ["density"] and not rest
    ):  # steps are chosen by a mean: that of which W₁ has the amplitude
        found = observables("position", potential, mass)
    if "transmitted" in special:
        found["transmitted"] = Beyond(0.0, 1.0)
    require(len(found) + len(special) > 0, "observe", "hold an observable at least", observe)
    for name, function in found.items():
        both = isinstance(function, Own) and function.wants == "xp"
        require(not both, "observe", "hold functions of x or of p, not of both", name)
    return Asked(_flat(found, shapes(found, d, jnp.result_type(float))), "density" in special)


def _is_special(one: Any) -> bool:
    return isinstance(one, str) and one in ("density", "transmitted")


def levels(tolerances: Any, name: str, means: np.ndarray, error: float = 0.0) -> float:
    """The least that a tolerance means for means over time of an observable; ∞ where none applies: what does not move has no share."""
    amplitude, least = float(np.ptp(means)), np.inf
    for one in tolerances:
        if not isinstance(one, str):
            moves = amplitude > 1e-3 * float(np.max(np.abs(means))) + 2 * error
            least = min(least, one * amplitude if moves else np.inf)
        elif fits(one, name):
            least = min(least, absolute(one, name))
    return least


def _flat(found: dict[str, Any], shaped: dict[str, tuple[int, ...]]) -> dict[str, Any]:
    flat = {}
    for name, function in found.items():
        for index in np.ndindex(shaped[name]):
            label = "_".join([name, *(str(i + 1) for i in index)])
            flat[label] = Component(function, index) if index else function
    return flat


def with_barrier(functions: dict[str, Any], x: np.ndarray, U: np.ndarray, start: float) -> dict:
    """ "transmitted" is the probability beyond the highest top of U in the box, seen from where the packet starts."""
    if not isinstance(functions.get("transmitted"), Beyond):
        return functions
    # Where the wall of a well is cut off it is no top: U falls again on both sides of one.
    falls = np.minimum.accumulate(U[::-1])[::-1][2:] < U[1:-1]
    tops = np.flatnonzero((U[1:-1] > U[:-2]) & (U[1:-1] >= U[2:]) & falls) + 1
    require(len(tops) > 0, "observe", "ask for 'transmitted' only where U has a barrier", "none")
    top = tops[np.argmax(U[tops])]
    # The vertex of the parabola through three points.
    a, b, c = U[top - 1 : top + 2]
    place = x[top] + 0.5 * (x[1] - x[0]) * (a - c) / (a - 2 * b + c)
    return functions | {"transmitted": Beyond(place, 1.0 if start < place else -1.0)}


def rows(functions: dict[str, Any], fine: Grid, U: np.ndarray) -> np.ndarray:
    """A(x) on the fine grid, (Q, points); `U`: its values there."""
    x = _points(fine.mesh, fine.shape)
    found = [_row(function, x, fine, U) for function in functions.values()]
    return np.stack(found) if found else np.zeros((0, len(x)))


def _points(mesh: Any, shape: tuple[int, ...]) -> np.ndarray:
    return np.stack([np.broadcast_to(m, shape).ravel() for m in mesh], axis=1)


def _row(function: Any, x: np.ndarray, fine: Grid, U: np.ndarray) -> np.ndarray:
    """A(x), nothing where the observable is one of p."""
    if isinstance(function, Beyond):
        return half_line(fine, float(function.place), float(function.side))
    base = function.function if isinstance(function, Component) else function
    if not depends(base, "x"):
        return np.zeros(len(x))
    if isinstance(base, Named) and base.name in ("potential", "energy"):
        return U.ravel()
    zero = jnp.zeros(x.shape[1])
    row = np.asarray(jax.vmap(lambda q: function(q, zero))(jnp.asarray(x)), float)
    must = "be finite wherever the box of the quantum run reaches"
    require(np.isfinite(row), "observe", must, "not")
    return row


def depends(function: Any, letter: str) -> bool:
    """Whether an observable has a part of x, or of p."""
    if isinstance(function, Named):
        return function.name in (OF_X if letter == "x" else OF_P)
    return isinstance(function, Own) and function.wants == letter


def of_momenta(functions: tuple[Any, ...], p: Array) -> Array:
    """B(p) at points (n, d), as (Q, n)."""
    found = []
    for function in functions:
        base = function.function if isinstance(function, Component) else function
        found.append(_of_p(function, base, p))
    return jnp.stack(found) if found else jnp.zeros((0, len(p)))


def _of_p(function: Any, base: Any, p: Array) -> Array:
    if not depends(base, "p"):
        return jnp.zeros(len(p))
    if isinstance(base, Named) and base.name == "energy":
        base = function = Named("kinetic", base.potential, base.mass)
    zero = jnp.zeros(p.shape[1])
    return jax.vmap(lambda one: function(zero, one))(p).astype(p.dtype)


def half_line(fine: Grid, place: float, side: float) -> np.ndarray:
    """Weights whose sum with a band-limited density is its integral from `place` to the end of the box."""
    (n,) = fine.points
    length, lower = float(fine.upper[0] - fine.lower[0]), float(fine.lower[0])
    k = 2 * np.pi * np.fft.fftfreq(n, length / n)
    turned = np.exp(1j * k * (lower + length)) - np.exp(1j * k * place)
    inner = np.where(k == 0, lower + length - place, turned / np.where(k == 0, 1, 1j * k))
    if n % 2 == 0:
        inner[n // 2] = 0.0
    weights = np.real(np.fft.fft(inner * np.exp(-1j * k * lower))) / length
    return weights if side > 0 else 1.0 - weights


class Scaled(State):
    """A Gaussian, the Wigner function of a packet at ħ = 1, as a state at any ħ: its mean stays, its covariance is ħS."""

    packet: Packet

    @classmethod
    def of(cls, gaussian: Gaussian) -> Scaled:
        """From N(m, S) with SJS = J/4, without correlations."""
        S, m = np.asarray(gaussian.covariance, float), np.asarray(gaussian.mean, float)
        d = len(m) // 2
        spread = np.sqrt(np.diag(S))
        pure = np.allclose(S, np.diag(spread**2), atol=1e-9 * spread.min() ** 2)
        pure = pure and np.allclose(spread[:d] * spread[d:], 0.5, rtol=1e-6)
        must = "be a pure Gaussian at ħ = 1 (σ_x σ_p = ½) without correlations, or a Packet"
        require(pure, "state", must, gaussian.covariance)
        q, p, width = (tuple(float(v) for v in part) for part in (m[:d], m[d:], spread[:d]))
        return cls(Packet(q, p, width))

    @property
    def position(self) -> Any:
        return self.packet.position

    def _at(self, hbar: Any) -> Packet:
        assert self.packet.width is not None
        widths = tuple(w * hbar**0.5 for w in self.packet.width)
        return Packet(self.packet.position, self.packet.momentum, widths)

    def wave(self, system, grid, hbar=1.0):
        return self._at(hbar).wave(system, grid, hbar)

    def points(self, system, hbar, uniforms):
        return self._at(hbar).points(system, hbar, uniforms)

    def centre(self, system, hbar=1.0):
        return self.packet.centre(system, hbar)

    def deviations(self, system, hbar=1.0):
        return self._at(hbar).deviations(system, hbar)

    def rim(self, system, hbar=1.0, sigmas=5.2):
        return self._at(hbar).rim(system, hbar, sigmas)
