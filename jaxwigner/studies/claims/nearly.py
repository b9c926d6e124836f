"""Rows with two sides: how much of its bound a claim uses is known, so that a bound that is too large is noticed as well."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaxwigner.brackets import Bracket
from jaxwigner.inequality import Inequality
from jaxwigner.studies.claims.claim import Row, case


def share(claim: Inequality, low: float, high: float = 1.0) -> Inequality:
    """low ≤ measured/bound ≤ high for the entry of a batch that uses most of its bound; `high` allows for errors of both sides.

    >>> from jaxwigner import Bracket
    >>> from jaxwigner.studies.claims.nearly import share
    >>> from jaxwigner.theorems import Inequality
    >>> claim = Inequality("AFG (9)", "P ≤ Kδ²/C²", Bracket(0.90, 0.92), 1.0)
    >>> [share(claim.with_constant(c), 0.85).verdict for c in (1.0, 0.8, 1.2)]
    ['holds', 'violated', 'violated']
    """
    upper = np.asarray(claim.lhs.upper) / np.asarray(claim.rhs.lower)
    lower = np.asarray(claim.lhs.lower) / np.asarray(claim.rhs.upper)
    index = np.argmax(0.5 * (lower + upper))
    ends = (
        np.nan_to_num(lower.flat[index], nan=-np.inf),
        np.nan_to_num(upper.flat[index], nan=np.inf),
    )
    used = Bracket(*sorted(map(float, ends)), rigorous=False)  # a bound below zero turns them round
    law = f"measured/bound of {claim.statement}"
    return Inequality(claim.claim, law, used, Bracket(low, high), kind="rate")


def two_sided(
    name: str, claim: Inequality, low: float, high: float = 1.0, **options: Any
) -> tuple[Row, Row]:
    """The claim as a row, and how much of it is used as another."""
    return case(name, claim, **options), case(f"{name}: share", share(claim, low, high))
