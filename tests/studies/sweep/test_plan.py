"""Chunks fit into the memory."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from sweeps import GRID, smooth

import jaxwigner as jw
from jaxwigner.studies.sweep import plan as sweep_engine
from jaxwigner.studies.sweep.axes import Axis

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


def test_several_cpu_devices_are_refused_where_they_may_never_end(monkeypatch):
    """All of jax 0.10: two batched LAPACK calls in flight wait for each other."""
    monkeypatch.setattr(jax, "local_devices", lambda: ["cpu 0", "cpu 1"])
    assert sweep_engine.local_devices(None) == ["cpu 0", "cpu 1"]
    monkeypatch.setattr(jax, "__version_info__", (0, 10, 1))
    assert sweep_engine.local_devices(1) == ["cpu 0"]
    with pytest.raises(ValueError, match="`devices` must be 1 on CPUs with jax"):
        sweep_engine.local_devices(None)
