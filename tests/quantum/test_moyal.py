"""The Wigner equation: mixed states, the oscillator basis, signs, and tables beyond the box."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from runs import evolved

import jaxwigner as jw

HBAR, MASS = 0.3, 1.2
GRID = jw.Grid(-6.0, 6.5, 84)
PHASE = jw.PhaseGrid(jw.Grid(-6.0, 6.5, 90), jw.Grid(-4.6, 5.0, 108))


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


@pytest.mark.slow
def test_rings():
    """The natural comb of momenta moves as Schrödinger's equation says; so does a smooth field on any other momenta."""
    ring = jw.Grid(-np.pi, np.pi, 64, periodic=True)
    U = lambda x: 0.5 * (1 - jnp.cos(x))  # noqa: E731
    psi, phase = jw.coherent_state(ring, 3.0, 0.7, HBAR), jw.phase_grid(ring, HBAR)
    options = {"duration": 1.0, "steps": 24, "method": "blanes-moan-6"}
    after = jw.evolve(jw.Schrodinger(ring, U, HBAR), psi, **options).state
    run = jw.evolve(jw.Moyal(phase, U, HBAR), jw.wigner(psi, ring, phase, HBAR), **options)
    expected = jw.wigner(after, ring, phase, HBAR)
    np.testing.assert_allclose(run.state, expected, atol=1e-10)
    over_p, over_x = jw.marginals(run.state, phase)
    np.testing.assert_allclose(over_p, jnp.abs(after) ** 2, atol=1e-10)
    density = np.fft.fftshift(jw.observables.momentum_density(after, ring, HBAR))
    np.testing.assert_allclose(over_x[::2], 2 * density, atol=1e-10)
    np.testing.assert_allclose(over_x[1::2], 0.0, atol=1e-10)
    smooth = jw.PhaseGrid(ring, jw.Grid(-5.4, 6.0, 72))
    (x,), (p,) = smooth.mesh
    images = sum(jnp.exp(-((x - 3.0 + 2 * np.pi * n) ** 2)) for n in (-1, 0, 1))
    field = images * jnp.exp(-((p - 0.5) ** 2)) / np.pi
    jw.evolve(jw.Moyal(smooth, U, HBAR), field, **options)
    jw.evolve(jw.Liouville(smooth, U), field, **options)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["relativistic", "lattice"])
def test_other_kinetic_energies(name):
    k = {
        "relativistic": lambda p: 1.5 * jnp.sqrt(p**2 + 2.25),
        "lattice": lambda p: (1 - jnp.cos(0.7 * p)) / 0.49,
    }[name]
    grid = jw.Grid(-8.0, 8.0, 128)
    U = lambda x: 0.5 * x**2 + 0.3 * jnp.cos(x)  # noqa: E731
    psi, phase = jw.coherent_state(grid, 0.8, 0.5, HBAR), jw.phase_grid(grid, HBAR)
    options = {"duration": 1.2, "steps": 60}
    after = evolved(jw.Schrodinger(grid, U, HBAR, kinetic=k), psi, **options)
    run = evolved(jw.Moyal(phase, U, HBAR, kinetic=k), jw.wigner(psi, grid, phase, HBAR), **options)
    np.testing.assert_allclose(run.state, jw.wigner(after.state, grid, phase, HBAR), atol=1e-10)
    assert run.diagnostics.energy[-1] == pytest.approx(float(after.diagnostics.energy[-1]))


def lindblad(grid, U, psi, D, mass, time, steps=800):
    """∂_tρ = −i[H, ρ]/ħ − ½[c, [c, ρ]], c = √(2D)/ħ·x, by Runge and Kutta on a dense ρ: a mixed state."""
    n, x = grid.points[0], np.asarray(grid.axes[0])
    F = np.fft.fft(np.eye(n), axis=0) / np.sqrt(n)
    p = HBAR * np.asarray(grid.wavenumbers[0])
    H = F.conj().T @ np.diag(p**2 / (2 * mass)) @ F + np.diag(np.asarray(U(x)))
    c = np.sqrt(2 * D) / HBAR * x
    loss, h = 0.5 * (c[:, None] - c[None]) ** 2, time / steps
    slope = lambda rho: -1j / HBAR * (H @ rho - rho @ H) - loss * rho  # noqa: E731
    rho = np.outer(psi, np.conj(psi))
    for _ in range(steps):
        a = slope(rho)
        b = slope(rho + h / 2 * a)
        c = slope(rho + h / 2 * b)
        rho = rho + h / 6 * (a + 2 * b + 2 * c + slope(rho + h * c))
    weights, vectors = np.linalg.eigh(rho)
    kept = weights > 1e-13 * weights.max()
    weights = weights[kept] * grid.cell
    return weights.sum(), jw.MixedState(
        weights / weights.sum(), vectors.T[kept] / np.sqrt(grid.cell)
    )


