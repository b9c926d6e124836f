"""Sweeps: the numbers of a plain loop, one compilation a bucket, points that fail, memory."""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small
import xarray
from sweep_worker import HBARS, MOMENTA, mean_position
from sweeps import GRID, Compilations, smooth

import jaxwigner as jw
from jaxwigner.studies.sweep.axes import Axis
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
        ({"function": lambda x, y: {"a/b": x + y}}, "names that a folder can have"),
        ({"function": lambda x, y: {"..": x + y}}, "names that a folder can have"),
        ({"function": lambda x, y: {"v": GRID["x"], "v_axis_0": x}}, "axes of its arrays"),
        ({"function": lambda x, y: jax.random.key(0)}, "numbers of NumPy's types"),
        ({"function": lambda x, y: jnp.bfloat16(x)}, "numbers of NumPy's types"),
        (
            {"function": lambda x, y: {"c": jw.Bracket(x, y), "c_lower": x}},
            "returns `c_lower` twice",
        ),
        ({"function": lambda x, y: {"a": {"b": x}, "a_b": y}}, "returns `a_b` twice"),
        ({"attributes": {"jax": "0.0"}}, "names other than .*, but has `jax`"),
        ({"attributes": {"manifest": "{}"}}, "names other than .*, but has `manifest`"),
        ({"attributes": {1: 2}}, "texts as keys"),
        ({"attributes": {"a": object()}}, "`a` has <object"),
        ({"attributes": {"a": {"b": 1j}}}, "`a` has 1j"),
        ({"store": "s3://bucket/a.zarr"}, "must be a folder of this machine"),
        ({"store": Path("gs://bucket/a.zarr")}, "must be a folder of this machine"),
        ({"store": ""}, "must be a path"),
        ({"store": b"a.zarr"}, "must be a path"),
        ({"store": "a\0b"}, "must be a path"),
    ],
)
def test_bad_input(change, word):
    arguments = {"function": smooth, "axes": GRID} | change
    with pytest.raises(ValueError, match=word) as error:
        jw.sweep(**arguments)
    assert str(error.value).startswith("Argument `")


@pytest.mark.parametrize("name", ["status", "error", "error_axis_0", "__x"])
def test_reserved_names_of_axes(name):
    with pytest.raises(ValueError, match=f"`axes` must have names other .* but has `{name}`"):
        jw.sweep(lambda **point: sum(point.values()), {name: [1.0, 2.0]})


@pytest.mark.parametrize("batch", [1, 2])
@pytest.mark.parametrize(
    "first, then, types",
    [
        (7, 7.5, "int64 .* type float64"),
        (np.float32(1.0), 1.5, "float32 .* type float64"),
        (True, 2, "bool .* type int64"),
        (1.0, 1j, "float64 .* type complex128"),
        (7.5, 2**60 + 1, "float64 .* type int64"),
    ],
)
def test_values_of_another_type_are_not_cast(first, then, types, batch):
    function = lambda x, name: first if float(x) < 1.5 else then  # noqa: E731
    with pytest.raises(ValueError, match=f"one type at every point, but .* {types}"):
        jw.sweep(function, {"x": [1.0, 2.0], "name": ["a"]}, batch=batch)


@pytest.mark.parametrize("batch", [1, 2])
def test_values_that_the_type_holds_are_promoted(batch):
    function = lambda x, name: 7.5 if float(x) < 1.5 else 7  # noqa: E731
    found = jw.sweep(function, {"x": [1.0, 2.0], "name": ["a"]}, batch=batch)["result"]
    assert found.dtype == np.float64 and found.values.ravel().tolist() == [7.5, 7.0]


def test_buckets_of_different_types_share_the_wider_one():
    function = lambda x, kind: x if kind == "float" else jnp.int32(3)  # noqa: E731
    found = jw.sweep(function, {"kind": ["int", "float"], "x": [0.5]})["result"]
    assert found.values.ravel().tolist() == [3.0, 0.5]


def test_one_bracket_that_is_not_rigorous_is_enough():
    function = lambda x, kind: jw.Bracket(x, x + 1, kind == "proved")  # noqa: E731
    found = jw.sweep(function, {"kind": ["proved", "guessed"], "x": [0.5]})
    assert found["lower"].attrs["rigorous"] == 0


def test_attributes_of_numpy(tmp_path):
    given = {"seed": np.int64(3), "box": np.arange(2.0), "nested": {"a": (jnp.float32(1.5), None)}}
    for store in (None, tmp_path / "a.zarr"):
        found = jw.sweep(smooth, GRID, attributes=given, store=store).attrs
        expected = {"seed": 3, "box": [0.0, 1.0], "nested": {"a": [1.5, None]}}
        assert {name: found[name] for name in given} == expected


def test_many_texts_on_an_axis():
    """One trace each, one executable for those that came out the same; was quadratic in their number."""
    names = [f"name{i}" for i in range(1000)]
    with Compilations() as compilations:
        found = jw.sweep(lambda name, x: x * len(name), {"name": names, "x": [1.0, 2.0]})
    assert compilations.count == 3 and float(found["result"].sum()) == 3 * 6890
    assert found["name"].values.tolist() == names


def test_labels_are_distinct():
    axis = Axis("name", ["a", "a", "a #1", "b"], static=True)
    assert len(set(axis.labels())) == 4 and axis.kinds == [0, 0, 1, 2]
    flags = [True, 1, 1.0, {"a": 1}, {"a": True}]
    assert Axis("flag", [[flag] for flag in flags], static=True).kinds == [0, 1, 2, 3, 4]


def test_results_of_different_shapes_are_refused(tmp_path):
    shape = "same names and shapes .* shape \\(3,\\) and of shape \\(4,\\)"
    axes = {"n": [3, 4], "x": [1.0]}
    with pytest.raises(ValueError, match=shape):
        jw.sweep(lambda n, x: x * jnp.ones(n), axes, store=tmp_path / "a.zarr")
    assert not (tmp_path / "a.zarr").exists()
    with pytest.raises(ValueError, match=shape):  # a function that cannot be traced
        jw.sweep(lambda n, x: np.ones(int(n)) * float(x), axes)


PUBLIC = [small.call(jw.sweep, function=lambda x: x, axes={"x": [1.0]})]
