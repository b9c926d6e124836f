"""What the numbers are computed on, and whether it computes right."""

from __future__ import annotations

import importlib.metadata
import platform

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
