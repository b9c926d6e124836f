"""Every public function and every experiment lowers for CUDA, on a machine without one: which custom calls, and what asks the host.

Small calls of lowered_calls.py are lowered in groups. Eager programs, the theorems and the experiments, are run by their
examples, by the rows of `jaxwigner limits` (tests/studies/claims) and with small settings, and each program that JAX compiles
meanwhile is lowered (slow).
"""

import doctest
import functools
import importlib
import inspect
import re
import warnings
from pathlib import Path

import jax
import pytest
import test_public_names as names
from lowering import CALLBACK, CUDA, EXAMPLES, Recorder, custom_calls

from jaxwigner.studies.experiments import catalogue

ROOT = Path(__file__).resolve().parent.parent

# What asks the host while a compiled program runs, and how to do without.
ASKS = {
    "cat_state": "an error at run time where traced packets cancel (`equinox.error_if`); known numbers are checked before",
    "evolve": "`throw=True` inside of `jit`: an error at run time; `throw=False` and `.check()` outside do without",
    "ground_state": "Newton's method by SciPy, on the host's processor",
    "levels": "LAPACK and ARPACK by SciPy, on the host's processor",
    "observables.spectrum": "an error at run time where traced samples are too far apart; known ones are checked before",
    "monge_kantorovich": "`method='exact'`: the network simplex of POT; other methods stay on the device",
}
# What computes no arrays on a device, by pattern of its name.
HOST = {
    r"grid_sharding": "says where an array lies",
    r"plot\..*": "pictures, drawn by matplotlib",
    r"units\..*": "arithmetic on the numbers it is given",
    r"molecules\.chem\..*": "PySCF, on the host",
    r"molecules\.(h2|tables)\..*": "published tables, read and fitted with NumPy; the potentials that they give are potentials",
    r"(Bounds|transport\.MomentBounds|molecules\.chem\.Dimer|potentials\.Bounds)\.(count|index)": "a tuple's own",
    r"(potentials\.)?read_curve": "reads a file",
    r"(Level|Lift|Thermal|Wave|Wkb)\.\w+": "states that are computed beforehand, by NumPy and SciPy",
    r"compare|(Levels)?Comparison.*|Rate.*": "chooses sizes of arrays: compiled runs, decided on the host",
    r"OwnSystem.*": "a potential and masses",
    r"load_run": "reads a file",
    r"Prediction.*": "reads a result; the program that made it is that of `predict`",
    r"sweep": "compiles the function that it is given, in chunks",
    r"resolve|quantum\.resolve_waves|WavePlan.*": "chooses sizes of arrays: compiled trials, decided on the host",
    r"sensitivity|Sensitivity.*|worst_case|WorstCase.*|Outcome.*": "a study: runs programs and compares their numbers on the host",
    r"(observables\.)?lines|observables\.(Lines|Spectrum|Estimate)\.(count|index)": "lines are counted on the host; a tuple's own",
    r"levels|ground_state|(observables\.)?spectrum": "ask the host, as `ASKS` says",
    r"(Eigenstates|GroundState).*": "numbers that `levels` and `ground_state` have found",
    r"(potentials\.)?VibronicCoupling\.pyrazine": "published numbers; the potential that they give is lowered",
    r"MixedState\.from_kernel": "eigenvectors by NumPy: kernels have to be known",
    r"FockSpace\..*": "counts occupations on the host: sizes of arrays",
    r"FockExcitations\.(bogoliubov|certify|evolve)": "chooses modes on the host; its programs are lowered with the claims",
    r"Method.*": "tables of coefficients",
    r"System.*": "what every system has; each is lowered by itself",
    r"Evolution\.(animate|check|end|plot|save|to_xarray)|Diagnostics\.(of|complaint|series)": "reads the numbers of a run on the host",
    r".*\.(check_method|reversible)": "known before a run",
    r"(potentials\.)?MatrixPotential\.(dimension|size)": "known before; those of each matrix potential are lowered",
    r"Bracket\.(exact|estimated)": "makes a pair of numbers",
    r"(transport\.)?(MongeKantorovich|QuantumTransport|Semiquantum)\..*": "reads a result",
    r"theorems\..*\.[A-Z]\w*(\.\w+)?": "what a claim measured, read on the host",
    r"theorems\.coulomb\.require_repulsion|theorems\.coulomb_space\.coarser": "a check, and a number of points",
    r"theorems\.(Inequality.*|rate|fitted_rate|refinement)": "verdicts on numbers, on the host",
    r"theorems\.mk_splitting\.fitted_excess": "least squares of measured numbers, by NumPy",
    r"quantum\.product_packets\.(pair_charges|pair_indices)": "checks and indices, by NumPy",
    r"quantum\.radial_observables\.lower_bound": "a bound that a potential knows",
}

