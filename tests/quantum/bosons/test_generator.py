"""The exact generator of excitations against second quantisation."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from bosons import quick, scaled

import jaxwigner as jw
from jaxwigner.quantum.bosons.fock_space import tables
from jaxwigner.quantum.bosons.generator import Bodies, apply_generator
from jaxwigner.quantum.bosons.interaction import pair_integrals, pair_matrix

SMALL = jw.FockSpace((1.0, 1.0), cutoff=4, degree=2)


@quick
def columns(bodies, M):
    identity = jnp.eye(SMALL.dimension, dtype=complex)
    return jax.vmap(lambda c: apply_generator(SMALL, bodies, M, c))(identity)


def dense(number, M):
    """G as a matrix: G̃ without the factors √(1/N) of odd occupations."""
    odd = np.array(tables(SMALL).degree) % 2
    scale = np.where(odd == 1, np.sqrt(1 / number), 1.0)
    return np.asarray(columns(Bodies(number), M)).T * scale[:, None] / scale[None]


@pytest.fixture(scope="module")
def random_modes():
    """Complex orthonormal orbitals without any symmetry, and their interaction."""
    rng = np.random.default_rng(4)
    bosons, _ = scaled(0.6, 1, points=40)
    raw = rng.normal(size=(40, 3)) + 1j * rng.normal(size=(40, 3))
    orbitals = jnp.linalg.qr(raw)[0].T / jnp.sqrt(bosons.grid.cell)
    both = quick(lambda o: (pair_matrix(bosons.field, o), pair_integrals(bosons.field, o)))
    return both(orbitals)


def lowered(nu, word):
    """The occupations and the factor that the annihilators of a word leave."""
    factor = 1.0
    for i in word:
        if nu[i] == 0:
            return None, 0.0
        factor *= np.sqrt(nu[i])
        nu = tuple(n - (j == i) for j, n in enumerate(nu))
    return nu, factor


def elements(states, creators, annihilators):
    """Rows, columns and values of a product of creators and annihilators."""
    for (row, mu), (column, nu) in itertools.product(enumerate(states), repeat=2):
        (low, a), (high, b) = lowered(nu, annihilators), lowered(mu, creators)
        if low == high and a * b:
            yield row, column, a * b


def second_quantised(V, number):
    """(1/2N)ΣV a†a†aa − Σ W a†a between all occupations of number bodies, from single ladder operators."""
    p = V.shape[0]
    states = [nu for nu in itertools.product(range(number + 1), repeat=p) if sum(nu) == number]
    H = np.zeros((len(states),) * 2, complex)
    for i, j, k, l in itertools.product(range(p), repeat=4):  # a_i† a_j† a_l a_k V_{ik,jl}
        for row, column, value in elements(states, (i, j), (k, l)):
            H[row, column] += V[i, k, j, l] * value / (2 * number)
    for i, k in itertools.product(range(p), repeat=2):
        for row, column, value in elements(states, (i,), (k,)):
            H[row, column] -= V[i, k, 0, 0] * value
    return H, [nu[1:] for nu in states]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_generator_is_the_hamiltonian(random_modes, number):
    """All occupations of two excited modes: the N-body Hamiltonian less dΓ(V⋆|φ|²), up to a constant."""
    M, V = random_modes[0], np.asarray(random_modes[1])
    H, occupied = second_quantised(V, number)
    G = dense(number, M)
    kept = [SMALL.occupations.index(nu) for nu in occupied]
    shift = V[0, 0, 0, 0].real * (number + 1) / 2
    np.testing.assert_allclose(G[np.ix_(kept, kept)] - shift * np.eye(len(kept)), H, atol=1e-12)
    # Never more than N quanta.
    others = np.setdiff1d(np.arange(SMALL.dimension), kept)
    assert np.max(np.abs(G[np.ix_(others, kept)]), initial=0.0) < 1e-12


def test_generator_is_hermitian(random_modes):
    for number in (1, 5, 30):
        G = dense(number, random_modes[0])
        np.testing.assert_allclose(G, G.conj().T, atol=1e-12)
        assert np.max(np.abs(G)) > 0.01
