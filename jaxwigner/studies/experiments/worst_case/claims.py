"""The claims whose worst cases are searched for: what is measured over which bound, in which class, and the supremum if known."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from jaxwigner.studies.search import coulomb_classes as worst_coulomb
from jaxwigner.studies.search import growth_classes as worst_growth
from jaxwigner.theorems.afg.coulomb.sharp_constant import sharp_constant

LENGTH, POINTS = 10.0, 140  # of the radial grid


@dataclass(frozen=True)
class Claim:
    """A claim, the class it is tried on, and the supremum of measured/bound where that is known."""

    name: str
    source: str
    bound: str
    members: str
    measure: Callable  # (parameters, frame, fine) to a dict with `ratio`, `paper`, `trust`
    draw: Callable
    frame: Any
    sharp: Callable  # (parameters, frame) to a number, NaN where nothing is known


def names() -> tuple[str, ...]:
    """The known claims.

    >>> from jaxwigner.studies.experiments.worst_case import claims
    >>> claims.names()[:2]
    ('theorem-2.5', 'theorem-2.7')
    """
    return tuple(MAKERS)


def _even(name, source, bound, members, measure, sharp=1.0, curvature=False):
    def make(settings: Any) -> Claim:
        L2 = settings.curvature if curvature else None
        frame = worst_growth.Frame(settings.hbar, settings.time, settings.lipschitz, L2)
        known = lambda a, frame: sharp  # noqa: E731
        return Claim(name, source, bound, members, measure, worst_growth.draw_even, frame, known)

    return make


def _odd(settings: Any) -> Claim:
    frame = worst_growth.Frame(settings.odd_hbar, settings.odd_time, settings.odd_lipschitz)
    return Claim(
        "odd-pair",
        "beyond GP Theorem 2.5, odd V",
        "e^{θ_c}E_ħ(0)², c = √2L",
        "odd V, sup|V″| = L",
        worst_growth.odd_pair,
        worst_growth.draw_odd,
        frame,
        lambda a, frame: float("nan"),
    )


def _coulomb(name, source, bound, members, measure, key, free=False, gamma=False):
    def make(settings: Any) -> Claim:
        frame = worst_coulomb.Frame(
            settings.hbar,
            settings.charge,
            settings.radius,
            settings.time,
            0.0 if free else settings.oscillation,
            LENGTH,
            POINTS,
        )

        def sharp(a, frame):
            if free or gamma:
                h = frame.hbar / np.sqrt(frame.charge * frame.radius)
                return float(sharp_constant(h))
            constants = functools.partial(worst_coulomb.sharp_constants, frame=frame, fine=True)
            return float(jax.jit(constants)(a)[key])

        return Claim(name, source, bound, members, measure, worst_coulomb.draw, frame, sharp)

    return make


_NAN = float("nan")
_SHELLS = "s-wave shells away from R = 0, U_b of three Gaussians"
_NINE = ("∫_{|R|<δ}|Ψ|² ≤ Kδ²/C²", worst_coulomb.estimate_9, "estimate_9")
MAKERS: dict[str, Callable[[Any], Claim]] = {
    "theorem-2.5": _even(
        "theorem-2.5",
        "GP Theorem 2.5, sharp form",
        "δ cosh(θ_L + arccosh(E_ħ(0)²/δ))",
        "even V, sup|V″| = L; any p, pure R",
        worst_growth.theorem_25,
    ),
    "theorem-2.7": _even(
        "theorem-2.7",
        "GP Theorem 2.7, sharp form, N = 2",
        "δ cosh(θ_L + arccosh(E_ħ(0)²/Nδ))",
        "even V, sup|V″| = L; symmetric F₂, pure R₂",
        worst_growth.theorem_27,
    ),
    "odd-pair": _odd,
    "one-sided": _even(
        "one-sided",
        "beyond GP Theorem 2.5, adapted metric",
        "e^{(L₁+L₂)T/√(2(L₂−L₁))}E_{ħ,ω}(0)²",
        "even V, −L₁ ≤ V″ ≤ L₂",
        worst_growth.one_sided,
        _NAN,
        True,
    ),
    "theorem-2.6": _even(
        "theorem-2.6",
        "GP Theorem 2.6, sharper, N = n = 2",
        "(e^{gT}E_ħ(0)/√N + ‖∇V‖√((N−1)/2N²)(e^{gT}−1)/g)², g = ½(1+L)",
        "even V, sup|V″| = L; any f, symmetric pure R₂",
        worst_growth.theorem_26,
        _NAN,
    ),
    "lemma-5.1": _coulomb(
        "lemma-5.1",
        "AFG Lemma 5.1, U_b ≠ 0",
        "‖U_sΨ‖² ≤ K",
        _SHELLS,
        worst_coulomb.lemma_51,
        "lemma_51",
    ),
    "estimate-9": _coulomb("estimate-9", "AFG (9), U_b ≠ 0", _NINE[0], _SHELLS, *_NINE[1:]),
    "estimate-9-any-data": _coulomb(
        "estimate-9-any-data",
        "AFG (9), U_b ≠ 0, beside γ, which holds for all U_b",
        _NINE[0],
        "all s-waves, U_b of three Gaussians",
        worst_coulomb.estimate_9_of_any_data,
        "estimate_9",
        gamma=True,
    ),
    "estimate-9-free": _coulomb(
        "estimate-9-free",
        "AFG (9), U_b = 0",
        _NINE[0],
        "s-wave shells away from R = 0",
        *_NINE[1:],
        free=True,
    ),
}
