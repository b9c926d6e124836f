"""The command line: what it writes, its exit statuses, and errors in one line."""

import json
from dataclasses import replace

import pytest
from small import REPORTED

from jaxwigner.cli import app
from jaxwigner.provenance import version
from jaxwigner.studies import claims as limits
from jaxwigner.studies.claims.claim import CLAIMS


def test_info(command):
    code, out, _ = command("info")
    assert code == 0
    assert "float64" in out and "passed" in out and "complex64" in out


def test_limits_writes_its_report(command, tmp_path):
    import xarray

    code, out, _ = command("limits", "--only", "A2", "--out", tmp_path)
    assert code == 0 and "tight" in out
    assert "even state: equality" in out and "no parity" not in out  # the tightest case alone
    report = json.loads((tmp_path / "report.json").read_text())
    assert set(report) == {"version", "device", "precision", "rows"}
    assert report["precision"] == "float64"
    for row in report["rows"]:
        assert set(row) == REPORTED
        assert row["id"] == "A2" and len(row["lhs"]) == len(row["rhs"]) == 2
    with xarray.open_zarr(tmp_path / "results.zarr", consolidated=False) as dataset:
        assert dataset.sizes["row"] == len(report["rows"])
    assert list(tmp_path.glob("*.png"))


def test_every_case_is_printed_when_asked_for(command, tmp_path, monkeypatch):
    """And what was measured is kept when the run is interrupted, until a run comes to its end."""
    rows = list(limits.measure(["A2"]))
    declared = CLAIMS["A2"]

    def stopped(full):
        raise KeyboardInterrupt
        yield

    parts = lambda full: iter(rows)  # noqa: E731
    monkeypatch.setitem(
        CLAIMS, "A2", replace(declared, main=replace(declared.main, function=parts))
    )
    monkeypatch.setattr(app, "_draw", lambda dataset, out: [])
    code, out, _ = command("limits", "--only", "A2", "--cases", "--out", tmp_path)
    assert code == 0 and "no parity" in out and "half the constant" in out
    other = CLAIMS["A5"]
    main = replace(other.main, function=stopped, cost=0.0)
    monkeypatch.setitem(CLAIMS, "A5", replace(other, main=main))
    code, _, said = command("limits", "--only", "A2,A5", "--processes", "1", "--out", tmp_path)
    assert code == 130 and f"stopped: the {len(rows)} rows that were measured are in" in said
    kept = json.loads((tmp_path / "unfinished.json").read_text())["rows"]
    assert [row["case"] for row in kept] == [row.case for row in rows]
    killed = lambda full: (_ for _ in ()).throw(MemoryError("killed"))  # noqa: E731
    last = replace(other.main, function=killed, cost=0.0)
    monkeypatch.setitem(CLAIMS, "A5", replace(other, main=last))
    (tmp_path / "unfinished.json").unlink()
    with pytest.raises(MemoryError):
        command("limits", "--only", "A2,A5", "--processes", "1", "--out", tmp_path)
    assert len(json.loads((tmp_path / "unfinished.json").read_text())["rows"]) == len(rows)
    assert command("limits", "--only", "A2", "--out", tmp_path)[0] == 0
    assert not (tmp_path / "unfinished.json").exists()
    attributes = tmp_path / "results.zarr" / "zarr.json"
    attributes.write_text(attributes.read_text().replace(version(), "0.0.1"))
    code, _, said = command("plot", tmp_path)
    assert code == 2 and "but they are of 0.0.1: measure them again" in " ".join(said.split())


def test_an_unexpected_verdict_is_exit_status_one(command, tmp_path, monkeypatch):
    rows = [replace(row, expected="violated") for row in limits.measure(["A2"])][:1]
    declared = CLAIMS["A2"]
    main = replace(declared.main, function=lambda full: iter(rows))
    monkeypatch.setitem(CLAIMS, "A2", replace(declared, main=main))
    monkeypatch.setattr(app, "_draw", lambda dataset, out: [])
    code, out, _ = command("limits", "--only", "A2", "--out", tmp_path)
    assert code == 1 and "unexpected" in out


@pytest.mark.parametrize(
    "arguments, word",
    [
        (("limits", "--only", "A99"), "A99"),
        (("run", "nosuch"), "nosuch"),
        (("run", "worst-case", "--only", "nosuch"), "nosuch"),
        (("run", "plasma", "--only", "theorem-2.5"), "plasma"),
        (("plot", "nosuchfolder"), "results.zarr"),
        (("sweep", "nosuch"), "nosuch"),
        (("limits", "--nosuch"), "nosuch"),
        (("nosuch",), "nosuch"),
    ],
)
def test_errors_are_one_line(command, arguments, word):
    code, _, error = command(*arguments)
    assert code == 2
    assert word in error and "Traceback" not in error


