"""Trajectories that hop, per trajectory and step: against NumPy written by hand for Jahn and Teller's surfaces, and against mudslide.

By hand all trajectories go in one array, and what is known of these surfaces is used: levels ½|q|² ± |q|, angular momentum at the gap.
All hops are drawn, and P_up of both is the same within its sampling. mudslide takes one trajectory at a time, through Tully's model 1.
"""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import jaxwigner as jw
from benchmarks.evolution.surfaces import CLOCKS
from benchmarks.report import Row, skipped, timed
from benchmarks.timing import interleave, ratio, spread

EPS, DURATION, STEPS = 0.1, 6.0, 480


def run(quick: bool = False) -> list[Row]:
    """All rows of this theme."""
    count, seconds = (2**10, 2.0) if quick else (2**13, 10.0)
    rows = [*by_hand("single switch", single, single_by_hand, count, seconds)]
    rows += by_hand("fewest switches", fewest, fewest_by_hand, count, seconds)
    rows += branches(count, seconds)
    return [*rows, *against_mudslide(10 if quick else 40)]


def normal(count: int) -> np.ndarray:
    """Points of the Wigner function of a packet at rest at (−1.5, 0): (q, p), each (count, 2)."""
    z = (EPS / 2) ** 0.5 * np.random.default_rng(0).normal(size=(2, count, 2))
    z[0, :, 0] -= 1.5
    return z


def ours(method: Callable, z: np.ndarray, **options: Any) -> np.ndarray:
    cloud = jw.Particles(np.full(z.shape[1], 1 / z.shape[1]), *z)
    V = jw.potentials.JahnTeller()
    run = method(V, cloud, "upper", hbar=EPS, duration=DURATION, steps=STEPS, **options)
    return np.asarray(run.observed["populations"][-1])


single = functools.partial(ours, jw.single_switch, branches=1)
fewest = functools.partial(ours, jw.fewest_switches)


def by_hand(name: str, one: Callable, other: Callable, count: int, seconds: float) -> Iterator[Row]:
    """Time over that of the code below, nanoseconds for each trajectory and step, and how far apart both P_up are."""
    z = normal(count)
    calls = {"ours": lambda: one(z), "theirs": lambda: other(z)}
    note = f"{count} trajectories, {STEPS} steps"
    for clock, now in CLOCKS.items():
        samples = interleave(calls, rounds=9, seconds=seconds, clock=now)
        what = f"{name} / NumPy by hand, {clock}"
        yield timed("hopping", what, ratio(samples, "ours", "theirs"), note=note)
    each = spread(samples["ours"] / (count * STEPS) * 1e9)
    yield timed("hopping", f"{name}, a step of a trajectory, CPU", each, unit="ns", note=note)
    share = one(z)[1]
    apart = abs(share - other(z)) / np.sqrt(2 * share * (1 - share) / count)
    yield Row("hopping", f"{name}: P_up − by hand, in sampling errors", float(apart), at_most=4.0)


def branches(count: int, seconds: float) -> Iterator[Row]:
    """Weights that are split over hops that are drawn, all starting points in both."""
    z = normal(count)
    split = functools.partial(ours, jw.single_switch, z)
    calls = {"split": lambda: split(branches=8), "drawn": lambda: split(branches=1)}
    samples = interleave(calls, rounds=9, seconds=seconds)
    what = "single switch, 8 branches / hops drawn, wall"
    yield timed("hopping", what, ratio(samples, "split", "drawn"))


def pulled(q: np.ndarray, side: np.ndarray) -> np.ndarray:
    """−∇(½|q|² ± |q|)."""
    return -q - side[:, None] * q / np.linalg.norm(q, axis=1)[:, None]


def single_by_hand(z: np.ndarray) -> float:
    """P_up at the end by single switches with the velocity of the mean surface."""
    rng, tau = np.random.default_rng(1), DURATION / STEPS
    (q, p), side = z.copy(), np.ones(z.shape[1])
    before = np.sum(q * p, axis=1)
    for _ in range(STEPS):
        q += 0.5 * tau * p
        p += 0.5 * tau * pulled(q, side)
        r, square, now = np.linalg.norm(q, axis=1), np.sum(p**2, axis=1), np.sum(q * p, axis=1)
        L, mean = q[:, 0] * p[:, 1] - q[:, 1] * p[:, 0], square + 2 * side * r
        can = (before < 0) & (now >= 0) & (square + 4 * side * r > 0)
        P = np.where(can, np.exp(-np.pi * L**2 / (EPS * np.where(can, mean, 1.0) ** 1.5)), 0.0)
        hop = rng.uniform(size=r.size) < P
        p[hop] *= np.sqrt(1 + 4 * (side * r / square)[hop, None])
        side = np.where(hop, -side, side)
        p += 0.5 * tau * pulled(q, side)
        before = np.sum(q * p, axis=1)
        q += 0.5 * tau * p
    return float(np.mean(side > 0))


