"""`jaxwigner example`, `compare` and `predict`: a file to start from, what is printed and kept, and errors in one line."""

import pytest

SMALL = """\
potential  = { morse = { depth = "0.1994 hartree", steepness = "1.189 /bohr", centre = "1.821 bohr" } }
mass       = "0.94823 u"
state      = { packet = { position = "2.2 bohr" } }
duration   = "4 fs"
observe    = ["position"]
hbar       = [1]
tolerance  = [0.02, "0.01 bohr"]
saves      = 8
samples    = 1024
seed       = 3
"""


@pytest.fixture
def command(command, monkeypatch, tmp_path):
    """That of all tests, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return command


@pytest.mark.parametrize("name", ["compare", "predict"])
def test_the_example_is_a_file_to_start_from(command, tmp_path, name):
    from jaxwigner.studies.compare.side_by_side.own_file import read

    code, out, _ = command("example", name)
    assert code == 0 and len(out.splitlines()) == 8 and f'experiment = "{name}"' in out
    (tmp_path / "mine.toml").write_text(out)
    assert read(tmp_path / "mine.toml")["tolerance"] == [0.02, 0.05]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["compare", "predict"])
def test_what_is_printed_and_kept(command, tmp_path, name):
    import xarray

    (tmp_path / "mine.toml").write_text(f'experiment = "{name}"\n{SMALL}')
    code, out, _ = command(name, "mine.toml")
    assert code == 0 and "2 %: " in out and "0.01 bohr: " in out
    folder = tmp_path / "results" / ("mine" if name == "compare" else "mine-predict")
    with xarray.open_zarr(folder / "results.zarr", consolidated=False) as dataset:
        kind = "correction" if name == "predict" else "quantum"
        assert dataset[f"{kind}_position"].dims == ("hbar", "time")
        assert dataset.sizes == {"hbar": 1, "time": 9} and dataset.attrs["seed"] == 3
    assert (folder / f"{name}.png").stat().st_size > 10_000


@pytest.mark.parametrize("name", ["compare", "predict"])
def test_a_folder_of_others_is_refused_before_anything_is_computed(command, tmp_path, name):
    from jaxwigner.disk.folders import prepare

    (tmp_path / "mine.toml").write_text(SMALL.replace("saves      = 8", "saves      = 10000000"))
    prepare(tmp_path / "kept", "run")
    code, _, error = command(name, "mine.toml", "--out", "kept")
    assert code == 2 and "holds results of `run`" in " ".join(error.split())


@pytest.mark.parametrize(
    ("arguments", "old", "new", "word"),
    [
        (("compare", "mine.toml"), '"4 fs"', '"100 angstrom"', "`duration` must be a time"),
        (("predict", "mine.toml"), '"0.94823 u"', '"2 bohr"', "`mass` must be a mass"),
        (("compare", "mine.toml"), '["position"]', '["place"]', "`observe` must hold"),
        (("predict", "mine.toml"), '"0.01 bohr"', '"0.01 hartree"', "`tolerance` must have the unit"),
        (("compare", "mine.toml"), "seed       = 3", "seeds = 3", "`seeds` of `file`"),
        (("compare", "mine.toml"), "saves ", "saves = = ", "must be TOML"),
        (("compare", "nothing.toml"), "", "", "nothing.toml"),
        (("compare", "scan.csv"), "", "", "`mass` must be given"),
        (("predict", "scan.csv", "--mass", "0.9 u"), "", "", "name the unit"),
        (("example", "nothing"), "", "", "`name` must be 'compare' or 'predict'"),
    ],
)  # fmt: skip
def test_errors_are_one_line(command, tmp_path, arguments, old, new, word):
    (tmp_path / "mine.toml").write_text(SMALL.replace(old, new))
    (tmp_path / "scan.csv").write_text("1.0, 2.0\n1.1, 1.0\n")
    code, out, error = command(*arguments)
    assert code == 2 and "Traceback" not in error
    assert word in " ".join(error.split())
    assert not (tmp_path / "results").exists()
