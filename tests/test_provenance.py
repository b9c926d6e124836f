"""The backend sums right: jax 0.10.2 on CPUs does not (jax issue 39103), and all of 0.10 can hang there."""

import jax
import pytest

from jaxwigner import provenance as origins
from jaxwigner.provenance import (
    backend_is_sound,
    lapack_comes_back,
    may_wait_for_ever,
    provenance,
)


def test_backend_is_sound():
    assert backend_is_sound()


def test_a_machine_that_never_answers_is_noticed(monkeypatch):
    """The check ends by itself, and what ended wrongly is not sound either."""
    monkeypatch.setattr(origins, "LAPACK", "import time; time.sleep(600)")
    assert not lapack_comes_back(seconds=1.0)
    monkeypatch.setattr(origins, "LAPACK", "raise SystemExit(3)")
    assert not lapack_comes_back()


def test_all_of_one_release_may_wait_for_ever(monkeypatch):
    assert not may_wait_for_ever()
    monkeypatch.setattr(jax, "__version_info__", (0, 10, 1))
    assert may_wait_for_ever() == (jax.default_backend() == "cpu")


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
