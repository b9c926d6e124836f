"""A store tells the truth: what is missing, cut short or flipped is computed again, and never read as a number."""

import errno
import os
import shutil

import numpy as np
import pytest
import xarray
from sweeps import GRID, smooth

import jaxwigner as jw
from jaxwigner.studies.sweep import store as stores
from jaxwigner.studies.sweep.store import tiles


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    store = tmp_path_factory.mktemp("stores") / "a.zarr"
    return store, jw.sweep(smooth, GRID, store=store, batch=7).load()


def flipped(path):
    content = path.read_bytes()
    path.write_bytes(content[:5] + bytes([content[5] ^ 1]) + content[6:])


DAMAGE = {
    "missing": lambda path: path.unlink(),
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:-3]),
    "empty": lambda path: path.write_bytes(b""),
    "flipped": flipped,
}
FILES = ("sum/c/1/0", "vector/c/1/0/0", "error/c/1/0", "status/c/1/0", "x/c/0", "y/c/0")


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_tile_is_computed_again(finished, tmp_path, file, how):
    store, whole = finished
    shutil.copytree(store, tmp_path / "a.zarr")
    DAMAGE[how](tmp_path / "a.zarr" / file)
    chunks = []
    found = jw.sweep(
        smooth,
        GRID,
        store=tmp_path / "a.zarr",
        resume=True,
        progress=lambda stage, done, total: chunks.append(done),
    ).load()
    xarray.testing.assert_identical(found, whole)
    # One chunk for a tile, none for a coordinate; and the last news.
    assert len(chunks) == (1 if file[0] in "xy" else 2)
    assert (tmp_path / "a.zarr" / file).read_bytes() == (store / file).read_bytes()


@pytest.mark.parametrize("how", DAMAGE)
@pytest.mark.parametrize("file", ["sum/c/1/0", "x/c/0"])
def test_a_damaged_tile_is_not_read(finished, tmp_path, file, how):
    shutil.copytree(finished[0], tmp_path / "a.zarr")
    there = jw.sweep(smooth, GRID, store=tmp_path / "a.zarr", resume=True)
    DAMAGE[how](tmp_path / "a.zarr" / file)
    read = there["sum"].load if file[0] == "s" else lambda: stores.read(tmp_path / "a.zarr")
    with pytest.raises(ValueError, match=f"tile {file} (is missing|has a wrong checksum)") as error:
        read()
    assert "\n" not in str(error.value) and "resume=True" in str(error.value)


def test_a_part_of_a_store_is_read_as_pending(tmp_path):
    class Stop(Exception):
        pass

    def stop(stage, done, total):
        if done == 10:
            raise Stop

    with pytest.raises(Stop):
        jw.sweep(smooth, GRID, store=tmp_path / "a.zarr", batch=7, progress=stop)
    found = stores.read(tmp_path / "a.zarr").load()
    pending = found["status"].values == stores.PENDING
    assert pending.sum() == 25 and np.array_equal(np.isnan(found["sum"]), pending)


def test_other_programs_read_a_store_without_warnings(finished):
    for options in ({}, {"consolidated": False}):
        with xarray.open_zarr(finished[0], chunks=None, **options) as found:
            assert np.array_equal(found["sum"], finished[1]["sum"])


def test_a_missing_tile_is_no_number_to_other_programs(tmp_path):
    """Whole numbers too: the least of a type, the largest of an unsigned one; points that failed have the same."""

    def counted(n):
        if n == 3:
            raise RuntimeError("too many")
        return {"count": np.int32(n), "bits": np.uint8(n), "x": float(n)}

    store = tmp_path / "a.zarr"
    jw.sweep(counted, {"n": [0, 1, 2, 3]}, static=("n",), store=store, batch=2)
    for name in ("count", "bits", "x"):
        (store / name / "c" / "0").unlink()
    with xarray.open_zarr(store, chunks=None) as found:
        assert found["status"].values.tolist() == [0, 0, 0, 2]
        assert found["bits"].values.tolist() == [255, 1, 2, 255]
        assert np.array_equal(found["x"], [np.nan, 1.0, 2.0, np.nan], equal_nan=True)
        assert found["count"].values.tolist() == [-(2**31), 1, 2, -(2**31)]


