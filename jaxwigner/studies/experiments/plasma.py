"""Two periodic problems of plasma physics under the Vlasov equation, with the Hartree equation at falling ħ beside them.

    Landau damping      f = M(p)(1 + a cos kx):   a(t) ~ e^{γt} cos(ωt + φ), γ < 0
    two streams         f = ½(M(p − v) + M(p + v))(1 + a cos kx):   a(t) ~ e^{γt}, γ > 0

The pair potential is one mode of Poisson's equation, V(x) = (2/k²)cos kx for particles of total mass 1: linear theory sees no
other mode, and V is smooth, as Golse and Paul ask. ω + iγ are roots of the dispersion relation of each equation,

    0 = 1 − (1/k²)∫ f₀′(p)/(p − ω/k) dp,     f₀′ for Hartree: (f₀(p + ħk/2) − f₀(p − ħk/2))/(ħk)

with Landau's contour; for sums of Maxwellians the integrals are plasma dispersion functions. A Hartree state with the same density
and momenta is Σ_j w_j|ψ_j⟩⟨ψ_j|, ψ_j = √(1 + a cos kx) e^{ip_jx/ħ}/√L with p_j = ħkj and w_j ∝ f₀(p_j). Momenta in steps of ħk
make it come back at 2π/(ħk²): rates are fitted to what lies well before that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner._checks import check_positive_scalar, check_scalar, require
from jaxwigner.classical import Vlasov
from jaxwigner.engine.evolve import evolve
from jaxwigner.grid import Grid, PhaseGrid
from jaxwigner.observables import density_of
from jaxwigner.plot.style import CLASSICAL, CYCLE, new_figure
from jaxwigner.potentials import Cosine
from jaxwigner.progress import Progress, quiet
from jaxwigner.quantum import Hartree
from jaxwigner.states import MixedState
from jaxwigner.studies.experiments.experiment import Experiment
from jaxwigner.studies.experiments.settings import Keys, key

REACH = 5.5  # momenta beyond the fastest beam, in thermal speeds
TITLES = {"landau": "Landau damping", "stream": "two streams"}


@dataclass(frozen=True)
class Settings(Keys):
    """Both problems in units of the thermal speed and 1/ω_p."""

    wavenumber: float = key(0.3, "of the perturbation, Landau damping", within=(0.05, 1.0))
    amplitude: float = key(1e-5, "a of 1 + a cos kx", within=(1e-8, 0.5))
    duration: float = key(40.0, "of Landau damping", unit="1/ω_p", within=(1.0, 200.0))
    hbars: tuple[float, ...] = key(
        (1.6, 0.8, 0.4), "ħ of the Hartree runs", within=(0.02, 5.0), distinct=True
    )
    points: int = key(32, "in x", within=(8, 4096))
    momenta: int = key(256, "in p", within=(32, 8192))
    stream: float = key(3.0, "speed of the two beams", unit="thermal speed", within=(0.5, 10.0))
    stream_wavenumber: float = key(0.2, "of the perturbation, two streams", within=(0.05, 1.0))
    stream_duration: float = key(40.0, "of the two streams", unit="1/ω_p", within=(1.0, 200.0))
    steps_per_unit: int = key(10, "of time", within=(4, 1000))


def dispersion_root(
    wavenumber: float, stream: float = 0.0, hbar: float = 0.0, guess: complex | None = None
) -> complex:
    """ω + iγ of the mode that grows fastest or is damped least, ω ≥ 0: Newton's method on the dispersion relation.

    **Arguments:** `wavenumber`: k > 0, in 1/Debye length; `stream`: speed of the two beams, in thermal speeds; `hbar`: ħ ≥ 0,
    0 is Vlasov; `guess`: where to start; by default at many places, of whose roots the best is taken.

    **Raises:** `ValueError` for other arguments, and where no root is found.

    >>> from jaxwigner.studies.experiments.plasma import dispersion_root
    >>> for k in (0.3, 2.0):
    ...     root = dispersion_root(k)
    ...     round(root.real, 8), round(root.imag, 8)
    (1.15984648, -0.01262037)
    (3.18913619, -2.82720027)
    """
    check_positive_scalar("wavenumber", wavenumber)
    check_scalar("stream", stream)
    check_scalar("hbar", hbar)
    require(hbar >= 0, "hbar", "be at least 0", hbar)
    k, v = np.float64(wavenumber), abs(float(stream))
    with np.errstate(all="ignore"):
        starts = _starts(k, v, hbar) if guess is None else np.array([complex(guess)])
        roots = _newton(starts, k, v, hbar)
    name, value = ("wavenumber", k) if guess is None else ("guess", guess)
    require(roots.size > 0, name, "lead to a root of the dispersion relation", value)
    # With ω + iγ also −ω + iγ is a root.
    roots = np.abs(np.real(roots)) + 1j * np.imag(roots)
    best = roots[np.imag(roots) > np.max(np.imag(roots)) - 1e-10 * np.abs(roots)]
    return _with_its_damping(complex(best[np.argmax(np.real(best))]), k, v, hbar)


def _starts(k: float, v: float, hbar: float) -> np.ndarray:
    """Plasma waves on either beam, growth of the size of the plasma frequency, and phase speeds around the beam."""
    wave = np.sqrt(1 + 3 * k**2 + (hbar * k**2 / 2) ** 2)
    waves = [k * v + wave, k * v - wave, 0.3j + 1e-3, 0.3j + 0.5 * k * v]
    reach = 1.5 + np.sqrt(2 + 4 * np.log1p(k**2)) + 0.5 * hbar * k
    speeds = v + np.concatenate([np.linspace(-v, 0.0, 4), np.linspace(0.2, reach, 12)])
    around = k * (speeds[:, None] - 1j * np.linspace(0.05, reach, 12))
    return np.concatenate([np.array(waves, complex), around.reshape(-1)])


def _newton(omega: np.ndarray, k: float, v: float, hbar: float) -> np.ndarray:
    """The roots that Newton's method finds."""
    value = change = np.full(omega.shape, np.inf)
    for _ in range(80):
        value = _dielectric(omega, k, v, hbar)
        change = value / _slope(omega, k, v, hbar)
        omega = omega - change
        if not np.any(np.abs(change) > 1e-13 * np.abs(omega)):
            break
    found = np.isfinite(omega) & (np.abs(change) < 1e-10 * np.abs(omega)) & (np.abs(value) < 1e-8)
    return omega[found]


