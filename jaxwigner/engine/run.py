"""What a run returns: the state, what was observed, and how well it was resolved.

A run is under-resolved when probability sits where the discretisation cannot be trusted: in the outer tenth of the spectrum (the
spacing is too coarse), in the outer twentieth of the box (the box is too small), or when the energy, which the exact flow
conserves, drifts (the step is too long).
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int

from jaxwigner._checks import concrete, require
from jaxwigner._types import Array
from jaxwigner.disk.folders import prepare
from jaxwigner.disk.stores import write_tree
from jaxwigner.engine.methods import Method
from jaxwigner.engine.running.labels import labelled
from jaxwigner.engine.running.origin import Origin
from jaxwigner.engine.running.pictures import animated, plotted
from jaxwigner.grid import Scalar

RUN_KIND, RUN_FILE = "evolution", "run.npz"  # a folder that holds a run, and the run in it
LIMITS = {"spectral_tail": 1e-6, "edge_mass": 1e-6, "energy_error": 1e-3, "norm_error": 1e-3}
NOTEWORTHY = 1e-6  # share of the mass: what is absorbed beyond it takes energy with it
REMEDIES = {
    "spectral_tail": "the spectrum reaches the highest wavenumber: increase `points` of the grid",
    "edge_mass": "the state reaches the edge of the box: widen `lower` and `upper` of the grid (or a tabulated potential, or "
    "`absorb` a wider band)",
    "energy_error": "the energy drifts: increase `steps`",
    "norm_error": "the norm drifts or is not finite: increase `steps` and check the potential",
}


class Diagnostics(eqx.Module):
    """Diagnostics at the times where a run was looked at (saved times, or a few on the way); no gradients.

    `norm`: mass ‖ψ‖² or ∫∫W; `energy`: ⟨H⟩; `restored`: share of Σ|u|² that rounding took until then and that was given back (in single
    precision; 0 in double); `spectral_tail`: share of the spectral power in the outer tenth; `edge_mass`: share of
    the mass in the outer twentieth of the box (not of a ring); `energy_error`, `norm_error`: largest relative drift (single numbers);
    `kinetic`: ⟨T⟩; `heat`: the energy that a diffusion has brought until then, or None; `times`: when the run was looked at.
    `work`: what a U(x, t) has done until then, ∫⟨∂_tU⟩dt; `absorbed`: the mass that absorbing ends have taken (0 without them).

    H − work and norm + absorbed are what a run conserves: work is no drift of the energy, and what was absorbed no loss. Energies are
    compared only as long as no more than a millionth of the mass was absorbed, for what is gone has taken its energy with it; with
    absorbing ends `edge_mass` is what was reflected by them or has got through until then (estimated by local momenta).
    """

    norm: Float[Array, " time"]
    energy: Float[Array, " time"]
    spectral_tail: Float[Array, " time"]
    edge_mass: Float[Array, " time"]
    energy_error: Float[Array, ""]
    norm_error: Float[Array, ""]
    restored: Float[Array, " time"]
    work: Float[Array, " time"]
    absorbed: Float[Array, " time"]
    kinetic: Any = None
    heat: Any = None
    times: Any = None

    @classmethod
    def of(cls, series: dict[str, Array]) -> Diagnostics:
        """From the series that a system diagnosed."""
        norm, energy, absorbed = series["norm"], series["energy"], series["absorbed"]
        tiny = jnp.finfo(norm.dtype).tiny
        scale = jnp.max(jnp.abs(energy)) + jnp.max(series["kinetic"]) + tiny
        conserved = energy - series["work"] - series.get("heat", 0.0)
        whole = absorbed <= NOTEWORTHY * jnp.abs(norm[0])
        drift = jnp.where(whole, jnp.abs(conserved - conserved[0]), 0.0)
        # What comes out of an absorber (a run backwards) is an error.
        kept = norm + jnp.maximum(absorbed, 0.0)
        return cls(
            norm=norm,
            energy=energy,
            spectral_tail=series["spectral_tail"],
            edge_mass=series["edge_mass"],
            restored=series["restored"],
            energy_error=jnp.max(drift) / scale,
            norm_error=jnp.max(jnp.abs(kept - norm[0])) / (jnp.abs(norm[0]) + tiny),
            work=series["work"],
            absorbed=absorbed,
            kinetic=series["kinetic"],
            heat=series.get("heat"),
        )

    def series(self) -> dict[str, Array]:
        """What `of` was made from, by name."""
        names = ("norm", "energy", "kinetic", "spectral_tail", "edge_mass", "restored")
        every = {name: getattr(self, name) for name in (*names, "work", "absorbed", "heat")}
        return {name: series for name, series in every.items() if series is not None}

    def worst(self) -> dict[str, Array]:
        """The largest value over time of each quantity that has a limit, one for each lane of a batch."""
        series = {
            name: jnp.max(getattr(self, name), axis=-1) for name in ("spectral_tail", "edge_mass")
        }
        return series | {"energy_error": self.energy_error, "norm_error": self.norm_error}

    @property
    def status(self) -> Int[Array, "*lanes"]:
        """0 when resolved; otherwise the sum of 1 (spectral tail), 2 (edge), 4 (energy), 8 (norm), lane by lane."""
        worst = self.worst()
        # Written as "not below", so that a NaN counts as too large.
        flags = [
            jnp.where(jnp.less_equal(worst[name], LIMITS[name]), 0, 1 << i)
            for i, name in enumerate(LIMITS)
        ]
        return functools.reduce(jnp.add, flags)

    def complaint(self) -> str:
        """What is wrong and what to change, or an empty string; for concrete values (of a batch: the worst lane)."""
        worst = {name: float(np.max(value)) for name, value in self.worst().items()}
        return "; ".join(
            f"{name} {worst[name]:.1e} exceeds {limit:.0e}: {REMEDIES[name]}"
            for name, limit in LIMITS.items()
            if not worst[name] <= limit
        )


class Evolution(eqx.Module):
    """The result of `evolve`: `state` (final), `times`, `observed` (leaves of the leading length of `times`), `diagnostics`.

    `steps` and `error`: the number that was asked for or found, and the error estimated where a tolerance found it; `axes`: of what was
    observed by name (`names`: key and name); `coordinates`: of a state.
    """

    state: Any
    times: Any
    observed: Any
    diagnostics: Diagnostics
    coordinates: dict[str, Any]
    system: str = eqx.field(static=True)
    method: Method = eqx.field(static=True)
    saves_states: bool = eqx.field(static=True, default=True)
    steps: Any = None
    error: Any = None
    axes: Any = None
    names: tuple[tuple[str, str], ...] = eqx.field(static=True, default=())
    origin: Origin = eqx.field(static=True, default=Origin())

    @property
    def end(self) -> Scalar:
        """The time of the final state."""
        return self.diagnostics.times[..., -1]

    def check(self) -> Evolution:
        """This result, if the run was resolved.

        **Raises:** `ValueError` with the remedy; under jit the same at run time (`equinox.EquinoxRuntimeError`).
        """
        status = self.diagnostics.status
        if concrete(status):
            if np.any(np.asarray(status) != 0):
                raise ValueError(
                    f"Run of {self.system} is under-resolved: {self.diagnostics.complaint()}"
                )
            return self
        text = f"Run of {self.system} is under-resolved; see `.diagnostics` of `throw=False`"
        state = eqx.error_if(self.state, status != 0, text)
        return eqx.tree_at(lambda run: run.state, self, state)

    def save(self, path: Path | str) -> None:
        """Keep the run in a folder, for `load_run`; one of ours that was there is replaced when the new one is whole.

        **Raises:** `ValueError` for a traced run, and for a folder that holds something else; `OSError` where it cannot be written.
        """
        folder = prepare(path, RUN_KIND, (RUN_FILE,), argument="path")
        if (folder / "task.json").exists():
            must = "not be the folder that another run is kept in"
            raise ValueError(f"Argument `path` must {must}, but is {folder}")
        write_tree(self, folder / RUN_FILE)

    def plot(self, path: Path | str | None = None) -> Any:
        """A figure of the run: each observable over time, and the final state (ψ: its density, with the potential where it is known).

        **Arguments:** `path`: where to write it (.png, .pdf, .svg), if wanted.

        **Returns:** the matplotlib figure.

        **Raises:** `ValueError` for a traced run or a batch, and for another kind of file.

        >>> import jaxwigner as jw
        >>> start = jw.Particles([0.5, 0.5], [1.0, 2.0], [0.0, 0.0])
        >>> options = {"duration": 1.0, "steps": 20, "saves": 10, "observe": ("position", "energy")}
        >>> figure = jw.evolve(jw.Newton(lambda x: 0.5 * x**2), start, **options).plot()
        >>> [ax.get_ylabel() for ax in figure.axes]
        ['⟨H⟩', '⟨x⟩', '$p$']
        """
        return plotted(self, path)

    def animate(self, path: Path | str, *, rate: int = 15) -> Path:
        """The saved states (or the `"density"` that was observed) as an animated GIF: a density on a line or a plane, W, a cloud.

        **Arguments:** `path`: a file whose name ends in .gif; `rate`: frames per second.

        **Returns:** the path.

        **Raises:** `ValueError` for a run without saved states, a traced one or a batch, and for another kind of file.
        """
        return animated(self, path, rate)

    def __repr__(self) -> str:
        if not concrete((self.times, self.diagnostics)):
            return f"Evolution of {self.system} by {self.method.name}, traced"
        worst = {name: float(np.max(value)) for name, value in self.diagnostics.worst().items()}
        times, energies = np.ravel(self.diagnostics.times), np.ravel(self.diagnostics.energy)
        found = "" if self.error is None else f" (error {self.error:.1e})"
        lines = [
            f"Evolution of {self.system} by {self.method.name} (order {self.method.order})",
            f"  times        {times[0]:.6g} … {times[-1]:.6g}",
            *([] if self.steps is None else [f"  steps        {np.max(self.steps)}{found}"]),
            f"  energy       {energies[-1]:.10g}",
            *(f"  {name:<13}{value:.1e}" for name, value in worst.items()),
            f"  resolved     {self.diagnostics.complaint() or 'yes'}",
        ]
        return "\n".join(lines)

    def to_xarray(self):
        """The run as an `xarray.Dataset`: what was observed over `time`, the final state, the diagnostics, axes labelled.

        Axes of states and of what was observed by name are named; those of what a function observed are numbered. Diagnostics lie over
        `diagnostics_time` where the run was looked at more often than was asked for. An observable that is called like an axis becomes
        `observed_…`, a diagnostic that is called like an observable `diagnostics_…`. A batch of runs lies along `batch`.

        >>> import jaxwigner as jw
        >>> grid = jw.Grid(-8.0, 8.0, 64)
        >>> system = jw.Schrodinger(grid, jw.potentials.Harmonic(1.0), hbar=0.5)
        >>> psi = jw.coherent_state(grid, 1.0, 0.0, hbar=0.5)
        >>> run = jw.evolve(system, psi, duration=1.0, steps=20, saves=2)
        >>> run.to_xarray()["observed"].dims
        ('time', 'x')
        """
        import xarray

        lanes = np.shape(self.diagnostics.energy_error)
        if lanes:
            return self._batch(lanes)
        variables, coordinates = labelled(self)
        worst = {name: float(value) for name, value in self.diagnostics.worst().items()}
        attributes = {"system": self.system, "method": self.method.name, **worst}
        known = {"steps": self.steps, "error": self.error}
        attributes |= {name: np.asarray(v)[()] for name, v in known.items() if v is not None}
        return xarray.Dataset(variables, coordinates, attributes)

    def _batch(self, lanes: tuple[int, ...]):
        """The runs of a batch (`jax.vmap`) along the dimension `batch`, those of nested batches one after another."""
        import xarray

        def lane(place):
            return jax.tree.map(lambda leaf: np.asarray(leaf)[place], self).to_xarray()

        runs = [lane(place) for place in np.ndindex(lanes)]
        same = all(run.coords.equals(runs[0].coords) for run in runs)
        must = "have one grid and one set of times for the whole `vmap`ped batch"
        require(same, "run", must, "a batch of several; take its lanes one by one")
        return xarray.concat(runs, "batch", combine_attrs="drop_conflicts")
