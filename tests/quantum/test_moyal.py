"""The Wigner equation: mixed states, the oscillator basis, signs, and tables beyond the box."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw

HBAR, MASS = 0.3, 1.2
GRID = jw.Grid(-6.0, 6.5, 84)
PHASE = jw.PhaseGrid(jw.Grid(-6.0, 6.5, 90), jw.Grid(-4.6, 5.0, 108))


def evolved(system, state, **options):
    run = jax.jit(lambda u: jw.evolve(system, u, throw=False, **options))(state)
    return run.check()


def test_wigner_functions_move_as_their_mixed_states():
    """A window that is no natural grid, an anharmonic potential, a mixture, a mass, backwards in time."""
    U = jw.potentials.Gaussian(1.0, 1.5)
    pair = jnp.stack([jw.coherent_state(GRID, q, 0.4, HBAR) for q in (-0.8, 0.5)])
    mixed = jw.MixedState([0.3, 0.7], pair)
    options = {"duration": -0.9, "steps": 40, "method": "blanes-moan-6"}
    after = evolved(jw.Schrodinger(GRID, U, HBAR, MASS), mixed, **options).state
    W = jw.wigner(mixed, GRID, PHASE, HBAR)
    field = evolved(jw.Moyal(PHASE, U, HBAR, MASS), W, **options).state
    np.testing.assert_allclose(field, jw.wigner(after, GRID, PHASE, HBAR), atol=1e-8)


def test_oscillator_basis_rotates():
    """In U = x²/2 with mass 1 the matrix turns by e^{−i(m−n)t}, and W rotates with it."""
    rng = np.random.default_rng(5)
    root = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
    rho = root @ root.conj().T
    rho = rho / np.trace(rho).real
    time = 0.8
    turn = np.exp(-1j * time * np.arange(4))
    before, after = (jw.FockState(m, HBAR) for m in (rho, turn[:, None] * rho * turn.conj()[None]))
    system = jw.Moyal(PHASE, jw.potentials.Harmonic(1.0), HBAR)
    W = jw.wigner(before, GRID, PHASE, HBAR)
    run = evolved(system, W, duration=time, steps=25, method="blanes-moan-6")
    expected = jw.wigner(after, GRID, PHASE, HBAR)
    assert float(jnp.max(jnp.abs(W - expected))) > 0.1
    np.testing.assert_allclose(run.state, expected, atol=1e-8)


def test_signs_of_both_flows():
    """Odd potentials and odd states: no symmetry hides a sign."""
    W = jw.wigner(jw.squeezed_state(GRID, 0.7, -0.5, HBAR, 1.4), GRID, PHASE, HBAR)
    U = jw.potentials.as_potential(lambda x: 0.2 * x**3 - 0.1 * x)
    system = jw.Moyal(PHASE, U, HBAR, MASS)
    mean = jax.jit(lambda g: jw.observables.phase_moments(g, PHASE)[0])
    slope = 0.6 * (0.49 + HBAR * 0.7) - 0.1
    np.testing.assert_allclose(mean(system.kick(W, 0.1)), [0.7, -0.5 - 0.1 * slope], atol=1e-9)
    np.testing.assert_allclose(mean(system.drift(W, 0.1)), [0.7 - 0.05 / MASS, -0.5], atol=1e-9)
    # The third moment of p is what the Liouville kick does not move.
    (x,), (p,) = PHASE.mesh
    cube = eqx.filter_jit(lambda s: jnp.sum((p + 0.5) ** 3 * s.kick(W, 1e-3)) * PHASE.cell)
    cubes = [float(cube(s)) for s in (system, jw.Liouville(PHASE, U, MASS))]
    # d⟨p³⟩/dt gains ħ²U‴/4 (AFG (WE): the first term beyond the Liouville equation).
    assert cubes[0] - cubes[1] == pytest.approx(1e-3 * HBAR**2 * 1.2 / 4, rel=1e-3)


def test_tables_must_reach_beyond_the_box():
    """U is evaluated at x ± ħy/2, |y| ≤ π/Δp."""
    reach = 0.5 * HBAR * np.pi / PHASE.momentum.spacing[0]
    for extra, fits in ((0.05, True), (-0.05, False)):
        nodes = np.linspace(-6.0 - reach - extra, 6.5 + reach + extra, 60)
        table = jw.potentials.Tabulated(nodes, 0.1 * nodes**2)
        if fits:
            jw.Moyal(PHASE, table, HBAR)
            jw.Liouville(PHASE, table)
        else:
            with pytest.raises(ValueError, match="Argument `potential` must cover the box from"):
                jw.Moyal(PHASE, table, HBAR)
            jw.Liouville(PHASE, table)


def test_small_hbar_is_liouville():
    """Moyal − Liouville = O(ħ²) on one and the same field."""
    (x,), (p,) = PHASE.mesh
    f = jnp.exp(-((x - 0.5) ** 2 + (p - 0.3) ** 2) / 0.5)
    U = jw.potentials.Gaussian(1.0, 1.2)
    options = {"duration": 0.8, "steps": 12, "throw": False}
    classical = evolved(jw.Liouville(PHASE, U), f, duration=0.8, steps=12).state
    hbars = jnp.array([0.05, 0.1, 0.2])
    quantum = jax.jit(jax.vmap(lambda h: jw.evolve(jw.Moyal(PHASE, U, h), f, **options).state))(
        hbars
    )
    gaps = np.max(np.abs(quantum - classical[None]), axis=(1, 2))
    assert abs(np.polyfit(np.log(hbars), np.log(gaps), 1)[0] - 2) < 0.15
