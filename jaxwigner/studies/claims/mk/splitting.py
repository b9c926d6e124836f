"""Q12: time splitting in MK_ħ, uniformly in ħ: the bound, and the two parts of what MK_ħ² has above MK_ħ(R, R)²."""

from __future__ import annotations

from collections.abc import Iterator

import jax
import numpy as np

from jaxwigner.brackets import Bracket
from jaxwigner.grid import Grid
from jaxwigner.inequality import Inequality, rate
from jaxwigner.potentials import Torsion
from jaxwigner.states import Gaussian, Particles
from jaxwigner.studies.claims.claim import Row, case, claim, control, two_sided
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.theorems import mk_splitting

PLACE = "GP §1 (MK_ħ of Golse, Mouhot and Paul)"
TIME = 1.2
STEPS = np.array([1, 3, 4, 6, 12, 16, 24, 32, 48])  # the law of the excess begins with the second
TAUS = TIME / STEPS


@claim("Q12", PLACE, cost=14)
def splitting(full: bool) -> Iterator[Row]:
    """time splitting, uniformly in ħ: MK_ħ(Rⁿ, R(t)) ≤ √(½dħ)(e^{½(1+L)t} + √cosh θ_L) + √(½∫|Zⁿ − Z(t)|²dμ), Strang's method on
    R_μ.

    *Given* ∇V Lipschitz with the constant L. **Beyond:** the constants; the excess c₁ħτ² + c₂τ⁴ over MK_ħ(R, R)².

    Six packets in V = 1 − cos x at t = 1.2, ħ from .1 to .02: at fixed ħ the excess over MK_ħ(R, R)² is of order τ²; c₁ does
    not grow as ħ → 0, while the error of ψ grows like 1/ħ; c₂ tends to the classical ½∫|Zⁿ − Z|²dμ/τ⁴. For V = −½x² a cloud far
    from rest uses .96 of the bound. Controls: .9 of the bound; an excess of order τ⁴; ψ uniformly in ħ; c₂ without c₁.
    """
    yield from _quadratic()
    hbars = np.array([0.1, 0.05, 0.02, 0.01] if full else [0.1, 0.05, 0.03, 0.02])
    found = _packets(hbars, 2048 if full else 1024)
    yield from _bounded(found, hbars)
    yield from _excess(found, hbars)


def _quadratic() -> Iterator[Row]:
    """From what is mostly quantum to what is mostly classical."""
    mu = Gaussian(np.array([16.0, 10.0]), np.array([[0.3, 0.05], [0.05, 0.2]]))
    one = lambda h: mk_splitting.gaussian_splitting(mu, -1.0, h, duration=1.0, steps=1)[0]  # noqa: E731
    batch = lightly(jax.vmap(one))(np.array([0.3, 1e-2, 1e-3, 1e-4]))
    yield from two_sided("V = −½x², a cloud far from rest", batch, 0.955, 0.97)
    yield control("V = −½x², a cloud far from rest: .9", batch.with_constant(0.9))


def _packets(hbars: np.ndarray, points: int) -> list[mk_splitting.SplittingErrors]:
    z = 0.7 * np.random.default_rng(3).normal(size=(2, 6))
    cloud, grid = Particles(np.full(6, 1 / 6), *z), Grid(-2 * np.pi, 2 * np.pi, points)

    @lightly
    def program(h):
        options = {"duration": TIME, "reference": 64}
        return mk_splitting.splitting_errors(cloud, Torsion(1.0), grid, h, STEPS, **options)

    return [jax.device_get(program(h)) for h in hbars]


def _bounded(found: list[mk_splitting.SplittingErrors], hbars: np.ndarray) -> Iterator[Row]:
    claims = [
        mk_splitting.splitting(one.cost, 1.0, TIME, h, one.classical)
        for one, h in zip(found, hbars)
    ]
    batch = jax.tree.map(lambda *leaves: np.stack(leaves), *map(_spread, claims))
    # One long step at the smallest ħ uses most: its share grows as ħ → 0.
    between = (0.14, 0.155) if hbars.min() > 0.015 else (0.19, 0.21)
    yield from two_sided("six packets, V = 1 − cos x, every ħ and step", batch, *between)


def _spread(one: Inequality) -> Inequality:
    """With parameters of the shape of its sides."""
    shape = np.shape(one.lhs.upper)
    return jax.tree.map(lambda leaf: np.broadcast_to(leaf, shape), one)


def _excess(found: list[mk_splitting.SplittingErrors], hbars: np.ndarray) -> Iterator[Row]:
    name, law = "MK_ħ, splitting", "MK(Rⁿ, R(t))² − MK(R(t), R(t))²"
    short = found[0].excess.centre[-4:]
    yield case("excess at ħ = .1", rate(name, f"{law} = O(τ²)", TAUS[-4:], short, (1.85, 2.15)))
    yield control(
        "excess at ħ = .1, τ⁴", rate(name, f"{law} = O(τ⁴)", TAUS[-4:], short, (3.85, 4.15))
    )
    parts = np.array([_law(one, h) for one, h in zip(found, hbars)])
    uniform = f"c₁ ~ ħ⁰ in {law} = c₁ħτ² + c₂τ⁴"
    yield case("c₁ uniformly in ħ", rate(name, uniform, hbars, parts[:, 0], (-0.2, 0.2)))
    psi = np.array([one.psi[-1] for one in found])
    yield case("ψ", rate(name, "‖ψⁿ − ψ(t)‖ ~ 1/ħ", hbars, psi, (-1.05, -0.95)))
    yield control("ψ uniformly in ħ", rate(name, "‖ψⁿ − ψ(t)‖ ~ ħ⁰", hbars, psi, (-0.2, 0.2)))
    means = np.array([one.means[-1] for one in found])
    yield case("means", rate(name, "|⟨Z⟩ⁿ − ⟨Z⟩(t)| ~ ħ⁰", hbars, means, (-0.05, 0.05)))
    last = found[-1]
    scale = last.classical[-1] / TAUS[-1] ** 4
    c2, error = parts[-1, 1], abs(_law(last, hbars[-1], first=2)[1] - parts[-1, 1])
    yield case("c₂ at the smallest ħ", _classical(c2 / scale, error / scale))
    alone = last.excess.centre[-1] / last.classical[-1]
    yield control("c₂ at the smallest ħ, without c₁", _classical(alone, 0.0))


def _law(one: mk_splitting.SplittingErrors, hbar: float, first: int = 1) -> tuple[float, float]:
    """c₁ and c₂ from all but the longest steps."""
    excess = jax.tree.map(lambda side: side[first:], one.excess)
    return mk_splitting.fitted_excess(TAUS[first:], excess, hbar)


def _classical(measured: float, error: float) -> Inequality:
    """c₂ over that of the classical error: within a tenth, since c₂(ħ) − c₂(0) is of order ħ."""
    left, statement = Bracket.estimated(measured, error), "c₂τ⁴/½∫|Zⁿ − Z(t)|²dμ = 1 + O(ħ)"
    return Inequality("MK_ħ, splitting", statement, left, Bracket(0.9, 1.1), kind="rate")
