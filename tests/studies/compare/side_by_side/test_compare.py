"""Quantum, ensemble and trajectory side by side: molecules against other routes, what cannot be right, and results."""

import dense_diatomics as diatomics
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small
from dense_diatomics import ANGSTROM, CM
from scipy.interpolate import make_interp_spline

import jaxwigner as jw
from jaxwigner.molecules import h2
from jaxwigner.units import fs

PUBLIC = [
    small.call(
        jw.compare,
        small.OF_ANY_KIND | {"samples": "masses"},
        potential=small.MORSE,
        mass=1.0,
        state=jw.Packet(0.3),
        duration=2.0,
        hbar=(0.1,),
        tolerance=0.1,
        samples=2**12,
        seed=0,
        saves=8,
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


def test_another_molecule_compiles_nothing(oh):
    compiled = []

    def listen(name, duration, **_):
        if "backend_compile" in name:
            compiled.append(duration)

    other = dict(mass=1785.0, state=jw.Packet(2.9), duration=50 * fs)
    jax.monitoring.register_event_duration_secs_listener(listen)
    try:
        potential = jw.potentials.Morse(0.17, 1.0, 2.4)
        found = jw.compare(
            potential, **other, hbar=(1, 0.5), saves=80, observe=("position", "density")
        )
    finally:
        jax.monitoring.unregister_event_duration_listener(listen)
    assert found.points == oh.points and not compiled


@pytest.mark.slow
def test_errors_hold_the_steps(oh):
    """The stated error is sampling and the steps of both sides; one trajectory has no sampling error."""
    for name in oh.quantum:
        steps = oh.quantum_error[name] + oh.step_error[name]
        assert np.all(oh.error[name] >= steps) and np.all(oh.step_error[name][:, -1] > 0)
        assert np.all(oh.trajectory_error[name] >= oh.quantum_error[name])
    gap, left_out = oh.difference("density")[0], oh.left_out["density"][0]
    assert np.max(np.abs(left_out.mean(axis=0) - gap)) < 0.05 * np.max(gap)
    np.testing.assert_allclose(
        oh.left_out["position"][0].mean(axis=0), oh.difference("position")[0]
    )


def test_what_is_at_rest():
    """Means that vanish by symmetry need no more steps than others; densities alone."""
    every = WELL | {"state": jw.Packet(0.0), "tolerance": ("0.01 bohr",)}
    found = jw.compare(lambda x: x**2 / 2, **every, observe="density")
    assert found.names == ("position", "density") and found.steps <= 64
    assert found.trusted("density", "0.05 bohr", 0.5).lower == np.inf


def test_the_wall_of_a_well_is_no_barrier():
    wall = lambda x: x**4 - 4 * x**2  # noqa: E731
    every = WELL | {"state": jw.Packet(-1.4), "tolerance": ("0.05",)}
    found = jw.compare(wall, **every, observe="transmitted")
    right = found.quantum["transmitted"][0]
    assert right[0] < 1e-7 and 5e-4 < right.max() < 2e-3
    with pytest.raises(ValueError, match="only where U has a barrier"):
        jw.compare(lambda x: x**4 + x**2, **every, observe="transmitted")


CONSTANTS = {  # Huber and Herzberg: ω_e, ω_e x_e, r_e; u; start in bohr, duration in fs
    "HCl": ((2990.946, 52.8186, 1.27455, 0.97959272), 2.74, 60),
    "HF": ((4138.32, 89.88, 0.916808, 0.95705547), 2.1, 60),
}


def crossing(times, gap, level):
    """The first time above a level, and the one before."""
    k = int(np.argmax(gap > level))
    return (times[k - 1], times[k]) if gap[k] > level else (np.inf, np.inf)


def agrees(found, quantum, classical, tolerances=(0.02, 0.05)):
    """Means of `found` at the real ħ are those of another route, and trust brackets contain their first crossings."""
    times, gap = np.asarray(found.times), np.abs(quantum - classical)
    np.testing.assert_allclose(found.quantum["position"][0], quantum, atol=1e-6)
    off, error = found.classical["position"][0] - classical, found.error["position"][0]
    assert np.linalg.norm(off) <= np.linalg.norm(error) and np.all(np.abs(off) <= 2 * error.max())
    for tolerance in tolerances:
        before, after = crossing(times, gap, tolerance * np.ptp(classical))
        bracket = found.trusted("position", tolerance)
        assert bracket.lower <= before and after <= bracket.upper
        assert np.isinf(before) or bracket.upper - bracket.lower < 3 * fs


@pytest.mark.slow
@pytest.mark.parametrize("name", ["HCl", pytest.param("HF", marks=pytest.mark.nightly)])
def test_molecules(name):
    """Against a dense DVR, and DOP853 on Gauss–Hermite nodes."""
    constants, place, duration = CONSTANTS[name]
    depth, a, r, mass = diatomics.morse_of(*constants)
    potential = jw.potentials.Morse(depth, a, r)
    every = dict(mass=mass, state=jw.Packet(place), duration=duration * fs, hbar=(1, 0.5))
    found = jw.compare(potential, **every)
    times, sigma = np.asarray(found.times), (8 * depth * mass) ** -0.25 / np.sqrt(a)
    y = lambda x: np.exp(-a * (x - r))  # noqa: E731
    packet = (mass, place, sigma, times)
    U, force = (lambda x: depth * (1 - y(x)) ** 2), lambda x: -2 * depth * a * y(x) * (1 - y(x))
    exact = diatomics.quantum(U, *packet, (r - 1.6 / a, r + 10 / a))
    agrees(found, exact, diatomics.classical(force, *packet))


@pytest.mark.slow
def test_hydrogen_from_a_table(tmp_path):
    """The published curve as a file with units, against a spline of the fifth degree through its points."""
    R, E = h2.published()
    lines = [f"{x / ANGSTROM!r}, {(y + 1) / CM!r}" for x, y in zip(R.tolist(), E.tolist())]
    path = tmp_path / "h2.csv"
    path.write_text("\n".join(["R [angstrom], E [cm-1]", *lines]))
    curve = jw.read_curve(path, outer="inverse-power")
    mass = jw.units.reduced_mass("1H", "1H")
    every = dict(mass=mass, state=jw.Packet(2.0), duration=36 * fs, hbar=(1,), saves=144)
    found = jw.compare(curve, **every)
    x = np.linspace(0.3, 9.0, 3000)
    U = make_interp_spline(x, np.asarray(curve(jnp.asarray(x))), 5)
    sigma = float(jw.Packet(2.0).deviations(jw.OwnSystem(curve, mass))[0][0])
    packet = (mass, 2.0, sigma, np.asarray(found.times))
    slope = U.derivative()
    exact = diatomics.quantum(U, *packet, (0.32, 8.9))
    agrees(found, exact, diatomics.classical(lambda x: -slope(np.clip(x, 0.3, 9)), *packet))
    assert 13 * fs < found.trusted("position").lower < 13.5 * fs


@pytest.mark.nightly
def test_iodine():
    """⟨R⟩ of references §6 (the width is that of the electronic ground state), and until when one trajectory is right."""
    depth, a, r, mass = diatomics.morse_of(125.69, 0.764, 3.024, 63.452235)
    state = jw.Packet(5.24067685, width=(2 * mass * 214.5 * CM) ** -0.5)
    every = dict(mass=mass, state=state, duration=1000 * fs, hbar=(1,), saves=100)
    found = jw.compare(jw.potentials.Morse(depth, a, r), **every)
    exact = [6.3261659, 5.4542591, 5.8741625]
    np.testing.assert_allclose(found.quantum["position"][0, [10, 30, 100]], exact, atol=1e-6)
    assert found.trusted("position").lower == np.inf
    for tolerance, low, high in ((0.02, 120, 130), (0.05, 190, 200), (0.1, 250, 260)):
        single = found.trusted("position", tolerance, motion="trajectory")
        assert low <= round(single.lower / fs, 6) + 10 and single.upper / fs <= high + 10


def razavy(duration, hbars, tolerance):
    """Probability on the right of the double well of references §3, κ = 5, β = 0.3, from the left."""
    U = lambda x: -1.5 * jnp.cosh(x) + 0.09 * jnp.cosh(x) ** 2  # noqa: E731
    state = jw.Packet(-np.arccosh(5 / 0.6))
    every = dict(mass=0.5, state=state, duration=duration, saves=int(2 * duration), hbar=hbars)
    return jw.compare(U, **every, observe="transmitted", tolerance=tolerance)


@pytest.mark.nightly  # a packet on a barrier has what is transmitted, with references
def test_a_double_well():
    """Classical mechanics fails at once, and to a tenth when tunnelling shows: own_system §4."""
    found = razavy(62.0, (1.0,), ("0.1",))
    assert found.trusted("transmitted", "0.02").lower == 0.5
    bracket = found.trusted("transmitted", "0.1")
    assert 40 <= bracket.lower <= 59.5 and 60 <= bracket.upper <= 60.5  # first at 59.5 … 60
    assert abs(found.classical["transmitted"][0, -1] - 0.08) < 0.01


@pytest.mark.nightly
def test_tunnelling_has_no_power():
    found = razavy(320.0, (2**0.5, 1.0, 2**-0.5, 0.5), ("0.1", "0.3"))
    assert found.rates["transmitted"].power is None
    assert found.quantum["transmitted"][1].max() > 0.985
    assert 117 <= found.trusted("transmitted", "0.3").upper <= 119


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


@pytest.mark.nightly  # docs/own_system.md prints rates, test_crossing.py has those of a known law
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
        ({"hbar": (1, 1 + 1e-12)}, "`hbar` must hold every value once"),
        ({"observe": {"beyond": "transmitted"}}, "call 'density' and 'transmitted' by these names"),
        ({"observe": {"transmitted": "transmitted"}}, "only where U has a barrier"),
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
