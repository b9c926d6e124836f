"""H2+ after ionisation: levels against spectroscopy, the packet against its levels, the ensemble against the packet."""

from dataclasses import replace

import numpy as np
import pytest

from jaxwigner import Grid, coherent_state, units
from jaxwigner.molecules import vibration
from jaxwigner.phase_space import ensembles as ensemble
from jaxwigner.quantum.levels import decompose, levels
from jaxwigner.studies.draw import draw
from jaxwigner.studies.experiments import catalogue
from jaxwigner.studies.experiments.h2plus import experiment as h2plus
from jaxwigner.studies.experiments.h2plus import pictures

HYDROGEN = units.mass_ratio_epsilon("H")


def quick(**changes):
    few = {"isotopes": ("H",), "particles": 2**13, "saves": 60, "revivals": 0.06, "upper": 9.0}
    return catalogue.load("h2plus").changed(**(few | changes))


@pytest.fixture(scope="module")
def result():
    stages = []
    dataset = quick().run(lambda stage, done, total: stages.append((stage, done, total)))
    assert any("molecular dynamics" in stage for stage, _, _ in stages)
    assert all(done <= total for _, done, total in stages)
    return dataset


@pytest.mark.parametrize("isotope, expected", [("H", 2191.0), ("D", 1577.0), ("T", 1298.6)])
def test_fundamentals(isotope, expected):
    """Known values with nuclear corrections of about 1 cm⁻¹: 2191.1 (H2+), 1577.1 (D2+)."""
    settings = h2plus.Settings()
    found = h2plus.vibrational_levels(settings, units.mass_ratio_epsilon(isotope))
    wavenumber = units.hartree_to_wavenumbers(found.energies[1] - found.energies[0])
    assert abs(wavenumber - expected) < 3


def test_levels_do_not_depend_on_the_grid():
    settings = h2plus.Settings()
    coarse, fine = (
        h2plus.vibrational_levels(replace(settings, spacing=spacing), HYDROGEN).energies[:8]
        for spacing in (0.05, 0.035)
    )
    np.testing.assert_allclose(coarse, fine, atol=1e-9)


def test_morse_ground_state_is_the_lowest_level_of_its_potential():
    H2 = vibration.H2

    def morse(R):
        return H2.depth * (1 - np.exp(-H2.stiffness * (R - H2.equilibrium))) ** 2

    found = levels(morse, HYDROGEN, 0.1, 4.0, 190)
    u = vibration.ground_state(found.distances, HYDROGEN)
    np.testing.assert_allclose(np.abs(found.states[0]), u, atol=1e-8)
    # The fundamental of H2 is ω_e − 2ω_e x_e.
    wavenumber = units.hartree_to_wavenumbers(found.energies[1] - found.energies[0])
    assert abs(wavenumber - (H2.frequency - 2 * H2.anharmonicity)) < 0.02


def test_revival_time_of_a_morse_oscillator():
    """E″ = −2ω_e x_e for every level: T_rev = 2πε/ω_e x_e."""
    H2 = vibration.H2

    def morse(R):
        return H2.depth * (1 - np.exp(-H2.stiffness * (R - H2.equilibrium))) ** 2

    found = levels(morse, HYDROGEN, 0.2, 9.0, 260)
    packet = vibration.ground_state(found.distances + 0.3, HYDROGEN)
    composition = decompose(found, packet, HYDROGEN, 0.7 * H2.depth)
    exact = 2 * np.pi * HYDROGEN / units.wavenumbers_to_hartree(H2.anharmonicity)
    np.testing.assert_allclose(composition.revival, exact, rtol=1e-4)


@pytest.mark.slow
def test_quantum_motion_is_that_of_its_levels(result):
    """Splitting on the far grid against phases of eigenstates in a box: two methods that share nothing but the surface."""
    settings = quick().settings
    found = levels(h2plus.h2plus.surface(), HYDROGEN, 0.3, 40.0, 800)
    u = np.asarray(vibration.ground_state(found.distances, HYDROGEN))
    cell = found.distances[1] - found.distances[0]
    amplitudes = found.states @ u * cell
    atomic = units.femtoseconds_to_atomic(result["time"].values[0])
    times = units.scaled_time(atomic, HYDROGEN)
    phases = np.exp(-1j * np.outer(times, found.energies) / HYDROGEN)
    waves = (phases * amplitudes) @ found.states
    R = found.distances
    inside = R < settings.upper - 0.5 * settings.spacing
    rho = np.abs(waves[:, inside]) ** 2
    mean = rho @ R[inside] / rho.sum(1)
    np.testing.assert_allclose(result["quantum_mean"].values[0], mean, atol=1e-3)


