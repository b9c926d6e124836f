"""The covariance problem behind E_ħ of Gaussians: max tr C over [[Σ, C], [Cᵀ, S + iħJ/2]] ≥ 0.

Williamson: S = ħT diag(e + ½)Tᵀ with T symplectic and excesses e_j ≥ 0 (zero for a pure mode). With Σ = LLᵀ and C = √ħ L K Tᵀ

    max ⟨H, K⟩ over K*K ≤ A,      H = √ħ LᵀT,   A = diag(e + ½) + iJ/2,
      = ½ min_{N>0} [tr N⁻¹HᵀH + tr N diag(e + ½) − Σν_j(N)],      M⁻¹ = ħ T N⁻¹ Tᵀ,   H = KN at the optimum.

Path-following with the barrier log det(A − K*K): it does not change under linear maps of Σ or A, so that squeezed states, nearly pure
ones and singular Σ cost the same. On the path N = 2μ Re(A − K*K)⁻¹ is wrong by O(μ) and its value by O(μ²); a last step along the
tangent to μ = 0 does the same for K. Modes whose excess is below the rounding of S are pure: K vanishes there, N is large.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Complex, Float

FINAL = 1e-8  # last μ, relative to ⟨H, K⟩
FALL = 0.15  # of μ from one stage to the next
STEPS = 150  # at most; 20 to 60 are usual


class Williamson(eqx.Module):
    """S = ħT diag(e + ½)Tᵀ, T J Tᵀ = J; `excess` e ≥ 0 (d,), `pure`: modes whose excess is rounding, of size `noise`."""

    T: Float[Array, "m m"]
    excess: Float[Array, " d"]
    pure: Array
    noise: Array


class Coupling(eqx.Module):
    """max tr C between two bounds, with the dual point M, M⁻¹ and a feasible C, and Σν_j(M)."""

    above: Array
    below: Array
    metric: Float[Array, "m m"]
    inverse: Float[Array, "m m"]
    covariance: Float[Array, "m m"]
    frequencies: Array


class _Path(eqx.Module):
    K: Float[Array, "m m"]
    mu: Array
    decrement: Array
    before: Array
    steps: Array


def symplectic(m: int) -> np.ndarray:
    """J = [[0, 1], [−1, 0]]."""
    d = m // 2
    J = np.zeros((m, m))
    J[:d, d:], J[d:, :d] = np.eye(d), -np.eye(d)
    return J


@jax.custom_jvp
def sqrtm(A: Float[Array, "m m"]) -> Float[Array, "m m"]:
    """Square root of a positive matrix; its derivative solves a Sylvester equation and does not mind equal eigenvalues."""
    values, vectors = jnp.linalg.eigh(0.5 * (A + A.swapaxes(-1, -2)))
    return (vectors * jnp.sqrt(jnp.maximum(values, 0.0))[..., None, :]) @ vectors.swapaxes(-1, -2)


@sqrtm.defjvp
def _sqrtm_jvp(primals, tangents):
    (A,), (dA,) = primals, tangents
    values, vectors = jnp.linalg.eigh(0.5 * (A + A.swapaxes(-1, -2)))
    transposed = vectors.swapaxes(-1, -2)
    roots = jnp.sqrt(jnp.maximum(values, 0.0))
    sums = roots[..., :, None] + roots[..., None, :]
    inner = transposed @ dA @ vectors / jnp.where(sums > 0, sums, jnp.inf)
    return (vectors * roots[..., None, :]) @ transposed, vectors @ inner @ transposed


def frequencies(M: Float[Array, "m m"]) -> Array:
    """Σ_jν_j(M) = ½ tr (M^½JᵀMJM^½)^½, the sum of the symplectic eigenvalues."""
    root, J = sqrtm(M), symplectic(M.shape[0])
    return 0.5 * jnp.trace(sqrtm(root @ J.T @ M @ J @ root))


def williamson(root: Float[Array, "m m"], hbar: Array) -> Williamson:
    """Williamson's normal form of S from its square root."""
    m = root.shape[0]
    d = m // 2
    values, vectors = jnp.linalg.eigh(1j * root @ symplectic(m) @ root)
    nu, vectors = values[d:], vectors[:, d:]
    # Conjugates belong to −ν, hence real and imaginary parts are orthogonal also for equal ν.
    rotation = np.sqrt(2.0) * jnp.concatenate([vectors.real, -vectors.imag], axis=1)
    size = jnp.sum(root**2) / hbar
    tiny = jnp.finfo(root.dtype).tiny
    T = root @ rotation / jnp.sqrt(jnp.maximum(jnp.tile(nu, 2), tiny))
    excess = jnp.maximum(nu / hbar - 0.5, 0.0)
    noise = 4e-16 * size
    return Williamson(T, excess, excess < 30 * noise, noise)


