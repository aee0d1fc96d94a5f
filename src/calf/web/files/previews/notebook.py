"""Notebooks: their texts, code and outputs, a page of cells at a time. Nothing of them runs.

An output that is a picture or a page is fetched by the browser as a part of the file, `CELL.OUTPUT`.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NoBase64
from collections.abc import Mapping
from itertools import takewhile
from typing import Any

from calf.views.differences.pair import Unreadable, clip
from calf.web.files.previews.markdown import MOST as MOST_MARKDOWN
from calf.web.files.previews.markdown import rendered
from calf.web.files.previews.subject import Subject, cut
from calf.web.files.previews.texts import WINDOW, highlighted
from calf.web.files.previews.trees import read_json
from calf.web.files.remote import Remote

MOST_BYTES = 32 * 1024 * 1024
_CELLS = 40
_OUTPUTS = 20
_TEXT = 8 * 1024
_PICTURES = ("image/png", "image/jpeg")
_PART = re.compile(r"(\d{1,6})\.(\d{1,6})")
_STYLE = "<!doctype html><style>body{font:14px/1.5 system-ui,sans-serif}</style>\n"
_SIZES = ((400, "low"), (3000, "middle"))
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


def show_notebook(subject: Subject) -> Mapping[str, Any]:
    """Cells from the number `?cell=` on."""
    document = _read(subject.remote)
    cells = document["cells"]
    first = subject.number("cell", len(cells))
    number = _that_fit(cells[first : first + _CELLS])
    shown = [_cell(at, cell, subject) for at, cell in enumerate(cells[first : first + number], first)]
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
        outputs = _read(remote)["cells"][int(match[1])]["outputs"][int(match[2]) :]
        if what == "page":
            return (_STYLE + "\n".join(_page(outputs))).encode("utf-8", "replace")
        data = outputs[0]["data"]
        return _bytes(next(data[kind] for kind in _PICTURES if kind in data))
    except (LookupError, TypeError, AttributeError, StopIteration):
        raise Unreadable("there is no such part") from None


def _page(outputs: list[Any]) -> list[str]:
    """The first output and those that follow it, as far as they are pages. Raises LookupError."""
    texts = [_text(output["data"]["text/html"]) for output in takewhile(_is_page, outputs)]
    return texts if texts else [outputs[0]["data"]["text/html"]]


def _is_page(output: Any) -> bool:
    data = output.get("data") if isinstance(output, dict) else None
    return isinstance(data, dict) and "text/html" in data and not any(kind in data for kind in _PICTURES)


def _read(remote: Remote) -> dict[str, Any]:
    document = read_json(remote.whole(MOST_BYTES))
    if not isinstance(document, dict) or not isinstance(document.get("cells"), list):
        raise Unreadable("it is no notebook")
    return document


def _that_fit(cells: list[Any]) -> int:
    """How many of the cells a page has room for: at least one."""
    room = MOST_MARKDOWN
    for number, cell in enumerate(cells):
        room -= len(_text(cell.get("source", ""))) if isinstance(cell, dict) else 0
        if room < 0:
            return max(number, 1)
    return len(cells)


def _cell(at: int, cell: Any, subject: Subject) -> Mapping[str, Any]:
    if not isinstance(cell, dict):
        raise Unreadable("it is no notebook")
    source = _text(cell.get("source", ""))
    if cell.get("cell_type") == "markdown":
        return {"type": "markdown", "html": rendered(clip(source, MOST_MARKDOWN), subject)}
    code = cell.get("cell_type") == "code"
    outputs = cell.get("outputs", []) if code else []
    count = cell.get("execution_count")
    return {
        "type": "code" if code else "raw",
        "count": count if isinstance(count, int) else None,
        "lines": highlighted(clip(source, WINDOW), "python" if code else ""),
        "outputs": _outputs(at, outputs, subject) if isinstance(outputs, list) else [],
    }


def _outputs(cell: int, outputs: list[Any], subject: Subject) -> list[Mapping[str, Any]]:
    """What a cell gave out; pages that follow each other are one."""
    shown: list[Mapping[str, Any]] = []
    for number, output in enumerate(outputs[:_OUTPUTS]):
        if _is_page(output):
            if number and _is_page(outputs[number - 1]):
                continue
            length = sum(map(len, _page(outputs[number:])))
            height = next((name for most, name in _SIZES if length <= most), "high")
            link = subject.raw(show="frame", part=f"{cell}.{number}")
            shown.append({"type": "page", "link": link, "height": height})
        else:
            shown.append(_output(f"{cell}.{number}", output, subject))
    return shown


def _output(part: str, output: Any, subject: Subject) -> Mapping[str, Any]:
    if not isinstance(output, dict):
        return {"type": "text", "text": ""}
    data = output.get("data")
    if isinstance(data, dict):
        if any(kind in data for kind in _PICTURES):
            return {"type": "picture", "link": subject.raw(show="image", part=part)}
        if "text/markdown" in data:
            return {"type": "markdown", "html": rendered(clip(_text(data["text/markdown"]), _TEXT), subject)}
        return {"type": "text", "text": _plain(_text(data.get("text/plain", "")))}
    if output.get("output_type") == "error":
        lines = _text(output.get("traceback", []), "\n") or f"{output.get('ename')}: {output.get('evalue')}"
        return {"type": "error", "text": _plain(lines)}
    return {"type": "text", "text": _plain(_text(output.get("text", "")))}


def _text(value: Any, between: str = "") -> str:
    """A text that is one, or in lines."""
    if isinstance(value, list):
        return between.join(str(line) for line in value)
    return value if isinstance(value, str) else ""


def _plain(text: str) -> str:
    return cut(_COLOURS.sub("", text), _TEXT)


def _bytes(value: Any) -> bytes:
    try:
        return b64decode(_text(value).encode())
    except (NoBase64, ValueError):
        raise Unreadable("the picture is no base64") from None
