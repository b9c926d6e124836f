"""The command line: the only place that prints, reads options, or sets float64.

jaxwigner compare   how long classical mechanics is right for a system of yours; `predict`, `example`
jaxwigner run       one experiment: its name, or a TOML file of yours
jaxwigner sweep     one function over named axes, chunk by chunk, into a store; goes on after a kill
jaxwigner plot      draw the figures of a result again; `info`: versions, devices, precision, backend self-check
jaxwigner limits    measure the claims of the papers, both sides, with error bounds
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.core
from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from typer.core import TyperCommand

from jaxwigner.cli import own, tables
from jaxwigner.cli.screen import end_quietly, say_it_in_ascii, screens

app = typer.Typer(
    help="How long can you trust molecular dynamics? `jaxwigner example compare > mine.toml` prints a file to start from, and "
    "`jaxwigner compare mine.toml` answers. And the theorems of Ambrosio, Friesecke and Giannoulis and of Golse and Paul, as numbers "
    "with error bounds: `jaxwigner limits`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
console, progress_console = screens()
own.register(app)

Out = Annotated[
    Path | None,
    typer.Option(
        help="Folder for the results; made if it is not there. Default: one by its name in `results`."
    ),
]
Cache = Annotated[
    Path | None,
    typer.Option(
        envvar="JAXWIGNER_CACHE",
        help="Folder in which compiled programs are kept, so that a second run starts faster.",
    ),
]
Name = Annotated[str, typer.Argument(help="One of the names above, or a TOML file of yours.")]
Show = Annotated[
    bool,
    typer.Option("--show", help="Print all settings as a TOML file to begin from; run nothing."),
]
Some = Annotated[
    list[str] | None,
    typer.Option(help="Only these claims of worst-case (theorem-2.5, …); may be repeated."),
]
Resume = Annotated[
    bool,
    typer.Option(
        "--resume", help="Go on with the results.zarr that is there, if it is the same sweep."
    ),
]


class Listing(TyperCommand):
    """A command whose help names the experiments that it takes, found when it is asked for."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        from jaxwigner.studies.experiments import catalogue

        first, _, rest = (self.help or "").partition("\n\n")
        self.help = f"{first}\n\n\b\n{catalogue.listing(str(self.name))}\n\n{rest}"
        super().format_help(ctx, formatter)


