"""Wigner functions: exactness of the marginals, and time against QuTiP, dynamiqs and jaxquantum on the same pixels and state."""

from __future__ import annotations

import importlib.util
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import jaxwigner as jw
from benchmarks.report import Row, skipped, timed
from benchmarks.timing import compiled, interleave, ratio

LEVELS = 60  # Fock levels: a cat state of |α| = 2 lives far below
ALPHA = 2.0


def run(quick: bool = False) -> list[Row]:
    """All rows of this theme."""
    rows = _marginals()
    points = 128 if quick else 256
    for name, compare in (("qutip", _qutip), ("dynamiqs", _dynamiqs), ("jaxquantum", _jaxquantum)):
        if importlib.util.find_spec(name) is None:
            rows.append(skipped("transforms", f"{name} is not installed"))
        else:
            rows += compare(points, 3 if quick else 7)
    return rows


def _marginals() -> list[Row]:
    """Largest error of both marginals of a superposition, on the natural grid of 512 points."""
    hbar, grid = 0.1, jw.Grid(-5.0, 6.0, 512)
    phase = jw.phase_grid(grid, hbar)
    psi = jw.cat_state(grid, 1.5, 1.1, hbar, phase=0.4)
    over_p, over_x = jw.marginals(jw.wigner(psi, grid, phase, hbar), phase)
    p = np.asarray(phase.momentum.axes[0])
    transform = np.exp(-1j * np.outer(p, grid.axes[0]) / hbar) @ np.asarray(psi) * grid.cell
    errors = {
        "position": np.max(np.abs(over_p - np.abs(psi) ** 2)),
        "momentum": np.max(np.abs(over_x - np.abs(transform) ** 2 / (2 * np.pi * hbar))),
    }
    return [
        Row("transforms", f"{name} marginal of W, error", float(error), at_most=1e-13)
        for name, error in errors.items()
    ]


def _state(grid: jw.Grid, levels: int = LEVELS) -> tuple[np.ndarray, jax.Array]:
    """Amplitudes of the cat (|α⟩ + |−α⟩)/N in Fock levels, and the same state on a grid with ħ = 1."""
    n = np.arange(levels)
    log_factorial = np.cumsum(np.log(np.maximum(n, 1)))
    amplitudes = np.where(n % 2 == 0, np.exp(n * np.log(ALPHA) - 0.5 * log_factorial), 0.0)
    amplitudes = amplitudes / np.linalg.norm(amplitudes)
    return amplitudes, jnp.asarray(amplitudes @ jw.fock_orbitals(grid, levels, 1.0), complex)


def _against(name, theirs, W, grid, phase, targets, rounds, levels=LEVELS) -> list[Row]:
    """Agreement and ratios of times, of the state on a grid, which is how our users have it, and of its Fock matrix."""
    amplitudes, psi = _state(grid, levels)
    matrix = jw.FockState(np.outer(amplitudes, amplitudes), 1.0).matrix
    sources = {
        "ψ": (lambda psi: jw.wigner(psi, grid, phase, 1.0), psi),
        f"Fock matrix of {levels} levels": (
            lambda rho: jw.wigner(jw.FockState(rho, 1.0), grid, phase, 1.0),
            matrix,
        ),
    }
    rows = []
    for (kind, (transform, state)), least in zip(sources.items(), targets):
        program = compiled(transform, state)
        gap = float(np.max(np.abs(np.asarray(program.call(state)) - W)))
        contenders = {"ours": lambda p=program, s=state: p.call(s), "theirs": theirs}
        measured = ratio(interleave(contenders, rounds=rounds, seconds=25.0), "theirs", "ours")
        rows.append(
            timed(
                "transforms",
                f"{name} / ours, from {kind}",
                measured,
                at_least=least,
                compile_seconds=program.compile_seconds,
                note=f"{W.shape[0]} × {W.shape[1]} pixels",
            )
        )
        rows.append(Row("transforms", f"agreement with {name}, from {kind}", gap, at_most=1e-7))
    return rows


def _natural(points: int) -> tuple[jw.Grid, jw.PhaseGrid, np.ndarray, np.ndarray]:
    """A grid on which the state lives, and the pixels that belong to it."""
    grid = jw.Grid(-12.0, 12.0, points)
    phase = jw.phase_grid(grid, 1.0)
    return grid, phase, np.asarray(grid.axes[0]), np.asarray(phase.momentum.axes[0])


def _qutip(points: int, rounds: int) -> list[Row]:
    import qutip

    grid, phase, x, p = _natural(points)
    ket = qutip.Qobj(_state(grid)[0][:, None])

    def wigner(ket: Any, method: str, p: Any) -> Any:
        return qutip.wigner(ket, x, p, g=np.sqrt(2), method=method)

    W = wigner(ket, "clenshaw", p).T
    theirs = lambda: wigner(ket, "clenshaw", p)  # noqa: E731
    rows = _against("QuTiP clenshaw", theirs, W, grid, phase, (200, None), rounds)
    # Its transform chooses its own momenta, twice finer than the natural ones, and takes a pure state by its amplitudes.
    for levels, targets in ((LEVELS, (2, 1)), (256, (2, 1))):
        ket = qutip.Qobj(_state(grid, levels)[0][:, None])
        W, own = wigner(ket, "fft", None)
        order = np.argsort(own)
        low, step = float(own[order][0]), float(own[order][1] - own[order][0])
        pixels = jw.PhaseGrid(grid, jw.Grid(low, low + own.size * step, own.size))
        theirs = lambda ket=ket: wigner(ket, "fft", None)  # noqa: E731
        name, W = f"QuTiP fft of {levels} levels", W.T[:, order]
        rows += _against(name, theirs, W, grid, pixels, targets, rounds, levels)
    return rows


def _dynamiqs(points: int, rounds: int) -> list[Row]:
    import dynamiqs as dq

    dq.set_precision("double")
    grid, phase, x, p = _natural(points)
    ket = dq.asqarray(_state(grid)[0][:, None] + 0j)
    axes = jnp.asarray(x), jnp.asarray(p)

    def theirs() -> Any:
        return dq.wigner(ket, xvec=axes[0], yvec=axes[1], hbar=1.0)[2]

    W = np.asarray(theirs())
    return _against("dynamiqs", theirs, W, grid, phase, (200, None), rounds)


def _jaxquantum(points: int, rounds: int) -> list[Row]:
    import jaxquantum as jqt

    grid, phase, x, p = _natural(points)
    ket = jqt.Qarray.create(jnp.asarray(_state(grid)[0][:, None] + 0j))

    def theirs() -> Any:
        return jqt.wigner(ket, x, p, g=np.sqrt(2))  # it cannot be traced from a ket on

    W = np.asarray(theirs()).T
    return _against("jaxquantum", theirs, W, grid, phase, (200, None), rounds)
