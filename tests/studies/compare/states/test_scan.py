"""Who leaves a table, by energies: what trajectories do."""

import numpy as np

import jaxwigner as jw
from jaxwigner.studies.compare.states.scan import SURELY, check_stays, leaving

PLACES = np.linspace(-2.0, 2.5, 40)
WELL = jw.potentials.Curve(PLACES, PLACES**2 / 2 + 0.1 * PLACES**3, inner="refuse")


def run(x, p, mass, duration, steps=4000):
    """Whether it comes to an end of the table; Störmer and Verlet."""
    tau, left = duration / steps, np.zeros(len(x), bool)
    force = lambda x: -(x + 0.3 * x**2)  # noqa: E731
    for _ in range(steps):
        p = p + 0.5 * tau * force(x)
        x = x + tau * p / mass
        p = p + 0.5 * tau * force(x)
        left |= (x <= PLACES[0]) | (x >= PLACES[-1])
        x = np.clip(x, PLACES[0], PLACES[-1])
    return left


def test_leaving():
    """Neither a point that stays, nor one that has no time to leave; back in time as well."""
    rng = np.random.default_rng(1)
    x, p = rng.uniform(-1.5, 2.0, 400), rng.normal(0.0, 3.0, 400)
    for duration in (1.2, 9.0, -1.2):
        found = leaving(WELL, 2.0, x, p, duration)
        exact = run(x, p, 2.0, duration)
        assert not np.any(found & ~exact)
        early = run(x, p, 2.0, SURELY * duration)
        assert np.sum(found & early) >= 0.95 * np.sum(early) > 20


def test_nothing_leaves_where_there_is_no_end():
    morse = jw.potentials.Morse(1.0, 1.0)
    assert not leaving(morse, 1.0, np.zeros(2), np.array([0.0, 9.0]), 100.0).any()
    check_stays(morse, 1.0, [1.0], 100.0, None, None)
