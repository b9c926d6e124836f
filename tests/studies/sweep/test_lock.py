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
