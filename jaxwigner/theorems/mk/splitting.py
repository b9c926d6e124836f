"""Time splitting uniformly in ħ (after Golse, Jin and Paul): MK_ħ between Strang's method and the exact solution.

Töplitz data R_μ, H = ½p̂² + V, L = Lip(∇V), R^n Strang's method with step τ at t = nτ, Zⁿ the classical one, Z(t) exact:

    MK(Rⁿ, R(t)) ≤ √(½dħ)(e^{½(1+L)t} + √cosh θ_L(t)) + (½∫|Zⁿ − Z(t)|²dμ)^{½}
    dist(W̃[Rⁿ], W̃[R(t)])² ≤ the same, squared, + dħ

since E_ħ between Zⁿ#μ and Rⁿ grows by at most e^{(1+L)t} under either flow, and classical states are a middle without deficit. The last
term is at most C(t)τ², where C does not know of ħ. MK² itself is near MK(R(t), R(t))² ≥ dħ; the excess over it is c₁ħτ² + c₂τ⁴, and
c₂τ⁴ is the classical ½∫|Zⁿ − Z(t)|²dμ as ħ → 0. A method of order r has c₁ħτʳ + c₂τ²ʳ. ‖ψⁿ − ψ(t)‖ is of order τʳ/ħ.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Float, Int

from jaxwigner._checks import check_positive_scalar
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.classical import Newton
from jaxwigner.engine.evolve import evolve
from jaxwigner.engine.methods import Method, find_method
from jaxwigner.grid import Grid, Scalar
from jaxwigner.inequality import Inequality
from jaxwigner.observables import mean_momentum, mean_position
from jaxwigner.phase_space import toeplitz_state
from jaxwigner.potentials import as_potential
from jaxwigner.quantum import Schrodinger
from jaxwigner.states import Gaussian, MixedState, Particles
from jaxwigner.states.quadratic import flow_matrix
from jaxwigner.theorems.gp.rates import angle
from jaxwigner.transport import gaussian_pair_cost, quantum_transport, self_distance

REFERENCE = "blanes-moan-6"  # the method that stands for the exact solution
TOLERANCE = 1e-10  # relative gap of MK²
ENERGY = 4  # the flag of a run whose energy drifts: what is measured here


class SplittingErrors(eqx.Module):
    """How far a method is from the exact solution, for each number of steps, in five ways.

    `psi` = (Σw_k‖ψ_kⁿ − ψ_k(t)‖²)^½; `means` = (Σw_k|⟨Z⟩_kⁿ − ⟨Z⟩_k(t)|²)^½, Z = (x, p); `cost` = MK(Rⁿ, R(t))²;
    `own` = MK(R(t), R(t))²; `classical` = ½∫|Zⁿ − Z(t)|²dμ; `resolution`: the largest status of the runs, but for the energy of those
    that are measured; 0 where they are resolved.
    """

    psi: Float[Array, " n"]
    means: Float[Array, " n"]
    cost: Bracket
    own: Bracket
    classical: Float[Array, " n"]
    resolution: Array

    @property
    def excess(self) -> Bracket:
        """MK(Rⁿ, R(t))² − MK(R(t), R(t))²."""
        return self.cost - self.own


def splitting_errors(
    cloud: Particles,
    potential: Any,
    grid: Grid,
    hbar: Scalar,
    steps: Int[Array, " n"],
    *,
    duration: Scalar,
    method: str | Method = "strang",
    reference: int = 512,
) -> SplittingErrors:
    """What `method` does to R_μ under −½ħ²Δ + V in each number of `steps`, beside `reference` steps of a method of order 6.

    **Arguments:** `cloud`: μ, a few points (MK_ħ takes time ∝ their number to the sixth); `potential`: V; `grid`, `hbar`, `duration`:
    as in `evolve`.

    >>> import jax, jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.theorems import mk_splitting
    >>> cloud, grid = jw.Particles([0.5, 0.5], [-0.5, 0.8], [0.3, 0.0]), jw.Grid(-6.0, 6.0, 96)
    >>> V = jw.potentials.Torsion(1.0)
    >>> found = mk_splitting.splitting_errors(cloud, V, grid, 0.2, jnp.array([4, 8]), duration=1.0, reference=64)
    >>> ratio = found.excess.centre[0] / found.excess.centre[1]  # c₁ħτ² + c₂τ⁴ with twice the step
    >>> 4 < round(float(ratio), 2) < 16
    True
    """
    V, options = as_potential(potential), {"duration": duration, "throw": False}
    start = toeplitz_state(cloud, grid, hbar)
    waves, points = Schrodinger(grid, V, hbar), Newton(V)

    def moved(count, by):
        pairs = ((waves, start), (points, cloud))
        runs = [evolve(*pair, steps=count, method=by, **options) for pair in pairs]
        return runs[0].state, runs[1].state, jnp.maximum(*(run.diagnostics.status for run in runs))

    exact, path, resolved = moved(reference, REFERENCE)
    there = _means(exact, grid, hbar)

    def one(count):
        state, end, status = moved(count, method)
        apart = jnp.sum(jnp.abs(state.orbitals - exact.orbitals) ** 2, axis=-1) * grid.cell
        shift = jnp.sum((_means(state, grid, hbar) - there) ** 2, axis=-1)
        both = jnp.sqrt(cloud.weights @ jnp.stack([apart, shift], axis=1))
        return state.orbitals, both, classical_error(end, path), status

    states, both, classical, status = lax.map(one, jnp.asarray(steps))
    states = jnp.concatenate([exact.orbitals[None], states])  # R(t) beside itself first
    costs = lax.map(
        lambda psi: _distance(MixedState(cloud.weights, psi), exact, grid, hbar), states
    )
    own, cost = (jax.tree.map(lambda leaf, k=k: leaf[k], costs) for k in (0, slice(1, None)))
    worst = jnp.maximum(resolved, jnp.max(status & ~ENERGY))
    return SplittingErrors(both[:, 0], both[:, 1], cost, own, classical, worst)


def _distance(one: MixedState, other: MixedState, grid: Grid, hbar: Scalar) -> Bracket:
    rank = one.weights.shape[0]
    return quantum_transport(one, other, grid=grid, hbar=hbar, rank=rank, tolerance=TOLERANCE).cost


def _means(state: MixedState, grid: Grid, hbar: Scalar) -> Array:
    """⟨x⟩ and ⟨p⟩ of every orbital, (r, 2d)."""
    both = lambda psi: jnp.concatenate([mean_position(psi, grid), mean_momentum(psi, grid, hbar)])  # noqa: E731
    return jax.vmap(both)(state.orbitals)


def classical_error(split: Particles, exact: Particles) -> Any:
    """½∫|Zⁿ − Z(t)|²dμ of one cloud that was moved in two ways.

    >>> import jaxwigner as jw
    >>> from jaxwigner.theorems.mk.splitting import classical_error
    >>> one, other = (jw.Particles([1.0], [x], [0.0]) for x in (0.0, 0.2))
    >>> round(float(classical_error(one, other)), 9)
    0.02
    """
    gaps = jnp.sum((split.positions - exact.positions) ** 2, axis=1)
    gaps = gaps + jnp.sum((split.momenta - exact.momenta) ** 2, axis=1)
    return 0.5 * exact.weights @ gaps


def splitting_bound(
    L: Scalar, t: Scalar, hbar: Scalar, classical: Scalar | Float[Array, " n"], *, d: int = 1
) -> Any:
    """(√(½dħ)(e^{½(1+L)t} + √cosh θ_L(t)) + √`classical`)², with `classical` = ½∫|Zⁿ − Z(t)|²dμ: at least MK(Rⁿ, R(t))².

    >>> from jaxwigner.theorems.mk.splitting import splitting_bound
    >>> round(float(splitting_bound(1.0, 0.0, 0.1, 0.0)), 9)  # 2ħ
    0.2
    """
    check_positive_scalar("hbar", hbar)
    both = jnp.exp(0.5 * (1 + L) * t) + jnp.sqrt(jnp.cosh(angle(L, t)))
    return (jnp.sqrt(0.5 * d * hbar) * both + jnp.sqrt(classical)) ** 2


def splitting(
    cost: Bracket,
    L: Scalar,
    t: Scalar,
    hbar: Scalar,
    classical: Scalar | Float[Array, " n"],
    *,
    d: int = 1,
) -> Inequality:
    """MK(Rⁿ, R(t))² ≤ `splitting_bound`, for a measured `cost` = MK(Rⁿ, R(t))² of Töplitz data.

    >>> import jaxwigner as jw
    >>> from jaxwigner.theorems.mk.splitting import splitting
    >>> row = splitting(jw.Bracket(0.1, 0.11), 1.0, 0.0, 0.1, 0.0)  # nothing has moved: MK² of Töplitz data with themselves is ħ
    >>> row.verdict
    'holds'
    """
    return Inequality(
        "MK_ħ, splitting",
        "MK(Rⁿ, R(t))² ≤ (√(½dħ)(e^{½(1+L)t} + √cosh θ_L) + (½∫|Zⁿ − Z|²dμ)^{½})²",
        cost,
        splitting_bound(L, t, hbar, classical, d=d),
        parameters={"hbar": hbar, "L": L, "t": t},
    )


def fitted_excess(
    taus: Any, excess: Bracket, hbar: float, *, order: int = 2
) -> tuple[float, float]:
    """c₁ and c₂ of MK(Rⁿ, R(t))² − MK(R(t), R(t))² = c₁ħτʳ + c₂τ²ʳ, r = `order`, by least squares of relative errors.

    Steps whose excess is not known to a hundredth are left out; NaN if fewer than three are left.

    >>> import numpy as np
    >>> from jaxwigner import Bracket
    >>> from jaxwigner.theorems.mk.splitting import fitted_excess
    >>> taus = np.array([0.4, 0.2, 0.1])
    >>> [round(c, 9) for c in fitted_excess(taus, Bracket.exact(0.3 * 0.1 * taus**2 + 0.2 * taus**4), 0.1)]
    [0.3, 0.2]
    """
    value, width = np.asarray(excess.centre), np.broadcast_to(excess.width, np.shape(taus))
    known = np.abs(value) > 100 * width
    if known.sum() < 3:
        return float("nan"), float("nan")
    tau, value = np.asarray(taus)[known], value[known]
    terms = np.stack([hbar * tau**order, tau ** (2 * order)], axis=1) / value[:, None]
    c1, c2 = np.linalg.lstsq(terms, np.ones(len(tau)))[0]
    return float(c1), float(c2)


def gaussian_splitting(
    mu: Gaussian,
    stiffness: Scalar,
    hbar: Scalar,
    *,
    duration: Scalar,
    steps: int,
    method: str | Method = "strang",
) -> tuple[Inequality, Bracket, Array]:
    """`splitting` for Gaussian μ and V = ½κ|x|², where every method is a linear map and both sides are explicit; L = |κ|.

    **Returns:** the claim; the excess MK(Rⁿ, R(t))² − MK(R(t), R(t))²; ½∫|Zⁿ − Z(t)|²dμ.

    >>> import numpy as np, jaxwigner as jw
    >>> from jaxwigner.theorems import mk_splitting
    >>> point = jw.Gaussian(np.array([1.0, 0.0]), np.zeros((2, 2)))
    >>> claim, excess, classical = mk_splitting.gaussian_splitting(point, 1.0, 1e-9, duration=1.0, steps=2)
    >>> claim.verdict, bool(abs(excess.centre / classical - 1) < 1e-6)
    ('holds', True)
    """
    check_positive_scalar("hbar", hbar)
    d = mu.dimension
    exact, split = (
        jnp.kron(jnp.asarray(one), np.eye(d))
        for one in (flow_matrix(stiffness, duration), _split(stiffness, duration, steps, method))
    )
    noise = mu.covariance + 0.5 * hbar * jnp.eye(2 * d)
    R, other = (Gaussian(A @ mu.mean, A @ noise @ A.T) for A in (exact, split))
    gap = split - exact
    classical = 0.5 * (jnp.sum((gap @ mu.mean) ** 2) + jnp.sum(gap * (gap @ mu.covariance)))
    cost = gaussian_pair_cost(other, R, hbar)
    claim = splitting(cost, jnp.abs(stiffness), duration, hbar, classical, d=d)
    return claim, cost - self_distance(R, hbar), classical


def _split(stiffness: Scalar, duration: Scalar, steps: int, method: str | Method) -> Array:
    """The 2 × 2 matrix of all steps; a modified kick is that of ½κx² − cτ²(κx)²."""
    table, tau, step = find_method(method), duration / steps, jnp.eye(2)
    corrections = table.corrections or (0.0,) * len(table.kicks)
    for i, (kick, more) in enumerate(zip(table.kicks, corrections)):
        force = stiffness * (1 - 2 * more * tau**2 * stiffness)
        step = jnp.array([[1.0, 0.0], [-kick * tau * force, 1.0]]) @ step
        if i < table.stages:
            step = jnp.array([[1.0, table.drifts[i] * tau], [0.0, 1.0]]) @ step
    return jnp.linalg.matrix_power(step, steps)
