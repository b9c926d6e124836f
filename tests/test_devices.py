"""The parity part of the device run: on a CUDA device against the CPU; here, CPU against CPU, so that none of it rots.

`python -m pytest -m gpu` holds it on a device; `python -m benchmarks.device` measures it, and the rest.
"""

import importlib
import sys
from pathlib import Path

import jax
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
KINDS = ("systems", "transforms", "distances", "gradients")
HERE = {  # what a quick test runs of each kind; the rest is traced
    "systems": ("Schrodinger", "CoulombBodies"),
    "transforms": ("wigner, pure", "Töplitz"),
    "distances": ("on a line",),
    "gradients": ("Newton",),
}


@pytest.fixture(autouse=True)
def as_users_do(monkeypatch):
    """The benchmarks can be imported, and ranks are promoted as outside of tests."""
    monkeypatch.syspath_prepend(str(ROOT))
    with jax.numpy_rank_promotion("allow"):
        yield


def device(name):
    return importlib.import_module(f"benchmarks.device.{name}")


def makers(kind):
    return getattr(device("cases"), f"of_{kind}")()


def place(platform, small=True):
    return device("place").Place(jax.devices(platform)[0], jax.devices("cpu")[0], small=small)


@pytest.mark.gpu
@pytest.mark.parametrize("kind", KINDS)
def test_a_device_agrees_with_the_cpu(kind):
    """float64 within 1e-11, or what the case says; single precision within three times what the CPU loses."""
    rows = list(getattr(device("parity"), kind)(place("gpu")))
    assert len(rows) >= len(makers(kind))
    assert [(row.what, row.value, row.at_most, row.note) for row in rows if not row.met] == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", [*KINDS[:3], pytest.param("gradients", marks=pytest.mark.nightly)])
def test_every_case_is_traced(kind):
    for name, make in makers(kind).items():
        case = make()
        shapes = jax.tree.leaves(jax.eval_shape(case.function, *case.arguments))
        assert shapes and 0 < case.at_most < 1e-2, name


@pytest.mark.parametrize("kind", KINDS)
def test_the_cpu_agrees_with_itself(kind):
    few = {name: makers(kind)[name] for name in HERE[kind]}
    rows = list(device("parity").compared(place("cpu"), few))
    assert [row.what for row in rows] == list(few)
    assert all(row.value == 0 and row.met for row in rows)


def test_single_precision_is_compared_with_double():
    few = {"Schrodinger": device("cases").of_single_precision()["Schrodinger"]}
    (row,) = device("parity").single(place("cpu"), few)
    assert 1e-8 < row.value < 1e-4 and row.met
    assert row.at_most == pytest.approx(3 * row.value + 1e-6)


def test_what_differs_or_fails_is_seen():
    parity = device("parity")
    assert parity.difference([np.array([1.0, 2.0])], [np.array([1.0, 2.5])]) == pytest.approx(0.2)
    assert np.isnan(parity.difference([np.array([np.nan])], [np.array([np.nan])]))

    def fails():
        raise ArithmeticError("no such thing")

    (row,) = parity.compared(place("cpu"), {"broken": fails})
    assert row.met is False and row.note == "ArithmeticError: no such thing"


def test_sizes_that_do_not_fit_are_named():
    where, place_of = device("place"), place("cpu")
    assert place_of.free() is None and place_of.peak() is None  # a CPU does not say
    known = jax.devices("cpu")[0]
    program = device("place").compiled(lambda x: 2 * x, np.ones(1024))
    full = type("Full", (where.Place,), {"free": lambda self: 8 * 1024})(known, known)
    must = r"Argument `batch` must be at most (\d+) on this device, but is 1024"
    with pytest.raises(ValueError, match=must):
        full.refuse("batch", 1024, program)
    assert 256 <= full.most(1024, program) <= 512 and place_of.most(1024, program) == 1024
    place_of.refuse("batch", 1024, program)
    assert where.bytes_of(program) >= 2 * 8 * 1024


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="threads are bound on Linux")
def test_two_cores_are_given_back():
    import os

    before = os.sched_getaffinity(0)
    with device("place").two_cores() as words:
        assert len(os.sched_getaffinity(0)) == min(2, len(before))
    assert os.sched_getaffinity(0) == before and words.endswith("CPU cores")


@pytest.mark.slow
def test_a_distance_that_does_not_fit_is_measured_where_it_does():
    known = jax.devices("cpu")[0]
    full = type("Full", (device("place").Place,), {"free": lambda self: 2 * 10**6})(
        known, known, True
    )
    most, seconds, gap = device("distances").semiquantum_medium(full)
    assert "nodes that the device holds" in most.what and most.value < 256 and most.met is False
    assert seconds.value > 0 and seconds.program_bytes < 3e6 and gap.met
