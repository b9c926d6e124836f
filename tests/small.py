"""The small things that calls of the public surface are made of, and a state for each kind of system.

A test file states the calls of its room as `PUBLIC = [small.call(function, argument=a value that works)]`; KINDS says what an argument
is by its name; test_public_surface.py replaces one argument after the other by what its kind does not admit.
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
MORSE = jw.potentials.Morse(1.0, 1.0)
NODES = jw.RadialGrid(8.0, 31, "lobatto")
RADII = jw.RadialGrid(8.0, 31)
WAVES = jw.PartialWaves(RADII, 0.5, 0.5, waves=8)
EXACT = jw.PartialWaves(NODES, 0.5, 0.5, waves=8)
U = np.ones((8, 31), complex)
NORMAL = jw.Gaussian([0.0, 0.0], np.eye(2))
# The fields of a row of report.json.
REPORTED = {"id", "case", "kind", "statement", "parameters", "lhs", "rhs", "rigorous", "verdict"}
REPORTED |= {"expected", "seconds", "r"}
SEEN = {"state": PSI, "grid": GRID, "phase_grid": jw.phase_grid(GRID, 0.5), "hbar": 0.5}
ON_GRID = {"grid": GRID, "hbar": 0.5, "mass": 1.0}  # of systems
PAIRED = ON_GRID | {"pair": BUMP}
F = jw.Density(np.full(PLANE.shape, 1 / (PLANE.cell * np.prod(PLANE.shape))), PLANE)

# What an argument is by its name, where a call does not say otherwise; the kinds are those of test_public_surface.py.
KINDS = {
    name: kind
    for kind, names in {
        "positive": "distance dt hbar length mass share slowest squeezing tolerance",
        "count": "angles candidates chunk copies count most n number points samples saves scrambles steps times waves",
        "whole": "orders seed",
        "share": "alpha",
        "real": "centre charge charges delta duration momentum position slope stiffness time velocity x0",
        "bound": "lower upper",
        "vector": "couplings covariance directions energies frequencies mean",
        "masses": "masses",
        "signal": "signal",
        "state": "kernel psi0 state values",
        "potential": "external pair potential",
        "pair": "functions",
        "object": "axes function",
        "thing": "R at cloud gradient grid kind mesh method p particles phase_grid plan q radii system",
    }.items()
    for name in names.split()
}
# Where functions and states of several kinds are admitted.
OF_ANY_KIND = {"potential": "thing", "state": "thing"}


def call(function, differ=(), /, **arguments):
    """A call that works: (function, {argument: (value, kind)}); `differ`: {argument: kind} where its name does not say it."""
    kinds = KINDS | dict(differ)
    return function, {name: (value, kinds[name]) for name, value in arguments.items()}
