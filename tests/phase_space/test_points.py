"""Wigner and Husimi functions at any points, of every kind of state, and near the ends of the box."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small
from exact import gaussian

import jaxwigner as jw
from jaxwigner.phase_space import bilinear_wigner, wigner_at

HBAR = 0.3
GRID = jw.Grid(-6.0, 7.0, 96)
ODD = jw.Grid(-6.5, 6.1, 105)
Q, P = 0.7, -0.4
PSI = jw.coherent_state(GRID, Q, P, HBAR)
CLOUD = jw.Particles([1.0], [Q], [P])
TRANSFORMS = {jw.wigner: HBAR / 2, jw.husimi: HBAR}  # and the variance of a coherent state
both = pytest.mark.parametrize("transform", TRANSFORMS)


def levels():
    """The coherent state in the oscillator's basis."""
    amplitudes = jw.fock_orbitals(GRID, 40, HBAR) @ PSI * GRID.cell
    return jw.FockState(np.outer(amplitudes, np.conj(amplitudes)), HBAR)


# The same state six times: what is left out, the state knows.
STATES = {
    "wave function": lambda: (PSI, GRID, HBAR),
    "mixture": lambda: (jw.MixedState([0.25, 0.75], [PSI, 1j * PSI]), GRID, HBAR),
    "levels": lambda: (levels(), None, None),
    "levels on a grid": lambda: (levels(), GRID, HBAR),
    "points": lambda: (jw.ToeplitzState(CLOUD, HBAR), None, None),
    "normal law": lambda: (jw.Gaussian([Q, P], HBAR / 2 * np.eye(2)), None, HBAR),
}
X = np.random.default_rng(2).normal(0.5, 0.8, (3, 1, 4))
K = np.random.default_rng(3).normal(0.0, 0.8, (5, 1))
PLACES = {
    "a point": (0.2, -0.1),
    "a line": (np.linspace(-1, 2, 7), np.linspace(1, -1, 7)),
    "two vectors": (np.array([-0.3, 0.1, 1.7])[:, None], np.array([-0.9, -0.5, 0.7, 1.1])),
    "momenta": (0.4, np.array([[0.1], [0.3]])),
    "positions": ([0.4, 0.9], 0.0),
    "what broadcasts": (X, K),
    "tuples": ((X,), (K,)),
}


@both
@pytest.mark.parametrize("name", STATES)
def test_one_definition_for_every_state(transform, name):
    state, grid, hbar = STATES[name]()
    expected = gaussian((X, K), (Q, P), TRANSFORMS[transform] * jnp.eye(2))
    found = transform(state, grid, hbar=hbar, at=(X, K))
    assert found.shape == (3, 5, 4)
    np.testing.assert_allclose(found, expected, atol=1e-12)
    phase = jw.PhaseGrid(jw.Grid(-1.0, 1.7, 5), jw.Grid(-0.9, 0.6, 4))
    on_grid = transform(state, grid, phase, hbar)
    np.testing.assert_allclose(
        transform(state, grid, hbar=hbar, at=phase.mesh), on_grid, atol=1e-12
    )


@both
@pytest.mark.parametrize("name", PLACES)
def test_points_of_any_shape(transform, name):
    at = PLACES[name]
    x, p = (np.asarray(v[0] if isinstance(v, tuple) else v) for v in at)
    found = transform(PSI, GRID, hbar=HBAR, at=at)
    assert found.shape == np.broadcast_shapes(x.shape, p.shape)
    expected = gaussian((x, p), (Q, P), TRANSFORMS[transform] * jnp.eye(2))
    np.testing.assert_allclose(found, np.broadcast_to(expected, found.shape), atol=1e-12)


@both
@pytest.mark.parametrize("grid", [GRID, ODD], ids=["even", "odd"])
def test_points_are_the_grid(transform, grid):
    """Spectral accuracy: the natural grid, another window and its points give the same."""
    psi = jw.cat_state(grid, 1.5, 1.1, HBAR, phase=0.4)
    psi = psi + (0.3 - 0.2j) * jw.squeezed_state(grid, 0.3, 0.2, HBAR, 1.7)
    natural = jw.phase_grid(grid, HBAR)
    (x,), (p,) = natural.mesh
    found = transform(psi, grid, hbar=HBAR, at=(x[::7], p[:, ::5]))
    np.testing.assert_allclose(
        found, transform(psi, grid, natural, HBAR)[::7, ::5], rtol=0, atol=1e-12
    )
    window = jw.PhaseGrid(jw.Grid(-2.0, 3.0, 7), jw.Grid(-3.1, 2.9, 11))
    found = transform(psi, grid, hbar=HBAR, at=window.mesh)
    np.testing.assert_allclose(found, transform(psi, grid, window, HBAR), rtol=0, atol=1e-12)


