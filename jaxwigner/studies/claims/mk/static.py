"""Q1–Q7: MK_ħ at a fixed time, on Gaussians and on populations of oscillator levels, whose cost is explicit."""

from __future__ import annotations

import numpy as np

from jaxwigner.states import Gaussian
from jaxwigner.studies.claims.claim import case, claim, control, two_sided
from jaxwigner.studies.claims.compiling import light_compilation
from jaxwigner.theorems import mk_static, mk_triangles

HBAR = 0.3
PLACE = "GP §1 (MK_ħ of Golse, Mouhot and Paul)"
FALLING = np.array([0.8, 0.16, 0.03, 0.01]), np.array([0.2, 0.4, 0.3, 0.1])
POPULATIONS = np.array([0.02, 0.01, 0.15, 0.82]), np.array([0.01, 0.8, 0.16, 0.03])


# How much of each triangle inequality of Q8 is used: dist by E, E by E and MK, MK by MK over three middles; a classical middle.
USED = (
    0.98773,
    0.98979,
    0.98777,
    0.98773,
    0.98967,
    0.98749,
    0.99586,
    0.99384,
    0.98777,
    0.99757,
    0.99268,
)


def diagonal(x, p, mean=(0.0, 0.0)) -> Gaussian:
    """The Gaussian of variances x and p."""
    return Gaussian(np.array(mean, float), np.diag([x, p]))


def at(*mean) -> Gaussian:
    """A point."""
    return diagonal(0.0, 0.0, mean)


@claim("Q1", PLACE, cost=1)
def floor(full: bool):
    """dħ ≤ MK_ħ(R, S)², and MK_ħ(R, S)² = dħ exactly for R = S = 𝓔_½(G).

    **Beyond:** the states that attain it: more than the Töplitz states.

    The floor, and who attains it: what a beam splitter of transmission ½ makes of any state G beside a vacuum. Töplitz states are
    such; so are the binomial of level 3 and a Gaussian with a variance below ½ħ, which are none. Controls: transmission .6; 1.01 dħ.
    """
    h, three = HBAR, np.array([0.0, 0.0, 0.0, 1.0])
    below = diagonal(0.42 * h, 0.92 * h)
    sources = {
        "binomial of level 3": three,
        "squeezed thermal state": diagonal(0.2 * h, 2.0 * h),
        "thermal state": diagonal(0.9 * h, 0.9 * h),
    }
    with light_compilation():
        for name, G in sources.items():
            yield case(f"floor attained: {name}", mk_static.floor_attained(G, h))
        lossy = mk_static.floor_attained(three, h, transmission=0.6)
        yield control("transmission .6, level 3", lossy)
        yield case("a variance below ½ħ", mk_static.floor(below, below, h), ("holds", "tight"))
        yield control("1.01 dħ", mk_static.floor(below, below, h, factor=1.01))
        own = mk_static.own_cost(diagonal(3.0 * h, 0.17 * h), h)
    yield case("a squeezed thermal state above the floor", own)
    yield control("a squeezed thermal state above the floor: .99", own.with_constant(0.99))


@claim("Q2", PLACE, cost=3)
def toeplitz_above(full: bool):
    """MK_ħ(R_μ, S)² ≤ E_ħ(μ, S)² + ½dħ, and ≤ dist(μ, ν)² + dħ for S = R_ν.

    **Beyond:** the middle of the chain.

    Töplitz quantisation of a classical coupling. Equality for isotropic Gaussians; other states may have less. Control: a bound a
    twentieth smaller.
    """
    thermal = diagonal(2.0, 2.0, (0.4, 0.0)), diagonal(0.5, 0.5)
    shapes = diagonal(1.0, 0.2), diagonal(0.3, 0.9, (0.5, -0.2))
    with light_compilation():
        isotropic, other = (mk_static.toeplitz_above(*pair, HBAR) for pair in (thermal, shapes))
    for name, one in zip(("through E_ħ", "through dist"), isotropic):
        yield case(f"isotropic Gaussians, {name}", one, ("holds", "tight"))
        yield control(f"isotropic Gaussians, {name}: .95 of it", one.with_constant(0.95))
    used = (0.958, 0.965), (0.917, 0.924)
    for name, one, ends in zip(("through E_ħ", "through dist"), other, used):
        yield from two_sided(f"Gaussians of two shapes, {name}", one, *ends)


