"""Scattering on several surfaces of one coordinate, at one energy: −(ħ²/2m)y″ + V(x)y = Ey, exactly.

With u = (y, ħy′) the equation is u′ = ((0, 1/ħ), ((2m/ħ)(V − E), 0))u, whose exponentials have closed forms in the levels of V. Its
propagator over the interval, between waves χ_b(x)p_b^{−½}e^{±ip_bx/ħ}, p_b = √(2m(E − λ_b)), on either side, is N: what goes to the
right is N₁₁ + N₁₂r, and what comes back r = −N₂₂⁻¹N₂₁.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import check_positive_scalar, concrete
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.grid import Grid, Scalar
from jaxwigner.inequality import Inequality, refinement
from jaxwigner.potentials.surfaces.algebra import levels_of, packed, product, transposed, vectors_of
from jaxwigner.potentials.surfaces.matrix import as_matrix_potential
from jaxwigner.quantum import Surfaces
from jaxwigner.states import coherent_state
from jaxwigner.theorems.errors import observed_twice
from jaxwigner.theorems.surfaces.propagators import ordered_product, stages

STEPS = 2**12
INTERVAL = (-11.0, 11.0)
NODES = 20  # of a Gauss–Hermite rule over momenta


class Scattering(NamedTuple):
    """Probabilities [from, to] between adiabatic levels of a wave that comes from the left: `transmitted`, `reflected`."""

    transmitted: Float[Array, "n n"]
    reflected: Float[Array, "n n"]


def scattering(
    potential: Any,
    energy: Scalar,
    hbar: Scalar,
    *,
    mass: Scalar = 1.0,
    interval: tuple[Scalar, Scalar] = INTERVAL,
    steps: int = STEPS,
) -> Scattering:
    """Where a wave of this energy goes that comes from the left on each level, by a method of order 4.

    **Arguments:** `potential`: V of one coordinate, constant outside of the `interval`; `energy`: above all levels at both ends;
    `steps`: a power of two.

    **Raises:** `ValueError` for an energy below a level at an end.

    >>> import jaxwigner as jw
    >>> found = jw.theorems.surfaces_scattering.scattering(jw.potentials.DeltaGap(0.5 * 0.1**0.5), 1.0, 0.1)
    >>> round(float(found.transmitted[1, 0]), 8)  # from above to below
    0.33753008
    """
    check_positive_scalar("hbar", hbar)
    check_positive_scalar("mass", mass)
    V = as_matrix_potential(potential, 1)
    lower, upper = interval
    left, right = (_channels(V(jnp.asarray(x, float)), energy, mass) for x in interval)
    middle = _propagator(V, energy, hbar, mass, lower, upper, steps)
    N = _to_waves(*right, middle @ _of_waves(*left))
    n = V.size
    r = -jnp.linalg.solve(N[n:, n:], N[n:, :n])
    t = N[:n, :n] + N[:n, n:] @ r
    return Scattering(jnp.abs(t).T ** 2, jnp.abs(r).T ** 2)


def known(
    potential: Any, energy: Scalar, hbar: Scalar, start: int, end: int, **options: Any
) -> Bracket:
    """The probability to go from level `start` on the left to level `end` on the right, with the error of the steps.

    >>> import jaxwigner as jw
    >>> P = jw.theorems.surfaces_scattering.known(jw.potentials.DeltaGap(0.3), 1.0, 0.1, 1, 0)
    >>> bool(abs(P.centre - 2.418309e-2) < 1e-8), bool(P.width < 1e-7)
    (True, True)
    """
    steps = options.pop("steps", STEPS)
    coarse, fine = (
        scattering(potential, energy, hbar, steps=count, **options).transmitted[start, end]
        for count in (steps // 2, steps)
    )
    return refinement(coarse, fine, order=4)


def averaged(
    potential: Any,
    momentum: Scalar,
    hbar: Scalar,
    start: int,
    end: int,
    *,
    nodes: int = NODES,
    **options: Any,
) -> Bracket:
    """∫|ψ̂(p)|²P_{start→end}(E(p)) dp of a coherent state with this mean momentum that comes from the left, m = 1.

    >>> import jaxwigner as jw
    >>> V, hbar = jw.potentials.DeltaGap(0.2), 0.1
    >>> P = jw.theorems.surfaces_scattering.averaged(V, 2.0, hbar, 1, 0, steps=1024)
    >>> round(float(P.centre), 4)
    0.3406
    """
    points, weights = np.polynomial.hermite.hermgauss(nodes)
    p = momentum + jnp.sqrt(hbar) * jnp.asarray(points)
    left = options.get("interval", INTERVAL)[0]
    height = as_matrix_potential(potential, 1).levels(jnp.asarray(left, float))[start]
    one = lambda E: known(potential, E, hbar, start, end, **options)  # noqa: E731
    each = jax.vmap(one)(0.5 * p**2 + height)
    share = jnp.asarray(weights) / np.pi**0.5
    return Bracket(share @ each.lower, share @ each.upper, rigorous=False)


def of_packet(
    potential: Any,
    grid: Grid,
    place: tuple[Scalar, Scalar],
    hbar: Scalar,
    start: int,
    end: int,
    *,
    duration: Scalar,
    steps: int,
    waves: int = STEPS,
    **options: Any,
) -> Inequality:
    """The population of level `end` behind a passage is the mean of the stationary probabilities over the momenta of the packet.

    **Arguments:** `place`: q and p of a coherent state on level `start`, so far to the left that nothing is coupled there; `duration`,
    `steps`: of a run of `Surfaces`; `waves`: steps of the scattering; `options`: of `averaged`.

    >>> import jaxwigner as jw
    >>> V, grid = jw.potentials.DeltaGap(0.2), jw.Grid(-10.0, 16.0, 384)
    >>> run = {"duration": 6.0, "steps": 60}
    >>> claim = jw.theorems.surfaces_scattering.of_packet(V, grid, (-6.0, 2.0), 0.1, 1, 0, **run)
    >>> claim.verdict, claim.with_constant(1.001).verdict
    ('holds', 'violated')
    """
    system = Surfaces(grid, potential, hbar)
    packet = coherent_state(grid, place[0], place[1], hbar)
    psi = system.on_level(packet, start)
    watched = lambda u: system.populations(u, refine=1)[end]  # noqa: E731
    values, errors, _ = observed_twice(
        system, psi, watched, duration=duration, steps=steps, saves=1
    )
    rhs = averaged(potential, place[1], hbar, start, end, steps=waves, **options)
    law = "P of a packet = ∫|ψ̂(p)|²P(E(p)) dp"
    lhs = Bracket.estimated(values[-1], errors[-1] + 2 * jnp.sqrt(system.unsettled(packet, start)))
    numbers = {"hbar": hbar, "q": place[0], "p": place[1]}
    return Inequality("scattering", law, lhs, rhs, kind="identity", width=1e-5, parameters=numbers)


def _channels(matrix: Array, energy: Scalar, mass: Scalar) -> tuple[Array, Array]:
    """χ_b and √p_b where V is constant."""
    fields = packed(matrix)
    kinetic = energy - levels_of(fields)
    if concrete(kinetic) and not bool(jnp.all(kinetic > 0)):
        have = f"{float(energy - jnp.min(kinetic)):.6g}"
        raise ValueError(
            f"Argument `energy` must be above all levels at the ends, but is {energy} with one at {have}"
        )
    return vectors_of(fields), (2 * mass * kinetic) ** 0.25


def _of_waves(vectors: Array, root: Array) -> Array:
    """(y, ħy′) of waves that go to the right and to the left."""
    y, slope = vectors / root[None], 1j * vectors * root[None]
    return jnp.block([[y, y], [slope, -slope]])


def _to_waves(vectors: Array, root: Array, u: Array) -> Array:
    n = root.shape[0]
    y, slope = vectors.T @ u[:n] * root[:, None], vectors.T @ u[n:] / root[:, None]
    return 0.5 * jnp.concatenate([y - 1j * slope, y + 1j * slope])


def _propagator(
    V: Callable,
    energy: Scalar,
    hbar: Scalar,
    mass: Scalar,
    lower: Scalar,
    upper: Scalar,
    steps: int,
) -> Float[Array, "m m"]:
    """From (y, ħy′) on the left to that on the right."""
    sums, h = stages(V, lower, upper, steps)
    half = 0.5 * h / hbar  # the weights of a stage are ½ together
    n = sums.shape[-1]
    fields = packed((2 * mass * h / hbar) * (sums - 0.5 * energy * jnp.eye(n)[None]))
    levels, Q = jnp.moveaxis(levels_of(fields), 0, -1), vectors_of(fields)
    cosine, sine = _both(-half * levels)
    of = lambda values: product(Q * values[..., None, :], transposed(Q))  # noqa: E731
    rows = (of(cosine), of(half * sine)), (of(levels * sine), of(cosine))
    return ordered_product(jnp.concatenate([jnp.concatenate(row, -1) for row in rows], -2))


def _both(q: Array) -> tuple[Array, Array]:
    """cos √q and sin √q/√q of any sign of q; its zero is no value of a step that has a length."""
    root = jnp.sqrt(jnp.abs(q))
    open_ = q > 0
    cosine = jnp.where(open_, jnp.cos(root), jnp.cosh(root))
    return cosine, jnp.where(open_, jnp.sin(root), jnp.sinh(root)) / root
