"""Where packages come from: this machine's settings of uv and of pip, in uv's words."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from calf.runner.process import run_tool

_UV_INDEX_SETTINGS = frozenset({"UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_CONFIG_FILE"})
_PIP_SETTINGS = {
    "global.index-url": "UV_DEFAULT_INDEX",
    "global.extra-index-url": "UV_INDEX",
    "global.find-links": "UV_FIND_LINKS",
    "global.cert": "SSL_CERT_FILE",
}


def uv_settings(env: Mapping[str, str]) -> dict[str, str]:
    """uv's view of the machine: it does not read pip's configuration, so what stands there is handed on."""
    found = {
        name: value for name, value in env.items() if not name.startswith(("VIRTUAL_ENV", "PYTHON", "CONDA"))
    }
    found |= {"UV_PYTHON_DOWNLOADS": "never", "NO_COLOR": "1"}
    if not _UV_INDEX_SETTINGS.isdisjoint(found):
        return found
    # pip trusts all its indexes alike; the lock's hashes make that safe
    found.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    for name, value in _pip_configuration(found):
        if name in _PIP_SETTINGS:
            found.setdefault(_PIP_SETTINGS[name], value)
    return found


def _pip_configuration(env: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    lines: list[str] = []
    argv = (sys.executable, "-I", "-m", "pip", "config", "list")
    if run_tool(argv, env, Path("/"), lines.append) == 0:
        for line in lines:
            name, found, value = line.partition("=")
            if found:
                yield (
                    name.replace(":env:.", "global."),
                    " ".join(value.strip("'").replace("\\n", " ").split()),
                )
