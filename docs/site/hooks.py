"""What the site needs beyond its plugins: notebooks as pages, mathematics without scripts, and examples in docstrings as code.

Notebooks become Markdown with the outputs that they are kept with; LaTeX becomes MathML, which browsers show by themselves. A line
`%% jaxwigner.quantum` in a page stands for the documentation of every name that this package exports.
"""

import ast
import html
import re
from pathlib import Path

import latex2mathml.converter
import nbformat
from markdown import Extension
from markdown.preprocessors import Preprocessor
from mkdocs.structure.files import File
from nbconvert import MarkdownExporter

ROOT = Path(__file__).resolve().parent.parent.parent
NOTEBOOKS = sorted(
    (ROOT / "notebooks").glob("*.ipynb"), key=lambda path: int(path.stem.partition("_")[0])
)


def on_config(config):
    """Examples of docstrings are code, and not quotations of quotations; the notebooks that there are go into the navigation."""
    config.markdown_extensions.append(Examples())
    pages = [f"notebooks/{path.stem}.md" for path in NOTEBOOKS]
    config.nav = [{"Notebooks": pages} if "Notebooks" in entry else entry for entry in config.nav]
    return config


def on_files(files, config):
    """A page for every notebook, with its figures beside it; and CONTRIBUTING.md, which stands at the root."""
    text = (ROOT / "CONTRIBUTING.md").read_text().replace("(docs/", "(")
    files.append(File.generated(config, "contributing.md", content=text))
    for path in NOTEBOOKS:
        notebook = nbformat.read(path, as_version=4)
        body, resources = MarkdownExporter().from_notebook_node(
            notebook, {"unique_key": path.stem, "output_files_dir": path.stem}
        )
        # Magics are for Jupyter.
        body = re.sub(r"^%matplotlib inline\n", "", body, flags=re.M)
        name = f"notebooks/{path.stem}"
        files.append(File.generated(config, f"{name}.md", content=body))
        for figure, data in resources["outputs"].items():
            files.append(File.generated(config, f"notebooks/{figure}", content=data))
    return files


def on_page_markdown(markdown, **_):
    """`%% package` becomes one `::: package.name` for every name that the package exports."""
    return re.sub(r"^%% ([\w.]+)$", lambda found: _exports(found[1]), markdown, flags=re.M)


def on_page_content(content, **_):
    """LaTeX that `arithmatex` has marked, as MathML."""
    pattern = re.compile(r'<(span|div) class="arithmatex">\\([(\[])(.*?)\\[)\]]</\1>', flags=re.S)
    return pattern.sub(_mathml, content)


def on_post_build(config):
    """Nothing may come from elsewhere: neither scripts nor styles nor pictures."""
    for path in Path(config.site_dir).rglob("*.html"):
        text = path.read_text()
        loaded = re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="(https?:[^"]*)"', text)
        if loaded:
            raise ValueError(f"{path.name} loads {loaded[0]}")


def _mathml(found):
    display = "inline" if found[2] == "(" else "block"
    return latex2mathml.converter.convert(html.unescape(found[3]).strip(), display=display)


def _exports(package):
    """Names that `__init__.py` hands on (`X as X`, or under another name), one directive each."""
    path = ROOT.joinpath(*package.split("."), "__init__.py")
    names = [
        (node.module, alias.name)
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
        if alias.asname and not alias.asname.startswith("_")
    ]
    if not names:
        raise ValueError(f"{package} exports nothing")
    return "\n\n".join(f"::: {module}.{name}" for module, name in names)


class Fences(Preprocessor):
    """Fences around lines that begin with >>> and what follows them up to an empty line."""

    def run(self, lines):
        fenced, indent = [], None
        for line in lines:
            if indent is None and line.lstrip().startswith(">>> "):
                indent = line[: len(line) - len(line.lstrip())]
                fenced += ["", f"{indent}```pycon"]
            elif indent is not None and not line.strip():
                fenced.append(f"{indent}```")
                indent = None
            fenced.append(line)
        return fenced if indent is None else [*fenced, f"{indent}```"]


class Examples(Extension):
    """`Fences`, before anything else looks at the text; and no emphasis by underscores, which are indices here."""

    def extendMarkdown(self, md):
        md.inlinePatterns.deregister("em_strong2", strict=False)
        md.preprocessors.register(Fences(md), "examples", 40)
