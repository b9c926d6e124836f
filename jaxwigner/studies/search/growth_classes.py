"""Hypothesis classes in which E_ħ² is exact at all times, for the worst cases of Golse and Paul's Theorems 2.5, 2.6 and 2.7.

R is pure and p any finite measure, so that there is one coupling only: E_ħ² = ½(|m − m′|² + tr Σ + tr S), at every time, d = 1.

    pair potential   V″(x) = Σ_j c_j cos jkx (even V), scaled to sup|V″| = L or to −L₁ ≤ V″ ≤ L₂;
                     or V″(x) = Σ_j s_j sin jkx + h x/√(x² + w²) (odd V), which the theorems exclude
    R, p             a squeezed state times Σ_n c_n h_n;  points of free place and weight
    N = 2            X = (x₁ + x₂)/√2 is free, r = (x₁ − x₂)/√2 moves in ½V(√2r): two problems of one coordinate, ψ and p even in r

Bounds beside the paper's (beyond it): Theorem S for even V, which is sharp; for any V e^{θ_c}E_ħ(0)² with c = √2L, from a′ ≤ b and
b′ ≤ √2La for a² = ⟨|u|²⟩, b² = ⟨|P|²⟩; for −L₁ ≤ V″ ≤ L₂, L₂ ≥ 3L₁, the rate (L₁ + L₂)/√(2(L₂ − L₁)) of ½(ω²|u|² + |P|²) with
ω² = ½(L₂ − L₁); Theorem 2.6 with the rate ½(1 + L) of the square root and K_N ≤ ((N − 1)/N²)‖∇V‖².

Theorem S does need Newton's third law: for V″ = −L sgn x, of no symmetry that it uses, E_ħ² grows faster once L is large (`odd_pair`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex, Float, PyTree

from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.classical import Newton, VlasovParticles
from jaxwigner.engine.evolve import evolve
from jaxwigner.engine.methods import DEFAULT_METHOD, METHODS
from jaxwigner.grid import Grid, Scalar
from jaxwigner.potentials import Potential
from jaxwigner.quantum import Hartree, Schrodinger
from jaxwigner.states import Particles
from jaxwigner.studies.search.worst_case import resolved
from jaxwigner.theorems.gp.rates import bound, mean_field_rate, paper_rate
from jaxwigner.transport import moments, quantum_moments

HARMONICS = 4
SAMPLES = 2048  # of V″ over a period, for its exact extremes (relative error below 2e-5)
LEVELS = 4
SQUEEZING = 0.7  # largest ρ; variances are ½ħe^{±ρ}
REACH = 4.0  # of the points of p, positions and momenta
SIZES = (0.01, 1.5)  # of k
STEPS = (0.02, 2.0)  # of w


class Waves(Potential):
    """V with V(0) = V′(0) = 0 and V″(x) = Σ_j (c_j cos jkx + s_j sin jkx) + h x/√(x² + w²), j = 1 … J (d = 1).

    Even for s = 0, h = 0. A step in V″ costs many harmonics; hence the last term.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.studies.search.growth_classes import Waves
    >>> V = Waves(jnp.array([-1.0, 0.0]), jnp.zeros(2), 0.5)  # −(1 − cos ½x)/¼
    >>> round(float(V(2.0)), 9), round(float(V.gradient(2.0)[0]), 9)  # −(1 − cos 1)/¼, −sin(1)/½
    (-1.838790777, -1.68294197)
    """

    even: Float[Array, " j"]
    odd: Float[Array, " j"]
    wavenumber: Scalar
    step: Scalar = 0.0
    width: Scalar = 1.0

    @property
    def dimension(self) -> int | None:
        return 1

    def _angles(self, x: Array) -> tuple[Array, Array]:
        """jk and jkx, with j on a leading axis."""
        k = jnp.arange(1, self.even.shape[0] + 1) * self.wavenumber
        k = k.reshape((-1,) + (1,) * x.ndim)
        return k, k * x[None]

    def __call__(self, *x: Any) -> Array:
        (q,) = self.coordinates(*x)
        k, y = self._angles(q)
        even = 2 * jnp.sin(0.5 * y) ** 2 / k**2  # 1 − cos without cancellation
        waves = jnp.tensordot(self.even, even, 1)
        waves = waves + jnp.tensordot(self.odd, (y - jnp.sin(y)) / k**2, 1)
        w, root = self.width, jnp.sqrt(q**2 + self.width**2)
        return waves + self.step * (0.5 * (q * root + w**2 * jnp.arcsinh(q / w)) - w * q)

    def gradient(self, *x: Any) -> tuple[Array, ...]:
        (q,) = self.coordinates(*x)
        k, y = self._angles(q)
        odd = 2 * jnp.sin(0.5 * y) ** 2 / k
        waves = jnp.tensordot(self.even, jnp.sin(y) / k, 1) + jnp.tensordot(self.odd, odd, 1)
        return (waves + self.step * (jnp.sqrt(q**2 + self.width**2) - self.width),)


@dataclass(frozen=True)
class Frame:
    """What all members of a class share: ħ, the time T, L = Lip(∇V), L₂ where −L ≤ V″ ≤ L₂; and the resolution of the search.

    `method`: of the runs; one of fewer stages has more steps, so that all have as many kicks, and is less to compile.
    The box holds 7 standard deviations of the widest Gaussian of the class at T, in position and in momentum.
    """

    hbar: float
    time: float
    lipschitz: float
    curvature: float | None = None
    method: str = DEFAULT_METHOD

    @property
    def rate(self) -> float:
        """(L₁ + L₂)/√(2(L₂ − L₁)), of the one-sided class."""
        L1, L2 = self.lipschitz, self.curvature
        return (L1 + L2) / np.sqrt(2 * (L2 - L1))

    def grid(self, fine: bool) -> Grid:
        """Of the search, or four times the points: twice the box, half the spacing."""
        growth = (
            self.rate * self.time if self.curvature else growth_angle(self.lipschitz, self.time)
        )
        reach = 7.4 * np.sqrt(0.5 * self.hbar * np.exp(SQUEEZING + growth))
        points = 16 * int(np.ceil(2.2 * reach**2 / (np.pi * self.hbar) / 16))
        return Grid(-2 * reach, 2 * reach, 4 * points) if fine else Grid(-reach, reach, points)

    def options(self, fine: bool) -> dict[str, Any]:
        """Time and steps, half as long where `fine`."""
        stiffest = max(self.lipschitz, self.curvature or 0.0)
        steps = max(4, int(np.ceil(6 * np.sqrt(1 + stiffest) * self.time)))
        steps *= METHODS[DEFAULT_METHOD].stages // METHODS[self.method].stages
        steps *= 2 if fine else 1
        return {"duration": self.time, "steps": steps, "method": self.method, "throw": False}


def growth_angle(L: float, t: float) -> float:
    """θ_L(t) of Theorem S, as a number.

    >>> from jaxwigner.studies.search.growth_classes import growth_angle
    >>> round(growth_angle(1.0, 0.5), 12)
    1.0
    """
    return float(2 * np.arcsinh(0.5 * (1 + L) / np.sqrt(L) * np.sinh(np.sqrt(L) * t)))


def draw_even(key: Array) -> PyTree:
    """A random member of the classes with even V: all parameters standard normal."""
    return _normal(key, {"points": (3, 2), "weights": (3,), "centre": (2,)})


def draw_odd(key: Array) -> PyTree:
    """A random member of the class with odd V; many points, since the difference of forces has to vary over them."""
    return _normal(key, {"points": (16, 2), "weights": (16,), "step": (), "width": ()})


def _normal(key: Array, more: dict[str, tuple[int, ...]]) -> PyTree:
    shapes = {"waves": (HARMONICS,), "size": (), "squeeze": (2,), "levels": (LEVELS - 1, 2)} | more
    return normal_tree(key, shapes)


def normal_tree(key: Array, shapes: dict[str, tuple[int, ...]]) -> dict[str, Array]:
    """Arrays of standard normal entries, from one draw."""
    sizes = [int(np.prod(shape)) for shape in shapes.values()]
    parts = jnp.split(jax.random.normal(key, (sum(sizes),)), np.cumsum(sizes)[:-1])
    return {name: part.reshape(shapes[name]) for name, part in zip(shapes, parts)}


def even_potential(a: PyTree, frame: Frame) -> Waves:
    """V even, sup|V″| = L."""
    low, high = _extremes(a["waves"], 0.0)
    scale = frame.lipschitz / jnp.maximum(-low, high)
    return Waves(scale * a["waves"], jnp.zeros(HARMONICS), _between(SIZES, a["size"]))


def odd_potential(a: PyTree, frame: Frame) -> Waves:
    """V odd, sup|V″| = L."""
    low, high = _extremes(0.0, a["waves"])
    # Far out the step is ±h, while the waves take all of their values.
    scale = frame.lipschitz / (jnp.maximum(-low, high) + 8 * jnp.abs(a["step"]))
    k, w = _between(SIZES, a["size"]), _between(STEPS, a["width"])
    return Waves(jnp.zeros(HARMONICS), scale * a["waves"], k, 8 * scale * a["step"], w)


def one_sided_potential(a: PyTree, frame: Frame) -> Waves:
    """V even, −L₁ ≤ V″ ≤ L₂ with one of the two attained."""
    low, high = _extremes(a["waves"], 0.0)
    scale = jnp.minimum(frame.lipschitz / -low, frame.curvature / high)
    return Waves(scale * a["waves"], jnp.zeros(HARMONICS), _between(SIZES, a["size"]))


def _between(limits: tuple[float, float], a: Array) -> Array:
    """A positive number between its limits."""
    low, high = limits
    return low * (high / low) ** jax.nn.sigmoid(a)


def _extremes(even: Any, odd: Any) -> tuple[Array, Array]:
    """inf V″ < 0 < sup V″, over a period."""
    y = np.outer(np.arange(1, HARMONICS + 1), np.linspace(0, 2 * np.pi, SAMPLES, endpoint=False))
    values = jnp.ones(HARMONICS) * even @ np.cos(y) + jnp.ones(HARMONICS) * odd @ np.sin(y)
    return jnp.min(values), jnp.max(values)


def gradient_bound(V: Waves) -> Array:
    """‖V′‖∞, over a period."""
    y = np.linspace(0, 2 * np.pi, SAMPLES, endpoint=False)
    return jnp.max(jnp.abs(V.gradient(y / V.wavenumber)[0]))


def squeezed_covariance(squeeze: Float[Array, "2"], hbar: Scalar) -> Float[Array, "2 2"]:
    """½ħ exp[[α, β], [β, −α]] with |(α, β)| < SQUEEZING."""
    size = jnp.sqrt(jnp.sum(squeeze**2) + 1e-12)
    rho = SQUEEZING * jnp.tanh(size)
    alpha, beta = jnp.sinh(rho) * squeeze / size
    a, c = jnp.cosh(rho) + alpha, jnp.cosh(rho) - alpha
    return 0.5 * hbar * jnp.stack([jnp.stack([a, beta]), jnp.stack([beta, c])])


def hermite_polynomials(s: Any, highest: int) -> list[Any]:
    """h_n = H_n/√(2ⁿn!) for n up to `highest` ≥ 1: h_{n+1} = √(2/(n+1)) s h_n − √(n/(n+1)) h_{n−1}.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.studies.search.growth_classes import hermite_polynomials
    >>> [round(float(h), 6) for h in hermite_polynomials(jnp.asarray(1.0), 2)]  # 1, 2/√2, (4 − 2)/√8
    [1.0, 1.414214, 0.707107]
    """
    h = [jnp.ones_like(s), jnp.sqrt(2.0) * s]
    for n in range(1, highest):
        h.append(np.sqrt(2 / (n + 1)) * s * h[n] - np.sqrt(n / (n + 1)) * h[n - 1])
    return h


def pure_state(
    a: PyTree, grid: Grid, hbar: Scalar, orders: tuple[int, ...]
) -> Complex[Array, " x"]:
    """ψ ∝ Σ_n c_n h_n(s) e^{−(1−ib)s²/2}, s = x/√(2S_xx), c_0 = 1, b = 2S_xp/ħ, for n in `orders`."""
    S = squeezed_covariance(a["squeeze"], hbar)
    s = grid.axes[0] / jnp.sqrt(2 * S[0, 0])
    h = hermite_polynomials(s, max(orders))
    c = jax.lax.complex(a["levels"][:, 0], a["levels"][:, 1])
    sum_ = h[0] + sum(c[i] * h[n] for i, n in enumerate(orders[1:]))
    psi = sum_ * jnp.exp(-0.5 * (1 - 2j * S[0, 1] / hbar) * s**2)
    return psi / jnp.sqrt(jnp.sum(jnp.abs(psi) ** 2) * grid.cell)


def cloud(a: PyTree, *, symmetric: bool) -> Particles:
    """Points within REACH and their weights; `symmetric`: with z also −z."""
    z, w = REACH * jnp.tanh(0.5 * a["points"]), jax.nn.softmax(a["weights"])
    if symmetric:
        z, w = jnp.concatenate([z, -z]), 0.5 * jnp.concatenate([w, w])
    return Particles(w, z[:, :1], z[:, 1:])


def _square(p: Particles, psi: Array, grid: Grid, hbar: Scalar, metric: Scalar = 1.0) -> Array:
    """½(ω²⟨|x − ŷ|²⟩ + ⟨|ξ − p̂|²⟩) of p ⊗ |ψ⟩⟨ψ|, which is E_ħ² for ω = 1."""
    one, other = moments(p), quantum_moments(psi, grid=grid, hbar=hbar)
    spread = (one.mean - other.mean) ** 2 + jnp.diagonal(one.covariance + other.covariance)
    return 0.5 * (metric * spread[0] + spread[1])


def _mean_field(a: PyTree, V: Waves, frame: Frame, fine: bool, metrics: tuple[float, ...] = (1.0,)):
    """E² before and after under Vlasov and Hartree, in each metric ω², and how far the run can be trusted."""
    grid, hbar, options = frame.grid(fine), frame.hbar, frame.options(fine)
    psi, p = pure_state(a, grid, hbar, tuple(range(LEVELS))), cloud(a, symmetric=False)
    quantum = evolve(Hartree(grid, V, hbar), psi, **options)
    later = evolve(VlasovParticles(V), p, **options).state
    both = _both(((p, psi), (later, quantum.state)))
    sides = (jax.vmap(lambda p, psi, m=m: _square(p, psi, grid, hbar, m))(*both) for m in metrics)
    return *sides, resolved(quantum.diagnostics)


def _both(sides: tuple[PyTree, PyTree]) -> PyTree:
    """What is known before and after, array by array along a leading axis: one program for both."""
    return jax.tree.map(lambda *both: jnp.stack(both), *sides)


def _theorem_s(start: Array, frame: Frame) -> Array:
    return bound(
        Bracket.exact(start), 0.5 * frame.hbar, frame.lipschitz, frame.time, "sharp"
    ).centre


def _paper(start: Array, frame: Frame, L: float | None = None) -> Array:
    return start * jnp.exp(paper_rate(frame.lipschitz if L is None else L) * frame.time)


def theorem_25(a: PyTree, frame: Frame, fine: bool) -> dict[str, Array]:
    """E_ħ(T)² over Theorem S, for even V."""
    (start, end), trust = _mean_field(a, even_potential(a, frame), frame, fine)
    paper = end / _paper(start, frame)
    return {"ratio": end / _theorem_s(start, frame), "paper": paper, "trust": trust}


def odd_pair(a: PyTree, frame: Frame, fine: bool) -> dict[str, Array]:
    """E_ħ(T)² over e^{θ_c}E_ħ(0)², c = √2L, for odd V; beside it, over Theorem S."""
    (start, end), trust = _mean_field(a, odd_potential(a, frame), frame, fine)
    proved = start * np.exp(growth_angle(np.sqrt(2) * frame.lipschitz, frame.time))
    sharp = end / _theorem_s(start, frame)
    paper = end / _paper(start, frame)
    return {"ratio": end / proved, "paper": paper, "theorem_s": sharp, "trust": trust}


def one_sided(a: PyTree, frame: Frame, fine: bool) -> dict[str, Array]:
    """E_{ħ,ω}(T)² over e^{rate·T}E_{ħ,ω}(0)² for −L₁ ≤ V″ ≤ L₂, L₂ > 3L₁."""
    L1, L2 = frame.lipschitz, frame.curvature
    V, metrics = one_sided_potential(a, frame), (0.5 * (L2 - L1), 1.0)
    (start, end), plain, trust = _mean_field(a, V, frame, fine, metrics)
    paper = plain[1] / _paper(plain[0], frame, max(L1, L2))
    ratio = end / (start * np.exp(frame.rate * frame.time))
    return {"ratio": ratio, "paper": paper, "trust": trust}


def _two_bodies(a: PyTree, V: Waves, frame: Frame, fine: bool):
    """The relative coordinate r of two bodies: ψ even in r before and after, and trust; tr S of the free X before and after."""
    grid, hbar = frame.grid(fine), frame.hbar
    relative = Waves(V.even, V.odd, np.sqrt(2) * V.wavenumber)  # ½V(√2r)
    psi = pure_state(a, grid, hbar, tuple(range(0, 2 * LEVELS, 2)))
    run = evolve(Schrodinger(grid, relative, hbar), psi, **frame.options(fine))
    S = squeezed_covariance(a["centre"], hbar)
    t = frame.time
    later = jnp.trace(S) + 2 * t * S[0, 1] + t**2 * S[1, 1]
    return relative, (psi, run.state), (jnp.trace(S), later), resolved(run.diagnostics)


def theorem_27(a: PyTree, frame: Frame, fine: bool) -> dict[str, Array]:
    """½E_ħ(F₂(T), R₂(T))² over Theorem S for N = 2, symmetric data, even V; F₂ sits at X = 0."""
    grid, hbar = frame.grid(fine), frame.hbar
    U, psis, free, trust = _two_bodies(a, even_potential(a, frame), frame, fine)
    p = cloud(a, symmetric=True)
    later = evolve(Newton(U), p, **frame.options(fine)).state
    both = _both(((p, psis[0]), (later, psis[1])))
    squares = jax.vmap(lambda q, psi: _square(q, psi, grid, hbar))(*both)
    start, end = 0.5 * (squares + 0.5 * jnp.stack(free))
    paper = end / _paper(start, frame)
    return {"ratio": end / _theorem_s(start, frame), "paper": paper, "trust": trust}


def theorem_26(a: PyTree, frame: Frame, fine: bool) -> dict[str, Array]:
    """½E_ħ(f^{⊗2}(T), R₂(T))² over (e^{gT}E₀ + ‖V′‖√((N−1)/2N²)(e^{gT} − 1)/g)², g = ½(1 + L), N = n = 2, even V."""
    grid, hbar, T = frame.grid(fine), frame.hbar, frame.time
    V = even_potential(a, frame)
    _, psis, free, trust = _two_bodies(a, V, frame, fine)
    f = cloud(a, symmetric=False)
    later = evolve(VlasovParticles(V), f, **frame.options(fine)).state

    def half_cost(f, psi, S):
        z = jnp.concatenate([f.positions, f.momenta], axis=1)
        spread = quantum_moments(psi, grid=grid, hbar=hbar)
        square = 2 * f.weights @ jnp.sum(z**2, axis=1) + S + jnp.trace(spread.covariance)
        return 0.25 * square

    start, end = (half_cost(*one) for one in zip((f, later), psis, free, strict=True))
    size, g, gamma = (
        gradient_bound(V),
        0.5 * (1 + frame.lipschitz),
        mean_field_rate(frame.lipschitz),
    )
    forcing = size * np.sqrt(1 / 8) * np.expm1(g * T) / g
    proved = (np.exp(g * T) * jnp.sqrt(start) + forcing) ** 2
    paper = start * jnp.exp(gamma * T) + (2 * size) ** 2 * jnp.expm1(gamma * T) / gamma
    return {"ratio": end / proved, "paper": end / paper, "trust": trust}
