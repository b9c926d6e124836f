"""Every example in a docstring and those of the pages in docs/ run as they stand; README shows what a page prints."""

import doctest
import importlib
import linecache
import pkgutil
import re
from pathlib import Path

import jax
import pytest
from lowering import EXAMPLES

import jaxwigner

NAMES = sorted(
    module.name for module in pkgutil.walk_packages(jaxwigner.__path__, prefix="jaxwigner.")
)
ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
PAGES = [page for page in sorted((ROOT / "docs").rglob("*.md")) if "```python" in page.read_text()]
# Pages that show what they print, with pictures that their own numbers draw; the others are run as they stand.
DRAWN = [page for page in PAGES if "](pictures/" in page.read_text() and page.stem != "index"]
SLOW_PAGES = {"cheat_sheet", "names", "three_rulers"}
LARGEST = 150_000  # bytes of a picture
# Examples that take long: CI runs them with the slow tests.
LONG = {
    "classical.adaptive",
    "classical.liouville",
    "classical.nbody",
    "classical.surfaces.ehrenfest",
    "classical.surfaces.fewest_switches",
    "classical.surfaces.liouville",
    "classical.vlasov",
    "engine.resolve",
    "engine.surfaces.fields",
    "phase_space.weak",
    "quantum.absorbing",
    "quantum.bosons.fock_excitations",
    "quantum.nuclei.centre_of_mass",
    "quantum.nuclei.relative_motion",
    "quantum.partial_waves.exact",
    "quantum.partial_waves.observables",
    "quantum.partial_waves.packets",
    "quantum.partial_waves.resolve",
    "quantum.partial_waves.system",
    "quantum.surfaces.moyal",
    "quantum.surfaces.system",
    "quantum.three_nuclei.packets",
    "quantum.three_nuclei.system",
    "studies.experiments.collision.experiment",
    "studies.experiments.explosion.motion",
    "studies.compare.natural",
    "studies.compare.prediction",
    "studies.compare.side_by_side.compare",
    "studies.compare.states.bound",
    "studies.search.sensitivity",
    "studies.search.worst_case",
    "transport.gaussians",
    "transport.monge_kantorovich",
    "transport.quantum.fock_diagonal",
    "transport.quantum.quantum_transport",
    "transport.quantum.result",
    "transport.semiquantum",
}
# What their rooms' tests of `compare` ask too, by comparisons of their own.
LONGEST = {"studies.compare.several_levels.comparison", "studies.compare.side_by_side.comparison"}


def marks(name, slow, nightly):
    kinds = (("slow", slow), ("nightly", nightly))
    return [getattr(pytest.mark, kind) for kind, names in kinds if name in names]


# Those of the theorems run in test_lowering.py, where their programs are lowered.
MODULES = [
    pytest.param(name, marks=marks(name.removeprefix("jaxwigner."), LONG, LONGEST))
    for name in NAMES
    if name not in EXAMPLES
]


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples(name, monkeypatch):
    # For its debugger, which nobody asks, doctest looks at every file that Python has shown a line of.
    monkeypatch.setattr(linecache, "checkcache", lambda filename=None: None)
    module = importlib.import_module(name)
    finder = doctest.DocTestFinder(exclude_empty=True)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    with jax.numpy_rank_promotion("allow"):
        for example in finder.find(module, name):
            runner.run(example)
    assert runner.summarize(verbose=False).failed == 0


def test_public_names_have_examples():
    """Every public function and class carries a runnable example."""
    without = []
    for name, value in vars(jaxwigner).items():
        if name.startswith("_") or not callable(value):
            continue
        if ">>>" not in (value.__doc__ or ""):
            without.append(name)
    # Shown by `evolve`, `resolve`, `levels`, `ground_state` and `natural_units`, which make them.
    allowed = {"System", "Diagnostics", "Evolution", "Resolution"}
    allowed |= {"Eigenstates", "GroundState", "Natural"}
    assert set(without) <= allowed, sorted(set(without) - allowed)


# What tests of their rooms measure, and rows S6 to S11; CI runs those that begin with one's own system and with a run.
BY_NIGHT = {"predict", "propagator", "surfaces", "three_nuclei"}


def pages(these):
    """With the mark of each."""
    return [
        pytest.param(page, id=page.stem, marks=marks(page.stem, SLOW_PAGES, BY_NIGHT))
        for page in these
    ]


@pytest.mark.parametrize("page", pages(sorted({*PAGES} - {*DRAWN})))
def test_page_scripts(page, capsys):
    assert run_blocks(page) >= 1
    assert "nan" not in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("page", pages(DRAWN))
def test_pages_show_what_they_print(page, tmp_path, monkeypatch):
    """A page run anew by the script that writes it says the same; numbers to four digits, errors as orders of magnitude."""
    monkeypatch.syspath_prepend(ROOT / "docs" / "site")
    shown = page.read_text(encoding="utf-8")
    anew = importlib.import_module("pictures").walked(shown, tmp_path)
    assert NUMBER.sub("", anew) == NUMBER.sub("", shown)
    for new, old in zip(NUMBER.findall(anew), NUMBER.findall(shown)):
        size, kept = abs(float(new)), abs(float(old))
        assert (
            size <= 100 * kept if "e-" in old else size == pytest.approx(kept, abs=1e-4, rel=1e-4)
        )
    assert {path.name for path in tmp_path.iterdir()} == pictures_of(page)


def test_readme_shows_what_the_page_prints():
    """Its file is what `jaxwigner example` prints; its call and its answer are those of docs/own_system.md, which a slow test runs."""
    from jaxwigner.studies.compare.side_by_side.own_file import EXAMPLE

    readme, page = README.read_text(), (ROOT / "docs" / "own_system.md").read_text()
    found = re.findall(r"^```(toml|text|python)\n(.*?)^```", readme, flags=re.M | re.S)
    blocks = dict(found)
    assert len(found) == len(blocks) == 3
    assert blocks["toml"] == EXAMPLE and blocks["python"] in page
    assert all(line in page for line in blocks["text"].splitlines() if line != "…")
    assert len(readme.splitlines()) <= 120


NUMBER = re.compile(r" *[-+]?\b\d+(?:\.\d*)?(?:e[-+]\d+)?")


def pictures_of(page):
    return set(re.findall(r"\]\(pictures/([\w.]+)\)", page.read_text()))


def test_pictures_are_shown_and_small():
    folder = ROOT / "docs" / "pictures"
    assert set.union(*map(pictures_of, DRAWN)) == {path.name for path in folder.iterdir()}
    assert max(path.stat().st_size for path in folder.iterdir()) < LARGEST


def run_blocks(page):
    """Run the Python blocks of a page one after the other; how many there were."""
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text(), flags=re.M | re.S)
    names: dict = {}
    for number, block in enumerate(blocks):
        exec(compile(block, f"{page.name} block {number}", "exec"), names)
    return len(blocks)
