"""Boxes and potentials: rings and their periods, kinetic energies that are functions of momenta."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.potentials.on_grid import seam_gap

HBAR = 0.3
RING = jw.Grid(-np.pi, np.pi, 48, periodic=True)
LINE = jw.Grid(-np.pi, np.pi, 48)
PSI = jw.coherent_state(RING, 3.0, 0.4, HBAR)


@pytest.mark.parametrize(
    "potential",
    [
        lambda x: 1 - jnp.cos(x),
        lambda x: jnp.exp(jnp.sin(3 * x)) + 1e6,
        lambda x: 2.0,
        jw.potentials.Torsion(1.0, fold=2),
        jw.potentials.Function(lambda x: jnp.cos(2 * x), period=np.pi),
    ],
    ids=["cosine", "high up", "constant", "torsion", "declared"],
)
def test_functions_with_the_period_of_a_ring(potential):
    jw.Schrodinger(RING, potential, HBAR)


@pytest.mark.parametrize(
    ("potential", "jump"),
    [
        (lambda x: x, "6.28"),
        (lambda x: x**2, "77.3"),
        (lambda x: 1e6 + jnp.cos(1.1 * x), "0.6"),
        (jw.potentials.Gaussian(1.0, 0.01), "1 over"),
        (jw.potentials.Tabulated(np.linspace(-4, 4, 30), np.cos(np.linspace(-4, 4, 30))), "nan"),
    ],
    ids=["slope", "parabola", "another period", "narrow", "table"],
)
def test_functions_without_it_are_refused_with_the_jump(potential, jump):
    with pytest.raises(ValueError, match=f"must have the period of the ring.* jumps by {jump}"):
        jw.Schrodinger(RING, potential, HBAR)


def test_every_system_on_a_ring_measures_the_period():
    phase = jw.PhaseGrid(RING, jw.Grid(-4.0, 4.0, 40))
    bump = lambda x: jnp.exp(-4 * x**2)  # noqa: E731
    for make in (
        lambda: jw.Moyal(phase, bump, HBAR),
        lambda: jw.Liouville(phase, bump),
        lambda: jw.Vlasov(phase, jnp.cos, bump),
        lambda: jw.Vlasov(phase, bump),
        lambda: jw.Hartree(RING, bump, HBAR),
        lambda: jw.Hartree(RING, jnp.cos, HBAR, bump),
        lambda: jw.ManyBody(RING, bump, HBAR, 2),
        lambda: jw.ManyBody(RING, jnp.cos, HBAR, 2, bump),
        lambda: jw.VlasovParticles(bump, mesh=RING),
    ):
        with pytest.raises(ValueError, match="Argument `(potential|pair|external)` must have the"):
            make()


def test_a_traced_function_is_measured_in_the_run():
    """What no check could see: a run on the ring complains of an edge."""

    def edge(a):
        system = jw.Schrodinger(RING, lambda x: jnp.cos(a * x), HBAR)
        return jw.evolve(system, PSI, duration=0.1, steps=2, throw=False).diagnostics.edge_mass[-1]

    edge = jax.jit(edge)
    assert edge(2.0) == 0
    assert edge(1.1) == 1


def test_a_declared_period_is_measured():
    wrong = jw.potentials.Function(lambda x: jnp.cos(x), period=3.0)
    with pytest.raises(ValueError, match="Argument `potential` must have the period of the ring"):
        jw.Schrodinger(jw.Grid(0.0, 3.0, 16), wrong, HBAR)
    for period in (-1.0, np.inf, (1.0, 2.0), "1"):
        with pytest.raises(ValueError, match="Argument `period` must"):
            jw.potentials.Function(lambda x: jnp.cos(x), period=period)


def test_gaps_along_each_periodic_axis():
    def U(x, y):
        return jnp.cos(x) + 0.3 * y

    for flags, gap in (((True, False), 0.0), ((False, True), 0.6), ((True, True), 0.6)):
        box = jw.Grid((0.0, 0.0), (2 * np.pi, 2.0), (8, 6), periodic=flags)
        found, limit = seam_gap(jw.potentials.as_potential(U), box)
        assert abs(float(found) - gap) < 1e-12 and limit < 1e-6


@pytest.mark.parametrize(
    ("kinetic", "text"),
    [
        (lambda p: p**2 + 0.1 * p, "be even"),
        (lambda p: 1 / p**2, "be finite"),
        (lambda p, q: p**2 + q**2, "be a function of 1 momentum"),
        (lambda p: 1j * p**2, "return real values"),
        (lambda p: p**2 * jnp.max(p**2), "act on each point alone"),
        (2.0, "be a function"),
    ],
)
def test_kinetic_energies_that_are_none(kinetic, text):
    phase = jw.PhaseGrid(LINE, jw.Grid(-4.0, 4.0, 40))
    cloud = jw.Particles([1.0], [0.3], [0.2])
    for make in (
        lambda: jw.Schrodinger(LINE, lambda x: x**2, HBAR, kinetic=kinetic),
        lambda: jw.Moyal(phase, lambda x: x**2, HBAR, kinetic=kinetic),
        lambda: jw.Liouville(phase, lambda x: x**2, kinetic=kinetic),
        lambda: jw.Newton(lambda x: x**2, kinetic=kinetic).enter(cloud),
    ):
        with pytest.raises(ValueError, match=f"Argument `(kinetic|function)` must {text}"):
            make()


def test_a_kinetic_energy_holds_its_mass():
    for mass in (2.0, (1.0,), jnp.asarray(2.0)):
        with pytest.raises(ValueError, match="Argument `mass` must be left out"):
            jw.Schrodinger(LINE, lambda x: x**2, HBAR, mass, kinetic=lambda p: p**2)
    with pytest.raises(ValueError, match="Argument `mass` must be left out"):
        jax.grad(
            lambda m: jw.Schrodinger(LINE, lambda x: x**2, HBAR, m, kinetic=lambda p: p**2).mass
        )(1.0)
