"""A7, A8: packets that run at the speed, roll to the momentum, and feel the force that (21) and Lemma 3.3 allow."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner.grid import Grid
from jaxwigner.phase_space import GaussianTest
from jaxwigner.potentials import Cosine, Free, Torsion
from jaxwigner.states import coherent_state
from jaxwigner.studies.claims.claim import more, two_sided
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.theorems import propagation
from jaxwigner.theorems.afg.sharp.oscillating import OscillatingTest


@more("A8", order=1, cost=2)
def nearly_leaving(full: bool):
    """A share of the mass, alone in motion, goes as far in position and in momentum as its energy takes it: r → √share and share."""
    hbar, share = 0.001, 0.85

    def both(grid, position, momentum):
        moving = coherent_state(grid, position, momentum, hbar)
        return math.sqrt(share) * moving + math.sqrt(1 - share) * coherent_state(
            grid, 0.0, 0.0, hbar
        )

    def program():
        deviation = math.sqrt(0.5 * hbar)
        line = Grid(-0.6, 3.6, 4608)
        away = 2 * 1.5 - 2.5 * deviation * math.sqrt(1 + 1.5**2)
        numbers = {"radius": away, "inner": 2.5 * deviation, "duration": 1.5}
        position = propagation.position_tail(
            both(line, 0.0, 2.0), Free(), line, hbar, **numbers, steps=1, saves=1
        )
        well = Grid(-2.9, 3.1, 4608)
        top = math.sqrt(2 * (1 - math.cos(2.0)))
        numbers = {"radius": 0.97 * top, "duration": 2.4, "steps": 96, "saves": 24}
        momentum = propagation.momentum_tail(
            both(well, 2.0, 0.0), Torsion(1.0), well, hbar, **numbers
        )
        return position, momentum

    position, momentum = lightly(program)()
    yield from two_sided("a share of the mass in motion", position, 0.8)
    yield from two_sided("a share of the mass rolls down", momentum, 0.92)


@more("A7", order=1, cost=2)
def nearly_attained(full: bool):
    """(21) with both of its terms: φ seen at one lag by a packet on the steepest place, and one that crosses the flank of φ."""
    hbars = np.array([0.02, 0.005, 0.00125] if full else [0.00125])
    place, wide = 0.5 * math.pi, 3.0
    pushed = OscillatingTest(lambda x: jnp.exp(-((x - place) ** 2) / (2 * wide**2)), 0.0, 1.2, 4.0)
    crossed = GaussianTest(lambda x: jnp.exp(-(x**2) / 2), 1.5, 0.25)
    options = {"duration": 1e-3, "steps": 2, "saves": 1}

    def program(hbar):
        half = 7.0 * jnp.sqrt(hbar)
        grid = Grid(place - half, place + half, 1024)
        psi = coherent_state(grid, place, 0.0, hbar)
        lags = 96 if full else 24
        force = propagation.rate_of_change(
            psi, Cosine(1.0), grid, pushed, hbar, slope=math.exp(-0.5) / wide, lags=lags, **options
        )
        grid = Grid(1.0 - half, 1.0 + half, 1024)
        psi = coherent_state(grid, 1.0, 1.5, hbar)
        lags = 300 if full else 75
        flank = propagation.rate_of_change(
            psi, Free(), grid, crossed, hbar, slope=math.exp(-0.5), lags=lags, **options
        )
        return force, flank

    force, flank = lightly(jax.vmap(program))(hbars)
    yield from two_sided("force at the one lag of φ", force, 0.93)
    yield from two_sided("transport across the flank of φ", flank, 0.96)
