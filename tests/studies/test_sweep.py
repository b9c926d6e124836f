"""Sweeps: the numbers of a plain loop, one compilation a bucket, and stores that survive being killed, refused or full."""

import errno
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import xarray
from sweep_worker import AXES, HBARS, MOMENTA, mean_position, slow

import jaxwigner as jw
from jaxwigner import provenance
from jaxwigner.studies.sweep import chunks as sweep_chunks
from jaxwigner.studies.sweep import plan as sweep_engine
from jaxwigner.studies.sweep import store as sweep_store
from jaxwigner.studies.sweep.axes import Axis
from jaxwigner.studies.sweep.lock import locked
from jaxwigner.theorems import Inequality

ROOT = Path(__file__).resolve().parent.parent.parent


def smooth(x, y):
    return {"sum": jnp.sin(x) + y, "vector": jnp.stack([x, y, x * y])}


GRID = {"x": np.linspace(0.0, 1.0, 7), "y": [1.0, 2.0, 3.0, 4.0, 5.0]}


class Compilations:
    """Counts XLA compilations of named programs while it is entered."""

    def __enter__(self):
        self.count = 0
        self._plain = jax.stages.Lowered.compile

        def counted(lowered, *arguments, **options):
            self.count += 1
            return self._plain(lowered, *arguments, **options)

        jax.stages.Lowered.compile = counted
        return self

    def __exit__(self, *error):
        jax.stages.Lowered.compile = self._plain


# Numbers


def test_a_loop_gives_the_same_numbers():
    found = jw.sweep(mean_position, {"hbar": HBARS, "momentum": MOMENTA}, batch=4)
    one = jax.jit(mean_position)
    expected = [[float(one(h, p)) for p in MOMENTA] for h in HBARS]
    assert found["result"].dims == ("hbar", "momentum")
    assert np.allclose(found["result"], expected, rtol=0, atol=1e-12)
    assert np.all(found["status"] == 0) and np.all(found["error"] == "")
    assert np.array_equal(found["hbar"], HBARS)


@pytest.mark.parametrize("batch", [1, 3, 7, 35, 1000])
def test_every_batch_gives_every_point(batch, tmp_path):
    here = jw.sweep(smooth, GRID, batch=batch)
    there = jw.sweep(smooth, GRID, batch=batch, store=tmp_path / "a.zarr")
    x, y = np.meshgrid(GRID["x"], GRID["y"], indexing="ij")
    assert np.allclose(here["sum"], np.sin(x) + y, rtol=0, atol=1e-15)
    assert here["vector"].dims == ("x", "y", "vector_axis_0")
    assert np.array_equal(here["vector"].values[..., 2], x * y)
    xarray.testing.assert_identical(here.drop_attrs(deep=False), there.drop_attrs(deep=False))


def test_buckets_are_traced_and_compiled_once():
    traced = []

    def counted(hbar, momentum, points):
        traced.append(points)
        return mean_position(hbar, momentum, points)

    axes = {"hbar": HBARS, "momentum": MOMENTA, "points": [48, 64]}
    with Compilations() as compilations:
        found = jw.sweep(counted, axes, batch=4, static=["points"])
    assert traced == [48, 64] and compilations.count == 2
    # A size needs no `static`: the function cannot be traced with it.
    again = jw.sweep(mean_position, axes, batch=4)
    xarray.testing.assert_equal(found, again)
    assert abs(float(found["result"][1, 1, 0]) - float(mean_position(HBARS[1], 0.5, 48))) < 1e-12


def test_whole_numbers_are_traced_where_they_can_be():
    noise = lambda seed: jax.random.normal(jax.random.key(seed), (3,))  # noqa: E731
    with Compilations() as compilations:
        found = jw.sweep(noise, {"seed": range(40)}, batch=40)
    assert compilations.count == 1
    assert np.allclose(found["result"][7], noise(7), rtol=0, atol=1e-15)


def test_potentials_of_two_kinds_make_two_buckets():
    wells = [jw.potentials.Harmonic(1.0), jw.potentials.Torsion(1.0), jw.potentials.Harmonic(2.0)]
    value = lambda potential, x: potential(x)  # noqa: E731
    with Compilations() as compilations:
        found = jw.sweep(value, {"potential": wells, "x": [0.1, 0.2]})
    assert compilations.count == 2
    assert np.allclose(found["result"][2], [0.01, 0.04])
    assert len(set(found["potential"].values)) == 3


