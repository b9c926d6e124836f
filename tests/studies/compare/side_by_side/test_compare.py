"""Quantum, ensemble and trajectory side by side: OH against its reference, what cannot be right, and results."""

import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw
from jaxwigner.units import fs

PUBLIC = [
    (
        jw.compare,
        {"potential": (jw.potentials.Morse(1.0, 1.0), "thing"), "mass": (1.0, "positive")}
        | {"state": (jw.Packet(0.3), "thing"), "duration": (2.0, "real")}
        | {"hbar": ((0.1,), "positive"), "tolerance": (0.1, "positive")}
        | {"samples": (2**12, "masses"), "seed": (0, "whole"), "saves": (8, "count")},
    )
]
MORSE = jw.potentials.Morse(0.1994, 1.189, 1.821)
OH = dict(mass=1728.539, state=jw.Packet(2.2), duration=40 * fs)
WELL = dict(mass=1.0, state=jw.Packet(1.0), duration=3.2, hbar=(0.5,), saves=16, samples=2**12)


@pytest.fixture(scope="module")
def oh():
    return jw.compare(MORSE, **OH, hbar=(1, 0.5), saves=80, observe=("position", "density"))


def test_oh_is_the_reference(oh):
    """⟨R⟩ of references §1, quantum to 1e-6, classical within its error; trust times of own_system §4."""
    exact = {5: (1.64862587, 1.649864), 10: (2.16551692, 2.162864), 40: (1.87141667, 1.857974)}
    for time, (quantum, classical) in exact.items():
        k = 2 * time
        assert oh.times[k] / fs == pytest.approx(time)
        assert oh.quantum["position"][0, k] == pytest.approx(quantum, abs=1e-6)
        error = oh.error["position"][0, k]
        assert abs(oh.classical["position"][0, k] - classical) < error + 7e-5 and error < 1e-3
    bracket = oh.trusted("position")
    assert bracket.lower / fs == pytest.approx(22.5) and bracket.upper / fs == pytest.approx(23)
    single = oh.trusted("position", motion="trajectory")
    assert single.lower / fs == pytest.approx(1.5) and single.upper / fs == pytest.approx(2)
    absolute = oh.trusted("position", "0.005 angstrom")
    assert absolute.lower < bracket.upper


def test_what_it_says(oh, tmp_path):
    text = str(oh)
    assert "1 ħ  2 %: 22.5 … 23 fs [1.5 … 2 fs]" in text and "seed 0" in text
    dataset = oh.to_xarray()
    assert dataset["quantum_position"].dims == ("hbar", "time") and dataset.attrs["seed"] == 0
    assert {"trajectory_position", "position_error", "density_distance"} <= set(dataset)
    x = dataset["x"].values
    mass = dataset["quantum_density"].values.sum(axis=-1) * (x[1] - x[0])
    np.testing.assert_allclose(mass, 1, rtol=1e-9)
    assert oh.figure(tmp_path / "oh.png").exists()


def test_a_harmonic_well_is_classical():
    """Ehrenfest: means of x and p agree for ever, the kinetic energy of a trajectory lacks that of the zero point."""
    names = ("position", "kinetic", "energy")
    found = jw.compare(lambda x: x**2 / 2, **WELL, observe=names)
    assert found.trusted("position", 0.01, 0.5).lower == np.inf
    gap, error = found.difference("kinetic", 0.5)
    assert np.all(np.abs(gap) <= error + 1e-6)
    gap, _ = found.difference("kinetic", 0.5, "trajectory")
    np.testing.assert_allclose(gap, 0.125, atol=1e-6)
    with pytest.raises(ValueError, match="must be absolute"):
        found.trusted("energy", 0.02, 0.5)
    assert found.trusted("energy", "0.01 hartree", 0.5).lower == np.inf


@pytest.mark.slow
def test_a_packet_on_a_barrier():
    """Transmission of references §2, quantum and classical, and the power 1 of a packet on the separatrix."""
    V0 = 0.425 * jw.units.eV
    packet = jw.Gaussian([-6.0, np.sqrt(1.8 * 1060 * V0)], np.diag([0.25, 1.0]))
    barrier = lambda x: V0 / jnp.cosh(1.36 * x) ** 2  # noqa: E731
    every = dict(mass=1060.0, state=packet, duration=270 * fs, hbar=(2, 1, 0.5), saves=50)
    found = jw.compare(barrier, **every, observe="transmitted", samples=2**16)
    quantum, classical = (one["transmitted"][:, -1] for one in (found.quantum, found.classical))
    np.testing.assert_allclose(quantum, [0.46718137, 0.40598053, 0.34865624], atol=5e-6)
    exact = [0.41730213, 0.38388694, 0.33811969]
    assert np.all(np.abs(classical - exact) <= found.error["transmitted"][:, -1])
    powers = np.diff(np.log(np.abs(quantum - classical))) / -np.log(2)
    np.testing.assert_allclose(powers, 1.1, atol=0.15)


@pytest.mark.slow
def test_rates_of_oh():
    every = dict(OH, duration=20 * fs)
    found = jw.compare(MORSE, **every, hbar=(1, 0.5, 0.25, 0.125), saves=80, samples=2**16)
    assert abs(float(found.rates["position"].power.centre) - 2) < 0.1
    assert abs(float(found.rate("position", "trajectory").power.centre) - 1) < 0.1


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"state": 2.2}, "`state` must be a Packet"),
        ({"duration": 0}, "`duration` must not be 0"),
        ({"observe": "speed"}, "`observe` must hold functions"),
        ({"observe": lambda x, p: x * p}, "functions of x or of p"),
        ({"hbar": (1, -1)}, "`hbar` must be positive"),
        ({"tolerance": 2.0}, "`tolerance` must be shares below 1"),
        ({"samples": 100}, "`samples` must be a power of two"),
        ({"state": jw.Packet((1.0, 0.0, 0.0))}, "1 or 2 coordinates"),
        ({"tolerance": 1e-7}, "sampling cannot tell"),
        ({"memory": 10.0}, "`memory` must be at least"),
    ],
)
def test_bad_input(change, text):
    U = (lambda x, y, z: x**2 + y**2 + z**2) if "coordinates" in text else lambda x: x**2 / 2
    with pytest.raises(ValueError, match=text):
        jw.compare(U, **(WELL | change))
