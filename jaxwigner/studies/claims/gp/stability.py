"""G9–G17, G19, G20: the square of limits. N bodies and one, quantum and classical, and how E_ħ grows along the four flows."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner.grid import Grid, PhaseGrid
from jaxwigner.potentials import Cosine, SoftCoulomb
from jaxwigner.potentials import Gaussian as Hill
from jaxwigner.states import Gaussian, Particles
from jaxwigner.studies.claims.claim import CONTROL, measures, row
from jaxwigner.theorems import mean_field, stability

COSINE = Cosine(1.0, 1.0)  # L = ‖V‖∞ = ‖∇V‖∞ = 1
HBAR = 0.1


def cloud(count: int, spread: float = 0.4, seed: int = 0) -> Particles:
    """A cloud of variance `spread` in both directions, drawn once."""
    z = np.random.default_rng(seed).normal(size=(2, count)) * np.sqrt(spread)
    return Particles(np.full(count, 1 / count), *z)


def box(points: int, turns: int = 4) -> Grid:
    """A box of whole periods of cos x."""
    return Grid(-turns * np.pi, turns * np.pi, points)


def gaussian(mean, spread) -> Gaussian:
    return Gaussian(jnp.asarray(mean), jnp.asarray(spread))


def pair_of_gaussians() -> tuple[Gaussian, Gaussian]:
    """A classical and a quantum Gaussian which differ in mean and covariance."""
    p = gaussian([0.3, 0.0], [[0.5, 0.1], [0.1, 0.3]])
    return p, gaussian([0.0, 0.2], [[0.4, 0.1], [0.1, 0.3]])


@measures("G9")
def second_moments(full: bool):
    """Lemma 4.1 for repulsion and attraction; free motion in closed form; the control starts the bound at half its value."""
    z = cloud(64)
    for name, pair in (("cosine", COSINE), ("attractive hill", Hill(-1.0, 1.0))):
        claim = jax.jit(
            lambda z, pair=pair: stability.second_moment(z, pair, duration=2.0, steps=60)
        )(z)
        yield row("G9", name, claim)
    yield row("G9", "free motion", stability.free_second_moment(z, 2.0))
    yield row("G9", "a quarter of the constant", claim.with_constant(0.25), CONTROL)


@measures("G10")
def gaussian_data(full: bool):
    """Theorem 2.5 for quadratic V, both sides exact; equality of the sharp form; the control is e^{Lt}."""
    p, R = pair_of_gaussians()

    @jax.jit
    def both(stiffness, time):
        return [
            stability.gaussian_growth(p, R, stiffness, 0.2, time, constant=constant)
            for constant in stability.CONSTANTS
        ]

    for stiffness in (1.0, -1.0, 0.25):
        paper, sharp = both(stiffness, 1.0)
        yield row("G10", f"κ = {stiffness}", paper)
        yield row("G10", f"κ = {stiffness}, sharp form", sharp)
    extremal = jax.jit(lambda L, t: stability.extremal_growth(L, 0.2, t))
    for L in (0.25, 1.0, 4.0):
        yield row("G10", f"extremal state, L = {L}", extremal(L, 1.0), ("tight", "holds"))
    yield row("G10", "rate L in place of 1 + L", _with_rate_L(extremal(1.0, 1.0)), CONTROL)


def _with_rate_L(claim):
    """e^{Lt}E_ħ(0)² at L = t = 1: E_ħ(0)² is ½ħ cosh of the squeezing, here 4."""
    start = 0.5 * 0.2 * 0.5 * (4 + 1 / 4)
    return claim.with_constant(np.e * start / claim.rhs.upper)


@measures("G11")
def nonlinear(full: bool):
    """Theorem 2.5 for V = cos x and 64 packets; its limit ħ → 0; the identity for 𝓔′; p ≠ μ with the optimal coupling."""
    z, grid = cloud(150 if full else 64), box(512)
    program = jax.jit(
        lambda hbar, constant: stability.carried_coupling(
            z, COSINE, grid, hbar, duration=1.5, steps=60, constant=constant
        ),
        static_argnums=1,
    )
    for constant in stability.CONSTANTS:
        yield row("G11", f"cosine, {constant} constant", program(HBAR, constant))
    hbars = np.array([0.05, 0.025]) if full else np.array([0.1, 0.05])
    fine = box(2048 if full else 1024)
    limit = jax.jit(
        lambda h: stability.semiclassical_growth(z, COSINE, fine, h, duration=1.0, steps=120)
    )
    yield row("G11", "ħ → 0", limit(hbars))
    rate = jax.jit(
        lambda h: stability.cost_rate(cloud(16), COSINE, grid, h, duration=1.0, steps=40)
    )
    yield row("G11", "𝓔′ of §4.3", rate(HBAR))
    yield from _between_two_clouds()
    yield row("G11", "a tenth of the bound", program(HBAR, "sharp").with_constant(0.1), CONTROL)


def _between_two_clouds():
    p, mu, grid = cloud(12, 0.5, 1), cloud(4, 0.3, 2), box(256)
    above, stable = jax.jit(
        lambda h: stability.optimal_coupling(p, mu, COSINE, grid, h, duration=0.5, steps=30, rank=4)
    )(0.2)
    yield row("G11", "p ≠ μ: coupling carried", above, ("holds", "tight"))
    yield row("G11", "p ≠ μ: Theorem 2.5", stable)


@measures("G12")
def distances(full: bool):
    """The same in terms of Husimi functions; the control has neither growth nor the second ½dħ."""
    phase = PhaseGrid(Grid(-4.5, 4.5, 32), Grid(-4.5, 4.5, 34))
    claim = jax.jit(
        lambda z: stability.husimi_distance(z, COSINE, box(256), phase, 0.2, duration=0.5, steps=30)
    )(cloud(12))
    yield row("G12", "cosine, 12 packets", claim)
    yield row("G12", "a hundredth of the bound", claim.with_constant(0.01), CONTROL)


@measures("G13")
def pure_states(full: bool):
    """A pure R is coupled to everything alike; the control is the value that a Töplitz state would have."""
    program = jax.jit(
        lambda z: stability.pure_state(z, Grid(-9.0, 9.5, 192), 0.2, 1.3, duration=0.8, steps=20)
    )
    claim = program(cloud(20))
    yield row("G13", "squeezed state in a trap", claim)
    yield row("G13", "half the value", claim.with_constant(0.5), CONTROL)


@measures("G14")
def mean_field_limit(full: bool):
    """Theorem 2.6: quadratic V up to N = 10⁴ with exact K_N, and V = cos x on the grid of two bodies."""
    p, R = pair_of_gaussians()
    same = gaussian([0.0, 0.0], p.covariance), gaussian([0.0, 0.0], R.covariance)
    cases = [("paper", 1), ("paper", 2), ("grouped", 1), ("sharp", 1)]

    @jax.jit
    @jax.vmap
    def every(N):
        return [
            mean_field.gaussian_mean_field(*same, 1.0, 0.2, 1.0, N, n=n, form=form)
            for form, n in cases
        ]

    for (form, n), claims in zip(cases, every(jnp.array([2.0, 10.0, 100.0, 1e4]))):
        yield row("G14", f"quadratic V, n = {n}, {form} form", claims)
    yield from _distances_of_gaussians(*same)
    run, coarse = _two_bodies("vlasov")
    claim = mean_field.body_bound(run, coarse, COSINE, 0.3, 1.0, theorem="2.6")
    yield row("G14", "cosine, N = 2", claim)
    yield row("G14", "Lemma 5.4", mean_field.one_body_is_enough(run))
    yield row("G14", "Lemma 5.1 (b), symmetry (14)", mean_field.symmetry_is_kept(run))
    yield row("G14", "10⁻⁴ of the bound", claim.with_constant(1e-4), CONTROL)


def _distances_of_gaussians(p: Gaussian, R: Gaussian):
    """The second statement of Theorem 2.6; at t = 0 a point and a coherent state give equality, and W₂² in place of ½W₂² fails."""
    program = jax.jit(lambda p, R, t: mean_field.gaussian_distance(p, R, 1.0, 0.2, t, 100.0))
    yield row("G14", "quadratic V, distance of Husimi functions", program(p, R, 1.0))
    point, packet = gaussian([0.7, 0.0], np.zeros((2, 2))), gaussian([0.0, 0.0], 0.1 * np.eye(2))
    tight = program(point, packet, 0.0)
    yield row("G14", "point and packet: equality", tight, ("tight", "holds"))
    yield row("G14", "W₂² in place of ½W₂²", tight.with_constant(0.5), CONTROL)


def _two_bodies(classical: str):
    """The coupling of f^{⊗2} and R_f^{⊗2}, with full and with half the steps."""
    z, grid = cloud(4, 0.4, 3), box(72, 2)
    return [
        jax.jit(
            lambda h, n=n: mean_field.body_coupling(
                z, COSINE, grid, h, duration=1.0, steps=n, classical=classical
            )
        )(0.3)
        for n in (40, 20)
    ]


@measures("G15")
def consistency_terms(full: bool):
    """K_N exactly, by sampling, and below both bounds; the control is a bound that falls twice as fast in N."""
    z, key = cloud(64), jax.random.key(0)
    for N in (2, 10):
        claim = jax.jit(lambda z, N=N: mean_field.sampled_consistency(z, COSINE, N, 20000, key))(z)
        yield row("G15", f"sampled, N = {N}", claim)
    for form in mean_field.FORMS:
        claims = jax.vmap(
            lambda N, form=form: mean_field.consistency_bound(z, COSINE, N, form=form)
        )(jnp.array([2.0, 3.0, 10.0, 100.0, 1e4]))
        yield row("G15", f"cosine, {form} bound", claims)
    soft = mean_field.consistency_bound(z, SoftCoulomb(1.0, 1.0), 10.0)
    yield row("G15", "softened Coulomb", soft)
    sharp = mean_field.consistency_bound(z, COSINE, 100.0, form="sharp")
    yield row("G15", "‖∇V‖²/N² in place of ‖∇V‖²/N", sharp.with_constant(0.01), CONTROL)


@measures("G16")
def sum_over_pairs(full: bool):
    """With (1/N)Σ_{j<k}V the bodies follow the Hartree equation at rate 1/N; with the printed double sum they do not."""
    _, R = pair_of_gaussians()
    numbers = np.array([8.0, 32.0, 128.0, 512.0, 1e4])
    for printed in (False, True):
        claim = mean_field.pair_sum_limit(R, 1.0, 1.0, numbers, printed=printed)
        name = "as printed" if printed else "Σ_{j<k}"
        yield row("G16", name, claim, CONTROL if printed else "holds")


@measures("G17")
def uniform_in_the_number(full: bool):
    """Theorem 2.7 from N = 2 to 10⁴ (quadratic V) and on the grid of two bodies (V = cos x)."""
    p, R = pair_of_gaussians()
    numbers = jnp.array([2.0, 3.0, 10.0, 100.0, 1e4])
    for constant in stability.CONSTANTS:
        claims = jax.jit(
            jax.vmap(
                lambda N, constant=constant: stability.gaussian_growth(
                    p, R, -1.0, 0.2, 1.0, number=N, constant=constant
                )
            )
        )(numbers)
        yield row("G17", f"quadratic V, {constant} constant", claims)
    run, coarse = _two_bodies("nbody")
    for constant in stability.CONSTANTS:
        claim = mean_field.body_bound(
            run, coarse, COSINE, 0.3, 1.0, theorem="2.7", constant=constant
        )
        yield row("G17", f"cosine, N = 2, {constant} constant", claim)
    yield row("G17", "a fifth of the sharp bound", claim.with_constant(0.2), CONTROL)


@measures("G19")
def hierarchies(full: bool):
    """BBGKY for n = 1, 2 on finite-dimensional bodies; the control has the coefficient of the printed double sum."""
    key = jax.random.key(1)
    for N, n, levels in ((2, 1, 3), (3, 1, 3), (3, 2, 3), (4, 2, 2)):
        yield row("G19", f"N = {N}, n = {n}", mean_field.hierarchy(N, levels, key, n=n))
    printed = mean_field.hierarchy(3, 3, key, coefficient=2.0)
    yield row("G19", "printed double sum", printed, CONTROL)


@measures("G20")
def two_solutions(full: bool):
    """Dobrushin's estimate between two Vlasov solutions; with e^{Lt} it fails for free motion."""
    z = cloud(64)
    shift = np.random.default_rng(4).normal(size=(2, 64, 1)) * 0.05
    other = Particles(z.weights, z.positions + shift[0], z.momenta + shift[1] + 0.05)
    claim = stability.dobrushin(z, other, COSINE, duration=1.0, steps=40)
    yield row("G20", "cosine", claim)
    boosted = Particles(z.weights, z.positions, z.momenta + 0.1)
    free = Cosine(0.0, 1.0)
    yield row("G20", "free motion", stability.dobrushin(z, boosted, free, duration=2.0, steps=10))
    printed = stability.dobrushin(z, boosted, free, duration=2.0, steps=10, rate=0.0)
    yield row("G20", "e^{Lt}, free motion", printed, CONTROL)
