"""The mean-field limit: special cases with known values, and bad input."""

import jax
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.theorems import mean_field, stability

COSINE = jw.potentials.Cosine(1.0, 1.0)
CLOUD = jw.Particles(np.full(20, 1 / 20), *(0.6 * np.random.default_rng(0).normal(size=(2, 20))))


@pytest.mark.slow
def test_consistency_term_of_a_quadratic_potential():
    """K_N = κ² Var x / N for V = ½κx², as the closed form of Theorem 2.6 uses it."""
    x = np.asarray(CLOUD.positions[:, 0])
    for N in (2, 7, 100):
        found = mean_field.consistency(CLOUD, lambda x: 0.5 * 1.3 * x**2, N)
        assert abs(float(found) - 1.3**2 * x.var() / N) < 1e-12


@pytest.mark.slow
def test_mean_field_bound_at_time_zero_is_the_start():
    p, R = jw.Gaussian([0.1, 0.0], 0.3 * np.eye(2)), jw.Gaussian([0.0, 0.2], 0.5 * np.eye(2))
    claim = mean_field.gaussian_mean_field(p, R, 1.0, 0.2, 0.0, 5.0)
    assert abs(float(claim.ratio) - 1) < 1e-6


def test_two_bodies_without_interaction_are_one_body():
    flat, grid = jw.potentials.Cosine(0.0, 1.0), jw.Grid(-2 * np.pi, 2 * np.pi, 48)
    cloud = jw.Particles([0.4, 0.6], [0.0, 0.6], [0.3, -0.2])
    run = mean_field.body_coupling(cloud, flat, grid, 0.5, duration=0.8, steps=4)
    assert abs(float(run.whole) - 0.25 * (1 + 0.8**2 / 2)) < 1e-8
    assert mean_field.one_body_is_enough(run).verdict == "holds"


def test_bad_input():
    with pytest.raises(ValueError, match="`constant` must be one of 'paper', 'sharp'"):
        stability.bound(jw.Bracket.exact(1.0), 0.1, 1.0, 1.0, "best")
    with pytest.raises(ValueError, match="`pair` must be bounded"):
        stability.second_moment(CLOUD, jw.potentials.Harmonic(1.0), duration=1.0, steps=4)
    with pytest.raises(ValueError, match="`number` must be an integer of at least 2"):
        mean_field.hierarchy(1, 2, jax.random.key(0))
    with pytest.raises(ValueError, match="`form` must be one of"):
        mean_field.consistency_bound(CLOUD, COSINE, 3, form="x")
    with pytest.raises(ValueError, match="`pair` must state a Lipschitz constant"):
        stability.dobrushin(CLOUD, CLOUD, lambda x: x**4, duration=1.0, steps=2)


def test_grouping_is_never_worse_than_the_paper():
    p, R = jw.Gaussian([0.0, 0.0], 0.3 * np.eye(2)), jw.Gaussian([0.0, 0.0], 0.5 * np.eye(2))
    for stiffness in (0.3, 1.0, 2.0):
        paper, grouped = (
            mean_field.gaussian_mean_field(p, R, stiffness, 0.2, 0.7, 5.0, form=form).rhs
            for form in ("paper", "grouped")
        )
        assert float(grouped.upper) <= float(paper.upper) * (1 + 1e-12)
