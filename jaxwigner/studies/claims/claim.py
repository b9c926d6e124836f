"""A claim of the papers, declared once: its id and its place stand over the function that measures it, whose docstring says the rest.

    @claim("A9", "AFG Lemma 5.1")
    def singular_bound(full):
        '''sup_t‖U_sΨ(t)‖² ≤ ‖(H − κ)Ψ₀‖².

        *Given* ℝ³ for each nucleus. **Beyond:** the constant 1.

        What is corrected against the print, what is sharp: the rest of the entry in the glossary.
        '''
        yield case("head-on packet", ...)                  # an `Inequality` that must hold
        yield control("half the constant", ...)            # one that must be violated

    @more("A9")                                            # other data for it, in another file
    def three_nuclei(full): ...

From `CLAIMS` come the order, the options of the command, the tables of docs/claims.md and theorems.md, and the parameters of tests.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import jax
import numpy as np

from jaxwigner._checks import require
from jaxwigner.brackets import Bracket
from jaxwigner.inequality import Inequality

AFG, GP = "AFG", "GP"  # the papers, as README names them
CONTROL = "violated"  # what a negative control must give
SHARE = "measured/bound of "  # a row with it in its statement says how much of a bound is used, from both sides
# How a docstring begins to say a claim's hypotheses, and what is not in the paper.
GIVEN, ADDS = "*Given* ", "**Beyond:** "
BEYOND = ("beyond", "sharp", "closed")  # words of a place that the papers have not

Ends = tuple[float, float]
Tree = TypeVar("Tree")


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

    @property
    def is_control(self) -> bool:
        """Whether it is there to be violated."""
        return self.expected == CONTROL

    @property
    def r(self) -> float | None:
        """How much of the claim its data use up: `used`."""
        return 0.5 * sum(self.lhs) if self.is_share else used(self.kind, self.lhs, self.rhs)

    @property
    def is_share(self) -> bool:
        """Whether it says, from both sides, how much of a bound is used."""
        return SHARE in self.statement

    @property
    def is_beyond(self) -> bool:
        """Whether it is about more than the papers say."""
        return beyond(self.statement)

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
            "r": self.r,
            "rigorous": self.rigorous,
            "verdict": self.verdict,
            "expected": expected,
            "seconds": self.seconds,
        }


def used(kind: str, lhs: Ends, rhs: Ends) -> float | None:
    """r = left side/right side at the centres of their brackets: a claim that it is near 1 for is one that could have failed.

    Two negative sides are turned round. For a rate: how far the exponent is from the middle of the predicted interval, over half of
    its length. None where the right side is zero, or has not the sign of the left one.

    >>> from jaxwigner.studies.claims.claim import used
    >>> used("inequality", (0.5, 0.5), (2.0, 2.0)), used("inequality", (-2.0, -2.0), (-1.0, -1.0)), used("rate", (1.9, 2.1), (1.8, 2.2))
    (0.25, 0.5, 0.0)
    """
    (a, b), (c, d) = lhs, rhs
    left, right = 0.5 * (a + b), 0.5 * (c + d)
    if kind == "rate":
        return round(2 * abs(left - right) / (d - c), 12) if d > c else None
    if kind == "identity":
        return left / right if right else None
    if right < 0:
        return right / left if left < 0 else None
    return max(left, 0.0) / right if right else None


def beyond(statement: str) -> bool:
    """Whether a statement is none of the papers': it says so, or names no place there."""
    place = statement.removeprefix("control, ").partition(": ")[0]
    return not place.startswith((AFG, GP)) or any(word in place for word in BEYOND)


Measurement = Callable[[bool], Iterator[Row]]


@dataclass(frozen=True)
class Part:
    """A function that yields rows of a claim. `cost`: seconds it takes, roughly; `order`: its place among those of `more`."""

    id: str
    function: Measurement
    cost: float
    order: int


@dataclass(frozen=True)
class Claim:
    """What a paper claims, and the parts that measure it."""

    id: str
    paper: str
    place: str
    statement: str
    given: str
    beyond: str
    main: Part

    @property
    def parts(self) -> tuple[Part, ...]:
        """The function under `claim`, then those under `more`, by their order and as they were found."""
        added = [part for part in ADDED if part.id == self.id]
        return (self.main, *sorted(added, key=lambda part: part.order))

    @property
    def text(self) -> str:
        """What the glossary says besides."""
        return _declared(self.main.function)[3]

    def covers(self, printed: str) -> bool:
        """Whether what an `Inequality` prints as its place is among the declared ones; a text that names no paper is none.

        >>> from jaxwigner.studies import claims
        >>> [claims.CLAIMS["A9"].covers(place) for place in ("AFG Lemma 5.1, explicit", "AFG (53)", "AFG (9)", "two methods")]
        [True, True, False, True]
        """
        found = re.match(rf"(?:beyond )?(?:{AFG}|{GP}) ([^,]+)", printed)
        if found is None:
            return True
        place = found[1].removesuffix(" (sharp)")
        same = (place == one or place.startswith(f"{one} (") for one in self.place.split(", "))
        return self.paper in printed and any(same)