def test_brackets_and_claims_keep_their_sides():
    def claim(x):
        return {"cost": jw.Bracket(x, x + 1, False), "a": Inequality("AFG (1)", "x ≤ 1", x, 1.0)}

    found = jw.sweep(claim, {"x": [0.5, 1.0, 2.0]}, units={"x": "bohr", "cost_lower": "hartree"})
    assert np.array_equal(found["cost_upper"], [1.5, 2.0, 3.0])
    assert found["cost_lower"].attrs == {"rigorous": 0, "units": "hartree"}
    assert found["x"].attrs["units"] == "bohr"
    words = found["a_verdict"].attrs["flag_meanings"].split()
    assert [words[code] for code in found["a_verdict"].values] == ["holds", "holds", "violated"]
    assert found["a_lhs_lower"].attrs["claim"] == "AFG (1)"


def test_provenance():
    found = jw.sweep(smooth, GRID, attributes={"seed": 3, "configuration": {"a": 1}})
    assert {"version", "jax", "device", "precision", "batch", "function"} <= set(found.attrs)
    assert found.attrs["seed"] == 3 and found.attrs["configuration"] == {"a": 1}


def test_progress():
    said = []
    jw.sweep(smooth, GRID, batch=10, progress=lambda *news: said.append(news))
    assert said[0] == ("sweep", 0, 35) and said[-1] == ("sweep", 35, 35)
    assert [done for _, done, _ in said] == sorted({done for _, done, _ in said})


# Points that fail


def checked(x):
    return eqx.error_if(jnp.sqrt(abs(x)), x < 0, "x is negative")


def test_a_point_that_raises_on_the_device_leaves_the_rest():
    values = np.linspace(-0.2, 1.0, 13)
    with Compilations() as compilations:
        found = jw.sweep(checked, {"x": values}, batch=13)
    failed = values < 0
    assert compilations.count == 1
    assert np.array_equal(found["status"] == 2, failed)
    assert np.all(found["error"].values[failed] == "x is negative")
    assert np.all(np.isnan(found["result"][failed]))
    assert np.allclose(found["result"][~failed], np.sqrt(values[~failed]))


def test_a_nan_is_reported():
    found = jw.sweep(lambda x: jnp.log(x), {"x": [-1.0, 1.0]})
    assert found["status"].values.tolist() == [1, 0] and "NaN" in str(found["error"].values[0])


def test_what_cannot_be_traced_is_called():
    def stubborn(x, name):
        if x > 2:
            raise ValueError(f"{name} is too large")
        return float(x) + len(name)

    found = jw.sweep(stubborn, {"x": [3.0, 1.0], "name": ["a", "bb"]})
    assert found["result"].values[1].tolist() == [2.0, 3.0]
    assert found["error"].values[0].tolist() == [
        "ValueError: a is too large",
        "ValueError: bb is too large",
    ]
    assert found.attrs["compiled"] != "yes"


def test_a_size_that_fails_leaves_the_other_sizes():
    found = jw.sweep(mean_position, {"hbar": [0.3], "momentum": [0.0], "points": [48, -1]})
    assert found["status"].values.ravel().tolist() == [0, 2]
    assert "points" in str(found["error"].values.ravel()[1])


# Memory


def heavy(x):
    matrix = jnp.outer(jnp.arange(100.0), jnp.arange(100.0)) + x
    return jnp.sum(jnp.fft.fft(jnp.sin(matrix)).real)


def test_chunks_fit_into_the_memory():
    found = jw.sweep(heavy, {"x": np.linspace(0.0, 1.0, 64)}, memory=10**7)
    size = found.attrs["batch"]
    plan = sweep_engine.Plan(
        heavy, [Axis("x", np.linspace(0.0, 1.0, 64))], None, None, jax.devices(), {}, {}, print
    )
    (program,) = plan.programs.values()
    assert 1 <= size < 64
    assert program.bytes_needed(size, jax.devices()) <= 10**7
    assert program.bytes_needed(2 * size + 2, jax.devices()) > 10**7
    assert np.allclose(found["result"], [float(heavy(x)) for x in found["x"].values], atol=1e-9)


def test_too_little_memory_says_what_would_fit():
    axes = {"x": np.linspace(0.0, 1.0, 64)}
    with pytest.raises(ValueError, match=r"`batch` must be at most \d+ to fit `memory`") as error:
        jw.sweep(heavy, axes, memory=10**7, batch=64)
    fits = int(re.search(r"at most (\d+)", str(error.value))[1])
    assert jw.sweep(heavy, axes, memory=10**7, batch=fits).attrs["batch"] == fits
    with pytest.raises(ValueError, match="`memory` must be at least"):
        jw.sweep(heavy, axes, memory=10)


