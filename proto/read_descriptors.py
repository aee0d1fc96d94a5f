"""Reads wire facts from protobuf descriptors; the shape of the output is told in `facts.py`.

Runs in a client's environment as well as in ours, so it uses only what protobuf 3.20 and 7 share.
"""

from __future__ import annotations

from google.protobuf import descriptor_pb2

_FIELD = descriptor_pb2.FieldDescriptorProto
_SCALARS = {
    number: name.removeprefix("TYPE_").lower()
    for name, number in _FIELD.Type.items()
    if name not in ("TYPE_MESSAGE", "TYPE_ENUM", "TYPE_GROUP")
}


def read_type(field):
    """The field's type: a scalar's name, or the full name of a message or enum with a leading dot."""
    return _SCALARS.get(field.type) or field.type_name


def read_field(field, message, entries):
    """One field as a fact; a map field is recognised by its synthetic entry message."""
    oneof = ""
    if field.HasField("oneof_index") and not field.proto3_optional:
        oneof = message.oneof_decl[field.oneof_index].name
    fact = {
        "name": field.name,
        "type": read_type(field),
        "repeated": field.label == _FIELD.LABEL_REPEATED,
        "oneof": oneof,
        "optional": field.proto3_optional,
        "key": "",
    }
    entry = entries.get(field.type_name.rpartition(".")[2])
    if (
        entry is not None
        and field.type == _FIELD.TYPE_MESSAGE
        and field.type_name.endswith(f"{message.name}.{entry.name}")
    ):
        key, value = entry.field
        fact.update(key=read_type(key), type=read_type(value), repeated=False)
    return fact


def read_message(message, prefix, facts):
    """Adds a message and everything nested in it."""
    name = f"{prefix}{message.name}"
    entries = {nested.name: nested for nested in message.nested_type if nested.options.map_entry}
    facts["messages"][name] = {
        str(field.number): read_field(field, message, entries) for field in message.field
    }
    for nested in message.nested_type:
        if not nested.options.map_entry:
            read_message(nested, f"{name}.", facts)
    for enum in message.enum_type:
        read_enum(enum, f"{name}.", facts)


def read_enum(enum, prefix, facts):
    """Adds an enum: number to name."""
    facts["enums"][f"{prefix}{enum.name}"] = {str(value.number): value.name for value in enum.value}


def read_file(file):
    """All facts of one descriptor file."""
    facts = {"messages": {}, "enums": {}, "services": {}}
    for message in file.message_type:
        read_message(message, "", facts)
    for enum in file.enum_type:
        read_enum(enum, "", facts)
    for service in file.service:
        facts["services"][service.name] = {
            method.name: {
                "request": method.input_type,
                "response": method.output_type,
                "client_streaming": method.client_streaming,
                "server_streaming": method.server_streaming,
            }
            for method in service.method
        }
    return facts
