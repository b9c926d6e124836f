"""S6, S7, S8: a packet at the tip of a cone, families with one limit measure, and single switch hopping against the exact dynamics."""

from __future__ import annotations

from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np

from jaxwigner.grid import Grid
from jaxwigner.studies.claims.claim import Row, case, claim, control, shared
from jaxwigner.studies.claims.compiling import lightly
from jaxwigner.theorems import surfaces_cones, surfaces_hopping

BETAS = np.array([0.0, 0.5, 1.0])
ASIDE = 1.0  # where the packet starts that passes beside the tip
DISTANCE = 2.0


@shared
def passages(full: bool) -> tuple[np.ndarray, float, surfaces_cones.Passage]:
    """ε, the momentum p, and (ε, family) of the three families, the packet beside the tip last."""
    hbars = np.array([0.1, 0.07, 0.05, 0.035] if full else [0.2, 0.16, 0.125, 0.1])
    momentum, duration = (6**0.5, 2.0) if full else (3.0, 1.7)
    points, steps, refine = ((288, 256), 200, 4) if full else ((136, 112), 60, 2)
    betas = np.array([[*BETAS, ASIDE / h**0.5] for h in hbars])

    def one(pair):
        hbar, beta = pair
        w = jnp.sqrt(0.5 * hbar)
        x, y = (4.2, 3.0) if full else (3.1, 2.4)  # slower packets spread further
        lower, upper = (-DISTANCE - 6 * w, -1.3 - 8 * w), (x + 8.5 * w, y + 8.5 * w)
        grid = Grid(lower, upper, points)
        options = {"distance": DISTANCE, "momentum": momentum, "duration": duration}
        return surfaces_cones.passage(grid, beta, hbar, steps=steps, refine=refine, **options)

    program = lightly(lambda pairs: jax.lax.map(one, pairs))
    found = program((np.repeat(hbars, betas.shape[1]), betas.ravel()))
    return hbars, momentum, jax.tree.map(lambda leaf: leaf.reshape(betas.shape), found)


def limits(momentum: float) -> np.ndarray:
    """T₀ of the three families."""
    return np.asarray(surfaces_cones.limit_population(BETAS, DISTANCE, momentum))


@claim("S6", "AFG Remark 1", cost=2)
def one_level(full: bool) -> Iterator[Row]:
    """at the crossing ±|x| the lower level does not keep its mass: the limit is not Liouville's equation of a level.

    *Given* the corrected matrix ((x₁, x₂), (x₂, −x₁)). **Beyond:** how much: T₀(β) = (1 + 2as²)^{−½}e^{−aβ²p²/(1 + 2as²)}.

    Coherent packets on the lower level, moved by the exact dynamics on both. Beside the tip Liouville's equation of the level holds,
    with less than ε² on the other one; a packet that runs into the tip leaves .9 T₀ and more there, .46 of all, for every ε. Controls:
    Liouville's equation at the tip; the matrix as the paper prints it.
    """
    hbars, momentum, found = passages(full)
    rho = np.random.default_rng(0).normal(size=(2, 50))
    corrected, printed = lightly(_matrices)(rho)
    yield case("corrected matrix", corrected)
    yield control("matrix as printed", printed)
    beside, at_tip = found.upper[:, 3], found.upper[:, 0]
    yield case("a packet beside the tip", surfaces_cones.level_keeps(beside, hbars))
    yield control("a packet into the tip", surfaces_cones.level_keeps(at_tip, hbars))
    lost = surfaces_cones.level_loses(at_tip, hbars, limits(momentum)[0])
    yield case("mass lost at the tip", lost, series={"hbar": hbars, "upper": at_tip})


def _matrices(rho):
    pair = rho[0], rho[1]
    return tuple(surfaces_cones.crossing_levels(pair, printed=printed) for printed in (False, True))


