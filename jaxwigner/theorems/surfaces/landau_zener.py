"""Hops between two levels that pass each other at a distance: Landau and Zener's probability, and the evolution that it is about.

    iħċ = ((at, d), (d, −at))c from t = −∞ to ∞ hops between the adiabatic levels ±√(a²t² + d²) with P = e^{−πd²/ħa}

L. Landau, Phys. Z. Sowjetunion 2 (1932) 46; C. Zener, Proc. R. Soc. A 137 (1932) 696. With the least gap g = 2d, the rate α = 2a at
which the diabatic levels part, and g″ = 2a²/d there, P = e^{−πg²/2ħα} = e^{−(π/2ħ)√(g³/g″)}, the form of A. K. Belyaev and O. V.
Lebedev, Phys. Rev. A 84 (2011) 014701, which asks for no diabatic levels.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jaxtyping import Float

from jaxwigner._checks import check_positive_scalar
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.grid import Scalar
from jaxwigner.inequality import Inequality, refinement
from jaxwigner.potentials.surfaces.algebra import exponential_of_two, unpacked
from jaxwigner.theorems.surfaces.propagators import ordered_product, stages

NAME = "Landau–Zener"
STEPS = 2**14


def landau_zener(gap: Any, rate: Any, hbar: Scalar) -> Array:
    """P = e^{−πg²/2ħα}: `gap`, the least distance g of the levels; `rate`, α = d(V₁₁ − V₂₂)/dt there.

    >>> from jaxwigner.theorems.surfaces.landau_zener import landau_zener
    >>> round(float(landau_zener(0.4, 2.0, 0.1)), 8)  # d = .2, a = 1
    0.28460954
    """
    check_positive_scalar("hbar", hbar)
    return jnp.exp(-0.5 * jnp.pi * jnp.asarray(gap) ** 2 / (hbar * jnp.abs(jnp.asarray(rate))))


def belyaev_lebedev(gap: Any, curvature: Any, hbar: Scalar) -> Array:
    """P = e^{−(π/2ħ)√(g³/g″)}: `gap`, the least distance g of the levels; `curvature`, its second derivative in time there.

    >>> from jaxwigner.theorems.surfaces.landau_zener import belyaev_lebedev
    >>> round(float(belyaev_lebedev(0.4, 10.0, 0.1)), 8)  # d = .2, a = 1
    0.28460954
    """
    check_positive_scalar("hbar", hbar)
    return jnp.exp(-0.5 * jnp.pi * jnp.sqrt(jnp.asarray(gap) ** 3 / jnp.asarray(curvature)) / hbar)


def hop_in_time(
    slope: Scalar, coupling: Scalar, hbar: Scalar, *, reach: Scalar, steps: int = STEPS
) -> Float[Array, ""]:
    """|⟨upper at T|c(T)⟩|² of iħċ = ((at, d), (d, −at))c that is on the lower adiabatic level at −T, T = `reach`.

    **Arguments:** `slope`, `coupling`: a and d, positive; `steps`: of the method of order 4, a power of two.

    >>> import jaxwigner as jw
    >>> round(float(jw.theorems.surfaces_landau_zener.hop_in_time(1.0, 0.2, 0.1, reach=20.0)), 5)
    0.28461
    """
    sums, h = stages(lambda t: jnp.stack([slope * t, coupling + 0 * t], -1), -reach, reach, steps)
    z, w = (h / hbar) * sums.T
    U = ordered_product(unpacked(exponential_of_two(jnp.stack([z, w, -z]))))
    half = 0.5 * jnp.arctan2(coupling, slope * reach)
    lower = jnp.stack(
        [jnp.cos(half), -jnp.sin(half)]
    )  # at −T, where the first diabatic level is below
    upper = jnp.stack([jnp.cos(half), jnp.sin(half)])
    return jnp.abs(upper @ (U @ lower)) ** 2


def in_time(
    slope: Scalar, coupling: Scalar, hbar: Scalar, *, reach: Scalar, form: str = "rate"
) -> Inequality:
    """P = e^{−πd²/ħa} of the linear model, from the evolution between −`reach` and `reach`.

    The adiabatic levels of a finite time are those of infinite time up to the amplitude ħd/4a²T³ at either end, which moves P by at
    most twice that; the steps by the difference to half as many.

    **Arguments:** `form`: "rate" or "curvature", how P is computed of the gap: `landau_zener` or `belyaev_lebedev`.

    >>> import jaxwigner as jw
    >>> claims = [jw.theorems.surfaces_landau_zener.in_time(1.0, 0.2, h, reach=20.0) for h in (0.1, 0.2)]
    >>> [claim.verdict for claim in claims], claims[0].with_constant(0.999).verdict
    (['holds', 'holds'], 'violated')
    """
    coarse, fine = (
        hop_in_time(slope, coupling, hbar, reach=reach, steps=n) for n in (STEPS // 2, STEPS)
    )
    ends = 0.25 * hbar * coupling / (slope**2 * reach**3)
    known = refinement(coarse, fine, order=4)
    found = Bracket.estimated(known.centre, 0.5 * known.width + 2 * ends + 4 * ends**2)
    gap = 2 * coupling
    if form == "rate":
        law, exact = "P = e^{−πg²/2ħα}, α = 2a", landau_zener(gap, 2 * slope, hbar)
    else:
        curvature = 2 * slope**2 / coupling
        law, exact = "P = e^{−(π/2ħ)√(g³/g″)}", belyaev_lebedev(gap, curvature, hbar)
    numbers = {"a": slope, "d": coupling, "hbar": hbar, "T": reach}
    return Inequality(
        f"{NAME}, in time", law, found, exact, kind="identity", width=1e-5, parameters=numbers
    )
