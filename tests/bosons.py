"""Bosons in a coherent state, compiled with hardly any optimisation."""

import functools

import jax
import jax.numpy as jnp

import jaxwigner as jw

PAIR = jw.potentials.Gaussian(1.0, 1.0)
TIME = 2.0
# Compiling takes longer than running: hardly any optimisation halves it.
quick = functools.partial(jax.jit, compiler_options={"xla_backend_optimization_level": 0})


def scaled(hbar, number, *, points=96, reach=13.0, pair=PAIR, **options):
    """Bosons and a coherent state at rest on a grid that scales with √ħ."""
    side = reach * jnp.sqrt(hbar) if isinstance(hbar, jax.Array) else reach * float(hbar) ** 0.5
    grid = jw.Grid(-side, side, points)
    bosons = jw.FockExcitations(grid, pair, hbar, number, **options)
    return bosons, jw.coherent_state(grid, 0.0, 0.0, hbar)


def run(bosons, phi, duration=TIME, steps=50):
    return quick(lambda u: bosons.evolve(u, duration=duration, steps=steps, throw=False))(phi)
