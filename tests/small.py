"""The small things that calls of the public surface are made of, and a state for each kind of system.

A test file states the calls of its room as `PUBLIC = [(function, {argument: (a value that works, its kind)})]`; the kinds are those of
test_public_surface.py, which replaces one argument after the other by what its kind does not admit.
"""

import jax.numpy as jnp
import numpy as np

import jaxwigner as jw

GRID = jw.Grid(-4.0, 4.5, 16)
PLANE = jw.PhaseGrid(GRID, jw.Grid(-2.0, 2.5, 12))
PSI = jw.coherent_state(GRID, 0.3, 0.2, 0.5)
MIXED = jw.MixedState([0.5, 0.5], jnp.stack([PSI, PSI]))
CLOUD = jw.Particles([0.5, 0.5], [0.0, 0.5], [0.1, 0.2])
SPACE = jw.Particles([1.0], [[0.0, 0.0, 2.0]], [[0.0, 0.0, -1.0]])
WELL = jw.potentials.Harmonic(1.0)
BUMP = jw.potentials.Gaussian(1.0, 1.0)
NODES = jw.RadialGrid(8.0, 31, "lobatto")
RADII = jw.RadialGrid(8.0, 31)
WAVES = jw.PartialWaves(RADII, 0.5, 0.5, waves=8)
EXACT = jw.PartialWaves(NODES, 0.5, 0.5, waves=8)
U = np.ones((8, 31), complex)
NORMAL = jw.Gaussian([0.0, 0.0], np.eye(2))
# The fields of a row of report.json.
REPORTED = {"id", "case", "kind", "statement", "parameters", "lhs", "rhs", "rigorous", "verdict"}
REPORTED |= {"expected", "seconds", "r"}
ON_GRID = {
    "grid": (GRID, "thing"),
    "hbar": (0.5, "positive"),
    "mass": (1.0, "positive"),
}  # of systems
PAIRED = ON_GRID | {"pair": (BUMP, "potential")}
F = jw.Density(np.full(PLANE.shape, 1 / (PLANE.cell * np.prod(PLANE.shape))), PLANE)
