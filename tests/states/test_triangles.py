"""Jacobi's coordinates of three bodies: there and back, energies and angular momentum, for three different masses."""

import jax.numpy as jnp
import numpy as np
import pytest

from jaxwigner.states.triangles import Triangles, breathing, jacobi, plane_bodies, shapes

MASSES = np.array([1.0, 2.5, 0.7])
RANDOM = np.random.default_rng(3)
SHAPE = Triangles(
    *(RANDOM.uniform(low, 1.7, 20) for low in (0.5, 0.6)), RANDOM.uniform(-0.9, 0.9, 20)
)
MOMENTUM = Triangles(*RANDOM.normal(size=(3, 20)))


def bodies(masses=MASSES):
    Q, P = plane_bodies(SHAPE, MOMENTUM, masses)
    return np.asarray(Q).reshape(-1, 3, 3), np.asarray(P).reshape(-1, 3, 3)


def test_there_and_back():
    Q, _ = plane_bodies(SHAPE, MOMENTUM, MASSES)
    np.testing.assert_allclose(shapes(Q, MASSES), SHAPE, rtol=1e-13)


def test_nothing_turns_or_drifts():
    Q, P = bodies()
    for total in (P.sum(1), MASSES @ Q, np.cross(Q, P).sum(1)):
        np.testing.assert_allclose(total, 0, atol=1e-13)


def test_the_kinetic_energy_is_that_of_the_reduced_motion():
    _, P = bodies()
    heavy, light, _ = jacobi(MASSES)
    R, r, c = SHAPE
    turning = (1 / (heavy * R**2) + 1 / (light * r**2)) * (1 - c**2) * MOMENTUM.cosine**2
    reduced = MOMENTUM.R**2 / (2 * heavy) + MOMENTUM.r**2 / (2 * light) + turning / 2
    np.testing.assert_allclose(
        np.sum(P**2 / (2 * MASSES[:, None]), axis=(1, 2)), reduced, rtol=1e-12
    )


def test_momenta_are_conjugate():
    """Σp·Q′ = P_RR′ + P_rr′ + p_cc′ along any path of shapes: by finite differences."""
    step, path = 1e-6, RANDOM.normal(size=(3, 20)) * 0.1
    ends = (Triangles(*(s + sign * step * d for s, d in zip(SHAPE, path))) for sign in (1, -1))
    ahead, behind = (np.asarray(plane_bodies(one, MOMENTUM, MASSES)[0]) for one in ends)
    speed = ((ahead - behind) / (2 * step)).reshape(-1, 3, 3)
    _, P = bodies()
    np.testing.assert_allclose((P * speed).sum((1, 2)), np.sum(MOMENTUM * path, axis=0), rtol=1e-7)


@pytest.mark.parametrize("masses", [np.ones(3), MASSES])
def test_a_breathing_triangle_keeps_its_angles(masses):
    """All three sides d have d′ = `velocity`."""
    start = breathing(1.7, -0.6, masses)
    alone = (Triangles(*(jnp.atleast_1d(x) for x in part)) for part in start[:2])
    Q, P = (np.asarray(part).reshape(3, 3) for part in plane_bodies(*alone, masses))
    gaps, speeds = Q[[0, 0, 1]] - Q[[1, 2, 2]], P / masses[:, None]
    sides = np.linalg.norm(gaps, axis=1)
    np.testing.assert_allclose(sides, 1.7, rtol=1e-13)
    growth = np.sum(gaps * (speeds[[0, 0, 1]] - speeds[[1, 2, 2]]), axis=1) / sides
    np.testing.assert_allclose(growth, -0.6, rtol=1e-12)


def test_frequencies_are_those_of_breathing_and_bending():
    """A M^−1 has the eigenvalues ω₁, ω₂, ω₂; equal masses at frequency 1 have the diagonal of the reference."""
    start = breathing(3.0, 0.0, 1.0, (0.7, 0.4))
    mass = np.array([2 / 3, 0.5, 2.25])
    found = np.linalg.eigvals(np.asarray(start.matrix) / np.sqrt(np.outer(mass, mass)))
    np.testing.assert_allclose(np.sort(found), [0.4, 0.4, 0.7], rtol=1e-12)
    np.testing.assert_allclose(breathing(3.0).matrix, np.diag(mass), atol=1e-14)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: breathing(-1.0), "`distance` must be positive"),
        (lambda: breathing(1.0, masses=[1.0, 2.0]), "`masses` must be one number or three"),
        (lambda: breathing(1.0, frequencies=1.0), "`frequencies` must be those of"),
        (lambda: shapes(np.zeros((2, 6))), "`positions` must be"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
