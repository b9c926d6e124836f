"""A manifest that somebody has made up is one sentence: it allocates nothing, and nothing is written."""

import json
import shutil

import jax.numpy as jnp
import pytest
from sweeps import GRID, smooth

import jaxwigner as jw


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    store = tmp_path_factory.mktemp("stores") / "a.zarr"
    jw.sweep(smooth, GRID, store=store, batch=7)
    return store


def refused(finished, tmp_path, change, word):
    store = tmp_path / "a.zarr"
    shutil.copytree(finished, store)
    text = change((store / "zarr.json").read_text())
    (store / "zarr.json").write_text(text)
    before = {path: path.read_bytes() for path in store.rglob("*") if path.is_file()}
    with pytest.raises(ValueError, match=word) as error:
        jw.sweep(smooth, GRID, store=store, resume=True)
    said = str(error.value)
    assert said.startswith("Argument `store` must ") and "\n" not in said and len(said) < 400
    assert before == {path: path.read_bytes() for path in store.rglob("*") if path.is_file()}


def manifest(**changes):
    def change(text):
        content = json.loads(text)
        found = json.loads(content["attributes"]["manifest"]) | changes
        content["attributes"]["manifest"] = json.dumps(found)
        return json.dumps(content)

    return change


def row(**changes):
    return manifest(
        variables=[{"name": "sum", "shape": [], "dtype": "float64", "attributes": {}} | changes]
    )


@pytest.mark.parametrize(
    "change, word",
    [
        (manifest(tile=[10**9, 1]), "tiles do not fit"),
        (manifest(tile=[1, 1, 1]), "tiles do not fit"),
        (manifest(tile=[7, 5]), "tiles do not fit"),  # more than a batch
        (manifest(tile=[1e9, 1]), "`tile` wrong"),
        (manifest(tile=[10**4000, 1]), "`tile` wrong"),
        (manifest(tile=[0, 5]), "`tile` wrong"),
        (manifest(tile="ab"), "`tile` wrong"),
        (manifest(batch=10**9), "tiles do not fit"),
        (manifest(batch=True), "`batch` wrong"),
        (manifest(batch=0), "`batch` wrong"),
        (row(shape=[10**12]), "`variables` wrong"),
        (row(shape=[10**9]), "other variables"),
        (row(shape=[1] * 99), "`variables` wrong"),
        (row(dtype="O"), "`variables` wrong"),
        (row(attributes={"a": {"b": 1}}), "`variables` wrong"),
        (row(name=3), "`variables` wrong"),
        (row(more=3), "`variables` wrong"),
        (manifest(variables=[]), "`variables` wrong"),
        (manifest(function="abc"), "`function` wrong"),
        (manifest(axes={"x": 3}), "`axes` wrong"),
        (manifest(evil=1), "`evil` wrong"),
        (manifest(format=1), r"format 2, but .* has 1: .* new store"),
        (manifest(format=[[["a"]]]), "format 2, but .* has list"),
        (lambda text: "[" * 100_000, "has no manifest"),
        (lambda text: text[:100], "has no manifest"),
        (lambda text: text.replace('"jaxwigner": "sweep"', '"other": "sweep"'), "mark is missing"),
    ],
)
def test_forged_manifests(finished, tmp_path, change, word):
    refused(finished, tmp_path, change, word)


def test_a_deep_manifest(finished, tmp_path):
    def change(text):
        content = json.loads(text)
        content["attributes"]["manifest"] = "[" * 100_000
        return json.dumps(content)

    refused(finished, tmp_path, change, "cannot be read")


@pytest.mark.parametrize(
    "name, change",
    [
        ("sum", {"shape": [10**15, 5]}),
        ("x", {"shape": [10**15]}),
        ("status", {"fill_value": 0}),
        ("sum", {"data_type": "float32"}),
        ("sum", {"codecs": [{"name": "bytes", "configuration": {"endian": "little"}}]}),
        ("sum", {"node_type": "group"}),
        ("sum", {"chunk_key_encoding": {"name": "default", "configuration": {"separator": "."}}}),
        (
            "status",
            {"chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [10**9, 10**9]}}},
        ),
    ],
)
def test_forged_arrays(finished, tmp_path, name, change):
    def forged(text):
        content = json.loads(text)
        content["consolidated_metadata"]["metadata"][name] |= change
        return json.dumps(content)

    refused(finished, tmp_path, forged, "as the manifest says|is no array|zarr says")


def test_an_older_store_says_what_to_do(tmp_path):
    """As version 0.1.0 wrote it: no mark, no format that is known."""
    import zarr

    group = zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=3)
    group.attrs["manifest"] = json.dumps({"format": 1, "tile": [7]})
    with pytest.raises(ValueError, match="has 1: read it by `xarray.open_zarr`, and run the sweep"):
        jw.sweep(lambda x: jnp.sin(x), {"x": [1.0]}, store=tmp_path / "a.zarr", resume=True)
