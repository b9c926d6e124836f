"""Every notebook runs from top to bottom in a fresh kernel, without an error and without a word on stderr."""

import json
import os
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
# Each takes 10 to 20 s, the last 40: CI runs the first, the long run of CONTRIBUTING.md the others too, whose calls are those of
# pages and examples.
BY_NIGHT = {
    "2_diagram_1",
    "3_coulomb_and_the_real_h2plus",
    "4_e_hbar_and_its_couplings",
    "5_worst_initial_data",
    "6_a_sweep_on_a_gpu",
    "7_a_pulse_a_barrier_a_spectrum",
    "8_my_molecule",
    "9_three_rulers",
    "10_where_levels_meet",
    "11_three_nuclei",
}
RUN = [
    pytest.param(
        path, marks=pytest.mark.nightly if path.stem in BY_NIGHT else pytest.mark.slow, id=path.stem
    )
    for path in NOTEBOOKS
]
LARGEST = 400_000  # bytes of a notebook with its figures


def stderr_of(notebook):
    """What the cells wrote to stderr, warnings among it."""
    outputs = [one for cell in notebook.cells for one in cell.get("outputs", [])]
    return "".join(one["text"] for one in outputs if one.get("name") == "stderr")


def figures_of(notebook):
    """Which code cells show a picture."""
    return [
        any("image/png" in one.get("data", {}) for one in cell.get("outputs", []))
        for cell in notebook.cells
    ]


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """A kernel of this interpreter, whatever kernels the user has installed."""
    folder = tmp_path / "kernels" / "here"
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": command, "display_name": "here", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    # The library as it is here; XLA's remarks on slow compilation are no fault of the notebook.
    paths = [str(FOLDER.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")
    return "here"


def test_there_are_notebooks():
    assert len(NOTEBOOKS) >= 5 and BY_NIGHT < {path.stem for path in NOTEBOOKS}


@pytest.mark.filterwarnings("default")  # of the client and its event loop, not of the notebook
@pytest.mark.parametrize("path", RUN)
def test_notebook_runs(path, kernel):
    notebook = nbformat.read(path, as_version=4)
    kept = figures_of(notebook)
    client = NotebookClient(notebook, timeout=600, kernel_name=kernel, record_timing=False)
    client.execute(cwd=str(FOLDER))  # raises at the first error of a cell
    assert stderr_of(notebook) == ""
    assert figures_of(notebook) == kept, "a figure that is kept in the file no longer appears"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_kept_with_its_outputs(path):
    notebook = nbformat.read(path, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert any(cell.outputs for cell in cells)
    assert stderr_of(notebook) == ""
    assert not any(one.output_type == "error" for cell in cells for one in cell.outputs)
    assert path.stat().st_size < LARGEST
    text = path.read_text()
    for place in (str(Path.home()), str(FOLDER.parent), "/home/", "/Users/", "site-packages"):
        assert place not in text, f"{place} in {path.name}"
