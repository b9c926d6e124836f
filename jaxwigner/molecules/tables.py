"""Potential energy curves of dimers known at a few distances only: checked tables of U(R), and U_b = U − Z₁Z₂/R from them.

What is interpolated is the bounded part E_el of (2) of Ambrosio, Friesecke and Giannoulis, which varies slowly; the repulsion is exact.
On an interval of length h the cubic spline is known to about h⁴|U[x₁ … x₅]|/16, with the divided difference of five points about it: a
gap in the table, or points too far apart, are refused by that number, not by their distance.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxwigner._checks import (
    check_finite,
    check_positive_scalar,
    check_scalar,
    concrete,
    require,
)
from jaxwigner._types import Array
from jaxwigner.potentials.tabulated import Tabulated

FEWEST = 5


class CurveTable(eqx.Module):
    """U(R) of a dimer at `distances`, in atomic units: `energies` with their `errors`, `repulsion` = Z₁Z₂, and the `source`.

    **Raises:** `ValueError` for fewer than five distances, distances that are not positive and increasing, unequal shapes, and, where
    the spline is used, for a gap.

    >>> import numpy as np
    >>> from jaxwigner.molecules import h2
    >>> from jaxwigner.molecules.tables import CurveTable
    >>> distances, energies = h2.published()
    >>> table = CurveTable(distances, energies, errors=1e-12, source="Sims and Hagstrom (2006)")
    >>> curve = table.bounded_part()
    >>> abs(float(curve(1.05) - h2.bounded_part()(1.05))) < 2e-6
    True
    """

    distances: Float[np.ndarray, " n"]
    energies: Float[np.ndarray, " n"]
    errors: Float[np.ndarray, " n"]
    repulsion: float
    source: str = eqx.field(static=True)

    def __init__(
        self,
        distances: Any,
        energies: Any,
        *,
        errors: Any = 0.0,
        repulsion: float = 1.0,
        source: str = "",
    ):
        for name, value in (("distances", distances), ("energies", energies), ("errors", errors)):
            check_finite(name, value)
            require(concrete(value), name, "be known numbers", "traced")
        check_scalar("repulsion", repulsion)
        R, E = np.array(distances, float), np.array(energies, float)
        enough = R.ndim == 1 and R.size >= FEWEST
        require(enough, "distances", f"hold at least {FEWEST} distances", distances)
        require(E.shape == R.shape, "energies", f"have {R.size} entries", energies)
        require((R > 0) & (np.diff(R, prepend=0.0) > 0), "distances", "be positive and increase", R)
        fits = np.shape(errors) in ((), R.shape)
        require(fits, "errors", f"be one number or {R.size}", errors)
        require(np.asarray(errors) >= 0, "errors", "be non-negative", errors)
        self.distances, self.energies = R, E
        self.errors = np.broadcast_to(np.asarray(errors, float), R.shape).copy()
        self.repulsion, self.source = float(repulsion), source

    @property
    def electronic(self) -> Float[np.ndarray, " n"]:
        """E_el = U − Z₁Z₂/R at the distances."""
        return self.energies - self.repulsion / self.distances

    @property
    def spline_errors(self) -> Float[np.ndarray, " m"]:
        """The estimated error of the spline through E_el on each interval."""
        return spline_errors(self.distances, self.electronic)

    def bounded_part(self, *, tolerance: float = 1e-3, outside: str = "error") -> Tabulated:
        """U_b = E_el as a spline between the first and the last distance.

        **Arguments:** `tolerance`: of the spline, in Hartree; `outside`: "error" (systems refuse grids that reach beyond the table),
        or "constant" or "linear", which extrapolate.

        **Raises:** `ValueError` for a gap, where the spline is known worse than the tolerance.

        >>> from jaxwigner.molecules import h2
        >>> from jaxwigner.molecules.tables import CurveTable
        >>> distances, energies = h2.published()
        >>> few = (distances < 1.0) | (distances > 2.5)
        >>> CurveTable(distances[few], energies[few]).bounded_part(tolerance=1e-4)
        Traceback (most recent call last):
        ValueError: Argument `distances` must have no gap, but between 0.9 and 2.6 bohr the curve is known to 1e-02 Hartree only
        """
        check_positive_scalar("tolerance", tolerance)
        errors = self.spline_errors
        worst = int(np.argmax(errors))
        ends = self.distances[worst], self.distances[worst + 1]
        if errors[worst] > tolerance:
            where = f"between {ends[0]:.4g} and {ends[1]:.4g} bohr"
            known = f"the curve is known to {errors[worst]:.0e} Hartree only"
            raise ValueError(f"Argument `distances` must have no gap, but {where} {known}")
        return Tabulated(self.distances, self.electronic, outside)

    def energy(self, distance: Any, *, tolerance: float = 1e-3) -> Float[Array, "*n"]:
        """U(R) at distances within the table.

        **Raises:** `ValueError` for a distance outside the table, and for a gap.

        >>> from jaxwigner.molecules import h2
        >>> from jaxwigner.molecules.tables import CurveTable
        >>> table = CurveTable(*h2.published())
        >>> table.energy(7.0)
        Traceback (most recent call last):
        ValueError: Argument `distance` must lie between 0.4 and 6 bohr, within the table, but is 7.0
        """
        check_finite("distance", distance)
        first, last = self.distances[0], self.distances[-1]
        if concrete(distance):
            known = np.asarray(distance, float)
            must = f"lie between {first:.4g} and {last:.4g} bohr, within the table"
            require((known >= first) & (known <= last), "distance", must, distance)
        distance = jnp.asarray(distance, float)
        return self.bounded_part(tolerance=tolerance)(distance) + self.repulsion / distance


def spline_errors(nodes: np.ndarray, values: np.ndarray) -> np.ndarray:
    """h⁴|U[x₁ … x₅]|/16 on each interval, the larger of the differences about it.

    >>> import numpy as np
    >>> from jaxwigner.molecules.tables import spline_errors
    >>> x = np.linspace(0.0, 1.0, 11)
    >>> bool(np.allclose(spline_errors(x, x**4), 1e-4 / 16))
    True
    """
    difference = values
    for order in range(1, 5):
        difference = np.diff(difference) / (nodes[order:] - nodes[:-order])
    difference = np.abs(difference)
    count = len(nodes) - 1
    # The five points i … i + 4 lie about the intervals i … i + 3.
    around = [difference[max(0, i - 3) : i + 1] for i in range(count)]
    largest = np.array([np.max(part) if part.size else difference[-1] for part in around])
    return np.diff(nodes) ** 4 * largest / 16
