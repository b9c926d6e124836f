"""Several devices and processes give the same numbers."""

import json
import socket

import numpy as np
import xarray
from sweep_worker import AXES, HBARS, MOMENTA, mean_position, slow
from sweeps import starts, worker

import jaxwigner as jw

# Killed, and on several devices


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
