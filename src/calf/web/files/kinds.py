"""What a file is by its name, in a word. What is done with it is decided by its content, not by this."""

from __future__ import annotations

from posixpath import basename

_SUFFIXES = {
    "picture": ("png", "jpg", "jpeg", "gif", "webp", "bmp", "tif", "tiff"),
    "table": ("csv", "tsv", "parquet"),
    "json": ("json",),
    "markdown": ("md", "markdown"),
    "notebook": ("ipynb",),
    "page": ("html", "htm"),
    "tensors": ("safetensors",),
    "archive": ("zip", "tar", "tgz", "whl", "npz", "jar"),
    "code": ("py", "yaml", "yml", "toml", "sh", "js", "css", "sql", "xml", "ini", "cfg", "r", "c", "h", "go"),
    "text": ("txt", "log", "jsonl", "ndjson", "rst", "lock", "in"),
}
_BY_SUFFIX = {suffix: kind for kind, suffixes in _SUFFIXES.items() for suffix in suffixes}


def suffix_of(path: str) -> str:
    """What stands behind the last dot of a file's name, in small letters; `tgz` for `.tar.gz`."""
    name = basename(path).lower()
    if name.endswith(".tar.gz"):
        return "tgz"
    return name.rpartition(".")[2] if "." in name else ""


def kind_of(path: str) -> str:
    """`picture`, `table`, ...; `file` for what has no known name."""
    return _BY_SUFFIX.get(suffix_of(path), "file")