class _Limits(typer.core.TyperCommand):
    """`limits`, whose help lists the ids that are declared; reading them takes a second, which only the help spends."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        from jaxwigner.studies.claims.tables import listing

        parameters: list[Any] = self.params  # options of typer, which alone have a help text
        for param in parameters:
            if param.name == "only":
                param.help = f"Only these claims, by id: {listing()}; may be repeated."
        super().format_help(ctx, formatter)


@app.command(cls=Listing)
def run(
    experiment: Name, out: Out = None, show: Show = False, only: Some = None, cache: Cache = None
) -> None:
    """Run one experiment and draw its figures.

    A TOML file of yours begins with `experiment = "h2plus"` (or another of these) and sets what is to differ; `--show` prints one.
    """
    _configure(cache)
    from jaxwigner.studies.experiments import catalogue

    loaded = catalogue.load(experiment)
    if only:
        loaded = loaded.restricted(_split(only))
    if show:
        typer.echo(loaded.show(), nl=False)
        return
    folder = _prepared(out, "run", loaded.name)
    with _progress() as bar, _stoppable("nothing is written before the run has ended"):
        dataset = loaded.run(_advancing(bar, experiment))
    figures = _save(dataset, folder)
    _print_attributes(dataset)
    _print_figures(figures)


@app.command(cls=Listing)
def sweep(
    experiment: Name,
    out: Out = None,
    show: Show = False,
    resume: Resume = False,
    cache: Cache = None,
) -> None:
    """Run a sweep over named axes, chunk by chunk into results.zarr: after a kill, --resume goes on where it stopped.

    A TOML file of yours begins with `experiment = "averages"`; `--show` prints one. Exit status 1 when a point failed; the others are
    there. Of several tasks that Slurm's srun has started each runs its share into the one store, and the first speaks.
    """
    _configure(cache)
    from jaxwigner.studies.experiments import catalogue
    from jaxwigner.studies.sweep import processes

    loaded = catalogue.load(experiment, "sweep")
    if show:
        typer.echo(loaded.show(), nl=False)
        return
    first = processes.join_step()
    console.quiet = not first
    prepared = partial(_prepared, out, "sweep", loaded.name)
    folder = processes.first_then_others(prepared, prepared)
    store = folder / "results.zarr"
    kept = f"what is finished stays in {store}: the same command with --resume goes on from there"
    with _progress(TimeRemainingColumn(elapsed_when_finished=True)) as bar, _stoppable(kept):
        advance = _advancing(bar, experiment, "{done} of {total} points")
        dataset = loaded.run(advance, store=store, resume=resume).load()
    figures = _draw(dataset, folder) if first else []
    _print_attributes(dataset)
    _print_figures(figures)
    failed = int((dataset["status"] != 0).sum())
    console.print(f"{dataset['status'].size} points, {failed} failed. Results in {folder}")
    for text in sorted(set(dataset["error"].values[dataset["status"].values != 0])):
        console.print(f"[red]failed:[/red] {text}", highlight=False)
    raise typer.Exit(1 if failed else 0)


@app.command()
def plot(
    folder: Annotated[
        Path, typer.Argument(help="The folder that `limits`, `run` or `sweep` wrote (their --out).")
    ],
) -> None:
    """Draw the figures of a result again, from its results.zarr; nothing is computed. Of `limits`: those of this version."""
    store = folder / "results.zarr"
    if not store.exists():
        raise ValueError(f"Argument `folder` must hold results.zarr, but {folder} does not")
    from jaxwigner.disk import folders
    from jaxwigner.studies.sweep import store as stores

    if folders.kind_of(store) == "sweep":
        dataset = stores.read(store)
    else:
        import xarray

        dataset = xarray.open_zarr(store)
    if dataset.attrs.get("experiment") == "limits":
        from jaxwigner.studies.claims.report import check_version

        check_version(dataset.attrs.get("version"), "folder")
    with dataset:
        _print_figures(_draw(dataset.load(), folder))


@app.command()
def info() -> None:
    """Versions, devices, precision, and whether the backend computes right."""
    _configure(None)
    from jaxwigner import provenance as backend

    for name, value in backend.provenance().items():
        console.print(f"{name:<10} {value}", highlight=False)
    console.print(f"{'complex64':<10} {backend.single_precision()}", highlight=False)
    faults = []
    if not backend.backend_is_sound():
        faults.append("wrong sums, see jax issue 39103")
    if backend.may_wait_for_ever() or not backend.lapack_comes_back():
        faults.append("batched LAPACK calls may never end: install jax 0.9.2")
    verdict = f"FAILED: {'; '.join(faults)}" if faults else "passed"
    console.print(f"{'self-check':<10} {verdict}", highlight=False)
    raise typer.Exit(1 if faults else 0)


@app.command(cls=_Limits)
def limits(
    out: Out = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="Only these claims, by id; may be repeated."),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Smaller ħ and more points; takes much longer.")
    ] = False,
    processes: Annotated[
        int | None,
        typer.Option(
            min=1, help="How many claims are measured at a time. Default: one for each core."
        ),
    ] = None,
    cache: Cache = None,
    cases: Annotated[
        bool, typer.Option("--cases", help="Print every case and control with both of its sides.")
    ] = False,
) -> None:
    """Measure the theorems: one line a claim, its tightest case with r = left side/right side and a verdict (two minutes on 2 cores).

    Verdicts: holds; tight (the sides agree within their errors); violated (negative controls must be); undecided (errors too large).

    Writes report.json, results.zarr (for xarray) and figures; until then unfinished.json has the rows that are done. Exit status 1 when
    a verdict is not the expected one.
    """
    _configure(cache)
    from jaxwigner.studies.claims import processes as workers
    from jaxwigner.studies.claims import report
    from jaxwigner.studies.claims.measure import known

    wanted = known(_split(only) or None, "only")
    folder = _prepared(out, "limits", "limits")
    with _progress() as bar, _kept(folder / "unfinished.json") as keep:
        count = workers.cores() if processes is None else processes
        options = {"processes": count, "progress": _advancing(bar, "measuring"), "seen": keep}
        rows = workers.measure_in_processes(wanted, full, **options)
    report.write_json(report.as_report(rows), folder / "report.json")
    (folder / "unfinished.json").unlink(missing_ok=True)
    figures = _save(report.as_dataset(rows), folder)
    every = tables.every_case(rows) if cases else tables.claims(rows, console.width)
    console.print(every)
    _print_figures(figures)
    unexpected = [row for row in rows if not row.as_expected]
    count = f"{len(rows)} rows, {len(rows) - len(unexpected)} as expected"
    console.print(f"{count}; {sum(row.seconds for row in rows):.0f} s. Results in {folder}")
    for row in unexpected:
        console.print(f"[red]unexpected:[/red] {row.id} {row.case}: {row.verdict}")
    raise typer.Exit(1 if unexpected else 0)


def main() -> None:
    """Entry point: errors that are the user's to mend are one line, without a traceback."""
    say_it_in_ascii()
    try:
        sys.exit(app(standalone_mode=False) or 0)
    except (typer.Abort, KeyboardInterrupt):
        progress_console.print("stopped")
        sys.exit(130)
    except (ValueError, OSError) as error:
        _fail(". ".join([str(error), *getattr(error, "__notes__", [])]))
    except Exception as error:
        message = getattr(error, "format_message", None)
        if message is None:
            raise
        _fail(message())


