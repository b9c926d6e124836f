"""The dependency law of docs/architecture.md, as it stands there: imports go one way, and the library neither compiles, prints,
configures nor touches files.

The law is followed file by file: in the ground, where `<` stands between single files, a file may import those to its left only;
everywhere else a room may import rooms to its left, never a room that stands beside it, and no two files import each other in a circle.
"""

import ast
import functools
import re
import statistics
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent / "jaxwigner"
PAGE = ROOT.parent / "docs/architecture.md"
MODULES = sorted(ROOT.rglob("*.py"))
FORBIDDEN = {"jit", "filter_jit", "filter_pmap", "pmap", "print", "open"}
# The only files below studies that compile: the helper of the ground, the check of the backend, which is about compiled code, and a
# primitive of our own, whose eager call is an operation as those of JAX are.
COMPILERS = {"compiled/programs.py", "provenance.py", "fourier/transforms.py"}


def law():
    """Levels from the ground up, each a tuple of rooms that are strangers, and pairs that are excluded besides."""
    block = re.search(r"```law\n(.*?)```", PAGE.read_text(), flags=re.S)[1]
    first, *others = [line for line in block.splitlines() if line.strip()]
    levels = []
    for level in first.split("<"):
        rooms = [room.strip() for room in re.split(r"[|,]", level)]
        # A comma puts rooms on levels of their own.
        levels += [tuple(rooms)] if "," not in level else [(room,) for room in rooms]
    apart = set()
    for line in others:
        left, right = line.split(" not ")
        pairs = [(a.strip(), b.strip()) for a in left.split("|") for b in right.split("|")]
        apart |= set(pairs)
    return levels, apart


LEVELS, APART = law()
HEIGHT = {room: height for height, level in enumerate(LEVELS) for room in level}


def name_of(path):
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {name_of(path): path for path in MODULES}


def room_of(name):
    """The room of the law that a module belongs to: the longest that fits."""
    inside = name.removeprefix("jaxwigner").removeprefix(".")
    parts = inside.split(".") if inside else ["__init__"]
    for length in range(len(parts), 0, -1):
        room = ".".join(parts[:length])
        if room in HEIGHT:
            return room
    return None


def statements(block):
    """Statements at any depth; what is an expression imports nothing, and most of a file is."""
    for one in block:
        yield one
        for field in ("body", "orelse", "finalbody", "handlers", "cases"):
            yield from statements(getattr(one, field, ()))


def imported(path, tree):
    """Modules of jaxwigner that a file imports, at any depth of its code."""
    here = name_of(path)
    for node in statements(tree.body):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{here}: relative import in line {node.lineno}"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                name = full if full in NAMES else node.module
                if name in NAMES and name != here:
                    yield name
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in NAMES)


@functools.cache
def read(path):
    """What a file imports, and its impurities: parsed once, when a test asks, not when tests are collected."""
    tree = ast.parse(path.read_text())
    return sorted(set(imported(path, tree))), list(impurities(tree))


def imports():
    """{file: what it imports}."""
    return {name: read(path)[0] for name, path in NAMES.items()}


def code(node):
    """Lines of a function without its head and its docstring."""
    first = node.body[ast.get_docstring(node) is not None :]
    return first[-1].end_lineno - first[0].lineno + 1 if first else 0


def test_rooms_files_and_functions_are_small():
    files = [*MODULES, *(ROOT.parent / "benchmarks").rglob("*.py")]
    texts = {path: path.read_text() for path in files}
    rooms = Counter(path.parent for path in files if not path.name.startswith("__"))
    functions = [
        (path.name, node.name, code(node))
        for path, text in texts.items()
        for node in statements(ast.parse(text).body)
        if isinstance(node, ast.FunctionDef)
    ]
    assert len(rooms) > 40 and len(functions) > 4000
    assert [(str(room), number) for room, number in rooms.items() if number > 11] == []
    assert [path for path, text in texts.items() if text.count("\n") > 400] == []
    assert [one for one in functions if one[2] > 50] == []
    assert statistics.median(lines for *_, lines in functions) <= 8


