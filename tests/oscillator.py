"""A packet in a harmonic well, and runs compiled as a whole."""

import jax
import numpy as np
from exact import packet

import jaxwigner as jw

HBAR = 0.3
GRID = jw.Grid(-6.0, 6.5, 110)
X = np.asarray(GRID.axes[0])
OSCILLATOR = jw.Schrodinger(GRID, jw.potentials.Harmonic(1.3), HBAR, 1.2)
PSI = jw.coherent_state(GRID, 0.8, -0.4, HBAR)


def evolved(duration=1.0, steps=10, system=OSCILLATOR, state=PSI, **options):
    """A run compiled as a whole."""
    run = jax.jit(
        lambda u: jw.evolve(system, u, duration=duration, steps=steps, throw=False, **options)
    )
    return run(state)


def exact(t):
    return packet(X, t, 0.8, -0.4, HBAR, mass=1.2, stiffness=1.3)
