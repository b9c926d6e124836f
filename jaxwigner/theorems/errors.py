"""What the claims share: how well a state is resolved, and integrals of Gaussian test functions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import jax.scipy.special as special
import numpy as np

from jaxwigner import observables
from jaxwigner._checks import per_axis, require
from jaxwigner._types import Array
from jaxwigner.engine.evolve import evolve
from jaxwigner.engine.system import System
from jaxwigner.grid import Grid, Scalar
from jaxwigner.inequality import ROUNDING
from jaxwigner.phase_space import GaussianTest, weak_integral


def resolution_error(psi: Array, grid: Grid) -> Array:
    """Relative error of spectral quadratures of ψ: the amplitudes in the outer tenth of its spectrum and at the edge of the box."""
    rho = observables.position_density(psi, grid)
    power = observables.spectral_weights(psi, grid)
    tail = observables.spectral_tail(power, grid.wavenumber_mesh)
    edge = observables.edge_mass(rho, tuple(range(grid.dimension)))
    return jnp.sqrt(tail) + jnp.sqrt(edge) + ROUNDING


def weak_error(
    psi: Array, grid: Grid, test: GaussianTest, hbar: Scalar, lags: int | None = None
) -> Array:
    """Relative error of ∫∫Wφ from lags y = mΔ/ħ: that of ψ, the images of φ in momentum, and the lags left out.

    The image, a period 2πħ/Δ of momentum away, is seen by momenta up to 7 standard deviations from the mean.
    """
    density = observables.spectral_weights(psi, grid)
    error = resolution_error(psi, grid)
    centres = per_axis("momentum", test.momentum, grid.dimension)
    for k, step, centre in zip(grid.wavenumber_mesh, grid.spacing, centres):
        p = hbar * k
        mean = jnp.sum(p * density) / jnp.sum(density)
        deviation = jnp.sqrt(jnp.sum((p - mean) ** 2 * density) / jnp.sum(density))
        room = 2 * np.pi * hbar / step - jnp.abs(mean - centre) - 7 * deviation
        error = error + 2 * jnp.exp(-0.5 * (jnp.maximum(room, 0.0) / test.width) ** 2)
        if lags is not None:
            error = error + 2 * jnp.exp(-0.5 * (test.width * lags * step / hbar) ** 2)
    return error


def squared_norm(psi: Array, grid: Grid) -> Array:
    """‖ψ‖²."""
    return observables.norm(psi, grid)


def test_moment(test: GaussianTest, order: int, dimension: int, beyond: Scalar = 0.0) -> Array:
    """(2π)^{−d} ∫_{|y|>R} |y|^k sup_x|F_pφ| dy in closed form, R = `beyond`.

    With Y ~ N(0, τ⁻²) it is sup|a|·E[|Y|^k; |Y| > R] = sup|a| (√2/τ)^k Γ((d+k)/2, τ²R²/2)/Γ(d/2).
    """
    half = 0.5 * (dimension + order)
    ratio = math.gamma(half) / math.gamma(0.5 * dimension)
    total = test.supremum * (math.sqrt(2.0) / test.width) ** order * ratio
    if isinstance(beyond, float) and beyond == 0.0:
        return jnp.asarray(total)
    return total * _upper_gamma(dimension + order, 0.5 * (test.width * beyond) ** 2)


def _upper_gamma(twice: int, x: Scalar) -> Array:
    """Γ(s, x)/Γ(s) for s = twice/2, upwards from erfc√x or e^{−x}: Q(s+1, x) = Q(s, x) + xˢe^{−x}/Γ(s+1)."""
    s = 0.5 if twice % 2 else 1.0
    value = special.erfc(jnp.sqrt(x)) if twice % 2 else jnp.exp(-x)
    while s < 0.5 * twice:
        value = value + x**s * jnp.exp(-x) / math.gamma(s + 1)
        s += 1
    return value


test_moment.__test__ = False  # not a test, whatever its name says


def require_gaussian(test: Any) -> None:
    """Claims use the closed-form transform and norm of a `GaussianTest`."""
    require(isinstance(test, GaussianTest), "test", "be a GaussianTest", test)


def expectation(
    psi: Array, grid: Grid, test: GaussianTest, hbar: Scalar, lags: int | None
) -> Array:
    """∫∫Wφ."""
    return jnp.real(weak_integral(psi, grid, test.transform, hbar, lags=lags))


def observed_twice(
    system: System, state: Any, observe: Callable, *, duration: Scalar, steps: int, saves: int
) -> tuple[Any, Any, Array]:
    """What is observed at `saves` + 1 times with twice as many steps, its distance to the run with `steps`, and the times.

    The distance is infinite where either run is under-resolved.

    >>> import jaxwigner as jw
    >>> from jaxwigner.theorems.errors import observed_twice
    >>> start = jw.Particles([1.0], [1.0], [0.0])
    >>> newton = jw.Newton(lambda x: 0.5 * x**2)
    >>> position = lambda particles: particles.positions[0, 0]
    >>> run = observed_twice(newton, start, position, duration=1.0, steps=10, saves=2)
    >>> [round(float(x), 4) for x in run[0]]
    [1.0, 0.8776, 0.5403]
    """

    def run(count):
        result = evolve(
            system,
            state,
            duration=duration,
            steps=count,
            saves=saves,
            observe=observe,
            gradient="forward",
            throw=False,
        )
        return result.observed, result.diagnostics.status

    observed, status = jax.lax.map(run, steps * jnp.array([1, 2]))
    resolved = jnp.all(status == 0)
    fine = jax.tree.map(lambda leaf: leaf[1], observed)
    error = jax.tree.map(
        lambda leaf: jnp.where(resolved, jnp.abs(leaf[1] - leaf[0]), jnp.inf), observed
    )
    return fine, error, jnp.linspace(0.0, 1.0, saves + 1) * duration
