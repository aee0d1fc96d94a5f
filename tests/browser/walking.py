"""From link to link, as somebody would go who tries everything; over plain HTTP, which is quick."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection
from urllib.parse import parse_qs, urldefrag, urljoin, urlsplit

DEPTH = 4
EACH = 5
_TWINS = 2
"""So many pages of a kind are visited; the others are alike."""
_NO_PAGE = ("/raw", "/events", "/assets/", "/logout")
_OF_FILES = ("files", "diff")
_TELLING = ("commit", "against", "version")
"""What in a query makes another sort of page of it; the rest is how it looks."""


@dataclass(slots=True)
class Walk:
    """Where it went: `pages` by kind, first seen first; `bad` are links that led nowhere."""

    pages: dict[str, list[str]] = field(default_factory=dict)
    bad: list[str] = field(default_factory=list)
    twins: int = 0


def walk(url: str, start: str = "/?all=1") -> Walk:
    """All pages that can be reached from `start` in `DEPTH` steps, `EACH` of a kind; each with its twin."""
    made, seen, counts = Walk(), {start}, Counter[str]()
    connection = HTTPConnection(urlsplit(url).netloc, timeout=30)
    row = [(start, "")]
    for _ in range(DEPTH + 1):
        following: list[tuple[str, str]] = []
        for path, origin in row:
            for link in _visit(connection, made, path, origin):
                if link not in seen and counts[kind(link)] < EACH:
                    seen.add(link)
                    counts[kind(link)] += 1
                    following.append((link, path))
        row = following
    connection.close()
    return made


def kind(link: str) -> str:
    """What sort of page a link leads to: its URL without what a user or a run named."""
    parts = urlsplit(link)
    words = [word if index % 2 == 0 else "…" for index, word in enumerate(parts.path.split("/")[1:])]
    path = "/".join(words)
    query = parse_qs(parts.query)
    name = query.get("path", [""])[0].rpartition("/")[2]
    suffix = name.rpartition(".")[2] if "." in name and words[-1] in _OF_FILES else ""
    names = [name for name in query if name in _TELLING]
    return " ".join([path, *sorted(names), suffix]).strip()


def _visit(connection: HTTPConnection, made: Walk, path: str, origin: str) -> list[str]:
    status, media, text = _get(connection, path)
    if status >= 400:
        made.bad.append(f"{status} {path} from {origin}")
        return []
    if not media.startswith("text/html"):
        return []
    made.pages.setdefault(kind(path), []).append(path)
    found = _Links()
    found.feed(text)
    if found.twin and len(made.pages[kind(path)]) <= _TWINS:
        made.twins += 1
        status, media, _ = _get(connection, found.twin)
        if status != 200 or media != "application/json":
            made.bad.append(f"{status} {media} {found.twin}, the twin of {path}")
    return [link for link in (_local(path, each) for each in found.links) if link]


def _local(path: str, link: str) -> str:
    whole = urldefrag(urljoin(f"http://here{path}", link)).url
    parts = urlsplit(whole)
    if parts.netloc != "here" or parts.path.endswith(_NO_PAGE) or parts.path.startswith(_NO_PAGE):
        return ""
    if parts.path == "/metrics":  # for Prometheus; that of a project is a page
        return ""
    return "" if parts.path.endswith(".json") else whole.removeprefix("http://here")


def _get(connection: HTTPConnection, path: str) -> tuple[int, str, str]:
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
    except ConnectionError as error:
        raise AssertionError(f"no answer to {path}") from error
    body = answer.read()
    if answer.status == 303:
        return _get(connection, answer.headers["location"])
    media = answer.headers.get("content-type", "")
    return answer.status, media, body.decode() if media.startswith("text/") else ""


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.twin = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        href = given.get("href") or ""
        if tag == "a" and href and "download" not in given and given.get("target") != "_blank":
            self.links.append(href)
        if tag == "link" and given.get("rel") == "alternate":
            self.twin = href
