"""Gaussian packets of M nuclei in R³ and what their Coulomb repulsion does to them, in closed form: AFG (1), (7), for any M.

Ψ = Π_α (πs_α²)^{−3/4} e^{−|R_α−q_α|²/2s_α² + ip_α·R_α/ħ},  T = −(ħ²/2)Σ_αΔ_α,  U_s = Σ_{α<β} C_αβ/|R_α − R_β|. A gap X = R_α − R_β is
normal under |Ψ|², about D = q_α − q_β with the variance σ² = ½(s_α² + s_β²) of each component, density ρ; gaps that share a nucleus are
correlated, by c = ±½s². With D(x) Dawson's integral, ϱ = c/σ₁σ₂:

    E[1/|X|] = erf(|D|/√2σ)/|D|,     E[1/|X|²] = (√2/(σ|D|)) D(|D|/√2σ)
    E[1/(|X||Y|)] = (2/πσ₁σ₂) ∫₀¹∫₀¹ (1 − ϱ²t²u²)^{−3/2} e^{−Q(t,u)} dt du,
        Q = [a² + b² − 2ϱtu a·b] / 2(1 − ϱ²t²u²),   a = tD₁/σ₁,  b = uD₂/σ₂
    2Re⟨TΨ, U_sΨ⟩ = 2Σ C_αβ {Σ_γ(½|p_γ|² + ¾ħ²/s_γ²) E[1/|X|] + πħ²ρ(0)}

The third line is 1/|X| = (2/√π)∫₀^∞ e^{−k²|X|²}dk, twice, with t² = 2σ²k²/(1 + 2σ²k²): analytic, Gauss–Legendre nodes converge
exponentially. The last comes from E[|X − D|²/|X|] = 3σ²E[1/|X|] − 4πσ⁴ρ(0), the derivative of the first with respect to σ².
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._aliases import old_names
from jaxwigner._checks import (
    check_finite,
    check_positive_scalar,
    check_shape,
    concrete,
    require,
)
from jaxwigner._types import Array
from jaxwigner.grid import Scalar
from jaxwigner.quantum.partial_waves.packets import check_exponent

Charges = Float[Array, "M M"]
NODES = 64  # on each axis of the double integral: 1e-13 up to |D| = 30σ
_SERIES = 7.0  # beyond this argument Dawson's integral is its asymptotic series
_X64, _W64 = np.polynomial.legendre.leggauss(64)


class ProductPackets(eqx.Module):
    """A product of Gaussian packets of M nuclei of mass 1 in R³, of width s = ħ^α each: AFG's initial data with Gaussian φ.

    **Arguments:** `positions`, `momenta`: q_α and p_α, (M, 3); `hbar`: their ε; `alpha`: the exponent, 0 ≤ α ≤ 1. All may be traced.

    **Raises:** `ValueError` for other shapes, fewer than two nuclei, and for an α outside the hypothesis ‖H_ħΨ₀‖ ≤ c of Theorem 1.1.

    >>> import jaxwigner as jw
    >>> packets = jw.quantum.ProductPackets([[0, 0, 1.0], [0, 0, -1.0], [1.5, 0, 0]], [[0.0, 0, 0]] * 3, hbar=0.1)
    >>> packets.nuclei, round(float(packets.width), 6)
    (3, 0.316228)
    """

    positions: Float[Array, "M 3"]
    momenta: Float[Array, "M 3"]
    hbar: Scalar
    alpha: Scalar

    def __init__(self, positions: Any, momenta: Any, hbar: Scalar, alpha: Scalar = 0.5):
        for name, value in (("positions", positions), ("momenta", momenta)):
            check_finite(name, value, (None, 3))
        self.positions, self.momenta = jnp.asarray(positions, float), jnp.asarray(momenta, float)
        nuclei = self.positions.shape[0]
        require(nuclei >= 2, "positions", "be of at least 2 nuclei", nuclei)
        check_shape("momenta", momenta, (nuclei, 3))
        check_positive_scalar("hbar", hbar)
        check_exponent(alpha)
        self.hbar, self.alpha = hbar, alpha

    @property
    def nuclei(self) -> int:
        """M."""
        return self.positions.shape[0]

    @property
    def width(self) -> Scalar:
        """s = ħ^α."""
        return self.hbar**self.alpha

    @property
    def momentum_variance(self) -> Scalar:
        """½ħ²/s², of each component of each momentum."""
        return 0.5 * (self.hbar / self.width) ** 2

    @property
    def gaps(self) -> Float[Array, "pairs 3"]:
        """D = q_α − q_β for α < β."""
        first, second = pair_indices(self.nuclei)
        return self.positions[first] - self.positions[second]

    def configurations(self, normal: Float[Array, "k d"]) -> Float[Array, "k M 3"]:
        """Points distributed like |Ψ|², from points of the standard normal law in R^{3M}."""
        return self.positions[None] + np.sqrt(0.5) * self.width * normal.reshape(-1, self.nuclei, 3)


def pair_indices(nuclei: int) -> tuple[np.ndarray, np.ndarray]:
    """α and β of the pairs α < β."""
    return np.triu_indices(nuclei, 1)


def pair_charges(packets: ProductPackets, charges: Any, *, attractive: bool = False) -> Array:
    """C_αβ of the pairs α < β, checked against the hypotheses of AFG Theorem 1.1.

    **Arguments:** `charges`: (M, M), symmetric (the diagonal is not used); `attractive`: allow C < 0, a negative control.

    **Raises:** `ValueError` for another shape, C_αβ < 0 unless asked for, no interaction at all, and for packets with α > 0 whose
    centres lie on the singular set.

    >>> import numpy as np
    >>> from jaxwigner.quantum.nuclei import product_packets
    >>> packets = product_packets.ProductPackets([[0, 0, 1.0], [0, 0, -1.0]], [[0.0, 0, 0]] * 2, 0.1)
    >>> product_packets.pair_charges(packets, np.full((2, 2), 0.5)).tolist()
    [0.5]
    """
    check_finite("charges", charges, (packets.nuclei,) * 2)
    first, second = pair_indices(packets.nuclei)
    C = jnp.asarray(charges, float)
    if concrete(C):
        known = np.asarray(C)
        same = np.allclose(known[first, second], known[second, first], rtol=1e-12, atol=0)
        require(same, "charges", "be symmetric", charges)
        least = known[first, second].min()
        if not attractive:
            must = "be non-negative: AFG (7) and Lemma 5.1 rest on repulsion"
            require(least >= 0, "charges", must, float(least))
        acts = known[first, second] != 0
        require(acts.any(), "charges", "not all be zero", charges)
        if concrete(packets) and float(packets.alpha) > 0:
            away = np.linalg.norm(np.asarray(packets.gaps), axis=1) > 0
            must = "lie off the singular set, since ‖U_sΨ₀‖ ~ ε^{−α} there (AFG (9))"
            require(np.all(away | ~acts), "positions", must, packets.positions)
    return C[first, second]


def inverse_distance(gap: Float[Array, "*n 3"], variance: Scalar) -> Array:
    """E[1/|X|] for X normal about `gap` with the `variance` of each component.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.quantum.nuclei import product_packets
    >>> round(float(product_packets.inverse_distance(jnp.zeros(3), 1.0)), 9)  # √(2/π)
    0.797884561
    """
    x2 = jnp.sum(gap**2, axis=-1) / (2 * variance)
    small = x2 < 1e-6
    x = jnp.sqrt(jnp.where(small, 1.0, x2))
    near = 2 / np.sqrt(np.pi) * (1 - x2 / 3 + x2**2 / 10)
    return jnp.where(small, near, jax.scipy.special.erf(x) / x) / jnp.sqrt(2 * variance)


def inverse_square(gap: Float[Array, "*n 3"], variance: Scalar) -> Array:
    """E[1/|X|²] = (√2/(σ|D|)) D(|D|/√2σ), with D(x)/x = ∫₀¹ e^{−x²(1−t²)}dt.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.quantum.nuclei import product_packets
    >>> gaps = jnp.array([[0.0, 0.0, 0.0], [0.0, 0.0, 100.0]])
    >>> [round(float(x), 9) for x in product_packets.inverse_square(gaps, 1.0)]
    [1.0, 0.00010001]
    """
    x2 = jnp.sum(gap**2, axis=-1) / (2 * variance)
    far = x2 > _SERIES**2
    near = jnp.where(far, 0.0, x2)
    rest = (1 - (0.5 * (1 + _X64)) ** 2).reshape((1,) * near.ndim + (-1,))
    integral = jnp.exp(-near[..., None] * rest) @ jnp.asarray(0.5 * _W64)
    y, term, series = jnp.where(far, x2, 1e3), 1.0, 0.0
    for k in range(24):
        term = 0.5 / y if k == 0 else term * (2 * k - 1) / (2 * y)
        series = series + term
    return jnp.where(far, series, integral) / variance


def inverse_product(
    gaps: tuple[Array, Array],
    variances: tuple[Scalar, Scalar],
    covariance: Scalar,
    *,
    nodes: int = NODES,
) -> Array:
    """E[1/(|X||Y|)] for gaps X and Y normal about `gaps`, whose components have a `covariance` c with c² < σ₁²σ₂².

    >>> import jax.numpy as jnp
    >>> from jaxwigner.quantum.nuclei import product_packets
    >>> zero = jnp.zeros(3)
    >>> value = product_packets.inverse_product((zero, zero), (1.0, 1.0), 0.5)
    >>> round(float(value), 9)  # (2/π) arcsin(ϱ)/ϱ
    0.666666667
    """
    x, w = np.polynomial.legendre.leggauss(nodes)
    t, w = 0.5 * (1 + x), 0.5 * w
    s1, s2 = jnp.sqrt(variances[0]), jnp.sqrt(variances[1])
    correlation = covariance / (s1 * s2)
    left, right = gaps[0] / s1, gaps[1] / s2
    tu = t[:, None] * t[None, :]
    free = 1 - (correlation * tu) ** 2
    # The part of the exponent that does not decay is never formed: Q ≥ 0.
    squares = t[:, None] ** 2 * jnp.sum(left**2) + t[None, :] ** 2 * jnp.sum(right**2)
    Q = (squares - 2 * correlation * tu**2 * jnp.dot(left, right)) / (2 * free)
    total = jnp.asarray(w) @ (free**-1.5 * jnp.exp(-Q)) @ jnp.asarray(w)
    return 2 / np.pi * total / (s1 * s2)


def gap_density(gap: Float[Array, "*n 3"], variance: Scalar) -> Array:
    """ρ(0), the density of X at X = 0."""
    square = jnp.sum(gap**2, axis=-1)
    return jnp.exp(-square / (2 * variance)) / (2 * np.pi * variance) ** 1.5


def inner_mass(
    gap: Float[Array, "*n 3"], variance: Scalar | Array, radius: Scalar | Array
) -> Array:
    """P(|X| < radius).

    >>> import jax.numpy as jnp
    >>> from jaxwigner.quantum.nuclei import product_packets
    >>> [round(float(product_packets.inner_mass(jnp.zeros(3), 1.0, r)), 6) for r in (1.0, 9.0)]
    [0.198748, 1.0]
    """
    deviation = jnp.sqrt(variance)
    D, r = jnp.sqrt(jnp.sum(gap**2, axis=-1)) / deviation, radius / deviation
    erf = jax.scipy.special.erf
    shell = 0.5 * (erf((r - D) / np.sqrt(2)) + erf((r + D) / np.sqrt(2)))
    z = r * D
    small = z < 1e-4
    safe = jnp.where(small, 1.0, z)
    # e^{−(r²+D²)/2} sinh(rD)/(rD)
    both = (jnp.exp(-0.5 * (r - D) ** 2) - jnp.exp(-0.5 * (r + D) ** 2)) / (2 * safe)
    both = jnp.where(small, jnp.exp(-0.5 * (r**2 + D**2)) * (1 + z**2 / 6), both)
    return jnp.maximum(shell - np.sqrt(2 / np.pi) * r * both, 0.0)


def coulomb_square(packets: ProductPackets, C: Float[Array, " pairs"], *, nodes: int = NODES):
    """‖U_sΨ‖² = Σ C_p C_q E[1/(|X_p||X_q|)]: the squares in closed form, the cross terms by quadrature.

    >>> import numpy as np
    >>> from jaxwigner.quantum.nuclei import product_packets
    >>> packets = product_packets.ProductPackets(np.eye(3), np.zeros((3, 3)), 0.1)
    >>> round(float(product_packets.coulomb_square(packets, np.ones(3))), 9)
    4.627532939
    """
    gaps, variance = packets.gaps, packets.width**2
    C = jnp.asarray(C)
    squares = C**2 @ inverse_square(gaps, variance)
    p, q = np.triu_indices(gaps.shape[0], 1)
    if not p.size:
        return squares
    ends = np.zeros((gaps.shape[0], packets.nuclei))
    first, second = pair_indices(packets.nuclei)
    ends[np.arange(len(first)), first], ends[np.arange(len(first)), second] = 1.0, -1.0
    share = 0.5 * jnp.asarray((ends @ ends.T)[p, q])  # 0, or ±½ for a common nucleus
    cross = jax.vmap(
        lambda D1, D2, c: inverse_product((D1, D2), (variance,) * 2, c * variance, nodes=nodes)
    )(gaps[p], gaps[q], share)
    return squares + 2 * (C[p] * C[q]) @ cross


def mean_energies(packets: ProductPackets, C: Float[Array, " pairs"]) -> tuple[Array, Array]:
    """⟨T⟩ and ⟨U_s⟩."""
    return jnp.sum(_kinetic(packets)), jnp.asarray(C) @ inverse_distance(
        packets.gaps, packets.width**2
    )


def kinetic_square(packets: ProductPackets) -> Array:
    """‖TΨ‖²: the momenta are normal and independent."""
    v, p2 = packets.momentum_variance, jnp.sum(packets.momenta**2, axis=1)
    return jnp.sum(_kinetic(packets)) ** 2 + jnp.sum(v * p2 + 1.5 * v**2)


def cross_term(packets: ProductPackets, C: Float[Array, " pairs"]) -> Array:
    """2Re⟨TΨ, U_sΨ⟩, the left side of AFG (56)."""
    inverse = jnp.sum(_kinetic(packets)) * inverse_distance(packets.gaps, packets.width**2)
    points = np.pi * packets.hbar**2 * gap_density(packets.gaps, packets.width**2)
    return 2 * jnp.asarray(C) @ (inverse + points)


def origin_term(packets: ProductPackets, C: Float[Array, " pairs"]) -> Array:
    """4πħ²Σ C_αβ∫_{R_α=R_β}|Ψ|², of the right side of AFG (56)."""
    density = gap_density(packets.gaps, packets.width**2)
    return 4 * np.pi * packets.hbar**2 * (jnp.asarray(C) @ density)


def kinetic_density(packets: ProductPackets, R: Float[Array, "k M 3"]) -> tuple[Array, Array]:
    """Re(TΨ/Ψ) and ħ²|∇Ψ/Ψ|² at configurations.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.quantum.nuclei import product_packets
    >>> packets = product_packets.ProductPackets(jnp.eye(3), jnp.zeros((3, 3)), 0.1)
    >>> value, gradient = product_packets.kinetic_density(packets, packets.positions[None])
    >>> round(float(value[0]), 9), float(gradient[0])  # 9ħ²/2s² for a = 0
    (0.45, 0.0)
    """
    offset2 = jnp.sum((R - packets.positions[None]) ** 2, axis=(1, 2))
    p2, v, s2 = jnp.sum(packets.momenta**2), packets.momentum_variance, packets.width**2
    value = 0.5 * p2 + 3 * packets.nuclei * v - v / s2 * offset2
    return value, p2 + 2 * v / s2 * offset2


def _kinetic(packets: ProductPackets) -> Array:
    """⟨T⟩ of each nucleus."""
    return 0.5 * jnp.sum(packets.momenta**2, axis=1) + 1.5 * packets.momentum_variance


__getattr__ = old_names(__name__)
