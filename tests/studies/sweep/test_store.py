"""Stores survive being killed, refused or full."""

import errno
import os
import random
import re
import signal
import time

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import xarray
from sweeps import GRID, smooth, starts, worker

import jaxwigner as jw
from jaxwigner import provenance
from jaxwigner.studies.sweep import store as sweep_store
from jaxwigner.studies.sweep.programs import Program

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
    here = re.escape(provenance.version())
    monkeypatch.setattr(provenance, "version", lambda: "0.2.0")
    refused(f"other versions: version {here} there, 0.2.0 here")


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


def test_neighbours_stay(tmp_path):
    neighbours = [
        tmp_path / "a.zarr.new" / "thesis.txt",
        tmp_path / ".a.zarr.mine.new" / "thesis.txt",
    ]
    for path in neighbours:
        path.parent.mkdir()
        path.write_text("precious")
    jw.sweep(smooth, GRID, store=tmp_path / "a.zarr")
    assert [path.read_text() for path in neighbours] == ["precious"] * 2
    assert {path.name for path in tmp_path.iterdir()} == {
        "a.zarr",
        *(p.parent.name for p in neighbours),
    }


def test_home_and_relative_paths(tmp_path, monkeypatch):
    home, work, other = (tmp_path / name for name in ("home", "work", "other"))
    for folder in (home, work, other):
        folder.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(work)
    jw.sweep(smooth, GRID, store="~/a.zarr")
    found = jw.sweep(
        smooth, GRID, store="b.zarr", batch=7, progress=lambda *news: os.chdir(other)
    ).load()
    assert (home / "a.zarr").is_dir() and (work / "b.zarr").is_dir()
    assert list(other.iterdir()) == [] and not (work / "~").exists()
    assert np.all(found["status"] == 0)


def test_links_to_stores(tmp_path):
    jw.sweep(smooth, GRID, store=tmp_path / "a.zarr")
    (tmp_path / "link.zarr").symlink_to(tmp_path / "a.zarr")
    assert np.all(jw.sweep(smooth, GRID, store=tmp_path / "link.zarr", resume=True)["status"] == 0)
    (tmp_path / "nothing.zarr").symlink_to(tmp_path / "nowhere")
    for resume in (False, True):
        with pytest.raises(ValueError, match="must be new|is a link to none"):
            jw.sweep(smooth, GRID, store=tmp_path / "nothing.zarr", resume=resume)
    assert not (tmp_path / "nowhere").exists()


class Stop(Exception):
    pass


@pytest.mark.parametrize("smaller, largest", [({"batch": 4}, 4), ({"memory": 500}, 14)])
def test_smaller_batches_when_it_goes_on(tmp_path, monkeypatch, smaller, largest):
    def stop(stage, done, total):
        if done >= 20:
            raise Stop

    store = tmp_path / "a.zarr"
    with pytest.raises(Stop):
        jw.sweep(smooth, GRID, store=store, batch=20, progress=stop)
    plain, sizes = Program._execute, []

    def execute(program, executable, size, indices):
        sizes.append(size)
        return plain(program, executable, size, indices)

    monkeypatch.setattr(Program, "_execute", execute)
    found = jw.sweep(smooth, GRID, store=store, resume=True, **smaller).load()
    assert len(sizes) > 1 and max(sizes) <= largest
    xarray.testing.assert_allclose(found, jw.sweep(smooth, GRID, batch=20), rtol=0, atol=1e-15)


def test_points_that_fail_in_smaller_batches(tmp_path):
    def checked(x):
        return eqx.error_if(jnp.sqrt(abs(x)), x < 0, "x is negative")

    def stop(stage, done, total):
        if done >= 15:
            raise Stop

    axes, store = {"x": np.linspace(1.0, -0.5, 30)}, tmp_path / "a.zarr"
    with pytest.raises(Stop):
        jw.sweep(checked, axes, store=store, batch=15, progress=stop)
    found = jw.sweep(checked, axes, store=store, resume=True, batch=4)
    assert np.array_equal(found["status"] == 2, axes["x"] < 0)
    assert np.array_equal(found["error"] == "x is negative", axes["x"] < 0)


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


# Killed, and on several devices


def contents(store):
    return {
        str(path.relative_to(store)): path.read_bytes()
        for path in sorted(store.rglob("*"))
        if path.is_file()
    }


KILLS = int(os.environ.get("JAXWIGNER_KILLS", "2"))


@pytest.mark.slow
def test_killed_again_and_again(tmp_path):
    whole, torn = tmp_path / "whole.zarr", tmp_path / "torn.zarr"
    batch = max(1, 27 // max(KILLS, 3))  # enough chunks for so many kills
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


def test_a_write_that_fails_says_how_to_go_on(tmp_path):
    class Full:
        def __setitem__(self, region, values):
            raise OSError(errno.ENOSPC, "No space left on device")

    results = sweep_store.Results({"status": Full()}, {}, tmp_path)
    with pytest.raises(OSError, match="No space left") as error:
        results.write([(slice(0, 1),)], {"status": np.zeros(1, np.int8)})
    assert "resume" in error.value.__notes__[0]
