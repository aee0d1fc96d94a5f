"""What a statement says of the machine and of the image that a job ran in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Machine:
    """This machine as far as bits may depend on it; `cpu_features` are those that numerical libraries use."""

    cpu_model: str = ""
    cpu_features: tuple[str, ...] = ()
    kernel: str = ""
    engine: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """The commit of git that an image's files were taken from; empty where nobody knows.

    `dirty`: some of the image's own files are not as in that commit, namely `changed`; None for not known.
    """

    commit: str = ""
    dirty: bool | None = None
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What is in an image: its files by place with their BLAKE3 (hex), its locked packages, its Python.

    `identity` is what its digest should be the hash of; empty where that is not known. Of a container
    engine's image nothing is known but what the engine says: `manifest`, the digest by which registries know
    it, and `sources`, that of the same files as an image of ours; each empty where there is none.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    packages: tuple[str, ...] = ()
    python: str = ""
    source: Source = field(default_factory=Source)
    identity: Sequence[Any] = ()
    manifest: str = ""
    sources: str = ""
