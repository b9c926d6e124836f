"""Several surfaces: closed forms, kicks at the tip of a cone, what a state says of its levels, what is refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small
from runs import check_gradients, evolved

import jaxwigner as jw
from jaxwigner.engine.surfaces import flows
from jaxwigner.potentials.surfaces import algebra

GRID = jw.Grid(-7.0, 8.0, 96)
HBAR = 0.2
GAP = jw.Surfaces(GRID, jw.potentials.DeltaGap(0.2), HBAR, 1.3)
PACKET = jw.coherent_state(GRID, -2.5, 1.2, HBAR)
START = GAP.on_level(PACKET, "lower")
PLANE = jw.Grid((-4.0, -3.5), (4.0, 3.5), (56, 48))  # with a point at the tip
CONE = jw.Surfaces(PLANE, jw.potentials.Crossing(1.2), HBAR)

PUBLIC = [
    small.call(jw.Surfaces, grid=GRID, potential=jw.potentials.DeltaGap(0.2), hbar=0.2, mass=1.0)
]


def test_rabi_oscillations_in_one_step():
    V = np.broadcast_to(np.array([[0.3, 0.4], [0.4, -0.3]]), (96, 2, 2))
    system = jw.Surfaces(GRID, V, 0.2)
    psi = jnp.stack([PACKET, 0 * PACKET])
    run = evolved(system, psi, duration=1.7, steps=1, method="strang")
    rho = system.electronic(run.state)
    np.testing.assert_allclose(rho[1, 1], 0.512643808859144, atol=3e-14)
    exact = 0.16 / 0.25 * np.sin(0.5 * 1.7 / 0.2) ** 2
    np.testing.assert_allclose(rho[1, 1], exact, atol=3e-14)
    np.testing.assert_allclose(run.diagnostics.norm, 1.0, atol=1e-13)


def test_dephasing_of_two_oscillators():
    """V = x²/2 + g x σ_x: ⟨σ_z⟩ is the overlap of two displaced packets."""
    g, hbar, q, p, t = 0.3, 0.1, 0.7, -0.4, 2.5
    grid = jw.Grid(-3.2, 3.0, 96)
    system = jw.Surfaces(grid, lambda x: [[x**2 / 2, g * x], [g * x, x**2 / 2]], hbar)
    psi = jw.coherent_state(grid, q, p, hbar)
    options = {"duration": t, "steps": 60, "method": "symmetric-6"}
    run = evolved(system, jnp.stack([psi, 0 * psi]), **options)
    rho = system.electronic(run.state)
    turn = q * np.sin(t) + p * (1 - np.cos(t))
    exact = np.exp(-2 * g**2 / hbar * (1 - np.cos(t))) * np.cos(2 * g / hbar * turn)
    np.testing.assert_allclose(exact, -0.009228148015, atol=1e-12)
    np.testing.assert_allclose(rho[0, 0] - rho[1, 1], exact, atol=2e-10)


def surfaces_of(n):
    """The cone, and with a third level that is coupled to it."""
    G = algebra.packed(CONE.values)
    if n == 2:
        return G
    x, y = PLANE.mesh
    third = 0.2 * (x**2 + y**2)
    V = jnp.zeros((*PLANE.shape, 3, 3)).at[..., :2, :2].set(CONE.values)
    V = V.at[..., 2, 2].set(third).at[..., 0, 2].set(0.1 * x).at[..., 2, 0].set(0.1 * x)
    return algebra.packed(V)


@pytest.mark.parametrize("single", [False, True], ids=["double", "single"])
@pytest.mark.parametrize("n", [2, pytest.param(3, marks=pytest.mark.slow)])
def test_kicks_backwards_through_the_tip(n, single):
    """`pull` undoes the kick, and gives the cotangent of the matrices that JAX finds through the exponential."""
    kick = flows.matrix_kick(0.8 * surfaces_of(n))
    rng = np.random.default_rng(n)
    shape = (2, n, *PLANE.shape)
    u, costate = rng.normal(size=shape) + 1j * rng.normal(size=shape)
    u, costate = (jnp.asarray(one, jnp.complex64 if single else complex) for one in (u, costate))
    after, back = jax.vjp(lambda f, u: flows.matrix_kick(f).times(0.7)(u), kick.fields, u)
    ready = kick.times(0.7).ready(single)
    pair, bar = kick.pull(0.7, ready, jnp.stack([after, costate]))
    fields_bar, before_bar = back(jnp.conj(costate))
    tolerance = 1e-5 if single else 1e-13
    assert pair.dtype == u.dtype and bool(jnp.all(jnp.isfinite(bar.fields)))
    np.testing.assert_allclose(pair[0], u, atol=tolerance)
    np.testing.assert_allclose(pair[1], jnp.conj(before_bar), atol=tolerance)
    np.testing.assert_allclose(bar.fields, fields_bar, atol=20 * tolerance)


@pytest.mark.parametrize("n", [2, 3])
def test_kicks_backwards_of_mixed_states(n):
    """The cotangents of orbitals add up; their weights stay as they are."""
    kick = flows.matrix_kick(surfaces_of(n)[:, 20:28, 20:30])
    rng = np.random.default_rng(n)
    orbitals = rng.normal(size=(2, 2, n, 8, 10)) + 1j * rng.normal(size=(2, 2, n, 8, 10))
    u, costate = (jw.MixedState(jnp.ones(2), one) for one in jnp.asarray(orbitals))
    after, back = jax.vjp(lambda f, u: flows.matrix_kick(f)(u).orbitals, kick.fields, u)
    pair = jax.tree.map(lambda *both: jnp.stack(both), jw.MixedState(u.weights, after), costate)
    before, bar = kick.pull(1.0, kick.ready(), pair)
    np.testing.assert_allclose(before.orbitals[0], u.orbitals, atol=1e-13)
    np.testing.assert_allclose(bar.fields, back(jnp.conj(costate.orbitals))[0], atol=1e-12)


def test_both_kicks_of_two_levels_agree():
    G = 0.8 * surfaces_of(2)
    u = jnp.ones((2, *PLANE.shape), complex)
    by_levels = flows.ManyLevelKick(G, *algebra.decomposed(G))
    np.testing.assert_allclose(by_levels(u), flows.TwoLevelKick(G)(u), atol=2e-14)


def test_packets_on_levels():
    phi = GAP.adiabatic(START)
    np.testing.assert_allclose(jnp.abs(phi[0]), jnp.abs(PACKET), atol=1e-14)
    np.testing.assert_allclose(GAP.populations(START), [1.0, 0.0], atol=1e-12)
    psi = jw.coherent_state(PLANE, (-2.3, 0.3), (1.0, 0.0), HBAR)
    up = CONE.on_level(psi, "upper")
    # With the sign of its centre the vector is continuous where the packet is, though Q is not.
    steps = jnp.abs(up[:, 1:] - up[:, :-1]).max() / jnp.abs(psi[1:] - psi[:-1]).max()
    assert steps < 1.2
    for refine in (1, 2):
        np.testing.assert_allclose(CONE.populations(up, refine)[1], 1.0, atol=1e-5)
    three = jw.Surfaces(GRID, jw.potentials.SuperExchange(), 1.0, 2000.0)
    np.testing.assert_allclose(three.populations(three.on_level(PACKET, 2)), [0, 0, 1], atol=1e-11)


def test_populations_at_a_tip_need_more_points():
    """Of a packet at the tip in one diabatic state both levels hold a half, by symmetry; off it the grid's own sum is the worse."""
    psi = jw.coherent_state(PLANE, (0.13, 0.05), (0.0, 0.0), HBAR)
    state = jnp.stack([psi, 0 * psi])
    found = [float(CONE.populations(state, refine)[1]) for refine in (1, 4, 16)]
    gaps = [abs(one - found[2]) for one in found[:2]]
    assert gaps[1] < 0.2 * gaps[0] and gaps[0] > 1e-5