def best_coupling(sigma: Array, S: Array, hbar: Array) -> Coupling:
    """max tr C and the point where it is attained; no derivatives pass through."""
    sigma, S, hbar = lax.stop_gradient((sigma, S, hbar))
    # One call for both roots: two independent batched factorisations in one program can lock up on CPUs.
    L, root = sqrtm(jnp.stack([sigma, S]))
    form = williamson(root, hbar)
    H = jnp.sqrt(hbar) * L.T @ form.T
    size = jnp.linalg.norm(H)
    size = jnp.where(size > 0, size, 1e-150)
    # Columns in units of √e, pure ones without H: K is 0 there.
    pure = jnp.tile(form.pure, 2)
    unit = jnp.sqrt(jnp.tile(jnp.where(form.pure, 1.0, form.excess), 2))
    scaled = jnp.where(pure, 0.0, H / size * unit)
    A = _constraint(jnp.where(form.pure, 1.0, form.excess)) / (unit[:, None] * unit[None, :])
    K, N = _follow(scaled, A)
    K = K * unit
    N = _with_pure_modes(N * size / (unit[:, None] * unit[None, :]), H, form)
    return _bounded(H, K, N, L, form, hbar)


def _constraint(excess: Float[Array, " d"]) -> Complex[Array, "m m"]:
    m = 2 * excess.shape[0]
    return jnp.diag(jnp.tile(excess + 0.5, 2)) + 0.5j * symplectic(m)


def _follow(H: Float[Array, "m m"], A: Complex[Array, "m m"]) -> tuple[Array, Array]:
    """K near the maximum of ⟨H, K⟩ over K*K ≤ A, and the dual N."""
    size = jnp.linalg.norm(H)
    top = jnp.where(size > 0, size, 1.0)

    def undone(path):
        last = path.mu <= FINAL * top
        stuck = (path.decrement < 1e-7) | (path.decrement > 0.5 * path.before)
        return (path.steps < STEPS) & ~(last & (path.before < 0.3) & stuck)

    def step(path):
        inverse = jnp.linalg.inv(A - path.K.T @ path.K)
        residual = H / path.mu - 2 * path.K @ inverse.real
        change = _newton_step(path.K, inverse, residual)
        decrement = jnp.sqrt(jnp.maximum(jnp.sum(residual * change), 0.0))
        # Self-concordance: a step of length 1/(1 + λ) stays inside.
        length = jnp.where(decrement > 0.25, 1 / (1 + decrement), 1.0)
        inside = jnp.isfinite(decrement)
        K = jnp.where(inside, path.K + length * change, path.K)
        close = decrement < 0.5
        mu = jnp.where(close, jnp.maximum(FALL * path.mu, FINAL * top), path.mu)
        before = jnp.where(path.mu <= FINAL * top, path.decrement, 1.0)
        return _Path(K, mu, jnp.where(inside, decrement, 0.0), before, path.steps + 1)

    one = jnp.ones((), H.dtype)
    start = _Path(jnp.zeros_like(H), top, one, one, jnp.zeros((), int))
    path = lax.while_loop(undone, step, start)
    inverse = jnp.linalg.inv(A - path.K.T @ path.K)
    residual = 2 * H / path.mu - 2 * path.K @ inverse.real
    tangent = _newton_step(path.K, inverse, residual)
    safe = jnp.all(jnp.isfinite(tangent))
    return jnp.where(safe, path.K + tangent, path.K), 2 * path.mu * inverse.real


