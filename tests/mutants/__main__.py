"""The command: every named change of the library must turn a verdict of the table of claims.

python -m tests.mutants                       all of them, one line each; exit status 1 where one is not noticed
python -m tests.mutants --list                what they are
python -m tests.mutants --only M11 --only M13 these, by name
python -m tests.mutants --workers 2           so many at a time
python -m tests.mutants --record              and keep in docs/measured.json which row has noticed which
"""

from __future__ import annotations

import argparse
import sys

from jaxwigner.studies.claims import measured

from .catalogue import PROVED, mutants
from .mutant import PACKAGE, Mutant
from .run import NOTICED, Outcome, run
from .said import change, line

ROOT = PACKAGE.parent


def main(arguments: list[str]) -> int:
    options = read(arguments)
    chosen = [one for one in mutants() if not options.only or one.name in options.only]
    unknown = sorted(set(options.only) - {one.name for one in chosen})
    if unknown:
        print(f"Option `--only` must name mutants (see --list), but has {', '.join(unknown)}")
        return 2
    if options.list:
        return listed(chosen)
    outcomes = []
    for outcome in run(chosen, options.workers):
        print(line(outcome), flush=True)
        outcomes.append(outcome)
        if options.record and outcome.row is not None:
            row = outcome.row
            measured.keep_mutants(ROOT, {outcome.mutant.name: [row["id"], row["case"]]})
    return judgement(outcomes)


def read(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutants", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--only", action="append", default=[], help="this mutant; may be repeated")
    parser.add_argument("--list", action="store_true", help="say what they are, measure nothing")
    parser.add_argument("--record", action="store_true", help="keep the results for the docs")
    parser.add_argument("--workers", type=int, default=2, help="so many at a time")
    return parser.parse_args(arguments)


def listed(chosen: list[Mutant]) -> int:
    for one in chosen:
        print(f"{one.name:8} {one.what}: {change(one)}; {one.rows}")
    for name, why in PROVED.items():
        print(f"{name:8} cannot be noticed: {why}")
    return 0


def judgement(outcomes: list[Outcome]) -> int:
    rest = [one.mutant.name for one in outcomes if one.verdict != NOTICED]
    print(f"{len(outcomes) - len(rest)} of {len(outcomes)} mutants are noticed")
    for name in rest:
        print(f"not noticed: {name}")
    return 1 if rest else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
