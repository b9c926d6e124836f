"""Newton's method on the smoothed dual: for ranks whose r² × r² system is too large, and for warm starts.

    g_η(B) = tr(BR) − Σ_k w_kη_k log tr e^{−(C_k−B)/η_k},      ∇g = R − ΣQ_k,      Q_k = w_k e^{−(C_k−B)/η_k}/tr(·)

is concave and smooth, and its bias dies like e^{−const·ħ/η}: at η = ħ/16 the Gibbs states Q_k are pure to 1e-7 wherever the
ground state of C_k − B is well separated. A step solves (−∇²g + l)dB = ∇g by conjugate gradients in the eigenbasis of R, where the
diagonal (ρ_i + ρ_j)/1.8 + l is a good preconditioner; the Hessian uses the `COLUMNS` lowest eigenvectors of every node, which is
all that carries weight. l follows the ratio of actual to predicted gain (Levenberg, Marquardt). Temperatures fall when a level is
solved; light nodes stay hotter, η_k = θ·max(1, w̄/w_k) up to a cap: a cold light node would dictate everybody's step.

The conjugate gradients stay a loop of unknown length within another: they take 4 to 7 products where the bound is `CONJUGATE`, and one
loop in place of two would diagonalise all C_k − B once for each.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Complex, Float

from jaxwigner._types import Array
from jaxwigner.grid import Scalar
from jaxwigner.transport.solvers.interior_point import Solution
from jaxwigner.transport.solvers.matrices import adjoint, hermitian
from jaxwigner.transport.solvers.problem import Discrete, Effort

COLUMNS = 8  # eigenvectors per node in the Hessian
HOTTEST, COLDEST = 0.5, 1e-8  # temperatures in units of ħ
COOLING, SLOWLY = 3.0, 1.5  # factors by which pure and mixed nodes are cooled
MIXED = 0.02  # a node is mixed when its mean excitation exceeds this share of its temperature
STIFF = 0.2  # what the quadratic model of a node missed, in units of its temperature
SOLVED = 0.05  # a level is solved when half the squared decrement is below this share of the mean temperature
TAIL = 0.01  # share of the tolerance that goes to the least eigenvalues of R
CONJUGATE = 40  # steps of conjugate gradients at most


class Level(eqx.Module):
    """The spectra λ (K, r) and V (K, r, r) of C_k − B, the temperatures η (K,), and what follows from them."""

    spectra: tuple[Float[Array, "k r"], Complex[Array, "k r r"]]
    temperatures: Float[Array, " k"]
    populations: Float[Array, "k r"]
    free: Float[Array, " k"]
    objective: Float[Array, ""]
    gradient: Complex[Array, "r r"]


class Ascent(eqx.Module):
    """State of the iteration."""

    problem: Discrete
    B: Complex[Array, "r r"]
    level: Level
    damping: Float[Array, ""]
    excess: Float[Array, ""]
    decrement: Float[Array, ""]
    effort: Effort


def smoothed_dual(
    problem: Discrete,
    start: Complex[Array, "r r"],
    tolerance: Scalar,
    limit: int | Array,
    theta: float = HOTTEST,
) -> Solution:
    """Solve the discrete problem from the dual point `start`, at temperatures from `theta` down."""
    one = jnp.ones((), problem.weights.dtype)
    hot = theta * jnp.ones_like(problem.weights)
    level = _level(problem, start, _spectra(problem, start), hot)
    ascent = Ascent(
        problem,
        start,
        level,
        1e-3 * one,
        jnp.inf * one,
        jnp.inf * one,
        Effort.allowed(tolerance, limit, one),
    )
    ascent = lax.while_loop(_unfinished, _advance, ascent)
    level, (_, vectors) = ascent.level, ascent.level.spectra
    Q = (vectors * level.populations[:, None, :]) @ adjoint(vectors)
    root = 1 / jnp.sqrt(problem.eigenvalues)
    Q = root[:, None] * Q * root
    Q = _with_plain_tail(Q, problem.eigenvalues, TAIL * tolerance * jnp.abs(level.objective))
    return Solution(problem.weights[:, None, None] * Q, ascent.B, ascent.effort.steps)


def _with_plain_tail(scaled: Complex[Array, "k r r"], rho: Float[Array, " r"], mass: Array):
    """Eigenvalues of R that carry less than `mass` together are coupled as a product.

    The equation ΣQ = R is solved to an absolute accuracy: in these directions Q/ρ is noise that the repair would spread.
    """
    order = jnp.argsort(rho)
    carried = jnp.zeros_like(rho).at[order].set(jnp.cumsum(rho[order]))
    kept = (carried > mass).astype(rho.dtype)
    return kept[:, None] * scaled * kept + jnp.diag(1 - kept).astype(scaled.dtype)


def _unfinished(ascent: Ascent) -> Array:
    cost = jnp.abs(ascent.level.objective)
    wanted = ascent.excess + ascent.decrement > 0.3 * ascent.effort.tolerance * cost
    return wanted & ascent.effort.left & (ascent.damping < 1e3)


def _spectra(problem: Discrete, B: Complex[Array, "r r"]) -> tuple[Array, Array]:
    values, vectors = jnp.linalg.eigh(problem.costs - B)
    return values, vectors


def _level(problem: Discrete, B, spectra, eta) -> Level:
    w, (values, vectors) = problem.weights, spectra
    shifted = (values - values[:, :1]) / eta[:, None]
    boltzmann = jnp.exp(-shifted)
    total = jnp.sum(boltzmann, axis=1)
    populations = boltzmann / total[:, None]
    free = values[:, 0] - eta * jnp.log(total)
    objective = jnp.real(jnp.diagonal(B)) @ problem.eigenvalues + w @ free
    Q = _mixture(vectors, w[:, None] * populations)
    gradient = hermitian(jnp.diag(problem.eigenvalues) - Q)
    return Level(spectra, eta, populations, free, objective, gradient)


def _mixture(vectors: Complex[Array, "k r s"], p: Float[Array, "k s"]) -> Complex[Array, "r r"]:
    """Σ_k V_k diag(p_k) V_k*, as one product."""
    r = vectors.shape[1]
    columns = vectors.transpose(1, 0, 2).reshape(r, -1)
    return (columns * p.reshape(-1)) @ columns.conj().T


def _advance(ascent: Ascent) -> Ascent:
    problem, level = ascent.problem, ascent.level
    curvature = _Curvature.at(problem, level)
    dB = _newton_direction(problem, level, curvature, ascent.damping)
    predicted = jnp.real(jnp.sum(level.gradient * dB.conj()))
    B = hermitian(ascent.B + dB)
    trial = _level(problem, B, _spectra(problem, B), level.temperatures)
    linear, quadratic = curvature.expansion(dB)
    deviation = trial.free - level.free + linear + 0.5 * quadratic / problem.weights
    stiffness = jnp.abs(deviation) / level.temperatures
    gain = trial.objective - level.objective
    noise = 1e-14 * jnp.abs(level.objective)
    ratio = (gain + noise) / (0.5 * predicted + noise)
    accepted = ratio >= 0.2
    B, kept = jax.tree.map(
        lambda new, old: jnp.where(accepted, new, old), (B, trial), (ascent.B, level)
    )
    damping = ascent.damping * jnp.where(
        ratio > 0.2, jnp.clip(1 - (2 * ratio - 1) ** 3, 0.2, 2.0), 5.0
    )
    mean = problem.weights @ kept.temperatures
    solved = accepted & (ratio > 0.4) & (0.5 * predicted <= SOLVED * mean)
    values, _ = kept.spectra
    above = jnp.sum(kept.populations * (values - values[:, :1]), axis=1)
    warm = above > 0.1 * ascent.effort.tolerance * jnp.abs(kept.objective)
    factor = jnp.where(
        solved & warm,
        jnp.where(above < MIXED * kept.temperatures, 1 / COOLING, 1 / SLOWLY),
        jnp.where(~accepted & (stiffness > STIFF), 2.0, 1.0),
    )
    temperatures = jnp.clip(kept.temperatures * factor, COLDEST, HOTTEST)
    cooled = _level(problem, B, kept.spectra, temperatures)
    return Ascent(
        problem,
        B,
        cooled,
        jnp.maximum(damping, 1e-9),
        problem.weights @ above,
        0.5 * jnp.abs(predicted),
        ascent.effort.spent(),
    )


def _newton_direction(problem: Discrete, level: Level, curvature: _Curvature, damping):
    """(−∇²g + l)dB = ∇g by preconditioned conjugate gradients."""
    rho = problem.eigenvalues
    diagonal = (rho[:, None] + rho) / 1.8 + damping
    product = lambda X: curvature(X) + damping * X  # noqa: E731
    inner = lambda X, Y: jnp.real(jnp.sum(X.conj() * Y))  # noqa: E731
    r0 = level.gradient
    z0 = r0 / diagonal
    first = inner(r0, z0)

    def body(carry):
        x, r, z, p, rz, i = carry
        Ap = product(p)
        alpha = rz / inner(p, Ap)
        x, r = x + alpha * p, r - alpha * Ap
        z = r / diagonal
        new = inner(r, z)
        return x, r, z, z + (new / rz) * p, new, i + 1

    def unfinished(carry):
        return (carry[4] > 1e-2 * first) & (carry[5] < CONJUGATE) & (carry[4] > 0)

    carry = (jnp.zeros_like(r0), r0, z0, z0, first, 0)
    return hermitian(lax.while_loop(unfinished, body, carry)[0])


class _Curvature(eqx.Module):
    """−∇²g: dB ↦ Σ_k w_k V_k(F_k ∘ V_k*dBV_k)V_k* − …, F_ij = (g_i − g_j)/(λ_j − λ_i), from the lowest s columns."""

    level: Level
    factors: Float[Array, "k s r"]
    scale: Float[Array, " k"]

    @property
    def vectors(self) -> Complex[Array, "k r r"]:
        """V_k, all columns."""
        return self.level.spectra[1]

    @property
    def low(self) -> Complex[Array, "k r s"]:
        """The lowest s columns."""
        return self.vectors[:, :, : self.factors.shape[1]]

    @classmethod
    def at(cls, problem: Discrete, level: Level) -> _Curvature:
        s = min(COLUMNS, problem.eigenvalues.shape[0])
        (values, _), g = level.spectra, level.populations
        eta = level.temperatures[:, None, None]
        gap = (values[:, None, :] - values[:, :s, None]) / eta
        near = jnp.abs(gap) < 1e-5
        slope = (g[:, :s, None] - g[:, None, :]) / jnp.where(near, 1.0, gap)
        factors = jnp.where(near, g[:, :s, None] * (1 - 0.5 * gap), slope) / eta
        # A pair of low columns is met twice.
        both = jnp.arange(values.shape[1]) < s
        factors = factors * jnp.where(both, 0.5, 1.0)
        w = problem.weights
        return cls(level, w[:, None, None] * factors, w / level.temperatures)

    def _terms(self, dB: Complex[Array, "r r"]):
        """E = V_low* dB V, its weighted form and tr(G_k dB), node by node."""
        E = adjoint(self.low) @ (dB @ self.vectors)  # (K, s, r)
        s = self.low.shape[2]
        diagonal = jnp.real(jnp.diagonal(E[:, :, :s], axis1=1, axis2=2))
        populations = self.level.populations[:, :s]
        mean = jnp.sum(populations * diagonal, axis=1)
        weighted = self.factors * E
        shift = 0.5 * (self.scale * mean)[:, None] * populations
        weighted = weighted - shift[:, :, None] * jnp.eye(s, weighted.shape[2])
        return E, weighted, mean

    def expansion(self, dB: Complex[Array, "r r"]) -> tuple[Float[Array, " k"], Float[Array, " k"]]:
        """tr(G_k dB) and, times w_k, minus the second derivative of every node's free energy along dB."""
        E, weighted, linear = self._terms(dB)
        return linear, 2 * jnp.real(jnp.sum(E.conj() * weighted, axis=(1, 2)))

    def __call__(self, dB: Complex[Array, "r r"]) -> Complex[Array, "r r"]:
        _, weighted, _ = self._terms(dB)
        r = dB.shape[0]
        right = weighted @ adjoint(self.vectors)  # (K, s, r)
        half = self.low.transpose(1, 0, 2).reshape(r, -1) @ right.reshape(-1, r)
        return half + adjoint(half)
