"""No U_b and no further nucleus worsens AFG (9): the sharp constant γ of a dimer with U_b = 0 holds for every one (beyond the paper).

With A = T + C/|R_αβ| and W = (U_b − κ) + (the other pairs) ≥ 0, H − κ = A + W. Since e^{−tT} has a positive kernel, Trotter's formula
gives 0 ≤ e^{−t(A+W)} ≤ e^{−tA} as kernels, hence for G_W = (A + W)⁻¹

    0 ≤ G_W ≤ G₀,      ‖1_{s<1}G_W‖² ≤ ‖1_{s<1}G₀‖² = γ(h);      ℓ ≥ 1 is W = h²ℓ(ℓ+1)/s²

(proof: docs/theorems.md). Here in the scaled s-wave, A = −h²∂_s² + 1/s, by finite differences of −∂_s²: an M-matrix, whose inverse is
positive as that of A is. On Lobatto nodes or sines discrete kernels are not positive.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Float

from jaxwigner._checks import check_positive_scalar, require
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.grid import Scalar
from jaxwigner.inequality import ROUNDING, Inequality
from jaxwigner.theorems.afg.coulomb.sharp_constant import sharp_constant

CELLS = 24  # points in s < 1; the edge lies between two of them
LENGTH = 10.0  # of the box, in units of δ


def distances() -> Array:
    """The points s = r/δ at which W is given.

    >>> from jaxwigner.theorems.afg.sharp.comparison import distances
    >>> s = distances()
    >>> int((s < 1).sum()), bool(s[-1] < 10)
    (24, True)
    """
    step = 1.0 / (CELLS + 0.5)
    return step * jnp.arange(1, int(LENGTH / step))


def resolvents(h: Scalar, walls: Float[Array, "k s"]) -> tuple[Array, Array]:
    """G₀ and the G_W, (s, s) and (k, s, s), for W at the `distances`.

    **Raises:** `ValueError` for h ≤ 0 and for walls that are not given at the `distances`.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.theorems.afg.sharp.comparison import distances, resolvents
    >>> G0, G = resolvents(0.3, jnp.ones((1, distances().size)))
    >>> bool((G >= 0).all() and (G[0] <= G0).all())
    True
    """
    check_positive_scalar("h", h)
    s = distances()
    require(walls.shape[-1] == s.size, "walls", f"have {s.size} values each", walls.shape)
    step, n = s[0], s.size
    A = (h / step) ** 2 * _second_difference(n) + jnp.diag(1 / s)
    return jnp.linalg.inv(A), jax.lax.map(lambda W: jnp.linalg.inv(A + jnp.diag(W)), walls)


def _second_difference(n: int) -> Array:
    """−∂² between walls, in units of the step."""
    return 2 * jnp.eye(n) - jnp.eye(n, k=1) - jnp.eye(n, k=-1)


def kernels(h: Scalar, walls: Float[Array, "k s"]) -> tuple[Inequality, Inequality]:
    """0 ≤ G_W and G_W ≤ G₀, entry by entry, for every W ≥ 0 (a W below zero is a negative control).

    **Returns:** the two claims, each for all W.

    >>> from jaxwigner.theorems.afg.sharp.comparison import distances, kernels
    >>> import jax.numpy as jnp
    >>> walls = jnp.exp(-(distances() ** 2))[None]
    >>> [claim.verdict for claim in kernels(0.3, walls) + kernels(0.3, -0.2 * walls)]
    ['holds', 'holds', 'holds', 'violated']
    """
    plain, G = resolvents(h, walls)
    top = jnp.max(plain)
    above = jnp.max((G - plain[None]) / top, axis=(1, 2))
    below = jnp.max(-G / top, axis=(1, 2))
    place, numbers = "beyond AFG (9)", {"h": h}
    return (
        Inequality(place, "0 ≤ G_W, every entry", below, ROUNDING, parameters=numbers),
        Inequality(place, "G_W ≤ G₀, every entry", above, ROUNDING, parameters=numbers),
    )


def norms(h: Scalar, walls: Float[Array, "k s"]) -> Inequality:
    """‖1_{s<1}G_W‖² ≤ γ(h), γ from the closed continuation (`sharp_constant`); the right side to what the differences cost at W = 0.

    **Returns:** one claim for each W.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.theorems.afg.sharp.comparison import distances, norms
    >>> claim = norms(0.3, jnp.exp(-(distances() ** 2))[None])
    >>> claim.verdict, bool(0.5 < claim.ratio[0] < 0.9)
    ('holds', True)
    """
    plain, G = resolvents(h, walls)
    inside = distances() < 1
    top = lambda one: jnp.linalg.norm(jnp.where(inside[:, None], one, 0.0)[:CELLS], 2) ** 2  # noqa: E731
    gamma = sharp_constant(h)
    error = jnp.abs(top(plain) - gamma)
    law = "‖1_{s<1}(A + W)⁻¹‖² ≤ γ(h) for W ≥ 0"
    lhs, rhs = jax.lax.map(top, G), Bracket.estimated(gamma, error)
    return Inequality("beyond AFG (9)", law, lhs, rhs, width=1e-3, parameters={"h": h})


def third_nucleus(h: Scalar, charge: Scalar, *, cells: int = 6, length: float = 4.0) -> Inequality:
    """‖1_{s<1}G_W‖² ≤ ‖1_{s<1}G₀‖² by the same differences, for three nuclei of mass 1: s-waves in s = |R_αβ|/δ and
    in the distance y of the third from their centre.

        A = −h²∂_s² + 1/s,     T_⊥ = −¾h²∂_y²,     W = 2c/max(y, s/2), the other two pairs, averaged over the angle

    **Arguments:** `charge`: c, that of the other pairs by C_αβ; below zero a negative control; `cells`: points in s < 1; `length`: of
    the box for s; that for y is eight times as long, and has as many points.

    >>> from jaxwigner.theorems.afg.sharp.comparison import third_nucleus
    >>> [third_nucleus(0.3, c, cells=4).verdict for c in (0.2, -0.2)]
    ['holds', 'violated']
    """
    check_positive_scalar("h", h)
    step, n = 1.0 / (cells + 0.5), int(length * (cells + 0.5))
    s = step * jnp.arange(1, n + 1)
    y = 8 * s
    second = _second_difference(n)
    plain = (h / step) ** 2 * second + jnp.diag(1 / s)
    across = 0.75 * (h / (8 * step)) ** 2 * second
    W = 2 * charge / jnp.maximum(y[None, :], 0.5 * s[:, None])
    whole = jnp.kron(plain, jnp.eye(n)) + jnp.kron(jnp.eye(n), across) + jnp.diag(W.ravel())
    top = lambda G, rows: jnp.linalg.eigvalsh(G[:rows] @ G[:rows].T)[-1]  # noqa: E731
    lhs, rhs = top(jnp.linalg.inv(whole), cells * n), top(jnp.linalg.inv(plain), cells)
    law = "‖1_{s<1}(A + T_⊥ + W)⁻¹‖² ≤ ‖1_{s<1}A⁻¹‖², W of a third nucleus"
    return Inequality("beyond AFG (9)", law, lhs, rhs, parameters={"h": h, "charge": charge})


def singular_supremum(h: Scalar, dimension: int, cells: int, length: float = 10.0) -> Array:
    """sup‖ψ/r‖²/‖(−h²Δ + 1/r)ψ‖² over radial ψ in R^d, d = 2 or 3: Lemma 5.1 has 1 for d = 3, and fails for d = 2.

    By finite differences of −r^{1−d}∂_r(r^{d−1}∂_r) on cells about r_j = (j + ½)Δ, symmetric in the measure r^{d−1}dr.

    >>> from jaxwigner.theorems.afg.sharp.comparison import singular_supremum
    >>> [bool(singular_supremum(1.0, d, 100) < 1) for d in (2, 3)]
    [False, True]
    """
    step = length / cells
    r, faces = step * (jnp.arange(cells) + 0.5), step * jnp.arange(cells + 1)
    measure, flux = r ** (dimension - 1), (h / step) ** 2 * faces ** (dimension - 1)
    A = jnp.diag((flux[1:] + flux[:-1]) / measure + 1 / r)
    side = flux[1:-1] / jnp.sqrt(measure[1:] * measure[:-1])
    A = A - jnp.diag(side, 1) - jnp.diag(side, -1)
    return jnp.linalg.norm(jnp.linalg.inv(A) / r[:, None], 2) ** 2
