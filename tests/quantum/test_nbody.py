"""N bodies on the full grid: closed forms, marginals, symmetry, gradients."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small
from cases import one_body_moments
from runs import evolved

import jaxwigner as jw
from jaxwigner.potentials.pairs.on_grids import convolve, kernel_spectrum

HBAR = 0.4
GRID = jw.Grid(-6.5, 6.0, 50)
PAIR = jw.potentials.Gaussian(1.2, 0.8)


def test_free_bodies_do_not_know_each_other():
    """V = 0 with an external potential and a mass: the product of one-body runs."""
    U, options = jw.potentials.Gaussian(-0.6, 1.5), {"duration": 0.8, "steps": 30}
    psi = jw.coherent_state(GRID, 0.5, 0.3, HBAR)
    alone = evolved(jw.Schrodinger(GRID, U, HBAR, 1.3), psi, **options).state
    system = jw.ManyBody(GRID, jw.potentials.Free(), HBAR, 3, U, mass=1.3)
    together = evolved(system, jw.product_state(psi, 3), **options).state
    np.testing.assert_allclose(together, jw.product_state(alone, 3), atol=1e-11)


@pytest.mark.parametrize(
    "number, points",
    [(2, 72), *(pytest.param(*one, marks=pytest.mark.slow) for one in [(3, 60), (4, 32)])],
)
def test_quadratic_pairs(number, points):
    """Squeezed and moving data under V = ½κx²: the marginal of one body, exactly (theory R2)."""
    grid = jw.Grid(-4.3, 4.8, points)
    kappa, time, squeezing = 1.7, 0.9, 1.4
    psi = jw.squeezed_state(grid, -0.2, 0.5, HBAR, squeezing)
    system = jw.ManyBody(grid, jw.potentials.Harmonic(kappa), HBAR, number)
    run = evolved(system, jw.product_state(psi, number), duration=time, steps=6)
    found = one_body_moments(jw.reduced_state(run.state, grid, 1), grid, HBAR)
    widths = 0.5 * HBAR * np.diag([squeezing, 1 / squeezing])
    start = jw.Gaussian(np.array([-0.2, 0.5]), widths)
    expected = jw.quadratic_marginal(start, kappa, number, time)
    np.testing.assert_allclose(found[0], expected.mean, atol=1e-6)
    np.testing.assert_allclose(found[1], expected.covariance, atol=2e-6)
    # Twice the pair energy, as printed in the paper, is far away.
    printed = jw.quadratic_marginal(start, 2 * kappa, number, time).covariance
    assert np.max(np.abs(printed - found[1])) > 0.02


@pytest.mark.slow
def test_two_bodies_in_the_plane():
    grid = jw.Grid((-4.5, -4.8), (5.0, 4.6), (28, 30))
    psi = jw.coherent_state(grid, (0.3, -0.1), (0.0, 0.2), HBAR)
    system = jw.ManyBody(grid, jw.potentials.Harmonic(1.1), HBAR, 2)
    run = evolved(system, jw.product_state(psi, 2), duration=0.6, steps=8)
    rho = jnp.diag(jw.reduced_state(run.state, grid, 1).reshape(840, 840)).real.reshape(grid.shape)
    x, y = grid.mesh
    start = jw.Gaussian(np.zeros(2), 0.5 * HBAR * np.eye(2))
    variance = float(jw.quadratic_marginal(start, 1.1, 2, 0.6).covariance[0, 0])
    assert float(jnp.sum((x - 0.3) ** 2 * rho) * grid.cell) == pytest.approx(variance, abs=1e-6)
    # The second mean moves freely: −0.1 + 0.2 · 0.6.
    assert float(jnp.sum((y - 0.02) ** 2 * rho) * grid.cell) == pytest.approx(variance, abs=1e-6)


def test_marginals_are_partial_traces():
    rng = np.random.default_rng(3)
    grid = jw.Grid(-1.0, 2.0, 5)
    psi = rng.normal(size=(2, 5, 5, 5)) + 1j * rng.normal(size=(2, 5, 5, 5))
    state = jw.MixedState([0.3, 0.7], psi)
    two, one = (np.asarray(jw.reduced_state(state, grid, n)) for n in (2, 1))
    full = np.einsum("j,jabc,jdef->abcdef", [0.3, 0.7], psi, psi.conj())
    np.testing.assert_allclose(two, np.einsum("abcdec->abde", full) * grid.cell, atol=1e-12)
    np.testing.assert_allclose(one, np.einsum("abdb->ad", two) * grid.cell, atol=1e-12)
    np.testing.assert_allclose(one, one.conj().T, atol=1e-12)
    all_three = jw.reduced_state(psi[0], grid, 3)
    np.testing.assert_allclose(
        all_three[1, 2, 3, 0, 1, 4], psi[0, 1, 2, 3] * psi[0, 0, 1, 4].conj()
    )


def test_products_of_mixed_states():
    """The marginal of R^{⊗N} is R^{⊗n}, up to the lost mass 1."""
    pair = jnp.stack([jw.coherent_state(GRID, q, 0.2, HBAR) for q in (-0.5, 0.6)])
    R = jw.MixedState([0.4, 0.6], pair)
    matrix = jw.reduced_state(R, GRID, 1)
    np.testing.assert_allclose(
        jw.reduced_state(jw.product_state(R, 2), GRID, 1), matrix, atol=1e-12
    )


def test_mixed_and_antisymmetric_states_are_symmetric_data():
    """U_σRU_σ* = R holds for R^{⊗2} though not for its single products, and for fermions."""
    pair = jnp.stack([jw.coherent_state(GRID, q, 0.2, HBAR) for q in (-1.0, 1.1)])
    system = jw.ManyBody(GRID, PAIR, HBAR, 2)
    mixed = jw.product_state(jw.MixedState([0.4, 0.6], pair), 2)
    system.enter(mixed)
    product = jnp.multiply.outer(pair[0], pair[1])
    system.enter((product - product.T) / jnp.sqrt(2.0))
    with pytest.raises(ValueError, match="Argument `state` must be symmetric under exchange"):
        system.enter(product)
    lopsided = jw.MixedState([0.4, 0.6], jnp.stack([product, product]))
    with pytest.raises(ValueError, match="Argument `state` must be symmetric under exchange"):
        system.enter(lopsided)
    free = jw.ManyBody(GRID, PAIR, HBAR, 2, symmetric=False)
    run = evolved(free, product, duration=0.5, steps=12)
    swapped = evolved(free, product.T, duration=0.5, steps=12)
    np.testing.assert_allclose(run.state, swapped.state.T, atol=1e-12)


def test_marginals_of_mixtures_are_mixtures_of_marginals():
    psi = [jw.product_state(jw.coherent_state(GRID, q, 0.0, HBAR), 2) for q in (-0.4, 0.7)]
    system, options = jw.ManyBody(GRID, PAIR, HBAR, 2), {"duration": 0.7, "steps": 16}
    mixed = evolved(system, jw.MixedState([0.25, 0.75], jnp.stack(psi)), **options).state
    parts = [jw.reduced_state(evolved(system, p, **options).state, GRID, 1) for p in psi]
    expected = 0.25 * parts[0] + 0.75 * parts[1]
    np.testing.assert_allclose(jw.reduced_state(mixed, GRID, 1), expected, atol=1e-12)


@pytest.mark.parametrize("method", ["strang", "blanes-moan-4"])
def test_orders(method):
    system = jw.ManyBody(GRID, PAIR, HBAR, 2, jw.potentials.Harmonic(0.5))
    psi = jw.product_state(jw.coherent_state(GRID, 0.6, 0.0, HBAR), 2)

    def final(method):
        run = lambda steps: jw.evolve(  # noqa: E731
            system, psi, duration=1.5, steps=steps, method=method, throw=False
        )
        return jax.jit(lambda steps: run(steps).state)

    exact, run = final("blanes-moan-6")(150), final(method)
    steps = np.array([16, 24, 36, 54])
    errors = [float(jnp.max(jnp.abs(run(int(s)) - exact))) for s in steps]
    order = -np.polyfit(np.log(steps), np.log(errors), 1)[0]
    assert abs(order - jw.METHODS[method].order) < 0.15


def test_bodies_on_a_ring():
    """A periodic pair potential: no edges, total momentum conserved, and V seen through the boundary."""
    ring = jw.Grid(0.0, 2 * np.pi, 36)
    system = jw.ManyBody(ring, jw.potentials.Cosine(0.8), 0.5, 2)
    x = jnp.asarray(ring.axes[0])
    one = jnp.exp(jnp.cos(x) + 2j * x)  # concentrated at the boundary of the box
    one = one / jnp.sqrt(jnp.sum(jnp.abs(one) ** 2) * ring.cell)
    psi = jw.product_state(one, 2)
    run = evolved(system, psi, duration=1.0, steps=16)
    assert float(jnp.max(run.diagnostics.edge_mass)) == 0.0
    whole = system.product_grid
    before, after = (jw.observables.mean_momentum(u, whole, 0.5) for u in (psi, run.state))
    np.testing.assert_allclose(before, 1.0, atol=1e-12)
    np.testing.assert_allclose(after, before, atol=1e-10)
    moved = evolved(system, jnp.roll(psi, (7, 7), (0, 1)), duration=1.0, steps=16)
    np.testing.assert_allclose(moved.state, jnp.roll(run.state, (7, 7), (0, 1)), atol=1e-11)


@pytest.mark.parametrize(
    "grid, pair",
    [
        (jw.Grid(-1.0, 2.5, 11), jw.potentials.Gaussian(1.0, 0.7)),
        (jw.Grid(0.0, 2 * np.pi, 10), jw.potentials.Cosine(0.8)),
        (jw.Grid((-1.0, 0.0), (1.0, 3.0), (5, 6)), jw.potentials.Gaussian(1.0, 0.7)),
    ],
    ids=["padded", "ring", "plane"],
)
def test_convolutions_are_sums(grid, pair):
    """(V⋆f)(x) = Σ V(x − y) f(y) cell, without images unless V has the period of the box."""
    rng = np.random.default_rng(8)
    f = rng.normal(size=grid.shape) + 1j * rng.normal(size=grid.shape)
    points = np.stack([np.broadcast_to(m, grid.shape).ravel() for m in grid.mesh])
    differences = points[:, :, None] - points[:, None]
    direct = np.asarray(pair(*differences)) @ f.ravel() * grid.cell
    found = convolve(kernel_spectrum(pair, grid), jnp.asarray(f), grid)
    np.testing.assert_allclose(found, direct.reshape(grid.shape), atol=1e-12)


def test_gradients():
    """Reverse mode through a run, against central differences: strength of V, ħ, time."""
    psi = jw.product_state(jw.coherent_state(GRID, 0.4, 0.0, HBAR), 2)
    x = GRID.axes[0]

    def spread_out(theta):
        system = jw.ManyBody(GRID, jw.potentials.Gaussian(theta[0], 0.8), theta[1], 2)
        run = jw.evolve(system, psi, duration=theta[2], steps=10, throw=False)
        rho = jnp.diag(jw.reduced_state(run.state, GRID, 1)).real
        return jnp.sum(x**2 * rho) * GRID.cell

    theta = jnp.array([1.2, HBAR, 0.9])
    value = jax.jit(spread_out)
    slopes = jax.jit(jax.grad(spread_out))(theta)
    for i, e in enumerate(np.eye(3) * 1e-4):
        expected = (value(theta + e) - value(theta - e)) / 2e-4
        assert float(slopes[i]) == pytest.approx(float(expected), rel=1e-6)


def test_batches():
    """ħ and the strength of V by `vmap`, as one by one."""
    psi = jw.product_state(jw.coherent_state(GRID, 0.4, 0.0, HBAR), 2)

    def final(hbar, height):
        system = jw.ManyBody(GRID, jw.potentials.Gaussian(height, 0.8), hbar, 2)
        return jw.evolve(system, psi, duration=0.5, steps=6, throw=False).state

    hbars, heights = jnp.array([0.3, 0.5]), jnp.array([1.0, -0.4])
    batch = jax.jit(jax.vmap(final))(hbars, heights)
    single = jax.jit(final)
    for one, h, v in zip(batch, hbars, heights):
        np.testing.assert_allclose(one, single(h, v), atol=1e-12)


@pytest.mark.parametrize(
    "change, message",
    [
        (
            {"pair": lambda x: x**3},
            "Argument `pair` must be even, V\\(−x\\) = V\\(x\\), but differs",
        ),
        ({"pair": 1.0}, "Argument `pair` must be a Potential or a function"),
        ({"pair": lambda x, y: x * y}, "Argument `pair` must be a function of 1 coordinate"),
        ({"number": 0}, "Argument `number` must be an integer of at least 1, but is 0"),
        ({"number": 2.0}, "Argument `number` must be an integer of at least 1, but is 2.0"),
        ({"hbar": -0.1}, "Argument `hbar` must be positive, but is -0.1"),
        ({"external": np.zeros(3)}, "Argument `external` must have shape \\(50\\)"),
        ({"grid": 3}, "Argument `grid` must be a Grid"),
    ],
)
def test_bad_input(change, message):
    arguments = {"grid": GRID, "pair": PAIR, "hbar": HBAR, "number": 2} | change
    with pytest.raises(ValueError, match=message):
        jw.ManyBody(**arguments)


def test_bad_tables_and_marginals():
    table = jw.potentials.Tabulated(np.linspace(-8, 8, 40), np.linspace(-8, 8, 40) ** 2)
    with pytest.raises(ValueError, match="Argument `pair` must cover the box from"):
        jw.ManyBody(GRID, table, HBAR, 2)
    psi = jw.product_state(jw.coherent_state(GRID, 0.0, 0.0, HBAR), 2)
    with pytest.raises(
        ValueError, match="Argument `n` must be at most the number of bodies \\(2\\)"
    ):
        jw.reduced_state(psi, GRID, 3)
    with pytest.raises(ValueError, match="Argument `state` must have shape \\(50, 50\\)"):
        jw.reduced_state(psi[:, :40], GRID, 1)
    with pytest.raises(ValueError, match="Argument `state` must have shape"):
        jw.ManyBody(GRID, PAIR, HBAR, 3).enter(psi)


PUBLIC = [
    small.call(jw.ManyBody, **small.PAIRED, number=2),
    small.call(jw.product_state, {"state": "object"}, state=small.PSI, number=2),
    small.call(
        jw.reduced_state, {"state": "object"}, state=np.ones((16, 16)), grid=small.GRID, n=1
    ),
]
