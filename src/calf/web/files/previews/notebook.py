"""Notebooks: their texts, code and outputs, a page of cells at a time. Nothing of them runs.

An output that is a picture or a page is fetched by the browser as a part of the file, `CELL.OUTPUT`.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NoBase64
from collections.abc import Mapping
from typing import Any

from calf.views.differences.pair import Unreadable
from calf.web.files.previews.markdown import MOST as MOST_MARKDOWN
from calf.web.files.previews.markdown import rendered
from calf.web.files.previews.subject import Subject, visible
from calf.web.files.previews.texts import WINDOW, highlighted
from calf.web.files.previews.trees import read_json
from calf.web.files.remote import Remote

MOST_BYTES = 32 * 1024 * 1024
_CELLS = 40
_OUTPUTS = 20
_TEXT = 8 * 1024
_PICTURES = ("image/png", "image/jpeg")
_PART = re.compile(r"(\d{1,6})\.(\d{1,6})")
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


def show_notebook(subject: Subject) -> Mapping[str, Any]:
    """Cells from the number `?cell=` on."""
    document = _read(subject.remote)
    cells = document["cells"]
    first = subject.number("cell", len(cells))
    shown = [_cell(at, cell, subject) for at, cell in enumerate(cells[first : first + _CELLS], first)]
    after = first + len(shown)
    return {
        "kind": "notebook",
        "cells": shown,
        "total": len(cells),
        "more": subject.page(view="notebook", cell=after) if after < len(cells) else "",
    }


def read_output(remote: Remote, part: str, what: str) -> bytes:
    """The bytes of an output that is a `picture` or a `page`. Raises `Unreadable` when there is none."""
    match = _PART.fullmatch(part)
    if match is None:
        raise Unreadable("there is no such part")
    try:
        data = _read(remote)["cells"][int(match[1])]["outputs"][int(match[2])]["data"]
        if what == "page":
            return _text(data["text/html"]).encode("utf-8", "replace")
        return _bytes(next(data[kind] for kind in _PICTURES if kind in data))
    except (LookupError, TypeError, StopIteration):
        raise Unreadable("there is no such part") from None


def _read(remote: Remote) -> dict[str, Any]:
    document = read_json(remote.whole(MOST_BYTES))
    if not isinstance(document, dict) or not isinstance(document.get("cells"), list):
        raise Unreadable("it is no notebook")
    return document


def _cell(at: int, cell: Any, subject: Subject) -> Mapping[str, Any]:
    if not isinstance(cell, dict):
        raise Unreadable("it is no notebook")
    source = _text(cell.get("source", ""))
    if cell.get("cell_type") == "markdown":
        return {"type": "markdown", "html": rendered(source[:MOST_MARKDOWN], subject)}
    code = cell.get("cell_type") == "code"
    outputs = cell.get("outputs", []) if code else []
    count = cell.get("execution_count")
    return {
        "type": "code" if code else "raw",
        "count": count if isinstance(count, int) else None,
        "lines": highlighted(source[:WINDOW], "python" if code else ""),
        "outputs": [
            _output(f"{at}.{number}", output, subject)
            for number, output in enumerate(outputs[:_OUTPUTS] if isinstance(outputs, list) else ())
        ],
    }


def _output(part: str, output: Any, subject: Subject) -> Mapping[str, Any]:
    if not isinstance(output, dict):
        return {"type": "text", "text": ""}
    data = output.get("data")
    if isinstance(data, dict):
        if any(kind in data for kind in _PICTURES):
            return {"type": "picture", "link": subject.raw(show="image", part=part)}
        if "text/html" in data:
            return {"type": "page", "link": subject.raw(show="frame", part=part)}
        return {"type": "text", "text": _clip(_text(data.get("text/plain", "")))}
    if output.get("output_type") == "error":
        lines = _text(output.get("traceback", []), "\n") or f"{output.get('ename')}: {output.get('evalue')}"
        return {"type": "error", "text": _clip(lines)}
    return {"type": "text", "text": _clip(_text(output.get("text", "")))}


def _text(value: Any, between: str = "") -> str:
    """A text that is one, or in lines."""
    if isinstance(value, list):
        return between.join(str(line) for line in value)
    return value if isinstance(value, str) else ""


def _clip(text: str) -> str:
    plain = _COLOURS.sub("", text)
    return visible(plain if len(plain) <= _TEXT else f"{plain[:_TEXT]}\n… (cut)")


def _bytes(value: Any) -> bytes:
    try:
        return b64decode(_text(value).encode())
    except (NoBase64, ValueError):
        raise Unreadable("the picture is no base64") from None
