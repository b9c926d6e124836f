"""What `jw.compare` found on several levels: means over time of waves and of classical nuclei by each method, and their errors."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import equinox as eqx
import numpy as np

from jaxwigner._checks import check_choice, check_positive_scalar, require
from jaxwigner.brackets import Bracket
from jaxwigner.plot.style import CYCLE, rows_over_time
from jaxwigner.provenance import labelled
from jaxwigner.studies.compare.observed import labelled as with_unit
from jaxwigner.studies.compare.tolerances import (
    absolute,
    first_time,
    nearest_to_real,
    row_of,
    told,
)
from jaxwigner.units import FEMTOSECONDS_PER_ATOMIC_TIME


class LevelsComparison(eqx.Module):
    """Waves on several electronic levels, single switch, Ehrenfest and motion on one level side by side, in atomic units.

    **Attributes:** `times` (K+1,); `hbar` (H,): multiples of the real ħ; `quantum`: means by the name of the observable, (H, K+1),
    `quantum_error`: what twice the steps change; `classical`: the same by motion and name, `error`: half-widths of 95 % of sampling,
    and what the steps of both sides do; `points`: of the grid at each ħ; `samples`, `seed`, `level`; `tolerance`; `asked`: in words.

    >>> import jaxwigner as jw
    >>> options = {"mass": 1.0, "level": "lower", "duration": 3.0, "hbar": 0.2, "samples": 2**9, "saves": 4}
    >>> packet = jw.Packet(-2.0, 1.5, frequency=1.0)
    >>> found = jw.compare(jw.potentials.DeltaGap(0.2), state=packet, observe="populations", **options)
    >>> bool(abs(found.difference("population_1", 0.2)[0]).max() < 0.05)
    True
    """

    times: Any
    hbar: Any
    quantum: dict[str, Any]
    quantum_error: dict[str, Any]
    classical: dict[str, dict[str, Any]]
    error: dict[str, dict[str, Any]]
    tolerance: tuple[Any, ...] = eqx.field(static=True)
    points: tuple[tuple[int, ...], ...] = eqx.field(static=True)
    samples: int = eqx.field(static=True)
    seed: int = eqx.field(static=True)
    level: int = eqx.field(static=True)
    asked: tuple[tuple[str, str], ...] = eqx.field(static=True)

    @property
    def names(self) -> tuple[str, ...]:
        """What was observed."""
        return tuple(self.quantum)

    @property
    def motions(self) -> tuple[str, ...]:
        """How classical nuclei moved."""
        return tuple(self.classical)

    def difference(
        self, name: str, hbar: float = 1.0, motion: str = "single switch"
    ) -> tuple[np.ndarray, np.ndarray]:
        """Quantum − classical over time, and its error.

        **Arguments:** `name`: an observable, "population_0" that of the lowest level; `hbar`: one of `.hbar`; `motion`: one of
        `.motions`.
        """
        check_choice("name", name, self.names)
        check_choice("motion", motion, self.motions)
        row = row_of(self.hbar, hbar)
        gap = np.asarray(self.quantum[name][row]) - np.asarray(self.classical[motion][name][row])
        return gap, np.asarray(self.error[motion][name][row])

    def trusted(
        self, name: str, tolerance: Any = 0.02, hbar: float = 1.0, motion: str = "single switch"
    ) -> Bracket:
        """The first time at which a motion of classical nuclei is wrong by more than a tolerance, in atomic units of time.

        **Arguments:** as of `difference`; `tolerance`: of a population itself; of other observables a share of max − min of the
        classical mean, or absolute as "0.01 bohr".

        **Returns:** a `Bracket` from the last saved time until which the difference is surely below, errors included, to the first at
        which it is surely above; `inf` where it never is.

        **Raises:** `ValueError` for a share of what does not move by more than its error.
        """
        gap, error = self.difference(name, hbar, motion)
        mean = np.asarray(self.classical[motion][name][row_of(self.hbar, hbar)])
        limit = self._limit(name, tolerance, mean, 2 * float(np.max(error)))
        return first_time(np.asarray(self.times), gap, error, limit)

    def _limit(self, name: str, tolerance: Any, mean: np.ndarray, least: float) -> float:
        if isinstance(tolerance, str):
            return absolute(tolerance, name)
        check_positive_scalar("tolerance", tolerance)
        if name.startswith("population_"):
            return float(tolerance)
        must = f"be absolute, as '0.01 bohr', where {name!r} does not move by more than its error"
        require(np.ptp(mean) > least, "tolerance", must, tolerance)
        return float(tolerance) * float(np.ptp(mean))

    def figure(self, path: Path | str, hbar: float | None = None) -> Path:
        """A figure: for each observable the means, and the differences beside the error of single switch.

        **Arguments:** `path`: the file; `hbar`: one of `.hbar`, default the one nearest to the real one.
        """
        chosen = nearest_to_real(self.hbar, hbar)
        title = f"at {chosen:g} ħ; shaded: error of sampling and steps"
        draw = partial(self._draw, chosen)
        return rows_over_time(path, self.names, draw, title=title, height=2.5, above=0.5)

    def _draw(self, hbar: float, name: str, left: Any, right: Any) -> None:
        t, row = np.asarray(self.times) * FEMTOSECONDS_PER_ATOMIC_TIME, row_of(self.hbar, hbar)
        left.plot(t, self.quantum[name][row], color=CYCLE[0], lw=1.6, label="quantum")
        top = 1e-300
        for colour, motion in zip(CYCLE[1:], self.motions):
            gap, error = self.difference(name, hbar, motion)
            left.plot(t, self.classical[motion][name][row], color=colour, lw=1.0, label=motion)
            right.semilogy(t[1:], np.abs(gap[1:]) + 1e-300, color=colour)
            right.fill_between(t[1:], 1e-300, error[1:] + 1e-300, color=colour, alpha=0.12, lw=0)
            top = max(top, float(np.abs(gap).max()))
        right.set_ylim(1e-4 * top, 3 * top)
        left.set_ylabel(with_unit(name.replace("_", " "), name))
        right.set_ylabel("difference")

    def to_xarray(self):
        """A dataset over `hbar`, `motion` and `time` (atomic units): `quantum_NAME`, `classical_NAME`, `NAME_error`."""
        dims, variables = ("hbar", "motion", "time"), {}
        for name in self.names:
            variables[f"quantum_{name}"] = (("hbar", "time"), np.asarray(self.quantum[name]))
            for kind, of in ((f"classical_{name}", self.classical), (f"{name}_error", self.error)):
                variables[kind] = (dims, np.stack([of[m][name] for m in self.motions], axis=1))
        axes = {
            "hbar": np.asarray(self.hbar),
            "motion": list(self.motions),
            "time": np.asarray(self.times),
        }
        attributes: dict[str, Any] = {"samples": self.samples, "seed": self.seed} | dict(self.asked)
        attributes |= {"level": self.level, "points": str(self.points)}
        attributes |= {"tolerance": ", ".join(map(str, self.tolerance))}
        return labelled(variables, axes, attributes)

    def print(self) -> None:
        """Print until when which motion is right: `print(found)` does the same."""
        print(self)

    def __str__(self) -> str:
        lines = ["until when classical nuclei are right on several levels (largest difference)"]
        for name in self.names:
            lines.append(name)
            lines += [self._line(name, float(h), m) for h in self.hbar for m in self.motions]
        grids = ", ".join("×".join(map(str, one)) for one in self.points)
        return "\n".join([*lines, f"{grids} points, {self.samples} trajectories, seed {self.seed}"])

    def _line(self, name: str, hbar: float, motion: str) -> str:
        gap, error = self.difference(name, hbar, motion)
        worst = int(np.argmax(np.abs(gap)))
        time = lambda tolerance: _in_fs(self.trusted(name, tolerance, hbar, motion))  # noqa: E731
        said = [told(one, partial(time, one)) for one in self.tolerance]
        head = f"  {hbar:g} ħ  {motion} ({abs(gap[worst]):.2g} ± {error[worst]:.1g})  "
        return head + ";  ".join(said)


def _in_fs(bracket: Bracket) -> str:
    low, high = (
        float(end) * FEMTOSECONDS_PER_ATOMIC_TIME for end in (bracket.lower, bracket.upper)
    )
    if np.isinf(low):
        return "throughout"
    return f"{low:.3g} … {high:.3g} fs" if np.isfinite(high) else f"{low:.3g} fs at least"
