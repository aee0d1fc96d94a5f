"""Texts and code, with the numbers of lines; a window of the file at a time."""

from __future__ import annotations

from collections.abc import Mapping
from posixpath import basename
from typing import Any

from calf.views.differences.pair import Unreadable
from calf.web.files.kinds import suffix_of
from calf.web.files.previews.subject import Subject, visible

WINDOW = 32 * 1024
_LINES = 1000
_LONGEST = 2000
_LEXERS = {
    "py": "python", "ipynb": "json", "json": "json", "jsonl": "json", "yaml": "yaml", "yml": "yaml",
    "toml": "toml", "sh": "bash", "js": "javascript", "css": "css", "html": "html", "htm": "html",
    "xml": "xml", "svg": "xml", "sql": "sql", "ini": "ini", "cfg": "ini", "r": "r", "c": "c", "h": "c",
    "go": "go", "md": "markdown", "diff": "diff", "patch": "diff", "rs": "rust", "ts": "typescript",
}  # fmt: skip
"""Not Java: its lexer takes twenty seconds for a page of words, and no other thread runs meanwhile."""
_NAMES = {"Dockerfile": "docker", "Makefile": "make"}

Part = tuple[str, str]
"""A class of Pygments, and the text that has it."""


def show_text(subject: Subject) -> Mapping[str, Any]:
    """The lines of a window that begins at byte `?at=`, whose first line has the number `?line=`."""
    check_text(subject.head, whole=subject.size <= len(subject.head))
    at, first = subject.number("at", subject.size), subject.number("line", 10**9) or 1
    content = subject.remote.read(at, WINDOW + 4)
    window = _cut(content) if at + len(content) < subject.size else content
    text = window.decode("utf-8", "replace")
    lines = highlighted(text, lexer_of(subject.path))
    end = at + len(window)
    return {
        "kind": "text",
        "lines": [{"number": first + at, "parts": parts} for at, parts in enumerate(lines)],
        "from": at,
        "more": subject.page(view="text", at=end, line=first + len(lines)) if end < subject.size else "",
    }


def check_text(head: bytes, *, whole: bool) -> None:
    """Raise `Unreadable` where bytes are no UTF-8; a character that is cut off at the end may be."""
    if b"\0" in head:
        raise Unreadable("it holds zero bytes")
    try:
        head.decode()
    except UnicodeDecodeError as error:
        if whole or error.start < len(head) - 3:
            raise Unreadable("it is no UTF-8") from None


def lexer_of(path: str) -> str:
    """How a file is coloured; empty for plain text."""
    return _NAMES.get(basename(path), _LEXERS.get(suffix_of(path), ""))


def highlighted(text: str, lexer: str) -> list[list[Part]]:
    """The lines of a text in parts that have one colour each."""
    lines: list[list[Part]] = [[]]
    for kind, value in _tokens(text, lexer):
        for at, piece in enumerate(value.split("\n")):
            if at:
                lines.append([])
            if piece:
                lines[-1].append((kind, visible(piece.rstrip("\r"))))
    if lines and not lines[-1]:
        lines.pop()
    return lines


def _tokens(text: str, lexer: str) -> list[Part]:
    longest = max(map(len, text.split("\n")), default=0)
    if not lexer or longest > _LONGEST:
        return [("", text)]
    from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]  # it comes without types

    made = get_lexer_by_name(lexer, stripnl=False, ensurenl=False)
    return [(_class(kind), value) for kind, value in made.get_tokens(text)]


def _class(kind: Any) -> str:
    from pygments.token import STANDARD_TYPES  # type: ignore[import-untyped]  # as above

    while kind is not None and kind not in STANDARD_TYPES:
        kind = kind.parent
    return str(STANDARD_TYPES.get(kind, ""))


def _cut(content: bytes) -> bytes:
    """The whole lines of a window, or, without any end of a line, its whole characters."""
    content = content[:WINDOW]
    ends = content.split(b"\n", _LINES)
    if len(ends) > _LINES:
        return content[: len(content) - len(ends[-1])]
    end = content.rfind(b"\n") + 1
    if end:
        return content[:end]
    return content[:-3] + content[-3:].decode("utf-8", "ignore").encode()
