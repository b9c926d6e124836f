"""The contact interaction: its field and energy, its arithmetic, and who does not take it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small

import jaxwigner as jw
from jaxwigner.potentials import Contact
from jaxwigner.potentials.pairs.on_grids import mean_field

GRID = jw.Grid(-8.0, 8.0, 64)
PSI = jw.coherent_state(GRID, 0.3, -0.2, 1.0)


def test_field_and_energy():
    """V⋆ρ = gρ; a Gaussian has ½g∫ρ² = g/2√(2πħ)."""
    system = jw.Hartree(GRID, Contact(1.7), 1.0, external=jw.potentials.Harmonic(1.0))
    np.testing.assert_allclose(system.field_of(PSI), 1.7 * jnp.abs(PSI) ** 2, atol=1e-15)
    linear = jw.Schrodinger(GRID, jw.potentials.Harmonic(1.0), 1.0).diagnose(PSI)["energy"]
    extra = system.diagnose(PSI)["energy"] - linear
    assert extra == pytest.approx(1.7 / 2 / np.sqrt(2 * np.pi), abs=1e-12)


def test_arithmetic_keeps_a_contact():
    g = [2 * Contact(1.5), Contact(1.5) * 2, -Contact(-3.0), Contact(6) / 2]
    assert [float(one.strength) for one in g] == [3.0] * 4
    slope = jax.grad(lambda a: mean_field(a * Contact(2.0), GRID)(jnp.ones(64))[0, 3])(1.0)
    assert float(slope) == 2.0


@pytest.mark.parametrize("g", ["a", None, 1j, np.nan, [1.0, 2.0]])
def test_strengths_that_are_none(g):
    with pytest.raises(ValueError, match="Argument `strength` must"):
        Contact(g)


REFUSALS = {
    "many bodies": lambda: jw.ManyBody(GRID, Contact(1.0), 1.0, 2),
    "fluctuations": lambda: jw.FockExcitations(GRID, Contact(1.0), 1.0, 10),
    "plane": lambda: jw.Vlasov(jw.phase_grid(GRID, 1.0), Contact(1.0)),
    "particles": lambda: jw.VlasovParticles(Contact(1.0)).enter(small.CLOUD),
    "bodies": lambda: jw.ManyBodyNewton(Contact(1.0), 1).enter(small.CLOUD),
    "external": lambda: jw.Schrodinger(GRID, Contact(1.0), 1.0),
    "sum": lambda: jw.Hartree(GRID, Contact(1.0) + small.BUMP, 1.0),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_others_do_not_take_it(what):
    with pytest.raises(ValueError, match="Argument `pair` must be a function.*is a Contact"):
        REFUSALS[what]()