def test_a_device_without_memory_says_what_would_fit(monkeypatch):
    def full(*arguments, **options):
        raise RuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 123 bytes")

    monkeypatch.setattr(sweep_engine.Program, "_execute", full)
    with pytest.raises(ValueError, match="`batch` must be at most about 16"):
        jw.sweep(heavy, {"x": np.linspace(0.0, 1.0, 64)}, batch=32)


def test_a_broken_device_is_no_fault_of_the_points(tmp_path, monkeypatch):
    def broken(*arguments, **options):
        raise RuntimeError("INTERNAL: the device was lost")

    with monkeypatch.context() as patched:
        patched.setattr(sweep_engine.Program, "_execute", broken)
        with pytest.raises(RuntimeError, match="device was lost"):
            jw.sweep(smooth, GRID, store=tmp_path / "a.zarr")
    assert np.all(jw.sweep(smooth, GRID, store=tmp_path / "a.zarr", resume=True)["status"] == 0)


def test_tiles_are_at_most_the_batch():
    axes = [Axis("a", np.arange(5.0)), Axis("b", [1, 2], True), Axis("c", np.arange(11.0))]
    for batch in range(1, 60):
        tile = sweep_chunks.tile_shape(axes, batch)
        assert tile[1] == 1 and np.prod(tile) <= batch
        chunks = sweep_chunks.cut(axes, tile, batch)
        seen = np.concatenate([chunk.indices() for chunk in chunks])
        assert len({tuple(row) for row in seen}) == len(seen) == 110
        assert all(len(chunk.indices()) <= chunk.size <= batch for chunk in chunks)
        assert all(len(set(chunk.indices()[:, 1])) == 1 for chunk in chunks)


# Stores


def test_a_store_goes_on_where_it_stopped(tmp_path):
    store = tmp_path / "a.zarr"

    class Stop(Exception):
        pass

    def stop(stage, done, total):
        if done >= 14:
            raise Stop

    with pytest.raises(Stop):
        jw.sweep(smooth, GRID, store=store, batch=7, progress=stop)
    with xarray.open_zarr(store) as part:
        assert int((part["status"] == 0).sum()) >= 14 and int((part["status"] == -1).sum()) > 0
    said = []
    found = jw.sweep(
        smooth, GRID, store=store, resume=True, progress=lambda *news: said.append(news[1])
    )
    assert min(said) >= 14
    xarray.testing.assert_equal(found.load(), jw.sweep(smooth, GRID, batch=7))
    assert not (tmp_path / "a.zarr.lock").exists()


def test_other_sweeps_are_refused(tmp_path, monkeypatch):
    store = tmp_path / "a.zarr"
    jw.sweep(smooth, GRID, store=store)

    def refused(word, function=smooth, axes=GRID, **options):
        before = {path: path.read_bytes() for path in store.rglob("*") if path.is_file()}
        with pytest.raises(ValueError, match=word):
            jw.sweep(function, axes, store=store, **{"resume": True, **options})
        assert before == {path: path.read_bytes() for path in store.rglob("*") if path.is_file()}

    def changed(x, y):
        return {"sum": jnp.cos(x) + y, "vector": jnp.stack([x, y, x * y])}

    refused("must be new", resume=False)
    refused("other function", changed)
    refused("other axes: `x`", axes={**GRID, "x": np.linspace(0.0, 1.1, 7)})
    refused("other axes", axes={**GRID, "x": np.linspace(0.0, 1.0, 8)})
    refused("other units", units={"x": "bohr"})
    monkeypatch.setattr(provenance, "version", lambda: "0.2.0")
    refused("other versions: version 0.1.0 there, 0.2.0 here")


@pytest.mark.parametrize("wrap", [lambda f: f, jax.jit, lambda f: jax.jit(jax.checkpoint(f))])
def test_a_changed_constant_is_noticed(tmp_path, wrap):
    def made(table):
        return wrap(lambda x: jnp.sum(x * jnp.asarray(table)))

    store = tmp_path / "a.zarr"
    jw.sweep(made(np.arange(50.0)), {"x": [1.0]}, store=store)
    jw.sweep(made(np.arange(50.0)), {"x": [1.0]}, store=store, resume=True)
    with pytest.raises(ValueError, match="other function"):
        jw.sweep(made(np.arange(50.0)[::-1]), {"x": [1.0]}, store=store, resume=True)


