"""Markdown, without the HTML that may stand in it; nothing is fetched from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from markupsafe import Markup

from calf.web.files.previews.subject import Subject, visible
from calf.web.files.previews.texts import check_text

if TYPE_CHECKING:
    from markdown_it.token import Token

MOST = 128 * 1024
_NESTING = 20
_WEB = ("http", "https")


def show_markdown(subject: Subject) -> Mapping[str, Any]:
    """The text, rendered; what goes beyond `MOST` bytes is in the source only."""
    check_text(subject.head, whole=subject.size <= len(subject.head))
    content = subject.remote.read(0, MOST).decode("utf-8", "replace")
    return {
        "kind": "markdown",
        "html": rendered(content, subject),
        "cut": subject.size > MOST,
    }


def rendered(text: str, subject: Subject) -> Markup:
    """A text as HTML of which every element is ours."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": _NESTING}).enable(
        ["table", "strikethrough"]
    )
    tokens = parser.parse(visible(text))
    for token in tokens:
        _tame(token, subject)
    made = parser.renderer.render(tokens, parser.options, {})
    return Markup(made)  # noqa: S704 - no HTML comes through, and the attributes are those that we left


def _tame(token: Token, subject: Subject) -> None:
    if "style" in token.attrs:
        aligned = str(token.attrs.pop("style")).rpartition(":")[2]
        token.attrs["class"] = "num" if aligned in ("right", "center") else "left"
    if token.type == "heading_open" or token.type == "heading_close":
        token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"  # h1 is the page's
    link = "a"
    for child in token.children or ():
        if child.type == "link_open":
            _tame_link(child, subject)
            link = child.tag
        elif child.type == "link_close":
            child.tag = link
        elif child.type == "image":
            _tame_picture(child, subject)


def _tame_link(token: Token, subject: Subject) -> None:
    target = _target(str(token.attrs.get("href", "")), subject)
    token.attrs.clear()
    if target is None:
        token.tag = "span"
        return
    where, outside = target
    token.attrs["href"] = where if outside or where.startswith("#") else subject.page(where)
    if outside:
        token.attrs |= {"rel": "noopener noreferrer", "target": "_blank"}


def _tame_picture(token: Token, subject: Subject) -> None:
    """A picture of the same commit is shown; one of elsewhere is told of."""
    target = _target(str(token.attrs.get("src", "")), subject)
    words = _words(token.children or ())
    if target is None or target[1] or target[0].startswith("#"):
        token.type, token.tag, token.children = "text", "", None
        token.content = f"[picture: {words}]"
        token.attrs = {}
        return
    token.attrs = {"src": subject.raw(target[0], "image"), "alt": words, "loading": "lazy"}


def _words(tokens: Sequence[Token]) -> str:
    return "".join(token.content for token in tokens)


def _target(link: str, subject: Subject) -> tuple[str, bool] | None:
    """Where a link leads: to a path in the commit or to a place of the page, or outside; None if nowhere."""
    if link.startswith("#"):
        return link, False
    try:
        parts = urlsplit(link)
    except ValueError:
        return None
    if parts.scheme in _WEB and parts.netloc:
        return link, True
    if parts.scheme or parts.netloc or not parts.path:
        return None
    return normpath("/" + join(dirname(subject.path), unquote(parts.path))).replace("//", "/"), False
