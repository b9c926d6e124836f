"""Progress of long work: who does it says what, how much is done, and how much there is."""

from __future__ import annotations

import math
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Progress = Callable[[str, int, int], None]  # stage, how much is done, how much there is
PATIENCE = 2.0  # seconds after which long work says that it goes on
WIDTH = 24  # of a bar, in letters


def quiet(stage: str, done: int, total: int) -> None:
    """A `Progress` that tells nobody."""


def watched() -> bool:
    """Whether somebody reads standard error now: a terminal, or a notebook."""
    stream: Any = sys.stderr
    if stream is None or getattr(stream, "closed", False):
        return False
    return bool(stream.isatty()) or _is_notebook(stream)


def on_terminal() -> bool:
    """Whether a terminal does: a notebook keeps what is written there, and shows what is asked for only."""
    return watched() and not _is_notebook(sys.stderr)


def _is_notebook(stream: Any) -> bool:
    return type(stream).__module__.startswith("ipykernel")


@contextmanager
def bar() -> Iterator[Progress]:
    """A `Progress` that draws a bar where somebody reads it, and leaves the line clean, whatever ends the work.

    >>> from jaxwigner.progress import bar
    >>> with bar() as tell:
    ...     tell("evolving", 1, 2)
    """
    if not watched():
        yield quiet
        return
    began = time.monotonic()

    def tell(stage: str, done: int, total: int) -> None:
        full = WIDTH * done // max(total, 1)
        spent = time.monotonic() - began
        left = f", {_span(spent * (total - done) / done)} left" if done else ""
        drawn = "━" * full + "╺" * (full < WIDTH) + " " * (WIDTH - full - 1)
        _write(f"\r{stage} {drawn} {100 * done // max(total, 1):3d} % {_span(spent)}{left}\x1b[K")

    try:
        yield tell
    finally:
        _write("\r\x1b[K")


@contextmanager
def clock(stage: str, patience: float = PATIENCE) -> Iterator[None]:
    """Say on a terminal, after some seconds, how long the work has taken so far; the line is gone at its end.

    >>> from jaxwigner.progress import clock
    >>> with clock("evolving"):
    ...     1 + 1
    2
    """
    done = threading.Event()
    began = time.monotonic()

    def tick() -> None:
        if done.wait(patience):
            return
        while not done.is_set():
            _write(f"\r{stage} {_span(time.monotonic() - began)}\x1b[K")
            done.wait(1.0)
        _write("\r\x1b[K")

    teller = threading.Thread(target=tick, daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()


def _write(text: str) -> None:
    """To standard error, as far as it takes it."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (OSError, ValueError, UnicodeError, AttributeError):
        return


def _span(seconds: float) -> str:
    """A span of time, as people say it.

    >>> from jaxwigner.progress import _span
    >>> _span(3.2), _span(75.0), _span(7300.0)
    ('3 s', '1 min 15 s', '2 h 1 min')
    """
    if not math.isfinite(seconds):
        return "?"
    whole = int(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {whole % 60} s" if minutes else f"{whole} s"
