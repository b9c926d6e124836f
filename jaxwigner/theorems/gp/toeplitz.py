"""Töplitz data with f = μ: a cloud and R_f = Σw_k|z_k⟩⟨z_k|, whose coupling Q = Σw_k δ_{z_k} ⊗ |z_k⟩⟨z_k| costs ½dħ (Golse–Paul §4)."""

from __future__ import annotations

from typing import Any

from jaxwigner.classical import VlasovParticles
from jaxwigner.grid import Grid, Scalar
from jaxwigner.phase_space import toeplitz_state
from jaxwigner.potentials import Potential
from jaxwigner.quantum import Hartree
from jaxwigner.states import Particles
from jaxwigner.transport import carry
from jaxwigner.transport.couplings import CarriedCoupling


def carried(
    cloud: Particles, pair: Potential, grid: Grid, hbar: Scalar, **options: Any
) -> CarriedCoupling:
    """The coupling, carried by the equations of Vlasov and of Hartree.

    **Arguments:** `options`: duration, steps and saves, as in `transport.carry`.
    """
    flows = VlasovParticles(pair), Hartree(grid, pair, hbar)
    state = toeplitz_state(cloud, grid, hbar)
    return carry(cloud, state, *flows, grid=grid, hbar=hbar, throw=False, **options)