def test_a_tile_is_on_the_disk_before_its_status(tmp_path, monkeypatch):
    events = []
    sync, keep = os.fsync, tiles.TileStore.set_sync

    def synced(handle):
        events.append("sync")
        sync(handle)

    def kept(files, key, value):
        keep(files, key, value)
        events.append(key.partition("/")[0])

    monkeypatch.setattr(tiles.TileStore, "set_sync", kept)
    monkeypatch.setattr(tiles.os, "fsync", synced)
    jw.sweep(smooth, GRID, store=tmp_path / "a.zarr", batch=35)
    start = events.index("sum")
    assert events[start - 1 : start + 7] == [
        *("sync", "sum", "sync", "vector", "sync", "error", "sync", "status")
    ]


@pytest.mark.parametrize("what", ["the whole", "an array"])
def test_a_store_that_is_removed_stops_its_sweep(tmp_path, what):
    store = tmp_path / "a.zarr"
    seen = []

    def remove(stage, done, total):
        seen.append(done)
        if done == 10:
            shutil.rmtree(store if what == "the whole" else store / "sum")

    with pytest.raises(FileNotFoundError, match="was removed.*so the sweep stops"):
        jw.sweep(smooth, GRID, store=store, batch=7, progress=remove)
    assert max(seen) == 10
    assert store.exists() == (what == "an array") and not (store / "sum").exists()


def test_a_store_that_is_replaced_while_a_chunk_runs(tmp_path):
    """Nothing is written into the folder that has come in its place."""
    store = tmp_path / "a.zarr"

    def function(x, name):
        if float(x) == 3.0:
            os.rename(store, tmp_path / "moved")
            store.mkdir()
        return float(x)

    with pytest.raises(FileNotFoundError, match="was removed or replaced") as error:
        jw.sweep(function, {"x": [1.0, 2.0, 3.0], "name": ["a"]}, store=store, batch=1)
    assert list(store.iterdir()) == [] and not hasattr(error.value, "__notes__")
    with xarray.open_zarr(tmp_path / "moved") as found:
        assert found["result"].values.ravel()[:2].tolist() == [1.0, 2.0]


def test_what_a_kill_left_goes_and_what_is_yours_stays(tmp_path):
    store = tmp_path / "a.zarr"
    jw.sweep(smooth, GRID, store=store)
    mine = [store / "mine.partial", store / "sum" / "c" / ".mine.partial"]
    left = store / "sum" / "c" / "0" / f".0.{'a' * 32}.partial"
    for path in (*mine, left):
        path.write_text("?")
    jw.sweep(smooth, GRID, store=store, resume=True)
    assert all(path.exists() for path in mine) and not left.exists()


def test_no_tile_is_written_through_a_link(tmp_path):
    store, elsewhere = tmp_path / "a.zarr", tmp_path / "elsewhere"
    jw.sweep(smooth, GRID, store=store)
    shutil.rmtree(store / "sum" / "c")
    elsewhere.mkdir()
    (store / "sum" / "c").symlink_to(elsewhere)
    with pytest.raises(FileExistsError, match="is a link or a file"):
        jw.sweep(smooth, GRID, store=store, resume=True)
    assert list(elsewhere.iterdir()) == []


def test_a_finished_store_on_a_disk_that_cannot_be_written(tmp_path, monkeypatch):
    store = tmp_path / "a.zarr"
    whole = jw.sweep(smooth, GRID, store=store).load()
    plain = os.open

    def read_only(path, flags, *arguments, **options):
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise OSError(errno.EROFS, "Read-only file system", str(path))
        return plain(path, flags, *arguments, **options)

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", read_only)
        found = jw.sweep(smooth, GRID, store=store, resume=True).load()
        with pytest.raises(ValueError, match="other function"):
            jw.sweep(lambda x, y: x + y, GRID, store=store, resume=True)
    xarray.testing.assert_identical(found, whole)
    next(path for path in (store / "sum" / "c").rglob("0") if path.is_file()).unlink()
    monkeypatch.setattr(os, "open", read_only)
    with pytest.raises(OSError, match="Read-only"):
        jw.sweep(smooth, GRID, store=store, resume=True)
