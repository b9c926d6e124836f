"""Coulomb repulsion of M nuclei in R³: the bounds of Ambrosio–Friesecke–Giannoulis Theorem 1.1 (iii) on product packets, M ≥ 3.

With κ = inf U_b, m = min{C_αβ ≠ 0} and K = ‖(H − κ)Ψ₀‖², which the evolution keeps, U_s² ≤ (H − κ)² (Lemma 5.1, explicit) gives

    ‖U_sΨ‖² ≤ K,   ½‖ε∇Ψ‖² ≤ E − κ,   ⟨U_s⟩ ≤ E − κ                                              (50), (53)
    ∫_{|R_α−R_β|<δ}|Ψ|² ≤ Kδ²/C_αβ²,   ∫_{some |R_α−R_β|<δ}|Ψ|² ≤ Kδ²/m²                          (9), (27)
    ∫|∇U_s||Ψ|² ≤ (√2/m)K                                                                         (28)
    2Re⟨TΨ, U_sΨ⟩ = ε²∫U_s|∇Ψ|² + 4πε²ΣC_αβ∫_{R_α=R_β}|Ψ|²                                        (56)

They are statements about every Ψ: here Ψ is a product of Gaussian packets, at any distance from the singular set, and all that holds
Coulomb terms alone is known in closed form or by quadrature (`quantum.product_packets`). What holds U_b, or |∇U_s|, is a mean over
scrambled Sobol points in R^{3M}, whose copies tell the error; the singular part √2ΣC/|R_αβ|² of |∇U_s| is taken out of the mean.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import check_positive, require
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.inequality import ROUNDING, Inequality, require_double
from jaxwigner.phase_space.ensembles import normal_points as normal_points
from jaxwigner.potentials import Free, as_potential
from jaxwigner.potentials.combined import floor_of as floor_of
from jaxwigner.quantum import product_packets as packets_of
from jaxwigner.quantum.nuclei.product_packets import ProductPackets
from jaxwigner.theorems.afg.coulomb import seen as claims
from jaxwigner.theorems.afg.coulomb.sharp_constant import sharp_constant

STUDENT = 5.408  # 99.95 %, 7 degrees of freedom: a row must not fail by chance
Configurations = Float[Array, "copies k M 3"]


def mean_of(values: Float[Array, "copies k"]) -> Bracket:
    """The mean over all points and its 99.9 % interval, from the spread of the copies."""
    means = jnp.mean(values, axis=1)
    error = STUDENT * jnp.std(means, ddof=1) / np.sqrt(means.shape[0])
    value = jnp.mean(means)
    return Bracket.estimated(value, error + ROUNDING * (1 + jnp.abs(value)))


class Measured(eqx.Module):
    """What the claims of this page need of a product of packets; each quantity is a `Bracket`. Made by `measure`.

    `kinetic`, `singular`, `excess`: ⟨T⟩, ⟨U_s⟩, E − κ; `square`: ‖U_sΨ‖²; `constant`: K; `force`: ∫|∇U_s||Ψ|²;
    `cross`, `gradient`: 2Re⟨TΨ, U_sΨ⟩ and ε²∫U_s|∇Ψ|², as means over the points.
    """

    packets: ProductPackets
    charges: Float[Array, " pairs"]
    kinetic: Bracket
    singular: Bracket
    excess: Bracket
    square: Bracket
    constant: Bracket
    force: Bracket
    cross: Bracket
    gradient: Bracket


def measure(
    packets: ProductPackets,
    charges: Any,
    potential: Any = None,
    *,
    points: Float[Array, "copies k d"] | None = None,
    attractive: bool = False,
) -> Measured:
    """All sides of the claims for Ψ = a product of packets.

    **Arguments:** `charges`: C_αβ ≥ 0, (M, M), symmetric; `potential`: U_b, a `Potential` of the 3M coordinates that knows its lower
    bound κ; `points`: from `normal_points(3 * M)`; `attractive`: allow C < 0, a negative control.

    **Raises:** `ValueError` for charges outside (7), packets outside the hypothesis, a U_b without a lower bound.

    >>> import numpy as np, jaxwigner as jw
    >>> packets = jw.quantum.ProductPackets(np.eye(3), -np.eye(3), hbar=0.1)
    >>> seen = jw.theorems.coulomb_bodies.measure(packets, np.full((3, 3), 0.5))
    >>> jw.theorems.coulomb_bodies.singular_bound(seen).verdict, round(float(seen.square.centre), 6)
    ('holds', 1.156883)
    """
    require_double()
    require(isinstance(packets, ProductPackets), "packets", "be ProductPackets", packets)
    C = packets_of.pair_charges(packets, charges, attractive=attractive)
    dimension = 3 * packets.nuclei
    normal = jnp.asarray(normal_points(dimension) if points is None else points)
    require(normal.ndim == 3 and normal.shape[2] == dimension, "points", _SHAPE, normal.shape)
    flat = packets.configurations(normal.reshape(-1, dimension))
    mean = lambda values: mean_of(values.reshape(normal.shape[:2]))  # noqa: E731
    gaps = _gaps(flat)
    distances = jnp.sqrt(jnp.sum(gaps**2, axis=2))
    U = (1 / distances) @ C
    T, gradient = packets_of.kinetic_density(packets, flat)

    fine, coarse = (packets_of.coulomb_square(packets, C, nodes=n) for n in _QUADRATURES)
    square = Bracket.estimated(fine, jnp.abs(fine - coarse) + ROUNDING * jnp.abs(fine))
    kinetic, singular = (Bracket.exact(e) for e in packets_of.mean_energies(packets, C))
    parts = packets_of.kinetic_square(packets) + packets_of.cross_term(packets, C)
    constant, excess = square + parts, kinetic + singular
    if not isinstance(potential, Free | None):
        above = _above(potential, flat)
        constant = constant + mean((2 * T + 2 * U + above) * above)
        excess = excess + mean(above)

    variance = packets.width**2
    closed = np.sqrt(2) * jnp.abs(C) @ packets_of.inverse_square(packets.gaps, variance)
    whole = np.sqrt(2) * (1 / distances**2) @ jnp.abs(C)
    force = mean(_force(gaps, distances, C, packets.nuclei) - whole) + closed
    # ⟨U_s⟩ is closed: only what correlates with it is left to the points.
    (middle, _), average = packets_of.mean_energies(packets, C), singular.centre
    cross = mean(2 * (T - middle) * U) + 2 * middle * average
    term = mean((gradient - 2 * middle) * U) + 2 * middle * average
    sides = (kinetic, singular, excess, square, constant, force, cross, term)
    return Measured(packets, C, *sides)


_QUADRATURES = (packets_of.NODES, 3 * packets_of.NODES // 4)
_SHAPE = "have shape (copies, k, 3M)"


def singular_bound(seen: Measured) -> Inequality:
    """‖U_sΨ‖² ≤ K = ‖(H − κ)Ψ‖² (AFG Lemma 5.1 with an explicit constant, any M), for the packets and all that evolves into them.

    >>> import numpy as np, jaxwigner as jw
    >>> packets = jw.quantum.ProductPackets(np.eye(3), np.zeros((3, 3)), hbar=0.1)
    >>> claim = jw.theorems.coulomb_bodies.singular_bound(jw.theorems.coulomb_bodies.measure(packets, np.ones((3, 3))))
    >>> claim.verdict, round(float(claim.ratio), 2), claim.with_constant(0.25).verdict
    ('holds', 0.82, 'violated')
    """
    law = f"‖U_sΨ‖² ≤ ‖(H−κ)Ψ‖², {seen.packets.nuclei} nuclei"
    return claims.singular_bound(_seen(seen), ("AFG Lemma 5.1, explicit", law))


def energy_bounds(seen: Measured) -> tuple[Inequality, Inequality]:
    """½‖ε∇Ψ‖² ≤ E − κ and ⟨U_s⟩ ≤ E − κ (AFG (53), explicit).

    >>> import numpy as np, jaxwigner as jw
    >>> packets = jw.quantum.ProductPackets(np.eye(3), -np.eye(3), hbar=0.1)
    >>> seen = jw.theorems.coulomb_bodies.measure(packets, np.full((3, 3), 0.5))
    >>> [claim.verdict for claim in jw.theorems.coulomb_bodies.energy_bounds(seen)]
    ['holds', 'holds']
    """
    laws = ("½‖ε∇Ψ‖² ≤ E − κ", seen.kinetic), ("⟨U_s⟩ ≤ E − κ", seen.singular)
    one, other = (_seen(seen).claim(("AFG (53)", law), side, seen.excess) for law, side in laws)
    return one, other


def near_collision(
    seen: Measured, radii: Float[Array, " n"], *, sharp: bool = False
) -> tuple[Inequality, Inequality]:
    """∫_{|R_α−R_β|<δ}|Ψ|² ≤ Kδ²/C_αβ² for each pair, and ∫_{some |R_α−R_β|<δ}|Ψ|² ≤ Kδ²/m² (AFG (9), (27), explicit).

    The first left side is closed; the second lies between the largest of the pairs and their sum.

    **Arguments:** `radii`: δ > 0; `sharp`: the first with the factor γ(ħ/√(C_αβδ)) of two nuclei (beyond the paper).

    **Returns:** claims of shape (δ, pairs), where C_αβ ≠ 0, and (δ,).

    >>> import numpy as np, jaxwigner as jw
    >>> packets = jw.quantum.ProductPackets(np.eye(3), -np.eye(3), hbar=0.1)
    >>> seen = jw.theorems.coulomb_bodies.measure(packets, np.full((3, 3), 0.5))
    >>> [claim.verdict for claim in jw.theorems.coulomb_bodies.near_collision(seen, np.array([0.1, 0.5]))]
    ['holds', 'holds']
    """
    check_positive("radii", radii)
    deltas = jnp.asarray(radii, float)
    packets, C = seen.packets, seen.charges
    mass = packets_of.inner_mass(packets.gaps[None], packets.width**2, deltas[:, None])
    words = "AFG (9), explicit", "∫_{|R_α−R_β|<δ}|Ψ|² ≤ Kδ²/C_αβ², every pair"
    factor: float | Array = 1.0
    if sharp:
        words = "AFG (9), sharp", "∫_{|R_α−R_β|<δ}|Ψ|² ≤ γ(ħ/√(C_αβδ))Kδ²/C_αβ², every pair"
        scaled = packets.hbar / jnp.sqrt(deltas[:, None] * jnp.where(C != 0, jnp.abs(C), 1.0)[None])
        factor = jax.lax.map(sharp_constant, scaled.ravel()).reshape(scaled.shape)
    each = claims.near_collision(
        _seen(seen), words, Bracket.exact(mass), deltas[:, None], C[None], factor
    )
    mass = jnp.where((C != 0)[None], mass, 0.0)
    together = Bracket(jnp.max(mass, axis=1), jnp.minimum(jnp.sum(mass, axis=1), 1.0))
    words = "AFG (27), explicit", "∫_{some |R_α−R_β|<δ}|Ψ|² ≤ Kδ²/m²"
    return each, claims.near_collision(_seen(seen), words, together, deltas, _smallest(C))


def force_bound(seen: Measured) -> Inequality:
    """∫|∇U_s||Ψ|² ≤ (√2/m)K in R^{3M} (AFG (28)).

    >>> import numpy as np, jaxwigner as jw
    >>> packets = jw.quantum.ProductPackets(np.eye(3), -np.eye(3), hbar=0.1)
    >>> seen = jw.theorems.coulomb_bodies.measure(packets, np.full((3, 3), 0.5))
    >>> jw.theorems.coulomb_bodies.force_bound(seen).verdict
    'holds'
    """
    law = f"∫|∇U_s||Ψ|² ≤ (√2/m)K, {seen.packets.nuclei} nuclei"
    return claims.force_bound(_seen(seen), ("AFG (28), R^3M", law))


def singular_identity(seen: Measured, *, origin: bool = True) -> Inequality:
    """2Re⟨TΨ, U_sΨ⟩ = ε²∫U_s|∇Ψ|² + 4πε²ΣC_αβ∫_{R_α=R_β}|Ψ|² (AFG (56)), both sides over the points.

    **Arguments:** `origin`: keep the term on the singular set; without it the identity is false (a negative control).

    >>> import numpy as np, jaxwigner as jw
    >>> packets = jw.quantum.ProductPackets(0.5 * np.eye(3), np.zeros((3, 3)), hbar=0.5)
    >>> seen = jw.theorems.coulomb_bodies.measure(packets, np.ones((3, 3)))
    >>> [jw.theorems.coulomb_bodies.singular_identity(seen, origin=o).verdict for o in (True, False)]
    ['holds', 'violated']
    """
    point = packets_of.origin_term(seen.packets, seen.charges)
    words = "AFG (56)", "2Re⟨TΨ,U_sΨ⟩ = ε²∫U_s|∇Ψ|²", " + 4πε²ΣC_αβ∫_{R_α=R_β}|Ψ|²"
    options = {"origin": origin, "share": 0.02, "numbers": _seen(seen).numbers}
    return claims.singular_identity(words, seen.cross, seen.gradient, point, **options)


def closed_cross_term(seen: Measured) -> Inequality:
    """The closed form of 2Re⟨TΨ, U_sΨ⟩ against the mean over the points (beyond the paper).

    >>> import numpy as np, jaxwigner as jw
    >>> packets = jw.quantum.ProductPackets(np.eye(3), -np.eye(3), hbar=0.1)
    >>> seen = jw.theorems.coulomb_bodies.measure(packets, np.full((3, 3), 0.5))
    >>> jw.theorems.coulomb_bodies.closed_cross_term(seen).verdict
    'holds'
    """
    closed = packets_of.cross_term(seen.packets, seen.charges)
    law = "2Re⟨TΨ,U_sΨ⟩ = 2ΣC_αβ{⟨T⟩E[1/|X|] + πε²ρ(0)}"
    options = {"kind": "identity", "width": 0.02 * jnp.abs(closed)}
    numbers = _seen(seen).numbers
    return Inequality("AFG (56), closed", law, seen.cross, closed, parameters=numbers, **options)


def centre_of_mass(seen: Measured, moved: Measured, *, mass: float | None = None) -> Inequality:
    """‖(H − κ)Ψ‖² = ⟨h_X²⟩ + 2⟨h_X⟩⟨H_rel − κ⟩ + ‖(H_rel − κ)Ψ‖², h_X = |P|²/2M: the relative part does not know of the total momentum.

    **Arguments:** `seen`, `moved`: packets that differ by a common shift of all momenta; `mass`: of the centre of mass, by default M
    (another one is a negative control).

    >>> import numpy as np, jaxwigner as jw
    >>> still, moved = (jw.quantum.ProductPackets(np.eye(3), np.full((3, 3), p), hbar=0.1) for p in (0.0, 0.4))
    >>> seen = [jw.theorems.coulomb_bodies.measure(packets, np.ones((3, 3))) for packets in (still, moved)]
    >>> [jw.theorems.coulomb_bodies.centre_of_mass(*seen, mass=m).verdict for m in (3.0, 2.0)]
    ['holds', 'violated']
    """
    total = float(seen.packets.nuclei) if mass is None else mass

    def relative(one: Measured) -> Bracket:
        packets = one.packets
        # The sum of M momenta, each normal.
        v = packets.nuclei * packets.momentum_variance
        p2 = jnp.sum(jnp.sum(packets.momenta, axis=0) ** 2)
        energy = (p2 + 3 * v) / (2 * total)
        square = ((p2 + 3 * v) ** 2 + 4 * v * p2 + 6 * v**2) / (2 * total) ** 2
        return one.constant - (square + 2 * energy * (one.excess - energy))

    left, right = relative(seen), relative(moved)
    law = "‖(H_rel−κ)Ψ‖² = ‖(H−κ)Ψ‖² − ⟨h_X²⟩ − 2⟨h_X⟩⟨H_rel−κ⟩, two total momenta"
    size = jnp.abs(seen.constant.centre)
    left = left.widen(1e-9 * size, rigorous=False)
    options = {"kind": "identity", "width": 1e-2 * size, "parameters": _seen(seen).numbers}
    return Inequality("AFG (1), M ≥ 3", law, left, right, **options)


def pair_distances(R: Float[Array, "k M 3"]) -> Float[Array, "k pairs"]:
    """|R_α − R_β| for α < β."""
    return jnp.sqrt(jnp.sum(_gaps(R) ** 2, axis=2))


def force_sizes(R: Float[Array, "k M 3"], C: Float[Array, " pairs"]) -> Float[Array, " k"]:
    """|∇U_s| in R^{3M}.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> R = jnp.array([[[0.0, 0, 0], [0, 0, 2.0]]])
    >>> round(float(jw.theorems.coulomb_bodies.force_sizes(R, jnp.ones(1))[0]), 9)  # √2/4
    0.353553391
    """
    gaps = _gaps(R)
    return _force(gaps, jnp.sqrt(jnp.sum(gaps**2, axis=2)), C, R.shape[1])


def _gaps(R: Float[Array, "k M 3"]) -> Float[Array, "k pairs 3"]:
    first, second = packets_of.pair_indices(R.shape[1])
    return R[:, first] - R[:, second]


def _force(gaps, distances, C, nuclei: int) -> Float[Array, " k"]:
    pulls = -(C[None] / distances**3)[..., None] * gaps
    first, second = packets_of.pair_indices(nuclei)
    each = jnp.zeros((gaps.shape[0], nuclei, 3)).at[:, first].add(pulls).at[:, second].add(-pulls)
    return jnp.sqrt(jnp.sum(each**2, axis=(1, 2)))


def _above(potential: Any, R: Float[Array, "k M 3"]) -> Float[Array, " k"]:
    """U_b − κ at configurations."""
    potential = as_potential(potential)
    kappa = floor_of(potential)
    return potential(*R.reshape(R.shape[0], -1).T) - kappa


def _smallest(C: Float[Array, " pairs"]) -> Array:
    """m, the smallest of the |C_αβ| ≠ 0."""
    return jnp.min(jnp.where(C != 0, jnp.abs(C), jnp.inf))


def _seen(measured: Measured) -> claims.Seen:
    """What the bounds ask; |∇U_s| acts on all 3M coordinates, as H does."""
    packets, K = measured.packets, measured.constant
    pull = np.sqrt(2) / _smallest(measured.charges)
    numbers = {"hbar": packets.hbar, "nuclei": packets.nuclei}
    return claims.Seen(K, measured.square, measured.force, K, pull, numbers, share=0.0)
