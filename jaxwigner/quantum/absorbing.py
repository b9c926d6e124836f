"""Ends of a box that absorb: U − iW with W = η s³, s from 0 where an absorber begins to 1 at the seam of the box.

A wave of momentum p that passes an absorber of width w at either end of the box keeps the share e^{−ηwm/ħp} of its mass. Hence, with
λ = 2πħ/p_min the longest wave and p_max the fastest momentum,

    w = n λ,      η = ln(1/ε) ħ p_max/(m w)      so that T(p) = ε^{p_max/p},

and the smooth beginning reflects no more than 4e-8 of what is in the band, at n = 3 for p_max = 4 p_min and n = 4 for a decade
(measured for stationary waves; half of the slowest momentum: 7e-3). Kicks multiply by e^{−Wτ/ħ}, exactly.
"""

from __future__ import annotations

import functools
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner import observables
from jaxwigner._checks import (
    check_integer,
    check_positive_scalar,
    concrete,
    describe,
    each,
    entries,
    require,
)
from jaxwigner._types import Array
from jaxwigner.engine.flows import Absorption, Flow, each_orbital
from jaxwigner.grid import Grid, Scalar
from jaxwigner.potentials.on_grid import with_edge

ENTRY, SEAM = 1 / 3, 0.9  # depths of the strips where it is seen what comes back


class Absorber(eqx.Module):
    """Ends of a box that absorb what comes with momenta from `slowest` to `fastest`, as a potential −iηs³.

    **Arguments:** `slowest`, `fastest`: the smallest and the largest momentum along an axis that arrive (default: four times the
    smallest), positive, may be traced; `tolerance`: the share of the mass at `fastest` that gets through; `widths`: of an absorber, in
    waves 2πħ/slowest (default: 3 for a band of four, 4 for a decade); `axes`: those whose ends absorb (default: all).

    What is slower is reflected (7e-3 at half of `slowest`), what is faster gets through (1e-4 at twice `fastest`), and a run says so.

    **Raises:** `ValueError` for numbers that cannot be right; systems refuse absorbers that do not fit into their box.

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-20.0, 20.0, 256)
    >>> absorb = jw.Absorber(slowest=2.0, fastest=6.0)
    >>> system = jw.Schrodinger(grid, lambda x: 0.0 * x, hbar=0.5, absorb=absorb)
    >>> psi = jw.coherent_state(grid, 0.0, 4.0, hbar=0.5)
    >>> run = jw.evolve(system, psi, duration=12.0, steps=200)
    >>> bool(run.diagnostics.norm[-1] < 1e-6), round(float(run.diagnostics.absorbed[-1]), 6)
    (True, 1.0)
    """

    slowest: Scalar
    fastest: Scalar
    tolerance: Scalar
    widths: Scalar
    axes: tuple[int, ...] | None = eqx.field(static=True)

    def __init__(
        self,
        slowest: Scalar,
        fastest: Scalar | None = None,
        tolerance: Scalar = 1e-8,
        widths: Scalar | None = None,
        axes: Any = None,
    ):
        check_positive_scalar("slowest", slowest)
        self.slowest = slowest
        self.fastest = 4 * slowest if fastest is None else fastest
        check_positive_scalar("fastest", self.fastest)
        if concrete((slowest, self.fastest)):
            must = f"not be smaller than `slowest` ({float(slowest):g})"
            require(self.fastest >= slowest, "fastest", must, fastest)
        check_positive_scalar("tolerance", tolerance)
        if concrete(tolerance):
            require(tolerance < 1, "tolerance", "be smaller than 1", tolerance)
        self.tolerance = tolerance
        self.widths = _enough(self.fastest / slowest) if widths is None else widths
        check_positive_scalar("widths", self.widths)
        for axis in () if axes is None else entries(axes):
            check_integer("axes", axis, at_least=0)
        self.axes = None if axes is None else tuple(int(axis) for axis in entries(axes))


