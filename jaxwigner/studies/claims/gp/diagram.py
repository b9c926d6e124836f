"""The picture of the project: Golse–Paul's Diagram 1 with the measured rate and measured/bound on every arrow, and two surfaces."""

from __future__ import annotations

from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner.grid import Grid
from jaxwigner.inequality import Inequality
from jaxwigner.potentials import Cosine
from jaxwigner.potentials import Gaussian as Hill
from jaxwigner.states import Gaussian, Particles
from jaxwigner.studies.claims.claim import Row, case, claim, control, more, share, two_sided
from jaxwigner.studies.claims.compiling import light_compilation, lightly
from jaxwigner.studies.claims.gp.sharp import condensates
from jaxwigner.theorems import square
from jaxwigner.theorems.gp.sharp import bodies
from jaxwigner.theorems.gp.square import Arrow

TIME = 1.0
LINEAR = (0.85, 1.15)


@claim("diagram", "GP Theorem 2.5, Theorem 2.6, Theorem 2.7", cost=28)
def diagram(full: bool) -> Iterator[Row]:
    """Diagram 1: five arrows, each with its measured rate and its bound; E_ħ² over N and ħ.

    **Beyond:** the bound on the upper arrow, square roots on the lower one.

    The vertical arrows are Theorems 2.7 and 2.5, the diagonal is Theorem 2.6, the horizontal ones are cited by GP; the bound on
    the upper arrow follows from Theorems 2.5 and 2.6 by the triangle inequality. Control: a hundredth of the bound of the
    diagonal.
    """
    p = Gaussian(jnp.zeros(2), jnp.array([[0.5, 0.1], [0.1, 0.3]]))
    pair, stiffness = Cosine(1.0, 1.0), -0.5
    numbers = np.array([10.0, 30.0, 100.0, 1e3, 1e4])
    hbars = np.array([0.1, 0.03, 0.01, 0.003, 0.001] if full else [0.1, 0.05, 0.02, 0.01])
    yield from _arrow(_right(pair, full))
    yield from _arrow(_left(pair, full))
    with light_compilation():
        uniform = square.liouville_uniformly(p, stiffness, hbars, 1e4, duration=TIME)
        last = square.bodies_to_vlasov(p, stiffness, hbars, duration=TIME)
    yield from _arrow(uniform, "N = 10⁴, quadratic V")
    yield from _top(full)
    with light_compilation():
        husimi = square.husimi_to_hartree(p, stiffness, 0.1, numbers, duration=TIME)
    yield from _arrow(husimi, "Husimi functions, quadratic V")
    bottom = lightly(lambda n: square.liouville_to_vlasov(p, stiffness, n, duration=TIME))
    lower = bottom(numbers)
    yield from _arrow(lower, "quadratic V")
    yield case("bottom: quadratic V, share", share(lower.below(), 0.12, 0.135))
    yield from _arrow(last, "quadratic V", **_surface(p, stiffness))
    yield control(
        "diagonal: quadratic V, a hundredth of the bound", last.below().with_constant(0.01)
    )


@more("diagram", cost=2)
def cold_husimi_functions(full: bool) -> Iterator[Row]:
    """A pure state that spreads in x alone: at fixed ħ the upper arrow is O(1/N) in distance, uniformly in ħ only O(1/√N)."""
    hbars = np.array([1.0, 0.1, 0.01, 1e-4, 1e-8])

    @lightly
    def program(hbars, N, factor):
        def one(h):
            R = Gaussian(jnp.zeros(2), jnp.diag(jnp.stack([0.2, h**2 / 0.8])))
            return square.husimi_uniformly(R, 0.5, h, N, duration=TIME, factor=factor)

        return jax.vmap(one)(hbars)

    for N in (2.0, 1e3):
        found = program(hbars, N, 1.0)
        yield case(f"top: uniformly in ħ, pure states, N = {N:.0f}", found)
        yield case(f"top: uniformly in ħ, reached, N = {N:.0f}", _reached(found, 0.97))
    yield control("top: 1/N for 1/√N, uniformly in ħ", found.with_constant(1e-3))
    yield control("top: forces of the printed double sum", program(hbars, 1e3, 2.0))
    if full:
        yield from condensates.husimi_functions()


