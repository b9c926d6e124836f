"""E_ħ² of Gaussians and of moments, against formulas, a covariance SDP and finite differences."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small
from oracles import solved
from semiquantum_cases import solve

import jaxwigner as jw
from jaxwigner.transport import (
    gaussian_cost,
    gelbrich_bound,
    isotropic_bound,
    moments,
    optimal_metric,
    product_cost,
    quantum_moments,
    squeezing,
)


def symplectic(d):
    J = np.zeros((2 * d, 2 * d))
    J[:d, d:], J[d:, :d] = np.eye(d), -np.eye(d)
    return J


def random_pair(d, hbar, seed):
    rng = np.random.default_rng(seed)
    A, B = rng.normal(size=(2, 2 * d, 2 * d))
    sigma, S = A @ A.T / d + 0.1 * np.eye(2 * d), B @ B.T / d + 0.1 * np.eye(2 * d)
    least = np.min(abs(np.linalg.eigvals(1j * symplectic(d) @ S)))
    S = S * max(1.0, 1.1 * hbar / 2 / least)
    return jw.Gaussian(rng.normal(size=2 * d), sigma), jw.Gaussian(rng.normal(size=2 * d), S)


@pytest.mark.parametrize("d", [1, 2, pytest.param(3, marks=pytest.mark.slow)])
@pytest.mark.parametrize("hbar", [0.01, 0.4])
def test_both_bounds_agree(d, hbar):
    p, R = random_pair(d, hbar, d)
    bracket = jax.jit(gaussian_cost)(p, R, hbar)
    assert float(bracket.width) < 1e-9 * float(bracket.upper)
    M = jax.jit(optimal_metric)(p, R, hbar)
    inverse = np.linalg.inv(M)
    pushed = inverse @ np.asarray(p.covariance) @ inverse + jax.jit(squeezing)(M, hbar)
    assert np.max(abs(pushed - R.covariance)) < 1e-6  # S = M⁻¹ΣM⁻¹ + G_M


@pytest.mark.parametrize("sigma, s, hbar", [(0.3, 0.2, 0.1), (0.05, 0.9, 0.7), (2.0, 0.51, 1.0)])
def test_isotropic_formula(sigma, s, hbar):
    p, R = jw.Gaussian(np.zeros(2), sigma * np.eye(2)), jw.Gaussian(np.zeros(2), s * np.eye(2))
    expected = hbar / 2 + (np.sqrt(sigma) - np.sqrt(s - hbar / 2)) ** 2
    assert abs(float(gaussian_cost(p, R, hbar).centre) - expected) < 1e-10
    assert abs(float(isotropic_bound(p, R, hbar)) - expected) < 1e-10


def test_diagonal_quartic():
    s1, s2, q1, q2, hbar = 0.4, 0.3, 0.25, 0.7, 0.35  # σ1, σ2 and S
    roots = np.roots([s1 * q2, -s1 * hbar / 2, 0.0, s2 * hbar / 2, -s2 * q1])
    inside = [
        r.real for r in roots if abs(r.imag) < 1e-12 and hbar / 2 / q2 < r.real < 2 * q1 / hbar
    ]
    (r,) = inside
    M1, M2 = np.sqrt(s1 / (q1 - hbar * r / 2)), np.sqrt(s2 / (q2 - hbar / 2 / r))
    expected = 0.5 * (s1 + s2 + q1 + q2) - s1 / M1 - s2 / M2
    p, R = jw.Gaussian(np.zeros(2), np.diag([s1, s2])), jw.Gaussian(np.zeros(2), np.diag([q1, q2]))
    assert abs(float(gaussian_cost(p, R, hbar).centre) - expected) < 1e-9


@pytest.mark.parametrize("d", [1, 2])
def test_covariance_programme(d):
    cp = pytest.importorskip("cvxpy")
    hbar = 0.3
    p, R = random_pair(d, hbar, 10 + d)
    C = cp.Variable((2 * d, 2 * d))
    lower_right = np.asarray(R.covariance) + 0.5j * hbar * symplectic(d)
    block = cp.bmat([[np.asarray(p.covariance), C], [C.T, lower_right]])
    problem = cp.Problem(cp.Maximize(cp.trace(C)), [0.5 * (block + block.H) >> 0])
    least, tolerance = solved(problem)
    value = float(product_cost(p, R)) - least
    assert abs(value - float(gaussian_cost(p, R, hbar).centre)) < tolerance * max(1.0, value)


def test_limits_of_pure_states_and_points():
    hbar, G = 0.2, jw.Gaussian([0.3, 0.1], [[0.4, 0.1], [0.1, 0.3]])
    pure = jw.Gaussian([0.0, 0.0], np.diag([0.05, 0.2]))
    point = jw.Gaussian([0.3, 0.1], np.zeros((2, 2)))
    for p, R in ((G, pure), (point, G)):
        bracket, expected = gaussian_cost(p, R, hbar), float(product_cost(p, R))
        assert float(bracket.lower) - 1e-12 <= expected <= float(bracket.upper) + 1e-12
        assert float(bracket.width) < 1e-5


def test_invariance_under_rotations_and_shifts():
    hbar = 0.3
    p, R = random_pair(1, hbar, 3)
    angle = 0.7
    U = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    turned = [jw.Gaussian(U @ g.mean + 1.0, U @ g.covariance @ U.T) for g in (p, R)]
    one, other = gaussian_cost(p, R, hbar), gaussian_cost(*turned, hbar)
    assert abs(float(one.centre - other.centre)) < 1e-9


def test_moment_bound_holds_for_other_states():
    rng = np.random.default_rng(5)
    z = rng.normal(size=(2, 30))
    p = jw.Particles(np.full(30, 1 / 30), z[0], 0.5 * z[0] ** 2 + 0.2 * z[1])
    mu = jw.Particles([0.2, 0.5, 0.3], [0.0, 1.0, -0.5], [0.2, 0.0, 0.8])
    R = jw.ToeplitzState(mu, 0.3)
    cost = solve(p, R).cost
    pair = eqx.filter_jit(lambda p, R: (moments(p), quantum_moments(R)))(p, R)
    isotropic, bound = (float(jax.jit(b)(*pair, 0.3)) for b in (isotropic_bound, gelbrich_bound))
    assert 0.15 < isotropic <= bound + 1e-12
    assert bound <= float(cost.lower)


def test_moments_agree_between_representations():
    mu, hbar, grid = jw.Particles([0.4, 0.6], [0.0, 1.0], [0.5, -0.5]), 0.3, jw.Grid(-7.0, 7.5, 96)
    one = quantum_moments(jw.ToeplitzState(mu, hbar))
    other = quantum_moments(jw.toeplitz_state(mu, grid, hbar), grid=grid, hbar=hbar)
    assert np.allclose(one.mean, other.mean, atol=1e-10)
    assert np.allclose(one.covariance, other.covariance, atol=1e-10)
    thermal = quantum_moments(jw.FockState(np.diag([0.5, 0.3, 0.2]), hbar))
    assert np.allclose(thermal.covariance, hbar * (0.7 + 0.5) * np.eye(2))
    cells = jw.PhaseGrid(jw.Grid(0.0, 2.0, 2), jw.Grid(0.0, 1.0, 4))
    uniform = moments(jw.Density(np.full((2, 4), 0.5), cells)).covariance
    assert np.allclose(np.diag(uniform), [4 / 12, 1 / 12])


def test_gradients():
    p, R = random_pair(2, 0.3, 8)
    rng = np.random.default_rng(0)
    D = rng.normal(size=(4, 4))
    D = D + D.T

    def value(s, t, hbar):
        one = jw.Gaussian(p.mean + s, p.covariance + s * D)
        other = jw.Gaussian(R.mean, R.covariance + t * D)
        return gaussian_cost(one, other, hbar).centre

    slopes = jax.jit(jax.grad(value, argnums=(0, 1, 2)))(0.0, 0.0, 0.3)
    h = 1e-5
    for i, slope in enumerate(slopes):
        step = h * np.eye(3)[i]
        ahead, behind = np.array([0, 0, 0.3]) + step, np.array([0, 0, 0.3]) - step
        assert abs(float(slope - (value(*ahead) - value(*behind)) / (2 * h))) < 1e-6


def test_vmap():
    p, R = random_pair(1, 0.4, 2)
    hbars = jnp.array([0.1, 0.4])
    together = jax.jit(jax.vmap(lambda h: gaussian_cost(p, R, h).centre))(hbars)
    assert np.allclose(together, [float(gaussian_cost(p, R, float(h)).centre) for h in hbars])


def test_bad_input():
    good = jw.Gaussian(np.zeros(2), np.eye(2))
    with pytest.raises(ValueError, match="uncertainty"):
        gaussian_cost(good, jw.Gaussian(np.zeros(2), 0.1 * np.eye(2)), 1.0)
    with pytest.raises(ValueError, match="hbar"):
        gaussian_cost(good, good, -0.1)
    with pytest.raises(ValueError, match="dimension"):
        gaussian_cost(good, jw.Gaussian(np.zeros(4), np.eye(4)), 0.1)
    with pytest.raises(ValueError, match="Argument `p`"):
        product_cost(1.0, good)
    with pytest.raises(ValueError, match="even length"):
        jw.Gaussian(np.zeros(3), np.eye(3))


PUBLIC = [small.call(jw.transport.gaussian_cost, p=small.NORMAL, R=small.NORMAL, hbar=0.5)]
