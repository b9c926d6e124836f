"""Two dimensions: Hénon–Heiles with two masses against a basis of oscillators written with NumPy, `predict`, and a level."""

from math import factorial

import numpy as np
import pytest

import jaxwigner as jw

MASSES, START, DURATION = (1.0, 2.0), (1.0, 1.5), 12.0
COUPLING = 0.1118


def henon(x, y):
    return (x**2 + y**2) / 2 + COUPLING * (x**2 * y - y**3 / 3)


def exact(hbar, times, n=34):
    """⟨x⟩, ⟨y⟩, ⟨x³⟩ of a coherent state in products of oscillator functions of the harmonic part."""
    ladder = np.diag(np.sqrt(np.arange(1, n)), 1)
    sizes = [np.sqrt(m) for m in MASSES]  # mω
    x, y = (np.sqrt(hbar / (2 * s)) * (ladder + ladder.T) for s in sizes)
    one, levels = np.eye(n), hbar * (np.arange(n) + 0.5)
    flat = [np.diag(levels / np.sqrt(m)) for m in MASSES]
    energy = np.kron(flat[0], one) + np.kron(one, flat[1])
    energy += COUPLING * (np.kron(x @ x, y) - np.kron(one, y @ y @ y) / 3)
    values, vectors = np.linalg.eigh(energy)
    start = []
    for q, size in zip(START, sizes):
        a = q * np.sqrt(size / (2 * hbar))
        start.append([np.exp(-(a**2) / 2) * a**k / np.sqrt(float(factorial(k))) for k in range(n)])
    phases = np.exp(-1j * np.outer(values, times) / hbar)
    psi = vectors @ (phases * (vectors.T @ np.kron(*start))[:, None])
    operators = np.kron(x, one), np.kron(one, y), np.kron(x @ x @ x, one)
    return [np.einsum("at,at->t", psi.conj(), a @ psi).real for a in operators]


def rms(a):
    return np.sqrt(np.mean(np.square(a)))


@pytest.mark.slow
def test_henon_heiles(tmp_path):
    """Quantum means to 1e-6; differences of ⟨x⟩ 5.4e-4 and 1.37e-4 (∝ ħ²), which `predict` finds."""
    every = dict(mass=MASSES, state=jw.Packet(START), duration=DURATION, hbar=(0.4, 0.2), saves=16)
    observe = {
        "position": "position",
        "cube": lambda x: x[0] ** 3,
        "product": lambda p: p[0] * p[1],
    }
    found = jw.compare(henon, **every, observe=observe, samples=2**14)
    predicted = jw.predict(henon, **every, observe=observe, samples=2**11)
    assert found.names == ("position_1", "position_2", "cube", "product")
    for row, (hbar, size) in enumerate(((0.4, 5.4e-4), (0.2, 1.37e-4))):
        means = exact(hbar, found.times)
        for name, mean in zip(found.names, means):
            np.testing.assert_allclose(found.quantum[name][row], mean, atol=1e-6)
        gap, error = found.difference("position_1", hbar)
        correction = predicted.correction["position"][row][:, 0]
        own = predicted.correction_error["position"][row][:, 0]
        assert rms(correction) == pytest.approx(size, rel=0.2)
        assert np.all(np.abs(gap - correction) <= error + own + 0.05 * size)
    assert found.figure(tmp_path / "plane.png").exists()
    text = str(found)
    assert "64×64 points" in text and "position_2: difference" in text
    assert found.to_xarray()["quantum_cube"].dims == ("hbar", "time")
    with pytest.raises(ValueError, match="have one coordinate for densities"):
        found.animate(tmp_path / "plane.gif")


@pytest.mark.nightly
def test_a_level_by_spectrograms():
    """Keller–Lasser–Ohsawa points of an excited level (d = 2) against quantum means: ⟨x⟩ differs little, a Husimi cloud by O(ħ)."""
    U = lambda x, y: 0.5 * (x**2 + y**2) + 0.1 * x**2 * y + 0.02 * (x**4 + y**4)  # noqa: E731
    state = jw.Level(1, shift=(1.0, 0.5))
    every = dict(mass=MASSES, state=state, duration=4.0, hbar=(0.4, 0.2), saves=8, samples=2**13)
    found = jw.compare(U, **every, observe=("position", "|x|²"), tolerance=0.9)
    for name in ("position_1", "|x|²"):
        gaps, errors = zip(*(found.difference(name, h) for h in (0.4, 0.2)))
        assert abs(gaps[0][0]) <= errors[0][0]  # moments of order two are those of the level
        assert rms(gaps[1]) < 0.6 * rms(gaps[0]) + rms(errors[1])
    predicted = jw.predict(U, **(every | {"samples": 2**9, "hbar": (0.2,)}))
    assert predicted.correction["position"].shape == (1, 9, 2)


@pytest.mark.parametrize("name", ["density", "transmitted"])
def test_what_is_of_one_coordinate(name):
    every = dict(mass=1.0, state=jw.Packet(START), duration=1.0, hbar=(0.4,), saves=8)
    with pytest.raises(ValueError, match=f"must leave out .*, but is '{name}'"):
        jw.compare(henon, **every, observe=("position", name))
