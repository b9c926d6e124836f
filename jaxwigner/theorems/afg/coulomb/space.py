"""Two nuclei in R³ without any symmetry: a second method for Ambrosio–Friesecke–Giannoulis Lemma 5.1, (28), and for the partial waves.

On a grid in R³ (`quantum.relative_motion`) nothing is assumed of U_b(R) but (7). Every run is repeated on three quarters of the points
with half the steps; twice the difference is its error. Where U_b is spherical, partial waves in (ℓ, m, r) are an independent solution:

    ⟨|R|⟩,  ‖U_sΨ‖²  of both agree,     ‖Ψ_grid − Ψ_waves‖ ≤ 2‖Ψ_grid − Ψ_coarser grid‖
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Num

from jaxwigner import observables
from jaxwigner._checks import check_integer, require
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.engine.evolve import evolve
from jaxwigner.grid import Scalar
from jaxwigner.inequality import ROUNDING, Inequality, require_double, sup_norm_error
from jaxwigner.potentials.combined import floor_of
from jaxwigner.quantum import PartialWaves
from jaxwigner.quantum import radial_observables as radial
from jaxwigner.quantum import relative_motion as space
from jaxwigner.quantum.nuclei.relative_motion import RelativeMotion
from jaxwigner.theorems.afg.coulomb.bounds import Passage, require_repulsion
from jaxwigner.theorems.afg.coulomb.seen import deviations

Psi = Num[Array, "x y z"]
EDGE_MASS = 1e-3  # share of the mass at the faces of the box above which nothing is claimed
CHUNK = 256  # points at which partial waves are summed at once


def watch(
    system: RelativeMotion,
    psi: Psi,
    *,
    duration: Scalar,
    steps: int,
    saves: int = 6,
    attractive: bool = False,
) -> Passage:
    """Evolve a packet, twice, and keep what Lemma 5.1 and (28) are about: a `coulomb.Passage`, without masses.

    **Arguments:** `steps`: of the coarser run, the finer takes twice as many; `attractive`: allow C ≤ 0, a negative control.

    **Raises:** `ValueError` for C ≤ 0 unless asked for, for a U_b that knows no lower bound, and for a grid with a point at R = 0.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.quantum.nuclei.relative_motion import RelativeMotion, centred_box
    >>> grid = centred_box(5.0, 32)
    >>> system = RelativeMotion(grid, 0.5, 0.3, potential=lambda x, y, z: 0.1 * jnp.cos(x))
    >>> psi = jw.wave_packet(grid, (0.0, 0.0, 1.5), (0.3, 0.0, -0.5), 0.3)
    >>> jw.theorems.coulomb_space.watch(system, psi, duration=0.4, steps=4)
    Traceback (most recent call last):
    ValueError: Argument `potential` must be bounded below and know its `lower_bound`, but is -inf
    >>> spherical = RelativeMotion(grid, 0.5, 0.3)
    >>> passage = jw.theorems.coulomb_space.watch(spherical, psi, duration=0.4, steps=4, saves=2)
    >>> jw.theorems.coulomb.singular_bound(passage).verdict
    'holds'
    """
    require_double()
    require(isinstance(system, RelativeMotion), "system", "be RelativeMotion", system)
    require_repulsion(system, attractive)
    check_integer("steps", steps, at_least=1)
    check_integer("saves", saves, at_least=1)
    kappa = floor_of(system.bounded)

    def run(s, v, count):
        look = lambda w: _look(w, s, kappa)  # noqa: E731
        options = {"saves": saves, "gradient": "forward", "throw": False}
        result = evolve(s, v, duration=duration, steps=count, observe=look, **options)
        return result.observed, jnp.max(result.diagnostics.edge_mass)

    fine, edge = run(system, psi, 2 * steps)
    rough = system.on(coarser(system))
    coarse, _ = run(rough, space.resampled(psi, system.grid, rough.grid), steps)
    times = jnp.linspace(0.0, 1.0, saves + 1) * duration
    return Passage(system, jnp.zeros(0), times, fine, deviations(fine, coarse, edge > EDGE_MASS))


def conservation(passage: Passage) -> tuple[Inequality, Inequality]:
    """⟨H − κ⟩ and ‖(H − κ)Ψ‖² are the same at all sampled times (AFG (51), (52), what Lemma 5.1 rests on).

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.quantum.nuclei.relative_motion import RelativeMotion, centred_box
    >>> kept, lost = jnp.array([1.2, 1.2]), jnp.array([1.2, 1.1])
    >>> errors = {"excess": 0 * kept, "constant": 0 * kept}
    >>> system = RelativeMotion(centred_box(5.0, 8), 0.5, 0.3)
    >>> seen = {"excess": kept, "constant": lost}
    >>> passage = jw.theorems.coulomb.Passage(system, jnp.zeros(0), jnp.array([0.0, 1.0]), seen, errors)
    >>> [claim.verdict for claim in jw.theorems.coulomb_space.conservation(passage)]
    ['holds', 'violated']
    """
    laws = (("AFG (51)", "⟨H−κ⟩", "excess"), ("AFG (52)", "‖(H−κ)Ψ‖²", "constant"))
    claims = []
    for name, law, key in laws:
        later, start = passage.side(key), passage.start(key)
        width = 0.02 * jnp.abs(start.centre)
        law = f"{law}(t) = {law}(0), sampled times"
        options = {"kind": "identity", "width": width, "parameters": _numbers(passage.system)}
        claims.append(Inequality(name, law, later, start, **options))
    return tuple(claims)


class Agreement(eqx.Module):
    """Both solutions at one time, as claims: `distance` and `square` are ⟨|R|⟩ and ‖U_sΨ‖², `states` the distance of the two in L².

    `mirrored` is the last for the mirror image of one of them in x, a negative control.
    """

    distance: Inequality
    square: Inequality
    states: Inequality
    mirrored: Inequality


def agreement(
    system: RelativeMotion,
    psi: Psi,
    waves: PartialWaves,
    u: Array,
    *,
    duration: Scalar,
    steps: int,
    stride: int = 3,
    tolerance: float = 1e-5,
) -> Agreement:
    """The grid against partial waves after a time.

    **Arguments:** `psi`: at the start; `waves`, `u`: the partial waves at the end, from an evolution of their own, known to `tolerance`
    in L²; `stride`: every so manieth point of each axis is compared.

    >>> import jaxwigner as jw
    >>> from jaxwigner.quantum.nuclei.relative_motion import RelativeMotion, centred_box
    >>> packet = {"position": (0.0, 0.0, 1.5), "momentum": (0.3, 0.0, -0.5)}
    >>> plan = jw.resolve_waves(0.5, 0.4, **packet, duration=0.5, tolerance=1e-4)
    >>> grid = centred_box(6.0, 32)
    >>> system, psi = RelativeMotion(grid, 0.5, 0.4), jw.wave_packet(grid, *packet.values(), 0.4)
    >>> found = jw.theorems.coulomb_space.agreement(
    ...     system, psi, plan.system, plan.states([0.0, 0.5])[-1], duration=0.5, steps=6
    ... )
    >>> found.distance.verdict, found.states.verdict
    ('holds', 'holds')
    """
    require_double()
    check_integer("stride", stride, at_least=1)
    options = {"duration": duration, "gradient": "forward", "throw": False}
    run = evolve(system, psi, steps=2 * steps, **options)
    fine = run.state
    coarse = system.on(coarser(system))
    rough = evolve(coarse, space.resampled(psi, system.grid, coarse.grid), steps=steps, **options)
    refined = space.resampled(run.state, system.grid, coarse.grid)
    gap = jnp.sqrt(_norm2(refined - rough.state, coarse))
    gap = jnp.where(jnp.max(run.diagnostics.edge_mass) > EDGE_MASS, jnp.inf, gap)

    def same(name, law, value, other, exact, width):
        error = jnp.where(jnp.isinf(gap), jnp.inf, 2 * jnp.abs(value - other) + 1e-10)
        left = sup_norm_error(value, error)
        right = Bracket.estimated(exact, 2 * tolerance * jnp.abs(exact))
        numbers = _numbers(system)
        return Inequality(name, law, left, right, kind="identity", width=width, parameters=numbers)

    radii = waves.grid.radii * waves.grid.weights
    mean = radial.radial_density(u, waves) @ radii
    both = ((fine, system), (rough.state, coarse))
    value, other = (space.mean_distance(v, s) for v, s in both)
    law = "⟨|R|⟩ on the grid in R³ = in partial waves (ℓ, m, r)"
    distance = same("two methods", law, value, other, mean, 0.01 * mean)
    square = radial.coulomb_square(u, waves)
    value, other = (space.coulomb_square(v, s) for v, s in both)
    law = "‖U_sΨ‖² on the grid in R³ = in partial waves (ℓ, m, r)"
    singular = same("two methods", law, value, other, square, 0.05 * square)

    law = "‖Ψ_grid − Ψ_waves‖ ≤ 2‖Ψ_grid − Ψ_coarser‖ + tolerance, common points"
    rhs = 2 * gap + 2 * tolerance

    def near(state):
        apart = jnp.sqrt(_apart(state, system, waves, u, stride))
        lhs = Bracket.estimated(apart, 1e-3 * apart + ROUNDING)
        return Inequality("two methods", law, lhs, rhs, parameters=_numbers(system))

    return Agreement(distance, singular, near(fine), near(fine[::-1]))


def coarser(system: RelativeMotion) -> int:
    """Three quarters of the points on each axis, an even number."""
    return 2 * (3 * system.grid.shape[0] // 8)


def _look(psi: Psi, system: RelativeMotion, kappa: Scalar) -> dict[str, Array]:
    squares = sum(k**2 for k in system.grid.wavenumber_mesh)
    power = observables.spectral_weights(psi, system.grid)
    kinetic = system.hbar**2 / (2 * system.mass) * jnp.sum(squares * power)
    rho = observables.square(psi)
    return {
        "singular": space.coulomb_square(psi, system),
        "constant": space.hamiltonian_square(psi, system, kappa),
        "excess": kinetic + jnp.sum((system.values - kappa) * rho) * system.grid.cell,
    }


def _apart(psi: Psi, system: RelativeMotion, waves: PartialWaves, u: Array, stride: int) -> Array:
    """‖ψ − Σ(u/r)Y‖² over every `stride`-th point within the sphere of the partial waves."""
    part = (slice(None, None, stride),) * 3
    axes = [jnp.broadcast_to(x, psi.shape)[part].ravel() for x in system.grid.mesh]
    points = jnp.stack(axes, axis=1)
    inside = jnp.sum(points**2, axis=1) < waves.grid.length**2
    points = jnp.where(inside[:, None], points, jnp.ones_like(points))
    short = -points.shape[0] % CHUNK
    points = jnp.concatenate([points, jnp.ones((short, 3))]).reshape(-1, CHUNK, 3)
    values = jax.lax.map(lambda x: radial.wave_function(u, waves, x), points).ravel()
    values = values[: inside.shape[0]]
    off = observables.square(psi[part].ravel() - jnp.where(inside, values, 0.0))
    return jnp.sum(off) * system.grid.cell * stride**3


def _norm2(psi: Psi, system: RelativeMotion) -> Array:
    return jnp.sum(observables.square(psi)) * system.grid.cell


def _numbers(system: RelativeMotion) -> dict:
    return {"hbar": system.hbar, "charge": system.charge, "points": system.grid.shape[0]}
