"""Q2 and Q6 by the general solver: packets that overlap, their tensor products, and symmetric states of two bodies."""

from __future__ import annotations

import numpy as np

from jaxwigner.states import Particles
from jaxwigner.studies.claims.claim import case, control, more, shared, two_sided
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.studies.claims.mk.growth import entries
from jaxwigner.theorems import mk_packets

HBAR = 0.2
A = np.sqrt(HBAR)


def packets(weights, points) -> Particles:
    """Packets at (x, ξ); for two bodies (x₁, x₂, ξ₁, ξ₂)."""
    points = np.asarray(points, float)
    d = points.shape[1] // 2
    return Particles(np.asarray(weights), points[:, :d], points[:, d:])


ENDS = [(A, 0.0), (-A, 0.0)]
UNEQUAL = packets([0.75, 0.25], ENDS), packets([0.5, 0.5], ENDS)
SLANTED = (
    packets([0.6, 0.4], [(0.3, 0.1), (-0.5, 0.2)]),
    packets([0.3, 0.7], [(-0.4, 0.0), (0.2, -0.1)]),
)
LEFT, RIGHT = (0.4, 0.3), (-0.3, 0.1)


def correlated(same: float, mixed: float) -> Particles:
    """Two bodies, both at LEFT with the weight `same`, one at each with `mixed` twice, both at RIGHT with the rest."""
    places = [(one, other) for one in (LEFT, RIGHT) for other in (LEFT, RIGHT)]
    points = [(one[0], other[0], one[1], other[1]) for one, other in places]
    return packets([same, mixed, mixed, 1 - same - 2 * mixed], points)


@shared
def costs():
    """Of the pairs of one body and of two."""
    single = packets([0.7, 0.3], [LEFT, RIGHT]), packets([0.35, 0.65], [LEFT, RIGHT])
    joint = tuple(mk_packets.product_of(*both) for both in zip(UNEQUAL, SLANTED))
    # Marginals .7, .3 and .35, .65; correlations of opposite signs.
    bodies = correlated(0.55, 0.15), correlated(0.1, 0.25)

    @lightly
    def program(one, two):
        return mk_packets.packet_costs(one, HBAR), mk_packets.packet_costs(two, HBAR)

    return [entries(batch) for batch in program([UNEQUAL, SLANTED, single], [joint, bodies])]


@more("Q2")
def packets_that_overlap(full: bool):
    """¾ and ¼ at ±√ħ against ½ and ½ there: an entangled coupling costs 1.3463ħ, the classical one 1.5ħ. Control: 1.3ħ."""
    (cost, *_), _ = costs()
    above = mk_packets.packets_above(cost, *UNEQUAL, HBAR)
    yield from two_sided("packets that overlap, cheaper than dist² + ħ", above, 0.897, 0.898)
    yield control("packets that overlap: 1.3ħ", above.with_constant(1.3 / 1.5))


@more("Q6")
def packets_of_two_bodies(full: bool):
    """Four packets in two dimensions, by the interior point: product states, and symmetric ones that are correlated."""
    (one, other, single), (joint, bodies) = costs()
    equal = mk_packets.product_additivity(joint, [one, other], HBAR)
    yield case("packets, two pairs", equal)
    yield control("packets, two pairs: 1.001", equal.with_constant(1.001))
    symmetric = mk_packets.symmetric_superadditivity(single, bodies, 2, HBAR)
    yield from two_sided("packets, symmetric states of two bodies", symmetric, 0.99)
    yield control("packets, symmetric states of two bodies: .99", symmetric.with_constant(0.99))
