"""Potential energy surfaces of Ambrosio–Friesecke–Giannoulis: (2) and (3) for H2+, Remark 6, and the crossing of Remark 1.

U = U_b + U_s,  U_b = E_el bounded and Lipschitz,  U_s = 1/R;  H_el = [[ρ₁, ρ₂], [ρ₂, −ρ₁]] has the eigenvalues ±|ρ|
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.inequality import Inequality, equal_functions
from jaxwigner.molecules import h2plus

Distances = Float[Array, " n"]


def levels(distances: Distances) -> tuple[Array, Array]:
    """E_el(R) of H2+ and its derivative at several distances.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> energies, slopes = jw.theorems.born_oppenheimer.levels(jnp.array([0.5, 2.0, 40.0]))
    >>> round(float(energies[1]), 8)
    -1.10263421
    """
    energy = lambda R: h2plus.electronic_energy(R, "1ssg", check=False)  # noqa: E731
    return jax.vmap(jax.value_and_grad(energy))(distances)


def electronic_bounds(energies: Array) -> tuple[Inequality, Inequality]:
    """U_b = E_el of H2+ is bounded: −2 ≤ E_el(R) ≤ −½, the united atom and the separated one (AFG (2), Theorem 1.1).

    **Arguments:** `energies`: from `levels`. **Returns:** the lower and the upper bound, each for all distances.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> energies = jnp.array([-1.735, -1.1026, -0.6786])  # at R = 0.5, 2, 6
    >>> [claim.verdict for claim in jw.theorems.born_oppenheimer.electronic_bounds(energies)]
    ['holds', 'holds']
    """
    known = Bracket.estimated(energies, 1e-11)
    return (
        Inequality("AFG (2)", "H2+: 0 ≤ E_el(R) + 2", 0.0, known + 2.0, width=1e-6),
        Inequality("AFG (2)", "H2+: E_el(R) ≤ −½", known, -0.5, width=1e-6),
    )


def electronic_lipschitz(slopes: Array) -> Inequality:
    """U_b = E_el of H2+ is Lipschitz: |E_el′(R)| ≤ the stated bound of `h2plus.bounded_part()` (AFG (2), Theorem 1.1).

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> slopes = jnp.array([0.64, 0.25, 0.04])
    >>> jw.theorems.born_oppenheimer.electronic_lipschitz(slopes).verdict
    'holds'
    """
    lhs = Bracket.estimated(jnp.abs(slopes), 1e-9)
    bound = jnp.asarray(h2plus.bounded_part().gradient_bound)
    return Inequality("AFG (2)", "H2+: |E_el′(R)| ≤ Lip(U_b)", lhs, bound, width=1e-3)


def surface_lipschitz(distances: Distances, slopes: Array) -> Inequality:
    """The whole surface U = E_el + 1/R is not Lipschitz: |U′(R)| ≤ Lip(U_b) fails near R = 0 (a negative control).

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> distances, slopes = jnp.array([0.1, 2.0, 6.0]), jnp.array([0.4, 0.25, 0.04])
    >>> jw.theorems.born_oppenheimer.surface_lipschitz(distances, slopes).verdict
    'violated'
    """
    lhs = Bracket.estimated(jnp.abs(slopes - 1 / distances**2), 1e-9)
    bound = jnp.asarray(h2plus.bounded_part().gradient_bound)
    return Inequality("AFG (2)", "H2+: |U′(R)| ≤ Lip(U_b)", lhs, bound)


def surface_split(distances: Distances, energies: Array) -> Inequality:
    """U = U_b + U_s with U_s = 1/R (AFG (2), (7)): the surface for dynamics against the electronic problem at each R.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> distances, energies = jnp.array([2.0]), jnp.array([-1.10263421449])
    >>> jw.theorems.born_oppenheimer.surface_split(distances, energies).verdict
    'holds'
    """
    left = h2plus.surface()(distances)
    law = "H2+: U(R) = E_el(R) + 1/R"
    return equal_functions("AFG (2)", law, left, energies + 1 / distances, error=1e-10)


def level_gap(distances: Distances) -> Inequality:
    """The lowest two levels of H2+ do not cross: E_u − E_g > 0 (AFG Remark 6), so that Ω is everything off R = 0.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> jw.theorems.born_oppenheimer.level_gap(jnp.array([0.5, 2.0, 40.0])).verdict
    'holds'
    """
    gaps = jax.vmap(lambda R: h2plus.gap(R, check=False))(distances)
    # Compared as a logarithm: the gap falls like (4/e)Re^{−R}, its relative accuracy is what is known.
    predicted = 4 / np.e * distances * jnp.exp(-distances)
    known = Bracket.estimated(gaps, 1e-3 * jnp.abs(gaps))
    smallest = 0.5 * jnp.minimum(predicted, 0.1)
    law = "H2+: E_u − E_g > 0, above half of min((4/e)Re^{−R}, 0.1)"
    return Inequality("AFG Remark 6", law, smallest, known, width=0.0)


def crossing_eigenvalues(rho: tuple[Array, Array], *, printed: bool | int = False) -> Inequality:
    """[[ρ₁, ρ₂], [ρ₂, −ρ₁]] has the eigenvalues ±|ρ| (AFG Remark 1, corrected).

    **Arguments:** `printed`: the matrix [[ρ₁, −ρ₂], [ρ₂, ρ₁]] of the text, with eigenvalues ρ₁ ± iρ₂: a negative control.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> rho = jnp.array([0.3, -1.0]), jnp.array([0.4, 0.2])
    >>> claims = [jw.theorems.born_oppenheimer.crossing_eigenvalues(rho, printed=p) for p in (False, True)]
    >>> [claim.verdict for claim in claims]
    ['holds', 'violated']
    """
    one, two = rho
    a, b, c, d = (one, -two, two, one) if printed else (one, two, two, -one)
    half, determinant = 0.5 * (a + d), a * d - b * c
    lowest = half - jnp.sqrt(half**2 - determinant + 0j)
    law = "the printed matrix has the eigenvalue −|ρ|" if printed else "lowest eigenvalue −|ρ|"
    radius = -jnp.sqrt(one**2 + two**2)
    return equal_functions("AFG Remark 1", law, lowest, radius, error=1e-12)
