"""The hydrogen molecule H2 in its electronic ground state: a published curve, to which AFG, Remark 5, applies globally.

N = 2 electrons, M = 2 nuclei at the distance R. Equation (2) of Ambrosio, Friesecke and Giannoulis (AFG) reads, in atomic units,

    U(R) = E_el(R) + 1/R,     E_el(0) = E(He) = −2.9037…,     U(∞) = −1

The ground state is nondegenerate, so that U_b = E_el is analytic off R = 0 and Ω = R⁶∖S: no crossing limits the Liouville equation.
The electronic problem is not solved here: the curve is that of Pachucki (2010), which agrees with that of Sims and Hagstrom (2006);
`_h2_table` names the sources and their errors.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import check_finite, check_positive_scalar, concrete, require
from jaxwigner._types import Array
from jaxwigner.molecules import _h2_series as _h2_table
from jaxwigner.molecules._curves import H2, ElectronicCurve, EnergyCurve

LOWER = 0.1
UPPER = 20.0
"""The range of distances, in bohr, of the published calculation."""

SOURCE = "K. Pachucki, Phys. Rev. A 82, 032509 (2010), in the analytic form of H2SPECTRE 7.4"
ERROR = _h2_table.ERROR


def published() -> tuple[Float[np.ndarray, " n"], Float[np.ndarray, " n"]]:
    """Distances in bohr and total energies in Hartree as Sims and Hagstrom (2006), Table VI, printed them: 47 points, 0.4 ≤ R ≤ 6.

    >>> from jaxwigner.molecules import h2
    >>> distances, energies = h2.published()
    >>> distances.shape, energies[distances == 1.4]
    ((47,), array([-1.17447571]))
    """
    table = np.array(_h2_table.PUBLISHED)
    return table[:, 0], table[:, 1]


def energy(distance: Any) -> Float[Array, "*n"]:
    """U(R) of H2 with fixed nuclei at one or several distances: AFG, equation (2).

    **Arguments:** `distance`: R in bohr, between 0.1 and 20, where the published calculation was made.

    **Returns:** U(R) in Hartree, with an error of 1e-11.

    **Raises:** `ValueError` for a distance out of the range.

    >>> from jaxwigner.molecules import h2
    >>> f"{h2.energy(1.4):.10f}"  # −1.1744757142204434(5), Pachucki
    '-1.1744757142'
    >>> h2.energy(0.05)
    Traceback (most recent call last):
    ValueError: Argument `distance` must lie between 0.1 and 20 bohr, where the curve was computed, but is 0.05
    """
    check_finite("distance", distance)
    if concrete(distance):
        known = np.asarray(distance, float)
        must = f"lie between {LOWER} and {UPPER:g} bohr, where the curve was computed"
        require((known >= LOWER) & (known <= UPPER), "distance", must, distance)
    distance = jnp.asarray(distance, float)
    return bounded_part()(distance) + 1 / distance


def bounded_part() -> ElectronicCurve:
    """The bounded part U_b(x) = E_el(|x|) of the potential (2) of AFG, where U = U_b + 1/|x|.

    A Chebyshev series of 80 terms, smooth on 0 ≤ R ≤ ∞: its error is 1e-11 Hartree for 0.1 ≤ R ≤ 20 and below 1e-10 elsewhere, that of
    its gradient about 1e-9 and 1e-6. −2.9037 = E(He) ≤ U_b ≤ −1; the bounds of the derivatives are measured on a fine grid.

    **Returns:** a `Potential`, of one coordinate R in bohr, or of the d coordinates of R_1 − R_2.

    >>> from jaxwigner.molecules import h2
    >>> curve = h2.bounded_part()
    >>> f"{curve(1.4):.10f}", f"{curve.lower_bound:.6f}", curve.upper_bound
    ('-1.8887614285', '-2.903724', -1.0)
    """
    return ElectronicCurve(H2)


def surface(*, lower: Any = 0.1) -> EnergyCurve:
    """The potential U(R) = E_el(R) + 1/R of the distance of the nuclei: AFG, equation (2).

    Below `lower`, where no packet may get, 1/R is replaced by its Taylor polynomial of degree 3 about `lower`: finite, C² and repulsive
    on the whole line. With `hbar` = ε = (m_e/m_n)^{1/2} the relative motion has mass ½.

    **Arguments:** `lower`: the distance in bohr from which on U is exact, in (0, 1]; it may be traced.

    **Returns:** a `Potential` of one coordinate with `lower_bound` = min U; `equilibrium` tells where.

    >>> from jaxwigner.molecules import h2
    >>> potential = h2.surface()
    >>> f"{potential.equilibrium:.6f}", f"{potential.lower_bound:.9f}"
    ('1.401083', '-1.174475931')
    """
    check_positive_scalar("lower", lower)
    if concrete(lower):
        require(np.asarray(lower) <= 1, "lower", "be at most 1 bohr", lower)
    return EnergyCurve(ElectronicCurve(H2), jnp.asarray(lower, float))
