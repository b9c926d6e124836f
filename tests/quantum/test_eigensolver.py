"""The solver behind `levels`: both methods agree, levelling moves nothing, copies of degenerate levels are found."""

import numpy as np
import pytest

from jaxwigner.quantum import eigensolver
from jaxwigner.quantum.eigensolver import lowest


def problem(side, points, d):
    x, k = side * (np.arange(points) / points - 0.5), np.fft.fftfreq(points, side / points)
    mesh = np.meshgrid(*[x] * d, indexing="ij")
    waves = np.meshgrid(*[2 * np.pi * k] * d, indexing="ij")
    return mesh, 0.5 * sum(q**2 for q in waves)


@pytest.fixture
def by_arpack(monkeypatch):
    monkeypatch.setattr(eigensolver, "DENSE", 0)


def test_steep_walls_are_levelled(by_arpack):
    """x^20 is 1e12 at the ends; the dense problem knows nothing of levelling."""
    (x,), T = problem(7.0, 256, 1)
    U = (x / 1.7) ** 20 + 0.3 * x
    found = lowest(T, U, 5)
    F = np.fft.fft(np.eye(256), norm="ortho")
    H = (F.conj().T * T) @ F + np.diag(np.minimum(U, 1e6))
    np.testing.assert_allclose(found.energies, np.linalg.eigvalsh(H)[:5], atol=2e-10)
    assert np.max(found.errors) < 1e-8
    H = (F.conj().T * T) @ F + np.diag(U)
    shifts = [np.linalg.norm(H @ v - E * v) for v, E in zip(found.vectors, found.energies)]
    assert np.max(shifts) < 1e-2  # of 1e12


@pytest.mark.parametrize("points, method", [(12, "dense"), (12, "arpack")])
def test_copies_of_degenerate_levels(points, method, monkeypatch):
    """An oscillator in d = 3: 1, 3, 6 copies; a cut through a group takes the mean density of all of it."""
    monkeypatch.setattr(eigensolver, "DENSE", 0 if method == "arpack" else 10_000)
    (x, y, z), T = problem(9.0, points, 3)
    U = 0.5 * (x**2 + y**2 + z**2)
    found = lowest(T, U, 6)
    assert np.ptp(found.energies[1:4]) < 1e-12 and found.energies[4] > found.energies[3] + 0.9
    np.testing.assert_allclose(found.energies[:4], [1.5, 2.5, 2.5, 2.5], atol=3e-4)
    overlaps = found.vectors.reshape(6, -1) @ found.vectors.reshape(6, -1).T
    np.testing.assert_allclose(overlaps, np.eye(6), atol=1e-12)
    for field in (found.rho[2], found.power[2]):
        np.testing.assert_allclose(field, field.transpose(1, 2, 0), atol=1e-12)
        assert field.sum() == pytest.approx(1.0, abs=1e-12)


def test_signs():
    (x,), T = problem(14.0, 64, 1)
    found = lowest(T, 0.5 * x**2, 4)
    for v in found.vectors:
        assert v[np.argmax(np.abs(v) > 0.5 * np.max(np.abs(v)))] > 0


@pytest.mark.parametrize("bad", [np.inf, np.nan])
def test_what_is_not_finite(bad):
    (x,), T = problem(14.0, 32, 1)
    with pytest.raises(ValueError, match="Argument `system` must have finite energies"):
        lowest(T, np.where(x == 0, bad, x**2), 1)
    with pytest.raises(ValueError, match="Argument `system` must have an even kinetic"):
        lowest(T + np.fft.fftfreq(32), x**2, 1)
