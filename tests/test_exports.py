"""Programs that take systems and give results are written by `jax.export` and read by a process that never saw them made."""

import os
import subprocess
import sys
from pathlib import Path

import jax
import lowered_calls
import lowered_objects
import numpy as np
import pytest
from jax.tree_util import tree_structure as structure
from patience import PATIENCE

import jaxwigner as jw
from jaxwigner import _export

ROOT = Path(__file__).resolve().parent.parent
SYSTEMS = lowered_calls.SYSTEMS

READER = """
import sys
import jax
jax.config.update("jax_enable_x64", True)
import jaxwigner as jw
program = jax.export.deserialize(open(sys.argv[1], "rb").read())
system = jw.Schrodinger(jw.Grid(-4.0, 4.5, 16), jw.potentials.Harmonic(1.0), 0.4)
run = program.call(system, jw.coherent_state(system.grid, 0.3, 0.2, 0.4))
print(type(run).__name__, run.system, run.method.order, repr(float(abs(run.state[3]))))
"""


def spread(system, state):
    return jw.evolve(system, state, duration=0.1, steps=3, saves=2, throw=False)


def written(function, *arguments, platforms=None):
    return jax.export.export(jax.jit(function), platforms=platforms)(*arguments).serialize()


@pytest.mark.slow
def test_another_process_reads_it(tmp_path):
    """With another ħ: it is an argument."""
    file = tmp_path / "program.bin"
    file.write_bytes(written(spread, *SYSTEMS["Schrodinger"]))
    command = [sys.executable, "-c", READER, str(file)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stderr
    kind, system, order, value = done.stdout.split()
    assert (kind, system, order) == ("Evolution", "Schrodinger", "4")
    other = jw.Schrodinger(jw.Grid(-4.0, 4.5, 16), jw.potentials.Harmonic(1.0), 0.4)
    expected = spread(other, jw.coherent_state(other.grid, 0.3, 0.2, 0.4)).state[3]
    assert float(value) == pytest.approx(abs(complex(expected)), abs=1e-12)


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_system_and_its_result(name):
    """Structures come back as they were, from a program for CUDA."""
    system, state = SYSTEMS[name]
    program = jax.export.export(jax.jit(spread), platforms=["cuda"])(system, state)
    again = jax.export.deserialize(program.serialize())
    assert again.in_tree == program.in_tree and again.out_tree == program.out_tree
    assert again.platforms == ("cuda",)


def test_what_is_neither_a_system_nor_a_run():
    """States, grids, potentials, distances."""
    plain = [one for name, one in lowered_objects.OBJECTS.items() if name != "FockSpace"]
    # A function of the user's has no text.
    named = [one for one in lowered_objects.POTENTIALS if "Partial" not in str(structure(one))]
    assert len(named) > 15
    distance = lambda p, q: jw.monge_kantorovich(p, q, method="sinkhorn", plan=True)  # noqa: E731
    cloud = lowered_calls.CLOUD
    for function, arguments in [(lambda *it: it, (*plain, *named)), (distance, (cloud, cloud))]:
        program = jax.export.export(jax.jit(function))(*arguments)
        again = jax.export.deserialize(program.serialize())
        assert again.in_tree == program.in_tree and again.out_tree == program.out_tree


def test_a_function_of_the_users_cannot_be_written():
    system = jw.Newton(lambda x: x**2)
    with pytest.raises(ValueError, match=r"Cannot serialize PyTreeDef .+Partial"):
        written(spread, system, lowered_calls.CLOUD)


def test_static_fields_come_back():
    method = jw.METHODS["chin-4a"] if "chin-4a" in jw.METHODS else jw.METHODS["strang"]
    held = (_export.MISSING, "a", 1, 0.1, None, True, (2, ()), method, np.dtype("float32"))
    assert _export._read(_export._written((*held, np.int64(3)))) == (*held, 3)
    with pytest.raises(ValueError, match="must hold numbers and names only, but holds <function"):
        _export._written((lambda: 1,))


@pytest.mark.parametrize("name", ["os:system", "jaxwigner.provenance:version", "jaxwigner.grid:np"])
def test_a_file_makes_records_only(name):
    room, _, what = name.partition(":")
    text = f'[{{"class": ["{room}", "{what}"], "fields": []}}]'.encode()
    with pytest.raises(
        (ValueError, AttributeError), match=r"records of jaxwigner|has no attribute"
    ):
        _export._read(text)


def test_names_are_found_once():
    _export.register_modules()
    before = dict(_export.REGISTERED)
    _export.register_modules()
    assert before == _export.REGISTERED
    assert {"jaxwigner.engine.run.Evolution", "jaxwigner.grid.Grid"} <= set(before)


def test_surfaces_of_molecules_are_potentials_like_others():
    """They are imported late."""
    surface = jw.molecules.h2plus.surface()
    system = jw.Schrodinger(jw.Grid(1.0, 5.0, 16), surface, 0.5)
    program = jax.export.export(jax.jit(lambda it: it.values))(system)
    assert jax.export.deserialize(program.serialize()).in_tree == program.in_tree
