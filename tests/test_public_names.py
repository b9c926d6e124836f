"""What users call stays: every public dotted name with its parameters, against the list in public_names.txt.

After a change that is meant: `python tests/test_public_names.py`, and a line in the CHANGELOG.
"""

import importlib
import inspect
import types
from pathlib import Path

import equinox as eqx

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
        *("square", "stability", "wigner_equation", "wigner_measures"),
    ),
}
OLD = "OLD"


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


def entries(module, name, of_pages):
    """The public names of a module; of a page, those that it defines or hands on."""
    for key, value in sorted(vars(module).items()):
        if key.startswith("_") or key == "annotations" or isinstance(value, types.ModuleType):
            continue
        defined = str(getattr(value, "__module__", "")).startswith("jaxwigner")
        if of_pages and getattr(value, "__module__", None) != module.__name__:
            continue
        if inspect.isclass(value) and defined:
            yield from members(f"{name}.{key}", value)
        elif callable(value) and defined:
            yield f"{name}.{key}{signature(value)}"


def public_names():
    import jaxwigner

    found = list(entries(jaxwigner, "jaxwigner", False))
    for face in FACES:
        module = importlib.import_module(f"jaxwigner.{face}")
        found += entries(module, f"jaxwigner.{face}", face in ("observables", "units"))
        for page in PAGES.get(face, ()):
            found += entries(
                importlib.import_module(f"jaxwigner.{face}.{page}"),
                f"jaxwigner.{face}.{page}",
                True,
            )
    return sorted(set(found))


if __name__ == "__main__":
    LIST.write_text("\n".join(public_names()) + "\n")
