"""Several electronic surfaces: what two cost against one, three against one, a gradient, and the same steps written by hand.

Jahn and Teller's surfaces with the tip of the cone on a point of the grid, complex128. By hand: a split operator in NumPy and one in
JAX, with the exponential in closed form, which know their grid, V and method, check nothing and diagnose nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import jaxwigner as jw
from benchmarks.report import Row, timed
from benchmarks.timing import compiled, interleave, ratio

HBAR, HALF = 0.1, 5.5
TAU = 0.05
SIZES = {256: 12, 512: 6}  # points along an axis, steps
CLOCKS = {"wall": time.perf_counter, "CPU": time.process_time}


def run(quick: bool = False) -> list[Row]:
    """All rows of this theme."""
    sizes, seconds = ({128: 12}, 3.0) if quick else (SIZES, 15.0)
    rows = [row for size, steps in sizes.items() for row in against_one(size, steps, seconds)]
    size, steps = min(sizes.items())
    rows += three(size, steps, seconds)
    rows += by_hand(size, steps, seconds)
    return [*rows, *gradient(size, steps, seconds)]


def plane(size: int) -> jw.Grid:
    """A grid of an even number of points along each axis: one of them is the tip."""
    return jw.Grid((-HALF, -HALF), (HALF, HALF), (size, size))


def packet(grid: jw.Grid) -> jax.Array:
    return jw.coherent_state(grid, (-1.5, 0.0), (0.0, 0.0), HBAR)


def evolved(system: Any, steps: int, method: str = "blanes-moan-4") -> Callable[[Any], Any]:
    """The end of a run, with its diagnostics at the start and at the end."""
    options = {"duration": TAU * steps, "steps": steps, "saves": 1, "throw": False}

    def end(state):
        found = jw.evolve(system, state, method=method, **options)
        return found.state, found.diagnostics

    return end


def raced(what: str, calls: dict[str, Callable], seconds: float, **more: Any) -> Iterator[Row]:
    """One row by each clock: the first of two contenders over the other."""
    one, other = calls
    for clock, now in CLOCKS.items():
        samples = interleave(calls, rounds=9, seconds=seconds, clock=now)
        yield timed("surfaces", f"{what}, {clock}", ratio(samples, one, other), **more)


def against_one(size: int, steps: int, seconds: float) -> Iterator[Row]:
    """Two surfaces over one, of the same grid, steps and method."""
    grid = plane(size)
    psi = packet(grid)
    two = jw.Surfaces(grid, jw.potentials.JahnTeller(), HBAR)
    one = jw.Schrodinger(grid, lambda x, y: 0.5 * (x**2 + y**2), HBAR)
    state = two.on_level(psi, "upper")
    both, alone = compiled(evolved(two, steps), state), compiled(evolved(one, steps), psi)
    calls = {"two": lambda: both.call(state), "one": lambda: alone.call(psi)}
    what = f"two surfaces / one, {size}² points"
    more = {"compile_seconds": both.compile_seconds, "note": f"{steps} steps of blanes-moan-4"}
    yield from raced(what, calls, seconds, at_most=5.5, **more)


def three(size: int, steps: int, seconds: float) -> Iterator[Row]:
    """Three surfaces, by eigenvectors, over one; the vectors are found once for each of the kicks that differ."""
    grid = plane(size)
    psi = packet(grid)

    def V(x, y):
        bowl = 0.5 * (x**2 + y**2)
        return [[bowl + x, y, 0.1 * x], [y, bowl - x, 0.1], [0.1 * x, 0.1, bowl + 1.0]]

    many = jw.Surfaces(grid, V, HBAR)
    one = jw.Schrodinger(grid, lambda x, y: 0.5 * (x**2 + y**2), HBAR)
    state = jnp.stack([psi, 0 * psi, 0 * psi])
    all_of, alone = compiled(evolved(many, steps), state), compiled(evolved(one, steps), psi)
    calls = {"three": lambda: all_of.call(state), "one": lambda: alone.call(psi)}
    more = {"compile_seconds": all_of.compile_seconds, "note": f"{steps} steps of blanes-moan-4"}
    yield from raced(f"three surfaces / one, {size}² points", calls, seconds, **more)


# By hand


def tables(size: int, module: Any) -> tuple[Any, ...]:
    """e^{−iV τ/2ħ} as (up, across, down), and e^{−iħk²τ/2}."""
    x = -HALF + 2 * HALF / size * np.arange(size)
    x, y = module.asarray(x)[:, None], module.asarray(x)[None, :]
    r = module.sqrt(x**2 + y**2)
    s = 0.5 * TAU / HBAR
    turn, sine = module.exp(-0.5j * s * (x**2 + y**2)), s * module.sinc(s * r / np.pi)
    cosine = module.cos(s * r)
    up, across, down = cosine - 1j * sine * x, -1j * sine * y, cosine + 1j * sine * x
    k = np.pi / HALF * np.fft.fftfreq(size, 1 / size)
    drift = module.exp(-0.5j * HBAR * TAU * module.asarray(k[:, None] ** 2 + k[None, :] ** 2))
    return turn * up, turn * across, turn * down, drift


def squared(up: Any, across: Any, down: Any) -> tuple[Any, Any, Any]:
    """The whole kick of two halves."""
    return up**2 + across**2, across * (up + down), down**2 + across**2


def kicked(kick: tuple[Any, Any, Any], psi: Any, module: Any) -> Any:
    up, across, down = kick
    return module.stack([up * psi[0] + across * psi[1], across * psi[0] + down * psi[1]])


def strang(psi: Any, size: int, steps: int) -> np.ndarray:
    """Kick, drift, kick in NumPy, neighbouring kicks merged."""
    *half, drift = tables(size, np)
    whole = squared(*half)
    psi = kicked(tuple(half), psi, np)
    for step in range(steps):
        psi = np.fft.ifft2(drift * np.fft.fft2(psi))
        psi = kicked(whole if step < steps - 1 else tuple(half), psi, np)
    return psi


def strang_of_jax(psi: Any, size: int, steps: int) -> jax.Array:
    """The same in JAX."""
    *half, drift = tables(size, jnp)
    whole = squared(*half)
    drifted = lambda psi: jnp.fft.ifft2(drift * jnp.fft.fft2(psi))  # noqa: E731
    psi = kicked(tuple(half), psi, jnp)
    step = lambda psi, _: (kicked(whole, drifted(psi), jnp), None)  # noqa: E731
    psi, _ = jax.lax.scan(step, psi, None, steps - 1)
    return kicked(tuple(half), drifted(psi), jnp)


def by_hand(size: int, steps: int, seconds: float) -> Iterator[Row]:
    """The same Strang steps by `Surfaces`, with diagnostics, and by the code above, without."""
    steps = 8 * steps  # what is diagnosed at both ends should not count
    grid = plane(size)
    system = jw.Surfaces(grid, jw.potentials.JahnTeller(), HBAR)
    state = system.on_level(packet(grid), "upper")
    plain = np.asarray(state)
    ours = compiled(evolved(system, steps, "strang"), state)
    theirs = compiled(lambda psi: strang_of_jax(psi, size, steps), state)
    note = f"{steps} Strang steps, {size}²"
    rivals = {
        "NumPy": (lambda: strang(plain, size, steps), {}),
        "JAX": (lambda: theirs.call(state), {"at_most": 1.2}),
    }
    for name, (call, more) in rivals.items():
        calls = {"ours": lambda: ours.call(state), name: call}
        yield from raced(f"Surfaces / {name} by hand", calls, seconds, note=note, **more)
        gap = float(np.max(np.abs(np.asarray(ours.call(state)[0]) - np.asarray(call()))))
        yield Row("surfaces", f"Surfaces − {name} by hand, largest", gap, at_most=1e-11)
    held = ours.held_bytes / theirs.held_bytes
    yield Row("surfaces", "Surfaces / JAX by hand, memory", held, note=note)


def gradient(size: int, steps: int, seconds: float) -> Iterator[Row]:
    """∂P_up of the slope of the cone, ħ and the momentum by the reversible rule, over the run itself."""
    grid = plane(size)

    def loss(numbers):
        slope, hbar, momentum = numbers
        system = jw.Surfaces(grid, jw.potentials.JahnTeller(slope), hbar)
        state = system.on_level(
            jw.coherent_state(grid, (-1.5, 0.0), (momentum, 0.1), hbar), "upper"
        )
        end, _ = evolved(system, steps)(state)
        return system.populations(end, 1)[1]

    at = jnp.array([1.0, HBAR, 0.0])
    value, slope = compiled(loss, at), compiled(jax.value_and_grad(loss), at)
    calls = {"gradient": lambda: slope.call(at), "run": lambda: value.call(at)}
    more = {"compile_seconds": slope.compile_seconds, "note": f"three parameters, {steps} steps"}
    yield from raced(f"gradient / run, two surfaces, {size}²", calls, seconds, **more)
    held = slope.held_bytes / value.held_bytes
    yield Row("surfaces", f"gradient / run, two surfaces, {size}², memory", held)
