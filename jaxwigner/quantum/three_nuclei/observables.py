"""Numbers read off three nuclei: means of what depends on the three distances, by |c|² at the nodes.

A state of one parity holds 0 < γ < π/2 with twice the weight: what differs at π − γ, |R₁₃| and |R₂₃|, is the mean of both there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jaxtyping import Complex, Float

from jaxwigner._types import Array
from jaxwigner.grid import Scalar
from jaxwigner.observables import square, total
from jaxwigner.potentials.combined import floor_of

Amplitudes = Complex[Array, "a R r"]


def per_pair(system: Any, c: Amplitudes, function: Callable[[Array], Array]) -> Float[Array, "3"]:
    """⟨f(|R_αβ|)⟩ of the pairs 12, 13, 23."""
    rho = square(c)
    first, second, third = (total(function(d) * rho) for d in system.distances)
    if system.exchange is not None:
        second = third = 0.5 * (second + third)
    return jnp.stack([first, second, third])


def distances(system: Any, c: Amplitudes) -> Float[Array, "3"]:
    """⟨|R_αβ|⟩ of the pairs 12, 13, 23."""
    return per_pair(system, c, lambda d: d)


def radii(system: Any, c: Amplitudes) -> Float[Array, "2"]:
    """⟨R⟩ and ⟨r⟩."""
    _, R, r = system.mesh
    return jnp.stack([total(q * square(c)) for q in (R, r)])


def cosine_square(system: Any, c: Amplitudes) -> Float[Array, ""]:
    """⟨cos²γ⟩."""
    return total(system.mesh[0] ** 2 * square(c))


def singular(system: Any, c: Amplitudes) -> Float[Array, ""]:
    """⟨U_s⟩."""
    return total(system.singular * square(c))


def singular_square(system: Any, c: Amplitudes) -> Float[Array, ""]:
    """‖U_sΨ‖², the left side of AFG Lemma 5.1."""
    return total(system.singular**2 * square(c))


def density(system: Any, c: Amplitudes) -> Float[Array, "R r"]:
    """∫|u|² d(cos γ) in the plane (R, r)."""
    outer, inner = (grid.weights for grid in system.radii)
    return jnp.sum(square(c), axis=0) / (outer[:, None] * inner[None, :])


def floor(system: Any) -> Scalar:
    """κ = inf U_b.

    **Raises:** `ValueError` for a U_b that does not know it.
    """
    try:
        return floor_of(system.potential)
    except ValueError as error:
        raise ValueError(str(error).replace("`potential`", "`bounded`")) from error


MEANS = {
    "cosine_square": cosine_square,
    "density": density,
    "distances": distances,
    "radii": radii,
    "singular": singular,
    "singular_square": singular_square,
}


def share(values: Float[Array, "*shape"], where: Any) -> Float[Array, ""]:
    """The share of non-negative values that lies where a mask says."""
    return total(jnp.where(where, values, 0.0)) / (total(values) + jnp.finfo(values.dtype).tiny)
