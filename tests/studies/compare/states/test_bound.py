"""Levels, lifted ground states and thermal ensembles against closed forms."""

import jax
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.studies.compare.states.levels import bound_levels
from jaxwigner.studies.compare.states.state import signs

MORSE = jw.potentials.Morse(0.1994, 1.189, 1.821)
OH = jw.OwnSystem(MORSE, 1728.539)
GRID = jw.Grid(0.4, 5.4, 300)
OSCILLATOR = jw.OwnSystem(jw.potentials.Harmonic(2.0, 0.7), 0.5)  # ω = 2


def morse_levels(n):
    omega = 1.189 * np.sqrt(2 * 0.1994 / 1728.539)
    return omega * (n + 0.5) - (omega * (n + 0.5)) ** 2 / (4 * 0.1994)


def test_levels_of_a_morse_curve():
    """To 1e-12 hartree, and how many are bound (22; the last lies within 0.1 % of the threshold)."""
    found = bound_levels(OH, 1.0, 12)
    np.testing.assert_allclose(found.energies, morse_levels(np.arange(12)), atol=1e-12)
    assert found.limit == pytest.approx(0.1994) and found.grid.points[0] < 200
    every = bound_levels(OH, 1.0, 40).energies
    assert len(every) == 21
    np.testing.assert_allclose(every, morse_levels(np.arange(21)), atol=1e-9)


@pytest.mark.parametrize("hbar", [2.0, 0.25])
def test_wave_of_a_level(hbar):
    """⟨T⟩ + ⟨U⟩ = E_n with the potential displaced; the state is normalised and real."""
    state = jw.Level(2, shift=0.3)
    psi = state.wave(OH, GRID, hbar)
    moved = jw.potentials.Morse(0.1994, 1.189, 2.121)
    system = jw.Schrodinger(GRID, moved, hbar, 1728.539)
    series = system.diagnose(psi)
    exact = hbar * morse_levels(np.array(2.0))  # ħω(n + ½) alone
    omega = hbar * 1.189 * np.sqrt(2 * 0.1994 / 1728.539)
    exact = omega * 2.5 - (omega * 2.5) ** 2 / (4 * 0.1994)
    assert float(series["energy"]) == pytest.approx(exact, abs=1e-10)
    assert float(series["norm"]) == pytest.approx(1.0, abs=1e-12) and np.all(psi.imag == 0)


@pytest.mark.parametrize("n", [0, 1, 3])
def test_clouds_have_the_moments_of_the_wave(n):
    """Signed weights: ∫|W| of levels 0, 1, 3 is 1, 1.426, 1.95 (oscillator)."""
    state, hbar = jw.Level(n, shift=0.2), 0.3
    cloud = state.cloud(OSCILLATOR, hbar, 2**12)
    (q,), (p,) = state.centre(OSCILLATOR, hbar)
    (dq,), (dp,) = state.deviations(OSCILLATOR, hbar)
    assert float(dq) ** 2 == pytest.approx(hbar * (n + 0.5), rel=1e-9)  # ħ(n + ½)/mω
    assert float(q) == pytest.approx(0.9, abs=1e-9) and abs(float(p)) < 1e-9
    w, x, k = cloud.weights, cloud.positions[:, 0], cloud.momenta[:, 0]
    assert float(w.sum()) == pytest.approx(1.0, abs=1e-12)
    assert float(signs(cloud)) == pytest.approx({0: 1.0, 1: 1.426, 3: 1.95}[n], rel=0.02)
    assert float(w @ x) == pytest.approx(0.9, abs=3e-3)
    assert float(w @ (x - 0.9) ** 2) == pytest.approx(hbar * (n + 0.5), rel=8e-3)
    assert float(w @ k**2) == pytest.approx(hbar * (n + 0.5), rel=8e-3)


def test_lift_is_the_ground_state_of_the_other_curve():
    lower = jw.potentials.Harmonic(0.5, 2.0)
    grid = jw.Grid(1.0, 3.0, 128)
    psi = jw.Lift(lower).wave(OH, grid)
    width = (1 / np.sqrt(0.5 * 1728.539)) ** 0.5
    exact = jw.wave_packet(grid, 2.0, 0.0, width**2, alpha=0.5)
    assert abs(np.vdot(exact, psi) * grid.cell) == pytest.approx(1.0, abs=1e-9)
    q, p = jw.Lift(lower).rim(OH)
    sigma = width / np.sqrt(2)
    far = ((q[:, 0] - 2.0) / sigma) ** 2 + (2 * p[:, 0] * sigma) ** 2
    np.testing.assert_allclose(far, 5.2**2, rtol=0.08)


