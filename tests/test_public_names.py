"""What users call stays: every public dotted name with its parameters, against the list in public_names.txt.

After a change that is meant: `python tests/test_public_names.py`, and a line in the CHANGELOG.
"""

import importlib
import inspect
import re
import types
import warnings
from pathlib import Path

import equinox as eqx
import pytest

from jaxwigner._aliases import MOVED
from jaxwigner._aliases import found as alias_target

LIST = Path(__file__).resolve().parent / "public_names.txt"
FACES = (
    "potentials",
    "observables",
    "quantum",
    "classical",
    "phase_space",
    "molecules",
    "transport",
    "theorems",
    "plot",
    "units",
)
PAGES = {
    "molecules": ("chem", "h2", "h2plus", "tables"),
    "quantum": ("product_packets", "radial_observables", "radial_planes", "relative_motion"),
    "theorems": (
        *("born_oppenheimer", "classical_limit", "comparison", "coulomb", "coulomb_bodies"),
        *("coulomb_bodies_cutoff", "coulomb_bodies_limit", "coulomb_cutoff", "coulomb_limit"),
        *("coulomb_observables", "coulomb_space", "husimi_functions", "hydrogen_molecule"),
        *("initial_data", "limit_measures", "liouville_defect", "mean_field", "propagation"),
        *("mk_bosons", "mk_growth", "mk_mean_field", "mk_packets", "mk_splitting", "mk_static"),
        *("mk_triangles", "mk_upper_arrow"),
        *("surfaces_dykhne", "surfaces_landau_zener", "surfaces_reduction", "surfaces_scattering"),
        *(
            "surfaces_berry",
            "surfaces_cones",
            "surfaces_hopping",
            "surfaces_orders",
            "surfaces_quantum_classical",
        ),
        *("square", "stability", "three_nuclei", "wigner_equation", "wigner_measures"),
    ),
}


def default(value):
    """A default as text that does not depend on addresses."""
    if value is inspect.Parameter.empty:
        return ""
    if inspect.isfunction(value) or inspect.isclass(value):
        return f"={value.__name__}"
    return f"={value!r}"


def signature(value):
    try:
        parameters = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):
        return ""
    shown, marked = [], False
    for one in parameters:
        if one.kind is one.VAR_POSITIONAL:
            shown.append(f"*{one.name}")
            marked = True
            continue
        if one.kind is one.KEYWORD_ONLY and not marked:
            shown.append("*")
            marked = True
        stars = "**" if one.kind is one.VAR_KEYWORD else ""
        shown.append(f"{stars}{one.name}{default(one.default)}")
    return f"({', '.join(shown)})"


def members(name, value):
    """A class and what can be asked of its instances."""
    yield f"{name}{signature(value)}"
    for key in sorted(dir(value)):
        if key.startswith("_") or key in dir(eqx.Module):
            continue
        member = inspect.getattr_static(value, key)
        if isinstance(member, property):
            yield f"{name}.{key}"
        elif callable(getattr(value, key)):
            yield f"{name}.{key}{signature(getattr(value, key))}"


def entries(module, name, own):
    """The public names of a module with their signatures; of a page only what the file itself defines."""
    for key, value in sorted(vars(module).items()):
        if key.startswith("_") or isinstance(value, types.ModuleType):
            continue
        home = str(getattr(value, "__module__", ""))
        foreign = not home.startswith("jaxwigner") or home == "jaxwigner._aliases"
        if not callable(value) or foreign or (own and home != module.__name__):
            continue
        if inspect.isclass(value):
            yield from members(f"{name}.{key}", value)
        else:
            yield f"{name}.{key}{signature(value)}"


def found(dotted):
    """What a dotted name stands for, as a user reaches it: one attribute after the other, files of a face by import."""
    value = importlib.import_module("jaxwigner")
    for depth, part in enumerate(dotted.split(".")[1:], 2):
        if isinstance(value, types.ModuleType) and not hasattr(value, part):
            importlib.import_module(".".join(dotted.split(".")[:depth]))
        value = getattr(value, part)
    return value


def as_it_is(dotted):
    """The line of a name, or why there is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # names that have moved
            value = found(dotted)
    except (AttributeError, ImportError) as error:
        return f"{dotted}: {error}"
    return dotted if isinstance(value, property) else f"{dotted}{signature(value)}"


def public_names():
    """What the faces show, and what the files of their pages define."""
    names = list(entries(found("jaxwigner"), "jaxwigner", False))
    for face in FACES:
        names += entries(found(f"jaxwigner.{face}"), f"jaxwigner.{face}", False)
        for page in PAGES.get(face, ()):
            name = f"jaxwigner.{face}.{page}"
            names += entries(found(name), name, True)
    return sorted(set(names))


LISTED = LIST.read_text().splitlines()


def test_every_listed_name_is_there_with_its_parameters():
    assert len(LISTED) > 900 and sorted(set(LISTED)) == LISTED
    changed = [(line, now) for line in LISTED if (now := as_it_is(line.partition("(")[0])) != line]
    assert not changed


def test_every_public_name_is_listed():
    assert sorted(set(public_names()) - set(LISTED)) == []


def test_what_is_missing_changed_or_new_is_seen(monkeypatch):
    """The comparison itself, on a face with one name less, one more, and one other signature."""
    from jaxwigner import transport

    monkeypatch.delattr(transport, "carry")
    monkeypatch.setattr(transport, "packet_cost", lambda particles: 0.0)
    monkeypatch.setattr(transport, "another", transport.gaussian_cost, raising=False)
    lines = {line.partition("(")[0]: line for line in LISTED}
    for name in ("jaxwigner.transport.carry", "jaxwigner.transport.packet_cost"):
        assert as_it_is(name) != lines[name]
    assert any(line.startswith("jaxwigner.transport.another(") for line in public_names())


@pytest.mark.parametrize("room, name", sorted(MOVED))
def test_old_names_warn_once_and_say_where_they_are_now(room, name):
    place = MOVED[room, name]
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        value = getattr(importlib.import_module(room), name)
    assert value is alias_target(place)
    (one,) = said
    assert one.category is DeprecationWarning and one.filename == __file__
    assert str(one.message) == f"{room}.{name} has moved to {place.replace(':', '.')}"


@pytest.mark.parametrize("room, name", sorted(MOVED))
def test_old_names_may_be_imported(room, name):
    with pytest.warns(DeprecationWarning, match=f"^{re.escape(f'{room}.{name}')} has moved to "):
        names = {}
        exec(f"from {room} import {name}", names)
    assert names[name] is alias_target(MOVED[room, name])


if __name__ == "__main__":
    kept = [now for line in LISTED if ": " not in (now := as_it_is(line.partition("(")[0]))]
    LIST.write_text("\n".join(sorted({*kept, *public_names()})) + "\n")
