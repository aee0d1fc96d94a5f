"""How the notebook shows things: paragraphs, HTML, and figures that are kept as files too."""

from __future__ import annotations

from pathlib import Path

from IPython.display import HTML, Image, Markdown, display  # type: ignore[import-not-found]  # not in mypy's environment
from matplotlib.figure import Figure

from stagekit.canonical import write_bytes
from stagekit.report.figures import png_bytes, shown_width


def text(paragraph: str) -> None:
    """Show Markdown; its lines are joined, so that none of them starts a list by accident."""
    display(Markdown(" ".join(paragraph.split())))


def html(content: str) -> None:
    """Show HTML, whose parts from outside the caller has escaped."""
    display(HTML(content))


def figure(drawn: Figure, path: Path, words: str) -> None:
    """Show a figure, and keep it as a PNG file; `words` say what it shows to those who cannot see it."""
    content = png_bytes(drawn)
    write_bytes(path, content)
    display(Image(data=content, format="png", alt=words, width=shown_width(drawn)))
