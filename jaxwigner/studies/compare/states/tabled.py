"""States that are known as functions: orbitals on a grid of their own, from which ψ on any grid and points of W follow (d = 1, 2).

Between its points an orbital is its trigonometric interpolant; outside of its box, where it is as good as zero, it is zero.
"""

from __future__ import annotations

import abc
from functools import partial
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import check_positive_scalar, concrete, require
from jaxwigner._types import Array
from jaxwigner.grid import Grid, Scalar
from jaxwigner.states import MixedState
from jaxwigner.studies.compare.states.orbitals import Own, waves_at
from jaxwigner.studies.compare.states.own import OwnSystem
from jaxwigner.studies.compare.states.spectrograms import spectrogram_points
from jaxwigner.studies.compare.states.state import SIGMAS, State
from jaxwigner.studies.compare.states.table import WignerTable

FEW = 8  # states at an ħ that are kept
HELD = 1e-3  # of a state may lie outside of a grid, or above its momenta


class Tabled(State):
    """A state whose ψ is computed on a grid of its own first; everything must be known numbers."""

    @abc.abstractmethod
    def own(self, system: OwnSystem, hbar: float) -> Own:
        """The state on a grid of its own."""

    def table(self, system: OwnSystem, hbar: Scalar) -> Own:
        """`own`, if everything is known and d ≤ 2."""
        name = type(self).__name__
        check_positive_scalar("hbar", hbar)
        must = f"be known numbers for a {name}, which is computed beforehand"
        require(concrete((self, system, hbar)), "hbar", must, "traced")
        require(system.d <= 2, "state", f"be a Packet in {system.d} dimensions", f"a {name}")
        return self._kept(system, float(hbar)).own

    def _kept(self, system: OwnSystem, hbar: float) -> _Kept:
        """What was computed last is not computed again: one run asks for the same state many times."""
        key = id(self), id(system), hbar
        # The objects are kept beside it: their identities are those of no other.
        found = _KEPT.pop(key, None) or _Kept(self, system, self.own(system, hbar), [])
        _KEPT[key] = found
        while len(_KEPT) > FEW:
            _KEPT.pop(next(iter(_KEPT)))
        return found

    def wave(self, system: OwnSystem, grid: Grid, hbar: Scalar = 1.0) -> Any:
        """ψ on a grid, or a `MixedState` of orbitals there."""
        require(grid.dimension == system.d, "grid", f"have dimension {system.d}", grid.dimension)
        own = self.table(system, hbar)
        orbitals = on_grid(own, grid)
        if len(own.weights) == 1:
            return jnp.asarray(orbitals[0])
        return MixedState(own.weights, orbitals)

    def points(
        self, system: OwnSystem, hbar: Scalar, uniforms: Float[Array, "n m"]
    ) -> tuple[Float[Array, "n d"], Float[Array, "n d"], Float[Array, " n"]]:
        """d = 1: points of |W| with signed weights; d = 2: signed points of Keller, Lasser and Ohsawa's density."""
        own, u = self.table(system, hbar), np.asarray(uniforms, float)
        on_a_line = system.d == 1
        draw = (
            self._wigner(system, float(hbar)).points
            if on_a_line
            else partial(spectrogram_points, own, float(hbar))
        )
        q, p, weights = (jnp.asarray(part, float) for part in draw(u))
        return q, p, weights

    def _wigner(self, system: OwnSystem, hbar: float) -> WignerTable:
        """W on its table, made at the first call."""
        kept = self._kept(system, hbar)
        if not kept.wigner:
            kept.wigner.append(WignerTable(kept.own, hbar))
        return kept.wigner[0]

    def centre(
        self, system: OwnSystem, hbar: Scalar = 1.0
    ) -> tuple[Float[Array, " d"], Float[Array, " d"]]:
        """Mean position and mean momentum."""
        return self._moments(system, hbar)[0]

    def deviations(
        self, system: OwnSystem, hbar: Scalar = 1.0
    ) -> tuple[Float[Array, " d"], Float[Array, " d"]]:
        """Standard deviations of position and of momentum."""
        return self._moments(system, hbar)[1]

    def _moments(self, system: OwnSystem, hbar: Scalar) -> tuple[tuple, tuple]:
        means, widths = [], []
        for places, shares in self.table(system, hbar).densities(float(hbar)):
            means.append(shares @ places)
            widths.append(np.sqrt(shares @ (places - means[-1]) ** 2))
        d = system.d
        parts = [jnp.asarray(part) for part in (means[:d], means[d:], widths[:d], widths[d:])]
        return (parts[0], parts[1]), (parts[2], parts[3])

    def rim(
        self, system: OwnSystem, hbar: Scalar = 1.0, sigmas: float = SIGMAS
    ) -> tuple[Float[Array, "k d"], Float[Array, "k d"]]:
        """d = 1: the outline of |W| > e^{−sigmas²/2} max|W|; d = 2: ellipses about the ranges of each coordinate."""
        check_positive_scalar("sigmas", sigmas)
        own, least = self.table(system, hbar), float(np.exp(-0.5 * sigmas**2))
        if system.d == 1:
            q, p = self._wigner(system, float(hbar)).outline(least)
        else:
            q, p = _ellipses(own.densities(float(hbar)), least)
        return jnp.asarray(q), jnp.asarray(p)


