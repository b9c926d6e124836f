"""Every public function and every experiment lowers for CUDA, on a machine without one: which custom calls, and what asks the host.

Small calls of lowered_calls.py are lowered one by one (quick). Eager programs, the theorems and the experiments, are run by their
examples, by the rows of `jaxwigner limits` and with small settings, and each program that JAX compiles meanwhile is lowered (slow).
"""

import doctest
import functools
import importlib
import inspect
import re
import warnings
from pathlib import Path

import jax
import lowered_calls
import pytest
import test_public_names as names
from lowering import CALLBACK, CUDA, Recorder, custom_calls

ROOT = Path(__file__).resolve().parent.parent

# What asks the host while a compiled program runs, and how to do without.
ASKS = {
    "cat_state": "an error at run time where traced packets cancel (`equinox.error_if`); known numbers are checked before",
    "evolve": "`throw=True` inside of `jit`: an error at run time; `throw=False` and `.check()` outside do without",
    "monge_kantorovich": "`method='exact'`: the network simplex of POT; other methods stay on the device",
}
# What computes no arrays on a device, by pattern of its name.
HOST = {
    r"plot\..*": "pictures, drawn by matplotlib",
    r"units\..*": "arithmetic on the numbers it is given",
    r"molecules\.chem\..*": "PySCF, on the host",
    r"molecules\.(h2|tables)\..*": "published tables, read and fitted with NumPy; the potentials that they give are potentials",
    r"(Bounds|molecules\.chem\.Dimer|potentials\.Bounds)\.(count|index)": "a tuple's own",
    r"sweep": "compiles the function that it is given, in chunks",
    r"resolve|quantum\.resolve_waves|WavePlan.*": "chooses sizes of arrays: compiled trials, decided on the host",
    r"sensitivity|Sensitivity.*|worst_case|WorstCase.*|Outcome.*": "a study: runs programs and compares their numbers on the host",
    r"MixedState\.from_kernel": "eigenvectors by NumPy: kernels have to be known",
    r"FockSpace\..*": "counts occupations on the host: sizes of arrays",
    r"FockExcitations\.(bogoliubov|certify|evolve)": "chooses modes on the host; its programs are lowered with the claims",
    r"Method.*": "tables of coefficients",
    r"System.*": "what every system has; each is lowered by itself",
    r"Evolution\.(check|to_xarray)|Diagnostics\.(of|complaint)": "reads the numbers of a run on the host",
    r"Bracket\.(exact|estimated)": "makes a pair of numbers",
    r"(transport\.)?(MongeKantorovich|Semiquantum)\..*": "reads a result",
    r"theorems\..*\.[A-Z]\w*(\.\w+)?": "what a claim measured, read on the host",
    r"theorems\.(Inequality.*|rate|fitted_rate|refinement)": "verdicts on numbers, on the host",
    r"quantum\.product_packets\.(pair_charges|pair_indices)": "checks and indices, by NumPy",
    r"quantum\.radial_observables\.lower_bound": "a bound that a potential knows",
}


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
def by_hand():
    return {one.split(" ")[0].removesuffix("()") for one in lowered_calls.all_calls()}


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


def test_every_public_name_lowers_or_says_why_not():
    missing = [aliases[0] for aliases in public().values() if where(aliases) is None]
    assert not missing
