"""WKB waves and waves of the user's own: moments, clouds, other grids."""

import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.studies.compare.states.state import signs

WELL = jw.OwnSystem(jw.potentials.Harmonic(1.0), 1.0)
GRID = jw.Grid(-7.0, 8.0, 160)
CHIRP = jw.Wkb(lambda x: 3 * jnp.exp(-((x - 1) ** 2) / 2), lambda x: 0.7 * x + 0.4 * (x - 1) ** 2)


@pytest.mark.parametrize("hbar", [1.0, 0.3])
def test_wkb(hbar):
    """a² = N(1, ½), p = S′ + noise: Var p = ħ²/2 + (0.8)²/2, correlated with x; a Gaussian W has no signs."""
    q, p = CHIRP.centre(WELL, hbar)
    dq, dp = CHIRP.deviations(WELL, hbar)
    assert float(q[0]) == pytest.approx(1.0, abs=1e-9) and float(p[0]) == pytest.approx(
        0.7, abs=1e-9
    )
    assert float(dq[0]) ** 2 == pytest.approx(0.5, rel=1e-9)
    assert float(dp[0]) ** 2 == pytest.approx(0.5 * hbar**2 + 0.32, rel=1e-9)
    cloud = CHIRP.cloud(WELL, hbar, 2**12)
    _, covariance = jw.observables.moments(cloud)
    exact = [[0.5, 0.4], [0.4, 0.5 * hbar**2 + 0.32]]
    np.testing.assert_allclose(covariance, exact, atol=4e-3)
    assert float(signs(cloud)) == pytest.approx(1.0, abs=1e-6)
    psi = np.asarray(CHIRP.wave(WELL, GRID, hbar))
    x = GRID.axes[0]
    exact = np.pi**-0.25 * np.exp(-((x - 1) ** 2) / 2 + 1j / hbar * (0.7 * x + 0.4 * (x - 1) ** 2))
    assert abs(np.vdot(exact, psi) * GRID.cell) == pytest.approx(1.0, abs=1e-9)
    np.testing.assert_allclose(CHIRP.phase_gradient(2.0), [1.5])


def test_wave_on_another_grid_and_its_fringes():
    """A cat: ∫|W| > 1, and ⟨p²⟩ by signed points; ψ is the same on a finer grid."""
    hbar, fine = 0.5, jw.Grid(-7.5, 8.5, 300)
    psi = jw.cat_state(GRID, 1.5, 0.5, hbar)
    state = jw.Wave(GRID, 2.0 * psi)
    exact = np.asarray(jw.cat_state(fine, 1.5, 0.5, hbar))
    assert abs(np.vdot(exact, state.wave(WELL, fine)) * fine.cell) == pytest.approx(1.0, abs=1e-9)
    cloud = state.cloud(WELL, hbar, 2**13)
    (dp,) = state.deviations(WELL, hbar)[1]
    assert 1.3 < float(signs(cloud)) < 1.7
    assert float(cloud.weights @ cloud.momenta[:, 0] ** 2) == pytest.approx(
        float(dp) ** 2, rel=2e-2
    )
    # The same ψ at another ħ: momenta are ħ times wavenumbers.
    assert float(state.deviations(WELL, 1.0)[1][0]) == pytest.approx(2 * float(dp), rel=1e-12)


def test_weights_are_those_of_the_wigner_function():
    """A mean over the cloud of a function that is no polynomial, against `wigner`."""
    hbar = 0.5
    psi = jw.cat_state(GRID, 1.5, 0.5, hbar)
    cloud = jw.Wave(GRID, psi).cloud(WELL, hbar, 2**13)
    phase = jw.phase_grid(GRID, hbar)
    (x,), (p,) = phase.mesh
    test = lambda x, p: jnp.exp(-(x**2) - (p - 0.3) ** 2)  # noqa: E731
    exact = float(jnp.sum(jw.wigner(psi, GRID, phase, hbar) * test(x, p)) * phase.cell)
    found = float(cloud.weights @ test(cloud.positions[:, 0], cloud.momenta[:, 0]))
    assert found == pytest.approx(exact, abs=5e-3)


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: jw.Wkb(1.0, lambda x: x), "`amplitude` must be a function"),
        (lambda: jw.Wkb(lambda x: 1 + 0 * x, lambda x: x).centre(WELL), "`amplitude` must decay"),
        (lambda: jw.Wkb(lambda x: 0 * x, lambda x: x).centre(WELL), "not zero everywhere"),
        (
            lambda: jw.Wkb(lambda x: jnp.exp(-(x**2)), lambda x: 1e6 * x).centre(WELL),
            "`action` must leave",
        ),
        (
            lambda: jw.Wkb(lambda x, y: x, lambda x: x).centre(WELL),
            "`amplitude` must be a function of 1",
        ),
        (
            lambda: jw.Wkb(lambda x: jnp.exp(-(x**2)), lambda x: 1j * x).centre(WELL),
            "`action` must be real",
        ),
        (lambda: jw.Wave(GRID, np.zeros(160)), "`psi` must not be zero"),
        (lambda: jw.Wave(GRID, np.ones(160)), "`psi` must vanish at the ends"),
        (lambda: jw.Wave(GRID, np.ones(16)), "`psi` must have shape"),
        (lambda: jw.Wave(GRID, np.eye(160)[80]), "`grid` must resolve `psi`"),
        (lambda: jw.Wave(GRID, np.full(160, np.nan)), "`psi` must be finite"),
    ],
)
def test_bad_input(call, words):
    with pytest.raises(ValueError, match=f"^Argument .*{words}"):
        call()
