"""The command: runs the themes one after the other, prints one table, writes JSON."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import jax

from benchmarks.report import Row, as_page, as_table, console, machine, write
from benchmarks.themes import THEMES, module


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 1 when a target was missed."""
    options = _options(arguments)
    jax.config.update("jax_enable_x64", True)
    screen = console()
    rows: list[Row] = []
    seconds: dict[str, float] = {}
    for name in options.only or THEMES:
        screen.print(f"[dim]{name} …[/dim]")
        start = time.perf_counter()
        rows += module(name).run(quick=options.quick)
        seconds[name] = time.perf_counter() - start
    screen.print(as_table(rows))
    described = ", ".join(f"{key} {value}" for key, value in machine().items())
    screen.print(described, highlight=False)
    missed = sum(row.met is False for row in rows)
    met = sum(row.met is True for row in rows)
    screen.print(f"{met} targets met, {missed} missed; {sum(seconds.values()):.0f} s")
    if options.out:
        write(rows, seconds, options.out)
    if options.page:
        options.page.write_text(as_page(rows))
    return 1 if missed else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only", action="append", choices=THEMES, help="one theme; may be repeated"
    )
    parser.add_argument("--quick", action="store_true", help="smaller sizes, fewer rounds")
    parser.add_argument("--out", type=Path, metavar="FILE.json", help="keep the numbers")
    parser.add_argument("--page", type=Path, metavar="FILE.md", help="write a page of the rows")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
