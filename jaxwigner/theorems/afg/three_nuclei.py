"""Three nuclei in motion, in full quantum mechanics at J = 0: Ambrosio–Friesecke–Giannoulis Lemma 5.1, (9), (27), (28), Theorem 1.1.

With K = ‖(H − κ)Ψ₀‖² on Ψ = u/(Rr) (`quantum.three_nuclei`), m the smallest C_αβ ≠ 0, and η_δ = 1 − Π(1 − η(|R_αβ|/δ)) as corrected,

    sup_t‖U_sΨ(t)‖² ≤ K,    ∫_{|R_αβ|<δ}|Ψ|² ≤ Kδ²/C_αβ²,    ∫_{some |R_αβ|<δ}|Ψ|² ≤ Kδ²/m²,    ∫|∇U_s||Ψ|² ≤ (√2/m)K
    ∫_{some |R_αβ|<δ/2}|Ψ|² ≤ ∫η_δ|Ψ|²       what Step 3 asks of a cut-off; false for the η_δ that is printed, a product over pairs
    ⟨U_s⟩ of Ψ(t) − ∫U_s dW(t),  ⟨(1 − η_δ)U_s⟩ − ∫(1 − η_δ)U_s dW(t) = O(ħ²)

The reduction has two limits. R, r, γ are not Cartesian: the volume is flat in cos γ, T is curved there, and W of them follows the
flat equations up to O(ħ²) only: means, not W, are compared. And a state of J = 0 is a superposition of all rotations of AFG's
packets: its limit measure is the orbit of a point with L = 0, which is what the ensemble moves. Suprema are over sampled times; a run
on three quarters of points and angles with half of the steps tells the error.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner import observables
from jaxwigner._checks import check_integer, concrete, require
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.classical import CoulombBodies
from jaxwigner.engine.evolve import evolve
from jaxwigner.grid import Scalar
from jaxwigner.inequality import ROUNDING, Inequality, sup_norm_error
from jaxwigner.potentials import Free, as_potential
from jaxwigner.quantum import RadialGrid, ThreeNuclei, ThreePacket
from jaxwigner.quantum.three_nuclei import observables as three
from jaxwigner.states import Particles
from jaxwigner.theorems.afg.coulomb import seen as claims
from jaxwigner.theorems.afg.coulomb.bodies import pair_distances
from jaxwigner.theorems.afg.coulomb.limit import near
from jaxwigner.theorems.afg.coulomb.observables import STUDENT, Difference
from jaxwigner.theorems.afg.coulomb.sharp_constant import sharp_constant
from jaxwigner.theorems.errors import by_steps

UNRESOLVED = (
    2 | 4 | 8
)  # of a run's status: edge, energy, norm; what the spectrum lacks, two grids tell


class Motion(eqx.Module):
    """What was seen of three nuclei at the `times` of a run; `errors`: twice its distance to a coarser one, of the same structure.

    `seen`: `singular` ⟨U_s⟩, `square` ‖U_sΨ‖², `force` ∫|∇U_s||Ψ|², each (time,); `masses` ∫_{|R_αβ|<δ}|Ψ|², (time, δ, pair);
    `some` and `half`, of some pair closer than δ and δ/2, `cut` and `printed` ∫η_δ|Ψ|², `outside` ⟨(1 − η_δ)U_s⟩, each (time, δ).
    `constant`: K. Made by `watch`.
    """

    system: ThreeNuclei
    radii: Array
    times: Array
    constant: Bracket
    seen: dict[str, Array]
    errors: dict[str, Array]

    def side(self, name: str) -> Bracket:
        """A non-negative quantity at all times, with its error."""
        return sup_norm_error(self.seen[name], self.errors[name] + ROUNDING)


def watch(
    system: ThreeNuclei,
    packet: ThreePacket,
    *,
    duration: Scalar,
    steps: int,
    saves: int = 12,
    radii: Any = (1.0,),
) -> Motion:
    """Evolve a packet, twice, and keep what the claims of this page are about.

    **Arguments:** `packet`: as `quantum.equilateral` makes it; `steps`: of the coarser run, twice as many of the other; `saves`: there
    are saves + 1 times; `radii`: values of δ. Errors are infinite where a run reaches the end of a grid or does not keep its energy.

    **Raises:** `ValueError` for attraction, for a U_b that knows no lower bound, for radii that are not positive.

    >>> import jaxwigner as jw
    >>> system = jw.ThreeNuclei(hbar=0.3, radii=(jw.RadialGrid(5.5, 24), jw.RadialGrid(6.5, 28)), angles=8, exchange="even")
    >>> packet = jw.quantum.equilateral(system, 3.0, -2.0)
    >>> motion = jw.theorems.three_nuclei.watch(system, packet, duration=0.9, steps=6, saves=3, radii=[1.5])
    >>> [jw.theorems.three_nuclei.singular_bound(motion).verdict, jw.theorems.three_nuclei.near_collision(motion).verdict]
    ['holds', 'holds']
    """
    require(isinstance(system, ThreeNuclei), "system", "be ThreeNuclei", system)
    require(isinstance(packet, ThreePacket), "packet", "be a ThreePacket", packet)
    check_integer("steps", steps, at_least=1)
    deltas = jnp.atleast_1d(jnp.asarray(radii, float))
    if concrete((deltas, system.charges)):
        require(np.all(np.asarray(deltas) > 0), "radii", "be positive", deltas)
        must = "not be negative: Lemma 5.1 rests on repulsion"
        require(np.all(np.asarray(system.charges) >= 0), "charges", must, system.charges)
    times = jnp.linspace(0.0, 1.0, saves + 1) * duration
    options = {"duration": duration, "saves": saves, "gradient": "forward", "throw": False}

    def run(s, count):
        look = lambda c: _look(s, c, deltas)  # noqa: E731
        c = packet.state(s, tolerance=1.0)
        result = evolve(s, c, steps=count, observe=look, **options)
        return result.observed, s.bounds(c)["K"], result.diagnostics.status

    fine, K, status = run(system, 2 * steps)
    coarse, rough, _ = run(_coarser(system), steps)
    poor = (status & UNRESOLVED) != 0
    errors = claims.deviations((fine, K), (coarse, rough), poor)
    constant = Bracket.estimated(K, errors[1] + 1e-10 * jnp.abs(K))
    return Motion(system, deltas, times, constant, fine, errors[0])


def singular_bound(motion: Motion) -> Inequality:
    """sup_t‖U_sΨ(t)‖² ≤ K = ‖(H − κ)Ψ₀‖² (AFG Lemma 5.1 with an explicit constant, beyond the paper).

    >>> import jaxwigner as jw
    >>> system = jw.ThreeNuclei(hbar=0.3, radii=(jw.RadialGrid(5.5, 24), jw.RadialGrid(6.5, 28)), angles=8, exchange="even")
    >>> packet = jw.quantum.equilateral(system, 3.0, -2.0)
    >>> motion = jw.theorems.three_nuclei.watch(system, packet, duration=0.9, steps=6, saves=3, radii=[1.5])
    >>> claim = jw.theorems.three_nuclei.singular_bound(motion)
    >>> claim.verdict, claim.with_constant(0.1).verdict
    ('holds', 'violated')
    """
    words = "AFG Lemma 5.1, explicit", "sup_t‖U_sΨ(t)‖² ≤ ‖(H−κ)Ψ₀‖², M = 3, sampled times"
    return claims.singular_bound(_seen(motion), words)


def near_collision(motion: Motion, *, sharp: bool = False) -> Inequality:
    """∫_{|R_αβ|<δ}|Ψ(t)|² ≤ Kδ²/C_αβ² for every pair (AFG (9), explicit); `sharp`: times γ(ħ/√(2m_αβC_αβδ)), m_αβ the reduced mass.

    **Returns:** one claim for each time, δ and pair, (time, δ, 3).

    >>> import jaxwigner as jw
    >>> system = jw.ThreeNuclei(hbar=0.3, radii=(jw.RadialGrid(5.5, 24), jw.RadialGrid(6.5, 28)), angles=8, exchange="even")
    >>> packet = jw.quantum.equilateral(system, 3.0, -2.0)
    >>> motion = jw.theorems.three_nuclei.watch(system, packet, duration=0.9, steps=6, saves=3, radii=[1.5])
    >>> [jw.theorems.three_nuclei.near_collision(motion, sharp=sharp).verdict for sharp in (False, True)]
    ['holds', 'holds']
    """
    charges, deltas = jnp.stack(_charges(motion.system)), motion.radii
    words = "AFG (9), explicit", "∫_{|R_αβ|<δ}|Ψ(t)|² ≤ Kδ²/C_αβ², M = 3, sampled times"
    factor: Any = 1.0
    if sharp:
        masses = jnp.stack([jnp.asarray(m, float) for m in motion.system.masses])
        first, second = np.triu_indices(3, 1)
        reduced = masses[first] * masses[second] / (masses[first] + masses[second])
        strength = jnp.where(charges > 0, charges, 1.0) * reduced
        scaled = motion.system.hbar / jnp.sqrt(2 * strength[None] * deltas[:, None])
        factor = jax.lax.map(sharp_constant, scaled.ravel()).reshape(scaled.shape)[None]
        law = "∫_{|R_αβ|<δ}|Ψ(t)|² ≤ γ(ħ/√(2m_αβC_αβδ))Kδ²/C_αβ², M = 3, sampled times"
        words = "AFG (9), sharp", law
    sides = motion.side("masses"), deltas[None, :, None], charges[None, None]
    return claims.near_collision(_seen(motion), words, *sides, factor)


def some_pair(motion: Motion) -> Inequality:
    """∫_{some |R_αβ|<δ}|Ψ(t)|² ≤ Kδ²/m² (AFG (27), explicit), (time, δ).

    >>> import jaxwigner as jw
    >>> system = jw.ThreeNuclei(hbar=0.3, radii=(jw.RadialGrid(5.5, 24), jw.RadialGrid(6.5, 28)), angles=8, exchange="even")
    >>> packet = jw.quantum.equilateral(system, 3.0, -2.0)
    >>> motion = jw.theorems.three_nuclei.watch(system, packet, duration=0.9, steps=6, saves=3, radii=[1.5])
    >>> jw.theorems.three_nuclei.some_pair(motion).verdict
    'holds'
    """
    words = "AFG (27), explicit", "∫_{some |R_αβ|<δ}|Ψ(t)|² ≤ Kδ²/m², M = 3, sampled times"
    smallest = _smallest(motion.system)
    return claims.near_collision(
        _seen(motion), words, motion.side("some"), motion.radii[None], smallest
    )


def force_bound(motion: Motion) -> Inequality:
    """sup_t∫|∇U_s||Ψ(t)|² ≤ (√2/m)K in R⁹ (AFG (28), explicit); the centre of mass is at rest and adds nothing.

    >>> import jaxwigner as jw
    >>> system = jw.ThreeNuclei(hbar=0.3, radii=(jw.RadialGrid(5.5, 24), jw.RadialGrid(6.5, 28)), angles=8, exchange="even")
    >>> packet = jw.quantum.equilateral(system, 3.0, -2.0)
    >>> motion = jw.theorems.three_nuclei.watch(system, packet, duration=0.9, steps=6, saves=3, radii=[1.5])
    >>> jw.theorems.three_nuclei.force_bound(motion).verdict
    'holds'
    """
    words = "AFG (28), M = 3", "∫|∇U_s||Ψ(t)|² ≤ (√2/m)K, M = 3, sampled times"
    return claims.force_bound(_seen(motion), words)


def cut_off_covers(motion: Motion, *, printed: bool = False) -> Inequality:
    """∫_{some |R_αβ|<δ/2}|Ψ(t)|² ≤ ∫η_δ|Ψ(t)|² (AFG Step 3, corrected), (time, δ); `printed`: a product over pairs, false.

    >>> import jaxwigner as jw
    >>> system = jw.ThreeNuclei(hbar=0.3, radii=(jw.RadialGrid(5.5, 24), jw.RadialGrid(6.5, 28)), angles=8, exchange="even")
    >>> packet = jw.quantum.equilateral(system, 3.0, -2.0)
    >>> motion = jw.theorems.three_nuclei.watch(system, packet, duration=0.9, steps=6, saves=3, radii=[1.5])
    >>> claims = [jw.theorems.three_nuclei.cut_off_covers(motion, printed=p) for p in (False, True)]
    >>> [claim.verdict for claim in claims]
    ['holds', 'violated']
    """
    law = "∫_{some |R_αβ|<δ/2}|Ψ(t)|² ≤ ∫η_δ|Ψ(t)|², M = 3"
    right = motion.side("printed" if printed else "cut")
    numbers = {"hbar": motion.system.hbar}
    return Inequality("AFG Step 3", law, motion.side("half"), right, parameters=numbers)


def against_ensemble(
    motion: Motion, cloud: Particles, *, steps: int = 60, copies: int = 8
) -> dict[str, Difference]:
    """⟨U_s⟩ (`singular`, (time,)) and ⟨(1 − η_δ)U_s⟩ (`outside`, (time, δ)) against the classical ensemble (AFG Theorem 1.1 (iii)).

    **Arguments:** `cloud`: W₀ as `cloud_three` makes it, in `copies` independent ensembles one after another; `steps`: of its motion,
    repeated with a third of them. The error of a `Difference` is that of the sampling (95 %), of the grids, and of the steps.

    **Raises:** `ValueError` for a number of copies that does not divide the cloud.

    >>> import jaxwigner as jw
    >>> system = jw.ThreeNuclei(hbar=0.3, radii=(jw.RadialGrid(5.5, 24), jw.RadialGrid(6.5, 28)), angles=8, exchange="even")
    >>> packet = jw.quantum.equilateral(system, 3.0, -2.0)
    >>> motion = jw.theorems.three_nuclei.watch(system, packet, duration=0.9, steps=6, saves=3, radii=[1.5])
    >>> cloud = jw.cloud_three(0.3, 3.0, -2.0, count=2**8)
    >>> found = jw.theorems.three_nuclei.against_ensemble(motion, cloud, steps=12)["singular"]
    >>> bool(abs(found.gap[-1]) < 0.3**2)
    True
    """
    check_integer("copies", copies, at_least=8)
    count = cloud.weights.shape[0]
    require(count % copies == 0, "copies", "divide the number of configurations", copies)
    system, saves = motion.system, motion.times.shape[0] - 1
    masses = jnp.stack([jnp.asarray(m, float) for m in system.masses])
    bodies = CoulombBodies(_matrix(system), masses, _in_space(system.potential))
    charges = jnp.stack(_charges(system))

    def means(values):
        return jnp.mean(values.reshape(copies, -1, *values.shape[1:]), axis=1)

    def look(z):
        gaps = pair_distances(z.positions.reshape(-1, 3, 3))
        U = jnp.sum(charges[None] / gaps, axis=1)
        far = jax.lax.map(lambda d: _away(gaps.T, charges, d) * U, motion.radii)
        return {"singular": means(U), "outside": means(far.T)}

    def run(number):
        options = {"saves": saves, "observe": look, "gradient": "forward", "throw": False}
        options |= {"duration": motion.times[-1], "method": "strang"}
        return evolve(bodies, cloud, steps=number, **options).observed

    fine, coarse = by_steps(run, (steps, steps // 3), (motion, cloud))
    found = {}
    for name in ("singular", "outside"):
        each = fine[name]  # (time, copy, …)
        classical = jnp.mean(each, axis=1)
        sampling = STUDENT * jnp.std(each, axis=1, ddof=1) / np.sqrt(copies)
        moved = jnp.abs(classical - jnp.mean(coarse[name], axis=1)) / 8  # order 2
        error = sampling + moved + motion.errors[name]
        found[name] = Difference(motion.seen[name], classical, error)
    return found


def _look(system: ThreeNuclei, c: Array, deltas: Array) -> dict[str, Array]:
    rho, gaps = observables.square(c), system.distances
    charges = _charges(system)
    nearest = jnp.minimum(
        *jnp.broadcast_arrays(*(_repelled(C, d) for C, d in zip(charges[1:], gaps[1:])))
    )
    nearest = jnp.minimum(nearest, _repelled(charges[0], gaps[0]))
    mean = lambda values: observables.total(values * rho)  # noqa: E731
    step = 2 * max(grid.length / (grid.points + 1) for grid in system.radii)

    def inside(d, delta):
        # Falls within two spacings on either side, which the nodes resolve; its error, of second order, two grids tell.
        x = jnp.clip(0.5 + 0.5 * (delta - d) / step, 0.0, 1.0)
        return x**3 * (10 - 15 * x + 6 * x**2)

    def at(delta):
        within = [near(d, delta) for d in gaps]
        away = _away(gaps, charges, delta)
        every = jnp.ones(())
        for C, one in zip(charges, within):
            every = every * jnp.where(C > 0, one, 1.0)
        return {
            "masses": three.per_pair(system, c, lambda d: inside(d, delta)),
            "some": mean(inside(nearest, delta)),
            "half": mean(inside(nearest, 0.5 * delta)),
            "cut": mean(1 - away),
            "printed": mean(every),
            "outside": mean(away * system.singular),
        }

    found = {
        "singular": mean(system.singular),
        "square": mean(system.singular**2),
        "force": mean(force_size(gaps, charges)),
    }
    return found | jax.lax.map(at, deltas)


def force_size(distances: Any, charges: Any) -> Array:
    """|∇U_s| in R⁹ from |R₁₂|, |R₁₃|, |R₂₃| and C₁₂, C₁₃, C₂₃: Σ_α|F_α|², the angles at each nucleus from the three sides.

    >>> import jaxwigner as jw
    >>> round(float(jw.theorems.three_nuclei.force_size((2.0, 2.0, 2.0), (1.0, 1.0, 1.0))), 9)  # 3C/d²
    0.75
    """
    sides, pulls = distances, [C / d**2 for C, d in zip(charges, distances)]
    square = 0.0
    for a, b, opposite in ((0, 1, 2), (0, 2, 1), (1, 2, 0)):
        cosine = (sides[a] ** 2 + sides[b] ** 2 - sides[opposite] ** 2) / (2 * sides[a] * sides[b])
        square = square + pulls[a] ** 2 + pulls[b] ** 2 + 2 * pulls[a] * pulls[b] * cosine
    return jnp.sqrt(jnp.maximum(square, 0.0))


def _away(gaps: Any, charges: Any, delta: Scalar) -> Array:
    """1 − η_δ = Π(1 − η(|R_αβ|/δ)) over pairs that repel each other."""
    result = jnp.ones(())
    for C, d in zip(charges, gaps):
        result = result * jnp.where(C > 0, 1 - near(d, delta), 1.0)
    return result


def _repelled(charge: Scalar, distance: Array) -> Array:
    """The distance of a pair, beyond every δ where it does not interact."""
    return jnp.where(jnp.asarray(charge) > 0, distance, jnp.inf)


def _charges(system: ThreeNuclei) -> tuple[Array, Array, Array]:
    first, second, third = (jnp.asarray(C, float) for C in system.charges)
    return first, second, third


def _in_space(potential: Any) -> Any:
    """U_b of three distances as a potential of nine coordinates."""
    if isinstance(potential, Free):
        return potential

    def of_places(x1, y1, z1, x2, y2, z2, x3, y3, z3):
        first, second, third = (x1, y1, z1), (x2, y2, z2), (x3, y3, z3)

        def gap(one: tuple[Array, ...], other: tuple[Array, ...]) -> Array:
            squares = [(p - q) ** 2 for p, q in zip(one, other)]
            return jnp.sqrt(squares[0] + squares[1] + squares[2])

        return potential(gap(first, second), gap(first, third), gap(second, third))

    return as_potential(of_places)


def _matrix(system: ThreeNuclei) -> Array:
    """C_αβ as a symmetric matrix."""
    upper = jnp.zeros((3, 3)).at[np.triu_indices(3, 1)].set(jnp.stack(_charges(system)))
    return upper + upper.T


def _smallest(system: ThreeNuclei) -> Array:
    """m, the smallest of the C_αβ ≠ 0."""
    charges = jnp.stack(_charges(system))
    return jnp.min(jnp.where(charges > 0, charges, jnp.inf))


def _seen(motion: Motion) -> claims.Seen:
    pull, K = np.sqrt(2) / _smallest(motion.system), motion.constant
    sides = motion.side("square").max(), motion.side("force").max()
    numbers = {"hbar": motion.system.hbar}
    return claims.Seen(K, *sides, K, pull, numbers, share=1e-3)


def _coarser(system: ThreeNuclei) -> ThreeNuclei:
    """The system on three quarters of the points and angles."""
    outer, inner = (RadialGrid(g.length, 3 * g.points // 4, g.kind) for g in system.radii)
    return ThreeNuclei(
        hbar=system.hbar,
        radii=(outer, inner),
        angles=max(2, 3 * system.angles // 4),
        charges=_matrix(system),
        masses=system.masses,
        bounded=system.potential,
        exchange=system.exchange,
        attractive=True,
    )
