"""What a process does for one mutant: measure the rows of parts of the table of claims and say each in a line of JSON.

    python -P measure.py FOLDER full|quick first|all PART [PART …]

FOLDER is where the package must come from; `first` ends at the first wrong verdict.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def part_of(name: str):
    """The part whose function is `name`, as "gp.stability.gaussian_data"."""
    from jaxwigner.studies.claims.measure import CLAIMS

    for one in CLAIMS.values():
        for part in one.parts:
            function = part.function
            if f"{function.__module__}.{function.__name__}".endswith(f".claims.{name}"):
                return part
    raise ValueError(f"No part of the table of claims is called {name}")


def said(row) -> dict:
    """What of a row goes to the process that asked."""
    return {**row.as_dict(), "as_expected": row.as_expected, "control": row.is_control}


def main(folder: str, extent: str, until: str, *names: str) -> None:
    import jax

    jax.config.update("jax_enable_x64", True)
    import jaxwigner
    from jaxwigner.studies.claims.measure import rows_of

    if Path(folder).resolve() not in Path(jaxwigner.__file__).resolve().parents:
        raise RuntimeError(f"The package must come from {folder}, not {jaxwigner.__file__}")
    for name in names:
        for row in rows_of(part_of(name), extent == "full"):
            print(json.dumps(said(row)), flush=True)
            if until == "first" and not row.as_expected:
                return


if __name__ == "__main__":
    main(*sys.argv[1:])