def along(absorb: Absorber, grid: Grid) -> tuple[int, ...]:
    """The axes of a grid whose ends absorb."""
    return tuple(range(grid.dimension)) if absorb.axes is None else absorb.axes


def ending(absorb: Absorber | None, grid: Grid, wraps: bool) -> tuple[int, ...]:
    """The axes along which the box ends, and does not absorb; `wraps`: whether it holds whole periods of a potential."""
    absorbing = () if absorb is None else along(absorb, grid)
    return tuple(axis for axis in with_edge(grid, wraps) if axis not in absorbing)


def width(absorb: Absorber, hbar: Scalar) -> Scalar:
    """w: of an absorber at either end."""
    return absorb.widths * 2 * np.pi * hbar / absorb.slowest


def depths(absorb: Absorber, grid: Grid, hbar: Scalar) -> dict[int, Array]:
    """s on the mesh, by axis: 0 inside, 1 at the seam; no numbers where two absorbers have no room."""
    wide = width(absorb, hbar)
    found = {}
    for axis in along(absorb, grid):
        x, low, high = grid.mesh[axis], grid.lower[axis], grid.upper[axis]
        s = jnp.maximum(jnp.maximum(low + wide - x, x - (high - wide)) / wide, 0.0)
        found[axis] = jnp.where(2 * wide < high - low, s, jnp.nan)
    return found


def strengths(absorb: Absorber, grid: Grid, hbar: Scalar, mass: Any) -> tuple[Scalar, ...]:
    """η of every coordinate."""
    scale = -jnp.log(absorb.tolerance) * hbar * absorb.fastest / width(absorb, hbar)
    return tuple(scale / m for m in each(mass, grid.dimension))


def values(absorb: Absorber, grid: Grid, hbar: Scalar, mass: Any) -> Float[Array, "*mesh"]:
    """W on the mesh of a grid."""
    eta = strengths(absorb, grid, hbar, mass)
    terms = [eta[i] * s**3 for i, s in depths(absorb, grid, hbar).items()]
    return functools.reduce(jnp.add, terms)


def slopes(absorb: Absorber, grid: Grid, hbar: Scalar, mass: Any) -> dict[int, Array]:
    """∂W/∂x by axis."""
    eta, wide = strengths(absorb, grid, hbar, mass), width(absorb, hbar)
    middle = [0.5 * (low + high) for low, high in zip(grid.lower, grid.upper)]
    outwards = {i: jnp.sign(grid.mesh[i] - middle[i]) for i in along(absorb, grid)}
    every = depths(absorb, grid, hbar).items()
    return {i: 3 * eta[i] / wide * outwards[i] * s**2 for i, s in every}


def taking(absorb: Absorber, kick: Flow, decay: Array, tau: Scalar, system: Any) -> Absorption:
    """A kick over τ of a system on a grid, and what this absorber takes meanwhile."""
    watch = Watch(absorb, system.grid, system.hbar, system.mass)
    return Absorption(kick, decay, tau, system.grid.cell, watch)


