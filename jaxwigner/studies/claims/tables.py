"""The claims as text: the table of docs/claims.md, the entries of docs/theorems.md, the list of ids in the help of the command.

Pages are written between markers, so that what is declared stands in them and nowhere else:

    python -m jaxwigner.studies.claims.tables            whether the pages say what is declared; exit status 1 if not
    python -m jaxwigner.studies.claims.tables --write    write it into them
    … --write --report results/report.json               keep the rows of that run in docs/measured.json first

In docs/claims.md `<!-- claims -->` is the table. In docs/theorems.md `<!-- claims A9 A21 -->` stands for the entries of these ids and
`<!-- claims besides -->` for those of all ids that no other marker names, under a heading of their own.
"""

from __future__ import annotations

import re
import sys
from itertools import groupby
from pathlib import Path

from jaxwigner.studies.claims import measured
from jaxwigner.studies.claims.claim import ADDS, CLAIMS, GIVEN, Claim
from jaxwigner.studies.claims.measure import ids

BLOCK = re.compile(r"<!-- claims( [^>]*?)? -->\n.*?<!-- end of claims -->", flags=re.S)
HEAD = "| id | claim (AFG: Ambrosio–Friesecke–Giannoulis, GP: Golse–Paul) |\n|---|---|"


def sentence(claim: Claim) -> str:
    """Where it stands, what it says, and what is not in the paper, in one line.

    >>> from jaxwigner.studies.claims.claim import CLAIMS
    >>> from jaxwigner.studies.claims.tables import sentence
    >>> sentence(CLAIMS["G15"])
    'GP §5.4: the consistency term K_N; beyond: exactly, and at least 8 × smaller than its bound'
    """
    beyond = f"; beyond: {claim.beyond}" if claim.beyond else ""
    return f"{claim.paper} {claim.place}: {claim.statement}{beyond}"


def listing() -> str:
    """The ids, in runs: "G1 … G20, …, diagram"."""
    runs = [list(run) for _, run in groupby(ids(), key=lambda name: name.rstrip("0123456789"))]
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]} … {run[-1]}" for run in runs)


def table() -> str:
    """The table of docs/claims.md."""
    escaped = ((name, sentence(CLAIMS[name]).replace("|", r"\|")) for name in _by_letter())
    return "\n".join([HEAD, *(f"| {name} | {text} |" for name, text in escaped)])


def _by_letter() -> list[str]:
    """AFG before GP, as the pages have it."""
    return sorted(ids(), key=lambda name: (name.islower(), name[0]))


def entries(names: list[str]) -> str:
    """The entries of the glossary for these ids."""
    return "\n".join(f"- **{name}.** {_entry(CLAIMS[name])}" for name in names)


def _entry(claim: Claim) -> str:
    given = f" {GIVEN}{claim.given}." if claim.given else ""
    beyond = f" {ADDS}{claim.beyond}." if claim.beyond else ""
    head = f"{claim.paper} {claim.place}: {claim.statement}."
    return f"{head}{given}{beyond} {claim.text}"


def rewritten(page: str) -> str:
    """A page with what stands between its markers as it is declared now.

    **Raises:** `ValueError` for an id that is none, or that two markers name.
    """
    named = [name for found in BLOCK.finditer(page) for name in (found[1] or "").split()]
    for name in set(named) - {"besides"}:
        if name not in CLAIMS or named.count(name) > 1:
            raise ValueError(f"A marker must name claims, each once, but {name!r} is none or twice")
    rest = [name for name in ids() if name not in named]

    def block(found: re.Match) -> str:
        return f"<!-- claims{found[1] or ''} -->\n{_between(found[1], rest)}<!-- end of claims -->"

    return BLOCK.sub(block, page)


def _between(names: str | None, rest: list[str]) -> str:
    if names is None:
        return f"\n{table()}\n\n"
    if names.strip() != "besides":
        return f"\n{entries(names.split())}\n\n"
    return f"\n## Other claims\n\n{entries(rest)}\n\n" if rest else ""


def stale(root: Path, *, write: bool = False) -> list[str]:
    """The pages below `root` that do not say what is declared; with `write` they do afterwards."""
    found = []
    for name in ("docs/claims.md", "docs/theorems.md"):
        path = root / name
        page = path.read_text(encoding="utf-8")
        new = measured.rewritten(rewritten(page), root)
        if new != page:
            found.append(name)
            if write:
                path.write_text(new, encoding="utf-8")
    return found


if __name__ == "__main__":
    write = "--write" in sys.argv[1:]
    if "--report" in sys.argv[1:-1]:
        measured.keep_rows(Path.cwd(), Path(sys.argv[sys.argv.index("--report") + 1]))
    pages = stale(Path.cwd(), write=write)
    print("written:" if write else "stale:", ", ".join(pages) or "none")
    sys.exit(1 if pages and not write else 0)
