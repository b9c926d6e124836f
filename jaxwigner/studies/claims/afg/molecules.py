"""A19, A20: the surface of H2+, and the cone of a level crossing."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner.grid import Grid
from jaxwigner.phase_space import GaussianTest
from jaxwigner.potentials import Cone
from jaxwigner.states import coherent_state, wave_packet
from jaxwigner.studies.claims.afg import hydrogen
from jaxwigner.studies.claims.claim import CONTROL, measures, row
from jaxwigner.theorems import born_oppenheimer, liouville_defect, rate


@measures("A19")
def surface(full: bool):
    """U_b bounded and Lipschitz, U = U_b + 1/R, no crossing; the whole surface is not Lipschitz."""
    distances = np.geomspace(0.1, 40.0, 200 if full else 60)

    def program(R):
        energies, slopes = born_oppenheimer.levels(R)
        return (
            born_oppenheimer.electronic_bounds(energies),
            born_oppenheimer.electronic_lipschitz(slopes),
            born_oppenheimer.surface_split(R, energies),
            born_oppenheimer.level_gap(R),
            born_oppenheimer.surface_lipschitz(R, slopes),
        )

    (below, above), lipschitz, split, gap, whole = jax.jit(program)(distances)
    yield row("A19", "U_b bounded below", below)
    yield row("A19", "U_b bounded above", above)
    yield row(
        "A19",
        "U_b Lipschitz",
        lipschitz,
        series={"distance": distances, "slope": lipschitz.lhs.centre},
    )
    yield row("A19", "U = U_b + U_s", split)
    yield row(
        "A19", "levels do not cross", gap, series={"distance": distances, "gap": gap.rhs.centre}
    )
    yield row("A19", "U itself is not Lipschitz", whole, CONTROL)
    yield from hydrogen.curve(full)


def bump(x, y):
    """A smooth function with support |(x, y) − (1, 0)| ≤ 0.9, away from the tip."""
    inside = 1 - ((x - 1) ** 2 + y**2) / 0.81
    safe = jnp.maximum(inside, 1e-3)
    return jnp.where(inside > 1e-3, jnp.exp(1 - 1 / safe), 0.0)


@measures("A20")
def cone(full: bool):
    """U = −|ρ| in two dimensions: ∫∫gφ → 0 off the tip, as ħ²; at the tip a packet of width ħ keeps it; the matrix of Remark 1."""
    hbars = np.array([0.02, 0.01, 0.005, 0.0025])
    points = (56, 54) if full else (48, 46)
    off_tip = GaussianTest(bump, (0.4, 0.2), 0.25)
    at_tip = GaussianTest(lambda x, y: jnp.exp(-(x**2) - y**2), (0.3, 0.0), 1.0)

    def box(centre, width):
        lower = tuple(c - 6.0 * width for c in centre)
        upper = tuple(c + 6.0 * width for c in centre)
        return Grid(lower, upper, points)

    def program(hbar):
        away = box((1.0, 0.0), jnp.sqrt(hbar))
        psi = coherent_state(away, (1.0, 0.1), (0.3, 0.4), hbar)
        smooth = liouville_defect.defect(psi, Cone(1.0), away, off_tip, hbar, lags=20)
        tip = box((0.0, 0.0), hbar)
        narrow = wave_packet(tip, (0.5 * hbar, 0.0), (1.0, 0.0), hbar, alpha=1.0)
        singular = liouville_defect.defect(narrow, Cone(1.0), tip, at_tip, hbar, lags=20)
        return jnp.abs(smooth), jnp.abs(singular)

    # One ħ after another: a batch of them would need the memory of all.
    smooth, singular = jax.jit(lambda hs: jax.lax.map(program, hs))(hbars)
    series = {"hbar": hbars, "off_tip": smooth, "tip": singular}
    law = "∫∫gφ = O(ħ²) for φ off the tip of U = −|ρ|"
    off = rate("AFG Theorem 1.1 (iv)", law, hbars, smooth, (1.85, 2.15))
    yield row("A20", "off the tip", off, series=series)
    law = "∫∫gφ = O(ħ²) at the tip of U = −|ρ|, packets of width ħ"
    tip = rate("AFG Theorem 1.1 (iv)", law, hbars, singular, (1.85, 2.15))
    yield row("A20", "at the tip ∫∫gφ does not vanish", tip, CONTROL)
    corrected, printed = jax.jit(_crossings)(np.random.default_rng(0).normal(size=(2, 50)))
    yield row("A20", "crossing matrix", corrected)
    yield row("A20", "crossing matrix as printed", printed, CONTROL)


def _crossings(rho):
    return tuple(
        born_oppenheimer.crossing_eigenvalues((rho[0], rho[1]), printed=printed)
        for printed in (False, True)
    )