def test_mixed_states_and_nuclei():
    pair = jnp.stack([START, GAP.on_level(PACKET, "upper")])
    R = jw.MixedState([0.25, 0.75], pair)
    np.testing.assert_allclose(GAP.populations(R), [0.25, 0.75], atol=1e-12)
    np.testing.assert_allclose(jnp.trace(GAP.electronic(R)), 1.0, atol=1e-12)
    run = evolved(GAP, R, duration=0.4, steps=3, method="symmetric-4")
    one = evolved(GAP, pair[1], duration=0.4, steps=3, method="symmetric-4")
    np.testing.assert_allclose(run.state.orbitals[1], one.state, atol=1e-14)
    nuclei = GAP.nuclear(run.state)
    assert nuclei.orbitals.shape == (4, 96)
    momentum = GAP.observables()["momentum"](run.state)
    np.testing.assert_allclose(
        momentum, jw.observables.mean_momentum(nuclei, GRID, HBAR), atol=1e-14
    )
    energy = run.diagnostics.energy
    np.testing.assert_allclose(energy, energy[0], atol=1e-4)


def test_diagnostics_are_those_of_one_surface():
    """Surfaces that do not know of each other."""
    U = np.asarray(GRID.axes[0]) ** 2 / 2
    V = np.zeros((96, 2, 2))
    V[:, 0, 0], V[:, 1, 1] = U, U
    both, alone = jw.Surfaces(GRID, V, HBAR, 1.3), jw.Schrodinger(GRID, U, HBAR, 1.3)
    two, one = both.diagnose(jnp.stack([0.6 * PACKET, 0.8j * PACKET])), alone.diagnose(PACKET)
    assert two.keys() == one.keys()
    for name in one:
        np.testing.assert_allclose(two[name], one[name], atol=1e-14)


