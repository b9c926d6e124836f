"""What the claims about MK_ħ measure, for states whose cost is explicit: Gaussians, and populations of oscillator levels.

A quantum-limited attenuator 𝓔_η (a beam splitter of transmission η beside a vacuum) makes m, S → √η m, ηS + ½(1−η)ħ of a Gaussian
and ρ_ij → Σ_k(1−η)^k η^{(i+j)/2} √(C(i+k, k)C(j+k, k)) ρ_{i+k, j+k} of a matrix between levels.
"""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxwigner._checks import check_finite, concrete, require
from jaxwigner._types import Array
from jaxwigner.brackets import Bracket
from jaxwigner.grid import Scalar
from jaxwigner.states import FockState, Gaussian
from jaxwigner.theorems.gp.gaussians import in_a_loop
from jaxwigner.transport import fock_diagonal_cost, gaussian_pair_cost
from jaxwigner.transport.gaussians import check_uncertainty


def cost_of(R: Any, S: Any, hbar: Scalar) -> Bracket:
    """MK_ħ(R, S)² of two Gaussians, or of two vectors of populations.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.theorems.mk.costs import cost_of
    >>> round(float(cost_of(jnp.array([0.5, 0.5]), jnp.array([0.5, 0.5]), 0.2).centre), 9)
    0.2
    """
    if isinstance(R, Gaussian) or isinstance(S, Gaussian):
        return gaussian_pair_cost(R, S, hbar)
    return fock_diagonal_cost(R, S, hbar)[0]


def pair_costs(pairs: list[tuple[Gaussian, Gaussian]], hbar: Scalar) -> list[Bracket]:
    """`gaussian_pair_cost` of pairs of one dimension, one after another in one loop: inside of a program they are one, not several.

    >>> import jax.numpy as jnp, jaxwigner as jw
    >>> from jaxwigner.theorems.mk.costs import pair_costs
    >>> one, other = (jw.Gaussian([0.0, 0.0], s * jnp.eye(2)) for s in (0.1, 1.0))
    >>> [round(float(cost.centre), 9) for cost in pair_costs([(one, one), (one, other)], 0.2)]  # ħ + (√(s − ½ħ) − √(s′ − ½ħ))²
    [0.2, 1.1]
    """
    for pair in pairs:
        for name, state in zip("RS", pair):
            check_uncertainty(state, hbar, name)
    return in_a_loop(lambda R, S: gaussian_pair_cost(R, S, hbar), pairs)


def dimension_of(R: Any) -> int:
    """d: 1 for populations."""
    return R.dimension if isinstance(R, Gaussian) else 1


def attenuated(state: Any, transmission: Scalar, hbar: Scalar | None = None) -> Any:
    """𝓔_η of a Gaussian (which needs `hbar`), of a `FockState` or of a vector of populations; 0 ≤ η ≤ 1.

    **Raises:** `ValueError` for a transmission outside of [0, 1], and for a Gaussian without ħ.

    >>> import jax.numpy as jnp
    >>> from jaxwigner.theorems.mk.costs import attenuated
    >>> attenuated(jnp.array([0.0, 0.0, 1.0]), 0.5).round(12).tolist()  # two quanta, each lost with probability ½
    [0.25, 0.5, 0.25]
    """
    check_finite("transmission", transmission)
    if concrete(transmission):
        require(0 <= transmission <= 1, "transmission", "lie in [0, 1]", transmission)
    if isinstance(state, Gaussian):
        require(hbar is not None, "hbar", "be given, since the state is a Gaussian", hbar)
        planck: Any = hbar
        vacuum = 0.5 * (1 - transmission) * planck * np.eye(2 * state.dimension)
        return Gaussian(
            jnp.sqrt(transmission) * state.mean, transmission * state.covariance + vacuum
        )
    if isinstance(state, FockState):
        return FockState(_lossy(state.matrix, transmission), state.hbar)
    xp: Any = np if concrete((state, transmission)) else jnp
    return jnp.asarray(xp.diagonal(_lossy(xp.diag(xp.asarray(state, float)), transmission)))


def _lossy(matrix: Array, eta: Scalar) -> Array:
    # What is known is computed by NumPy: no program for each step.
    xp: Any = np if concrete((matrix, eta)) else jnp
    n = matrix.shape[0]
    levels = np.arange(n)
    k, i = levels[:, None], levels
    choices = np.array([[float(math.comb(a + b, b)) * (a + b < n) for a in levels] for b in levels])
    kept = np.sqrt(choices) * xp.asarray(eta, float) ** (0.5 * i)
    lost = xp.asarray(1.0 - eta) ** levels
    to = np.minimum(i + k, n - 1)  # (k, i)
    raised = xp.asarray(matrix)[to[:, :, None], to[:, None, :]]
    return xp.einsum("k,ki,kj,kij->ij", lost, kept, kept, raised)
