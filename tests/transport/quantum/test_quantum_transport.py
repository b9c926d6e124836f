"""MK_ħ against closed forms, an independent solver and finite differences."""

from math import comb

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw


def packets(points, weights, hbar):
    z = np.asarray(points, float)
    return jw.ToeplitzState(jw.Particles(weights, z[:, 0], z[:, 1]), hbar)


def levels(*populations, hbar=1.0):
    return jw.FockState(np.diag(populations).astype(complex), hbar)


ONE = jw.FockState([[0.5, 0.1 + 0.2j, 0], [0.1 - 0.2j, 0.3, 0.05j], [0, -0.05j, 0.2]], 1.0)
OTHER = jw.FockState([[0.2, -0.1, 0.05j], [-0.1, 0.5, 0.1], [-0.05j, 0.1, 0.3]], 1.0)
FOUR = [[0.0, 0.5], [1.0, 0.0], [-0.5, -0.8], [0.3, -0.2]]
THREE = [[0.2, 0.1], [-0.7, 0.4], [0.9, -0.6]]
HALVES = [0.5, 0.5]
APART = levels(0.5, 0.0, 0.5, 0.0)
BINOMIAL = levels(*(comb(3, k) / 8 for k in range(4)))
REFERENCES = {
    "pure": (packets([[0.7, -0.3]], [1.0], 0.2), levels(0.5, 0.0, 0.5, hbar=0.2), 0.69, 1e-10),
    "no neighbours": (APART, APART, 3.0, 1e-10),
    "equal masses": (
        packets([[1.0, 0.0], [-1.0, 0.0]], HALVES, 1.0),
        packets([[0.5, 0.0], [-0.5, 0.0]], HALVES, 1.0),
        1.125,
        1e-10,
    ),
    "cheaper": (
        packets([[1.0, 0.0], [-1.0, 0.0]], [0.75, 0.25], 1.0),
        packets([[1.0, 0.0], [-1.0, 0.0]], HALVES, 1.0),
        1.34630061342,
        5e-8,
    ),
    "matrices": (ONE, OTHER, 1.49015327214, 5e-8),
    "one with itself": (ONE, ONE, 1.10717356534, 5e-8),
    "binomial": (BINOMIAL, BINOMIAL, 1.0, 1e-10),
    "clouds": (
        packets(FOUR, [0.4, 0.3, 0.2, 0.1], 0.2),
        packets(THREE, [0.5, 0.25, 0.25], 0.2),
        0.36489928495,
        5e-8,
    ),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_reference_values(name):
    R, S, expected, error = REFERENCES[name]
    result = jw.quantum_transport(R, S, tolerance=1e-10)
    assert float(result.cost.lower) - error < expected < float(result.cost.upper) + error
    assert float(result.cost.width) < 2e-9 * expected
    assert float(result.residuals.first) < 1e-14 and float(result.residuals.second) < 1e-14
    assert float(result.residuals.positivity) > -1e-14


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((0.02, 0.01, 0.15, 0.82), (0.01, 0.8, 0.16, 0.03), 3.06296078512),
        ((0.02, 0.01, 0.15, 0.82), (0.02, 0.01, 0.15, 0.82), 5.56),
        pytest.param(
            (0.01, 0.8, 0.16, 0.03),
            (0.01, 0.8, 0.16, 0.03),
            2.12927034205,
            marks=pytest.mark.nightly,
        ),
        pytest.param((0.3, 0.0, 0.2, 0.5), (0.0, 0.4, 0.0, 0.6), None, marks=pytest.mark.slow),
    ],
)
def test_populations_by_both_programs(first, second, expected):
    """The cone program and the dense one: values, and the same certificate from (A, B) and F, also with empty levels."""
    R, S = levels(*first), levels(*second)
    cone, dense = (
        jw.quantum_transport(R, S),
        jw.quantum_transport(R, S, method="interior_point", tolerance=1e-10),
    )
    assert (cone.method, dense.method) == ("fock_diagonal", "interior_point")
    assert abs(float(cone.cost.centre - dense.cost.centre)) < 2e-9
    assert expected is None or abs(float(cone.cost.centre) - expected) < 5e-11
    assert float(cone.residuals.first) < 1e-14 and float(cone.residuals.positivity) > -1e-14
    A, B = cone.potentials
    weights = [one.eigenvalues for one in cone.states]
    assert (
        abs(
            float(jnp.real(jnp.diagonal(A)) @ weights[0] + jnp.real(jnp.diagonal(B)) @ weights[1])
            - float(cone.cost.centre)
        )
        < 1e-10
    )


