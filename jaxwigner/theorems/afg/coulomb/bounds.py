"""What Coulomb repulsion keeps under control, uniformly in ħ: Ambrosio–Friesecke–Giannoulis Lemma 5.1, (9), (28), (56), M = 2.

In the relative coordinate, with T = −(ħ²/2m)Δ_R, U_s = C/|R|, C > 0, κ = inf U_b and K = ‖(H − κ)Ψ₀‖² (explicit, beyond the paper):

    sup_t ‖U_sΨ(t)‖² ≤ K                                            Lemma 5.1
    2Re⟨Tψ, U_sψ⟩ = (ħ²/m)C∫|∇ψ|²/|R| + 2π(ħ²/m)C|ψ(0)|² ≥ 0        (56), what its proof rests on
    ∫_{|R|<δ}|Ψ(t)|² ≤ Kδ²/C²                                      (9); with the sharp factor γ(ħ/√(2mCδ)) ≤ 1
    ∫|∇U_s||Ψ(t)|² ≤ K/C;   in R⁶ ≤ (√2/C)‖(H − κ)Ψ₀‖²              (28)

Suprema over time are over sampled times. Every run is repeated on three quarters of the points, where there are
steps with half of them; twice the difference is the error of both sides.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Complex

from jaxwigner._checks import check_integer, concrete, require
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.engine.evolve import evolve
from jaxwigner.grid import Scalar
from jaxwigner.inequality import ROUNDING, Inequality, sup_norm_error
from jaxwigner.quantum import PartialWaves, RadialGrid, evolve_exactly
from jaxwigner.quantum import radial_observables as radial
from jaxwigner.quantum.nuclei.centre_of_mass import CentreOfMass
from jaxwigner.quantum.nuclei.relative_motion import RelativeMotion
from jaxwigner.theorems.afg.coulomb import seen as claims
from jaxwigner.theorems.afg.coulomb.sharp_constant import sharp_constant

Waves = Complex[Array, "*shape"]
EDGE_MASS = 1e-6  # share of the mass at the end of the box above which nothing is claimed
FIRST_ORDER = 1e-4  # and at R = 0, where steps are too long for any order (`first_order_mass`)


class Passage(eqx.Module):
    """What was seen of a packet at the `times` of a run, and twice its distance to a coarser run in `errors`, of the same structure.

    `seen`: ‖U_sΨ‖² (`singular`), ‖(H − κ)Ψ‖² (`constant`), ⟨H − κ⟩ (`excess`), each (time,), and ∫_{|R|<δ}|Ψ|² (`masses`), (time, δ).
    Made by `watch`, or without symmetry by `coulomb_space.watch`.
    """

    system: PartialWaves | RelativeMotion
    radii: Array
    times: Array
    seen: dict[str, Array]
    errors: dict[str, Array]

    def side(self, name: str) -> Bracket:
        """A non-negative quantity at all times, with its error."""
        return sup_norm_error(self.seen[name], self.errors[name] + ROUNDING)

    def start(self, name: str) -> Bracket:
        """A conserved quantity, at t = 0."""
        value, error = self.seen[name][0], self.errors[name][0]
        return Bracket.estimated(value, error + 1e-10 * jnp.abs(value))


def watch(
    system: PartialWaves,
    u: Waves,
    *,
    duration: Scalar,
    steps: int = 0,
    saves: int = 16,
    radii: Any = (),
    attractive: bool = False,
) -> Passage:
    """Evolve a packet, twice, and keep what the claims of this page are about.

    **Arguments:** `system`: on a "sine" grid (splitting with `steps`) or a "lobatto" grid (diagonalisation); `u`: its state; `saves`:
    there are saves + 1 times; `radii`: values of δ inside the box; `attractive`: allow C ≤ 0, a negative control.

    Errors are infinite, and verdicts undecided, where the packet reaches the end of the box, where a run is under-resolved, and where
    so much of it lies on R = 0 that the steps are too long for any order (`first_order_mass`; a "lobatto" grid has no steps).

    **Raises:** `ValueError` for C ≤ 0 unless asked for, for a U_b that knows no lower bound, and for radii outside the box.

    >>> import jaxwigner as jw
    >>> from jaxwigner.theorems.afg.coulomb import bounds as coulomb
    >>> system = jw.PartialWaves(jw.RadialGrid(8.0, 63, "lobatto"), 0.5, 0.25, waves=24)
    >>> u = jw.packet_waves(system, position=2.0, momentum=-1.0)
    >>> passage = coulomb.watch(system, u, duration=1.0, saves=4, radii=[0.1, 0.4])
    >>> coulomb.singular_bound(passage).verdict, coulomb.near_collision(passage).lhs.lower.shape
    ('holds', (5, 2))
    """
    require(isinstance(system, PartialWaves), "system", "be PartialWaves", system)
    require_repulsion(system, attractive)
    deltas = jnp.asarray(radii, float)
    if concrete((deltas, system.grid.length)):
        inside = np.all((np.asarray(deltas) > 0) & (np.asarray(deltas) < system.grid.length))
        require(inside, "radii", "be positive and inside the box", deltas)
    check_integer("steps", steps, at_least=0 if system.grid.kind == "lobatto" else 1)
    times = jnp.linspace(0.0, 1.0, saves + 1) * duration

    def run(s, v, count):
        tau = 0.0 if s.grid.kind == "lobatto" else duration / count

        def look(w):
            return _look(w, s, deltas), _outer_mass(w, s), radial.first_order_mass(w, s, tau)

        if s.grid.kind == "lobatto":
            return jax.lax.map(look, evolve_exactly(s, v, times)), 0
        options = {"saves": saves, "gradient": "forward", "throw": False}
        result = evolve(s, v, duration=duration, steps=count, observe=look, **options)
        return result.observed, result.diagnostics.status

    (fine, edge, first), status = run(system, u, 2 * steps)
    (coarse, *_), _ = run(*_coarser(system, u), steps)
    poor = (jnp.max(edge) > EDGE_MASS) | (jnp.max(first) > FIRST_ORDER) | (status != 0)
    return Passage(system, deltas, times, fine, claims.deviations(fine, coarse, poor))


def singular_bound(passage: Passage) -> Inequality:
    """sup_t‖U_sΨ(t)‖² ≤ K = ‖(H − κ)Ψ₀‖² (AFG Lemma 5.1 with an explicit constant, beyond the paper).

    **Returns:** one claim for all sampled times.

    >>> import jaxwigner as jw
    >>> system = jw.PartialWaves(jw.RadialGrid(8.0, 63, "lobatto"), 0.5, 0.25, waves=24)
    >>> u = jw.packet_waves(system, position=2.0, momentum=-1.0)
    >>> claim = jw.theorems.coulomb.singular_bound(jw.theorems.coulomb.watch(system, u, duration=1.0, saves=4))
    >>> claim.verdict, claim.with_constant(0.01).verdict
    ('holds', 'violated')
    """
    words = "AFG Lemma 5.1, explicit", "sup_t‖U_sΨ(t)‖² ≤ ‖(H−κ)Ψ₀‖², sampled times"
    return claims.singular_bound(_seen(passage), words)


def near_collision(passage: Passage, *, sharp: bool = False) -> Inequality:
    """∫_{|R|<δ}|Ψ(t)|² ≤ Kδ²/C² for all δ and t (AFG (9), (27), explicit); `sharp`: times γ(ħ/√(2mCδ)), for any U_b (beyond the paper).

    **Returns:** one claim for each time and each of the radii of the passage, (time, δ).

    >>> import jaxwigner as jw
    >>> system = jw.PartialWaves(jw.RadialGrid(8.0, 63, "lobatto"), 0.5, 0.25, waves=24)
    >>> u = jw.packet_waves(system, position=2.0, momentum=-1.0)
    >>> passage = jw.theorems.coulomb.watch(system, u, duration=1.0, saves=4, radii=[0.1, 0.4])
    >>> [jw.theorems.coulomb.near_collision(passage, sharp=sharp).verdict for sharp in (False, True)]
    ['holds', 'holds']
    """
    system, deltas = passage.system, passage.radii
    require(deltas.shape != (0,), "radii", "be given to `watch`", deltas)
    factor = 1.0
    words = "AFG (9), explicit", "∫_{|R|<δ}|Ψ(t)|² ≤ Kδ²/C², sampled times"
    if sharp:
        scaled = system.hbar / jnp.sqrt(2 * system.mass * system.charge * deltas)
        factor = jax.lax.map(sharp_constant, scaled)[None]
        words = "AFG (9), sharp", "∫_{|R|<δ}|Ψ(t)|² ≤ γ(ħ/√(2mCδ))Kδ²/C², sampled times"
    mass = passage.side("masses")
    return claims.near_collision(_seen(passage), words, mass, deltas[None], system.charge, factor)


def force_bound(passage: Passage, centre: CentreOfMass | None = None) -> Inequality:
    """∫|∇U_s||Ψ(t)|² ≤ K/C in the relative coordinate; with a `centre` of mass, in R⁶: ≤ (√2/C)‖(H − κ)Ψ₀‖² (AFG (28)).

    |∇U_s| is C/|R|² in R³ and √2C/|R|² in R⁶, where ‖(H − κ)Ψ‖² = ⟨h_X²⟩ + 2⟨h_X⟩⟨H_rel − κ⟩ + K, h_X = |P̂_X|²/2M, for products.

    >>> import jaxwigner as jw
    >>> from jaxwigner.quantum.nuclei.centre_of_mass import CentreOfMass
    >>> system = jw.PartialWaves(jw.RadialGrid(8.0, 63, "lobatto"), 0.5, 0.25, waves=24)
    >>> u = jw.packet_waves(system, position=2.0, momentum=-1.0)
    >>> passage = jw.theorems.coulomb.watch(system, u, duration=1.0, saves=4)
    >>> jw.theorems.coulomb.force_bound(passage, CentreOfMass(0.0, 0.5, width=0.25, hbar=0.25)).verdict
    'holds'
    """
    require_repulsion(passage.system, False)
    words = "AFG (28), |R|", "∫|∇U_s||Ψ(t)|² ≤ K/C, sampled times"
    if centre is not None:
        words = "AFG (28), R⁶", "∫|∇U_s||Ψ(t)|² ≤ (√2/C)‖(H−κ)Ψ₀‖², sampled times"
    return claims.force_bound(_seen(passage, centre), words)


def singular_identity(system: PartialWaves, u: Waves, *, origin: bool = True) -> Inequality:
    """2Re⟨Tψ, U_sψ⟩ = (ħ²/m)C∫|∇ψ|²/|R| + 2π(ħ²/m)C|ψ(0)|² (AFG (56), which comes from −Δ(1/|R|) = 4πδ).

    **Arguments:** `origin`: keep the term at R = 0; without it the identity fails where ψ(0) ≠ 0 (a negative control).

    >>> import jaxwigner as jw
    >>> system = jw.PartialWaves(jw.RadialGrid(9.0, 47, "lobatto"), 0.5, 0.25, waves=4)
    >>> u = jw.packet_waves(system, position=0.0, momentum=0.3, alpha=0.0, tolerance=1.0)
    >>> [jw.theorems.coulomb.singular_identity(system, u, origin=o).verdict for o in (True, False)]
    ['holds', 'violated']
    """

    def look(v, s):
        gradient, point = radial.gradient_term(v, s)
        return radial.cross_term(v, s), gradient, point if origin else 0.0 * point

    (left, *right), (other, *rough) = look(u, system), look(*reversed(_coarser(system, u)))
    error = 2 * jnp.abs(left - other) + 2 * jnp.abs(sum(right) - sum(rough))
    error = error + (jnp.sqrt(_outer_mass(u, system)) + 1e-10) * jnp.abs(left)
    words = "AFG (56)", "2Re⟨Tψ,U_sψ⟩ = (ħ²/m)C∫|∇ψ|²/|R|", " + 2π(ħ²/m)C|ψ(0)|²"
    options = {"origin": origin, "share": 1e-5, "numbers": _numbers(system)}
    cross = Bracket.estimated(left, error)
    return claims.singular_identity(words, cross, *right, **options)


def _seen(passage: Passage, centre: CentreOfMass | None = None) -> claims.Seen:
    """What the bounds ask of a run; with a `centre` of mass the force acts on both nuclei, √2 times as strong.

    |∇U_s| = C/|R|² = U_s²/C in the relative coordinate.
    """
    K, singular = passage.start("constant"), passage.side("singular").max()
    pull, whole = 1.0 / passage.system.charge, K
    if centre is not None:
        pull = np.sqrt(2.0) / passage.system.charge
        whole = K + centre.energy_square + 2 * centre.energy * passage.start("excess")
    numbers = _numbers(passage.system)
    return claims.Seen(K, singular, singular * pull, whole, pull, numbers, share=1e-3)


def _look(u: Waves, system: PartialWaves, deltas: Array) -> dict[str, Array]:
    kappa = radial.lower_bound(system)
    found = {
        "singular": radial.coulomb_square(u, system),
        "constant": radial.hamiltonian_square(u, system, kappa),
        "excess": sum(radial.mean_energies(u, system)) - kappa,
    }
    if deltas.shape != (0,):
        found["masses"] = jax.lax.map(lambda d: radial.inner_mass(u, system, d), deltas)
    return found


def _numbers(system: PartialWaves | RelativeMotion) -> dict[str, Any]:
    return {"hbar": system.hbar, "charge": system.charge}


def require_repulsion(system: PartialWaves | RelativeMotion, attractive: bool) -> None:
    """C > 0, unless asked for otherwise."""
    if concrete(system.charge) and not attractive:
        must = "be positive: Lemma 5.1 rests on repulsion"
        require(np.asarray(system.charge) > 0, "charge", must, system.charge)


def _outer_mass(u: Waves, system: PartialWaves) -> Array:
    """What lies in the outer twentieth of the box."""
    rho = radial.radial_density(u, system) * system.grid.weights
    return jnp.sum(jnp.where(system.grid.radii > 0.95 * system.grid.length, rho, 0.0))


def _coarser(system: PartialWaves, u: Waves) -> tuple[PartialWaves, Array]:
    """The system on three quarters of the points, and the state there."""
    grid = system.grid
    coarse = RadialGrid(grid.length, 3 * grid.points // 4, grid.kind)
    small = system.on(coarse)
    return small, grid.interpolate(u, coarse.radii)
