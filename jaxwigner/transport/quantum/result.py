"""What `quantum_transport` returns."""

from __future__ import annotations

from typing import Any

import equinox as eqx

from jaxwigner._types import Array
from jaxwigner.transport.certified import Certified, bounds_of, manner, report


class QuantumTransport(Certified):
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

    potentials: Any  # (Complex[Array, r r], Complex[Array, s s]), or None
    coupling: Any  # Complex[Array, r s r s], or None
    states: Any  # two CompressedStates, or None
    residuals: Any  # CouplingResiduals, or None
    errors: dict[str, Any]
    iterations: Array
    converged: Array
    method: str = eqx.field(static=True)

    def __str__(self) -> str:
        if self.states is None:
            return f"{bounds_of('MK_ħ', self.cost)}  ({manner(self)})"
        return report("MK_ħ", self, f"ranks {' × '.join(str(one.rank) for one in self.states)}")
