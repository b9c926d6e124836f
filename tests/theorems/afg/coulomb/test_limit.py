"""Positivity, classical repulsion, reduction to one body and the cut-off."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import special

import jaxwigner as jw
from jaxwigner.theorems import coulomb_limit


def test_positivity_needs_three_dimensions():
    """2⟨−Δψ, ψ/r⟩ for ψ = r^a e^{−r} in closed form: 2ω_n ∫(ψ′² − ½(3 − n)ψ²/r²) r^{n−2} dr, without the factor ω_n."""
    a = 0.7
    wave = lambda r: r**a * jnp.exp(-r)  # noqa: E731
    moment = lambda k: special.gamma(k + 1) / 2 ** (k + 1)  # noqa: E731  ∫r^k e^{−2r}
    for n, verdict in ((4, "holds"), (3, "holds"), (2, "violated")):
        claim = coulomb_limit.cross_positivity(wave, lambda r: 1 / r, n)
        k = 2 * a + n - 2
        slope = a**2 * moment(k - 2) - 2 * a * moment(k - 1) + moment(k)
        exact = 2 * slope + (n - 3) * moment(k - 2)
        np.testing.assert_allclose(claim.rhs.centre, exact, rtol=1e-6)
        assert claim.verdict == verdict


@pytest.mark.slow
def test_classical_particles_keep_their_distance():
    """Head-on at the turning point C/(h − κ) is reached: the bound is tight there; U_b shifts it."""
    energy = 1.0 + 0.25
    still = jw.Particles([1.0], [[0.0, 0.0, 0.5 / energy]], [[0.0, 0.0, 0.0]])
    claim = coulomb_limit.closest_approach(jw.CoulombFlow(0.5), still, duration=1.0, saves=2)
    assert claim.verdict in ("holds", "tight") and float(claim.ratio.max()) > 1 - 1e-9
    assert claim.with_constant(0.9).verdict == "violated"
    cloud = jw.packet_cloud(1.5, -0.9, 0.05, count=256)
    flow = jw.CoulombFlow(0.4, jw.potentials.Gaussian(-0.5, 0.7))
    both = jax.jit(
        lambda: (
            coulomb_limit.closest_approach(flow, cloud, duration=1.5, saves=6),
            coulomb_limit.classical_force(flow, cloud, duration=1.5, saves=6),
        )
    )()
    assert [claim.verdict for claim in both] == ["holds", "holds"]
    assert both[1].with_constant(0.1).verdict == "violated"


def test_two_nuclei_are_centre_and_relative_coordinate():
    pair = jw.potentials.SoftCoulomb(0.5, 0.6)
    numbers = {"positions": (1.0, -0.8), "momenta": (-0.5, 0.3), "duration": 0.6, "steps": 12}
    program = jax.jit(
        lambda mass: coulomb_limit.reduction(pair, 0.25, **numbers, box=5.0, points=64, mass=mass)
    )
    assert program(0.5).verdict == "holds"
    assert program(0.52).verdict == "violated"


@pytest.mark.slow
def test_cut_off():
    """η_δ = 1 on {some |R_αβ| ≤ δ/2}, supported in {some ≤ δ}; for M = 2 both forms agree; |∇η_δ| ≤ C₁/δ."""
    rng = np.random.default_rng(2)
    nuclei = jnp.asarray(rng.normal(size=(300, 3, 3)))
    gaps = np.stack(
        [np.linalg.norm(nuclei[:, i] - nuclei[:, j], axis=1) for i, j in ((0, 1), (0, 2), (1, 2))]
    )
    values = jax.vmap(lambda R: coulomb_limit.cut_off(R, 1.5))(nuclei)
    assert np.all(values[gaps.min(0) <= 0.75] == 1) and np.all(values[gaps.min(0) >= 1.5] == 0)
    two = nuclei[:, :2]
    forms = [jax.vmap(lambda R, p=p: coulomb_limit.cut_off(R, 1.5, printed=p))(two) for p in (0, 1)]
    np.testing.assert_allclose(*forms, atol=1e-14)
    slopes = jax.vmap(jax.grad(lambda R: coulomb_limit.cut_off(R, 1.5)))(nuclei)
    steepest = np.sqrt(np.max(np.sum(np.asarray(slopes) ** 2, axis=(1, 2))))
    assert steepest <= np.sqrt(2) * 3 * 3.75 / 1.5  # √2 · pairs · sup|η′|/δ
    claims = [coulomb_limit.cut_off_covers(nuclei, 1.5, printed=p) for p in (False, True)]
    assert [claim.verdict for claim in claims] == ["holds", "violated"]
    with pytest.raises(ValueError, match=r"must have shape \(k, M, 3\)"):
        coulomb_limit.cut_off_covers(jnp.ones((3, 3)), 1.0)
