"""G2: Husimi functions three ways, and back."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from jaxwigner.grid import Grid, PhaseGrid
from jaxwigner.states import MixedState, fock_orbitals
from jaxwigner.studies.claims.claim import case, claim, control
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.theorems import husimi_functions


@claim("G2", "GP Remark 2.3, (4), (6)")
def husimi(full: bool):
    """Husimi three ways, the corrected identity, reconstruction.

    W̃ as heat flow of W, as expectation in coherent states, and W recovered from it on a band. *Corrected:* W̃ =
    (2πħ)⁻ᵈ⟨z|R|z⟩, the factor is missing in print; the holomorphic identity of Remark 2.3 wants another sign, conjugation and
    phase. Both prints are controls, and half of the heat undone.
    """
    grid = Grid(-6.0, 6.5, 192 if full else 128)
    phase = PhaseGrid(Grid(-6.0, 6.0, 84), Grid(-5.5, 6.0, 80))
    points = np.array([0.3, -0.4, 0.8]), np.array([-0.2, 0.5, 0.1])

    def program(hbar):
        levels = fock_orbitals(grid, 4, hbar)
        mix = np.array([[1.0, 0.5j, 0.0, 0.3], [0.2, -1.0, 0.7j, 0.0]])
        mix = mix / np.linalg.norm(mix, axis=1, keepdims=True)
        state = MixedState(jnp.array([0.6, 0.4]), jnp.asarray(mix) @ levels)
        return (
            husimi_functions.smoothed_wigner(state, grid, phase, hbar),
            husimi_functions.coherent_expectation(state, grid, phase, hbar),
            husimi_functions.holomorphic_identity(state, grid, *points, hbar),
            husimi_functions.reconstruction(state, grid, phase, hbar, band=6.0),
            husimi_functions.coherent_expectation(state, grid, phase, hbar, printed=True),
            husimi_functions.holomorphic_identity(state, grid, *points, hbar, printed=True),
            husimi_functions.reconstruction(state, grid, phase, hbar, band=6.0, undone=0.125),
        )

    heat, expectation, identity, inverse, bare, as_printed, half = lightly(program)(0.35)
    yield case("heat flow of W", heat)
    yield case("(2πħ)⁻¹⟨z|R|z⟩", expectation)
    yield case("identity for ⟨z|R|z′⟩", identity)
    yield case("W from W̃ on a band", inverse)
    yield control("⟨z|R|z⟩ without the factor, as printed", bare)
    yield control("identity for ⟨z|R|z′⟩ as printed", as_printed)
    yield control("half of the heat undone", half)