# Each experiment, small enough for a test.
SMALL = {
    "averages": {"hbars": (0.1, 0.07, 0.05), "momenta": (0.5, 1.0), "points": 64},
    "banana": {"hbars": (0.4, 0.2, 0.1), "nodes": 12, "packets": 3, "cells": 8, "ellipses": 8},
    "bao-jin-markowich": {"epsilons": (0.0256, 0.0128, 0.0064), "picture_epsilon": 0.02},
    "collision": {"isotopes": ("Mu",), "distance": 2.5, "duration": 2.0, "saves": 4, "steps": 12}
    | {"particles": 2**13, "angles": 12, "tolerance": 1e-4},
    "crossing": {"cases": ("delta-gap",), "particles": 256, "saves": 8, "finer": 0.5},
    "diatomics": {"molecules": ("OH",), "share": 0.1, "saves": 24},
    "explosion": {"isotopes": ("H",), "correlation": 0.5, "duration": 0.5, "interval": 0.025}
    | {"particles": 2**14, "moved": 2**11},
    "h2plus": {"isotopes": ("H",), "particles": 2**13, "saves": 60, "revivals": 0.06, "upper": 9.0},
    "plasma": {"hbars": (1.6, 0.8), "amplitude": 1e-4, "duration": 30.0, "stream_duration": 25.0}
    | {"points": 16, "momenta": 160, "steps_per_unit": 8},
    "splitting": {"hbars": (0.4, 0.2, 0.1), "steps": (2, 4, 8), "packets": 2, "points": 256}
    | {"methods": ("strang",)},
    "worst-case": {"claims": ("estimate-9-free",), "starts": 2, "iterations": 20, "random": 20},
}

# Their own tests run the same programs, and CI lowers this one, with grids and transport; partial waves are among the small calls.
BY_DAY = {"banana"}
EXPERIMENTS = [
    pytest.param(name, marks=[] if name in BY_DAY else pytest.mark.nightly) for name in SMALL
]


@functools.cache
def public():
    """{what it is: (names without `jaxwigner.`)} of every public name."""
    found = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # names that have moved
        for line in names.LIST.read_text().splitlines():
            dotted = line.split("(")[0]
            value = names.found(dotted)
            found.setdefault(key_of(value), []).append(dotted.removeprefix("jaxwigner."))
    return found


def key_of(value):
    own = not isinstance(value, property) and hasattr(value, "__qualname__")
    return (getattr(value, "__module__", None), value.__qualname__) if own else value


def value_of(name):
    return names.found(f"jaxwigner.{name}")


@functools.cache
def calls():
    """The small calls; made when a test asks, not when tests are collected."""
    return importlib.import_module("lowered_objects").all_calls()


@functools.cache
def by_hand():
    """The names that they are about: a second word says what the function is called with."""
    return {one.split(" ")[0].removesuffix("()") for one in calls()}


def where(aliases):
    """How a public name is seen to lower: by a small call, an example, a claim; or why it needs not."""
    if not by_hand().isdisjoint(aliases):
        return "call"
    for pattern, reason in HOST.items():
        if any(re.fullmatch(pattern, name) for name in aliases):
            return reason
    value = value_of(aliases[0])
    if inspect.isclass(value):
        return "its members"
    if ">>>" in (value.__doc__ or ""):
        return "example"
    return "claim" if aliases[0].startswith("theorems.") else None


def of_kind(kind):
    """The public names that are seen to lower in one way."""
    return [aliases[0] for aliases in public().values() if where(aliases) == kind]


def test_every_public_name_lowers_or_says_why_not():
    assert of_kind(None) == []
    assert {value_of(name).__module__ for name in of_kind("example")} <= set(EXAMPLES)
    named = {alias for aliases in public().values() for alias in aliases}
    for pattern in HOST:
        assert any(re.fullmatch(pattern, name) for name in named), f"{pattern} is none"


# Gradients of runs take as long as all else: CI lowers those of a wave, of points, of a mean field, of matrices and of three nuclei.
DAILY = {"Schrodinger", "Newton", "Hartree", "MatrixMoyal", "ThreeNuclei", "checkpointed"}
GROUP = 24  # calls in a program: what they share is traced and lowered once


