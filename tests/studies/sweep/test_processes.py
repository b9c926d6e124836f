"""Several devices and processes give the same numbers."""

import json
import os
import socket
import subprocess
import sys

import numpy as np
import pytest
import slurm
import xarray
from patience import PATIENCE
from sweep_worker import AXES, HBARS, MOMENTA, mean_position, slow
from sweeps import ROOT, starts, worker

import jaxwigner as jw

# Killed, and on several devices


@pytest.mark.slow
def test_four_devices_give_the_same_numbers(tmp_path):
    process = worker("devices", tmp_path / "four.zarr", devices=4)
    out = process.communicate()[0]
    assert process.returncode == 0 and json.loads(out) == {"devices": 4, "shards": 4}
    there = xarray.open_zarr(tmp_path / "four.zarr")
    here = jw.sweep(mean_position, {"hbar": HBARS, "momentum": MOMENTA})
    assert np.max(abs(there["result"].values - here["result"].values)) < 1e-12
    assert np.all(there["status"] == 0)


@pytest.mark.slow
def test_two_processes_share_a_sweep(tmp_path):
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    pair = [
        worker("together", tmp_path / "a.zarr", tmp_path / "log", port, number, devices=2)
        for number in range(2)
    ]
    assert [process.wait(PATIENCE) for process in pair] == [0, 0]
    for process in pair:
        process.stdout.close()
    first, second = (set(starts(tmp_path / f"log{number}")) for number in range(2))
    assert first and second and not first & second
    one = jw.sweep(slow, AXES, batch=9)
    there = xarray.open_zarr(tmp_path / "a.zarr", chunks=None)
    assert np.allclose(there["power"], one["power"], rtol=1e-12, atol=0)
    assert np.allclose(there["row"], one["row"], rtol=0, atol=1e-11)


SMALL = """experiment = "averages"
hbars = [0.4, 0.283, 0.2, 0.141]
momenta = [-0.4, 0.0, 0.4]
points = 64
steps = 8
batch = 3
"""


@pytest.mark.slow
def test_the_tasks_of_a_slurm_step_share_a_sweep(tmp_path, command):
    """`srun -n 2 jaxwigner sweep …`: each its share of the one store, and only the first speaks and draws."""
    (tmp_path / "small.toml").write_text(SMALL)
    arguments = ["sweep", str(tmp_path / "small.toml"), "--out"]
    common = {**os.environ, "PYTHONPATH": str(ROOT), "JAX_PLATFORMS": "cpu"}
    port = slurm.free_port()
    step = [
        subprocess.Popen(
            [sys.executable, "-m", "jaxwigner.cli", *arguments, str(tmp_path / "two")],
            env=common | slurm.task(number, 2, port),
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(2)
    ]
    said = [process.communicate(timeout=PATIENCE)[0] for process in step]
    assert [process.returncode for process in step] == [0, 0]
    assert "12 points, 0 failed" in said[0] and "points" not in said[1]
    assert list((tmp_path / "two").glob("*.png"))
    assert command(*arguments, tmp_path / "one")[0] == 0
    two, one = (xarray.open_zarr(tmp_path / name / "results.zarr") for name in ("two", "one"))
    assert np.all(two["status"] == 0)
    xarray.testing.assert_allclose(two.drop_vars("error"), one.drop_vars("error"), rtol=1e-12)


def test_one_task_is_left_alone(monkeypatch):
    """A batch script outside of `srun`, and a step of one task, compute alone: nobody else would come."""
    from jaxwigner.studies.sweep.processes import join_step

    for number, value in slurm.task(0, 1, 65000).items():
        monkeypatch.setenv(number, value)
    assert join_step() is True
    monkeypatch.delenv("SLURM_STEP_NUM_TASKS")
    monkeypatch.setenv("SLURM_NTASKS", "4")
    assert join_step() is True
