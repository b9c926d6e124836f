"""What the Schrödinger equation keeps under control uniformly in ħ: Ambrosio–Friesecke–Giannoulis Lemmas 3.2 and 3.3.

    |d/dt ∫∫W_ħ(t)φ| ≤ C_φ                                          (21): limits are continuous in time
    ∫_{|x|>R}|ψ(t)|² ≤ ∫_{|x|>R₀}|ψ₀|² + t√(2(E − inf U))/(R − R₀)   Lemma 3.3: positions stay tight
    ∫_{|p|>R}|ψ̂(t)|² ≤ 2(E − inf U)/R²                              momenta stay tight

Suprema over time are over sampled times; every run is repeated with half the step; an under-resolved one leaves the claim undecided.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Num

from jaxwigner import observables
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.grid import Grid, Scalar, phase_grid
from jaxwigner.inequality import ROUNDING, Inequality, equal_functions, sup_norm_error
from jaxwigner.phase_space import GaussianTest, wigner
from jaxwigner.phase_space._windows import check_state
from jaxwigner.potentials import Potential, as_potential
from jaxwigner.quantum import Moyal, Schrodinger
from jaxwigner.theorems.afg.liouville_defect import _both_ends
from jaxwigner.theorems.afg.sharp.oscillating import OscillatingTest
from jaxwigner.theorems.errors import Lags, Tested, observed_twice, resolution_error

Psi = Num[Array, "*shape"]
EDGE_MASS = 1e-6  # share of the mass at the edge of the box above which a tail is not measured


def derivative(
    psi: Psi, potential: Any, grid: Grid, test: GaussianTest, hbar: Scalar, *, lags: Lags = None
) -> Array:
    """d/dt ∫∫Wφ = ∫∫W p·∇_xφ + ∫∫fφ at the time of ψ (AFG, proof of Theorem 1.1 (ii)), for φ = a(x)e^{−|p−q|²/2τ²}.

    The transform of p·∇_xφ is ∇a(x)·(q − iτ²y) F(y), in general ∇a(x)·i∇_yF(y).

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> grid = jw.Grid(-8.0, 8.0, 96)
    >>> psi = jw.coherent_state(grid, 0.0, 1.0, 0.5)
    >>> phi = jw.phase_space.GaussianTest(lambda x: jnp.exp(-((x - 1) ** 2)), momentum=1.0, width=1.0)
    >>> bool(jw.theorems.propagation.derivative(psi, jw.potentials.Free(), grid, phi, 0.5) > 0)
    True
    """
    return _derivative(Tested(psi, grid, test, hbar, lags), as_potential(potential))


def _derivative(seen: Tested, potential: Potential) -> Array:
    test, hbar = seen.test, seen.hbar
    profile = as_potential(test.profile)

    def kernel(x, y):
        forward, backward = _both_ends(potential, x, y, hbar)
        force = 1j / hbar * (forward - backward)
        drift = sum(s * b for s, b in zip(profile.gradient(*x), _moved(test, y)))
        return drift - force * test.transform(x, y)

    return jnp.real(seen.integral(kernel))


def _moved(test: GaussianTest, y: tuple[Array, ...]) -> list[Array]:
    """F_p(p_kb) = i∂_kF_pb for φ = a(x)b(p); F_pb is the transform of a test function with a = 1."""
    flat = eqx.tree_at(lambda one: one.profile, test, lambda *x: jnp.ones_like(x[0]))
    one = tuple(jnp.ones(()) for _ in y)
    transform = lambda *y: flat.transform(one, y)  # noqa: E731
    units = np.eye(len(y))
    return [1j * jax.jvp(transform, y, tuple(jnp.asarray(e) for e in unit))[1] for unit in units]


def _mean_speed(test: GaussianTest, d: int) -> Array:
    """A bound of (2π)^{−d}∫|F_p(pb)|dy: √(|q|² + dτ²) for a Gaussian b, by Jensen."""
    if isinstance(test, OscillatingTest):
        return test.speed
    momenta = jnp.broadcast_to(jnp.asarray(test.momentum, float), (d,))
    return jnp.sqrt(jnp.sum(momenta**2) + d * test.width**2)


def rate_of_change(
    psi: Psi,
    potential: Any,
    grid: Grid,
    test: GaussianTest,
    hbar: Scalar,
    *,
    slope: Scalar,
    duration: Scalar,
    steps: int,
    saves: int = 16,
    lags: Lags = None,
) -> Inequality:
    """max_t |d/dt ∫∫W(t)φ| ≤ (2π)^{−d}[‖p·∇_xφ‖_A + sup|∇U| ∫|y|sup_x|F_pφ|dy], a constant without ħ (AFG (21) for U_s = 0).

    For φ = a(x)e^{−|p−q|²/2τ²}: (2π)^{−d}‖p·∇_xφ‖_A ≤ sup|∇a|√(|q|² + dτ²), by Jensen.

    **Arguments:** `potential`: a `Potential` that knows its `gradient_bound`; `slope`: sup|∇a|.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> grid, U = jw.Grid(-8.0, 8.0, 96), jw.potentials.Cosine(0.3)
    >>> psi, phi = jw.coherent_state(grid, 0.0, 1.0, 0.5), jw.phase_space.GaussianTest(jnp.sin, momentum=1.0, width=1.0)
    >>> jw.theorems.propagation.rate_of_change(psi, U, grid, phi, 0.5, slope=1.0, duration=1.0, steps=10).verdict
    'holds'
    """
    check_state(psi, grid, "psi")
    potential, d = as_potential(potential), grid.dimension
    seen = Tested(psi, grid, test, hbar, lags)
    (values, quadrature), (error, _), _ = observed_twice(
        Schrodinger(grid, potential, hbar),
        psi,
        lambda u: (_derivative(seen.at(u), potential), seen.at(u).error),
        duration=duration,
        steps=steps,
        saves=saves,
    )
    transport = slope * _mean_speed(test, d)
    bound = (transport + potential.gradient_bound * seen.moment(1)) * seen.norm
    lhs = sup_norm_error(jnp.abs(values), error + quadrature * bound).max()
    law = "max_t|d/dt∫∫Wφ| ≤ (2π)^{−d}[‖p·∇ₓφ‖_A + sup|∇U|∫|y|sup|F_pφ|dy], sampled times"
    return Inequality("AFG (21)", law, lhs, bound, width=1e-6 * bound, parameters={"hbar": hbar})


def _energy_above(psi: Psi, potential: Potential, grid: Grid, hbar: Scalar, lower: Any) -> Array:
    """E − inf U."""
    values = jnp.broadcast_to(potential(*grid.mesh), grid.shape)
    energy = observables.kinetic_energy(psi, grid, hbar)
    energy = energy + observables.potential_energy(psi, grid, values)
    return energy - (potential.lower_bound if lower is None else lower)


def _outside(density: Array, radii: Array, radius: Scalar, margin: Scalar, cell: Scalar) -> Array:
    """Mass beyond `radius`, for certain and possibly: cells within `margin` of the sphere count as in or out."""
    certain = jnp.sum(jnp.where(radii > radius + margin, density, 0.0)) * cell
    possible = jnp.sum(jnp.where(radii > radius - margin, density, 0.0)) * cell
    return jnp.stack([certain, possible])


def _between(mass: Array, error: Array) -> Bracket:
    """A mass that lies between what is certain and what is possible, each known to ± error."""
    lower, upper = mass[:, 0] - error[:, 0], mass[:, 1] + error[:, 1]
    return Bracket(lower - ROUNDING, upper + ROUNDING, False)


def position_tail(
    psi: Psi,
    potential: Any,
    grid: Grid,
    hbar: Scalar,
    *,
    radius: Scalar,
    inner: Scalar,
    duration: Scalar,
    steps: int,
    saves: int = 16,
    lower_bound: Scalar | None = None,
) -> Inequality:
    """∫_{|x|>R}|ψ(t)|² ≤ ∫_{|x|>R₀}|ψ₀|² + t√(2(E − inf U))/(R − R₀) (AFG Lemma 3.3 with an explicit constant, beyond the paper).

    **Arguments:** `radius`, `inner`: R > R₀ ≥ 0; `lower_bound`: inf U, by default what the `Potential` says (a wrong one is a control).

    **Returns:** one claim for each of the `saves` + 1 sampled times.

    >>> import jaxwigner as jw
    >>> grid, U = jw.Grid(-8.0, 8.0, 96), jw.potentials.Cosine(0.3)
    >>> psi = jw.coherent_state(grid, 0.0, 1.0, 0.5)
    >>> jw.theorems.propagation.position_tail(psi, U, grid, 0.5, radius=3.0, inner=1.5, duration=1.0, steps=10).verdict
    'holds'
    """
    check_state(psi, grid, "psi")
    potential = as_potential(potential)
    radii = jnp.sqrt(sum(x**2 for x in grid.mesh))
    margin = jnp.sqrt(sum(jnp.asarray(step) ** 2 for step in grid.spacing))

    def look(u):
        rho = observables.position_density(u, grid)
        edge = observables.edge_mass(rho, tuple(range(grid.dimension)))
        return _outside(rho, radii, radius, margin, grid.cell), edge

    times = {"duration": duration, "steps": steps, "saves": saves}
    system = Schrodinger(grid, potential, hbar)
    (mass, edge), (error, _), saved = observed_twice(system, psi, look, **times)
    # The claim is about all of space: what reaches an edge comes back on the other side, even where U is periodic.
    error = jnp.where(jnp.max(edge) < EDGE_MASS, error, jnp.inf)
    rho = observables.position_density(psi, grid)
    start = _outside(rho, radii, inner, margin, grid.cell)
    speed = jnp.sqrt(2 * _energy_above(psi, potential, grid, hbar, lower_bound))
    travelled = saved * speed / (radius - inner)
    return Inequality(
        "AFG Lemma 3.3, explicit",
        "∫_{|x|>R}|ψ(t)|² ≤ ∫_{|x|>R₀}|ψ₀|² + t√(2(E−inf U))/(R−R₀), sampled times",
        _between(mass, error),
        Bracket(start[0] + travelled, start[1] + travelled, False),
        width=1e-3,
        parameters={"hbar": hbar, "radius": radius, "inner": inner},
    )


def momentum_tail(
    psi: Psi,
    potential: Any,
    grid: Grid,
    hbar: Scalar,
    *,
    radius: Scalar,
    duration: Scalar,
    steps: int,
    saves: int = 16,
    lower_bound: Scalar | None = None,
) -> Inequality:
    """∫_{|p|>R}|ψ̂(t)|²dp ≤ 2(E − inf U)/R² for all t (AFG, proof of Theorem 1.1 (ii)): momenta stay tight.

    **Returns:** one claim for each of the `saves` + 1 sampled times.

    >>> import jaxwigner as jw
    >>> grid, U = jw.Grid(-8.0, 8.0, 96), jw.potentials.Harmonic(1.0)
    >>> psi = jw.coherent_state(grid, 0.0, 1.0, 0.5)
    >>> jw.theorems.propagation.momentum_tail(psi, U, grid, 0.5, radius=2.0, duration=1.0, steps=10).verdict
    'holds'
    """
    check_state(psi, grid, "psi")
    potential = as_potential(potential)
    radii = hbar * jnp.sqrt(sum(k**2 for k in grid.wavenumber_mesh))
    spacing = [2 * jnp.pi * hbar / length for length in grid.length]
    margin = jnp.sqrt(sum(jnp.asarray(step) ** 2 for step in spacing))
    look = lambda u: _outside(  # noqa: E731
        observables.spectral_weights(u, grid), radii, radius, margin, 1.0
    )
    times = {"duration": duration, "steps": steps, "saves": saves}
    mass, error, _ = observed_twice(Schrodinger(grid, potential, hbar), psi, look, **times)
    excess = _energy_above(psi, potential, grid, hbar, lower_bound)
    return Inequality(
        "AFG Theorem 1.1 (ii)",
        "∫_{|p|>R}|ψ̂(t)|²dp ≤ 2(E−inf U)/R², sampled times",
        _between(mass, error),
        2 * excess / radius**2,
        width=1e-3,
        parameters={"hbar": hbar, "radius": radius},
    )


def wigner_transports(
    psi: Psi, potential: Any, grid: Grid, hbar: Scalar, *, duration: Scalar, steps: int
) -> Inequality:
    """The Wigner function of ψ(t) solves (WE): W[ψ(t)] equals the solution of (WE) started from W[ψ(0)] (AFG Lemma 2.1).

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-8.0, 8.0, 96)
    >>> psi = jw.coherent_state(grid, 0.5, 0.5, 0.5)
    >>> jw.theorems.propagation.wigner_transports(
    ...     psi, lambda x: x**4 / 16, grid, 0.5, duration=0.5, steps=20
    ... ).verdict
    'holds'
    """

    potential, phase = as_potential(potential), phase_grid(grid, hbar)
    times = {"duration": duration, "steps": steps, "saves": 1}

    def look(u):
        return wigner(u, grid, phase, hbar), resolution_error(u, grid)

    quantum, quantum_error, _ = observed_twice(
        Schrodinger(grid, potential, hbar), psi, look, **times
    )
    moyal, moyal_error, _ = observed_twice(
        Moyal(phase, potential, hbar), quantum[0][0], lambda W: W, **times
    )
    right, left = quantum[0][1], moyal[1]
    error = jnp.max(quantum_error[0][1] + moyal_error[1]) / jnp.max(jnp.abs(right))
    error = error + 10 * jnp.max(quantum[1])
    law = "W[ψ(t)] = solution of (WE) from W[ψ(0)]"
    return equal_functions("AFG (WE)", law, left, right, error=error, parameters={"hbar": hbar})
