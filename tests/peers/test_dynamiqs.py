"""dynamiqs on the same states: Wigner functions (its ħ is ½: docs/conventions.md) and a Schrödinger equation."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxwigner as jw

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
NUMBER = 10


@pytest.fixture(scope="module")
def dq():
    found = pytest.importorskip("dynamiqs", reason="dynamiqs is of the extra `bench`")
    found.set_precision("double")
    with jax.numpy_rank_promotion("allow"):
        yield found


@pytest.mark.parametrize("alpha", [0.0, 0.6 - 0.3j])
def test_wigner_functions(dq, alpha):
    cat = (dq.coherent(NUMBER, alpha) + 1j * dq.fock(NUMBER, 3)).unit()
    rho = np.asarray(dq.to_jax(cat.todm()))
    x, p, theirs = dq.wigner(cat, xmax=2.0, ymax=1.5, npixels=21)
    state = jw.FockState(rho, hbar=0.5)
    ours = jw.wigner(state, at=(np.asarray(x)[:, None], np.asarray(p)[None]))
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_schrodinger(dq):
    """An oscillator that is driven, in its own basis: the packet's centre is the classical one in both."""
    a = dq.destroy(24)
    H = a.dag() @ a + 0.2 * (a + a.dag())
    times = jnp.linspace(0.0, 1.5, 4)
    found = dq.sesolve(
        H, dq.fock(24, 0), times, exp_ops=[a], method=dq.method.Tsit5(rtol=1e-10, atol=1e-10)
    )
    # H = ½p² + ½x² + 0.2√2 x for ħ = 1.
    grid = jw.Grid(-8.0, 8.0, 96)
    system = jw.Schrodinger(grid, lambda x: 0.5 * x**2 + 0.2 * np.sqrt(2) * x, 1.0)
    run = jw.evolve(
        system,
        jw.coherent_state(grid, 0.0, 0.0, 1.0),
        duration=1.5,
        steps=120,
        saves=3,
        observe=lambda psi: (
            (
                jw.observables.mean_position(psi, grid)[0]
                + 1j * jw.observables.mean_momentum(psi, grid, 1.0)[0]
            )
            / np.sqrt(2)
        ),
    )
    np.testing.assert_allclose(run.observed, np.asarray(found.expects)[0], atol=1e-5)