def test_folders_that_hold_something_else(tmp_path):
    (tmp_path / "a.zarr").mkdir()
    (tmp_path / "a.zarr" / "mine.txt").write_text("precious")
    for resume in (False, True):
        with pytest.raises(ValueError, match="Argument `store`"):
            jw.sweep(smooth, GRID, store=tmp_path / "a.zarr", resume=resume)
    assert (tmp_path / "a.zarr" / "mine.txt").read_text() == "precious"


def test_folders_that_cannot_be_written(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError):
        jw.sweep(smooth, GRID, store=tmp_path / "file" / "a.zarr")

    def read_only(*arguments, **options):
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path))

    monkeypatch.setattr(os, "open", read_only)
    with pytest.raises(PermissionError, match="Permission denied"):
        jw.sweep(smooth, GRID, store=tmp_path / "a.zarr")


def test_a_full_disk_loses_nothing_that_is_finished(tmp_path, monkeypatch):
    store = tmp_path / "a.zarr"
    plain, calls = sweep_store.Results.write, []

    def full(results, regions, columns):
        calls.append(regions)
        if len(calls) == 3:
            results.arrays["sum"][regions[0]] = 7.0  # half of a chunk is there already
            raise OSError(errno.ENOSPC, "No space left on device")
        plain(results, regions, columns)

    monkeypatch.setattr(sweep_store.Results, "write", full)
    with pytest.raises(OSError, match="No space left"):
        jw.sweep(smooth, GRID, store=store, batch=7)
    assert len(calls) == 3
    finished, torn = list(calls[:2]), calls[2]
    calls.extend([None] * 10)
    found = jw.sweep(smooth, GRID, store=store, resume=True)
    again = calls[13:]
    assert torn in again and not any(regions in again for regions in finished)
    xarray.testing.assert_equal(found.load(), jw.sweep(smooth, GRID, batch=7))


def test_the_status_is_written_last():
    written = []

    class Array:
        def __init__(self, name):
            self.name = name

        def __setitem__(self, region, values):
            written.append(self.name)

    columns = {"status": np.zeros(2, np.int8), "a": np.zeros((2, 3)), "error": np.full(2, "")}
    results = sweep_store.Results({name: Array(name) for name in columns}, {}, None)
    results.write([(slice(0, 1),), (slice(1, 2),)], columns)
    assert written == ["a", "a", "error", "error", "status", "status"]


def test_one_sweep_on_a_store(tmp_path):
    store = tmp_path / "a.zarr"
    with locked(store), pytest.raises(ValueError, match=f"process {os.getpid()} on"):
        jw.sweep(smooth, GRID, store=store)
    # Left by a process that was killed: nobody holds it.
    (tmp_path / "a.zarr.lock").write_text(json.dumps({"pid": 1, "host": os.uname().nodename}))
    jw.sweep(smooth, GRID, store=store)
    (tmp_path / "a.zarr.lock").write_text(json.dumps({"pid": 1, "host": "elsewhere"}))
    with pytest.raises(ValueError, match="locked by process 1 on elsewhere: remove"):
        jw.sweep(smooth, GRID, store=store, resume=True)


# Bad input


@pytest.mark.parametrize(
    "change, word",
    [
        ({"function": 3}, "function"),
        ({"axes": {}}, "axes"),
        ({"axes": [1.0]}, "axes"),
        ({"axes": {"x": [], "y": [1.0]}}, "`x` is empty"),
        ({"axes": {"x": [0.1, float("nan")], "y": [1.0]}}, "must be finite, but `x`"),
        ({"axes": {"x": [np.array([0.1, np.inf])], "y": [1.0]}}, "must be finite, but `x`"),
        ({"axes": {"x": 1.0, "y": [1.0]}}, "must hold sequences, but `x`"),
        ({"axes": {"x": "abc", "y": [1.0]}}, "must hold sequences, but `x`"),
        ({"axes": {"x": [1.0]}}, "parameters"),
        ({"axes": {"x": [1.0], "y": [1.0], "z": [1.0]}}, "parameters"),
        ({"axes": {"x y": [1.0]}}, "names"),
        ({"batch": 0}, "batch"),
        ({"batch": 2.5}, "batch"),
        ({"memory": -1}, "memory"),
        ({"devices": 99}, "devices"),
        ({"devices": []}, "devices"),
        ({"static": ["z"]}, "static"),
        ({"resume": True}, "store"),
        ({"function": lambda x, y: None}, "returns nothing"),
        ({"function": lambda x, y: {"x": x + y}}, "names other than the axes"),
        ({"function": lambda x, y: {"status": x + y}}, "names other than the axes"),
        ({"function": lambda x, y: "text"}, "must return arrays"),
    ],
)
def test_bad_input(change, word):
    arguments = {"function": smooth, "axes": GRID} | change
    with pytest.raises(ValueError, match=word) as error:
        jw.sweep(**arguments)
    assert str(error.value).startswith("Argument `")