@both
def test_two_dimensions(transform):
    grid = jw.Grid((-4.0, -5.0), (4.2, 4.6), (32, 37))
    psi = jw.squeezed_state(grid, (0.4, -0.3), (0.2, 0.5), HBAR, (1.1, 0.9))
    psi = psi + 0.4j * jw.coherent_state(grid, (-0.5, 0.3), (0.1, -0.4), HBAR)
    window = jw.PhaseGrid(jw.Grid((-1, -2), (2, 1), (3, 4)), jw.Grid((-1, -1.5), (1, 1), (2, 3)))
    mesh = transform(psi, grid, hbar=HBAR, at=window.mesh)
    np.testing.assert_allclose(mesh, transform(psi, grid, window, HBAR), rtol=0, atol=1e-12)
    x, p = (window.position.axes[0][1], window.position.axes[1][2]), (-1.0, 1 / 6)
    assert transform(psi, grid, hbar=HBAR, at=(x, p)) == pytest.approx(
        float(mesh[1, 2, 0, 2]), abs=1e-13
    )


@both
def test_closed_forms_in_two_dimensions(transform):
    """Of a cloud, the smoothed cloud; of a normal law with correlations, the law."""
    rng = np.random.default_rng(5)
    cloud = jw.Particles([0.3, 0.7], rng.normal(size=(2, 2)), rng.normal(size=(2, 2)))
    x, p = tuple(rng.normal(size=(2, 6))), tuple(rng.normal(size=(2, 6)))
    law = TRANSFORMS[transform] * jnp.eye(4)
    expected = sum(
        w * gaussian((*x, *p), (*q, *k), law)
        for w, q, k in zip(cloud.weights, cloud.positions, cloud.momenta)
    )
    np.testing.assert_allclose(
        transform(jw.ToeplitzState(cloud, HBAR), at=(x, p)), expected, rtol=1e-12
    )
    root = rng.normal(size=(4, 4))
    S = np.eye(4) * HBAR / 2 + root @ root.T
    mean = rng.normal(size=4)
    extra = (TRANSFORMS[transform] - HBAR / 2) * np.eye(4)
    np.testing.assert_allclose(
        transform(jw.Gaussian(mean, S), hbar=HBAR, at=(x, p)),
        gaussian((*x, *p), mean, S + extra),
        rtol=1e-10,
    )


@both
def test_points_may_be_traced(transform):
    """Under jit, vmap and grad, in the points, in the state and in ħ."""

    def value(x, p, q, hbar):
        psi = jw.coherent_state(GRID, q, P, hbar)
        return transform(psi, GRID, hbar=hbar, at=(x, p))

    points = (0.3, 0.1, 0.7, HBAR)
    slopes = jax.jit(jax.grad(value, argnums=(0, 1, 2, 3)))(*points)
    exact = jax.grad(
        lambda x, p, q, h: gaussian((x, p), (q, P), TRANSFORMS[transform] / HBAR * h * jnp.eye(2)),
        argnums=(0, 1, 2, 3),
    )(*points)
    np.testing.assert_allclose(slopes, exact, atol=1e-10)
    x = jnp.array([0.3, -0.2, 1.0])
    batch = jax.vmap(lambda x: value(x, 0.1, 0.7, HBAR))(x)
    np.testing.assert_allclose(batch, value(x, 0.1, 0.7, HBAR), atol=1e-13)


@pytest.mark.parametrize("number", [6, 40])
def test_traced_levels_find_their_grid(number):
    """Level 39 at ħ = 0.3 ends at 4.9 and does not fit the grid given; under jit neither it nor ħ can be looked at."""
    matrix = jnp.zeros((number, number)).at[number - 1, number - 1].set(1.0)
    tight = jw.Grid(-3.5, 3.5, 60)

    def top(matrix, hbar):
        return jw.wigner(jw.FockState(matrix, hbar), tight, hbar=hbar, at=(0.0, 0.0))

    expected = (-1) ** (number - 1) / (np.pi * HBAR)
    assert jax.jit(top)(matrix, HBAR) == pytest.approx(expected, rel=1e-10)


# What is near the ends of the box.
LEFT = jw.Grid(-6.0, 6.0, 64)