def shares(q: np.ndarray, c: np.ndarray) -> np.ndarray:
    """|a|² of the lower and of the upper level."""
    half = 0.5 * np.arctan2(q[:, 1], q[:, 0])
    upper = np.cos(half) * c[:, 0] + np.sin(half) * c[:, 1]
    lower = np.cos(half) * c[:, 1] - np.sin(half) * c[:, 0]
    return np.abs(np.stack([lower, upper], axis=1)) ** 2


def turned(q: np.ndarray, c: np.ndarray, s: float) -> np.ndarray:
    """e^{−iVs}c, but for the phase of the bowl."""
    r = np.linalg.norm(q, axis=1)
    cosine, sine = np.cos(r * s)[:, None], (np.sin(r * s) / r)[:, None]
    x, y = q[:, :1], q[:, 1:]
    up, down = c[:, :1], c[:, 1:]
    return cosine * c - 1j * sine * np.concatenate([x * up + y * down, y * up - x * down], axis=1)


def fewest_by_hand(z: np.ndarray) -> float:
    """P_up at the end by fewest switches."""
    rng, tau, rows = np.random.default_rng(1), DURATION / STEPS, np.arange(z.shape[1])
    (q, p), level = z.copy(), np.ones(z.shape[1], int)
    half = 0.5 * np.arctan2(q[:, 1], q[:, 0])
    c = np.stack([np.cos(half), np.sin(half)], axis=1) + 0j
    before = shares(q, c)
    for _ in range(STEPS):
        q += 0.5 * tau * p
        p += 0.5 * tau * pulled(q, 2.0 * level - 1)
        r, now = np.linalg.norm(q, axis=1), shares(q, c)
        leave = np.maximum(0.0, 1 - now[rows, level] / before[rows, level])
        # d_ab points round the tip.
        d = np.stack([-q[:, 1], q[:, 0]], axis=1) / r[:, None]
        along, rise = np.sum(p * d, axis=1), 2 * r * (1 - 2 * level)
        inside = along**2 - 2 * rise
        hop = (rng.uniform(size=r.size) < leave) & (inside >= 0)
        after = np.where(along < 0, -1.0, 1.0) * np.sqrt(np.maximum(inside, 0.0))
        p += np.where(hop, after - along, 0.0)[:, None] * d
        level = np.where(hop, 1 - level, level)
        p += 0.5 * tau * pulled(q, 2.0 * level - 1)
        c, before = turned(q, c, tau / EPS), now
        q += 0.5 * tau * p
    return float(np.mean(level))


# mudslide


def against_mudslide(count: int) -> Iterator[Row]:
    """Tully's first model at k = 20: a step of a trajectory of mudslide, with its own substeps of the amplitudes, over one of ours."""
    if importlib.util.find_spec("mudslide") is None:
        yield skipped("hopping", "mudslide is not installed")
        return
    import mudslide

    model, steps, dt = mudslide.models.TullySimpleAvoidedCrossing(), 320, 5.0
    options = {"dt": dt, "max_steps": steps, "trace_every": 10**9}

    def theirs():
        for seed in range(count):
            one = mudslide.SurfaceHoppingMD(model, [-8.0], [0.01], 0, seed_sequence=seed, **options)
            one.simulate()

    many = 2**13
    cloud = jw.Particles(np.full(many, 1 / many), np.full(many, -8.0), np.full(many, 20.0))
    fixed = {"hbar": 1.0, "mass": 2000.0, "duration": dt * steps, "steps": steps}
    V = jw.potentials.Tully(1)
    call = lambda: jw.fewest_switches(V, cloud, "lower", **fixed).state  # noqa: E731
    for clock, now in CLOCKS.items():
        samples = interleave({"ours": call, "theirs": theirs}, rounds=3, seconds=0.0, clock=now)
        each = {"ours": samples["ours"] / many, "theirs": samples["theirs"] / count}
        what = f"mudslide / fewest switches, a step of a trajectory, {clock}"
        note = f"{count} and {many} trajectories, {steps} steps"
        yield timed("hopping", what, ratio(each, "theirs", "ours"), at_least=1.0, note=note)
