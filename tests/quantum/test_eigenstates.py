"""Levels against closed forms and published values, their derivatives, and what is refused."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import small

import jaxwigner as jw

LINE = jw.Grid(-8.0, 8.0, 96)


def well(a, hbar=0.5, mass=1.0):
    return jw.Schrodinger(LINE, lambda x: 0.5 * a**2 * x**2, hbar, mass)


def test_an_array_with_more_beside():
    found = jw.levels(well(1.2), 4)
    exact = 0.6 * (np.arange(4) + 0.5)
    np.testing.assert_allclose(np.asarray(found), exact, atol=1e-13)
    assert len(found) == 4 and float(found[-1]) == float(list(found)[3])
    with pytest.raises(IndexError, match="There are 4 levels, and no level 4"):
        found[4]
    assert np.max(np.abs(found.energies - exact)) < np.max(found.errors) < 1e-12
    gram = jnp.einsum("ix,jx->ij", found.states, found.states) * LINE.cell
    np.testing.assert_allclose(gram, np.eye(4), atol=1e-12)
    run = jw.evolve(well(1.2), found.states[2], duration=1.0, steps=40, method="blanes-moan-6")
    turned = found.states[2] * np.exp(-1j * float(found[2]) / 0.5)
    np.testing.assert_allclose(run.state, turned, atol=1e-9)


@pytest.mark.parametrize("points", [256, pytest.param(1200, marks=pytest.mark.slow)])
def test_poschl_teller(points):
    """−(λ − n)²/2 for U = −λ(λ + 1)/2 sech²x, dense and by ARPACK; λ of them are bound."""
    system = jw.Schrodinger(jw.Grid(-20.0, 21.0, points), lambda x: -15.0 / jnp.cosh(x) ** 2, 1.0)
    found = jw.levels(system, 4)
    np.testing.assert_allclose(found.energies, [-12.5, -8.0, -4.5, -2.0], atol=1e-11)
    with pytest.raises(ValueError, match="Argument `n` must be at most 5, .* but is 7"):
        jw.levels(system, 7)


@pytest.mark.parametrize("kappa, beta, side", [(7, 0.1, 6.5), (5, 0.3, 5.0)])
def test_razavy(kappa, beta, side):
    exact = {
        7: [-9.00200125, -9.00200115, -4.01170828, -4.01105034, -1.15974458, -0.95694851],
        5: [-4.035701492, -4.025549442, -1.459890972, -0.794450558, 0.765592464, 2.586966784],
    }[kappa]
    U = lambda x: beta**2 * jnp.cosh(x) ** 2 - kappa * beta * jnp.cosh(x)  # noqa: E731
    system = jw.Schrodinger(jw.Grid(-side, side, 128), U, 1.0, mass=0.5)
    np.testing.assert_allclose(jw.levels(system, 6).energies, exact, atol=6e-9)


def oscillator_basis(strength, count):
    """Hénon–Heiles in products of oscillator functions, whose matrix elements are those of ladder operators."""
    x = np.diag(np.sqrt(np.arange(1, count + 6) / 2), 1)
    x = x + x.T
    cut = slice(count), slice(count)
    one, two, three = (np.linalg.matrix_power(x, n)[cut] for n in (1, 2, 3))
    unit, levels = np.eye(count), np.diag(np.arange(count) + 0.5)
    H = np.kron(levels, unit) + np.kron(unit, levels)
    return H + strength * (np.kron(two, one) - np.kron(unit, three) / 3)


@pytest.mark.slow
def test_henon_heiles():
    """d = 2 by ARPACK: an independent basis, and Davis and Heller, J. Chem. Phys. 71, 3383 (1979)."""
    strength = np.sqrt(0.0125)
    U = lambda x, y: 0.5 * (x**2 + y**2) + strength * (x**2 * y - y**3 / 3)  # noqa: E731
    system = jw.Schrodinger(jw.Grid((-7.5, -7.0), (7.5, 8.0), (52, 54)), U, 1.0)
    found = jw.levels(system, 10)
    basis = np.linalg.eigvalsh(oscillator_basis(strength, 44))[:10]
    np.testing.assert_allclose(found.energies, basis, atol=1e-10)
    published = [0.9986, 1.9901, 1.9901, 2.9562, 2.9853, 2.9853, 3.9260, 3.9260, 3.9824, 3.9858]
    np.testing.assert_allclose(found.energies, published, atol=6e-5)


@pytest.mark.slow
def test_oscillator_in_space():
    axes = (-6.5,) * 3, (6.5,) * 3, (30, 32, 30)
    U = lambda x, y, z: 0.5 * (x**2 + y**2 + z**2)  # noqa: E731
    found = jw.levels(jw.Schrodinger(jw.Grid(*axes), U, 1.0), 10)
    np.testing.assert_allclose(found.energies, [1.5] + [2.5] * 3 + [3.5] * 6, atol=1e-11)


def test_derivatives():
    """∂E_n/∂a in every parameter, by closed forms; eager, compiled, in batches, forwards and backwards."""
    energy = lambda a, hbar, mass: jw.levels(well(a, hbar, mass), 3).energies[2]  # noqa: E731
    exact = 2.5 * np.array([0.5, 1.2, -0.5 * 1.2 * 0.5])  # E = ħa(n + ½)/√m
    arguments = (1.2, 0.5, 1.0)
    np.testing.assert_allclose(jax.grad(energy, (0, 1, 2))(*arguments), exact, atol=1e-11)
    assert jax.jit(jax.jacfwd(energy))(*arguments) == pytest.approx(exact[0], abs=1e-11)
    batch = jax.vmap(jax.grad(lambda a: energy(a, 0.5, 1.0)))(jnp.array([1.0, 1.2]))
    np.testing.assert_allclose(batch, [1.25, 1.25], atol=1e-11)
    box = lambda side: jw.levels(  # noqa: E731
        jw.Schrodinger(jw.Grid(-side, side, 64, periodic=True), jw.potentials.Free(), 1.0), 2
    ).energies[1]
    assert jax.grad(box)(2.0) == pytest.approx(-2 * (np.pi / 2) ** 2 / 2 / 2.0, abs=1e-11)


def test_derivatives_of_degenerate_levels():
    """Their mean, whatever basis LAPACK chose: right where the levels stay together."""
    plane = jw.Grid((-6.0, -6.5), (6.0, 6.5), (22, 24))

    def energies(a):
        U = lambda x, y: 0.5 * a**2 * (x**2 + y**2)  # noqa: E731
        return jw.levels(jw.Schrodinger(plane, U, 1.0), 2, tolerance=1e-5).energies

    np.testing.assert_allclose(jax.jacrev(energies)(1.0), [1.0, 2.0], atol=1e-5)


def test_derivatives_that_there_are_none_of():
    ground = lambda a: jw.levels(well(a), 1)  # noqa: E731
    for function in (
        jax.grad(lambda a: ground(a).states[0, 40]),
        jax.hessian(lambda a: ground(a).energies[0]),
    ):
        with pytest.raises(ValueError, match="Argument `system` must be differentiated once"):
            function(1.0)


def test_rings_have_no_continuum():
    ring = jw.Grid(0.0, 2 * np.pi, 32, periodic=True)
    free = jw.levels(jw.Schrodinger(ring, jw.potentials.Free(), 1.0), 5)
    np.testing.assert_allclose(free.energies, [0.0, 0.5, 0.5, 2.0, 2.0], atol=1e-13)
    # Mathieu's a_0, b_2, a_2 at q = 4 (DLMF 28): y″ + (a − 2q cos 2z)y = 0 with x = 2z.
    torsion = jw.Schrodinger(ring, lambda x: jnp.cos(x), 1.0)
    exact = np.array([-4.2805188, 2.7468810, 6.8290748]) / 8
    np.testing.assert_allclose(jw.levels(torsion, 3).energies, exact, atol=1e-7)


def test_other_kinetic_energies_and_masses():
    system = jw.Schrodinger(LINE, lambda x: 0.5 * x**2, 1.0, kinetic=lambda p: jnp.sqrt(1 + p**2))
    found = jw.levels(system, 2)
    run = jw.evolve(system, found.states[0], duration=0.5, steps=50, method="blanes-moan-4")
    assert complex(jnp.vdot(found.states[0], run.state) * LINE.cell) == pytest.approx(
        complex(np.exp(-0.5j * float(found[0]))), abs=1e-8
    )
    plane = jw.Grid((-6.0, -6.0), (6.0, 6.0), (24, 30))
    U = lambda x, y: 0.5 * (x**2 + y**2)  # noqa: E731
    heavy = jw.levels(jw.Schrodinger(plane, U, 1.0, mass=(1.0, 4.0)), 2)
    np.testing.assert_allclose(heavy.energies, [0.75, 1.25], atol=1e-8)


COARSE = jw.Schrodinger(jw.Grid(-8.0, 8.0, 32), small.WELL, 0.5)
REFUSED = {
    "coarse": (lambda: jw.levels(COARSE, 12), "spectral_tail .* increase `points`"),
    "edge": (lambda: jw.levels(well(1.0), 40), "edge_density .* widen"),
    "free": (lambda: jw.levels(jw.Schrodinger(LINE, lambda x: 0.0, 1.0), 1), "at most 0, the"),
    "many": (lambda: jw.levels(well(1.0), 97), "at most the number of points of the grid .96."),
    "moyal": (lambda: jw.levels(jw.Moyal(small.PLANE, small.WELL, 1.0), 1), "be a Schrodinger"),
    "driven": (
        lambda: jw.levels(jw.Schrodinger(LINE, lambda x, t: x**2 * (1 + jnp.cos(t)), 1.0), 1),
        "static and without an absorber, but is 'driven",
    ),
    "absorbing": (
        lambda: jw.levels(jw.Schrodinger(LINE, small.WELL, 0.1, absorb=1.0), 1),
        "static and without an absorber, but is 'one that",
    ),
    "hartree": (lambda: jw.levels(jw.Hartree(LINE, small.BUMP, 1.0), 1), "be a Schrodinger"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_refusals(why):
    call, sentence = REFUSED[why]
    with pytest.raises(ValueError, match=f"Argument `(system|n)` must .*{sentence}"):
        call()


def test_refusals_under_jit_and_without_throw():
    with pytest.raises(Exception, match="must bind and resolve"):
        eqx.filter_jit(lambda a: jw.levels(well(a), 40).energies)(jnp.asarray(1.0))
    found = jax.jit(lambda a: jw.levels(well(a), 40, throw=False))(1.0)
    assert np.max(found.edge_density) > 1e-10 > found.edge_density[0]


PUBLIC = [small.call(jw.levels, system=well(1.0), n=2, tolerance=1e-10)]
