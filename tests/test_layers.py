"""The dependency law: imports go one way, and the library neither compiles, prints, configures nor touches files."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent / "jaxwigner"
MODULES = sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")
# Rooms from the ground up; rooms of one level in `SIBLINGS` must not know each other.
LEVELS = {
    **dict.fromkeys(["_checks", "brackets", "grid", "units", "methods"], 0),
    **dict.fromkeys(["potentials", "states", "observables", "flows", "evolution", "splitting"], 1),
    **dict.fromkeys(["schedule", "marching", "reversible", "resolution", "phase_space_system"], 1),
    **dict.fromkeys(["mean_field"], 1),
    **dict.fromkeys(["quantum", "classical", "phase_space", "molecules"], 2),
    "transport": 3,
    "theorems": 4,
    "studies": 5,
    "plot": 6,
    "cli": 7,
}
SIBLINGS = 2
LIBRARY = 5  # rooms below this level are pure
FORBIDDEN = {"jit", "filter_jit", "print", "open"}


def room(path):
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imported_rooms(path):
    """Rooms of jaxwigner that a module imports, at any depth of its code."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = [node.module] + [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "jaxwigner" and len(parts) > 1 and parts[1] in LEVELS:
                yield parts[1]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_down(path):
    here = room(path)
    assert here in LEVELS, f"{here} has no place in the dependency law"
    for other in imported_rooms(path):
        if other == here:
            continue
        assert LEVELS[other] <= LEVELS[here], f"{here} imports {other}, which lies above it"
        if LEVELS[here] == SIBLINGS:
            assert LEVELS[other] != SIBLINGS, f"{here} and {other} are siblings"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_library_is_pure(path):
    if LEVELS[room(path)] >= LIBRARY:
        pytest.skip("studies, plots and the command line may compile, read and print")
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        name = getattr(function, "id", getattr(function, "attr", ""))
        assert name not in FORBIDDEN, f"{name} is called in line {node.lineno}"
        owner = getattr(getattr(function, "value", None), "attr", "")
        assert not (name == "update" and owner == "config"), f"configuration set in {node.lineno}"


def test_no_cycle_within_a_level():
    """The modules of one level are ordered: following imports never comes back."""
    edges = {}
    for path in MODULES:
        edges.setdefault(room(path), set()).update(set(imported_rooms(path)) - {room(path)})

    def visit(name, trail):
        assert name not in trail, f"import cycle: {' → '.join([*trail, name])}"
        for other in edges.get(name, ()):
            visit(other, [*trail, name])

    for name in edges:
        visit(name, [])