class _Kept(NamedTuple):
    """A state at one ħ as it was computed, and its table of W, where it was asked for."""

    state: Tabled
    system: OwnSystem
    own: Own
    wigner: list[WignerTable]


_KEPT: dict[tuple[int, int, float], _Kept] = {}


def _ellipses(densities: list[tuple[np.ndarray, np.ndarray]], least: float) -> tuple[Any, Any]:
    """Ellipses in each (x_j, p_j) that hold the ranges in which a density exceeds a share of its maximum."""
    middles, halves = [], []
    for places, shares in densities:
        inside = places[shares > least * shares.max()]
        middles.append((inside.max() + inside.min()) / 2)
        halves.append((inside.max() - inside.min()) / 2)
    d, angles = len(densities) // 2, 2 * np.pi * np.arange(32) / 32
    z = np.tile(middles, (d, 32, 1))
    for j in range(d):
        z[j, :, j] += halves[j] * np.cos(angles)
        z[j, :, d + j] += halves[d + j] * np.sin(angles)
    flat = z.reshape(-1, 2 * d)
    return flat[:, :d], flat[:, d:]


def on_grid(own: Own, grid: Grid) -> np.ndarray:
    """The orbitals on another grid, normalised there, if it holds them."""
    require(concrete(grid), "grid", "be known for a state that is tabulated", "traced")
    _check_band(own, grid)
    fields = own.orbitals.astype(complex)
    for axis in range(grid.dimension):
        waves = waves_at(own.grid, axis, np.asarray(grid.axes[axis], float))
        amplitudes = np.fft.fft(fields, axis=axis + 1, norm="forward")
        fields = np.moveaxis(np.tensordot(waves, amplitudes, (1, axis + 1)), 0, axis + 1)
    axes = tuple(range(1, fields.ndim))
    norms = np.sum(np.abs(fields) ** 2, axis=axes, keepdims=True) * float(grid.cell)
    share = float(own.weights @ norms.reshape(-1))
    must = "hold the state (widen its box)"
    require(share >= 1 - HELD, "grid", must, f"only {share:.1%} of it")
    fields = fields / np.sqrt(norms)
    real = not np.iscomplexobj(own.orbitals)
    return fields.real.astype(complex) if real else fields


def _check_band(own: Own, grid: Grid) -> None:
    """The other grid holds the momenta: what is above would be folded."""
    for axis, (k, shares) in enumerate(own.densities(1.0)[grid.dimension :]):
        lost = float(shares[np.abs(k) > np.pi / float(grid.spacing[axis])].sum())
        must = "hold the momenta of the state (increase `points`)"
        require(lost <= HELD, "grid", must, f"missing {lost:.1%} of them")