@claim("S7", "AFG Remark 1", cost=1)
def one_measure(full: bool) -> Iterator[Row]:
    """the Wigner measure before a conical crossing does not determine the one behind it.

    *Given* coherent packets that start at (−q, β√ε), β = 0, ½, 1. **Beyond:** the limits T₀(β), with an error O(ε).

    Three families with ∫∫|z − z₀|² tr W = O(ε), hence one limit measure, leave .464, .405, .269 on the upper level (q = 2, p = 3;
    with --full p = √6: .287, .250, .166), each with an error O(ε), and differ from each other by .9 of the difference of these limits
    and more. Controls: a packet at a fixed distance has another measure; the limit of another family; differences that vanish.
    """
    hbars, momentum, found = passages(full)
    names, T = ("β = 0", "β = ½", "β = 1"), limits(momentum)
    for k, name in enumerate(names):
        yield case(f"limit measure, {name}", surfaces_cones.same_measure(found.spread[:, k], hbars))
    far = surfaces_cones.same_measure(found.spread[:, 3], hbars)
    yield control("limit measure of a packet at a fixed distance", far)
    for k, name in enumerate(names):
        upper = found.upper[:, k]
        series = {"hbar": hbars, "upper": upper, "limit": T[k : k + 1]}
        yield case(
            f"upper level, {name}", surfaces_cones.tends_to(upper, hbars, T[k]), series=series
        )
    other = surfaces_cones.tends_to(found.upper[:, 2], hbars, T[0])
    yield control("upper level, β = 1, the limit of β = 0", other)
    uppers = found.upper[:, :3].T
    yield case("differences of the families", surfaces_cones.not_determined(uppers, T))
    yield control("differences that vanish", surfaces_cones.determined(uppers, hbars))


@claim("S8", "AFG Remark 1", cost=2)
def hopping(full: bool) -> Iterator[Row]:
    """single switch hopping: populations to O(ε) with the velocity of the mean level, to O(√ε) with that of the paths.

    *Given* a gap of order √ε. **Beyond:** all of it.

    Against the exact dynamics, from the Wigner function of the same packet: at an avoided crossing of half gap ½√ε on a line, and
    for the families of S7 at a cone, where the gap too is that of the mean path. Control: order one for the velocity of the paths.
    """
    hbars = np.array([0.05, 0.035, 0.025, 0.0175])
    exact, mean, own = lightly(lambda h: jax.lax.map(_on_a_line, h))(hbars)
    series = {"hbar": hbars, "mean": mean - exact, "own": own - exact}
    order, path = surfaces_hopping.order, "the velocity of the paths"
    yield case("avoided crossing", order(mean, exact, hbars, 1.0), series=series)
    yield case("avoided crossing, own velocity", order(own, exact, hbars, 0.5, path))
    yield control("avoided crossing, own velocity, order 1", order(own, exact, hbars, 1.0, path))
    yield from _at_the_cone(full)


def _on_a_line(hbar):
    options = {"position": -4.0, "momentum": 1.7, "duration": 5.0, "steps": (240, 160)}
    return surfaces_hopping.at_a_gap(Grid(-6.0, 8.0, 800), 0.5, hbar, nodes=(20, 12), **options)


def _at_the_cone(full: bool) -> Iterator[Row]:
    hbars, momentum, found = passages(full)
    nodes, weights = surfaces_hopping.normal_nodes(*((41, 31) if full else (21, 7)))
    duration, steps = (2.0, 160) if full else (1.7, 48)

    def program(velocity, betas):
        def one(pair):
            where = {"distance": DISTANCE, "momentum": momentum}
            cloud = surfaces_hopping.transverse_cloud(pair[1], pair[0], nodes, weights, **where)
            options = {"duration": duration, "steps": steps, "velocity": velocity}
            return surfaces_hopping.switched_population(cloud, pair[0], **options)

        run = lightly(lambda pairs: jax.lax.map(one, pairs))
        return run((np.repeat(hbars, len(betas)), np.tile(betas, len(hbars))))

    exact, constant = found.upper[:, :3], 0.11 if full else 0.04
    bound = surfaces_hopping.error_bound
    mean = program("mean", BETAS).reshape(exact.shape)
    each = np.broadcast_to(hbars[:, None], exact.shape)
    yield case("cone, three families", bound(mean, exact, each, constant))
    if full:
        own = program("own", BETAS[:1])
        yield control("cone, own velocity", bound(own, exact[:, 0], hbars, constant))
        yield from _orders(mean, own, exact, hbars)


def _orders(mean, own, exact, hbars) -> Iterator[Row]:
    order, path = surfaces_hopping.order, "the velocity of the paths"
    for k, name in enumerate(("β = 0", "β = ½", "β = 1")):
        yield case(f"cone, order, {name}", order(mean[:, k], exact[:, k], hbars, 1.0))
    yield case("cone, order, own velocity", order(own, exact[:, 0], hbars, 0.5, path))