def _fail(message: str) -> None:
    text = f"[bold red]error:[/bold red] {escape(message)}"
    progress_console.print(text, highlight=False, soft_wrap=True)
    sys.exit(2)


def _configure(cache: Path | None) -> None:
    """Float64 before anything is computed; compiled programs kept where asked."""
    if cache is not None:
        # XLA warns at length about processor features of cached programs, although they were compiled here.
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import jax

    jax.config.update("jax_enable_x64", True)
    if cache is not None:
        cache.mkdir(parents=True, exist_ok=True)
        jax.config.update("jax_compilation_cache_dir", str(cache))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)


def _split(names: list[str] | None) -> list[str]:
    """`--only A1 --only A2` and `--only A1,A2` alike."""
    return [part for name in names or [] for part in name.replace(",", " ").split()]


def _prepared(out: Path | None, kind: str, name: str) -> Path:
    """The folder of a command's results; it fails before the work, not after it, if they cannot be written there."""
    from jaxwigner.disk.folders import prepare

    return prepare(Path("results") / name if out is None else out, kind)


@contextmanager
def _stoppable(kept: str) -> Iterator[None]:
    """Ctrl-C says what is kept, and how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        end_quietly()
        text = f"stopped: {kept}"
        progress_console.print(text, markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(130) from None


@contextmanager
def _kept(path: Path) -> Iterator[Callable[[list[Any]], None]]:
    """A function that adds rows to the report at `path` at once: whatever ends the process, they are there; Ctrl-C says so."""
    from jaxwigner.studies.claims import report

    rows: list[Any] = []

    def keep(more: list[Any]) -> None:
        rows.extend(more)
        report.write_json(report.as_report(rows), path)

    try:
        yield keep
    except KeyboardInterrupt:
        end_quietly()
        keep([])
        text = f"stopped: the {len(rows)} rows that were measured are in {path}"
        progress_console.print(text, markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(130) from None


@contextmanager
def _progress(*more: ProgressColumn) -> Iterator[Progress]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, *more, console=progress_console, transient=True) as bar:
        yield bar


def _advancing(bar: Progress, name: str, words: str = "{stage}") -> Callable[[str, int, int], None]:
    """A task of the bar, as the function that says how far it is."""
    task = bar.add_task(name, total=None)

    def advance(stage: str, done: int, total: int) -> None:
        told = words.format(stage=stage, done=done, total=total)
        bar.update(task, description=told, completed=done, total=total)

    return advance


def _save(dataset: Any, folder: Path) -> list[Path]:
    """results.zarr, replaced only when the new one is whole, and the figures."""
    from jaxwigner.disk.folders import replace_store

    replace_store(dataset, folder)
    return _draw(dataset, folder)


def _draw(dataset: Any, folder: Path) -> list[Path]:
    from jaxwigner.studies.draw import draw

    return draw(dataset, folder)


def _print_figures(figures: list[Path]) -> None:
    for path in figures:
        console.print(f"figure {path}", highlight=False)


def _print_attributes(dataset: Any) -> None:
    table = Table(title=dataset.attrs.get("title", dataset.attrs["experiment"]), show_header=False)
    for name, value in dataset.attrs.items():
        text = f"{value:.6g}" if isinstance(value, float) else str(value)
        table.add_row(name, text)
    console.print(table)
