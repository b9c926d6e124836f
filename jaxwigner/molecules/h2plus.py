"""The hydrogen molecular ion H2+: its two lowest electronic levels, and surfaces made from them.

H2+ is the smallest molecule to which the theorem of Ambrosio, Friesecke and Giannoulis (AFG)
applies: N = 1 electron, M = 2 nuclei at the distance R. Equation (2) of AFG reads, in atomic units,

    U(R) = E(R) + 1/R,     E(R) = inf spec(−½Δ − 1/r_a − 1/r_b),     R = |R_1 − R_2|,

with U_b = E bounded and Lipschitz and U_s = 1/R. `electronic_energy` solves the electronic problem
to rounding errors; `bounded_part` and `surface` are potentials for dynamics, made from a table.
The levels are "1ssg", 1sσ_g, the ground state, and "2psu", 2pσ_u, the lowest odd one.
"""

from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import check_choice, check_positive_scalar, check_scalar, concrete, require
from jaxwigner._types import Array
from jaxwigner.molecules import _spheroidal as spheroidal
from jaxwigner.molecules._curves import ElectronicCurve as ElectronicCurve
from jaxwigner.molecules._curves import EnergyCurve as EnergyCurve
from jaxwigner.molecules._h2plus_series import PARITY

Energy = Float[Array, ""]

LOWER = 0.01
UPPER = 60.0
"""The range of distances, in bohr, in which the electronic problem is solved."""

CROSSOVER = 20.0
"""Beyond this distance the flux through the midplane is the more exact form of the gap."""


def electronic_energy(distance: Any, level: str = "1ssg", *, check: bool = True) -> Energy:
    """Electronic energy E(R) of H2+ with fixed nuclei, E_el of AFG, equation (2).

    Laguerre ⊗ Legendre Galerkin in prolate spheroidal coordinates. The error, measured with larger
    bases, is below 3e-12 Ha for 0.01 ≤ R < 0.05 and below 1e-14 Ha for 0.1 ≤ R ≤ 60 (float64).
    Derivatives of every order are exact (Hellmann–Feynman and its derivatives): 1e-11 and 1e-8
    for the first and second where R < 0.1, near rounding beyond. Use `jax.vmap` for many distances,
    within `jax.jit`: a thousand take about 10 ms.

    **Arguments:**

    - `distance`: R in bohr, between 0.01 and 60.
    - `level`: "1ssg" or "2psu".
    - `check`: whether to check R at run time where it is traced; a concrete R is always checked.

    **Returns:** E(R) in Hartree, a scalar, without the repulsion 1/R.

    **Raises:** `ValueError` for a distance out of the range (an error of equinox under `jax.jit`) or
    an unknown level.

    >>> from jaxwigner.molecules import h2plus
    >>> f"{h2plus.electronic_energy(2.0):.11f}"
    '-1.10263421449'
    """
    check_choice("level", level, PARITY)
    return spheroidal.energy(_within_range(distance, check), PARITY[level])


def energy(distance: Any, level: str = "1ssg", *, check: bool = True) -> Energy:
    """Energy U(R) = E(R) + 1/R of H2+ with fixed nuclei: AFG, equation (2).

    **Arguments, range, errors:** those of `electronic_energy`.

    **Returns:** U(R) in Hartree, a scalar.

    >>> import jax
    >>> from jaxwigner.molecules import h2plus
    >>> f"{h2plus.energy(2.0):.11f}", f"{h2plus.energy(2.0, '2psu'):.11f}"
    ('-0.60263421449', '-0.16753439220')
    >>> abs(float(jax.grad(h2plus.energy)(1.99719332))) < 1e-9
    True
    """
    return electronic_energy(distance, level, check=check) + 1 / _floating(distance)


def gap(distance: Any, *, check: bool = True) -> Energy:
    """Gap E_u(R) − E_g(R) > 0 between the two lowest levels: AFG, Remark 6.

    Where the gap is positive, U_b is C¹ and the Liouville equation holds. The gap of H2+ never
    closes, but falls like (4/e)Re^{−R}. It is the difference of two energies for R ≤ 20, and the
    flux through the midplane beyond, so that it keeps its relative accuracy: 2e-8 at R = 20,
    1e-6 at R = 50, 2e-5 at R = 60.

    **Arguments:** `distance`: R in bohr, between 0.01 and 60; `check`: see `electronic_energy`.

    **Returns:** the gap in Hartree, a scalar.

    **Raises:** `ValueError` for a distance out of the range.

    >>> from jaxwigner.molecules import h2plus
    >>> f"{h2plus.gap(2.0):.9f}", f"{h2plus.gap(40.0):.3e}"
    ('0.435099822', '2.527e-16')
    """
    distance = _within_range(distance, check)
    difference = spheroidal.energy(distance, 1) - spheroidal.energy(distance, 0)
    return jnp.where(distance <= CROSSOVER, difference, spheroidal.splitting(distance))


