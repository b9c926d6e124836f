"""Several devices: batches stay apart, one grid lies over all of them, two processes share one; in processes with 4 devices."""

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import slurm
import small
from jax.sharding import AbstractMesh
from patience import PATIENCE

import jaxwigner as jw

ROOT = Path(__file__).resolve().parent.parent
DEVICES = 4
BATCH = 20  # that of sharding_worker.py
SYSTEMS = ("line", "plane", "moyal", "hartree", "vlasov")
BATCHES = [
    *SYSTEMS,
    *(f"{name}, gradient" for name in (*SYSTEMS, "wigner")),
    *(f"{name}, gradient of a parameter" for name in ("line", "moyal")),
    *("wigner", "wigner of a window", "husimi", "husimi of a window"),
]
# Whole shares that a program moves: one for each transform of a state and each axis that is divided. A step has six stages of two
# transforms; the way back has as many, of state and costate at once.
GRIDS = {
    "plane": 12,
    "plane, second axis": 12,
    "space": 12,
    "space, pencils": 24,
    "space, last axes": 24,
    "space, explicit axes": 12,
    "diagnostics": 14,
    "plane, gradient": 36,
    "space, gradient": 36,
    "space, gradient of a parameter": 72,
    "batch and plane": 12,
}
THERE_AND_BACK = {
    "hartree": None,
    "not divided": 4,
    "real, not divided": 4,
    "one axis": 4,
    "real, middle axis": 2,
}
# Every kind of program is compiled by day; these are of another system, axis or window.
BY_NIGHT = {
    "batches": {
        *("line", "plane, gradient", "hartree, gradient", "moyal, gradient", "vlasov, gradient"),
        *("line, gradient of a parameter", "wigner of a window", "husimi"),
    },
    "grids": {"plane, second axis", "space", "space, last axes", "space, gradient"},
}
EVERY = {"batches": BATCHES, "grids": [*GRIDS, *THERE_AND_BACK]}


def cases(kind, names):
    """A parametrisation by kind and name, with the mark of each."""
    night, day = pytest.mark.nightly, pytest.mark.slow
    marked = [
        pytest.param(kind, name, marks=night if name in BY_NIGHT[kind] else day) for name in names
    ]
    return pytest.mark.parametrize(("kind", "name"), marked)


