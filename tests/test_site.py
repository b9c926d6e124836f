"""The documentation site builds without a warning and without the network, and every public name is on it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from patience import PATIENCE

import jaxwigner
from jaxwigner.studies import claims as limits

ROOT = Path(__file__).resolve().parent.parent
# A proxy that nobody answers: whatever wants something from elsewhere fails.
NOWHERE = dict.fromkeys(["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"], "127.0.0.1:9")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Where the site was built."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
    command += ["-f", str(ROOT / "docs/site/mkdocs.yml"), "-d", str(folder)]
    environment = {**os.environ, **NOWHERE, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stderr
    return folder


@pytest.mark.slow
def test_pages(site):
    pages = (
        "index",
        "own_system",
        "diatomics",
        "cheat_sheet",
        "claims",
        "names",
        "theorems",
        "conventions",
        "propagator",
        "runs",
        "gallery",
        "design",
        "benchmarks",
        "scale",
        "devices",
    )
    for name in (*pages, "architecture", "contributing"):
        assert (site / f"{name}.html").is_file()
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        page = site / "notebooks" / f"{notebook.stem}.html"
        assert "<img" in page.read_text()
        assert "arithmatex" not in page.read_text()  # all of it became MathML


def test_glossary_knows_every_row():
    named = set(re.findall(r"\b[AGQSW]\d+\b|`diagram`", (ROOT / "docs/theorems.md").read_text()))
    assert {f"`{one}`" if one == "diagram" else one for one in limits.ids()} <= named


@pytest.mark.slow
def test_every_public_name_is_documented(site):
    ids = set()
    for page in (site / "api").glob("*.html"):
        ids |= set(re.findall(r'id="(jaxwigner\.[\w.]+)"', page.read_text()))
    missing = [
        name
        for name, value in vars(jaxwigner).items()
        if not name.startswith("_")
        and callable(value)
        and f"{value.__module__}.{name}" not in ids
        and not any(one.endswith(f".{name}") for one in ids)
    ]
    assert missing == []


@pytest.mark.slow
def test_nothing_comes_from_elsewhere(site):
    loaded = re.compile(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=[\"']?(?:https?:)?//[^>]*>")
    for page in site.rglob("*.html"):
        assert not loaded.findall(page.read_text()), page.name
    for style in site.rglob("*.css"):
        assert not re.findall(r"url\([\"']?https?:[^)]*\)", style.read_text()), style.name


@pytest.mark.slow
def test_examples_are_code(site):
    """Lines with >>> stand in highlighted blocks; none was taken for a quotation."""
    for page in (site / "api").glob("*.html"):
        text = page.read_text()
        assert "<blockquote>" not in text, page.name
    assert 'class="gp"' in (site / "api" / "core.html").read_text()


def test_no_module_of_the_site_has_the_name_of_a_helper_of_the_tests():
    """Both folders are put on the path, and the first import of a name wins."""
    here = {path.stem for path in (ROOT / "tests").glob("*.py")}
    assert not here & {path.stem for path in (ROOT / "docs" / "site").glob("*.py")}
