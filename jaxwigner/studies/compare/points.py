"""Points of `predict`: 3d + 3 numbers each, one for s, 2d for z₀ and d + 2 for the direction of its kick.

Scrambled Sobol sequences of SciPy; for d = 1 shifted lattices, which are better in so few dimensions.
"""

from __future__ import annotations

import numpy as np

from jaxwigner.potentials._parameters import default_float

# Six components of the generating vector of Cools, Kuo and Nuyens (SIAM J. Sci. Comput. 28, 2162 (2006)), for 2ᵏ points.
LATTICE = np.array([498753, 110745, 446247, 1, 182667, 469891])


def grouped(d: int, samples: int, scrambles: int, seed: int, groups: int) -> np.ndarray:
    """Random numbers (scramble, group, lane, 3d + 3), group g with s in interval g; first of each the place of s there."""
    least = max(float(np.finfo(default_float()).eps), 1e-12)
    found = []
    for scramble in range(scrambles):
        rng = np.random.default_rng([seed, scramble])
        points = shifted(samples, rng) if d == 1 else scrambled(3 * d + 3, samples, rng)
        place = groups * points[:, 0]
        points[:, 0] = place - np.floor(place)
        order = np.argsort(np.floor(place), kind="stable")
        found.append(np.clip(points[order], least, 1 - least))
    return np.stack(found).reshape(scrambles, groups, -1, 3 * d + 3)


def shifted(samples: int, rng: np.random.Generator) -> np.ndarray:
    """A lattice of six dimensions with a random shift; of the first numbers as many lie in each of 2ᵏ intervals.

    >>> import numpy as np
    >>> from jaxwigner.studies.compare.points import shifted
    >>> np.sort(np.floor(4 * shifted(4, np.random.default_rng(0))[:, 0])).tolist()
    [0.0, 1.0, 2.0, 3.0]
    """
    shift = rng.uniform(size=len(LATTICE))
    points = np.arange(samples)[:, None] * LATTICE % samples / samples
    points[:, 0] += shift[0] / samples
    points[:, 1:] = (points[:, 1:] + shift[1:]) % 1.0
    return points


def scrambled(size: int, samples: int, rng: np.random.Generator) -> np.ndarray:
    """A scrambled Sobol sequence."""
    from scipy.stats import qmc

    return qmc.Sobol(size, scramble=True, rng=rng).random(samples)
