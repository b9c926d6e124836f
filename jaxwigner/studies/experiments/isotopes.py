"""What experiments on several isotopes share: times of the laboratory, and variables of a dataset with an entry for each isotope."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from jaxwigner import units


def femtoseconds(time: Any, epsilon: float) -> Any:
    """Femtoseconds from AFG's scaled time t = ετ."""
    return units.atomic_to_femtoseconds(units.unscaled_time(time, epsilon))


def columns(
    axes: Any, every: Sequence[Any], wanted: Mapping[str, tuple[Callable[[Any], Any], str]]
) -> dict[str, Any]:
    """Variables along `axes`, the first of which counts what was found for `every` isotope; `wanted`: how to read it, and its unit.

    >>> from jaxwigner.studies.experiments.isotopes import columns
    >>> columns("isotope", [1.0, 2.0], {"square": (lambda one: one**2, "a0")})
    {'square': ('isotope', array([1., 4.]), 'a0')}
    """
    return {
        name: (axes, np.array([np.asarray(get(one), float) for one in every]), unit)
        for name, (get, unit) in wanted.items()
    }
