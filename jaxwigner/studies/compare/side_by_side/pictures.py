"""The figure and the animation of a comparison."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from jaxwigner.plot.style import CLASSICAL, QUANTUM, SINGLE, new_figure, rows_over_time, style
from jaxwigner.studies.compare.observed import labelled
from jaxwigner.units import FEMTOSECONDS_PER_ATOMIC_TIME

FRAMES, SEEN = 80, 100  # pictures of an animation, cells in one


def figure(found: Any, path: Path | str, hbar: float) -> Path:
    """A row for each observable: the means, and the differences on a logarithmic scale."""
    t = np.asarray(found.times) * FEMTOSECONDS_PER_ATOMIC_TIME

    def draw(name: str, left: Any, right: Any) -> None:
        _means(found, name, hbar, t, left)
        _differences(found, name, hbar, t, right)

    title = f"at {hbar:g} ħ; dotted: tolerances; shaded: error of sampling and steps"
    return rows_over_time(path, found.names, draw, title=title)


def _means(found: Any, name: str, hbar: float, t: np.ndarray, ax: Any) -> None:
    row = int(np.argmin(np.abs(np.asarray(found.hbar) - hbar)))
    if name == "density":
        d = found.densities
        curves = (
            ("W₁ to the ensemble", CLASSICAL, d.distance),
            ("W₁ to one trajectory", SINGLE, d.trajectory_distance),
        )
    else:
        curves = (
            ("one trajectory", SINGLE, found.trajectory[name]),
            ("ensemble", CLASSICAL, found.classical[name]),
            ("quantum", QUANTUM, found.quantum[name]),
        )
    for label, colour, values in curves:
        ax.plot(t, values[row], color=colour, label=label)
    ax.set_ylabel(labelled("W₁" if name == "density" else name, name))


def _differences(found: Any, name: str, hbar: float, t: np.ndarray, ax: Any) -> None:
    for motion, colour in (("trajectory", SINGLE), ("ensemble", CLASSICAL)):
        gap, error = found.difference(name, hbar, motion)
        ax.semilogy(t[1:], np.abs(gap[1:]) + 1e-300, color=colour)
    ax.fill_between(t[1:], 1e-300, error[1:] + 1e-300, color=CLASSICAL, alpha=0.2, lw=0)
    top = float(np.max(np.abs(gap))) or 1.0
    amplitude = found.amplitude(name, hbar)
    for share in (one for one in found.tolerance if not isinstance(one, str)):
        ax.axhline(share * amplitude + 1e-300, color="k", lw=0.6, ls=":")
        top = max(top, share * amplitude)
    ax.set_ylim(1e-5 * top, 10 * top)
    ax.set_ylabel(labelled("difference", name))


def animate(found: Any, path: Path | str, hbar: float) -> Path:
    """Quantum density on the left, classical on the right."""
    from matplotlib.animation import PillowWriter

    row = int(np.argmin(np.abs(np.asarray(found.hbar) - hbar)))
    moments = np.unique(np.linspace(0, len(found.times) - 1, FRAMES).astype(int))
    x, quantum, classical = _coarse(found.densities, row, moments)
    with style():
        drawn = new_figure(7.2, 3.0)
        axes = drawn.subplots(1, 2, sharey=True)
        every = zip(axes, (QUANTUM, CLASSICAL), ("quantum", "classical"))
        lines = []
        for ax, colour, label in every:
            lines += ax.plot(x, 0 * x, color=colour, label=label)
            ax.set(xlabel="x [bohr]", xlim=(x[0], x[-1]), ylim=(0, 1.05 * float(quantum.max())))
            ax.legend(loc="upper right")
        title = axes[0].set_title(" ", loc="left")
        axes[0].set_ylabel("density [1/bohr]")
        drawn.canvas.draw()
        drawn.set_layout_engine("none")
        writer = PillowWriter(fps=15)
        with writer.saving(drawn, str(path), dpi=90):
            for k, *both in zip(moments, quantum, classical):
                for line, rho in zip(lines, both):
                    line.set_ydata(rho)
                title.set_text(
                    f"{found.times[k] * FEMTOSECONDS_PER_ATOMIC_TIME:.4g} fs, {hbar:g} ħ"
                )
                writer.grab_frame()
    return Path(path)


def _coarse(d: Any, row: int, moments: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Places and both densities at some moments, where there is something to be seen and in cells that hold enough points for that."""
    quantum, classical = (np.asarray(one[row])[moments] for one in (d.quantum, d.classical))
    seen = np.flatnonzero(np.max(quantum + classical, axis=0) > 1e-3 * quantum.max())
    first, last = int(seen[0]), int(seen[-1]) + 1
    size = max(1, (last - first) // SEEN)
    last -= (last - first) % size
    means = lambda a: a[..., first:last].reshape(*a.shape[:-1], -1, size).mean(axis=-1)  # noqa: E731
    return means(np.asarray(d.x)), means(quantum), means(classical)
