"""Wigner functions: exactness of the marginals, and time against QuTiP and dynamiqs on the same pixels and the same state."""

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
    pixels = 101 if quick else 201
    for name, compare in (("qutip", _qutip), ("dynamiqs", _dynamiqs)):
        if importlib.util.find_spec(name) is None:
            rows.append(skipped("transforms", f"{name} is not installed"))
        else:
            rows += compare(pixels, 3 if quick else 7)
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


def _state() -> tuple[np.ndarray, jw.Grid, jax.Array]:
    """Amplitudes of the cat (|α⟩ + |−α⟩)/N in Fock levels, and the same state on a grid with ħ = 1."""
    n = np.arange(LEVELS)
    log_factorial = np.cumsum(np.log(np.maximum(n, 1)))
    amplitudes = np.where(n % 2 == 0, np.exp(n * np.log(ALPHA) - 0.5 * log_factorial), 0.0)
    amplitudes = amplitudes / np.linalg.norm(amplitudes)
    grid = jw.Grid(-10.0, 10.0, 200)
    return amplitudes, grid, jnp.asarray(amplitudes @ jw.fock_orbitals(grid, LEVELS, 1.0), complex)


def _ours(phase: jw.PhaseGrid) -> dict[str, Any]:
    """Our transforms of the grid state and of the Fock matrix, compiled."""
    amplitudes, grid, psi = _state()
    fock = jw.FockState(np.outer(amplitudes, amplitudes), 1.0)
    of_grid = compiled(lambda psi: jw.wigner(psi, grid, phase, 1.0), psi)
    of_fock = compiled(lambda rho: jw.wigner(jw.FockState(rho, 1.0), grid, phase, 1.0), fock.matrix)
    return {"ψ": (of_grid, psi), "Fock matrix": (of_fock, fock.matrix)}


def _against(name: str, theirs: Any, W: np.ndarray, phase, target: float, rounds: int) -> list[Row]:
    """Agreement and ratios of times; the target is for the state on a grid, which is how our users have it."""
    rows = []
    for kind, (program, state) in _ours(phase).items():
        gap = float(np.max(np.abs(np.asarray(program.call(state)) - W)))
        note = f"{phase.shape[0]} × {phase.shape[1]} pixels; agreement {gap:.0e}"
        contenders = {"ours": lambda p=program, s=state: p.call(s), "theirs": theirs}
        measured = ratio(interleave(contenders, rounds=rounds), "theirs", "ours")
        least = target if kind == "ψ" else None
        what = f"{name} / ours, from {kind}"
        rows.append(
            timed(
                "transforms",
                what,
                measured,
                at_least=least,
                compile_seconds=program.compile_seconds,
                note=note,
            )
        )
        rows.append(Row("transforms", f"agreement with {name}, from {kind}", gap, at_most=1e-7))
    return rows


def _window(x: np.ndarray, p: np.ndarray) -> jw.PhaseGrid:
    def grid(axis: np.ndarray) -> jw.Grid:
        step = axis[1] - axis[0]
        return jw.Grid(float(axis[0]), float(axis[-1] + step), axis.size)

    return jw.PhaseGrid(grid(x), grid(p))


def _qutip(pixels: int, rounds: int) -> list[Row]:
    import qutip

    ket = qutip.Qobj(_state()[0][:, None])
    x, p = np.linspace(-6.0, 6.0, pixels), np.linspace(-5.0, 5.0, pixels - 20)
    W = qutip.wigner(ket, x, p, g=np.sqrt(2), method="clenshaw").T
    rows = _against(
        "QuTiP clenshaw",
        lambda: qutip.wigner(ket, x, p, g=np.sqrt(2), method="clenshaw"),
        W,
        _window(x, p),
        200,
        rounds,
    )
    x = np.linspace(-6.0, 6.0, 256)
    W, p = qutip.wigner(ket, x, None, g=np.sqrt(2), method="fft")
    order = np.argsort(p)
    theirs = lambda: qutip.wigner(ket, x, None, g=np.sqrt(2), method="fft")  # noqa: E731
    return rows + _against("QuTiP fft", theirs, W.T[:, order], _window(x, p[order]), 5, rounds)


def _dynamiqs(pixels: int, rounds: int) -> list[Row]:
    import dynamiqs as dq

    dq.set_precision("double")
    x, p = np.linspace(-6.0, 6.0, pixels), np.linspace(-5.0, 5.0, pixels - 20)
    ket = dq.asqarray(_state()[0][:, None] + 0j)

    def theirs() -> Any:
        return dq.wigner(ket, xvec=jnp.asarray(x), yvec=jnp.asarray(p), hbar=1.0)[2]

    W = np.asarray(theirs())
    W = W if W.shape == (x.size, p.size) else W.T
    return _against("dynamiqs", theirs, W, _window(x, p), 200, rounds)
