"""What the command line writes to: a terminal, a pipe that may close, a disk that may be full, an encoding without Greek letters.

Results are saved before anything is said. What can no longer be said is dropped, and the command goes on to its exit status.
"""

from __future__ import annotations

import codecs
import io
import logging
import os
import sys
import unicodedata
from typing import Any

from rich.console import Console

PLAIN = dict(
    zip(
        "ħ−≤≥‖√∞∂±⟨⟩·–",
        ("hbar", "-", "<=", ">=", "||", "sqrt", "inf", "d", "+-", "<", ">", "*", "-"),
    )
)


class Screen(Console):
    """A console that falls silent where its stream is closed or full; rich would end the command."""

    def print(self, *objects: Any, **options: Any) -> None:
        """As rich prints it, as far as the stream takes it."""
        try:
            super().print(*objects, **options)
            self.file.flush()
        except OSError:
            self.on_broken_pipe()

    def on_broken_pipe(self) -> None:
        """Say no more, and let what Python writes when it ends go nowhere."""
        self.quiet = True
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), self.file.fileno())


def screens() -> tuple[Screen, Screen]:
    """One for standard output, as wide as a terminal or 150 columns, and one for standard error."""
    terminal = sys.stdout is not None and sys.stdout.isatty()
    return Screen(width=None if terminal else 150), Screen(stderr=True)


def end_quietly() -> None:
    """Let what other threads leave unfinished at a Ctrl-C (a store's event loop) go without a traceback; nothing comes after."""
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    sys.unraisablehook = lambda unraisable: None


def say_it_in_ascii() -> None:
    """Let standard output and error write what their encoding lacks in plain letters."""
    codecs.register_error("plain", _plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="plain")


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    # Python may ask for the replacement in ASCII: anything else would fail again.
    return "".join(map(_in_ascii, text)), error.end


def _in_ascii(letter: str) -> str:
    """A Greek letter by its name, a raised or accented one by what it is made of."""
    if letter in PLAIN:
        return PLAIN[letter]
    name = unicodedata.name(letter, "")
    if name.startswith("GREEK SMALL LETTER"):
        return name.split()[3].lower()
    parts = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return parts or "?"
