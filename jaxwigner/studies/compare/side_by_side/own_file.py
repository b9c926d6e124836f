"""A system of the user's own as a TOML file, numbers with their units as text: the arguments of `compare` and `predict`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from jaxwigner import potentials as pot
from jaxwigner.potentials.curves.curve import Curve
from jaxwigner.potentials.curves.table import read_curve
from jaxwigner.studies.compare.states import Level, Lift, Packet, Thermal
from jaxwigner.studies.compare.states.own import fastest
from jaxwigner.units import quantity

EXAMPLE = """\
experiment = "compare"
potential  = { morse = { depth = "0.1994 hartree", steepness = "1.189 /bohr", centre = "1.821 bohr" } }  # or "scan.csv"
mass       = "1728.539 m_e"                          # reduced; or "0.948 u"
state      = { packet = { position = "2.2 bohr" } }  # the width of the well; or level, lift, thermal
duration   = "40 fs"
observe    = ["position", "momentum", "kinetic"]
hbar       = [2, 1, 0.5, 0.25]                       # multiples of the real one
tolerance  = [0.02, 0.05]                            # of the classical amplitude; or "0.01 bohr"
"""
KEYS = ("experiment", "potential", "mass", "state", "duration", "observe", "hbar", "tolerance")
OPTIONAL = ("seed", "samples", "saves", "memory", "level")
POTENTIALS: dict[str, tuple[Any, dict[str, str]]] = {
    "morse": (pot.Morse, {"depth": "energy", "steepness": "inverse length", "centre": "length"}),
    "harmonic": (pot.Harmonic, {"stiffness": "stiffness", "centre": "length"}),
    "eckart": (pot.Eckart, {"height": "energy", "width": "length", "centre": "length"}),
    "double-well": (pot.DoubleWell, {"height": "energy", "separation": "length"}),
}
# Several electronic levels: a number, or a table of what the potential takes by name, in atomic units.
LEVELS: dict[str, Any] = {
    "tully": pot.Tully,
    "delta-gap": pot.DeltaGap,
    "cone": pot.Crossing,
    "jahn-teller": pot.JahnTeller,
    "super-exchange": pot.SuperExchange,
}
HBAR = (1.0, 0.5, 0.25)
TABLE = {"file": "", "inner": "", "outer": "", "zero": "", "columns": ""}
STATES: dict[str, dict[str, str]] = {
    "packet": {"position": "length", "momentum": "momentum", "width": "length"},
    "level": {"n": "", "shift": "length", "near": "length"},
    "lift": {"potential": "", "near": "length"},
    "thermal": {"kelvin": "number", "near": "length"},
}


def read(path: Path, mass: str | None = None) -> dict[str, Any]:
    """Arguments from a TOML file, or from a table of energies and a mass: a packet a little outside of the minimum is then the state.

    **Raises:** `ValueError` for keys that are unknown or lacking, and for units of another kind.
    """
    if not path.is_file():
        raise ValueError(f"Argument `file` must be there, but there is no {path}")
    if path.suffix.lower() != ".toml":
        must = "be given beside a table: --mass '0.948 u', or write a TOML file (`jaxwigner example compare`)"
        if mass is None:
            raise ValueError(f"Argument `mass` must {must}, but is left out")
        return _of_table(path, mass)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"Argument `file` must be TOML, but {path} is not: {error}") from error
    _known(table, (*KEYS, *OPTIONAL), "file")
    if mass is not None:
        table["mass"] = mass
    for name in ("potential", "mass", "state", "duration"):
        if name not in table:
            raise ValueError(f"Key `{name}` must be given, but {path} has none")
    found = {name: table[name] for name in (*KEYS[5:], *OPTIONAL) if name in table}
    return found | {
        "potential": _potential(table["potential"], path.parent),
        "mass": quantity(_single(table["mass"]), "mass", "mass"),
        "state": _state(table["state"], path.parent),
        "duration": quantity(table["duration"], "time", "duration"),
    }


def _of_table(path: Path, mass: str) -> dict[str, Any]:
    """A table alone: a packet a tenth of the equilibrium distance outside, for ten periods, at ħ of which no part dissociates."""
    curve, masses = _curve(path), quantity(_single(mass), "mass", "mass")
    lowest = float(curve.nodes[int(curve(curve.nodes).argmin())])
    period = 2 * np.pi / fastest(curve, [masses], [[lowest]])
    return {
        "potential": curve,
        "mass": masses,
        "state": Packet(1.1 * lowest),
        "duration": 10 * period,
        "hbar": HBAR,
    }


def _curve(path: Path) -> Curve:
    """A table of which nothing else is said: beyond its last point a − b/xⁿ, if it levels off like that."""
    curve = read_curve(path)
    try:
        return Curve(curve.nodes, curve.values, curve.inner, "inverse-power")
    except ValueError:
        return curve


def told(potential: Any) -> str:
    """How far a table goes, and by which law U goes on; nothing of other potentials."""
    if not isinstance(potential, Curve):
        return ""
    first, last = (float(end) for end in np.asarray(potential.nodes)[[0, -1]])
    edges = {"refuse": "undefined", "constant": "constant", "exponential": "a + b·exp(−cx)"}
    if potential.outer == "inverse-power":
        power, limit = (float(one) for one in potential.limit())
        edges["inverse-power"] = f"a − b/xⁿ with a = {limit:.6g} hartree, n = {power:.3g}"
    before, beyond = edges[potential.inner], edges[potential.outer]
    count = len(potential.nodes)
    return f"table of {count} points from {first:.6g} to {last:.6g} bohr; U before: {before}; beyond: {beyond}"


def _single(mass: Any) -> Any:
    return tuple(mass) if isinstance(mass, list) else mass


def _known(table: Any, names: Any, what: str) -> None:
    if not isinstance(table, Mapping):
        raise ValueError(f"Key `{what}` must be a table of {', '.join(names)}, but is {table!r}")
    for name in table:
        if name not in names:
            raise ValueError(
                f"Key `{name}` of `{what}` must be one of {', '.join(names)}, but is unknown"
            )


def _one(table: Any, kinds: Mapping[str, Any], what: str) -> tuple[str, Any]:
    _known(table, kinds, what)
    if len(table) != 1:
        raise ValueError(f"Key `{what}` must hold one of {', '.join(kinds)}, but is {table!r}")
    return next(iter(table.items()))


def _numbers(table: Any, kinds: Mapping[str, str], what: str) -> dict[str, Any]:
    _known(table, kinds, what)
    return {
        name: quantity(value, kinds[name], f"{what}.{name}") if kinds[name] else value
        for name, value in table.items()
    }


def _potential(value: Any, folder: Path) -> Any:
    if isinstance(value, str):
        return _curve(folder / value)
    name, table = _one(value, {**POTENTIALS, **LEVELS, "table": TABLE}, "potential")
    if name in LEVELS:
        return _levels(name, table)
    if name == "table":
        _known(table, TABLE, name)
        if not isinstance(table.get("file"), str):
            raise ValueError("Key `table` must hold what it needs, but has no `file`")
        return read_curve(folder / table["file"], **{k: v for k, v in table.items() if k != "file"})
    make, kinds = POTENTIALS[name]
    return _made(make, _numbers(table, kinds, name), name)


def _levels(name: str, value: Any) -> Any:
    """A matrix potential, `tully = 1` or `jahn-teller = { slope = 1.0, stiffness = 2.0 }`."""
    if isinstance(value, Mapping):
        return _made(LEVELS[name], dict(value), name)
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        must = "be a number in atomic units, or a table of what it takes"
        raise ValueError(f"Key `{name}` must {must}, but is {value!r}")
    return LEVELS[name](value)


def _state(value: Any, folder: Path) -> Any:
    name, table = _one(value, STATES, "state")
    arguments = _numbers(table, STATES[name], name)
    if "potential" in arguments:
        arguments["potential"] = _potential(arguments["potential"], folder)
    makers = {"packet": Packet, "level": Level, "lift": Lift, "thermal": Thermal}
    return _made(makers[name], arguments, name)


def _made(make: Any, arguments: dict[str, Any], what: str) -> Any:
    try:
        return make(**arguments)
    except TypeError as error:
        why = str(error).split(") ")[-1]
        raise ValueError(f"Key `{what}` must hold what it needs, but is {why}") from error
