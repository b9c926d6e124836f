"""The classical limit of M nuclei that repel each other: Ambrosio–Friesecke–Giannoulis Theorem 1.1 (iii) for the limit measure, M ≥ 3.

For a product of Gaussian packets W₀ is a measure on R^{6M}. Along (MD), h = Σ½|p_α|² + U_s + U_b is kept, κ = inf U_b:

    C_αβ/(h − κ) ≤ |R_α(t) − R_β(t)|, so that W(t)(|R_α − R_β| < δ) = 0 for δ < C_αβ/(max h − κ)
    ∫|∇U_s|dW(t) ≤ (√2/m)∫(h − κ)²dW₀ < ∞                                                               (28)–(30), explicit
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import require
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.classical import CoulombBodies
from jaxwigner.engine.evolve import evolve
from jaxwigner.grid import Scalar
from jaxwigner.inequality import Inequality
from jaxwigner.phase_space.ensembles import normal_ensemble
from jaxwigner.potentials.combined import floor_of
from jaxwigner.quantum import product_packets as packets_of
from jaxwigner.quantum.nuclei.product_packets import ProductPackets
from jaxwigner.states import Particles
from jaxwigner.theorems.afg.coulomb.bodies import force_sizes, pair_distances
from jaxwigner.theorems.errors import by_steps


def wigner_cloud(packets: ProductPackets, points: Float[Array, "k d"]) -> Particles:
    """W₀ as a cloud in R^{3M}: variances ½s² and ½ħ²/s² about q and p.

    **Arguments:** `points`: of the standard normal law in R^{6M}, as `coulomb_bodies.normal_points(6 * M)[0]`.

    >>> import numpy as np, jaxwigner as jw
    >>> packets = jw.quantum.ProductPackets(np.eye(3), -np.eye(3), hbar=0.04)
    >>> cloud = jw.theorems.coulomb_bodies_limit.wigner_cloud(packets, jw.theorems.coulomb_bodies.normal_points(18, 512)[0])
    >>> cloud.positions.shape, round(float(jnp.var(cloud.momenta[:, 0])), 3)
    ((512, 9), 0.02)
    """
    size = 3 * packets.nuclei
    shape = jnp.shape(points)
    require(len(shape) == 2 and shape[1] == 2 * size, "points", "have shape (k, 6M)", shape)
    deviations = packets.width / np.sqrt(2), jnp.sqrt(packets.momentum_variance)
    centres = packets.positions.ravel(), packets.momenta.ravel()
    return normal_ensemble(*centres, deviations, jnp.asarray(points))


def energies(system: CoulombBodies, cloud: Particles) -> Float[Array, " k"]:
    """h of every configuration."""
    return system.energies(cloud)


def repulsion(
    system: CoulombBodies, cloud: Particles, *, duration: Scalar, steps: int = 32, saves: int = 8
) -> tuple[Inequality, Inequality]:
    """C_αβ/(h − κ) ≤ |R_α(t) − R_β(t)| for every configuration and pair, and ∫|∇U_s|dW(t) ≤ (√2/m)∫(h − κ)²dW₀, masses of 1.

    The run is repeated with twice the steps; twice the difference is the error.

    **Returns:** claims of shape (time, configuration, pair) and one for the largest force.

    >>> import jax.numpy as jnp, numpy as np, jaxwigner as jw
    >>> packets = jw.quantum.ProductPackets(np.eye(3), -np.eye(3), hbar=0.04)
    >>> cloud = jw.theorems.coulomb_bodies_limit.wigner_cloud(packets, jw.theorems.coulomb_bodies.normal_points(18, 64)[0])
    >>> system = jw.CoulombBodies(jnp.full((3, 3), 0.5))
    >>> [claim.verdict for claim in jw.theorems.coulomb_bodies_limit.repulsion(system, cloud, duration=1.0)]
    ['holds', 'holds']
    """
    require(isinstance(system, CoulombBodies), "system", "be CoulombBodies", system)
    C, nuclei = _pairs(system), system.masses.shape[0]
    kappa = floor_of(system.potential)
    excess = system.energies(cloud) - kappa

    def look(z):
        R = z.positions.reshape(-1, nuclei, 3)
        return pair_distances(R), z.weights @ force_sizes(R, C)

    def run(count):
        options = {"saves": saves, "gradient": "forward", "throw": False, "method": "strang"}
        run = evolve(system, cloud, duration=duration, steps=count, observe=look, **options)
        return run.observed

    fine, coarse = by_steps(run, (2 * steps, steps), (system, cloud, duration))
    gaps, force = (Bracket.estimated(b, 2 * jnp.abs(a - b)) for a, b in zip(coarse, fine))
    numbers = {"nuclei": nuclei}
    least = jnp.broadcast_to((C[None] / excess[:, None])[None], gaps.lower.shape)
    law = "C_αβ/(h−κ) ≤ |R_α(t)−R_β(t)|, sampled times"
    near = Inequality("AFG Theorem 1.1 (iii)", law, least, gaps, parameters=numbers)
    smallest = jnp.min(jnp.where(C > 0, C, jnp.inf))
    rhs = np.sqrt(2) / smallest * (cloud.weights @ excess**2)
    law = "∫|∇U_s|dW(t) ≤ (√2/m)∫(h−κ)²dW₀, sampled times"
    return near, Inequality("AFG (28)", law, force.max(), rhs, parameters=numbers)


def _pairs(system: CoulombBodies) -> Float[Array, " pairs"]:
    return system.charges[packets_of.pair_indices(system.masses.shape[0])]
