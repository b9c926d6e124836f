"""One row of the table of claims, and the registry of what measures which id."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jaxwigner.theorems import Inequality

REGISTRY: dict[str, Callable[[bool], Iterator[Row]]] = {}
CONTROL = "violated"  # what a negative control must give


@dataclass(frozen=True)
class Row:
    """One measured claim: an entry of `report.json`, and the series behind it for plots."""

    id: str
    case: str
    kind: str
    statement: str
    parameters: dict[str, float]
    lhs: tuple[float, float]
    rhs: tuple[float, float]
    rigorous: bool
    verdict: str
    expected: str | tuple[str, ...]
    seconds: float = 0.0
    series: dict[str, np.ndarray] = field(default_factory=dict, compare=False)

    @property
    def as_expected(self) -> bool:
        """Whether the verdict is one of those expected."""
        allowed = (self.expected,) if isinstance(self.expected, str) else self.expected
        return self.verdict in allowed

    def as_dict(self) -> dict[str, Any]:
        """The row as it stands in `report.json`."""
        expected = self.expected if isinstance(self.expected, str) else list(self.expected)
        return {
            "id": self.id,
            "case": self.case,
            "kind": self.kind,
            "statement": self.statement,
            "parameters": dict(self.parameters),
            "lhs": list(self.lhs),
            "rhs": list(self.rhs),
            "rigorous": self.rigorous,
            "verdict": self.verdict,
            "expected": expected,
            "seconds": self.seconds,
        }


def measures(name: str) -> Callable:
    """Decorator: this function, given `full`, yields the rows of the id `name`."""

    def register(function: Callable) -> Callable:
        REGISTRY[name] = function
        return function

    return register


def row(
    name: str,
    case: str,
    claim: Inequality,
    expected: str | tuple[str, ...] = "holds",
    *,
    series: dict[str, Any] | None = None,
    **parameters: float,
) -> Row:
    """The worst entry of a (batched) claim as a row."""
    worst = claim.worst()
    numbers = {**worst.parameters, **parameters}
    statement = f"{worst.claim}: {worst.statement}"
    return Row(
        id=name,
        case=case,
        kind=worst.kind,
        statement=f"control, {statement}" if expected == CONTROL else statement,
        parameters={key: _plain(value) for key, value in numbers.items()},
        lhs=(float(worst.lhs.lower), float(worst.lhs.upper)),
        rhs=(float(worst.rhs.lower), float(worst.rhs.upper)),
        rigorous=worst.rigorous,
        verdict=worst.verdict,
        expected=expected,
        series={key: np.asarray(value) for key, value in (series or {}).items()},
    )


def _plain(value: Any) -> Any:
    array = np.asarray(value)
    return array.item() if array.ndim == 0 else array.tolist()
