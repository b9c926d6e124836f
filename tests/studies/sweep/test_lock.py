"""One sweep on a store."""

import json
import os

import pytest
from sweeps import GRID, smooth

import jaxwigner as jw
from jaxwigner.studies.sweep.lock import locked


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


OTHERS = {
    "FIFO": os.mkfifo,
    "link": lambda path: path.symlink_to(path.with_name("thesis.txt")),
    "hard link": lambda path: os.link(path.with_name("thesis.txt"), path),
    "folder": lambda path: path.mkdir(),
    "text": lambda path: path.write_text("my lock"),
    "bytes": lambda path: path.write_bytes(b"\xff\xfe"),
    "depth": lambda path: path.write_text("[" * 5000),
    "numbers": lambda path: path.write_text('{"pid": 1e999, "host": 3}'),
    "lines": lambda path: path.write_text(json.dumps({"pid": 1, "host": "a\nb"})),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_what_has_the_name_of_the_lock_stays(tmp_path, kind):
    """And is not waited for: a FIFO is opened, and is none."""
    path = tmp_path / "a.zarr.lock"
    (tmp_path / "thesis.txt").write_text("precious")
    OTHERS[kind](path)
    before = os.lstat(path)
    with pytest.raises(ValueError, match="is no lock of ours") as error:
        jw.sweep(smooth, GRID, store=tmp_path / "a.zarr")
    assert "\n" not in str(error.value)
    assert os.path.samestat(os.lstat(path), before) and not (tmp_path / "a.zarr").exists()
    assert (tmp_path / "thesis.txt").read_text() == "precious"


def test_a_lock_that_was_replaced_stays(tmp_path):
    path = tmp_path / "a.zarr.lock"
    with locked(tmp_path / "a.zarr"):
        path.unlink()
        path.write_text("mine")
    assert path.read_text() == "mine"