def worker(*arguments, devices=DEVICES, **more):
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count={devices}",
        **more,
    }
    command = [sys.executable, str(ROOT / "tests/sharding_worker.py"), *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def reported(kind, folder, *names):
    """What the worker says of these cases, once for all test processes that share a folder."""
    kept = folder / f"sharding-{kind}-{len(names)}.json"
    with open(kept.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            process = worker(kind, *names)
            said = process.communicate()[0]
            assert process.returncode == 0
            kept.write_text(said)
    lines = kept.read_text().splitlines()
    return {line["name"]: line for line in map(json.loads, lines)}


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory):
    """One folder for a session, also where it has several processes (the folder above is theirs together)."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture
def case(shared_folder, kind, name):
    """What is said of a case: all of the same part of the day are in one process."""
    night = BY_NIGHT[kind]
    same = [one for one in EVERY[kind] if (one in night) == (name in night)]
    return reported(kind, shared_folder, *same)[name]


@pytest.fixture(scope="module")
def others(shared_folder):
    return reported("others", shared_folder)


@pytest.mark.slow
def test_every_case_is_asked_for(others):
    assert sorted(others["batches"]["names"]) == sorted(BATCHES)
    assert sorted(others["grids"]["names"]) == sorted(EVERY["grids"])


@cases("batches", BATCHES)
def test_a_batch_stays_apart(case):
    assert case["gap"] <= 1e-12
    assert case["gathers"] == 0 and case["exchanged"] == []
    first = [shape[0] for shape in case["transforms"]]
    assert BATCH // DEVICES in first and BATCH not in first
    assert case["memory"] < 0.5  # of what one device needs for all


@cases("grids", GRIDS)
def test_one_grid_moves_the_least(case, name):
    """A transform has to see every axis whole once: each device sends its share for every axis that is divided, and no more."""
    assert case["gap"] <= 1e-12
    assert case["gathers"] == 0
    assert sum(case["exchanged"]) == case["share"] * GRIDS[name]
    assert case["memory"] < 0.45


@cases("grids", THERE_AND_BACK)
def test_what_cannot_go_on_comes_back(case, name):
    assert case["gap"] <= 1e-12
    if THERE_AND_BACK[name]:
        assert case["gathers"] == 0 and len(case["exchanged"]) == THERE_AND_BACK[name]


@pytest.mark.slow
def test_kept_programs_of_different_transforms_differ(others):
    """A cache of compiled programs knows them by their text, in which the partitioner's call has no name."""
    forth, back = others["kept"]["texts"]
    assert "CustomSPMDPartitioning" in forth and "CustomSPMDPartitioning" in back
    assert forth.replace("jit_fftn", "") != back.replace("jit_ifftn", "")


@pytest.mark.slow
def test_a_state_on_several_devices_is_checked(others):
    said = others["wrong"]["said"]
    assert said[0].startswith("Argument `state` must be finite, but is an array of shape (32, 24)")
    assert said[1].startswith("Argument `state` must have shape (32, 24), but has shape (32, 20)")


@pytest.mark.slow
def test_two_processes_share_a_grid():
    port = slurm.free_port()
    pair = [worker("pair", devices=2, **slurm.task(number, 2, port)) for number in range(2)]
    said = [
        json.loads(process.communicate(timeout=PATIENCE)[0].splitlines()[-1]) for process in pair
    ]
    assert [process.returncode for process in pair] == [0, 0]
    for one in said:
        assert (one["processes"], one["devices"], one["shards"]) == (2, 4, 2)
        assert one["gap"] <= 1e-12 and one["lost"] <= 1e-12


# What cannot be right

CUBE = jw.Grid((-4.0,) * 3, (4.0,) * 3, (64, 66, 48))


def test_the_sharding_of_a_grid():
    mesh = AbstractMesh((2, 3), ("rows", "columns"))
    assert tuple(jw.grid_sharding(CUBE, mesh).spec) == ("rows", "columns", None)


@pytest.mark.parametrize(
    "grid, shape, sentence",
    [
        (CUBE, (4,), r"`grid` must have points along axis 1 that 4 .*, but has 66 \(nearest: 68\)"),
        (CUBE, (11,), r"`grid` must have points along axis 0 that 11 .* \(nearest: 66\)"),
        (CUBE, (2, 4), r"`grid` must have points along axis 1 that 4 .*nearest: 68"),
        (CUBE, (2, 2, 2), r"`mesh` must have fewer axes than the grid \(3\), .* but has 3"),
        (jw.Grid(-4.0, 4.0, 64), (4,), "`grid` must be of dimension 2 or 3 .*, but is 1"),
    ],
)
def test_a_mesh_that_does_not_fit(grid, shape, sentence):
    with pytest.raises(ValueError, match=sentence):
        jw.grid_sharding(grid, AbstractMesh(shape, ("a", "b", "c")[: len(shape)]))


def test_the_nearest_size_fits():
    mesh = AbstractMesh((5,), ("a",))
    for points in range(2, 40):
        try:
            jw.grid_sharding(jw.Grid((0.0, 0.0), (1.0, 1.0), (points, 40)), mesh)
        except ValueError as error:
            nearest = int(str(error).split("nearest: ")[1].rstrip(")"))
            assert nearest % 5 == 0 and nearest > 0
            assert nearest == 5 or abs(nearest - points) <= 2
        else:
            assert points % 5 == 0


PUBLIC = [
    small.call(
        jw.grid_sharding,
        grid=jw.Grid((-4.0, -3.0), (4.0, 3.0), (12, 8)),
        mesh=AbstractMesh((2,), ("a",)),
    )
]
