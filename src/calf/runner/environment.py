"""The environment of a stage: an allow-list, and nothing of the server's own."""

from __future__ import annotations

import re
from collections.abc import Mapping

HOME = "/tmp"  # noqa: S108 - inside the sandbox, private
CONSTANTS: Mapping[str, str] = {"HOME": HOME, "TMPDIR": HOME, "LANG": "C.UTF-8", "TZ": "UTC"}
_LOADING = ("GLIBC_TUNABLES", "MALLOC_TRACE")
_SPECIAL = re.compile(r"""[\n\r"'\\#]""")


def merge(*layers: Mapping[str, str]) -> dict[str, str]:
    """The whole environment: the constants, the image's, the spec's, the datum's; later ones win."""
    merged: dict[str, str] = {}
    for layer in layers:
        merged.update(layer)
    return {
        name: value for name, value in merged.items() if name and "=" not in name and "\0" not in name + value
    }


def for_our_own(env: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """What a program of ours may have of a stage's environment, and what would have it load other things."""
    loading = {name: value for name, value in env.items() if name.startswith("LD_") or name in _LOADING}
    return {name: value for name, value in env.items() if name not in loading}, loading


def as_lines(env: Mapping[str, str]) -> tuple[str, ...]:
    """`NAME=value` lines in order, as the worker API gives them."""
    return tuple(f"{name}={value}" for name, value in sorted(env.items()))


def as_dotenv(env: Mapping[str, str]) -> str:
    """The text of `/pfs/.env`; values that would not survive as they are stand in double quotes."""
    return "".join(f"{name}={_quoted(value)}\n" for name, value in sorted(env.items()))


def _quoted(value: str) -> str:
    if not _SPECIAL.search(value) and value == value.strip():
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'
