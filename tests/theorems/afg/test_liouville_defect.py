"""The defect of the Liouville equation, its parts and its errors."""

# ruff: noqa: E731

import equinox as eqx
import jax
import jax.numpy as jnp
from two_packets import GRID, HBAR, PHI

import jaxwigner as jw
from jaxwigner.phase_space import GaussianTest
from jaxwigner.potentials import Cosine, Harmonic
from jaxwigner.theorems import (
    liouville_defect,
    wigner_equation,
)


def test_weak_form_knows_when_its_lags_are_too_coarse():
    """At ħ = 0.01 on this grid the images of φ in momentum overlap: the sum over lags is 2 % off, and the claim must say so."""
    grid, hbar = jw.Grid(-2.5, 3.5, 512), 0.01
    wide = GaussianTest(lambda x: jnp.exp(-((x - 0.6) ** 2)), 0.3, 1.5)
    wave = Cosine(1.0)

    def claim(test):
        psi = jw.coherent_state(grid, 0.7, 0.5, hbar)
        parts = liouville_defect.split(psi, wave, grid, test, hbar)
        return liouville_defect.split_sum(parts, psi, wave, grid, test, hbar)

    claims = jax.jit(lambda: (claim(wide), claim(eqx.tree_at(lambda t: t.width, wide, 0.5))))()
    assert [one.verdict for one in claims] == ["undecided", "holds"]


def test_split_parts_add_up_and_each_matters(psi):
    parts = jax.jit(lambda: liouville_defect.split(psi, Cosine(1.0), GRID, PHI, HBAR))()
    whole = jax.jit(
        lambda parts: liouville_defect.split_sum(parts, psi, Cosine(1.0), GRID, PHI, HBAR)
    )
    assert whole(parts).verdict == "holds"
    for name in ("near", "forward", "backward", "far", "transport"):
        where = lambda p, name=name: getattr(p, name)
        broken = eqx.tree_at(where, parts, where(parts) + 1e-3)
        assert whole(broken).verdict == "violated", name
    defect = liouville_defect.defect(psi, Cosine(1.0), GRID, PHI, HBAR)
    assert abs(parts.total.real - parts.transport.real - defect) < 1e-12


def test_transport_part_is_the_liouville_term(psi):
    """T4 = −∫∫W U′ ∂_pφ on the natural phase-space grid."""
    parts = jax.jit(lambda: liouville_defect.split(psi, Cosine(1.0), GRID, PHI, HBAR))()
    phase = jw.phase_grid(GRID, HBAR)
    (x,), (p,) = phase.mesh
    slope = -(p - 0.3) / 0.8**2 * PHI((x,), (p,))
    W = jw.wigner(psi, GRID, phase, HBAR)
    expected = jnp.sum(W * jnp.sin(x) * slope) * phase.cell  # U′ = −sin
    assert abs(parts.transport.real - expected) < 1e-10


def test_quadratic_potentials_have_no_defect(psi):
    assert abs(liouville_defect.defect(psi, Harmonic(2.0), GRID, PHI, HBAR)) < 1e-13
    claim = wigner_equation.wigner_equation(psi, Harmonic(2.0), GRID, HBAR, classical=True)
    assert claim.verdict == "holds"
