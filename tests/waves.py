"""Partial waves, and programs of them that several tests share."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.quantum import radial_observables as radial
from jaxwigner.quantum.partial_waves.radial_grid import RadialGrid

HBAR = 0.2


def make(hbar=HBAR, charge=0.5, points=79, waves=30, length=6.5, kind="sine", **options):
    return jw.PartialWaves(RadialGrid(length, points, kind), charge, hbar, waves=waves, **options)


@eqx.filter_jit
def packet(system, position, momentum, alpha=0.5):
    """`packet_waves` compiled; what it checks is checked in its own tests."""
    return jw.packet_waves(system, position, momentum, alpha=alpha)


@eqx.filter_jit
def exactly(system, u, times):
    return jw.evolve_exactly(system, u, times)


@eqx.filter_jit
def split(system, u, duration, steps):
    run = jw.evolve(system, u, duration=duration, steps=steps, gradient="forward", throw=False)
    return run.state


psi_at = eqx.filter_jit(radial.wave_function)


def distance(u, v, system):
    return float(jnp.sqrt(jnp.sum(jnp.abs(u - v) ** 2 @ system.grid.weights)))


def gaussian(points, position, momentum, width, hbar):
    """The packet itself."""
    offset = points - np.asarray(position)
    phase = points @ np.asarray(momentum) / hbar
    envelope = np.exp(-np.sum(offset**2, axis=1) / (2 * width**2))
    return (np.pi * width**2) ** -0.75 * envelope * np.exp(1j * phase)


SPOTS = np.array([[0.3, -0.2, 1.7], [-0.4, 0.5, 2.2], [0.1, 0.05, 0.4], [0.6, 0.1, 1.2]])


def bad(match, call):
    with pytest.raises(ValueError, match=r"^Argument `" + match):
        call()
