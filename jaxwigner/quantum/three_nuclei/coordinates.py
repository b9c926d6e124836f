"""Jacobi's coordinates of three nuclei, their masses and charges.

With r = R₂ − R₁, R = R₃ − (m₁R₁ + m₂R₂)/(m₁ + m₂) and γ between them

    μ_r = m₁m₂/(m₁ + m₂),  μ_R = m₃(m₁ + m₂)/(m₁ + m₂ + m₃)
    |R₁₂| = r,  |R₁₃|² = R² + a²r² + 2aRr cos γ,  |R₂₃|² = R² + b²r² − 2bRr cos γ,  a = m₂/(m₁ + m₂), b = 1 − a
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxwigner._checks import (
    check_finite,
    check_positive_scalar,
    check_scalar,
    concrete,
    entries,
    require,
)
from jaxwigner._types import Array
from jaxwigner.grid import Scalar
from jaxwigner.potentials import Potential, as_potential
from jaxwigner.potentials.on_grid import check_covers, check_potential
from jaxwigner.potentials.polynomial import Free

PAIRS = ((0, 1), (0, 2), (1, 2))
Three = tuple[Scalar, Scalar, Scalar]


def reduced_masses(masses: Three) -> tuple[Scalar, Scalar]:
    """μ_R and μ_r.

    >>> from jaxwigner.quantum.three_nuclei.coordinates import reduced_masses
    >>> reduced_masses((1.0, 1.0, 2.0))
    (1.0, 0.5)
    """
    m1, m2, m3 = masses
    return m3 * (m1 + m2) / (m1 + m2 + m3), m1 * m2 / (m1 + m2)


def shares(masses: Three) -> tuple[Scalar, Scalar]:
    """a = m₂/(m₁ + m₂) and b = m₁/(m₁ + m₂): how r divides at the centre of mass of the first two nuclei."""
    m1, m2, _ = masses
    return m2 / (m1 + m2), m1 / (m1 + m2)


def distances(
    cosine: Scalar | Array, R: Scalar | Array, r: Scalar | Array, masses: Three
) -> tuple[Any, Array, Array]:
    """|R₁₂|, |R₁₃| and |R₂₃|.

    >>> import math
    >>> from jaxwigner.quantum.three_nuclei.coordinates import distances
    >>> [round(float(d), 9) for d in distances(0.0, math.sqrt(0.75), 1.0, (1.0, 1.0, 1.0))]
    [1.0, 1.0, 1.0]
    """
    a, b = shares(masses)
    # (R − ar)² + 2aRr(1 + cos γ): a sum of what is not negative.
    first = (R - a * r) ** 2 + 2 * a * R * r * (1 + cosine)
    second = (R - b * r) ** 2 + 2 * b * R * r * (1 - cosine)
    return r, jnp.sqrt(first), jnp.sqrt(second)


def check_three_masses(masses: Any) -> Three:
    """Three positive numbers; one serves all nuclei."""
    found = entries(masses)
    for one in found:
        check_positive_scalar("masses", one)
    found = found * 3 if len(found) == 1 else found
    require(len(found) == 3, "masses", "be one number or three", masses)
    return found[0], found[1], found[2]


def check_charges(charges: Any, attractive: bool) -> Three:
    """C₁₂, C₁₃, C₂₃, from one number or a symmetric matrix."""
    check_finite("charges", charges)
    shape = np.shape(charges)
    require(shape in ((), (3, 3)), "charges", "be one number or a (3, 3) matrix", charges)
    if shape == ():
        check_scalar("charges", charges)
        three = (charges,) * 3
    else:
        matrix = jnp.asarray(charges, float)
        if concrete(matrix):
            C = np.asarray(matrix)
            off = ~np.eye(3, dtype=bool)
            same = np.allclose(C[off], C.T[off], rtol=1e-12, atol=0)
            require(same, "charges", "be symmetric", charges)
        three = tuple(matrix[i, j] for i, j in PAIRS)
    for one in three:
        if concrete(one) and not attractive:
            must = "be non-negative: nuclei repel (a negative control says `attractive=True`)"
            require(float(one) >= 0, "charges", must, float(one))
    return three[0], three[1], three[2]


def check_bounded(bounded: Any, reach: tuple[Any, Any, Any]) -> Potential:
    """U_b, elementwise in three distances that are at most `reach`."""
    if bounded is None:
        return Free()
    try:
        potential = as_potential(bounded)
        check_potential(potential, 3)
        check_covers(potential, (0.0,) * 3, reach)
    except ValueError as error:
        text = str(error)
        for name in ("potential", "function"):
            text = text.replace(f"Argument `{name}`", "Argument `bounded`", 1)
        raise ValueError(text) from error
    return potential
