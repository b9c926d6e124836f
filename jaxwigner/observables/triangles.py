"""Three bodies read in Jacobi's coordinates (`states/triangles.py`): means over a cloud, with errors from its independent copies."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import check_finite, check_integer, check_shape, concrete, require
from jaxwigner._types import Array
from jaxwigner.states import Particles
from jaxwigner.states.triangles import Triangles, shapes

PAIRS = (0, 0, 1), (1, 2, 2)


class Estimate(NamedTuple):
    """A `mean` and its standard `error`; of a traced cloud both are traced."""

    mean: Any
    error: Any


def triangle(cloud: Particles, masses: Any = 1.0) -> Triangles:
    """R, r and cos γ of every configuration of three bodies.

    **Arguments:** `cloud`: `Particles` in R⁹; `masses`: one number or three.

    >>> import jaxwigner as jw
    >>> found = jw.observables.triangle(jw.cloud_three(0.01, 3.0, count=256))
    >>> round(float(found.R.mean()), 3), round(float(found.r.mean()), 3)
    (2.598, 3.0)
    """
    _check(cloud)
    return shapes(cloud.positions, masses)


def triangle_means(
    cloud: Particles, charges: Any = 1.0, masses: Any = 1.0, *, copies: int = 8
) -> dict[str, Estimate]:
    """⟨U_s⟩, ⟨U_s²⟩, ⟨|R₁₂|⟩, ⟨R⟩ and ⟨cos²γ⟩ of a cloud of three bodies, U_s = Σ C_αβ/|R_α − R_β|, with their sampling errors.

    **Arguments:** `cloud`: `Particles` in R⁹ of equal weights, `copies` independent clouds one after another, as `cloud_three` makes
    them; `charges`: C_αβ, one number or (3, 3); `masses`: one number or three.

    **Returns:** `Estimate`s by the names "singular", "square", "r12", "R", "cos2": the mean, and the standard error from the spread
    of the copies. Works in `observe=`.

    >>> import jaxwigner as jw
    >>> means = jw.observables.triangle_means(jw.cloud_three(0.01, 3.0))
    >>> round(float(means["singular"].mean), 4), float(means["singular"].error) < 1e-4
    (1.0011, True)
    """
    _check(cloud)
    check_integer("copies", copies, at_least=2)
    count = cloud.weights.shape[0]
    require(count % copies == 0, "copies", f"divide the {count} configurations", copies)
    check_finite("charges", charges)
    require(np.shape(charges) in ((), (3, 3)), "charges", "be one number or (3, 3)", charges)
    C = jnp.broadcast_to(jnp.asarray(charges, float), (3, 3))[PAIRS]
    R, r, c = triangle(cloud, masses)
    U = jnp.sum(C[None] / _gaps(cloud), axis=1)
    values = {"singular": U, "square": U**2, "r12": r, "R": R, "cos2": c**2}
    return {name: _estimate(value, copies) for name, value in values.items()}


def _gaps(cloud: Particles) -> Float[Array, "k 3"]:
    """|R₁ − R₂|, |R₁ − R₃|, |R₂ − R₃|."""
    places = cloud.positions.reshape(-1, 3, 3)
    return jnp.sqrt(jnp.sum((places[:, PAIRS[0]] - places[:, PAIRS[1]]) ** 2, axis=2))


def _estimate(values: Float[Array, " k"], copies: int) -> Estimate:
    each = jnp.mean(values.reshape(copies, -1), axis=1)
    return Estimate(jnp.mean(each), jnp.std(each, ddof=1) / np.sqrt(copies))


def _check(cloud: Any) -> None:
    require(isinstance(cloud, Particles), "cloud", "be Particles", cloud)
    check_shape("positions", cloud.positions, (None, 9))
    if concrete(cloud.weights):
        equal = np.ptp(np.asarray(cloud.weights)) <= 1e-9 / cloud.weights.shape[0]
        require(equal, "cloud", "have equal weights", cloud.weights)
