"""The experiments that there are: their declarations, TOML files of one's own, and what a complaint says."""

import dataclasses
import importlib.util
import tomllib
from pathlib import Path

import pytest

from jaxwigner.studies.experiments import catalogue
from jaxwigner.studies.experiments.experiment import Experiment
from jaxwigner.studies.experiments.settings import Keys, as_toml, key, read

ROOT = Path(__file__).resolve().parents[3]
NAMES = [(name, one.command) for name, one in catalogue.experiments().items()]


def write(folder, text):
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name, command", NAMES)
def test_declarations(name, command):
    """Every key says what it means, defaults are allowed and of their type, and the pictures of the gallery are there."""
    declared = catalogue.experiments()[name]
    for field in dataclasses.fields(declared.Settings):
        assert field.metadata["meaning"] and not field.metadata["meaning"].endswith(".")
    assert read(declared.Settings, dataclasses.asdict(declared.Settings())) == declared.Settings()
    assert declared.title and declared.about.endswith((".", ")"))
    assert not declared.picture or (ROOT / "docs" / declared.picture).is_file()
    assert name in catalogue.names(command) and callable(declared.figures)


@pytest.mark.parametrize("name, command", NAMES)
def test_what_is_shown_is_read_again(name, command, tmp_path):
    shown = catalogue.load(name, command).show()
    again = catalogue.load(write(tmp_path, shown), command)
    assert again == catalogue.load(name, command)
    keys = {field.name for field in dataclasses.fields(again.settings)}
    assert set(tomllib.loads(shown)) == {"experiment", *keys}
    for field in dataclasses.fields(again.settings):
        assert field.metadata["meaning"] in shown and field.metadata["unit"] in shown
    assert max(map(len, shown.splitlines())) <= 140


@dataclasses.dataclass(frozen=True)
class Odd(Keys):
    text: str = key("a, b", "a text", choices=("a, b", "c"))
    small: float = key(-2.5e-7, "a number", unit="bohr")
    flags: tuple[bool, ...] = key((True, False), "a list")
    words: tuple[str, ...] = key(tuple(f"number-{i}" for i in range(20)), "a long list", least=2)


def test_every_kind_of_value_survives_the_file():
    shown = as_toml(Odd())
    assert "small = -2.5e-7 " in shown and "# a number, in bohr" in shown and "\n]" in shown
    assert read(Odd, tomllib.loads(shown)) == Odd()
    with pytest.raises(ValueError, match="`words` must have at least 2 entries, but is"):
        Odd(words=("one",))


def test_settings_cannot_hold_what_is_not_allowed():
    settings = catalogue.load("h2plus").settings
    with pytest.raises(ValueError, match="`spacing` must lie between 0.005 and 0.2, but is 1.0"):
        dataclasses.replace(settings, spacing=1.0)
    with pytest.raises(ValueError, match="`spacing` must be below .*momenta of D2"):
        dataclasses.replace(settings, spacing=0.08)
    with pytest.raises(ValueError, match="`isotopes` must be a list, each entry a text, but is"):
        dataclasses.replace(settings, isotopes=())
    mine = dataclasses.replace(settings, isotopes=["H"], revivals=1)
    assert mine.isotopes == ("H",) and isinstance(mine.revivals, float)


def test_a_file_without_a_declaration_is_noticed(tmp_path, monkeypatch):
    """Whatever lies in the room is an experiment, or one of the three files that all of them need."""
    (tmp_path / "forgotten.py").write_text("")
    monkeypatch.setattr(catalogue.room, "__path__", [*catalogue.room.__path__, str(tmp_path)])
    with pytest.raises(AttributeError, match="EXPERIMENT"):
        catalogue.experiments.__wrapped__()


def test_an_experiment_is_found_in_its_room(tmp_path, monkeypatch):
    (tmp_path / "pendulum.py").write_text(PENDULUM)
    monkeypatch.setattr(catalogue.room, "__path__", [*catalogue.room.__path__, str(tmp_path)])
    found = catalogue.experiments.__wrapped__()["pendulum"]
    monkeypatch.setattr(catalogue, "experiments", lambda: {"pendulum": found})
    assert isinstance(found, Experiment) and "pendulum  A pendulum" in catalogue.listing("run")
    mine = catalogue.load(write(tmp_path, 'experiment = "pendulum"\nlength = 4\n'))
    dataset = mine.run()
    assert float(dataset["period"]) == 4.0 and dataset["period"].attrs["units"] == "s"
    assert (dataset.attrs["experiment"], dataset.attrs["title"]) == ("pendulum", "A pendulum")
    assert {"jax", "precision"} <= set(dataset.attrs) and "## A pendulum" in catalogue.gallery()