@pytest.mark.parametrize("points", [64, pytest.param(63, marks=pytest.mark.slow), 65])
def test_the_ends_of_the_box_do_not_meet(points):
    """A packet at −3 in (−6, 6): its tail at −6 is 1e-4, and W at x > 3 is below e^{−72}."""
    grid = jw.Grid(-6.0, 6.0, points)
    psi = jw.coherent_state(grid, -3.0, 0.0, 0.5)
    x, p = np.linspace(3.0, 5.9, 8)[:, None], np.linspace(-4.0, 4.0, 9)
    for found in (
        jw.wigner(psi, grid, hbar=0.5, at=(x, p)),
        jw.wigner(psi, grid, jw.phase_grid(grid, 0.5), 0.5)[-points // 4 + 1 :],
        jw.wigner(psi, grid, jw.PhaseGrid(jw.Grid(3.0, 5.9, 9), jw.Grid(-4.0, 4.0, 8)), 0.5),
        bilinear_wigner(psi, 1j * psi, grid, jw.phase_grid(grid, 0.5), 0.5)[-points // 4 + 1 :],
    ):
        assert np.max(np.abs(found)) < 1e-12
    assert abs(float(wigner_at(psi, grid, 3.0, 0.0, 0.5))) < 1e-12
    found = jw.husimi(psi, grid, hbar=0.5, at=(x, p))
    np.testing.assert_allclose(found, gaussian((x, p), (-3, 0), 0.5 * jnp.eye(2)), atol=1e-14)


def test_the_ends_of_a_box_in_the_plane_do_not_meet():
    grid = jw.Grid((-6.0, -4.0), (6.0, 4.5), (64, 48))
    psi = jw.coherent_state(grid, (-3.0, 0.2), (0.0, 0.1), 0.5)
    found = jw.wigner(psi, grid, hbar=0.5, at=((3.0, 0.2), (np.linspace(-2, 2, 5), 0.1)))
    assert np.max(np.abs(found)) < 1e-12
    assert abs(float(wigner_at(psi, grid, (3.0, 0.2), (0.0, 0.1), 0.5))) < 1e-12


@pytest.mark.parametrize("points", [40, 41])
def test_waves_fill_the_box(points):
    """W of e^{ikx}/√L, cut off at the ends: a sum over the shifts ±mΔ/2 that stay inside."""
    grid = jw.Grid(-2.0, 3.0, points)
    step, k = grid.spacing[0], 2 * np.pi * 9 / 5.0
    psi = np.exp(1j * k * grid.axes[0]) / np.sqrt(5.0)
    p = np.linspace(-3.0, 3.0, 7)
    for x in (-0.8, 0.31, 2.2):
        lags = np.arange(-2 * points, 2 * points)
        inside = (np.abs(lags) * step / 2 + abs(x - 0.5) <= 2.5 + 1e-9) & (
            x + np.abs(lags) * step / 2 < 3.0 - 1e-9
        )
        sums = np.cos((k - p[:, None] / HBAR) * lags * step) @ inside
        expected = sums * step / (2 * np.pi * HBAR) / 5.0
        np.testing.assert_allclose(
            jw.wigner(psi, grid, hbar=HBAR, at=(x, p)), expected, rtol=0, atol=1e-12
        )


def test_momenta_beyond_the_band_are_zero():
    top = np.pi * HBAR / GRID.spacing[0]
    for transform in TRANSFORMS:
        found = transform(PSI, GRID, hbar=HBAR, at=(Q, np.array([1.01, -1.2, 3.0]) * top))
        assert np.all(np.asarray(found) == 0)


NARROW = jw.Gaussian([0.0, 0.0], 0.1 * np.eye(2))
PAIR = (0.0, 0.0)


@both
@pytest.mark.parametrize(
    "arguments, message",
    [
        (dict(at=3.0), "`at` must be a pair"),
        (dict(at=(0.0, np.nan)), "`at` must be finite"),
        (dict(at=(np.ones(3), np.ones(2))), "`at` must have shapes that broadcast together"),
        (dict(at=((0.0, 1.0), (0.0, 1.0, 2.0))), "`at` must have shapes"),
        (dict(at=((PAIR, PAIR), 0.0), grid=jw.Grid((0, 0), (1, 1), (4, 4))), "`at` must have 2"),
        (dict(at=PAIR, phase_grid=small.PLANE), "`phase_grid` must be left out"),
        (dict(), "`phase_grid` must be a PhaseGrid, or points be given by `at`, but is None"),
        (dict(at=PAIR, grid=None), "`grid` must be a Grid"),
        (dict(at=PAIR, hbar=None), "`hbar` must be real"),
        (dict(at=PAIR, state=jw.ToeplitzState(CLOUD, 0.3)), "`hbar` must be the `hbar` of the"),
        (dict(at=PAIR, state=NARROW), r"`state` must have a covariance S with S \+ iħJ/2 ≥ 0"),
        (dict(state=NARROW, at=None), "`phase_grid` must be a PhaseGrid"),
    ],
)
def test_bad_input(transform, arguments, message):
    arguments = dict(state=small.PSI, grid=small.GRID, hbar=0.5) | arguments
    with pytest.raises(ValueError, match=message):
        transform(**arguments)


PUBLIC = [
    small.call(function, state=small.PSI, grid=small.GRID, hbar=0.5, at=(0.1, 0.2))
    for function in TRANSFORMS
]
