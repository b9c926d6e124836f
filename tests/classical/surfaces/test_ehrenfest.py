"""Ehrenfest's mean field: closed forms, order and reversal of its half-flows, gradients, what is refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw

HBAR = 0.15
GAP = jw.Ehrenfest(jw.potentials.DeltaGap(0.2), HBAR, 1.3)
CLOUD = jw.Particles([0.3, 0.7], [-1.5, -1.0], [1.2, 0.9])
START = GAP.on_level(CLOUD, "lower")
OPTIONS = {"duration": 2.0, "throw": False}


def distance(one, two):
    return max(float(jnp.max(jnp.abs(a - b))) for a, b in zip(*map(jax.tree.leaves, (one, two))))


def test_rabi():
    """A constant matrix: P₂ = δ²/Ω² sin²(Ωt/ħ) in one step, and nothing pushes the nucleus."""
    hbar = 0.2
    system = jw.Ehrenfest(lambda x: [[0.3 + 0 * x, 0.4], [0.4, -0.3]], hbar)
    start = jw.classical.Carriers(jw.Particles([1.0], [0.2], [0.5]), [[1.0, 0.0]])
    end = jw.evolve(system, start, duration=1.7, steps=1, method="strang").state
    assert float(system.electronic(end)[1, 1].real) == pytest.approx(0.512643808859144, abs=1e-14)
    assert float(end.momenta[0, 0]) == pytest.approx(0.5, abs=1e-15)


@pytest.mark.parametrize("levels", [2, 3])
def test_the_kick_is_the_integral_of_the_force(levels):
    """At fixed q, against the mean of ⟨c(s)|V′|c(s)⟩ by quadrature."""
    V = (
        jw.potentials.DeltaGap(0.2)
        if levels == 2
        else jw.potentials.SuperExchange((0, 0.4, 0.2), (0.3, 0.5))
    )
    system = jw.Ehrenfest(V, HBAR)
    c = np.array([0.6, 0.8j, 0.0])[:levels]
    start = jw.classical.Carriers(jw.Particles([1.0], [0.4], [0.1]), [c])
    end = system.kick(start, 0.7)
    level, Q = np.linalg.eigh(np.asarray(V(0.4)))
    slope = np.asarray(V.gradient(0.4)[0])
    nodes, weights = np.polynomial.legendre.leggauss(30)
    turned = [Q @ (np.exp(-1j * level * s / HBAR) * (Q.T @ c)) for s in 0.35 * (nodes + 1)]
    impulse = 0.35 * sum(w * np.real(np.conj(u) @ slope @ u) for w, u in zip(weights, turned))
    assert float(end.momenta[0, 0]) == pytest.approx(0.1 - impulse, abs=1e-13)
    last = Q @ (np.exp(-1j * level * 0.7 / HBAR) * (Q.T @ c))
    np.testing.assert_allclose(end.amplitudes[0], last, atol=1e-14)


# The method of order 4 is made of steps of order 2.
@pytest.mark.parametrize(
    "method, order", [pytest.param("strang", 2, marks=pytest.mark.slow), ("symmetric-4", 4)]
)
def test_order_and_reversal(method, order):
    run = jax.jit(
        lambda u, n, T: jw.evolve(GAP, u, method=method, steps=n, duration=T, throw=False).state
    )
    best = run(START, 320 if order == 4 else 2560, 2.0)
    counts = np.array([20, 40, 80])
    errors = [distance(run(START, n, 2.0), best) for n in counts]
    slope = -np.polyfit(np.log(counts), np.log(errors), 1)[0]
    assert abs(slope - order) < 0.15
    assert distance(run(run(START, 40, 2.0), 40, -2.0), START) < 1e-12


def test_energy_and_norm_are_kept():
    run = jw.evolve(GAP, START, steps=200, method="symmetric-4", **OPTIONS)
    for series, near in ((run.diagnostics.norm, 1e-13), (run.diagnostics.energy, 1e-7)):
        np.testing.assert_allclose(series, series[0], atol=near)


@pytest.mark.slow
def test_reversible_gradients():
    def upper(numbers, gradient):
        gap, hbar, momentum = numbers
        system = jw.Ehrenfest(jw.potentials.DeltaGap(gap), hbar)
        start = system.on_level(jw.Particles(jnp.ones(1), -jnp.ones(1), momentum[None]), "lower")
        run = jw.evolve(system, start, steps=24, gradient=gradient, **OPTIONS)
        return system.populations(run.state)[1]

    numbers = jnp.array([0.2, 0.15, 1.1])
    found = [jax.grad(upper)(numbers, one) for one in ("reversible", "checkpointed")]
    np.testing.assert_allclose(*found, atol=1e-11)
    step = 1e-5 * jnp.array([1.0, 0.0, 0.0])
    value = jax.jit(lambda z: upper(z, "forward"))
    slope = (value(numbers + step) - value(numbers - step)) / 2e-5
    assert float(found[0][0]) == pytest.approx(float(slope), rel=1e-7)


def test_through_the_tip_of_a_cone():
    """The diabatic line x₂ = 0 of the cone: a trajectory on a diabatic surface goes through the tip and changes its level."""
    cone = jw.Ehrenfest(jw.potentials.Crossing(), 0.1, dimension=2)
    start = cone.on_level(jw.Particles([1.0], [[-1.0, 0.0]], [[2.0, 0.0]]), "lower")
    end = jw.evolve(cone, start, duration=1.0, steps=1, method="strang").state
    np.testing.assert_allclose(end.positions, [[-1 + 2 - 0.5, 0.0]], atol=1e-14)
    np.testing.assert_allclose(cone.populations(end), [0.0, 1.0], atol=1e-14)


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: jw.Ehrenfest(jw.potentials.Tully(1), -1.0), "`hbar` must be positive"),
        (lambda: jw.Ehrenfest(np.eye(2), 1.0), "`potential` must be a MatrixPotential"),
        (lambda: GAP.on_level(CLOUD, "middle"), "`level` must be one of"),
        (lambda: jw.evolve(GAP, CLOUD, duration=1.0, steps=2), "`state` must be Carriers"),
        (
            lambda: jw.evolve(GAP, START, duration=1.0, steps=2, method="blanes-moan-6"),
            "`method` must be one of",
        ),
        (
            lambda: jw.Ehrenfest(jw.potentials.Crossing(), 1.0, dimension=2).on_level(
                jw.Particles([1.0], [[0.0, 0.0]], [[1.0, 0.0]]), 0
            ),
            "`cloud` must keep away from where level 0 meets another",
        ),
        (lambda: jw.classical.Carriers(CLOUD, [[1.0, 0.0]]), "`amplitudes` must have shape"),
    ],
)
def test_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_amplitudes_are_not_dropped_silently():
    """Systems of bare particles refuse those that carry amplitudes, which they would neither see nor move."""
    start = jw.classical.Carriers(jw.Particles([1.0], [0.2], [0.5]), [[1.0, 0.0]])
    with pytest.raises(ValueError, match="`state` must be Particles, but is 'Carriers'"):
        jw.evolve(jw.Newton(lambda x: x**2), start, duration=1.0, steps=2)
    with pytest.raises(ValueError, match="`cloud` must be Particles, but is 'Carriers'"):
        jw.single_switch(GAP.potential, start, 0, hbar=0.1, duration=1.0, steps=2)
