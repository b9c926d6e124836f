"""Surfaces that meet in a point: the crossing of AFG's Remark 1, Jahn and Teller's, and linear vibronic coupling."""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import check_finite, require
from jaxwigner._types import Array
from jaxwigner.potentials._parameters import cast, default_float, parameter
from jaxwigner.potentials.surfaces.matrix import MatrixPotential, asymmetry
from jaxwigner.potentials.surfaces.models import symmetric
from jaxwigner.units import to_atomic


class Crossing(MatrixPotential):
    """V(x) = σ[[x₁, x₂], [x₂, −x₁]], with the levels ±σ|x|: the conical crossing of AFG, Remark 1, in two coordinates.

    **Arguments:** `slope`: σ.

    >>> import jaxwigner as jw
    >>> jw.potentials.Crossing(2.0).levels(0.6, 0.8).tolist()
    [-2.0, 2.0]
    """

    slope: Float[Array, ""]

    def __init__(self, slope: Any = 1.0):
        self.slope = parameter("slope", slope)

    @property
    def size(self) -> int:
        return 2

    @property
    def dimension(self) -> int | None:
        return 2

    def __call__(self, *x: Any) -> Float[Array, "*shape n n"]:
        first, second = self.coordinates(*x)
        slope = cast(self.slope, first)
        return symmetric([[slope * first, slope * second], [-slope * first]])


class JahnTeller(Crossing):
    """Linear E ⊗ e Jahn–Teller surfaces, V(x) = ½k|x|² + σ[[x₁, x₂], [x₂, −x₁]] (levels ½k|x|² ± σ|x|).

    **Arguments:** `slope`: σ; `stiffness`: k > 0. The trough of the lower level is at |x| = σ/k.

    >>> import jaxwigner as jw
    >>> jw.potentials.JahnTeller().levels(1.0, 0.0).tolist()
    [-0.5, 1.5]
    """

    stiffness: Float[Array, ""]

    def __init__(self, slope: Any = 1.0, stiffness: Any = 1.0):
        super().__init__(slope)
        self.stiffness = parameter("stiffness", stiffness, positive=True)

    def __call__(self, *x: Any) -> Float[Array, "*shape n n"]:
        first, second = self.coordinates(*x)
        bowl = 0.5 * cast(self.stiffness, first) * (first**2 + second**2)
        slope = cast(self.slope, first)
        return symmetric([[bowl + slope * first, slope * second], [bowl - slope * first]])


class VibronicCoupling(MatrixPotential):
    """Linear vibronic coupling, V(Q) = Σ_i ½ω_iQ_i² + E + Σ_i c_iQ_i with constant symmetric n × n matrices E, c_i.

    In dimensionless normal coordinates the kinetic energy is Σ_i ½ω_iP_i²: `masses`, 1/ω_i with ħ = 1
    (H. Köppel, W. Domcke, L. S. Cederbaum, Adv. Chem. Phys. 57 (1984) 59).

    **Arguments:** `frequencies`: ω_i > 0, (d,); `energies`: E, (n, n) or its diagonal (n,); `couplings`: c_i, (d, n, n).

    **Raises:** `ValueError` for shapes that do not go together and matrices that are not symmetric.

    >>> import jaxwigner as jw
    >>> V = jw.potentials.VibronicCoupling.pyrazine()
    >>> ((V.levels(0.0, 0.0)[1] - V.levels(0.0, 0.0)[0]) / 0.9).round(6).item()  # in hartree: .9 eV
    0.036749
    """

    frequencies: Float[Array, " d"]
    energies: Float[Array, "n n"]
    linear: Float[Array, "d n n"]
    shape: tuple[int, int] = eqx.field(static=True)

    def __init__(self, frequencies: Any, energies: Any, couplings: Any):
        self.frequencies = parameter("frequencies", frequencies, positive=True, vector=True)
        d = self.frequencies.shape[0]
        check_finite("energies", energies)
        levels = jnp.asarray(energies, default_float())
        self.energies = jnp.diag(levels) if levels.ndim == 1 else levels
        n = self.energies.shape[0] if self.energies.ndim == 2 else 0
        fits = n >= 2 and self.energies.shape == (n, n)
        require(fits, "energies", "be n numbers or an n × n matrix (n ≥ 2)", energies)
        check_finite("couplings", couplings)
        self.linear = jnp.asarray(couplings, default_float())
        must = f"be one {n} × {n} matrix for each of {d} frequencies"
        require(self.linear.shape == (d, n, n), "couplings", must, f"of shape {self.linear.shape}")
        for name, matrices in (("energies", self.energies), ("couplings", self.linear)):
            off = asymmetry(matrices)
            require(off == 0, name, "be symmetric", f"off by {off:.3g}")
        self.shape = d, n

    @classmethod
    def pyrazine(cls, modes: int = 2) -> VibronicCoupling:
        """S₁ and S₂ of pyrazine in hartree: tuning mode ν6a, coupling mode ν10a; `modes` = 3: tuning mode ν1 first.

        E₁, E₂ = 3.94, 4.84 eV; ω = .126, .074, .118 eV; κ⁽¹⁾ = .037, −.105; κ⁽²⁾ = −.254, .149; λ = .262 eV
        (the model of R. Schneider, W. Domcke, Chem. Phys. Lett. 150 (1988) 235, with the numbers of WavePacket's demonstration).
        """
        require(modes in (2, 3), "modes", "be 2 or 3", modes)
        kappa = np.array([[0.037, -0.254], [-0.105, 0.149]])
        tuning = [np.diag(row) for row in kappa]
        linear = np.array([*tuning, 0.262 * np.array([[0.0, 1.0], [1.0, 0.0]])])[3 - modes :]
        frequencies = np.array([0.126, 0.074, 0.118])[3 - modes :]
        eV = to_atomic(1.0, "eV")
        return cls(frequencies * eV, np.array([3.94, 4.84]) * eV, linear * eV)

    @property
    def size(self) -> int:
        return self.shape[1]

    @property
    def dimension(self) -> int | None:
        return self.shape[0]

    @property
    def masses(self) -> tuple[Array, ...]:
        """1/ω_i, the mass that a system of ħ = 1 takes."""
        return tuple(1 / omega for omega in self.frequencies)

    def __call__(self, *x: Any) -> Float[Array, "*shape n n"]:
        q = self.coordinates(*x)
        bowl = sum(0.5 * cast(w, one) * one**2 for w, one in zip(self.frequencies, q))

        def entry(a: int, b: int) -> Array:
            linear = sum(cast(c[a, b], one) * one for c, one in zip(self.linear, q))
            value = cast(self.energies[a, b], q[0]) + linear
            return jnp.asarray(value + bowl if a == b else value)

        return symmetric([[entry(a, b) for b in range(a, self.size)] for a in range(self.size)])
