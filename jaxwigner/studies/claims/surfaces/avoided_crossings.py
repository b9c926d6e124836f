"""S3, S4: avoided crossings that narrow with ħ, and one that does not, against exact scattering."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner.grid import Grid
from jaxwigner.inequality import Inequality, rate
from jaxwigner.potentials import DeltaGap
from jaxwigner.studies.claims.claim import Row, case, claim, control, shared
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.theorems import (
    surfaces_dykhne,
    surfaces_landau_zener,
    surfaces_scattering,
)

ENERGY = 1.0
BETAS = np.array([0.25, 0.5, 1.0])
NARROW = np.array([0.04, 0.02, 0.01, 0.005])  # ħ where δ = β√ħ
FINEST = np.array([0.01, 0.005, 0.0025, 0.00125])  # the same with --full
WIDTH = 0.3
WIDE = np.array([0.2, 0.1, 0.05, 0.025])  # ħ where δ = .3
HOP, PATH = "Landau–Zener", "Dykhne–Davis–Pechukas"
UPPER, LOWER = 1, 0
ONE, TWO = (0.85, 1.15), (1.85, 2.15)  # rates


def delta_gap(delta: Any) -> Callable[[Any], Any]:
    """V of real or complex x."""

    def rows(x):
        half = 0.5 * jnp.tanh(x)
        return [[half, delta], [delta, -half]]

    return rows


class Hops(NamedTuple):
    """From the upper level on the left to the lower one on the right, δ = β√ħ, (3, ħ), and δ = .3, (ħ,): P/P_law − 1, the laws those of
    Landau and Zener with the velocity on the mean level (`beyond`: less cħ) or on that of the wave, and of Dykhne, Davis and Pechukas.
    """

    mean: Any
    beyond: Any
    own: Any
    path: Any


@shared
def _hops(full: bool) -> tuple[np.ndarray, Hops, Hops]:
    """ħ where δ = β√ħ; what is off there, and where δ is fixed."""
    hbars = FINEST if full else NARROW
    steps = 2**14 if full else 2**13

    def one(delta, hbar):
        rows = delta_gap(delta)
        waves = surfaces_scattering.scattering(rows, ENERGY, hbar, steps=steps)
        P = waves.transmitted[UPPER, LOWER]
        hop = lambda kinetic: surfaces_landau_zener.landau_zener(  # noqa: E731
            2 * delta, jnp.sqrt(2 * kinetic), hbar
        )
        path = surfaces_dykhne.dykhne(rows, ENERGY, hbar, 2j * delta)
        mean, own, path = (P / law - 1 for law in (hop(ENERGY), hop(ENERGY - delta), path))
        c = surfaces_dykhne.beyond_landau_zener(delta / jnp.sqrt(hbar), ENERGY)
        return Hops(mean, mean - c * hbar, own, path)

    deltas = np.r_[np.outer(BETAS, np.sqrt(hbars)).ravel(), np.full(len(WIDE), WIDTH)]
    found = lightly(jax.vmap(one))(deltas, np.r_[np.tile(hbars, len(BETAS)), WIDE])
    count = BETAS.size * hbars.size
    narrow = jax.tree.map(lambda a: a[:count].reshape(BETAS.size, hbars.size), found)
    return hbars, narrow, jax.tree.map(lambda a: a[count:], found)


@claim("S3", "AFG Remark 1", cost=4)
def narrow(full: bool) -> Iterator[Row]:
    """Landau and Zener: P = e^{−πδ²/ħav}(1 + cħ + O(ħ²)) where the gap is of order √ħ, v the velocity on the mean of both levels.

    *Given* V = ((½tanh x, δ), (δ, −½tanh x)), δ = β√ħ, E = 1. **Beyond:** all of it; c = 2√(2/E)πβ⁴(½ − 3/64E²).

    Exact scattering from the upper level on the left to the lower one on the right, ħ from .04 to .005; for β = ¼, ½, 1 P tends to
    .76, .33, .012. The error has the rate 1, and what c leaves the rate 2. A packet that `Surfaces` moves has the mean of the
    stationary probabilities over its momenta. Controls: the velocity of the level that the wave comes on, which leaves √ħ; no c; one
    per cent more than the mean.
    """
    hbars, (mean, left, own, _), _ = _hops(full)
    law = "P/P_LZ − 1 = O(ħ)"
    for k, beta in enumerate(BETAS):
        series = {"hbar": hbars, "error": mean[k]}
        found = rate(HOP, law, hbars, np.abs(mean[k]), ONE, parameters={"beta": beta})
        yield case(f"β = {beta:g}", found, series=series)
    for beta, one in zip(BETAS[1:], left[1:]):
        law = "P/P_LZ − 1 − cħ = O(ħ²)"
        yield case(f"β = {beta:g}, beyond c", rate(HOP, law, hbars, np.abs(one), TWO))
    law = "P/P_LZ − 1 = O(ħ), v on the level of the wave"
    yield control("its own velocity", rate(HOP, law, hbars, np.abs(own[0]), ONE))
    yield control("β = 1, without c", rate(HOP, "c = 0", hbars, np.abs(mean[2]), TWO))
    packet = _packet()
    yield case("a packet", packet)
    yield control("a packet: 1.01", packet.with_constant(1.01))


def _packet() -> Inequality:
    grid = Grid(-10.0, 16.0, 384)
    run = {"duration": 6.0, "steps": 100, "waves": 1024}

    @lightly
    def program(hbar):
        return surfaces_scattering.of_packet(
            DeltaGap(0.2), grid, (-6.0, 2.0), hbar, UPPER, LOWER, **run
        )

    return program(0.1)


@claim("S4", "AFG Remark 1")
def wide(full: bool) -> Iterator[Row]:
    """Dykhne, Davis and Pechukas: P = e^{−(2/ħ)Im∫^{x_c}(p₋ − p₊)dx}(1 + O(ħ²)) for a gap of order √ħ, (1 + O(ħ)) for a fixed one.

    *Given* V = ((½tanh x, δ), (δ, −½tanh x)), E = 1. **Beyond:** all of it.

    x_c is the complex point where the levels meet. With δ = β√ħ the error is .3β²ħ²; with δ = .3 it is .028ħ, while P falls from .16
    at ħ = .2 to 3.4e-7 at ħ = .025. Controls: Landau and Zener at the rate 2, and at a fixed gap, where their P is too small by 13 % to
    a factor 3; an error of order ħ² there.
    """
    hbars, narrow, fixed = _hops(full)
    for beta, one in zip(BETAS, narrow.path):
        series = {"hbar": hbars, "error": one}
        found = rate(PATH, "P/P_DDP − 1 = O(ħ²), δ = β√ħ", hbars, np.abs(one), TWO)
        yield case(f"β = {beta:g}", found, series=series, beta=beta)
    series = {"hbar": WIDE, "error": fixed.path, "hop": fixed.mean}
    one = lambda name, law, off, ends: rate(name, law, WIDE, np.abs(off), ends)  # noqa: E731
    yield case("δ = .3", one(PATH, "P/P_DDP − 1 = O(ħ)", fixed.path, ONE), series=series)
    yield control("δ = .3, of order ħ²", one(PATH, "P/P_DDP − 1 = O(ħ²)", fixed.path, TWO))
    law = "P/P_LZ − 1 = O(ħ²), δ = ½√ħ"
    hop = rate(HOP, law, hbars, np.abs(narrow.mean[1]), TWO)
    yield control("Landau and Zener at the rate 2", hop)
    law = "P/P_LZ − 1 = O(ħ), δ = .3"
    yield control("Landau and Zener at a fixed gap", one(HOP, law, fixed.mean, ONE))
