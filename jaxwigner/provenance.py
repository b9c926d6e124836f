"""What the numbers are computed on, whether it computes right, and datasets that say so."""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np


def backend_is_sound() -> bool:
    """Whether vmapped matrix-vector products are summed right (jax issue 39103: jax 0.10.2 on CPUs does not).

    From 16385 float64 rows up the last rows of `jit(vmap(lambda r: sum((eye(3) @ r)**2)))` came out wrong, silently.

    >>> from jaxwigner.provenance import backend_is_sound
    >>> backend_is_sound()
    True
    """
    count = 16385
    rows = jnp.zeros((count, 3)).at[:, 0].set(jnp.arange(count, dtype=float))
    matrix = jnp.eye(3)
    squares = jax.jit(jax.vmap(lambda row: jnp.sum((matrix @ row) ** 2)))(rows)
    return bool(np.array_equal(np.asarray(squares), np.arange(count, dtype=squares.dtype) ** 2))


# 16 independent batched LAPACK calls in one program, five times: each takes all threads of XLA's pool and waits for the others.
LAPACK = """
import jax, jax.numpy as jnp
a = jnp.eye(5) + 0.01 * jnp.sin(jnp.arange(1024 * 25.0).reshape(1024, 5, 5))
f = jax.jit(lambda t: sum(jnp.sum(jnp.abs(jnp.linalg.det(a * jnp.exp(t + i)))) for i in range(16)))
for r in range(5):
    f(0.3 + r).block_until_ready()
"""


def lapack_comes_back(seconds: float = 60.0) -> bool:
    """Whether several batched LAPACK calls at a time end on this machine's CPU; on jax 0.10 they may wait for each other for ever.

    It is tried in a process of its own, which is ended after that many seconds.

    >>> from jaxwigner.provenance import lapack_comes_back
    >>> lapack_comes_back()
    True
    """
    environment = {**os.environ, "JAX_PLATFORMS": "cpu", "JAX_ENABLE_X64": "1"}
    try:
        command = [sys.executable, "-c", LAPACK]
        ended = subprocess.run(command, env=environment, timeout=seconds, capture_output=True)
    except subprocess.TimeoutExpired:
        return False
    return ended.returncode == 0


def may_wait_for_ever() -> bool:
    """Whether this jax is one whose batched LAPACK calls on CPUs may never end: all of 0.10, and none of 0.9.1, 0.9.2.

    >>> from jaxwigner.provenance import may_wait_for_ever
    >>> may_wait_for_ever()
    False
    """
    return jax.__version_info__[:2] == (0, 10) and jax.default_backend() == "cpu"


def version() -> str:
    """The version of the library that is installed; a bare checkout has none.

    >>> from jaxwigner.provenance import version
    >>> version().count(".") >= 1
    True
    """
    try:
        return importlib.metadata.version("jaxwigner")
    except importlib.metadata.PackageNotFoundError:
        return "0.0 (not installed)"


def device_of(platform: str | None = None, argument: str = "platform") -> Any:
    """The first device of a platform ("cpu", "gpu", …; default: the one that JAX computes on), if it computes in float64.

    `argument`: what a complaint calls the platform.

    **Raises:** `ValueError` for a platform that this machine or this JAX has not, and for a device that has no float64 while
    `jax_enable_x64` is set.

    >>> from jaxwigner.provenance import device_of
    >>> device_of("cpu").platform
    'cpu'
    """
    try:
        device = jax.local_devices(backend=platform)[0]
    except (RuntimeError, IndexError):
        raise ValueError(_no_platform(platform, argument)) from None
    if jax.config.read("jax_enable_x64") and not has_float64(device):
        kind = device.device_kind
        raise ValueError(f"Argument `{argument}` must compute in float64, but {kind} does not")
    return device


def has_float64(device: Any) -> bool:
    """Whether sums on a device keep the digits of float64: some have none, some round to what they have.

    >>> import jax
    >>> from jaxwigner.provenance import has_float64
    >>> has_float64(jax.devices("cpu")[0])
    True
    """
    try:
        with jax.default_device(device):
            found = jnp.asarray(np.float64(1.0)) + np.float64(2.0**-50)
            return float(found) == 1.0 + 2.0**-50
    except (RuntimeError, TypeError, ValueError):
        return False


def single_loss(points: int = 1024, pairs: int = 200) -> float:
    """Share of Σ|u|² that a pair of FFTs in complex64 takes on this backend, measured over many pairs; negative where it adds.

    >>> from jaxwigner.provenance import single_loss
    >>> 1e-9 < abs(single_loss()) < 1e-6
    True
    """
    rng = np.random.default_rng(0)
    u = rng.normal(size=(16, points)) + 1j * rng.normal(size=(16, points))
    start = jnp.asarray(u, jnp.complex64)
    turn = lambda _, u: jnp.fft.ifft(jnp.fft.fft(u))  # noqa: E731
    end = np.asarray(jax.lax.fori_loop(0, pairs, turn, start), complex)
    return float((1 - np.sum(np.abs(end) ** 2) / np.sum(np.abs(np.asarray(start)) ** 2.0)) / pairs)


def single_precision() -> str:
    """What complex64 loses here, in words."""
    return f"a pair of FFTs takes {single_loss():.1e} of the norm, which evolve gives back"


def _no_platform(platform: str | None, argument: str) -> str:
    """What to say where no device of a platform is found."""
    found = []
    for name in ("cpu", "gpu", "tpu"):
        with contextlib.suppress(RuntimeError):
            found += [name] * bool(jax.local_devices(backend=name))
    if not found:
        return "No device was found: JAX_PLATFORMS must name a platform of this machine"
    return f"Argument `{argument}` must be among {', '.join(found)}, but is {platform}"


def provenance() -> dict[str, str]:
    """Versions, device and precision, as strings."""
    import equinox

    devices = ", ".join(sorted({device.device_kind for device in jax.devices()}))
    return {
        "version": version(),
        "jax": jax.__version__,
        "equinox": equinox.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "device": f"{jax.default_backend()}: {devices} ({jax.device_count()})",
        "precision": "float64" if jax.config.read("jax_enable_x64") else "float32",
    }


def labelled(
    variables: Mapping[str, Any], coordinates: Mapping[str, Any], attributes: Mapping[str, Any]
) -> Any:
    """An `xarray.Dataset` that says what it was computed on: after its own attributes come those of `provenance`.

    **Arguments:** `variables` and `coordinates`: (dimensions, values), then, where there are some, the unit and the long name.

    >>> from jaxwigner.provenance import labelled
    >>> data = labelled({"mean": ("time", [1.0, 2.0], "a0", "mean distance")}, {}, {"experiment": "mine"})
    >>> data["mean"].attrs, "jax" in data.attrs
    ({'units': 'a0', 'long_name': 'mean distance'}, True)
    """
    import xarray

    variables, coordinates = (
        {name: _described(entry) for name, entry in part.items()}
        for part in (variables, coordinates)
    )
    return xarray.Dataset(variables, coordinates, {**attributes, **provenance()})


def _described(entry: Any) -> Any:
    """Unit and long name as attributes."""
    if not isinstance(entry, tuple):
        return entry
    dimensions, values, *words = entry
    attributes = {name: word for name, word in zip(("units", "long_name"), words) if word}
    return dimensions, values, attributes