WELL = lambda x: 0.5 * x**2 + 0.3 * jnp.cos(x)  # noqa: E731
DIFFUSION = 0.2


@pytest.mark.slow
def test_diffusion_is_that_of_lindblad():
    """The collapse operator √(2D)/ħ·x, both methods at their order, and the energy D/m per time."""
    grid = jw.Grid(-6.0, 6.0, 64)
    psi, phase = jw.coherent_state(grid, 0.8, 0.5, HBAR), jw.phase_grid(grid, HBAR)
    total, rho = lindblad(grid, WELL, psi, DIFFUSION, MASS, 0.8)
    expected = total * jw.wigner(rho, grid, phase, HBAR)
    W = jw.wigner(psi, grid, phase, HBAR)
    system = jw.Moyal(phase, WELL, HBAR, MASS, diffusion=DIFFUSION)
    for method, counts, least in (("strang", (8, 16), 1e-3), ("chin-4a", (3, 6), 2e-6)):
        gaps = []
        for steps in counts:
            run = jw.evolve(system, W, duration=0.8, steps=steps, method=method, throw=False)
            gaps.append(float(np.max(np.abs(run.state - expected))))
        assert gaps[-1] < least
        assert abs(np.log2(gaps[0] / gaps[1]) - jw.METHODS[method].order) < 0.3
        gained = run.diagnostics.energy[-1] - run.diagnostics.energy[0]
        assert gained == pytest.approx(0.8 * DIFFUSION / MASS, rel=1e-3)
        assert run.diagnostics.energy_error < 1e-3 and run.diagnostics.norm_error < 1e-12
    looked = jw.evolve(
        system, W, duration=0.8, steps=6, method="chin-4a", saves=[0.0, 0.3, 0.8], throw=False
    )
    np.testing.assert_allclose(looked.state, expected, atol=2e-6)
    assert looked.diagnostics.energy_error < 1e-6


def test_diffusion_is_not_undone():
    phase = jw.PhaseGrid(jw.Grid(-6.0, 6.5, 40), jw.Grid(-4.6, 5.0, 44))
    W = jw.wigner(jw.coherent_state(GRID, 0.8, 0.5, HBAR), GRID, phase, HBAR)
    system = jw.Moyal(phase, WELL, HBAR, diffusion=DIFFUSION)
    for method in ("blanes-moan-4", "blanes-moan-6"):
        with pytest.raises(ValueError, match="`method` must be one of 'strang', 'chin-4a' where"):
            jw.evolve(system, W, duration=0.1, steps=2, method=method)
    with pytest.raises(ValueError, match="Argument `duration` must not be negative"):
        jw.evolve(system, W, duration=-0.1, steps=2, method="strang")
    for wrong in (-0.1, (0.1, 0.2), np.nan, "much"):
        with pytest.raises(ValueError, match="Argument `diffusion` must"):
            jw.Moyal(phase, WELL, HBAR, diffusion=wrong)
    with pytest.raises(ValueError, match="Argument `diffusion` must be left out"):
        jw.Moyal(phase, WELL, HBAR, kinetic=lambda p: p**4, diffusion=0.1)

    def value(D, time, **options):
        system = jw.Moyal(phase, WELL, HBAR, diffusion=D)
        run = jw.evolve(system, W, duration=time, steps=2, method="strang", throw=False, **options)
        return jnp.sum(run.state**2), run.diagnostics.status

    with pytest.raises(ValueError, match='Argument `gradient` must be "checkpointed"'):
        jax.grad(value, has_aux=True)(DIFFUSION, 0.1)
    checkpointed = jax.jit(
        jax.value_and_grad(lambda D, t: value(D, t, gradient="checkpointed"), has_aux=True)
    )
    (_, _), slope = checkpointed(DIFFUSION, 0.1)
    values = [float(checkpointed(DIFFUSION + e, 0.1)[0][0]) for e in (1e-5, -1e-5)]
    assert float(slope) == pytest.approx((values[0] - values[1]) / 2e-5, rel=1e-6)
    # What is not known before the run is no number after it.
    assert np.isnan(checkpointed(-DIFFUSION, 0.1)[0][0])
    (lost, status), _ = checkpointed(DIFFUSION, -0.1)
    assert np.isnan(lost) and status != 0
