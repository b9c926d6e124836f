"""Dual points that solvers start from: a classical potential, made quantum by Töplitz quantisation.

The best one known for a start is the entropic potential between p and the Husimi function of R at the temperature ħ of the quantum
fluctuations: its bound is within a few per cent of E_ħ² however large r is, while that of a quadratic B falls behind. Its best
isotropic quadratic part is quantised exactly, the rest by a sum over packets on a grid.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Complex

from jaxwigner._types import Array
from jaxwigner.transport.solvers.entropic import CloudCost, sinkhorn
from jaxwigner.transport.solvers.feasibility import dual_bound
from jaxwigner.transport.solvers.matrices import after, hermitian
from jaxwigner.transport.solvers.nodes import Nodes
from jaxwigner.transport.solvers.problem import Discrete, centred, mean_of, scaled_points
from jaxwigner.transport.solvers.range import CompressedState, Family

SIDE, WIDTH = (
    33,
    4.5,
)  # packets along an axis; half the grid in standard deviations of the Husimi function


CLOUD = 1024  # nodes of p that the classical problem sees


SWEEPS = 30


def starting_potential(
    problem: Discrete, nodes: Nodes, source: Family, state: CompressedState
) -> Complex[Array, "r r"]:
    """The better of the quadratic and, for d = 1, the quantised dual point, in units of ħ."""
    quadratic = quadratic_potential(problem, nodes, state)
    if state.dimension > 1:  # a grid of packets in four dimensions would cost more than it saves
        return quadratic
    quantised = quantised_potential(nodes, source, state)
    both = jnp.stack([quadratic, quantised])
    prices = jnp.linalg.eigvalsh(problem.costs - both[:, None])[:, :, 0]  # in one call
    values = [dual_bound(problem, B, price)[0] for B, price in zip(both, prices)]
    return jnp.where(values[1] > values[0], quantised, quadratic)


def quadratic_potential(
    problem: Discrete, nodes: Nodes, state: CompressedState
) -> Complex[Array, "r r"]:
    """B = (1 − μ)N − (m − μm_R)·Ẑ: optimal for isotropic Gaussians."""
    y = scaled_points(nodes, state)
    mean = nodes.weights @ y
    spread = nodes.weights @ jnp.sum(y**2, axis=1) - jnp.sum(mean**2)
    Z, half = centred(state)
    quantum = 2 * jnp.real(jnp.diagonal(half)) @ problem.eigenvalues - state.dimension
    mu = jnp.clip(jnp.sqrt(spread / jnp.maximum(quantum, 1e-2)), 0.1, 10.0)
    return (1 - mu) * half - jnp.tensordot(mean, Z, 1)


def quantised_potential(nodes: Nodes, source: Family, state: CompressedState):
    """OP^T of the entropic potential between p and the Husimi function of R, both in units of √ħ."""
    points, area = _packet_grid(source, nodes, state)
    packets = source.overlaps(mean_of(state) + jnp.sqrt(state.hbar) * points)
    packets = packets @ state.coefficients.conj()
    husimi = jnp.abs(packets) ** 2 @ state.eigenvalues
    husimi = jnp.maximum(husimi / jnp.sum(husimi), 1e-12)
    stride = -(-nodes.points.shape[0] // CLOUD)
    cloud, w = scaled_points(nodes, state)[::stride], nodes.weights[::stride]
    w = (w + 1e-12) / jnp.sum(w + 1e-12)
    cost = CloudCost(cloud, points)
    b = sinkhorn(cost, w, husimi, jnp.zeros_like(husimi), jnp.ones(SWEEPS)).G
    return _quantised(b, husimi, points, packets * jnp.sqrt(area / (2 * np.pi)), state)


def _packet_grid(source: Family, nodes: Nodes, state: CompressedState) -> tuple[Array, Array]:
    """Points about the mean along the principal axes of the Husimi function, and the area of a cell."""
    _, covariance = source.moments()
    covariance = after(state.eigenvalues, after(nodes.points, covariance / state.hbar))
    values, vectors = jnp.linalg.eigh(covariance + 0.5 * jnp.eye(2))
    u = jnp.linspace(-WIDTH, WIDTH, SIDE)
    grid = jnp.stack([m.reshape(-1) for m in jnp.meshgrid(u, u, indexing="ij")], axis=1)
    area = (u[1] - u[0]) ** 2 * jnp.sqrt(jnp.prod(values))
    return grid @ (vectors * jnp.sqrt(values)).T, area


def _quantised(b, husimi, points, packets, state: CompressedState) -> Complex[Array, "r r"]:
    """OP^T(b): exactly for α + l·y + ½κ|y|² fitted to b, as a sum over packets for what is left."""
    half_square = 0.5 * jnp.sum(points**2, axis=1)
    features = jnp.concatenate([jnp.ones_like(points[:, :1]), points, half_square[:, None]], axis=1)
    root = jnp.sqrt(husimi)
    fit = jnp.linalg.lstsq(root[:, None] * features, root * b)[0]
    rest = b - features @ fit
    Z, half = centred(state)
    identity = jnp.eye(state.rank)
    # OP^T(½|y|²) = N + ½d
    B = fit[0] * identity + jnp.tensordot(fit[1:-1], Z, 1) + fit[-1] * (half + 0.5 * identity)
    return hermitian(lax.stop_gradient(B + (packets.T * rest) @ packets.conj()))
