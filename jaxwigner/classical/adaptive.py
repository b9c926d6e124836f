"""Classical clouds in which every configuration takes its own time steps: for encounters that no splitting foresees.

Φ_τ the symmetric step of a system (kick τ/2, drift τ, kick τ/2), of order 2. One step, two halves of it, and

    z = (4 Φ_{τ/2}² − Φ_τ)/3,   error = |Φ_{τ/2}² − Φ_τ|/3       (Richardson; z is of order 4, the error is that of Φ_{τ/2}²)

The step is repeated with a shorter τ where the error exceeds its share τ/T of the tolerance, and τ grows and shrinks like the third
root of tolerance over error. What a fixed step preserves to rounding (phase-space volume) is preserved to the tolerance.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Float, Int

from jaxwigner._checks import check_integer, check_positive_scalar, check_scalar, concrete, require
from jaxwigner._types import Array
from jaxwigner.engine.compiled import compiled
from jaxwigner.engine.system import System
from jaxwigner.grid import Scalar
from jaxwigner.states import Particles

MOST = 100_000  # steps of a configuration
SAFETY, SHRINK, GROW = 0.9, 0.2, 3.0


class Adaptive(eqx.Module):
    """What `evolve_adaptively` returns: the cloud, the sum of the errors of each configuration's steps, and how many it took."""

    state: Particles
    error: Float[Array, " k"]
    steps: Int[Array, " k"]


def evolve_adaptively(
    system: System,
    state: Particles,
    *,
    duration: Scalar,
    tolerance: float = 1e-9,
    most: int = MOST,
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
    state = system.enter(state)
    require(isinstance(state, Particles), "system", "be a System of particles", system)
    run = _evolve(system, state, jnp.asarray(duration, float), tolerance, most)
    if concrete(run.error):
        late = int(jnp.sum(jnp.isnan(run.error)))
        must = f"be larger ({late} of the cloud need more than `most` = {most} steps)"
        require(late == 0, "tolerance", must, tolerance)
    return run


@compiled
def _evolve(system, state, duration, tolerance, most) -> Adaptive:
    span = jnp.abs(duration)

    def one(R, P):
        def advance(z, tau):
            cloud = Particles(jnp.ones(1, z.dtype), z[:1], z[1:])
            kick, drift = system.kick_flow(0.5 * tau), system.drift_flow(tau)
            cloud = kick(drift(kick(cloud)))
            return jnp.concatenate([cloud.positions, cloud.momenta])

        def attempt(carry):
            z, time, tau, error, count = carry
            tau = jnp.minimum(tau, span - time)
            signed = jnp.sign(duration) * tau
            whole = advance(z, signed)
            halves = advance(advance(z, 0.5 * signed), 0.5 * signed)
            off = jnp.max(jnp.abs(halves - whole)) / 3
            share = tolerance * tau / span
            fits = off <= share
            # A step into a collision may give no number at all.
            known = jnp.where(jnp.isfinite(off), jnp.maximum(off, 1e-30), jnp.inf)
            factor = jnp.clip(SAFETY * jnp.cbrt(share / known), SHRINK, GROW)
            z = jnp.where(fits, (4 * halves - whole) / 3, z)
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
