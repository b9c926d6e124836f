"""`jw.compare` with a matrix potential, d = 1 and 2: `Surfaces` beside single switch, Ehrenfest and motion on one level."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaxwigner._checks import check_integer, require
from jaxwigner.phase_space.ensembles import COPIES
from jaxwigner.studies.compare import tolerances
from jaxwigner.studies.compare.several_levels.asked import Asked, checked
from jaxwigner.studies.compare.several_levels.comparison import LevelsComparison
from jaxwigner.studies.compare.several_levels.nuclei import MOTIONS, nuclei, reach
from jaxwigner.studies.compare.several_levels.waves import Found, waves

SAMPLES = 2**12


def compare_levels(
    potential: Any,
    *,
    tolerance: Any,
    samples: Any,
    memory: Any,
    said: Any,
    **motion: Any,
) -> LevelsComparison:
    """The arguments of `compare`, `motion` those that `checked` is about; `said`: how it says in words what was asked for."""
    require(memory is None, "memory", "be left out with several levels", memory)
    asked = checked(potential, **motion)
    shares = tolerances.checked(tolerance)
    tolerances.check_used(shares, asked.names)
    samples = SAMPLES if samples is None else samples
    check_integer("samples", samples, at_least=16 * COPIES)
    require(samples & (samples - 1) == 0, "samples", "be a power of two", samples)
    exact = [waves(asked, one, *reach(asked, one)) for one in asked.hbars]
    moved = {
        motion: [nuclei(asked, one, int(samples), motion) for one in asked.hbars]
        for motion in MOTIONS
    }
    return LevelsComparison(
        times=np.linspace(0.0, asked.duration, asked.saves + 1),
        hbar=np.array(asked.hbars),
        quantum=_stacked([one.means for one in exact]),
        quantum_error=_stacked([one.errors for one in exact]),
        classical={motion: _stacked([one[0] for one in rows]) for motion, rows in moved.items()},
        error={motion: _stacked(_errors(exact, rows)) for motion, rows in moved.items()},
        tolerance=shares,
        points=tuple(one.points for one in exact),
        samples=int(samples),
        seed=asked.seed,
        level=asked.level,
        asked=_words(asked, said),
    )


def _stacked(rows: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """By name, (ħ, time)."""
    return {name: np.stack([row[name] for row in rows]) for name in rows[0]}


def _errors(exact: list[Found], rows: list[Any]) -> list[dict[str, np.ndarray]]:
    """Of a difference: sampling, steps of the trajectories, steps of the waves."""
    return [
        {name: noise[name] + change[name] + one.errors[name] for name in noise}
        for one, (_, noise, change, _) in zip(exact, rows)
    ]


def _words(asked: Asked, said: Any) -> tuple[tuple[str, str], ...]:
    return (
        ("potential", said(asked.potential)),
        ("mass", ", ".join(f"{float(m):g}" for m in asked.system.mass)),
        ("state", said(asked.packet)),
        ("duration", str(asked.duration)),
        ("saves", str(asked.saves)),
        ("observe", ", ".join(asked.observe)),
    )
