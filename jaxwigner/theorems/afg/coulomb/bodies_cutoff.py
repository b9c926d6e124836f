"""The cut-off at the singular set for M nuclei: Ambrosio–Friesecke–Giannoulis Step 3, (45), (48), (49), with the corrected η_δ.

The printed Π_{α<β}η(|R_α − R_β|/δ) is one near the collision of all nuclei only; for M ≥ 3 the rest (1 − η_δ)φ of a test function then
still meets S, and the sup of |∇U_s| that Step 2 needs there is infinite. With η_δ = 1 − Π_{α<β}(1 − η(|R_α − R_β|/δ)),

    |∇U_s| ≤ (4√2/δ²)ΣC_αβ where η_δ < 1,     |∇η_δ| ≤ C₁/δ,  C₁ = √2·(pairs)·sup|η′|
    |Q₁| ≤ (X + C₁Ξ/δ)∫_{some |R_αβ|<2δ}|Ψ|² ≤ (4K/m²)(δ²X + C₁δΞ),   ε^{1−α} ≤ √2δ                     (49), explicit
    |Q₂| ≤ (X + C₁Ξ/δ) × (share of ∫sup|F_pφ|dy beyond ε^{−α})                                          (48)

φ = e^{−|x−c|²/2S²} e^{λt} e^{−|p−q|²/2τ²} at t = 0 in R^{3M}, X = (2π)^{−3M}‖(∂_t + p·∇)φ‖_*, Ξ = (2π)^{−3M}‖pφ‖_*. For a product of
Gaussian packets Ψ(x + εy/2)Ψ̄(x − εy/2) = |Ψ(x)|² e^{−ε²|y|²/4s² + ip₀·y}: the Q are means over x ~ |Ψ|² and y ~ N(0, 1/τ²).
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import check_choice, check_positive_scalar, concrete, require
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.grid import Scalar
from jaxwigner.inequality import Inequality
from jaxwigner.quantum import product_packets as packets_of
from jaxwigner.quantum.nuclei.product_packets import ProductPackets
from jaxwigner.theorems.afg.coulomb import limit as coulomb_limit
from jaxwigner.theorems.afg.coulomb.bodies import (
    Measured,
    force_sizes,
    mean_of,
    near_collision,
    pair_distances,
)
from jaxwigner.theorems.afg.coulomb.cutoff import SLOPE


class BodyTest(eqx.Module):
    """φ = e^{−|x−c|²/2S²} e^{λt} e^{−|p−q|²/2τ²} at t = 0 for M nuclei.

    `centres` c and `momenta` q, (M, 3), `spread` S, `width` τ, `growth` λ.

    >>> import numpy as np
    >>> from jaxwigner.theorems.afg.coulomb.bodies_cutoff import BodyTest
    >>> test = BodyTest(np.eye(3), np.zeros((3, 3)), spread=1.0, width=1.0)
    >>> float(test.moving), round(float(test.changing), 6)
    (3.0, 1.819592)
    """

    centres: Float[Array, "M 3"]
    momenta: Float[Array, "M 3"]
    spread: Scalar
    width: Scalar
    growth: Scalar = 0.0

    @property
    def moving(self) -> Array:
        """Ξ ≤ √(|q|² + 3Mτ²)."""
        q = jnp.asarray(self.momenta)
        return jnp.sqrt(jnp.sum(q**2) + q.size * self.width**2)

    @property
    def changing(self) -> Array:
        """X ≤ |λ| + sup|∇a|Ξ, a the factor of x."""
        return jnp.abs(self.growth) + np.exp(-0.5) / self.spread * self.moving

    def constant(self, delta: Scalar) -> Array:
        """X + C₁Ξ/δ."""
        nuclei = len(self.centres)
        C1 = np.sqrt(2) * nuclei * (nuclei - 1) / 2 * SLOPE
        return self.changing + C1 / delta * self.moving


def cut_integral(
    packets: ProductPackets,
    test: BodyTest,
    delta: Scalar,
    points: Float[Array, "copies k d"],
    part: str = "near",
    *,
    cutoff: Scalar = 0.5,
    printed: bool | int = False,
    acts: Any = None,
) -> Bracket:
    """Q₁ (part "near", |y| ≤ ε^{−cutoff}) or Q₂ ("far") of −∫∫W(∂_t + p·∇)(η_δφ) = Q₁ + Q₂ (AFG (45)).

    **Arguments:** `points`: from `coulomb_bodies.normal_points(6 * M)`; `printed`: the cut-off of the text; `acts`: which pairs
    repel each other, by default all.

    **Returns:** a `Bracket`: the mean of the copies and its 99.9 % interval.

    >>> import numpy as np
    >>> from jaxwigner.quantum.nuclei.product_packets import ProductPackets
    >>> from jaxwigner.theorems.afg.coulomb import bodies as coulomb_bodies, bodies_cutoff as coulomb_bodies_cutoff
    >>> packets = ProductPackets(0.3 * np.eye(3), np.zeros((3, 3)), hbar=0.1)
    >>> test = coulomb_bodies_cutoff.BodyTest(np.zeros((3, 3)), np.zeros((3, 3)), 1.0, 1.0, 0.5)
    >>> points = coulomb_bodies.normal_points(18, 2**9)
    >>> value = coulomb_bodies_cutoff.cut_integral(packets, test, 0.6, points)
    >>> bool(abs(value.centre) < test.constant(0.6))
    True
    """
    check_choice("part", part, ("near", "far"))
    check_positive_scalar("delta", delta)
    size = 3 * packets.nuclei
    shape = jnp.shape(points)
    must = "have shape (copies, k, 6M)"
    require(len(shape) == 3 and shape[2] == 2 * size, "points", must, shape)
    flat = jnp.asarray(points).reshape(-1, 2 * size)
    R, y = packets.configurations(flat[:, :size]), flat[:, size:] / test.width
    square = jnp.sum(y**2, axis=1)
    phase = y @ (packets.momenta - jnp.asarray(test.momenta)).ravel()
    weight = jnp.exp(-square * packets.hbar**2 / (4 * packets.width**2) + 1j * phase)

    cut = jax.vmap(
        jax.value_and_grad(lambda x: coulomb_limit.cut_off(x, delta, printed=printed, acts=acts))
    )
    eta, slope = cut(R)
    offset = R - jnp.asarray(test.centres)[None]
    a = jnp.exp(-jnp.sum(offset**2, axis=(1, 2)) / (2 * test.spread**2))
    speed = (jnp.asarray(test.momenta).ravel()[None] - 1j * test.width**2 * y).reshape(R.shape)
    change = slope - eta[:, None, None] * offset / test.spread**2
    u = a * (test.growth * eta + jnp.sum(change * speed, axis=(1, 2)))
    inside = square <= packets.hbar ** (-2.0 * cutoff)
    values = jnp.where(inside if part == "near" else ~inside, -jnp.real(weight * u), 0.0)
    return mean_of(values.reshape(shape[:2]))


def near_part(
    seen: Measured,
    test: BodyTest,
    delta: Scalar,
    points: Float[Array, "copies k d"],
    *,
    cutoff: Scalar = 0.5,
) -> tuple[Inequality, Inequality]:
    """|Q₁| ≤ (X + C₁Ξ/δ)∫_{some |R_αβ|<2δ}|Ψ|² ≤ (4K/m²)(δ²X + C₁δΞ) for M nuclei (AFG (49), explicit, with the corrected η_δ).

    **Raises:** `ValueError` where ε^{1−cutoff} > √2δ: y then leads out of |R_αβ| < 2δ.

    >>> import numpy as np, jaxwigner as jw
    >>> packets = jw.quantum.ProductPackets(0.3 * np.eye(3), np.zeros((3, 3)), hbar=0.1)
    >>> seen = jw.theorems.coulomb_bodies.measure(packets, np.ones((3, 3)))
    >>> test = jw.theorems.coulomb_bodies_cutoff.BodyTest(np.zeros((3, 3)), np.zeros((3, 3)), 1.0, 1.0, 0.5)
    >>> points = jw.theorems.coulomb_bodies.normal_points(18, 2**9)
    >>> [c.verdict for c in jw.theorems.coulomb_bodies_cutoff.near_part(seen, test, 0.6, points)]
    ['holds', 'holds']
    """
    packets = seen.packets
    if concrete((packets.hbar, delta, cutoff)):
        least = float(packets.hbar) ** (1 - float(cutoff)) / np.sqrt(2)
        require(np.asarray(delta) >= least, "delta", f"be at least ε^(1−α)/√2 = {least:.3g}", delta)
    options = {"cutoff": cutoff, "acts": seen.charges != 0}
    lhs = abs(cut_integral(packets, test, delta, points, **options))
    _, together = near_collision(seen, 2 * jnp.asarray(delta)[None])
    constant = test.constant(delta)
    numbers = {"hbar": packets.hbar, "delta": delta, "nuclei": packets.nuclei}
    scaled = lambda side: Bracket(side.lower[0] * constant, side.upper[0] * constant, side.rigorous)  # noqa: E731
    sides = (
        ("AFG (49), mass", "|Q₁| ≤ (X + C₁Ξ/δ)∫_{some |R_αβ|<2δ}|Ψ|²", scaled(together.lhs)),
        ("AFG (49), M ≥ 3", "|Q₁| ≤ (4K/m²)(δ²X + C₁δΞ)", scaled(together.rhs)),
    )
    one, other = (Inequality(name, law, lhs, rhs, parameters=numbers) for name, law, rhs in sides)
    return one, other


def far_part(
    packets: ProductPackets,
    test: BodyTest,
    delta: Scalar,
    points: Float[Array, "copies k d"],
    *,
    cutoff: Scalar = 0.5,
) -> Inequality:
    """|Q₂| ≤ (X + C₁Ξ/δ) in which √(|q|² + τ⁴|y|²) is taken beyond |y| = ε^{−cutoff} only (AFG (48)).

    >>> import numpy as np, jaxwigner as jw
    >>> packets = jw.quantum.ProductPackets(0.3 * np.eye(3), np.zeros((3, 3)), hbar=0.1)
    >>> test = jw.theorems.coulomb_bodies_cutoff.BodyTest(np.zeros((3, 3)), np.zeros((3, 3)), 1.0, 1.0)
    >>> points = jw.theorems.coulomb_bodies.normal_points(18, 2**9)
    >>> jw.theorems.coulomb_bodies_cutoff.far_part(packets, test, 0.6, points).verdict
    'holds'
    """
    from jax.scipy.special import gammaincc

    size = 3 * packets.nuclei
    lhs = abs(cut_integral(packets, test, delta, points, "far", cutoff=cutoff))
    # ∫_{|y|>r}√(|q|²+τ⁴|y|²) ≤ √(share · (|q|² share + τ⁴∫_{|y|>r}|y|²)), of the normal law of variance 1/τ².
    half = 0.5 * (test.width * packets.hbar**-cutoff) ** 2
    share, heavy = gammaincc(0.5 * size, half), gammaincc(0.5 * size + 1, half)
    q2 = jnp.sum(jnp.asarray(test.momenta) ** 2)
    moving = jnp.sqrt(share * (q2 * share + size * test.width**2 * heavy))
    slopes = (test.constant(delta) - jnp.abs(test.growth)) / test.moving
    rhs = jnp.abs(test.growth) * share + slopes * moving
    law = "|Q₂| ≤ (2π)^{−3M}∫_{|y|>ε^{−α}} sup|F_p(∂_t + p·∇)(η_δφ)|dy"
    numbers = {"hbar": packets.hbar, "delta": delta, "nuclei": packets.nuclei}
    return Inequality("AFG (48), M ≥ 3", law, lhs, rhs, parameters=numbers)


def force_off_cut(
    configurations: Float[Array, "k M 3"],
    charges: Any,
    delta: Scalar,
    *,
    printed: bool | int = False,
) -> Inequality:
    """(1 − η_δ)|∇U_s| ≤ (4√2/δ²)ΣC_αβ at every configuration, what Step 2 needs of (1 − η_δ)φ; false for the `printed` η_δ and M ≥ 3.

    **Returns:** one claim, for the largest left side.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> R = jnp.array([[[0.0, 0, 0], [0, 0, 0.05], [5.0, 0, 0]]])  # one pair collides
    >>> claims = [jw.theorems.coulomb_bodies_cutoff.force_off_cut(R, jnp.ones((3, 3)), 0.5, printed=p) for p in (0, 1)]
    >>> [claim.verdict for claim in claims]
    ['holds', 'violated']
    """
    R = jnp.asarray(configurations, float)
    must = "have shape (k, M, 3)"
    require(R.ndim == 3 and R.shape[2] == 3, "configurations", must, R.shape)
    C = jnp.asarray(charges, float)[packets_of.pair_indices(R.shape[1])]
    options = {"printed": printed, "acts": C != 0}
    rest = 1 - jax.vmap(lambda x: coulomb_limit.cut_off(x, delta, **options))(R)
    away = jnp.min(pair_distances(R), axis=1) > 0
    force = force_sizes(jnp.where(away[:, None, None], R, jnp.arange(R.shape[1])[None, :, None]), C)
    # On S itself the force is infinite, and 1 − η_δ must be zero there.
    lhs = jnp.max(jnp.where(rest > 0, rest * jnp.where(away, force, jnp.inf), 0.0))
    rhs = 4 * np.sqrt(2) / delta**2 * jnp.sum(jnp.abs(C))
    law = "(1−η_δ)|∇U_s| ≤ (4√2/δ²)ΣC_αβ"
    numbers = {"delta": delta, "nuclei": R.shape[1]}
    return Inequality("AFG Step 3", law, lhs, rhs, width=1e-9, parameters=numbers)
