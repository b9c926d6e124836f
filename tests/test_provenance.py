"""The backend sums right: jax 0.10.2 on CPUs does not (jax issue 39103), and all of 0.10 can hang there."""

import jax
import pytest

import jaxwigner as jw
from jaxwigner import provenance as origins
from jaxwigner.provenance import (
    backend_is_sound,
    device_of,
    has_float64,
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


def test_a_platform_that_is_not_there_is_named():
    assert device_of().platform == jax.default_backend()
    assert device_of("cpu").platform == "cpu"
    for name in ("abacus", "tpu"):
        with pytest.raises(
            ValueError, match=rf"Argument `platform` must be among .*cpu.*, but is {name}"
        ):
            device_of(name)
    with pytest.raises(ValueError, match="Argument `devices` must be among"):
        jw.sweep(lambda hbar: hbar, {"hbar": [0.1, 0.2]}, devices="abacus")
    swept = jw.sweep(lambda hbar: 2 * hbar, {"hbar": [0.1, 0.2]}, devices="cpu")
    values = next(iter(swept.data_vars.values()))
    assert values.values.tolist() == [0.2, 0.4]


def test_a_machine_without_a_device_says_so(monkeypatch):
    def nothing(*arguments, **options):
        raise RuntimeError("no backend")

    monkeypatch.setattr(jax, "local_devices", nothing)
    with pytest.raises(ValueError, match="No device was found: JAX_PLATFORMS must name a platform"):
        device_of()


def test_a_device_without_float64_is_refused(monkeypatch):
    monkeypatch.setattr(origins, "has_float64", lambda device: False)
    with pytest.raises(
        ValueError, match="Argument `platform` must compute in float64, but .+ does"
    ):
        device_of("cpu")
    with jax.enable_x64(False):
        assert device_of("cpu").platform == "cpu"
        assert not has_float64(jax.devices("cpu")[0])
