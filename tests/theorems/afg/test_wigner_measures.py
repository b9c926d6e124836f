"""Wigner functions: claims against independent numbers, and what breaks them."""

# ruff: noqa: E731

import jax.numpy as jnp
import pytest
from two_packets import GRID, HBAR, PHI

import jaxwigner as jw
from jaxwigner.theorems import (
    wigner_measures,
)


def test_marginals_see_a_wrong_wigner_function(psi):
    scaled = lambda *arguments: 1.001 * jw.wigner(*arguments)
    blurred = lambda *arguments: jnp.roll(jw.wigner(*arguments), 1, axis=1)
    for claim in (wigner_measures.position_marginal, wigner_measures.momentum_marginal):
        assert claim(psi, GRID, HBAR).verdict == "holds"
        assert claim(psi, GRID, HBAR, transform=scaled).verdict == "violated"
    assert wigner_measures.position_marginal(psi, GRID, HBAR, transform=blurred).verdict == "holds"
    claim = wigner_measures.momentum_marginal(psi, GRID, HBAR, transform=blurred)
    assert claim.verdict == "violated"


def test_coarse_grid_is_undecided():
    coarse = jw.Grid(-6.0, 5.5, 18)
    psi = jw.coherent_state(coarse, 0.5, 1.2, HBAR)
    assert wigner_measures.position_marginal(psi, coarse, HBAR).verdict == "undecided"


def test_sup_bound_and_parity(psi):
    grid = jw.Grid(-6.0, 5.0, 110)  # x = 0 is a point of it
    even, odd = jw.fock_orbitals(grid, 4, HBAR)[2:]
    assert wigner_measures.sup_bound(even, grid, HBAR).verdict == "tight"
    assert wigner_measures.sup_bound(odd, grid, HBAR).with_constant(0.5).verdict == "violated"
    for state, parity in ((even, 1), (odd, -1)):
        at = lambda sign, state=state: wigner_measures.parity_value(
            state, grid, 0.0, 0.0, HBAR, parity=sign
        )
        assert at(parity).verdict == "holds" and at(-parity).verdict == "violated"


def test_difference_bound_is_nearly_used():
    """ψ′ = 0 and ψ = χ even: the left side is sup|W|, the right side its bound."""
    grid = jw.Grid(-6.0, 5.0, 110)
    psi = jw.coherent_state(grid, 0.0, 0.0, HBAR)
    claim = wigner_measures.difference_bound(psi, 0 * psi + 1e-9 * psi, psi, psi, grid, HBAR)
    assert claim.verdict in ("holds", "tight") and float(claim.ratio) > 0.999
    assert claim.with_constant(0.5).verdict == "violated"


def test_weak_bound_and_its_refusals(psi):
    claim = wigner_measures.weak_bound(psi, GRID, PHI, HBAR)
    assert claim.verdict == "holds" and claim.with_constant(0.05).verdict == "violated"
    with pytest.raises(ValueError, match="GaussianTest"):
        wigner_measures.weak_bound(psi, GRID, lambda x, p: 1.0, HBAR)