def error_estimate(distance: Any, level: str = "1ssg", *, check: bool = True) -> Energy:
    """Estimate of the error of `electronic_energy`: what a smaller basis changes, and rounding.

    The basis is taken from (112, 40) to (84, 32) functions. Galerkin's energies fall as the basis
    grows, so that the estimate, made with the worse of both, is cautious.

    **Arguments, errors:** those of `electronic_energy`.

    **Returns:** the estimate in Hartree, a positive scalar.

    >>> from jaxwigner.molecules import h2plus
    >>> float(h2plus.error_estimate(2.0)) < 1e-14
    True
    """
    check_choice("level", level, PARITY)
    distance, parity = _within_range(distance, check), PARITY[level]
    fine = spheroidal.energy(distance, parity)
    coarse = spheroidal.energy(distance, parity, spheroidal.COARSE)
    rounding = 16 * float(jnp.finfo(distance.dtype).eps)
    return jnp.abs(coarse - fine) + rounding * jnp.abs(fine)


def bounded_part(level: str = "1ssg") -> ElectronicCurve:
    """The bounded part U_b(x) = E(|x|) of the potential (2) of AFG, where U = U_b + 1/|x|.

    A Chebyshev series of 64 terms, smooth on 0 ≤ R ≤ ∞, cheap enough for particles: its error is
    below 3e-12 Ha, that of its gradient below 2e-11 for R ≥ 0.1 and 6e-9 down to 0. For the ground
    state −2 = E(0) ≤ U_b ≤ E(∞) = −½, sup|U_b′| = 0.6636 and sup|U_b″| = 16/3, the latter at R = 0.
    These two are measured on a fine grid and rounded up by 1e-6; they hold in any dimension.

    **Arguments:** `level`: "1ssg" or "2psu".

    **Returns:** a `Potential`, of one coordinate R in bohr, or of the d coordinates of R_1 − R_2.

    **Raises:** `ValueError` for an unknown level.

    >>> from jaxwigner.molecules import h2plus
    >>> curve = h2plus.bounded_part()
    >>> f"{curve(2.0):.10f}", curve.lower_bound, curve.upper_bound
    ('-1.1026342145', -2.0, -0.5)
    """
    check_choice("level", level, PARITY)
    return ElectronicCurve(level)


def surface(level: str = "1ssg", *, lower: Any = 0.1) -> EnergyCurve:
    """The potential U(R) = E(R) + 1/R of the distance R of the nuclei: AFG, equation (2).

    A sum of `bounded_part` and the repulsion, to the same accuracy for every R ≥ `lower`: at large
    R it follows −½ − 9/(4R⁴) − …. Below `lower`, where no packet may get, 1/R is replaced by its
    Taylor polynomial of degree 3 about `lower`, and U_b(R) by U_b(|R|). The result is finite, C² and
    repulsive on the whole line, as grids and Wigner's equation need it.

    With `hbar` = ε = (m_e/m_n)^{1/2} (see `units`) the relative motion has mass ½.

    **Arguments:**

    - `level`: "1ssg" or "2psu".
    - `lower`: the distance in bohr from which on U is exact, in (0, 1]; it may be traced.

    **Returns:** a `Potential` of one coordinate with `lower_bound` = min U; `equilibrium` tells where.

    **Raises:** `ValueError` for an unknown level, or if `lower` is not in (0, 1].

    >>> from jaxwigner.molecules import h2plus
    >>> potential = h2plus.surface(lower=0.5)
    >>> f"{potential(2.0):.10f}", f"{potential.equilibrium:.8f}", f"{potential.lower_bound:.8f}"
    ('-0.6026342145', '1.99719332', '-0.60263462')
    """
    check_choice("level", level, PARITY)
    check_positive_scalar("lower", lower)
    if concrete(lower):
        require(np.asarray(lower) <= 1, "lower", "be at most 1 bohr", lower)
    return EnergyCurve(ElectronicCurve(level), _floating(lower))


def _floating(value: Any) -> Array:
    """An array of floating point numbers, in the type of the value if it has one."""
    value = jnp.asarray(value)
    return value if jnp.issubdtype(value.dtype, jnp.floating) else value.astype(float)


def _within_range(distance: Any, check: bool) -> Array:
    check_scalar("distance", distance)
    array = _floating(distance)
    if concrete(distance):
        inside = LOWER <= float(distance) <= UPPER
        require(inside, "distance", f"lie between {LOWER} and {UPPER:g} bohr", distance)
        return array
    if not check:
        return array
    outside = ~((array >= LOWER) & (array <= UPPER))
    return eqx.error_if(
        array, outside, f"Argument `distance` must lie between {LOWER} and {UPPER:g} bohr"
    )
