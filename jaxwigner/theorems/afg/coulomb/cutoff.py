"""Nothing is hidden on the singular set: Ambrosio–Friesecke–Giannoulis Step 3 of Theorem 1.1 (iii), (45), (48), (49), M = 2.

With η_δ(R) = η(|R|/δ), η from 1 on (0, ½) to 0 beyond 1, φ = a(R)e^{λt}b(P), W = W(t), m = ½ and y cut at |y| = ħ^{−α}:

    ∫∫fη_δφ − d/dt ∫∫Wη_δφ = −∫∫W(∂_t + m⁻¹P·∇_R)(η_δφ) = Q₁ + Q₂                                      (45)
    |Q₁| ≤ (X + C₁Ξ/δ) ∫_{|R|<2δ}|Ψ|² ≤ 4K/C² (δ²X + C₁δΞ),   ħ^{1−α} ≤ 2δ                              (49), explicit
    |Q₂| ≤ (X + C₁Ξ/δ) × (share of ∫ sup|F_pφ| dy beyond ħ^{−α}), smaller than any power of ħ              (48)

X = (2π)^{−3}‖(∂_t + m⁻¹P·∇)φ‖_*, Ξ = (2π)^{−3}‖m⁻¹Pφ‖_*, |∇η_δ| ≤ C₁/δ. In the integrals both factors of Ψ(R + ħy/2)Ψ̄(R − ħy/2)
then lie in |R| < 2δ, where (9) bounds their mass by 4Kδ²/C². For a = e^{−|R−c|²/2s²} and b = e^{−|P−q|²/2τ²}, F_p is closed, and
the integrals are means over scrambled Sobol points: R in the ball |R| < δ, y normal. Copies of the points tell the error.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import check_choice, check_integer, check_positive_scalar, concrete, require
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.grid import Scalar
from jaxwigner.inequality import ROUNDING, Inequality
from jaxwigner.quantum import PartialWaves
from jaxwigner.quantum import radial_observables as radial
from jaxwigner.quantum.partial_waves.observables import wave_function

COPIES = 8
STUDENT = 2.365  # 97.5 %, 7 degrees of freedom
KINDS = ("transport", "force", "density", "liouville", "defect")
SLOPE = 3.75  # C₁ = sup|η′| of the quintic step between ½ and 1


class CutTest(eqx.Module):
    """φ = e^{−|R−c|²/2s²} e^{λt} e^{−|P−q|²/2τ²} at t = 0: `centre` c and `momentum` q along ẑ, `spread` s, `width` τ, `growth` λ.

    >>> import jaxwigner as jw
    >>> test = jw.theorems.coulomb_cutoff.CutTest(centre=0.3, spread=1.0, momentum=-0.2, width=1.0)
    >>> round(float(test.moving), 3)
    3.487
    """

    centre: Scalar
    spread: Scalar
    momentum: Scalar
    width: Scalar
    growth: Scalar = 0.0
    mass: Scalar = 0.5

    def profile(self, R: Float[Array, "k 3"]) -> Float[Array, " k"]:
        """a(R)."""
        return jnp.exp(-jnp.sum(self._offset(R) ** 2, axis=1) / (2 * self.spread**2))

    def slope(self, R: Float[Array, "k 3"]) -> Float[Array, "k 3"]:
        """∇a(R)."""
        return -self._offset(R) / self.spread**2 * self.profile(R)[:, None]

    def _offset(self, R):
        return R - self.centre * jnp.array([[0.0, 0.0, 1.0]])

    @property
    def moving(self) -> Array:
        """Ξ = (2π)^{−3}∫|F_p(m⁻¹Pφ)|dy ≤ m⁻¹√(|q|² + 3τ²)."""
        return jnp.sqrt(self.momentum**2 + 3 * self.width**2) / self.mass

    @property
    def changing(self) -> Array:
        """X = (2π)^{−3}∫sup|F_p(∂_t + m⁻¹P·∇)φ|dy ≤ |λ| + sup|∇a|Ξ."""
        return jnp.abs(self.growth) + np.exp(-0.5) / self.spread * self.moving


class Nodes(eqx.Module):
    """Points of the integrals: `unit` in the unit ball, `lags` y, (copies, k, 3); `share` of the normal law they stand for.

    `weights`: of the points, (copies, k), or 1 for points uniform in the ball.
    """

    unit: Float[Array, "copies k 3"]
    lags: Float[Array, "copies k 3"]
    share: Scalar
    weights: Scalar | Array = 1.0


def nodes(
    width: Scalar,
    radius: float | None = None,
    part: str = "all",
    count: int = 2**9,
    *,
    central: bool = False,
) -> Nodes:
    """Scrambled Sobol points for R and y ~ N(0, 1/τ²), all of y, the `near` |y| ≤ radius, or what is `far` beyond it.

    **Arguments:** known numbers; `width`: τ; `count`: a power of 2, for each of the copies; `central`: |R| uniform, which integrands
    like 1/|R|² need, in place of R uniform in the ball.

    >>> import jaxwigner as jw
    >>> near, far = (jw.theorems.coulomb_cutoff.nodes(1.0, 2.0, part) for part in ("near", "far"))
    >>> round(float(near.share + far.share), 12), near.lags.shape
    (1.0, (8, 512, 3))
    """
    from scipy.stats import chi, qmc

    check_choice("part", part, ("all", "near", "far"))
    check_positive_scalar("width", width)
    check_integer("count", count, at_least=2)
    law, cut = chi(3), np.inf if part == "all" else (radius or 0.0) * width
    require(cut > 0, "radius", "be given, and positive, for a part", radius)
    units, lags, weights = [], [], []
    for seed in range(COPIES):
        sobol = qmc.Sobol(6, scramble=True, rng=np.random.default_rng(seed))
        points = np.clip(sobol.random(count), 1e-12, 1 - 1e-12)
        distance = points[:, :1] if central else points[:, :1] ** (1 / 3)
        units.append(distance * _directions(points[:, 1:3]))
        weights.append(3 * points[:, 0] ** 2)
        sizes = (
            law.isf(points[:, 3] * law.sf(cut))
            if part == "far"
            else law.ppf(points[:, 3] * law.cdf(cut))
        )
        lags.append(sizes[:, None] / width * _directions(points[:, 4:]))
    share = law.sf(cut) if part == "far" else law.cdf(cut)
    weight = jnp.asarray(np.stack(weights)) if central else 1.0
    return Nodes(jnp.asarray(np.stack(units)), jnp.asarray(np.stack(lags)), float(share), weight)


def _directions(points: np.ndarray) -> np.ndarray:
    """Unit vectors from points of the unit square."""
    z, angle = 2 * points[:, 0] - 1, 2 * np.pi * points[:, 1]
    sine = np.sqrt(1 - z**2)
    return np.stack([sine * np.cos(angle), sine * np.sin(angle), z], axis=1)


def cut_integral(
    u: Array,
    system: PartialWaves,
    test: CutTest,
    delta: Scalar,
    points: Nodes,
    kind: str | tuple[str, ...] = "transport",
    *,
    edge: Scalar = True,
) -> Bracket:
    """One of the integrals against η_δφ, over the part of y that the points stand for.

    **Arguments:** `kind`: "transport" is −∫∫W(∂_t + m⁻¹P·∇)(η_δφ), "force" ∫∫fη_δφ, "density" ∫∫Wη_δφ, "liouville" the force's
    T4 = −∫∫W∇U·∇_P(η_δφ) and "defect" what it has beyond that, ∫∫gη_δφ; or several of these, from one evaluation of Ψ;
    `edge`: a factor of the term with ∇η_δ (without it (45) is false: a negative control).

    **Returns:** a `Bracket`: the mean of the copies and its 95 % interval; of several kinds, along an axis.

    >>> import jaxwigner as jw
    >>> from jaxwigner.theorems.afg.coulomb import cutoff as coulomb_cutoff
    >>> system = jw.PartialWaves(jw.RadialGrid(4.0, 95), 0.5, 0.1, waves=40)
    >>> u = jw.packet_waves(system, 1.2, -0.5)
    >>> test = coulomb_cutoff.CutTest(1.2, 1.0, -0.5, 4.0)
    >>> found = coulomb_cutoff.cut_integral(u, system, test, 1.2, coulomb_cutoff.nodes(4.0), "density")
    >>> bool(0 < found.lower < found.upper < 0.5)
    True
    """
    kinds = (kind,) if isinstance(kind, str) else kind
    for one in kinds:
        check_choice("kind", one, KINDS)
    require(system.orders == 0, "system", "be axially symmetric (`orders` = 0)", system.orders)
    copies = points.unit.shape[0]
    R, y = (delta * points.unit).reshape(-1, 3), points.lags.reshape(-1, 3)
    ahead, behind = R + 0.5 * system.hbar * y, R - 0.5 * system.hbar * y
    values = _waves(u, system, ahead) * jnp.conj(_waves(u, system, behind))
    values = values * jnp.exp(-1j * test.momentum * y[:, 2])
    found = [values * _kernel(system, test, delta, R, y, one, edge) for one in kinds]
    samples = jnp.real(jnp.stack(found)).reshape(-1, copies, R.shape[0] // copies)
    samples = samples * jnp.broadcast_to(jnp.asarray(points.weights), samples.shape[1:])[None]
    means = jnp.mean(samples, axis=-1) * (4 / 3 * np.pi * delta**3 * points.share)
    means = means[0] if isinstance(kind, str) else means
    error = STUDENT * jnp.std(means, axis=-1, ddof=1) / np.sqrt(copies)
    return Bracket.estimated(jnp.mean(means, axis=-1), error + ROUNDING)


def _kernel(
    system: PartialWaves, test: CutTest, delta: Scalar, R: Array, y: Array, kind: str, edge: Scalar
) -> Array:
    """What stands beside Ψ(R + ħy/2)Ψ̄(R − ħy/2) in the integral of a kind."""
    eta, eta_slope = _cut(R, delta)
    if kind == "density":
        return eta * test.profile(R)
    if kind == "transport":
        # F_p(Pb) = (q − iτ²y)F_pb.
        speed = jnp.array([[0.0, 0.0, 1.0]]) * test.momentum - 1j * test.width**2 * y
        slope = eta[:, None] * test.slope(R)
        slope = slope + edge * (eta_slope * test.profile(R)[:, None])
        kernel = test.growth * eta * test.profile(R) + jnp.sum(slope * speed, axis=1) / test.mass
        return -kernel
    ahead, behind = R + 0.5 * system.hbar * y, R - 0.5 * system.hbar * y
    change = (_potential(system, ahead) - _potential(system, behind)) / system.hbar
    slope = jax.vmap(jax.grad(lambda x: _potential(system, x[None])[0]))(R)
    tangent = jnp.sum(slope * y, axis=1)
    parts = {"force": change, "liouville": tangent, "defect": change - tangent}
    return -1j * parts[kind] * eta * test.profile(R)


def _waves(u: Array, system: PartialWaves, points: Float[Array, "k 3"]) -> Array:
    """Ψ at points, zero outside the box."""
    square = jnp.sum(points**2, axis=1)
    inside = square < system.grid.length**2
    safe = jnp.where(inside[:, None], points, jnp.ones_like(points))
    return jnp.where(inside, wave_function(u, system, safe), 0.0)


def _potential(system: PartialWaves, points: Float[Array, "k 3"]) -> Array:
    r = jnp.sqrt(jnp.sum(points**2, axis=1))
    return system.charge / r + system.potential(r)


def _cut(R: Float[Array, "k 3"], delta: Scalar) -> tuple[Array, Array]:
    """η_δ and ∇η_δ: the step of `coulomb_limit.cut_off` for one pair."""
    r = jnp.sqrt(jnp.sum(R**2, axis=1))
    x = jnp.clip(2 - 2 * r / delta, 0.0, 1.0)
    slope = -2 / delta * 30 * x**2 * (1 - x) ** 2
    return x**3 * (10 - 15 * x + 6 * x**2), (slope / r)[:, None] * R


def cut_identity(
    states: tuple[Array, Array, Array],
    system: PartialWaves,
    test: CutTest,
    delta: Scalar,
    points: Nodes,
    step: Scalar,
    *,
    edge: Scalar = True,
) -> Inequality:
    """∫∫fη_δφ − d/dt∫∫Wη_δφ = −∫∫W(∂_t + m⁻¹P·∇)(η_δφ) (AFG (45) at one time), d/dt by a central difference of three states.

    **Arguments:** `states`: Ψ at t − h, t, t + h; `step`: h; `points`: all of y; `edge`: as in `cut_integral`.

    >>> import jaxwigner as jw
    >>> system = jw.PartialWaves(jw.RadialGrid(5.0, 63), 0.5, 0.2, waves=24)
    >>> u = jw.packet_waves(system, 1.5, -0.5)
    >>> states = [jw.evolve(system, u, duration=t, steps=16).state for t in (0.48, 0.5, 0.52)]
    >>> test = jw.theorems.coulomb_cutoff.CutTest(0.5, 1.0, 0.0, 1.0)
    >>> points = jw.theorems.coulomb_cutoff.nodes(1.0)
    >>> jw.theorems.coulomb_cutoff.cut_identity(tuple(states), system, test, 1.0, points, 0.02).verdict
    'holds'
    """
    kinds = ("density", "force", "transport")
    one = lambda u: cut_integral(u, system, test, delta, points, kinds, edge=edge)  # noqa: E731
    found = jax.vmap(one)(jnp.stack([jnp.asarray(u) for u in states]))
    at = lambda time, kind: jax.tree.map(lambda leaf: leaf[time, kind], found)  # noqa: E731
    sooner, now, later = (at(time, 0) for time in range(3))
    force, transport = at(1, 1), at(1, 2)
    growth = test.growth * now.centre
    # The same points at both times: what sampling does to them cancels in the difference.
    change = (later.centre - sooner.centre) / (2 * step) + growth
    lhs = force.centre - change
    size = jnp.abs(force.centre) + jnp.abs(change) + jnp.abs(transport.centre)
    error = 0.5 * (force.upper - force.lower) + 0.5 * (later.upper - later.lower)
    law = "∫∫fη_δφ − d/dt∫∫Wη_δφ = −∫∫W(∂_t + m⁻¹P·∇)(η_δφ)"
    numbers = {"hbar": system.hbar, "delta": delta}
    options = {"kind": "identity", "width": 0.2 * size, "parameters": numbers}
    return Inequality("AFG (45)", law, Bracket.estimated(lhs, error), transport, **options)


def near_part(
    u: Array, start: Array, system: PartialWaves, test: CutTest, delta: Scalar, points: Nodes
) -> tuple[Inequality, Inequality]:
    """|Q₁| ≤ (X + C₁Ξ/δ)∫_{|R|<2δ}|Ψ|², and ≤ 4K/C²(δ²X + C₁δΞ) with K of the `start` Ψ₀ (AFG (49), explicit).

    **Arguments:** `points`: of the part |y| ≤ ħ^{−α} with ħ^{1−α} ≤ 2δ.

    >>> import jaxwigner as jw
    >>> system = jw.PartialWaves(jw.RadialGrid(4.0, 95), 0.5, 0.1, waves=40)
    >>> u = jw.packet_waves(system, 1.2, -0.5)
    >>> test = jw.theorems.coulomb_cutoff.CutTest(0.5, 1.0, 0.0, 1.0)
    >>> points = jw.theorems.coulomb_cutoff.nodes(1.0, 0.1**-0.5, "near")
    >>> [claim.verdict for claim in jw.theorems.coulomb_cutoff.near_part(u, u, system, test, 0.5, points)]
    ['holds', 'holds']
    """
    if concrete((points.lags, system.hbar, delta)):
        reach = 0.5 * float(system.hbar) * float(np.linalg.norm(points.lags, axis=-1).max())
        require(reach <= float(delta), "delta", f"be at least ħ|y|/2 = {reach:.3g}", delta)
    lhs = abs(cut_integral(u, system, test, delta, points))
    constant = test.changing + SLOPE / delta * test.moving
    mass = radial.inner_mass(u, system, 2 * delta)
    K = radial.hamiltonian_square(start, system, radial.lower_bound(system))
    numbers = {"hbar": system.hbar, "delta": delta}
    sides = (
        ("AFG (49), mass", "|Q₁| ≤ (X + C₁Ξ/δ)∫_{|R|<2δ}|Ψ|²", constant * mass),
        ("AFG (49)", "|Q₁| ≤ 4K/C²(δ²X + C₁δΞ)", 4 * K / system.charge**2 * delta**2 * constant),
    )
    return tuple(
        Inequality(
            name, law, lhs, Bracket.estimated(rhs, 1e-6 * rhs + ROUNDING), parameters=numbers
        )
        for name, law, rhs in sides
    )


def far_part(
    u: Array, system: PartialWaves, test: CutTest, delta: Scalar, points: Nodes
) -> Inequality:
    """|Q₂| ≤ (X + C₁Ξ/δ)‖Ψ‖² × share, where the moment √(|q|² + τ⁴|y|²) is taken beyond the cut (AFG (48)).

    **Arguments:** `points`: of the part |y| > ħ^{−α}.

    >>> import jaxwigner as jw
    >>> system = jw.PartialWaves(jw.RadialGrid(4.0, 95), 0.5, 0.1, waves=40)
    >>> u = jw.packet_waves(system, 1.2, -0.5)
    >>> test = jw.theorems.coulomb_cutoff.CutTest(0.5, 1.0, 0.0, 1.0)
    >>> points = jw.theorems.coulomb_cutoff.nodes(1.0, 0.1**-0.5, "far")
    >>> jw.theorems.coulomb_cutoff.far_part(u, system, test, 0.5, points).verdict
    'holds'
    """
    lhs = abs(cut_integral(u, system, test, delta, points))
    square = test.momentum**2 + test.width**4 * jnp.sum(points.lags**2, axis=-1)
    moving = jnp.mean(jnp.sqrt(square)) / test.mass
    slopes = np.exp(-0.5) / test.spread + SLOPE / delta
    rhs = points.share * (jnp.abs(test.growth) + slopes * moving)
    law = "|Q₂| ≤ (2π)^{−3}‖Ψ‖²∫_{|y|>ħ^{−α}} sup|F_p(∂_t + m⁻¹P·∇)(η_δφ)|dy"
    numbers = {"hbar": system.hbar, "delta": delta}
    return Inequality("AFG (48)", law, lhs, Bracket.estimated(rhs, 1e-3 * rhs), parameters=numbers)
