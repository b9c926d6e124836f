"""What bounds MK_ħ² from moments, Husimi functions and symbols, from both sides (Golse, Mouhot, Paul; Golse–Paul; Gelbrich).

    moments    dħ ≤ ½|Δm|² + dħ + ½(√(tr S − dħ) − √(tr S′ − dħ))² ≤ ½|Δm|² + g(S, S′) ≤ MK² ≤ ½(|Δm|² + tr S + tr S′)
    below      dist(W̃[R], W̃[S])² − dħ ≤ E(W̃[R], S)² − ½dħ ≤ MK(R, S)²
    above      MK(R_μ, S)² ≤ E(μ, S)² + ½dħ,   MK(R_μ, R_ν)² ≤ dist(μ, ν)² + dħ

g is the value for Gaussians of these covariances: a coupling has a covariance that a state of both may have. Below, tr(|z⟩⟨z|⊗1 F) and
its like on the other side carry Husimi functions; above, ∫|z⟩⟨z|⊗Q(z)dz couples. MK(R, R) is not 0, and what is left of MK(R, S)²
after subtracting ½MK(R, R)² + ½MK(S, S)² may be negative (−.78ħ for two states of four levels), so that it is offered nowhere.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Float

from jaxwigner._checks import check_positive_scalar, require
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.grid import Scalar
from jaxwigner.phase_space import ToeplitzState
from jaxwigner.states import Density, Gaussian
from jaxwigner.transport.gaussians import product_cost
from jaxwigner.transport.monge_kantorovich import monge_kantorovich
from jaxwigner.transport.quantum.gaussian_pairs import gaussian_pair_cost
from jaxwigner.transport.semiquantum import semiquantum
from jaxwigner.transport.solvers.matrices import broadcasting


class MomentBounds(eqx.Module):
    """Bounds of MK_ħ² from means and covariances: `floor` ≤ `isotropic` ≤ `gelbrich` ≤ MK_ħ² ≤ `product`."""

    floor: Float[Array, ""]
    isotropic: Float[Array, ""]
    gelbrich: Float[Array, ""]
    product: Float[Array, ""]

    @property
    def bracket(self) -> Bracket:
        """The best of both sides."""
        return Bracket(jnp.minimum(self.gelbrich, self.product), self.product)


@broadcasting
def moment_bounds(R: Gaussian, S: Gaussian, hbar: Scalar) -> MomentBounds:
    """What means and covariances say about MK_ħ(R, S)², for every pair of states that has them.

    **Arguments:** `R`, `S`: the moments as `Gaussian`s (see `quantum_moments`); `hbar`: ħ > 0.

    **Raises:** `ValueError` for covariances that violate the uncertainty relation, or dimensions that differ.

    >>> import jaxwigner as jw
    >>> from jaxwigner.transport import moment_bounds
    >>> R, S = (jw.Gaussian([m, 0.0], [[0.2, 0.0], [0.0, 0.3]]) for m in (0.0, 1.0))
    >>> bounds = moment_bounds(R, S, 0.1)
    >>> [round(float(one), 6) for one in (bounds.floor, bounds.isotropic, bounds.gelbrich, bounds.product)]
    [0.1, 0.6, 0.6, 1.0]
    """
    cost = gaussian_pair_cost(R, S, hbar)
    d, shift = R.dimension, 0.5 * jnp.sum((R.mean - S.mean) ** 2)
    roots = [jnp.sqrt(jnp.maximum(jnp.trace(one.covariance) - d * hbar, 0.0)) for one in (R, S)]
    isotropic = shift + d * hbar + 0.5 * (roots[0] - roots[1]) ** 2
    return MomentBounds(jnp.asarray(d * hbar), isotropic, cost.lower, product_cost(R, S))


def husimi_pair_bound(husimi: Density | Gaussian, S: Any, hbar: Scalar, **options: Any) -> Bracket:
    """E_ħ(W̃[R], S)² − ½dħ ≤ MK_ħ(R, S)², or dist(W̃[R], W̃[S])² − dħ, which is at most that.

    **Arguments:** `husimi`: W̃[R], a `Density` on a phase grid or a classical `Gaussian`; `S`: a quantum state, or W̃[S] as another
    `Density` or `Gaussian`; `hbar`; `options` go to `semiquantum` or `monge_kantorovich`. What a Husimi function that is constant on
    cells changes is not part of the bracket.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.transport import husimi_pair_bound
    >>> one, other = (jw.Gaussian([0.0, 0.0], s * jnp.eye(2)) for s in (0.3, 0.7))
    >>> bound = husimi_pair_bound(one, other, 0.2)  # (√.3 − √.7)² − .2
    >>> round(float(bound.centre), 6)
    -0.116515
    """
    check_positive_scalar("hbar", hbar)
    _check_husimi("husimi", husimi)
    d = husimi.dimension
    if isinstance(S, (Density, Gaussian)):
        _check_husimi("S", S)
        return monge_kantorovich(husimi, S, **options) - d * hbar
    given = {} if isinstance(S, ToeplitzState) else {"hbar": hbar}
    return semiquantum(husimi, S, **given, **options).cost - 0.5 * d * hbar


def toeplitz_pair_bound(R: ToeplitzState, S: Any, **options: Any) -> Bracket:
    """dist(μ, ν)² + dħ ≥ MK_ħ(R_μ, R_ν)², or E_ħ(μ, S)² + ½dħ ≥ MK_ħ(R_μ, S)² for any other state S.

    **Arguments:** `R`: the Töplitz state of μ; `S`: a Töplitz state of the same ħ, or any state that `semiquantum` takes; `options` go
    to `monge_kantorovich` or to `semiquantum`.

    **Raises:** `ValueError` for an `R` that is no Töplitz state, or another ħ.

    >>> import jaxwigner as jw
    >>> from jaxwigner.transport import toeplitz_pair_bound
    >>> R, S = (jw.ToeplitzState(jw.Particles([1.0], [x], [0.0]), 0.1) for x in (0.0, 1.0))
    >>> round(float(toeplitz_pair_bound(R, S).upper), 9)
    0.6
    """
    require(isinstance(R, ToeplitzState), "R", "be a ToeplitzState", R)
    d, hbar = R.dimension, R.hbar
    if isinstance(S, ToeplitzState):
        same = jnp.equal(S.hbar, hbar)
        require(same, "S", f"have the ħ of R ({hbar})", S.hbar)
        return monge_kantorovich(R.particles, S.particles, **options) + d * hbar
    return semiquantum(R.particles, S, **options).cost + 0.5 * d * hbar


def _check_husimi(name: str, value: Any) -> None:
    must = "be a Density or a Gaussian, the Husimi function of a state"
    require(isinstance(value, (Density, Gaussian)), name, must, value)
