"""What a run leaves behind: one line of JSON a row, on the disk as soon as it is measured, and a page made of them."""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path
from typing import Any

from benchmarks.report import WORDS, Row

LARGEST = 15 * 2**20  # bytes of a file, so that it can be carried away
HEAD = (
    "# A device run",
    "",
    "Written by `python -m benchmarks.device`; `rows.jsonl` beside it holds the same rows with all their fields.",
    "Peaks are of the process so far (the device's own count), program sizes what the compiler says.",
    "",
)


class Log:
    """Rows into `rows.jsonl`, flushed and synced one by one; `devices.md` is written anew after each."""

    def __init__(self, folder: Path, about: dict[str, Any]):
        folder.mkdir(parents=True, exist_ok=True)
        self.rows: list[dict[str, Any]] = []
        self.about, self.folder = about, folder
        self._lock, self._start = threading.RLock(), time.perf_counter()
        self._lines = open(folder / "rows.jsonl", "w", encoding="utf-8")  # noqa: SIM115
        self._line({"theme": "machine", **about})

    def add(self, row: Row, **more: Any) -> None:
        """One row; `more`: bytes, seconds and what else belongs to it."""
        spread = row.spread and list(row.spread)
        at = round(time.perf_counter() - self._start, 1)
        entry = {**row._asdict(), "spread": spread, "met": row.met, "at": at, **more}
        with self._lock:
            self.rows.append(entry)
            self._line(entry)
            self.page()

    def _line(self, entry: dict[str, Any]) -> None:
        text = json.dumps(entry, ensure_ascii=False, default=str) + "\n"
        if self._lines.tell() + len(text.encode()) > LARGEST:
            return
        self._lines.write(text)
        self._lines.flush()
        os.fsync(self._lines.fileno())

    def page(self) -> None:
        """The page of the rows so far, replaced at once."""
        temporary = self.folder / "devices.md.new"
        temporary.write_text(page_of(self.about, self.rows), encoding="utf-8")
        os.replace(temporary, self.folder / "devices.md")

    def close(self) -> None:
        self._lines.close()


def page_of(about: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    """Card, versions and date; then a table for each theme."""
    described = [f"- {key}: {value}" for key, value in about.items() if value is not None]
    counted = [sum(row["met"] is met for row in rows) for met in (True, False)]
    lines = [*HEAD, *described, "", f"{counted[0]} targets met, {counted[1]} missed.", ""]
    for theme in dict.fromkeys(row["theme"] for row in rows):
        lines += [f"## {theme}", "", "| what | measured | target | | compiling | bytes | |"]
        lines.append("|" + "---|" * 7)
        lines += [line_of(row) for row in rows if row["theme"] == theme]
        lines.append("")
    return "\n".join(lines)


def line_of(row: dict[str, Any]) -> str:
    """One row of the table."""
    plain = Row(**{key: row[key] for key in Row._fields if key != "spread"})
    compiling = "" if plain.compile_seconds is None else f"{plain.compile_seconds:.1f} s"
    value = "" if plain.value is None else f"{plain.value:.4g} {plain.unit}".strip()
    cells = (plain.what, value, plain.target, WORDS[plain.met], compiling, sizes(row), plain.note)
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def sizes(row: dict[str, Any]) -> str:
    """Program and peak in GiB, where they are known."""
    known = (("program", row.get("program_bytes")), ("peak", row.get("peak_bytes")))
    return ", ".join(f"{name} {value / 2**30:.3g} GiB" for name, value in known if value)
