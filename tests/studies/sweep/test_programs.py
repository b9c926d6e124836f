"""One compilation a bucket, and points that fail."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import xarray
from sweep_worker import HBARS, MOMENTA, mean_position
from sweeps import Compilations

import jaxwigner as jw


def test_buckets_are_traced_and_compiled_once():
    traced = []

    def counted(hbar, momentum, points):
        traced.append(points)
        return mean_position(hbar, momentum, points)

    axes = {"hbar": HBARS, "momentum": MOMENTA, "points": [48, 64]}
    with Compilations() as compilations:
        found = jw.sweep(counted, axes, batch=4, static=["points"])
    assert traced == [48, 64] and compilations.count == 2
    # A size needs no `static`: the function cannot be traced with it.
    again = jw.sweep(mean_position, axes, batch=4)
    xarray.testing.assert_equal(found, again)
    assert abs(float(found["result"][1, 1, 0]) - float(mean_position(HBARS[1], 0.5, 48))) < 1e-12


def test_whole_numbers_are_traced_where_they_can_be():
    noise = lambda seed: jax.random.normal(jax.random.key(seed), (3,))  # noqa: E731
    with Compilations() as compilations:
        found = jw.sweep(noise, {"seed": range(40)}, batch=40)
    assert compilations.count == 1
    assert np.allclose(found["result"][7], noise(7), rtol=0, atol=1e-15)


def test_potentials_of_two_kinds_make_two_buckets():
    wells = [jw.potentials.Harmonic(1.0), jw.potentials.Torsion(1.0), jw.potentials.Harmonic(2.0)]
    value = lambda potential, x: potential(x)  # noqa: E731
    with Compilations() as compilations:
        found = jw.sweep(value, {"potential": wells, "x": [0.1, 0.2]})
    assert compilations.count == 2
    assert np.allclose(found["result"][2], [0.01, 0.04])
    assert len(set(found["potential"].values)) == 3


# Points that fail


def checked(x):
    return eqx.error_if(jnp.sqrt(abs(x)), x < 0, "x is negative")


def test_a_point_that_raises_on_the_device_leaves_the_rest():
    values = np.linspace(-0.2, 1.0, 13)
    with Compilations() as compilations:
        found = jw.sweep(checked, {"x": values}, batch=13)
    failed = values < 0
    assert compilations.count == 1
    assert np.array_equal(found["status"] == 2, failed)
    assert np.all(found["error"].values[failed] == "x is negative")
    assert np.all(np.isnan(found["result"][failed]))
    assert np.allclose(found["result"][~failed], np.sqrt(values[~failed]))


def test_a_nan_is_reported():
    found = jw.sweep(lambda x: jnp.log(x), {"x": [-1.0, 1.0]})
    assert found["status"].values.tolist() == [1, 0] and "NaN" in str(found["error"].values[0])


def test_what_cannot_be_traced_is_called():
    def stubborn(x, name):
        if x > 2:
            raise ValueError(f"{name} is too large")
        return float(x) + len(name)

    found = jw.sweep(stubborn, {"x": [3.0, 1.0], "name": ["a", "bb"]})
    assert found["result"].values[1].tolist() == [2.0, 3.0]
    assert found["error"].values[0].tolist() == [
        "ValueError: a is too large",
        "ValueError: bb is too large",
    ]
    assert found.attrs["compiled"] != "yes"


def test_a_size_that_fails_leaves_the_other_sizes():
    found = jw.sweep(mean_position, {"hbar": [0.3], "momentum": [0.0], "points": [48, -1]})
    assert found["status"].values.ravel().tolist() == [0, 2]
    assert "points" in str(found["error"].values.ravel()[1])