@pytest.mark.parametrize("kelvin", [0.0, 2e5, 7e5])
def test_thermal_energy(kelvin):
    """⟨p²⟩/m = mω²⟨(x − c)²⟩ = (ħω/2) coth(ħω/2k_BT)."""
    state, hbar = jw.Thermal(kelvin), 0.3
    (dq,), (dp,) = state.deviations(OSCILLATOR, hbar)
    half = 0.3
    energy = half if kelvin == 0 else half / np.tanh(half / (kelvin * jw.units.kelvin))
    assert float(dp) ** 2 / 0.5 == pytest.approx(energy, rel=1e-9)
    assert float(dq) ** 2 * 2.0 == pytest.approx(energy, rel=1e-9)
    cloud = state.cloud(OSCILLATOR, hbar, 2**12)
    assert float(cloud.weights @ cloud.momenta[:, 0] ** 2) / 0.5 == pytest.approx(energy, rel=3e-3)
    assert float(signs(cloud)) == pytest.approx(1.0, abs=1e-6)
    mixed = state.wave(OSCILLATOR, jw.Grid(-8.0, 9.0, 200), hbar)
    assert isinstance(mixed, jw.MixedState) == (kelvin > 0)


WEAK = jw.OwnSystem(
    lambda x, y: 0.5 * (x**2 + y**2) + 0.1 * x**2 * y + 0.02 * (x**4 + y**4), (1.0, 2.0)
)


@pytest.mark.slow
@pytest.mark.parametrize("state", [jw.Level(0, shift=(0.5, 0.0)), jw.Level(2, shift=(0.5, 0.0))])
def test_clouds_in_the_plane(state):
    """Keller–Lasser–Ohsawa: second moments are exact for every state, within 3.5 standard errors of 6 seeds."""
    hbar = 0.4
    q, p = state.centre(WEAK, hbar)
    dq, dp = state.deviations(WEAK, hbar)
    exact = np.concatenate([q, p, dq**2 + q**2, dp**2 + p**2])
    found = []
    for seed in range(6):
        cloud = state.cloud(WEAK, hbar, 2**12, seed)
        z = np.concatenate([cloud.positions, cloud.momenta], axis=1)
        found.append(np.concatenate([cloud.weights @ z, cloud.weights @ z**2]))
        assert float(signs(cloud)) == pytest.approx(3.0, rel=0.02)  # 1 + d
    error = np.std(found, axis=0, ddof=1) / np.sqrt(6)
    assert np.all(np.abs(np.mean(found, axis=0) - exact) < 4.5 * error + 1e-4)


def test_levels_in_the_plane():
    """E_0 = ħ(ω_1 + ω_2)/2; ψ on another grid has this energy."""
    plane = jw.OwnSystem(jw.potentials.Harmonic((1.0, 2.0)), (1.0, 0.5))
    assert bound_levels(plane, 0.4, 3).energies == pytest.approx([0.6, 1.0, 1.4], abs=1e-9)
    grid = jw.Grid((-5.0, -4.0), (5.0, 4.0), (40, 44))
    psi = jw.Level(1).wave(plane, grid, 0.4)
    energy = jw.Schrodinger(grid, plane.potential, 0.4, (1.0, 0.5)).diagnose(psi)["energy"]
    assert float(energy) == pytest.approx(1.0, abs=1e-9)


TABLE = jw.potentials.Curve(np.linspace(1.2, 2.5, 40), MORSE(np.linspace(1.2, 2.5, 40)))


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: jw.Level(-1), "`n` must be an integer"),
        (lambda: jw.Level(30).centre(OH), "`n` must be below 21, the number of bound levels"),
        (lambda: jw.Level(0, of=lambda x: -(x**2)).centre(OH), "`potential` must have a well"),
        (lambda: jw.Level(0, of=jw.potentials.Linear(1.0)).centre(OH), "must have a well"),
        (lambda: jw.Level(0, of=jw.potentials.Eckart(1.0, 1.0)).centre(OH), "must have a well"),
        (
            lambda: jw.Level(0, of=jw.potentials.Eckart(1.0, 1.0), near=0.0).centre(OH),
            "must have a well",
        ),
        (lambda: jw.Level(5, of=TABLE).centre(OH), "must reach further: its table ends"),
        (lambda: jw.Level(0, of=3.0), "`potential` must be a Potential"),
        (lambda: jw.Thermal(300 * jw.units.kelvin), "`kelvin` must be a number of kelvin"),
        (lambda: jw.Thermal(-5.0), "`kelvin` must be a number of kelvin"),
        (lambda: jw.Thermal(1e5).centre(OH), "`kelvin` must leave the molecule bound"),
        (lambda: jw.Level(0).wave(OH, jw.Grid(1.8, 3.0, 64)), "`grid` must hold the state"),
        (lambda: jw.Level(0).wave(OH, jw.Grid(0.5, 5.0, 16)), "`grid` must hold the momenta"),
        (
            lambda: jw.Level(0).centre(jw.OwnSystem(jw.potentials.Harmonic(1.0), 1.0, 3)),
            "be a Packet in 3",
        ),
        (lambda: jax.jit(lambda h: jw.Level(0).centre(OH, h))(1.0), "`hbar` must be known numbers"),
    ],
)
def test_bad_input(call, words):
    with pytest.raises(ValueError, match=f"^Argument .*{words}"):
        call()
