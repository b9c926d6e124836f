"""What the claims share: how well a state is resolved, and integrals of Gaussian test functions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import jax.scipy.special as special
import numpy as np

from jaxwigner import observables
from jaxwigner._checks import check_integer, concrete, per_axis, require
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.engine.evolve import evolve
from jaxwigner.engine.system import System
from jaxwigner.grid import Grid, Scalar
from jaxwigner.inequality import ROUNDING, Inequality, sup_norm_error
from jaxwigner.phase_space import GaussianTest, weak_integral
from jaxwigner.phase_space.weak import Kernel
from jaxwigner.quantum.bosons.result import Excitations
from jaxwigner.states import MixedState
from jaxwigner.theorems.afg.sharp.oscillating import BumpTest, OscillatingTest

Lags = int | None  # lags on either side; None sums all of them


def resolution_error(psi: Array, grid: Grid) -> Array:
    """Relative error of spectral quadratures of ψ: the amplitudes in the outer tenth of its spectrum and at the edge of the box."""
    rho = observables.position_density(psi, grid)
    power = observables.spectral_weights(psi, grid)
    tail = observables.spectral_tail(power, grid.wavenumber_mesh)
    edge = observables.edge_mass(rho, tuple(range(grid.dimension)))
    return jnp.sqrt(tail) + jnp.sqrt(edge) + ROUNDING


Found = TypeVar("Found")


def by_steps(
    run: Callable[[Array], Found], counts: tuple[int, int], data: Any
) -> tuple[Found, Found]:
    """A run by two numbers of steps with one program, in a loop where its `data` is traced: what it gives, and its error.

    >>> from jaxwigner.theorems.errors import by_steps
    >>> fine, coarse = by_steps(lambda steps: 1 + 1 / steps**2, (8, 4), 1.0)
    >>> float(fine), float(coarse)
    (1.015625, 1.0625)
    """
    check_integer("steps", min(counts), at_least=1)
    both = np.array(counts)
    if concrete(data):
        fine, coarse = (run(jnp.asarray(steps)) for steps in both)
        return fine, coarse
    found = jax.lax.map(run, jnp.asarray(both))
    fine, coarse = (jax.tree.map(lambda leaf, k=k: leaf[k], found) for k in (0, 1))
    return fine, coarse


def halved(run: Callable[[Array], tuple[Array, Array]], steps: int) -> Bracket:
    """A number by a run of so many steps, which gives its own error too; that of the steps is estimated by half as many.

    >>> from jaxwigner.theorems.errors import halved
    >>> found = halved(lambda steps: (1 + 1 / steps**2, 0.0 * steps), 8)
    >>> float(found.centre), float(found.width) / 2
    (1.015625, 0.046875)
    """
    (fine, coarse), (own, _) = jax.lax.map(run, jnp.array([steps, steps // 2]))
    return Bracket.estimated(fine, jnp.abs(fine - coarse) + own)


def refined(fine: Bracket, coarse: Bracket) -> Bracket:
    """A bracket, widened by how far the one by half as many steps is from it.

    >>> from jaxwigner import Bracket
    >>> from jaxwigner.theorems.errors import refined
    >>> float(refined(Bracket(1.0, 2.0), Bracket(1.25, 2.25)).upper)
    2.25
    """
    return fine.widen(jnp.abs(fine.centre - coarse.centre), rigorous=False)


def moment_error(psi: Array, grid: Grid, hbar: Scalar) -> Array:
    """What ½⟨|x|² + |p|²⟩ of a ψ of norm 1 may be off by: the mass at the ends of the box and of the spectrum, ten times over, as far
    away as both reach.

    >>> import jaxwigner as jw
    >>> from jaxwigner.theorems.errors import moment_error
    >>> grid = jw.Grid(-5.0, 5.0, 64)
    >>> wide, narrow = (jw.squeezed_state(grid, 0.0, 0.0, 0.5, s) for s in (1.0, 0.02))
    >>> bool(moment_error(wide, grid, 0.5) < 1e-9), bool(moment_error(narrow, grid, 0.5) > 1)
    (True, True)
    """
    edges = [jnp.maximum(jnp.abs(a), jnp.abs(b)) for a, b in zip(grid.lower, grid.upper)]
    reach = sum(edge**2 + (np.pi * hbar / step) ** 2 for edge, step in zip(edges, grid.spacing))
    return 5 * resolution_error(psi, grid) ** 2 * reach


def moment_errors(R: MixedState, grid: Grid, hbar: Scalar) -> Array:
    """The same of a mixture, orbital by orbital."""
    return R.weights @ jax.lax.map(lambda psi: moment_error(psi, grid, hbar), R.orbitals)


def condensate_error(run: Excitations) -> Array:
    """What a run of N bosons says of its own relative error."""
    return run.energy_error + run.shell_mass + run.mode_tail + run.norm_error


def test_moment(test: GaussianTest, order: int, dimension: int, beyond: Scalar = 0.0) -> Array:
    """(2π)^{−d} ∫_{|y|>R} |y|^k sup_x|F_pφ| dy in closed form, R = `beyond`.

    For φ of the class `GaussianTest` itself, Y ~ N(0, τ⁻²), it is sup|a|·E[|Y|^k; |Y| > R] = sup|a| (√2/τ)^k Γ((d+k)/2, τ²R²/2)/Γ(d/2).
    """
    if isinstance(test, OscillatingTest | BumpTest):
        return test.moment(order, beyond)
    half = 0.5 * (dimension + order)
    ratio = math.gamma(half) / math.gamma(0.5 * dimension)
    total = test.supremum * (math.sqrt(2.0) / test.width) ** order * ratio
    if isinstance(beyond, float) and beyond == 0.0:
        return jnp.asarray(total)
    return total * _upper_gamma(dimension + order, 0.5 * (test.width * beyond) ** 2)


def lag_of(test: GaussianTest) -> Scalar:
    """The lag y₀ about which F_pφ sits: zero, but for an `OscillatingTest`."""
    return test.frequency if isinstance(test, OscillatingTest) else 0.0


def _upper_gamma(twice: int, x: Scalar) -> Array:
    """Γ(s, x)/Γ(s) for s = twice/2, upwards from erfc√x or e^{−x}: Q(s+1, x) = Q(s, x) + xˢe^{−x}/Γ(s+1)."""
    s = 0.5 if twice % 2 else 1.0
    value = special.erfc(jnp.sqrt(x)) if twice % 2 else jnp.exp(-x)
    while s < 0.5 * twice:
        value = value + x**s * jnp.exp(-x) / math.gamma(s + 1)
        s += 1
    return value


test_moment.__test__ = False  # not a test, whatever its name says


@dataclass(frozen=True)
class Tested:
    """A state and the test function through which its Wigner function is seen: what all claims about ∫∫Wφ begin with.

    `lags`: how many lags y = mΔ/ħ on either side are summed, default all; φ needs `test.reach()`·ħ/Δ of them.

    **Raises:** `ValueError` for a test function without the closed-form transform and norm of a `GaussianTest`.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.phase_space import GaussianTest
    >>> from jaxwigner.theorems.errors import Tested
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> phi = GaussianTest(jnp.ones_like, momentum=0.0, width=1.0)
    >>> seen = Tested(jw.coherent_state(grid, 0.0, 0.0, 0.5), grid, phi, 0.5)
    >>> round(float(seen.value), 12), round(0.8**0.5, 12), bool(seen.error < 1e-8)
    (0.894427191, 0.894427191, True)
    """

    __test__ = False  # not a test, whatever its name says

    psi: Array
    grid: Grid
    test: GaussianTest
    hbar: Scalar
    lags: Lags = None

    def __post_init__(self):
        require(isinstance(self.test, GaussianTest), "test", "be a GaussianTest", self.test)

    def at(self, psi: Array) -> Tested:
        """The same of another state."""
        return replace(self, psi=psi)

    def integral(self, kernel: Kernel) -> Array:
        """(2π)^{−d}∫∫K(x, y)ψ(x + ħy/2)ψ*(x − ħy/2)dx dy, real where K(x, −y) = K*(x, y)."""
        return weak_integral(self.psi, self.grid, kernel, self.hbar, lags=self.lags)

    @property
    def value(self) -> Array:
        """∫∫Wφ."""
        return jnp.real(self.integral(self.test.transform))

    @property
    def norm(self) -> Array:
        """‖ψ‖²."""
        return observables.norm(self.psi, self.grid)

    def moment(self, order: int, beyond: Scalar = 0.0) -> Array:
        """(2π)^{−d} ∫_{|y|>R} |y|^k sup_x|F_pφ| dy."""
        return test_moment(self.test, order, self.grid.dimension, beyond)

    @property
    def error(self) -> Array:
        """Relative error of ∫∫Wφ: that of ψ, the images of φ in momentum, and the lags left out.

        The image, a period 2πħ/Δ of momentum away, is seen by momenta up to 7 standard deviations from the mean.
        """
        grid, test, hbar, lags = self.grid, self.test, self.hbar, self.lags
        density = observables.spectral_weights(self.psi, grid)
        error = resolution_error(self.psi, grid)
        centres = per_axis("momentum", test.momentum, grid.dimension)
        for k, step, centre in zip(grid.wavenumber_mesh, grid.spacing, centres):
            p = hbar * k
            mean = jnp.sum(p * density) / jnp.sum(density)
            deviation = jnp.sqrt(jnp.sum((p - mean) ** 2 * density) / jnp.sum(density))
            room = 2 * np.pi * hbar / step - jnp.abs(mean - centre) - 7 * deviation
            error = error + 2 * jnp.exp(-0.5 * (jnp.maximum(room, 0.0) / test.width) ** 2)
            if lags is not None:
                seen = lags * step / hbar - lag_of(test)
                error = error + 2 * jnp.exp(-0.5 * (test.width * jnp.maximum(seen, 0.0)) ** 2)
        return error

    def claim(self, name: str, law: str, value: Array, bound: Array) -> Inequality:
        """|value| ≤ bound, with the relative error of ∫∫Wφ."""
        lhs = sup_norm_error(jnp.abs(value), self.error * bound)
        return Inequality(name, law, lhs, bound, width=1e-6 * bound, parameters=self.numbers)

    @property
    def numbers(self) -> dict[str, Any]:
        """The parameters of a claim."""
        return {"hbar": self.hbar}


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
        options = {"duration": duration, "saves": saves, "gradient": "forward", "throw": False}
        result = evolve(system, state, steps=count, observe=observe, **options)
        return result.observed, result.diagnostics.status

    observed, status = jax.lax.map(run, steps * jnp.array([1, 2]))
    resolved = jnp.all(status == 0)
    fine = jax.tree.map(lambda leaf: leaf[1], observed)
    error = jax.tree.map(
        lambda leaf: jnp.where(resolved, jnp.abs(leaf[1] - leaf[0]), jnp.inf), observed
    )
    return fine, error, jnp.linspace(0.0, 1.0, saves + 1) * duration
