"""Sweeps: the numbers of a plain loop, one compilation a bucket, points that fail, memory."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import xarray
from sweep_worker import HBARS, MOMENTA, mean_position
from sweeps import GRID, smooth

import jaxwigner as jw
from jaxwigner.theorems import Inequality

# Numbers


def test_a_loop_gives_the_same_numbers():
    found = jw.sweep(mean_position, {"hbar": HBARS, "momentum": MOMENTA}, batch=4)
    one = jax.jit(mean_position)
    expected = [[float(one(h, p)) for p in MOMENTA] for h in HBARS]
    assert found["result"].dims == ("hbar", "momentum")
    assert np.allclose(found["result"], expected, rtol=0, atol=1e-12)
    assert np.all(found["status"] == 0) and np.all(found["error"] == "")
    assert np.array_equal(found["hbar"], HBARS)


@pytest.mark.parametrize("batch", [1, 3, 7, 35, 1000])
def test_every_batch_gives_every_point(batch, tmp_path):
    here = jw.sweep(smooth, GRID, batch=batch)
    there = jw.sweep(smooth, GRID, batch=batch, store=tmp_path / "a.zarr")
    x, y = np.meshgrid(GRID["x"], GRID["y"], indexing="ij")
    assert np.allclose(here["sum"], np.sin(x) + y, rtol=0, atol=1e-15)
    assert here["vector"].dims == ("x", "y", "vector_axis_0")
    assert np.array_equal(here["vector"].values[..., 2], x * y)
    xarray.testing.assert_identical(here.drop_attrs(deep=False), there.drop_attrs(deep=False))


def test_brackets_and_claims_keep_their_sides():
    def claim(x):
        return {"cost": jw.Bracket(x, x + 1, False), "a": Inequality("AFG (1)", "x ≤ 1", x, 1.0)}

    found = jw.sweep(claim, {"x": [0.5, 1.0, 2.0]}, units={"x": "bohr", "cost_lower": "hartree"})
    assert np.array_equal(found["cost_upper"], [1.5, 2.0, 3.0])
    assert found["cost_lower"].attrs == {"rigorous": 0, "units": "hartree"}
    assert found["x"].attrs["units"] == "bohr"
    words = found["a_verdict"].attrs["flag_meanings"].split()
    assert [words[code] for code in found["a_verdict"].values] == ["holds", "holds", "violated"]
    assert found["a_lhs_lower"].attrs["claim"] == "AFG (1)"


def test_provenance():
    found = jw.sweep(smooth, GRID, attributes={"seed": 3, "configuration": {"a": 1}})
    assert {"version", "jax", "device", "precision", "batch", "function"} <= set(found.attrs)
    assert found.attrs["seed"] == 3 and found.attrs["configuration"] == {"a": 1}


def test_progress():
    said = []
    jw.sweep(smooth, GRID, batch=10, progress=lambda *news: said.append(news))
    assert said[0] == ("sweep", 0, 35) and said[-1] == ("sweep", 35, 35)
    assert [done for _, done, _ in said] == sorted({done for _, done, _ in said})


# Bad input


@pytest.mark.parametrize(
    "change, word",
    [
        ({"function": 3}, "function"),
        ({"axes": {}}, "axes"),
        ({"axes": [1.0]}, "axes"),
        ({"axes": {"x": [], "y": [1.0]}}, "`x` is empty"),
        ({"axes": {"x": [0.1, float("nan")], "y": [1.0]}}, "must be finite, but `x`"),
        ({"axes": {"x": [np.array([0.1, np.inf])], "y": [1.0]}}, "must be finite, but `x`"),
        ({"axes": {"x": 1.0, "y": [1.0]}}, "must hold sequences, but `x`"),
        ({"axes": {"x": "abc", "y": [1.0]}}, "must hold sequences, but `x`"),
        ({"axes": {"x": [1.0]}}, "parameters"),
        ({"axes": {"x": [1.0], "y": [1.0], "z": [1.0]}}, "parameters"),
        ({"axes": {"x y": [1.0]}}, "names"),
        ({"batch": 0}, "batch"),
        ({"batch": 2.5}, "batch"),
        ({"memory": -1}, "memory"),
        ({"devices": 99}, "devices"),
        ({"devices": []}, "devices"),
        ({"static": ["z"]}, "static"),
        ({"resume": True}, "store"),
        ({"function": lambda x, y: None}, "returns nothing"),
        ({"function": lambda x, y: {"x": x + y}}, "names other than the axes"),
        ({"function": lambda x, y: {"status": x + y}}, "names other than the axes"),
        ({"function": lambda x, y: "text"}, "must return arrays"),
    ],
)
def test_bad_input(change, word):
    arguments = {"function": smooth, "axes": GRID} | change
    with pytest.raises(ValueError, match=word) as error:
        jw.sweep(**arguments)
    assert str(error.value).startswith("Argument `")


def test_results_of_different_shapes_are_refused(tmp_path):
    shape = "same names and shapes .* shape \\(3,\\) and of shape \\(4,\\)"
    axes = {"n": [3, 4], "x": [1.0]}
    with pytest.raises(ValueError, match=shape):
        jw.sweep(lambda n, x: x * jnp.ones(n), axes, store=tmp_path / "a.zarr")
    assert not (tmp_path / "a.zarr").exists()
    with pytest.raises(ValueError, match=shape):  # a function that cannot be traced
        jw.sweep(lambda n, x: np.ones(int(n)) * float(x), axes)


PUBLIC = [
    (jw.sweep, {"function": (lambda x: x, "object"), "axes": ({"x": [1.0]}, "object")}),
]
