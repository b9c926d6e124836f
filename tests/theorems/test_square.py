"""Growth of E_ħ and the mean-field limit: constants, special cases with known values, and claims that can fail."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.theorems import mean_field, square, stability

COSINE = jw.potentials.Cosine(1.0, 1.0)
CLOUD = jw.Particles(np.full(20, 1 / 20), *(0.6 * np.random.default_rng(0).normal(size=(2, 20))))


def gaussian(mean, spread):
    return jw.Gaussian(jnp.asarray(mean), jnp.asarray(spread))


def test_constants():
    assert [float(stability.paper_rate(L)) for L in (0.25, 0.5, 1.0, 2.0)] == [2.0, 2.0, 5.0, 17.0]
    assert [float(mean_field.mean_field_rate(L)) for L in (0.25, 1.0)] == [3.0, 6.0]


@pytest.mark.parametrize("L", [0.0, 0.25, 1.0, 4.0])
def test_sharp_angle_lies_below_every_rate(L):
    """θ_L(t) ≤ (1 + L)t, with the right slope at 0; it solves sinh(θ/2) = (1+L)/(2√L) sinh √L t."""
    for t in (1e-4, 0.5, 2.0):
        theta = float(stability.angle(L, t))
        assert theta <= (1 + L) * t + 1e-12
    assert abs(float(stability.angle(L, 1e-4)) / 1e-4 - (1 + L)) < 1e-6
    if L:
        right = (1 + L) / (2 * np.sqrt(L)) * np.sinh(np.sqrt(L) * 2.0)
        assert abs(np.sinh(float(stability.angle(L, 2.0)) / 2) - right) < 1e-9 * right


@pytest.mark.parametrize("L", [0.25, 1.0, 3.0])
@pytest.mark.parametrize("squeezing", [2.0, 9.0])
def test_sharp_form_is_attained_and_no_better_constant_holds(L, squeezing):
    claim = stability.extremal_growth(L, 0.3, 0.8, squeezing=squeezing)
    assert claim.verdict in ("tight", "holds")
    assert abs(float(claim.ratio) - 1) < 1e-6
    assert claim.with_constant(0.999).verdict == "violated"


def test_random_gaussians_stay_below_the_sharp_form():
    rng = np.random.default_rng(1)
    worst = 0.0
    program = jax.jit(
        lambda p, R, k: stability.gaussian_growth(p, R, k, 0.2, 0.9, constant="sharp").ratio
    )
    for _ in range(40):
        A, B = rng.normal(size=(2, 2, 2))
        p = gaussian(rng.normal(size=2), 0.3 * A @ A.T + 1e-3 * np.eye(2))
        R = gaussian(rng.normal(size=2), 0.3 * B @ B.T + 0.1 * np.eye(2))
        worst = max(worst, float(program(p, R, rng.uniform(-3, 3))))
    assert 0.3 < worst <= 1 + 1e-9


def test_growth_of_free_packets_is_exact():
    """V = 0: 𝓔 = ½ħ(1 + ½t²), as cosh θ_0 = 1 + ½t² demands."""
    grid, flat = jw.Grid(-4 * np.pi, 4 * np.pi, 256), jw.potentials.Cosine(0.0, 1.0)
    cloud = jw.Particles([0.5, 0.5], [0.0, 0.6], [0.3, -0.2])
    claim = stability.carried_coupling(
        cloud, flat, grid, 0.2, duration=1.5, steps=8, constant="sharp"
    )
    t = np.array([0.5, 1.0, 1.5])
    np.testing.assert_allclose(claim.lhs.upper, 0.1 * (1 + t**2 / 2), rtol=1e-9)
    np.testing.assert_allclose(claim.rhs.lower, 0.1 * (1 + t**2 / 2), rtol=1e-12)


def test_frozen_growth_of_a_harmonic_field():
    """V = ½κx²: the frozen characteristics are linear, DZ = Φ_√κ for every point."""
    kappa, t = 0.8, 1.1
    w = np.sqrt(kappa)
    c, s = np.cos(w * t), np.sin(w * t)
    M = np.array([[c, s / w], [-w * s, c]])
    found = stability.frozen_growth(CLOUD, lambda x: 0.5 * kappa * x**2, duration=t, steps=60)
    assert abs(float(found) - 0.5 * np.sum(M**2)) < 1e-6


def test_consistency_term_of_a_quadratic_potential():
    """K_N = κ² Var x / N for V = ½κx², as the closed form of Theorem 2.6 uses it."""
    x = np.asarray(CLOUD.positions[:, 0])
    for N in (2, 7, 100):
        found = mean_field.consistency(CLOUD, lambda x: 0.5 * 1.3 * x**2, N)
        assert abs(float(found) - 1.3**2 * x.var() / N) < 1e-12


def test_mean_field_bound_at_time_zero_is_the_start():
    p, R = gaussian([0.1, 0.0], 0.3 * np.eye(2)), gaussian([0.0, 0.2], 0.5 * np.eye(2))
    claim = mean_field.gaussian_mean_field(p, R, 1.0, 0.2, 0.0, 5.0)
    assert abs(float(claim.ratio) - 1) < 1e-6


def test_two_bodies_without_interaction_are_one_body():
    flat, grid = jw.potentials.Cosine(0.0, 1.0), jw.Grid(-2 * np.pi, 2 * np.pi, 48)
    cloud = jw.Particles([0.4, 0.6], [0.0, 0.6], [0.3, -0.2])
    run = mean_field.body_coupling(cloud, flat, grid, 0.5, duration=0.8, steps=4)
    assert abs(float(run.whole) - 0.25 * (1 + 0.8**2 / 2)) < 1e-8
    assert mean_field.one_body_is_enough(run).verdict == "holds"


def test_surface_is_monotone_in_the_number_and_below_its_bound():
    p = gaussian([0.0, 0.0], [[0.5, 0.1], [0.1, 0.3]])
    numbers, hbars = np.array([2.0, 10.0, 1e3]), np.array([0.01, 0.1])
    cost, bound = square.joint_surface(p, -0.5, hbars, numbers, duration=1.0)
    assert cost.shape == bound.shape == (2, 3)
    assert np.all(np.asarray(cost) < np.asarray(bound))
    assert np.all(np.diff(np.asarray(cost), axis=0) > 0)


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
    p, R = gaussian([0.0, 0.0], 0.3 * np.eye(2)), gaussian([0.0, 0.0], 0.5 * np.eye(2))
    for stiffness in (0.3, 1.0, 2.0):
        paper, grouped = (
            mean_field.gaussian_mean_field(p, R, stiffness, 0.2, 0.7, 5.0, form=form).rhs
            for form in ("paper", "grouped")
        )
        assert float(grouped.upper) <= float(paper.upper) * (1 + 1e-12)