PENDULUM = """
from dataclasses import dataclass
from jaxwigner.studies.experiments.experiment import Experiment
from jaxwigner.studies.experiments.settings import Keys, key

@dataclass(frozen=True)
class Settings(Keys):
    length: float = key(1.0, "of the pendulum", unit="m", within=(0.1, 10.0))

def run(settings, progress):
    return EXPERIMENT.labelled({"period": ((), 2 * settings.length**0.5, "s")}, {}, {})

def figures(dataset):
    yield from ()

EXPERIMENT = Experiment("pendulum", "A pendulum", Settings, run, figures)
"""


def test_the_gallery_is_what_the_declarations_say():
    """Otherwise: `python docs/site/gallery.py` writes it anew."""
    spec = importlib.util.spec_from_file_location("gallery", ROOT / "docs/site/gallery.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    page = script.PAGE.read_text(encoding="utf-8")
    assert script.written(page) == page
    assert all(f"jaxwigner {command} {name} " in page for name, command in NAMES)


def test_a_file_of_ones_own_sets_what_differs(tmp_path):
    path = write(tmp_path, 'experiment = "h2plus"\nisotopes = ["Mu"]\nlower = 0.1\nrevivals = 1\n')
    mine, default = catalogue.load(path).settings, catalogue.load("h2plus").settings
    assert mine.isotopes == ("Mu",)
    assert isinstance(mine.revivals, float) and mine.revivals == 1.0
    assert (mine.lower, mine.upper) == (0.1, default.upper)


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
        catalogue.load(path)
    assert "mine.toml" in str(caught.value)


@pytest.mark.parametrize(
    "text, expected",
    [
        (
            "saves = 3\n",
            "`experiment` must be one of 'banana', 'bao-jin-markowich', 'collision', 'crossing', "
            "'diatomics', 'explosion', 'h2plus', 'plasma', 'splitting', 'worst-case', but is None",
        ),
        ('experiment = "nbody"\n', "but is 'nbody'"),
        ("experiment = [\n", "mine.toml"),
    ],
)
def test_files_that_name_no_experiment(text, expected, tmp_path):
    with pytest.raises(ValueError, match=expected):
        catalogue.load(write(tmp_path, text))


def test_names_that_are_neither_known_nor_files(tmp_path):
    with pytest.raises(
        ValueError,
        match="one of banana, bao-jin-markowich, collision, crossing, diatomics, explosion, h2plus, "
        "plasma, splitting, worst-case, or a TOML file.*'h3'",
    ):
        catalogue.load("h3")
    with pytest.raises(ValueError, match="or a TOML file"):
        catalogue.load(tmp_path)


HOSTILE = {
    "a whole number of 5000 digits": "experiment = 'averages'\nsteps = " + "9" * 5000,
    "a whole number beyond 2⁶³": "experiment = 'averages'\nsteps = " + "9" * 400,
    "a number beyond float64": "experiment = 'averages'\nduration = " + "9" * 400,
    "100,000 brackets": "experiment = 'averages'\nsteps = " + "[" * 100_000,
    "5000 braces": "a = " + "{a=" * 5000 + "1" + "}" * 5000,
    "50,000 dots": ".".join(["a"] * 50_000) + " = 1",
    "a long text": "experiment = 'averages'\nsteps = '" + "x" * 100_000 + "'",
    "a long name": "experiment = '" + "x" * 100_000 + "'",
    "a long key": "experiment = 'averages'\n'" + "x" * 100_000 + "' = 1",
    "a large file": "# " + "x" * 1_000_000,
    "no number": "experiment = 'averages'\nduration = nan",
    "a date": "experiment = 'averages'\nsteps = 2020-01-01",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_files_are_refused_in_a_sentence(what, tmp_path):
    """At once and in a line: tomllib alone takes a minute for 50,000 dots."""
    with pytest.raises(ValueError) as caught:
        catalogue.load(write(tmp_path, HOSTILE[what]), "sweep")
    assert "mine.toml: " in str(caught.value) and len(str(caught.value)) < 350


def test_encodings(tmp_path):
    """A byte-order mark is read over, as editors on Windows write it; what is not UTF-8 is refused."""
    path = tmp_path / "mine.toml"
    path.write_text("experiment = 'averages'", encoding="utf-8-sig")
    assert catalogue.load(path, "sweep").name == "averages"
    for encoding in ("utf-16", "latin-1"):
        path.write_text("experiment = 'averages' # é", encoding=encoding)
        with pytest.raises(ValueError, match="must be a text in UTF-8, but byte"):
            catalogue.load(path, "sweep")


@pytest.mark.parametrize("name, command", NAMES)
def test_numbers_are_bounded(name, command):
    """Whatever number a file holds, it lies in a range that the experiment can do."""
    settings = catalogue.experiments()[name].Settings()
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        one = value[0] if isinstance(value, tuple) else value
        if isinstance(one, (int, float)) and not isinstance(one, bool):
            huge = type(one)(2**62)
            with pytest.raises(ValueError, match=r"Key `\w+` must"):
                dataclasses.replace(
                    settings, **{field.name: (huge,) if isinstance(value, tuple) else huge}
                )
