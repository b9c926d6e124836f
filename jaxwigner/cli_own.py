"""Commands about the user's own system: `compare`, `predict` and an example file to start from; `cli.py` takes them up."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from jaxwigner._screen import screens

console, _ = screens()

File = Annotated[
    Path, typer.Argument(help="A TOML file (`jaxwigner example compare`), or a table scan.csv.")
]
Mass = Annotated[str | None, typer.Option(help="The reduced mass, as '0.948 u'.")]
Out = Annotated[
    Path | None, typer.Option(help="Folder for the results. Default: one by its name in `results`.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to those of `cli.py`."""
    for command in (compare, predict, example):
        app.command()(command)


def compare(file: File, mass: Mass = None, out: Out = None) -> None:
    """How long can you trust molecular dynamics? Quantum dynamics, an ensemble and one trajectory of your own system.

    Prints until when each observable is right; writes results.zarr (for xarray) and a figure.
    """
    given = _read(file, mass)
    from jaxwigner.studies.compare.side_by_side import compare as measured

    found = measured(**given)
    console.print(str(found), highlight=False, markup=False, soft_wrap=True)
    folder = _kept(found.to_xarray(), "compare", file, out)
    console.print(f"figure {found.figure(folder / 'compare.png')}", highlight=False)


def predict(file: File, mass: Mass = None, out: Out = None) -> None:
    """The leading quantum correction of your own system, from classical trajectories alone (any dimension)."""
    given = _read(file, mass)
    from jaxwigner.studies.compare.predict import predict as predicted

    found = predicted(**given)
    console.print(str(found), highlight=False, markup=False, soft_wrap=True)
    _kept(found.to_xarray(), "predict", file, out)


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

    return own_file.read(file, mass)


def _kept(dataset: Any, kind: str, file: Path, out: Path | None) -> Path:
    """The folder with results.zarr."""
    from jaxwigner.folders import prepare, replace_store

    folder = prepare(Path("results") / file.stem if out is None else out, kind)
    replace_store(dataset, folder)
    console.print(f"Results in {folder}", highlight=False, soft_wrap=True)
    return folder
