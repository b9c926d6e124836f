"""An energy curve from a file: two columns with their units in the header, as a `Curve` in atomic units."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from jaxwigner._checks import check_choice, check_finite, require
from jaxwigner.potentials.curves.curve import Curve
from jaxwigner.units.reader import factor

ZEROS = ("table", "minimum", "last")
FEWEST = 6
# A column and its unit, in the three ways of writing it.
_MARKS = r"\[([^\[\]]+)\]", r"\(([^()]+)\)", r"/\s*([^\s,;]+)"
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eEdD][+-]?\d+)?")
_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
_COMMAS = re.compile(r"\d,\d+\s+[+-]?\d+,\d")
_EXAMPLE = "`R [angstrom], E [cm-1]`"
_SINGLE = 1e-4  # of the range of a curve: more than this may not be lost to the precision that JAX is set to


class _Column(NamedTuple):
    name: str
    unit: str


def read_curve(
    path: str | Path,
    *,
    inner: str = "exponential",
    outer: str = "refuse",
    zero: str = "table",
    columns: Sequence[str] | None = None,
) -> Curve:
    """An energy curve U(R) from a text file, in atomic units: the quintic spline through its points.

    The header names a unit for each column, `R [angstrom], E [cm-1]`, `R (Å) E (eV)` or `R/bohr E/hartree`; it may stand in a comment
    (`#`). Columns are separated by commas, semicolons, tabs or blanks; numbers have decimal points.

    **Arguments:**

    - `path`: the file.
    - `inner`, `outer`: the law before the first and beyond the last point, as in `Curve`: "exponential" or "refuse"; "refuse",
      "constant" or "inverse-power".
    - `zero`: where energy is zero: "table" (as the file has it), "minimum" (the lowest tabulated value) or "last" (the last one).
    - `columns`: names of the two columns, where there are more: `("R", "E")`.

    **Returns:** a `Curve`: R in bohr, U in hartree.

    **Raises:** `ValueError` for a file without units or with units of another kind, rows that are not numbers, not finite, out of order
    or doubled, decimal commas, or fewer than 6 points, with the line; `OSError` where there is no such file.

    !!! example

        >>> import tempfile, pathlib
        >>> import jaxwigner as jw
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "scan.csv"
        >>> rows = [f"{0.8 + 0.1 * i}, {1000 * (i - 4)**2}" for i in range(12)]
        >>> _ = path.write_text("R [angstrom], E [cm-1]" + chr(10) + chr(10).join(rows))
        >>> curve = jw.read_curve(path)
        >>> round(float(curve.nodes[0] / jw.units.angstrom), 9)
        0.8
        >>> abs(float(curve(1.2 * jw.units.angstrom))) < 1e-9
        True
    """
    check_choice("zero", zero, ZEROS)
    lines = _lines(Path(path))
    rows = [(n, line) for n, line in lines if line and not line.startswith("#")]
    header, first = _header(lines, rows, columns)
    chosen = _chosen(header, columns)
    scales = [
        factor(header[place].unit, kind, f"path, column {header[place].name}")
        for place, kind in zip(chosen, ("length", "energy"))
    ]
    table = np.array([_numbers(n, line, len(header), chosen) for n, line in rows[first:]])
    _check_rows(table, [n for n, _ in rows[first:]])
    nodes, values = table[:, 0] * scales[0], table[:, 1] * scales[1]
    values = values - {"table": 0.0, "minimum": values.min(), "last": values[-1]}[zero]
    _check_precision(values)
    return Curve(nodes, values, inner, outer)


def _lines(path: Path) -> list[tuple[int, str]]:
    """The lines with their numbers, without what stands behind a comment sign; a comment keeps its sign."""
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    lines = re.split(r"\r\n|\r|\n", text)
    found = []
    for number, line in enumerate(lines, 1):
        head, _, _ = line.strip().partition("#")
        found.append((number, head.strip() or line.strip()))
    return found


def _refuse(must: str, line: int | None, text: str) -> ValueError:
    where = "" if line is None else f" in line {line}"
    return ValueError(f"Argument `path` must {must}, but has {text}{where}")


def _header(
    lines: list[tuple[int, str]], rows: list[tuple[int, str]], columns: Sequence[str] | None
) -> tuple[list[_Column], int]:
    """The columns, and how many of the rows are their header (1, or 0 where it is a comment)."""
    if not rows:
        raise _refuse(f"hold a table with a header such as {_EXAMPLE}", None, "no rows")
    start, line = rows[0]
    if not _starts_with_number(line):
        found = _columns(line)
        if len(found) < 2:
            must = f"name the unit of each column in its header, such as {_EXAMPLE}"
            raise _refuse(must, start, repr(line))
        return found, 1
    comments = [text.lstrip("# \t") for n, text in lines if n < start and text.startswith("#")]
    width = len(_fields(line))
    for text in reversed(comments):
        found = _columns(text)
        if len(found) == width >= 2:
            return found, 0
    must = f"name the unit of each of its {width} columns in a header such as {_EXAMPLE}"
    raise _refuse(must, start, "numbers")


def _starts_with_number(line: str) -> bool:
    return _NUMBER.match(_fields(line)[0].replace(",", ".")) is not None


def _fields(line: str) -> list[str]:
    """A row in its parts: by semicolons, tabs or commas where it has any, else by blanks."""
    marks = (";", ",", "\t") if re.search(r",\s", line) else (";", "\t", ",")
    for mark in marks:
        if mark in line:
            parts = [part.strip().strip("\"'").strip() for part in line.split(mark)]
            return parts[:-1] if parts[-1] == "" and len(parts) > 2 else parts
    return line.split()


def _columns(text: str) -> list[_Column]:
    """Names and units of a header, or nothing where they cannot be told."""
    if any(mark in text for mark in (";", "\t", ",")):
        return [_column(part) for part in _fields(text)]
    text = text.replace('"', " ").replace("'", " ")
    for name, mark in zip((r"[^\[\]]+?", r"\S+?", r"\S+?"), _MARKS):
        pattern = rf"({name})\s*{mark}"
        found, rest = re.findall(pattern, text), re.sub(pattern, "", text)
        if len(found) >= 2 and not rest.strip():
            return [_Column(one.strip(), unit.strip()) for one, unit in found]
    return []


def _column(part: str) -> _Column:
    """A name and its unit; no unit is an empty one."""
    for mark in _MARKS:
        found = re.fullmatch(rf"(.*?)\s*{mark}", part)
        if found:
            return _Column(found[1].strip().rstrip("/"), found[2].strip())
    return _Column(part, "")


def _chosen(header: list[_Column], columns: Sequence[str] | None) -> tuple[int, int]:
    """The places of distance and energy."""
    names = [column.name for column in header]
    if columns is None:
        must = f"be given for a file of {len(header)} columns, two of {', '.join(map(repr, names))}"
        require(len(header) == 2, "columns", must, columns)
        wanted = [0, 1]
    else:
        two = not isinstance(columns, str) and len(columns) == 2 and columns[0] != columns[1]
        require(two, "columns", "be the names of two columns", columns)
        for name in columns:
            check_choice("columns", name, names)
            require(names.count(name) == 1, "columns", "name one column each", name)
        wanted = [names.index(name) for name in columns]
    for i in wanted:
        if not header[i].unit:
            must = f"name the unit of column {names[i]!r} in its header, such as {_EXAMPLE}"
            raise _refuse(must, None, "none")
    return wanted[0], wanted[1]


def _numbers(number: int, line: str, width: int, chosen: tuple[int, int]) -> list[float]:
    """The two numbers of a row."""
    fields = _fields(line)
    decimal = any(_COMMA.fullmatch(field) for field in fields)
    if decimal or _COMMAS.search(line) or ("," in line and len(fields) == 2 * width):
        raise _refuse("have decimal points", number, f"decimal commas ({line!r})")
    if len(fields) != width:
        raise _refuse(f"have {width} numbers in a row, as its header", number, repr(line))
    found = []
    for i in chosen:
        text = fields[i]
        if text.lstrip("+-").lower() in ("nan", "inf", "infinity", ""):
            raise _refuse("have finite numbers", number, repr(text))
        if not _NUMBER.fullmatch(text):
            raise _refuse("have numbers below its header", number, repr(text))
        found.append(float(re.sub("[dD]", "e", text)))
    return found


def _check_rows(table: np.ndarray, numbers: list[int]) -> None:
    """Enough points, finite, one after the other."""
    if len(table) < FEWEST:
        raise _refuse(f"have at least {FEWEST} points", None, f"{len(table)}")
    for number, row in zip(numbers, table):
        check_finite(f"path, line {number}", row)
    for number, before, after in zip(numbers[1:], table[:-1, 0], table[1:, 0]):
        if after == before:
            raise _refuse("have each distance once", number, f"{after:g} again")
        if after < before:
            raise _refuse(
                "have its rows in increasing order", number, f"{after:g} after {before:g}"
            )


def _check_precision(values: np.ndarray) -> None:
    """Large energies keep what distinguishes them, in the precision that JAX is set to."""
    lost = float(jnp.finfo(jnp.result_type(float)).eps) * np.max(np.abs(values))
    must = "be 'minimum' where JAX is set to single precision: the curve drowns in a large constant"
    require(lost <= _SINGLE * np.ptp(values), "zero", must, "another")
