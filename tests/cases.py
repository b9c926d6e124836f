"""One small problem for each system: everything is tiny at the periodic edges, nothing is square, ħ ≠ 1."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from exact import gaussian

import jaxwigner as jw

HBAR = 0.1
SYSTEMS = ("schrodinger", "newton", "moyal", "liouville")
METHODS = tuple(jw.METHODS)
DURATION = 2.0


class Case(NamedTuple):
    system: Any
    state: Any
    scale: float  # the size of the state, so that errors are relative


def pendulum(name: str, mass: float = 1.3) -> Case:
    """U = 1.1 (1 − cos x) on a periodic box, so that nothing but the time step limits the accuracy."""
    potential = jw.potentials.Torsion(1.1)
    grid = jw.Grid(-np.pi, np.pi, 96)
    phase = jw.PhaseGrid(jw.Grid(-np.pi, np.pi, 90), jw.Grid(-3.5, 3.2, 108))
    (x,), (p,) = phase.mesh
    spread = jnp.array([[0.05, 0.01], [0.01, 0.06]])
    field = gaussian((x, p), (0.4, 0.3), spread)
    rng = np.random.default_rng(1)
    cloud = jw.Particles(np.full(7, 1 / 7), rng.normal(size=7), rng.normal(size=7))
    if name == "schrodinger":
        psi = jw.coherent_state(grid, 0.4, 0.3, HBAR)
        return Case(jw.Schrodinger(grid, potential, HBAR, mass), psi, 1.5)
    if name == "newton":
        return Case(jw.Newton(potential, mass), cloud, 1.0)
    if name == "moyal":
        return Case(jw.Moyal(phase, potential, HBAR, mass), field, 3.0)
    return Case(jw.Liouville(phase, potential, mass), field, 3.0)


def whole(function: Any, state: Any, *known: Any) -> Any:
    """`function(state, *known)` as one compiled program; grids and numbers are known in it, as they are without."""
    return jax.jit(lambda u: function(u, *known))(state)


def distance(one: Any, other: Any) -> float:
    """The largest difference of two states."""
    gaps = jax.tree.map(lambda a, b: float(jnp.max(jnp.abs(a - b))), one, other)
    return max(jax.tree.leaves(gaps))


def slope(steps: Any, errors: Any) -> float:
    """The order of convergence, by regression."""
    return -np.polyfit(np.log(steps), np.log(errors), 1)[0]


def one_body_moments(r, grid, hbar):
    """Mean and covariance (x, p) of a one-body density matrix, d = 1."""
    x = grid.axes[0]
    values, vectors = jnp.linalg.eigh(r * grid.cell)
    state = jw.MixedState(jnp.maximum(values, 0.0), vectors.T / jnp.sqrt(grid.cell))
    rho, power = jnp.diag(r).real, jw.observables.spectral_weights(state, grid)
    k = grid.wavenumbers[0]
    mean = np.array([jnp.sum(x * rho) * grid.cell, hbar * jnp.sum(k * power)])
    current = jw.observables.current(state, grid, hbar)[0]
    mixed = jnp.sum(x * current) * grid.cell
    second = np.array(
        [[jnp.sum(x**2 * rho) * grid.cell, mixed], [mixed, hbar**2 * jnp.sum(k**2 * power)]]
    )
    return mean, second - np.outer(mean, mean)


def case_run(case, duration, steps, method, state=None, **options):
    """A run of a case, for use under jit."""
    start = case.state if state is None else state
    options = {"throw": False, **options}
    return jw.evolve(case.system, start, duration=duration, steps=steps, method=method, **options)
