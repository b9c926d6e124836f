"""Trees of arrays in files: back to the last bit, and nothing else."""

from collections import OrderedDict

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import jaxwigner as jw
from jaxwigner.disk.stores import Damaged, read_tree, write_tree

PLAIN = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.complex_numbers()
)
TREES = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.tuples(inner, inner),
        st.dictionaries(st.text(max_size=3), inner, max_size=3),
    ),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(TREES)
def test_what_is_written_is_read(tmp_path_factory, tree):
    file = tmp_path_factory.mktemp("stores") / "tree.npz"
    write_tree(tree, file)
    assert repr(read_tree(file)) == repr(tree)


@pytest.mark.parametrize("dtype", ["c8", "c16", "f4", "f8", "i4", "u8", "?"])
def test_arrays_keep_type_and_kind(dtype, tmp_path):
    array = np.array([[1, 0], [1, 1]], dtype)
    tree = OrderedDict(z=array, a=(jnp.asarray(array), array[0, 0]), e=array[:0])
    write_tree(tree, tmp_path / "a.npz")
    again = read_tree(tmp_path / "a.npz")
    assert list(again) == ["z", "a", "e"] and isinstance(again["a"][0], jax.Array)
    for one, other in zip(jax.tree.leaves(again), jax.tree.leaves(tree)):
        assert type(one) is type(other) and one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)


def test_records_of_the_library(tmp_path):
    state = jw.Particles([0.25, 0.75], [0.0, 1.0], [2.0, 3.0])
    write_tree((state, jw.Grid(-1.0, 1.0, 8), jw.METHODS["strang"]), tmp_path / "a.npz")
    cloud, grid, method = read_tree(tmp_path / "a.npz")
    assert type(cloud) is jw.Particles and grid.points == (8,) and method == jw.METHODS["strang"]
    np.testing.assert_array_equal(cloud.positions, state.positions)


@pytest.mark.parametrize(
    "tree",
    [object(), {1: 2}, np.array(["a"]), jax.random.key(0), {1}, lambda x: x, np.array([None])],
)
def test_what_cannot_be_kept_is_refused(tree, tmp_path):
    with pytest.raises(ValueError, match="Argument `run` must .+, but holds"):
        write_tree({"a": tree}, tmp_path / "a.npz")
    assert not list(tmp_path.iterdir())


def test_cut_changed_and_forged_files(tmp_path):
    file = tmp_path / "a.npz"
    write_tree({"a": np.arange(100)}, file)
    whole = file.read_bytes()
    middle = len(whole) // 2
    bad = [b"", b"PK", whole[:-1], whole[:middle], whole[middle:]]
    bad += [whole[:i] + bytes([whole[i] ^ 1]) + whole[i + 1 :] for i in (middle - 100, middle)]
    for content in bad:
        file.write_bytes(content)
        with pytest.raises(Damaged):
            read_tree(file)
    for structure in (
        '{"record": ["os", "system"], "fields": {}}',
        "{}",
        '{"jax": "a9"}',
        "[",
        "[1]",
    ):
        np.savez(file, structure=np.array(structure), sha256=np.array("0"))
        with pytest.raises(Damaged):
            read_tree(file)


@pytest.mark.parametrize(
    "structure",
    [
        '{"record": ["os", "stat_result"], "fields": {}}',
        '{"record": ["jaxwigner.grid", "Grid"], "fields": {"lower": 1}}',
        '{"record": ["jaxwigner.cli", "run"], "fields": {}}',
        '{"record": ["jaxwigner.nothing", "Grid"], "fields": {}}',
        '{"tuple": 3}',
        '{"a": 1, "b": 2}',
        '{"pickle": "a0"}',
    ],
)
def test_forged_structures_with_a_good_checksum(structure, tmp_path):
    from jaxwigner.disk import stores

    file = tmp_path / "a.npz"
    digest = stores._sum(structure, {})
    np.savez(file, structure=np.array(structure), sha256=np.array(digest))
    with pytest.raises(Damaged):
        read_tree(file)
