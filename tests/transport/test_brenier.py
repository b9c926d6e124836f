"""Between Gaussians: plan and potentials prove the cost, also where covariances are singular."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw

DEGENERATE = np.diag([2.0, 0.0, 0.5, 0.0])
COVARIANCES = {
    "full": np.array([[2.0, 0.3, 0, 0.1], [0.3, 1.0, 0.2, 0], [0, 0.2, 0.5, 0], [0.1, 0, 0, 3.0]]),
    "round": np.eye(4),
    "flat": DEGENERATE,
    "flat, another way": np.kron(np.array([[1.0, 1.0], [1.0, 1.0]]), np.diag([1.0, 0.25])),
    "point": np.zeros((4, 4)),
}
one_program = jax.jit(lambda p, q: jw.monge_kantorovich(p, q, plan=True))


def gaussian(kind, mean):
    return jw.Gaussian(jnp.asarray(mean, float), COVARIANCES[kind])


def drawn(gaussian, normal):
    values, vectors = np.linalg.eigh(gaussian.covariance)
    return np.asarray(gaussian.mean) + normal @ (vectors * np.sqrt(np.maximum(values, 0.0))).T


def expected(potential, gaussian):
    """∫φ dp, of the fourth-order rule of ±√m σ along the axes, exact for quadratic functions."""
    m = gaussian.mean.shape[0]
    axes = np.sqrt(m) * np.concatenate([np.eye(m), -np.eye(m)])
    return float(jnp.mean(potential(jnp.asarray(drawn(gaussian, axes)))))


@pytest.mark.parametrize("first", COVARIANCES)
@pytest.mark.parametrize("second", COVARIANCES)
def test_both_sides_prove_the_cost(first, second):
    p, q = gaussian(first, [1.0, -2.0, 0.5, 0.0]), gaussian(second, [0.0, 1.0, 1.0, -1.0])
    result = one_program(p, q)
    phi, psi = result.potentials
    size = 1e-7 if "flat" in first + second else 1e-12
    assert abs(expected(phi, p) + expected(psi, q) - result.cost.centre) < size
    z, other = (
        drawn(g, np.random.default_rng(i).normal(size=(50, 4))) for i, g in enumerate((p, q))
    )
    gaps = 0.5 * np.sum((z[:, None] - other[None]) ** 2, 2) - phi(z)[:, None] - psi(other)[None]
    assert gaps.min() > -size
    joint = result.plan.covariance
    assert np.linalg.eigvalsh(joint)[0] > -size
    of_plan = 0.5 * (np.sum((p.mean - q.mean) ** 2) + np.trace(joint)) - np.trace(joint[:4, 4:])
    assert abs(of_plan - result.cost.centre) < size
    assert np.array_equal(result.plan.mean, np.concatenate([p.mean, q.mean]))


def test_the_map_of_brenier():
    """T = z − ∇φ, and the way back, T' = z' − ∇ψ; both potentials touch the cost along it, moved to 1e3 too."""
    p, q = gaussian("full", [1.0, -2.0, 0.5, 1e3]), gaussian("round", [0.0, 1.0, 1.0, -1.0])
    phi, psi = one_program(p, q).potentials
    z = jnp.asarray(drawn(p, np.random.default_rng(0).normal(size=(5, 4))))
    image = z - jax.vmap(jax.grad(phi))(z)
    assert np.allclose(image - jax.vmap(jax.grad(psi))(image), z, atol=1e-11)
    assert np.allclose(phi(z) + psi(image), 0.5 * jnp.sum((z - image) ** 2, 1), atol=1e-9)
    A = phi.curvature
    assert np.allclose(A @ p.covariance @ A, q.covariance, atol=1e-12)


def test_derivatives_of_plan_and_potential_at_equal_eigenvalues():
    def seen(s):
        p = jw.Gaussian(jnp.zeros(4), (1.0 + s) * jnp.eye(4))
        result = jw.monge_kantorovich(p, gaussian("round", np.zeros(4)), plan=True)
        return result.potentials[0](jnp.ones(4)) + result.plan.covariance[0, 4]

    # ½·4(1 − (1+s)^−½) + (1+s)^½
    assert float(jax.grad(seen)(0.0)) == pytest.approx(1.0 + 0.5, abs=1e-12)
