"""Eigenstates as initial states: a level that is displaced, the ground state of another potential, a canonical ensemble of levels."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaxwigner import units
from jaxwigner._checks import (
    check_integer,
    check_scalar,
    concrete,
    per_axis,
    require,
)
from jaxwigner.grid import Grid, Scalar
from jaxwigner.potentials import Potential, as_potential
from jaxwigner.studies.compare.states.levels import Found, bound_levels
from jaxwigner.studies.compare.states.orbitals import Own
from jaxwigner.studies.compare.states.own import OwnSystem
from jaxwigner.studies.compare.states.tabled import Tabled

RARE = 1e-11  # population, in that of the ground state, below which a level is left out
FREE = 1e-6  # population that may lie above dissociation
COLDEST = 0.05  # K: 5000 K times `units.kelvin` is less
LARGEST = 512  # levels of an ensemble


class Level(Tabled):
    """The n-th eigenstate of a potential with the masses of the system, displaced (d = 1, 2).

    **Arguments:** `n`: 0 is the ground state; `of`: the potential, a `Potential` or a function of d coordinate arrays (default: that of
    the system); `shift`: by how much it is displaced, a number or one for each coordinate; `near`: a point in its well, where there
    are several or it is narrow (default: the deepest within 1000 bohr, in d = 2 within 100).

    **Raises:** `ValueError`, when it is used, for a potential without a well, a level that is not bound (it says how many are), and a
    table that ends too early.

    >>> import jaxwigner as jw
    >>> from jaxwigner import OwnSystem
    >>> oh = OwnSystem(jw.potentials.Morse(0.1994, 1.189, 1.821), 1728.539)
    >>> state = jw.Level(1, shift=0.2)
    >>> round(float(state.centre(oh)[0][0]), 4)
    2.1104
    """

    n: int
    of: Potential | None
    shift: tuple[Scalar, ...]
    near: tuple[Scalar, ...] | None

    def __init__(self, n: int, of: Any = None, shift: Any = 0.0, near: Any = None):
        check_integer("n", n, at_least=0)
        shift = units.quantity(shift, "length", "shift")
        self.n = int(n)
        self.of = None if of is None else as_potential(of)
        self.shift = per_axis("shift", shift, max(1, np.size(shift)))
        self.near = _place(near)

    def own(self, system: OwnSystem, hbar: float) -> Own:
        """The level on a grid that goes with the displacement."""
        found = levels_of(system, self.of, hbar, self.n + 1, self.near)
        if len(found.energies) <= self.n:
            must = f"be below {len(found.energies)}, the number of bound levels"
            raise ValueError(f"Argument `n` must {must}, but is {self.n}")
        several = len(self.shift) > 1
        shift = per_axis("shift", self.shift if several else self.shift * system.d, system.d)
        lower, upper = (
            tuple(float(a + s) for a, s in zip(ends, shift))
            for ends in (found.grid.lower, found.grid.upper)
        )
        return Own(Grid(lower, upper, found.grid.points), np.ones(1), found.states[[self.n]])


def _place(near: Any) -> tuple[Scalar, ...] | None:
    """A point in a well as numbers, where one is given."""
    if near is None:
        return None
    near = units.quantity(near, "length", "near")
    return per_axis("near", near, max(1, np.size(near)))


class Lift(Level):
    """The vibrational ground state of another potential, lifted to this one (Franck and Condon): `Level(0, of=potential)`.

    **Arguments:** `potential`: of the electronic state that the molecule comes from; `near`: as for `Level`.

    >>> import jaxwigner as jw
    >>> from jaxwigner import OwnSystem
    >>> upper = OwnSystem(jw.potentials.Morse(0.02, 0.9, 5.7), 58000.0)
    >>> state = jw.Lift(jw.potentials.Morse(0.057, 0.98, 5.04))
    >>> round(float(state.centre(upper)[0][0]), 3)
    5.049
    """

    def __init__(self, potential: Any, near: Any = None):
        super().__init__(0, of=as_potential(potential), near=near)


class Thermal(Tabled):
    """The canonical ensemble of the levels of a potential, Σ_n e^{−E_n/k_BT}|n⟩⟨n|/Z, a mixed state (d = 1, 2).

    **Arguments:** `kelvin`: the temperature in kelvin, ≥ 0, a plain number or "300 K"; `of`: a potential (default: that of the
    system); `near`: as for `Level`.

    **Raises:** `ValueError` for a temperature that looks as if it were multiplied by `jw.units.kelvin`; when it is used, as `Level`,
    and for a temperature at which more than 1e-6 of the molecules are not bound.

    >>> import jaxwigner as jw
    >>> from jaxwigner import OwnSystem
    >>> well = OwnSystem(jw.potentials.Harmonic(1e-4), 1.0)  # ω = 0.01 hartree
    >>> dq, dp = jw.Thermal(3000.0).deviations(well)
    >>> round(float(dp[0] ** 2), 9)  # (ω/2) coth(ω/2k_BT)
    0.010361806
    """

    kelvin: Scalar
    of: Potential | None
    near: tuple[Scalar, ...] | None

    def __init__(self, kelvin: Any, of: Any = None, near: Any = None):
        if isinstance(kelvin, str):
            kelvin = units.quantity(kelvin, "temperature", "kelvin") / units.kelvin
        check_scalar("kelvin", kelvin)
        if concrete(kelvin):
            must = (
                f"be a number of kelvin, 0 or at least {COLDEST} (not multiplied by `units.kelvin`)"
            )
            require(kelvin == 0 or kelvin >= COLDEST, "kelvin", must, kelvin)
        self.kelvin = kelvin
        self.of = None if of is None else as_potential(of)
        self.near = _place(near)

    def own(self, system: OwnSystem, hbar: float) -> Own:
        """The levels whose population counts."""
        temperature = float(self.kelvin) * units.kelvin
        number = 4
        while True:
            found = levels_of(system, self.of, hbar, number, self.near)
            shares = _populations(found.energies, temperature)
            if len(found.energies) < number:
                _check_bound(found, temperature, shares, self.kelvin)
            if len(found.energies) < number or shares[-1] < RARE:
                break
            number = max(2 * number, _number(found.energies, temperature))
            must = f"leave at most {LARGEST} levels that count"
            require(number <= LARGEST, "kelvin", must, self.kelvin)
        kept = shares >= RARE
        weights = shares[kept] / shares[kept].sum()
        return Own(found.grid, weights, found.states[: len(shares)][kept])


def _number(energies: np.ndarray, temperature: float) -> int:
    """About how many levels count, from the last distance between two that are known."""
    rest = max(-temperature * np.log(RARE) - (energies[-1] - energies[0]), 0.0)
    return min(len(energies) + int(1.1 * rest / (energies[-1] - energies[-2])), LARGEST)


def _populations(energies: np.ndarray, temperature: float) -> np.ndarray:
    """e^{−(E_n − E_0)/k_BT}."""
    apart = energies - energies[0]
    if temperature == 0:
        return (apart <= 0).astype(float)
    return np.exp(-apart / temperature)


def _check_bound(found: Found, temperature: float, shares: np.ndarray, kelvin: Any) -> None:
    """What lies above dissociation does not count."""
    require(len(found.energies) > 0, "potential", "have a bound level", "none")
    if temperature == 0:
        return
    above = np.exp(-(found.limit - found.energies[0]) / temperature)
    must = f"leave the molecule bound (at most {FREE:g} of the population at the threshold)"
    require(above <= FREE * shares.sum(), "kelvin", must, kelvin)


def levels_of(system: OwnSystem, of: Any, hbar: float, n: int, near: Any) -> Found:
    """The lowest n levels of a potential with the masses of the system."""
    own = system if of is None else OwnSystem(of, system.mass, system.d)
    return bound_levels(own, hbar, n, near)
