"""The Hartree equation against Schrödinger's, closed forms, and finite differences."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small
from cases import slope

import jaxwigner as jw
from jaxwigner.observables import mean_momentum, mean_position, position_density

HBAR = 0.3
HILL = jw.potentials.Gaussian(1.5, 0.9)


def test_without_a_pair_potential_it_is_schrodinger():
    grid, U = jw.Grid(-6.0, 6.5, 96), jw.potentials.Harmonic(0.8)
    psi = jw.coherent_state(grid, 0.7, -0.2, HBAR)
    options = {"duration": 1.3, "steps": 30}
    nothing = jw.potentials.Gaussian(0.0, 1.0)
    one = jw.evolve(jw.Hartree(grid, nothing, HBAR, external=U, mass=1.3), psi, **options)
    other = jw.evolve(jw.Schrodinger(grid, U, HBAR, mass=1.3), psi, **options)
    np.testing.assert_allclose(one.state, other.state, atol=1e-13)
    np.testing.assert_allclose(one.diagnostics.energy, other.diagnostics.energy, atol=1e-13)


@pytest.mark.parametrize("mixed", [False, True])
def test_conservation_laws(mixed):
    """Norm of every orbital, energy with the factor ½, and momentum (V even, no external potential)."""
    grid = jw.Grid(-9.0, 9.5, 160)
    state = jw.coherent_state(grid, 0.5, 0.4, HBAR)
    if mixed:
        cloud = jw.Particles([0.2, 0.3, 0.5], [-0.8, 0.1, 1.0], [0.5, 0.0, -0.6])
        state = jw.toeplitz_state(cloud, grid, HBAR)
    run = jw.evolve(jw.Hartree(grid, HILL, HBAR), state, duration=2.0, steps=80)
    energy = run.diagnostics.energy
    assert float(jnp.max(jnp.abs(energy - energy[0]))) < 1e-6
    assert float(abs(run.diagnostics.norm[-1] - 1)) < 1e-12
    before, after = (mean_momentum(s, grid, HBAR)[0] for s in (state, run.state))
    assert float(abs(after - before)) < 1e-9
    moved = mean_position(state, grid)[0] + 2.0 * before
    assert float(abs(mean_position(run.state, grid)[0] - moved)) < 1e-6


def test_quadratic_pair_potential_moves_gaussians_exactly():
    """V = ½κx²: the mean is free, fluctuations turn with frequency √κ (theory: Φ_√κ)."""
    grid, kappa, time = jw.Grid(-7.0, 7.5, 160), 1.7, 1.1
    psi = jw.squeezed_state(grid, 0.4, 0.5, HBAR, squeezing=2.0)
    pair = lambda x: 0.5 * kappa * x**2  # noqa: E731
    run = jw.evolve(jw.Hartree(grid, pair, HBAR), psi, duration=time, steps=80)
    rho = position_density(run.state, grid)
    x = np.asarray(grid.axes[0])
    mean = np.sum(x * rho) * grid.cell
    variance = np.sum((x - mean) ** 2 * rho) * grid.cell
    w = np.sqrt(kappa)
    exact = 0.5 * HBAR * (2.0 * np.cos(w * time) ** 2 + 0.5 * (np.sin(w * time) / w) ** 2)
    assert abs(mean - (0.4 + 0.5 * time)) < 1e-7
    assert abs(variance - exact) < 1e-6


@pytest.mark.parametrize(
    "method, order", [("strang", 2), pytest.param("blanes-moan-4", 4, marks=pytest.mark.slow)]
)
def test_order(method, order):
    grid = jw.Grid(-7.0, 7.5, 96)
    psi = jw.coherent_state(grid, 0.3, 0.2, HBAR)
    system = jw.Hartree(grid, HILL, HBAR)

    @jax.jit
    def end(steps):
        return jw.evolve(system, psi, duration=1.0, steps=steps, method=method, throw=False).state

    steps = np.array([10, 14, 20, 28]) if order == 4 else np.array([20, 28, 40, 56])
    exact = end(400)
    errors = [float(jnp.linalg.norm(end(int(n)) - exact)) for n in steps]
    assert abs(slope(steps, errors) - order) < 0.25


@pytest.mark.slow
@pytest.mark.parametrize(
    "method, order", [("strang", 2), ("blanes-moan-4", 4), ("blanes-moan-6", 6)]
)
def test_order_of_gross_and_pitaevskii(method, order):
    """The kick by g|ψ|² is exact: every method keeps its order."""
    grid = jw.Grid(-10.0, 10.0, 192)
    system = jw.Hartree(grid, jw.potentials.Contact(8.0), 1.0, external=jw.potentials.Harmonic(1.0))
    psi = jw.coherent_state(grid, 1.0, 0.5, 1.0)

    def end(steps, method=method):
        how = {"duration": 1.0, "method": method, "throw": False}
        return jw.evolve(system, psi, steps=steps, **how).state

    steps = {2: [40, 56, 80], 4: [30, 42, 58], 6: [8, 11, 15]}[order]
    errors = [float(jnp.linalg.norm(end(n) - end(300, "blanes-moan-6"))) for n in steps]
    assert abs(slope(np.array(steps), errors) - order) < (0.15 if order < 6 else 0.6), errors


def test_an_attraction_in_the_plane_collapses():
    """Beyond the critical 2π·0.93 the spectrum runs to the end of the grid, and the run says so."""
    plane = jw.Grid((-5.0, -5.5), (5.0, 5.5), (40, 44))
    psi = jw.coherent_state(plane, (0.0, 0.0), (0.0, 0.0), 1.0)
    system = jw.Hartree(plane, jw.potentials.Contact(-20.0), 1.0)
    with pytest.raises(ValueError, match="under-resolved: spectral_tail"):
        jw.evolve(system, psi, duration=1.5, steps=60)


@pytest.mark.slow
def test_gradients_in_the_strength_of_a_contact():
    grid = jw.Grid(-8.0, 8.0, 96)
    mixed = jw.MixedState([0.4, 0.6], jw.fock_orbitals(grid, 2, 1.0).astype(complex))

    def narrowness(g, gradient):
        pair = jw.potentials.Contact(g)
        system = jw.Hartree(grid, pair, 1.0, external=jw.potentials.Harmonic(1.3))
        how = {"duration": 0.7, "steps": 20, "throw": False, "gradient": gradient}
        return jnp.sum(position_density(jw.evolve(system, mixed, **how).state, grid) ** 2)

    slopes = [jax.grad(narrowness)(2.0, kind) for kind in ("reversible", "checkpointed")]
    assert float(slopes[0]) == pytest.approx(float(slopes[1]), rel=1e-10)
    away = [float(narrowness(2.0 + d, "reversible")) for d in (1e-4, -1e-4)]
    assert float(slopes[0]) == pytest.approx((away[0] - away[1]) / 2e-4, rel=1e-6)


@pytest.mark.slow
def test_gradients_by_the_reversible_rule():
    grid = jw.Grid(-7.0, 7.5, 96)

    def spread(q, height, hbar, duration):
        system = jw.Hartree(grid, jw.potentials.Gaussian(height, 0.9), hbar)
        psi = jw.coherent_state(grid, q, 0.2, hbar)
        end = jw.evolve(system, psi, duration=duration, steps=20, throw=False).state
        return jnp.sum(grid.axes[0] ** 2 * jnp.abs(end) ** 2) * grid.cell

    start, step = (0.4, 1.5, 0.3, 1.0), 1e-4
    value = jax.jit(spread)
    gradients = jax.jit(jax.grad(spread, argnums=(0, 1, 2, 3)))(*start)
    for i, gradient in enumerate(gradients):
        ends = [list(start) for _ in range(4)]
        for end, s in zip(ends, (-2, -1, 1, 2)):
            end[i] += s * step
        a, b, c, d = (float(value(*end)) for end in ends)
        assert abs(gradient - (a - 8 * b + 8 * c - d) / (12 * step)) < 1e-7


def test_batches_over_hbar():
    grid = jw.Grid(-7.0, 7.5, 64)

    def end(hbar):
        psi = jw.coherent_state(grid, 0.3, 0.0, hbar)
        return jw.evolve(jw.Hartree(grid, HILL, hbar), psi, duration=0.5, steps=8).state

    together = jax.jit(jax.vmap(end))(jnp.array([0.5, 0.4]))
    np.testing.assert_allclose(together[1], jax.jit(end)(0.4), atol=1e-13)


def test_two_dimensions_of_a_separable_problem():
    """A quadratic V in two dimensions acts on each axis alone."""
    kappa, time = 1.2, 0.7
    line, plane = jw.Grid(-5.0, 5.5, 40), jw.Grid((-5.0, -5.0), (5.5, 5.5), (40, 40))
    one = [jax.jit(jw.squeezed_state)(line, q, 0.1, 0.5, s) for q, s in ((0.2, 1.5), (-0.3, 0.8))]
    product = np.outer(*one)
    options = {"duration": time, "steps": 20}
    ends = [
        jw.evolve(jw.Hartree(line, lambda x: 0.5 * kappa * x**2, 0.5), psi, **options).state
        for psi in one
    ]
    pair = lambda x, y: 0.5 * kappa * (x**2 + y**2)  # noqa: E731
    both = jw.evolve(jw.Hartree(plane, pair, 0.5), product, **options).state
    density = np.outer(*(np.abs(end) ** 2 for end in ends))
    np.testing.assert_allclose(np.abs(both) ** 2, density, atol=1e-8)


@pytest.mark.parametrize(
    "arguments, words",
    [
        (dict(grid=3, pair=HILL, hbar=0.1), "`grid` must be a Grid"),
        (dict(grid=jw.Grid(0.0, 1.0, 8), pair=HILL, hbar=0.0), "`hbar` must be positive"),
        (dict(grid=jw.Grid(0.0, 1.0, 8), pair=3.0, hbar=0.1), "must be a Potential or a function"),
        (
            dict(grid=jw.Grid(0.0, 1.0, 8), pair=HILL, hbar=0.1, mass=-1.0),
            "`mass` must be positive",
        ),
    ],
)
def test_bad_input(arguments, words):
    with pytest.raises(ValueError, match=words):
        jw.Hartree(**arguments)


def test_under_resolved_runs_say_so():
    grid = jw.Grid(-3.0, 3.0, 32)
    with pytest.raises(ValueError, match="Hartree is under-resolved"):
        jw.evolve(
            jw.Hartree(grid, HILL, 0.05),
            jw.coherent_state(grid, 0.0, 0.75, 0.05),
            duration=1.0,
            steps=9,
        )


def test_the_seam_of_a_ring_is_no_edge():
    """A pair potential of that period, and a contact, across the seam; a mass for each coordinate beside it."""
    ring = jw.Grid((-np.pi, -4.0), (np.pi, 4.0), (36, 32), periodic=(True, False))
    psi = jw.coherent_state(ring, (3.0, 0.2), (0.4, 0.0), 0.5)
    U = lambda x, y: 0.5 * y**2 + 0.2 * jnp.cos(x)  # noqa: E731
    for pair in (jw.potentials.Contact(0.3), lambda x, y: jnp.cos(x) * jnp.exp(-(y**2))):
        system = jw.Hartree(ring, pair, 0.5, U, (1.0, 2.0))
        run = jw.evolve(system, psi, duration=0.3, steps=6)
        assert run.diagnostics.energy_error < 1e-6


PUBLIC = [small.call(jw.Hartree, **small.PAIRED)]
