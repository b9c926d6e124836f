"""Which time step is enough as ħ → 0: for ψ, for means, and for the density operator in MK_ħ (after Golse, Jin and Paul).

A few packets under V = 1 − cos x are moved by a splitting method of order r in steps τ, beside the exact solution:

    ‖ψⁿ − ψ(t)‖ ~ τʳ/ħ        the step for ψ shrinks like ħ^{1/r}
    |⟨Z⟩ⁿ − ⟨Z⟩(t)| ~ τʳ      a step for means is enough for every ħ (Bao, Jin and Markowich)
    MK(Rⁿ, R(t))² − MK(R(t), R(t))² = c₁ħτʳ + c₂τ²ʳ,  c₂τ²ʳ = ½∫|Zⁿ − Z(t)|²dμ as ħ → 0: so is one for R

c₁ may be negative: Rⁿ can be nearer to R(t) than R(t) is to itself. The root of the absolute value of the excess is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner.brackets import Bracket
from jaxwigner.engine.methods import METHODS
from jaxwigner.grid import Grid
from jaxwigner.inequality import fitted_rate
from jaxwigner.plot.style import CLASSICAL, CYCLE, MARKERS, new_figure
from jaxwigner.potentials import Torsion
from jaxwigner.progress import Progress, quiet
from jaxwigner.states import Particles
from jaxwigner.studies.experiments.experiment import Experiment
from jaxwigner.studies.experiments.settings import Keys, demand, key
from jaxwigner.theorems import mk_splitting

ERRORS = {
    "psi": r"$\|\psi^n-\psi(t)\|$",
    "means": r"$|\langle Z\rangle^n-\langle Z\rangle(t)|$",
    "excess": r"$|$excess of $MK_\hbar^2|^{1/2}$",
}


@dataclass(frozen=True)
class Settings(Keys):
    """The packets, the motion, the steps that are tried, and the error that is allowed."""

    hbars: tuple[float, ...] = key(
        (0.2, 0.1, 0.05, 0.02, 0.01), "ħ", within=(0.005, 0.5), least=3, distinct=True
    )
    methods: tuple[str, ...] = key(
        ("strang", "chin-4a", "blanes-moan-4"),
        "of `evolve`",
        choices=tuple(METHODS),
        distinct=True,
    )
    steps: tuple[int, ...] = key(
        (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128),
        "numbers of steps that are tried",
        within=(1, 4096),
        least=3,
        distinct=True,
    )
    duration: float = key(1.2, "of the motion", within=(0.1, 3.0))
    error: float = key(0.01, "that is allowed of each kind", within=(1e-5, 1.0))
    packets: int = key(6, "how many: μ has as many points", within=(2, 8))
    spread: float = key(0.7, "standard deviation of their centres", within=(0.05, 1.0))
    seed: int = key(3, "of their centres", within=(0, 2**32 - 1))
    points: int = key(2048, "of the grid over [−2π, 2π)", within=(64, 16384))

    def check(self) -> None:
        """The grid must hold momenta of up to 4."""
        least = 16 / min(self.hbars)
        demand(self.points >= least, "points", f"be at least {least:.0f} for this ħ", self.points)


def cloud_of(settings: Settings) -> Particles:
    """μ: points of equal weight.

    >>> from jaxwigner.studies.experiments import splitting
    >>> splitting.cloud_of(splitting.Settings(packets=3)).positions.shape
    (3, 1)
    """
    draws = np.random.default_rng(settings.seed).normal(size=(2, settings.packets))
    z = settings.spread * draws
    return Particles(np.full(settings.packets, 1 / settings.packets), *z)


def step_enough(taus: Any, errors: Any, allowed: float) -> float:
    """The longest step whose error, and that of all shorter ones, is at most `allowed`: interpolated in the logarithms.

    NaN if the longest that was tried is enough, 0 if the shortest is not.

    >>> from jaxwigner.studies.experiments.splitting import step_enough
    >>> round(step_enough([0.4, 0.2, 0.1], [0.16, 0.04, 0.01], 0.09), 9)
    0.3
    """
    order = np.argsort(taus)
    x, y = np.log(np.asarray(taus)[order]), np.log(np.maximum(np.asarray(errors)[order], 1e-300))
    beyond = np.flatnonzero(y > np.log(allowed))
    if beyond.size == 0:
        return float("nan")
    i = beyond[0]
    if i == 0:
        return 0.0
    share = (np.log(allowed) - y[i - 1]) / (y[i] - y[i - 1])
    return float(np.exp(x[i - 1] + share * (x[i] - x[i - 1])))


def run(settings: Settings, progress: Progress = quiet):
    """Every method at every ħ and every number of steps.

    **Returns:** an `xarray.Dataset`: `error_psi`, `error_means`, `excess` with `excess_width`, and `classical` over
    (method, hbar, steps); `enough_…`, `c1` and `c2` over (method, hbar); attributes `exponent_…`: of the step that is enough, in ħ.

    **Raises:** `ValueError` if a run is under-resolved.
    """
    grid, cloud = Grid(-2 * np.pi, 2 * np.pi, settings.points), cloud_of(settings)
    steps = jnp.array(sorted(settings.steps))
    found = []
    for i, method in enumerate(settings.methods):
        program = jax.jit(lambda h, by=method: _measured(settings, cloud, grid, h, steps, by))
        for j, hbar in enumerate(settings.hbars):
            done = i * len(settings.hbars) + j
            progress(f"{method}, ħ = {hbar:g}", done, len(settings.methods) * len(settings.hbars))
            one = jax.device_get(program(hbar))
            if one.resolution:
                raise ValueError(
                    f"Run at ħ = {hbar:g} is under-resolved (status {int(one.resolution)}): increase `points`"
                )
            found.append(one)
    return _dataset(settings, np.asarray(steps), found)


def _measured(settings: Settings, cloud: Particles, grid: Grid, hbar: Any, steps: Any, by: str):
    reference = max(128, max(settings.steps))  # of order 6
    options = {"duration": settings.duration, "method": by, "reference": reference}
    return mk_splitting.splitting_errors(cloud, Torsion(1.0), grid, hbar, steps, **options)


def _dataset(settings: Settings, steps: np.ndarray, found: list[Any]):
    axes, taus = ("method", "hbar", "steps"), settings.duration / steps
    shape = (len(settings.methods), len(settings.hbars))
    fields = {
        "error_psi": [one.psi for one in found],
        "error_means": [one.means for one in found],
        "excess": [one.excess.centre for one in found],
        "excess_width": [one.excess.width for one in found],
        "classical": [one.classical for one in found],
    }
    arrays = {name: np.reshape(rows, (*shape, len(steps))) for name, rows in fields.items()}
    variables: dict[str, Any] = {name: (axes, rows) for name, rows in arrays.items()}
    enough = {name: np.empty(shape) for name in ERRORS}
    laws = np.empty((2, *shape))
    for place in np.ndindex(shape):
        for name in ERRORS:
            errors = _error(arrays, name)[place]
            enough[name][place] = step_enough(taus, errors, settings.error)
        excess = Bracket.estimated(arrays["excess"][place], 0.5 * arrays["excess_width"][place])
        order, hbar = METHODS[settings.methods[place[0]]].order, settings.hbars[place[1]]
        short = taus < 0.7  # the law is about small steps
        part = jax.tree.map(lambda side, short=short: side[short], excess)
        laws[(slice(None), *place)] = mk_splitting.fitted_excess(
            taus[short], part, hbar, order=order
        )
    variables |= {f"enough_{name}": (axes[:2], rows) for name, rows in enough.items()}
    variables |= {f"c{k + 1}": (axes[:2], laws[k]) for k in (0, 1)}
    coordinates = {
        "method": list(settings.methods),
        "hbar": ("hbar", np.array(settings.hbars), "1", "ħ"),
        "steps": steps,
        "step": ("steps", taus, "1", "τ"),
    }
    attributes = {"error": settings.error, "duration": settings.duration}
    return EXPERIMENT.labelled(variables, coordinates, attributes | _exponents(settings, enough))


def _error(arrays: Any, name: str) -> np.ndarray:
    if name == "excess":
        return np.sqrt(np.abs(np.asarray(arrays["excess"])))
    return np.asarray(arrays[f"error_{name}"])


def _exponents(settings: Settings, enough: dict[str, np.ndarray]) -> dict[str, float]:
    """Of the step that is enough in ħ, where it is known at three ħ at least; else NaN."""
    found = {}
    for i, method in enumerate(settings.methods):
        for name in ERRORS:
            steps = enough[name][i]
            known = np.isfinite(steps) & (steps > 0)
            rate = float("nan")
            if known.sum() >= 3:
                rate = float(fitted_rate(np.array(settings.hbars)[known], steps[known]).centre)
            found[f"exponent_{name}_{method}"] = rate
    return found


def figures(dataset: Any) -> Iterator[tuple[str, Any]]:
    """Name and figure: a row a method."""
    methods = [str(name) for name in dataset["method"].values]
    figure = new_figure(10.4, 3.1 * len(methods) + 0.4)
    rows = figure.subplots(len(methods), 3, squeeze=False, sharex="col", sharey="col")
    for i, (method, (left, middle, right)) in enumerate(zip(methods, rows)):
        one = dataset.isel(method=i)
        _errors(left, one, "psi", rf"{method}: $\psi$")
        _errors(middle, one, "excess", rf"{method}: $R$ in $MK_\hbar$")
        _enough(right, one, dataset.attrs, method)
    t = dataset.attrs["duration"]
    figure.suptitle(rf"Which step is enough as $\hbar\to 0$: packets in $V=1-\cos x$, $t={t:g}$")
    yield "splitting", figure


def _errors(ax: Any, one: Any, name: str, title: str) -> None:
    """Errors over the step, pale for small ħ; and of the classical method."""
    tau, hbars = one["step"].values, one["hbar"].values
    for shade, j in zip(np.linspace(1.0, 0.3, len(hbars)), np.argsort(-hbars)):
        error = _error(one, name)[j]
        if name == "excess":  # only where it is more than what its bracket leaves open
            error = np.where(np.abs(one["excess"][j]) > 3 * one["excess_width"][j], error, np.nan)
        label = rf"$\hbar={hbars[j]:g}$"
        ax.loglog(tau, error, "o-", color=CYCLE[0], alpha=shade, ms=2.5, lw=0.9, label=label)
    if name == "excess":
        classical = np.sqrt(one["classical"].values[0])
        ax.loglog(tau, classical, "--", color=CLASSICAL, lw=1.1, label=r"classical, $\hbar=0$")
    ax.axhline(one.attrs["error"], color="0.4", lw=0.7, ls=":")
    ax.set_ylim(1e-5, 5.0)
    ax.set_title(title, loc="left")
    ax.set(xlabel=r"step $\tau$", ylabel=ERRORS[name])
    ax.legend(loc="best", fontsize="x-small")


def _enough(ax: Any, one: Any, attributes: Any, method: str) -> None:
    hbar = one["hbar"].values
    longest = float(np.max(one["step"].values))
    for i, (name, letters) in enumerate(ERRORS.items()):
        step = one[f"enough_{name}"].values
        rate = attributes[f"exponent_{name}_{method}"]
        law = rf": $\propto\hbar^{{{rate:.2f}}}$" if np.isfinite(rate) else ""
        shown = np.where(np.isnan(step), longest, step)
        options = {"marker": MARKERS[i], "color": CYCLE[i], "ms": 4, "lw": 0.9}
        ax.loglog(hbar, shown, label=letters + law, **options)
    ax.axhline(longest, color="0.4", lw=0.7, ls=":")
    ax.set_title(f"longest step for an error of {attributes['error']:g}", loc="left")
    ax.set(xlabel=r"$\hbar$", ylabel=r"$\tau$", ylim=(0.01 * longest, 2.0 * longest))
    ax.legend(loc="best", fontsize="x-small")


EXPERIMENT = Experiment(
    "splitting",
    "Which time step is enough as ħ → 0: for ψ, for means, and in MK_ħ",
    Settings,
    run,
    figures,
    "For ψ the step must shrink with ħ, ∝ ħ^½ in Strang's method; for means, and for R in MK_ħ, one step serves every ħ.",
    "splitting.png",
)
