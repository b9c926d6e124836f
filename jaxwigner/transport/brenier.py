"""Transport between Gaussians, where plan and potentials are explicit (Gelbrich; Knott and Smith).

    dist² = ½(|m−m'|² + tr Σ + tr Σ' − 2 tr(Σ^½Σ'Σ^½)^½),   T(z) = m' + A(z − m),   A = Σ^−½(Σ^½Σ'Σ^½)^½Σ^−½
    C = ΣA = Σ^½(Σ^½Σ'Σ^½)^−½Σ^½Σ', the covariance between both sides
    φ(z) = ½|z|² − m'·z − ½(z−m)·A(z−m),   ψ(z') = ½|z'|² − m·z' + m·m' − ½(z'−m')·A'(z'−m')

A' = A^−1, which is A with Σ and Σ' exchanged. Where a covariance is singular pseudo-inverses are meant, and the last form of C: with
Σ^½Σ'^½ = Σs_i a_i b_iᵀ the gap ½|z−z'|² − φ − ψ is ½Σs_i(α_i − β_i)² for z = m + Σ^½Σα_ia_i, z' = m' + Σ'^½Σβ_ib_i. So the pair is
admissible where p and q have mass, and proves the cost.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Float

from jaxwigner._types import Array
from jaxwigner.states import Gaussian
from jaxwigner.transport.solvers.matrices import after, broadcasting, pseudo_inverse, sqrtm


class QuadraticPotential(eqx.Module):
    """½|z|² − other·z + constant − ½(z−mean)·A(z−mean), a function of points (..., m) with A = `curvature`.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> p, q = (jw.Gaussian(jnp.zeros(2), s * jnp.eye(2)) for s in (1.0, 4.0))
    >>> phi, psi = jw.monge_kantorovich(p, q, plan=True).potentials
    >>> z = jnp.array([1.0, 0.0])
    >>> [float(x) for x in (phi(z) + psi(2 * z), phi(z) + psi(z))]  # ½|z − z'|² at z' = T(z) = 2z; less elsewhere
    [0.5, -0.25]
    """

    mean: Float[Array, " m"]
    other: Float[Array, " m"]
    curvature: Float[Array, "m m"]
    constant: Float[Array, ""]

    @broadcasting
    def __call__(self, z: Float[Array, "*b m"]) -> Float[Array, "*b"]:
        away = z - self.mean
        bent = jnp.sum((away @ self.curvature) * away, axis=-1)
        return jnp.sum((0.5 * z - self.other) * z, axis=-1) + self.constant - 0.5 * bent


def between_gaussians(p: Gaussian, q: Gaussian) -> Float[Array, ""]:
    """½(|m−m'|² + tr Σ + tr Σ' − 2 tr(Σ^½Σ'Σ^½)^½)."""
    root = sqrtm(p.covariance)
    cross = jnp.trace(sqrtm(root @ q.covariance @ root))
    shift = jnp.sum((p.mean - q.mean) ** 2)
    return 0.5 * (shift + jnp.trace(p.covariance) + jnp.trace(q.covariance)) - cross


def brenier(
    p: Gaussian, q: Gaussian
) -> tuple[Gaussian, tuple[QuadraticPotential, QuadraticPotential]]:
    """The optimal plan, a Gaussian of both coordinates with C between them, and both potentials."""
    there, between = _coupled(p.covariance, q.covariance)
    back, _ = _coupled(after(between, q.covariance), p.covariance)
    joint = jnp.block([[p.covariance, between], [between.T, q.covariance]])
    phi = QuadraticPotential(p.mean, q.mean, there, jnp.zeros_like(p.mean[0]))
    psi = QuadraticPotential(q.mean, p.mean, back, p.mean @ q.mean)
    return _unchecked(jnp.concatenate([p.mean, q.mean]), joint), (phi, psi)


def _unchecked(mean: Float[Array, " m"], covariance: Float[Array, "m m"]) -> Gaussian:
    """A plan on a graph is degenerate: rounding may leave it an eigenvalue below 0 that a Gaussian of the user's may not have."""
    place = Gaussian(jnp.zeros_like(mean), jnp.zeros_like(covariance))
    return eqx.tree_at(lambda g: (g.mean, g.covariance), place, (mean, covariance))


def _coupled(
    covariance: Float[Array, "m m"], other: Float[Array, "m m"]
) -> tuple[Float[Array, "m m"], Float[Array, "m m"]]:
    """A and C."""
    root = sqrtm(covariance)
    inner = sqrtm(root @ other @ root)
    back = pseudo_inverse(after(inner, root))
    outer = pseudo_inverse(after(back, inner))
    return back @ inner @ back, root @ outer @ root @ other
