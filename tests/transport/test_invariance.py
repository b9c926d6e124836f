"""Distances do not know the origin, the unit or the order: both sides moved by 1e6, scaled by 1e-9 and 1e9, permuted, swapped.

Coordinates are multiples of 1/64 and shifts whole numbers, so that moving is exact; a bracket must meet the one at the origin and be as
narrow. Seeds are fixed; `METAMORPHIC=500 pytest …` draws that many inputs for each test, and other ones every time: those of clouds in
batches, one program a ruler, so that 10,000 of them take minutes.
"""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rulers import (
    BATCH,
    BOTH_WAYS,
    FAR,
    HBAR,
    PROPERTY,
    RULERS,
    K,
    L,
    assert_same,
    cloud,
    compiled,
    holds,
    is_same,
    lemma,
    moved,
    moved_all,
    moves,
    needs_pot,
    numbers,
    particles,
    solve,
)

import jaxwigner as jw
from jaxwigner.transport import (
    gaussian_cost,
    husimi_bound,
    moments,
    moving_cost,
    optimal_metric,
    packet_cost,
    quantum_moments,
)

pytestmark = pytest.mark.slow  # compiling its solvers takes a minute
ONE = np.ones(BATCH)


@pytest.mark.parametrize("name", RULERS)
def test_origin_unit_and_order(name):
    needs_pot(name)

    def same(p, q, move):
        base = RULERS[name](p, q, ONE)
        found = RULERS[name](moved_all(p, move, move[2]), moved_all(q, move), move[1])
        unit = move[1].reshape(-1, *[1] * (base[0].ndim - 1))
        return is_same(found, base, unit, 1e-5 * (name == "smoothed_dual"))

    holds(same)


@pytest.mark.parametrize("name", BOTH_WAYS)
def test_swap(name):
    needs_pot(name)

    def same(p, q, move):
        (start, end), (lower, upper) = RULERS[name](p, q, ONE), RULERS[name](q, p, ONE)
        meet = (lower <= end + 1e-12) & (start <= upper + 1e-12)
        # Sinkhorn's last sweep is that of one side: its widths differ, but both are those of its temperature.
        return meet & (upper - lower <= np.maximum(1e-12, 0.02 * (1 + end)))

    holds(same)


@pytest.mark.parametrize("name", ["exact", "sinkhorn", "interior_point", "gaussians"])
def test_what_weighs_nothing_costs_nothing(name):
    """Clouds with and without their first point, where this has no weight to speak of."""
    needs_pot(name)

    def same(p, q, move):
        weights = np.where(np.arange(K) == 0, 1e-300, p[0])
        weights = weights / weights.sum(1, keepdims=True)
        near = p[1].copy()
        near[:, 0] = near[:, 1]
        base = RULERS[name]((weights, near), q, ONE)
        extra = 1e-3 if name == "sinkhorn" else 1e-4
        return is_same(RULERS[name]((weights, p[1]), q, ONE), base, extra=extra)

    holds(same)


@PROPERTY
@given(p=cloud(1), q=cloud(1), move=moves())
def test_one_point_each(p, q, move):
    """½|z − z'|², plus ½ħ for a packet."""
    p, q = ((np.ones(1), points) for _, points in (p, q))
    expected = 0.5 * np.sum((p[1] - q[1]) ** 2)
    p, q, unit = moved(p, move), moved(q, move), move[1]
    found = compiled(particles(p), particles(q), method="sinkhorn")
    assert_same(found, jw.Bracket.exact(expected), unit)
    line = compiled((p[0], p[1][:, 0]), (q[0], q[1][:, 0]))
    assert_same(line, jw.Bracket.exact(0.5 * (p[1] - q[1])[0, 0] ** 2 / unit**2), unit)
    found = jw.semiquantum(particles(p), jw.ToeplitzState(particles(q), HBAR * unit**2), rank=1)
    assert_same(found.cost, jw.Bracket.exact(expected + 0.5 * HBAR), unit)


@PROPERTY
@given(p=cloud(K), q=cloud(L))
def test_different_scales_in_position_and_momentum(p, q):
    """1e-6 in x and 1e6 in p: what is left is the transport of the momenta."""
    pytest.importorskip("ot")
    momenta = jw.line_distance(p[1][:, 1], p[0], q[1][:, 1], q[0])
    p, q = ((weights, points * np.array([1e-6, 1e6])) for weights, points in (p, q))
    for name in ("exact", "sinkhorn"):
        assert_same(
            compiled(particles(p), particles(q), method=name),
            jw.Bracket.estimated(momenta, 0.01 * (name == "sinkhorn") * (1 + momenta)),
            1e6,
        )
    rank = int(np.sum(q[0] > 1e-13))
    quantum = solve(particles(p), particles(q), HBAR, "interior_point", rank)
    assert quantum.width <= 1e-6 * quantum.upper
    R = jw.ToeplitzState(particles(q), HBAR)
    assert quantum.lower <= lemma(particles(p), R).upper  # Lemma 3.1


@PROPERTY
@given(st.lists(st.floats(0.2, 5.0), min_size=4, max_size=4), st.floats(0.01, 0.3))
def test_gaussians_of_different_scales(sizes, hbar):
    """Diagonal covariances 1e-12 and 1e12 in size: both bounds agree, and S = M⁻¹ΣM⁻¹ + G_M."""
    units = np.array([1e-12, 1e12])
    sigma, S = (units * np.array(sizes[i : i + 2]) for i in (0, 2))
    p, R = (jw.Gaussian(np.zeros(2), np.diag(c)) for c in (sigma, S))
    found = gaussian_cost(p, R, hbar)
    assert found.width <= 1e-10 * 1e12
    M = np.diagonal(optimal_metric(p, R, hbar))
    squeezed = 0.5 * hbar * np.sqrt(M[::-1] / M)
    assert np.allclose(sigma / M**2 + squeezed, S, rtol=1e-6)


