"""Berry's phase in the trough of Jahn and Teller's surfaces: an error of the density that no population shows.

    iε∂_tψ = −½ε²Δψ + (½|x|² + ((x₁, x₂), (x₂, −x₁)))ψ,  levels λ∓ = ½r² ∓ r;  the real χ₋ changes its sign on a way round the tip

Two packets leave (R, 0) on the lower level with the momenta (0, ±v), v² = R(R − 1), for which the circle is a classical path, and
meet on the far ray x₂ = 0, x₁ < 0 at t = πR/v. Of the two ways one has gone round the tip once more than the other: with φ± the
packets moved on the surface λ₋ alone, the density there is that of |φ₊ − φ₋|², and not |φ₊ + φ₋|², which one surface without the
phase gives. Start and equations are even in x₂ up to that sign, so that on the far ray the lower density vanishes for every ε
(H. C. Longuet-Higgins et al., Proc. R. Soc. A 244 (1958) 1; C. A. Mead, D. G. Truhlar, J. Chem. Phys. 70 (1979) 2284).
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Float

from jaxwigner._checks import check_positive_scalar
from jaxwigner._types import Array
from jaxwigner.engine.evolve import evolve
from jaxwigner.grid import Grid, Scalar
from jaxwigner.inequality import Inequality
from jaxwigner.observables import square
from jaxwigner.potentials import JahnTeller
from jaxwigner.quantum import Schrodinger, Surfaces
from jaxwigner.states import coherent_state

NAME = "Berry's phase"


class RoundTheTip(eqx.Module):
    """Two packets that have met behind the tip. `ray`: the largest density of the lower level on the far ray over its largest
    anywhere, by both surfaces; `ray_alone`: by one surface without the phase; `apart`, `apart_alone`: ∫|ρ₋ − |φ₊ ∓ φ₋|²| dx, with and
    without the phase; `upper`: the largest population of the upper level."""

    ray: Float[Array, ""]
    ray_alone: Float[Array, ""]
    apart: Float[Array, ""]
    apart_alone: Float[Array, ""]
    upper: Float[Array, ""]


def round_the_tip(
    grid: Grid, hbar: Scalar, *, radius: Scalar = 1.5, steps: int, saves: int = 4
) -> RoundTheTip:
    """The run at the head of this page, by both surfaces and by the lower one alone.

    **Arguments:** `grid`: of two coordinates, with x₂ = 0 a line of it; `hbar`: ε; `radius`: R > 1; `steps`, of "strang"; `saves`:
    how often the upper population is looked at.

    >>> import jaxwigner as jw
    >>> from jaxwigner.theorems import surfaces_berry
    >>> found = surfaces_berry.round_the_tip(jw.Grid((-3.4, -3.4), (3.4, 3.4), (60, 60)), 0.14, steps=90)
    >>> bool(found.ray < 1e-6), bool(found.ray_alone > 0.9), bool(found.upper < 0.001)
    (True, True, True)
    """
    check_positive_scalar("hbar", hbar)
    speed = jnp.sqrt(radius * (radius - 1.0))
    packets = jnp.stack(
        [coherent_state(grid, (radius, 0.0), (0.0, v), hbar) for v in (speed, -speed)]
    )
    packets = packets / jnp.sqrt(jnp.sum(square(jnp.sum(packets, axis=0))) * grid.cell)
    options = {"duration": jnp.pi * radius / speed, "steps": steps, "method": "strang"}

    both = Surfaces(grid, JahnTeller(), hbar)
    start = both.on_level(jnp.sum(packets, axis=0), "lower")
    run = evolve(both, start, saves=saves, observe="populations", throw=False, **options)
    lower = square(both.adiabatic(run.state)[0])

    alone = Schrodinger(grid, JahnTeller().levels(*grid.mesh)[..., 0], hbar)
    moved = jax.lax.map(lambda one: evolve(alone, one, throw=False, **options).state, packets)
    with_phase, without = square(moved[0] - moved[1]), square(moved[0] + moved[1])
    distance = lambda rho: jnp.sum(jnp.abs(lower - rho)) * grid.cell  # noqa: E731
    return RoundTheTip(
        _on_ray(lower, grid),
        _on_ray(without, grid),
        distance(with_phase),
        distance(without),
        jnp.max(run.observed["populations"][:, 1]),
    )


def _on_ray(rho: Array, grid: Grid) -> Array:
    """The largest value on x₂ = 0, x₁ < 0, over the largest anywhere."""
    x, y = grid.mesh
    there = (x < 0) & (jnp.abs(y) < 0.25 * grid.spacing[1])
    return jnp.max(jnp.where(there, rho, 0.0)) / jnp.max(rho)


def vanishes_on_the_ray(ray: Any, hbar: Any) -> Inequality:
    """The density of the lower level on the far ray, over its largest: 0, here up to 1e-5.

    >>> from jaxwigner.theorems import surfaces_berry
    >>> [surfaces_berry.vanishes_on_the_ray(ray, 0.1).verdict for ray in (1e-9, 1.0)]
    ['holds', 'violated']
    """
    law = "sup ρ₋ on the far ray ≤ 10⁻⁵ sup ρ₋"
    return Inequality(NAME, law, ray, 1e-5, parameters={"hbar": hbar})


def interferes(apart: Any, hbar: Any) -> Inequality:
    """∫|ρ₋ − |φ₊ − φ₋|²| dx ≤ ε: packets on the lower surface alone, once they have the phase.

    >>> from jaxwigner.theorems import surfaces_berry
    >>> [surfaces_berry.interferes(apart, 0.1).verdict for apart in (0.01, 1.1)]
    ['holds', 'violated']
    """
    law = "∫|ρ₋ − |φ₊ − φ₋|²| dx ≤ ε"
    return Inequality(NAME, law, apart, hbar, parameters={"hbar": hbar})


def hidden(upper: Any, hbar: Any) -> Inequality:
    """The population of the upper level on the way stays below .04ε²: nothing that is seen there.

    >>> from jaxwigner.theorems import surfaces_berry
    >>> surfaces_berry.hidden(2.4e-4, 0.1).verdict
    'holds'
    """
    bound = 0.04 * hbar**2
    return Inequality(
        NAME, "∫ρ₊ dx ≤ .04ε² on the whole way", upper, bound, parameters={"hbar": hbar}
    )
