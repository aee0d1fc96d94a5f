"""What ships with the pages: styles, scripts, pictures, under URLs that change when their bytes do."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(str(files("calf.web") / "assets"))
FOR_EVER = "public, max-age=31536000, immutable"
TO_ASK = "no-cache"


def asset(name: str) -> str:
    """The URL of a file in `assets/`. Raises `FileNotFoundError` when none has that name."""
    return f"/assets/{name}?v={_version(name, (FOLDER / name).stat().st_mtime_ns)}"


def mount() -> Mount:
    """The route to all assets."""
    return Mount("/assets", _Assets(directory=FOLDER), name="assets")


@lru_cache(maxsize=256)
def _version(name: str, _changed: int) -> str:
    return sha256((FOLDER / name).read_bytes()).hexdigest()[:10]


class _Assets(StaticFiles):
    """Files that a browser keeps when it asked for this version, and asks about again otherwise."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        found = await super().get_response(path, scope)
        asked = scope["query_string"].decode("latin-1")
        is_this = found.status_code < 400 and asset(path).endswith(f"?{asked}")
        found.headers["cache-control"] = FOR_EVER if is_this else TO_ASK
        return found
