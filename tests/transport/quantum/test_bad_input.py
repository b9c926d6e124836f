"""What `quantum_transport` refuses: one sentence each, before anything is compiled."""

import contextlib

import jax
import numpy as np
import pytest

import jaxwigner as jw


def fock(*populations, hbar=1.0):
    return jw.FockState(np.diag(populations).astype(complex), hbar)


def packets(positions, hbar=1.0):
    x = np.asarray(positions, float)
    return jw.ToeplitzState(jw.Particles(np.full(len(x), 1 / len(x)), x, np.zeros(x.shape)), hbar)


R = fock(0.5, 0.5)
PLANE = packets([[0.0, 1.0], [2.0, 0.0]])
GRID = jw.Grid(-4.0, 5.0, 32)
PSI = np.exp(-(GRID.axes[0] ** 2)) + 0j
NORMAL = jw.Gaussian(np.zeros(2), np.eye(2))
MANY = packets(np.arange(90.0))
SKEW = jw.FockState(np.array([[0.5, 0.1], [0.1, 0.5]], complex), 1.0)
HEAVY = jw.ToeplitzState(jw.Particles([0.5, 0.5], [0.0, 1e200], [0.0, 0.0]), 1.0)
REFUSED = {
    "another ħ": ((R, fock(0.5, 0.5, hbar=0.5)), {}, "`S` must have the ħ of R (1.0), but is 0.5"),
    "ħ of neither": ((R, R), {"hbar": 0.5}, "`hbar` must be that of the state"),
    "another dimension": ((R, PLANE), {}, "`S` must have the dimension of R (1), but is 2"),
    "infinite moments": ((R, HEAVY), {}, "`S` must have finite second moments"),
    "a number": ((R, 3.0), {}, "`S` must be a quantum state"),
    "a cloud": ((jw.Particles([1.0], [0.0], [0.0]), R), {}, "`R` must be a quantum state"),
    "no grid": ((R, PSI), {}, "`grid` must be given"),
    "no ħ": ((PSI, PSI), {"grid": GRID}, "`hbar` must be given"),
    "Gaussians without ħ": ((NORMAL, NORMAL), {}, "`hbar` must be given for Gaussians"),
    "trace": ((fock(0.5, 0.6), R), {}, "`R` must have trace 1, but has trace 1.1"),
    "negative": (
        (R, fock(1.5, -0.5)),
        {},
        "`S` must be positive, but has the eigenvalue -0.5",
    ),
    "uncertainty": (
        (jw.Gaussian(np.zeros(2), 0.1 * np.eye(2)), R),
        {},
        "`R` must satisfy the uncertainty relation",
    ),
    "tolerance": (
        (R, R),
        {"tolerance": 1e-12},
        "`tolerance` must be at least 1e-11, which is what float64 can prove, but is 1e-12",
    ),
    "tolerance 0": ((R, R), {"tolerance": 0.0}, "`tolerance` must be positive"),
    "memory": (
        (MANY, MANY),
        {"rank": 80},
        "`rank` must be at most 70 to fit into 6 GiB of memory, but is (80, 80)",
    ),
    "memory, one side": (
        (MANY, packets(np.arange(3.0))),
        {"rank": (4000, 2)},
        "`rank` must be at most",
    ),
    "rank 0": ((R, R), {"rank": 0}, "`rank` must be"),
    "rank too large": ((R, R), {"rank": 3}, "`rank` must be at most 2"),
    "three ranks": ((R, R), {"rank": (1, 1, 1)}, "`rank` must be one number or two"),
    "method": ((R, R), {"method": "sinkhorn"}, "`method` must be"),
    "no product": ((R, R), {"method": "product"}, "`method` must not be 'product'"),
    "no Gaussians": ((R, R), {"method": "gaussian"}, "`method` must not be 'gaussian'"),
    "Gaussians otherwise": (
        (NORMAL, NORMAL),
        {"hbar": 1.0, "method": "product"},
        "`method` must be 'auto' or 'gaussian'",
    ),
    "no populations": (
        (SKEW, R),
        {"method": "fock_diagonal"},
        "`R` must be a FockState with no entry beside the diagonal",
    ),
    "populations cut": ((R, R), {"method": "fock_diagonal", "rank": 1}, "`rank` must be left out"),
}
LATE = {"no product"}  # which ranks two states have must be known before


@contextlib.contextmanager
def counting():
    """How many programs are compiled meanwhile."""
    seen, open_ = [], [True]

    def listen(event, duration, **_):
        if open_ and "backend_compile" in event:
            seen.append(event)

    jax.monitoring.register_event_duration_secs_listener(listen)
    yield seen
    open_.clear()


@pytest.mark.parametrize("name", REFUSED)
def test_one_sentence_before_anything_is_compiled(name):
    states, options, sentence = REFUSED[name]
    with counting() as compiled, pytest.raises(ValueError) as error:
        jw.quantum_transport(*states, **options)
    said = str(error.value)
    assert sentence in said and said.startswith("Argument `")
    assert ",," not in said and "\n" not in said
    assert name in LATE or compiled == []


def test_unnormalised_orbitals_are_refused():
    with pytest.raises(ValueError, match="`R` must have trace 1"):
        jw.quantum_transport(PSI, PSI, grid=GRID, hbar=1.0)


def test_ranks_that_only_the_eigenvalues_tell():
    with pytest.raises(ValueError, match=r"`rank` must be at most 70 to fit .* but is \(90, 90\)"):
        jw.quantum_transport(*2 * [packets(10 * np.arange(90.0))])


def test_single_precision_is_refused():
    with jax.enable_x64(False), pytest.raises(ValueError, match="need float64"):
        jw.quantum_transport(R, R)


def test_traced_gaussian_beside_levels_is_refused():
    cost = lambda s: jw.quantum_transport(jw.Gaussian(np.zeros(2), s * np.eye(2)), R).cost.centre  # noqa: E731
    with pytest.raises(ValueError, match="`R` must be known beside a state that is no Gaussian"):
        jax.grad(cost)(1.0)
