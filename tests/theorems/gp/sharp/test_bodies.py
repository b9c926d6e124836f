"""Three bodies under a quadratic interaction, which is solved exactly; bodies beside the field that they make."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.states.quadratic import flow_matrix
from jaxwigner.theorems.gp.sharp import bodies, states

HBAR, L, TIME = 0.4, 0.5, 0.5


def test_three_bodies_with_a_quadratic_interaction():
    v, grid = states.stretched(L, TIME), jw.Grid(-5.5, 5.5, 40)
    pair = jw.potentials.Harmonic(-L)
    found = jax.jit(lambda h: bodies.three_bodies(pair, grid, h, 3.0, v, duration=TIME, steps=8))(
        HBAR
    )
    S = np.asarray(states.tilted_covariance(HBAR, 3.0, v))
    relative, free = (np.asarray(flow_matrix(k, TIME)) for k in (-L, 0.0))
    centre = 0.5 * HBAR * np.trace(free @ free.T)
    exact = (2 * np.trace(relative @ S @ relative.T) + centre) / 6
    for name, claim in found.items():
        known = exact + 0.5 * HBAR * (name == "husimi")  # dist² to W̃ where E_ħ² has one coupling
        assert claim.lhs.centre == pytest.approx(known, rel=1e-4)
        assert claim.lhs.contains(known) and claim.verdict == "holds"
    assert 0.85 < found["sharp"].ratio < 1 and found["paper"].ratio < found["sharp"].ratio


def test_bodies_beside_the_field():
    rest = jw.Particles(jnp.full(2, 0.5), np.pi / 4 * jnp.array([1.0, -1.0]), jnp.zeros(2))
    pair = jw.potentials.Cosine(1.0)

    @jax.jit
    def program(t):
        beside = lambda factor: bodies.bodies_beside_the_field(  # noqa: E731
            rest, pair, 4, 400, duration=t, steps=8, factor=factor
        )
        return beside(1.0), beside(0.0)

    claim, alone = program(0.2)
    assert claim.verdict == "holds" and 0.5 < claim.ratio < 0.95
    # without forces the bodies stay, and the points move by F = ½: ½(F²t² + F²t⁴/4)
    assert alone.lhs.centre == pytest.approx(0.125 * (0.2**2 + 0.2**4 / 4), rel=0.02)


def test_bodies_at_two_places_are_all_configurations():
    """N = 3: the eight of them by the N-body equation; the nearest point of f is that of the same place."""
    place, pair, options = 0.7, jw.potentials.Cosine(1.0), {"duration": 0.3, "steps": 8}
    signs = jnp.array([[a, b, c] for a in (1, -1) for b in (1, -1) for c in (1, -1)], float)
    every = jw.Particles(jnp.full(8, 1 / 8), place * signs, 0 * signs)
    two = jw.Particles(jnp.full(2, 0.5), place * jnp.array([1.0, -1.0]), jnp.zeros(2))

    @jax.jit
    def program():
        z = jw.evolve(jw.ManyBodyNewton(pair, 3), every, **options).state
        f = jw.evolve(jw.VlasovParticles(pair), two, **options).state
        return z, f, bodies.at_two_places(place, pair, (3, 5000), **options)

    z, f, found = jax.device_get(program())
    which = np.where(np.asarray(signs[:, 0]) > 0, 0, 1)
    gaps = (z.positions[:, 0] - f.positions[which, 0]) ** 2
    gaps = gaps + (z.momenta[:, 0] - f.momenta[which, 0]) ** 2
    for claim in found.values():
        assert claim.lhs.centre[0] == pytest.approx(0.5 * np.mean(gaps), rel=1e-9)
        assert claim.worst().verdict == "holds"
    assert 0.6 < found["sharp"].ratio[1] < 0.9 and found["paper"].ratio[1] < found["sharp"].ratio[1]


def test_a_multiple_of_a_potential():
    twice = bodies.Scaled(jw.potentials.Cosine(0.7), 2.0)
    assert float(twice(0.3)) == pytest.approx(1.4 * np.cos(0.3))
    assert float(twice.gradient(0.3)[0]) == pytest.approx(-1.4 * np.sin(0.3))


@pytest.mark.slow
def test_one_of_two_bodies_from_one_point():
    """A quadratic interaction: the second moment of one body is known, and a point leaves no choice of coupling."""
    grid, point = jw.Grid(-6.0, 6.0, 64), jw.Particles(jnp.ones(1), jnp.zeros(1), jnp.zeros(1))
    pair = jw.potentials.Harmonic(-L)
    two = lambda h: bodies.OneOfTwo(point, pair, grid, h, rank=6)  # noqa: E731
    found = jax.jit(lambda h: two(h).growth(duration=TIME, steps=8))(HBAR)
    start = jw.Gaussian(jnp.zeros(2), 0.5 * HBAR * jnp.eye(2))
    end = jw.quantum.quadratic_marginal(start, -L, 2, TIME)
    for claim in found.values():
        assert claim.verdict == "holds"
        assert claim.lhs.centre == pytest.approx(0.5 * np.trace(end.covariance), rel=1e-4)
