"""The Monge–Kantorovich distance with the ½ convention of Golse and Paul, between two proved bounds.

    dist_MK,2(μ, ν)² = inf_q ∫ ½|z − z'|² q(dz dz') = ½W_2(μ, ν)²        (Definition 2.1 and (12): the factor ½ is forced)

Gaussians have a closed form, measures on a line a quantile coupling, small clouds the network simplex of POT, everything else
entropic potentials that are turned into bounds without entropy (`entropic`). A `Density` is constant on its cells: with φ and ψ at
the nodes of both sides, ½|z|² − φ extends to a convex function below its multilinear interpolation, so that hat-function masses
bound the continuous problem from below; above, cell i is coupled to cell j by the affine map between them.
"""

from __future__ import annotations

from typing import Any, Literal, overload

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxwigner._checks import check_choice, check_positive_scalar, require
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.compiled import Static, once
from jaxwigner.states import Density, Gaussian, Particles
from jaxwigner.transport.brenier import between_gaussians, brenier
from jaxwigner.transport.line import on_the_line
from jaxwigner.transport.plan import Found, MongeKantorovich, Pairs, described
from jaxwigner.transport.solvers.entropic import (
    CloudCost,
    GridCost,
    dual_pair,
    repaired,
    settle,
    sinkhorn,
)
from jaxwigner.transport.solvers.envelope import slope_of
from jaxwigner.transport.solvers.matrices import after, broadcasting
from jaxwigner.transport.solvers.nodes import (
    Cloud,
    Frame,
    Nodes,
    cloud_of,
    coordinates,
    framed,
    light,
    ringed_axes,
)

METHODS = ("auto", "exact", "sinkhorn", "gaussian", "line")
PAIRS = 4_000_000  # largest cost matrix that is handed to the network simplex
FEW_PAIRS = 100_000  # without POT, by linear programming
ENLARGED = 2.0**20  # masses of the linear program
SWEEPS = 4  # per temperature
SETTLING = 2e9  # pairs of points in the sweeps at the last temperature, at most
FINAL = 0.5  # temperature of a level over the square of its spacing
SWEEP_WORK = 1e8  # sweeps of a level times its size to the power 3/2
COARSE = 48  # grids with more cells along an axis start from a coarser one


@overload
def monge_kantorovich(
    p: Any, q: Any, *, method: str = ..., tolerance: float = ..., plan: Literal[False] = ...
) -> Bracket: ...
@overload
def monge_kantorovich(
    p: Any, q: Any, *, method: str = ..., tolerance: float = ..., plan: Literal[True]
) -> MongeKantorovich: ...
@broadcasting
def monge_kantorovich(
    p: Any, q: Any, *, method: str = "auto", tolerance: float = 1e-3, plan: bool = False
) -> Bracket | MongeKantorovich:
    """dist_MK,2(p, q)² — the square, with the ½ convention: half of W_2².

    **Arguments:** `p`, `q`: `Particles`, a `Density` (constant on the cells of its grid) or two `Gaussian`s; in a space of any
    dimension n ≥ 1 a pair (weights (K,), points (K, n)); `method`: "gaussian", "line" (n = 1), "exact" (POT's network simplex
    on the host, small problems), "sinkhorn" (no cost matrix is stored) or "auto"; `tolerance`: relative size of the final
    temperature, "sinkhorn" between clouds; `plan`: whether plan and potentials are wanted as well.

    **Returns:** a `Bracket`, both bounds proved up to rounding, differentiable in weights, points, densities and moments; with
    `plan=True` a `MongeKantorovich`, which has it as its `cost`.

    **Raises:** `ValueError` for measures of different dimension, in single precision, and for "exact" of many pairs without POT.

    >>> import jaxwigner as jw
    >>> p = jw.Particles([0.5, 0.5], [0.0, 1.0], [0.0, 0.0])
    >>> q = jw.Particles([0.5, 0.5], [1.0, 2.0], [0.0, 0.0])
    >>> round(float(jw.monge_kantorovich(p, q, method="sinkhorn").centre), 3)
    0.5
    >>> jw.monge_kantorovich(p, q, method="sinkhorn", plan=True).plan.shape
    (2, 2)
    """
    check_choice("method", method, METHODS)
    check_positive_scalar("tolerance", tolerance)
    require(isinstance(plan, bool), "plan", "be True or False", plan)
    p, q = _measure("p", p), _measure("q", q)
    _check_pair(p, q, method)
    if jnp.result_type(float) != jnp.float64:
        raise ValueError(
            "Certificates need float64: call jax.config.update('jax_enable_x64', True) first"
        )
    if isinstance(p, Gaussian):
        cost = Bracket.exact(between_gaussians(p, q))
        return _explained(cost, p, q) if plan else cost
    return _computed(p, q, method, Static(float(tolerance)), plan)


