"""Populations by every method beside the exact ones as a labelled dataset: errors, what sampling leaves open, and powers of ε."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaxwigner.studies.compare.differences import as_attributes, powers

SURE = 2.0  # standard errors


def entries(
    settings: Any, cases: list[Any], found: dict[str, list[Any]]
) -> tuple[dict, dict, dict]:
    """Variables over (run, epsilon, motion, sample), coordinates, attributes."""
    epsilons, methods = np.array(settings.epsilons), settings.methods
    rows = [found[case.label] for case in cases]
    by_method = lambda name: np.array(  # noqa: E731
        [[[getattr(one, name)[m] for m in methods] for one in row] for row in rows]
    )
    exact = np.array([[one.exact for one in row] for row in rows])
    population, sampling = by_method("populations"), by_method("sampling")
    errors, noise = measured(cases, population - exact[:, :, None], sampling)
    laws = [_powers(epsilons, methods, *pair) for pair in zip(errors, noise)]
    times = np.array([np.linspace(0, case.duration, settings.saves + 1) for case in cases])
    every = ("run", "epsilon", "motion", "sample")
    variables: dict[str, Any] = {
        "time": (("run", "sample"), times),
        "exact": (("run", "epsilon", "sample"), exact, "1", "population of the upper level"),
        "exact_error": (("run", "epsilon"), np.array([[one.error for one in row] for row in rows])),
        "population": (every, population, "1", "population of the upper level"),
        "sampling": (every, sampling, "1", "standard error of the population"),
        "error": (every[:3], errors, "1", "error of the population"),
        "error_sampling": (every[:3], noise, "1", "what sampling makes of it"),
        "rate": (("run", "motion", "part"), np.array([list(law.values()) for law in laws])),
        "limit": ("run", np.array([case.limit() for case in cases]), "1", "population as ε → 0"),
        "at_end": ("run", np.array([case.at_end for case in cases])),
    }
    coordinates = {
        "run": [case.label for case in cases],
        "epsilon": ("epsilon", epsilons, "1", "ε"),
        "motion": list(methods),
        "part": ["value", "low", "high", "sampling"],
    }
    for row in rows:
        for one in row:
            if one.pictures is not None:
                variables |= one.pictures
    attributes: dict[str, Any] = {"particles": settings.particles, "animate": int(settings.animate)}
    for case, law in zip(cases, laws):
        seen = {name: one for name, one in law.items() if np.isfinite(one[0])}  # above sampling
        attributes |= as_attributes({f"{case.label}, {name}": one for name, one in seen.items()})
    return variables, coordinates, attributes


def measured(cases: list[Any], gaps: np.ndarray, sampling: np.ndarray) -> tuple[Any, Any]:
    """|gap| at the end, or the root of its mean square over time; and the same of the standard errors. Axes (run, ε, method, sample).

    >>> import numpy as np
    >>> from jaxwigner.studies.experiments.crossing.cases import CASES
    >>> from jaxwigner.studies.experiments.crossing.dataset import measured
    >>> gaps = np.array([[[[0.0, 0.3, -0.4, 0.5]]]] * 2)
    >>> errors, _ = measured([CASES["cone"], CASES["jahn-teller"]], gaps, 0.1 * gaps)
    >>> errors.ravel().round(4).tolist()
    [0.5, 0.3536]
    """
    roots = [np.sqrt(np.mean(one**2, axis=-1)) for one in (gaps, sampling)]
    ends = np.abs(gaps[..., -1]), sampling[..., -1]
    at_end = np.array([case.at_end for case in cases])[:, None, None]
    errors, noise = (np.where(at_end, end, root) for end, root in zip(ends, roots))
    return errors, noise


def _powers(epsilons: np.ndarray, methods: Any, errors: np.ndarray, noise: np.ndarray) -> Any:
    """The power of ε of each method, of what exceeds twice its sampling error."""
    gaps = [
        {name: (error, SURE * open) for name, error, open in zip(methods, *row)}
        for row in zip(errors, noise)
    ]
    return powers(epsilons, gaps)