def test_axes_of_results():
    run = jw.evolve(
        GAP, START, duration=0.2, steps=2, saves=2, observe=["populations", "density"], throw=False
    )
    data = run.to_xarray()
    assert data["state"].dims == ("surface", "x")
    assert data["populations"].dims == ("time", "level")
    assert data["density"].dims == ("time", "x")


# What is refused


def test_methods_whose_order_is_lost():
    for name in ("blanes-moan-6", "chin-4a"):
        with pytest.raises(ValueError, match="Argument `method` must be one of .*symmetric-6.* V"):
            jw.evolve(GAP, START, duration=1.0, steps=2, method=name)


def test_levels_and_starts():
    for level in ("middle", 2, -1, 0.0, True, None):
        with pytest.raises(ValueError, match="Argument `level` must be one of 0, 1, 'lower'"):
            GAP.on_level(PACKET, level)
    at_the_tip = jw.coherent_state(PLANE, (0.1, 0.0), (1.0, 0.0), HBAR)
    with pytest.raises(ValueError, match="Argument `psi` must keep away from where level 0"):
        CONE.on_level(at_the_tip, "lower")
    inside = jw.coherent_state(GRID, 0.0, 1.0, HBAR)
    assert GAP.on_level(inside, 0).shape == (2, 96)
    with pytest.raises(
        ValueError, match="Argument `psi` must start where the coupling holds at most"
    ):
        GAP.on_level(inside, 0, settled=1e-6)
    far = jw.coherent_state(GRID, -5.0, 1.0, HBAR)
    GAP.on_level(far, 0, settled=1e-6)


def test_what_the_coupling_holds():
    """To leading order a packet that has come adiabatically has P = ħ²|d·v|²/gap² above."""
    grid = jw.Grid(-1.5, 1.6, 128)
    wide = jw.Surfaces(grid, jw.potentials.DeltaGap(1.0), 0.02)
    psi = jw.coherent_state(grid, 0.0, 0.5, 0.02)
    d = 1 / (4 * 1.0)
    assert float(wide.unsettled(psi, 1)) == pytest.approx((0.02 * d * 0.5 / 2) ** 2, rel=0.1)


def test_values_and_shapes():
    values = np.zeros((96, 2, 2))
    values[3, 0, 1] = 0.1
    with pytest.raises(ValueError, match="`potential` must be a symmetric matrix everywhere"):
        jw.Surfaces(GRID, values, 0.2)
    with pytest.raises(ValueError, match="`potential` must be n × n matrices .* grid"):
        jw.Surfaces(GRID, np.zeros((95, 2, 2)), 0.2)
    with pytest.raises(ValueError, match="`state` must have shape"):
        jw.evolve(GAP, PACKET, duration=1.0, steps=2)
    known = jw.Surfaces(GRID, np.zeros((96, 2, 2)), 0.2)
    for call in (lambda: known.unsettled(PACKET, 0), lambda: known.populations(START, 2)):
        with pytest.raises(ValueError, match="`potential` must be a MatrixPotential"):
            call()


# Orders, gradients and the way back, in the engine

ORDERS = {
    "strang": (2, (64, 96, 128)),
    "blanes-moan-4": (4, (32, 40, 48)),
    "symmetric-4": (4, (32, 40, 48)),
    "symmetric-6": (6, {"gap": (12, 16, 20), "cone": (64, 80, 96), "three levels": (32, 40, 48)}),
}