@claim("Q3", PLACE, cost=1)
def husimi_below(full: bool):
    """dist(W̃[R], W̃[S])² − dħ ≤ E_ħ(W̃[R], S)² − ½dħ ≤ MK_ħ(R, S)².

    **Beyond:** the middle of the chain.

    What the Husimi functions of both, or of one, say from below. Control: .9 of MK².
    """
    pairs = {
        "wide and narrow": (diagonal(30.0, 28.0), diagonal(1.0, 1.1)),
        "far apart": (diagonal(0.4, 0.2, (4.0, 1.0)), diagonal(0.2, 0.3)),
    }
    with light_compilation():
        found = {name: mk_static.husimi_below(*pair, HBAR) for name, pair in pairs.items()}
    used = {
        "wide and narrow": ((0.914, 0.921), (0.995, 1.0)),
        "far apart": ((0.928, 0.934), (0.977, 0.982)),
    }
    for where, both in found.items():
        for name, one, ends in zip(
            ("both Husimi functions", "one Husimi function"), both, used[where]
        ):
            yield from two_sided(f"{where}, {name}", one, *ends)
            yield control(f"{where}, {name}: .9 of MK²", one.with_constant(0.9))


@claim("Q4", PLACE, cost=1)
def invariances(full: bool):
    """MK_ħ is invariant under joint displacements, rotations of phase space and exchange.

    **Beyond:** all of it.

    Displacements, the flow of the oscillator of frequency 1, complex conjugation and R ↔ S. Control: squeezing both states.
    """
    R, S = diagonal(0.5, 0.1, (0.3, 0.1)), diagonal(0.2, 0.7, (0.0, 0.4))
    c, s = np.cos(0.7), np.sin(0.7)

    def moved(A, shift=(0.0, 0.0)):
        one, other = (
            Gaussian(A @ np.asarray(s.mean) + shift, A @ np.asarray(s.covariance) @ A.T)
            for s in (R, S)
        )
        return one, other

    pairs = {
        "rotation and displacement": moved(np.array([[c, s], [-s, c]]), np.array([5.0, -3.0])),
        "conjugation": moved(np.diag([1.0, -1.0])),
        "exchange": (S, R),
        "squeezing": moved(np.diag([2.0, 0.5])),
    }
    with light_compilation():
        for name, pair in pairs.items():
            row = control if name == "squeezing" else case
            yield row(name, mk_static.invariance(R, S, HBAR, pair, name=name))


@claim("Q5", PLACE, cost=1)
def loss(full: bool):
    """MK_ħ(𝓔_ηR, 𝓔_ηS)² − dħ ≤ η(MK_ħ(R, S)² − dħ), 𝓔_η a quantum-limited attenuator.

    **Beyond:** all of it.

    A beam splitter of transmission η contracts what MK_ħ² has above its floor by η: an equality for thermal states and for the
    vacuum beside any levels. Control: η^1.5.
    """
    pairs = {
        "thermal states": (diagonal(1.4, 1.4), diagonal(0.3, 0.3)),
        "Gaussians of two shapes": (diagonal(0.9, 0.1), diagonal(0.2, 0.8, (0.6, 0.0))),
        "levels 0 and 0 … 3": (np.array([1.0, 0.0, 0.0, 0.0]), np.full(4, 0.25)),
        "levels 0 … 3": POPULATIONS,
    }
    with light_compilation():
        for name, (R, S) in pairs.items():
            equal = name.startswith(("thermal", "levels 0 and"))
            yield case(name, mk_static.loss(R, S, HBAR, 0.7), "tight" if equal else "holds")
            if equal:
                yield control(f"{name}, η^1.5", mk_static.loss(R, S, HBAR, 0.7, power=1.5))


