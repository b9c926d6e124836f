"""Clouds and states of several kinds for E_ħ."""

import equinox as eqx
import numpy as np

import jaxwigner as jw

# As one program; `jw.semiquantum` itself compiles operation by operation.
solve = eqx.filter_jit(jw.semiquantum)


def cloud(count, spread=1.0, shift=0.0, weights=None, rng=None):
    rng = rng or np.random.default_rng(count)
    z = spread * rng.normal(size=(2, count)) + shift
    w = np.full(count, 1 / count) if weights is None else weights
    return jw.Particles(w, z[0], z[1])


def random_state(kind, size, hbar, rng):
    if kind == "toeplitz":
        z = rng.normal(size=(2, size))
        return jw.ToeplitzState(jw.Particles(rng.dirichlet(np.ones(size)), z[0], z[1]), hbar)
    if kind == "wishart":
        A = rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size))
        matrix = A @ A.conj().T
    elif kind == "thermal":
        matrix = np.diag(0.4 ** np.arange(size)).astype(complex)
    else:  # eigenvalues over ten decades
        U = np.linalg.qr(rng.normal(size=(size, size)))[0]
        matrix = (U * 10.0 ** -np.linspace(0, 10, size)) @ U.T
    return jw.FockState(matrix / np.trace(matrix).real, hbar)
