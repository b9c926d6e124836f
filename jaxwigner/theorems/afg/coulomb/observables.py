"""Observables of a packet beside the Coulomb singularity against the classical ensemble: Ambrosio–Friesecke–Giannoulis Theorem 1.1.

For φ(R, P) = g(|R|), the Gaussian packet Ψ and its Wigner function W₀, which is a measure,

    ∫∫W_ħ(t)φ = ∫g(|R|)|Ψ(R, t)|² dR,     ∫φ d(Φ_t#W₀) = ∫g(|R(t)|) dW₀

The flow of C/|R| is smooth on finite energies, so that their difference should be O(ħ²), as for smooth U (the order is beyond the
paper). The ensemble comes in independent copies: their spread is the sampling error, which is kept apart from the rate.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import check_integer, concrete, require
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.classical import CoulombFlow
from jaxwigner.classical.kepler import distances
from jaxwigner.engine.evolve import evolve
from jaxwigner.grid import Scalar
from jaxwigner.inequality import Inequality, fitted_rate, require_double
from jaxwigner.potentials import Free
from jaxwigner.quantum import PartialWaves
from jaxwigner.quantum.partial_waves.observables import radial_density
from jaxwigner.states import Particles

STUDENT = 2.365  # 97.5 %, 7 degrees of freedom; on the safe side for more


class Difference(eqx.Module):
    """`quantum` and `classical` value of an observable, `gap` their distance, `sampling` the 95 % error of the classical one."""

    quantum: Array
    classical: Array
    sampling: Array

    @property
    def gap(self) -> Array:
        """|quantum − classical|."""
        return abs(self.quantum - self.classical)


def observable_difference(
    system: PartialWaves,
    u: Array,
    flow: CoulombFlow,
    cloud: Particles,
    profile: Callable,
    *,
    duration: Scalar,
    steps: int,
    copies: int = 8,
) -> Difference:
    """∫∫W(t)φ and ∫φ d(Φ_t#W₀) for φ = g(|R|); NaN where the packet is under-resolved.

    **Arguments:** `cloud`: W₀ as `copies` independent ensembles of equal weights, one after another; `profile`: g.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> system = jw.PartialWaves(jw.RadialGrid(6.0, 127), 0.5, 0.05, waves=44)
    >>> u = jw.packet_waves(system, 2.0, -1.0)
    >>> cloud = jw.packet_cloud(2.0, -1.0, 0.05, count=4096)
    >>> found = jw.theorems.coulomb_observables.observable_difference(
    ...     system, u, jw.CoulombFlow(0.5), cloud, lambda r: jnp.exp(-(r**2)), duration=1.0, steps=32
    ... )
    >>> bool(found.gap < 0.02)
    True
    """
    check_integer("copies", copies, at_least=8)
    count = cloud.weights.shape[0]
    require(count % copies == 0, "copies", "divide the number of particles", copies)
    options: dict[str, Any] = {"duration": duration, "gradient": "forward", "throw": False}
    run = evolve(system, u, steps=steps, **options)
    density = radial_density(run.state, system) * system.grid.weights
    quantum = density @ profile(system.grid.radii)
    quantum = jnp.where(run.diagnostics.status == 0, quantum, jnp.nan)
    # Kepler's flow alone is exact.
    exact = isinstance(flow.potential, Free)
    options |= {"method": "strang"} if exact else {}
    moved = evolve(flow, cloud, steps=1 if exact else steps, **options).state
    means = jnp.mean(profile(distances(moved)).reshape(copies, -1), axis=1)
    sampling = STUDENT * jnp.std(means, ddof=1) / np.sqrt(copies)
    return Difference(quantum, jnp.mean(means), sampling)


def point_value(
    flow: CoulombFlow, distance: Scalar, momentum: Scalar, profile: Callable, *, duration: Scalar
) -> Array:
    """g(|R(t)|) of the single particle from (0, 0, distance) with (0, 0, momentum), U_b = 0: the δ-limit of packets with 0 < α < 1.

    >>> import jaxwigner as jw
    >>> flow = jw.CoulombFlow(0.5)
    >>> value = jw.theorems.coulomb_observables.point_value(flow, 2.0, -1.0, lambda r: r, duration=2.0)
    >>> round(float(value), 9)
    1.768858605
    """
    require(isinstance(flow.potential, Free), "flow", "have no U_b", flow.potential)
    R = distance * jnp.array([[0.0, 0.0, 1.0]])
    P = momentum * jnp.array([[0.0, 0.0, 1.0]])
    point = Particles(jnp.ones(1), R, P)
    options = {"method": "strang", "gradient": "forward", "throw": False}
    return profile(distances(evolve(flow, point, duration=duration, steps=1, **options).state))[0]


def convergence(
    hbars: Float[Array, " n"],
    differences: Difference,
    predicted: tuple[float, float],
    statement: str,
    name: str = "AFG Theorem 1.1",
) -> Inequality:
    """The power of ħ of the gaps: the interval of the fit, widened by what the sampling errors can move it.

    **Arguments:** `predicted`: the interval of the power; `name`: the place in the paper.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> hbars = jnp.array([0.1, 0.05, 0.025])
    >>> found = jw.theorems.coulomb_observables.Difference(hbars**2, 0 * hbars, 0.01 * hbars**2)
    >>> claim = jw.theorems.coulomb_observables.convergence(hbars, found, (1.85, 2.15), "O(ħ²)")
    >>> claim.verdict, round(float(claim.lhs.width), 3)
    ('holds', 0.02)
    """
    require_double()
    xp = np if concrete((hbars, differences)) else jnp
    x = xp.log(xp.asarray(hbars))
    x = x - xp.mean(x)
    gap, sampling = xp.asarray(differences.gap), xp.asarray(differences.sampling)
    share = x / xp.sum(x**2) * sampling / gap
    moved = xp.sqrt(xp.sum(share**2))
    measured = fitted_rate(hbars, gap).widen(moved, rigorous=False)
    numbers = {"smallest_hbar": xp.min(xp.asarray(hbars)), "sampling": moved}
    rhs = Bracket(*predicted)
    return Inequality(name, statement, measured, rhs, kind="rate", parameters=numbers)
