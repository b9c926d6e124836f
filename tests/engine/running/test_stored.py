"""Runs on disk: read back bit for bit, gone on with, killed and resumed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import pendulum
from patience import PATIENCE

import jaxwigner as jw
from jaxwigner.engine.running import pieces, stored

SLOW = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[3]
CASE = pendulum("schrodinger")
PSI = jnp.asarray(CASE.state)
NEWTON = pendulum("newton")


def evolve(state=PSI, system=CASE.system, duration=1.0, steps=64, **options):
    return jw.evolve(system, state, duration=duration, steps=steps, **options)


def same(one, other):
    """Equal in structure and to the last bit."""
    assert jax.tree.structure(one) == jax.tree.structure(other)
    for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other)):
        assert np.asarray(a).dtype == np.asarray(b).dtype
        np.testing.assert_array_equal(a, b)


def refused(call, *words):
    with pytest.raises(ValueError, match="Argument `(keep|path|state|run)` must .+, but ") as error:
        call()
    text = str(error.value)
    assert "\n" not in text and all(word in text for word in words), text


STATES = {
    "wave": (CASE.system, PSI),
    "single": (CASE.system, PSI.astype(jnp.complex64)),
    "mixed": (CASE.system, jw.MixedState([0.25, 0.75], jnp.stack([PSI, 1j * PSI]))),
    "particles": (NEWTON.system, NEWTON.state),
}


@pytest.mark.parametrize(
    "name", ["wave", "particles", *(pytest.param(n, marks=SLOW) for n in ("single", "mixed"))]
)
def test_a_kept_run_is_the_run(name, tmp_path):
    system, state = STATES[name]
    run = evolve(state, system, saves=[0.25, 0.5], observe=("energy", "position"))
    run.save(tmp_path / "run")
    again = jw.load_run(tmp_path / "run")
    same(again, run)
    assert repr(again) == repr(run) and again.to_xarray().identical(run.to_xarray())
    on, on_again = (evolve(one, system, saves=[1.5, 2.0]) for one in (run, again))
    same(on, on_again)
    np.testing.assert_array_equal(on.times, [1.5, 2.0])
    np.testing.assert_allclose(on.diagnostics.times, [1.0, 1.5, 2.0])
    run.save(str(tmp_path / "run"))  # it may be replaced


def test_going_on_is_going_on():
    """Two halves are the whole; backwards too, and times of functions continue."""
    half = evolve(duration=0.5, steps=32)
    both = evolve(half, duration=0.5, steps=32, saves=2, observe=lambda t, u: t)
    np.testing.assert_allclose(both.state, evolve().state, atol=1e-13)
    np.testing.assert_allclose(both.observed, [0.5, 0.75, 1.0], rtol=1e-14)
    back = evolve(both, duration=-1.0, saves=[0.75, 0.0])
    np.testing.assert_array_equal(back.times, [0.75, 0.0])
    np.testing.assert_allclose(back.state, PSI, atol=1e-12)
    for saves in ([0.2], [1.2], [0.0, 0.5]):
        with pytest.raises(ValueError, match="Argument `saves` must"):
            evolve(half, duration=0.5, saves=saves)


def test_going_on_inside_of_programs():
    half = evolve(duration=0.5, steps=8, throw=False)
    on = jax.jit(lambda run: evolve(run, duration=0.5, steps=8, throw=False))(half)
    np.testing.assert_allclose(on.state, evolve(half, duration=0.5, steps=8).state, atol=1e-13)
    assert float(on.end) == 1.0
    slope = jax.jit(jax.grad(lambda T: evolve(half, duration=T, steps=4, throw=False).end))(0.5)
    assert float(slope) == 1.0


def test_another_system_is_refused():
    run = evolve(steps=8)
    grid, mass = CASE.system.grid, CASE.system.mass
    torsion = jw.potentials.Torsion
    others = {
        "`hbar`": jw.Schrodinger(grid, torsion(1.1), 0.11, mass),
        "`mass`": jw.Schrodinger(grid, torsion(1.1), 0.1, 1.0),
        "potential.": jw.Schrodinger(grid, torsion(1.2), 0.1, mass),
        "potential": jw.Schrodinger(grid, lambda x: 1.1 - jnp.cos(x), 0.1, mass),
        "grid": jw.Schrodinger(jw.Grid(-np.pi, np.pi, 98), torsion(1.1), 0.1, mass),
        "one of Schrodinger": NEWTON.system,
    }
    for word, system in others.items():
        refused(lambda s=system: jw.evolve(s, run, duration=1.0, steps=1), word, "run.state")
    again = jw.Schrodinger(grid, torsion(jnp.asarray(1.1)), np.float64(0.1), mass)
    assert evolve(run, again, steps=8).end == 2.0
    batch = jax.vmap(lambda u: evolve(u, steps=2, throw=False))(jnp.stack([PSI, PSI]))
    refused(lambda: evolve(batch), "batch")


KINDS = [
    ("wave", [0.3, 0.8]),
    ("particles", None),
    *(pytest.param(*one, marks=SLOW) for one in (("wave", None), ("single", None), ("mixed", 3))),
    # Each state and each kind of times once more.
    *(
        pytest.param(*one, marks=pytest.mark.nightly)
        for one in (("particles", [0.3, 0.8]), ("single", 3), ("mixed", None))
    ),
]


@pytest.mark.parametrize("name, saves", KINDS)
def test_pieces_are_the_same_whoever_looks_and_whatever_is_killed(
    name, saves, tmp_path, monkeypatch
):
    system, state = STATES[name]
    monkeypatch.setattr(pieces, "PIECES", 5)
    options = {"saves": saves, "observe": {"e": "energy", "t": lambda t, u: t}, "steps": 23}
    told = []
    run = evolve(state, system, progress=lambda *it: told.append(it), **options)
    whole = evolve(state, system, **options)
    for one, other in zip(jax.tree.leaves(run.observed), jax.tree.leaves(whole.observed)):
        if saves is not None or one.shape == other.shape:
            np.testing.assert_allclose(one, other, rtol=2e-6 if name == "single" else 1e-12)
    assert told[0][:2] == ("evolving", 0) and told[-1][1] == told[-1][2] >= 5
    same(evolve(state, system, keep=tmp_path / "a", **options), run)
    same(jw.load_run(tmp_path / "a"), run)
    same(evolve(state, system, keep=tmp_path / "a", **options), run)

    class Killed(Exception):
        pass

    def killing(stage, done, total):
        if done == 3:
            raise Killed

    for _ in range(2):
        with pytest.raises(Killed):
            evolve(state, system, keep=tmp_path / "b", progress=killing, **options)
    refused(lambda: jw.load_run(tmp_path / "b"), "unfinished")
    same(evolve(state, system, keep=tmp_path / "b", **options), run)
    assert sorted(p.name for p in (tmp_path / "b").iterdir()) == [
        ".jaxwigner",
        "run.npz",
        "task.json",
    ]
    if isinstance(saves, list):  # the diagnostics are those of the pieces
        looked = np.asarray(run.diagnostics.times)
        assert np.all(np.diff(looked) > 0) and looked[-1] == 1.0 and len(looked) >= 6


CHILD = """
import sys, os
import jax
jax.config.update("jax_enable_x64", True)
import numpy as np, jaxwigner as jw
grid = jw.Grid(-8.0, 8.0, 64)
system = jw.Schrodinger(grid, lambda x: 0.5 * x**2, 0.5)
psi = jw.coherent_state(grid, 1.0, 0.0, 0.5)
def tell(stage, done, total):
    if done == int(sys.argv[2]):
        os.kill(os.getpid(), 9)
