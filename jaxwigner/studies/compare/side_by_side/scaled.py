"""A Gaussian, the Wigner function of a packet at ħ = 1, as a state at any ħ: its mean stays, its covariance is ħS."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaxwigner._checks import require
from jaxwigner.states import Gaussian
from jaxwigner.studies.compare.states import Packet
from jaxwigner.studies.compare.states.state import State


class Scaled(State):
    """A packet whose widths go as √ħ."""

    packet: Packet

    @classmethod
    def of(cls, gaussian: Gaussian) -> Scaled:
        """From N(m, S) with SJS = J/4, without correlations."""
        S, m = np.asarray(gaussian.covariance, float), np.asarray(gaussian.mean, float)
        d = len(m) // 2
        spread = np.sqrt(np.diag(S))
        pure = np.allclose(S, np.diag(spread**2), atol=1e-9 * spread.min() ** 2)
        pure = pure and np.allclose(spread[:d] * spread[d:], 0.5, rtol=1e-6)
        must = "be a pure Gaussian at ħ = 1 (σ_x σ_p = ½) without correlations, or a Packet"
        require(pure, "state", must, gaussian.covariance)
        q, p, width = (tuple(float(v) for v in part) for part in (m[:d], m[d:], spread[:d]))
        return cls(Packet(q, p, width))

    @property
    def position(self) -> Any:
        return self.packet.position

    def _at(self, hbar: Any) -> Packet:
        assert self.packet.width is not None
        widths = tuple(w * hbar**0.5 for w in self.packet.width)
        return Packet(self.packet.position, self.packet.momentum, widths)

    def wave(self, system, grid, hbar=1.0):
        return self._at(hbar).wave(system, grid, hbar)

    def points(self, system, hbar, uniforms):
        return self._at(hbar).points(system, hbar, uniforms)

    def centre(self, system, hbar=1.0):
        return self.packet.centre(system, hbar)

    def deviations(self, system, hbar=1.0):
        return self._at(hbar).deviations(system, hbar)

    def rim(self, system, hbar=1.0, sigmas=5.2):
        return self._at(hbar).rim(system, hbar, sigmas)