def _slope(omega: np.ndarray, k: float, v: float, hbar: float) -> Any:
    step = 1e-6 * (k + np.abs(omega))
    ahead, behind = (_dielectric(omega + s, k, v, hbar) for s in (step, -step))
    return (ahead - behind) / (2 * step)


def _with_its_damping(root: complex, k: float, v: float, hbar: float) -> complex:
    """A rate far below the rounding of ω is read off the real axis, where the pole is all that is imaginary."""
    if abs(root.imag) > 1e-9 * abs(root):
        return root
    omega = np.array([root.real + 0j])
    value, slope = _dielectric(omega, k, v, hbar), _slope(omega, k, v, hbar)
    return complex(root.real, -value[0].imag / slope[0].real)


def _dielectric(omega: np.ndarray, k: float, v: float, hbar: float) -> Any:
    """1 + k⁻² Σ_beams: of thermal speed 1 at ±v; for ħ > 0 the derivative of f₀ is Hartree's difference quotient.

    ∫(f₀(p + s) − f₀(p − s))/(p − u) dp = ∫f₀(p)(1/(p − s − u) − 1/(p + s − u)) dp, s = ħk/2.
    """
    delta = hbar * k / 2**1.5
    parts = [_response((omega / k - beam) / 2**0.5, delta) for beam in ((v, -v) if v else (0.0,))]
    return 1 + sum(parts) / (len(parts) * k**2)


def _response(zeta: np.ndarray, delta: float) -> np.ndarray:
    """−(Z(ζ + δ) − Z(ζ − δ))/4δ, in the limit δ → 0 it is −Z′(ζ)/2 = 1 + ζZ(ζ).

    Z(ζ) = π^{−½}∫e^{−t²}/(t − ζ)dt, continued analytically from above (Fried and Conte); it obeys Z′ = −2(1 + ζZ).
    """
    from scipy.special import wofz

    def Z(z):
        return 1j * np.pi**0.5 * wofz(z)

    if delta > 1e-3:
        near = (Z(zeta - delta) - Z(zeta + delta)) / (4 * delta)
    else:
        first = -2 * (1 + zeta * Z(zeta))
        third = -4 * first - 2 * zeta * (-2 * Z(zeta) - 2 * zeta * first)
        near = -0.5 * (first + third * delta**2 / 6)
    far = np.minimum(np.abs(zeta + delta), np.abs(zeta - delta)) > FAR
    return np.where(far, _far_response(zeta, delta), near)


FAR = 8.0  # where Z = −Σ_n (2n−1)!! 2⁻ⁿ ζ^{−2n−1} holds to all digits


