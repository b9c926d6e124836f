"""The experiments that there are, found by listing this room, and the TOML files that describe them.

A file says `experiment = "…"` and any of that experiment's keys; what it leaves out keeps its default.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
import re
import tomllib
from pathlib import Path
from typing import Any

from jaxwigner.studies import experiments as room
from jaxwigner.studies.experiments.experiment import Experiment, Planned
from jaxwigner.studies.experiments.settings import complain, read

LARGEST = 1 << 18  # bytes of a file of settings
# tomllib takes minutes for 50,000 dots. A key begins after a space or a sign.
DOTTED = re.compile(r"(?<![^\s.,=\[\]{}])(?:[^\s.,=\[\]{}]++[ \t]*+\.[ \t]*+){33}")
# Files of the room that are no experiments.
OTHERS = {"catalogue", "experiment", "isotopes", "settings"}


@functools.cache
def experiments() -> dict[str, Experiment]:
    """Every experiment and sweep by name: the `EXPERIMENT` of each file, and of `experiment` in each folder.

    >>> from jaxwigner.studies.experiments import catalogue
    >>> catalogue.experiments()["averages"].command
    'sweep'
    """
    found = {}
    for entry in pkgutil.iter_modules(room.__path__):
        if entry.name not in OTHERS:
            place = f"{room.__name__}.{entry.name}" + (".experiment" if entry.ispkg else "")
            declared = importlib.import_module(place).EXPERIMENT
            found[declared.name] = declared
    return dict(sorted(found.items()))


def names(command: str = "run") -> list[str]:
    """Names of what a command takes.

    >>> from jaxwigner.studies.experiments import catalogue
    >>> catalogue.names("sweep")
    ['averages']
    """
    return [name for name, one in experiments().items() if one.command == command]


def load(name_or_path: str | Path, command: str = "run") -> Planned:
    """The experiment of a name, or of a TOML file, that the command takes: "run" or "sweep".

    **Raises:** `ValueError` for an unknown name, a file that is missing or no TOML, and for a key that is unknown, of the wrong
    type or out of range; it names the key, the value and what is allowed.

    >>> from jaxwigner.studies.experiments import catalogue
    >>> catalogue.load("averages", "sweep").settings.steps
    40
    """
    known = names(command)
    if str(name_or_path) in known:
        declared = experiments()[str(name_or_path)]
        return declared.with_settings(declared.Settings())
    path = Path(name_or_path)
    if not path.is_file():
        allowed = ", ".join(known)
        raise ValueError(
            f"Argument `experiment` must be one of {allowed}, or a TOML file, but is {str(path)!r}"
        )
    try:
        return _from_file(path, known)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def _from_file(path: Path, known: list[str]) -> Planned:
    table = _table(path)
    name = table.pop("experiment", None)
    if not isinstance(name, str) or name not in known:
        complain("experiment", f"be one of {', '.join(map(repr, known))}", name)
    declared = experiments()[name]
    return declared.with_settings(read(declared.Settings, table))


def _table(path: Path) -> dict[str, Any]:
    """What the file holds. Files of settings are short and flat: whatever would keep the parser busy is refused unread."""
    with path.open("rb") as file:
        raw = file.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise ValueError(f"a file of settings must be at most {LARGEST} bytes, but has more")
    try:
        text = raw.decode("utf-8-sig")  # editors on Windows begin with a byte-order mark
    except UnicodeDecodeError as error:
        raise ValueError(f"must be a text in UTF-8, but byte {error.start} is not") from None
    if DOTTED.search(text):
        raise ValueError("keys must not be nested so deeply, but one has more than 32 dots")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("values must not be nested so deeply, but some are") from None


def listing(command: str) -> str:
    """One line an experiment: its name and its title, for the help of the command."""
    width = max(map(len, names(command)))
    lines = (f"{name:<{width}}  {experiments()[name].title}" for name in names(command))
    return "\n".join(lines)


def gallery() -> str:
    """The experiments as docs/gallery.md shows them: title, command, what it is, and the picture where there is one."""
    parts = []
    for name, one in experiments().items():
        command = f"```console\njaxwigner {one.command} {name} --out results/{name}\n```"
        picture = f"![{one.title}]({one.picture})" if one.picture else ""
        parts += [f"## {one.title}", command, one.about, picture]
    return "\n\n".join(part for part in parts if part) + "\n"
