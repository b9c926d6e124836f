"""The limit of Coulomb dynamics, its reduction to one coordinate, and what breaks it: Ambrosio–Friesecke–Giannoulis Theorem 1.1 (iii).

Repulsion keeps classical particles away from the singular set, |R(t)| ≥ C/(h − κ), and U_s ≤ h − κ gives ∫|∇U_s|dW(t) ≤ ∫(h − κ)²dW₀/C.
The proofs need three dimensions for each particle: −Δ(1/|R|) = (n − 3)/|R|³ ≥ 0 iff n ≥ 3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import check_integer, check_positive_scalar, require
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.classical import CoulombFlow
from jaxwigner.classical.kepler import distances
from jaxwigner.engine.evolve import evolve
from jaxwigner.grid import Grid, Scalar
from jaxwigner.inequality import ROUNDING, Inequality, equal_functions
from jaxwigner.potentials import Free, as_potential
from jaxwigner.potentials.combined import floor_of
from jaxwigner.quantum import PartialWaves, Schrodinger
from jaxwigner.quantum import radial_observables as radial
from jaxwigner.states import Particles, squeezed_state
from jaxwigner.theorems.errors import by_steps

NODES = 4000  # of the radial quadratures of test functions


def closest_approach(
    flow: CoulombFlow, cloud: Particles, *, duration: Scalar, steps: int = 16, saves: int = 16
) -> Inequality:
    """C/(h − κ) ≤ |R(t)| for every particle: W(t)(|R| < δ) = 0 for δ < C/(max h − κ) (AFG Theorem 1.1 (iii), beyond the paper).

    **Returns:** one claim for each sampled time and particle.

    >>> import jaxwigner as jw
    >>> cloud = jw.packet_cloud(2.0, -1.0, 0.01, count=64)
    >>> jw.theorems.coulomb_limit.closest_approach(jw.CoulombFlow(0.5), cloud, duration=2.0).verdict
    'holds'
    """
    excess = flow.energies(cloud) - floor_of(flow.potential)
    seen, error = _particles_twice(flow, cloud, distances, duration, steps, saves)
    law = "C/(h−κ) ≤ |R(t)|, sampled times"
    rhs = Bracket(seen - error, seen + error, False)
    lhs = jnp.broadcast_to((flow.charge / excess)[None], seen.shape)
    return Inequality("AFG Theorem 1.1 (iii)", law, lhs, rhs, parameters={"charge": flow.charge})


def classical_force(
    flow: CoulombFlow, cloud: Particles, *, duration: Scalar, steps: int = 16, saves: int = 16
) -> Inequality:
    """∫|∇U_s|dW(t) ≤ ∫(h − κ)²dW₀/C < ∞ for the classical measure (AFG (28)–(30), explicit).

    >>> import jaxwigner as jw
    >>> cloud = jw.packet_cloud(2.0, -1.0, 0.01, count=64)
    >>> jw.theorems.coulomb_limit.classical_force(jw.CoulombFlow(0.5), cloud, duration=2.0).verdict
    'holds'
    """
    bound = cloud.weights @ (flow.energies(cloud) - floor_of(flow.potential)) ** 2 / flow.charge
    look = lambda z: flow.charge * (z.weights @ distances(z) ** -2.0)  # noqa: E731
    seen, error = _particles_twice(flow, cloud, look, duration, steps, saves)
    lhs = Bracket(seen - error, seen + error, False).max()
    law = "∫|∇U_s|dW(t) ≤ ∫(h−κ)²dW₀/C, sampled times"
    numbers = {"charge": flow.charge}
    return Inequality("AFG (28)", law, lhs, bound, width=1e-3 * bound, parameters=numbers)


def force_difference(
    system: PartialWaves, u: Array, cloud: Particles, *, duration: Scalar, steps: int
) -> Array:
    """|∫|∇U_s||Ψ(t)|² − ∫|∇U_s|dW(t)|: the quantum packet against the ensemble of its Wigner function; NaN where under-resolved.

    >>> import jaxwigner as jw
    >>> system = jw.PartialWaves(jw.RadialGrid(6.0, 127), 0.5, 0.05, waves=44)
    >>> u = jw.packet_waves(system, 2.0, -1.0)
    >>> cloud = jw.packet_cloud(2.0, -1.0, 0.05, count=4096)
    >>> bool(jw.theorems.coulomb_limit.force_difference(system, u, cloud, duration=1.0, steps=32) < 0.2)
    True
    """
    options = {"duration": duration, "gradient": "forward", "throw": False}
    run = evolve(system, u, steps=steps, **options)
    quantum = radial.force_moment(run.state, system)
    flow = CoulombFlow(system.charge, _in_space(system.potential), system.mass)
    kicks = 1 if isinstance(system.potential, Free) else steps  # Kepler's flow alone is exact
    moved = evolve(flow, cloud, steps=kicks, **options).state
    classical = flow.charge * (moved.weights @ distances(moved) ** -2.0)
    return jnp.where(run.diagnostics.status == 0, jnp.abs(quantum - classical), jnp.nan)


def reduction(
    pair: Any,
    hbar: Scalar,
    *,
    positions: tuple[float, float],
    momenta: tuple[float, float],
    duration: Scalar,
    steps: int,
    box: float,
    points: int,
    mass: Scalar = 0.5,
) -> Inequality:
    """A free centre of mass of mass 2 and a relative coordinate of mass ½: ψ(x₁, x₂, t) = Φ(X, t)ψ(R, t), d = 1 for each nucleus.

    **Arguments:** `pair`: U(R), smooth; coherent states at `positions` with `momenta`, on (−box, box) with `points` points for each
    nucleus; `mass`: of the relative coordinate, another one than ½ is a negative control.

    >>> import jaxwigner as jw
    >>> pair = jw.potentials.SoftCoulomb(0.5, 0.5)
    >>> numbers = {"positions": (1.0, -1.0), "momenta": (-0.5, 0.5), "duration": 0.5, "steps": 10}
    >>> jw.theorems.coulomb_limit.reduction(pair, 0.2, **numbers, box=4.5, points=64).verdict
    'holds'
    """
    check_integer("points", points, at_least=2)
    pair, n = as_potential(pair), points
    (a, b), (p, k) = positions, momenta
    plane = Grid((-box, -box), (box, box), (n, n))
    relative, centre = Grid(-2 * box, 2 * box, 2 * n), Grid(-box, box, 2 * n)
    options = {"duration": duration, "steps": steps, "gradient": "forward", "throw": False}
    two = Schrodinger(plane, pair(plane.mesh[0] - plane.mesh[1]), hbar)
    start = squeezed_state(plane, (a, b), (p, k), hbar, 1.0)
    both = evolve(two, start, **options)
    # Widths √2 s and s/√2: squeezing 2 and ½.
    psi = squeezed_state(relative, a - b, 0.5 * (p - k), hbar, 2.0)
    phi = squeezed_state(centre, 0.5 * (a + b), p + k, hbar, 0.5)
    psi = evolve(Schrodinger(relative, pair, hbar, mass), psi, **options)
    phi = evolve(Schrodinger(centre, Free(), hbar, 2.0), phi, **options)
    i, j = np.arange(n)[:, None], np.arange(n)[None, :]
    product = phi.state[i + j] * psi.state[i - j + n]
    # The phases of both packets refer to their own centres: they agree.
    edge = jnp.max(both.diagnostics.edge_mass) + jnp.max(both.diagnostics.spectral_tail)
    error = 1e-9 + 10 * jnp.sqrt(edge)
    law = "ψ(x₁,x₂,t) = Φ(X,t)ψ(R,t), masses 2 and ½"
    numbers = {"hbar": hbar, "mass": mass}
    return equal_functions(
        "AFG (1), M = 2", law, both.state, product, error=error, parameters=numbers
    )


def cross_positivity(
    profile: Callable, singular: Callable, dimension: int, *, outer: float = 40.0
) -> Inequality:
    """0 ≤ 2⟨−Δψ, Uψ⟩ for a real radial ψ in Rⁿ: what AFG's proof of Lemma 5.1 takes from (56); for 1/|x| true iff n ≥ 3.

    **Arguments:** `profile`: ψ(r), with r^{n−2}ψψ′ → 0 at 0; `singular`: U(r); `dimension`: n; `outer`: where ψ may be cut.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> psi = lambda r: r**0.6 * jnp.exp(-r)
    >>> [jw.theorems.coulomb_limit.cross_positivity(psi, lambda r: 1 / r, n).verdict for n in (3, 2)]
    ['holds', 'violated']
    """
    check_integer("dimension", dimension, at_least=1)
    check_positive_scalar("outer", outer)

    def integrand(r):
        slope = jax.grad(profile)
        laplacian = jax.grad(slope)(r) + (dimension - 1) / r * slope(r)
        return -2 * laplacian * singular(r) * profile(r) * r ** (dimension - 1)

    def integral(nodes):
        # r = eˢ makes powers at 0 smooth, the midpoint rule then converges fast.
        s = jnp.linspace(np.log(outer) - 60.0, np.log(outer), nodes + 1)
        r = jnp.exp(0.5 * (s[1:] + s[:-1]))
        return jnp.sum(jax.vmap(integrand)(r) * r) * (s[1] - s[0])

    fine, coarse = integral(NODES), integral(NODES // 2)
    rhs = Bracket.estimated(fine, jnp.abs(fine - coarse) + ROUNDING)
    law = f"0 ≤ 2⟨−Δψ, Uψ⟩, radial ψ in R^{dimension}"
    return Inequality("AFG (56)", law, 0.0, rhs, parameters={"dimension": dimension})


def cut_off(
    positions: Float[Array, "M 3"], delta: Scalar, *, printed: bool | int = False, acts: Any = None
) -> Array:
    """η_δ = 1 − Π_{α<β}(1 − η(|R_α − R_β|/δ)), one near every collision (AFG Step 3, corrected); printed: Πη, one near total collapse.

    η falls smoothly from 1 on (0, ½) to 0 beyond 1. `acts`: which of the pairs α < β repel each other, by default all; the others
    are left out of both products.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> nuclei = jnp.array([[0.0, 0.0, 0.0], [0.0, 0.0, 0.1], [5.0, 0.0, 0.0]])  # one pair collides
    >>> [float(jw.theorems.coulomb_limit.cut_off(nuclei, 1.0, printed=p)) for p in (False, True)]
    [1.0, 0.0]
    """
    first, second = np.triu_indices(positions.shape[0], 1)
    gaps = positions[first] - positions[second]
    eta = near(jnp.sqrt(jnp.sum(gaps**2, axis=1)), delta)
    if acts is not None:
        eta = jnp.where(jnp.asarray(acts), eta, 1.0 if printed else 0.0)
    return jnp.prod(eta) if printed else 1 - jnp.prod(1 - eta)


def near(distances: Array, delta: Scalar) -> Array:
    """η(|R_α − R_β|/δ), which falls smoothly from 1 on (0, ½) to 0 beyond 1.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.theorems.afg.coulomb.limit import near
    >>> near(jnp.array([0.4, 0.75, 1.1]), 1.0).tolist()
    [1.0, 0.5, 0.0]
    """
    x = jnp.clip(2 - 2 * distances / delta, 0.0, 1.0)
    return x**3 * (10 - 15 * x + 6 * x**2)


def cut_off_covers(
    configurations: Float[Array, "k M 3"], delta: Scalar, *, printed: bool | int = False
) -> Inequality:
    """1 − η_δ = 0 wherever some |R_α − R_β| ≤ δ/2, so that (1 − η_δ)φ vanishes near S (AFG Step 3); `printed`: false for M ≥ 3.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> nuclei = jnp.array([[[0.0, 0.0, 0.0], [0.0, 0.0, 0.1], [5.0, 0.0, 0.0]]])
    >>> claims = [jw.theorems.coulomb_limit.cut_off_covers(nuclei, 1.0, printed=p) for p in (False, True)]
    >>> [claim.verdict for claim in claims]
    ['holds', 'violated']
    """
    shape = np.shape(configurations)
    require(len(shape) == 3 and shape[2] == 3, "configurations", "have shape (k, M, 3)", str(shape))

    def uncovered(positions):
        first, second = np.triu_indices(shape[1], 1)
        gaps = jnp.sum((positions[first] - positions[second]) ** 2, axis=1)
        near = jnp.any(gaps <= (0.5 * delta) ** 2)
        return jnp.where(near, 1 - cut_off(positions, delta, printed=printed), 0.0)

    lhs = jnp.max(jax.vmap(uncovered)(jnp.asarray(configurations, float)))
    law = "1 − η_δ = 0 where some |R_α−R_β| ≤ δ/2"
    return Inequality("AFG Step 3", law, lhs, 0.0, parameters={"nuclei": shape[1]})


def _in_space(potential: Any) -> Any:
    """U_b(|R|) as a potential of the three coordinates of R."""
    if potential.dimension != 1 or isinstance(potential, Free):
        return potential
    return as_potential(lambda x, y, z: potential(jnp.sqrt(x**2 + y**2 + z**2)))


def _particles_twice(flow, cloud, look, duration, steps, saves):
    """What is seen of a cloud at saves + 1 times, and its distance to a run with half the steps (zero without U_b, up to rounding)."""

    # Kepler's flow alone is exact: the method with the fewest drifts will do.
    method = "strang" if isinstance(flow.potential, Free) else "blanes-moan-4"

    def run(count):
        options = {"saves": saves, "observe": look, "gradient": "forward", "throw": False}
        options["method"] = method
        return evolve(flow, cloud, duration=duration, steps=count, **options).observed

    fine, coarse = by_steps(run, (2 * steps, steps), (flow, cloud, duration))
    return fine, jnp.abs(fine - coarse) + 1e-10 * jnp.abs(fine)
