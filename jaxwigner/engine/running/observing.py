"""What is observed of a state during a run: functions f(u) or f(t, u), and names that the system knows.

A function with one required positional parameter takes the state, one with two the time and the state; parameters with defaults and
`*args` do not count.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from jaxwigner._checks import check_callable, describe
from jaxwigner._types import Array
from jaxwigner.engine.driven import left
from jaxwigner.engine.flows import Booked
from jaxwigner.engine.system import System
from jaxwigner.potentials.potential import frozen

Observe = Callable | str | Mapping[str, Callable | str] | Sequence[Callable | str] | None
ALONE = ""  # the key of a function that is neither in a dict nor in a list


class Named(eqx.Module):
    """An observable of the system, by its name."""

    name: str = eqx.field(static=True)


class Look(eqx.Module):
    """What is observed of a state, as arrays, in a row of the saved times.

    `system`: where names are asked for; `times`: of all rows, where a function of the time is among them; `timed`: the keys of these;
    `plain`: "state" or "nothing", where no function is given.
    """

    functions: dict[str, Any]
    system: System | None = None
    times: Any = None
    timed: tuple[str, ...] = eqx.field(static=True, default=())
    plain: str | None = eqx.field(static=True, default=None)

    def __call__(self, state: Any, row: Any) -> Any:
        bare = left(state)
        if self.plain is not None:
            return jax.tree.map(jnp.asarray, bare if self.plain == "state" else ())
        known = self._known(state)
        seen = {}
        for key, one in self.functions.items():
            if isinstance(one, Named):
                seen[key] = known[one.name](bare)
            else:
                seen[key] = one(self.times[row], bare) if key in self.timed else one(bare)
        return jax.tree.map(jnp.asarray, seen.get(ALONE, seen))

    def _known(self, state: Any) -> dict[str, Any]:
        """What the system observes by name, by the clock of the state where it is driven."""
        if self.system is None:
            return {}
        here = frozen(self.system, state.clock) if isinstance(state, Booked) else self.system
        return here.observables()

    @property
    def names(self) -> dict[str, str]:
        """The observables of the system among what is observed, by key."""
        return {key: one.name for key, one in self.functions.items() if isinstance(one, Named)}


def looking(system: System, observe: Observe, saves: Any, times: Array) -> Look:
    """`observe` as one function of a state and of the row of `times` that it is seen in.

    >>> import numpy as np, jaxwigner as jw
    >>> from jaxwigner.engine.running.observing import looking
    >>> newton, one = jw.Newton(lambda x: x**2), jw.Particles([1.0], [2.0], [3.0])
    >>> look = looking(newton, {"q": "position", "t": lambda t, u: t}, None, np.array([0.0, 0.5]))
    >>> seen = look(one, 1)
    >>> seen["q"].tolist(), float(seen["t"])
    ([2.0], 0.5)
    """
    if observe is None:
        return Look({}, plain="nothing" if saves is None else "state")
    functions = {key: _known(key, one, system) for key, one in _by_key(observe).items()}
    timed = tuple(key for key, one in functions.items() if _takes_time(key, one))
    named = any(isinstance(one, Named) for one in functions.values())
    clock = jnp.asarray(times) if timed else None
    return Look(functions, system if named else None, clock, timed)


def _by_key(observe: Any) -> dict[str, Any]:
    """Functions and names by the keys under which their values come back."""
    if isinstance(observe, Mapping):
        return dict(observe)
    if isinstance(observe, str):
        return {observe: observe}
    if callable(observe):
        return {ALONE: observe}
    if not isinstance(observe, Sequence) or not observe:
        raise ValueError(
            "Argument `observe` must be a function, a name, or a dict or sequence of these, "
            f"but is {describe(observe)}"
        )
    keys = [one if isinstance(one, str) else getattr(one, "__name__", "") for one in observe]
    for key, one in zip(keys, observe):
        check_callable("observe", one if not isinstance(one, str) else str)
        nameless = not key.isidentifier() and not isinstance(one, str)
        if nameless or keys.count(key) > 1:
            must = "hold functions and names of different names (give a dict for others)"
            raise ValueError(f"Argument `observe` must {must}, but holds {describe(one)}")
    return dict(zip(keys, observe))


def _known(key: str, one: Any, system: System) -> Any:
    if not isinstance(one, str):
        check_callable(f"observe[{key!r}]" if key else "observe", one)
        return one
    names = sorted(system.observables())
    if one not in names:
        kind, known = type(system).__name__, ", ".join(names)
        raise ValueError(
            f"Argument `observe` must name observables of {kind} ({known}), but names {one!r}"
        )
    return Named(one)


def _takes_time(key: str, one: Any) -> bool:
    """Whether a function is one of time and state."""
    if isinstance(one, Named):
        return False
    try:
        parameters = inspect.signature(one).parameters.values()
    except (TypeError, ValueError):  # some functions of C say nothing
        return False
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    required = [p for p in parameters if p.default is p.empty]
    count = sum(p.kind in positional for p in required)
    takes = count or any(p.kind in (*positional, p.VAR_POSITIONAL) for p in parameters)
    keywords = [p.name for p in required if p.kind is p.KEYWORD_ONLY]
    if not takes or count > 2 or keywords:
        name = f"observe[{key!r}]" if key else "observe"
        wants = f"wants `{keywords[0]}`" if keywords else f"takes {count}"
        must = "be a function of the state, or of time and state"
        raise ValueError(f"Argument `{name}` must {must}, but {wants}")
    return count == 2