@claim("Q6", PLACE, cost=2)
def additivity(full: bool):
    """MK_ħ² is additive over tensor products, and superadditive for states that are correlated.

    **Beyond:** all of it.

    Two Gaussian pairs at once, by the covariance program for four coordinates, against the closed form of each. Correlated states
    cost more than their marginals. Controls: 1.01 of the sum; half of the cost of correlated states.
    """
    parts = [
        (diagonal(0.5, 0.06, (0.3, 0.0)), diagonal(0.2, 0.7)),
        (diagonal(0.3, 0.2), diagonal(0.9, 0.5, (0.0, 0.5))),
    ]
    together, opposite = np.diag([1.0, 1.0, 0.8, 0.8]), np.diag([1.0, 1.0, 0.8, 0.8])
    together[[0, 1], [1, 0]], opposite[[0, 1], [1, 0]] = 0.5, -0.5
    R, S = Gaussian(np.array([1.0, 0, 0, 0]), together), Gaussian(np.zeros(4), opposite)
    with light_compilation():
        joint = mk_static.additivity(parts, HBAR)
        correlated = mk_static.correlated(R, S, HBAR)
    yield case("two pairs of Gaussians", joint)
    yield control("two pairs of Gaussians: 1.01", joint.with_constant(1.01))
    yield from two_sided("correlated Gaussians", correlated, 0.785, 0.791)
    yield control("correlated Gaussians: .7", correlated.with_constant(0.7))


@claim("Q7", PLACE, cost=1)
def moments(full: bool):
    """the value for Gaussians of the same moments ≤ MK_ħ² ≤ that of the product.

    **Beyond:** the lower bound (Gelbrich's for density operators).

    Means and covariances from both sides: equality below for thermal states, above where one state is pure. Control: .99 of it.
    """
    one, other = ((n / (1 + n)) ** np.arange(4) for n in (0.02, 0.05))
    pure = np.array([0.0, 1.0, 0.0, 0.0])
    with light_compilation():
        cold = mk_static.moment_bound(one / one.sum(), other / other.sum(), HBAR)
        mixed = mk_static.moment_bound(*FALLING, HBAR)
        above = mk_static.moment_bound(pure, POPULATIONS[0], HBAR)[1]
    yield from two_sided("thermal states, below", cold[0], 0.999, expected=("holds", "tight"))
    yield control("thermal states, below: .99 of MK²", cold[0].with_constant(0.99))
    yield from two_sided("four levels, below", mixed[0], 0.965, 0.97)
    yield case("one level against four, above", above, ("holds", "tight"))
    yield control("one level against four, above: .99", above.with_constant(0.99))


@claim("Q8", PLACE, cost=1)
def triangles(full: bool):
    """triangle inequalities of dist, E_ħ and MK_ħ, with ½dħ in each root where the middle is a mixed state.

    **Beyond:** all of it.

    Through a classical middle, mixed ones and a pure one, on Gaussians in a row, far apart: each uses .97 of its right side at
    least, and ½dħ in the roots of a mixed middle is seen. Control: a right side a tenth smaller.
    """
    R, S, T = (diagonal(0.3, 0.3, (x, 0.0)) for x in (-5.0, 0.0, 6.0))
    f, g = at(-6.0, 0.0), at(6.0, 0.0)
    middles = {
        "mixed middle": (S, 1.0),
        "mixed middle of another shape": (diagonal(0.4, 0.2), 1.0),
        "pure middle": (diagonal(0.5 * HBAR, 0.5 * HBAR), 0.0),
    }
    names, rows = ("dist by E", "E by E and MK", "MK by MK"), {}
    with light_compilation():
        for where, (middle, mixed) in middles.items():
            found = mk_triangles.quantum_middle(f, g, R, middle, T, HBAR, mixed=mixed)
            rows |= {f"{where}, {name}": one for name, one in zip(names, found)}
        classical = mk_triangles.classical_middle(f, at(0.5, 0.0), T, R, HBAR)
    rows |= dict(zip(("classical middle, E by E", "classical middle, MK by E"), classical))
    for (name, one), used in zip(rows.items(), USED, strict=True):
        yield from two_sided(name, one, used - 1e-3, used + 1e-3)
        yield control(f"{name}: .9", one.with_constant(0.9))
