"""What the Wigner equation has beyond the Liouville equation, against test functions: Ambrosio–Friesecke–Giannoulis (34)–(41).

    ∫∫fφ = T1 + T2⁺ + T2⁻ + T3 + T4,   T4 = −∫∫W ∇U·∇_pφ,   cut at |y| = ħ^{−α};   ∫∫gφ = T1 + T2⁺ + T2⁻ + T3 → 0

∫∫gφ is O(ħ²) for U ∈ C³, O(ħ) for U ∈ C^{1,1}, and need not vanish where ∇U jumps.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Num

from jaxwigner import observables
from jaxwigner._types import Array
from jaxwigner.grid import Grid, Scalar, phase_grid
from jaxwigner.inequality import Inequality, equal_functions, sup_norm_error
from jaxwigner.phase_space import GaussianTest, f_hbar
from jaxwigner.potentials import Potential, as_potential
from jaxwigner.theorems.errors import Lags, Tested, lag_of, resolution_error

Psi = Num[Array, "*shape"]


def defect(
    psi: Psi, potential: Any, grid: Grid, test: GaussianTest, hbar: Scalar, *, lags: Lags = None
) -> Array:
    """∫∫gφ, what the Wigner equation has beyond the Liouville equation, against a test function (AFG §1, (34)).

    **Arguments:** `lags`: how many lags y = mΔ/ħ on either side are summed, default all; a GaussianTest needs `test.reach()`·ħ/Δ.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> grid, phi = jw.Grid(-6.0, 6.0, 64), jw.phase_space.GaussianTest(jnp.cos, momentum=0.0, width=1.0)
    >>> psi = jw.coherent_state(grid, 0.5, 0.5, 0.5)
    >>> bool(abs(jw.theorems.liouville_defect.defect(psi, lambda x: 0.5 * x**2, grid, phi, 0.5)) < 1e-14)
    True
    """
    return _defect(Tested(psi, grid, test, hbar, lags), as_potential(potential))


def _defect(seen: Tested, potential: Potential) -> Array:
    def kernel(x, y):
        forward, backward, tangent = _values(potential, x, y, seen.hbar)
        return -1j * ((forward - backward) / seen.hbar - tangent) * seen.test.transform(x, y)

    return jnp.real(seen.integral(kernel))


def _both_ends(potential: Potential, x: tuple, y: tuple, hbar: Scalar) -> tuple[Array, Array]:
    """U(x + ħy/2) and U(x − ħy/2)."""
    forward = potential(*(a + 0.5 * hbar * b for a, b in zip(x, y)))
    return forward, potential(*(a - 0.5 * hbar * b for a, b in zip(x, y)))


def _values(potential: Potential, x: tuple, y: tuple, hbar: Scalar) -> tuple[Array, Array, Any]:
    """U(x + ħy/2), U(x − ħy/2) and ∇U(x)·y, to which their difference quotient tends."""
    return *_both_ends(potential, x, y, hbar), sum(
        slope * b for slope, b in zip(potential.gradient(*x), y)
    )


def defect_bound(
    psi: Psi,
    potential: Any,
    grid: Grid,
    test: GaussianTest,
    hbar: Scalar,
    *,
    smoothness: int = 3,
    lags: Lags = None,
) -> Inequality:
    """|∫∫gφ| ≤ ħ²(2π)^{−d}sup‖D³U‖/24 ∫|y|³sup_x|F_pφ|dy‖ψ‖² for U ∈ C³, and ≤ ħ(2π)^{−d}Lip(∇U)/4 ∫|y|²… for U ∈ C^{1,1}.

    The constants of (36): Taylor's remainder of the difference quotient over |s| ≤ ħ|y|/2.

    **Arguments:** `potential`: a `Potential` that knows its `third_bound` (`smoothness=3`) or `hessian_bound` (`smoothness=2`).

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> grid, phi = jw.Grid(-6.0, 6.0, 64), jw.phase_space.GaussianTest(jnp.cos, momentum=0.0, width=1.0)
    >>> psi = jw.coherent_state(grid, 0.5, 0.5, 0.5)
    >>> jw.theorems.liouville_defect.defect_bound(psi, jw.potentials.Torsion(1.0), grid, phi, 0.5).verdict
    'holds'
    """
    potential, seen = as_potential(potential), Tested(psi, grid, test, hbar, lags)
    if smoothness == 3:
        scale = hbar**2 * potential.third_bound / 24 * seen.moment(3)
        law = "|∫∫gφ| ≤ ħ²(2π)^{−d}sup|D³U|/24 ∫|y|³sup|F_pφ|dy"
    else:
        scale = hbar * potential.hessian_bound / 4 * seen.moment(2)
        law = "|∫∫gφ| ≤ ħ(2π)^{−d}Lip(∇U)/4 ∫|y|²sup|F_pφ|dy"
    return seen.claim("AFG (36)", law, _defect(seen, potential), scale * seen.norm)


class Split(eqx.Module):
    """The five parts of ∫∫fφ (AFG (35)) at a fixed time: `near` T1, `forward` T2⁺, `backward` T2⁻, `far` T3, `transport` T4.

    `cutoff` is α, `lags` the number of lags that were summed.
    """

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
    lags: Lags = None,
) -> Split:
    """The parts T1, T2⁺, T2⁻, T3, T4 of ∫∫fφ, cut at |y| = ħ^{−α} with α = `cutoff` (AFG (35), at a fixed time).

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> grid, phi = jw.Grid(-6.0, 6.0, 64), jw.phase_space.GaussianTest(jnp.cos, momentum=0.0, width=1.0)
    >>> psi = jw.coherent_state(grid, 0.5, 0.5, 0.5)
    >>> parts = jw.theorems.liouville_defect.split(psi, lambda x: 0.5 * x**2, grid, phi, 0.5)
    >>> bool(abs(parts.near) < 1e-14)
    True
    """
    seen, potential = Tested(psi, grid, test, hbar, lags), as_potential(potential)
    radius, cell = _cut(grid, hbar, cutoff)

    def kernel(choice, x, y):
        ahead, behind, tangent = _values(potential, x, y, hbar)
        forward, backward = ahead / hbar, behind / hbar
        # A lag stands for a cell of y, of which the part beyond the cut is counted as far.
        distance = jnp.sqrt(sum(b**2 for b in y))
        far = jnp.clip((distance - radius) / cell + 0.5, 0.0, 1.0)
        near = (1 - far) * (forward - backward - tangent)
        parts = (near, far * forward, -far * backward, -far * tangent, tangent)
        chosen = sum(weight * part for weight, part in zip(choice, parts))
        return -1j * chosen * test.transform(x, y)

    def one(choice):
        return seen.integral(lambda x, y: kernel(choice, x, y))

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
    >>> grid, phi = jw.Grid(-6.0, 6.0, 64), jw.phase_space.GaussianTest(jnp.cos, momentum=0.0, width=1.0)
    >>> psi = jw.coherent_state(grid, 0.5, 0.5, 0.5)
    >>> parts = jw.theorems.liouville_defect.split(psi, jnp.cos, grid, phi, 0.5)
    >>> jw.theorems.liouville_defect.split_sum(parts, psi, jnp.cos, grid, phi, 0.5).verdict
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
        error=10 * Tested(psi, grid, test, hbar, parts.lags).error,
        parameters={"hbar": hbar, "cutoff": parts.cutoff},
    )


def far_bounds(
    parts: Split, psi: Psi, potential: Any, grid: Grid, test: GaussianTest, hbar: Scalar
) -> tuple[Inequality, Inequality]:
    """The far parts vanish faster than any power of ħ (AFG (38), (41)):

        |T2^±| ≤ (2π)^{−d} ‖Uψ‖‖ψ‖ ħ⁻¹ ∫_{|y|>ħ^{−α}} sup|F_pφ| dy,    |T3| ≤ (2π)^{−d} sup|∇U| ∫_{|y|>ħ^{−α}} |y| sup|F_pφ| dy ‖ψ‖².

    **Arguments:** `parts`: the `split` of the same state; `potential`: a `Potential` that knows its `gradient_bound`.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> grid, phi = jw.Grid(-6.0, 6.0, 64), jw.phase_space.GaussianTest(jnp.cos, momentum=0.0, width=1.0)
    >>> psi = jw.coherent_state(grid, 0.5, 0.5, 0.5)
    >>> potential = jw.potentials.Torsion(1.0)
    >>> parts = jw.theorems.liouville_defect.split(psi, potential, grid, phi, 0.5)
    >>> claims = jw.theorems.liouville_defect.far_bounds(parts, psi, potential, grid, phi, 0.5)
    >>> [claim.verdict for claim in claims]
    ['holds', 'holds']
    """
    potential, seen = as_potential(potential), Tested(psi, grid, test, hbar)
    radius, cell = _cut(grid, hbar, parts.cutoff)
    values = jnp.broadcast_to(potential(*grid.mesh), grid.shape)
    size = jnp.sqrt(observables.norm(values * psi, grid) * seen.norm)
    two = size / hbar * seen.moment(0, radius)
    slope = potential.gradient_bound * seen.norm
    three = slope * seen.moment(1, radius)
    largest = jnp.maximum(jnp.abs(parts.forward), jnp.abs(parts.backward))
    numbers = {"hbar": hbar, "cutoff": parts.cutoff}
    # Far parts can be smaller than rounding: their error is absolute. The cut costs the midpoint error of a cell.
    floor = 1e-16 * (jnp.abs(parts.transport) + size / hbar * test.supremum)
    relative = resolution_error(psi, grid)
    distance = jnp.abs(radius - lag_of(test))
    steepness = test.width**2 * distance * cell
    edge = cell * test.supremum * test.width * jnp.exp(-0.5 * (test.width * distance) ** 2)
    edge = edge * jnp.minimum(0.25 * steepness, 1.0)

    def claim(name, law, value, bound, scale):
        lhs = sup_norm_error(jnp.abs(value), relative * bound + floor + scale * edge)
        return Inequality(name, law, lhs, bound, width=1e-6 * bound, parameters=numbers)

    law = "|T2^±| ≤ (2π)^{−d}‖Uψ‖‖ψ‖ħ⁻¹∫_{|y|>ħ^{−α}}sup|F_pφ|dy"
    first = claim("AFG (38)", law, largest, two, size / hbar)
    law = "|T3| ≤ (2π)^{−d}sup|∇U|∫_{|y|>ħ^{−α}}|y|sup|F_pφ|dy"
    return first, claim("AFG (41)", law, parts.far, three, slope * radius)
