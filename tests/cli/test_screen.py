"""Where the command line writes to: pipes that close, disks that are full, encodings without Greek, and folders of others."""

import io
import os
import signal
import subprocess
import sys
import time

import pytest
from patience import PATIENCE, let_ctrl_c_through

from jaxwigner import cli
from jaxwigner.cli import screen
from jaxwigner.cli.screen import Screen


def test_letters_that_an_encoding_lacks():
    """What can be said in ASCII is, and the rest is a question mark, never an error."""
    screen.say_it_in_ascii()
    text = "‖ψ‖ ≤ ħ²√ε, ±½ öß 漢"
    plain = text.encode("ascii", "plain").decode()
    assert plain == "||psi|| <= hbar2sqrtepsilon, +-12 o? ?"
    stream = io.TextIOWrapper(io.BytesIO(), encoding="latin-1", errors="plain")
    stream.write("ħ = ½")
    stream.flush()
    assert stream.buffer.getvalue() == "hbar = ½".encode("latin-1")


def test_a_stream_that_takes_nothing_ends_nothing(tmp_path):
    with (tmp_path / "out").open("w") as file:

        class Full(io.StringIO):
            def write(self, text):
                raise OSError(28, "No space left on device")

            def fileno(self):
                return file.fileno()

        screen = Screen(file=Full())
        screen.print("lost")
        screen.print("lost too")
        assert screen.quiet


def run(folder, *arguments, **options):
    command = [sys.executable, "-m", "jaxwigner.cli", *arguments, "--out", str(folder)]
    environment = {**os.environ, **options.pop("environment", {})}
    return subprocess.Popen(command, env=environment, text=True, stderr=subprocess.PIPE, **options)


LIMITS = ("limits", "--only", "A2", "--processes", "1")
SAVED = {".jaxwigner", "limits.png", "report.json", "results.zarr"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "end", ["closed", "ascii", pytest.param("full", marks=pytest.mark.nightly)]
)
def test_results_are_saved_before_they_are_printed(tmp_path, end):
    """Into a pipe that nobody reads, in ASCII, onto a full disk: no traceback, the status of the verdicts, and every file."""
    if end == "full" and not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full on this system")
    environment = {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"} if end == "ascii" else {}
    with open("/dev/full" if end == "full" else os.devnull, "w") as device:
        stdout = device if end == "full" else subprocess.PIPE
        process = run(tmp_path, *LIMITS, stdout=stdout, environment=environment)
        if end == "closed":
            process.stdout.close()
            process.stdout = None
        said, complaint = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0 and "Traceback" not in complaint, complaint
    assert {entry.name for entry in tmp_path.iterdir()} == SAVED
    assert end != "ascii" or ("hbar" in said and said.isascii())


@pytest.mark.slow
def test_stopping_says_what_is_kept(tmp_path):
    settings = tmp_path / "long.toml"
    settings.write_text("experiment = 'averages'\nsteps = 2000\nbatch = 1\n")
    let_ctrl_c_through()
    process = run(tmp_path, "sweep", str(settings), stdout=subprocess.DEVNULL)
    while process.poll() is None and not (tmp_path / "results.zarr").exists():
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, complaint = process.communicate(timeout=PATIENCE)
    assert "Traceback" not in complaint
    assert process.returncode == 130 and "--resume" in complaint


def call(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["jaxwigner", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    return stop.value.code, capsys.readouterr().err


@pytest.mark.parametrize("name", ["results.zarr", "report.json"])
def test_what_others_left_stays(name, tmp_path, monkeypatch, capsys):
    """A folder that somebody else has filled is refused before the work, whole."""
    (tmp_path / name).mkdir()
    (tmp_path / name / "thesis.txt").write_text("mine")
    code, complaint = call(monkeypatch, capsys, "limits", "--only", "A2", "--out", tmp_path)
    assert code == 2 and "not ours" in complaint
    assert (tmp_path / name / "thesis.txt").read_text() == "mine"


def test_commands_do_not_share_a_folder(tmp_path, monkeypatch, capsys):
    from jaxwigner.disk.folders import prepare

    prepare(tmp_path, "sweep")
    code, complaint = call(monkeypatch, capsys, "limits", "--only", "A2", "--out", tmp_path)
    assert code == 2 and "holds results of `sweep`" in complaint
