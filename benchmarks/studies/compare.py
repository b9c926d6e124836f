"""`jw.compare` against the same study by hand with QuTiP and SciPy: OH at 2.2 bohr for 30 fs, until when ⟨R⟩ is right to 2 %.

By hand: a dense Hamiltonian and `sesolve`, trajectories in one array and DOP853, as many as `compare` takes, the crossing read off the
saved times; no error of sampling or steps is known. Lines are those of the two functions that a user writes, without what is blank.
"""

from __future__ import annotations

import importlib.util
import inspect
import time
from typing import Any

import numpy as np

import jaxwigner as jw
from benchmarks.report import Row, skipped, timed
from benchmarks.timing import interleave, ratio
from jaxwigner.units import fs

SAVES, NUMBER = 120, 2**14
FS = 41.341373335182  # atomic units of time in a femtosecond
AGREED = 1e-4  # bohr: the quantum means
SAMPLED = 5e-3  # bohr: five standard errors of 2¹⁴ random trajectories


def run(quick: bool = False) -> list[Row]:
    """All rows of this theme."""
    if importlib.util.find_spec("qutip") is None:
        return [skipped("compare", "qutip is not installed")]
    start = time.process_time()
    found = ours()
    first = time.process_time() - start
    times, quantum, ensemble, crossing = by_hand()
    bracket = found.trusted("position", 0.02)
    low, high = (float(end) / fs for end in (bracket.lower, bracket.upper))
    gaps = [
        float(np.max(np.abs(np.asarray(one["position"][0]) - other)))
        for one, other in ((found.quantum, quantum), (found.classical, ensemble))
    ]
    note = f"{low:.2f} … {high:.2f} fs with errors; by hand {crossing:.2f} fs, one random sample"
    rows = [
        Row("compare", "lines of user code, by hand", lines(by_hand)),
        Row("compare", "lines of user code, ours", lines(ours), note=note),
        Row(
            "compare",
            "⟨R⟩ by Schrödinger's equation, largest difference",
            gaps[0],
            at_most=AGREED,
            unit="bohr",
        ),
        Row(
            "compare",
            "⟨R⟩ of the ensembles, largest difference",
            gaps[1],
            at_most=SAMPLED,
            unit="bohr",
        ),
        Row("compare", "first call of the process, CPU seconds", first, at_most=25.0, unit="s"),
    ]
    samples = interleave({"hand": by_hand, "ours": ours}, rounds=3 if quick else 5, seconds=60.0)
    return [
        *rows,
        timed("compare", "by hand / ours, once compiled", ratio(samples, "hand", "ours")),
    ]


def ours() -> Any:
    oh = jw.potentials.Morse(0.1994, 1.189, 1.821)
    return jw.compare(
        oh,
        mass=1728.539,
        state=jw.Packet(2.2),
        duration=30 * fs,
        hbar=(1,),
        saves=SAVES,
        samples=NUMBER,
    )


def by_hand() -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    import qutip
    from scipy.integrate import solve_ivp

    depth, steepness, centre, mass = 0.1994, 1.189, 1.821, 1728.539
    omega = steepness * np.sqrt(2 * depth / mass)
    width = np.sqrt(1 / (2 * mass * omega))
    times = np.linspace(0, 30 * FS, SAVES + 1)
    n, low, high = 128, 0.9, 5.0
    x = low + (high - low) * np.arange(n) / n
    k = 2 * np.pi * np.fft.fftfreq(n, (high - low) / n)
    kinetic = np.fft.ifft(np.fft.fft(np.eye(n), axis=0) * (k**2 / (2 * mass))[:, None], axis=0)
    H = qutip.Qobj(kinetic + np.diag(depth * (1 - np.exp(-steepness * (x - centre))) ** 2))
    psi = np.exp(-((x - 2.2) ** 2) / (4 * width**2))
    psi = qutip.Qobj(psi / np.linalg.norm(psi))
    options = {"nsteps": 10**6, "atol": 1e-8, "rtol": 1e-6}
    quantum = qutip.sesolve(H, psi, times, e_ops=[qutip.Qobj(np.diag(x))], options=options).expect[
        0
    ]
    rng = np.random.default_rng(0)
    q = 2.2 + width * rng.standard_normal(NUMBER)
    p = rng.standard_normal(NUMBER) / (2 * width)

    def motion(t, z):
        q, p = z[:NUMBER], z[NUMBER:]
        bent = np.exp(-steepness * (q - centre))
        return np.concatenate([p / mass, -2 * depth * steepness * bent * (1 - bent)])

    run = solve_ivp(
        motion, (0, times[-1]), np.concatenate([q, p]), "DOP853", times, rtol=1e-7, atol=1e-7
    )
    ensemble = run.y[:NUMBER].mean(axis=0)
    wrong = np.abs(quantum - ensemble) > 0.02 * np.ptp(ensemble)
    return times, quantum, ensemble, float(times[np.argmax(wrong)] / FS)


def lines(function: Any) -> int:
    """Of the body, without blank ones."""
    return sum(bool(line.strip()) for line in inspect.getsource(function).splitlines()[1:])
