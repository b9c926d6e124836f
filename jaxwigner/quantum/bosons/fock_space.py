"""Truncated bosonic Fock space over m modes: which occupations are kept, and how b_i and b_i b_j act on them.

An index set is a set of occupations ν = (ν_1, …, ν_m) that holds with ν every ν' ≤ ν, so that annihilation never leaves it. The
operators b_i and B_ij = b_i b_j/√(1+δ_ij) are tables of places and factors; their adjoints use the same entries, sorted by where they
arrive. All tables are NumPy's and are computed once.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from jaxwigner._checks import check_finite, check_integer, check_positive, require


@dataclass(frozen=True)
class FockSpace:
    """Occupations with Σ_i w_i ν_i ≤ cutoff, together with all of total degree ≤ `degree`.

    **Arguments:** `weights`: w_1 ≤ … ≤ w_m, positive: the more a mode is occupied, the smaller; `cutoff`: ≥ 0; `degree`: k0 ≥ 2.
    A product of squeezed states, which is what Bogoliubov's theory gives, has w_i ∝ log 1/tanh r_i.

    **Raises:** `ValueError` for weights that are not positive, or a cutoff or degree that cannot be right.

    >>> from jaxwigner.quantum import FockSpace
    >>> space = FockSpace((1.0, 2.0), cutoff=4, degree=2)
    >>> space.dimension, space.occupations[-1]
    (9, (4, 0))
    """

    weights: tuple[float, ...]
    cutoff: float
    degree: int = 2

    def __post_init__(self):
        check_finite("weights", self.weights)
        require(len(self.weights) > 0, "weights", "be given for at least one mode", self.weights)
        require(min(self.weights) > 0, "weights", "be positive", self.weights)
        check_finite("cutoff", self.cutoff)
        require(self.cutoff >= 0, "cutoff", "be at least 0", self.cutoff)
        # Two quanta are what the first order of the pair creation needs.
        check_integer("degree", self.degree, at_least=2)
        object.__setattr__(self, "weights", tuple(float(w) for w in self.weights))

    @classmethod
    def suited(
        cls, occupations: Any, tolerance: float = 1e-3, *, modes: int | None = None, degree: int = 3
    ) -> FockSpace:
        """The space of all ν with probability above ε = `tolerance` · min(1, Σλ_i), in squeezed modes of mean occupations λ_i.

        A squeezed vacuum holds ν quanta with probability ∝ tanh^ν r, tanh² r = λ/(1 + λ): w = ½ log(1 + 1/λ), cutoff log 1/ε.
        By default modes with less than `tolerance`/10 of all quanta are left out.

        **Arguments:** `occupations`: λ, such as those that `Excitations.occupations` reports; `modes`: how many; `degree`: k0.

        **Raises:** `ValueError` for a tolerance that is not positive, or more modes than occupations.

        >>> from jaxwigner.quantum import FockSpace
        >>> space = FockSpace.suited([0.5, 0.1, 1e-3, 1e-9])
        >>> space.modes, space.dimension
        (3, 74)
        """
        check_positive("tolerance", tolerance)
        check_finite("occupations", occupations)
        found = np.sort(np.maximum(np.asarray(occupations, float).ravel(), 1e-12))[::-1]
        if modes is None:
            modes = max(1, int(np.sum(found > 0.1 * tolerance * found.sum())))
        check_integer("modes", modes, at_least=1)
        require(modes <= found.size, "modes", f"be at most the occupations ({found.size})", modes)
        weights = 0.5 * np.log1p(1 / found[:modes])
        cutoff = -np.log(tolerance * min(1.0, found.sum()))
        return cls(tuple(weights.tolist()), max(0.0, float(cutoff)), degree)

    @classmethod
    def complete(cls, modes: int, number: int) -> FockSpace:
        """All occupations of `modes` modes by at most `number` quanta: nothing that so many bosons can do there is cut off.

        **Raises:** `ValueError` for numbers below 1.

        >>> from jaxwigner.quantum import FockSpace
        >>> FockSpace.complete(16, 2).dimension
        153
        """
        check_integer("modes", modes, at_least=1)
        check_integer("number", number, at_least=1)
        return cls((1.0,) * modes, float(number), max(2, number))

    @property
    def volume(self) -> float:
        """About how many occupations there are, without counting them: of the simplex Σw_i ν_i ≤ cutoff."""
        sides = np.array([1 + self.cutoff / (k * w) for k, w in enumerate(self.weights, 1)])
        return float(np.prod(sides))

    def richer(self, more: int) -> FockSpace:
        """With as many more modes of the last weight."""
        return FockSpace(self.weights + self.weights[-1:] * more, self.cutoff, self.degree)

    def coarser(self) -> FockSpace:
        """The next smaller space, to compare with: at least three quarters of the cutoff, one degree less."""
        cutoff = max(0.0, self.cutoff - 2 * self.weights[0], 0.75 * self.cutoff)
        return FockSpace(self.weights, cutoff, max(2, self.degree - 1))

    @property
    def modes(self) -> int:
        """m."""
        return len(self.weights)

    @property
    def dimension(self) -> int:
        """Number of occupations kept."""
        return len(self.occupations)

    @property
    def occupations(self) -> tuple[tuple[int, ...], ...]:
        """All ν: first those with room for two more quanta, then for one, then the rest; each part sorted by |ν|."""
        return _occupations(self)


@functools.lru_cache(maxsize=64)
def _occupations(space: FockSpace) -> tuple[tuple[int, ...], ...]:
    found: list[tuple[int, ...]] = []

    def extend(start: tuple[int, ...], level: float) -> None:
        mode = len(start)
        if mode == space.modes:
            found.append(start)
            return
        for count in itertools.count():
            reached = level + count * space.weights[mode]
            if reached > space.cutoff + 1e-9 and sum(start) + count > space.degree:
                return
            extend((*start, count), reached)

    extend((), 0.0)
    kept = set(found)
    room = [_room(nu, kept) for nu in found]
    order = sorted(zip(found, room), key=lambda pair: (-pair[1], sum(pair[0]), pair[0][::-1]))
    return tuple(nu for nu, _ in order)


def _room(nu: tuple[int, ...], kept: set) -> int:
    """How many quanta (0, 1 or 2) may be added in some mode without leaving a set that holds all smaller occupations."""
    above = [above for above in _above(nu) if above in kept]
    return min(2, len(above) and 1 + any(higher in kept for one in above for higher in _above(one)))


def _above(nu: tuple[int, ...]) -> list[tuple[int, ...]]:
    return [(*nu[:i], nu[i] + 1, *nu[i + 1 :]) for i in range(len(nu))]


class Tables(NamedTuple):
    """How b_i and B_ij act on amplitudes c[ν] that are followed by a zero.

    `degree`: |ν|; the first `inner` ν are reached by some b_i, the first `core` by some B_ij. On them b_i c = lower_factor · c[lower],
    arrays (m, inner), and B_ij c = pair_factor · c[pair], (pairs, core). With X (m, inner) and Z (pairs, core) flattened one after
    the other and followed by a zero, (Σb_i†X_i + ΣB_ij†Z_ij)[ν] = Σ_r raised_factor[ν, r] · (X, Z)[raised[ν, r]].
    """

    degree: np.ndarray
    inner: int
    lower: np.ndarray
    lower_factor: np.ndarray
    core: int
    pair: np.ndarray
    pair_factor: np.ndarray
    raised: np.ndarray
    raised_factor: np.ndarray
    shell: np.ndarray


def mode_pairs(modes: int) -> list[tuple[int, int]]:
    """All (i, j) with i ≤ j."""
    return list(itertools.combinations_with_replacement(range(modes), 2))


@functools.lru_cache(maxsize=64)
def tables(space: FockSpace) -> Tables:
    """The tables of an index set."""
    m, zero = space.modes, space.dimension
    place = {nu: k for k, nu in enumerate(space.occupations)}
    ones = [((i,), [_unit(m, i)]) for i in range(m)]
    twos = [((i, j), [_unit(m, i), _unit(m, j)]) for i, j in mode_pairs(m)]
    first, second = (_annihilate(space, place, [u for _, u in words]) for words in (ones, twos))
    # Places and factors of the b's, then of their products.
    targets, factors = (
        np.concatenate([a.ravel(), b.ravel()]) for a, b in zip(first[1:], second[1:])
    )
    degree = np.array(space.occupations).sum(axis=1)
    raised = _transposed(targets, factors, zero)
    return Tables(degree, *first, *second, *raised, shell=_shell(space, place))


def _unit(modes: int, i: int) -> np.ndarray:
    return np.eye(modes, dtype=int)[i]


def _annihilate(space: FockSpace, place: dict, words: Sequence[list]) -> tuple[int, Any, Any]:
    """Where products of one or two b's find their amplitudes: number of places reached (the first ones), sources and factors."""
    sources = np.full((len(words), space.dimension), space.dimension)
    factors = np.zeros((len(words), space.dimension))
    for row, units in enumerate(words):
        same = len(units) == 2 and np.array_equal(*units)
        for k, nu in enumerate(space.occupations):
            up, factor = np.array(nu), 1.0
            for unit in units:
                up = up + unit
                factor *= np.sqrt(up[unit.argmax()])
            source = place.get(tuple(up.tolist()))
            if source is not None:
                sources[row, k], factors[row, k] = source, factor / (np.sqrt(2) if same else 1)
    reached = int(np.sum(factors.any(axis=0)))
    return reached, sources[:, :reached], factors[:, :reached]


def _transposed(targets: np.ndarray, factors: np.ndarray, size: int) -> tuple[Any, Any]:
    """For each ν the entries that arrive there, padded to one length with entries that are zero."""
    arriving = [np.flatnonzero(targets == nu) for nu in range(size)]
    width = max(1, max(map(len, arriving)))
    places, values = np.full((size, width), targets.size), np.zeros((size, width))
    for nu, found in enumerate(arriving):
        places[nu, : len(found)], values[nu, : len(found)] = found, factors[found]
    return places, values


def _shell(space: FockSpace, place: dict) -> np.ndarray:
    """Whether two more quanta in the most occupied mode would leave the set: its last shell."""
    first = space.occupations
    return np.array([(nu[0] + 2, *nu[1:]) not in place for nu in first])