def test_results_of_different_shapes_are_refused(tmp_path):
    shape = "same names and shapes .* shape \\(3,\\) and of shape \\(4,\\)"
    axes = {"n": [3, 4], "x": [1.0]}
    with pytest.raises(ValueError, match=shape):
        jw.sweep(lambda n, x: x * jnp.ones(n), axes, store=tmp_path / "a.zarr")
    assert not (tmp_path / "a.zarr").exists()
    with pytest.raises(ValueError, match=shape):  # a function that cannot be traced
        jw.sweep(lambda n, x: np.ones(int(n)) * float(x), axes)


# Killed, and on several devices


def worker(*arguments, devices=1):
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": f"--xla_force_host_platform_device_count={devices}",
    }
    command = [sys.executable, str(ROOT / "tests" / "sweep_worker.py"), *map(str, arguments)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def contents(store):
    return {
        str(path.relative_to(store)): path.read_bytes()
        for path in sorted(store.rglob("*"))
        if path.is_file()
    }


def starts(log):
    return [int(line) for line in log.read_text().split()] if log.exists() else []


KILLS = int(os.environ.get("JAXWIGNER_KILLS", "3"))


def test_killed_again_and_again(tmp_path):
    whole, torn = tmp_path / "whole.zarr", tmp_path / "torn.zarr"
    batch = max(1, 27 // KILLS)  # enough chunks for so many kills
    undisturbed = worker("kill", whole, tmp_path / "whole.log", batch)
    log, kills = tmp_path / "torn.log", random.Random(5)
    for _ in range(KILLS):
        process, before = worker("kill", torn, log, batch), len(starts(log))
        while len(starts(log)) < before + kills.choice([1, 2]) and process.poll() is None:
            time.sleep(0.01)
        time.sleep(kills.uniform(0.0, 0.1))
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        process.stdout.close()
    process = worker("kill", torn, log, batch)
    assert process.wait() == 0 and undisturbed.wait() == 0
    process.stdout.close(), undisturbed.stdout.close()
    assert contents(torn) == contents(whole)
    computed = starts(log)
    twice = [done for done in set(computed) if computed.count(done) > 1]
    assert len(twice) <= KILLS and len(computed) <= len(set(computed)) + KILLS
    assert sorted(set(computed)) == sorted(starts(tmp_path / "whole.log"))


def test_four_devices_give_the_same_numbers(tmp_path):
    process = worker("devices", tmp_path / "four.zarr", devices=4)
    out = process.communicate()[0]
    assert process.returncode == 0 and json.loads(out) == {"devices": 4, "shards": 4}
    there = xarray.open_zarr(tmp_path / "four.zarr")
    here = jw.sweep(mean_position, {"hbar": HBARS, "momentum": MOMENTA})
    assert np.max(abs(there["result"].values - here["result"].values)) < 1e-12
    assert np.all(there["status"] == 0)


def test_two_processes_share_a_sweep(tmp_path):
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    pair = [
        worker("together", tmp_path / "a.zarr", tmp_path / "log", port, number, devices=2)
        for number in range(2)
    ]
    assert [process.wait(60) for process in pair] == [0, 0]
    for process in pair:
        process.stdout.close()
    first, second = (set(starts(tmp_path / f"log{number}")) for number in range(2))
    assert first and second and not first & second
    one = jw.sweep(slow, AXES, batch=9)
    there = xarray.open_zarr(tmp_path / "a.zarr", chunks=None)
    assert np.allclose(there["power"], one["power"], rtol=1e-12, atol=0)
    assert np.allclose(there["row"], one["row"], rtol=0, atol=1e-11)


def test_a_write_that_fails_says_how_to_go_on(tmp_path):
    class Full:
        def __setitem__(self, region, values):
            raise OSError(errno.ENOSPC, "No space left on device")

    results = sweep_store.Results({"status": Full()}, {}, tmp_path)
    with pytest.raises(OSError, match="No space left") as error:
        results.write([(slice(0, 1),)], {"status": np.zeros(1, np.int8)})
    assert "resume" in error.value.__notes__[0]
