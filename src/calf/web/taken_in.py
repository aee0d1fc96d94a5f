"""What this process is made of, taken in at its start: it never mixes what was with what is there now.

A package may be upgraded while its dashboard stands. Templates are read at once, views are loaded with the
routes; libraries that only some pages need are loaded when one does, or soon after the first page by `Code`.
"""

from __future__ import annotations

import threading
from importlib import import_module
from pathlib import Path

from jinja2 import FunctionLoader

from calf.kit.loaded import Loaded, look_at

TEMPLATES = Path(__file__).parent / "templates"
_LATER = (
    "PIL.ImageOps",
    "calf.kit.strict_yaml",
    "calf.views.differences.describing",
    "calf.views.replay.running",
    "calf.views.replay.words",
    "markdown_it",
    "pygments.lexers",
)


def read_templates() -> FunctionLoader:
    """All templates as they are now."""
    files = {str(file.relative_to(TEMPLATES)): file for file in TEMPLATES.rglob("*.html")}
    texts = {name: (file.read_text(), str(file), lambda: True) for name, file in files.items()}
    return FunctionLoader(texts.get)


class Code:
    """The files of a process that began at `began` (nanoseconds since the epoch)."""

    def __init__(self, began: int) -> None:
        self._began = began
        self._loaded: Loaded | None = None
        self._loading: threading.Thread | None = None

    def is_current(self) -> bool:
        """Whether they are as they were; the first time one asks, what is not loaded yet begins to be."""
        if self._loading is None:
            self._loading = threading.Thread(target=self._load, name="code", daemon=True)
            self._loading.start()
        if self._loading.is_alive():
            return True
        return self._loaded is not None and self._loaded.is_current()

    def _load(self) -> None:
        try:
            for name in _LATER:
                import_module(name)
        except ImportError:
            return  # it is being replaced
        self._loaded = look_at((str(file) for file in TEMPLATES.rglob("*.html")), self._began)
