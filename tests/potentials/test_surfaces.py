"""Matrix potentials against closed forms; e^{−iG} and its derivatives where levels meet; what is refused."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.linalg
import small

from jaxwigner import Grid
from jaxwigner import potentials as pot
from jaxwigner.potentials.surfaces import algebra
from jaxwigner.potentials.surfaces.matrix import as_matrix_potential, check_on

PUBLIC = [
    small.call(pot.DeltaGap, delta=0.2),
    small.call(pot.Crossing, slope=1.0),
    small.call(pot.JahnTeller, {"stiffness": "positive"}, slope=1.0, stiffness=1.0),
    small.call(
        pot.VibronicCoupling,
        frequencies=[0.5, 0.7],
        energies=[0.0, 1.0],
        couplings=np.zeros((2, 2, 2)),
    ),
]


def matrices(n):
    """Random symmetric ones, the first a multiple of 1, the second close to 0, the third with two equal levels."""
    rng = np.random.default_rng(n)
    A = rng.normal(size=(6, n, n))
    A = 3 * (A + A.swapaxes(1, 2))
    A[0], A[1] = 0.7 * np.eye(n), 1e-6 * A[1]
    Q = np.linalg.qr(A[2])[0]
    A[2] = Q @ np.diag([1.3, 1.3, -0.4][:n]) @ Q.T
    B = rng.normal(size=(6, n, n))
    return A, B + B.swapaxes(1, 2)


def exponential(G, n):
    """e^{−iG}, in closed form or by levels."""
    if n == "two":
        return algebra.exponential_of_two(G)
    return algebra.exponential(G, *algebra.decomposed(jax.lax.stop_gradient(G)))


@pytest.mark.parametrize("n", ["two", 2, 3])
def test_exponentials_and_derivatives_where_levels_meet(n):
    A, dA = matrices(2 if n == "two" else n)
    G, dG = (algebra.packed(jnp.asarray(one)) for one in (A, dA))
    found, slope = jax.jvp(lambda G: exponential(G, n), (G,), (dG,))
    exact = [scipy.linalg.expm_frechet(-1j * a, -1j * da) for a, da in zip(A, dA)]
    np.testing.assert_allclose(algebra.unpacked(found), [one for one, _ in exact], atol=4e-15)
    np.testing.assert_allclose(algebra.unpacked(slope), [one for _, one in exact], atol=2e-14)


def test_second_derivatives_of_the_closed_form_where_levels_meet():
    """e^{−iτ(B + tC)} at B = 0: its second derivative in t is −C²; at a gap it is that of finite differences."""
    C, B = jnp.array([0.3, -0.8, 0.5]), jnp.array([0.9, 0.4, -0.2])

    def second(base):
        U = lambda t: algebra.exponential_of_two((base + t * C)[:, None])[:, 0]  # noqa: E731
        h = 1e-3
        exact = (U(h) - 2 * U(0.0) + U(-h)) / h**2
        return jax.jacfwd(jax.jacfwd(U))(0.0), exact

    at_zero, _ = second(jnp.zeros(3))
    full = algebra.unpacked(C[:, None])[0]
    np.testing.assert_allclose(
        algebra.unpacked(at_zero[:, None])[0], -(full @ full) + 0j, atol=1e-14
    )
    for base in (B, 0.9 * B / jnp.sqrt((0.55) ** 2 + 0.4**2)):
        np.testing.assert_allclose(*second(base), atol=1e-6)


def test_packed_and_unpacked():
    A, _ = matrices(3)
    G, psi = algebra.packed(jnp.asarray(A)), np.arange(18.0).reshape(3, 6)
    np.testing.assert_allclose(algebra.unpacked(G), A, atol=1e-15)
    np.testing.assert_allclose(algebra.applied(G, psi), np.einsum("kab,bk->ak", A, psi), atol=1e-12)


# Models


def tully(model, x):
    up = np.sign(x) * 0.01 * (1 - np.exp(-1.6 * abs(x)))
    if model == 1:
        return np.array([[up, 0.005 * np.exp(-(x**2))], [0.005 * np.exp(-(x**2)), -up]])
    if model == 2:
        c = 0.015 * np.exp(-0.06 * x**2)
        return np.array([[0 * x, c], [c, 0.05 - 0.1 * np.exp(-0.28 * x**2)]])
    c = np.where(x < 0, 0.1 * np.exp(0.9 * x), 0.1 * (2 - np.exp(-0.9 * x)))
    return np.array([[6e-4 + 0 * x, c], [c, -6e-4 + 0 * x]])


X = np.array([-2.3, -0.4, 0.0, 0.7, 3.1])
FORMULAS = {
    "tully 1": (pot.Tully(1), lambda x: tully(1, x)),
    "tully 2": (pot.Tully(2), lambda x: tully(2, x)),
    "tully 3": (pot.Tully(3), lambda x: tully(3, x)),
    "delta gap": (
        pot.DeltaGap(0.2),
        lambda x: np.array([[np.tanh(x) / 2, 0.2 + 0 * x], [0.2 + 0 * x, -np.tanh(x) / 2]]),
    ),
    "function": (
        pot.MatrixFunction(lambda x: [[x**2, 0.1], [0.1, jnp.sin(x)]], 2),
        lambda x: np.array([[x**2, 0.1 + 0 * x], [0.1 + 0 * x, np.sin(x)]]),
    ),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_models_of_one_coordinate(name):
    potential, formula = FORMULAS[name]
    V = potential(X)
    np.testing.assert_allclose(V, np.moveaxis(formula(X), -1, 0), atol=1e-15)
    # The slopes of the first model at 0 are those of both sides.
    h = 1e-6
    (slope,) = potential.gradient(X)
    exact = np.moveaxis(formula(X + h) - formula(X - h), -1, 0) / (2 * h)
    np.testing.assert_allclose(slope, exact, atol=6e-8)
    levels, Q = potential.levels(X), potential.vectors(X)
    np.testing.assert_allclose(levels, np.linalg.eigvalsh(V), atol=1e-15)
    np.testing.assert_allclose(np.einsum("kaj,kj,kbj->kab", Q, levels, Q), V, atol=1e-15)
    np.testing.assert_allclose(np.einsum("kaj,kal->kjl", Q, Q), [np.eye(2)] * 5, atol=1e-15)


def test_three_levels_in_a_row():
    V = pot.SuperExchange()(np.array([0.0, 1.2]))
    bell = np.exp(-0.5 * 1.2**2)
    exact = [[0, 0.001 * bell, 0], [0.001 * bell, 0.01, 0.01 * bell], [0, 0.01 * bell, 0.005]]
    np.testing.assert_allclose(V[1], exact, atol=1e-17)
    levels = pot.SuperExchange().levels(1.2)
    np.testing.assert_allclose(levels, np.linalg.eigvalsh(exact), atol=1e-16)


def test_cones():
    x, y = np.array([1.1, -0.3, 0.0]), np.array([0.2, -0.9, 0.0])
    r = np.hypot(x, y)
    cone, trough = pot.Crossing(1.4), pot.JahnTeller(1.4, 0.8)
    np.testing.assert_allclose(cone.levels(x, y), np.stack([-1.4 * r, 1.4 * r], -1), atol=1e-15)
    bowl = 0.4 * r**2
    np.testing.assert_allclose(
        trough.levels(x, y), np.stack([bowl - 1.4 * r, bowl + 1.4 * r], -1), atol=1e-15
    )
    # |⟨χ_−|∇χ_+⟩| = 1/2r, and no number at the tip; levels have the slope of their mean there.
    size = np.hypot(*(d[..., 0, 1] for d in trough.couplings(x, y)))
    np.testing.assert_allclose(size[:2], 0.5 / r[:2], atol=1e-14)
    assert size[2] == np.inf
    slopes = jax.jacfwd(lambda q: trough.levels(q[0], q[1]))(jnp.zeros(2))
    np.testing.assert_array_equal(slopes, np.zeros((2, 2)))


def test_vibronic_coupling():
    c = np.array([[[0.1, 0.0], [0.0, -0.2]], [[0.0, 0.3], [0.3, 0.0]]])
    V = pot.VibronicCoupling([0.5, 0.7], [1.0, 2.0], c)
    x, y = 0.4, -1.1
    exact = np.diag([1.0, 2.0]) + x * c[0] + y * c[1] + np.eye(2) * 0.5 * (0.5 * x**2 + 0.7 * y**2)
    np.testing.assert_allclose(V(x, y), exact, atol=1e-15)
    np.testing.assert_allclose(V.masses, [2.0, 1 / 0.7], rtol=1e-15)
    two, three = (pot.VibronicCoupling.pyrazine(n) for n in (2, 3))
    assert (two.dimension, three.dimension) == (2, 3)
    np.testing.assert_allclose(three(0.0, x, y), two(x, y), atol=1e-16)
    # The levels of the two-mode model meet at Q6a = −(4.84 − 3.94)/(.149 + .105) on the axis Q10a = 0.
    meet = two.levels(-0.9 / 0.254, 0.0)
    assert abs(meet[1] - meet[0]) < 1e-15


def test_functions_may_close_over_what_is_traced():
    def level(a):
        V = as_matrix_potential(lambda x, y: [[a * x, y], [y, -a * x]], 2)
        return V.levels(2.0, 0.0)[1]

    assert jax.grad(level)(1.5) == pytest.approx(2.0)

    class Own(eqx.Module):
        a: jax.Array

        def __call__(self, x):
            return jnp.array([[self.a * x, 1.0], [1.0, -self.a * x]])

    slope = jax.grad(lambda own: as_matrix_potential(own, 1).levels(0.0)[1])(Own(jnp.array(2.0)))
    assert slope.a == 0.0
    V = as_matrix_potential(Own(jnp.array(2.0)), 1)
    np.testing.assert_allclose(V.levels(1.0), [-(5**0.5), 5**0.5], atol=1e-15)


# What is refused

LINE = Grid(-3.0, 3.0, 32)
REFUSED = {
    "skew": (lambda x: [[x, 0.1], [0.2, -x]], "symmetric matrix everywhere"),
    "not square": (lambda x: [[x, 0.1]], r"n rows of n real numbers .* of shape \(1, 2\)"),
    "a number": (lambda x: x**2, "n rows of n"),
    "complex": (lambda x: jnp.array([[x, 1j], [-1j, x]]), "complex"),
    "infinite": (lambda x: [[1 / (x - x), 0.0], [0.0, x]], "finite"),
    "two coordinates": (lambda x, y: [[x, y], [y, x]], "1 coordinate"),
    "scalar": (pot.Harmonic(1.0), "a matrix potential"),
    "cone": (pot.Crossing(), "matrix potential of 1 coordinate"),
    "time": (lambda x, t: [[x, t], [t, x]], "static"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_matrices(name):
    potential, words = REFUSED[name]
    with pytest.raises(ValueError, match=f"Argument `potential` must .*{words}"):
        check_on(as_matrix_potential(potential, 1), LINE)


def test_rings_and_constants():
    ring = Grid(0.0, 2 * np.pi, 32, periodic=True)
    turning = as_matrix_potential(lambda x: [[jnp.cos(x), 0.1], [0.1, -jnp.cos(x)]], 1)
    check_on(turning, ring)
    with pytest.raises(ValueError, match="period of the ring"):
        check_on(pot.DeltaGap(0.1), ring)
    with pytest.raises(ValueError, match="Argument `model` must be 1, 2 or 3, but is 4"):
        pot.Tully(4)
    with pytest.raises(ValueError, match="Argument `E` must be one of A, B, C, D of model 1"):
        pot.Tully(1, E=0.1)
    skew = [[[0.0, 1.0], [0.0, 0.0]]]
    with pytest.raises(ValueError, match="Argument `couplings` must be symmetric"):
        pot.VibronicCoupling([1.0], [0.0, 1.0], skew)
    assert pot.Tully(1, C=0.02)(0.0)[0, 1] == 0.02
