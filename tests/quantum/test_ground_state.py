"""Ground states of Gross and Pitaevskii against reference values, their derivatives, their motion, and what is refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small

import jaxwigner as jw
from jaxwigner.potentials import Contact, Gaussian, Harmonic

LINE = jw.Grid(-9.0, 9.0, 128)


def bosons(g, a=1.0, hbar=1.0, mass=1.0, grid=LINE):
    return jw.Hartree(grid, Contact(g), hbar, external=lambda x: 0.5 * a**2 * x**2, mass=mass)


@pytest.mark.parametrize(
    "g, energy, mu",
    [
        (3.1371, 1.044097645, 1.526594502),
        (12.5484, 2.233008260, 3.596561064),
        (62.742, 6.256975835, 10.369463308),
    ],
)
def test_reference_values(g, energy, mu):
    found = jw.ground_state(bosons(g))
    assert found.energy == pytest.approx(energy, abs=6e-10)
    assert found.chemical_potential == pytest.approx(mu, abs=6e-10)
    finer = jw.ground_state(bosons(g, grid=jw.Grid(-10.0, 10.5, 180)))
    assert found.energy == pytest.approx(float(finer.energy), abs=1e-12)
    assert found.chemical_potential == pytest.approx(float(finer.chemical_potential), abs=1e-12)
    assert found.residual < 1e-12


def test_the_state_and_its_energy():
    """Of a contact and of a V of some range: the energy that a run reports, and a state that only turns its phase."""
    for pair in (Contact(2.0), Gaussian(2.0, 0.7)):
        system = jw.Hartree(LINE, pair, 0.8, external=Harmonic(1.0))
        found = jw.ground_state(system)
        series = system.diagnose(system.enter(found.state))
        assert series["norm"] == pytest.approx(1.0, abs=1e-12)
        assert series["energy"] == pytest.approx(float(found.energy), abs=1e-12)
        run = jw.evolve(system, found.state, duration=1.0, steps=40, method="blanes-moan-6")
        turned = found.state * np.exp(-1j * float(found.chemical_potential) / 0.8)
        np.testing.assert_allclose(run.state, turned, atol=1e-8)


def test_solitons():
    """Bright: E = −g²/24, μ = −g²/8, where the uniform state is a saddle; ψ = √(|g|)/2 sech(gx/2)."""
    ring = jw.Grid(-12.0, 12.0, 256, periodic=True)
    found = jw.ground_state(jw.Hartree(ring, Contact(-5.0), 1.0))
    assert found.energy == pytest.approx(-25 / 24, abs=1e-10)
    assert found.chemical_potential == pytest.approx(-25 / 8, abs=1e-9)
    assert float(jnp.max(found.state)) == pytest.approx(np.sqrt(5) / 2, rel=1e-2)


@pytest.mark.slow
def test_planes_and_space():
    """Thomas and Fermi's limit from above, the virial 2T − 2U + dI = 0, and the level without interaction."""
    for d, g in ((2, 30.0), (3, 10.0)):
        grid = jw.Grid((-6.0,) * d, (6.0,) * d, (36, 32, 34)[:d])
        system = jw.Hartree(grid, Contact(g), 1.0, external=Harmonic(1.0))
        found = jw.ground_state(system, tolerance=1e-8)
        rho = found.state**2
        kinetic = float(jw.observables.kinetic_energy(found.state, grid, 1.0))
        trap = float(jnp.sum(system.external(*grid.mesh) * rho) * grid.cell)
        interaction = float(0.5 * g * jnp.sum(rho**2) * grid.cell)
        assert kinetic + trap + interaction == pytest.approx(float(found.energy), abs=1e-12)
        assert 2 * kinetic - 2 * trap + d * interaction == pytest.approx(0.0, abs=1e-8)
        mu = float(found.energy) + interaction
        assert found.chemical_potential == pytest.approx(mu, abs=1e-12)
        assert found.energy > d / 2


@pytest.mark.parametrize("which", range(4))
def test_derivatives(which):
    arguments = [3.0, 1.1, 0.9, 1.2]

    def energy(value):
        return jw.ground_state(
            bosons(*[value if i == which else a for i, a in enumerate(arguments)])
        ).energy

    x, h = arguments[which], 1e-3
    near, far = (energy(x + s * h) - energy(x - s * h) for s in (1, 2))
    slope = (8 * near - far) / (12 * h)
    assert jax.jit(jax.grad(energy))(x) == pytest.approx(float(slope), abs=1e-10)
    assert jax.grad(energy)(x) == pytest.approx(float(slope), abs=1e-10)


def test_batches_and_derivatives_that_there_are_none_of():
    found = jax.vmap(lambda g: jw.ground_state(bosons(g)).energy)(jnp.array([3.1371, 12.5484]))
    np.testing.assert_allclose(found, [1.044097645, 2.233008260], atol=6e-10)
    for name in ("chemical_potential", "state"):
        value = lambda g, name=name: jnp.sum(getattr(jw.ground_state(bosons(g)), name))  # noqa: E731
        with pytest.raises(ValueError, match="Argument `system` must be differentiated once"):
            jax.grad(value)(1.0)


def test_kohn():
    """A trapped cloud swings as a whole, whatever it is made of: ⟨x⟩ = q cos t to 1e-11."""
    system = bosons(12.5484, grid=jw.Grid(-10.0, 10.0, 192))
    found = jw.ground_state(system)
    kicked = found.state * np.exp(1j * np.asarray(system.grid.axes[0]))
    place = lambda u: jw.observables.mean_position(u, system.grid)[0]  # noqa: E731
    how = {"duration": 3.0, "steps": 100, "saves": 6, "method": "blanes-moan-6"}
    run = jw.evolve(system, kicked, observe=place, **how)
    np.testing.assert_allclose(run.observed, np.sin(run.times), atol=1e-11)


def test_refusals():
    with pytest.raises(ValueError, match="be a Hartree system .`levels` is for Schrodinger."):
        jw.ground_state(jw.Schrodinger(LINE, Harmonic(1.0), 1.0))
    for more in ({"external": lambda x, t: x**2 * t}, {"absorb": (5.0, 9.0)}):
        with pytest.raises(ValueError, match="be static and without an absorber, .* but is"):
            jw.ground_state(jw.Hartree(LINE, Contact(1.0), 1.0, **more))
    with pytest.raises(ValueError, match="edge_density .* widen"):
        jw.ground_state(bosons(62.742, grid=jw.Grid(-5.0, 5.0, 128)))
    with pytest.raises(ValueError, match="edge_density .* widen"):
        jw.ground_state(jw.Hartree(LINE, Contact(1.0), 1.0))
    plane = jw.Grid((-5.0,) * 2, (5.0,) * 2, (24, 24))
    with pytest.raises(ValueError, match="spectral_tail .*an attraction may collapse"):
        jw.ground_state(jw.Hartree(plane, Contact(-9.0), 1.0, external=Harmonic(1.0)))


PUBLIC = [small.call(jw.ground_state, system=bosons(1.0), tolerance=1e-10)]
