"""The Monge–Kantorovich distance with the ½ convention of Golse and Paul, between two proved bounds.

    dist_MK,2(μ, ν)² = inf_q ∫ ½|z − z'|² q(dz dz') = ½W_2(μ, ν)²        (Definition 2.1 and (12): the factor ½ is forced)

Gaussians have a closed form, measures on a line a quantile coupling, small clouds the network simplex of POT, everything else
entropic potentials that are turned into bounds without entropy (`entropic`). A `Density` is constant on its cells: with φ and ψ at
the nodes of both sides, ½|z|² − φ extends to a convex function below its multilinear interpolation, so that hat-function masses
bound the continuous problem from below; above, cell i is coupled to cell j by the affine map between them.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Float

from jaxwigner._checks import (
    check_choice,
    check_finite,
    check_positive_scalar,
    check_weights,
    require,
)
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.states import Density, Gaussian, Particles
from jaxwigner.transport.solvers.entropic import (
    CloudCost,
    GridCost,
    dual_pair,
    plan_cost,
    settle,
    sinkhorn,
)
from jaxwigner.transport.solvers.envelope import first_order
from jaxwigner.transport.solvers.matrices import broadcasting, sqrtm
from jaxwigner.transport.solvers.nodes import Frame, Nodes, framed, nodes_of

METHODS = ("auto", "exact", "sinkhorn", "gaussian")
PAIRS = 4_000_000  # largest cost matrix that is handed to the network simplex
SWEEPS = 4  # per temperature
SETTLING = 2e9  # pairs of points in the sweeps at the last temperature, at most
FINAL = 0.5  # temperature of a level over the square of its spacing
SWEEP_WORK = 1e8  # sweeps of a level times its size to the power 3/2
COARSE = 48  # grids with more cells along an axis start from a coarser one


@broadcasting
def monge_kantorovich(p: Any, q: Any, *, method: str = "auto", tolerance: float = 1e-3) -> Bracket:
    """dist_MK,2(p, q)² — the square, with the ½ convention: half of W_2².

    **Arguments:** `p`, `q`: `Particles`, a `Density` (constant on the cells of its grid) or two `Gaussian`s; `method`: "gaussian",
    "exact" (POT's network simplex on the host, small problems), "sinkhorn" (no cost matrix is stored) or "auto";
    `tolerance`: relative size of the final temperature, "sinkhorn" between clouds.

    **Returns:** a `Bracket`, both bounds proved up to rounding, differentiable in weights, points, densities and moments.

    **Raises:** `ValueError` for measures of different dimension, in single precision, and for "exact" without POT.

    >>> import jaxwigner as jw
    >>> p = jw.Particles([0.5, 0.5], [0.0, 1.0], [0.0, 0.0])
    >>> q = jw.Particles([0.5, 0.5], [1.0, 2.0], [0.0, 0.0])
    >>> round(float(jw.monge_kantorovich(p, q, method="sinkhorn").centre), 3)
    0.5
    """
    check_choice("method", method, METHODS)
    check_positive_scalar("tolerance", tolerance)
    for name, measure in (("p", p), ("q", q)):
        kind = isinstance(measure, (Particles, Density, Gaussian))
        require(kind, name, "be Particles, a Density or a Gaussian", measure)
    require(
        p.dimension == q.dimension, "q", f"have the dimension of p ({p.dimension})", q.dimension
    )
    if jnp.result_type(float) != jnp.float64:
        raise ValueError(
            "Certificates need float64: call jax.config.update('jax_enable_x64', True) first"
        )
    gaussians = isinstance(p, Gaussian) and isinstance(q, Gaussian)
    mixed = isinstance(p, Gaussian) or isinstance(q, Gaussian)
    require(gaussians or not mixed, "q", "be a Gaussian exactly if p is one", q)
    must = "not be 'gaussian' unless both measures are"
    require(gaussians or method != "gaussian", "method", must, method)
    if gaussians:
        return Bracket.exact(_between_gaussians(p, q))
    one, other, frame = framed(nodes_of(p), nodes_of(q))
    pairs = one.points.shape[0] * other.points.shape[0]
    cells = _joint_cells(p, q, one, other, frame)
    if method == "exact" or (method == "auto" and pairs <= PAIRS and _has_pot()):
        found = _exact(one, other, cells)
    elif isinstance(p, Density) and isinstance(q, Density):
        found = _on_grids(p, q, one, other, cells, frame)
    else:
        found = _clouds(one, other, tolerance)
    return found * frame.scale**2


@broadcasting
def line_distance(
    x: Float[Array, " k"],
    weights: Float[Array, " k"],
    y: Float[Array, " l"],
    others: Float[Array, " l"],
) -> Float[Array, ""]:
    """dist² between Σ w_kδ_{x_k} and Σ v_lδ_{y_l} on the line: ½∫_0^1 |X(u) − Y(u)|² du with the quantile functions X, Y.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.transport import line_distance
    >>> half = jnp.array([0.5, 0.5])
    >>> float(line_distance(jnp.array([0.0, 1.0]), half, jnp.array([3.0, 2.0]), half))
    2.0
    """
    for name, value in (("x", x), ("y", y)):
        check_finite(name, value)
    for name, value in (("weights", weights), ("others", others)):
        check_weights(name, value)
    x, y, a, b = map(jnp.asarray, (x, y, weights, others))
    first, second = jnp.argsort(x), jnp.argsort(y)
    x, a, y, b = x[first], jnp.cumsum(a[first]), y[second], jnp.cumsum(b[second])
    breaks = jnp.sort(jnp.concatenate([a, b]))
    steps = jnp.diff(breaks, prepend=0.0)
    middle = breaks - 0.5 * steps
    here = x[jnp.clip(jnp.searchsorted(a, middle), 0, x.shape[0] - 1)]
    there = y[jnp.clip(jnp.searchsorted(b, middle), 0, y.shape[0] - 1)]
    return 0.5 * steps @ (here - there) ** 2


def _between_gaussians(p: Gaussian, q: Gaussian) -> Array:
    """½(|m−m'|² + tr Σ + tr Σ' − 2 tr (Σ^½Σ'Σ^½)^½)."""
    root = sqrtm(p.covariance)
    cross = jnp.trace(sqrtm(root @ q.covariance @ root))
    shift = jnp.sum((p.mean - q.mean) ** 2)
    return 0.5 * (shift + jnp.trace(p.covariance) + jnp.trace(q.covariance)) - cross


def _joint_cells(p: Any, q: Any, one: Nodes, other: Nodes, frame: Frame) -> Any:
    """What the cells add above: the affine map between two boxes, or the variance of one."""
    if isinstance(p, Density) and isinstance(q, Density):
        gaps = [
            (h - k) ** 2
            for g, f in ((p.grid.position, q.grid.position), (p.grid.momentum, q.grid.momentum))
            for h, k in zip(g.spacing, f.spacing)
        ]
        return sum(gaps) / (24 * frame.scale**2)
    return one.above + other.above


def _bracket(one: Nodes, other: Nodes, phi, psi, above, cells, surrogate) -> Bracket:
    """Both bounds from a dual pair and the cost of a plan, with the derivative of `surrogate`."""
    below = one.hat_weights @ phi + other.hat_weights @ psi + one.below + other.below
    below, above = lax.stop_gradient((below, above + cells))
    slope = surrogate - lax.stop_gradient(surrogate)
    rounding = 1e-14 * jnp.abs(above)
    lower = jnp.minimum(below, above) - rounding + slope
    return Bracket(jnp.maximum(lower, 0.0 * lower), above + rounding + slope)


def _has_pot() -> bool:
    try:
        import ot  # noqa: F401
    except ImportError:
        return False
    return True


def _exact(one: Nodes, other: Nodes, cells) -> Bracket:
    """The network simplex on the host; its potentials are made admissible before they bound anything."""
    if not _has_pot():
        raise ValueError("Argument `method` must not be 'exact' without POT: pip install pot")
    still = lax.stop_gradient
    x, y, a, b = still((one.points, other.points, one.weights, other.weights))
    shapes = tuple(
        jax.ShapeDtypeStruct(shape, x.dtype)
        for shape in ((x.shape[0], y.shape[0]), (x.shape[0],), (y.shape[0],))
    )
    plan, _, psi = jax.pure_callback(_simplex, shapes, x, y, a, b, vmap_method="sequential")
    phi, psi = dual_pair(CloudCost(x, y), psi)

    def of_plan(one, other):
        gaps = one.points[:, None, :] - other.points[None, :, :]
        return jnp.sum(plan * (0.5 * jnp.sum(gaps**2, axis=2)))

    def surrogate(one, other):
        return of_plan(one, other) + one.weights @ phi + other.weights @ psi

    cost = still(of_plan(one, other))
    return _bracket(one, other, phi, psi, cost, cells, first_order(surrogate, one, other))


def _simplex(x, y, a, b):
    import ot

    x, y, a, b = (np.asarray(array, dtype=float) for array in (x, y, a, b))
    cost = 0.5 * ((x[:, None, :] - y[None, :, :]) ** 2).sum(2)
    plan, log = ot.emd(a, b / b.sum() * a.sum(), cost, numItermax=5_000_000, log=True)
    return plan, np.asarray(log["u"]), np.asarray(log["v"])


def _clouds(one: Nodes, other: Nodes, tolerance: float) -> Bracket:
    still = lax.stop_gradient
    a, b = still((one.weights, other.weights))
    cost = CloudCost(*still((one.points, other.points)))
    half_x, x, half_y, y = cost.sums()
    spread = a @ half_x + b @ half_y - (a @ x) @ (b @ y)
    spread = jnp.where(spread > 0, spread, 1.0)  # one point each, at the same place
    stages = int(np.ceil(np.log2(1 / tolerance))) + 1
    pairs = x.shape[0] * y.shape[0]
    sweeps = SWEEPS if pairs <= 1e8 else 1
    schedule = spread * jnp.repeat(0.5 ** jnp.arange(stages), sweeps)
    start = half_y - y @ (a @ x)
    scalings = sinkhorn(cost, a, b, start, schedule)
    limit = int(np.clip(SETTLING / pairs, 4, 20000))
    scalings = settle(cost, a, b, scalings, 0.1 * tolerance, limit)
    above, scalings, _ = plan_cost(cost, a, b, scalings)
    phi, psi = dual_pair(cost, cost.transposed.soft(scalings.F, scalings.epsilon))

    def surrogate(one, other):
        # −ε Σ P depends on the points as the cost of the plan P does.
        rows = CloudCost(one.points, other.points).soft(scalings.G, scalings.epsilon)
        mass = jnp.where(a > 0, jnp.exp((scalings.F - rows) / scalings.epsilon), 0.0)
        return one.weights @ phi + other.weights @ psi - scalings.epsilon * jnp.sum(mass)

    slope = first_order(surrogate, one, other)
    return _bracket(one, other, phi, psi, above, one.above + other.above, slope)


def _on_grids(
    p: Density, q: Density, one: Nodes, other: Nodes, cells: Any, frame: Frame
) -> Bracket:
    """Sinkhorn on product grids, from coarse to fine; the temperature follows the square of the spacing."""
    axes, others = (
        tuple((x - c) / frame.scale for x, c in zip(_axes(density), frame.centre))
        for density in (p, q)
    )
    a = lax.stop_gradient(one.weights).reshape(tuple(axis.shape[0] for axis in axes))
    b = lax.stop_gradient(other.weights).reshape(tuple(axis.shape[0] for axis in others))
    levels = [(axes, a, others, b)]
    while max(levels[-1][1].shape) > COARSE and min(levels[-1][1].shape) > 8:
        levels.append((*_halved(*levels[-1][:2]), *_halved(*levels[-1][2:])))
    psi = None
    for axes, a, others, b in reversed(levels):
        cost = GridCost(axes, others)
        h2 = jnp.mean(jnp.asarray([(x[1] - x[0]) ** 2 for x in axes]))
        if psi is None:
            half_x, x, half_y, y = cost.sums()
            mean = a.reshape(-1) @ x
            psi = half_y - y @ mean
            spread = jnp.maximum(a.reshape(-1) @ half_x + b.reshape(-1) @ half_y, 4 * h2)
            older = None
            cooling = spread * (FINAL * h2 / spread) ** jnp.repeat(jnp.linspace(0.0, 1.0, 12), 40)
        else:
            fine = _refined(psi, b.shape)
            older = fine if older is None else _refined(older, b.shape)
            # Potentials are nearly linear in ε, which falls by 4 from level to level.
            psi, older = fine + 0.25 * (fine - older), fine
            sweeps = int(np.clip(SWEEP_WORK / np.prod(b.shape) ** 1.5, 8, 200))
            cooling = jnp.full(sweeps, FINAL * h2)
        scalings = sinkhorn(cost, a.reshape(-1), b.reshape(-1), psi.reshape(-1), cooling)
        psi = cost.transposed.soft(scalings.F, scalings.epsilon).reshape(b.shape)
    a, b = a.reshape(-1), b.reshape(-1)
    above, _, _ = plan_cost(cost, a, b, scalings)
    phi, psi = dual_pair(cost, psi.reshape(-1))
    slope = first_order(lambda a, b: a.weights @ phi + b.weights @ psi, one, other)
    return _bracket(one, other, phi, psi, above, cells, slope)


def _axes(p: Density) -> tuple[Array, ...]:
    """The axes of the grid with its empty ring."""
    found = []
    for grid in (p.grid.position, p.grid.momentum):
        for x, step in zip(grid.axes, grid.spacing):
            x = jnp.asarray(x)
            found.append(jnp.concatenate([x[:1] - step, x, x[-1:] + step]))
    return tuple(found)


def _refined(psi: Array, shape: tuple[int, ...]) -> Array:
    """A potential on a grid of twice the resolution."""
    double = jax.image.resize(psi, tuple(2 * n for n in psi.shape), "linear")
    return double[tuple(slice(0, n) for n in shape)]


def _halved(axes: tuple[Array, ...], masses: Array) -> tuple[tuple[Array, ...], Array]:
    """Pairs of cells merged along every axis; an odd axis gets an empty cell."""
    merged = []
    for i, x in enumerate(axes):
        if x.shape[0] % 2:
            x = jnp.concatenate([x, 2 * x[-1:] - x[-2:-1]])
            masses = jnp.pad(masses, [(0, int(j == i)) for j in range(masses.ndim)])
        merged.append(0.5 * (x[::2] + x[1::2]))
        shape = (*masses.shape[:i], masses.shape[i] // 2, 2, *masses.shape[i + 1 :])
        masses = masses.reshape(shape).sum(i + 1)
    return tuple(merged), masses
