"""The matrix Wigner equation and its quantum-classical twin: waves, closed forms, kicks backwards, what is refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small
from runs import check_gradients, evolved

import jaxwigner as jw
from jaxwigner.engine.surfaces import field_flows, flows

HBAR, MASS = 0.2, 1.3
GRID = jw.Grid(-6.0, 6.0, 96)
PHASE = jw.PhaseGrid(jw.Grid(-5.0, 5.0, 108), jw.Grid(-4.0, 5.0, 96))
GAP = jw.potentials.DeltaGap(0.2)
CHAIN = lambda x: [[x / 2, 0.3, 0.0], [0.3, x**2 / 8, 0.2 * x], [0.0, 0.2 * x, -x / 3]]  # noqa: E731
PUBLIC = [
    small.call(one, phase_grid=PHASE, potential=GAP, hbar=0.2, mass=1.0)
    for one in (jw.MatrixMoyal, jw.MatrixLiouville)
]
BOTH = pytest.mark.parametrize("kind", [jw.MatrixMoyal, jw.MatrixLiouville])


def start(n=2, centre=-1.0, momentum=0.8):
    """All components, none of them real."""
    psi = jw.coherent_state(GRID, centre, momentum, HBAR)
    return jnp.stack([0.6 * psi, 0.8j * psi, 0.5 * (1 + 1j) * psi][:n])


@pytest.mark.parametrize("n", [2, pytest.param(3, marks=pytest.mark.slow)])
def test_fields_move_as_waves(n):
    """Both half-flows are images of those of `Surfaces`: any number of steps gives the same, to what the grids hold."""
    V = GAP if n == 2 else CHAIN
    psi = start(n)
    options = {"duration": 0.9, "steps": 8, "method": "strang"}
    waves = jw.Surfaces(GRID, V, HBAR, MASS)
    after = jax.jit(lambda u: jw.evolve(waves, u, throw=False, **options).state)(psi)
    fields = jw.MatrixMoyal(PHASE, V, HBAR, MASS)
    W = jw.matrix_wigner(psi, GRID, PHASE, HBAR)
    run = evolved(fields, W, **options)
    expected = jw.matrix_wigner(after, GRID, PHASE, HBAR)
    assert float(jnp.max(jnp.abs(run.state - W))) > 0.1
    np.testing.assert_allclose(run.state, expected, atol=1e-11)
    np.testing.assert_allclose(run.state, jnp.conj(jnp.swapaxes(run.state, 0, 1)), atol=1e-14)
    np.testing.assert_allclose(fields.populations(run.state), waves.populations(after), atol=1e-9)
    np.testing.assert_allclose(fields.electronic(run.state), waves.electronic(after), atol=1e-11)
    nuclei = jw.wigner(waves.nuclear(after), GRID, PHASE, HBAR)
    np.testing.assert_allclose(fields.nuclear(run.state), nuclei, atol=1e-11)
    found, series = fields.diagnose(run.state), waves.diagnose(after)
    for name in ("norm", "energy", "kinetic"):
        np.testing.assert_allclose(found[name], series[name], atol=1e-10)
    for name in ("position", "momentum"):
        one, other = (s.observables()[name] for s in (fields, waves))
        np.testing.assert_allclose(one(run.state), other(after), atol=1e-9)
    inside = jnp.diagonal(fields.adiabatic(run.state)).sum((0, 1)) * PHASE.cell
    np.testing.assert_allclose(inside, fields.populations(run.state), atol=1e-12)


@pytest.mark.slow
def test_dephasing_of_two_oscillators():
    """V = x²/2 + g x σ_x is linear beside a scalar: both equations are exact, and they agree."""
    g, hbar, q, p, t = 0.3, 0.1, 0.7, -0.4, 2.5
    grid = jw.Grid(-3.2, 3.0, 96)
    phase = jw.PhaseGrid(grid, jw.Grid(-3.0, 3.0, 96))
    V = lambda x: [[x**2 / 2, g * x], [g * x, x**2 / 2]]  # noqa: E731
    psi = jw.coherent_state(grid, q, p, hbar)
    W = jw.matrix_wigner(jnp.stack([psi, 0 * psi]), grid, phase, hbar)
    classical, quantum = (kind(phase, V, hbar) for kind in (jw.MatrixLiouville, jw.MatrixMoyal))
    run = evolved(classical, W, duration=t, steps=50, method="symmetric-4")
    turn = q * np.sin(t) + p * (1 - np.cos(t))
    exact = np.exp(-2 * g**2 / hbar * (1 - np.cos(t))) * np.cos(2 * g / hbar * turn)
    rho = classical.electronic(run.state)
    np.testing.assert_allclose(rho[0, 0] - rho[1, 1], exact, atol=1e-6)
    kicked = [system.kick(W, 0.3) for system in (classical, quantum)]
    assert float(jnp.max(jnp.abs(kicked[0] - W))) > 0.1
    np.testing.assert_allclose(*kicked, atol=1e-12)


@BOTH
def test_one_surface_twice(kind):
    """Surfaces that do not know of each other, alike: the equations of one surface, and their diagnostics."""
    U = lambda x: 0.5 * x**2 + 0.1 * x**3  # noqa: E731
    V = lambda x: [[U(x), 0.0 * x], [0.0 * x, U(x)]]  # noqa: E731
    W = jw.wigner(jw.coherent_state(GRID, -0.5, 0.4, HBAR), GRID, PHASE, HBAR)
    weights = jnp.array([[0.36, -0.48j], [0.48j, 0.64]])[:, :, None, None]
    system = kind(PHASE, V, HBAR, MASS)
    quantum = kind is jw.MatrixMoyal
    one = jw.Moyal(PHASE, U, HBAR, MASS) if quantum else jw.Liouville(PHASE, U, MASS)
    options = {"duration": 0.6, "steps": 8, "method": "strang"}
    run = evolved(system, weights * W[None, None], **options)
    alone = evolved(one, W, **options)
    np.testing.assert_allclose(run.state, weights * alone.state[None, None], atol=1e-12)
    for name in ("norm", "energy", "kinetic", "edge_mass"):
        found, expected = (getattr(r.diagnostics, name) for r in (run, alone))
        np.testing.assert_allclose(found, expected, atol=1e-13)


@pytest.mark.parametrize("n", [2, pytest.param(3, marks=pytest.mark.slow)])
def test_kicks_backwards(n):
    """`pull` undoes the kick, and gives the cotangents that JAX finds through the exponential, of any states."""
    rng = np.random.default_rng(n)
    fields = jnp.asarray(rng.normal(size=(n * (n + 1) // 2, 4, 6)))
    u, costate = rng.normal(size=(2, 2, n, n, 4, 6)).transpose(1, 0, 2, 3, 4, 5)[:, 0] + 0j
    u = u + 1j * rng.normal(size=u.shape)
    kick = field_flows.fields_kick(fields)
    through = lambda f, u: field_flows.fields_kick(f).times(0.7)(u)  # noqa: E731
    after, back = jax.vjp(through, fields, u)
    pair, bar = kick.pull(0.7, kick.times(0.7).ready(), jnp.stack([after, costate]))
    fields_bar, before_bar = back(jnp.conj(costate))
    np.testing.assert_allclose(pair[0], u, atol=1e-13)
    np.testing.assert_allclose(pair[1], jnp.conj(before_bar), atol=1e-13)
    np.testing.assert_allclose(bar.left.fields, fields_bar, atol=1e-12)
    # The matrices themselves: e^{−iG(x, y)} w e^{+iG(x, −y)}.
    one = jnp.broadcast_to(jnp.eye(n)[:, :, None, None] + 0j, u.shape)
    U = np.asarray(flows.matrix_kick(0.7 * fields)(one))
    mirror = -np.arange(6) % 6
    spectrum = np.fft.fft(u)
    expected = np.einsum("abxy,bcxy,dcxy->adxy", U, spectrum, U.conj()[..., mirror])
    np.testing.assert_allclose(after, np.fft.ifft(expected), atol=1e-12)


def test_axes_of_results():
    system = jw.MatrixMoyal(PHASE, GAP, HBAR)
    W = jw.matrix_wigner(start(), GRID, PHASE, HBAR)
    options = {"duration": 0.1, "steps": 1, "method": "strang", "throw": False}
    run = jw.evolve(system, W, observe=["populations", "density"], **options)
    data = run.to_xarray()
    assert data["state"].dims == ("surface", "other", "x", "p")
    assert data["populations"].dims == ("time", "level")
    assert data["density"].dims == ("time", "x")


@BOTH
def test_what_is_refused(kind):
    system = kind(PHASE, GAP, HBAR)
    W = jw.matrix_wigner(start(), GRID, PHASE, HBAR)
    for state, must in (
        (W[0], "have shape"),
        (W.at[0, 1, 3, 4].add(0.1), "be Hermitian matrices"),
        (W.at[0, 0, 3, 4].set(jnp.nan), "be finite"),
    ):
        with pytest.raises(ValueError, match=f"Argument `state` must {must}"):
            jw.evolve(system, state, duration=1.0, steps=2)
    for name in ("blanes-moan-6", "chin-4a"):
        with pytest.raises(ValueError, match="Argument `method` must be one of .*symmetric-6.* V"):
            jw.evolve(system, W, duration=1.0, steps=2, method=name)
    plane = jw.Grid((-1.0, -1.0), (1.0, 1.0), (8, 8))
    with pytest.raises(ValueError, match="Argument `phase_grid` must have one coordinate"):
        kind(jw.PhaseGrid(plane, plane), jw.potentials.Crossing(), HBAR)
    ring = jw.PhaseGrid(jw.Grid(-1.0, 1.0, 8, periodic=True), jw.Grid(-1.0, 1.0, 8))
    with pytest.raises(ValueError, match="Argument `phase_grid` must not be that of a ring"):
        kind(ring, GAP, HBAR)
    for V, must in (
        (np.zeros((108, 2, 2)), "be a matrix potential"),
        (lambda x: [[x, 0.1], [0.2, x]], "be a symmetric matrix everywhere"),
        (lambda x: [[x, 0.1]], "return n rows"),
        (lambda x: 0.5 * x**2, "return n rows"),
    ):
        with pytest.raises(ValueError, match=f"Argument `potential` must {must}"):
            kind(PHASE, V, HBAR)


def test_potentials_must_reach_beyond_the_box():
    V = lambda x: [[jnp.sqrt(7.0 - x), 0.1], [0.1, x]]  # noqa: E731
    jw.MatrixLiouville(PHASE, V, HBAR)
    with pytest.raises(ValueError, match="Argument `potential` must be finite"):
        jw.MatrixMoyal(PHASE, V, HBAR)


# Orders, gradients, the way back, and the rate in ħ


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind", [jw.MatrixMoyal, pytest.param(jw.MatrixLiouville, marks=pytest.mark.nightly)]
)
def test_orders(kind):
    hbar, turn = 0.4, lambda x: 0.6 * jnp.sin(0.8 * x)
    phase = jw.PhaseGrid(jw.Grid(-7.0, 7.0, 112), jw.Grid(-5.5, 6.0, 112))
    system = kind(phase, lambda x: [[turn(x), 0.3], [0.3, -turn(x)]], hbar)
    (x,), (p,) = phase.mesh
    f = jnp.exp(-((x + 1) ** 2 + (p - 1) ** 2) / hbar) / (jnp.pi * hbar)
    vector = jnp.array([0.6, 0.8j])
    W = jnp.outer(vector, vector.conj())[:, :, None, None] * f[None, None]
    run = jax.jit(
        lambda n, method: (
            jw.evolve(system, W, duration=2.0, steps=n, method=method, throw=False).state
        ),
        static_argnums=1,
    )
    exact = run(80, "symmetric-6")
    table = {"strang": (2, (16, 32)), "symmetric-4": (4, (8, 12))}
    # The sixth order of the other is below what this grid holds of its kicks, which grow with y: see the next test.
    table |= {"symmetric-6": (6, (10, 12, 16))} if kind is jw.MatrixMoyal else {}
    for method, (order, steps) in table.items():
        errors = [float(jnp.max(jnp.abs(run(n, method) - exact))) for n in steps]
        slope = -np.polyfit(np.log(steps), np.log(errors), 1)[0]
        assert abs(slope - order) < 0.15, (method, slope, errors)


@pytest.mark.slow
def test_order_six_of_the_quantum_classical_equation():
    """V linear beside a scalar quadratic part, and nowhere commuting: what a grid holds of its kicks is enough to see it."""
    phase = jw.PhaseGrid(jw.Grid(-6.0, 6.0, 96), jw.Grid(-6.0, 6.0, 96))
    V = lambda x: [[0.5 * x**2 + 0.5, 0.8 * x], [0.8 * x, 0.5 * x**2 - 0.5]]  # noqa: E731
    system = jw.MatrixLiouville(phase, V, 0.4)
    (x,), (p,) = phase.mesh
    f = jnp.exp(-((x + 1) ** 2 + (p - 0.6) ** 2) / 0.4) / (0.4 * jnp.pi)
    vector = jnp.array([0.6, 0.8j])
    W = jnp.outer(vector, vector.conj())[:, :, None, None] * f[None, None]
    options = {"duration": 2.0, "method": "symmetric-6", "throw": False}
    run = jax.jit(lambda n: jw.evolve(system, W, steps=n, **options).state)
    exact, steps = run(64), np.array([16, 20, 24])
    errors = [float(jnp.max(jnp.abs(run(n) - exact))) for n in steps]
    assert abs(-np.polyfit(np.log(steps), np.log(errors), 1)[0] - 6) < 0.15


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind, n",
    [(jw.MatrixMoyal, 2), pytest.param(jw.MatrixLiouville, 3, marks=pytest.mark.nightly)],
)
def test_gradients(kind, n):
    """In δ, ħ, the mass and the momentum: reversible ones are those of checkpointing, and of differences."""

    def loss(parameters, gradient):
        delta, hbar, mass, momentum = parameters
        third = lambda x: [[x, delta, 0.1], [delta, -x, 0.0], [0.1, 0.0, 0.3 * x]]  # noqa: E731
        V = jw.potentials.DeltaGap(delta) if n == 2 else third
        system = kind(PHASE, V, hbar, mass)
        (x,), (p,) = PHASE.mesh
        f = jnp.exp(-((x + 0.8) ** 2 + (p - momentum) ** 2) / HBAR) / (jnp.pi * HBAR)
        vector = jnp.array([0.6, 0.8j, 0.5][:n])
        W = jnp.outer(vector, vector.conj())[:, :, None, None] * f[None, None]
        options = {"duration": 0.8, "steps": 4, "saves": 2, "observe": "position", "throw": False}
        run = jw.evolve(system, W, method="symmetric-4", gradient=gradient, **options)
        rho = system.electronic(run.state)
        mixed = jnp.real(rho[0, 1]) + jnp.real(rho[1, 1]) + 0.3 * jnp.imag(rho[0, 1])
        return mixed + jnp.sum(run.observed["position"][1:])

    at = jnp.array([0.3, 0.2, 1.2, 0.8])
    check_gradients(loss, at)


@pytest.mark.slow
@BOTH
def test_there_and_back(kind):
    system = kind(PHASE, GAP, HBAR)
    W = jw.matrix_wigner(start(2, -1.5, 1.2), GRID, PHASE, HBAR)
    run = jax.jit(
        lambda t, u: (
            jw.evolve(system, u, duration=t, steps=40, method="symmetric-4", throw=False).state
        )
    )
    there = run(2.0, W)
    assert float(jnp.max(jnp.abs(there - W))) > 0.1
    np.testing.assert_allclose(run(-2.0, there), W, atol=1e-12)


# Points in x and p, the upper population by the matrix Wigner equation and by the quantum-classical one.
PASSAGE = {
    0.2: ((144, 104), 0.22282109, 0.22472815),
    0.1: ((216, 144), 0.23232495, 0.23279825),
}


def passed(kind, hbar, points):
    """P_up behind an avoided crossing of half gap ½√ħ, of a packet that comes in the lower vector of its centre."""
    V, box = jw.potentials.DeltaGap(0.5 * hbar**0.5), (-8.5, 11.0)
    grid = jw.Grid(*box, 2 * points[0])
    psi = V.vectors(-2.5)[:, :1] * jw.coherent_state(grid, -2.5, 1.5, hbar)[None]
    phase = jw.PhaseGrid(jw.Grid(*box, points[0]), jw.Grid(-3.2, 5.2, points[1]))
    system, W = kind(phase, V, hbar), jw.matrix_wigner(psi, grid, phase, hbar)
    options = {"duration": 4.0, "steps": 60, "method": "symmetric-4", "throw": False}
    return float(system.populations(jw.evolve(system, W, **options).state)[1])


@pytest.mark.nightly  # row S10 has the rate
def test_rate_in_hbar():
    """The quantum-classical equation is off by O(ħ²), to the printed digits of both."""
    gaps = []
    for hbar, (points, quantum, classical) in PASSAGE.items():
        found = [passed(kind, hbar, points) for kind in (jw.MatrixMoyal, jw.MatrixLiouville)]
        np.testing.assert_allclose(found, (quantum, classical), atol=2e-8)
        gaps.append(found[1] - found[0])
    assert abs(np.log2(gaps[0] / gaps[1]) - 2) < 0.05
