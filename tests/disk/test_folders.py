"""Folders of results: only what is ours is replaced, and a file is whole or as it was."""

import os
import stat
import subprocess
import sys

import numpy as np
import pytest
import xarray

from jaxwigner.disk import folders

DATA = xarray.Dataset({"a": ("x", np.arange(3.0))}, attrs={"title": "three"})


def test_a_folder_is_made_and_marked(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = folders.prepare("results/deep", "limits")
    assert found == tmp_path / "results" / "deep" and folders.kind_of(found) == "limits"
    assert [path.name for path in found.iterdir()] == [folders.MARK]
    assert folders.prepare(found, "limits") == found  # again


def test_results_of_another_kind_stay(tmp_path):
    folders.prepare(tmp_path, "sweep")
    with pytest.raises(ValueError, match="results of `limits`, but .* holds results of `sweep`"):
        folders.prepare(tmp_path, "limits")
    assert folders.kind_of(tmp_path) == "sweep"


@pytest.mark.parametrize("name", folders.WRITTEN)
def test_results_that_are_not_ours_stay(tmp_path, name):
    (tmp_path / name).write_text("precious")
    with pytest.raises(ValueError, match=f"holds a {name} that is not ours"):
        folders.prepare(tmp_path, "limits")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_other_files_of_yours_are_no_hindrance(tmp_path):
    for name in ("thesis.txt", ".writable", "results.zarr.new"):
        (tmp_path / name).write_text("precious")
    folders.replace_store(DATA, folders.prepare(tmp_path, "run"))
    for name in ("thesis.txt", ".writable", "results.zarr.new"):
        assert (tmp_path / name).read_text() == "precious"


@pytest.mark.parametrize(
    "out, word",
    [
        ("s3://bucket/a", "of this machine"),
        ("", "a path"),
        (3, "a path"),
        ("~nobody-x/a", "a path"),
    ],
)
def test_paths_that_are_none(out, word):
    with pytest.raises(ValueError, match=f"Argument `out` must be .*{word}"):
        folders.prepare(out, "run")


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "a").write_text("precious")
    with pytest.raises(ValueError, match="must be a folder"):
        folders.prepare(tmp_path / "a", "run")


@pytest.mark.parametrize("content", ["mine", "[" * 4000, '{"jaxwigner": 3}', '["jaxwigner"]', ""])
def test_marks_that_are_none(tmp_path, content):
    (tmp_path / folders.MARK).write_text(content)
    assert folders.kind_of(tmp_path) is None


def test_a_mark_behind_a_link_is_none(tmp_path):
    folders.mark(tmp_path, "run")
    os.rename(tmp_path / folders.MARK, tmp_path / "elsewhere")
    (tmp_path / folders.MARK).symlink_to(tmp_path / "elsewhere")
    assert folders.kind_of(tmp_path) is None
    with pytest.raises(ValueError, match="is a symbolic link"):
        folders.prepare(tmp_path, "run")


def test_a_store_is_replaced_by_a_whole_one(tmp_path):
    store = folders.replace_store(DATA, tmp_path)
    folders.replace_store(DATA + 1, tmp_path)
    for options in ({}, {"consolidated": False}):  # nothing in it that zarr does not know
        with xarray.open_zarr(store, **options) as found:
            assert found["a"].values.tolist() == [1.0, 2.0, 3.0]
    assert [path.name for path in tmp_path.iterdir()] == ["results.zarr"]


def test_a_store_that_fails_leaves_the_old_one(tmp_path, monkeypatch):
    store = folders.replace_store(DATA, tmp_path)

    def full(*arguments, **options):
        raise OSError("No space left on device")

    monkeypatch.setattr(folders, "to_disk", full)
    with pytest.raises(OSError, match="No space"):
        folders.replace_store(DATA + 1, tmp_path)
    assert xarray.open_zarr(store)["a"].values.tolist() == [0.0, 1.0, 2.0]
    assert [path.name for path in tmp_path.iterdir()] == ["results.zarr"]


@pytest.mark.parametrize("kind", ["file", "folder", "link", "dangling", "sweep"])
def test_a_store_that_is_not_ours_stays(tmp_path, kind):
    store = tmp_path / "out" / "results.zarr"
    store.parent.mkdir()
    if kind == "file":
        store.write_text("precious")
    elif kind in ("link", "dangling"):
        if kind == "link":
            folders.replace_store(DATA, tmp_path)
        store.symlink_to(tmp_path / "results.zarr")
    elif kind == "folder":
        DATA.to_zarr(store, consolidated=False)
    else:
        folders.replace_store(DATA, store.parent, kind="sweep")
    before = os.lstat(store)
    with pytest.raises(ValueError, match="must not hold results.zarr of others"):
        folders.replace_store(DATA, store.parent)
    assert os.path.samestat(os.lstat(store), before)
    assert [path.name for path in store.parent.iterdir()] == ["results.zarr"]


def test_what_a_kill_left_goes(tmp_path):
    """Folders of processes that ended, and no others; a store that was moved away comes back."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    host = folders.socket.gethostname()
    left, alive, elsewhere, mine = (tmp_path / f".results.zarr.{n}.new" for n in "abcd")
    for path, pid, name in (
        (left, ended.pid, host),
        (alive, os.getpid(), host),
        (elsewhere, 1, "x"),
    ):
        path.mkdir()
        folders.mark(path, folders.WORK, pid=pid, host=name)
    mine.mkdir()
    folders.replace_store(DATA, left)
    os.rename(left / "results.zarr", left / "old")
    folders.sweep_up(tmp_path / "results.zarr")
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"results.zarr", alive.name, elsewhere.name, mine.name}
    assert xarray.open_zarr(tmp_path / "results.zarr")["a"].size == 3


OTHERS = {
    "a symbolic link": lambda path: path.symlink_to(path.with_name("thesis.txt")),
    "a folder": lambda path: path.mkdir(),
    "a FIFO": os.mkfifo,
}


@pytest.mark.parametrize("kind", OTHERS)
def test_nothing_is_written_into_what_is_no_file(tmp_path, kind):
    (tmp_path / "thesis.txt").write_text("precious")
    path = tmp_path / "report.json"
    OTHERS[kind](path)
    with pytest.raises(ValueError, match=f"but .*report.json is {kind}"):
        folders.write_json({"a": 1}, path)
    with pytest.raises(ValueError, match=f"but .*report.json is {kind}"):
        folders.read_bounded(path, 10)
    assert (tmp_path / "thesis.txt").read_text() == "precious"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_file_is_whole_or_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "report.json"
    folders.write_json({"a": "ħ"}, path)
    whole = path.read_bytes()

    def full(*arguments):
        raise OSError("No space left on device")

    monkeypatch.setattr(folders.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        folders.write_json({"a": 2}, path)
    assert path.read_bytes() == whole and [p.name for p in tmp_path.iterdir()] == ["report.json"]


def test_files_are_as_readable_as_others(tmp_path):
    folders.write_text("a", tmp_path / "ours")
    (tmp_path / "others").write_text("a")
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("ours", "others")}
    assert len(modes) == 1


def test_long_files_are_not_read(tmp_path):
    (tmp_path / "a").write_bytes(b"x" * 11)
    with pytest.raises(ValueError, match="at most 10 bytes"):
        folders.read_bounded(tmp_path / "a", 10)
    assert folders.read_bounded(tmp_path / "a", 11) == b"x" * 11