def _far_response(zeta: np.ndarray, delta: float) -> np.ndarray:
    """The same from the asymptotic series, term by term, since 1 + ζZ would cancel; and what the pole adds below the axis."""
    a, b = 1 / (zeta + delta), 1 / (zeta - delta)
    total, coefficient, power, quotient = 0.0, 1.0, a, a * b  # of ζ^{−m}, m = 1, 3, 5 …
    for n in range(24):
        total = total - 0.5 * coefficient * quotient
        coefficient *= (2 * n + 1) / 2
        for _ in range(2):
            power = power * a
            quotient = b * quotient + power * b
    # e^{−ζ²} counts once on the real axis, twice below it and not at all above.
    height = np.imag(zeta)
    pole = np.where(np.abs(height * zeta) < 1, 1.0, 2.0 * (height < 0))
    if delta > 1e-5:
        slope = (np.exp(-((zeta - delta) ** 2)) - np.exp(-((zeta + delta) ** 2))) / (4 * delta)
    else:
        slope = zeta * np.exp(-(zeta**2)) * (1 + (2 * zeta * delta) ** 2 / 6)
    below = 1j * np.pi**0.5 * pole * slope
    return total + np.where(pole > 0, below, 0.0)


def run(settings: Settings, progress: Progress = quiet):
    """Both problems, under Vlasov and under Hartree at every ħ.

    **Returns:** an `xarray.Dataset`: the amplitude of the mode over time for both problems (`hbar` = 0 is Vlasov), measured rates
    and frequencies, and those of the dispersion relation.
    """
    hbars = (0.0, *sorted(settings.hbars, reverse=True))
    cases = {
        "landau": (settings.wavenumber, 0.0, settings.duration),
        "stream": (settings.stream_wavenumber, settings.stream, settings.stream_duration),
    }
    data: dict[str, Any] = {}
    for number, (name, case) in enumerate(cases.items()):
        series, found, roots = [], [], []
        for i, hbar in enumerate(hbars):
            progress(f"{name}, ħ = {hbar:g}", number * len(hbars) + i, 2 * len(hbars))
            times, amplitude = _amplitude(settings, *case, hbar)
            roots.append(dispersion_root(case[0], case[1], hbar))
            series.append(amplitude)
            known = times if hbar == 0 else times[times < 0.7 * 2 * np.pi / (hbar * case[0] ** 2)]
            found.append(_fitted(known, amplitude[: len(known)], roots[-1]))
        data[name] = (times, np.stack(series), np.array(found), np.array(roots))
    return _dataset(settings, hbars, data)


def _amplitude(settings: Settings, k: float, stream: float, duration: float, hbar: float):
    """∫cos(kx)ρ dx over time."""
    box = Grid(0.0, 2 * np.pi / k, settings.points)
    pair = Cosine(2 / k**2, k)
    steps = int(np.ceil(settings.steps_per_unit * duration))
    options = {"duration": duration, "steps": steps, "saves": steps, "throw": False}
    if hbar == 0:
        phase, f = _classical(settings, box, k, stream)
        wave = jnp.cos(k * phase.mesh[0][0])

        def observe(f):
            return jnp.sum(wave * f) * phase.cell

        system, state = Vlasov(phase, pair), f
    else:
        grid, state = _quantum(settings, k, stream, hbar)
        wave = jnp.cos(k * jnp.asarray(grid.axes[0]))

        def observe(R):
            return jnp.sum(wave * density_of(R)) * grid.cell

        system = Hartree(grid, pair, hbar)
    run = jax.jit(lambda state: evolve(system, state, observe=observe, **options))(state)
    return np.asarray(run.times), np.asarray(run.observed)


def _beams(p: Any, stream: float):
    """f₀ up to a factor."""
    if stream == 0:
        return jnp.exp(-0.5 * p**2)
    return 0.5 * (jnp.exp(-0.5 * (p - stream) ** 2) + jnp.exp(-0.5 * (p + stream) ** 2))


def _classical(settings: Settings, box: Grid, k: float, stream: float):
    reach = stream + REACH
    phase = PhaseGrid(box, Grid(-reach, reach, settings.momenta))
    (x,), (p,) = phase.mesh
    f = (1 + settings.amplitude * jnp.cos(k * x)) * _beams(p, stream)
    return phase, f / (jnp.sum(f) * phase.cell)


