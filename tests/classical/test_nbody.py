"""N classical bodies: relative motion, marginals, memory by chunks, bad input."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small

import jaxwigner as jw
from jaxwigner.classical import product_measure, reduced_state

HILL = jw.potentials.Gaussian(1.2, 1.0)


def test_quadratic_pairs_at_any_number():
    """The centre of mass is free and every relative coordinate has frequency √κ."""
    rng, N, kappa, time = np.random.default_rng(0), 5, 1.4, 0.9
    x, p = rng.normal(size=(2, 3, N))
    start = jw.Particles(np.full(3, 1 / 3), x, p)
    pair = lambda x: 0.5 * kappa * x**2  # noqa: E731
    end = jw.evolve(jw.ManyBodyNewton(pair, N), start, duration=time, steps=60).state
    w = np.sqrt(kappa)
    mean, drift = x.mean(1, keepdims=True), p.mean(1, keepdims=True)
    exact = mean + time * drift
    exact = exact + (x - mean) * np.cos(w * time) + (p - drift) * np.sin(w * time) / w
    np.testing.assert_allclose(end.positions, exact, atol=1e-7)


def test_energy_and_momentum():
    rng = np.random.default_rng(1)
    start = jw.Particles([0.4, 0.6], rng.normal(size=(2, 8)), rng.normal(size=(2, 8)))
    run = jw.evolve(jw.ManyBodyNewton(HILL, 4, mass=1.3), start, duration=2.0, steps=60)
    energy = run.diagnostics.energy
    assert float(jnp.max(jnp.abs(energy - energy[0]))) < 1e-5
    before, after = (s.momenta.reshape(2, 4, 2).sum(1) for s in (start, run.state))
    np.testing.assert_allclose(after, before, atol=1e-13)


def test_energy_counts_every_pair_once():
    start = jw.Particles([1.0], [[0.0, 0.7, 2.0]], [[0.0, 0.0, 0.0]])
    energy = jw.ManyBodyNewton(HILL, 3).diagnose(start)["energy"]
    pairs = sum(float(HILL(gap)) for gap in (0.7, 2.0, 1.3)) / 3
    assert abs(float(energy) - pairs) < 1e-14


def test_marginals():
    start = jw.Particles([0.25, 0.75], [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]], np.zeros((2, 3)))
    one = reduced_state(start, 3, 1)
    np.testing.assert_allclose(one.positions[:, 0], np.arange(6.0))
    np.testing.assert_allclose(one.weights, [0.25 / 3] * 3 + [0.25] * 3)
    two = reduced_state(start, 3, 2)
    np.testing.assert_allclose(two.positions[:3], [[0, 1], [1, 2], [2, 0]])
    np.testing.assert_allclose(
        reduced_state(start, 3, 2, symmetrise=False).positions, [[0, 1], [3, 4]]
    )
    whole = reduced_state(start, 3, 3, symmetrise=False)
    np.testing.assert_allclose(whole.positions, start.positions)


def test_independent_draws_have_the_moments_of_the_measure():
    one = jw.Particles([0.3, 0.7], [-1.0, 2.0], [0.5, 0.0])
    many = product_measure(one, 4, 20000, jax.random.key(0))
    mean = reduced_state(many, 4, 1).positions.mean()
    assert abs(float(mean) - 1.1) < 0.03
    gap = many.positions[:, 0] - 1.1
    assert abs(float(jnp.mean(gap * (many.positions[:, 1] - 1.1)))) < 0.05


def test_first_marginal_tends_to_vlasov_at_rate_one_over_n():
    """Quadratic V, independent Gaussian bodies: the variance of one body is off by O(1/N), exactly as in closed form."""
    kappa, time, N = 1.0, 1.2, 3
    rng = np.random.default_rng(2)
    x, p = rng.normal(size=(2, 40000, N))
    start = jw.Particles(np.full(40000, 1 / 40000), x, p)
    pair = lambda x: 0.5 * kappa * x**2  # noqa: E731
    end = jax.jit(
        lambda s: jw.evolve(jw.ManyBodyNewton(pair, N), s, duration=time, steps=12).state
    )(start)
    variance = float(jnp.var(end.positions))
    exact = (1 - 1 / N) * 1.0 + (1 + time**2) / N
    assert abs(variance - exact) < 0.02


def test_gradients():
    rng = np.random.default_rng(3)
    x, p = rng.normal(size=(2, 2, 3))

    def size(height):
        system = jw.ManyBodyNewton(jw.potentials.Gaussian(height, 1.0), 3)
        start = jw.Particles([0.5, 0.5], x, p)
        return jnp.sum(jw.evolve(system, start, duration=0.6, steps=8).state.positions ** 2)

    value, h = jax.jit(size), 1e-4
    numeric = (value(1.0 + h) - value(1.0 - h)) / (2 * h)
    assert abs(float(jax.jit(jax.grad(size))(1.0) - numeric)) < 1e-7


def test_bad_input():
    for number in (0, -1, 2.5):
        with pytest.raises(ValueError, match="`number` must be an integer of at least 1"):
            jw.ManyBodyNewton(HILL, number)
    start = jw.Particles([1.0], [[0.0, 1.0, 2.0]], [[0.0, 0.0, 0.0]])
    with pytest.raises(ValueError, match="divisible by the number of particles"):
        jw.evolve(jw.ManyBodyNewton(HILL, 2), start, duration=1.0, steps=2)
    with pytest.raises(ValueError, match="`n` must be at most the number of particles"):
        reduced_state(start, 3, 4)
    with pytest.raises(ValueError, match="`pair` must be even"):
        jw.evolve(jw.ManyBodyNewton(lambda x: x, 3), start, duration=1.0, steps=2)


PUBLIC = [
    small.call(jw.ManyBodyNewton, {"pair": "pair"}, pair=small.BUMP, number=3, mass=1.0, chunk=8)
]
