"""Every state of d = 1 in `compare` and `predict`, against a sine basis and signed Wigner weights written with NumPy alone."""

import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.units import fs

MASS, DEPTH, STEEPNESS, CENTRE = 1728.539, 0.1994, 1.189, 1.821
OH = jw.potentials.Morse(DEPTH, STEEPNESS, CENTRE)
OMEGA = STEEPNESS * np.sqrt(2 * DEPTH / MASS)
WELL = jw.potentials.Harmonic(MASS * OMEGA**2, CENTRE)
SAVES = 16


def morse(x):
    return DEPTH * (1 - np.exp(-STEEPNESS * (x - CENTRE))) ** 2


def slope(x):
    e = np.exp(-STEEPNESS * (x - CENTRE))
    return 2 * DEPTH * STEEPNESS * (1 - e) * e


class Line:
    """A sine basis between two ends: levels of a potential, means of a mixture over time, and its signed Wigner points."""

    def __init__(self, hbar, ends=(0.7, 4.7), points=400, mass=MASS):
        (a, b), n, self.hbar, self.mass = ends, points, hbar, mass
        self.x, self.step = a + (b - a) * np.arange(1, n) / n, (b - a) / n
        k = np.pi * np.arange(1, n) / (b - a)
        sines = np.sqrt(2 / n) * np.sin(np.outer(self.x - a, k))
        self.kinetic = (sines * (hbar * k) ** 2 / (2 * mass)) @ sines.T

    def levels(self, value):
        return np.linalg.eigh(self.kinetic + np.diag(value(self.x)))

    def quantum(self, orbitals, weights, times, value=morse):
        """⟨x⟩; orbitals in rows, with Σ|ψ|² = 1."""
        energies, vectors = self.levels(value)
        phases = np.exp(-1j * np.outer(energies, times) / self.hbar)
        total = 0.0
        for weight, psi in zip(weights, orbitals):
            moved = vectors @ (phases * (vectors.T @ psi)[:, None])
            total = total + weight * (self.x @ np.abs(moved) ** 2)
        return total

    def points(self, orbitals, weights, reach, count=161):
        """x, p and W Δx Δp: W(x, p) = (Δ/πħ) Σ_k ψ(x + kΔ)ψ*(x − kΔ)e^{−2ipkΔ/ħ}; momenta up to `reach`."""
        rho = np.einsum("j,jx->x", weights, np.abs(orbitals) ** 2)
        inside = np.flatnonzero(rho > 1e-13 * rho.max())
        inside = np.arange(inside[0], inside[-1] + 1)  # W has its own at a node
        chosen = inside[:: max(1, len(inside) // count)]
        p = np.linspace(-reach, reach, count)
        lags, n = np.arange(-len(inside), len(inside) + 1), len(self.x)
        turned = np.exp(-2j * np.outer(lags, p) * self.step / self.hbar)
        values = np.zeros((len(chosen), count))
        ahead, behind = chosen[:, None] + lags, chosen[:, None] - lags
        held = (ahead >= 0) & (ahead < n) & (behind >= 0) & (behind < n)
        for weight, psi in zip(weights, orbitals):
            pairs = psi[np.clip(ahead, 0, n - 1)] * psi[np.clip(behind, 0, n - 1)].conj()
            values += weight * ((pairs * held) @ turned).real
        x, p = np.meshgrid(self.x[chosen], p, indexing="ij")
        kept = np.abs(values) > 1e-9 * np.abs(values).max()
        return x[kept], p[kept], values[kept] / values.sum()

    def classical(self, points, times, force=slope, steps=24):
        """⟨x⟩ of weighted points by Yoshida's method of order 4."""
        x, p, w = points
        outer = 1 / (2 - 2 ** (1 / 3))
        found = [w @ x]
        for span in np.diff(times):
            tau = span / steps
            for _ in range(steps):
                for part in (outer, 1 - 2 * outer, outer):
                    p = p - part * tau / 2 * force(x)
                    x = x + part * tau * p / self.mass
                    p = p - part * tau / 2 * force(x)
            found.append(w @ x)
        return np.array(found)


def oscillator(line, n, shift):
    """Level n of the harmonic well, displaced."""
    y = (line.x - CENTRE - shift) * np.sqrt(MASS * OMEGA / line.hbar)
    psi = np.polynomial.hermite.hermval(y, np.eye(n + 1)[n]) * np.exp(-(y**2) / 2)
    return psi / np.linalg.norm(psi)


def rms(a):
    return np.sqrt(np.mean(np.square(a)))


def agrees(found, row, line, orbitals, weights, reach):
    """Quantum means to 2e-6, classical ones within their error; the difference over time."""
    times = np.asarray(found.times)
    quantum = line.quantum(orbitals, weights, times, morse)
    points = line.points(orbitals, weights, reach)
    classical = line.classical(points, times, slope)
    own, error = found.quantum["position"][row], found.error["position"][row]
    np.testing.assert_allclose(own, quantum, atol=2e-6)
    assert np.all(np.abs(found.classical["position"][row] - classical) <= 1.7 * error)
    assert error.max() < 4e-3
    return quantum - classical, np.abs(points[2]).sum()


@pytest.mark.slow
def test_a_level_has_signed_weights():
    """n = 1 displaced by 0.379: rms differences 1.8e-3, 4.4e-4 (a Husimi cloud errs by 4e-2), ∫|W| = 1.426."""
    every = dict(mass=MASS, state=jw.Level(1, of=WELL, shift=0.379), duration=12 * fs)
    every |= dict(hbar=(1, 0.5), saves=SAVES)
    found = jw.compare(OH, **every, samples=2**14)
    predicted = jw.predict(OH, **every, samples=2**11)
    for row, (hbar, size) in enumerate(((1.0, 1.8e-3), (0.5, 4.5e-4))):
        line = Line(hbar)
        psi = [oscillator(line, 1, 0.379)]
        reach = 7 * np.sqrt(hbar * MASS * OMEGA)
        gap, signs = agrees(found, row, line, psi, [1.0], reach)
        assert rms(gap) == pytest.approx(size, rel=0.03) and signs == pytest.approx(
            1.4259, abs=2e-3
        )
        correction = np.asarray(predicted.correction["position"])[row]
        assert rms(correction - gap) < 0.05 * rms(gap)
    assert predicted.seed == found.seed == 0


SLOW = dict(mass=MASS, duration=12 * fs, hbar=(1,), saves=SAVES, samples=2**14)


@pytest.mark.nightly
def test_a_high_level():
    """n = 3: ∫|W| = 1.976."""
    found = jw.compare(OH, **(SLOW | {"hbar": (0.5,)}), state=jw.Level(3, of=WELL, shift=0.379))
    line = Line(0.5)
    psi = [oscillator(line, 3, 0.379)]
    _, signs = agrees(found, 0, line, psi, [1.0], 8 * np.sqrt(0.5 * MASS * OMEGA))
    assert signs == pytest.approx(1.9759, abs=3e-3)


@pytest.mark.slow
def test_a_lifted_state():
    """Franck and Condon from another Morse curve."""
    lower = jw.potentials.Morse(0.15, 1.1, 2.0)
    found = jw.compare(OH, **SLOW, state=jw.Lift(lower))
    line = Line(1.0)
    _, vectors = line.levels(lambda x: 0.15 * (1 - np.exp(-1.1 * (x - 2.0))) ** 2)
    gap, _ = agrees(found, 0, line, vectors[:, :1].T, [1.0], 30.0)
    predicted = jw.predict(OH, **(SLOW | {"samples": 2**11}), state=jw.Lift(lower))
    assert rms(np.asarray(predicted.correction["position"])[0] - gap) < 0.1 * rms(gap)


@pytest.mark.slow
def test_a_thermal_state():
    """3000 K of another Morse curve: a mixture of levels, W ≥ 0."""
    kelvin, value = 3000.0, lambda x: 0.15 * (1 - np.exp(-1.1 * (x - 2.0))) ** 2
    state = jw.Thermal(kelvin, of=jw.potentials.Morse(0.15, 1.1, 2.0))
    found = jw.compare(OH, **SLOW, state=state)
    line = Line(1.0, (0.7, 5.2), 450)
    energies, vectors = line.levels(value)
    weights = np.exp(-(energies[:20] - energies[0]) / (kelvin * jw.units.kelvin))
    gap, signs = agrees(found, 0, line, vectors[:, :20].T, weights / weights.sum(), 45.0)
    assert signs == pytest.approx(1.0, abs=1e-3)
    predicted = jw.predict(OH, **(SLOW | {"samples": 2**11}), state=state)
    assert rms(np.asarray(predicted.correction["position"])[0] - gap) < 0.1 * rms(gap)


@pytest.mark.slow
def test_a_wkb_state_and_a_wave_of_ones_own():
    """A chirped Gaussian and a cat; the cat is the same ψ given on a grid."""
    chirp = jw.Wkb(
        lambda x: jnp.exp(-(((x - 2.1) / 0.25) ** 2)), lambda x: 3 * (x - 2.1) - 8 * (x - 2.1) ** 2
    )
    line = Line(1.0)
    psi = np.exp(-(((line.x - 2.1) / 0.25) ** 2) + 1j * (3 * line.x - 8 * (line.x - 2.1) ** 2))
    found = jw.compare(OH, **SLOW, state=chirp)
    agrees(found, 0, line, [psi / np.linalg.norm(psi)], [1.0], 45.0)
    grid = jw.Grid(1.0, 3.4, 160)
    cat = lambda x: np.exp(-(((x - 1.9) / 0.15) ** 2)) + np.exp(-(((x - 2.5) / 0.15) ** 2))  # noqa: E731
    wave = jw.Wave(grid, cat(np.asarray(grid.axes[0])))
    # Of 20 seeds the stated error is the scatter (2.58e-4 and 2.63e-4 after 31 a.u.); the first two are far out.
    found = jw.compare(OH, **SLOW, state=wave, seed=6, tolerance=0.05)
    line = Line(1.0, (0.6, 9.0), 700)  # 8e-4 of it dissociate
    psi = cat(line.x)
    _, signs = agrees(found, 0, line, [psi / np.linalg.norm(psi)], [1.0], 45.0)
    assert signs > 1.2
