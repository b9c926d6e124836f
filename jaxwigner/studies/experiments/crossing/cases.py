"""What passes a crossing: a matrix potential by name, a packet on one level, where it goes, and how long.

Packets are coherent states of the variances ħ/2. Those at the cone start at (−2, β√ε): as ε → 0 they have the same Wigner measure for
every β, and behind the tip the upper level holds (a = π/v³, v² = p² − 4, s² = (4 + p²)/2, from below)

    T_β = (1 + 2as²)^{−½} exp(−aβ²p²/(1 + 2as²)).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from jaxwigner.grid import Grid, PhaseGrid
from jaxwigner.potentials import Crossing, DeltaGap, JahnTeller, Tully
from jaxwigner.potentials.surfaces.matrix import MatrixPotential
from jaxwigner.studies.compare.several_levels.waves import smooth

# Standard deviations of a coherent state in x and p beyond what classical paths reach: packets spread.
TAILS = 9.0, 9.0
EMPTY = 0.06  # of a box, at each end


@dataclass(frozen=True)
class Case:
    """`potential(hbar)`; `reach`: the ends of each axis that classical paths see, `fastest`: their largest momentum.

    `steps`: of the waves at ε = .1 and of the trajectories; `scale`: ħ is so many times ε; `at_end`: an error is that of the population
    at the end, otherwise the root of its mean square over time.
    """

    name: str
    potential: Callable[[float], MatrixPotential]
    level: int
    position: tuple[float, ...]
    momentum: tuple[float, ...]
    duration: float
    reach: tuple[tuple[float, float], ...]
    fastest: float
    steps: tuple[int, int]
    mass: float = 1.0
    scale: float = 1.0
    at_end: bool = True
    beta: float | None = None
    tails: tuple[float, float] = TAILS

    @property
    def dimension(self) -> int:
        """d."""
        return len(self.position)

    @property
    def label(self) -> str:
        """As results know it."""
        return self.name if self.beta is None else f"{self.name}, β = {self.beta:g}"

    def start(self, epsilon: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Position and momentum of the packet."""
        if self.beta is None:
            return self.position, self.momentum
        return (self.position[0], self.beta * epsilon**0.5), self.momentum

    def limit(self) -> float:
        """T_β of a cone; NaN for the others."""
        if self.beta is None:
            return float("nan")
        p, far = self.momentum[0] ** 2, self.position[0] ** 2
        a = np.pi / (p - 2 * far**0.5) ** 1.5
        spread = 1 + a * (far + p)
        return float(np.exp(-a * self.beta**2 * p / spread) / spread**0.5)

    def grid(self, epsilon: float) -> Grid:
        """Paths and tails are inside, and so are their momenta, with the room at the edges that must stay empty."""
        hbar = self.scale * epsilon
        wide, fast = (one * (hbar / 2) ** 0.5 for one in self.tails)
        ends = [
            (low - wide - EMPTY * (high - low), high + wide + EMPTY * (high - low))
            for low, high in self.reach
        ]
        top = (1 + 2 * EMPTY) * (self.fastest + fast)
        lower, upper = (tuple(one) for one in zip(*ends))
        return Grid(lower, upper, tuple(smooth((b - a) * top / (np.pi * hbar)) for a, b in ends))

    def window(self, epsilon: float, pixels: int) -> PhaseGrid:
        """Of Wigner functions, on a line."""
        deviation = (self.scale * epsilon / 2) ** 0.5
        ((low, high),) = self.reach
        wide, top = 0.4 * self.tails[0] * deviation, self.fastest + 4 * deviation
        return PhaseGrid(Grid(low - wide, high + wide, pixels), Grid(-top, top, pixels))


def _tully(model: int, position: float, momentum: float, ends: tuple[float, float]) -> Case:
    """Atomic units, mass 2000; ħ = 1 at ε = .1. It stops when a packet reflected at 0 is back at four fifths of its start."""
    mass, top = 2000.0, {1: 0.02, 2: 0.06, 3: 0.2}[model]
    fastest = (momentum**2 + 2 * mass * top) ** 0.5
    path = {1: 1.8, 2: 1.9, 3: 1.8}[model] * abs(position)
    return Case(
        f"tully-{model}",
        lambda hbar: Tully(model),
        0,
        (position,),
        (momentum,),
        path * mass / momentum,
        (ends,),
        fastest,
        (240, 480),
        mass=mass,
        scale=10.0,
        tails=(12.0, 11.0),
    )


CASES = {
    "cone": Case(
        "cone",
        lambda hbar: Crossing(),
        0,
        (-2.0, 0.0),
        (6**0.5, 0.0),
        2.0,
        ((-2.0, 2.6), (-2.0, 2.0)),
        2.6,
        (40, 240),
        beta=0.0,
        tails=(16.5, 11.0),
    ),
    "jahn-teller": Case(
        "jahn-teller",
        lambda hbar: JahnTeller(),
        1,
        (-1.5, 0.0),
        (0.0, 0.0),
        6.0,
        ((-3.6, 3.6), (-3.6, 3.6)),
        2.6,
        (96, 480),
        at_end=False,
    ),
    "delta-gap": Case(
        "delta-gap",
        lambda hbar: DeltaGap(0.5 * hbar**0.5),
        0,
        (-5.0,),
        (1.5,),
        6.5,
        ((-6.0, 6.0),),
        2.2,
        (120, 320),
        tails=(36.0, 11.0),
    ),
    "tully-1": _tully(1, -10.0, 20.0, (-12.0, 14.0)),
    "tully-2": _tully(2, -14.0, 30.0, (-16.0, 18.0)),
    "tully-3": _tully(3, -20.0, 15.0, (-24.0, 44.0)),
}


def chosen(names: tuple[str, ...], families: tuple[float, ...], momentum: float) -> list[Case]:
    """The cases of these names, the cone once for each β; on a line with another momentum where it is not 0.

    >>> from jaxwigner.studies.experiments.crossing.cases import chosen
    >>> [one.label for one in chosen(("cone", "tully-1"), (0.0, 1.0), 0.0)]
    ['cone, β = 0', 'cone, β = 1', 'tully-1']
    """
    found: list[Case] = []
    for name in names:
        one: Any = CASES[name]
        if one.beta is not None:
            found += [replace(one, beta=beta) for beta in families]
        elif one.dimension == 1 and momentum:
            found.append(_faster(one, momentum))
        else:
            found.append(one)
    return found


def _faster(one: Case, momentum: float) -> Case:
    """The same path with another momentum."""
    (was,) = one.momentum
    fastest = (one.fastest**2 - was**2 + momentum**2) ** 0.5
    return replace(
        one, momentum=(momentum,), duration=one.duration * was / momentum, fastest=fastest
    )
