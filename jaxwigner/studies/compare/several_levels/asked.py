"""What is asked of several levels, checked before anything is compiled: potential, masses, a packet, its level, what is observed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner._checks import (
    check_apart,
    check_choice,
    check_integer,
    check_positive,
    check_scalar,
    concrete,
    entries,
    require,
)
from jaxwigner.potentials import Potential
from jaxwigner.potentials.surfaces.matrix import MatrixPotential, as_matrix_potential, level_number
from jaxwigner.studies.compare.states import OwnSystem, Packet
from jaxwigner.units import quantity

OBSERVABLES = ("populations", "position", "momentum")


class Asked(NamedTuple):
    """V, the number of the level, its own level as a system of one surface, packet, ħ, duration, saves, observables, seed."""

    potential: MatrixPotential
    level: int
    system: OwnSystem
    packet: Packet
    hbars: tuple[float, ...]
    duration: float
    saves: int
    observe: tuple[str, ...]
    seed: int

    @property
    def names(self) -> tuple[str, ...]:
        """Every observable, one name for each of its numbers."""
        return tuple(name for one in self.observe for name in self.numbers(one))

    def numbers(self, name: str) -> tuple[str, ...]:
        """The names of the numbers of an observable: populations by level, vectors by coordinate."""
        if name == "populations":
            return tuple(f"population_{j}" for j in range(self.potential.size))
        d = self.system.d
        return (name,) if d == 1 else tuple(f"{name}_{i + 1}" for i in range(d))


def is_matrix(potential: Any, state: Any) -> bool:
    """Whether a potential has several levels: a `MatrixPotential`, or a function that returns rows of numbers.

    >>> import jaxwigner as jw
    >>> from jaxwigner.studies.compare.several_levels.asked import is_matrix
    >>> packet = jw.Packet(1.0, width=0.2)
    >>> is_matrix(lambda x: [[x, 0.1], [0.1, -x]], packet), is_matrix(lambda x: x**2, packet)
    (True, False)
    """
    if isinstance(potential, MatrixPotential):
        return True
    if not callable(potential) or isinstance(potential, Potential):
        return False
    function: Callable[..., Any] = potential
    d = len(getattr(state, "position", None) or (0.0,))
    try:
        seen = jax.eval_shape(lambda *x: function(*x), *(jnp.zeros(()),) * d)
    except Exception:  # what is wrong with it is said by whoever takes it
        return False
    rows = isinstance(seen, (list, tuple)) and all(isinstance(row, (list, tuple)) for row in seen)
    shape = getattr(seen, "shape", ())
    return (rows and len(seen) > 1) or (len(shape) == 2 and shape[0] == shape[1] > 1)


def checked_hbars(hbar: Any, saves: Any, seed: Any) -> tuple[float, ...]:
    """The values of ħ; they, `saves`, `seed` and the precision must be such as any comparison wants them."""
    check_positive("hbar", hbar)
    require(np.ndim(hbar) <= 1, "hbar", "be a number or a vector", hbar)
    hbars = tuple(float(one) for one in entries(hbar))
    require(len(hbars) > 0, "hbar", "hold a value at least", hbar)
    check_apart("hbar", hbar)
    check_integer("saves", saves, at_least=4)
    check_integer("seed", seed, at_least=0)
    double = jnp.result_type(float) == jnp.float64
    must = "be on for `compare`: jax.config.update('jax_enable_x64', True)"
    require(double, "jax_enable_x64", must, False)
    return hbars


def checked(
    potential: Any,
    mass: Any,
    state: Any,
    level: Any,
    duration: Any,
    observe: Any,
    hbar: Any,
    saves: Any,
    seed: Any,
) -> Asked:
    """**Raises:** `ValueError` for what cannot be right, and for what is there with one surface only."""
    must = (
        "be a Packet with several levels: levels, lifts and thermal states are those of one surface"
    )
    require(isinstance(state, Packet), "state", must, type(state).__name__)
    for name, value in {"state": state, "mass": mass, "hbar": hbar, "duration": duration}.items():
        require(concrete(value), name, "be known: `compare` chooses a box by it", "traced")
    d = len(state.position)
    require(d <= 2, "state", "have 1 or 2 coordinates", d)
    require(concrete(potential), "potential", "be known: `compare` chooses a box by it", "traced")
    V = as_matrix_potential(potential, d)
    must = "be given with several levels: the number of the level from below, or 'lower', 'upper'"
    require(level is not None, "level", must, level)
    number = level_number(level, V.size)
    mass, duration = quantity(mass, "mass", "mass"), quantity(duration, "time", "duration")
    check_scalar("duration", duration)
    require(float(duration) > 0, "duration", "be positive with several levels", duration)
    hbars = checked_hbars(hbar, saves, seed)
    observe = (observe,) if isinstance(observe, str) else tuple(observe)
    for name in observe:
        check_choice("observe", name, OBSERVABLES)
    system = OwnSystem(LevelPotential(V, number), mass, d)
    every = tuple(dict.fromkeys(("populations", *observe)))
    return Asked(V, number, system, state, hbars, float(duration), int(saves), every, int(seed))


class LevelPotential(Potential):
    """λ_level(x), one surface of a matrix potential."""

    matrix: MatrixPotential
    level: int = eqx.field(static=True)

    def __call__(self, *x: Any) -> Any:
        return self.matrix.levels(*x)[..., self.level]


def split(values: Any, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Numbers over time, (time, m) or (time,), by name."""
    rows = np.asarray(values).reshape(len(values), -1)
    return dict(zip(names, rows.T))
