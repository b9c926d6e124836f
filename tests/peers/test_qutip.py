"""QuTiP on the same states: Wigner and Husimi functions, and a Schrödinger equation (with docs/conventions.md)."""

import jax
import numpy as np
import pytest

import jaxwigner as jw

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
NUMBER, G = 12, 1.3
HBAR = 2 / G**2  # of QuTiP's axes for its factor g
X, P = np.linspace(-2.5, 3.0, 23), np.linspace(-3.0, 2.0, 19)


@pytest.fixture(scope="module")
def qutip():
    return pytest.importorskip("qutip", reason="QuTiP is of the extra `bench`")


@pytest.fixture(params=["coherent", "cat", "thermal", "random"])
def state(request, qutip):
    alpha = 0.7 - 0.4j
    cat = (qutip.coherent(NUMBER, alpha) + 1j * qutip.coherent(NUMBER, -alpha)).unit()
    return {
        "coherent": lambda: qutip.ket2dm(qutip.coherent(NUMBER, alpha).unit()),
        "cat": lambda: qutip.ket2dm(cat),
        "thermal": lambda: qutip.thermal_dm(NUMBER, 0.6),
        "random": lambda: qutip.rand_dm(NUMBER, seed=3),
    }[request.param]()


@pytest.mark.parametrize("method", ["clenshaw", "iterative"])
def test_wigner_functions(qutip, state, method):
    theirs = qutip.wigner(state, X, P, g=G, method=method).T  # of p and x
    ours = jw.wigner(jw.FockState(state.full(), hbar=HBAR), at=(X[:, None], P[None]))
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_husimi_functions(qutip, state):
    theirs = qutip.qfunc(state, X, P, g=G).T
    ours = jw.husimi(jw.FockState(state.full(), hbar=HBAR), at=(X[:, None], P[None]))
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_schrodinger(qutip):
    """A packet in a torsion: the dense matrix of the same Fourier grid, and an ODE solver of theirs."""
    grid, hbar = jw.Grid(-np.pi, np.pi, 48), 0.3
    psi = jw.coherent_state(grid, 0.4, 0.5, hbar)
    torsion = jw.potentials.Torsion(1.0)
    k = np.asarray(grid.wavenumbers[0])
    fourier = np.fft.fft(np.eye(48))
    kinetic = np.fft.ifft(0.5 * (hbar * k) ** 2 * fourier.T, axis=1).T
    matrix = kinetic + np.diag(np.asarray(torsion(grid.axes[0])))
    options = {"atol": 1e-11, "rtol": 1e-10, "nsteps": 100_000}
    run = qutip.sesolve(
        qutip.Qobj(matrix / hbar),
        qutip.Qobj(np.asarray(psi)[:, None]),
        [0.0, 0.5, 1.0],
        options=options,
    )
    system = jw.Schrodinger(grid, torsion, hbar)
    ours = jax.jit(lambda psi: jw.evolve(system, psi, duration=1.0, steps=80, throw=False).state)(
        psi
    )
    np.testing.assert_allclose(ours, run.states[-1].full()[:, 0], atol=1e-7)