@pytest.mark.slow
@pytest.mark.parametrize("where", ["gap", "cone", "three levels"])
def test_orders_with_matrices(where):
    if where == "gap":
        grid = jw.Grid(-8.0, 8.0, 192)
        system = jw.Surfaces(grid, jw.potentials.DeltaGap(0.2), 0.1)
        state, time = system.on_level(jw.coherent_state(grid, -2.5, 1.5, 0.1), 0), 3.0
    elif where == "cone":
        grid = jw.Grid((-4.5, -4.0), (4.5, 4.0), (44, 40))
        system = jw.Surfaces(grid, jw.potentials.JahnTeller(), 0.3)
        psi = jw.coherent_state(grid, (-1.0, 0.2), (0.8, 0.0), 0.3)
        state, time = jnp.stack([psi, 0 * psi]), 2.0
    else:
        grid = jw.Grid(-8.0, 8.0, 192)
        chain = lambda x: [[x / 2, 0.3, 0.0], [0.3, x**2 / 8, 0.2 * x], [0.0, 0.2 * x, -x / 3]]  # noqa: E731
        system = jw.Surfaces(grid, chain, 0.2)
        psi = jw.coherent_state(grid, -1.0, 0.5, 0.2)
        state, time = jnp.stack([psi, 0 * psi, 0 * psi]), 2.0
    run = jax.jit(
        lambda n, method: (
            jw.evolve(system, state, duration=time, steps=n, method=method, throw=False).state
        ),
        static_argnums=1,
    )
    exact = run(400, "symmetric-6")
    for method, (order, steps) in ORDERS.items():
        steps = steps if method != "symmetric-6" else steps[where]
        errors = [float(jnp.max(jnp.abs(run(n, method) - exact))) for n in steps]
        slope = -np.polyfit(np.log(steps), np.log(errors), 1)[0]
        assert abs(slope - order) < 0.15, (method, slope, errors)


def with_third(two):
    """A third level above, coupled to the first."""

    def V(x, y):
        low = jnp.zeros((3, 3)).at[:2, :2].set(two(x, y)).at[2, 2].set(0.2 * x + 1.0)
        return low.at[0, 2].set(0.1).at[2, 0].set(0.1)

    return V


@pytest.mark.slow
@pytest.mark.parametrize("n", [2, pytest.param(3, marks=pytest.mark.nightly)])
def test_gradients_through_the_tip(n):
    """In k, ħ, momentum and slope: reversible ones are those of checkpointing, and of differences."""
    grid = jw.Grid((-4.0, -4.0), (4.0, 4.0), (40, 40))

    def loss(parameters, gradient):
        k, hbar, momentum, slope = parameters
        V = jw.potentials.JahnTeller(slope, k)
        V = with_third(V) if n == 3 else V
        system = jw.Surfaces(grid, V, hbar)
        psi = jw.coherent_state(grid, (-1.0, 0.1), (momentum, 0.0), hbar)
        state = jnp.stack([psi] + [0 * psi] * (n - 1))
        options = {"duration": 1.0, "steps": 5, "saves": 2, "observe": "position", "throw": False}
        run = jw.evolve(system, state, method="symmetric-4", gradient=gradient, **options)
        rho = system.electronic(run.state)
        return jnp.real(rho[0, 1]) + jnp.real(rho[1, 1]) + jnp.sum(run.observed["position"][1:])

    at = jnp.array([1.0, 0.3, 0.8, 1.1])
    check_gradients(loss, at)


@pytest.mark.slow
@pytest.mark.parametrize("system", [GAP, CONE], ids=["gap", "cone"])
def test_there_and_back(system):
    grid = system.grid
    centre = (-2.0,) * 1 if grid.dimension == 1 else (-2.0, 0.2)
    push = (1.0,) if grid.dimension == 1 else (1.0, 0.0)
    state = system.on_level(jw.coherent_state(grid, centre, push, HBAR), 0)
    options = {"steps": 60, "method": "symmetric-4", "throw": False}
    run = jax.jit(lambda t, u: jw.evolve(system, u, duration=t, **options).state)
    there = run(1.5, state)
    assert float(jnp.max(jnp.abs(there - state))) > 0.1
    np.testing.assert_allclose(run(-1.5, there), state, atol=1e-12)
