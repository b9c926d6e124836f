"""Gaussian packets in R³ as classical ensembles whose sampling error can be told: independent copies of quasi-random points.

The Wigner function of (πs²)^{−3/4}e^{−|R−R₀|²/2s² + iP₀·R/ħ}, s = ħ^α, is a Gaussian, of variances ½ħ^{2α} and ½ħ^{2−2α}. Each copy is
a Sobol sequence with its own scrambling; the spread of what the copies give, over the root of their number, is the sampling error.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from jaxwigner.states import Particles
from jaxwigner.theorems.afg.coulomb.bodies import normal_points

COPIES = 8


def packet_copies(
    distance: float,
    momentum: float,
    epsilon: float,
    particles: int,
    *,
    alpha: float = 0.5,
    copies: int = COPIES,
) -> Particles:
    """The Wigner function of the packet as `copies` independent ensembles, one after another.

    Scrambled Sobol points in pairs z₀ ± δz, each copy then mapped linearly so that its covariance is that of the packet.

    >>> import numpy as np
    >>> from jaxwigner.studies.packet_ensemble import packet_copies
    >>> z = np.asarray(packet_copies(2.0, -1.0, 0.01, 2**12).positions)[:512]
    >>> round(float(np.var(z[:, 0])), 12), round(float(np.mean(z[:, 2])), 12)
    (0.005, 2.0)
    """
    half = particles // copies // 2
    points = []
    for normal in normal_points(6, half, copies):
        factor = np.linalg.cholesky(normal.T @ normal / half)
        normal = np.linalg.solve(factor, normal.T).T
        points.append(np.concatenate([normal, -normal]))
    # The first coordinates of the sequence are the most even ones: they go to z and P_z.
    order = np.array([2, 3, 0, 4, 5, 1])
    normal = np.concatenate(points)[:, order] * np.sqrt(0.5)
    axis = np.array([0.0, 0.0, 1.0])
    R = distance * axis + epsilon**alpha * normal[:, :3]
    P = momentum * axis + epsilon ** (1 - alpha) * normal[:, 3:]
    count = len(normal)
    return Particles(jnp.full(count, 1.0 / count), jnp.asarray(R), jnp.asarray(P))
