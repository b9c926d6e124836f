"""Vibration of a diatomic molecule: Morse and harmonic ground states, levels of the relative motion, revival times.

The relative coordinate of a dimer of ε = (m_e/m_n)^{1/2} has H = −ε²∂_R² + U(R) (J = 0), that is ħ = ε and mass ½. In
x = R − R_e the Morse potential D(1 − e^{−ax})² has the ground state (Morse, Phys. Rev. 34 (1929) 57)

    u ∝ z^{λ−½} e^{−z/2},   z = 2λ e^{−ax},   λ = √D/(aε).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from jaxwigner import units


class Oscillator(NamedTuple):
    """Spectroscopic constants of a diatomic molecule: ω_e and ω_e x_e in cm⁻¹, R_e in ångström, for nuclei of that isotope."""

    frequency: float
    anharmonicity: float
    distance: float
    isotope: str
    reference: str

    @property
    def equilibrium(self) -> float:
        """R_e in bohr."""
        return float(units.angstroms_to_bohr(self.distance))

    @property
    def depth(self) -> float:
        """D = ω_e²/(4ω_e x_e) in Hartree, the same for every isotope."""
        return float(units.wavenumbers_to_hartree(self.frequency**2 / (4 * self.anharmonicity)))

    @property
    def stiffness(self) -> float:
        """a = √(ω_e x_e)/ε in 1/bohr, with the ε of the isotope of the constants; the same for every isotope."""
        epsilon = units.mass_ratio_epsilon(self.isotope)
        return float(np.sqrt(units.wavenumbers_to_hartree(self.anharmonicity))) / epsilon


H2 = Oscillator(
    frequency=4401.21,
    anharmonicity=121.33,
    distance=0.74144,
    isotope="H",
    reference="K. P. Huber, G. Herzberg, Constants of Diatomic Molecules (1979), NIST Chemistry WebBook: "
    "H2 X 1Sigma_g+, omega_e = 4401.21 cm-1, omega_e x_e = 121.33 cm-1, R_e = 0.74144 angstrom",
)
"""The ground state X ¹Σ_g⁺ of H2 (Huber and Herzberg 1979, NIST Chemistry WebBook)."""


def ground_state(R: Any, epsilon: Any, kind: str = "morse", molecule: Oscillator = H2) -> Any:
    """Vibrational ground state u(R) of a molecule, with ∫u² dR = 1 on the points R (equally spaced).

    **Arguments:** `R` in bohr; `epsilon`: of the isotope, D and a being the molecule's; `kind`: "morse" or "harmonic" (the Gaussian of
    the same curvature).

    >>> import numpy as np
    >>> from jaxwigner.molecules.vibration import ground_state
    >>> R = np.linspace(0.5, 4.0, 200)
    >>> u = ground_state(R, 0.02334)
    >>> round(float((R * u**2).sum() * (R[1] - R[0])), 3)  # beyond R_e = 1.401 by anharmonicity
    1.443
    """
    x = R - molecule.equilibrium
    a, D = molecule.stiffness, molecule.depth
    if kind == "morse":
        scale = jnp.sqrt(D) / (a * epsilon)
        # Relative to the value at the equilibrium, where z = 2λ, lest large powers overflow.
        exponent = -(scale - 0.5) * a * x - scale * (jnp.exp(-a * x) - 1)
    else:
        exponent = -0.5 * a * jnp.sqrt(D) / epsilon * x**2
    u = jnp.exp(exponent)
    return u / jnp.sqrt(jnp.sum(u**2) * (R[1] - R[0]))
