"""One level for several: ψ on all surfaces beside φχ, where φ moves on the level λ alone and χ(x) is the electronic state of the level.

With d_b = ⟨χ_b|χ′⟩ and g_b = λ_b − λ a packet holds, while it passes, on the other levels

    P = Σ_b ∫|ħd_b(p̂/m)φ/g_b|² dx (1 + o(ħ)),  so that ‖ψ − φχ‖ = O(ħ) (H. Spohn, S. Teufel, arXiv:math-ph/0104024)

and takes it back. To the next order H_eff = p̂²/2m + λ + (ħ²/2m)Σd_b² − (ħ²/m²)p̂Σ(d_b²/g_b)p̂ on the level: behind the passage φχ is
wrong by the phase

    δφ = ħ ∫ Σ_b (p²d_b²/(m²g_b) − d_b²/2m) dt  along the classical path, ‖ψ − φχ‖ → |δφ|, ‖ψ − e^{iδφ}φχ‖ = O(ħ^{3/2})

Its two parts have opposite signs: the term of Born and Huang, the second, is no correction without the first.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._types import Array
from jaxwigner.classical import Newton
from jaxwigner.engine.evolve import evolve
from jaxwigner.grid import Grid, Scalar
from jaxwigner.potentials.surfaces.matrix import MatrixPotential, as_matrix_potential
from jaxwigner.quantum import Schrodinger, Surfaces
from jaxwigner.states import Particles, coherent_state

METHOD = "symmetric-4"
PATH = 512  # steps of the classical path


class Reduction(NamedTuple):
    """Along a passage, at each time that is looked at: `distance` ‖ψ − φχ‖, `population` of the other levels and its leading term
    `held`. Behind it: `huang` ‖ψ − φ_BHχ‖, φ_BH with the term of Born and Huang, `turned` ‖ψ − e^{iδφ}φχ‖, and `halved`, the same with
    the phase of that term alone. `phase`: δφ/ħ. Not a number where a run is under-resolved.
    """

    distance: Float[Array, " t"]
    population: Float[Array, " t"]
    held: Float[Array, " t"]
    huang: Float[Array, ""]
    turned: Float[Array, ""]
    halved: Float[Array, ""]
    phase: Float[Array, ""]


def reduction(
    potential: Any,
    grid: Grid,
    place: tuple[Scalar, Scalar],
    hbar: Scalar,
    *,
    duration: Scalar,
    steps: int,
    saves: int = 16,
    level: int = 0,
    mass: Scalar = 1.0,
) -> Reduction:
    """A coherent state at `place` = (q, p) on a `level`, moved by `Surfaces`, and by `Schrodinger` on that level.

    **Arguments:** `potential`: V of one coordinate, whose levels do not meet; `duration`, `steps`: until the coupling is behind the
    packet; `saves`: how many times are looked at.

    >>> import jaxwigner as jw
    >>> grid, run = jw.Grid(-6.0, 9.0, 256), {"duration": 4.0, "steps": 60}
    >>> found = jw.theorems.surfaces_reduction.reduction(jw.potentials.DeltaGap(0.5), grid, (-3.0, 1.5), 0.1, **run)
    >>> [round(float(one) / 0.1, 2) for one in (found.distance.max(), found.distance[-1], found.phase * 0.1)]
    [0.58, 0.25, 0.23]
    """
    V = as_matrix_potential(potential, 1)
    system = Surfaces(grid, V, hbar, mass)
    packet = coherent_state(grid, place[0], place[1], hbar)

    def moved(by, state):
        options = {"duration": duration, "steps": steps, "saves": saves, "method": METHOD}
        run = evolve(by, state, observe=lambda u: u, gradient="forward", throw=False, **options)
        return jnp.where(run.diagnostics.status == 0, run.observed, jnp.nan)

    def alone(share):
        curve = lambda x: V.levels(x)[..., level] + share * hbar**2 * _huang(V, x, level, mass)  # noqa: E731
        return moved(Schrodinger(grid, curve, hbar, mass), packet)

    psi = moved(system, system.on_level(packet, level))
    bare, huang = jax.lax.map(alone, jnp.array([0.0, 1.0]))
    size = lambda u: jnp.sqrt(jnp.sum(jnp.abs(u) ** 2) * grid.cell)  # noqa: E731
    apart = lambda u, phi: size(u - system.on_level(phi, level))  # noqa: E731
    other = lambda u: size(u) ** 2 - system.populations(u, refine=1)[level]  # noqa: E731
    parts = phases(V, place, duration=duration, level=level, mass=mass)
    behind = lambda phase: apart(psi[-1] * jnp.exp(-1j * hbar * phase), bare[-1])  # noqa: E731
    return Reduction(
        jax.vmap(apart)(psi, bare),
        jax.vmap(other)(psi),
        jax.vmap(lambda phi: system.unsettled(phi, level))(bare),
        apart(psi[-1], huang[-1]),
        behind(jnp.sum(parts)),
        behind(parts[1]),
        jnp.sum(parts),
    )


def phases(
    potential: Any,
    place: tuple[Scalar, Scalar],
    *,
    duration: Scalar,
    level: int = 0,
    mass: Scalar = 1.0,
) -> Float[Array, " two"]:
    """The two parts of δφ/ħ, ∫Σ_b p²d_b²/(m²g_b) dt and −∫Σ_b d_b²/2m dt, along the classical path from `place` = (q, p).

    >>> import jaxwigner as jw
    >>> parts = jw.theorems.surfaces_reduction.phases(jw.potentials.DeltaGap(0.5), (-3.0, 1.5), duration=4.0)
    >>> [round(float(one), 4) for one in parts]
    [0.3248, -0.0906]
    """
    V = as_matrix_potential(potential, 1)
    curve = lambda x: V.levels(x)[..., level]  # noqa: E731
    start = Particles([1.0], [place[0]], [place[1]])
    look = lambda z: (z.positions[0, 0], z.momenta[0, 0])  # noqa: E731
    options = {"duration": duration, "steps": PATH, "saves": PATH, "gradient": "forward"}
    run = evolve(Newton(curve, mass), start, observe=look, throw=False, **options)
    q, p = run.observed
    square, gap = _coupled(V, q, level)
    moving = jnp.sum(square / gap, -1) * p**2 / mass**2
    parts = jnp.stack([moving, -_huang(V, q, level, mass)])
    # Simpson's rule
    weights = np.ones(PATH + 1)
    weights[1:-1:2], weights[2:-1:2] = 4.0, 2.0
    return parts @ jnp.asarray(weights) * duration / (3 * PATH)


def _huang(V: MatrixPotential, x: Array, level: int, mass: Scalar) -> Array:
    """Σ_b d_b²/2m."""
    return 0.5 * jnp.sum(_coupled(V, x, level)[0], -1) / mass


def _coupled(V: MatrixPotential, x: Array, level: int) -> tuple[Array, Array]:
    """d_b² and g_b of the other levels."""
    others = np.array([b for b in range(V.size) if b != level])
    levels, d = V.levels(x), V.couplings(x)[0]
    return d[..., level, others] ** 2, levels[..., others] - levels[..., level : level + 1]
