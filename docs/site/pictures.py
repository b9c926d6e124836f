"""Runs the pages that show what they print, writes that into them and draws their pictures:  python docs/site/pictures.py [PAGE …]

A page is walked from top to bottom. What a block of Python prints goes into the block of text after it; where a picture of the folder
`pictures` stands, the function of that name draws it from the names that the blocks before it have left.
"""

import contextlib
import io
import re
import sys
from pathlib import Path

import drawings

DOCS = Path(__file__).resolve().parent.parent
PAGES = ("own_system.md", "propagator.md", "runs.md", "surfaces.md", "three_nuclei.md")
PART = re.compile(
    r"^```python\n(?P<code>.*?)^```\n(?:\n```text\n(?P<shown>.*?)^```\n)?"
    r"|^!\[[^\]]*\]\(pictures/(?P<picture>\w+)\.png\)$",
    flags=re.M | re.S,
)


def walked(page: str, folder: Path) -> str:
    """The page with its outputs anew; its pictures are written into a folder."""
    names: dict = {}

    def part(found: re.Match) -> str:
        if found["picture"]:
            drawings.draw(found["picture"], names, folder)
            return found[0]
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(found["code"], "a block of the page", "exec"), names)
        shown = printed.getvalue()
        text = f"\n```text\n{shown}```\n" if shown else ""
        return f"```python\n{found['code']}```\n{text}"

    return PART.sub(part, page)


if __name__ == "__main__":
    for name in sys.argv[1:] or PAGES:
        path = DOCS / name
        path.write_text(
            walked(path.read_text(encoding="utf-8"), DOCS / "pictures"), encoding="utf-8"
        )
