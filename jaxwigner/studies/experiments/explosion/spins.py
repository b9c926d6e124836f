"""Which spins of three equal nuclei go with a state that no exchange changes.

The spins of three nuclei, n = 2s + 1 states each, carry n(n+1)(n+2)/6 symmetric states, n(n−1)(n−2)/6 antisymmetric ones, and
(n³ − n)/3 pairs of mixed symmetry. Fermions need an antisymmetric product, bosons a symmetric one. A vibrational ground state with
J = 0 is symmetric: it needs antisymmetric spins for half-integer s, of which there are none for s = ½ (the missing ground state
of H3+: Crabtree and McCall, J. Phys. Chem. A 117, 9950 (2013)), and symmetric ones for integer s.
"""

from __future__ import annotations

SPINS = {"H": 0.5, "D": 1.0, "T": 0.5}


def spin_states(spin: float) -> dict[str, int]:
    """How many spin states of three nuclei of that spin are symmetric, antisymmetric, and of mixed symmetry.

    >>> from jaxwigner.studies.experiments.explosion.spins import spin_states
    >>> spin_states(0.5), spin_states(1.0)
    ({'symmetric': 4, 'antisymmetric': 0, 'mixed': 4}, {'symmetric': 10, 'antisymmetric': 1, 'mixed': 16})
    """
    n = round(2 * spin) + 1
    symmetric, antisymmetric = n * (n + 1) * (n + 2) // 6, n * (n - 1) * (n - 2) // 6
    return dict(symmetric=symmetric, antisymmetric=antisymmetric, mixed=2 * (n**3 - n) // 3)


def ground_state_weight(isotope: str) -> int:
    """Spin states with which nature allows the vibrational ground state at J = 0; 0: it does not occur.

    >>> from jaxwigner.studies.experiments.explosion.spins import ground_state_weight
    >>> {name: ground_state_weight(name) for name in ("H", "D", "T")}
    {'H': 0, 'D': 10, 'T': 0}
    """
    spin = SPINS[isotope]
    fermions = round(2 * spin) % 2 == 1
    return spin_states(spin)["antisymmetric" if fermions else "symmetric"]