class Watch(eqx.Module):
    """How much mass comes back for each unit of time: reflected where an absorber begins, and through both at the seam.

    The local momentum of a strip is p = ħ‖∂ψ‖/‖ψ‖ (by differences), its flow ‖ψ‖²p/m over its width; R(p) = e^{−1.09z − 0.54z²},
    z = (pw/ħ)(p_max w ln(1/ε)/ħ)^{−1/5}, the one number on which the reflection by −iηs³ depends while nothing gets through (a fit to
    stationary waves, 0.5 … 1e-6); from the seam on √T(p) gets through, of which √ε is allowed for.
    """

    absorber: Absorber
    grid: Grid
    hbar: Scalar
    mass: Any

    def __call__(self, state: Any) -> Float[Array, ""]:
        every = depths(self.absorber, self.grid, self.hbar)
        return sum((self._along(state, *item) for item in every.items()), start=jnp.zeros(()))

    def _along(self, state: Any, axis: int, s: Array) -> Array:
        ahead = each_orbital(lambda u: jnp.roll(u, -1, axis) - u, state)
        fields = observables.density_of(state), observables.density_of(ahead)
        wide = width(self.absorber, self.hbar)
        begins = (s > 0) & (s < ENTRY), ENTRY * wide, self._reflected
        ends = s > SEAM, 2 * (1 - SEAM) * wide, self._through
        return self._flow(fields, axis, *begins) + self._flow(fields, axis, *ends)

    def _flow(self, fields: Any, axis: int, inside: Array, span: Scalar, share: Any) -> Array:
        mass, change = (jnp.sum(inside * field, axis) for field in fields)
        # From one point to the next a wave changes by 2 sin(pΔ/2ħ).
        sine = 0.5 * jnp.sqrt(change / (mass + jnp.finfo(mass.dtype).tiny))
        momentum = 2 * self.hbar / self.grid.spacing[axis] * jnp.arcsin(jnp.minimum(sine, 1.0))
        speed = momentum / each(self.mass, self.grid.dimension)[axis]
        return jnp.sum(mass * speed / span * share(momentum)) * self.grid.cell

    def _reflected(self, momentum: Array) -> Array:
        one = self.absorber
        waves = width(one, self.hbar) / self.hbar
        z = momentum * waves * (-jnp.log(one.tolerance) * one.fastest * waves) ** -0.2
        return jnp.exp(-1.09 * z - 0.543 * z**2)

    def _through(self, momentum: Array) -> Array:
        ratio = self.absorber.fastest / jnp.maximum(momentum, 1e-3 * self.absorber.slowest)
        half = 0.5 * jnp.log(self.absorber.tolerance)
        return jnp.maximum(jnp.exp(half * ratio) - jnp.exp(half), 0.0)


def _enough(ratio: Any) -> Any:
    """Widths in waves for a band p_max/p_min: one more for each factor of 2.5 beyond 4."""
    xp = np if concrete(ratio) else jnp
    return 3.0 + xp.maximum(xp.log(ratio / 4) / np.log(2.5), 0.0)


def as_absorber(absorb: Any, grid: Grid, hbar: Scalar) -> Absorber | None:
    """`absorb` as systems take it: None, an `Absorber`, the slowest momentum, or the slowest and the fastest.

    **Raises:** `ValueError` where it is none of these, does not fit into the box, or the box is a ring.
    """
    if absorb is None:
        return None
    if not isinstance(absorb, Absorber):
        absorb = _from_momenta(absorb)
    for axis in along(absorb, grid):
        must = f"have `axes` of the grid (0 to {grid.dimension - 1})"
        require(axis < grid.dimension, "absorb", must, f"along axis {axis}")
        must = "leave out the axes of a ring, which has no ends"
        require(not grid.periodic[axis], "absorb", must, f"along axis {axis}")
        if concrete((absorb, hbar, grid)):
            with jax.ensure_compile_time_eval():
                wide, room = float(2 * width(absorb, hbar)), float(grid.length[axis])
            must = f"leave room in a box of length {room:g} (widen it, or take a larger `slowest`)"
            require(wide < room, "absorb", must, f"{wide:.3g} wide at both ends together")
    return absorb


def _from_momenta(absorb: Any) -> Absorber:
    momenta = entries(absorb)
    must = "be an Absorber, the slowest momentum that arrives, or the slowest and the fastest"
    if len(momenta) not in (1, 2) or isinstance(absorb, (str, bytes, dict)):
        raise ValueError(f"Argument `absorb` must {must}, but is {describe(absorb)}")
    try:
        return Absorber(*momenta)
    except ValueError as error:
        raise ValueError(
            f"Argument `absorb` must {must}, but is {describe(absorb)}: {error}"
        ) from error
