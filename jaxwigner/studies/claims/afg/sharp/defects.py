"""A4, A13: states that feel all of what ∫∫gφ and its far parts may be, by test functions that are seen at one lag."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner.grid import Grid
from jaxwigner.inequality import Inequality
from jaxwigner.phase_space import GaussianTest
from jaxwigner.potentials import Cosine, Potential
from jaxwigner.potentials.potential import Bounds
from jaxwigner.states import coherent_state, squeezed_state
from jaxwigner.studies.claims.afg.wigner_equation import Kink
from jaxwigner.studies.claims.claim import case, control, more, two_sided
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.theorems import liouville_defect, rate
from jaxwigner.theorems.afg.sharp.bump import far_part
from jaxwigner.theorems.afg.sharp.oscillating import BumpTest, OscillatingTest


class Zigzag(Potential):
    """U′ is a triangle wave of slope ±1 and the given period, with its troughs at the multiples of the period."""

    length: float

    def _offset(self, *x):
        (x,) = self.coordinates(*x)
        return x - self.length * jnp.round(x / self.length)

    def __call__(self, *x):
        v = self._offset(*x)
        return 0.5 * v * jnp.abs(v) - 0.25 * self.length * v

    def gradient(self, *x):
        return (jnp.abs(self._offset(*x)) - 0.25 * self.length,)

    @property
    def bounds(self):
        return Bounds(hessian=1.0)


HBAR, LAG = 0.1, 6.0
PERIOD = HBAR * LAG


def comb(places, grid: Grid):
    """Narrow packets at rest at these places."""
    x = grid.axes[0][None]
    psi = jnp.sum(jnp.exp(-0.5 * ((x - places[:, None]) / (0.02 * PERIOD)) ** 2), axis=0)
    return (psi / jnp.sqrt(jnp.sum(psi**2) * grid.cell)).astype(complex)


@more("A4", order=1, cost=2)
def nearly_attained(full: bool):
    """¼Lip(∇U): a comb of packets on the troughs of a force that is a triangle wave, φ seen at the lag from one to the next; a pair
    of packets astride a single kink. ‖D³U‖/24: a packet where U‴ is largest.
    """
    teeth = 16 if full else 8

    def lipschitz(potential, places):
        grid = Grid(places[0] - 1.1 * PERIOD, places[-1] + 0.9 * PERIOD, 200 * (len(places) + 1))
        test = OscillatingTest(jnp.ones_like, 0.0, 15.0, LAG)
        numbers = {"smoothness": 2, "lags": int(6.6 * HBAR / grid.spacing[0])}
        psi = comb(places, grid)
        return liouville_defect.defect_bound(psi, potential, grid, test, HBAR, **numbers)

    def smooth(hbar):
        half, place = 8.0 * jnp.sqrt(hbar), 0.5 * math.pi
        grid = Grid(place - half, place + half, 768)
        psi = coherent_state(grid, place, 0.0, hbar)
        test = OscillatingTest(jnp.ones_like, 0.0, 3.0, 5.0)
        lags = 100 if full else 32
        return liouville_defect.defect_bound(psi, Cosine(1.0), grid, test, hbar, lags=lags)

    hbars = np.array([0.02, 0.005, 0.00125] if full else [0.00125])
    many, pair, third = lightly(
        lambda hs: (
            lipschitz(Zigzag(PERIOD), PERIOD * np.arange(teeth)),
            lipschitz(Kink(), PERIOD * np.array([-0.5, 0.5])),
            jax.vmap(smooth)(hs),
        )
    )(hbars)
    yield from two_sided(f"U′ a triangle wave, {teeth} packets", many, 0.82 if full else 0.76)
    yield from two_sided("U = x|x|/2, a packet on each side", pair, 0.43)
    yield from two_sided("U‴ at its largest", third, 0.92)


@more("A13", order=1, cost=3)
def far_parts(full: bool):
    """(38) and (41) by φ seen at one lag beyond the cut, where |U|, and |U′|, are largest. Control: the cut |y| = 1 for every ħ."""
    hbars = np.array([0.004, 0.001] if full else [0.001])
    wave = Cosine(1.0)

    def far(hbar, place, turn):
        # The width at which U changes as little as |ψ(x)|² does along the lag; `turn`: the phase e^{ip₀y} at the lag.
        lag = 1.5 / jnp.sqrt(hbar)
        variance = 0.5 * hbar * lag
        half = 6.5 * jnp.sqrt(variance)
        grid = Grid(place - half, place + half, 1024)
        psi = squeezed_state(grid, place, turn / lag, hbar, lag)
        test = OscillatingTest(jnp.ones_like, 0.0, 0.33 * jnp.sqrt(hbar / 0.001), lag)
        lags = 96 if full else 48
        parts = liouville_defect.split(psi, wave, grid, test, hbar, lags=lags)
        return liouville_defect.far_bounds(parts, psi, wave, grid, test, hbar)

    def fixed(hbar):
        half = 8.0 * jnp.sqrt(hbar)
        grid = Grid(0.7 - half, 0.7 + half, 320)
        test = GaussianTest(lambda x: jnp.exp(-((x - 0.6) ** 2)), momentum=0.3, width=1.2)
        psi = coherent_state(grid, 0.7, 0.5, hbar)
        parts = liouville_defect.split(psi, wave, grid, test, hbar, cutoff=0.0, lags=160)
        return jnp.abs(parts.forward)

    scales = np.array([0.02, 0.01, 0.005])
    (two, _), (_, three), still = lightly(
        lambda hs, scales: (
            jax.vmap(lambda h: far(h, 0.0, 0.5 * math.pi))(hs),
            jax.vmap(lambda h: far(h, 0.5 * math.pi, 0.0))(hs),
            jax.vmap(fixed)(scales),
        )
    )(hbars, scales)
    yield from two_sided("(38), |U| at its largest", two, 0.96)
    yield from two_sided("(41), |U′| at its largest", three, 0.95)
    law = "T2 falls faster than any power of ħ, cut at |y| = 1"
    yield control("a cut |y| = 1 for every ħ", rate("AFG (38)", law, scales, still, (3.0, 99.0)))


@more("A13", order=2, cost=2)
def faster_than_any_power(full: bool):
    """(38) for a φ that is C₀^∞ in p, cut at |y| = ħ^{−¾}: the local powers of the bound grow without end. Control: the cut
    |y| = 1 for every ħ, where it grows like ħ⁻¹.
    """
    hbars, points = np.array([0.04, 0.02, 0.01, 0.005, 0.0025][0 if full else 1 :]), 512

    def far(hbar, cutoff):
        half = 5.5 * jnp.sqrt(hbar)
        grid = Grid(0.7 - half, 0.7 + half, 2 * points if full else points)
        test = BumpTest(lambda x: jnp.exp(-((x - 0.6) ** 2)), 0.3, 2.0, supremum=1.0)
        psi = coherent_state(grid, 0.7, 0.5, hbar)
        return far_part(psi, Cosine(1.0), grid, test, hbar, cutoff=cutoff)

    count = len(hbars)
    every = np.append(hbars, hbars[-2:]), np.repeat([0.75, 0.0], [count, 2])
    both = lightly(jax.vmap(far))(*every)
    claim, still = (
        jax.tree.map(lambda a, k=k: a[k], both) for k in (slice(count), slice(-2, None))
    )
    powers, flat = (
        np.diff(np.log(one.rhs.lower)) / np.diff(np.log(h))
        for one, h in ((claim, hbars), (still, hbars[-2:]))
    )
    series = {"hbar": hbars, "far": claim.lhs.centre, "far_bound": claim.rhs.lower}
    yield case("(38), φ ∈ C₀^∞", claim, series=series)
    law = "the local powers of ħ of the bound of T2 grow, φ ∈ C₀^∞"
    yield case("(38), growing powers", Inequality("AFG (38)", law, powers[:-1], powers[1:]))
    law = "3 ≤ the local power of ħ of the bound of T2 at the smallest ħ, φ ∈ C₀^∞"
    yield case("(38), last power", Inequality("AFG (38)", law, 3.0, powers[-1]))
    yield control("(38), a cut |y| = 1", Inequality("AFG (38)", law, 3.0, flat[-1]))
