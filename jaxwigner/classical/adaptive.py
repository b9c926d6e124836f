"""Classical clouds in which every configuration takes its own time steps: for encounters that no splitting foresees.

Φ_τ the symmetric step of a system (kick τ/2, drift τ, kick τ/2), whose error has even powers of τ only. One step, halves, thirds:

    z = (1/24) Φ_τ − (16/15) Φ_{τ/2}² + (81/40) Φ_{τ/3}³   (order 6),   z' = (9 Φ_{τ/3}³ − 4 Φ_{τ/2}²)/5   (order 4),   error = |z − z'|

(Aitken–Neville extrapolation to τ = 0; Hairer, Nørsett and Wanner, Solving Ordinary Differential Equations I, II.9.) A step is
repeated with a shorter τ where the error exceeds its share τ/T of the tolerance; τ follows the fourth root of share over error.
What a fixed step preserves to rounding (phase-space volume) is preserved to the tolerance.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Float, Int

from jaxwigner._checks import check_integer, check_positive_scalar, check_scalar, concrete, require
from jaxwigner._types import Array
from jaxwigner.compiled import compiled
from jaxwigner.engine.system import System
from jaxwigner.grid import Scalar
from jaxwigner.potentials import Potential
from jaxwigner.states import Particles

MOST = 100_000  # steps of a configuration
SAFETY, SHRINK, GROW = 0.9, 0.2, 3.0
BLIND = 1000  # steps at least through a potential of which nothing is known


class Adaptive(eqx.Module):
    """What `evolve_adaptively` returns: the cloud, the sum of the errors of each configuration's steps, and how many it took."""

    state: Particles
    error: Float[Array, " k"]
    steps: Int[Array, " k"]


def evolve_adaptively(
    system: System, state: Particles, *, duration: Scalar, tolerance: float = 1e-9, most: int = MOST
) -> Adaptive:
    """Move every configuration of a cloud with steps of its own, each as long as its tolerance allows.

    **Arguments:** `system`: `CoulombBodies`, `CoulombFlow`, `Newton` or another system of `Particles` without mutual interaction of the
    configurations; `state`: the cloud; `tolerance`: of positions and momenta (the largest component, in their own units) over the whole
    run; `most`: steps of one configuration.

    **Returns:** an `Adaptive`. Under `jit` a configuration that did not arrive in `most` steps is NaN. Differentiable forwards
    (`jax.jvp`, `jax.jacfwd`); for reverse mode use `evolve` with a number of steps.

    **Raises:** `ValueError` for arguments that cannot be right and, outside of `jit`, for a configuration that does not arrive.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> start = jw.Particles([1.0], [[0.0, 0.0, 1.0, 0.0, 0.0, -1.0, 1.5, 0.0, 0.0]],
    ...                      [[0.0, 0.0, -1.0, 0.0, 0.0, 1.0, -2.0, 0.0, 0.0]])
    >>> system = jw.CoulombBodies(jnp.full((3, 3), 0.5))
    >>> run = jw.evolve_adaptively(system, start, duration=2.0, tolerance=1e-8)
    >>> before, after = system.energies(start)[0], system.energies(run.state)[0]
    >>> bool(abs(after - before) < 1e-7), int(run.steps[0]) > 10
    (True, True)
    """
    require(isinstance(system, System), "system", "be a System of particles", system)
    check_scalar("duration", duration)
    check_positive_scalar("tolerance", tolerance)
    check_integer("most", most, at_least=1)
    require(isinstance(state, Particles), "state", "be Particles", state)
    must = "be a System of particles that move by themselves (a mean field needs `evolve`)"
    require(system.independent, "system", must, type(system).__name__)
    state = system.enter(state)
    require(isinstance(state, Particles), "system", "be a System of particles", system)
    run = _evolve(system, state, jnp.asarray(duration, float), tolerance, most, _reach(system))
    if concrete(run.error):
        late = int(jnp.sum(jnp.isnan(run.error)))
        must = f"be larger ({late} of the cloud need more than `most` = {most} steps)"
        require(late == 0, "tolerance", must, tolerance)
    return run


