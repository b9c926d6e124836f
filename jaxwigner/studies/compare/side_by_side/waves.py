"""The quantum side: ψ at every ħ on one grid, and what is seen of it, in one program.

Half-flows of `Schrodinger` on values that are capped where no wave goes; |ψ|² is seen on twice as many points, where it is exact.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jax import lax

from jaxwigner import fourier
from jaxwigner._types import Array
from jaxwigner.compiled import once
from jaxwigner.engine.methods import METHODS
from jaxwigner.grid import Grid
from jaxwigner.studies.compare.side_by_side.asked import of_momenta

TABLE = METHODS["blanes-moan-4"]


class Box(eqx.Module):
    """The grid, its ends as arrays (another box is no other program). `values`: U on it; `rows`: A(x), (Q, 2ᵈn); `edges`: of cells.

    `waves` takes one with an axis of ħ before all but the edges.
    """

    lower: Array
    upper: Array
    values: Array
    rows: Array
    edges: Array
    points: tuple[int, ...] = eqx.field(static=True)

    def grid(self, finer: int = 1) -> Grid:
        """The grid, or that of several times the points."""
        d = len(self.points)
        lower, upper = (tuple(end[i] for i in range(d)) for end in (self.lower, self.upper))
        return Grid(lower, upper, tuple(finer * n for n in self.points))


class Saves(eqx.Module):
    """How many intervals of time, how long each is, and the steps in it."""

    count: int = eqx.field(static=True)
    length: Array
    steps: Array


@once
def waves(
    box: Box,
    mass: Array,
    functions: tuple[Any, ...],
    psi: Any,
    weights: Any,
    hbars: Any,
    saves: Saves,
    at_once: int,
) -> tuple[Array, Array, Array, Array]:
    """Means (ħ, time, Q), by how much half the points would change them, masses of cells (ħ, time, m; d = 1) and lost shares."""
    parts = (box.lower, box.upper, box.values, box.rows)

    def one(each):
        (lower, upper, values, rows), orbitals, shares, hbar = each
        at_one = Box(lower, upper, values, rows, box.edges, box.points)
        return _run(at_one, mass, functions, orbitals, shares, hbar, saves)

    return lax.map(one, (parts, psi, weights, hbars), batch_size=at_once)


def _run(box, mass, functions, orbitals, shares, hbar, saves):
    grid = box.grid()
    waves = grid.wavenumber_mesh
    d, tau = grid.dimension, saves.length / saves.steps
    kinetic = sum(0.5 * hbar * k**2 / m for k, m in zip(waves, mass))
    drifts = [jnp.exp(-1j * tau * b * kinetic)[None] for b in TABLE.drifts]
    kicks = [jnp.exp((-1j / hbar) * tau * a * box.values)[None] for a in TABLE.kicks]
    momenta = jnp.stack([jnp.broadcast_to(hbar * k, grid.shape).ravel() for k in waves], axis=1)
    rows_p = of_momenta(functions, momenta)
    axes = tuple(range(1, d + 1))

    def step(_, psi):
        for kick, drift in zip(kicks, drifts):
            psi = fourier.ifftn(drift * fourier.fftn(kick * psi, axes=axes), axes=axes)
        return kicks[-1] * psi

    def look(psi):
        return _seen(box, psi, shares, rows_p, axes)

    def save(psi, _):
        psi = lax.fori_loop(0, saves.steps, step, psi)
        return psi, look(psi)

    _, later = lax.scan(save, orbitals, None, length=saves.count)
    return tuple(jnp.concatenate([a[None], b]) for a, b in zip(look(orbitals), later))


def _seen(box: Box, psi: Array, shares: Array, rows_p: Array, axes: tuple[int, ...]) -> Any:
    """Means, by how much fewer points would change them, |ψ|² on the fine grid, and what of ψ is near the ends of box and spectrum."""
    spectrum = fourier.fftn(psi, axes=axes)
    power = jnp.tensordot(shares, jnp.abs(spectrum) ** 2, 1)
    power = power / jnp.sum(power)
    rho = jnp.tensordot(shares, jnp.abs(_refined(spectrum, axes)) ** 2, 1)
    rho = rho / jnp.sum(rho)
    every_other = rho[tuple(slice(None, None, 2) for _ in axes)]
    coarse = box.rows.reshape(len(box.rows), *rho.shape)[
        (slice(None), *(slice(None, None, 2) for _ in axes))
    ]
    of_x = box.rows @ rho.ravel()
    apart = coarse.reshape(len(of_x), -1) @ every_other.ravel() / jnp.sum(every_other) - of_x
    lost = jnp.stack([_near_ends(rho, 0.02), _near_middle(power)])
    kept = _cells(box, rho) if len(axes) == 1 else jnp.zeros(1)
    return of_x + rows_p @ power.ravel(), apart, kept, lost


def _cells(box: Box, rho: Array) -> Array:
    """Masses between edges: the masses of the cells of the grid, added up, and Hermite's cubic within them."""
    n = len(rho)
    step = (box.upper[0] - box.lower[0]) / n
    behind, ahead, further = jnp.roll(rho, 1), jnp.roll(rho, -1), jnp.roll(rho, -2)
    masses = rho + (behind - 2 * rho + ahead) / 24
    total = jnp.append(0.0, jnp.cumsum(masses))
    slope = (7 * (rho + ahead) - behind - further) / 12  # at the far end of a cell
    slope = jnp.append(slope[-1:], slope)
    place = jnp.clip((box.edges - box.lower[0]) / step + 0.5, 0.0, n)
    i = jnp.clip(place.astype(int), 0, n - 1)
    t = place - i
    rise = total[i + 1] - total[i]
    bend = t * (1 - t) * ((1 - t) * (slope[i] - rise) - t * (slope[i + 1] - rise))
    return jnp.diff(total[i] + t * rise + bend)


def _refined(spectrum: Array, axes: tuple[int, ...]) -> Array:
    """ψ on twice as many points."""
    for axis in axes:
        n = spectrum.shape[axis]
        head, tail = jnp.split(spectrum, [n // 2], axis=axis)
        middle = jnp.zeros([n if a == axis else s for a, s in enumerate(spectrum.shape)])
        spectrum = jnp.concatenate([head, middle.astype(spectrum.dtype), tail], axis=axis)
    return fourier.ifftn(spectrum, axes=axes)


def _near_ends(rho: Array, share: float) -> Array:
    """The largest share of the mass in the outer part of an axis."""
    found = []
    for axis in range(rho.ndim):
        line = jnp.sum(rho, axis=tuple(a for a in range(rho.ndim) if a != axis))
        k = max(1, int(share * len(line)))
        found.append(jnp.sum(line[:k]) + jnp.sum(line[-k:]))
    return jnp.max(jnp.stack(found))


def _near_middle(power: Array) -> Array:
    """The largest share of the spectrum in the highest tenth of an axis."""
    return _near_ends(jnp.fft.fftshift(power), 0.05)
