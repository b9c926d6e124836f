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
    """E(f, R) ≤ dist(f, g) + E(g, R) and MK(R, T) ≤ E(f, R) + E(f, T), Gaussians f, g, R and T."""
    E = [gaussian_cost(*pair, hbar).sqrt() for pair in ((f, R), (g, R), (f, T))]
    dist, MK = monge_kantorovich(f, g).sqrt(), gaussian_pair_cost(R, T, hbar).sqrt()
    return (
        _claim("E(f, R) ≤ dist(f, g) + E(g, R)", E[0], dist + E[1], hbar),
        _claim("MK(R, T) ≤ E(f, R) + E(f, T)", MK, E[0] + E[2], hbar),
    )


def quantum_middle(
    f: Gaussian, g: Gaussian, R: Gaussian, S: Gaussian, T: Gaussian, hbar: Scalar, *, pure: bool
) -> tuple[Inequality, Inequality, Inequality]:
    """dist(f, g) by E(f, S) and E(g, S), E(f, T) by E(f, S) and MK(S, T), MK(R, T) by MK(R, S) and MK(S, T).

    `pure`: whether the middle S is pure, and the deficit ½dħ in each root therefore left out.
    """
    deficit = 0.0 if pure else 0.5 * S.dimension * hbar
    e = lambda square: (square + deficit).sqrt()  # noqa: E731
    to_f, to_g = (gaussian_cost(one, S, hbar) for one in (f, g))
    to_R, to_T = (gaussian_pair_cost(one, S, hbar) for one in (R, T))
    hat = "" if pure else "e of "
    far = monge_kantorovich(f, g).sqrt(), gaussian_cost(f, T, hbar).sqrt()
    return (
        _claim(f"dist(f, g) ≤ {hat}E(f, S) + {hat}E(g, S)", far[0], e(to_f) + e(to_g), hbar),
        _claim(f"E(f, T) ≤ {hat}E(f, S) + {hat}MK(S, T)", far[1], e(to_f) + e(to_T), hbar),
        _claim(
            f"MK(R, T) ≤ {hat}MK(R, S) + {hat}MK(S, T)",
            gaussian_pair_cost(R, T, hbar).sqrt(),
            e(to_R) + e(to_T),
            hbar,
        ),
    )


def _claim(law: str, left: Bracket, right: Bracket, hbar: Scalar) -> Inequality:
    widened = right.widen(ROUNDING)
    return Inequality("MK_ħ, triangles", law, left, widened, width=1e-7, parameters={"hbar": hbar})