def _reach(system: System) -> Array:
    """How far a configuration may move in one step: half of the shortest length of the system's potentials, sup|∇U|/sup‖D²U‖.

    An error is estimated where a step begins and ends; what is narrower than the step, a barrier, would be jumped over. Of a plain
    function nothing is known: NaN, and the steps are short in time instead.
    """
    is_potential = lambda leaf: isinstance(leaf, Potential)  # noqa: E731
    shortest = jnp.asarray(jnp.inf)
    for one in filter(is_potential, jax.tree.leaves(system, is_leaf=is_potential)):
        slope, bend = jnp.asarray(one.gradient_bound), jnp.asarray(one.hessian_bound)
        known = jnp.isfinite(slope) & jnp.isfinite(bend) & (bend > 0)
        length = jnp.where(known, 0.5 * slope / jnp.where(known, bend, 1.0), jnp.inf)
        ends = jnp.stack([jnp.asarray(end, float) for end in (one.lower_bound, one.upper_bound)])
        unknown = jnp.all(jnp.isinf(ends)) & jnp.isinf(slope) & jnp.isinf(bend)
        shortest = jnp.minimum(shortest, jnp.where(unknown, jnp.nan, length))
    return shortest


@compiled
def _evolve(system, state, duration, tolerance, most, reach) -> Adaptive:
    span = jnp.abs(duration)
    longest = jnp.where(jnp.isnan(reach), span / BLIND, span)

    def one(R, P):
        def advance(z, tau):
            cloud = Particles(jnp.ones(1, z.dtype), z[:1], z[1:])
            kick, drift = system.kick_flow(0.5 * tau), system.drift_flow(tau)
            cloud = kick(drift(kick(cloud)))
            return jnp.concatenate([cloud.positions, cloud.momenta])

        def several(z, tau, count):
            return jax.lax.fori_loop(0, count, lambda _, u: advance(u, tau / count), z)

        def attempt(carry):
            z, time, tau, error, count = carry
            tau = jnp.minimum(jnp.minimum(tau, longest), span - time)
            signed = jnp.sign(duration) * tau
            one, two, three = (several(z, signed, count) for count in (1, 2, 3))
            better = one / 24 - 16 * two / 15 + 81 * three / 40
            off = jnp.max(jnp.abs(better - (9 * three - 4 * two) / 5))
            share = tolerance * tau / span
            far = jnp.max(jnp.abs(better[0] - z[0])) > reach
            fits = (off <= share) & ~far
            # A step into a collision may give no number at all.
            known = jnp.where(jnp.isfinite(off), jnp.maximum(off, 1e-30), jnp.inf)
            factor = jnp.clip(SAFETY * (share / known) ** 0.25, SHRINK, GROW)
            factor = jnp.where(far, jnp.minimum(factor, 0.5), factor)
            z = jnp.where(fits, better, z)
            last = tau >= span - time
            time = jnp.where(fits, jnp.where(last, span, time + tau), time)
            error = error + jnp.where(fits, off, 0.0)
            return z, time, tau * jax.lax.stop_gradient(factor), error, count + 1

        def goes_on(carry):
            return (carry[1] < span) & (carry[4] < most)

        z = jnp.stack([R, P])
        first = (z, 0.0 * span, 0.1 * span, 0.0 * span, 0)
        z, time, _, error, count = jax.lax.while_loop(goes_on, attempt, first)
        arrived = time >= span
        return jnp.where(arrived, z, jnp.nan), jnp.where(arrived, error, jnp.nan), count

    z, error, steps = jax.vmap(one)(state.positions, state.momenta)
    moved = eqx.tree_at(lambda c: (c.positions, c.momenta), state, (z[:, 0], z[:, 1]))
    return Adaptive(moved, error, steps)
