"""The Wigner equation and what it has beyond the Liouville equation: Ambrosio–Friesecke–Giannoulis (WE), (15), (34)–(41).

∂_tW = −p·∇_xW + f,   f = −(i/ħ)(F(Uψ, ψ) − F(ψ, Uψ)) = ∇U·∇_pW + g,        g → 0 weakly
∫∫fφ = T1 + T2⁺ + T2⁻ + T3 + T4,   T4 = −∫∫W ∇U·∇_pφ,                        cut at |y| = ħ^{−α}
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Complex

from jaxwigner.grid import Grid, Scalar, phase_grid
from jaxwigner.phase_space import (
    GaussianTest,
    bilinear_wigner,
    f_hbar,
    g_hbar,
    weak_integral,
    wigner,
)
from jaxwigner.phase_space.wigner import check_state
from jaxwigner.potentials import Potential, as_potential
from jaxwigner.theorems._sides import (
    require_gaussian,
    resolution_error,
    squared_norm,
    test_moment,
    weak_error,
)
from jaxwigner.theorems.inequality import Inequality, equal_functions, sup_norm_error

Psi = Complex[Array, "*shape"]


def wigner_equation(
    psi: Psi, potential: Any, grid: Grid, hbar: Scalar, *, classical: bool = False
) -> Inequality:
    """∂_tW = −p·∇_xW + f at one time, the left side as 2Re F(∂_tψ, ψ) with ∂_tψ = Hψ/iħ (AFG (WE), (10), Lemma 2.1).

    **Arguments:** `classical`: put ∇U·∇_pW in place of f, which must fail unless U is quadratic (a negative control).

    **Returns:** an identity of functions on the natural phase-space grid.

    >>> import jaxwigner as jw
    >>> from jaxwigner.theorems import wigner_equation
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> psi = jw.coherent_state(grid, 0.5, 0.5, 0.5)
    >>> wigner_equation.wigner_equation(psi, lambda x: x**4 / 8, grid, 0.5).verdict
    'holds'
    """
    check_state(psi, grid, "psi")
    potential, phase = as_potential(potential), phase_grid(grid, hbar)
    rate = -1j / hbar * _hamiltonian(psi, potential, grid, hbar)
    left = 2 * jnp.real(bilinear_wigner(rate, psi, grid, phase, hbar))
    W = wigner(psi, grid, phase, hbar)
    force = f_hbar(psi, potential, grid, phase, hbar)
    if classical:
        force = force - g_hbar(psi, potential, grid, phase, hbar)
    right = force
    for axis, p in enumerate(phase.mesh[1]):
        right = right - p * _slope(W, grid, axis)
    error = resolution_error(psi, grid) + resolution_error(rate, grid)
    law = "∇U·∇_pW in place of f" if classical else "∂_tW = −p·∇_xW + f"
    return equal_functions("AFG (WE)", law, left, right, error=error, parameters={"hbar": hbar})


def derivative_form(psi: Psi, grid: Grid, hbar: Scalar, *, order: int = 1) -> Inequality:
    """∂_xW = F(∂_xψ, ψ) + F(ψ, ∂_xψ), or ∂²_xW in the same way (AFG, proof of Lemma 2.1), along the first axis.

    **Arguments:** `order`: 1 or 2. **Returns:** an identity: the bilinear form against the spectral derivative of W.

    >>> import jaxwigner as jw
    >>> from jaxwigner.theorems import wigner_equation
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> psi = jw.coherent_state(grid, 0.5, 0.5, 0.5)
    >>> wigner_equation.derivative_form(psi, grid, 0.5, order=2).verdict
    'holds'
    """
    phase = phase_grid(grid, hbar)
    first = _slope(psi, grid, 0)
    W = wigner(psi, grid, phase, hbar)
    if order == 1:
        left = 2 * jnp.real(bilinear_wigner(first, psi, grid, phase, hbar))
        right, name = _slope(W, grid, 0), "∂_xW = 2Re F(∂_xψ, ψ)"
    else:
        second = _slope(first, grid, 0)
        left = 2 * jnp.real(bilinear_wigner(second, psi, grid, phase, hbar))
        left = left + 2 * wigner(first, grid, phase, hbar)
        right, name = (
            _slope(_slope(W, grid, 0), grid, 0),
            "∂²_xW = 2Re F(∂²_xψ, ψ) + 2F(∂_xψ, ∂_xψ)",
        )
    error = 100 * (resolution_error(psi, grid) + resolution_error(first, grid))
    return equal_functions("AFG (15)", name, left, right, error=error, parameters={"hbar": hbar})


def _slope(u: Array, grid: Grid, axis: int) -> Array:
    """∂u/∂x along a position axis, spectrally; the Nyquist mode of a derivative counts as zero."""
    n = grid.points[axis]
    k = jnp.asarray(grid.wavenumbers[axis])
    if n % 2 == 0:
        k = k.at[n // 2].set(0.0)
    k = k.reshape(tuple(-1 if i == axis else 1 for i in range(u.ndim)))
    slope = jnp.fft.ifft(1j * k * jnp.fft.fft(u, axis=axis), axis=axis)
    return slope if jnp.iscomplexobj(u) else jnp.real(slope)


def _hamiltonian(psi: Array, potential: Potential, grid: Grid, hbar: Scalar) -> Array:
    """(−ħ²Δ/2 + U)ψ."""
    squares = sum(k**2 for k in grid.wavenumber_mesh)
    kinetic = jnp.fft.ifftn(0.5 * hbar**2 * squares * jnp.fft.fftn(psi))
    return kinetic + jnp.broadcast_to(potential(*grid.mesh), grid.shape) * psi


# --------------------------------------------------------------------------------------------------------------------
# The weak form
# --------------------------------------------------------------------------------------------------------------------


def defect(
    psi: Psi,
    potential: Any,
    grid: Grid,
    test: GaussianTest,
    hbar: Scalar,
    *,
    lags: int | None = None,
) -> Array:
    """∫∫gφ, what the Wigner equation has beyond the Liouville equation, against a test function (AFG §1, (34)).

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.phase_space import GaussianTest
    >>> from jaxwigner.theorems import wigner_equation
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> psi = jw.coherent_state(grid, 0.5, 0.5, 0.5)
    >>> phi = GaussianTest(lambda x: jnp.exp(-(x**2)), momentum=0.0, width=1.0)
    >>> bool(abs(wigner_equation.defect(psi, lambda x: 0.5 * x**2, grid, phi, 0.5)) < 1e-14)
    True
    """
    require_gaussian(test)
    potential = as_potential(potential)

    def kernel(x, y):
        quotient, tangent = _quotients(potential, x, y, hbar)
        return -1j * (quotient - tangent) * test.transform(x, y)

    return jnp.real(weak_integral(psi, grid, kernel, hbar, lags=lags))


def _quotients(potential: Potential, x: tuple, y: tuple, hbar: Scalar) -> tuple[Array, Array]:
    """(U(x + ħy/2) − U(x − ħy/2))/ħ and its limit ∇U(x)·y."""
    forward = potential(*(a + 0.5 * hbar * b for a, b in zip(x, y)))
    backward = potential(*(a - 0.5 * hbar * b for a, b in zip(x, y)))
    tangent = sum(slope * b for slope, b in zip(potential.gradient(*x), y))
    return (forward - backward) / hbar, tangent


def defect_bound(
    psi: Psi,
    potential: Any,
    grid: Grid,
    test: GaussianTest,
    hbar: Scalar,
    *,
    smoothness: int = 3,
    lags: int | None = None,
) -> Inequality:
    """|∫∫gφ| ≤ ħ²(2π)^{−d}sup‖D³U‖/24 ∫|y|³sup_x|F_pφ|dy‖ψ‖² for U ∈ C³, and ≤ ħ(2π)^{−d}Lip(∇U)/4 ∫|y|²… for U ∈ C^{1,1}.

    The constants of (36): Taylor's remainder of the difference quotient over |s| ≤ ħ|y|/2.

    **Arguments:** `potential`: a `Potential` that knows its `third_bound` (`smoothness=3`) or `hessian_bound` (`smoothness=2`).

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.phase_space import GaussianTest
    >>> from jaxwigner.theorems import wigner_equation
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> psi = jw.coherent_state(grid, 0.5, 0.5, 0.5)
    >>> phi = GaussianTest(lambda x: jnp.exp(-(x**2)), momentum=0.0, width=1.0)
    >>> wigner_equation.defect_bound(psi, jw.potentials.Torsion(1.0), grid, phi, 0.5).verdict
    'holds'
    """
    potential, d = as_potential(potential), grid.dimension
    if smoothness == 3:
        scale = hbar**2 * potential.third_bound / 24 * test_moment(test, 3, d)
        law = "|∫∫gφ| ≤ ħ²(2π)^{−d}sup|D³U|/24 ∫|y|³sup|F_pφ|dy"
    else:
        scale = hbar * potential.hessian_bound / 4 * test_moment(test, 2, d)
        law = "|∫∫gφ| ≤ ħ(2π)^{−d}Lip(∇U)/4 ∫|y|²sup|F_pφ|dy"
    bound = scale * squared_norm(psi, grid)
    value = jnp.abs(defect(psi, potential, grid, test, hbar, lags=lags))
    return Inequality(
        "AFG (36)",
        law,
        sup_norm_error(value, weak_error(psi, grid, test, hbar, lags) * bound),
        bound,
        width=1e-6 * bound,
        parameters={"hbar": hbar},
    )


class Split(eqx.Module):
    """The five parts of ∫∫fφ (AFG (35)) at a fixed time: `near` T1, `forward` T2⁺, `backward` T2⁻, `far` T3, `transport` T4; `cutoff` α."""

    near: Array
    forward: Array
    backward: Array
    far: Array
    transport: Array
    cutoff: Scalar
    lags: int | None = eqx.field(static=True)

    @property
    def total(self) -> Array:
        """T1 + T2⁺ + T2⁻ + T3 + T4."""
        return self.near + self.forward + self.backward + self.far + self.transport


def split(
    psi: Psi,
    potential: Any,
    grid: Grid,
    test: GaussianTest,
    hbar: Scalar,
    *,
    cutoff: Scalar = 0.5,
    lags: int | None = None,
) -> Split:
    """The parts T1, T2⁺, T2⁻, T3, T4 of ∫∫fφ, cut at |y| = ħ^{−α} with α = `cutoff` (AFG (35), at a fixed time).

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.phase_space import GaussianTest
    >>> from jaxwigner.theorems import wigner_equation
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> psi = jw.coherent_state(grid, 0.5, 0.5, 0.5)
    >>> phi = GaussianTest(lambda x: jnp.exp(-(x**2)), momentum=0.0, width=1.0)
    >>> parts = wigner_equation.split(psi, lambda x: 0.5 * x**2, grid, phi, 0.5)
    >>> bool(abs(parts.near) < 1e-14)
    True
    """
    require_gaussian(test)
    potential = as_potential(potential)
    radius, cell = _cut(grid, hbar, cutoff)

    def kernel(choice, x, y):
        forward = potential(*(a + 0.5 * hbar * b for a, b in zip(x, y))) / hbar
        backward = potential(*(a - 0.5 * hbar * b for a, b in zip(x, y))) / hbar
        tangent = sum(slope * b for slope, b in zip(potential.gradient(*x), y))
        # A lag stands for a cell of y, of which the part beyond the cut is counted as far.
        distance = jnp.sqrt(sum(b**2 for b in y))
        far = jnp.clip((distance - radius) / cell + 0.5, 0.0, 1.0)
        near = (1 - far) * (forward - backward - tangent)
        parts = (near, far * forward, -far * backward, -far * tangent, tangent)
        chosen = sum(weight * part for weight, part in zip(choice, parts))
        return -1j * chosen * test.transform(x, y)

    one = lambda choice: weak_integral(
        psi, grid, lambda x, y: kernel(choice, x, y), hbar, lags=lags
    )  # noqa: E731
    # T2± are not real one by one: exchanging y and −y turns one into the conjugate of the other.
    return Split(*jax.vmap(one)(jnp.eye(5)), cutoff=cutoff, lags=lags)


def _cut(grid: Grid, hbar: Scalar, cutoff: Scalar) -> tuple[Array, Array]:
    """The radius ħ^{−α} of the cut and the spacing of the lags."""
    return jnp.asarray(hbar) ** (-cutoff), jnp.max(jnp.asarray(grid.spacing)) / hbar


def split_sum(
    parts: Split, psi: Psi, potential: Any, grid: Grid, test: GaussianTest, hbar: Scalar
) -> Inequality:
    """T1 + T2⁺ + T2⁻ + T3 + T4 = ∫∫fφ (AFG (35)), the right side from f on the natural phase-space grid.

    **Arguments:** `parts`: the `split` of the same state; the others as there.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.phase_space import GaussianTest
    >>> from jaxwigner.theorems import wigner_equation
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> psi = jw.coherent_state(grid, 0.5, 0.5, 0.5)
    >>> phi = GaussianTest(lambda x: jnp.exp(-(x**2)), momentum=0.0, width=1.0)
    >>> parts = wigner_equation.split(psi, jnp.cos, grid, phi, 0.5)
    >>> wigner_equation.split_sum(parts, psi, jnp.cos, grid, phi, 0.5).verdict
    'holds'
    """
    phase = phase_grid(grid, hbar)
    f = f_hbar(psi, potential, grid, phase, hbar)
    direct = jnp.sum(f * test(*phase.mesh)) * phase.cell
    scale = jnp.abs(direct) + jnp.abs(parts.transport)
    return equal_functions(
        "AFG (35)",
        "T1 + T2⁺ + T2⁻ + T3 + T4 = ∫∫fφ",
        (parts.total - direct)[None] + scale,
        scale[None],
        error=10 * weak_error(psi, grid, test, hbar, parts.lags),
        parameters={"hbar": hbar, "cutoff": parts.cutoff},
    )


def far_bounds(
    parts: Split, psi: Psi, potential: Any, grid: Grid, test: GaussianTest, hbar: Scalar
) -> tuple[Inequality, Inequality]:
    """The far parts vanish faster than any power of ħ (AFG (38), (41)):

        |T2^±| ≤ (2π)^{−d} ‖Uψ‖‖ψ‖ ħ⁻¹ ∫_{|y|>ħ^{−α}} sup|F_pφ| dy,    |T3| ≤ (2π)^{−d} sup|∇U| ∫_{|y|>ħ^{−α}} |y| sup|F_pφ| dy ‖ψ‖².

    **Arguments:** `parts`: the `split` of the same state; `potential`: a `Potential` that knows its `gradient_bound`.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.phase_space import GaussianTest
    >>> from jaxwigner.theorems import wigner_equation
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> psi = jw.coherent_state(grid, 0.5, 0.5, 0.5)
    >>> phi = GaussianTest(lambda x: jnp.exp(-(x**2)), momentum=0.0, width=1.0)
    >>> potential = jw.potentials.Torsion(1.0)
    >>> parts = wigner_equation.split(psi, potential, grid, phi, 0.5)
    >>> claims = wigner_equation.far_bounds(parts, psi, potential, grid, phi, 0.5)
    >>> [claim.verdict for claim in claims]
    ['holds', 'holds']
    """
    potential, d = as_potential(potential), grid.dimension
    radius, cell = _cut(grid, hbar, parts.cutoff)
    values = jnp.broadcast_to(potential(*grid.mesh), grid.shape)
    size = jnp.sqrt(squared_norm(values * psi, grid) * squared_norm(psi, grid))
    two = size / hbar * test_moment(test, 0, d, radius)
    slope = potential.gradient_bound * squared_norm(psi, grid)
    three = slope * test_moment(test, 1, d, radius)
    largest = jnp.maximum(jnp.abs(parts.forward), jnp.abs(parts.backward))
    numbers = {"hbar": hbar, "cutoff": parts.cutoff}
    # Far parts can be smaller than rounding: their error is absolute. The cut costs the midpoint error of a cell.
    floor = 1e-16 * (jnp.abs(parts.transport) + size / hbar * test.supremum)
    relative = resolution_error(psi, grid)
    steepness = test.width**2 * radius * cell
    edge = cell * test.supremum * test.width * jnp.exp(-0.5 * (test.width * radius) ** 2)
    edge = edge * jnp.minimum(0.25 * steepness, 1.0)
    claims = (
        (
            "AFG (38)",
            "|T2^±| ≤ (2π)^{−d}‖Uψ‖‖ψ‖ħ⁻¹∫_{|y|>ħ^{−α}}sup|F_pφ|dy",
            largest,
            two,
            size / hbar,
        ),
        (
            "AFG (41)",
            "|T3| ≤ (2π)^{−d}sup|∇U|∫_{|y|>ħ^{−α}}|y|sup|F_pφ|dy",
            parts.far,
            three,
            slope * radius,
        ),
    )
    return tuple(
        Inequality(
            name,
            law,
            sup_norm_error(jnp.abs(value), relative * bound + floor + scale * edge),
            bound,
            width=1e-6 * bound,
            parameters=numbers,
        )
        for name, law, value, bound, scale in claims
    )
