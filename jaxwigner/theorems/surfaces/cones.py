"""A packet that meets the tip of a cone (AFG, Remark 1, with the corrected matrix): what one level, and one measure, do not tell.

    iε∂_tψ = −½ε²Δψ + ((x₁, x₂), (x₂, −x₁))ψ,  a coherent packet on the lower level −|x| at (−q, β√ε) with the momentum (p, 0)

For every β its Wigner measure tends to δ at z₀ = ((−q, 0), (p, 0)). Near the tip a path of angular momentum L changes levels with
P = e^{−πL²/εv³}, v² = p² − 2q (C. Fermanian Kammerer and P. Gérard, Bull. Soc. Math. France 130 (2002) 123). L/√ε is normal with the
mean βp and the variance s² = ½(p² + q²) for every ε, so that the upper population tends to

    T₀(β) = (1 + 2as²)^{−½} e^{−aβ²p²/(1 + 2as²)},  a = π/v³,

which the limit measure does not know of; Liouville's equation on the lower level says 0. A packet that passes at a fixed distance
b = β√ε loses T₀(b/√ε), exponentially little.
"""

from __future__ import annotations

import itertools
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import check_positive_scalar
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket, module_of
from jaxwigner.engine.evolve import evolve
from jaxwigner.grid import Grid, Scalar
from jaxwigner.inequality import Inequality, equal_functions, rate
from jaxwigner.observables import kinetic_energy, mean_momentum, position_density
from jaxwigner.potentials import Crossing
from jaxwigner.quantum import Surfaces
from jaxwigner.states import coherent_state

NAME = "AFG Remark 1"


def limit_population(beta: Any, distance: Scalar, momentum: Scalar) -> Array:
    """T₀(β), the population of the upper level behind the tip as ε → 0.

    **Arguments:** `beta`: β; `distance`, `momentum`: q and p, positive, p² > 2q.

    >>> from jaxwigner.theorems import surfaces_cones
    >>> [round(float(surfaces_cones.limit_population(b, 2.0, 6**0.5)), 5) for b in (0.0, 0.5, 1.0)]
    [0.28739, 0.25045, 0.16574]
    """
    xp = module_of(beta, distance, momentum)
    a = np.pi / (momentum**2 - 2 * distance) ** 1.5
    wide = 1 + a * (momentum**2 + distance**2)
    return xp.exp(-a * (xp.asarray(beta) * momentum) ** 2 / wide) / xp.sqrt(wide)


class Passage(eqx.Module):
    """`upper`: the population of the upper level behind the tip; `spread`: ∫∫|z − z₀|² tr W before it; `edge`: what is at the
    edge of the grid in the end."""

    upper: Float[Array, ""]
    spread: Float[Array, ""]
    edge: Float[Array, ""]


def passage(
    grid: Grid,
    beta: Scalar,
    hbar: Scalar,
    *,
    distance: Scalar,
    momentum: Scalar,
    duration: Scalar,
    steps: int,
    refine: int = 4,
) -> Passage:
    """The packet at the head of this page, moved by the exact dynamics on both levels.

    **Arguments:** `grid`: of two coordinates, its ends may be traced; `hbar`: ε; `distance`, `momentum`: q, p; `duration`, `steps`: of
    Strang's method; `refine`: as in `Surfaces.populations`.

    >>> import jaxwigner as jw
    >>> from jaxwigner.theorems import surfaces_cones
    >>> grid = jw.Grid((-4.0, -3.8), (5.5, 3.8), (72, 60))
    >>> found = surfaces_cones.passage(grid, 0.0, 0.3, distance=2.0, momentum=3.0, duration=1.7, steps=40)
    >>> round(float(found.upper), 2), round(float(found.spread), 1)  # T₀ = .46; 2ε
    (0.44, 0.6)
    """
    check_positive_scalar("hbar", hbar)
    system = Surfaces(grid, Crossing(), hbar)
    centre, velocity = jnp.stack([-distance, 0.0]), jnp.stack([momentum, 0.0])
    psi = coherent_state(grid, centre.at[1].set(beta * jnp.sqrt(hbar)), velocity, hbar)
    state = system.on_level(psi, "lower")
    options = {"duration": duration, "steps": steps, "method": "strang", "throw": False}
    run = evolve(system, state, **options)
    upper = system.populations(run.state, refine)[1]
    nuclei = system.nuclear(state)
    return Passage(
        upper, _second_moment(nuclei, grid, hbar, centre, velocity), run.diagnostics.edge_mass[-1]
    )


def _second_moment(state: Any, grid: Grid, hbar: Scalar, x: Array, p: Array) -> Array:
    """⟨|x̂ − x|² + |p̂ − p|²⟩ of a state of norm 1."""
    rho = position_density(state, grid) * grid.cell
    places = sum(jnp.sum((axis - x[i]) ** 2 * rho) for i, axis in enumerate(grid.mesh))
    crossed = p @ mean_momentum(state, grid, hbar)
    return places + 2 * kinetic_energy(state, grid, hbar) - 2 * crossed + p @ p


