"""Prints, as JSON, the wire facts that pachyderm-sdk carries; runs inside that client's own environment.

The client's messages are betterproto dataclasses, whose field metadata hold number and type. Two things are
lost in them and restored in `facts.py`: nested names are flattened, and spelling is snake case. Methods are
read from the stubs' source, because the bound serializers no longer know their class.
"""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import json
import pkgutil
import sys
from datetime import datetime, timedelta

import betterproto
import pachyderm_sdk.api as generated

_WRAPPERS = {"bytes": "BytesValue", "int64": "Int64Value", "string": "StringValue", "bool": "BoolValue"}
_STREAMS = {
    "unary_unary": (False, False),
    "unary_stream": (False, True),
    "stream_unary": (True, False),
    "stream_stream": (True, True),
}


def find_package(module):
    """The proto package of a module: named in its stubs' paths, else the module's own name."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("/"):
            return node.value[1:].rpartition("/")[0].rpartition(".")[0]
    return module.__name__.rpartition(".")[2]


def full_name(cls, packages):
    """The dotted proto name of a Python class that stands for a message or an enum."""
    if cls is datetime:
        return ".google.protobuf.Timestamp"
    if cls is timedelta:
        return ".google.protobuf.Duration"
    if cls.__module__.startswith("betterproto.lib"):
        return f".google.protobuf.{cls.__name__}"
    return f".{packages[cls.__module__]}.{cls.__name__}"


def read_field(cls, field, packages):
    """One field as a fact."""
    meta = field.metadata["betterproto"]
    shape = betterproto.ProtoClassMetadata(cls)
    fact = {
        "name": field.name,
        "type": meta.proto_type,
        "repeated": shape.default_gen[field.name] is list,
        "oneof": meta.group or "",
        "optional": bool(meta.optional),
        "key": "",
    }
    if meta.wraps:
        fact["type"] = f".google.protobuf.{_WRAPPERS[meta.wraps]}"
    elif meta.map_types:
        key, value = meta.map_types
        fact.update(key=key, type=value, repeated=False)
        if value in ("message", "enum"):
            fact["type"] = full_name(shape.cls_by_field[f"{field.name}.value"], packages)
    elif meta.proto_type in ("message", "enum"):
        fact["type"] = full_name(shape.cls_by_field[field.name], packages)
    return fact


def read_methods(module, packages):
    """The services of a module, from the calls in its stub classes."""
    services = {}
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if not (isinstance(node, ast.Call) and getattr(node.func, "attr", "") in _STREAMS):
            continue
        path = node.args[0].value
        service, method = path[1:].rpartition("/")[0].rpartition(".")[2], path.rpartition("/")[2]
        ends = {
            keyword.arg: full_name(eval(ast.unparse(keyword.value.value), vars(module)), packages)
            for keyword in node.keywords
        }
        client, server = _STREAMS[node.func.attr]
        services.setdefault(service, {})[method] = {
            "request": ends["request_serializer"],
            "response": ends["response_deserializer"],
            "client_streaming": client,
            "server_streaming": server,
        }
    return services


def read_module(module, packages):
    """All facts of one generated module."""
    facts = {"messages": {}, "enums": {}, "services": read_methods(module, packages)}
    for name, cls in vars(module).items():
        if not inspect.isclass(cls) or cls.__module__ != module.__name__ or name != cls.__name__:
            continue
        if issubclass(cls, betterproto.Message):
            facts["messages"][name] = {
                str(field.metadata["betterproto"].number): read_field(cls, field, packages)
                for field in dataclasses.fields(cls)
            }
        elif issubclass(cls, betterproto.Enum):
            facts["enums"][name] = {str(member.value): member.name for member in cls}
    return facts


def main():
    """Writes {package: facts} to standard output."""
    modules = [
        importlib.import_module(f"{generated.__name__}.{found.name}")
        for found in pkgutil.iter_modules(generated.__path__)
        if found.ispkg
    ]
    packages = {module.__name__: find_package(module) for module in modules}
    facts = {packages[module.__name__]: read_module(module, packages) for module in modules}
    json.dump(facts, sys.stdout, indent=1, sort_keys=True)


if __name__ == "__main__":
    main()