def _declared(function: Measurement) -> tuple[str, str, str, str]:
    """Statement, hypotheses, what is not in the paper, and all else that a docstring says."""
    paragraphs = inspect.cleandoc(function.__doc__ or "").split("\n\n")
    statement, *rest = (" ".join(one.split()) for one in paragraphs)
    limits = rest.pop(0) if rest and rest[0].startswith((GIVEN, ADDS)) else ""
    given, _, beyond = limits.partition(ADDS)
    given = given.strip().removeprefix(GIVEN)
    statement, given, beyond = (one.removesuffix(".") for one in (statement, given, beyond))
    return statement, given, beyond, " ".join(rest)


CLAIMS: dict[str, Claim] = {}
ADDED: list[Part] = []
SHARING: set[str] = set()  # files with a computation that several of their parts use


def claim(id: str, where: str, *, cost: float = 2.0) -> Callable[[Measurement], Measurement]:
    """Decorator: this function, given `full`, yields the cases and controls of the claim that its docstring is about.

    **Arguments:** `id`: "A9"; `where`: the paper, `AFG` or `GP`, and the place in it, several with commas; `cost`: seconds that it
    takes, roughly: the longest are begun first. The docstring: what the claim says; hypotheses after "*Given*" and what is not in the
    paper after "**Beyond:**", in a paragraph of their own; then anything else.

    **Raises:** `ValueError` for an id that is declared already.
    """
    require(id not in CLAIMS, "id", "be declared once", id)

    def declare(function: Measurement) -> Measurement:
        paper, _, place = where.partition(" ")
        statement, given, beyond, _ = _declared(function)
        main = Part(id, function, cost, 0)
        CLAIMS[id] = Claim(id, paper, place, statement, given, beyond, main)
        return function

    return declare


def more(id: str, *, order: int = 0, cost: float = 2.0) -> Callable[[Measurement], Measurement]:
    """Decorator: this function yields further rows of a claim that another file declares; `order` among others of the kind.

    An id that no file declares is refused when all of them have been read (`check_parts`).
    """

    def add(function: Measurement) -> Measurement:
        ADDED.append(Part(id, function, cost, order))
        return function

    return add


def check_parts() -> None:
    """Raise if `more` was given an id that no claim has."""
    for part in ADDED:
        known = ", ".join(CLAIMS)
        require(part.id in CLAIMS, "id", f"be that of a claim ({known})", part.id)


def shared(function: Callable) -> Callable:
    """Decorator: computed once for all parts of its file, which are therefore measured in one process."""
    SHARING.add(function.__module__)
    return functools.cache(function)


def case(
    name: str,
    inequality: Inequality,
    expected: str | tuple[str, ...] = "holds",
    *,
    series: dict[str, Any] | None = None,
    **parameters: float,
) -> Row:
    """The worst entry of a (batched) inequality as a row; whoever measures it stamps the id on it."""
    worst = inequality.worst()
    numbers = {**worst.parameters, **parameters}
    statement = f"{worst.claim}: {worst.statement}"
    return Row(
        id="",
        case=name,
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


def batch(claims: Iterable[Tree]) -> Tree:
    """Claims of one kind, measured one by one with one program, as the batch that `case` takes the worst of; and other trees of arrays.

    >>> from jaxwigner.studies.claims.claim import batch
    >>> from jaxwigner.theorems import Inequality
    >>> batch(Inequality("GP (8)", "a ≤ 1", a, 1.0) for a in (0.5, 0.7)).worst().lhs.upper.item()
    0.7
    """
    return jax.tree.map(lambda *leaves: np.stack(leaves), *claims)


def control(
    name: str, inequality: Inequality, *, series: dict[str, Any] | None = None, **parameters: float
) -> Row:
    """A row that must come out violated: a hypothesis or a constant broken on purpose."""
    return case(name, inequality, CONTROL, series=series, **parameters)


def share(claim: Inequality, low: float, high: float = 1.0) -> Inequality:
    """low ≤ measured/bound ≤ high for the entry of a batch that uses most of its bound; `high` allows for errors of both sides.

    >>> from jaxwigner import Bracket
    >>> from jaxwigner.studies.claims.claim import share
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


def _plain(value: Any) -> Any:
    array = np.asarray(value)
    return array.item() if array.ndim == 0 else array.tolist()
