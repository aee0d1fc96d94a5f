"""From which commit of git an output's code came, as its signed statement says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calf.wire.messages import Message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from calf.client.connection import Client


def source_of(client: Client, output: Message) -> str:
    """`0f3a…, clean`; empty where no statement can be read. It is read, not checked."""
    from calf.views.replay_statements import statement_about

    build = statement_about(client, output)
    return source_words(build["internalParameters"]["image"].get("source") or {}) if build else ""


def source_words(source: Mapping[str, Any]) -> str:
    """The commit, and whether the image's own files are really those of it."""
    if not source.get("commit"):
        return ""
    if source.get("dirty") is None:
        return f"{source['commit']}, whether its files are those is not known"
    changed = ", ".join(source.get("changed") or ())
    return f"{source['commit']}, " + (f"but for {changed}" if source["dirty"] else "clean")
