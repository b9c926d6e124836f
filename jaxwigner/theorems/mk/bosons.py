"""N bodies beside the Hartree equation in MK_ħ for a V that is not quadratic: condensates of any N, and two bodies in a mixed state.

    condensate   R = |φ⟩⟨φ| is pure, and so is R^{⊗N}: MK(R, R_N^1)² = (1/N)MK(R^{⊗N}, R_N)² = ½(|m − m′|² + tr S_φ + tr S_N)
    two bodies   ½MK(R(t)^{⊗2}, R_2(t))² on the range of R(0)^{⊗2}, which both flows carry

against the bounds of `theorems.mk_mean_field`, with K_N = N^{−2}∫ρ[(N−1)|∇V|²⋆ρ − (N−2)|∇V⋆ρ|²] of the Hartree solution's density ρ(s).
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import lax
from jaxtyping import Complex, Float

from jaxwigner._checks import check_positive_scalar, require
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.engine.evolve import evolve
from jaxwigner.grid import Grid, Scalar, check_line
from jaxwigner.inequality import Inequality
from jaxwigner.observables import density_of
from jaxwigner.potentials import as_potential
from jaxwigner.quantum import FockExcitations, Hartree, ManyBody
from jaxwigner.states import Gaussian, MixedState
from jaxwigner.theorems.errors import by_steps, condensate_error, refined
from jaxwigner.theorems.gp.rates import lipschitz
from jaxwigner.theorems.mk.mean_field import FORMS, mean_field_bound
from jaxwigner.transport import product_cost, quantum_moments, quantum_transport

SAVES = 16  # pieces of time that K_N is known at
TOLERANCE = 1e-8


def grid_consistency(
    density: Float[Array, " x"], pair: Any, grid: Grid, number: Scalar
) -> Float[Array, ""]:
    """K_N of a density on a grid (d = 1), by the sums over all pairs of points; V as it stands, with no periodic images.

    >>> import jaxwigner as jw
    >>> from jaxwigner.theorems.mk.bosons import grid_consistency
    >>> grid, V = jw.Grid(-6.0, 6.0, 96), jw.potentials.Harmonic(0.5)
    >>> rho = abs(jw.coherent_state(grid, 0.0, 0.0, 0.4)) ** 2
    >>> round(float(grid_consistency(rho, V, grid, 10)), 12)  # κ²·Var x/N = ¼·.2/10
    0.005
    """
    check_line(grid)
    (x,) = grid.axes
    x, mass = jnp.asarray(x), density * grid.cell
    (force,) = as_potential(pair).gradient(x[:, None] - x[None, :])
    squares, mean = force**2 @ mass, force @ mass
    return mass @ ((number - 1) * squares - (number - 2) * mean**2) / number**2


def condensate_mean_field(
    phi: Complex[Array, " x"],
    pair: Any,
    grid: Grid,
    hbar: Scalar,
    number: Scalar,
    *,
    duration: Scalar,
    steps: int,
) -> dict[str, Inequality]:
    """D(t) ≤ its bound, in the three forms, for N ≥ 10 bosons that start in φ^{⊗N} (d = 1); n = 1 and n = N alike.

    **Returns:** an `Inequality` for each of `FORMS`; the error of the left side is what the run says of itself.

    >>> import jax, jaxwigner as jw
    >>> from jaxwigner.theorems.mk.bosons import condensate_mean_field
    >>> grid, V = jw.Grid(-8.0, 8.0, 64), jw.potentials.Gaussian(1.0, 1.0)
    >>> phi = jw.coherent_state(grid, 0.0, 0.0, 0.5)
    >>> found = jax.jit(lambda phi: condensate_mean_field(phi, V, grid, 0.5, 100.0, duration=0.5, steps=16))(phi)
    >>> [one.verdict for one in found.values()]
    ['holds', 'holds', 'holds']
    """
    pair = as_potential(pair)
    R = MixedState(jnp.ones(1), phi[None])
    end, K = _hartree(R, pair, grid, hbar, number, duration, steps)
    bosons = FockExcitations(grid, pair, hbar=hbar, number=number)
    run = bosons.evolve(phi, duration=duration, steps=steps, throw=False)
    limit, bodies = (_moments(state, grid, hbar) for state in (end, run.state))
    cost = product_cost(limit, bodies)
    start = product_cost(*[_moments(R, grid, hbar)] * 2)
    left = Bracket.estimated(cost, condensate_error(run) * cost)
    return _claims(left, Bracket.exact(start), K, pair, grid, hbar, number, duration)


def two_bodies_mean_field(
    R: MixedState, pair: Any, grid: Grid, hbar: Scalar, *, duration: Scalar, steps: int
) -> dict[str, Inequality]:
    """½MK(R(t)^{⊗2}, R_2(t))² ≤ its bound, in the three forms, for two bodies that start in R⊗R (d = 1), on the grid.

    **Arguments:** `R`: of orthonormal orbitals, up to eight or so. **Returns:** an `Inequality` for each of `FORMS`.

    >>> import jax, jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.theorems.mk.bosons import two_bodies_mean_field
    >>> grid, V = jw.Grid(-6.0, 6.0, 48), jw.potentials.Gaussian(1.0, 1.0)
    >>> R = jw.MixedState(jnp.ones(1), jw.coherent_state(grid, 0.0, 0.0, 0.5)[None])
    >>> found = jax.jit(lambda R: two_bodies_mean_field(R, V, grid, 0.5, duration=0.5, steps=8))(R)
    >>> [one.verdict for one in found.values()]
    ['holds', 'holds', 'holds']
    """
    check_positive_scalar("hbar", hbar)
    require(isinstance(R, MixedState), "R", "be a MixedState", R)
    check_line(grid)
    pair = as_potential(pair)
    end, K = _hartree(R, pair, grid, hbar, 2, duration, steps)
    both = ManyBody(grid, pair, hbar, 2, symmetric=False)
    plane = Grid(grid.lower * 2, grid.upper * 2, grid.points * 2)
    joint = {"grid": plane, "rank": len(R.weights) ** 2}

    def cost(number):
        bodies = evolve(both, _product(R), duration=duration, steps=number, throw=False).state
        return _MK(_product(end), bodies, hbar, **joint) * 0.5

    costs = by_steps(cost, (steps, steps // 2), (R, pair, hbar, duration))
    left, start = refined(*costs), _MK(R, R, hbar, grid=grid, rank=len(R.weights))
    return _claims(left, start, K, pair, grid, hbar, 2, duration)


def _MK(R: MixedState, S: MixedState, hbar: Scalar, **options: Any) -> Bracket:
    return quantum_transport(R, S, hbar=hbar, tolerance=TOLERANCE, **options).cost


def _product(R: MixedState) -> MixedState:
    """R⊗R."""
    k, shape = len(R.weights), R.orbitals.shape[1:]
    orbitals = jnp.einsum("ix,jy->ijxy", R.orbitals, R.orbitals).reshape(k * k, *shape * 2)
    return MixedState(jnp.einsum("i,j->ij", R.weights, R.weights).reshape(-1), orbitals)


def _hartree(R: MixedState, pair: Any, grid: Grid, hbar, number, duration, steps):
    """R(t), and K_N at the saved times."""
    flow = Hartree(grid, pair, hbar)
    options = {"duration": duration, "steps": steps, "saves": SAVES, "throw": False}
    run = evolve(flow, R, observe=density_of, **options)
    K = lax.map(lambda density: grid_consistency(density, pair, grid, number), run.observed)
    return run.state, K


def _moments(state: Any, grid: Grid, hbar: Scalar) -> Gaussian:
    return quantum_moments(state, grid=grid, hbar=hbar)


def _claims(left, start, K, pair, grid, hbar, number, duration) -> dict[str, Inequality]:
    L, floor = lipschitz(pair), grid.dimension * hbar
    numbers = {"hbar": hbar, "N": number, "t": duration}
    return {
        form: Inequality(
            "MK_ħ, mean field",
            f"(1/n)MK(R^⊗n, R_N^n)² ≤ bound by {form}, bosons",
            left,
            mean_field_bound(start, K, L, duration, floor, form=form),
            parameters=numbers,
        )
        for form in FORMS
    }
