"""Classical transport made quantum by Töplitz quantisation: two bounds of E_ħ², and the dual points that solvers start from.

    above   a coupling π of p and μ gives Q(z) = ∫|z′⟩⟨z′| π(z, dz′), of cost ∫½|z − z′|²dπ + ½dħ        (Lemma 3.1)
    below   a(z) + b(z′) ≤ ½|z − z′|² gives (a(z) − ½dħ) + OP^T(b) ≤ c(z), of value dist(p, W̃)² − ½dħ    ((12))

The second line makes a dual point of any classical potential. The best one known for a start is the entropic potential between p
and the Husimi function of R at the temperature ħ of the quantum fluctuations: its bound is within a few per cent of E_ħ² however
large r is, while that of a quadratic B falls behind. Its best isotropic quadratic part is quantised exactly, the rest by a sum
over packets on a grid.
"""

from __future__ import annotations

from typing import Any

from jaxwigner._checks import check_positive_scalar, require
from jaxwigner.brackets import Bracket
from jaxwigner.grid import Scalar
from jaxwigner.phase_space import ToeplitzState
from jaxwigner.states import Density
from jaxwigner.transport.monge_kantorovich import monge_kantorovich


def toeplitz_bound(p: Any, R: ToeplitzState, **options: Any) -> Bracket:
    """dist(p, μ)² + ½dħ ≥ E_ħ(p, R_μ)²: the coupling of Lemma 3.1 (Golse–Paul Theorem 2.4 (1)).

    **Arguments:** `p`: `Particles` or a `Density`; `R`: the Töplitz state of μ; `options` go to `monge_kantorovich`.

    >>> import jaxwigner as jw
    >>> p = jw.Particles([1.0], [1.0], [0.0])
    >>> mu = jw.Particles([1.0], [0.0], [0.0])
    >>> round(float(jw.transport.toeplitz_bound(p, jw.ToeplitzState(mu, 0.1)).upper), 9)
    0.55
    """
    require(isinstance(R, ToeplitzState), "R", "be a ToeplitzState", R)
    return monge_kantorovich(p, R.particles, **options) + 0.5 * R.dimension * R.hbar


def husimi_bound(p: Any, husimi: Density, hbar: Scalar, **options: Any) -> Bracket:
    """dist(p, W̃[R])² − ½dħ ≤ E_ħ(p, R)²: the dual point of (12), quantised (Golse–Paul Theorem 2.4 (2)).

    **Arguments:** `husimi`: the Husimi function of R as a `Density` on a phase grid; what its being constant on cells changes is
    not part of the bracket. `options` go to `monge_kantorovich`.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> axis = jw.Grid(-4.0, 4.0, 40)
    >>> grid = jw.PhaseGrid(axis, axis)
    >>> (x,), (xi,) = grid.mesh
    >>> W = jnp.exp(-(x**2 + xi**2) / 1.0)  # |0⟩⟨0| at ħ = ½
    >>> husimi = jw.Density(W / (W.sum() * grid.cell), grid)
    >>> point = jw.Particles([1.0], [0.0], [0.0])
    >>> round(float(jw.transport.husimi_bound(point, husimi, 0.5).upper), 2)  # E_ħ² = ½dħ there
    0.25
    """
    check_positive_scalar("hbar", hbar)
    return monge_kantorovich(p, husimi, **options) - 0.5 * husimi.dimension * hbar
