"""Spectra and lines of autocorrelations: made of known lines, and of a packet on the OH bond (levels in closed form)."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small

import jaxwigner as jw
from jaxwigner import observables as obs

ENERGIES = np.array([-0.4, 0.3, 0.55, 1.9])
WEIGHTS = np.array([0.1, 0.4, 0.3, 0.2])
HBAR, DT = 0.7, 0.5
T = DT * np.arange(120)
SIGNAL = np.exp(-1j * np.outer(T, ENERGIES) / HBAR) @ WEIGHTS


def test_lines_of_a_known_sum():
    found = jw.lines(SIGNAL, DT, HBAR)
    np.testing.assert_allclose(found.energies, ENERGIES, atol=1e-12)
    np.testing.assert_allclose(found.weights, WEIGHTS, atol=1e-11)
    assert found.residual < 1e-13 and np.max(found.errors) < 1e-11
    moved = jw.lines(SIGNAL * np.exp(-20j * T / HBAR), DT, HBAR, centre=20.5)
    np.testing.assert_allclose(moved.energies, ENERGIES + 20, atol=1e-11)
    np.testing.assert_allclose(jw.lines(9 * SIGNAL, DT, HBAR).weights, 9 * WEIGHTS, atol=1e-10)


@pytest.mark.parametrize("noise", [1e-9, 1e-6, 1e-3])
def test_noise_is_no_line(noise):
    """The number of lines is found whatever the noise, and errors say how far they are off."""
    rng = np.random.default_rng(3)
    error = noise * (rng.normal(size=120) + 1j * rng.normal(size=120)) * (T > 0)
    found = jw.lines(SIGNAL + error, DT, HBAR, share=0.02)
    assert len(found.energies) == 4
    assert np.max(np.abs(found.energies - ENERGIES)) < 3 * noise
    assert np.max(found.errors) < 10 * noise
    single = jw.lines(SIGNAL.astype(np.complex64), DT, HBAR, share=0.02)
    np.testing.assert_allclose(single.energies, ENERGIES, atol=1e-6)


def test_spectrum_holds_all_and_has_no_side_lobes():
    found = jw.spectrum(SIGNAL, DT, HBAR)
    step = found.energies[1] - found.energies[0]
    assert float(jnp.sum(found.density) * step) == pytest.approx(1.0, abs=1e-12)
    mean = float(jnp.sum(found.energies * found.density) * step)
    assert mean == pytest.approx(ENERGIES @ WEIGHTS, abs=1e-5)
    far = np.min(np.abs(np.asarray(found.energies)[:, None] - ENERGIES), axis=1) > 6 * found.width
    assert np.max(np.abs(np.asarray(found.density)[far])) < 2e-6 * np.max(found.density)
    alone = jw.spectrum(np.exp(-1j * T / HBAR), DT, HBAR)
    shape = np.exp(-((alone.energies - 1.0) ** 2) / (2 * alone.width**2))
    shape = shape / (alone.width * np.sqrt(2 * np.pi))
    np.testing.assert_allclose(alone.density, shape, atol=3e-6 * np.max(shape))
    other = jw.spectrum(SIGNAL * np.exp(-20j * T / HBAR), DT, HBAR, centre=20.0)
    np.testing.assert_allclose(other.density, found.density, atol=1e-12)
    np.testing.assert_allclose(other.energies, found.energies + 20.0, atol=1e-12)


def test_spectra_in_programs():
    wanted = jw.spectrum(SIGNAL, DT, HBAR).density
    both = jnp.stack([SIGNAL, SIGNAL])
    found = jax.jit(jax.vmap(lambda C, dt: jw.spectrum(C, dt, HBAR).density, (0, None)))(both, DT)
    np.testing.assert_allclose(found, [wanted, wanted], atol=1e-13)
    height = lambda w: jw.spectrum(w * SIGNAL, DT, HBAR).density[300]  # noqa: E731
    assert jax.grad(height)(2.0) == pytest.approx(float(wanted[300]), abs=1e-12)


def test_samples_too_far_apart():
    """From steps on at which three spreads of H leave the band; under jit at run time."""
    for function in (jw.spectrum, jw.lines):
        with pytest.raises(ValueError, match="Argument `signal` must be sampled more closely"):
            function(SIGNAL[::4], 4 * DT, HBAR)
    with pytest.raises(Exception, match="sampled more closely"):
        eqx.filter_jit(jw.spectrum)(jnp.asarray(SIGNAL[::4]), 4 * DT, HBAR)


def test_signals_that_are_no_lines():
    with pytest.raises(ValueError, match="must begin at t = 0"):
        jw.lines(SIGNAL[1:], DT, HBAR)
    with pytest.raises(ValueError, match="must begin at t = 0"):
        jw.spectrum(SIGNAL * np.exp(0.05 * T), DT, HBAR)
    with pytest.raises(ValueError, match="must be a sum of lines"):
        jw.lines(SIGNAL * np.exp(-0.05 * T), DT, HBAR)
    band = np.exp(-1j * np.outer(T, np.linspace(0.0, 2.0, 500)) / HBAR).mean(axis=1)
    with pytest.raises(ValueError, match="must be a sum of lines"):
        jw.lines(band, DT, HBAR)
    with pytest.raises(ValueError, match="Argument `signal` must be known"):
        jax.jit(lambda C: jw.lines(C, DT, HBAR).energies)(SIGNAL)


@pytest.mark.parametrize("samples", [8, 9, 12, 14])
def test_a_short_time_tells_no_lines_apart(samples):
    """Any smooth density looks like a few lines, to rounding, in a time far below ħ over its width."""
    t = 0.1 * np.arange(samples)
    comb = np.exp(-1j * np.outer(t, np.linspace(-1, 1, 12)) / 0.3).mean(axis=1)
    for signal in (np.exp(-0.5 * (0.1 * t / 0.3) ** 2), comb):
        with pytest.raises(ValueError, match="must be a sum of lines .* sample a longer time"):
            jw.lines(signal, 0.1, 0.3)


def test_noise_alone_is_no_line():
    with pytest.raises(ValueError, match="must be a sum of lines"):
        jw.lines(np.where(T == 0, 1.0, 0.9 * np.exp(1j * T**2)), DT, HBAR)


DEPTH, STEEPNESS, CENTRE, MU = 0.1994, 1.189, 1.821, 1728.539
OMEGA = STEEPNESS * np.sqrt(2 * DEPTH / MU)
HALF = np.arange(22) + 0.5
LEVELS = OMEGA * HALF - (OMEGA * HALF) ** 2 / (4 * DEPTH)
CM, FS = 219474.6313632, 41.341373336


def bond(doubled):
    """48 fs of the OH bond, 201 samples of C(t), or of C(2t)."""
    grid = jw.Grid(0.6, 6.6, 160)
    system = jw.Schrodinger(grid, jw.potentials.Morse(DEPTH, STEEPNESS, CENTRE), 1.0, MU)
    x = grid.axes[0]
    psi = np.exp(-((x - 2.2) ** 2) * MU * OMEGA / 2)
    psi = psi / np.sqrt(np.sum(psi**2) * grid.cell)
    observe = obs.autocorrelation(psi, grid, doubled=doubled)
    how = {"duration": 48 * FS, "steps": 1000, "saves": 200, "method": "blanes-moan-6"}
    return jw.evolve(system, psi, observe=observe, **how)


@pytest.mark.slow
@pytest.mark.parametrize("doubled", [False, True])
def test_six_lines_of_the_oh_bond(doubled):
    """Below 1e-5 cm⁻¹ from 48 fs: the six strongest lines, and eleven above 1e-6."""
    run = bond(doubled)
    dt = float(run.times[1]) * (2 if doubled else 1)
    found = jw.lines(run.observed, dt, centre=0.03 if doubled else 0.0)
    errors = CM * np.abs(found.energies - LEVELS[:11])
    assert np.max(errors) < 1e-5 and np.max(errors[:6]) < 1e-7
    strongest = np.sort(np.argsort(-found.weights)[:6])
    np.testing.assert_array_equal(strongest, np.arange(6))


def test_autocorrelations():
    grid, psi = small.GRID, small.PSI
    plain = obs.autocorrelation(psi, grid)
    assert complex(plain(1j * psi)) == pytest.approx(1j, abs=1e-7)
    real = np.abs(psi)
    doubled = obs.autocorrelation(real, grid, doubled=True)
    turned = np.exp(-0.3j) * real
    assert complex(doubled(turned)) == pytest.approx(np.exp(-0.6j), abs=1e-7)
    with pytest.raises(ValueError, match="`psi0` must be real"):
        obs.autocorrelation(psi, grid, doubled=True)
    with pytest.raises(ValueError, match="`psi0` must be one wave function"):
        obs.autocorrelation(small.MIXED, grid)


SAMPLES = {"signal": SIGNAL, "dt": DT, "hbar": HBAR, "centre": 0.1}
PUBLIC = [
    small.call(jw.spectrum, **SAMPLES),
    small.call(jw.lines, **SAMPLES, share=1e-6),
    small.call(obs.autocorrelation, psi0=small.PSI, grid=small.GRID),
]