run = jw.evolve(system, psi, duration=3.0, steps=96, observe="position", keep=sys.argv[1], progress=tell)
print(np.asarray(run.state).tobytes().hex()[:64], np.asarray(run.observed["position"]).tobytes().hex())
"""


@pytest.mark.slow
def test_a_killed_process_is_resumed_by_another(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def child(folder, at):
        command = [sys.executable, "-c", CHILD, str(tmp_path / folder), str(at)]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=PATIENCE
        )

    assert child("a", 7).returncode == -9
    resumed, whole = child("a", -1), child("b", -1)
    assert resumed.returncode == whole.returncode == 0, resumed.stderr
    assert resumed.stdout == whole.stdout


def test_another_run_in_the_folder_is_refused(tmp_path):
    options = {"observe": "energy", "steps": 8, "keep": tmp_path / "run"}
    evolve(**options)
    changes = {
        "state": {"state": 1j * PSI},
        "duration": {"duration": 1.1},
        "steps": {"steps": 16},
        "saves": {"saves": [0.5]},
        "method": {"method": "strang"},
        "observe": {"observe": "norm"},
        "gradient": {"gradient": "forward"},
        "system": {"system": jw.Schrodinger(CASE.system.grid, jw.potentials.Torsion(1.1), 0.2)},
    }
    for word, change in changes.items():
        refused(lambda c=change: evolve(**{**options, **c}), f"`{word}`")
    refused(lambda: evolve(steps=8).save(tmp_path / "run"), "another run is kept")
    with pytest.raises(ValueError, match="`keep` must be None where a run is traced"):
        jax.jit(lambda u: evolve(u, **options).state)(PSI)


def test_what_is_not_ours_stays(tmp_path):
    run = evolve(steps=8)
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "run.npz").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for path in (tmp_path / "theirs", tmp_path / "file", "s3://bucket/run", "", 3, None):
        if path is not None:
            refused(lambda p=path: evolve(steps=8, keep=p))
        refused(lambda p=path: run.save(p))
        refused(lambda p=path: jw.load_run(p))
    assert (tmp_path / "theirs" / "run.npz").read_text() == "mine"
    with pytest.raises(ValueError, match="traced"):
        jax.jit(lambda u: evolve(u, steps=1, throw=False).save(tmp_path / "no"))(PSI)


def test_damaged_and_foreign_pieces_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(pieces, "PIECES", 4)

    def stop(stage, done, total):
        if done == 3:
            raise KeyboardInterrupt

    def half(folder, **options):
        with pytest.raises(KeyboardInterrupt):
            evolve(steps=8, keep=tmp_path / folder, progress=stop, **options)
        return tmp_path / folder

    one, other = half("a"), half("b", method="strang")
    again = lambda: evolve(steps=8, keep=one)  # noqa: E731
    for name in ("state.npz", "rows-001.npz"):
        whole = (one / name).read_bytes()
        for content, word in (
            (whole[:-9], "damaged"),
            (b"", "damaged"),
            ((other / name).read_bytes(), "another"),
        ):
            (one / name).write_bytes(content)
            refused(again, name, word)
        (one / name).write_bytes(whole)
    (one / "task.json").write_text(json.dumps(["x"]))
    refused(again, "task.json")
    run = evolve(steps=8)
    run.save(tmp_path / "c")
    file = tmp_path / "c" / "run.npz"
    file.write_bytes(file.read_bytes()[:-40])
    refused(lambda: jw.load_run(tmp_path / "c"), "damaged")
    stored.write_tree({"a": 1}, file)
    refused(lambda: jw.load_run(tmp_path / "c"), "something else")
