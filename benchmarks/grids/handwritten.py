"""Against JAX as one writes it by hand for one task: the same steps, the same numbers, nothing checked and nothing diagnosed.

Time, compile time and memory of the library over those of the code below, which knows its grid, its potential and its method. The
gradient's rival stores every state, as a plain `lax.scan` does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

import jaxwigner as jw
from benchmarks.report import Row, timed
from benchmarks.timing import compiled, interleave, once, ratio

COMPILED = "/jax/core/compile/backend_compile_duration"
HALF = np.pi


def run(quick: bool = False) -> list[Row]:
    """All rows of this theme."""
    seconds = 4.0 if quick else 12.0
    tasks = {
        "sweep of ħ with W": (*sweep(32 if quick else 256), 1.1),
        "value and gradient, 34 parameters": (*gradient(200 if quick else 1000), 1.5),
        "Moyal 256 × 512": (*phase_space(jw.Moyal, 10 if quick else 40), 1.1),
        "Liouville 256 × 512": (*phase_space(jw.Liouville, 10 if quick else 40), 1.1),
        "50 Adam steps": (*adam(5 if quick else 50), 1.5),
    }
    rows = []
    for name, (ours, theirs, arguments, most) in tasks.items():
        rows += compared(name, ours, theirs, arguments, most, seconds)
    return [*rows, *eager(5 if quick else 20)]


def compared(
    name: str, ours: Callable, theirs: Callable, arguments: tuple, most: float, seconds: float
) -> Iterator[Row]:
    """Difference, time, compile time and memory: temporary arrays and tables that are constants of the program."""
    one, other = compiled(ours, *arguments), compiled(theirs, *arguments)
    leaves = [jax.tree.leaves(program.call(*arguments)) for program in (one, other)]
    gaps = [float(jnp.max(jnp.abs(a - b)) / jnp.max(jnp.abs(b))) for a, b in zip(*leaves)]
    samples = interleave(
        {"ours": lambda: one.call(*arguments), "theirs": lambda: other.call(*arguments)},
        rounds=9,
        seconds=seconds,
    )
    what = f"{name}: ours / by hand"
    yield timed("handwritten", f"{what}, time", ratio(samples, "ours", "theirs"), at_most=most)
    quotient = one.compile_seconds / other.compile_seconds
    note = f"{one.compile_seconds:.2g} s, {other.compile_seconds:.2g} s"
    yield Row("handwritten", f"{what}, tracing and compiling", quotient, at_most=1.3, note=note)
    memory = one.held_bytes / max(other.held_bytes, 1)
    note = f"{one.held_bytes / 1e6:.3g} MB, {other.held_bytes / 1e6:.3g} MB"
    yield Row("handwritten", f"{what}, memory", memory, at_most=1.0, note=note)
    yield Row("handwritten", f"{name}: relative difference", max(gaps), at_most=1e-9)


# Schrödinger


def wave_numbers(points: int) -> np.ndarray:
    return 2 * np.pi * np.fft.fftfreq(points, 2 * HALF / points)


def strang(psi, U, hbar, tau, steps: int):
    """K D K, neighbouring kicks merged."""
    half = jnp.exp(-0.5j * tau / hbar * U)
    drift = jnp.exp(-0.5j * hbar * tau * wave_numbers(psi.shape[-1]) ** 2)

    def step(psi, _):
        return half**2 * jnp.fft.ifft(drift * jnp.fft.fft(psi)), None

    psi, _ = jax.lax.scan(step, half * psi, None, steps)
    return psi / half


def packet(x, q, p, hbar):
    """A Gaussian and its neighbours at ±2π: of the period of the box."""
    total = 0.0
    for turn in (-1, 0, 1):
        y = x - q - 2 * HALF * turn
        total = total + jnp.exp(-(y**2) / (2 * hbar) + 1j * p * y / hbar)
    return total / jnp.sqrt(jnp.sum(jnp.abs(total) ** 2) * (x[1] - x[0]))


def wigner_by_hand(psi, hbar):
    """On the natural pixels: ψ at half steps by zeros in Fourier space, correlations by indices, one transform over the lags."""
    n = psi.shape[-1]
    spectrum = jnp.fft.fftshift(jnp.fft.fft(psi))
    fine = 2 * jnp.fft.ifft(jnp.fft.ifftshift(jnp.pad(spectrum, (n // 2, n - n // 2))))
    fine = jnp.pad(fine, (n, n))
    lags = np.arange(-n, n)
    places = 2 * np.arange(n)[:, None] + n
    products = fine[places + lags] * jnp.conj(fine[places - lags])
    spectrum = jnp.fft.fftshift(jnp.fft.fft(jnp.fft.ifftshift(products, axes=1)), axes=1)
    return jnp.real(spectrum) * (2 * HALF / n) / (2 * np.pi * hbar)


def sweep(count: int):
    """count × (128 points, 40 steps), W of each."""
    grid = jw.Grid(-HALF, HALF, 128)
    x = np.asarray(grid.axes[0])

    def ours(hbar):
        phase = jw.phase_grid(grid, hbar)
        psi = packet(x, 0.5, 0.2, hbar)
        system = jw.Schrodinger(grid, jw.potentials.Torsion(1.0), hbar)
        options = {"duration": 1.0, "steps": 40, "method": "strang", "throw": False}
        return jw.wigner(jw.evolve(system, psi, **options).state, grid, phase, hbar)

    def theirs(hbar):
        psi = strang(packet(x, 0.5, 0.2, hbar), 1 - np.cos(x), hbar, 1 / 40, 40)
        return wigner_by_hand(psi, hbar)

    return jax.vmap(ours), jax.vmap(theirs), (jnp.linspace(0.03, 0.08, count),)


# Gradients


def parameters() -> dict[str, Any]:
    """Centre, momentum and 32 coefficients of the potential."""
    coefficients = 0.3 * np.random.default_rng(0).normal(size=32) / np.arange(1, 33) ** 2
    return {"q": jnp.asarray(0.3), "p": jnp.asarray(0.1), "c": jnp.asarray(coefficients)}


def costs(steps: int):
    """The mean of cos x at the end, by the library and by hand."""
    grid = jw.Grid(-HALF, HALF, 256)
    x = np.asarray(grid.axes[0])
    waves = np.arange(1, 33)
    hbar = 0.1

    def ours(a):
        potential = lambda x: sum(a["c"][k - 1] * jnp.cos(k * x) for k in waves.tolist())  # noqa: E731
        system = jw.Schrodinger(grid, potential, hbar)
        options = {"duration": 2.0, "steps": steps, "method": "strang", "throw": False}
        psi = jw.evolve(system, packet(x, a["q"], a["p"], hbar), **options).state
        return jnp.sum(jnp.cos(x) * jnp.abs(psi) ** 2) * grid.cell

    def theirs(a):
        U = jnp.asarray(np.cos(np.outer(x, waves))) @ a["c"]
        psi = strang(packet(x, a["q"], a["p"], hbar), U, hbar, 2 / steps, steps)
        return jnp.sum(jnp.cos(x) * jnp.abs(psi) ** 2) * grid.cell

    return ours, theirs


def gradient(steps: int):
    ours, theirs = costs(steps)
    return jax.value_and_grad(ours), jax.value_and_grad(theirs), (parameters(),)


def adam(count: int):
    """`count` steps of Adam on a run of 100 steps."""

    def descended(cost):
        rule = optax.adam(1e-2)

        def step(carry, _):
            a, state = carry
            value, slope = jax.value_and_grad(cost)(a)
            change, state = rule.update(slope, state)
            return (optax.apply_updates(a, change), state), value

        return lambda a: jax.lax.scan(step, (a, rule.init(a)), None, count)[1]

    ours, theirs = costs(100)
    return descended(ours), descended(theirs), (parameters(),)


# Phase space


def phase_space(kind: type, steps: int):
    """The Wigner or the Liouville equation on 256 × 512 points."""
    hbar, tau = 0.1, 0.01
    phase = jw.PhaseGrid(jw.Grid(-HALF, HALF, 256), jw.Grid(-4.0, 4.0, 512))
    (x,), (p,) = (tuple(map(np.asarray, part)) for part in phase.mesh)
    W = jnp.asarray(np.exp(-((x - 0.3) ** 2 + (p - 0.2) ** 2) / hbar) / (np.pi * hbar))
    quantum = kind is jw.Moyal
    more = (hbar,) if quantum else ()

    def ours(W):
        system = kind(phase, jw.potentials.Torsion(1.0), *more)
        options = {"duration": tau * steps, "steps": steps, "method": "strang", "throw": False}
        return jw.evolve(system, W, **options).state

    k = 2 * np.pi * np.fft.rfftfreq(256, 2 * HALF / 256)[:, None]
    y = -2 * np.pi * np.fft.rfftfreq(512, 8.0 / 512)[None, :]
    k[-1], y[0, -1] = 0, 0  # the alternating modes stand still
    rate = (np.cos(x - 0.5 * hbar * y) - np.cos(x + 0.5 * hbar * y)) / hbar
    rate = rate if quantum else np.sin(x) * y

    def theirs(W):
        drift, half = np.exp(-1j * tau * k * p), np.exp(-0.5j * tau * rate)
        kick = lambda W, factor: jnp.fft.irfft(factor * jnp.fft.rfft(W, axis=1), 512, axis=1)  # noqa: E731

        def step(W, _):
            W = jnp.fft.irfft(drift * jnp.fft.rfft(W, axis=0), 256, axis=0)
            return kick(W, half**2), None

        W, _ = jax.lax.scan(step, kick(W, half), None, steps)
        return kick(W, np.conj(half))

    return ours, theirs, (W,)


# Eager


def eager(count: int) -> list[Row]:
    """Second and later calls with another ħ, 256 points and 100 steps, of a potential that is a lambda."""
    grid = jw.Grid(-6.0, 6.0, 256)
    psi = jw.coherent_state(grid, 0.5, 0.3, 0.3)
    made = [0]

    def listen(event, seconds, **more):
        made[0] += event == COMPILED

    def call(hbar):
        system = jw.Schrodinger(grid, lambda x: 0.5 * x**2, hbar)
        return jw.evolve(system, psi, duration=1.0, steps=100).state

    call(0.3)
    jax.monitoring.register_event_duration_secs_listener(listen)
    seconds = [once(lambda h=h: call(h))[1] for h in np.linspace(0.31, 0.5, count)]
    jax.monitoring.unregister_event_duration_listener(listen)
    what = "eager call with another ħ, 256 points, 100 steps"
    return [
        Row("handwritten", f"{what}: milliseconds", 1e3 * float(np.median(seconds)), at_most=10.0),
        Row("handwritten", f"{what}: compilations", float(made[0]), at_most=0.0),
    ]
