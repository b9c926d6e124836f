"""The autocorrelation C(t) = ⟨ψ₀|ψ(t)⟩ = Σ_n w_n e^{−iE_nt/ħ} of a run, and what it says about energies: a spectrum, or lines.

For a time-independent Hermitian H it is known for negative times too, C(−t) = C(t)*. For a real ψ₀ and a real potential one run gives
twice the time: C(2t) = ⟨ψ(t)*|ψ(t)⟩ (Engel, Chem. Phys. Lett. 189, 76 (1992)). Samples at multiples of dt know energies in a band
of width 2πħ/dt only: the mean of H and its spread, which C(dt) tells, must fit in with room to spare.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Num

from jaxwigner import fourier
from jaxwigner._checks import (
    check_finite_complex,
    check_positive_scalar,
    check_scalar,
    concrete,
    require,
)
from jaxwigner._types import Array
from jaxwigner.grid import Grid, Scalar, fast_length
from jaxwigner.states import MixedState, as_complex

FLOOR = 1e-6  # of the Gaussian window where the samples end
SPREADS = 3.0  # standard deviations of H on either side of its mean that must lie in the band
FEWEST = 8  # samples
ABOVE = 4.0  # times the noise, what is a line
SHORTER = 0.75  # share of the samples that a second fit has, from which errors are estimated
VAGUE = 0.05  # of the width h/T: lines that move so much for fewer samples are none
BLURRED = 0.25  # of the width h/T: lines nearer than that are what any smooth density looks like in so short a time
RESIDUAL = 1e-2  # of C(0) that lines may miss, or that vague lines may hold


def autocorrelation(psi0: Num[Array, "*shape"], grid: Grid, doubled: bool = False) -> Callable:
    """A function for `observe`: u ↦ ⟨ψ₀|u⟩ = C(t), or u ↦ ⟨u*|u⟩ = ∫u² dx = C(2t) (`doubled`).

    **Arguments:** `psi0`: the state that the run begins with, on the `grid`; `doubled`: needs a real ψ₀ and a U that is real and static
    (an absorber may be there): samples are then 2dt apart, twice the time of the run for nothing.

    **Raises:** `ValueError` for a mixed state, a ψ₀ that is not on the grid, and a complex one with `doubled`.

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-8.0, 8.0, 64)
    >>> psi = jw.coherent_state(grid, 1.0, 0.0, 0.5)
    >>> system = jw.Schrodinger(grid, jw.potentials.Harmonic(1.0), 0.5)
    >>> run = jw.evolve(system, psi, duration=1.0, steps=20, saves=20, observe=jw.observables.autocorrelation(psi, grid))
    >>> run.observed.shape, round(float(run.observed[0].real), 10)
    ((21,), 1.0)
    """
    must = "be one wave function"
    require(not isinstance(psi0, MixedState), "psi0", must, "a MixedState, which has no amplitude")
    require(isinstance(grid, Grid), "grid", "be a Grid", grid)
    check_finite_complex("psi0", psi0, grid.shape)
    if not doubled:
        return jax.tree_util.Partial(_overlap, jnp.conj(as_complex(jnp.asarray(psi0))) * grid.cell)
    if concrete(psi0):
        imaginary, size = (np.max(np.abs(part)) for part in (np.imag(psi0), np.asarray(psi0)))
        require(imaginary <= 1e-9 * size, "psi0", "be real for C(2t)", "complex")
    return jax.tree_util.Partial(_square, jnp.asarray(grid.cell))


def _overlap(bra: Array, u: Array) -> Array:
    return jnp.sum(bra * u)


def _square(cell: Array, u: Array) -> Array:
    return jnp.sum(u * u) * cell.astype(jnp.real(u).dtype)


class Spectrum(NamedTuple):
    """`density` S(E) at the `energies`, ascending, over one band; ∫S dE = C(0). `width`: standard deviation of a line."""

    energies: Float[Array, " n"]
    density: Float[Array, " n"]
    width: Float[Array, ""]


def spectrum(
    signal: Num[Array, " n"], dt: Scalar, hbar: Scalar = 1.0, *, centre: Scalar = 0.0
) -> Spectrum:
    """S(E) = (1/2πħ) ∫ C(t) g(t) e^{iEt/ħ} dt with C(−t) = C(t)* and a Gaussian window g that ends at 1e-6.

    A level E_n becomes a Gaussian of mass w_n = |⟨n|ψ₀⟩|² and width ħ·5.26/T, T the last time: no side lobes above 1e-6, so that what
    looks like a line is one. `lines` finds the energies themselves, far below that width.

    **Arguments:** `signal`: C at t = 0, dt, 2dt, … (of `autocorrelation`; its phase e^{−iEt/ħ} turns down for E > 0); `dt`: time
    between samples (twice that of the run for C(2t)); `hbar`; `centre`: energy in the middle of the band centre ± πħ/dt, best ⟨H⟩.

    **Returns:** `Spectrum`. Works in `jit`, `vmap` and `grad`.

    **Raises:** `ValueError` for fewer than 8 samples, a C(0) that is not ‖ψ₀‖² > 0, and samples too far apart for the band that C(dt)
    shows (a single level that lies just 2πħ/dt off cannot be seen to do so); under jit at run time (`equinox.EquinoxRuntimeError`).

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> t = 0.1 * jnp.arange(2000)
    >>> found = jw.spectrum(0.7 * jnp.exp(-1.0j * t) + 0.3 * jnp.exp(-3.0j * t), 0.1)
    >>> round(float(found.energies[jnp.argmax(found.density)]), 2)
    1.0
    """
    signal = _checked(signal, dt, hbar, centre)
    n = signal.shape[0]
    real = jnp.real(signal).dtype
    j = np.arange(n)
    window = np.exp(np.log(FLOOR) * (j / (n - 1)) ** 2) * np.where(j == 0, 0.5, 1.0)
    turned = signal * jnp.exp(1j * j * (centre * dt / hbar)) * window
    many = fast_length(4 * n)
    # Σ_j C_j e^{iE_l t_j/ħ}: the inverse transform without its 1/n.
    sums = many * fourier.ifft(turned.astype(signal.dtype), many)
    step = 2 * np.pi * hbar / (many * dt)
    energies = centre + step * (np.arange(many) - many // 2)
    density = jnp.roll(jnp.real(sums), many // 2) * (dt / (np.pi * hbar))
    width = hbar / dt * np.sqrt(-2 * np.log(FLOOR)) / (n - 1)
    return Spectrum(jnp.asarray(energies, real), density.astype(real), jnp.asarray(width, real))


def _checked(signal: Any, dt: Any, hbar: Any, centre: Any) -> Array:
    """C as a complex array, from t = 0 on, whose band is as wide as the samples can tell."""
    check_finite_complex("signal", signal)
    must = f"be a vector of at least {FEWEST} samples"
    require(np.ndim(signal) == 1 and np.size(signal) >= FEWEST, "signal", must, signal)
    check_positive_scalar("dt", dt)
    check_positive_scalar("hbar", hbar)
    check_scalar("centre", centre)
    C = as_complex(jnp.asarray(signal))
    first = C[0]
    begins = (jnp.real(first) > 0) & (jnp.abs(jnp.imag(first)) <= 1e-6 * jnp.abs(first))
    bounded = jnp.max(jnp.abs(C)) <= (1 + 1e-4) * jnp.abs(first)
    C = _refused(C, begins & bounded, "begin at t = 0 with ‖ψ₀‖², which |C| never exceeds", first)
    reach = _reach(C, centre * dt / hbar)
    must = (
        f"be sampled more closely: mean phase and {SPREADS:g} spreads between two samples below π"
    )
    return _refused(C, reach < np.pi, must, reach)


def _reach(C: Array, turn: Any) -> Array:
    """|⟨H − centre⟩|dt/ħ and three spreads of H: C(dt)/C(0) = e^{−iφ − σ²/2 + …}."""
    ratio = jax.lax.stop_gradient(C[1] / C[0])
    phase = jnp.angle(ratio * jnp.exp(1j * jax.lax.stop_gradient(turn)))
    spread = jnp.sqrt(jnp.maximum(-2 * jnp.log(jnp.maximum(jnp.abs(ratio), 1e-30)), 0.0))
    return jnp.abs(phase) + SPREADS * spread


def _refused(C: Array, good: Array, must: str, value: Any) -> Array:
    """C where it is good; known or not, it is never silently bad."""
    if concrete(good):
        require(good, "signal", must, value)
        return C
    return eqx.error_if(C, ~good, f"Argument `signal` must {must}, but is not")


class Lines(NamedTuple):
    """Energies, ascending, and weights w_n = |⟨n|ψ₀⟩|² of the lines of an autocorrelation.

    `errors`: how much each energy moves when only three quarters of the samples are used; `residual`: largest |C − Σw_ne^{−iE_nt/ħ}|,
    as a share of C(0), of all lines, also of those too weak to be listed.
    """

    energies: Float[Array, " lines"]
    weights: Float[Array, " lines"]
    errors: Float[Array, " lines"]
    residual: float


def lines(
    signal: Num[Array, " n"],
    dt: Scalar,
    hbar: Scalar = 1.0,
    *,
    centre: Scalar = 0.0,
    share: float = 1e-6,
) -> Lines:
    """E_n and w_n of C(t) = Σ_n w_n e^{−iE_nt/ħ} by the matrix pencil, far below the width ħ/T of a transform's lines.

    T_ij = C((i − j)dt) is Hermitian and positive, of as many ranks as there are lines; the shift by one row of its range has the
    eigenvalues e^{−iE_n dt/ħ} (Hua and Sarkar, IEEE Trans. ASSP 38, 814 (1990); Roy and Kailath 37, 984 (1989)). What rounding and
    steps add makes eigenvalues below 0: the most negative one says how high noise reaches, and what rises above it is a line.

    **Arguments:** `signal`, `dt`, `hbar`, `centre`: as for `spectrum`; best at least three times as many samples as lines, over a time
    above h/ΔE of the closest levels (below a quarter of it they are refused); `share`: weights below it, of C(0), are not listed.

    **Returns:** `Lines`, computed on the host: how many there are is found out.

    **Raises:** `ValueError` for what `spectrum` refuses, for a signal known only under `jit`, `vmap` or `grad`, and where no sum of
    lines is C: a continuum or more lines than the time tells apart, an absorber, a drive.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> t = 0.1 * jnp.arange(60)
    >>> found = jw.lines(0.7 * jnp.exp(-1.0j * t) + 0.3 * jnp.exp(-1.7j * t), 0.1)
    >>> [round(float(E), 9) for E in found.energies], [round(float(w), 9) for w in found.weights]
    ([1.0, 1.7], [0.7, 0.3])
    """
    for name, value in {"signal": signal, "dt": dt, "hbar": hbar, "centre": centre}.items():
        must = "be known: lines are counted on the host, outside of `jit`, `vmap` and `grad`"
        require(concrete(value), name, must, "traced")
    check_positive_scalar("share", share)
    C = np.asarray(_checked(signal, dt, hbar, centre)).astype(complex)
    dt, hbar, centre = float(dt), float(hbar), float(centre)
    size = C[0].real
    C = C / size * np.exp(1j * np.arange(C.size) * (centre * dt / hbar))
    phases, weights, residual = _pencil(C)
    shorter, _, _ = _pencil(C[: int(SHORTER * C.size)])
    moves = np.abs(np.angle(np.exp(1j * (phases[:, None] - shorter))))
    errors = np.min(moves, axis=1, initial=np.inf)
    width = 2 * np.pi / C.size
    vague = float(np.sum(weights[errors > VAGUE * width])) + _blurred(phases, weights, width)
    if max(residual, vague) > RESIDUAL:
        must = "be a sum of lines that its time tells apart (bound levels, no absorber, no drive)"
        but = f"lines miss {max(residual, vague):.1e} of C(0): sample a longer time"
        raise ValueError(f"Argument `signal` must {must}, but {but}")
    listed = weights >= share
    phases, weights, errors = phases[listed], weights[listed], errors[listed]
    scale = hbar / dt
    return Lines(centre + scale * phases, size * weights, scale * errors, residual)


def _blurred(phases: np.ndarray, weights: np.ndarray, width: float) -> float:
    """What lies in pairs too near each other to be told apart, each counted by its weaker line."""
    near = np.diff(phases) < BLURRED * width
    return float(min(1.0, np.sum(np.minimum(abs(weights[1:]), abs(weights[:-1]))[near])))


def _pencil(C: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Phases E dt/ħ, ascending, weights, and the largest misfit of Σw e^{−ijφ} to C_j with C_0 = 1."""
    n = C.size
    lag = np.arange(n)[:, None] - np.arange(n)
    values, vectors = np.linalg.eigh(np.where(lag >= 0, C[np.abs(lag)], C[np.abs(lag)].conj()))
    noise = max(-values[0], n * np.finfo(float).eps * values[-1])
    basis = vectors[:, values > ABOVE * noise]
    turn = np.linalg.lstsq(basis[:-1], basis[1:], rcond=None)[0]
    phases = np.sort(-np.angle(np.linalg.eigvals(turn)))
    waves = np.exp(-1j * np.outer(np.arange(n), phases))
    # Real weights: real and imaginary parts are equations of their own.
    rows = np.concatenate([np.real(waves), np.imag(waves)])
    weights = np.linalg.lstsq(rows, np.concatenate([np.real(C), np.imag(C)]), rcond=None)[0]
    return phases, weights, float(np.max(np.abs(waves @ weights - C)))
