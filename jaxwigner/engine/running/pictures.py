"""Pictures of a run: which of its arrays go into which of the figures of `plot`."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from jaxwigner import observables, plot
from jaxwigner._checks import check_integer, concrete, require
from jaxwigner.disk.folders import local_path, write_bytes
from jaxwigner.observables.named import SYMBOLS
from jaxwigner.potentials.potential import frozen
from jaxwigner.states import MixedState, Particles

FIGURES = (".png", ".pdf", ".svg")
FEW = 6  # components that still make one panel of lines
Draw = Callable[[Any], Any]  # into axes


class Density(NamedTuple):
    """Values over one or two axes, by name; `signed`: a field that may be negative."""

    values: np.ndarray
    axes: dict[str, np.ndarray]
    signed: bool = False


def plotted(run: Any, path: Path | str | None) -> Any:
    """The figure of `Evolution.plot`."""
    _check(run)
    target = None if path is None else _target(path, FIGURES)
    panels = [*_series(run), *_final(run)]
    must = "hold something that can be drawn (observe a number, a line or a plane)"
    require(len(panels) > 0, "run", must, "one without")
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    with plot.style():
        figure = plot.new_figure(4.4 * columns, 2.9 * rows)
        places = figure.subplots(rows, columns, squeeze=False).ravel()
        for ax, draw in zip(places, panels):
            draw(ax)
        for ax in places[len(panels) :]:
            ax.remove()
        if target is not None:
            content = io.BytesIO()
            figure.savefig(content, format=target.suffix[1:])
            write_bytes(content.getvalue(), target)
    return figure


def animated(run: Any, path: Path | str, rate: int) -> Path:
    """The file of `Evolution.animate`."""
    _check(run)
    check_integer("rate", rate, at_least=1)
    target = _target(path, (".gif",))
    captions = [f"t = {float(t):.4g}" for t in np.asarray(run.times)]
    options: dict[str, Any] = {"captions": captions, "rate": rate}
    if run.saves_states and isinstance(run.observed, Particles):
        x, y, labels = _points(run.observed)
        weights = np.asarray(run.state.weights)
        frames = np.stack([x, y], axis=-1)
        return plot.animate_clouds(frames, target, weights=weights, labels=labels, **options)
    shown = _saved(run)
    if shown is None:
        must = "have saved states, or an observed `density`, to be animated (give `saves` without `observe`)"
        raise ValueError(f"Argument `run` must {must}, but has none")
    lines, labels = list(shown.axes.values()), tuple(f"${_name(a)}$" for a in shown.axes)
    if len(lines) == 1:
        potential = _potential(run, shown)
        options |= {"potential": potential, "labels": (labels[0], r"$\rho$")}
        return plot.animate_lines(shown.values, lines[0], target, **options)
    equal = shown.signed is False
    options |= {"labels": labels, "signed": shown.signed, "equal": equal}
    return plot.animate(shown.values, tuple(lines), target, **options)


def _check(run: Any) -> None:
    if not concrete(run):
        raise ValueError("Argument `run` must be known to be drawn, but is traced")
    must = "be a single run (take the lanes of a batch one by one)"
    require(np.ndim(run.diagnostics.energy_error) == 0, "run", must, "a batch of runs")


def _target(path: Any, endings: tuple[str, ...]) -> Path:
    """A file in a folder that is there."""
    target = local_path("path", path)
    if target.suffix.lower() not in endings:
        kinds = ", ".join(endings)
        raise ValueError(f"Argument `path` must end in {kinds}, but is {str(path)!r}")
    if not target.parent.is_dir():
        raise ValueError(f"Argument `path` must lie in a folder, but {target.parent} is none")
    if target.is_dir():
        raise ValueError(f"Argument `path` must be a file, but {target} is a folder")
    return target


def _name(axis: str) -> str:
    """An axis as mathematics: x1 has an index."""
    return axis if len(axis) == 1 else f"{axis[0]}_{{{axis[1:]}}}"


def _series(run: Any) -> list[Draw]:
    """A panel for each observable: lines over time, or a line over space and time."""
    if run.observed is None or run.saves_states or len(run.times) < 2:
        return []
    panels, names, times = [], dict(run.names), np.asarray(run.times, float)
    for path, leaf in jax.tree_util.tree_leaves_with_path(run.observed):
        keys = [str(getattr(k, "name", getattr(k, "key", getattr(k, "idx", k)))) for k in path]
        key, values = ".".join(keys), np.asarray(leaf)
        axes = {a: v for a, v in run.axes.get(key, {}).items() if v is not None}
        symbol = SYMBOLS.get(names.get(key, ""), (key,))[0]
        width = int(np.prod(values.shape[1:]))
        if values.dtype.kind not in "iufcb" or width == 0:
            continue
        counted = _counted(axes)
        if len(axes) == 1 and values.ndim == 2 and not counted:
            panels.append(_space_time(times, values, axes, symbol))
        elif width <= FEW:
            panels.append(_lines(times, values, symbol, counted or tuple(run.coordinates)))
    return panels


def _counted(axes: dict[str, Any]) -> tuple[str, ...]:
    """Names of lines, where the only axis counts a few things: levels, pairs."""
    if len(axes) != 1:
        return ()
    ((axis, line),) = axes.items()
    few = np.asarray(line).dtype.kind in "iu" and np.size(line) <= FEW
    return tuple(f"{axis} {n}" for n in np.asarray(line)) if few else ()


def _space_time(times: np.ndarray, values: np.ndarray, axes: dict[str, Any], symbol: str) -> Draw:
    ((axis, line),) = axes.items()
    labels = ("$t$", f"${_name(axis)}$")
    low, high = plot.runs.shown_span(values, np.asarray(line, float))

    def draw(ax):
        plot.space_time(values, times, line, ax=ax, labels=labels, title=symbol)
        ax.set_ylim(low, high)

    return draw


def _lines(times: np.ndarray, values: np.ndarray, symbol: str, coordinates: Any) -> Draw:
    count = int(np.prod(values.shape[1:]))
    names = tuple(coordinates) if len(coordinates) == count > 1 else None
    labels = ("$t$", symbol)
    return lambda ax: plot.series(times, values, components=names, ax=ax, labels=labels)


def _final(run: Any) -> list[Draw]:
    """The final state."""
    title = f"t = {float(run.end):.4g}"
    if isinstance(run.state, Particles):
        x, y, labels = _points(run.state)
        weights = np.asarray(run.state.weights)
        return [lambda ax: plot.cloud(x, y, weights, ax=ax, labels=labels, title=title)]
    shown = density_of(run.state, run.coordinates)
    if shown is None:
        return []
    lines, labels = list(shown.axes.values()), [f"${_name(a)}$" for a in shown.axes]
    if len(lines) == 1:
        options = {"potential": _potential(run, shown), "labels": (labels[0], r"$\rho$")}
        return [lambda ax: plot.line_density(shown.values, *lines, ax=ax, title=title, **options)]
    show = plot.wigner if shown.signed else plot.density
    both, equal = (labels[0], labels[1]), not shown.signed
    return [lambda ax: show(shown.values, lines, ax=ax, labels=both, title=title, equal=equal)]


def _points(particles: Particles) -> tuple[np.ndarray, np.ndarray, tuple[str, str]]:
    """Phase space on a line, the first two coordinates in more dimensions; (…, particle) each."""
    q, p = np.asarray(particles.positions), np.asarray(particles.momenta)
    if q.shape[-1] == 1:
        return q[..., 0], p[..., 0], ("$x$", "$p$")
    return q[..., 0], q[..., 1], ("$x_{1}$", "$x_{2}$")


def density_of(state: Any, coordinates: dict[str, Any]) -> Density | None:
    """The density of a state over at most two axes (the others are summed over), or a real field as it is; leading axes are time."""
    if isinstance(state, MixedState):
        orbitals = np.asarray(observables.square(np.asarray(state.orbitals)))
        weights = np.asarray(state.weights)
        return _reduced(_weighted(weights, orbitals), coordinates)
    leaves = jax.tree.leaves(state)
    if len(leaves) != 1 or not coordinates:
        return None
    values = np.asarray(leaves[0])
    if np.iscomplexobj(values):
        return _reduced(np.asarray(observables.square(values)), coordinates)
    axes = {name: np.asarray(axis) for name, axis in coordinates.items()}
    fits = len(axes) == 2 and values.shape[-2:] == tuple(a.size for a in axes.values())
    return Density(values, axes, signed=True) if fits else None


def _weighted(weights: np.ndarray, squares: np.ndarray) -> np.ndarray:
    """Σ_j w_j|ψ_j|², of each time where there are several."""
    many = weights.ndim
    shaped = weights.reshape(weights.shape + (1,) * (squares.ndim - many))
    return np.sum(shaped * squares, axis=many - 1)


def _reduced(rho: np.ndarray, coordinates: dict[str, Any]) -> Density | None:
    """A density over all axes as one over the radius, over two radii, or over the first two axes."""
    names, lead = list(coordinates), np.ndim(rho) - len(coordinates)
    if lead not in (0, 1) or not names:
        return None
    if {"R", "r"} <= set(names):
        return _over_radii(rho, coordinates, lead)
    kept = ["r"] if "r" in names else names[:2]
    over = tuple(lead + i for i, name in enumerate(names) if name not in kept)
    cell = 1.0
    for name in () if "r" in names else names[2:]:
        line = np.asarray(coordinates[name])
        cell *= float(line[1] - line[0])
    axes = {name: np.asarray(coordinates[name]) for name in kept}
    return Density(np.sum(rho, axis=over) * cell, axes)


def _over_radii(rho: np.ndarray, coordinates: dict[str, Any], lead: int) -> Density:
    """Probabilities of nodes as a density in the plane of two radii, by the spacing of either."""
    names = list(coordinates)
    axes = {name: np.asarray(coordinates[name]) for name in ("R", "r")}
    others = tuple(lead + i for i, name in enumerate(names) if name not in axes)
    cells = np.outer(*(np.gradient(line) for line in axes.values()))
    return Density(np.sum(rho, axis=others) / cells, axes)


def _saved(run: Any) -> Density | None:
    """The saved states as densities, or a density that was observed by name."""
    if run.observed is None:
        return None
    if run.saves_states:
        return density_of(run.observed, run.coordinates)
    for key, name in run.names:
        axes = run.axes.get(key, {})
        if name == "density" and len(axes) <= 2:
            lines = {axis: np.asarray(line) for axis, line in axes.items()}
            return Density(np.asarray(run.observed[key]), lines)
    return None


def _potential(run: Any, shown: Density) -> np.ndarray | None:
    """U on the points of the picture, where the run knows its system."""
    system = run.origin.system
    if not concrete(system):
        return None
    system = frozen(system, run.end)
    values = getattr(getattr(system, "_linear", system), "values", None)
    (line,) = shown.axes.values()
    fits = values is not None and np.shape(values) == line.shape
    return np.asarray(values) if fits else None
