"""Triangle inequalities between dist, E_ħ and MK_ħ: without deficit over a classical middle, with ½dħ in each root over a quantum one.

    classical middle   E(f, S) ≤ dist(f, g) + E(g, S),   MK(R, T) ≤ E(f, R) + E(f, T)
    quantum middle     dist(f, g) ≤ e(E(f, R)) + e(E(g, R)),   E(f, T) ≤ e(E(f, R)) + e(MK(R, T)),
                       MK(R, T) ≤ e(MK(R, S)) + e(MK(S, T)),   e(X) = √(X² + ½dħ)
    pure middle        the same with e(X) = X

Through a classical middle couplings are glued, ∫Q_R⊗Q_T/f; through a quantum one only its Husimi function is shared. Whether the
deficit is needed when the middle is mixed is open: a search among diagonal Gaussians found none that needs it.
"""

from __future__ import annotations

from jaxwigner.brackets import Bracket
from jaxwigner.grid import Scalar
from jaxwigner.inequality import ROUNDING, Inequality
from jaxwigner.states import Gaussian
from jaxwigner.transport import gaussian_cost, gaussian_pair_cost, monge_kantorovich


def classical_middle(
    f: Gaussian, g: Gaussian, R: Gaussian, T: Gaussian, hbar: Scalar
) -> tuple[Inequality, Inequality]:
    """E(f, R) ≤ dist(f, g) + E(g, R) and MK(R, T) ≤ E(g, R) + E(g, T), Gaussians f, g, R and T."""
    E = [gaussian_cost(*pair, hbar).sqrt() for pair in ((f, R), (g, R), (g, T))]
    dist, MK = monge_kantorovich(f, g).sqrt(), gaussian_pair_cost(R, T, hbar).sqrt()
    return (
        _claim("E(f, R) ≤ dist(f, g) + E(g, R)", E[0], dist + E[1], hbar),
        _claim("MK(R, T) ≤ E(g, R) + E(g, T)", MK, E[1] + E[2], hbar),
    )


def quantum_middle(
    f: Gaussian,
    g: Gaussian,
    R: Gaussian,
    S: Gaussian,
    T: Gaussian,
    hbar: Scalar,
    *,
    mixed: Scalar = 1.0,
) -> tuple[Inequality, Inequality, Inequality]:
    """dist(f, g) by E(f, S) and E(g, S), E(f, T) by E(f, S) and MK(S, T), MK(R, T) by MK(R, S) and MK(S, T).

    `mixed`: 1, or 0 if the middle S is pure: then there is no deficit in the roots.
    """
    e = lambda square: (square + 0.5 * mixed * S.dimension * hbar).sqrt()  # noqa: E731
    to_f, to_g, across = (gaussian_cost(*pair, hbar) for pair in ((f, S), (g, S), (f, T)))
    to_R, to_T = (gaussian_pair_cost(one, S, hbar) for one in (R, T))
    dist, MK = monge_kantorovich(f, g), gaussian_pair_cost(R, T, hbar)
    return (
        _claim("dist(f, g) ≤ e(E(f, S)) + e(E(g, S))", dist.sqrt(), e(to_f) + e(to_g), hbar),
        _claim("E(f, T) ≤ e(E(f, S)) + e(MK(S, T))", across.sqrt(), e(to_f) + e(to_T), hbar),
        _claim("MK(R, T) ≤ e(MK(R, S)) + e(MK(S, T))", MK.sqrt(), e(to_R) + e(to_T), hbar),
    )


def _claim(law: str, left: Bracket, right: Bracket, hbar: Scalar) -> Inequality:
    widened = right.widen(ROUNDING)
    return Inequality("MK_ħ, triangles", law, left, widened, width=1e-7, parameters={"hbar": hbar})
