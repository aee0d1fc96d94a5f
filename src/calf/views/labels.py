"""Values of things that need shaping to be read."""

from __future__ import annotations

import json

from calf.kit import durations
from calf.wire.documents import to_document
from calf.wire.messages import Message
from calf.wire.times import read_duration

HOST = "host"
"""The kind of an image that is the server's own system."""
CONTAINER = "container"
"""The kind of one that the server's container engine has."""
_KINDS = {HOST: "this machine's own system, ", CONTAINER: "of the container engine, "}


def repo_name(repo: Message) -> str:
    """`name`, or `name.type` for a system repo."""
    return str(repo.name) if repo.type in ("", "user") else f"{repo.name}.{repo.type}"


def image_words(image: Message) -> str:
    """What something ran in; this machine's own system is called that, by whatever name it was asked for."""
    return f"{image.name} ({_KINDS.get(image.kind, '')}{image.digest})" if image.digest else ""


def seconds(duration: Message) -> str:
    """A Duration, empty when it is not set."""
    value = read_duration(duration)
    return durations.format(value) if value else ""


def message_block(message: Message) -> str:
    """A message as JSON on lines of its own, empty when nothing in it is set."""
    return _block(to_document(message))


def json_block(text: str) -> str:
    """JSON as it came, on lines of its own."""
    return _block(json.loads(text)) if text else ""


def _block(document: object) -> str:
    return f"\n{json.dumps(document, indent=2, ensure_ascii=False)}" if document else ""
