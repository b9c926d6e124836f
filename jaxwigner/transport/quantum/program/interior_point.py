"""A feasible-start primal–dual interior-point method for MK_ħ on ran R ⊗ ran S.

    min tr(CF),  F ≥ 0,  tr₂F = R,  tr₁F = S        max tr(AR) + tr(BS),  Z = C − A⊗1 − 1⊗B ≥ 0

Start: F = R⊗S, A = B = −t with t = ‖F^½CF^½‖; the central path is FZ = μ. The direction of Helmberg–Kojima–Monteiro with T = Z⁻¹,

    dF = μT − F + ½(F dY T + T dY F),   dY = dA⊗1 + 1⊗dB = −dZ,

leaves a positive system for (dA, dB) of r₁² + r₂² real unknowns, whose matrix is three products of transposed F and T (below).
Mehrotra's predictor and corrector share its factor; step lengths come from Lanczos' extreme eigenvalues of L⁻¹dX L⁻*, and the
Cholesky factors that the next step needs anyway prove that they were short enough. About 20 steps whatever the ranks.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Float, Num

from jaxwigner._types import Array
from jaxwigner.grid import Scalar
from jaxwigner.transport.quantum.program.pair import Pair, inner, local, marginals
from jaxwigner.transport.solvers.matrices import adjoint, after, hermitian
from jaxwigner.transport.solvers.problem import Effort

LANCZOS = 24  # steps: Ritz values at the ends of a spectrum are good to a few per cent after them
INSIDE = 0.97  # share of the step to the boundary that is taken
REFINED = 2  # times that the residual of the system is solved for again
BACK = 0.7  # share of a step that is tried after one that left the cone


class Point(eqx.Module):
    """F, A and B."""

    F: Num[Array, "n n"]
    A: Num[Array, "r r"]
    B: Num[Array, "s s"]


class Path(eqx.Module):
    """The problem, the last point known to lie inside, the next one, and how it goes."""

    cost: Num[Array, "n n"]
    marginals: tuple[Float[Array, " r"], Float[Array, " s"]]
    inside: Point
    next: Point
    gap: Float[Array, ""]
    noise: Float[Array, ""]
    length: Float[Array, ""]
    effort: Effort


def interior_point(pair: Pair, tolerance: Scalar, limit: int | Array = 60) -> tuple[Point, Array]:
    """A point whose relative gap is at most the tolerance, or the last one from which steps advance; and the number of steps."""
    start = _start(pair)
    one = jnp.ones((), pair.weights.dtype)
    cost = pair.cost()
    gap = inner(start.F, _slack(cost, start))
    eigenvalues = pair.first.eigenvalues, pair.second.eigenvalues
    settings = (gap, 0 * one, one, Effort.allowed(tolerance, limit, one))
    path = lax.while_loop(_unfinished, _advance, Path(cost, eigenvalues, start, start, *settings))
    # The last point has not been proved to lie inside by a factor of the next step.
    Z = _slack(path.cost, path.next)
    sound = _finite(jnp.linalg.cholesky(path.next.F))
    sound = sound & _finite(jnp.linalg.cholesky(after(sound * 1.0, Z)))
    return _choose(sound, path.next, path.inside), path.effort.steps


def _start(pair: Pair) -> Point:
    root = jnp.sqrt(pair.weights)
    cost = pair.cost()
    t = jnp.linalg.norm(root[:, None] * cost * root)
    A, B = (-t * jnp.eye(r, dtype=cost.dtype) for r in pair.ranks)
    return Point(jnp.diag(pair.weights).astype(cost.dtype), A, B)


def _slack(cost: Array, point: Point) -> Array:
    return cost - local(point.A, point.B).reshape(cost.shape)


def _finite(factor: Array) -> Array:
    return jnp.all(jnp.isfinite(jnp.real(jnp.diagonal(factor))))


def _choose(condition: Array, one: Any, other: Any) -> Any:
    return jax.tree.map(lambda x, y: jnp.where(condition, x, y), one, other)


# The loop's functions are module-level and everything they use is in the carry: an eager call then compiles them once.
def _unfinished(path: Path) -> Array:
    least = path.effort.tolerance * jnp.abs(inner(path.cost, path.next.F))
    wanted = path.gap > jnp.maximum(least, path.noise)
    return wanted & path.effort.left & ((path.length > 1e-3) | (path.effort.steps < 12))


def _advance(path: Path) -> Path:
    """One step from `next` if it lies inside, or a retreat towards `inside`."""
    here = path.next
    Z = _slack(path.cost, here)
    root = jnp.linalg.cholesky(here.F)
    slack_root = jnp.linalg.cholesky(after(root, Z))
    sound = _finite(root) & _finite(slack_root)
    identity = jnp.eye(Z.shape[0], dtype=Z.dtype)
    root, slack_root = _choose(sound, (root, slack_root), (identity, identity))
    moved, length = _step(path, here, Z, root, slack_root)
    sound = sound & jnp.isfinite(length)
    back = jax.tree.map(lambda x, y: x + BACK * (y - x), path.inside, here)
    length = jnp.where(sound, length, BACK * path.length)
    inside, ahead = _choose(sound, (here, moved), (path.inside, back))
    gap = inner(ahead.F, _slack(path.cost, ahead))
    return eqx.tree_at(
        lambda p: (p.inside, p.next, p.gap, p.noise, p.length, p.effort),
        path,
        (inside, ahead, gap, _noise(path, ahead), length, path.effort.spent()),
    )


def _noise(path: Path, point: Point) -> Array:
    """What it costs, about, to repair the marginals: as T grows they get worse, and a narrower gap is no longer worth it."""
    ranks = path.marginals[0].shape[0], path.marginals[1].shape[0]
    off = [X - jnp.diag(x) for X, x in zip(marginals(point.F, ranks), path.marginals)]
    share = sum(jnp.sqrt(x.shape[0]) * jnp.linalg.norm(x) for x in off)
    weights = (path.marginals[0][:, None] * path.marginals[1]).reshape(-1)
    return share * jnp.real(jnp.diagonal(path.cost)) @ weights


def _step(path: Path, here: Point, Z: Array, root: Array, slack_root: Array):
    """Predictor and corrector: the next point, and the shorter of its two step lengths."""
    n = Z.shape[0]
    inverse_root = _solve(slack_root, jnp.eye(n, dtype=Z.dtype))
    T = adjoint(inverse_root) @ inverse_root
    system = System.factorised(path.marginals, here.F, T)
    gap = inner(here.F, Z)
    dF, dA, dB = system.direction(jnp.zeros_like(T))
    dY = local(dA, dB).reshape(T.shape)
    primal = _length(root, dF)
    dual = _length(slack_root, after(primal, -dY))
    reached = inner(here.F + primal * dF, Z - dual * dY)
    centring = jnp.clip((reached / gap) ** 3, 1e-5, 0.5)
    target = (centring * gap / n) * T + hermitian(_times_local(dF, dA, dB) @ T)
    dF, dA, dB = system.direction(target)
    primal = _length(root, after(dual, dF))
    dual = _length(slack_root, after(primal, -local(dA, dB).reshape(T.shape)))
    ahead = Point(
        hermitian(here.F + primal * dF),
        hermitian(here.A + dual * dA),
        hermitian(here.B + dual * dB),
    )
    return ahead, jnp.minimum(primal, dual)


class System(eqx.Module):
    """The factorised equation for (dA, dB) at one point.

    Hermitian matrices H are real ones K = Re H + Im H, with the same norm: an operator M that keeps Hermitian matrices Hermitian
    then has the entries Re M_ij,km + Im M_ij,mk.
    """

    marginals: tuple[Float[Array, " r"], Float[Array, " s"]]
    F: Num[Array, "n n"]
    T: Num[Array, "n n"]
    matrix: Float[Array, "m m"]
    units: Float[Array, " m"]
    factor: Float[Array, "m m"]

    @classmethod
    def factorised(cls, marginals: Any, F: Num[Array, "n n"], T: Num[Array, "n n"]) -> System:
        r, s = (x.shape[0] for x in marginals)
        M = _schur(F.reshape(r, s, r, s), T.reshape(r, s, r, s))
        units = 1 / jnp.sqrt(jnp.diagonal(M))
        # A + c, B − c is the same dual point: this direction is pinned.
        gauge = jnp.concatenate([jnp.eye(r).reshape(-1), -jnp.eye(s).reshape(-1)]) / units
        gauge = gauge / jnp.linalg.norm(gauge)
        scaled = units[:, None] * M * units + gauge[:, None] * gauge
        factor = jnp.linalg.cholesky(after(T, scaled) + 1e-14 * jnp.eye(units.shape[0]))
        return cls(marginals, F, T, M, units, factor)

    def direction(self, target: Num[Array, "n n"]) -> tuple[Array, Array, Array]:
        """(dF, dA, dB) towards FZ = target·Z with the marginals R and S."""
        r, s = (x.shape[0] for x in self.marginals)
        found = marginals(target, (r, s))
        missing = [jnp.diag(x).astype(y.dtype) - y for x, y in zip(self.marginals, found)]
        right = jnp.concatenate([_as_real(x) for x in missing])
        solution = self._solved(right)
        for _ in range(REFINED):
            solution = solution + self._solved(right - self.matrix @ solution)
        like = target.dtype
        dA, dB = _as_hermitian(solution[: r * r], like), _as_hermitian(solution[r * r :], like)
        dF = target - self.F + hermitian(_times_local(self.F, dA, dB) @ self.T)
        return dF, dA, dB

    def _solved(self, right: Float[Array, " m"]) -> Float[Array, " m"]:
        scaled = jax.scipy.linalg.cho_solve((self.factor, True), self.units * right)
        return self.units * scaled


def _schur(F: Num[Array, "r s r s"], T: Num[Array, "r s r s"]) -> Float[Array, "m m"]:
    """(dA, dB) → marginals of ½(F dY T + T dY F), as a real matrix.

    tr₂(F(dA⊗1)T)_ij = Σ G_ikmj dA_km with G = Σ_lq F_il,kq T_mq,jl: one product of (r₁², r₂²) and (r₂², r₁²) matrices. What
    T dY F adds is another order of the same numbers.
    """
    AA = _own(F.transpose(0, 2, 1, 3), T.transpose(3, 1, 0, 2))
    BB = _own(F.transpose(1, 3, 0, 2), T.transpose(2, 0, 1, 3))
    AB = _times(_flat(F.transpose(0, 3, 1, 2)), _flat(T.transpose(3, 0, 1, 2)))
    r, s = F.shape[:2]
    G = AB.reshape(r, s, s, r)
    AB = _realified(0.5 * (G.transpose(0, 3, 1, 2) + G.transpose(3, 0, 2, 1).conj()))
    M = jnp.block([[AA, AB], [AB.T, BB]])
    return 0.5 * (M + M.T)


def _own(F: Num[Array, "r r s s"], T: Num[Array, "s s r r"]) -> Float[Array, "rr rr"]:
    r = F.shape[0]
    G = _times(_flat(F), _flat(T)).reshape(r, r, r, r)
    return _realified(0.5 * (G.transpose(0, 3, 1, 2) + G.transpose(2, 1, 3, 0)))


def _times(X: Num[Array, "m k"], Y: Num[Array, "k n"]) -> Num[Array, "m n"]:
    """XY by three real products where it is complex: good in norm, which is enough for a matrix that is scaled and factorised."""
    if not jnp.iscomplexobj(X):
        return X @ Y
    (a, b), (c, d) = ((jnp.real(Z), jnp.imag(Z)) for Z in (X, Y))
    ac, bd = a @ c, b @ d
    return lax.complex(ac - bd, (a + b) @ (c + d) - ac - bd)


def _flat(X: Num[Array, "a b c d"]) -> Num[Array, "ab cd"]:
    a, b, c, d = X.shape
    return X.reshape(a * b, c * d)


def _realified(M: Num[Array, "a b c d"]) -> Float[Array, "ab cd"]:
    if not jnp.iscomplexobj(M):
        return _flat(M)
    return _flat(jnp.real(M) + jnp.imag(M).swapaxes(2, 3))


def _as_real(H: Num[Array, "r r"]) -> Float[Array, " rr"]:
    return (jnp.real(H) + jnp.imag(H)).reshape(-1)


def _as_hermitian(x: Float[Array, " rr"], dtype: Any) -> Num[Array, "r r"]:
    r = round(x.shape[0] ** 0.5)
    K = x.reshape(r, r)
    if not jnp.issubdtype(dtype, jnp.complexfloating):
        return 0.5 * (K + K.T)
    return 0.5 * lax.complex(K + K.T, K - K.T)


def _times_local(F: Num[Array, "n n"], A: Num[Array, "r r"], B: Num[Array, "s s"]) -> Array:
    """F(A⊗1 + 1⊗B) without a product of n × n matrices."""
    r, s = A.shape[0], B.shape[0]
    right = (F.reshape(-1, s) @ B).reshape(F.shape)
    left = jnp.einsum("akq,km->amq", F.reshape(-1, r, s), A)
    return left.reshape(F.shape) + right


def _solve(L: Array, X: Array) -> Array:
    return jax.scipy.linalg.solve_triangular(L, X, lower=True)


def _solve_adjoint(L: Array, X: Array) -> Array:
    return jax.scipy.linalg.solve_triangular(L, X, lower=True, trans="C")


def _length(L: Num[Array, "n n"], dX: Num[Array, "n n"]) -> Float[Array, ""]:
    """A step that keeps LL* + step·dX positive: 1, or `INSIDE` of the longest that Lanczos lets one expect."""
    most = _largest(L, -dX)
    return jnp.minimum(1.0, INSIDE / jnp.maximum(most, 1e-300))


def _largest(L: Num[Array, "n n"], X: Num[Array, "n n"]) -> Float[Array, ""]:
    """The largest eigenvalue of L⁻¹X L⁻*, from above as far as the residual of the last Ritz vector tells."""
    n = L.shape[0]
    steps = min(LANCZOS, n)
    v = np.random.default_rng(0).normal(size=n)
    v = (jnp.asarray(v / np.linalg.norm(v)) + 0 * jnp.real(L[0, 0])).astype(L.dtype)
    basis = jnp.zeros((steps + 1, n), L.dtype).at[0].set(v)
    zero = jnp.zeros(steps, jnp.real(L).dtype)
    state = (L, X, basis, zero, zero)
    _, _, _, a, b = lax.fori_loop(0, steps, _lanczos, state)
    small = jnp.diag(a) + jnp.diag(b[:-1], 1) + jnp.diag(b[:-1], -1)
    values, vectors = jnp.linalg.eigh(small)
    return values[-1] + b[-1] * jnp.abs(vectors[-1, -1])


def _lanczos(i: Array, state):
    """One vector more, orthogonal to all before it."""
    L, X, basis, a, b = state
    v = basis[i]
    w = _solve(L, X @ _solve_adjoint(L, v))
    a = a.at[i].set(jnp.real(jnp.vdot(v, w)))
    for _ in range(2):
        w = w - (basis.conj() @ w) @ basis
    norm = jnp.linalg.norm(w)
    alive = norm > 1e-14 * jnp.max(jnp.abs(a))
    safe: Any = jnp.where(alive, norm, 1.0)
    w = jnp.where(alive, w / safe, 0 * w)
    b = b.at[i].set(jnp.where(alive, norm, 0.0))
    return L, X, basis.at[i + 1].set(w), a, b
