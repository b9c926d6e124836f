"""Time splitting uniformly in ħ (after Golse, Jin and Paul): MK_ħ between Strang's method and the exact solution.

Töplitz data R_μ, H = ½p̂² + V, L = Lip(∇V), R^n Strang's method with step τ at t = nτ, Zⁿ the classical one, Z(t) exact:

    MK(Rⁿ, R(t)) ≤ √(½dħ)(e^{½(1+L)t} + √cosh θ_L(t)) + (½∫|Zⁿ − Z(t)|²dμ)^{½}
    dist(W̃[Rⁿ], W̃[R(t)])² ≤ the same, squared, + dħ

since E_ħ between Zⁿ#μ and Rⁿ grows by at most e^{(1+L)t} under either flow, and classical states are a middle without deficit. The last
term is at most C(t)τ², where C does not know of ħ. MK² itself is near MK(R(t), R(t))² ≥ dħ; the excess over it is c₁ħτ² + c₂τ⁴.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from jaxwigner._checks import check_positive_scalar
from jaxwigner.brackets import Bracket
from jaxwigner.grid import Scalar
from jaxwigner.inequality import Inequality
from jaxwigner.states import Particles
from jaxwigner.theorems.gp.rates import angle


def classical_error(split: Particles, exact: Particles) -> Any:
    """½∫|Zⁿ − Z(t)|²dμ of one cloud that was moved in two ways.

    >>> import jaxwigner as jw
    >>> from jaxwigner.theorems.mk.splitting import classical_error
    >>> one, other = (jw.Particles([1.0], [x], [0.0]) for x in (0.0, 0.2))
    >>> round(float(classical_error(one, other)), 9)
    0.02
    """
    gaps = jnp.sum((split.positions - exact.positions) ** 2, axis=1)
    gaps = gaps + jnp.sum((split.momenta - exact.momenta) ** 2, axis=1)
    return 0.5 * exact.weights @ gaps


def splitting_bound(L: Scalar, t: Scalar, hbar: Scalar, classical: Scalar, *, d: int = 1) -> Any:
    """(√(½dħ)(e^{½(1+L)t} + √cosh θ_L(t)) + √`classical`)², with `classical` = ½∫|Zⁿ − Z(t)|²dμ: at least MK(Rⁿ, R(t))².

    >>> from jaxwigner.theorems.mk.splitting import splitting_bound
    >>> round(float(splitting_bound(1.0, 0.0, 0.1, 0.0)), 9)  # 2ħ
    0.2
    """
    check_positive_scalar("hbar", hbar)
    both = jnp.exp(0.5 * (1 + L) * t) + jnp.sqrt(jnp.cosh(angle(L, t)))
    return (jnp.sqrt(0.5 * d * hbar) * both + jnp.sqrt(classical)) ** 2


def splitting(
    cost: Bracket, L: Scalar, t: Scalar, hbar: Scalar, classical: Scalar, *, d: int = 1
) -> Inequality:
    """MK(Rⁿ, R(t))² ≤ `splitting_bound`, for a measured `cost` = MK(Rⁿ, R(t))² of Töplitz data.

    >>> import jaxwigner as jw
    >>> from jaxwigner.theorems.mk.splitting import splitting
    >>> row = splitting(jw.Bracket(0.1, 0.11), 1.0, 0.0, 0.1, 0.0)  # nothing has moved: MK² of Töplitz data with themselves is ħ
    >>> row.verdict
    'holds'
    """
    return Inequality(
        "MK_ħ, splitting",
        "MK(Rⁿ, R(t))² ≤ (√(½dħ)(e^{½(1+L)t} + √cosh θ_L) + (½∫|Zⁿ − Z|²dμ)^{½})²",
        cost,
        splitting_bound(L, t, hbar, classical, d=d),
        parameters={"hbar": hbar, "L": L, "t": t},
    )
