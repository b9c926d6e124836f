"""States given as a function or as an array: a WKB wave a(x)e^{iS(x)/ħ}, and a ψ of the user's own on a grid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Num

from jaxwigner._checks import (
    as_complex,
    check_callable,
    check_finite_complex,
    concrete,
    require,
)
from jaxwigner._types import Array
from jaxwigner.grid import Grid, fast_length
from jaxwigner.studies.compare.states.orbitals import Own
from jaxwigner.studies.compare.states.own import OwnSystem
from jaxwigner.studies.compare.states.scan import EMPTY, support
from jaxwigner.studies.compare.states.tabled import Tabled

QUIET = 1e-10  # share of the outer tenth of the spectrum
TURN = 0.8 * np.pi
MOST = {1: 2**14, 2: 2**9}  # points along an axis


class Wkb(Tabled):
    """ψ = a(x)e^{iS(x)/ħ}, normalised (d = 1, 2); the particles start with momentum ∇S.

    **Arguments:** `amplitude`, `action`: functions of d coordinate arrays, written with jax.numpy; a decays, both in atomic units.

    **Raises:** `ValueError` for what is no function, and, when it is used, for an amplitude that does not decay within 1000 bohr
    (100 in d = 2) or a wave that needs too many points.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner import OwnSystem
    >>> state = jw.Wkb(lambda x: jnp.exp(-((x - 1) ** 2)), lambda x: 3.0 * x)
    >>> q, p = state.centre(OwnSystem(jw.potentials.Harmonic(1.0), 1.0), 0.1)
    >>> round(float(q[0]), 9), round(float(p[0]), 9)
    (1.0, 3.0)
    """

    amplitude: Callable[..., Any] = eqx.field(static=True)
    action: Callable[..., Any] = eqx.field(static=True)

    def __init__(self, amplitude: Callable[..., Any], action: Callable[..., Any]):
        check_callable("amplitude", amplitude)
        check_callable("action", action)
        self.amplitude, self.action = amplitude, action

    def own(self, system: OwnSystem, hbar: float) -> Own:
        """On a grid that is refined until it holds the momenta."""
        lower, upper = support(self._size, system.d)
        count = 64
        while True:
            grid = Grid(lower, upper, (count,) * system.d)
            psi, slow = self._values(grid, hbar)
            if slow and _quiet(psi):
                norm = np.sqrt(np.sum(np.abs(psi) ** 2) * float(grid.cell))
                return Own(grid, np.ones(1), psi[None] / norm)
            count = fast_length(2 * count)
            must = f"leave a wave of at most {MOST[system.d]} points along an axis at ħ = {hbar:g}"
            require(count <= MOST[system.d], "action", must, "another")

    def _size(self, *x: Any) -> np.ndarray:
        """|a|, with a sentence for what is no amplitude."""
        return np.abs(_evaluated("amplitude", self.amplitude, x))

    def _values(self, grid: Grid, hbar: float) -> tuple[np.ndarray, bool]:
        """ψ, and whether its phase turns by less than TURN between points: a faster one would look like a slow one."""
        x = [np.asarray(m) for m in grid.mesh]
        a, S = (
            _evaluated(name, function, x)
            for name, function in (("amplitude", self.amplitude), ("action", self.action))
        )
        there = np.abs(a) > EMPTY * np.abs(a).max()
        require(not np.iscomplexobj(S), "action", "be real", "complex")
        must = "be finite where the amplitude is not 0"
        require(np.isfinite(S[there]), "action", must, "not")
        S = np.where(there, S, 0.0)
        turns = [
            np.abs(np.diff(S, axis=axis)) * _both(there, axis) for axis in range(grid.dimension)
        ]
        slow = max(float(turn.max()) for turn in turns) < TURN * hbar
        return a * np.exp(1j / hbar * S), slow

    def phase_gradient(self, *x: Any) -> Array:
        """∇S at a point: the momentum of the trajectory that starts there."""
        point = tuple(jnp.asarray(q, float) for q in x)
        return jnp.stack(jax.grad(self.action, tuple(range(len(x))))(*point))


def _evaluated(name: str, function: Callable[..., Any], x: Any) -> np.ndarray:
    """A function at points, broadcast to their shape."""
    shape = np.broadcast_shapes(*(np.shape(one) for one in x))
    try:
        value = np.asarray(function(*(jnp.asarray(one) for one in x)))
        return np.broadcast_to(value, shape)
    except Exception as error:
        why = str(error).partition("\n")[0]
        must = f"be a function of {len(x)} coordinate array(s) written with jax.numpy"
        raise ValueError(f"Argument `{name}` must {must}, but fails on them: {why}") from error


def _both(there: np.ndarray, axis: int) -> np.ndarray:
    """Whether neighbours along an axis are both there."""
    first, second = (np.take(there, range(s, there.shape[axis] - 1 + s), axis) for s in (0, 1))
    return first & second


def _quiet(psi: np.ndarray) -> bool:
    """Whether the outer tenth of the spectrum is empty along each axis."""
    power = np.abs(np.fft.fftn(psi)) ** 2
    for axis, n in enumerate(psi.shape):
        shares = power.sum(axis=tuple(a for a in range(psi.ndim) if a != axis)) / power.sum()
        if shares[np.abs(np.fft.fftfreq(n)) > 0.4].sum() > QUIET:
            return False
    return True


class Wave(Tabled):
    """A ψ of the user's own on a grid, normalised (d = 1, 2); the same ψ at every ħ, so that its momenta are ħ times its wavenumbers.

    **Arguments:** `grid`: a `Grid` in bohr; `psi`: its values there, real or complex.

    **Raises:** `ValueError` for another shape, values that are not finite or all zero; a wave that the grid does not resolve, or whose
    ends are not empty.

    >>> import jaxwigner as jw
    >>> from jaxwigner import OwnSystem
    >>> grid = jw.Grid(-6.0, 6.0, 64)
    >>> state = jw.Wave(grid, jw.coherent_state(grid, 1.0, 0.5, hbar=1.0))
    >>> q, p = state.centre(OwnSystem(jw.potentials.Harmonic(1.0), 1.0))
    >>> round(float(q[0]), 9), round(float(p[0]), 9)
    (1.0, 0.5)
    """

    grid: Grid
    psi: Num[Array, "*shape"]

    def __init__(self, grid: Grid, psi: Any):
        require(isinstance(grid, Grid), "grid", "be a Grid", grid)
        check_finite_complex("psi", psi, grid.shape)
        self.grid, self.psi = grid, as_complex(jnp.asarray(psi))
        if concrete((grid, self.psi)):
            values = np.asarray(self.psi)
            require(np.any(values != 0), "psi", "not be zero everywhere", psi)
            require(_quiet(values), "grid", "resolve `psi` (increase `points`)", "too coarse")
            ends = _at_ends(np.abs(values) ** 2)
            require(
                ends <= 1e-9, "psi", "vanish at the ends of its box (widen it)", f"{ends:.1e} of it"
            )

    def own(self, system: OwnSystem, hbar: float) -> Own:
        """As it is given."""
        require(
            self.grid.dimension == system.d,
            "grid",
            f"have dimension {system.d}",
            self.grid.dimension,
        )
        psi = np.asarray(self.psi)
        norm = np.sqrt(np.sum(np.abs(psi) ** 2) * float(self.grid.cell))
        return Own(self.grid, np.ones(1), psi[None] / norm)


def _at_ends(rho: np.ndarray) -> float:
    """The share of the points at the ends of each axis."""
    total = rho.sum()
    ends = [np.take(rho, [0, -1], axis=axis).sum() for axis in range(rho.ndim)]
    return float(max(ends) / total)
