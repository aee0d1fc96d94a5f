"""The file that is looked at."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from calf.views.differences.pair import clip
from calf.web import links
from calf.web.files.remote import Remote
from calf.web.pages import Ask

HEAD = 64 * 1024
_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


@dataclass(frozen=True, slots=True)
class Subject:
    """A file of the commit `commit`; `head` are its first bytes, `HEAD` of them at most."""

    ask: Ask
    commit: str
    remote: Remote
    head: bytes

    @property
    def path(self) -> str:
        """Its path in the commit."""
        return self.remote.path

    @property
    def size(self) -> int:
        """Its size in bytes."""
        return self.remote.size

    def raw(self, path: str = "", show: str = "", part: str = "") -> str:
        """The link to its bytes, or to those of another file of the commit."""
        return links.raw(self.ask.project, self.ask.path["name"], self.commit, path or self.path, show, part)

    def page(self, path: str = "", **more: str | int) -> str:
        """The link to its page, or to that of another file of the commit."""
        return links.files(self.ask.project, self.ask.path["name"], self.commit, path or self.path, **more)

    def number(self, name: str, most: int) -> int:
        """A whole number from 0 of the query, 0 where it is none."""
        text = self.ask.text(name)
        return min(int(text[:18]), most) if text.isascii() and text.isdecimal() else 0


Preview = Callable[[Subject], Mapping[str, Any]]
"""What a page shows of a file; `kind` names the template. Raises `Unreadable`: then another one has a try."""


def visible(text: str) -> str:
    """The text with everything spelled out that would move, hide or turn what stands beside it, and halves of
    characters (from JSON, from names in archives), which nothing can send."""
    return _STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def cut(text: str, most: int) -> str:
    """The beginning of a text, visible."""
    return visible(clip(text, most))
