"""What the leading quantum correction says: until when classical mechanics is right, and where it says no more than «not small»."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import equinox as eqx
import numpy as np

from jaxwigner._checks import check_choice, check_positive_scalar, require
from jaxwigner.brackets import Bracket
from jaxwigner.plot.style import CLASSICAL, QUANTUM, rows_over_time
from jaxwigner.studies.compare import tolerances
from jaxwigner.studies.compare.observed import labelled
from jaxwigner.units import FEMTOSECONDS_PER_ATOMIC_TIME

SMALL = 0.1  # share of the classical amplitude beyond which the correction says only that it is not small
ROWS = 8  # numbers that a figure shows


class Prediction(eqx.Module):
    """Classical means and their leading quantum corrections over time, with the errors of both.

    **Attributes:** `times` (K+1,); `hbar` (H,); `classical`, `correction`: by the name of the observable, of shape (H, K+1, …);
    `classical_error`, `correction_error`: half-widths of 95 % of what sampling does (Student's t over the scrambles), the bias of the
    finite kicks included in the latter; `steps`: of the run; `samples`, `scrambles`, `seed`: of the sampling; `estimator`;
    `tolerance`: those that `print` tells times of.

    >>> import numpy as np, jaxwigner as jw
    >>> packet = jw.Gaussian([1.0, 0.0], np.diag([0.5, 0.5]))
    >>> found = jw.predict(lambda x: x**2 / 2 + x**4 / 40, mass=1.0, state=packet, duration=1.0, samples=2**8, times=8)
    >>> found.correction["position"].shape
    (1, 9)
    """

    times: Any
    hbar: Any
    classical: dict[str, Any]
    classical_error: dict[str, Any]
    correction: dict[str, Any]
    correction_error: dict[str, Any]
    steps: int = eqx.field(static=True)
    samples: int = eqx.field(static=True)
    scrambles: int = eqx.field(static=True)
    seed: int = eqx.field(static=True)
    estimator: str = eqx.field(static=True)
    tolerance: tuple[Any, ...] = eqx.field(static=True, default=(0.02, 0.05))

    def amplitude(self, name: str, hbar: float | None = None, component: Any = ()) -> float:
        """max − min of a classical mean over the run.

        **Raises:** `ValueError` for a name, an ħ or a component that is not there.

        >>> import numpy as np, jaxwigner as jw
        >>> found = jw.predict(lambda x: x**2 / 2, mass=1.0, state=jw.Gaussian([1.0, 0.0], np.eye(2) / 2), duration=3.2, samples=2**8)
        >>> round(found.amplitude("position"), 2)
        2.0
        """
        return float(np.ptp(self._series("classical", name, hbar, component)))

    def first_time_above(
        self,
        name: str,
        tolerance: Any = 0.02,
        hbar: float | None = None,
        component: Any = (),
        absolute: bool = False,
    ) -> Bracket:
        """The first time at which the correction leaves a tolerance: an estimate, not a bound.

        **Arguments:** `name`: an observable; `tolerance`: a share of its classical amplitude, at most 0.1; or absolute, as text
        ("0.01 bohr") or, with `absolute`, a number in its own unit; `hbar`: one of `.hbar`, needed where there are several;
        `component`: an index, of what is no number.

        **Returns:** a `Bracket` from the last time until which it is surely below, to the first at which it is surely above; `inf`
        where it never is.

        **Raises:** `ValueError` for a share of an amplitude that vanishes within its error, and for a tolerance beyond a tenth of it,
        where the correction says only «not small».

        >>> import numpy as np, jaxwigner as jw
        >>> found = jw.predict(lambda x: x**2 / 2, mass=1.0, state=jw.Gaussian([1.0, 0.0], np.eye(2) / 2), duration=3.2, samples=2**8)
        >>> float(found.first_time_above("position").lower)
        inf
        """
        text = isinstance(tolerance, str)
        if not text:
            check_positive_scalar("tolerance", tolerance)
        level = tolerances.absolute(tolerance, name) if text else float(tolerance)
        if not absolute and not text:
            require(level <= SMALL, "tolerance", f"be at most {SMALL} of the amplitude", tolerance)
            level *= self._known_amplitude(name, hbar, component)
        gap = np.abs(self._series("correction", name, hbar, component))
        error = self._series("correction_error", name, hbar, component)
        return tolerances.first_time(np.abs(np.asarray(self.times)), gap, error, level)

    def small(self, name: str, hbar: float | None = None, component: Any = ()) -> np.ndarray:
        """At which times the correction with its error is below a tenth of the classical amplitude; beyond it is not to be believed.

        >>> import numpy as np, jaxwigner as jw
        >>> found = jw.predict(lambda x: x**2 / 2, mass=1.0, state=jw.Gaussian([1.0, 0.0], np.eye(2) / 2), duration=3.2, samples=2**8)
        >>> bool(found.small("position").all())
        True
        """
        gap = np.abs(self._series("correction", name, hbar, component))
        error = self._series("correction_error", name, hbar, component)
        return gap + error <= SMALL * self.amplitude(name, hbar, component)

    def figure(self, path: Path | str, hbar: float | None = None) -> Path:
        """A figure: means with and without the correction, and the correction beside its error, tolerances (dotted) and what is small.

        **Arguments:** `path`: the file; `hbar`: one of `.hbar`, default the one nearest to the real one. Of vectors and many
        observables the first eight numbers are drawn.

        **Returns:** the path.

        >>> import numpy as np, pathlib, tempfile, jaxwigner as jw
        >>> found = jw.predict(lambda x: x**2 / 2, mass=1.0, state=jw.Gaussian([1.0, 0.0], np.eye(2) / 2), duration=3.2, samples=2**8)
        >>> found.figure(pathlib.Path(tempfile.mkdtemp()) / "well.png").exists()
        True
        """
        chosen = float(tolerances.nearest_to_real(self.hbar, hbar))
        title = (
            f"at {chosen:g} ħ; dotted: tolerances; dashed: a tenth of the amplitude; shaded: error"
        )
        draw = partial(self._draw, chosen)
        return rows_over_time(path, self._numbers()[:ROWS], draw, title=title, columns=2)

    def _draw(
        self, hbar: float, number: tuple[str, tuple[int, ...]], left: Any, right: Any
    ) -> None:
        name, index = number
        t = np.asarray(self.times) * FEMTOSECONDS_PER_ATOMIC_TIME
        kinds = ("classical", "correction", "correction_error")
        mean, gap, error = (self._series(kind, name, hbar, index) for kind in kinds)
        left.plot(t, mean, color=CLASSICAL, label="classical ensemble")
        left.plot(t, mean + gap, color=QUANTUM, label="with its quantum correction")
        left.fill_between(t, mean + gap - error, mean + gap + error, color=QUANTUM, alpha=0.2, lw=0)
        left.set_ylabel(labelled(_label(name, index), name))
        right.semilogy(t[1:], np.abs(gap[1:]) + 1e-300, color=QUANTUM)
        right.fill_between(t[1:], 1e-300, error[1:] + 1e-300, color=QUANTUM, alpha=0.2, lw=0)
        amplitude, top = self.amplitude(name, hbar, index), float(np.max(np.abs(gap))) or 1.0
        for share in (one for one in self.tolerance if not isinstance(one, str)):
            right.axhline(share * amplitude + 1e-300, color="k", lw=0.6, ls=":")
        right.axhline(SMALL * amplitude + 1e-300, color="k", lw=0.6, ls="--")
        top = max(top, SMALL * amplitude)
        right.set_ylim(1e-5 * top, 3 * top)
        right.set_ylabel(labelled("correction", name))

    def _numbers(self) -> list[tuple[str, tuple[int, ...]]]:
        """Observables, and components of those that are vectors."""
        every = self.correction.items()
        return [(name, index) for name, one in every for index in np.ndindex(np.shape(one)[2:])]

    def to_xarray(self):
        """An `xarray.Dataset` over `hbar` and `time`: `classical_NAME`, `correction_NAME` and `…_error` of both.

        >>> import numpy as np, jaxwigner as jw
        >>> found = jw.predict(lambda x: x**2 / 2, mass=1.0, state=jw.Gaussian([1.0, 0.0], np.eye(2) / 2), duration=3.2, samples=2**8)
        >>> found.to_xarray()["correction_position"].dims
        ('hbar', 'time')
        """
        import xarray

        variables = {}
        for kind in ("classical", "correction"):
            for name, values in getattr(self, kind).items():
                free = tuple(f"{name}_axis{i}" for i in range(np.ndim(values) - 2))
                error = getattr(self, f"{kind}_error")[name]
                for suffix, array in (("", values), ("_error", error)):
                    variables[f"{kind}_{name}{suffix}"] = (
                        ("hbar", "time", *free),
                        np.asarray(array),
                    )
        kept = ("steps", "samples", "scrambles", "seed", "estimator")
        attributes = {name: getattr(self, name) for name in kept}
        axes = {"hbar": np.asarray(self.hbar), "time": np.asarray(self.times)}
        return xarray.Dataset(variables, axes, attributes)

    def __str__(self) -> str:
        head = "leading quantum correction of classical means (an estimate, no bound)"
        lines = [
            f"  ħ {hbar:g}, {_label(name, index)}: {self._line(name, row, index)}"
            for row, hbar in enumerate(np.asarray(self.hbar))
            for name, index in self._numbers()
        ]
        return "\n".join([head, *lines])

    def _line(self, name: str, row: int, index: tuple[int, ...]) -> str:
        """The largest correction, and from when on it is not small."""
        hbar = float(self.hbar[row])
        gap = self._series("correction", name, hbar, index)
        error = self._series("correction_error", name, hbar, index)
        most = int(np.argmax(np.abs(gap)))
        until = self._smallness(name, hbar, index)
        said = f"at most {gap[most]:.3g} ± {error[most]:.1g} at {_fs(self.times[most])} fs, {until}"
        return "; ".join([said, *(self._until(name, hbar, index, one) for one in self.tolerance)])

    def _smallness(self, name: str, hbar: float, index: tuple[int, ...]) -> str:
        """Beside a tenth of the amplitude; what is at rest has none."""
        small = self.small(name, hbar, index)
        if small.all():
            return "small throughout"
        try:
            self._known_amplitude(name, hbar, index)
        except ValueError:
            return "of a mean at rest"
        return f"not small from {_fs(self.times[np.argmin(small)])} fs"

    def _until(self, name: str, hbar: float, index: tuple[int, ...], tolerance: Any) -> str:
        """From when on a tolerance is exceeded, in femtoseconds."""

        def until() -> str:
            found = self.first_time_above(name, tolerance, hbar, index)
            low, high = float(found.lower), float(found.upper)
            if np.isinf(low):
                return "throughout"
            return f"{_fs(low)} … {'?' if np.isinf(high) else _fs(high)} fs"

        return tolerances.told(tolerance, until)

    def _known_amplitude(self, name: str, hbar: float | None, component: Any) -> float:
        """The amplitude, where it is more than its error."""
        amplitude = self.amplitude(name, hbar, component)
        error = float(np.max(self._series("classical_error", name, hbar, component)))
        must = f"be absolute (`absolute=True`) where {name!r} does not move by more than its sampling error"
        require(amplitude > 2 * error, "tolerance", must, "a share of the amplitude")
        return amplitude

    def _series(self, kind: str, name: str, hbar: float | None, component: Any) -> np.ndarray:
        """One series over time."""
        check_choice("name", name, tuple(self.classical))
        values = np.asarray(getattr(self, kind)[name])[self._row(hbar)]
        index = tuple(np.atleast_1d(np.asarray(component, dtype=int)))
        free = values.shape[1:]
        fits = len(index) == len(free) and all(-n <= i < n for i, n in zip(index, free))
        require(fits, "component", f"be an index into the shape {free} of {name!r}", component)
        return values[(slice(None), *index)]

    def _row(self, hbar: float | None) -> int:
        every = np.asarray(self.hbar)
        if hbar is None:
            require(len(every) == 1, "hbar", f"be one of {every.tolist()}", hbar)
            return 0
        return tolerances.row_of(every, hbar)


def _fs(time: Any) -> str:
    return f"{float(time) * FEMTOSECONDS_PER_ATOMIC_TIME:.4g}"


def _label(name: str, index: tuple[int, ...]) -> str:
    return name if not index else f"{name}[{', '.join(map(str, index))}]"