@pytest.mark.slow
def test_ensemble_follows_the_packet_at_first(result):
    one = result.isel(isotope=0)
    early = (one.time < 10).values
    gap = np.abs(one.quantum_mean - one.ensemble_mean).values
    assert gap[early].max() < 0.01
    # The spread, a square, feels the outer turning points, where quantum mechanics differs first.
    assert np.abs(one.quantum_spread - one.ensemble_spread).values[early].max() < 0.08
    # One trajectory is wrong from the first turning point on.
    assert np.abs(one.quantum_mean - one.trajectory).values[early].max() > 0.2


@pytest.mark.slow
def test_errors_and_shares(result):
    one = result.isel(isotope=0)
    assert abs(float(one.quantum_inside[0]) - 1) < 1e-10
    assert float(one.quantum_error) < 1e-4 and float(one.classical_error) < 1e-3
    assert float(one.sampling_error) < 0.05 and float(one.negative_mass) < 1e-6
    assert float(one.spectral_tail) < 1e-8
    assert abs(float(one.continuum) - 0.017) < 0.002
    assert abs(float(one.population.sum()) + float(one.continuum) - 1) < 1e-6
    assert float(one.autocorrelation[0]) == pytest.approx(1, abs=1e-9)
    assert one.attrs["experiment"] == "h2plus" and "Huber" in one.attrs["constants"]


@pytest.mark.slow
def test_pictures_agree_at_the_start(result):
    start = result.isel(isotope=0).sel(stage="start")
    axes = start.picture_R.values, start.picture_p.values
    cell = np.prod([axis[1] - axis[0] for axis in axes])
    for name in ("wigner", "husimi", "ensemble"):
        np.testing.assert_allclose(float(start[f"{name}_picture"].sum()) * cell, 1, atol=2e-3)
    W, f = start.wigner_picture.values, start.ensemble_picture.values
    blocks = [a.reshape(24, 10, 20, 10).sum((1, 3)) * cell for a in (W, f)]
    np.testing.assert_allclose(*blocks, atol=4e-3)


@pytest.mark.slow
def test_cloud_has_the_moments_of_the_wigner_function():
    grid = Grid(-5.0, 6.0, 128)
    psi = np.asarray(coherent_state(grid, 1.0, 0.0, 0.3))
    cloud = ensemble.signed_cloud(psi, grid, 0.3, 2**14, copies=16)
    assert cloud.weights.shape == (16, 2**10)
    for values, wanted in (
        (cloud.positions, 1.0),
        (cloud.positions**2, 1.15),
        (cloud.momenta, 0.0),
        (cloud.momenta**2, 0.15),
        (cloud.positions * cloud.momenta, 0.0),
    ):
        assert abs(float((cloud.weights * values).sum(1).mean()) - wanted) < 1e-3


@pytest.mark.nightly  # the revival time: Morse's above; the packet: its levels
def test_revival_which_classical_mechanics_does_not_have():
    result = quick(revivals=0.6, saves=300, upper=12.0, refine=False).run().isel(isotope=0)
    assert abs(float(result.revival_time) - 559) < 3
    assert abs(float(result.half_revival_seen) - 0.5 * float(result.revival_time)) < 25
    assert float(result.swing_collapse) < 0.05 < 0.6 < float(result.swing_revival)
    assert float(result.ensemble_swing_revival) < 0.05
    times = result.failure_time.values
    assert times[0] < 30 and 200 < times[-1] < 280


@pytest.mark.slow
def test_transport_between_packet_and_ensemble(result):
    """W₁ bounds the difference of the means, starts at its noise, and the Coulomb energy is that of the densities."""
    one = result.sel(isotope="H")
    gap = np.abs(one["quantum_mean"] - one["ensemble_mean"]).values
    w1, noise = one["w1"].values, one["w1_noise"].values
    assert np.all(gap <= w1 + 0.01)  # ensemble means are of points, W₁ is of cells
    assert w1[0] < 3 * noise[0] + 2e-3 and w1.max() > 5 * w1[0]
    R, density = one["R"].values, one["ensemble_density"].values
    from_cells = density @ R**-2.0 / density.sum(axis=1)
    np.testing.assert_allclose(one["ensemble_square"].values, from_cells, rtol=5e-3)
    np.testing.assert_allclose(one["quantum_square"][0], one["ensemble_square"][0], rtol=2e-2)


@pytest.mark.slow
def test_figures_and_animation(tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "MOVIE", 3)
    few = {"isotopes": ("Mu",), "particles": 2**12, "saves": 40, "revivals": 0.1}
    settings = h2plus.Settings(**few, refine=False, animate=True)
    paths = draw(h2plus.run(settings), tmp_path)
    names = {path.name for path in paths}
    assert {"h2plus_means.png", "h2plus_phase_space_Mu.png", "h2plus.gif"} <= names
    assert all(path.stat().st_size > 5000 for path in paths)
