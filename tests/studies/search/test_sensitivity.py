"""Gradients and Hessian-vector products of final quantities: closed forms, finite differences, forward against reverse mode."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.studies.search.sensitivity import adjoint_defect, inner, sensitivity
from jaxwigner.transport import gaussian_cost, product_cost, quantum_moments

GRID = jw.Grid(-7.0, 7.5, 90)
AT = {"q": 0.7, "p": -0.4, "hbar": 0.4, "kappa": 1.3, "time": 0.9}
V = {"q": 1.0, "p": -0.5, "hbar": 0.3, "kappa": 0.2, "time": -0.4}


def mean_position(a, gradient="reversible"):
    """⟨x⟩ in a trap: q cos ωt + (p/ω) sin ωt, ω² = κ, whatever ħ."""
    psi = jw.coherent_state(GRID, a["q"], a["p"], a["hbar"])
    system = jw.Schrodinger(GRID, jw.potentials.Harmonic(a["kappa"]), a["hbar"])
    run = jw.evolve(system, psi, duration=a["time"], steps=16, gradient=gradient, throw=False)
    return jnp.sum(jnp.abs(run.state) ** 2 * GRID.axes[0]) * GRID.cell


def classical_path(a):
    omega = jnp.sqrt(a["kappa"])
    return a["q"] * jnp.cos(omega * a["time"]) + a["p"] * jnp.sin(omega * a["time"]) / omega


def cost_growth(a, gradient="reversible"):
    """E_ħ(t)² of a point and a pure state under a Hartree flow."""
    psi = jw.squeezed_state(GRID, a["q"], a["p"], a["hbar"], a["kappa"])
    system = jw.Hartree(GRID, jw.potentials.Gaussian(a["kappa"], 1.1), a["hbar"])
    run = jw.evolve(system, psi, duration=a["time"], steps=16, gradient=gradient, throw=False)
    point = jw.Gaussian(jnp.zeros(2), jnp.zeros((2, 2)))
    return product_cost(point, quantum_moments(run.state, grid=GRID, hbar=a["hbar"]))


def shifted(a, v, s):
    return {key: a[key] + s * v[key] for key in a}


def test_quadratic_potential_has_the_derivatives_of_the_classical_path():
    found = sensitivity(mean_position, AT, direction=V)
    value, slopes = jax.value_and_grad(classical_path)(AT)
    curvature = jax.jvp(jax.grad(classical_path), (AT,), (V,))[1]
    assert np.isclose(found.value, value, atol=1e-6)
    for key in AT:
        assert np.isclose(found.gradient[key], slopes[key], atol=2e-6), key
        assert np.isclose(found.curvature[key], curvature[key], atol=5e-6), key
    assert found.defect < 1e-11 and found.curvature_defect < 1e-10


@pytest.mark.slow
def test_nonlinear_flow_agrees_with_finite_differences():
    found = sensitivity(cost_growth, AT, direction=V)
    f = jax.jit(lambda s: cost_growth(shifted(AT, V, s)))
    h = 1e-3
    values = np.array([f(s * h) for s in (-2, -1, 0, 1, 2)])
    first = values @ np.array([1, -8, 0, 8, -1]) / (12 * h)
    second = values @ np.array([-1, 16, -30, 16, -1]) / (12 * h**2)
    assert np.isclose(found.slope, first, rtol=1e-8)
    assert np.isclose(inner(V, found.curvature), second, rtol=1e-5)


@pytest.mark.slow
def test_hessian_is_symmetric():
    W = {"q": -0.2, "p": 0.9, "hbar": 0.1, "kappa": 1.0, "time": 0.3}
    Hv = sensitivity(cost_growth, AT, direction=V).curvature
    Hw = sensitivity(cost_growth, AT, direction=W).curvature
    assert np.isclose(inner(W, Hv), inner(V, Hw), rtol=1e-9)


def test_complex_initial_data_grow_along_the_gradient():
    """f = |⟨φ|ψ(t)⟩|²: ∇f = 2⟨φ_t|ψ⟩φ_t with φ_t = φ taken back by the flow."""
    system = jw.Schrodinger(GRID, jw.potentials.Harmonic(1.0), 0.5)
    phi = jw.coherent_state(GRID, 0.3, 0.1, 0.5)
    psi = jw.coherent_state(GRID, 0.6, -0.2, 0.5)

    def overlap(psi, gradient="reversible"):
        run = jw.evolve(system, psi, duration=0.7, steps=12, gradient=gradient, throw=False)
        return jnp.abs(jnp.vdot(phi, run.state)) ** 2

    found = sensitivity(overlap, psi)
    back = jw.evolve(system, phi, duration=-0.7, steps=12, throw=False).state
    expected = 2 * jnp.vdot(back, psi) * back
    assert np.allclose(found.gradient, expected, atol=1e-10 * float(jnp.abs(expected).max()))
    assert overlap(psi + 1e-6 * found.gradient) > overlap(psi)


def test_adjoints_of_a_whole_state_agree_for_every_parameter():
    def final(a, gradient="reversible"):
        psi = jw.coherent_state(GRID, a["q"], a["p"], a["hbar"])
        system = jw.Hartree(GRID, jw.potentials.Gaussian(a["kappa"], 1.1), a["hbar"])
        run = jw.evolve(system, psi, duration=a["time"], steps=8, gradient=gradient, throw=False)
        return {"psi": run.state, "norm": jnp.sum(jnp.abs(run.state) ** 2)}

    assert adjoint_defect(final, AT) < 1e-11


def test_quantities_without_a_run_need_no_keyword():
    p = jw.Gaussian(jnp.array([0.1, 0.2]), jnp.array([[0.4, 0.1], [0.1, 0.5]]))

    def cost(a):
        return gaussian_cost(p, jw.Gaussian(a["mean"], a["S"]), 0.3).centre

    at = {"mean": jnp.array([0.4, -0.1]), "S": jnp.array([[0.5, 0.1], [0.1, 0.3]])}
    found = sensitivity(cost, at)
    assert np.allclose(found.gradient["mean"], at["mean"] - p.mean, atol=1e-9)
    assert found.curvature is None and found.defect < 1e-10


@pytest.mark.slow
def test_distances_after_a_run_have_gradients():
    """MK² of an evolved cloud to a fixed one, and E_ħ² of it and a mixed state, in one number each."""
    rng = np.random.default_rng(5)
    fixed = jw.Particles(np.full(5, 0.2), *rng.normal(size=(2, 5)))
    R = jw.toeplitz_state(jw.Particles([0.5, 0.5], [-0.5, 0.6], [0.1, 0.3]), GRID, 0.4)
    at = {"x": rng.normal(size=4), "p": rng.normal(size=4), "height": 0.7}

    def moved(a, gradient):
        start = jw.Particles(jnp.full(4, 0.25), a["x"], a["p"])
        system = jw.Newton(jw.potentials.Gaussian(a["height"], 1.0))
        return jw.evolve(system, start, duration=0.8, steps=8, gradient=gradient, throw=False).state

    def classical(a, gradient="reversible"):
        return jw.monge_kantorovich(moved(a, gradient), fixed).centre

    def mixed(a, gradient="reversible"):
        return jw.semiquantum(moved(a, gradient), R, grid=GRID, hbar=0.4).cost.centre

    for quantity in (classical, mixed):
        found = sensitivity(quantity, at)
        h = 1e-4
        ends = [quantity({**at, "height": 0.7 + s * h}) for s in (1, -1)]
        assert np.isclose(found.gradient["height"], (ends[0] - ends[1]) / (2 * h), atol=1e-5)


def test_a_gradient_that_is_wrong_is_noticed():
    """The reverse path is given another quantity on purpose."""

    def wrong(a, gradient="reversible"):
        return a**2 if gradient == "reversible" else a**2 + 1e-3 * a

    with pytest.raises(ValueError, match="reverse mode differs by .* from forward mode"):
        sensitivity(wrong, 0.5)
    assert sensitivity(wrong, 0.5, throw=False).defect > 1e-4


def test_a_chaotic_run_that_cannot_be_undone_is_noticed():
    """Particles in steep wells with far too long steps: undoing amplifies rounding."""
    start = jw.Particles(np.full(4, 0.25), np.linspace(-1.0, 1.2, 4), np.zeros(4))

    def far(a, gradient="reversible"):
        well = jw.potentials.DoubleWell(50.0 * a, 1.0)
        run = jw.evolve(
            jw.Newton(well), start, duration=20.0, steps=400, gradient=gradient, throw=False
        )
        return jnp.sum(jnp.sin(run.state.positions))

    assert not sensitivity(far, 1.0, throw=False).defect < 1e-6


WRONG = {
    "no function": (lambda: sensitivity(3.0, AT), "`quantity` must be a function"),
    "not a number": (
        lambda: sensitivity(lambda a: jnp.ones(3) * a["q"], AT),
        "`quantity` must return a real number",
    ),
    "complex": (
        lambda: sensitivity(lambda a: 1j * a["q"], AT),
        "`quantity` must return a real number",
    ),
    "nothing to vary": (lambda: sensitivity(lambda a: 1.0, {"n": 3}), "`at` must have floating"),
    "another structure": (
        lambda: sensitivity(mean_position, AT, direction={"q": 1.0}),
        "`direction` must have the structure of `at`",
    ),
    "another shape": (
        lambda: sensitivity(lambda a: jnp.sum(a), jnp.ones(3), direction=jnp.ones(2)),
        "`direction` must have leaves of shapes",
    ),
    "no keyword": (
        lambda: sensitivity(lambda a: mean_position(a), AT),
        "must take a keyword `gradient`",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_bad_input(case):
    call, message = WRONG[case]
    with pytest.raises(ValueError, match=message):
        call()
