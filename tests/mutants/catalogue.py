"""The named changes, from the files of `changes`, and those that no row can notice.

[[file]]            path = "theorems/gp/rates.py"
                    mutants = [[name, what is changed in words, old, new, rows], …]; a sixth entry "full" for rows of `--full`
[[mutant]]          one that changes several files: name, what, rows, changes = [[file, old, new], …]
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .mutant import Change, Mutant

FOLDER = Path(__file__).with_name("changes")
PROVED = {
    "M09a": "Λ = 1 + 2L, or any rate of at least 1 + L, is a true bound in Theorem 2.5: Theorem S of docs/theorems.md",
}


def mutants() -> tuple[Mutant, ...]:
    """All of them, by file.

    **Raises:** `ValueError` for a name that two of them have.
    """
    found = [one for path in sorted(FOLDER.glob("*.toml")) for one in _read(path)]
    names = [one.name for one in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"Each mutant must have a name of its own, but two are {twice[0]}")
    return tuple(found)


def _read(path: Path) -> Iterator[Mutant]:
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    for file in told.get("file", []):
        for entry in file["mutants"]:
            yield _of_one_file(file["path"], *entry)
    for one in told.get("mutant", []):
        yield _of_several(**one)


def _of_one_file(
    path: str, name: str, what: str, old: str, new: str, rows: str, extent: str = "quick"
) -> Mutant:
    return Mutant(name, what, (Change(path, old, new),), rows, extent == "full")


def _of_several(name: str, what: str, rows: str, changes: list[Any], extent: str = "quick"):
    return Mutant(name, what, tuple(Change(*one) for one in changes), rows, extent == "full")
