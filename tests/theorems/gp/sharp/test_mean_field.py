"""Cold bodies, correlated ones, and exact second moments."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.potentials import Cosine
from jaxwigner.theorems.gp.sharp import mean_field

REST = jw.Particles(jnp.full(2, 0.5), np.pi / 4 * jnp.array([1.0, -1.0]), jnp.zeros(2))


@pytest.mark.parametrize("form", mean_field.FORMS)
def test_cold_bodies_use_the_consistency_term(form):
    program = jax.jit(
        lambda h, t: mean_field.cold_bodies(
            REST, Cosine(1.0), h, 4.0, duration=t, steps=8, form=form
        )
    )
    claim = program(1e-6, 0.2)
    assert claim.verdict == "holds"
    # K_N of two points a quarter turn apart: F = ±½ at them, G = ½: ((N−1)/2 − (N−2)/4)/N²
    K = (3 * 0.5 - 2 * 0.25) / 16
    rate = 1.0 if form == "sharp" else 6.0
    grown = np.expm1(rate * 0.2) / rate
    least = K / 2 * (grown**2 if form == "sharp" else grown)
    assert claim.rhs.centre == pytest.approx(least, rel=0.05)


def test_correlated_bodies_do_not_average():
    claim = mean_field.correlated_consistency(REST, Cosine(1.0), 100.0)
    # forces 0 and ±1 of the others, ½ of the mean field
    assert claim.lhs.centre == pytest.approx(0.5 * (0.5**2 + 0.49**2), abs=1e-9)


def test_forces_have_the_sign_and_the_size_of_the_sum_over_pairs():
    grid = jw.Grid(-6.0, 6.0, 64)
    quantum, classical = jax.jit(
        lambda k: (
            mean_field.quantum_force(grid, 0.5, k, duration=0.8, steps=16),
            mean_field.classical_force(k, 3, duration=0.8, steps=16, points=64),
        )
    )(0.7)
    assert quantum.verdict == classical.verdict == "holds"