def _newton_step(K: Array, inverse: Array, residual: Array) -> Array:
    """(−D²)⁻¹ residual for the barrier log det(A − K*K); `inverse` = P + iQ is that of A − K*K."""
    m, P, Q = K.shape[0], inverse.real, inverse.imag
    KP, KQ = K @ P, K @ Q
    left = jnp.eye(m) + KP @ K.T
    second = jnp.einsum("ik,lj->ijkl", left, P) + jnp.einsum("il,kj->ijkl", KP, KP)
    second = second - jnp.einsum("il,kj->ijkl", KQ, KQ) - jnp.einsum("ik,lj->ijkl", KQ @ K.T, Q)
    matrix = 2 * second.reshape(m * m, m * m)
    return jnp.linalg.solve(matrix, residual.reshape(-1)).reshape(m, m)


def _with_pure_modes(N: Array, H: Array, form: Williamson) -> Array:
    """N is κ·1 on pure modes, where κ balances h/κ against the rounding of e, 2κe."""
    pure = jnp.tile(form.pure, 2)
    columns = jnp.sum(H**2, axis=0)
    d = H.shape[0] // 2
    h = jnp.tile(columns[:d] + columns[d:], 2)
    kappa = jnp.sqrt(jnp.maximum(h / (2 * form.noise), 1e-30))
    outside = pure[:, None] | pure[None, :]
    return jnp.where(outside, jnp.diag(jnp.where(pure, kappa, 1.0)), N)


def _bounded(H: Array, K: Array, N: Array, L: Array, form: Williamson, hbar: Array) -> Coupling:
    """Both bounds from any N > 0 and any K, which is scaled back until K*K ≤ A."""
    m = H.shape[0]
    D = jnp.tile(form.excess + 0.5, 2)
    N = 0.5 * (N + N.T)
    factor = jnp.linalg.cholesky(N)
    # A = ½(1 ± σ)(…): eigenvalues e and e + 1 on the vectors (1, ±i)/√2 of each mode.
    low = jnp.where(form.pure, 1.0, form.excess)
    even = 0.5 * jnp.tile(low**-0.5 + (1 + low) ** -0.5, 2)
    odd = 0.5 * jnp.tile(low**-0.5 - (1 + low) ** -0.5, 2)
    whitening = jnp.diag(even) - 1j * odd[:, None] * symplectic(m)
    pair = jnp.stack(
        [1j * factor.T @ symplectic(m) @ factor, whitening @ (K.T @ K) @ whitening.conj().T]
    )
    values = jnp.linalg.eigvalsh(pair)
    nu, largest = 0.5 * jnp.sum(jnp.abs(values[0])), values[1, -1]
    K = K / jnp.sqrt(jnp.maximum(largest, 1e-300))
    inverse = jnp.linalg.inv(factor)
    inverse = inverse.T @ inverse
    above = 0.5 * (jnp.sum((H @ inverse) * H) + jnp.sum(jnp.diagonal(N) * D) - nu)
    J = symplectic(m)
    T_inverse = -J @ form.T.T @ J
    return Coupling(
        above,
        jnp.maximum(jnp.sum(H * K), 0.0),
        T_inverse.T @ N @ T_inverse / hbar,
        hbar * form.T @ inverse @ form.T.T,
        jnp.sqrt(hbar) * L @ K @ form.T.T,
        nu / hbar,
    )
