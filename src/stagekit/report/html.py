"""A canonical notebook as one HTML page: pictures inlined, nothing fetched, no script, the code left out.

It is rendered here, and not by a template of Jupyter's, which a user's own folders could replace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Any

from nbconvert.filters.markdown_mistune import markdown2html_mistune

from stagekit.report.style import STYLE

CONTENTS = "<!-- contents -->"
"""Where this stands in a cell, links to all sections are put."""
_FITS = 560
"""Pixels; on a narrow screen the writing of a broader picture would be too small, so that one scrolls."""
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_ANCHOR = re.compile(r'<a class="anchor-link"[^>]*>.*?</a>')
_HEADING = re.compile(r'<h2 id="([^"]*)">(.*?)</h2>')


def html_page(canonical: dict[str, Any], title: str) -> bytes:
    """Render a canonical notebook; its content security policy lets a browser fetch and run nothing."""
    body = "\n".join(part for cell in canonical["cells"] for part in _cell(cell) if part)
    links = "\n".join(f'<a href="#{target}">{text}</a>' for target, text in _HEADING.findall(body))
    body = body.replace(CONTENTS, f'<nav aria-label="Contents">\n{links}\n</nav>', 1)
    page = (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )
    return page.encode()


def section_link(heading: str) -> str:
    """Give the address of a section within the page, as the renderer names it."""
    return "#" + heading.replace(" ", "-")


def _cell(cell: dict[str, Any]) -> Iterator[str]:
    if cell["cell_type"] == "markdown":
        yield _markdown(cell["source"])
    for output in cell.get("outputs", ()):
        if output["output_type"] == "stream":
            yield f"<pre>{escape(output['text'])}</pre>"
        elif "data" in output:
            yield _shown(output["data"], output.get("metadata", {}))


def _shown(data: dict[str, Any], metadata: dict[str, Any]) -> str:
    """Show the richest form of an output."""
    if "text/html" in data:
        return str(data["text/html"])
    if "text/markdown" in data:
        return _markdown(data["text/markdown"])
    if "image/png" in data:
        told = metadata.get("image/png", {})
        width = f' width="{int(told["width"])}"' if "width" in told else ""
        content = data["image/png"].replace("\n", "")
        words = escape(told.get("alt", ""))
        css = "wide broad" if int(told.get("width", 0)) > _FITS else "wide"
        return f'<div class="{css}"><img src="data:image/png;base64,{content}" alt="{words}"{width}></div>'
    return f"<pre>{escape(str(data.get('text/plain', '')))}</pre>"


def _markdown(text: str) -> str:
    return _ANCHOR.sub("", markdown2html_mistune(text)).strip()