def _quantum(settings: Settings, k: float, stream: float, hbar: float):
    """Plane waves of all momenta ħkj that matter, under one envelope."""
    side, highest = 2 * np.pi / k, int(np.ceil((stream + REACH) / (hbar * k)))
    grid = Grid(0.0, side, 4 * max(highest, settings.points // 4) + 2)
    j = np.arange(-highest, highest + 1)
    weights = np.asarray(_beams(hbar * k * j, stream))
    x = np.asarray(grid.axes[0])
    envelope = np.sqrt((1 + settings.amplitude * np.cos(k * x)) / side)
    orbitals = envelope * np.exp(1j * k * j[:, None] * x)
    return grid, MixedState(weights / weights.sum(), orbitals)


def _fitted(times: np.ndarray, amplitude: np.ndarray, root: complex) -> complex:
    """ω + iγ that fits the later part; of a growing mode γ while it is small."""
    from scipy.optimize import curve_fit

    if root.imag > 0:
        size = np.abs(amplitude)
        linear = (size > 30 * size[0]) & (np.cumsum(size > 0.01) == 0)
        if linear.sum() < 5:
            return complex("nan")
        return 1j * float(np.polyfit(times[linear], np.log(size[linear]), 1)[0])
    late = times > 0.3 * times[-1]
    t, a = times[late], amplitude[late] / np.max(np.abs(amplitude[late]))

    def wave(t, size, omega, gamma, phase):
        return size * np.exp(gamma * (t - t[0])) * np.cos(omega * t + phase)

    best = None
    for phase in (0.0, 1.5, 3.0, 4.5):
        start = (1.0, root.real, root.imag, phase)
        found, _ = curve_fit(wave, t, a, p0=start, maxfev=5000)
        error = float(np.sum((wave(t, *found) - a) ** 2))
        if best is None or error < best[0]:
            best = (error, complex(abs(found[1]), found[2]))
    return best[1]


def _dataset(settings: Settings, hbars: tuple[float, ...], data: dict[str, Any]):
    variables: dict[str, Any] = {}
    coordinates: dict[str, Any] = {"hbar": ("hbar", np.array(hbars), "1", "ħ; 0 is Vlasov")}
    for name, (times, series, found, roots) in data.items():
        axis = f"{name}_time"
        coordinates[axis] = (axis, times)
        variables[f"{name}_amplitude"] = (("hbar", axis), series)
        for part, pick in (("frequency", np.real), ("rate", np.imag)):
            variables[f"{name}_{part}"] = ("hbar", pick(found))
            variables[f"{name}_{part}_theory"] = ("hbar", pick(roots))
    attributes = {
        "wavenumber": settings.wavenumber,
        "stream_wavenumber": settings.stream_wavenumber,
        "stream": settings.stream,
        "damping": float(np.imag(data["landau"][2][0])),
        "damping_theory": float(np.imag(data["landau"][3][0])),
        "growth": float(np.imag(data["stream"][2][0])),
        "growth_theory": float(np.imag(data["stream"][3][0])),
    }
    return EXPERIMENT.labelled(variables, coordinates, attributes)


def figures(dataset: Any) -> Iterator[tuple[str, Any]]:
    """Name and figure."""
    figure = new_figure(9.4, 4.4)
    for ax, name in zip(figure.subplots(1, 2), TITLES):
        _panel(ax, dataset, name)
    yield "plasma", figure


def _panel(ax: Any, dataset: Any, name: str) -> None:
    time = dataset[f"{name}_time"].values
    others = [colour for colour in CYCLE if colour != CLASSICAL]
    for i, hbar in enumerate(dataset["hbar"].values):
        series = np.abs(dataset[f"{name}_amplitude"].values[i])
        rate = float(dataset[f"{name}_rate"].values[i])
        label = "Vlasov" if hbar == 0 else rf"Hartree, $\hbar = {hbar:g}$"
        colour = CLASSICAL if hbar == 0 else others[i - 1]
        label = rf"{label}: $\gamma = {rate:.5f}$"
        ax.plot(time, series, color=colour, lw=1.2 if hbar == 0 else 0.8, label=label)
    theory = float(dataset[f"{name}_rate_theory"].values[0])
    first = np.abs(dataset[f"{name}_amplitude"].values[0])
    middle = len(time) // 2 if name == "landau" else np.argmax(first > 20 * first[0])
    top = first[middle : middle + len(time) // 8].max() if name == "landau" else first[middle]
    line = top * np.exp(theory * (time - time[middle]))
    kept = line < 1.5 * first.max()
    label = rf"dispersion relation: $\gamma = {theory:.5f}$"
    ax.plot(time[kept], line[kept], color="0.2", ls="--", lw=0.9, label=label)
    k = dataset.attrs["wavenumber" if name == "landau" else "stream_wavenumber"]
    ax.set(yscale="log", xlabel=r"$t\,\omega_p$", ylabel=r"$|\int\rho\cos kx\,dx|$")
    low = max(first[first > 0].min(), 1e-3 * first.max()) if name == "landau" else 0.3 * first[0]
    ax.set_ylim(0.5 * low, 3 * first.max())
    ax.set_title(rf"{TITLES[name]}, $k = {k:g}$", loc="left")
    ax.legend(loc="upper left", bbox_to_anchor=(0.0, -0.18), fontsize=7, ncols=2)


EXPERIMENT = Experiment(
    "plasma",
    "Landau damping and two streams, Vlasov and Hartree",
    Settings,
    run,
    figures,
    "The mode of the density over time, beside the roots of the dispersion relation of each equation.",
    "plasma.png",
)
