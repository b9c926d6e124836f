"""What Coulomb repulsion bounds, whoever has measured it: Ambrosio–Friesecke–Giannoulis Lemma 5.1, (9), (28), (56).

With K = ‖(H − κ)Ψ‖², κ = inf U_b, and m the smallest of the C_αβ ≠ 0:

    ‖U_sΨ‖² ≤ K,      ∫_{|R_α−R_β|<δ}|Ψ|² ≤ K(δ/C_αβ)²,      ∫|∇U_s||Ψ|² ≤ (√2/m)K,
    2Re⟨TΨ, U_sΨ⟩ = ε²∫U_s|∇Ψ|² + 4πε²ΣC_αβ∫_{R_α=R_β}|Ψ|²

A `Seen` is what these four ask of a state or of a run. Partial waves make it (`bounds`), so do a grid in R³ (`space`) and products of
packets (`bodies`); they differ in how they measure, and in the words of a claim: its place in the paper and its statement.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.grid import Scalar
from jaxwigner.inequality import Inequality

Words = tuple[str, str]  # the place in the paper, the statement


class Seen(eqx.Module):
    """Both sides of the bounds, as `Bracket`s, with the `numbers` they were measured at.

    `constant`: K; `singular`: ‖U_sΨ‖², the largest over time; `force`: ∫|∇U_s||Ψ|², and `pull` the factor √2/m (1/C in the relative
    coordinate alone) that bounds it by the `whole` ‖(H − κ)Ψ‖² of all nuclei that the force acts on; `share`: of a right side within
    which a claim is tight.
    """

    constant: Bracket
    singular: Bracket
    force: Bracket
    whole: Bracket
    pull: Scalar
    numbers: dict[str, Any]
    share: float = eqx.field(static=True)

    def claim(self, words: Words, lhs: Bracket, rhs: Bracket) -> Inequality:
        """lhs ≤ rhs."""
        width = 1e-9 + self.share * rhs.centre
        return Inequality(*words, lhs, rhs, width=width, parameters=self.numbers)


def singular_bound(seen: Seen, words: Words) -> Inequality:
    """‖U_sΨ‖² ≤ K (Lemma 5.1 with an explicit constant)."""
    return seen.claim(words, seen.singular, seen.constant)


def near_collision(
    seen: Seen, words: Words, mass: Bracket, deltas: Array, charges: Any, sharp: Any = 1.0
) -> Inequality:
    """mass ≤ `sharp`·K(δ/C)² (9), (27); one without interaction, C = 0, claims nothing: 0 ≤ K."""
    acts = jnp.asarray(charges) != 0
    factor = jnp.where(acts, (deltas / jnp.where(acts, charges, 1.0)) ** 2, 1.0) * sharp
    lower, upper = (jnp.where(acts, end, 0.0) for end in (mass.lower, mass.upper))
    return seen.claim(words, Bracket(lower, upper, mass.rigorous), seen.constant * factor)


def force_bound(seen: Seen, words: Words) -> Inequality:
    """∫|∇U_s||Ψ|² ≤ (√2/m)‖(H − κ)Ψ‖² (28)."""
    return seen.claim(words, seen.force, seen.whole * seen.pull)


def singular_identity(
    words: tuple[str, str, str],
    cross: Bracket,
    gradient: Any,
    point: Any,
    *,
    origin: bool,
    share: float,
    numbers: dict[str, Any],
) -> Inequality:
    """2Re⟨TΨ, U_sΨ⟩ = `gradient` + `point`, the term on the singular set, whose words come last; without it a negative control (56)."""
    place, law, last = words
    rhs, law = (gradient + point, law + last) if origin else (gradient, law)
    width = share * jnp.abs(cross.centre)
    return Inequality(place, law, cross, rhs, kind="identity", width=width, parameters=numbers)


def deviations(fine: Any, coarse: Any, poor: Array) -> Any:
    """Twice the distance of a run to a coarser one, as its error; infinite where it is `poor`.

    Twice, since next to R = 0 a series of sines converges only like a power of the spacing, about the third.
    """
    return jax.tree.map(lambda a, b: jnp.where(poor, jnp.inf, 2 * jnp.abs(a - b)), fine, coarse)