def test_gaussians_in_one_and_two_dimensions():
    one = jw.Gaussian([0.4, -0.2], [[0.5, 0.1], [0.1, 0.2]])
    other = jw.Gaussian([0.0, 0.0], [[0.3, -0.05], [-0.05, 0.35]])
    result = jw.quantum_transport(one, other, hbar=0.3)
    assert result.method == "gaussian" and bool(result.converged)
    assert abs(float(result.cost.centre) - 0.44120566823818) < 1e-13
    S = [[0.5, 0.1, 0.05, 0], [0.1, 0.4, 0, -0.05], [0.05, 0, 0.3, 0.1], [0, -0.05, 0.1, 0.6]]
    T = [[0.3, 0, 0.1, 0], [0, 0.5, 0, 0.05], [0.1, 0, 0.45, -0.1], [0, 0.05, -0.1, 0.35]]
    pair = [jw.Gaussian(np.zeros(4), np.array(X, float)) for X in (S, T)]
    cost = jw.quantum_transport(*pair, hbar=0.3).cost
    assert abs(float(cost.centre) - 0.69548760653410) < 1e-10 and float(cost.width) < 1e-10


@pytest.mark.slow
def test_gaussian_beside_levels():
    """Two thermal states, one by its moments, one by its levels."""
    p = (0.2 / 1.2) ** np.arange(16) / 1.2
    thermal = jw.FockState(np.diag(p / p.sum()).astype(complex), 0.25)
    result = jw.quantum_transport(
        jw.Gaussian(np.zeros(2), 0.25 * 0.6 * np.eye(2)), thermal, tolerance=1e-8
    )
    assert bool(result.cost.contains(0.25428932188)) and float(result.cost.width) < 3e-6


@pytest.mark.nightly
def test_gaussian_in_turned_coordinates():
    """A squeezed Gaussian beside two packets, both moved and turned."""
    squeezed = jw.Gaussian([0.3, -0.2], [[0.12, 0.02], [0.02, 0.18]])
    pair = packets([[1.0, 0.2], [0.0, 0.5]], [0.7, 0.3], 0.25)
    found = jw.quantum_transport(squeezed, pair, tolerance=1e-8)
    turned = jw.Gaussian([-0.2, -0.3], [[0.18, -0.02], [-0.02, 0.12]])  # (x, p) to (p, −x)
    other = jw.quantum_transport(
        turned, packets([[0.2, -1.0], [0.5, 0.0]], [0.7, 0.3], 0.25), tolerance=1e-8
    )
    assert abs(float(found.cost.centre - other.cost.centre)) < 1e-8
    bounds = jw.transport.moment_bounds(squeezed, jw.transport.quantum_moments(pair), 0.25)
    assert (
        float(bounds.gelbrich)
        < float(found.cost.lower)
        < float(found.cost.upper)
        < float(bounds.product)
    )


@pytest.mark.slow
def test_pure_partner_of_a_gaussian():
    """Beside ψ: half the sum of the traces."""
    one = packets([[0.5, 0.1]], [1.0], 0.3)
    gaussian = jw.Gaussian(np.zeros(2), np.diag([0.3, 0.4]))
    assert (
        abs(float(jw.quantum_transport(one, gaussian).cost.centre) - (0.5 * 0.26 + 0.15 + 0.35))
        < 1e-14
    )


@pytest.mark.nightly
def test_gaussian_in_the_plane():
    """A product of modes beside a product of packets: costs add."""
    weights = jw.Particles([0.5, 0.5], [[0.4, 0.0], [-0.4, 0.0]], np.zeros((2, 2)))
    narrow = jw.Gaussian(np.zeros(4), np.diag([0.2, 0.16, 0.2, 0.16]))
    plane = jw.quantum_transport(
        jw.ToeplitzState(weights, 0.3), narrow, rank=(2, 40), tolerance=1e-8
    )
    line = jw.quantum_transport(
        packets([[0.4, 0.0], [-0.4, 0.0]], HALVES, 0.3),
        jw.Gaussian(np.zeros(2), 0.2 * np.eye(2)),
        tolerance=1e-8,
    )
    expected = (
        float(line.cost.centre) + 0.15 + 0.16
    )  # the second mode: a packet and a thermal state
    assert float(plane.cost.lower) - 1e-6 < expected < float(plane.cost.upper) + 1e-6
    assert float(plane.cost.width) < 1e-3


GRID = jw.Grid(-6.0, 7.0, 96)
MU = jw.Particles([0.5, 0.3, 0.2], [0.0, 1.0, -0.7], [0.3, 0.0, -0.5])
NU = jw.Particles([0.6, 0.4], [0.2, 0.9], [0.0, 0.4])


