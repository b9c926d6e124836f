"""The backend sums right: jax 0.10.2 on CPUs does not (jax issue 39103), and all of 0.10 can hang there."""

import jax
import pytest

from jaxwigner.provenance import backend_is_sound, provenance


def test_backend_is_sound():
    assert backend_is_sound()


def test_excluded_releases_are_not_in_use():
    assert not jax.__version__.startswith("0.10.")


def test_provenance_names_the_precision():
    origin = provenance()
    assert origin["precision"] == "float64"
    assert origin["jax"] == jax.__version__


@pytest.mark.gpu
def test_gpu_agrees_with_cpu():
    import jax.numpy as jnp

    import jaxwigner as jw

    grid = jw.Grid(-6.0, 6.0, 128)
    system = jw.Schrodinger(grid, jw.potentials.Torsion(1.0), 0.1)
    states = []
    for platform in ("cpu", "gpu"):
        with jax.default_device(jax.devices(platform)[0]):
            psi = jw.coherent_state(grid, 1.0, 0.0, 0.1)
            run = jax.jit(lambda u: jw.evolve(system, u, duration=2.0, steps=60, throw=False))(psi)
            states.append(jax.device_get(run.state))
    assert float(jnp.max(jnp.abs(states[0] - states[1]))) < 1e-11
