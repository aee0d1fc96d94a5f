"""A canonical notebook as one HTML page: pictures inlined, nothing fetched, no script, the code left out."""

from __future__ import annotations

from html import escape
from typing import Any

import nbformat
from nbconvert import HTMLExporter

_STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #f4f6f8; color: #22303c; line-height: 1.55;
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 960px; margin: 2rem auto; padding: 2.5rem 3.2rem 3rem; background: #fff;
  border: 1px solid #e3e8ed; border-radius: 10px; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .6rem; }
h2 { font-size: 1.3rem; margin: 2.4rem 0 .5rem; padding-top: 1.2rem; border-top: 1px solid #e3e8ed; }
p, li { max-width: 46rem; }
img { max-width: 100%; height: auto; display: block; margin: .6rem 0; }
code { background: #f0f3f6; border-radius: 4px; padding: .1em .35em; font-size: .9em; }
a.anchor-link { display: none; }
table.figures { border-collapse: collapse; margin: .8rem 0; font-size: .94rem; }
table.figures td { font-variant-numeric: tabular-nums; }
table.figures th { text-align: left; font-weight: 600; color: #5a6773; border-bottom: 2px solid #cfd8e0; }
table.figures th, table.figures td { padding: .32rem 1.1rem .32rem 0; }
table.figures td { border-bottom: 1px solid #e9edf1; }
table.figures .number { text-align: right; }
.headline { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1.2rem 0; }
.headline div { flex: 1 1 9rem; background: #f4f7fa; border-radius: 8px; padding: .8rem 1rem; }
.headline b { display: block; font-size: 1.7rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.headline span { color: #5a6773; font-size: .86rem; }
pre { white-space: pre-wrap; font-size: .85rem; }
@media (max-width: 700px) { main { padding: 1.2rem; margin: 0; border: 0; } }
@media print { body { background: #fff; } main { border: 0; margin: 0; } }
"""
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def html_page(canonical: dict[str, Any], title: str) -> bytes:
    """Render a canonical notebook; its content security policy lets a browser fetch and run nothing."""
    exporter = HTMLExporter(
        template_name="basic", exclude_input=True, exclude_input_prompt=True, exclude_output_prompt=True
    )
    body, _ = exporter.from_notebook_node(nbformat.from_dict(canonical))
    page = (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body.strip()}\n</main>\n</body>\n</html>\n"
    )
    return page.encode()
