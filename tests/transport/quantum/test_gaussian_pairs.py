"""MK_ħ² of Gaussian pairs: reference values, closed forms, two bounds that meet, invariances, derivatives, pure states."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.quantum import quadratic_marginal
from jaxwigner.theorems.gp.gaussians import singular_vectors
from jaxwigner.theorems.gp.rates import angle
from jaxwigner.transport import gaussian_pair_cost, self_distance
from jaxwigner.transport.solvers.matrices import symplectic

HBAR = 0.3
ONE = np.array([[0.5, 0.1], [0.1, 0.2]]), np.array([[0.3, -0.05], [-0.05, 0.35]])
TWO = (
    np.array(
        [[0.5, 0.1, 0.05, 0], [0.1, 0.4, 0, -0.05], [0.05, 0, 0.3, 0.1], [0, -0.05, 0.1, 0.6]]
    ),
    np.array([[0.3, 0, 0.1, 0], [0, 0.5, 0, 0.05], [0.1, 0, 0.45, -0.1], [0, 0.05, -0.1, 0.35]]),
)


def state(covariance, mean=None):
    covariance = jnp.asarray(covariance, float)
    return jw.Gaussian(jnp.zeros(covariance.shape[0]) if mean is None else mean, covariance)


def cost(S, T, hbar=HBAR):
    return gaussian_pair_cost(state(S), state(T), hbar)


def random_covariance(rng, d, excess):
    """Some covariance with least symplectic eigenvalue ½ħ(1 + excess)."""
    A = rng.normal(size=(2 * d, 2 * d))
    S = A @ A.T / d + 0.1 * np.eye(2 * d)
    least = np.min(abs(np.linalg.eigvals(1j * symplectic(2 * d) @ S)))
    return S * 0.5 * HBAR * (1 + excess) / least


def test_reference_values():
    R, S = state(ONE[0], [0.4, -0.2]), state(ONE[1])
    assert abs(float(gaussian_pair_cost(R, S, HBAR).centre) - 0.44120566823818) < 2e-14
    quartic = cost(np.diag([0.5, 0.06]), np.diag([0.2, 0.7]))
    assert abs(float(quartic.centre) - 0.576538071049) < 1e-12
    assert abs(float(cost(*[np.diag([0.9, 0.05])] * 2).centre) - 0.348959235991) < 1e-12
    for sides, value in ((TWO, 0.69548760653410), (TWO[::-1], 0.69548760653410)):
        bracket = cost(*sides)
        assert bracket.lower - 1e-14 <= value <= bracket.upper + 1e-14
        assert float(bracket.width) < 1e-10


def test_equality_case_of_the_growth_bound():
    """V = −½Lx² and a pure state squeezed along v: MK² at both times, and δcosh(θ_L + arccosh) between them."""
    v, w = np.asarray(singular_vectors(1.0, 1.0))
    S = 0.5 * HBAR * (np.exp(0.4) * np.outer(v, v) + np.exp(-0.4) * np.outer(w, w))
    start, end = state(S), quadratic_marginal(state(S), -1.0, jnp.inf, 1.0)
    values = [float(gaussian_pair_cost(R, R, HBAR).centre) for R in (start, end)]
    assert np.allclose(values, [0.324321711552, 1.667084150090], rtol=0, atol=1e-11)
    bound = HBAR * np.cosh(float(angle(1.0, 1.0)) + np.arccosh(values[0] / HBAR))
    assert abs(values[1] - bound) < 1e-12
    assert abs(float(self_distance(end, HBAR).centre) - values[1]) < 1e-13


@pytest.mark.parametrize(
    "N, one, all_of_them",
    [(2, 0.32010330749, 0.33614444546), (100, 0.30001092165, 0.30072288891)],
)
def test_bodies_against_their_limit(N, one, all_of_them):
    R = state(np.diag([0.4, 0.25]))
    limit, bodies, free = (
        quadratic_marginal(R, k, n, 0.8) for k, n in ((1.0, jnp.inf), (1.0, N), (0.0, jnp.inf))
    )
    assert abs(float(gaussian_pair_cost(limit, bodies, HBAR).centre) - one) < 1e-11
    modes = gaussian_pair_cost(limit, free, HBAR) * (1 / N) + self_distance(limit, HBAR) * (
        1 - 1 / N
    )
    assert abs(float(modes.centre) - all_of_them) < 1e-11


@pytest.mark.parametrize("d", [1, 2])
@pytest.mark.parametrize("s, t", [(0.3, 0.2), (0.15, 0.7), (2.0, 2.0)])
def test_isotropic_formula(d, s, t):
    expected = d * (HBAR + (np.sqrt(s - HBAR / 2) - np.sqrt(t - HBAR / 2)) ** 2)
    bracket = cost(s * np.eye(2 * d), t * np.eye(2 * d))
    assert abs(float(bracket.centre) - expected) < 1e-10
    assert float(bracket.width) < 1e-9


def test_closed_form_against_the_program():
    """d = 2 with a vacuum beside the pair: the program for four coordinates knows nothing of the closed form."""
    rng = np.random.default_rng(3)
    for excess in (1e-6, 1e-2, 1.0, 30.0):
        S, T = (random_covariance(rng, 1, excess * x) for x in (1.0, 0.2))
        line = float(cost(S, T).centre)
        beside = [np.diag([0.0, s, 0.0, s]) for s in (0.3, 0.25)]
        for wide, narrow in zip(beside, (S, T)):
            wide[np.ix_([0, 2], [0, 2])] = narrow
        other = HBAR + (np.sqrt(0.15) - np.sqrt(0.1)) ** 2
        bracket = cost(*beside)
        assert bracket.lower - 1e-12 <= line + other <= bracket.upper + 1e-12
        assert float(bracket.width) < 1e-8 * line


@pytest.mark.parametrize("d", [2, pytest.param(3, marks=pytest.mark.slow)])
def test_both_bounds_meet(d):
    rng = np.random.default_rng(d)
    for excess in (1.0, 1e-3, 1e-6):
        bracket = cost(random_covariance(rng, d, excess), random_covariance(rng, d, excess))
        assert float(bracket.width) < 1e-9 * float(bracket.upper)


def test_the_sign_of_the_second_uncertainty_relation():
    """With J ⊕ (−J) the value of two squeezed states is lower: both signs are +."""
    S, T = np.diag([0.9, 0.06]), np.diag([0.05, 0.8])
    right = float(cost(S, T).centre)
    product = 0.5 * np.trace(S + T)
    n = np.linspace(0.05, 20, 4000)
    gain = np.min(np.sqrt((n * S[0, 0] + S[1, 1] / n - HBAR) * (T[0, 0] / n + n * T[1, 1] - HBAR)))
    assert abs(right - (product - gain)) < 1e-5


def test_pure_states():
    """The product formula, whatever the other state is, and modes that are pure beside others that are not."""
    squeezed, thermal = 0.5 * HBAR * np.diag([3.0, 1 / 3.0]), np.diag([0.4, 0.3])
    for S, T in ((squeezed, thermal), (thermal, squeezed), (squeezed, squeezed[::-1, ::-1])):
        bracket = cost(S, T)
        assert abs(float(bracket.centre) - 0.5 * np.trace(S + T)) < 1e-13
        assert float(bracket.width) < 1e-12
    order = np.ix_([0, 2, 1, 3], [0, 2, 1, 3])
    pair = lambda A, B: np.block([[A, np.zeros((2, 2))], [np.zeros((2, 2)), B]])[order]  # noqa: E731
    bracket = cost(pair(squeezed, 0.4 * np.eye(2)), pair(thermal, 0.3 * np.eye(2)))
    expected = 0.5 * np.trace(squeezed + thermal) + HBAR + (np.sqrt(0.25) - np.sqrt(0.15)) ** 2
    assert abs(float(bracket.centre) - expected) < 1e-12 and float(bracket.width) < 1e-12


def test_near_to_pure_the_width_says_what_rounding_does():
    """½ħ(1 + 1e-13): √ of the rounding error of det S."""
    near = 0.5 * HBAR * (1 + 1e-13) * np.diag([3.0, 1 / 3.0])
    bracket = cost(near, np.diag([0.4, 0.3]))
    assert 1e-10 < float(bracket.width) < 1e-8
    assert float(bracket.upper) <= 0.5 * np.trace(near) + 0.35 + 1e-12


def test_self_distance_is_the_cost_to_itself():
    rng = np.random.default_rng(7)
    for excess in (0.0, 1e-3, 1.0, 20.0):
        S = random_covariance(rng, 1, excess)
        one, other = self_distance(state(S), HBAR), cost(S, S)
        assert abs(float(one.centre - other.centre)) < 1e-12 * np.trace(S)
        assert float(one.lower) >= HBAR - 1e-12 * np.trace(S)
    two = self_distance(state(TWO[0]), HBAR)
    assert abs(float(two.centre - cost(TWO[0], TWO[0]).centre)) < 1e-12


def test_swap_shift_and_rotation():
    rng = np.random.default_rng(11)
    S, T = random_covariance(rng, 1, 0.1), random_covariance(rng, 1, 2.0)
    c, s = np.cos(0.7), np.sin(0.7)
    U, a = np.array([[c, s], [-s, c]]), np.array([3.0, -1.0])
    base = gaussian_pair_cost(state(S, [0.1, 0.2]), state(T), HBAR).centre
    turned = gaussian_pair_cost(
        state(U @ S @ U.T, U @ np.array([0.1, 0.2]) + a), state(U @ T @ U.T, a), HBAR
    )
    assert abs(float(base - turned.centre)) < 1e-13
    assert (
        abs(float(base - gaussian_pair_cost(state(T), state(S, [0.1, 0.2]), HBAR).centre)) < 1e-14
    )


@pytest.mark.parametrize(
    "sides, step, most", [(ONE, 1e-5, 1e-8), pytest.param(TWO, 1e-4, 1e-6, marks=pytest.mark.slow)]
)
def test_derivatives(sides, step, most):
    """In covariances, ħ and means, against central differences, through `jit`."""
    rng = np.random.default_rng(5)
    m = sides[0].shape[0]
    E = rng.normal(size=(m, m))
    E, a = E + E.T, rng.normal(size=m)

    @jax.jit
    def value(t, hbar):
        R = jw.Gaussian(t * a + 0.1, sides[0] + t * E)
        return gaussian_pair_cost(R, state(sides[1] - 0.3 * t * E), hbar).centre

    along = jax.jit(jax.grad(value, (0, 1)))(0.0, HBAR)
    t = (value(step, HBAR) - value(-step, HBAR)) / (2 * step)
    h = (value(0.0, HBAR + step) - value(0.0, HBAR - step)) / (2 * step)
    assert abs(float(along[0] - t)) < most and abs(float(along[1] - h)) < most


def test_derivative_of_the_self_distance_and_of_pure_states():
    squeezed = jnp.diag(jnp.array([0.9, 0.05]))
    value = jax.jit(lambda t, h: self_distance(state(squeezed + t * jnp.eye(2)), h).centre)
    found = jax.jit(jax.grad(value, (0, 1)))(0.0, HBAR)
    for k, move in enumerate((jnp.array([1e-5, 0.0]), jnp.array([0.0, 1e-5]))):
        quotient = (value(move[0], HBAR + move[1]) - value(-move[0], HBAR - move[1])) / 2e-5
        assert abs(float(found[k] - quotient)) < 2e-6
    pure = 0.5 * HBAR * jnp.diag(jnp.array([2.0, 0.5]))
    cost_at = lambda a: gaussian_pair_cost(state(pure, a), state(ONE[0]), HBAR).centre  # noqa: E731
    slope = jax.jit(jax.grad(cost_at))
    assert np.allclose(slope(jnp.array([0.4, -0.2])), [0.4, -0.2], atol=1e-13)


@pytest.mark.slow
def test_batches():
    scales = jnp.array([1.0, 1.7, 4.0])
    costs = jax.vmap(lambda k: cost(k * TWO[0], TWO[1]).centre)(scales)
    alone = [float(cost(float(k) * TWO[0], TWO[1]).centre) for k in scales]
    assert np.allclose(costs, alone, rtol=1e-10)


def test_what_is_refused():
    with pytest.raises(ValueError, match="`S` must satisfy the uncertainty relation"):
        cost(ONE[0], 0.1 * np.eye(2))
    with pytest.raises(ValueError, match="`R` must satisfy the uncertainty relation"):
        cost(0.1 * np.eye(2), ONE[0])
    with pytest.raises(ValueError, match=r"`S` must have the dimension of R \(1\), but is 2"):
        cost(ONE[0], TWO[0])
    with pytest.raises(ValueError, match="`hbar` must be positive"):
        cost(*ONE, hbar=-0.1)


def test_what_rounding_leaves_unknown_is_no_pure_state():
    """det S = 1.2e-5 from entries of 1e5: the product formula would give 211189, where the state could be anything."""
    S = np.array([[55793.62141633, 93430.75769361], [93430.75769361, 156457.06913454]])
    T = np.array([[55235.69280315, 92496.45011722], [92496.45011722, 154892.49844334]])
    R, other = (jw.Gaussian([0.0, 0.0], one) for one in (S, T))
    cost = gaussian_pair_cost(R, other, 2.718427635479349e-05)
    assert float(cost.lower) < 13000.0 and float(cost.upper) >= 1e-5
    alone = self_distance(R, 2.718427635479349e-05)
    assert float(alone.lower) < 1.0 and float(alone.upper) >= 211000.0