@pytest.mark.slow
def test_orbitals_and_packets_are_the_same_states():
    on_grid = [jw.toeplitz_state(mu, GRID, 0.3) for mu in (MU, NU)]
    by_packets = [jw.ToeplitzState(mu, 0.3) for mu in (MU, NU)]
    expected = jw.quantum_transport(*by_packets, tolerance=1e-9).cost.centre
    for R, S in (on_grid, (on_grid[0], by_packets[1]), (by_packets[0], on_grid[1])):
        found = jw.quantum_transport(R, S, grid=GRID, hbar=0.3, tolerance=1e-9).cost
        assert abs(float(found.centre - expected)) < 1e-9
    psi = jw.coherent_state(GRID, 0.3, 0.2, 0.3)
    pure = jw.quantum_transport(psi, by_packets[1], grid=GRID)
    assert pure.method == "product"
    moments = [jw.transport.quantum_moments(R, grid=GRID, hbar=0.3) for R in (psi, on_grid[1])]
    assert abs(float(pure.cost.centre - jw.transport.product_cost(*moments))) < 1e-10


@pytest.mark.slow
def test_the_floor_in_the_plane():
    mu = jw.Particles([0.5, 0.5], [[0.0, 0.0], [1.0, 0.3]], [[0.0, 0.2], [0.1, 0.0]])
    R = jw.ToeplitzState(mu, 0.3)
    cost = jw.quantum_transport(R, R, tolerance=1e-9).cost
    assert abs(float(cost.centre) - 0.6) < 1e-9  # dħ


@pytest.mark.slow
@pytest.mark.parametrize("rank", [(2, 3), pytest.param(3, marks=pytest.mark.nightly)])
def test_fewer_eigenvalues_bound_the_same_states(rank):
    R, S = packets(FOUR, [0.4, 0.3, 0.2, 0.1], 0.2), packets(THREE, [0.5, 0.25, 0.25], 0.2)
    full = jw.quantum_transport(R, S, tolerance=1e-9).cost
    cut = jw.quantum_transport(R, S, rank=rank, tolerance=1e-9)
    assert float(cut.cost.lower) <= float(full.lower) <= float(full.upper) <= float(cut.cost.upper)
    assert float(cut.errors["lost mass"]) > 0


def cost_of_points(x, xi=(0.3, 0.0, -0.5), tolerance=1e-10):
    R = jw.ToeplitzState(jw.Particles(MU.weights, x, jnp.asarray(xi)), 0.3)
    return jw.quantum_transport(
        R, jw.ToeplitzState(NU, 0.3), rank=(3, 2), tolerance=tolerance
    ).cost.centre


@pytest.mark.slow
def test_gradient_under_jit_and_batches():
    """Positions of packets: central differences with the error of their step taken out; a batch is its members."""
    x = MU.positions[:, 0]
    slope = jax.jit(jax.grad(cost_of_points))(x)
    batch = jax.jit(jax.vmap(cost_of_points))

    def differences(step):
        moves = step * np.concatenate([np.eye(3), -np.eye(3)])
        values = batch(np.asarray(x) + moves)
        return (values[:3] - values[3:]) / (2 * step)

    expected = (4 * differences(1e-3) - differences(2e-3)) / 3
    assert np.max(np.abs(slope - expected)) < 1e-7
    assert abs(float(batch(np.tile(x, (6, 1)))[3] - cost_of_points(x))) < 1e-10


@pytest.mark.nightly  # gradients of points: the test above, of weights: test_semiquantum.py
def test_nearest_state_of_rank_two():
    """Adam on the two points of a Töplitz state, weights too: the nearest to one of this kind costs dħ, the floor."""
    import optax

    target = packets([[0.6, 0.2], [-0.5, -0.1]], [0.6, 0.4], 0.2)

    def cost(points):
        weights = jax.nn.softmax(points["logits"])
        mu = jw.Particles(weights, points["x"], points["xi"])
        return jw.quantum_transport(
            jw.ToeplitzState(mu, 0.2), target, rank=2, tolerance=1e-8
        ).cost.centre

    points = {"logits": jnp.zeros(2), "x": jnp.array([0.9, -0.2]), "xi": jnp.array([-0.2, 0.3])}
    optimiser = optax.adam(0.05)
    step = jax.jit(jax.value_and_grad(cost))
    state, values = optimiser.init(points), []
    for _ in range(150):
        value, slope = step(points)
        moves, state = optimiser.update(slope, state)
        points = optax.apply_updates(points, moves)
        values.append(float(value))
    assert values[0] > 0.25 and min(values) > 0.2 - 1e-9
    assert values[-1] < 0.2 + 1e-4
