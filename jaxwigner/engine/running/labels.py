"""A run as variables with named axes, for `xarray`."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from jaxwigner.observables.named import SYMBOLS

Variables = dict[str, tuple[tuple[str, ...], np.ndarray, dict[str, str]]]
DIAGNOSED = ("norm", "energy", "spectral_tail", "edge_mass", "work", "absorbed")


def labelled(run: Any) -> tuple[Variables, dict[str, Any]]:
    """The variables of a single run and the coordinates of their axes."""
    variables = leaves("state", run.state, run.coordinates, ())
    coordinates = {name: np.asarray(axis) for name, axis in run.coordinates.items()}
    if run.observed is None:
        return variables, coordinates
    coordinates["time"] = np.asarray(run.times)
    found, lines = _observed(run, coordinates)
    taken = {*variables, *coordinates, *lines}
    variables |= {f"observed_{n}" if n in taken else n: v for n, v in found.items()}
    looked = np.asarray(run.diagnostics.times)
    along = "time" if np.array_equal(looked, coordinates["time"]) else "diagnostics_time"
    for name in DIAGNOSED:
        free = f"diagnostics_{name}" if name in variables else name
        variables[free] = ((along,), np.asarray(getattr(run.diagnostics, name)), {})
    return variables, coordinates | lines | {along: looked}


def _observed(run: Any, states: dict[str, Any]) -> tuple[Variables, dict[str, Any]]:
    """What was observed over time, and the coordinates that its names bring."""
    # Only a state is known to lie over the axes of states; what a function made of it may lie over others of their length.
    found = leaves("observed", run.observed, run.coordinates if run.saves_states else {}, ("time",))
    lines: dict[str, Any] = {}
    for key, name in run.names:
        axes = run.axes.get(key, {})
        values = {axis: np.asarray(v) for axis, v in axes.items() if v is not None}
        # An axis of another length than that of this name elsewhere gets the observable's own name.
        known = states | lines
        clash = {a for a, v in values.items() if a in known and not np.array_equal(known[a], v)}
        own = {
            axis: f"{key}_{axis}" if axis in clash or values.get(axis) is None else axis
            for axis in axes
        }
        lines |= {own[axis]: v for axis, v in values.items()}
        symbol, units = SYMBOLS.get(name, (name, ""))
        attributes = {"long_name": symbol, "quantity": units} if units else {"long_name": symbol}
        found[key] = (("time", *own.values()), found[key][1], attributes)
    return found, {name: axis for name, axis in lines.items() if name not in states}


def leaves(
    prefix: str, tree: Any, coordinates: dict[str, Any], leading: tuple[str, ...]
) -> Variables:
    """Leaves of a tree as (dims, values, attributes), trailing axes named by the system where their shape is the state's."""
    shape = tuple(np.size(axis) for axis in coordinates.values())
    variables = {}
    for path, leaf in jax.tree_util.tree_leaves_with_path(tree):
        keys = [str(getattr(k, "name", getattr(k, "key", getattr(k, "idx", k)))) for k in path]
        name = ".".join(keys) if keys and prefix == "observed" else "_".join([prefix, *keys])
        values = np.asarray(leaf)
        rest = values.shape[len(leading) :]
        matched = len(shape) if shape and rest[-len(shape) :] == shape else 0
        free = len(rest) - matched
        own = tuple(f"{name}_axis{i}" for i in range(free))
        names = tuple(coordinates) if matched else ()
        variables[name] = ((*leading, *own, *names), values, {})
    return variables