def crossing_levels(rho: tuple[Array, Array], *, printed: bool = False) -> Inequality:
    """The levels of `Crossing` are ±|ρ|, as Remark 1 has them; `printed`: of ((ρ₁, −ρ₂), (ρ₂, ρ₁)), a negative control.

    >>> import numpy as np
    >>> from jaxwigner.theorems import surfaces_cones
    >>> rho = np.array([0.3, -1.0]), np.array([0.4, 0.2])
    >>> [surfaces_cones.crossing_levels(rho, printed=p).verdict for p in (False, True)]
    ['holds', 'violated']
    """
    one, two = rho
    V = Crossing()(one, two)
    sign = -1 if printed else 1  # of the second column
    mean = 0.5 * (V[..., 0, 0] + sign * V[..., 1, 1])
    determinant = sign * (V[..., 0, 0] * V[..., 1, 1] - V[..., 0, 1] * V[..., 1, 0])
    half = jnp.sqrt(mean**2 - determinant + 0j)
    levels, radius = jnp.stack([mean - half, mean + half]), jnp.hypot(one, two)
    law = "((ρ₁, ρ₂), (ρ₂, −ρ₁)) has the levels ±|ρ|"
    return equal_functions(NAME, law, levels, jnp.stack([-radius, radius]), error=1e-12)


def level_keeps(upper: Any, hbar: Any) -> Inequality:
    """What Liouville's equation on the lower level implies: nothing is on the upper one behind the tip, here up to ε².

    True of packets that pass beside the tip, false at it.

    >>> import numpy as np
    >>> from jaxwigner.theorems import surfaces_cones
    >>> hbars = np.array([0.2, 0.1])
    >>> [surfaces_cones.level_keeps(P, hbars).verdict for P in (np.array([0.01, 1e-4]), np.array([0.44, 0.45]))]
    ['holds', 'violated']
    """
    law = "Liouville on the lower level: 1 − ∫∫W₋(t) ≤ ε²"
    return Inequality(NAME, law, upper, hbar**2, parameters={"hbar": hbar})


def level_loses(upper: Any, hbar: Any, limit: Any, *, share: float = 0.9) -> Inequality:
    """At the tip the lower level loses a mass that does not vanish with ε: at least `share` of T₀.

    >>> import numpy as np
    >>> from jaxwigner.theorems import surfaces_cones
    >>> surfaces_cones.level_loses(np.array([0.44, 0.45]), np.array([0.2, 0.1]), 0.464).verdict
    'holds'
    """
    law = f"the lower level loses 1 − ∫∫W₋(t) ≥ {share:g} T₀"
    return Inequality(NAME, law, share * limit, upper, parameters={"hbar": hbar})


def same_measure(spread: Any, hbars: Any) -> Inequality:
    """∫∫|z − z₀|² tr W = O(ε) before the tip, so that W → δ at z₀, whatever β.

    >>> import numpy as np
    >>> from jaxwigner.theorems import surfaces_cones
    >>> hbars = np.array([0.2, 0.14, 0.1])
    >>> surfaces_cones.same_measure(3 * hbars, hbars).verdict
    'holds'
    """
    return rate(NAME, "∫∫|z − z₀|² tr W = O(ε): W → δ at z₀", hbars, spread, (0.97, 1.03))


def tends_to(upper: Any, hbars: Any, limit: Any) -> Inequality:
    """|P_up − T₀(β)| = O(ε).

    >>> import numpy as np
    >>> from jaxwigner.theorems import surfaces_cones
    >>> hbars = np.array([0.2, 0.14, 0.1])
    >>> [surfaces_cones.tends_to(0.46 - 0.07 * hbars, hbars, T).verdict for T in (0.46, 0.41)]
    ['holds', 'violated']
    """
    gaps = abs(upper - limit)
    return rate(NAME, "|∫∫W₊(t) − T₀(β)| = O(ε)", hbars, gaps, (0.75, 1.25))


def not_determined(
    uppers: Float[Array, "family n"], limits: Float[Array, " family"], *, share: float = 0.9
) -> Inequality:
    """Families with one limit measure before the tip differ behind it: |P_β − P_β′| ≥ `share`|T₀(β) − T₀(β′)| for every pair and ε.

    >>> import numpy as np
    >>> from jaxwigner.theorems import surfaces_cones
    >>> uppers = np.array([[0.449, 0.457], [0.260, 0.265]])
    >>> surfaces_cones.not_determined(uppers, np.array([0.464, 0.269])).verdict
    'holds'
    """
    pairs = list(itertools.combinations(range(len(limits)), 2))
    xp = module_of(uppers, limits)
    gaps = xp.stack([abs(uppers[i] - uppers[j]) for i, j in pairs])
    bounds = xp.stack([abs(limits[i] - limits[j]) for i, j in pairs])[:, None]
    law = f"|∫∫W₊ − ∫∫W₊′| ≥ {share:g}|T₀(β) − T₀(β′)| of two families with one limit measure"
    return Inequality(NAME, law, share * bounds, Bracket.exact(gaps))


def determined(uppers: Float[Array, "family n"], hbars: Any) -> Inequality:
    """What would follow if the measure before the tip determined that behind it, here with the rate of everything else: a control.

    >>> import numpy as np
    >>> from jaxwigner.theorems import surfaces_cones
    >>> uppers = np.array([[0.449, 0.454, 0.457], [0.260, 0.262, 0.265]])
    >>> surfaces_cones.determined(uppers, np.array([0.2, 0.14, 0.1])).verdict
    'violated'
    """
    gaps = abs(uppers[0] - uppers[-1])
    return rate(NAME, "|∫∫W₊ − ∫∫W₊′| = O(ε)", hbars, gaps, (0.75, 1.25))
