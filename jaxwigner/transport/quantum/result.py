"""What `quantum_transport` returns."""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax.numpy as jnp

from jaxwigner._types import Array
from jaxwigner.brackets import Bracket


class QuantumTransport(eqx.Module):
    """MK_ħ(R, S)² with its certificate.

    `cost`: bracket for R and S themselves, the floor dħ included; `discrete`: bracket for what was kept of them alone;
    `potentials`: (A, B), (r₁, r₁) and (r₂, r₂), with A⊗1 + 1⊗B ≤ C but for rounding; `coupling`: F (r₁, r₂, r₁, r₂) in the bases
    of `states`; `residuals` of the coupling; `errors`: named sizes of what `cost` adds to `discrete`; `converged`: whether the
    relative gap of `discrete` is at most the tolerance.
    In closed form (two Gaussians, a Gaussian beside a pure state) only the brackets are there.

    >>> import jaxwigner as jw
    >>> mu = jw.Particles([0.5, 0.5], [-1.0, 1.0], [0.0, 0.0])
    >>> R = jw.ToeplitzState(mu, hbar=0.1)
    >>> result = jw.quantum_transport(R, R)
    >>> result.coupling.shape, bool(result.residuals.first < 1e-14)  # tr₂F = R
    ((2, 2, 2, 2), True)
    """

    cost: Bracket
    discrete: Bracket
    potentials: Any  # (Complex[Array, r r], Complex[Array, s s]), or None
    coupling: Any  # Complex[Array, r s r s], or None
    states: Any  # two CompressedStates, or None
    residuals: Any  # CouplingResiduals, or None
    errors: dict[str, Any]
    iterations: Array
    converged: Array
    method: str = eqx.field(static=True)

    @property
    def distance(self) -> Bracket:
        """MK_ħ(R, S)."""
        return self.cost.sqrt()

    @property
    def relative_gap(self) -> Array:
        """(upper − lower)/upper of the discrete problem."""
        return jnp.asarray(self.discrete.width / self.discrete.upper)

    def __str__(self) -> str:
        low, high = float(self.cost.lower), float(self.cost.upper)
        state = "converged" if bool(self.converged) else "NOT converged"
        if self.states is None:
            return f"MK_ħ² in [{low:.9g}, {high:.9g}]  ({self.method}, {state})"
        ranks = " × ".join(str(one.rank) for one in self.states)
        lines = [
            f"MK_ħ² in [{low:.9g}, {high:.9g}]  ({self.method}, {state}, {int(self.iterations)} iterations)",
            f"  ranks {ranks}, relative gap {float(self.relative_gap):.1e}",
        ]
        lines += [f"  {name}: {float(size):.2e}" for name, size in self.errors.items()]
        return "\n".join(lines)
