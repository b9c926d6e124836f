"""Writes the part of docs/gallery.md that the declarations of the experiments make:  python docs/site/gallery.py"""

import re
from pathlib import Path

from jaxwigner.studies.experiments import catalogue

PAGE = Path(__file__).resolve().parent.parent / "gallery.md"
BETWEEN = re.compile(r"(?<=<!-- experiments -->\n).*(?=<!-- end of experiments -->)", flags=re.S)


def written(page: str) -> str:
    """The page with the part between its markers anew."""
    return BETWEEN.sub(lambda _: f"\n{catalogue.gallery()}\n", page)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
