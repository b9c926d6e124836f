"""Rows from several processes: the same numbers, errors in one line, and nothing left behind when it is stopped."""

import os
import signal
import subprocess
import sys
import time

import pytest
from patience import PATIENCE, let_ctrl_c_through

from jaxwigner.studies import claims
from jaxwigner.studies.claims import processes
from jaxwigner.studies.claims.claim import CLAIMS
from jaxwigner.studies.claims.processes import measure_in_processes

pytestmark = pytest.mark.claims
QUICK = ("A5", "G16", "G1")


def test_the_numbers_are_the_same_bit_for_bit():
    told = []
    here, there = (
        measure_in_processes(QUICK, processes=n, progress=lambda *now: told.append(now))
        for n in (1, 3)
    )
    assert [row.id for row in here] == sorted((row.id for row in here), key=QUICK.index)
    assert _numbers(here) == _numbers(there) == _numbers(claims.measure(QUICK))
    total = len(processes.pieces(QUICK))
    assert told[-1][1:] == (total, total)


def test_one_process_has_the_threads_of_many(monkeypatch):
    made = []
    monkeypatch.setattr(processes, "_elsewhere", lambda work, full, count: made.append(count) or ())
    monkeypatch.setattr(processes, "_here", lambda work, full: made.append("here") or ())
    for threads in (None, "2"):
        if threads is None:
            monkeypatch.delenv(processes.THREADS, raising=False)
        else:
            monkeypatch.setenv(processes.THREADS, threads)
        with pytest.raises(KeyError):  # nobody has measured
            measure_in_processes(["A5"])
    assert made == [1, "here"]


def _numbers(rows):
    keys = ("id", "case", "statement", "lhs", "rhs", "parameters", "verdict")
    return [tuple(str(row.as_dict()[key]) for key in keys) for row in rows]


def test_every_part_is_measured_once_the_longest_first():
    work = processes.pieces(claims.ids())
    places = [place for piece in work for place in piece]
    assert len(places) == len(set(places)) == sum(len(one.parts) for one in CLAIMS.values())
    costs = [sum(processes._part(place).cost for place in piece) for piece in work]
    assert costs == sorted(costs, reverse=True)
    homes = [{processes._part(place).function.__module__ for place in piece} for piece in work]
    assert all(len(home) == 1 for home in homes)


def test_an_error_in_a_process_comes_out():
    with pytest.raises(IndexError) as raised:
        list(processes._elsewhere([[("A5", 99)], [("A5", 98)]], False, 2))
    assert "In another process" in str(raised.value.__cause__)


def test_a_process_that_dies_is_noticed():
    worker = processes._started()
    worker.process.terminate()
    with pytest.raises(RuntimeError, match="died with status"):
        processes._received(worker)


@pytest.mark.parametrize("number", [0, 1.5, True])
def test_a_wrong_number_of_processes(number):
    with pytest.raises(ValueError, match="`processes` must be an integer of at least 1"):
        measure_in_processes(["A5"], processes=number)


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="looks for processes in /proc")
def test_stopping_stops_all(tmp_path):
    let_ctrl_c_through()
    command = [sys.executable, "-m", "jaxwigner.cli", "limits", "--processes", "2"]
    running = subprocess.Popen(
        [*command, "--out", str(tmp_path)],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert _soon(lambda: len(_children(running.pid)) >= 3)  # with the one that tidies up
        children = _children(running.pid)
        os.killpg(running.pid, signal.SIGINT)
        _, said = running.communicate(timeout=PATIENCE)
    finally:
        if running.poll() is None:  # whatever went wrong, the next test finds nothing of it
            os.killpg(running.pid, signal.SIGKILL)
            running.communicate()
    assert running.returncode == 130 and "Traceback" not in said
    assert _soon(lambda: not any(os.path.exists(f"/proc/{child}") for child in children))


def _soon(happens):
    """Whether it happens before anybody loses patience."""
    deadline = time.monotonic() + PATIENCE
    while not happens() and time.monotonic() < deadline:
        time.sleep(0.2)
    return happens()


def _children(pid):
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as file:
                parent = file.read().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if int(parent) == pid:
            found.append(name)
    return found


def test_the_environment_of_a_new_process(monkeypatch):
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    monkeypatch.setenv("JAX_ENABLE_X64", "0")
    with processes._for_a_new_process():
        assert (os.environ["OPENBLAS_NUM_THREADS"], os.environ["JAX_ENABLE_X64"]) == ("1", "1")
    assert "OPENBLAS_NUM_THREADS" not in os.environ
    assert os.environ["JAX_ENABLE_X64"] == "0"
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    with processes._for_a_new_process():
        assert os.environ["OPENBLAS_NUM_THREADS"] == "3"
    assert os.environ["OPENBLAS_NUM_THREADS"] == "3"