def is_daily(name):
    kind, _, of = name.partition(" ")
    return kind != "gradient" or of in DAILY


def lowered(calls):
    """All custom calls of what is lowered in groups, and those that CUDA has not by name: of a group with such a call each is alone."""
    names, seen, strange = list(calls), set(), {}
    for start in range(0, len(names), GROUP):
        group = {name: calls[name] for name in names[start : start + GROUP]}
        functions, arguments = zip(*group.values())
        every = lambda *given, of=functions: [one(*it) for one, it in zip(of, given)]  # noqa: E731
        found = custom_calls(every, arguments)
        alone = {} if found <= set(CUDA) else {name: custom_calls(*group[name]) for name in group}
        seen |= found.union(*alone.values())
        strange |= {name: more for name in alone if (more := alone[name] - set(CUDA))}
    return seen, strange


@pytest.mark.slow
def test_small_calls():
    """What is listed is all that is called, and nothing asks the host but what says so."""
    seen, strange = lowered({name: call for name, call in calls().items() if is_daily(name)})
    assert strange == {"cat_state": {CALLBACK}}
    assert {"cusolver_syevd_ffi", "cusparse_gtsv2_ffi"} <= seen


@pytest.mark.nightly  # gradients of the other systems: of the same engine
def test_other_gradients():
    calls_ = {name: call for name, call in calls().items() if not is_daily(name)}
    assert len(calls_) > 10 and lowered(calls_)[1] == {}


@pytest.mark.parametrize("name", ASKS)
def test_what_asks_the_host_does(name):
    assert custom_calls(*importlib.import_module("lowered_calls").asking()[name]) == {CALLBACK}


def test_the_page_says_what_is_called():
    """docs/devices.md holds the tables of this file and of lowering.py."""
    page = (ROOT / "docs/devices.md").read_text()
    rows = [f"| `{target}` | {what} |" for target, what in CUDA.items()]
    rows += [f"| `{name}` | {what} |" for name, what in ASKS.items()]
    assert [row for row in rows if row not in page] == []
    shown = re.findall(r"^\| `([\w$.]+)` \|", page, flags=re.M)
    assert set(shown) == {*CUDA, *ASKS}


# Dear examples of functions that rows of `jaxwigner limits` call with their own numbers: A11 to A14, Q1 to Q12, S1 to S8.
BY_NIGHT = {
    "afg.coulomb.limit",
    "afg.coulomb.space",
    "afg.three_nuclei",
    "mk.bosons",
    "mk.splitting",
    "surfaces.hopping",
    "surfaces.reduction",
    "surfaces.scattering",
}


@pytest.mark.parametrize(
    "module",
    [
        pytest.param(
            one,
            marks=pytest.mark.nightly
            if one.removeprefix("jaxwigner.theorems.") in BY_NIGHT
            else pytest.mark.slow,
        )
        for one in EXAMPLES
    ],
)
def test_examples(module):
    """The programs of the examples in docstrings, which call each function that they are the examples of."""
    room = importlib.import_module(module)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    with Recorder() as recorder, jax.numpy_rank_promotion("allow"):
        for example in doctest.DocTestFinder(exclude_empty=True).find(room, module):
            runner.run(example)
    assert runner.summarize(verbose=False).failed == 0
    mine = [one for one in map(value_of, of_kind("example")) if one.__module__ == module]
    assert [one.__name__ for one in mine if not recorder.has_called(one)] == []
    recorder.check(programs=0)


def test_claims_call_what_has_no_example():
    """Their rows are measured and lowered at once, by tests/studies/claims/test_rows.py."""
    parts = [f"{room}/{paper}" for room in ("studies/claims", "theorems") for paper in ("gp", "mk")]
    rooms = [ROOT / "jaxwigner" / part for part in parts]
    code = "\n".join(path.read_text() for room in rooms for path in room.glob("*.py"))
    code = re.sub(r"^from .*$", "", code, flags=re.M)
    short = {name: value_of(name).__name__ for name in of_kind("claim")}
    called = r"(?<!def )\b{}\b(?=[(,)]|$)"
    assert short
    assert [
        name for name, one in short.items() if not re.search(called.format(one), code, re.M)
    ] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_experiments(name):
    """The programs of each experiment, with the settings of its own tests."""
    with Recorder() as recorder, jax.numpy_rank_promotion("allow"):
        catalogue.load(name, catalogue.experiments()[name].command).changed(**SMALL[name]).run()
    recorder.check()


def test_every_experiment_has_small_settings():
    assert set(SMALL) == set(catalogue.experiments())
