"""Finds who can say best how two files differ: by the name, else as text, else byte by byte."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from calf.views.differences.documents import describe_documents
from calf.views.differences.pair import Difference, Pair, Presenter, Unreadable
from calf.views.differences.pictures import describe_pictures
from calf.views.differences.raw import describe_bytes
from calf.views.differences.tables import describe_tables
from calf.views.differences.tensors import describe_tensors
from calf.views.differences.texts import describe_texts

_BY_SUFFIX: dict[str, Presenter] = {
    ".safetensors": describe_tensors,
    ".csv": describe_tables,
    ".tsv": describe_tables,
    ".json": describe_documents,
    ".png": describe_pictures,
    ".jpg": describe_pictures,
    ".jpeg": describe_pictures,
}


def describe(pair: Pair) -> Difference:
    """How the two files differ; of files that nobody can read, where the first different byte is."""
    for presenter in _presenters(pair.name):
        try:
            return presenter(pair)
        except Unreadable:
            continue
    return describe_bytes(pair)


def _presenters(name: str) -> Iterator[Presenter]:
    found = _BY_SUFFIX.get(PurePosixPath(name).suffix.lower())
    if found is not None:
        yield found
    yield describe_texts