def test_a_folder_that_cannot_be_written_is_found_before_the_work(command, tmp_path):
    (tmp_path / "file").write_text("")
    code, _, error = command("limits", "--only", "A2", "--out", tmp_path / "file" / "results")
    assert code == 2 and "Traceback" not in error


def test_config_errors_name_the_key(command, tmp_path):
    path = tmp_path / "wrong.toml"
    path.write_text('experiment = "bao-jin-markowich"\nepsilonn = [0.1]\n')
    code, _, error = command("run", path, "--out", tmp_path)
    assert code == 2 and "epsilonn" in error
    assert not (tmp_path / "results.zarr").exists()


def test_experiment_and_plot(command, tmp_path):
    config = tmp_path / "small.toml"
    config.write_text(
        'experiment = "bao-jin-markowich"\nepsilons = [0.0512, 0.0256, 0.0128]\npicture_epsilon = 0.0512\n'
    )
    code, out, _ = command("run", config, "--out", tmp_path)
    assert code == 0 and "rate" in out
    figures = {path.name for path in tmp_path.glob("*.png")}
    assert figures
    for path in tmp_path.glob("*.png"):
        path.unlink()
    code, _, _ = command("plot", tmp_path)
    assert code == 0
    assert {path.name for path in tmp_path.glob("*.png")} == figures


def test_sweep_and_its_resumption(command, tmp_path):
    import xarray

    config = tmp_path / "small.toml"
    config.write_text(
        'experiment = "averages"\nhbars = [0.3, 0.2]\nmomenta = [0.0, 0.5, 0.7]\npoints = 64\nbatch = 3\n'
    )
    out = tmp_path / "results"
    code, said, _ = command("sweep", config, "--out", out)
    assert code == 0 and "6 points, 0 failed" in said
    assert (out / "averages.png").exists()
    with xarray.open_zarr(out / "results.zarr", consolidated=False) as dataset:
        assert dict(dataset.sizes) == {"hbar": 2, "momentum": 3}
        assert dataset.attrs["configuration"]["points"] == 64
        assert float(abs(dataset["quantum"] - dataset["classical"]).max()) < 0.15
    code, _, error = command("sweep", config, "--out", out)
    assert code == 2 and "resume" in error and "Traceback" not in error
    assert command("sweep", config, "--out", out, "--resume")[0] == 0
    config.write_text(config.read_text().replace("0.7", "0.8"))
    code, _, error = command("sweep", config, "--out", out, "--resume")
    assert code == 2 and "momentum" in error and "Traceback" not in error
    assert command("plot", out)[0] == 0


def test_a_sweep_with_failing_points_is_exit_status_one(command, tmp_path, monkeypatch):
    import equinox as eqx

    from jaxwigner.studies.experiments import averages

    plain = averages.average

    def picky(hbar, momentum, settings):
        return plain(hbar, eqx.error_if(momentum, momentum > 0.4, "too fast"), settings)

    monkeypatch.setattr(averages, "average", picky)
    config = tmp_path / "small.toml"
    config.write_text(
        'experiment = "averages"\nhbars = [0.3, 0.2]\nmomenta = [0.0, 0.5]\npoints = 64\n'
    )
    code, said, _ = command("sweep", config, "--out", tmp_path / "results")
    assert code == 1 and "too fast" in said and "4 points, 2 failed" in said


@pytest.mark.parametrize("name", ["run", "sweep"])
def test_help_says_what_each_experiment_is(command, name):
    """One line for every experiment that the command takes, below the usage."""
    from jaxwigner.studies.experiments import catalogue

    status, shown, _ = command(name, "--help")
    assert status == 0
    begins = [line.split()[0] for line in shown.splitlines() if line.strip()]
    other = {"run": "sweep", "sweep": "run"}[name]
    assert set(catalogue.names(name)) <= set(begins) and not set(catalogue.names(other)) & set(
        begins
    )


def test_what_is_shown_is_a_file_to_begin_from(command, tmp_path):
    code, shown, _ = command("run", "bao-jin-markowich", "--show", "--out", tmp_path / "results")
    assert code == 0 and not (tmp_path / "results").exists()
    path = tmp_path / "mine.toml"
    path.write_text(shown.replace("time = 0.54 ", "time = 0.5 "), encoding="utf-8")
    code, again, _ = command("run", path, "--show")
    assert code == 0 and "time = 0.5 " in again
    assert command("sweep", "averages", "--show")[1].startswith("# ")
    code, _, error = command("run", "averages", "--show")
    assert code == 2 and "averages" in error
