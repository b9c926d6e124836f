"""The cut-off of M nuclei."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from nuclei import CHARGES, MOMENTA, PLACES, product

import jaxwigner as jw
from jaxwigner.quantum.nuclei.product_packets import ProductPackets
from jaxwigner.theorems import coulomb_bodies, coulomb_bodies_cutoff


def test_cut_integral_against_the_wigner_function():
    """Q₁ + Q₂ = −∫∫W(∂_t + p·∇)(η_δφ), by sampling W itself, which is a Gaussian."""
    packets = ProductPackets(0.4 * PLACES[:3], MOMENTA[:3], 0.15)
    test = coulomb_bodies_cutoff.BodyTest(0.3 * PLACES[:3], 0.5 * MOMENTA[:3], 1.2, 1.0, 0.4)
    points = coulomb_bodies.normal_points(18, 2**12)
    both = jax.jit(
        lambda points: [
            coulomb_bodies_cutoff.cut_integral(packets, test, 0.6, points, part)
            for part in ("near", "far")
        ]
    )
    sides = both(points)
    total = sides[0] + sides[1]
    z = np.random.default_rng(1).normal(size=(200_000, 2, 3, 3))
    x = jnp.asarray(0.4 * PLACES[:3] + np.sqrt(0.075) * z[:, 0])
    p = jnp.asarray(MOMENTA[:3] + np.sqrt(0.075) * z[:, 1])

    def transported(x, p):
        def phi(x, t):
            a = jnp.exp(-jnp.sum((x - 0.3 * PLACES[:3]) ** 2) / (2 * 1.2**2) + 0.4 * t)
            b = jnp.exp(-jnp.sum((p - 0.5 * MOMENTA[:3]) ** 2) / 2)
            return jw.theorems.coulomb_limit.cut_off(x, 0.6) * a * b

        return -jax.jvp(phi, (x, 0.0), (p, 1.0))[1]

    samples = np.asarray(jax.jit(jax.vmap(transported))(x, p))
    error = 4 * samples.std() / np.sqrt(len(samples)) + 0.5 * float(total.width)
    assert abs(float(total.centre) - samples.mean()) < error
    assert error < 0.4 * abs(samples.mean())


def test_cut_off_leaves_out_pairs_that_do_not_interact():
    nuclei = jnp.array([[0.0, 0.0, 0.0], [0.0, 0.0, 0.1], [5.0, 0.0, 0.0]])
    cut = lambda acts, printed: float(  # noqa: E731
        jw.theorems.coulomb_limit.cut_off(nuclei, 1.0, printed=printed, acts=jnp.array(acts))
    )
    assert cut([True, False, False], False) == cut([True, False, False], True) == 1.0
    assert cut([False, True, True], False) == 0.0
    R = nuclei[None].at[0, 1].set(0.0)  # on the singular set itself
    charges = np.ones((3, 3))
    claims = [
        coulomb_bodies_cutoff.force_off_cut(R, charges, 0.5, printed=printed)
        for printed in (False, True)
    ]
    assert [claim.verdict for claim in claims] == ["holds", "violated"]
    with pytest.raises(ValueError, match=r"`delta` must be at least ε\^\(1−α\)/√2"):
        seen = coulomb_bodies.measure(product(3), CHARGES[:3, :3])
        test = coulomb_bodies_cutoff.BodyTest(PLACES[:3], MOMENTA[:3], 1.0, 1.0)
        coulomb_bodies_cutoff.near_part(seen, test, 0.01, coulomb_bodies.normal_points(18, 4))