@once
def _computed(
    p: Any, q: Any, method: str, tolerance: Static, plan: bool
) -> Bracket | MongeKantorovich:
    one, other, frame = framed(p, q)
    method = _choose(method, one, other)
    cells = _joint_cells(p, q, one, other, frame)
    if method == "line":
        found = on_the_line(one, other, (_light(one), _light(other)))
    elif method == "exact":
        found = _exact(one, other)
    elif isinstance(p, Density) and isinstance(q, Density):
        found = _on_grids(p, q, one, other, frame)
    else:
        found = _clouds(one, other, tolerance.value)
    cost = found.bracket(one, other, cells) * frame.scale**2
    return described(found, cost, one, other, frame, method) if plan else cost


def _explained(cost: Bracket, p: Gaussian, q: Gaussian) -> MongeKantorovich:
    seen = after(cost.lower, p.covariance)
    joint, potentials = brenier(Gaussian(p.mean, seen), q)
    return MongeKantorovich(cost, cost, potentials, None, joint, "gaussian")


def _measure(name: str, value: Any) -> Any:
    """A measure; a pair (weights, points) is a cloud."""
    if isinstance(value, tuple) and len(value) == 2:
        return cloud_of(name, value)
    must = "be Particles, a Density, a Gaussian or a pair (weights, points)"
    require(isinstance(value, (Particles, Density, Gaussian)), name, must, value)
    return value


def _check_pair(p: Any, q: Any, method: str) -> None:
    """One space, and a method that both measures admit."""
    size = coordinates(p)
    require(coordinates(q) == size, "q", f"have the dimension of p ({size})", coordinates(q))
    gaussians = isinstance(p, Gaussian) and isinstance(q, Gaussian)
    mixed = isinstance(p, Gaussian) or isinstance(q, Gaussian)
    require(gaussians or not mixed, "q", "be a Gaussian exactly if p is one", q)
    must = "not be 'gaussian' unless both measures are"
    require(gaussians or method != "gaussian", "method", must, method)
    must = "not be 'line' unless both measures are clouds on a line"
    line = isinstance(p, Cloud) and isinstance(q, Cloud) and size == 1
    require(line or method != "line", "method", must, method)


def _choose(method: str, one: Nodes, other: Nodes) -> str:
    if method != "auto":
        return method
    if one.points.shape[1] == 1:
        return "line"
    pairs = one.points.shape[0] * other.points.shape[0]
    return "exact" if pairs <= _most_pairs() else "sinkhorn"


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


def _most_pairs() -> int:
    """How many pairs of points are solved exactly without being asked to."""
    return PAIRS if _has_pot() else FEW_PAIRS


def _has_pot() -> bool:
    try:
        import ot  # noqa: F401
    except ImportError:
        return False
    return True


def _exact(one: Nodes, other: Nodes) -> Found:
    """The network simplex on the host; its potentials are made admissible before they bound anything."""
    if not _has_pot() and one.points.shape[0] * other.points.shape[0] > FEW_PAIRS:
        raise ValueError(
            f"Argument `method` must not be 'exact' for more than {FEW_PAIRS} pairs without POT: pip install pot"
        )
    x, y, a, b = lax.stop_gradient((one.points, other.points, one.weights, other.weights))
    out = _light(one), _light(other)
    K, L = x.shape[0], y.shape[0]
    count = K + L - 1  # pairs of a vertex of the polytope, at most
    index = jax.ShapeDtypeStruct((count,), np.dtype("int64"))
    shapes = (index, index, jax.ShapeDtypeStruct((count,), x.dtype))
    shapes = (*shapes, jax.ShapeDtypeStruct((L,), x.dtype))
    seen = _without(x, out[0]), _without(y, out[1])
    rows, columns, masses, psi = jax.pure_callback(
        _simplex, shapes, *seen, a, b, vmap_method="sequential"
    )
    plan = Pairs(rows, columns, masses, (K, L))
    phi, psi = dual_pair(CloudCost(x, y), psi, out)

    def surrogate(one, other):
        moved = plan.mean(one.points, other.points)
        return moved + one.weights @ phi + other.weights @ psi

    slope = slope_of(surrogate, one, other)
    return Found(phi, psi, plan, lax.stop_gradient(plan.mean(x, y)), slope)


def _light(measure: Nodes) -> Array:
    """Points of no weight that are far away, in the frame where costs are of size 1."""
    weights = jnp.maximum(measure.weights, measure.hat_weights)
    return lax.stop_gradient(light(measure.points, weights, 1.0))


def _without(points: Array, out: Array) -> Array:
    """Light points put where their distances have digits: what they cost is counted where they are."""
    return jnp.where(out[:, None], 0.0, points)


def _simplex(x, y, a, b):
    x, y, a, b = (np.asarray(array, dtype=float) for array in (x, y, a, b))
    cost = 0.5 * ((x[:, None, :] - y[None, :, :]) ** 2).sum(2)
    plan, v = (_by_pot if _has_pot() else _by_scipy)(a, b / b.sum() * a.sum(), cost)
    count = len(a) + len(b) - 1
    largest = np.sort(np.argpartition(plan.ravel(), plan.size - count)[plan.size - count :])
    rows, columns = np.divmod(largest, len(b))
    return rows, columns, plan[rows, columns], v


