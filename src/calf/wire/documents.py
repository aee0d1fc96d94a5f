"""Messages as plain documents (protobuf's JSON form), for specs and for `--raw` output.

64-bit integers are quoted, enums are names, times RFC 3339, durations `1.5s`, bytes base64; keys are in
snake case when written and in either case when read.
"""

from __future__ import annotations

from typing import Any

from calf.model.errors import InvalidArgument
from calf.wire.messages import Message


def to_document(message: Message) -> dict[str, Any]:
    """The fields that are set, as a plain document.

    Raises InvalidArgument for what JSON cannot say, such as a time in the year 100000.
    """
    from google.protobuf import json_format

    from calf.wire.pool import load_pool

    try:
        document: dict[str, Any] = json_format.MessageToDict(
            message, preserving_proto_field_name=True, descriptor_pool=load_pool()
        )
    except json_format.SerializeToJsonError as error:
        raise InvalidArgument(str(error)) from error
    return document


def to_json(message: Message) -> str:
    """The fields that are set, as JSON with the keys in camel case, which is how Pachyderm prints specs."""
    from google.protobuf import json_format

    from calf.wire.pool import load_pool

    text: str = json_format.MessageToJson(message, indent=None, descriptor_pool=load_pool())
    return text


def from_document(document: dict[str, Any], into: Message, *, lenient: bool = False) -> Message:
    """Fill the message `into` from a document and return it.

    Unknown keys are dropped when `lenient`. Raises InvalidArgument, with the place, for what does not fit.
    """
    from google.protobuf import json_format

    from calf.wire.pool import load_pool

    try:
        return json_format.ParseDict(
            document, into, ignore_unknown_fields=lenient, descriptor_pool=load_pool()
        )
    except json_format.ParseError as error:
        raise InvalidArgument(str(error)) from error
