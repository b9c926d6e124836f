"""Couplings of two quantum states carried by two flows, and what they cost: upper bounds of MK_ħ² at later times.

    F(t) = (U⊗V)F(U⊗V)*,      𝓔(t) = tr(C F(t)) = ½(A + B) ≥ MK_ħ(R(t), S(t))²,   A = ⟨|x − x′|²⟩,  B = ⟨|p − p′|²⟩

U and V carry the orbitals of both states and keep the marginals. In the moving bases U e_i, V f_l the matrix of F does not change: only
those of Ẑ and of its squares between the moving vectors do. For F = Σw_k|ψ_kφ_k⟩⟨ψ_kφ_k| (Töplitz data) they are read off each vector.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import check_integer, check_positive_scalar, concrete, require
from jaxwigner._types import Array
from jaxwigner.engine.evolve import evolve
from jaxwigner.engine.system import System
from jaxwigner.grid import Grid, Scalar, check_line
from jaxwigner.states import MixedState
from jaxwigner.transport.couplings import CouplingCost, check_quantum, squares
from jaxwigner.transport.solvers.matrices import broadcasting, trace_product
from jaxwigner.transport.solvers.range import family


class CarriedPair(eqx.Module):
    """A coupling over time: `times` (S + 1,), `costs`, and both states at the last time."""

    times: Float[Array, " s"]
    costs: CouplingCost
    first: MixedState
    second: MixedState


@broadcasting
def pair_cost(
    R: MixedState, S: MixedState, grid: Grid, hbar: Scalar, *, coupling: Any = None
) -> CouplingCost:
    """A and B of a coupling of two mixed states: that of their k-th orbitals, or an earlier `coupling` after both have moved.

    **Arguments:** `R`, `S`: mixed states on `grid`; with no coupling of as many orbitals, the same weights and ‖ψ_k‖ = ‖φ_k‖ = 1;
    `coupling`: from `quantum_transport` of the same orbitals earlier, in the same order.

    **Raises:** `ValueError` for other weights, or numbers of orbitals that differ from those of the coupling.

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 96)
    >>> one, other = (jw.toeplitz_state(jw.Particles([0.5, 0.5], [0.0, x], [0.0, -1.0]), grid, 0.2) for x in (1.0, 1.4))
    >>> round(float(jw.transport.pair_cost(one, other, grid, 0.2).cost), 9)  # ħ + ½·½·.4²
    0.24
    """
    check_positive_scalar("hbar", hbar)
    for name, state in (("R", R), ("S", S)):
        require(isinstance(state, MixedState), name, "be a MixedState", state)
        require(
            state.orbitals.shape[1:] == grid.shape,
            name,
            f"have orbitals of shape {grid.shape}",
            state.orbitals,
        )
    require(isinstance(grid, Grid), "grid", "be a Grid", grid)
    check_line(grid)
    if coupling is None:
        return _side_by_side(R, S, grid, hbar)
    return _moved(coupling, R, S, grid, hbar)


def _side_by_side(R: MixedState, S: MixedState, grid: Grid, hbar: Scalar) -> CouplingCost:
    must = "have the weights of `R`, whose k-th orbital is paired with its own"
    same = R.weights.shape == S.weights.shape
    require(same, "S", must, S.weights)
    if concrete((R.weights, S.weights)):
        close = np.allclose(R.weights, S.weights, rtol=0, atol=1e-12)
        require(close, "S", must, S.weights)

    def moments(psi):
        one = MixedState(jnp.ones(1), psi[None])
        _, Z, _ = family(one, grid, hbar).sandwich(jnp.ones((1, 1), complex))
        second = jnp.stack(squares(one, jnp.ones((1, 1), complex), grid, hbar))
        return jnp.real(Z[:, 0, 0]), jnp.real(second[:, 0, 0])

    (z, a), (y, b) = (jax.vmap(moments)(state.orbitals) for state in (R, S))
    terms = R.weights @ (a + b - 2 * z * y)
    d = grid.dimension
    return CouplingCost(jnp.sum(terms[:d]), jnp.sum(terms[d:]))


def _moved(coupling: Any, R: MixedState, S: MixedState, grid: Grid, hbar: Scalar) -> CouplingCost:
    F = coupling.coupling
    sides = []
    for name, state, one in zip("RS", (R, S), coupling.states):
        T = one.coefficients
        must = f"have the {T.shape[0]} orbitals of the coupling"
        require(state.orbitals.shape[0] == T.shape[0], name, must, state.orbitals.shape[0])
        _, Z, _ = family(state, grid, hbar).sandwich(T)
        sides.append((Z, squares(state, T, grid, hbar)))
    (Z, second), (Y, other) = sides
    rho, sigma = jnp.einsum("ilkl->ik", F), jnp.einsum("ilim->lm", F)
    d = grid.dimension

    def half(axes):
        own = sum(trace_product(rho.conj().T, second[i]) for i in axes)
        own = own + sum(trace_product(sigma.conj().T, other[i]) for i in axes)
        joint = (jnp.einsum("ilkm,ki,ml->", F, Z[i], Y[i]) for i in axes)
        return own - 2 * jnp.real(sum(joint))

    return CouplingCost(half(range(d)), half(range(d, 2 * d)))


def carry_quantum(
    R: MixedState,
    S: MixedState,
    first: System,
    second: System,
    *,
    grid: Grid,
    hbar: Scalar,
    duration: Scalar,
    steps: int,
    saves: int = 8,
    coupling: Any = None,
    throw: bool = True,
) -> CarriedPair:
    """𝓔(t) of a coupling of two quantum states carried by both flows: the twin of `carry` between two density operators.

    **Arguments:** `R`, `S`: the states on `grid`; `first`, `second`: the systems that move them; `coupling`: an optimal coupling from
    `quantum_transport` of just these two, or None for the one that pairs the k-th orbitals; `saves`: S, at S + 1 equally spaced
    times; the rest as in `evolve`.

    **Raises:** `ValueError` for a grid or an ħ other than those of the systems, and for under-resolved runs.

    >>> import jaxwigner as jw
    >>> grid, V = jw.Grid(-8.0, 8.0, 96), jw.potentials.Gaussian(1.0, 1.0)
    >>> R = jw.toeplitz_state(jw.Particles([0.5, 0.5], [0.0, 1.0], [0.5, 0.0]), grid, 0.2)
    >>> flow = jw.Hartree(grid, V, 0.2)
    >>> run = jw.transport.carry_quantum(R, R, flow, flow, grid=grid, hbar=0.2, duration=1.0, steps=40, saves=2)
    >>> [round(float(cost), 6) for cost in run.costs.cost[:1]], bool(run.costs.cost[-1] > 0.2)  # dħ at first
    ([0.2], True)
    """
    check_integer("saves", saves, at_least=1)
    for system in (first, second):
        check_quantum(system, grid, hbar)
    options = {"duration": duration, "steps": steps, "saves": saves, "throw": throw}
    runs = [evolve(system, state, **options) for system, state in ((first, R), (second, S))]
    costs = jax.lax.map(
        lambda pair: pair_cost(pair[0], pair[1], grid, hbar, coupling=coupling),
        tuple(run.observed for run in runs),
    )
    return CarriedPair(runs[0].times, costs, runs[0].state, runs[1].state)
