"""How fast E_ħ may grow: the rates of Golse–Paul's theorems and the sharp ones.

Theorem 2.5    E_ħ² ≤ e^{Λt} E_ħ(0)²,   Λ = 1 + max(4L², 1),   L = Lip(∇V)
sharp          E_ħ² ≤ δ cosh(θ_L(t) + arccosh(E_ħ(0)²/δ)),  δ = ½dħ,  sinh(θ_L/2) = (1+L)/(2√L) sinh(√L t)    (beyond)
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxwigner._checks import check_choice, concrete, require
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.grid import Scalar
from jaxwigner.inequality import Inequality
from jaxwigner.potentials import as_potential

CONSTANTS = ("paper", "sharp")


def paper_rate(L: Scalar) -> Scalar:
    """Λ = 1 + max(4L², 1) of Theorems 2.5 and 2.7.

    >>> from jaxwigner.theorems.gp.rates import paper_rate
    >>> float(paper_rate(1.0))
    5.0
    """
    return 1 + jnp.maximum(4 * L**2, 1.0)


def angle(L: Scalar, t: Scalar | Array) -> Scalar | Array:
    """θ_L(t) = 2 arsinh((1 + L)/(2√L) sinh(√L t)); 2 arsinh(t/2) for L = 0. At most (1 + L)t.

    >>> from jaxwigner.theorems.gp.rates import angle
    >>> round(float(angle(1.0, 0.5)), 9)  # = 2t for L = 1
    1.0
    """
    L = jnp.asarray(L, float)
    root = jnp.sqrt(jnp.where(L > 1e-12, L, 1.0))
    ratio = jnp.where(L > 1e-12, jnp.sinh(root * t) / root, t)
    return 2 * jnp.arcsinh(0.5 * (1 + L) * ratio)


def lipschitz(pair: Any) -> Scalar:
    """L = Lip(∇V), which has to be finite for every bound here.

    >>> from jaxwigner.potentials import Cosine
    >>> from jaxwigner.theorems.gp.rates import lipschitz
    >>> float(lipschitz(Cosine(0.5, 2.0)))
    2.0
    """
    L = as_potential(pair).hessian_bound
    if concrete(L):
        require(np.isfinite(L), "pair", "state a Lipschitz constant of ∇V (`hessian_bound`)", L)
    return L


def bound(
    start: Bracket, zero_point: Scalar, L: Scalar, t: Scalar | Array, constant: str
) -> Bracket:
    """What E_ħ(t)² cannot exceed: e^{Λt}E_ħ(0)² ("paper") or δ cosh(θ_L + arccosh(E_ħ(0)²/δ)) ("sharp", beyond the paper)."""
    check_choice("constant", constant, CONSTANTS)
    if constant == "paper":
        return start * jnp.exp(paper_rate(L) * t)

    def curve(value):
        ratio = jnp.maximum(value / zero_point, 1.0)
        return zero_point * jnp.cosh(angle(L, t) + jnp.arccosh(ratio))

    return Bracket(curve(start.lower), curve(start.upper), start.rigorous)


def growth_claims(
    theorem: str,
    quantity: str,
    end: Bracket,
    start: Bracket,
    zero_point: Scalar,
    pair: Any,
    t: Scalar,
    **numbers: Any,
) -> dict[str, Inequality]:
    """`quantity` at t ≤ `bound` of what it was, for both constants: "paper" and "sharp" (beyond the paper).

    >>> from jaxwigner import Bracket
    >>> from jaxwigner.potentials import Cosine
    >>> from jaxwigner.theorems.gp.rates import growth_claims
    >>> start, end = Bracket.exact(0.05), Bracket.exact(0.2)
    >>> [one.verdict for one in growth_claims("Theorem 2.5", "E²", end, start, 0.05, Cosine(1.0), 1.0, hbar=0.1).values()]
    ['holds', 'violated']
    """
    L = lipschitz(pair)
    place = {"paper": f"GP {theorem}", "sharp": f"beyond GP {theorem} (sharp)"}
    law = {"paper": "e^{Λt} × that of t = 0", "sharp": "δ cosh(θ_L + arccosh(that of t = 0/δ))"}
    return {
        constant: Inequality(
            place[constant],
            f"{quantity} ≤ {law[constant]}",
            end,
            bound(start, zero_point, L, t, constant),
            parameters={"L": L, "t": t, **numbers},
        )
        for constant in CONSTANTS
    }


def mean_field_rate(L: Scalar) -> Scalar:
    """Γ = 2 + max(4L², 1) of Theorem 2.6.

    >>> from jaxwigner.theorems.gp.rates import mean_field_rate
    >>> float(mean_field_rate(1.0))
    6.0
    """
    return 2 + jnp.maximum(4 * L**2, 1.0)
