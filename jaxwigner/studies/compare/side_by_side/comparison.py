"""What `jw.compare` found: means over time of quantum dynamics, of a classical ensemble and of one trajectory, and their errors."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import equinox as eqx
import numpy as np

from jaxwigner._checks import check_choice, check_positive_scalar, require
from jaxwigner.brackets import Bracket
from jaxwigner.provenance import labelled
from jaxwigner.studies.compare.side_by_side import pictures
from jaxwigner.studies.compare.side_by_side.rates import Rate, rate_of, root_mean_square
from jaxwigner.studies.compare.tolerances import (
    absolute,
    first_time,
    nearest_to_real,
    row_of,
    told,
)
from jaxwigner.units import FEMTOSECONDS_PER_ATOMIC_TIME

MOTIONS = ("ensemble", "trajectory")


class Densities(eqx.Module):
    """Densities in cells about x (m,), of shape (H, K+1, m), and W₁ of the quantum one from the other two, (H, K+1), with errors."""

    x: Any
    quantum: Any
    classical: Any
    potential: Any
    distance: Any
    distance_error: Any
    trajectory_distance: Any
    trajectory_distance_error: Any
    step_error: Any


class Comparison(eqx.Module):
    """Quantum dynamics, a classical ensemble and one trajectory side by side, in atomic units.

    **Attributes:** `times` (K+1,); `hbar` (H,): multiples of the real ħ; `quantum`, `classical`, `trajectory`: means by the name of the
    observable, (H, K+1); `error`: half-widths of 95 % of sampling, and what the steps of both runs do; `quantum_error`: what twice the
    steps of the quantum run, or half its points, change; `step_error`: what twice the steps of the classical run change, as 512 points
    tell; `trajectory_error`: of the quantum run and of the steps of the trajectory; `left_out`: differences without one of the
    scrambles, (H, R, K+1), the spread of which is the error of `rate`; `densities` (d = 1); `tolerance`; `points`; `steps`,
    `classical_steps`: of the whole run; `samples`, `seed`; `asked`: what was asked for, in words.

    >>> import jaxwigner as jw
    >>> found = jw.compare(lambda x: x**2 / 2, mass=1.0, state=jw.Packet(1.0), duration=3.2, hbar=(0.5,), saves=16, samples=2**12)
    >>> float(found.trusted("position", hbar=0.5).lower)  # Ehrenfest: never
    inf
    """

    times: Any
    hbar: Any
    quantum: dict[str, Any]
    classical: dict[str, Any]
    trajectory: dict[str, Any]
    error: dict[str, Any]
    quantum_error: dict[str, Any]
    densities: Densities | None
    asked_density: bool = eqx.field(static=True)
    tolerance: tuple[Any, ...] = eqx.field(static=True)
    points: tuple[int, ...] = eqx.field(static=True)
    steps: int = eqx.field(static=True)
    samples: int = eqx.field(static=True)
    seed: int = eqx.field(static=True)
    step_error: dict[str, Any]
    trajectory_error: dict[str, Any]
    left_out: dict[str, Any]
    classical_steps: int = eqx.field(static=True)
    asked: tuple[tuple[str, str], ...] = eqx.field(static=True)

    @property
    def names(self) -> tuple[str, ...]:
        """What was observed."""
        return (*self.quantum, *(["density"] if self.asked_density else []))

    def difference(
        self, name: str, hbar: float = 1.0, motion: str = "ensemble"
    ) -> tuple[np.ndarray, np.ndarray]:
        """Quantum − classical over time, and its error; for "density" the distance W₁ of the densities, in bohr.

        **Arguments:** `name`: an observable; `hbar`: one of `.hbar`; `motion`: "ensemble" or "trajectory".

        >>> import jaxwigner as jw
        >>> found = jw.compare(lambda x: x**2 / 2, mass=1.0, state=jw.Packet(1.0), duration=3.2, hbar=(1,), saves=16, samples=2**12)
        >>> gap, error = found.difference("position")
        >>> bool((abs(gap) <= error + 1e-9).all())
        True
        """
        check_choice("name", name, self.names)
        check_choice("motion", motion, MOTIONS)
        row, ensemble = row_of(self.hbar, hbar), motion == "ensemble"
        if name == "density":
            assert self.densities is not None
            d = self.densities
            if ensemble:
                return d.distance[row], d.distance_error[row]
            return d.trajectory_distance[row], d.trajectory_distance_error[row]
        other, error = (
            (self.classical, self.error) if ensemble else (self.trajectory, self.trajectory_error)
        )
        return self.quantum[name][row] - other[name][row], error[name][row]

    def amplitude(self, name: str, hbar: float = 1.0) -> float:
        """max − min of the classical mean; of "density", that of the mean position.

        >>> import jaxwigner as jw
        >>> found = jw.compare(lambda x: x**2 / 2, mass=1.0, state=jw.Packet(1.0), duration=3.2, hbar=(1,), saves=16, samples=2**12)
        >>> round(found.amplitude("position"), 2)
        2.0
        """
        check_choice("name", name, self.names)
        row = row_of(self.hbar, hbar)
        if name == "density":
            assert self.densities is not None
            d = self.densities
            return float(np.ptp(d.classical[row] @ d.x * (d.x[1] - d.x[0])))
        return float(np.ptp(self.classical[name][row]))

    def trusted(
        self, name: str, tolerance: Any = 0.02, hbar: float = 1.0, motion: str = "ensemble"
    ) -> Bracket:
        """The first time at which classical mechanics is wrong by more than a tolerance, in atomic units of time.

        **Arguments:** `name`: an observable; `tolerance`: a share of its classical amplitude, or absolute as "0.01 bohr"; `hbar`:
        one of `.hbar`; `motion`: "ensemble", or "trajectory" for one trajectory from the centre of the packet.

        **Returns:** a `Bracket` from the last saved time until which the difference is surely below, errors included, to the first at
        which it is surely above; `inf` where it never is.

        **Raises:** `ValueError` for a share of an amplitude that vanishes within its error.

        >>> import jaxwigner as jw
        >>> found = jw.compare(lambda x: x**2 / 2, mass=1.0, state=jw.Packet(1.0), duration=3.2, hbar=(1,), saves=16, samples=2**12)
        >>> float(found.trusted("position", "0.01 bohr").lower)
        inf
        """
        gap, error = self.difference(name, hbar, motion)
        level = self._level(name, tolerance, hbar)
        return first_time(np.abs(np.asarray(self.times)), gap, error, level)

    def _level(self, name: str, tolerance: Any, hbar: float) -> float:
        if isinstance(tolerance, str):
            return absolute(tolerance, name)
        check_positive_scalar("tolerance", tolerance)
        amplitude = self.amplitude(name, hbar)
        must = (
            f"be absolute, such as '0.01 bohr', where {name!r} does not move by more than its error"
        )
        require(amplitude > self._least(name, hbar), "tolerance", must, tolerance)
        return float(tolerance) * amplitude

    def _least(self, name: str, hbar: float) -> float:
        """What is no amplitude but an error."""
        row = row_of(self.hbar, hbar)
        if name == "density":
            return 2 * float(np.max(self.difference(name, hbar)[1]))
        size = float(np.max(np.abs(self.classical[name][row])))
        return 2 * float(np.max(self.error[name][row])) + 1e-9 * size

    @property
    def rates(self) -> dict[str, Rate]:
        """For each observable the power of ħ with which the difference goes to 0: `rate(name)`."""
        return {name: self.rate(name) for name in self.names}

    def rate(self, name: str, motion: str = "ensemble", until: Any = None) -> Rate:
        """The power of ħ of the root mean square over time of the difference.

        **Arguments:** `name`: an observable; `motion`: "ensemble" or "trajectory"; `until`: a time, default the whole duration. Where
        several periods dephase, powers at the ħ that are there are below what they tend to.
        Its half-width holds the errors of steps, and 95 % of what the spread of the scrambles says of sampling.

        >>> import jaxwigner as jw
        >>> found = jw.compare(lambda x: x**2 / 2, mass=1.0, state=jw.Packet(1.0), duration=3.2, hbar=(1, 0.5), saves=16, samples=2**12)
        >>> found.rate("position").power is None  # there is no difference
        True
        """
        times = np.abs(np.asarray(self.times))
        if until is not None:
            check_positive_scalar("until", until)
        kept = times <= (times[-1] if until is None else float(until)) * (1 + 1e-12)
        found = [self._mean_square(name, row, motion, kept) for row in range(len(self.hbar))]
        return rate_of(self.hbar, *(np.array(one) for one in zip(*found)))

    def _mean_square(
        self, name: str, row: int, motion: str, kept: np.ndarray
    ) -> tuple[float, float]:
        """The root mean square over times of a difference, and its error."""
        gap, error = self.difference(name, float(self.hbar[row]), motion)
        if motion == "trajectory":
            return root_mean_square(gap[kept], error[kept], None)
        steps, left_out = self._steps(name)[row], self.left_out[name][row]
        return root_mean_square(gap[kept], steps[kept], left_out[:, kept])

    def _steps(self, name: str) -> Any:
        """What the steps of both runs do to a difference."""
        if name == "density":
            assert self.densities is not None
            return self.densities.step_error
        return self.quantum_error[name] + self.step_error[name]

    def figure(self, path: Path | str, hbar: float | None = None) -> Path:
        """A figure: for each observable the three means and the differences with their tolerance.

        **Arguments:** `path`: the file; `hbar`: one of `.hbar`, default the one nearest to the real one.

        **Returns:** the path.

        >>> import pathlib, tempfile
        >>> import jaxwigner as jw
        >>> found = jw.compare(lambda x: x**2 / 2, mass=1.0, state=jw.Packet(1.0), duration=3.2, hbar=(1,), saves=16, samples=2**12)
        >>> found.figure(pathlib.Path(tempfile.mkdtemp()) / "well.png").exists()
        True
        """
        return pictures.figure(self, path, nearest_to_real(self.hbar, hbar))

    def animate(self, path: Path | str, hbar: float | None = None) -> Path:
        """The quantum and the classical density side by side, as an animated GIF (d = 1).

        **Arguments:** `path`: the file; `hbar`: one of `.hbar`, default the one nearest to the real one.

        **Returns:** the path.

        **Raises:** `ValueError` in more than one dimension.

        >>> import pathlib, tempfile
        >>> import jaxwigner as jw
        >>> found = jw.compare(lambda x: x**2 / 2, mass=1.0, state=jw.Packet(1.0), duration=3.2, hbar=(1,), saves=4, samples=2**12)
        >>> found.animate(pathlib.Path(tempfile.mkdtemp()) / "well.gif").exists()
        True
        """
        one = self.densities is not None
        require(one, "potential", "have one coordinate for densities over time", "more")
        return pictures.animate(self, path, nearest_to_real(self.hbar, hbar))

    def to_xarray(self):
        """A dataset over `hbar` and `time` (atomic units): `quantum_NAME`, `classical_NAME`, `trajectory_NAME`, `NAME_error`.

        Attributes hold the seed, all that was asked for and chosen, and versions. For "density" there are densities over `x` too, and
        `density_distance`, `density_trajectory_distance`, `density_error` are W₁.

        >>> import jaxwigner as jw
        >>> found = jw.compare(lambda x: x**2 / 2, mass=1.0, state=jw.Packet(1.0), duration=3.2, hbar=(1,), saves=16, samples=2**12)
        >>> found.to_xarray()["quantum_position"].dims
        ('hbar', 'time')
        """
        dims, variables = ("hbar", "time"), {}
        for name in self.quantum:
            for kind in MEANS:
                variables[f"{kind}_{name}"] = (dims, np.asarray(getattr(self, kind)[name]))
            variables[f"{name}_error"] = (dims, np.asarray(self.error[name]))
            variables[f"trajectory_{name}_error"] = (dims, np.asarray(self.trajectory_error[name]))
        axes = {"hbar": np.asarray(self.hbar), "time": np.asarray(self.times)}
        if self.asked_density:
            d = self.densities
            assert d is not None
            for kind in ("quantum", "classical"):
                variables[f"{kind}_density"] = ((*dims, "x"), np.asarray(getattr(d, kind)))
            for label, values in (
                ("distance", d.distance),
                ("trajectory_distance", d.trajectory_distance),
                ("error", d.distance_error),
            ):
                variables[f"density_{label}"] = (dims, np.asarray(values))
            axes["x"] = np.asarray(d.x)
        kept = ("steps", "classical_steps", "samples", "seed")
        attributes = {name: getattr(self, name) for name in kept} | dict(self.asked)
        tolerances = ", ".join(map(str, self.tolerance))
        attributes |= {"points": list(self.points), "tolerance": tolerances}
        return labelled(variables, axes, attributes)

    def print(self) -> None:
        """Print when which tolerance is left, and with which power of ħ differences vanish: `print(found)` does the same.

        >>> import jaxwigner as jw
        >>> found = jw.compare(lambda x: x**2 / 2, mass=1.0, state=jw.Packet(1.0), duration=3.2, hbar=(1,), saves=16, samples=2**12)
        >>> found.print()
        until when classical mechanics is right (one trajectory in brackets)
        position: difference ∝ no power (it takes two ħ whose differences exceed their errors)
          1 ħ  2 %: throughout [throughout];  5 %: throughout [throughout]
        512 points, 32 steps, 4096 trajectories, seed 0
        """
        print(self)

    def __str__(self) -> str:
        lines = ["until when classical mechanics is right (one trajectory in brackets)"]
        for name in self.names:
            lines.append(f"{name}: difference ∝ {self.rate(name)}")
            lines += [self._line(name, float(hbar)) for hbar in self.hbar]
        sizes = f"{'×'.join(map(str, self.points))} points, {self.steps} steps"
        return "\n".join([*lines, f"{sizes}, {self.samples} trajectories, seed {self.seed}"])

    def _line(self, name: str, hbar: float) -> str:
        def times(tolerance: Any) -> str:
            first, second = (self.trusted(name, tolerance, hbar, motion) for motion in MOTIONS)
            return f"{in_fs(first)} [{in_fs(second)}]"

        said = [told(one, partial(times, one)) for one in self.tolerance]
        return f"  {hbar:g} ħ  " + ";  ".join(said)


MEANS = ("quantum", "classical", "trajectory")


def in_fs(times: Bracket) -> str:
    """A bracket of times in femtoseconds, to read."""
    low, high = (float(end) * FEMTOSECONDS_PER_ATOMIC_TIME for end in (times.lower, times.upper))
    if np.isinf(low):
        return "throughout"
    return f"{low:.4g} … " + ("?" if np.isinf(high) else f"{high:.4g} fs")