@more("diagram", order=1, cost=2)
def bodies_at_two_places(full: bool) -> Iterator[Row]:
    """The lower arrow for V = cos x and N = 10 … 10⁴ bodies at rest, each at one of two places: without sampling dist² is O(1/N), as
    Theorem 2.6 says for ħ → 0, and .75 of its sharp form at every N. Control: bodies with the force of the printed double sum.
    """
    numbers = (10, 100, 1000, 10000)
    program = lightly(
        lambda a, t, factor: bodies.at_two_places(
            a, Cosine(1.0), numbers, duration=t, steps=16, factor=factor
        )
    )
    found, twice = (program(0.25 * np.pi, 0.3, factor) for factor in (1.0, 2.0))
    paper = found["paper"]
    measured, error = paper.lhs.centre, paper.lhs.upper - paper.lhs.centre
    sides = 1 / np.array(numbers), measured, error, paper.rhs.lower
    arrow = Arrow("bottom", "dist(F¹_N, f)²", "1/N", paper.claim, *sides)
    yield from _arrow(arrow, "V = cos x, at rest")
    yield case("bottom: V = cos x, at rest: share", share(paper, 0.1, 0.12))
    yield from two_sided("bottom: V = cos x, at rest, sharp form", found["sharp"], 0.74, 0.76)
    yield control("bottom: forces of the printed double sum", twice["paper"])


def _reached(found: Inequality, share: float) -> Inequality:
    """share · bound ≤ what is measured, at the last of the scales."""
    last = jax.tree.map(lambda a: a[-1] if jnp.ndim(a) else a, found)
    statement = f"{share} of the bound ≤ N dist², at the smallest ħ"
    return Inequality(last.claim, statement, last.rhs * share, last.lhs, parameters=last.parameters)


def _arrow(arrow: Arrow, note: str = "", **series) -> Iterator[Row]:
    """A row for the rate and one for the bound; the series are those of the first."""
    name = f"{arrow.name}: {note}" if note else arrow.name
    data = {"scales": arrow.scales, "measured": arrow.measured, "bounds": arrow.bounds}
    yield case(name, arrow.rate(LINEAR), series={**data, **series})
    yield case(f"{name}, bound", arrow.below())


def _right(pair: Cosine, full: bool) -> Arrow:
    cloud = _cloud(64)
    hbars = np.array([0.1, 0.05, 0.025, 0.0125]) if full else np.array([0.2, 0.1, 0.05])
    grid = Grid(-4 * np.pi, 4 * np.pi, 4096 if full else 1024)
    program = lightly(
        lambda h: square.hartree_to_vlasov(cloud, pair, grid, h, duration=TIME, steps=16)
    )
    return program(hbars)


def _left(pair: Cosine, full: bool) -> Arrow:
    hbars = np.array([0.4, 0.3, 0.2, 0.1]) if full else np.array([0.4, 0.3, 0.2])
    grid = Grid(-2 * np.pi, 2 * np.pi, 160 if full else 96)
    program = lightly(
        lambda h: square.bodies_to_liouville(_cloud(3), pair, grid, h, duration=0.5, steps=8)
    )
    return program(hbars)


def _top(full: bool) -> Iterator[Row]:
    numbers = np.array([2.0, 3.0, 5.0, 10.0, 30.0, 100.0, 300.0, 1e3, 1e4])
    hbars = np.logspace(0.0, -2.0 if full else -1.2, 9 if full else 7)
    program = lightly(
        lambda h, n: square.condensates(Hill(1.0, 1.0), h, n, duration=TIME, steps=10)
    )
    run = program(hbars, numbers)
    surface = {"coherent_hbar": hbars, "coherent_N": numbers, "coherent_cost": run.cost}
    large = numbers >= 10
    part = jax.tree.map(lambda a: a[:, large], run)
    yield from _arrow(square.bodies_to_hartree(part, numbers[large]), "trace norm", **surface)


def _surface(p: Gaussian, stiffness: float) -> dict[str, np.ndarray]:
    numbers, hbars = np.logspace(np.log10(2.0), 4.0, 21), np.logspace(-3.0, 0.0, 19)
    program = lightly(lambda h, n: square.joint_surface(p, stiffness, h, n, duration=TIME))
    cost, bound = program(hbars, numbers)
    return {
        "spread_hbar": hbars,
        "spread_N": numbers,
        "spread_cost": np.asarray(cost),
        "spread_bound": np.asarray(bound),
    }


def _cloud(count: int) -> Particles:
    z = np.random.default_rng(3).normal(size=(2, count)) * np.sqrt(0.4)
    return Particles(np.full(count, 1 / count), *z)
