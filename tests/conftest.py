"""Float64 and no silent rank promotion for every test, set before anything is computed."""

import gc

import jax
import pytest
import typed

typed.install()

# Thousands of compiled programs stay alive: the default thresholds walk through all of them again and again.
gc.set_threshold(100_000, 50, 100)

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_numpy_rank_promotion", "raise")


def pytest_collection_modifyitems(items):
    if any(device.platform == "gpu" for device in jax.devices()):
        return
    skip = pytest.mark.skip(reason="no CUDA device on this machine")
    for item in items:
        if "gpu" in item.keywords:
            item.add_marker(skip)
