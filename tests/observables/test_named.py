"""What systems offer by name: closed forms of packets, in every kind of state."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw

HBAR = 0.4
GRID = jw.Grid((-6.0, -5.0), (6.5, 5.5), (60, 54))
PHASE = jw.PhaseGrid(jw.Grid(-6.0, 6.5, 90), jw.Grid(-5.0, 5.5, 84))
PACKET = jw.coherent_state(GRID, (0.5, -0.3), (0.2, 0.7), HBAR)


def values(system, state):
    """Everything that a system observes by name, as one program."""
    return jax.jit(lambda u: {k: f(u) for k, f in system.observables().items()})(state)


def test_of_waves_in_the_plane():
    """⟨x⟩ = q, ⟨p⟩ = p, σ² = ħ/2 of both, for ψ and for a mixture."""
    system = jw.Schrodinger(GRID, lambda x, y: 0.5 * x**2 + y**2, HBAR, 1.3)
    seen = values(system, PACKET)
    np.testing.assert_allclose(seen["position"], [0.5, -0.3], atol=1e-12)
    np.testing.assert_allclose(seen["momentum"], [0.2, 0.7], atol=1e-12)
    for name in ("variance", "momentum_variance"):
        np.testing.assert_allclose(seen[name], HBAR / 2, rtol=1e-10)
    assert seen["current"].shape == (2, 60, 54)
    np.testing.assert_allclose(
        seen["current"].sum((1, 2)) * GRID.cell, np.array([0.2, 0.7]) / 1.3, rtol=1e-10
    )
    kinetic = (0.04 + 0.49 + HBAR) / 2.6
    assert float(seen["kinetic"]) == pytest.approx(kinetic, rel=1e-10)
    mixed = jw.MixedState([0.25, 0.75], jnp.stack([PACKET, PACKET.conj()]))
    both = values(system, mixed)
    np.testing.assert_allclose(both["momentum"], [-0.1, -0.35], atol=1e-12)
    np.testing.assert_allclose(both["momentum_variance"][1], HBAR / 2 + 0.75 * 0.49, rtol=1e-10)
    # Sorted by momentum, with the axis that says so.
    axes = system.observed_axes()["momentum_density"]
    assert list(axes) == ["p1", "p2"] and np.all(np.diff(axes["p1"]) > 0)
    p1, p2 = np.meshgrid(*axes.values(), indexing="ij")
    weights = seen["momentum_density"] / seen["momentum_density"].sum()
    np.testing.assert_allclose([(p1 * weights).sum(), (p2 * weights).sum()], [0.2, 0.7], atol=1e-10)


def test_of_fields():
    (x,), (p,) = PHASE.mesh
    W = jnp.exp(-((x - 0.4) ** 2) / 0.5 - (p + 0.6) ** 2 / 0.9) / (np.pi * np.sqrt(0.45))
    for system in (
        jw.Moyal(PHASE, lambda x: 0.5 * x**2, HBAR),
        jw.Liouville(PHASE, lambda x: 0.5 * x**2),
        jw.Vlasov(PHASE, lambda x: jnp.exp(-(x**2))),
    ):
        seen = values(system, W)
        np.testing.assert_allclose(seen["position"], [0.4], atol=1e-12)
        np.testing.assert_allclose(seen["momentum"], [-0.6], atol=1e-12)
        np.testing.assert_allclose(seen["variance"], [0.25], rtol=1e-10)
        np.testing.assert_allclose(seen["momentum_variance"], [0.45], rtol=1e-8)
        assert seen["density"].shape == (90,) and seen["momentum_density"].shape == (84,)
        assert set(system.observed_axes()["momentum_density"]) == {"p"}


def test_of_particles():
    cloud = jw.Particles([0.25, 0.75], [[0.0, 1.0], [2.0, 1.0]], [[1.0, 0.0], [1.0, 4.0]])
    pair = lambda x, y: 0.5 * (x**2 + y**2)  # noqa: E731
    for system in (
        jw.Newton(pair, 1.5),
        jw.VlasovParticles(pair),
        jw.ManyBodyNewton(lambda x: x**2, 2),
    ):
        seen = values(system, cloud)
        np.testing.assert_allclose(seen["position"], [1.5, 1.0])
        np.testing.assert_allclose(seen["momentum_variance"], [0.0, 3.0], atol=1e-15)
        assert float(seen["energy"]) == pytest.approx(float(system.diagnose(cloud)["energy"]))
    far = jw.Particles([0.5, 0.5], [[0.0, 3.0, 4.0], [1.0, 0.0, 0.0]], np.zeros((2, 3)))
    assert float(jw.CoulombFlow(0.5).observables()["distance"](far)) == 3.0
    bodies = jw.Particles([1.0], [[0.0, 0.0, 1.0, 0.0, 0.0, -1.0]], np.zeros((1, 6)))
    assert values(jw.CoulombBodies(np.full((2, 2), 0.5)), bodies)["position"].shape == (6,)


def test_of_mean_fields_bodies_and_waves():
    """The density of one body of a product is that of its factor; energies are those of the diagnostics."""
    line = jw.Grid(-6.0, 6.5, 48)
    psi = jw.coherent_state(line, 0.5, 0.2, HBAR)
    hartree = jw.Hartree(line, lambda x: jnp.exp(-(x**2)), HBAR)
    bodies = jw.ManyBody(line, lambda x: jnp.exp(-(x**2)), HBAR, number=2)
    one, two = values(hartree, psi), values(bodies, jw.product_state(psi, 2))
    np.testing.assert_allclose(two["density"], one["density"], atol=1e-12)
    np.testing.assert_allclose(two["position"], [0.5, 0.5], atol=1e-12)
    assert bodies.observed_axes()["density"]["x"].shape == (48,)
    waves = jw.PartialWaves(jw.RadialGrid(6.0, 95), charge=0.5, hbar=0.25, waves=24)
    u = jw.packet_waves(waves, position=2.0, momentum=-1.0)
    seen = values(waves, u)
    rho = jw.quantum.radial_observables.radial_density(u, waves)
    np.testing.assert_allclose(seen["density"], rho, rtol=1e-13)
    assert float(seen["waves"].sum()) == pytest.approx(float(seen["norm"]), rel=1e-13)
    assert float(seen["distance"]) == pytest.approx(2.06, abs=0.05)


def test_variances_keep_their_digits_far_from_the_origin():
    cloud = jw.Particles([0.5, 0.5], [1e8, 1e8 + 1.0], [0.0, 0.0])
    seen = jw.Newton(jw.potentials.Free()).observables()["variance"](cloud)
    assert float(seen[0]) == pytest.approx(0.25, rel=1e-7)
