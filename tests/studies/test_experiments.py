"""Configuration files: what they may say, and what a complaint says."""

import dataclasses
import tomllib
from importlib.resources import files

import pytest

from jaxwigner.studies.experiments import experiment as experiments
from jaxwigner.studies.experiments.settings import read


def write(folder, text):
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", experiments.names())
def test_shipped_files_hold_every_key_and_nothing_else(name):
    text = files("jaxwigner").joinpath("configs", f"{name}.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    assert table.pop("experiment") == name
    keys = {field.name for field in dataclasses.fields(experiments.STUDIES[name].Settings)}
    assert set(table) == keys
    assert experiments.load(name).name == name


def test_a_file_of_ones_own_overrides_the_shipped_keys(tmp_path):
    path = write(tmp_path, 'experiment = "h2plus"\nisotopes = ["Mu"]\nlower = 0.1\nrevivals = 1\n')
    mine, shipped = experiments.load(path).settings, experiments.load("h2plus").settings
    assert mine.isotopes == ("Mu",)
    assert isinstance(mine.revivals, float) and mine.revivals == 1.0
    assert (mine.lower, mine.upper) == (0.1, shipped.upper)


WRONG = {
    "unknown key": ("h2plus", "colour = 3", "`colour` must be one of isotopes, .*unknown"),
    "text for a number": ("h2plus", 'lower = "near"', "`lower` must be a number, but is 'near'"),
    "bool for a number": ("h2plus", "lower = true", "`lower` must be a number, but is True"),
    "fraction for a count": ("h2plus", "saves = 2.5", "`saves` must be a whole number"),
    "bool for a count": ("h2plus", "saves = true", "`saves` must be a whole number"),
    "number for a flag": ("h2plus", "animate = 1", "`animate` must be true or false, but is 1"),
    "infinite": ("h2plus", "upper = inf", "`upper` must be a number, but is inf"),
    "one for a list": ("h2plus", 'isotopes = "H"', "`isotopes` must be a list, .*'H'"),
    "empty list": ("h2plus", "isotopes = []", "`isotopes` must be a list"),
    "unknown isotope": ("h2plus", 'isotopes = ["He"]', "one of 'Mu', 'H', 'D', 'T', but is 'He'"),
    "isotope twice": ("h2plus", 'isotopes = ["H", "H"]', "`isotopes` must be distinct"),
    "unknown state": ("h2plus", 'initial = "cat"', "one of 'morse', 'harmonic', but is 'cat'"),
    "out of range": ("h2plus", "revivals = -1.0", "`revivals` must lie between .*but is -1.0"),
    "entry out of range": ("h2plus", "thresholds = [0.1, 9]", "`thresholds` must lie .*but is 9"),
    "surface does not reach": ("h2plus", "lower = 0.05", "`lower` must be at least 0.1, where"),
    "packet outside the box": ("h2plus", "lower = 1.2", "`lower` must be below 0.*packet of Mu2"),
    "too small a box": ("h2plus", "upper = 4.0", "`upper` must be at least 6.*but is 4.0"),
    "too coarse a grid": ("h2plus", "spacing = 0.08", "`spacing` must be below .*momenta of D2"),
    "box of the WKB state": ("bao-jin-markowich", "lower = 0.2", "`lower` must be at most -0.44"),
    "too few": ("bao-jin-markowich", "epsilons = [0.1, 0.2]", "`epsilons` must have at least 3"),
    "equal entries": ("bao-jin-markowich", "epsilons = [0.1, 0.1, 0.2]", "must be distinct"),
    "negative ε": ("bao-jin-markowich", "epsilons = [0.1, -0.1, 0.2]", "lie between .*is -0.1"),
}


@pytest.mark.parametrize("case", WRONG)
def test_complaints_name_key_value_and_what_is_allowed(case, tmp_path):
    name, line, expected = WRONG[case]
    path = write(tmp_path, f'experiment = "{name}"\n{line}\n')
    with pytest.raises(ValueError, match=expected) as caught:
        experiments.load(path)
    assert "mine.toml" in str(caught.value)


@pytest.mark.parametrize(
    "text, expected",
    [
        (
            "saves = 3\n",
            "`experiment` must be one of 'banana', 'bao-jin-markowich', 'collision', 'h2plus', 'plasma', 'worst-case', but is None",
        ),
        ('experiment = "nbody"\n', "but is 'nbody'"),
        ("experiment = [\n", "mine.toml"),
    ],
)
def test_files_that_name_no_experiment(text, expected, tmp_path):
    with pytest.raises(ValueError, match=expected):
        experiments.load(write(tmp_path, text))


def test_names_that_are_neither_shipped_nor_files(tmp_path):
    with pytest.raises(
        ValueError,
        match=r"one of banana, bao-jin-markowich, collision, h2plus, plasma, worst-case, or a TOML file.*'h3'",
    ):
        experiments.load("h3")
    with pytest.raises(ValueError, match="or a TOML file"):
        experiments.load(tmp_path)


def test_missing_keys():
    kind = experiments.STUDIES["h2plus"].Settings
    with pytest.raises(ValueError, match="Key `isotopes` must be given, but is missing"):
        read(kind, {})