def _by_pot(a, b, cost):
    import ot

    plan, log = ot.emd(a, b, cost, numItermax=5_000_000, log=True)
    return plan, np.asarray(log["v"])


def _by_scipy(a, b, cost):
    """min ⟨P, C⟩ over P ≥ 0 with marginals a and b, and the potential of b: HiGHS. The last mass follows from the others.

    The solver takes what is less than its tolerance for nothing: masses are enlarged, so that tails of 1e-16 of the whole are seen.
    """
    from scipy import sparse
    from scipy.optimize import linprog

    rows = sparse.kron(sparse.eye(len(a)), np.ones((1, len(b))))
    columns = sparse.kron(np.ones((1, len(a))), sparse.eye(len(b))).tocsr()[:-1]
    given = np.concatenate([a, b[:-1]]) * ENLARGED
    options = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
    equations = {"A_eq": sparse.vstack([rows, columns]), "b_eq": given}
    found = linprog(cost.ravel(), **equations, method="highs-ds", options=options)
    if found.x is None:
        raise RuntimeError(f"The linear program of the distance was not solved: {found.message}")
    plan = np.maximum(found.x, 0.0).reshape(cost.shape) / ENLARGED
    return plan, np.append(found.eqlin.marginals[len(a) :], 0.0)


def _clouds(one: Nodes, other: Nodes, tolerance: float) -> Found:
    still = lax.stop_gradient
    out = _light(one), _light(other)
    points, weights = still(((one.points, other.points), (one.weights, other.weights)))
    a, b = (jnp.where(light, 0.0, w) for light, w in zip(out, weights))
    cost = CloudCost(*(_without(x, light) for light, x in zip(out, points)))
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
    whole = CloudCost(*points)
    plan = repaired(cost, a, b, scalings, (whole, *weights))
    scalings = plan.scalings
    phi, psi = dual_pair(whole, cost.transposed.soft(scalings.F, scalings.epsilon), out)

    def surrogate(one, other):
        # −ε Σ P depends on the points as the cost of the plan P does.
        rows = CloudCost(one.points, other.points).soft(scalings.G, scalings.epsilon)
        mass = jnp.where(a > 0, jnp.exp((scalings.F - rows) / scalings.epsilon), 0.0)
        return one.weights @ phi + other.weights @ psi - scalings.epsilon * jnp.sum(mass)

    slope = slope_of(surrogate, one, other)
    # Masses are as exact as exponents, in which costs are divided by ε.
    relative = 4e-16 * (jnp.max(half_x) + jnp.max(half_y)) / scalings.epsilon
    noise = jnp.where(relative > 1e-9, relative, 0.0)
    return Found(phi, psi, plan, plan.cost, slope, noise)


def _on_grids(p: Density, q: Density, one: Nodes, other: Nodes, frame: Frame) -> Found:
    """Sinkhorn on product grids, from coarse to fine; the temperature follows the square of the spacing."""
    axes, others = (
        tuple(
            (x - c) / frame.scale for x, c in zip(ringed_axes(density, frame.origin), frame.centre)
        )
        for density in (p, q)
    )
    a = lax.stop_gradient(one.weights).reshape(tuple(axis.shape[0] for axis in axes))
    b = lax.stop_gradient(other.weights).reshape(tuple(axis.shape[0] for axis in others))
    levels = [(axes, a, others, b)]
    while max(levels[-1][1].shape) > COARSE and min(levels[-1][1].shape) > 8:
        levels.append((*_halved(*levels[-1][:2]), *_halved(*levels[-1][2:])))
    cost, scalings, psi = _cooled(levels[::-1])
    a, b = a.reshape(-1), b.reshape(-1)
    plan = repaired(cost, a, b, scalings)
    phi, psi = dual_pair(cost, psi.reshape(-1))
    slope = slope_of(lambda a, b: a.weights @ phi + b.weights @ psi, one, other)
    return Found(phi, psi, plan, plan.cost, slope)


def _cooled(levels: list[Any]) -> tuple[GridCost, Any, Array]:
    """Cost, scalings and second potential at the last of the levels, each started from the one before."""
    psi = older = None
    cost: Any = None
    scalings: Any = None
    for axes, a, others, b in levels:
        cost = GridCost(axes, others)
        h2 = jnp.mean(jnp.asarray([(x[1] - x[0]) ** 2 for x in axes]))
        if psi is None:
            half_x, x, half_y, y = cost.sums()
            mean = a.reshape(-1) @ x
            psi = half_y - y @ mean
            spread = jnp.maximum(a.reshape(-1) @ half_x + b.reshape(-1) @ half_y, 4 * h2)
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
    return cost, scalings, jnp.asarray(psi)


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
