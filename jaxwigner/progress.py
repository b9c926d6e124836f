"""Progress of long work: who does it says what, how much is done, and how much there is."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]  # stage, how much is done, how much there is


def quiet(stage: str, done: int, total: int) -> None:
    """A `Progress` that tells nobody."""
