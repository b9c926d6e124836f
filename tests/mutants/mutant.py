"""A mutant: changes of the library's text, and the part of the table of claims that must notice them."""

from __future__ import annotations

import importlib.util
import shutil
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "jaxwigner"


class DoesNotApply(ValueError):
    """The text to be changed is not there any more, or not once."""


@dataclass(frozen=True)
class Change:
    """`old` → `new` in `file` of the package."""

    file: str
    old: str
    new: str

    def applied(self, text: str | None = None) -> str:
        """The text of the file, or what others have made of it, with the change.

        **Raises:** `DoesNotApply` unless `old` stands there exactly once.
        """
        text = (PACKAGE / self.file).read_text(encoding="utf-8") if text is None else text
        found = text.count(self.old)
        if found != 1 or self.old == self.new:
            raise DoesNotApply(f"{self.old!r} stands {found} times in {self.file}")
        return text.replace(self.old, self.new)


@dataclass(frozen=True)
class Mutant:
    """`what` is changed in words, and how; `rows`: the function that yields the rows, as "gp.stability.gaussian_data".

    `full`: whether the row that notices is one of `limits --full`.
    """

    name: str
    what: str
    changes: tuple[Change, ...]
    rows: str
    full: bool = False

    def copy(self, folder: Path) -> None:
        """The package with the changes, in `folder`."""
        texts: dict[str, str] = {}
        for change in self.changes:
            texts[change.file] = change.applied(texts.get(change.file))
        copied(folder)
        for file, text in texts.items():
            path = folder / PACKAGE.name / file
            Path(importlib.util.cache_from_source(str(path))).unlink(missing_ok=True)
            path.write_text(text, encoding="utf-8")


def copied(folder: Path) -> None:
    """The package as it is, with its compiled files, which stay valid as long as the times of the sources do."""
    shutil.copytree(PACKAGE, folder / PACKAGE.name)
