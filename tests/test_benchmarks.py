"""The benchmark command runs a small theme, prints its rows and writes them down; what is not installed is skipped."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from patience import PATIENCE

ROOT = Path(__file__).resolve().parent.parent
pytest.importorskip("rich")


@pytest.fixture(autouse=True)
def benchmarks_importable(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))


def test_the_command_writes_its_rows(tmp_path, monkeypatch, capsys):
    from benchmarks import __main__ as command
    from benchmarks.evolution import propagation

    monkeypatch.setattr(propagation, "QUICK", {"64": ((64,), None, 20)})
    monkeypatch.setattr(propagation, "lanes", lambda *a, **k: [])
    files = ["--out", str(tmp_path / "b.json"), "--page", str(tmp_path / "b.md")]
    status = command.main(["--quick", "--only", "propagation", *files])
    assert "| Strang step / its FFT pair, 64 |" in (tmp_path / "b.md").read_text()
    report = json.loads((tmp_path / "b.json").read_text())
    (row,) = report["rows"]
    assert row["theme"] == "propagation" and row["at_most"] == 1.15
    assert row["value"] == row["spread"][0] > 0
    assert row["met"] == (row["value"] <= 1.15) == (status == 0)
    assert report["machine"]["backend"] and report["seconds"]["propagation"] > 0
    assert "Strang step / its FFT pair, 64" in capsys.readouterr().out


def test_missing_solvers_are_skipped(monkeypatch):
    from benchmarks.rulers import solvers

    monkeypatch.setattr(solvers, "POINTS", {0.1: 48})
    monkeypatch.setattr(solvers, "BOUND", 1e-2)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    rows = solvers.run(quick=True)
    missing = [f"{name} is not installed" for name in ("qutip", "dynamiqs", "diffrax")]
    assert [row.note for row in rows[1:]] == missing
    assert all(row.met is None for row in rows)
    assert "diagonalisation" in rows[0].what and rows[0].value > 0


def test_rows_know_whether_they_met_their_target():
    from benchmarks.report import Row
    from benchmarks.timing import spread

    assert Row("a", "b", 1.0, at_most=1.0).met and not Row("a", "b", 1.1, at_most=1.0).met
    assert Row("a", "b", 50.0, at_least=50.0).met and Row("a", "b", 1.0).met is None
    assert not Row("a", "b", float("nan"), at_most=1.0).met
    assert spread(np.array([3.0, 1.0, 2.0])).median == 2.0


def test_tables_that_are_compiled_in_count():
    """A table of 33 × 65 complex numbers as a constant; a number and an argument are none."""
    import jax.numpy as jnp

    from benchmarks.timing import compiled, constant_bytes

    table = np.exp(1j * np.arange(33 * 65.0).reshape(33, 65)).astype(np.complex64)
    x = jnp.ones((33, 65), jnp.complex64)
    program = compiled(lambda x: 2 * table * x, x)
    small = 256  # numbers
    assert table.nbytes <= program.constant_bytes < table.nbytes + small
    assert compiled(lambda x: 2 * jnp.conj(x) * x, x).constant_bytes < small
    assert program.held_bytes == program.temporary_bytes + program.constant_bytes
    text = "%a = c128[2,3]{1,0} constant({...})\n%b = pred[5]{0} constant({...})\n%c = f32[] constant(1)"
    assert constant_bytes(text) == 96 + 5


def themes(*more):
    """A theme that measures, one that raises, one that would take too long."""
    from benchmarks.device.measure import Theme
    from benchmarks.report import Row

    def good(place):
        yield Row("x", "of the device", float(place.left() > 0), at_least=1.0, note="a|b")

    def bad(place):
        yield Row("x", "before", 1.0)
        raise ArithmeticError("of the\ndevice")

    return (
        Theme("good", 1, 1, good),
        Theme("bad", 1, 1, bad),
        Theme("long", 900, 900, good),
        *more,
    )


def device_run(folder, monkeypatch, *options):
    """Exit status and rows of the command with those themes."""
    from benchmarks.device import __main__ as command
    from benchmarks.device import measure

    monkeypatch.setattr(measure, "THEMES", themes())
    status = command.main(["--platform", "cpu", "--small", "--out", str(folder), *options])
    return status, [json.loads(line) for line in (folder / "rows.jsonl").read_text().splitlines()]


def test_a_device_run_writes_what_it_measures(tmp_path, monkeypatch, capsys):
    """Rows of themes that end, fail and are not begun; a page; no other files."""
    # Minutes enough for a busy machine: when they are over, the command ends its process, which is this one.
    status, (machine, *rows) = device_run(tmp_path, monkeypatch, "--minutes", "14")
    assert status == 1 and machine["device"].startswith("cpu") and machine["date"]
    assert machine["jax"] and machine["python"] and machine["small"] is True
    found = [(row["theme"], row["what"]) for row in rows]
    ends = ["of the device", "seconds of the theme", "before", "raised", "seconds of the theme"]
    assert found == list(zip(["good", "good", "bad", "bad", "bad", "long"], [*ends, "skipped"]))
    assert rows[0]["met"] is True and rows[0]["at"] >= 0
    assert rows[3]["note"] == "ArithmeticError: of the device"
    assert rows[5]["note"].startswith("not begun: 900 s expected")
    page = (tmp_path / "devices.md").read_text()
    assert "| of the device | 1 | ≥ 1 | met |" in page and "a\\|b" in page
    assert f"- device: {machine['device']}" in page and "1 targets met, 0 missed." in page
    assert sorted(path.name for path in tmp_path.iterdir()) == ["devices.md", "rows.jsonl"]
    assert "before: 1.0" in capsys.readouterr().out


def test_a_device_run_chooses_and_refuses(tmp_path, monkeypatch, capsys):
    status, (_, *rows) = device_run(tmp_path, monkeypatch, "--only", "good")
    assert status == 0 and {row["theme"] for row in rows} == {"good"}
    from benchmarks.device import __main__ as command

    assert command.main(["--out", str(tmp_path), "--only", "best", "--platform", "cpu"]) == 2
    assert "Argument `--only` must be among good, bad, long, but is best" in capsys.readouterr().out
    assert command.main(["--out", str(tmp_path), "--platform", "abacus"]) == 2
    must = "Argument `platform` must be among cpu"
    assert must in capsys.readouterr().err
    with pytest.raises(SystemExit):
        command.main(["--out", str(tmp_path), "--minutes", "0"])


def test_the_watchdog_names_what_is_unfinished(tmp_path):
    from benchmarks.device.log import Log
    from benchmarks.device.measure import Watchdog, skipped
    from benchmarks.report import Row

    log = Log(tmp_path, {"device": "none"})
    log.add(Row("good", "seconds of the theme", 1.0))
    log.add(skipped("long", "not begun"))
    watch = Watchdog(log, themes(), 600.0)
    watch.stop()
    watch.note()
    log.close()
    lines = (tmp_path / "rows.jsonl").read_text().splitlines()
    assert json.loads(lines[-1])["theme"] == "bad" and len(lines) == 4
    assert json.loads(lines[-1])["note"] == "unfinished: the minutes are over"


def test_a_file_stays_small(tmp_path, monkeypatch):
    from benchmarks.device import log as logs
    from benchmarks.report import Row

    monkeypatch.setattr(logs, "LARGEST", 2000)
    log = logs.Log(tmp_path, {"device": "none"})
    for _ in range(50):
        log.add(Row("a", "b", 1.0))
    log.close()
    assert (tmp_path / "rows.jsonl").stat().st_size <= 2000 and len(log.rows) == 50


STUCK = """
import sys, time
sys.modules.update(dict.fromkeys(["zarr", "ot", "rich", "scipy", "xarray", "typer", "matplotlib"]))
from benchmarks.device import measure
from benchmarks.device import __main__ as command
if sys.argv.pop() == "stuck":
    measure.MARGIN = 1.0
    timer = measure.threading.Timer  # sooner than the minutes are over: what comes before may take as many
    measure.threading.Timer = lambda seconds, end: timer(min(seconds, 1.0), end)
    measure.THEMES = (measure.Theme("stuck", 0.1, 0.1, lambda place: time.sleep(100) or ()),)
sys.exit(command.main(sys.argv[1:]))
"""


def bare(folder, *arguments):
    """The command in a process of its own: from elsewhere, without what a checkout does not bring."""
    command = [sys.executable, "-c", STUCK, "--platform", "cpu", "--small", "--out", str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*command, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    lines = (folder / "rows.jsonl").read_text().splitlines()
    return done, [json.loads(line) for line in lines]


@pytest.mark.slow
def test_a_bare_checkout_measures(tmp_path):
    done, (machine, *rows) = bare(tmp_path, "--only", "Moyal", "--only", "Strang step", "run")
    assert done.returncode == 0, done.stderr
    assert not any(row["what"] in ("raised", "skipped") for row in rows)
    assert sum("steps per second" in row["what"] and row["value"] > 0 for row in rows) == 2


@pytest.mark.slow
def test_a_theme_that_does_not_come_back_is_ended(tmp_path):
    done, (_, *rows) = bare(tmp_path, "--minutes", "0.2", "stuck")
    assert done.returncode == 3, done.stderr
    assert [row["note"] for row in rows] == ["unfinished: the minutes are over"]
