"""Damping and growth against the roots of the dispersion relation; Hartree tends to Vlasov as ħ falls."""

import functools

import mpmath
import numpy as np
import pytest
from settings import refused

from jaxwigner.studies.draw import draw
from jaxwigner.studies.experiments import plasma

small = functools.partial(
    plasma.Settings,
    hbars=(1.6, 0.8),
    amplitude=1e-4,
    duration=30.0,
    stream_duration=25.0,
    points=16,
    momenta=160,
    steps_per_unit=8,
)


@pytest.fixture(scope="module")
def dataset():
    return plasma.run(small())


def test_roots_of_the_dispersion_relation():
    root = plasma.dispersion_root(0.3)
    assert abs(root - complex(1.15984648, -0.01262037)) < 1e-8
    # A second-order quantum correction, and the classical root as its limit.
    shifts = [abs(plasma.dispersion_root(0.3, hbar=h) - root) for h in (0.4, 0.2)]
    assert 3.5 < shifts[0] / shifts[1] < 4.5
    growing = plasma.dispersion_root(0.2, 3.0)
    assert growing.imag > 0.2 and abs(growing.real) < 1e-6


# Printed to four places in many papers on Vlasov codes (Sonnendrücker's lectures among them).
PUBLISHED = {
    0.2: 1.0640 - 5.51e-5j,
    0.3: 1.1598 - 0.0126j,
    0.4: 1.2850 - 0.0661j,
    0.5: 1.4156 - 0.1533j,
}


@pytest.mark.parametrize("k", PUBLISHED)
def test_published_roots(k):
    assert abs(plasma.dispersion_root(k) - PUBLISHED[k]) < 1e-4


def exact_dielectric(omega, k, v, hbar):
    """The same relation in 40 digits, from the complementary error function."""
    total = mpmath.mpc(0)
    for beam in (v, -v):
        zeta = (omega / k - beam) / mpmath.sqrt(2)
        Z = lambda z: 1j * mpmath.sqrt(mpmath.pi) * mpmath.exp(-z * z) * mpmath.erfc(-1j * z)  # noqa: E731
        d = mpmath.mpf(hbar) * k / mpmath.sqrt(8)
        total += (Z(zeta - d) - Z(zeta + d)) / (4 * d) if hbar else 1 + zeta * Z(zeta)
    return 1 + total / 2 / mpmath.mpf(k) ** 2


CASES = [(0.1, 0, 0), (0.99, 0, 0), (2.0, 0, 0), (30.0, 0, 0), (0.3, 0, 1e-6), (0.3, 0, 1.6)]
CASES += [
    (3.0, 0, 2.0),
    (0.2, 3.0, 0),
    (1.0, 3.0, 0),
    (3.0, 3.0, 0.3),
    (0.5, 0.5, 0),
    (0.3, 10.0, 0),
]


@pytest.mark.parametrize("k, v, hbar", CASES)
def test_roots_at_every_wavenumber(k, v, hbar):
    """A root to twelve digits, and no other one above it: the relation does not wind round zero there."""
    root = plasma.dispersion_root(k, v, hbar)
    with mpmath.workdps(40):
        exact = mpmath.findroot(
            lambda omega: exact_dielectric(omega, mpmath.mpf(k), v, hbar), mpmath.mpc(root)
        )
    assert abs(complex(exact) - root) < 2e-12 * abs(root)
    assert root.imag == pytest.approx(float(exact.imag), rel=1e-7)
    above, side = 1e-3 * (k + abs(root)), 40 * (1 + k * (3 + v + hbar * k))
    near, t = above * np.sinh(np.linspace(-12, 12, 501)), side * np.linspace(-1, 1, 2001)
    line = np.unique(
        np.concatenate([t, *(r + near[abs(r + near) < side] for r in REAL * root.real)])
    )
    level = root.imag + above
    around = [line + 1j * level, side + 1j * (level + side + t)]
    around += [-line + 1j * (level + 2 * side), -side + 1j * (level + side - t)]
    assert abs(turned(lambda w: plasma._dielectric(w, k, v, hbar), np.concatenate(around))) < 1e-6


REAL = np.array([-1, 1])  # roots are mirror images of each other


def turned(f, path):
    """By how much the phase of f turns on a path, whose points are made denser until none turns it by more than one."""
    for _ in range(30):
        with np.errstate(all="ignore"):
            phases = np.angle(f(path))
        steps = np.remainder(np.diff(phases) + np.pi, 2 * np.pi) - np.pi
        wide = np.flatnonzero(abs(steps) > 1)
        if not wide.size:
            return steps.sum()
        path = np.insert(path, wide + 1, (path[wide] + path[wide + 1]) / 2)
    raise AssertionError(f"not smooth at {path[wide]}")


def test_weak_damping_is_not_rounding():
    """γ ≈ −√(π/8) k⁻³ e^{−1/2k² − 3/2} for small k, far below the rounding of ω."""
    k = 0.05
    root = plasma.dispersion_root(k)
    assert root.real == pytest.approx(1.0037618652948537, rel=1e-14)
    expected = -np.sqrt(np.pi / 8) / k**3 * np.exp(-0.5 / k**2 - 1.5)
    assert root.imag == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (dict(wavenumber=0.0), "`wavenumber` must be positive"),
        (dict(wavenumber=1e200), "`wavenumber` must lead to a root"),
        (dict(wavenumber=0.3, stream=np.nan), "`stream` must be finite"),
        (dict(wavenumber=0.3, hbar=-1.0), "`hbar` must be at least 0, but is -1.0"),
        (dict(wavenumber=0.3, guess=1e9j), "`guess` must lead to a root"),
    ],
)
def test_roots_that_are_none(arguments, message):
    with pytest.raises(ValueError, match=message):
        plasma.dispersion_root(**arguments)


@pytest.mark.slow
def test_measured_rates(dataset):
    assert np.allclose(dataset["landau_rate"], dataset["landau_rate_theory"], atol=3e-4)
    assert np.allclose(dataset["landau_frequency"], dataset["landau_frequency_theory"], atol=3e-4)
    assert np.allclose(dataset["stream_rate"], dataset["stream_rate_theory"], rtol=0.03)


@pytest.mark.slow
def test_hartree_tends_to_vlasov(dataset):
    series = dataset["landau_amplitude"].values
    gaps = np.abs(series[1:] - series[0]).max(axis=1)
    assert dataset["hbar"].values.tolist() == [0.0, 1.6, 0.8]
    assert gaps[1] < 0.4 * gaps[0]


@pytest.mark.slow
def test_figure(dataset, tmp_path):
    assert [path.name for path in draw(dataset, tmp_path)] == ["plasma.png"]


test_settings_are_checked = refused(small, hbars=[(), (0.4, 0.4)], amplitude=[-1.0])
