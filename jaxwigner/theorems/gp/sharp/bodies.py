"""N bodies where both sides are known: Golse–Paul Theorem 2.7 for three on the grid of all, and N-body dynamics against Vlasov's.

For F_N = δ_0 the product is the only coupling, and (1/n)E_ħ² = (1/2n)⟨Σ|z_j|²⟩ is the same for every n. For ħ = 0 the N bodies and
as many points in the mean field that start together are a coupling,

    dist(F¹_N(t), f(t))² ≤ ½E|Z_1 − Z'_1|² ≤ (∫_0^t e^{g(t−s)}(K_N(s)/2)^{½}ds)²,     g = ½(1 + L)          (beyond the paper)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner import fourier
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.classical import ManyBodyNewton, VlasovParticles
from jaxwigner.engine.evolve import evolve
from jaxwigner.grid import Grid, Scalar
from jaxwigner.inequality import Inequality
from jaxwigner.phase_space import toeplitz_state
from jaxwigner.potentials import Potential, as_potential
from jaxwigner.quantum import ManyBody, reduced_state
from jaxwigner.states import MixedState, Particles
from jaxwigner.theorems.errors import halved, moment_error, moment_errors, refined
from jaxwigner.theorems.gp.consistency import consistency
from jaxwigner.theorems.gp.rates import bound, growth_claims, lipschitz
from jaxwigner.theorems.gp.sharp.mean_field import FORMS, NODES, bound_with, by_halves, root_bound
from jaxwigner.theorems.gp.sharp.states import tilted_covariance
from jaxwigner.transport import semiquantum


class Scaled(Potential):
    """A multiple of a potential."""

    pair: Potential
    factor: Scalar

    def __call__(self, *x: Any) -> Array:
        return self.factor * self.pair(*x)

    def gradient(self, *x: Any) -> tuple[Array, ...]:
        return tuple(self.factor * slope for slope in self.pair.gradient(*x))


def three_bodies(
    pair: Any,
    grid: Grid,
    hbar: Scalar,
    squeezing: Scalar,
    v: Array,
    *,
    duration: Scalar,
    steps: int,
) -> dict[str, Inequality]:
    """Theorem 2.7 for N = 3, F_3 = δ_0 and R_3 pure, its relative modes squeezed along v, its centre of mass coherent (d = 1)."""
    pair = as_potential(pair)
    system = ManyBody(grid, pair, hbar, 3)
    psi = _symmetric_packet(grid, hbar, squeezing, v)
    left = _later_cost_of_three(system, psi, hbar, duration, steps)
    start = Bracket.estimated(*_cost_of_three(psi, grid, hbar))
    what, floor = "(1/3)E_ħ(F_3, R_3)²", 0.5 * hbar
    claims = growth_claims("Theorem 2.7", what, left, start, floor, pair, duration, hbar=hbar)
    # F_3 is a point: dist² to W̃ is E_ħ² + ½dħ, the second display with both of its sides known.
    law = "(1/3)dist(F_3(t), W̃[R_3(t)])² ≤ e^{Λt}(1/3)E_ħ(F_3, R_3)² + ½ħ"
    one = claims["paper"]
    husimi = Inequality(one.claim, law, one.lhs + floor, one.rhs + floor, parameters=one.parameters)
    return {**claims, "husimi": husimi}


def three_packets(
    pair: Any,
    grid: Grid,
    hbar: Scalar,
    places: Array,
    v: Array,
    *,
    duration: Scalar,
    steps: int,
) -> Inequality:
    """dist(F_3(t), W̃[R_3(t)])²/3 ≤ e^{Λt}(dist(F_3, μ_3)²/3 + ½ħ) + ½ħ (the third display of Theorem 2.7, d = 1) for F_3 = δ_0 and
    μ_3 the mean over all permutations of a point with the bodies at `places` · v, whose sum is 0; R_3 its Töplitz state.

    F_3 is a point, so that every n ≤ 3 has the same left side, (1/6)⟨Σ|z_j|²⟩ + ½ħ, to which each permutation adds the same: one
    product of packets is enough.

    **Arguments:** `places`: three numbers, all 0 for the fourth display (μ_3 = F_3).
    """
    pair, floor = as_potential(pair), 0.5 * hbar
    one = toeplitz_state(Particles(jnp.full(3, 1 / 3), places * v[0], places * v[1]), grid, hbar)
    a, b, c = one.orbitals
    psi = a[:, None, None] * b[None, :, None] * c[None, None, :]
    system = ManyBody(grid, pair, hbar, 3, symmetric=False)
    left = _later_cost_of_three(system, psi, hbar, duration, steps) + floor
    start = Bracket.exact(jnp.sum(v**2) * jnp.sum(places**2) / 6 + floor)
    L = lipschitz(pair)
    return Inequality(
        "GP Theorem 2.7",
        "(1/3)dist(F_3(t), W̃[R_3(t)])² ≤ e^{Λt}((1/3)dist(F_3, μ_3)² + ½ħ) + ½ħ",
        left,
        bound(start, floor, L, duration, "paper") + floor,
        parameters={"hbar": hbar, "L": L, "t": duration},
    )


def _symmetric_packet(grid: Grid, hbar: Scalar, squeezing: Scalar, v: Array) -> Array:
    """e^{−½x·Ax}, A = a(1 − P) + cP with P the projection on the centre of mass, normalised."""
    (x,) = grid.axes
    S = tilted_covariance(hbar, squeezing, v)
    relative = (1 - 2j * S[0, 1] / hbar) / (2 * S[0, 0])
    mesh = jnp.stack(jnp.meshgrid(x, x, x, indexing="ij"))
    centre = jnp.sum(mesh, axis=0) ** 2 / 3
    psi = jnp.exp(-0.5 * (relative * (jnp.sum(mesh**2, axis=0) - centre) + centre / hbar))
    return psi / jnp.sqrt(jnp.sum(jnp.abs(psi) ** 2) * grid.cell**3)


def _cost_of_three(psi: Array, grid: Grid, hbar: Scalar) -> tuple[Array, Array]:
    """(1/6)⟨Σ|z_j|²⟩, and what the grid may hide of it."""
    every = Grid(grid.lower * 3, grid.upper * 3, grid.points * 3)
    return _second_moments(psi, grid, hbar) / 6, moment_error(psi, every, hbar) / 3


def _later_cost_of_three(system: ManyBody, psi: Array, hbar, duration, steps: int) -> Bracket:
    def end(number):
        later = evolve(system, psi, duration=duration, steps=number, throw=False).state
        return _cost_of_three(later, system.grid, hbar)

    return halved(end, steps)


def _second_moments(psi: Array, grid: Grid, hbar: Scalar) -> Array:
    """⟨Σ_j x_j² + p_j²⟩."""
    x, p = jnp.asarray(grid.axes[0]), hbar * jnp.asarray(grid.wavenumbers[0])
    here, there = jnp.abs(psi) ** 2, jnp.abs(fourier.fftn(psi)) ** 2
    along = [[-1 if k == j else 1 for k in range(3)] for j in range(3)]

    def mean(density, a):
        squares = sum(a.reshape(shape) ** 2 for shape in along)
        return jnp.sum(density * squares) / jnp.sum(density)

    return mean(here, x) + mean(there, p)


class OneOfTwo(eqx.Module):
    """One of two bodies that start in f^{⊗2}, f = `cloud` on a line, and in its Töplitz state R_2.

    `rank`: of R¹_2 that is kept; what the rest holds is part of the error, as is the run with half the steps.
    """

    cloud: Particles
    pair: Potential
    grid: Grid
    hbar: Scalar
    rank: int = eqx.field(static=True, default=16)

    def growth(self, *, duration: Scalar, steps: int) -> dict[str, Inequality]:
        """Theorem 2.7 for n = 1 < N = 2 by E_ħ(F¹, R¹)² itself at the end."""

        def first(Z, options):
            z = evolve(ManyBodyNewton(self.pair, 2), Z, **options).state
            return Particles(z.weights, z.positions[:, :1], z.momenta[:, :1])

        left, floor = self._cost(first, duration, steps), 0.5 * self.hbar
        start, numbers = Bracket.exact(floor), {"hbar": self.hbar, "N": 2}
        what = "E_ħ(F¹, R¹)²"
        return growth_claims(
            "Theorem 2.7", what, left, start, floor, self.pair, duration, **numbers
        )

    def mean_field(self, *, duration: Scalar, steps: int) -> dict[str, Inequality]:
        """Theorem 2.6 for n = 1 < N = 2 with K_N itself, by E_ħ(f, R¹_2)² at the end, f by Vlasov's equation.

        **Returns:** "paper" (rate Γ) and "sharp" (square roots, rate ½(1 + L)).
        """
        hbar, vlasov = self.hbar, VlasovParticles(self.pair)
        left = self._cost(lambda _, how: evolve(vlasov, self.cloud, **how).state, duration, steps)
        field = evolve(vlasov, self.cloud, duration=duration, steps=steps, saves=NODES).observed
        K, L = jax.vmap(lambda f: consistency(f, self.pair, 2))(field), lipschitz(self.pair)
        return {
            form: Inequality(
                "GP Theorem 2.6" if form == "paper" else "beyond GP Theorem 2.6",
                "E_ħ(f, R¹_2)² ≤ the bound with K_N itself",
                left,
                by_halves(lambda K, form=form: bound_with(0.5 * hbar, K, L, duration, form), K),
                parameters={"hbar": hbar, "N": 2, "t": duration},
            )
            for form in FORMS
        }

    def _cost(self, first: Callable, duration: Scalar, steps: int) -> Bracket:
        """E_ħ(F, R¹_2)² at the end; `first`: F there, from f^{⊗2} and the options of a run."""

        def cost(number):
            how = {"duration": duration, "steps": number, "throw": False}
            Z, R, missing = self._both(how)
            options = {"grid": self.grid, "hbar": self.hbar, "rank": self.rank}
            found = semiquantum(first(Z, how), R, **options).cost
            return found.widen(missing, rigorous=False)

        return refined(cost(steps), cost(steps // 2))

    def _both(self, options: dict[str, Any]) -> tuple[Particles, MixedState, Array]:
        """f^{⊗2} at time 0, R¹_2 at the end from its Töplitz state, cut to `rank`, and what is cut and what the grid may hide
        of E_ħ²."""
        cloud, grid, hbar, rank = self.cloud, self.grid, self.hbar, self.rank
        count = cloud.weights.shape[0]
        i, j = (index.ravel() for index in np.indices((count, count)))
        weights = cloud.weights[i] * cloud.weights[j]
        sides = (jnp.concatenate([a[i], a[j]], axis=1) for a in (cloud.positions, cloud.momenta))
        one = toeplitz_state(cloud, grid, hbar).orbitals
        psi = MixedState(weights, one[i][:, :, None] * one[j][:, None, :])
        system = ManyBody(grid, self.pair, hbar, 2, symmetric=False)
        r = reduced_state(evolve(system, psi, **options).state, grid, 1)
        values, vectors = jnp.linalg.eigh(r * grid.cell)
        kept = jnp.maximum(values[-rank:], 0.0)
        R = MixedState(kept / jnp.sum(kept), vectors[:, -rank:].T / jnp.sqrt(grid.cell))
        # What is left out may be as far away as the grid reaches.
        missing = (1 - jnp.sum(kept)) * jnp.max(grid.axes[0] ** 2)
        return Particles(weights, *sides), R, missing + moment_errors(R, grid, hbar)


def at_two_places(
    place: Scalar,
    pair: Any,
    numbers: Sequence[int],
    *,
    duration: Scalar,
    steps: int,
    factor: Scalar = 1.0,
) -> dict[str, Inequality]:
    """dist(F¹_N(t), f(t))² ≤ Theorem 2.6 for ħ → 0 with K_N itself, for N bodies at rest, each at ±`place` by chance (d = 1).

    Bodies at one place stay together: the N-body dynamics is that of two points of weights k/N and 1 − k/N, and F¹_N a sum over the
    binomial law of k, without sampling. f is two points of weight ½, so that the nearest is the optimal place to go to:

        dist(F¹_N, f)² = ½Σ_k b_k ((k/N)|z_+(k/N) − z_+(½)|² + (1 − k/N)|z_−(k/N) − z_−(½)|²)

    **Arguments:** `factor`: of the force between the bodies alone; 2 is that of the printed double sum, a negative control.

    **Returns:** "paper" (½∫e^{Γ(t−s)}K_N ds) and "sharp" (`root_bound`), each for all of the `numbers`.
    """
    pair, count = as_potential(pair), len(numbers)
    laws = [_binomial(N) for N in numbers]
    shares, masses = (jnp.asarray(np.concatenate(part)) for part in zip(*laws))
    owner = np.repeat(np.arange(count), [len(law[0]) for law in laws])

    def moved(q, number, factor, saves=1):
        x = place * jnp.array([1.0, -1.0])
        z = Particles(jnp.stack([q, 1 - q]), x, jnp.zeros(2))
        options = {"duration": duration, "steps": number, "saves": saves, "throw": False}
        return evolve(VlasovParticles(Scaled(pair, factor)), z, **options)

    def distances(number):
        f = moved(jnp.asarray(0.5), number, 1.0).state

        def one(q):
            z = moved(q, number, factor).state
            gaps = (z.positions - f.positions)[:, 0] ** 2 + (z.momenta - f.momenta)[:, 0] ** 2
            return 0.5 * z.weights @ gaps

        return jax.ops.segment_sum(masses * jax.vmap(one)(shares), owner, count)

    fine, coarse = (distances(number) for number in (steps, steps // 2))
    field = moved(jnp.asarray(0.5), steps, 1.0, NODES).observed
    L, N = lipschitz(pair), jnp.asarray(numbers, float)
    K = jax.vmap(lambda N: jax.vmap(lambda f: consistency(f, pair, N))(field))(N)
    law = "dist(F¹_N, f)² ≤ the bound with K_N itself, ħ = 0, N bodies at two places"
    return {
        form: Inequality(
            "GP Theorem 2.6, ħ → 0" if form == "paper" else "beyond GP Theorem 2.6",
            law,
            Bracket.estimated(fine, jnp.abs(fine - coarse)),
            jax.vmap(
                lambda K, form=form: by_halves(lambda K: bound_with(0.0, K, L, duration, form), K)
            )(K),
            parameters={"N": N, "t": duration},
        )
        for form in FORMS
    }


def _binomial(number: int) -> tuple[np.ndarray, np.ndarray]:
    """k/N and the probabilities of k heads in N throws, without those ten standard deviations away.

    >>> from jaxwigner.theorems.gp.sharp.bodies import _binomial
    >>> [part.round(9).tolist() for part in _binomial(2)]
    [[0.0, 0.5, 1.0], [0.25, 0.5, 0.25]]
    """
    reach = 5 * math.sqrt(number)
    k = np.arange(
        max(0, math.floor(number / 2 - reach)), min(number, math.ceil(number / 2 + reach)) + 1
    )
    logs = [math.lgamma(number + 1) - math.lgamma(j + 1) - math.lgamma(number - j + 1) for j in k]
    masses = np.exp(np.array(logs) - number * math.log(2.0))
    return k / number, masses / masses.sum()


def bodies_beside_the_field(
    cloud: Particles,
    pair: Any,
    number: int,
    samples: int,
    *,
    duration: Scalar,
    steps: int,
    factor: Scalar = 1.0,
) -> Inequality:
    """½E|Z_1 − Z'_1|² ≤ the bound with K_N itself: N bodies drawn from a cloud, and the same points in the field of the cloud (d = 1).

    The error is four standard deviations over the `samples`. `factor`: of the force between the bodies alone; 2 is that of the printed
    double sum, a negative control.
    """
    pair = as_potential(pair)
    options = {"duration": duration, "steps": steps}
    field = evolve(VlasovParticles(pair), cloud, **options, saves=NODES)
    K = jax.vmap(lambda f: consistency(f, pair, number))(field.observed)
    count = cloud.weights.shape[0]
    chosen = jax.random.choice(jax.random.key(number), count, (samples, number), p=cloud.weights)
    weights = jnp.full(samples, 1 / samples)
    Z = Particles(weights, cloud.positions[chosen, 0], cloud.momenta[chosen, 0])
    bodies = evolve(ManyBodyNewton(Scaled(pair, factor), number), Z, **options, throw=False).state
    gaps = (bodies.positions - field.state.positions[chosen, 0]) ** 2
    gaps = gaps + (bodies.momenta - field.state.momenta[chosen, 0]) ** 2
    each = 0.5 * jnp.mean(gaps, axis=1)
    right = by_halves(lambda K: root_bound(0.0, K, lipschitz(pair), duration), K)
    return Inequality(
        "beyond GP Theorem 2.6",
        "½E|Z_1 − Z'_1|² ≤ (∫e^{g(t−s)}(K_N/2)^{½}ds)², ħ = 0",
        Bracket.estimated(jnp.mean(each), 4 * jnp.std(each) / np.sqrt(samples)),
        right,
        parameters={"N": number, "t": duration},
    )
