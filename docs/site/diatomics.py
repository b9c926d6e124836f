"""Writes the table of docs/diatomics.md from what the experiment found:  python docs/site/diatomics.py results/diatomics

Rows begin with the molecule; brackets are read as `first time that may be wrong … first time that surely is`.
"""

import re
import sys
from pathlib import Path

import xarray

from jaxwigner.studies.experiments.diatomics import CONSTANTS, between

PAGE = Path(__file__).resolve().parent.parent / "diatomics.md"
BETWEEN = re.compile(r"(?<=<!-- diatomics -->\n).*(?=<!-- end of diatomics -->)", flags=re.S)
HEAD = "| | ω_e, ω_ex_e [cm⁻¹] | period [fs] |"


def rows(dataset) -> list[str]:
    """A line for each molecule: constants, period, and for each tolerance the bracket in fs and in periods; one trajectory last."""
    found = []
    for name in dataset["molecule"].values:
        one = dataset.sel(molecule=name)
        period, known = float(one["period"]), CONSTANTS[str(name)]
        cells = [name, f"{known.frequency}, {known.anharmonicity}", f"{period:.3g}"]
        for ends in one["ensemble"].values:
            cells += [between(ends), between(ends / period)]
        cells.append(between(one["trajectory"].values[0]))
        found.append(f"| {' | '.join(cells)} |")
    return found


def table(dataset) -> str:
    """The table with its head."""
    shares = [f"{100 * share:g} %" for share in dataset["accuracy"].values]
    asked = "".join(f" {share}: fs | periods |" for share in shares)
    head = f"{HEAD}{asked} one trajectory, {shares[0]}: fs |"
    return "\n".join([head, "|" + "---|" * (head.count("|") - 1), *rows(dataset)])


def written(page: str, dataset) -> str:
    """The page with the part between its markers anew."""
    return BETWEEN.sub(lambda _: f"\n{table(dataset)}\n\n", page)


if __name__ == "__main__":
    results = xarray.open_zarr(Path(sys.argv[1]) / "results.zarr", consolidated=False)
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), results), encoding="utf-8")
