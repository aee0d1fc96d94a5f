"""Taking secrets out of what is going to be published.

Values of secrets never come here: a spec names them only. What users write into the plain environment of a
stage, or into a URL, may be one all the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

WITHHELD = "(withheld)"
_TELLING = (
    r"secret|token|passw|passphrase|pwd|credential|private|signature|api_?key|access_?key|auth(?!or)"
    r"|(?:^|_)(?:key|sig|sas|pass|pw)$"
)
_NAME = re.compile(_TELLING, re.IGNORECASE)
_START = re.compile(r"(:\\?/\\?/)")
"""What begins a URL's authority, in JSON within a text too."""
_AUTHORITY = re.compile(r"[^/?#\\]*")
_PORT = re.compile(r"[0-9]{0,5}")
_PARAMETER = re.compile(r"(?<=[?&#;])([^=&#;?\s]+)=([^&#;\s]*(?:;[^=&#;\s]*(?![^&#;\s]))*)")
"""A parameter in query, fragment or list: a value goes on behind a `;` that begins no other parameter."""


def redact_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables, without the values of those that are called like a secret."""
    return {
        name: WITHHELD if value and _NAME.search(name) else redact_text(value)
        for name, value in variables.items()
    }


def redact_text(text: str) -> str:
    """A text without user names, passwords and signatures of URLs in it."""
    first, *rest = _START.split(text)
    if not rest:
        return text
    pieces = (piece if number % 2 == 0 else _without_user(piece) for number, piece in enumerate(rest))
    return _PARAMETER.sub(_parameter, first + "".join(pieces))


def holds_password(url: str) -> bool:
    """Whether a URL has a password, or a parameter that is called like a secret; a user alone is none."""
    if any(_tells(found[1]) for found in _PARAMETER.finditer(url)):
        return True
    return any(":" in unquote(piece[: _end_of_user(piece)]) for piece in _START.split(url)[2::2])


def redact(document: Any) -> Any:
    """A spec as a document, whose environment and URLs are redacted."""
    if isinstance(document, str):
        return redact_text(document)
    if isinstance(document, list):
        return [redact(item) for item in document]
    if isinstance(document, dict):
        return {
            key: redact_variables(value) if key == "env" and isinstance(value, dict) else redact(value)
            for key, value in document.items()
        }
    return document


def _parameter(found: re.Match[str]) -> str:
    return f"{found[1]}={WITHHELD}" if _tells(found[1]) else found[0]


def _tells(name: str) -> bool:
    return _NAME.search(unquote(name).replace("-", "_")) is not None


def _without_user(piece: str) -> str:
    end = _end_of_user(piece)
    return WITHHELD + piece[end:] if end else piece


def _end_of_user(piece: str) -> int:
    """Where user and password end in what follows `://`, 0 when there are none.

    Keys of object stores have slashes in them, so what stands behind a colon and is no port is a password up
    to an `@`, wherever that is. Hosts may be several, each with its own.
    """
    url = piece.split(maxsplit=1)[0] if piece and not piece[0].isspace() else ""
    at, authority = url.find("@"), _AUTHORITY.match(url)
    if at < 0 or authority is None:
        return 0
    if at > authority.end():
        host, colon, port = authority[0].partition(":")
        if not colon or host.startswith("[") or _PORT.fullmatch(port):
            return 0
    rest = _AUTHORITY.match(url, at)
    return url.rindex("@", 0, rest.end() if rest else at + 1)
