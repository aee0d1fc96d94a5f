"""Taking secrets out of what is going to be published.

Values of secrets never come here: a spec names them only. What users write into the plain environment of a
stage, or into a URL, may be one all the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

WITHHELD = "(withheld)"
_TELLING = (
    r"secret|token|passw|pwd|credential|private|signature|api_?key|access_?key|auth(?!or)|(?:^|_)(?:key|sig)$"
)
_NAME = re.compile(_TELLING, re.IGNORECASE)
# keys of object stores have slashes in them; what is a port, and no password, has digits only
_USER_AND_MORE = r"[^/@\s:]*:(?!\d*(?:[/?#\s]|$))[^@\s]{0,200}"
_USER_OF_URL = re.compile(rf"(?<=://)(?:[^/@\s]+|{_USER_AND_MORE})(?=@)")
_PASSWORD_OF_URL = re.compile(rf"://{_USER_AND_MORE}@")
_PARAMETER = re.compile(r"(?<=[?&])([^=&#\s]+)=([^&#\s]*)")


def redact_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables, without the values of those that are called like a secret."""
    return {
        name: WITHHELD if value and _NAME.search(name) else redact_text(value)
        for name, value in variables.items()
    }


def redact_text(text: str) -> str:
    """A text without user names, passwords and signatures of URLs in it."""
    if "://" not in text:
        return text
    return _PARAMETER.sub(_parameter, _USER_OF_URL.sub(WITHHELD, text))


def holds_password(url: str) -> bool:
    """Whether a URL has a password, or a parameter that is called like a secret; a user alone is none."""
    named = any(_NAME.search(found[1].replace("-", "_")) for found in _PARAMETER.finditer(url))
    return named or _PASSWORD_OF_URL.search(url) is not None


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
    return f"{found[1]}={WITHHELD}" if _NAME.search(found[1].replace("-", "_")) else found[0]
