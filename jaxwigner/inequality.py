"""Claims as numbers: lhs ≤ rhs, lhs = rhs, or a rate, each side a `Bracket` that carries its error.

    inequality   holds: lhs.upper ≤ rhs.lower;  violated: lhs.lower > rhs.upper;
                 tight: the brackets overlap and lie within `width` of each other (what an equality case must give)
    identity     holds: the brackets overlap and lie within `width`;  violated: they are disjoint
    rate         holds: the measured interval lies in the predicted one;  violated: they are disjoint

Anything else is undecided: an error too large to say. Claims need double precision.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import check_choice, concrete, require
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket, module_of

KINDS = ("inequality", "identity", "rate")
VERDICTS = ("holds", "tight", "undecided", "violated")  # from best to worst
SIGNS = {"inequality": "≤", "identity": "=", "rate": "∈"}
ROUNDING = 1e-12  # allowance for rounding in double precision, relative to the size of a side

# Student's t, 97.5 %, for 1 … 10 degrees of freedom; beyond that 1.96 + 2.4/dof is right to 1 %.
_STUDENT = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228)


def require_double() -> None:
    """Raise unless JAX computes in double precision."""
    if jnp.result_type(float) != jnp.float64:
        raise ValueError(
            "Theorem checks need float64: call jax.config.update('jax_enable_x64', True) first"
        )


class Inequality(eqx.Module):
    """A claim with both of its sides measured; may cross `jax.jit` and `jax.vmap` (then its sides are arrays).

    **Arguments:** `claim`: where it comes from, as "AFG (18)"; `statement`: the claim in a line; `lhs`, `rhs`: `Bracket`s or numbers;
    `kind`: "inequality", "identity" or "rate"; `width`: the stated width (absolute) within which overlapping brackets are tight or
    an identity is confirmed; `parameters`: numbers it was measured at.

    **Raises:** `ValueError` in single precision, and for an unknown kind.

    >>> from jaxwigner import Bracket
    >>> from jaxwigner.theorems import Inequality
    >>> claim = Inequality("AFG (18)", "|∫Wφ| ≤ ‖φ‖", Bracket(0.9, 0.95), Bracket.exact(1.0))
    >>> claim.verdict, claim.with_constant(0.5).verdict
    ('holds', 'violated')
    """

    claim: str = eqx.field(static=True)
    statement: str = eqx.field(static=True)
    lhs: Bracket
    rhs: Bracket
    kind: str = eqx.field(static=True)
    width: Any
    parameters: dict[str, Any]

    def __init__(
        self,
        claim: str,
        statement: str,
        lhs: Any,
        rhs: Any,
        *,
        kind: str = "inequality",
        width: Any = 1e-9,
        parameters: dict[str, Any] | None = None,
    ):
        require_double()
        check_choice("kind", kind, KINDS)
        self.claim = claim
        self.statement = statement
        lhs = lhs if isinstance(lhs, Bracket) else Bracket.exact(lhs)
        rhs = rhs if isinstance(rhs, Bracket) else Bracket.exact(rhs)
        # One shape for all, so that a later `vmap` adds the same leading axis to each.
        self.lhs, self.rhs, self.width = _of_one_shape((lhs, rhs, width))
        self.kind = kind
        self.parameters = dict(parameters or {})

    @property
    def rigorous(self) -> bool:
        """Whether the errors of both sides are proved rather than estimated."""
        return self.lhs.rigorous and self.rhs.rigorous

    @property
    def verdict(self) -> str:
        """ "holds", "tight", "undecided" or "violated"; the worst of them where the sides are arrays."""
        return VERDICTS[int(np.max(self.ranks))]

    @property
    def ratio(self) -> Any:
        """lhs/rhs at the centres of the brackets: how much of the right side is used."""
        return self.lhs.centre / self.rhs.centre

    def with_constant(self, factor: Any) -> Inequality:
        """The same claim with its right side multiplied by `factor` > 0: a negative control."""
        scaled = Bracket(self.rhs.lower * factor, self.rhs.upper * factor, self.rhs.rigorous)
        return eqx.tree_at(lambda claim: claim.rhs, self, scaled)

    def worst(self) -> Inequality:
        """The entry with the worst verdict of a batch of claims, and among those the largest lhs/rhs (or |lhs − rhs|)."""
        ranks = self.ranks
        if ranks.ndim == 0:
            return self
        a, b, c, d, _ = self._ends()
        positive = np.where(c > 0, c, 1.0)
        size = b / positive if self.kind == "inequality" else np.maximum(b, d) - np.minimum(a, c)
        size = np.nan_to_num(size, nan=np.inf)
        score = np.where(ranks == ranks.max(), size, -np.inf)
        index = np.unravel_index(np.argmax(score), ranks.shape)
        sides = (self.lhs, self.rhs, self.width, self.parameters)
        picked = jax.tree.map(lambda leaf: _entry(leaf, index, ranks.shape), sides)
        where = lambda claim: (claim.lhs, claim.rhs, claim.width, claim.parameters)  # noqa: E731
        return eqx.tree_at(where, self, picked)

    def _ends(self) -> tuple[np.ndarray, ...]:
        ends = (self.lhs.lower, self.lhs.upper, self.rhs.lower, self.rhs.upper, self.width)
        return tuple(np.broadcast_arrays(*(np.asarray(end, float) for end in ends)))

    @property
    def ranks(self) -> np.ndarray:
        """Index into VERDICTS, entry by entry; a NaN anywhere is undecided."""
        a, b, c, d, width = self._ends()
        close = (a <= d) & (c <= b) & (np.maximum(b, d) <= np.minimum(a, c) + width)
        if self.kind == "inequality":
            ranks = np.where(close, 1, 2)
            ranks = np.where(b <= c, 0, ranks)
            ranks = np.where(a > d, 3, ranks)
        elif self.kind == "identity":
            ranks = np.where(close, 0, 2)
            ranks = np.where((a > d) | (b < c), 3, ranks)
        else:
            ranks = np.where((c <= a) & (b <= d), 0, 2)
            ranks = np.where((a > d) | (b < c), 3, ranks)
        unknown = np.isnan(a) | np.isnan(b) | np.isnan(c) | np.isnan(d)
        return np.where(unknown, 2, ranks)

    def __str__(self) -> str:
        a, b, c, d, _ = (np.ravel(end)[0] for end in self.worst()._ends())
        sides = f"[{a:.6g}, {b:.6g}] {SIGNS[self.kind]} [{c:.6g}, {d:.6g}]"
        return f"{self.claim}: {self.statement}\n  {sides}: {self.verdict}"


def _of_one_shape(tree: Any) -> Any:
    leaves = jax.tree.leaves(tree)
    shape = jnp.broadcast_shapes(*(jnp.shape(leaf) for leaf in leaves))
    if shape == ():
        return tree
    xp = module_of(*leaves)
    return jax.tree.map(lambda leaf: xp.broadcast_to(xp.asarray(leaf), shape), tree)


def _entry(leaf: Any, index: tuple[Any, ...], shape: tuple[int, ...]) -> Any:
    """The entry of a leaf that has the leading axes of a batch; a leaf of another shape as it is."""
    leaf = np.asarray(leaf)
    return leaf[index[: leaf.ndim]] if leaf.shape == shape[: leaf.ndim] else leaf


def fitted_rate(scales: Float[Array, " n"], errors: Float[Array, " n"]) -> Bracket:
    """The exponent r of errors ~ scalesʳ: slope of a straight line through the logarithms, with its 95 % interval.

    **Arguments:** at least 3 positive `scales` (ħ, a step) and the positive `errors` measured there.

    **Returns:** a `Bracket`, not rigorous: Student's interval of the least-squares slope.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.theorems import fitted_rate
    >>> hbar = jnp.array([0.1, 0.05, 0.025])
    >>> round(float(fitted_rate(hbar, 3 * hbar**2).centre), 12)
    2.0
    """
    n = jnp.shape(scales)[0]
    require(n >= 3, "scales", "have at least 3 entries", n)
    # NumPy where the values are known: dispatching a dozen small operations takes longer than a study.
    xp = np if concrete((scales, errors)) else jnp
    x, y = xp.log(xp.asarray(scales)), xp.log(xp.asarray(errors))
    centred = x - xp.mean(x)
    squares = xp.sum(centred**2)
    slope = xp.sum(centred * y) / squares
    residual = y - xp.mean(y) - slope * centred
    freedom = n - 2
    student = _STUDENT[freedom - 1] if freedom <= len(_STUDENT) else 1.96 + 2.4 / freedom
    deviation = xp.sqrt(xp.sum(residual**2) / (freedom * squares))
    return Bracket.estimated(slope, student * deviation)


class Power(NamedTuple):
    """A fitted exponent, and what the sampling errors of the values can move it by."""

    fit: Bracket
    moved: Any


def fitted_power(
    scales: Float[Array, " n"], gaps: Float[Array, " n"], sampling: Float[Array, " n"]
) -> Power:
    """The exponent of gaps ~ scalesʳ as `fitted_rate` finds it, where each gap has an independent error `sampling`.

    With xᵢ the centred logarithms of the scales r = Σxᵢ log gᵢ/Σxᵢ²: errors δᵢ move it by (Σ(xᵢδᵢ/gᵢ)²)^½/Σxᵢ².

    >>> import jax.numpy as jnp
    >>> from jaxwigner.inequality import fitted_power
    >>> hbar = jnp.array([0.1, 0.05, 0.025])
    >>> power = fitted_power(hbar, 3 * hbar**2, 0.03 * hbar**2)
    >>> round(float(power.fit.centre), 9), round(float(power.moved), 4)
    (2.0, 0.0102)
    """
    xp = np if concrete((scales, gaps, sampling)) else jnp
    x = xp.log(xp.asarray(scales))
    x = x - xp.mean(x)
    share = x / xp.sum(x**2) * xp.asarray(sampling) / xp.asarray(gaps)
    return Power(fitted_rate(scales, gaps), xp.sqrt(xp.sum(share**2)))


def rate(
    claim: str,
    statement: str,
    scales: Float[Array, " n"],
    errors: Float[Array, " n"],
    predicted: tuple[float, float],
    *,
    parameters: dict[str, Any] | None = None,
) -> Inequality:
    """A claim that errors ~ scalesʳ with r in the interval `predicted`.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.theorems import rate
    >>> hbar = jnp.array([0.1, 0.05, 0.025])
    >>> rate("AFG Theorem 1.1", "error = O(ħ²)", hbar, 3 * hbar**2, (1.85, 2.15)).verdict
    'holds'
    """
    require_double()
    measured, expected = fitted_rate(scales, errors), Bracket(*predicted)
    return Inequality(claim, statement, measured, expected, kind="rate", parameters=parameters)


def refinement(coarse: Any, fine: Any, *, order: float | None = None) -> Bracket:
    """A value known at two resolutions: the fine one ± its distance to the coarse one.

    With an `order` p of convergence (resolution doubled) the distance is divided by 2^p − 1, Richardson's estimate.

    >>> from jaxwigner.theorems import refinement
    >>> error = refinement(1.0, 1.5)
    >>> error.lower, error.upper, error.rigorous
    (1.0, 2.0, False)
    """
    scale = 1.0 if order is None else 2.0**order - 1.0
    return Bracket.estimated(fine, abs(fine - coarse) / scale)


def equal_functions(
    claim: str, statement: str, left: Array, right: Array, *, error: Any, parameters=None
) -> Inequality:
    """The identity sup|left − right| = 0, relative to sup|right|, where each side is known to ± `error` of it."""
    scale = jnp.max(jnp.abs(right))
    distance = jnp.max(jnp.abs(left - right)) / scale
    lhs = sup_norm_error(distance, error)
    width = jnp.minimum(2.0 * error, 1e-3)
    return Inequality(
        claim,
        statement,
        lhs,
        Bracket.exact(0.0),
        kind="identity",
        width=width,
        parameters=parameters,
    )


def sup_norm_error(value: Any, error: Any) -> Bracket:
    """A non-negative number known to ± error."""
    return Bracket(jnp.maximum(value - error, 0.0), value + error, rigorous=False)
