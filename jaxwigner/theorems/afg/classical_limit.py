"""From quantum to classical molecular dynamics: Ambrosio–Friesecke–Giannoulis Theorem 1.1 for smooth potentials.

Wave packets ψ = ħ^{−αd/2} e^{ip·x/ħ} φ((x − q)/ħ^α) with the Gaussian φ = π^{−d/4}e^{−|u|²/2} have a Gaussian Wigner function, with
variances ½ħ^{2α} in position and ½ħ^{2−2α} in momentum: a classical ensemble, whose transport by Newton's equations is compared
with that of ψ.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Num

from jaxwigner._types import Array
from jaxwigner.classical import Newton
from jaxwigner.engine.evolve import evolve
from jaxwigner.grid import Grid, Scalar
from jaxwigner.inequality import Inequality, rate
from jaxwigner.phase_space import GaussianTest
from jaxwigner.phase_space.ensembles import gaussian_ensemble as gaussian_ensemble
from jaxwigner.phase_space.ensembles import packet_ensemble as packet_ensemble
from jaxwigner.potentials import as_potential
from jaxwigner.quantum import Schrodinger
from jaxwigner.states import Particles
from jaxwigner.theorems.errors import Lags, Tested

Psi = Num[Array, "*shape"]  # real wave functions are welcome


def quantum_value(
    psi: Psi,
    potential: Any,
    grid: Grid,
    test: GaussianTest,
    hbar: Scalar,
    *,
    duration: Scalar,
    steps: int,
    lags: Lags = None,
) -> Array:
    """∫∫W_ħ(t)φ of the evolved packet; NaN where the run is under-resolved.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> grid, phi = jw.Grid(-6.0, 6.0, 64), jw.phase_space.GaussianTest(jnp.cos, momentum=0.0, width=1.0)
    >>> args = jw.coherent_state(grid, 1.0, 0.0, 0.5), jw.potentials.Harmonic(1.0), grid, phi, 0.5
    >>> half, start = (jw.theorems.classical_limit.quantum_value(*args, duration=t, steps=20) for t in (jnp.pi, 0.0))
    >>> bool(abs(half - start) < 1e-6)  # (x, p) → (−x, −p)
    True
    """
    start = Tested(psi, grid, test, hbar, lags)
    system = Schrodinger(grid, potential, hbar)
    run = evolve(system, psi, duration=duration, steps=steps, gradient="forward", throw=False)
    return jnp.where(run.diagnostics.status == 0, start.at(run.state).value, jnp.nan)


def classical_value(
    ensemble: Particles, potential: Any, test: GaussianTest, *, duration: Scalar, steps: int
) -> Array:
    """∫φ d(Φ_t#W₀): the push-forward of an ensemble by Newton's equations, tested against φ.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> point = jw.Particles([1.0], [1.0], [0.0])
    >>> phi = jw.phase_space.GaussianTest(lambda x: x, momentum=0.0, width=1.0)
    >>> value = jw.theorems.classical_limit.classical_value(point, jw.potentials.Harmonic(1.0), phi, duration=jnp.pi, steps=40)
    >>> round(float(value), 6)
    -1.0
    """
    options = {"duration": duration, "steps": steps, "gradient": "forward", "throw": False}
    z = evolve(Newton(potential), ensemble, **options).state
    return z.weights @ test(tuple(z.positions.T), tuple(z.momenta.T))


def observable_errors(
    packet: Callable,
    ensemble: Callable,
    potential: Any,
    grid: Grid,
    test: GaussianTest,
    hbars: Array,
    *,
    duration: Scalar,
    steps: int,
    lags: Lags = None,
) -> Array:
    """|∫∫W_ħ(t)φ − ∫φ d(Φ_t#W₀)| at several ħ, as one batch.

    **Arguments:** `packet`: ħ ↦ ψ on `grid`; `ensemble`: ħ ↦ `Particles`, the classical initial measure.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> errors = jw.theorems.classical_limit.observable_errors(
    ...     lambda hbar: jw.coherent_state(grid, 1.0, 0.0, hbar),
    ...     lambda hbar: jw.theorems.classical_limit.packet_ensemble(1.0, 0.0, hbar, 0.5, (24, 24)),
    ...     jw.potentials.Harmonic(1.0),
    ...     grid,
    ...     jw.phase_space.GaussianTest(jnp.cos, momentum=0.0, width=1.0),
    ...     jnp.array([0.5, 0.4]),
    ...     duration=1.0,
    ...     steps=20,
    ... )
    >>> bool((errors < 1e-6).all())  # quadratic U: no difference
    True
    """
    potential = as_potential(potential)

    def difference(hbar):
        times = {"duration": duration, "steps": steps}
        quantum = quantum_value(packet(hbar), potential, grid, test, hbar, lags=lags, **times)
        return quantum - classical_value(ensemble(hbar), potential, test, **times)

    return jnp.abs(jax.vmap(difference)(hbars))


def convergence(hbars: Array, errors: Array, order: float, statement: str) -> Inequality:
    """Observables converge at the rate ħ^order (AFG Theorem 1.1 (i), (iv); the order is beyond the paper): slope within ±0.15.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> hbars = jnp.array([0.1, 0.05, 0.025])
    >>> jw.theorems.classical_limit.convergence(hbars, 2 * hbars, 1, "delta limit").verdict
    'holds'
    """
    predicted = (order - 0.15, order + 0.15)
    law = f"{statement}, O(ħ^{order:g})"
    numbers = {"smallest_hbar": jnp.min(hbars)}
    return rate("AFG Theorem 1.1", law, hbars, errors, predicted, parameters=numbers)