def test_every_file_has_a_place_in_the_law():
    homeless = [name for name in NAMES if room_of(name) is None and name != "jaxwigner.studies"]
    assert homeless == []


def breach(name, other):
    """What is wrong with a file that imports another, if something is."""
    here, there = room_of(name), room_of(other)
    if here == there or other == "jaxwigner.studies":
        return None
    if there is None:
        return f"{name} imports {other}, which has no place in the law"
    if HEIGHT[there] > HEIGHT[here]:
        return f"{name} imports {other}, which lies above it"
    if HEIGHT[there] == HEIGHT[here]:
        return f"{name} imports {other}: strangers"
    return f"{name} imports {other}: the law keeps them apart" if (here, there) in APART else None


def test_imports_go_down():
    names = set(NAMES) - {"jaxwigner.studies"}  # a face of nothing but old names
    found = [breach(name, other) for name in sorted(names) for other in imports()[name]]
    assert sum(map(len, imports().values())) > 1000
    assert [one for one in found if one] == []


def test_breaches_are_seen():
    assert "lies above" in breach("jaxwigner.grid", "jaxwigner.quantum.moyal")
    assert "strangers" in breach("jaxwigner.quantum.moyal", "jaxwigner.classical.liouville")
    assert "no place" in breach("jaxwigner.grid", "jaxwigner.nowhere.at_all")
    assert breach("jaxwigner.quantum.moyal", "jaxwigner.grid") is None


def circles(edges):
    """Circles among the files, by depth-first search: each as the list of its files."""
    state, found, trail = {}, [], []

    def visit(name):
        state[name] = "open"
        trail.append(name)
        for other in edges[name]:
            if state.get(other) == "open":
                found.append([*trail[trail.index(other) :], other])
            elif other not in state:
                visit(other)
        trail.pop()
        state[name] = "done"

    for name in edges:
        if name not in state:
            visit(name)
    return found


def test_no_circle_of_files():
    assert [" → ".join(circle) for circle in circles(imports())] == []


def test_circles_are_seen():
    assert circles({"a": ["b"], "b": ["c"], "c": ["a"]}) == [["a", "b", "c", "a"]]
    assert circles({"a": ["b", "c"], "b": ["c"], "c": []}) == []


def called(node):
    """The name by which something is called, compiled or handed over: `jax.jit`, `partial(jax.jit, …)`, `@eqx.filter_jit`."""
    return getattr(node, "id", getattr(node, "attr", ""))


def impurities(tree):
    """Lines that compile, print, open files or configure; as a call, a decorator or an argument."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Name, ast.Attribute)):
            owner = called(getattr(node, "value", None))
            compiles = called(node) in FORBIDDEN - {"print", "open"}
            speaks = called(node) in {"print", "open"} and isinstance(node, ast.Name)
            if compiles or speaks or (called(node) == "update" and owner == "config"):
                yield node.lineno


def test_library_is_pure():
    """Studies and the command line may compile, read and print."""
    free = ("jaxwigner.studies", "jaxwigner.cli")
    pure = [
        path
        for name, path in NAMES.items()
        if not name.startswith(free) and str(path.relative_to(ROOT)) not in COMPILERS
    ]
    assert len(pure) > 150
    assert [(str(path), line) for path in pure for line in read(path)[1]] == []


@pytest.mark.parametrize(
    "text",
    [
        "@jax.jit\ndef f(x): ...",
        "@eqx.filter_jit\ndef f(x): ...",
        "@functools.partial(jax.jit, static_argnums=0)\ndef f(x): ...",
        "from jax import jit\ng = jit(f)",
        "print(1)",
        "open('a')",
        "jax.config.update('jax_enable_x64', True)",
    ],
)
def test_impurities_are_seen(text):
    assert list(impurities(ast.parse(text)))
