"""Rows, the table and the JSON file."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import jax

from benchmarks.themes import module
from benchmarks.timing import Spread

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

PACKAGES = ("jax", "jaxlib", "equinox", "jaxtyping", "numpy", "scipy", "qutip", "dynamiqs")
HEAD = (
    "Written by `python -m benchmarks --page docs/benchmarks.md`, after `pip install -e '.[bench]'`.",
    "",
    "Contenders take turns in one process, every round gives one ratio, and the table shows the median and the quartiles of these.",
    "Compilation is timed apart. A row with a target says whether it was met; a row without one is for information.",
    "",
)
STYLES = {True: "green", False: "red", None: "dim"}
WORDS = {True: "met", False: "missed", None: ""}


class Row(NamedTuple):
    """One measured number beside its target; without a target it is quoted only.

    `spread`: median and quartiles where a number was measured several times; `compile_seconds`: of the contender under test;
    `program_bytes`: its arguments, results and what it needs between.
    """

    theme: str
    what: str
    value: float | None
    spread: Spread | None = None
    at_most: float | None = None
    at_least: float | None = None
    unit: str = ""
    compile_seconds: float | None = None
    note: str = ""
    program_bytes: int | None = None

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        if self.value is None or (self.at_most is None and self.at_least is None):
            return None
        below = self.at_most is None or self.value <= self.at_most
        above = self.at_least is None or self.value >= self.at_least
        return below and above

    @property
    def target(self) -> str:
        """The target as text."""
        bounds = (("≤", self.at_most), ("≥", self.at_least))
        return " ".join(f"{sign} {bound:g}" for sign, bound in bounds if bound is not None)


def timed(theme: str, what: str, measured: Spread, **more: Any) -> Row:
    """A row whose value is the median of measured ratios or times."""
    return Row(theme, what, measured.median, measured, **more)


def skipped(theme: str, reason: str) -> Row:
    """A row that says why there is no number."""
    return Row(theme, "skipped", None, note=reason)


def machine() -> dict[str, Any]:
    """What the numbers were measured on."""
    devices = sorted({device.device_kind for device in jax.devices()})
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "backend": jax.default_backend(),
        "devices": devices,
        "python": platform.python_version(),
        **{name: _version(name) for name in PACKAGES},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def as_table(rows: Sequence[Row]) -> Table:
    """All rows, one line each."""
    from rich.table import Table

    table = Table(title="Measured, beside the target", header_style="bold")
    table.add_column("theme", no_wrap=True)
    table.add_column("what")
    for name in ("measured", "quartiles", "target"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("")
    table.add_column("compiling", justify="right")
    table.add_column("note")
    for row in rows:
        style = STYLES[row.met]
        *cells, verdict, compiling, note = _cells(row)
        table.add_row(row.theme, *cells, f"[{style}]{verdict}[/{style}]", compiling, note)
    return table


def as_page(rows: Sequence[Row]) -> str:
    """A Markdown page: one section for each theme, headed by what the theme says about itself."""
    described = ", ".join(f"{key} {value}" for key, value in machine().items() if value is not None)
    lines = ["# Benchmarks", "", *HEAD, f"Measured on: {described}.", ""]
    for theme in dict.fromkeys(row.theme for row in rows):
        about = module(theme).__doc__ or ""
        lines += [f"## {theme}", "", about.strip(), ""]
        lines += ["| what | measured | quartiles | target | | compiling | |", "|" + "---|" * 7]
        for row in rows:
            if row.theme == theme:
                lines.append("| " + " | ".join(_escaped(cell) for cell in _cells(row)) + " |")
        lines.append("")
    return "\n".join(lines)


def _cells(row: Row) -> tuple[str, ...]:
    """What, measured, quartiles, target, verdict, seconds of compilation, note."""
    quartiles = "" if row.spread is None else f"{row.spread.low:.3g} … {row.spread.high:.3g}"
    compiling = "" if row.compile_seconds is None else f"{row.compile_seconds:.2f} s"
    measured = "" if row.value is None else f"{row.value:.4g}{' ' * bool(row.unit)}{row.unit}"
    return row.what, measured, quartiles, row.target, WORDS[row.met], compiling, row.note


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def write(rows: Sequence[Row], seconds: dict[str, float], path: Path) -> None:
    """JSON with the machine, the seconds each theme took, and every row."""
    fields = [
        {**row._asdict(), "spread": row.spread and list(row.spread), "met": row.met} for row in rows
    ]
    report = {"machine": machine(), "seconds": seconds, "rows": fields}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")


def console() -> Console:
    """The terminal, or wide lines where the output is no terminal."""
    from rich.console import Console

    probe = Console()
    return probe if probe.is_terminal else Console(width=190)
