"""Commands about the user's own system: `compare`, `predict` and an example file to start from; `app.py` takes them up."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from jaxwigner.cli.screen import screens

console, _ = screens()

File = Annotated[
    Path, typer.Argument(help="A TOML file (`jaxwigner example compare`), or a table scan.csv.")
]
Mass = Annotated[str | None, typer.Option(help="The reduced mass, as '0.948 u'.")]
Out = Annotated[
    Path | None,
    typer.Option(
        help="Folder for the results. Default: by its name in `results`, NAME or NAME-predict."
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to those of `app.py`."""
    for command in (compare, predict, example):
        app.command()(command)


def compare(file: File, mass: Mass = None, out: Out = None) -> None:
    """How long can you trust molecular dynamics? Quantum dynamics, an ensemble and one trajectory of your own system.

    Prints until when each observable is right; writes results.zarr (for xarray) and a figure.
    """
    given, folder = _read(file, mass), _free("compare", Path("results") / file.stem, out)
    from jaxwigner.studies.compare.side_by_side import compare as measured

    _kept(measured(**given), "compare", folder)


def predict(file: File, mass: Mass = None, out: Out = None) -> None:
    """The leading quantum correction of your own system, from classical trajectories alone (any dimension).

    Prints how large it is and until when it stays small; writes results.zarr (for xarray) and a figure.
    """
    default = Path("results") / f"{file.stem}-predict"
    given, folder = _read(file, mass), _free("predict", default, out)
    if "level" in given:
        raise ValueError("Key `level` must be left out for predict, which takes one surface")
    from jaxwigner.studies.compare.predict import predict as predicted

    _kept(predicted(**given), "predict", folder)


def example(name: Annotated[str, typer.Argument(help="compare or predict")] = "compare") -> None:
    """Print a file to start from: `jaxwigner example compare > mine.toml`."""
    from jaxwigner.studies.compare.side_by_side.own_file import EXAMPLE

    if name not in ("compare", "predict"):
        raise ValueError(f"Argument `name` must be 'compare' or 'predict', but is {name!r}")
    typer.echo(EXAMPLE.replace('"compare"', f'"{name}"', 1), nl=False)


def _read(file: Path, mass: str | None) -> dict[str, Any]:
    """In float64, as everything that is measured."""
    import jax

    jax.config.update("jax_enable_x64", True)
    from jaxwigner.studies.compare.side_by_side import own_file

    given = own_file.read(file, mass)
    told = own_file.told(given["potential"])
    if told:
        console.print(told, highlight=False, markup=False, soft_wrap=True)
    return given


def _free(kind: str, default: Path, out: Path | None) -> Path:
    """The folder for the results, which holds no others: one that is not there yet is made when there is something to keep."""
    from jaxwigner.disk.folders import prepare

    folder = default if out is None else out
    return prepare(folder, kind) if folder.exists() else folder


def _kept(found: Any, kind: str, folder: Path) -> None:
    """Print the answer, and keep it as results.zarr and as a figure."""
    from jaxwigner.disk.folders import prepare, replace_store

    console.print(str(found), highlight=False, markup=False, soft_wrap=True)
    folder = prepare(folder, kind)
    replace_store(found.to_xarray(), folder)
    console.print(f"Results in {folder}", highlight=False, soft_wrap=True)
    path = found.figure(folder / f"{kind}.png")
    console.print(f"figure {path}", highlight=False, soft_wrap=True)
