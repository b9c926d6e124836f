"""Natural units of a system in atomic units: mass m, frequency ω and a length make numbers of order one.

    x = L x′,  t = t′/ω,  p = mωL p′,  E = mω²L² E′,  ħ′ = ħ/(mωL²):   iħ′∂ψ/∂t′ = (−½ħ′²Δ′ + U′)ψ,  U′(x′) = U(Lx′)/(mω²L²),

with mass 1, and stiffness 1 where U″ = mω². For another mass in each coordinate L_j = L√(m/m_j), so that all of them are 1. With L = 1
bohr distances stay as they are, and ħ′ says how quantum mechanical the system is; the ground state of the well has the variance ħ′/2,
as a coherent state.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Num

from jaxwigner._checks import (
    check_finite_complex,
    check_masses,
    check_positive_scalar,
    concrete,
    require,
)
from jaxwigner._types import Array
from jaxwigner.grid import Grid, Scalar
from jaxwigner.potentials import Potential, as_potential
from jaxwigner.potentials._parameters import cast
from jaxwigner.potentials.potential import Bounds
from jaxwigner.studies.compare.states.own import slide
from jaxwigner.units import quantity


class Natural(eqx.Module):
    """Units in which a system has mass 1 and frequency 1, each in atomic units: divide by them on the way in, multiply on the way out.

    **Attributes:** `length`, `momentum`: numbers, or one for each coordinate where masses differ; `time`, `energy`, `action`: numbers;
    `hbar`: ħ in units of the action, the number that `Schrodinger`, `coherent_state` and `resolve` take (mass 1).
    """

    mass: Scalar | tuple[Scalar, ...]
    frequency: Scalar
    scale: Scalar

    @property
    def length(self) -> Any:
        """The unit of length in bohr."""
        if not isinstance(self.mass, tuple):
            return self.scale
        return tuple(self.scale * (self.mass[0] / m) ** 0.5 for m in self.mass)

    @property
    def momentum(self) -> Any:
        """The unit of momentum in ħ/bohr."""
        if not isinstance(self.mass, tuple):
            return self.mass * self.frequency * self.scale
        lengths = self._lengths(len(self.mass))
        return tuple(m * self.frequency * x for m, x in zip(self.mass, lengths))

    @property
    def time(self) -> Scalar:
        """The unit of time in ħ/E_h: 1/ω."""
        return 1.0 / self.frequency

    @property
    def action(self) -> Scalar:
        """The unit of action in ħ."""
        first = self.mass[0] if isinstance(self.mass, tuple) else self.mass
        return first * self.frequency * self.scale**2

    @property
    def energy(self) -> Scalar:
        """The unit of energy in hartree."""
        return self.action * self.frequency

    @property
    def hbar(self) -> Scalar:
        """ħ′: the real ħ in these units."""
        return 1.0 / self.action

    def _lengths(self, d: int) -> tuple[Any, ...]:
        """The unit of length of each coordinate."""
        check_masses(self.mass, d)
        return self.length if isinstance(self.mass, tuple) else (self.scale,) * d

    def potential(self, potential: Any) -> Potential:
        """U in these units: a potential of the natural coordinates.

        **Arguments:** `potential`: a `Potential` in atomic units, or a function of d coordinate arrays.
        """
        return InUnits(as_potential(potential), self.length, self.energy)

    def grid(self, grid: Grid) -> Grid:
        """A grid in bohr, in these units."""
        return _stretched(grid, [1.0 / length for length in self._lengths(grid.dimension)])

    def atomic_grid(self, grid: Grid) -> Grid:
        """A grid in these units, in bohr."""
        return _stretched(grid, self._lengths(grid.dimension))

    def wave(self, psi: Num[Array, "*shape"], grid: Grid) -> Num[Array, "*shape"]:
        """ψ on a grid in bohr, on the same points in these units; `grid`: either of the two."""
        return self._wave(psi, grid, 0.5)

    def atomic_wave(self, psi: Num[Array, "*shape"], grid: Grid) -> Num[Array, "*shape"]:
        """ψ in these units on the same points in bohr, where its norm is ∫|ψ|² dx; `grid`: either of the two."""
        return self._wave(psi, grid, -0.5)

    def _wave(self, psi: Any, grid: Grid, power: float) -> Any:
        require(isinstance(grid, Grid), "grid", "be a Grid", grid)
        check_finite_complex("psi", psi, grid.shape)
        volume = 1.0
        for length in self._lengths(grid.dimension):
            volume = volume * length
        return jnp.asarray(psi) * volume**power


def _stretched(grid: Grid, factors: Any) -> Grid:
    """The same points at so many times the coordinates."""
    require(isinstance(grid, Grid), "grid", "be a Grid", grid)
    lower = tuple(x * s for x, s in zip(grid.lower, factors))
    upper = tuple(x * s for x, s in zip(grid.upper, factors))
    return Grid(lower, upper, grid.points, periodic=grid.periodic)


class InUnits(Potential):
    """U(Lx)/E for units of length and of energy; one length, or one for each coordinate.

    >>> import jaxwigner as jw
    >>> from jaxwigner.studies.compare.natural import InUnits
    >>> float(InUnits(jw.potentials.Harmonic(3.0), 2.0, 12.0).hessian_bound)
    1.0
    """

    inner: Potential
    length: Scalar | tuple[Scalar, ...]
    energy: Scalar

    @property
    def dimension(self) -> int | None:
        known = self.inner.dimension
        several = self.length if isinstance(self.length, tuple) else None
        return len(several) if known is None and several else known

    def _moved(self, x: Any) -> tuple[list[Array], tuple[Array, ...]]:
        """The units of length in the type of the coordinates, and these in atomic units."""
        x = self.coordinates(*x)
        one = self.length
        lengths = one if isinstance(one, tuple) else (one,) * len(x)
        units = [cast(length, x[0]) for length in lengths]
        return units, tuple(unit * q for unit, q in zip(units, x))

    def __call__(self, *x: Any) -> Array:
        _, q = self._moved(x)
        value = self.inner(*q)
        return value / cast(self.energy, value)

    def gradient(self, *x: Any) -> tuple[Array, ...]:
        units, q = self._moved(x)
        slopes = self.inner.gradient(*q)
        return tuple(s * unit / cast(self.energy, s) for s, unit in zip(slopes, units))

    @property
    def bounds(self) -> Bounds:
        lengths = self.length if isinstance(self.length, tuple) else (self.length,)
        longest = jnp.max(jnp.stack([jnp.asarray(length, float) for length in lengths]))
        powers = (0, 0, 1, 2, 3)
        scaled = zip(self.inner.bounds, powers)
        return Bounds(*(jnp.asarray(b) * longest**k / self.energy for b, k in scaled))

    @property
    def period(self) -> Any:
        period = self.inner.period
        if period is None or isinstance(self.length, tuple):
            return None
        return period / self.length

    @property
    def domain(self) -> tuple[Any, Any]:
        lengths: Any = np.asarray(self.length) if concrete(self.length) else self.length
        lengths = jnp.stack(lengths) if isinstance(lengths, tuple) else lengths
        first, last = (end / lengths for end in self.inner.domain)
        return first, last


def natural(
    mass: Any,
    frequency: Any = None,
    *,
    potential: Any = None,
    near: Any = None,
    length: Any = 1.0,
) -> Natural:
    """Natural units of a system in atomic units: mass m, angular frequency ω, and a length (1 bohr).

    **Arguments:**

    - `mass`: m in electron masses, a number or one for each coordinate (the first is the unit).
    - `frequency`: ω in E_h/ħ; or instead of it `potential` and `near`: that of the well (d = 1) into which the point `near` slides.
    - `length`: L in bohr. Default: 1, distances stay as they are. √(1/mω) makes ħ′ = 1. Text with units is taken as well ("0.948 u").

    **Returns:** a `Natural`, whose attributes are units: `duration / units.time`, `potential = units.potential(U)`, `units.hbar`.

    **Raises:** `ValueError` for masses, frequencies or lengths that are not positive, none or two frequencies, or a potential without a
    well there.

    >>> import jaxwigner as jw
    >>> from jaxwigner.units import fs
    >>> morse = jw.potentials.Morse(0.1994, 1.189, 1.821)  # OH, hartree and bohr
    >>> oh = jw.natural(1728.539, potential=morse, near=1.8)
    >>> U, hbar = oh.potential(morse), float(oh.hbar)
    >>> make = lambda grid: jw.Schrodinger(grid, U, hbar)
    >>> plan = jw.resolve(make, duration=float(20 * fs / oh.time), position=2.2)
    >>> round(hbar, 6), plan.grid.points[0] < 200, plan.steps < 1000
    (0.032033, True, True)
    """
    mass = check_masses(quantity(mass, "mass", "mass"))
    length = quantity(length, "length", "length")
    check_positive_scalar("length", length)
    both = (frequency is None) == (potential is None)
    must = "be given, or else `potential` and `near`, not both"
    require(not both, "frequency", must, frequency)
    if frequency is None:
        near = None if near is None else quantity(near, "length", "near")
        frequency = _frequency(mass, potential, near)
    frequency = quantity(frequency, "frequency", "frequency")
    check_positive_scalar("frequency", frequency)
    return Natural(mass, frequency, length)


def _frequency(mass: Any, potential: Any, near: Any) -> Any:
    """√(U″/m) at the bottom of a well of one coordinate."""
    require(not isinstance(mass, tuple), "mass", "be one number beside `potential`", mass)
    must = "be given as a point in the well of `potential`"
    require(near is not None and jnp.ndim(near) == 0, "near", must, near)
    well = slide(as_potential(potential), (jnp.asarray(near, float),))
    stiffness = well.hessian[0, 0]
    small = jnp.abs(well.apart[0]) <= 1e-5 * jnp.maximum(jnp.abs(well.position[0]), 1e-3)
    good = (stiffness > 0) & small
    if concrete(good):
        require(bool(good), "near", "lie in a well of `potential` with a curved bottom", near)
    return jnp.sqrt(jnp.where(good, stiffness, jnp.nan) / mass)
