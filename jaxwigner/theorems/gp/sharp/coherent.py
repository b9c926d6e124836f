"""Golse–Paul §2.1: coherent states resolve the identity, and lattices of them span until they are too thin.

    (4)   OP(1) = (2πħ)^{−1}∫|z⟩⟨z|dz = 1
    (6)   the |z⟩ span: a vector is their combination; on a lattice of density ρ/(2πħ) exactly if ρ > 1 (Bargmann, Perelomov)
    W̃     = e^{ħΔ/4}W ≥ 0, and ¼ is the least time after which the function of an odd level is

d = 1.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex

from jaxwigner._types import Array
from jaxwigner.grid import Grid, PhaseGrid, Scalar
from jaxwigner.inequality import Inequality
from jaxwigner.phase_space import wigner
from jaxwigner.states.oscillator import fock_orbitals
from jaxwigner.states.packets import probes
from jaxwigner.theorems.gp.husimi_functions import heat_flow

REACH = 8.0  # of a lattice, in units of √ħ


def lattice(density: float, hbar: Scalar, reach: float) -> tuple[np.ndarray, Array]:
    """Points (k, 2) of a square lattice with `density` points per 2πħ and at most `reach`·√ħ from 0, in units of √ħ, and their cell.

    >>> from jaxwigner.theorems.gp.sharp.coherent import lattice
    >>> z, cell = lattice(2.0, 0.5, 3.0)
    >>> z.shape, round(float(cell) / (2 * 3.141592653589793 * 0.5), 9)
    ((9, 2), 0.5)
    """
    side = np.sqrt(2 * np.pi / density)
    count = int(reach / side)
    steps = side * np.arange(-count, count + 1)
    z = np.stack(np.meshgrid(steps, steps, indexing="ij"), -1).reshape(-1, 2)
    return z[np.hypot(*z.T) <= reach], side**2 * jnp.asarray(hbar)


def overlaps(z: np.ndarray, grid: Grid, hbar: Scalar, levels: int) -> Complex[Array, "k n"]:
    """⟨n|z⟩ for the levels n < `levels` of the oscillator."""
    q, p = jnp.asarray(z.T) * jnp.sqrt(hbar)
    packets = probes(grid, q[:, None], p[:, None], hbar)
    return packets @ fock_orbitals(grid, levels, hbar).T * grid.cell


def identity_resolved(
    grid: Grid, hbar: Scalar, *, levels: int = 8, factor: Scalar | None = None
) -> Inequality:
    """‖OP(1) − 1‖ = 0 on the lowest levels, by sums over a lattice of density 20 (it errs by e^{−10π}).

    **Arguments:** `factor`: in place of 1/(2πħ), a negative control.

    >>> import jaxwigner as jw
    >>> from jaxwigner.theorems.gp.sharp.coherent import identity_resolved
    >>> grid = jw.Grid(-12.0, 12.0, 160)
    >>> identity_resolved(grid, 0.5).verdict, identity_resolved(grid, 0.5, factor=1.0).verdict
    ('holds', 'violated')
    """
    z, cell = lattice(20.0, hbar, 10.0)
    amplitudes = overlaps(z, grid, hbar, levels)
    share: Scalar = 1 / (2 * np.pi * hbar) if factor is None else factor
    resolved = share * cell * amplitudes.T @ jnp.conj(amplitudes)
    distance = jnp.linalg.norm(resolved - jnp.eye(levels), 2)
    law, numbers = f"‖OP(1) − 1‖ = 0 on {levels} levels", {"hbar": hbar}
    return Inequality("GP (4)", law, distance, 1e-10, parameters=numbers)


def spanned(
    grid: Grid, hbar: Scalar, density: float, vector: Complex[Array, " n"], *, allowed: float
) -> Inequality:
    """‖v − Σc_z|z⟩‖/‖v‖ ≤ `allowed`, the c_z by least squares, for v = Σv_n|n⟩ and a lattice of `density` points per 2πħ.

    All levels that the packets reach are looked at: what they leave besides v counts.

    >>> import jaxwigner as jw, jax.numpy as jnp
    >>> from jaxwigner.theorems.gp.sharp.coherent import spanned
    >>> grid, v = jw.Grid(-12.0, 12.0, 192), jnp.ones(6) + 0j
    >>> [spanned(grid, 0.5, rho, v, allowed=1e-3).verdict for rho in (2.0, 0.4)]
    ['holds', 'violated']
    """
    levels = int((REACH + 5.0) ** 2 / 2)
    z, _ = lattice(density, hbar, REACH)
    A = overlaps(z, grid, hbar, levels).T
    target = jnp.zeros(levels, complex).at[: vector.shape[0]].set(vector)
    found = jnp.linalg.lstsq(A, target, rcond=1e-12)[0]
    left = jnp.linalg.norm(A @ found - target) / jnp.linalg.norm(target)
    law = "distance of a vector from the span of coherent states on a lattice"
    return Inequality("GP (6)", law, left, allowed, parameters={"hbar": hbar, "rho": density})


def heated(
    grid: Grid, phase: PhaseGrid, hbar: Scalar, time: Scalar, *, level: int = 3
) -> Inequality:
    """−min e^{time·ħΔ}W/max|W| ≤ 0 for an excited level: true from time ¼ on (the Husimi function), false before."""
    W = wigner(fock_orbitals(grid, level + 1, hbar)[level], grid, phase, hbar)
    least = jnp.min(heat_flow(W, phase, time * hbar)) / jnp.max(jnp.abs(W))
    law = "e^{sħΔ}W ≥ 0, an excited level"
    return Inequality("GP Remark 2.3", law, -least, 1e-9, parameters={"hbar": hbar, "s": time})
