"""What was measured, for the page: every row of a run with its r, and the mutants of the library that it has noticed.

docs/measured.json     "rows": [{id, case, expected, verdict, and r, power or sides}, …], "mutants": {name: [id, case]}
<!-- measured -->      in docs/claims.md: the table of both
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from jaxwigner.disk.folders import write_text
from jaxwigner.studies.claims.claim import SHARE
from jaxwigner.studies.claims.report import check_version

FILE = "docs/measured.json"
BLOCK = re.compile(r"<!-- measured -->\n.*?<!-- end of measured -->", flags=re.S)
HEAD = "| id | case | r | verdict | wrong constants, exponents, signs that it noticed |\n|---|---|---|---|---|"
KEPT = ("id", "case", "expected", "verdict")


def read(root: Path) -> dict[str, Any]:
    """What is kept below `root`; nothing where there is no such file."""
    path = root / FILE
    if not path.exists():
        return {"rows": [], "mutants": {}}
    return json.loads(path.read_text(encoding="utf-8"))


def keep_rows(root: Path, report: Path) -> None:
    """The rows of a report.json in the place of those that are kept; one of another version is refused."""
    told = json.loads(report.read_text(encoding="utf-8"))
    check_version(told["version"], "report")
    _keep({**read(root), "rows": [kept(row) for row in told["rows"]]}, root)


def keep_mutants(root: Path, noticed: dict[str, list[str]]) -> None:
    """Which row, [id, case], has noticed a mutant; the others that are kept stay."""
    old = read(root)
    _keep({**old, "mutants": {**old["mutants"], **noticed}}, root)


def _keep(data: dict[str, Any], root: Path) -> None:
    """A line for each row and each mutant."""
    line = lambda value: json.dumps(value, ensure_ascii=False)  # noqa: E731
    rows = ",\n".join(map(line, data["rows"]))
    mutants = ",\n".join(f"{line(k)}: {line(v)}" for k, v in sorted(data["mutants"].items()))
    write_text(f'{{"rows": [\n{rows}\n],\n"mutants": {{\n{mutants}\n}}}}\n', root / FILE)


def kept(row: dict[str, Any]) -> dict[str, Any]:
    """What the page needs of a row of a report: r, for a rate the power, to three digits; an identity has two sides."""
    about = {key: row[key] for key in KEPT}
    if row["kind"] == "rate" and SHARE not in row["statement"]:
        return {**about, "power": rounded(0.5 * sum(row["lhs"]))}
    if row["r"] is None or (row["kind"] == "identity" and row["verdict"] == "holds"):
        return {**about, "sides": 2}
    return {**about, "r": rounded(row["r"])}


def rounded(number: float) -> float:
    """To three digits.

    >>> from jaxwigner.studies.claims.measured import rounded
    >>> rounded(0.98765)
    0.988
    """
    return float(f"{number:.3g}")


def rewritten(page: str, root: Path) -> str:
    """A page with the table between its markers."""
    data = read(root)
    return BLOCK.sub(
        lambda _: f"<!-- measured -->\n\n{table(data)}\n\n<!-- end of measured -->", page
    )


def table(data: dict[str, Any]) -> str:
    """A line for each row."""
    noticed: dict[tuple[str, str], list[str]] = {}
    for mutant, (name, case) in sorted(data["mutants"].items()):
        noticed.setdefault((name, case), []).append(mutant)
    return "\n".join([HEAD, *(_line(row, noticed) for row in data["rows"])])


def _line(row: dict[str, Any], noticed: dict[tuple[str, str], list[str]]) -> str:
    control = "control: " if row["expected"] == "violated" else ""
    case = f"{control}{row['case']}".replace("|", r"\|")
    mutants = ", ".join(noticed.get((row["id"], row["case"]), []))
    return f"| {row['id']} | {case} | {_number(row)} | {row['verdict']} | {mutants} |"


def _number(row: dict[str, Any]) -> str:
    if "power" in row:
        return f"power {row['power']:.2f}"
    return f"{row['r']:.3g}" if "r" in row else "="
