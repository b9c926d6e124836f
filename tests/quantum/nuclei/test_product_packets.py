"""Product packets: closed forms against quadrature, sampling and SciPy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from nuclei import MOMENTA, PLACES, pairs, product
from scipy import integrate, special

from jaxwigner.quantum import product_packets as packets_of
from jaxwigner.quantum.nuclei.product_packets import ProductPackets


@pytest.mark.parametrize("distance", [0.0, 0.3, 2.0, 8.0, 40.0])
def test_one_gap_in_closed_form(distance):
    """E[1/|X|], E[1/|X|²] and P(|X| < r) by quadrature over the density of the distance."""
    s = 0.7
    gap = jnp.array([0.0, 0.6, 0.8]) * distance

    def density(r):
        scaled = r * distance / s**2
        both = 1.0 if scaled < 1e-8 else -np.expm1(-2 * scaled) / (2 * scaled)
        size = np.exp(-((r - distance) ** 2) / (2 * s**2)) * both
        return np.sqrt(2 / np.pi) * r**2 / s**3 * size

    def mean(f, top=distance + 12 * s):
        lowest = max(0.0, distance - 12 * s)
        points = [distance] if lowest < distance < top else None
        return integrate.quad(lambda r: f(r) * density(r), lowest, top, points=points, epsabs=0)[0]

    got = packets_of.inverse_distance(gap, s**2), packets_of.inverse_square(gap, s**2)
    np.testing.assert_allclose(got, [mean(lambda r: 1 / r), mean(lambda r: r**-2)], rtol=1e-9)
    for radius in (0.2, distance + 0.5):
        mass = packets_of.inner_mass(gap, s**2, radius)
        np.testing.assert_allclose(
            mass, mean(lambda r: 1.0, radius) if radius > distance - 8 else 0, atol=1e-12
        )


def test_two_gaps_by_quadrature():
    """E[1/|X||Y|] for concentric gaps is (2/π)arcsin(ϱ)/ϱσ₁σ₂; for independent ones a product; for equal ones E[1/|X|²]."""
    zero, a, b = jnp.zeros(3), jnp.array([0.3, 0.0, 1.1]), jnp.array([-0.4, 0.2, 0.5])
    for r in (0.2, -0.5, 0.9):
        value = packets_of.inverse_product((zero, zero), (0.8, 1.5), r * np.sqrt(1.2))
        np.testing.assert_allclose(value, 2 / np.pi * np.arcsin(r) / r / np.sqrt(1.2), rtol=1e-9)
    value = packets_of.inverse_product((a, b), (0.2, 0.3), 0.0)
    apart = packets_of.inverse_distance(a, 0.2) * packets_of.inverse_distance(b, 0.3)
    np.testing.assert_allclose(value, apart, rtol=1e-12)
    nearly = packets_of.inverse_product((a, a), (0.2, 0.2), 0.2 * (1 - 1e-3), nodes=200)
    np.testing.assert_allclose(nearly, packets_of.inverse_square(a, 0.2), rtol=1e-2)
    slopes = jax.grad(lambda c: packets_of.inverse_product((a, b), (0.2, 0.3), c))(0.1)
    near = [packets_of.inverse_product((a, b), (0.2, 0.3), 0.1 + h) for h in (-1e-4, 1e-4)]
    np.testing.assert_allclose(slopes, (near[1] - near[0]) / 2e-4, rtol=1e-6)


@pytest.mark.parametrize("nuclei", [3, 4])
def test_closed_forms_against_sampling(nuclei):
    """Plain Monte Carlo, independent of the code: within five standard errors; pairs without a common nucleus occur for M = 4."""
    packets, C = product(nuclei), pairs(nuclei)
    rng = np.random.default_rng(5)
    count = 200_000
    R = PLACES[:nuclei] + np.sqrt(0.05) * rng.normal(size=(count, nuclei, 3))
    first, second = np.triu_indices(nuclei, 1)
    r = np.linalg.norm(R[:, first] - R[:, second], axis=2)
    U = (C / r).sum(1)
    psi_gradient = (R - PLACES[:nuclei]) / 0.1 - 1j * MOMENTA[:nuclei] / 0.1
    gradient = 0.01 * np.sum(np.abs(psi_gradient) ** 2, axis=(1, 2))

    def close(value, samples):
        error = samples.std() / np.sqrt(count)
        assert abs(float(value) - samples.mean()) < 5 * error, (value, samples.mean(), error)

    cross, origin = packets_of.cross_term(packets, C), packets_of.origin_term(packets, C)
    close(packets_of.energies(packets, C)[1], U)
    close(packets_of.coulomb_square(packets, C), U**2)
    close(cross - origin, gradient * U)
    close(packets_of.energies(packets, C)[0], gradient / 2)
    assert origin > 0.01


@pytest.mark.parametrize("nuclei", [3, 4])
def test_concentric_packets_in_closed_form(nuclei):
    """s²‖U_sΨ‖² = ΣC_p² + 2ΣC_pC_q·(2/π)arcsin(ϱ)/ϱ: ⅔ for pairs with a common nucleus, 2/π for others."""
    packets = ProductPackets(0 * PLACES[:nuclei], MOMENTA[:nuclei], 0.3, 0.0)
    C, ends = pairs(nuclei), list(zip(*np.triu_indices(nuclei, 1)))
    exact = sum(
        C[p] * C[q] * (1.0 if p == q else 2 / 3 if set(ends[p]) & set(ends[q]) else 2 / np.pi)
        for p in range(len(C))
        for q in range(len(C))
    )
    np.testing.assert_allclose(packets_of.coulomb_square(packets, C), exact, rtol=1e-12)


def test_bounds_are_differentiable_and_batched():
    """d‖U_sΨ‖²/dq against central differences; several ħ at once."""
    C = pairs(3)

    def square(places, hbar):
        return packets_of.coulomb_square(ProductPackets(places, MOMENTA[:3], hbar), C)

    step = np.zeros((3, 3))
    step[1, 2] = 1e-5
    slope = jax.jit(jax.grad(square))(jnp.asarray(PLACES[:3]), 0.1)[1, 2]
    square = jax.jit(square)
    ends = [float(square(jnp.asarray(PLACES[:3] + s * step), 0.1)) for s in (-1, 1)]
    np.testing.assert_allclose(slope, (ends[1] - ends[0]) / 2e-5, rtol=1e-6)
    hbars = jnp.array([0.1, 0.03])
    many = jax.vmap(lambda h: square(jnp.asarray(PLACES[:3]), h))(hbars)
    np.testing.assert_allclose(many, [square(jnp.asarray(PLACES[:3]), h) for h in (0.1, 0.03)])


def test_dawson_far_and_near_agree_with_scipy():
    x = np.array([1e-3, 0.5, 3.0, 6.9, 7.1, 30.0])
    gaps = jnp.asarray(np.stack([0 * x, 0 * x, np.sqrt(2) * x], axis=1))
    np.testing.assert_allclose(
        packets_of.inverse_square(gaps, 1.0), special.dawsn(x) / x, rtol=2e-13
    )
