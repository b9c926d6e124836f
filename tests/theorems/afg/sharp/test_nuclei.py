"""The Coulomb force on two and three nuclei by two ways, and against one-dimensional quadrature."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.theorems import coulomb_bodies
from jaxwigner.theorems.afg.sharp import nuclei

POINTS = coulomb_bodies.normal_points(9, 2**9)
CHARGES = np.array([[0, 0.5, 0.8], [0.5, 0, 0.3], [0.8, 0.3, 0]])


@jax.jit
def measured(hbar):
    packets = jw.quantum.ProductPackets(np.eye(3), np.zeros((3, 3)), hbar)
    seen = coulomb_bodies.measure(packets, CHARGES, points=POINTS)
    return nuclei.force_by_differentiation(seen, POINTS), nuclei.force_on_a_test(
        seen, np.eye(3) - 1 / 3, 0.5, POINTS
    )


def test_three_nuclei():
    gradient, test = measured(0.004)
    assert gradient.verdict == test.verdict == "holds"
    # ħ → 0: e·∇U_s at the centre of the packets, times y₀.
    e = np.eye(3) - 1 / 3
    pairs = np.array([0.5, 0.8, 0.3])
    slope = np.asarray(jax.grad(nuclei.coulomb_energy)(jnp.eye(3), jnp.asarray(pairs)))
    exact = 0.5 * abs(np.sum(e * slope)) / np.linalg.norm(e)
    np.testing.assert_allclose(test.lhs.centre, exact, rtol=0.02)


def test_energy_of_a_configuration():
    R = np.array([[0.0, 0, 0], [3.0, 0, 0], [0, 4.0, 0]])
    energy = nuclei.coulomb_energy(jnp.asarray(R), jnp.array([1.0, 2.0, 5.0]))
    np.testing.assert_allclose(energy, 1 / 3 + 2 / 4 + 5 / 5, rtol=1e-14)


def test_bad_arguments_are_refused():
    seen = coulomb_bodies.measure(
        jw.quantum.ProductPackets(np.eye(3), np.zeros((3, 3)), 0.1), CHARGES, points=POINTS
    )
    with pytest.raises(ValueError, match="`direction`"):
        nuclei.force_on_a_test(seen, np.eye(3)[:2], 1.0, POINTS)
    with pytest.raises(ValueError, match="`frequency` must be positive"):
        nuclei.force_on_a_test(seen, np.eye(3), 0.0, POINTS)
