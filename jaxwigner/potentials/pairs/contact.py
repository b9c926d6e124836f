"""The contact interaction V = g·δ: (V⋆ρ)(x) = gρ(x), the mean field of Gross and Pitaevskii."""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Float

from jaxwigner._types import Array
from jaxwigner.potentials._parameters import cast, parameter
from jaxwigner.potentials.potential import Potential


class Contact(Potential):
    """V(x − x′) = g·δ(x − x′), the pair potential that makes `Hartree` the Gross–Pitaevskii equation.

        iħ ∂_tψ = −(ħ²/2m)Δψ + Uψ + g|ψ|²ψ        E = ⟨T⟩ + ⟨U⟩ + ½g∫|ψ|⁴    (Gross 1961, Pitaevskii 1961)

    A kick leaves |ψ|² as it is, so that its phase g|ψ|²τ/ħ is exact and every method keeps its order. For a `MixedState` the density is
    that of R = Σw_j|ψ_j⟩⟨ψ_j|: all orbitals share the field g·ρ_R, without the exchange term that doubles g for thermal bosons.
    Only `Hartree` takes it: bodies and particles one by one have no force of range zero.

    **Arguments:** `strength`: g, an energy times a volume; ψ is normalised to one, so that g holds the number of bosons
    (N·4πħ²a/m in d = 3); negative attracts; may be traced.

    **Raises:** `ValueError` for a strength that is no single finite number, and where a function of differences is needed.

    >>> import jaxwigner as jw
    >>> grid = jw.Grid(-8.0, 8.0, 64)
    >>> system = jw.Hartree(grid, jw.potentials.Contact(2.0), 1.0, external=jw.potentials.Harmonic(1.0))
    >>> psi = jw.coherent_state(grid, 0.0, 0.0, 1.0)
    >>> round(float(system.diagnose(psi)["energy"]), 6)  # ħω/2 + g/2√(2π)
    0.898942
    """

    strength: Float[Array, ""]

    def __init__(self, strength: Any):
        self.strength = parameter("strength", strength)

    def __call__(self, *x: Any) -> Array:
        must = "be a function of differences here"
        raise ValueError(
            f"Argument `pair` must {must}, but is a Contact, which `Hartree` alone takes"
        )

    def __mul__(self, factor: Any) -> Potential:
        return NotImplemented if callable(factor) else Contact(factor * self.strength)

    def __truediv__(self, divisor: Any) -> Potential:
        return self.__mul__(1.0 / divisor)

    def __neg__(self) -> Potential:
        return self.__mul__(-1.0)


class LocalField(eqx.Module):
    """ρ ↦ (gρ,), the field of a `Contact`, in the place of a convolution."""

    strength: Float[Array, ""]

    def __call__(self, rho: Float[Array, " *shape"]) -> Float[Array, " c *shape"]:
        return (cast(self.strength, jnp.asarray(rho)) * rho)[None]