def test_an_impossible_gaussian_of_different_scales_is_refused():
    p, R = (jw.Gaussian(np.zeros(2), np.diag([x, 1e12])) for x in (1e-12, 1e-20))
    with pytest.raises(ValueError, match="uncertainty"):
        gaussian_cost(p, R, 0.25)


@pytest.mark.parametrize("hbar", [1e-4, 1e-8, 1e-12, 1e-20])
def test_small_hbar(hbar):
    """Far packets are orthogonal, with |z|²/ħ beyond all digits: E_ħ² = dist² + ½ħ up to overlaps."""
    pytest.importorskip("ot")
    rng = np.random.default_rng(1)
    p, q = (
        (rng.dirichlet(np.ones(n)), 7 + np.round(64 * rng.normal(size=(n, 2))) / 64) for n in (K, L)
    )
    found = solve(particles(p), particles(q), hbar, "interior_point")
    expected = compiled(particles(p), particles(q), method="exact").centre + 0.5 * hbar
    assert found.lower - 1e-12 <= expected <= found.upper + 1e-12
    assert found.width < 1e-5 * expected


# What stands on grids: densities and orbitals

BOX = ((-8.0, 8.0), (-4.0, 4.0))
measured = eqx.filter_jit(
    lambda p, R, grid, hbar: (
        jw.semiquantum(p, R, grid=grid, hbar=hbar, rank=2).cost,
        jw.semiquantum(p, R, grid=grid, hbar=hbar, rank=2),
    )
)


def packets(shift, unit):
    """Two packets on a grid, as a state there."""
    home = jw.Grid(*BOX[0], 64)
    orbitals = [jw.coherent_state(home, *z, HBAR) for z in ((0.0, 0.25), (1.0, -0.5))]
    grid = jw.Grid(*(unit * end + shift for end in BOX[0]), 64)
    return jw.MixedState([0.5, 0.5], jnp.stack(orbitals) / np.sqrt(unit)), grid


@PROPERTY
@given(cloud(K), st.sampled_from([(FAR, 1.0), (-FAR, 1.0), (0.0, 1e-9), (0.0, 1e9)]))
def test_orbitals_couplings_and_moments(p, move):
    """Orbitals far off in position: costs, couplings that are carried, moments."""
    results = []
    for shift, unit in ((0.0, 1.0), move):
        R, grid = packets(shift, unit)
        hbar, at = HBAR * unit**2, np.array([shift, 0.0])
        cost, coupling = measured(particles(moved(p, (at, unit, None))), R, grid, hbar)
        later = moving_cost(coupling, particles(moved(p, (at, unit, None))), R, grid, hbar)
        pair = jw.Particles([0.5, 0.5], [shift, unit + shift], [0.25 * unit, -0.5 * unit])
        seen = quantum_moments(R, grid=grid, hbar=hbar)
        exact = [later.cost, coupling.discrete.upper, packet_cost(pair, R, grid, hbar).cost]
        shifted = (seen.mean - at) / unit, seen.covariance / unit**2
        results.append((cost, jnp.stack(exact) / unit**2, *shifted))
    (base, *numbers), (found, *others) = results
    assert_same(found, base, move[1])
    for one, other in zip(numbers, others):
        assert np.allclose(one, other, rtol=1e-7, atol=1e-10)


def density(shift, unit, centre):
    position, momentum = (
        jw.Grid(*(unit * end + s for end in ends), n) for ends, s, n in zip(BOX, shift, (8, 10))
    )
    home = jw.PhaseGrid(jw.Grid(*BOX[0], 8), jw.Grid(*BOX[1], 10))
    (x,), (p,) = home.mesh
    values = np.exp(-0.25 * (x - centre) ** 2 - p**2)
    phase = jw.PhaseGrid(position, momentum)
    return jw.Density(values / values.sum() / phase.cell, phase)


husimi = eqx.filter_jit(lambda p, q, hbar: husimi_bound(p, q, hbar, method="sinkhorn"))
of_density = eqx.filter_jit(
    lambda p, q, hbar: jw.semiquantum(p, jw.ToeplitzState(q, hbar), rank=L, limit=30).cost
)


@pytest.mark.nightly
@PROPERTY
@given(cloud(L), numbers, moves())
def test_densities(q, centre, move):
    """Cells far off: between densities, to points, to packets, and their moments."""
    results = []
    for shift, unit, _ in ((np.zeros(2), 1.0, None), move):
        p, other = density(shift, unit, centre), density(shift, unit, 0.5)
        points = particles(moved(q, (shift, unit, None)))
        found = [compiled(p, other, method="sinkhorn"), compiled(points, p, method="sinkhorn")]
        found += [husimi(points, p, HBAR * unit**2), of_density(p, points, HBAR * unit**2)]
        seen = moments(p)
        results.append((found, (seen.mean - shift) / unit, seen.covariance / unit**2))
    (base, *numbers), (found, *others) = results
    for one, other in zip(base, found):
        assert_same(other, one, move[1])
    for one, other in zip(numbers, others):
        assert np.allclose(one, other, rtol=1e-9, atol=1e-9)
