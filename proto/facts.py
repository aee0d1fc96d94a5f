"""Reads the wire facts of both clients and merges them into one superset.

Facts are plain values: `{package: {"messages": {name: {number: field}}, "enums": {name: {number: name}},
"services": {service: {method: ends}}}}`. A field is `{name, type, repeated, oneof, optional, key}`; `type`
is a scalar's name or the full name of a message or enum with a leading dot, `key` is the key type of a map
field, else empty. Nested names are dotted.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

Facts = dict[str, dict[str, dict[str, Any]]]

HERE = Path(__file__).parent
ENVIRONMENTS = HERE.parent / ".cache" / "envs"


def probe(client: str) -> Facts:
    """The facts of one client (`python-pachyderm` or `pachyderm-sdk`), read in that client's environment.

    Raises FileNotFoundError when the environment has not been made from tests/compat/<client>.lock.
    """
    python = ENVIRONMENTS / client / "bin" / "python"
    script = HERE / f"probe_{client.replace('-', '_')}.py"
    done = subprocess.run([python, script], check=True, capture_output=True, text=True)
    facts: Facts = json.loads(done.stdout)
    return facts


def flatten(name: str) -> str:
    """A spelling that survives betterproto: no dots, no underscores, one case."""
    return name.replace(".", "").replace("_", "").lower()


def restore_names(new: Facts, old: Facts) -> Facts:
    """The SDK's facts with nested names as they are on the wire.

    A name that the older client knows is spelled as there. For the others, a message that refers to a type
    whose name begins with its own is taken as the one that it is nested in.
    """
    restored: Facts = {}
    dotted = {
        package: _dotted_names(facts, old.get(package, _EMPTY), package) for package, facts in new.items()
    }
    full = {
        f".{package}.{flat}": f".{package}.{name}"
        for package in dotted
        for flat, name in dotted[package].items()
    }
    for package, facts in new.items():
        names = dotted[package]
        restored[package] = {
            "messages": {names[flat]: _rename(fields, full) for flat, fields in facts["messages"].items()},
            "enums": {names[flat]: values for flat, values in facts["enums"].items()},
            "services": _rename(facts["services"], full),
        }
    return restored


def _rename(facts: Any, names: dict[str, str]) -> Any:
    if isinstance(facts, dict):
        return {key: _rename(value, names) for key, value in facts.items()}
    return names.get(facts, facts) if isinstance(facts, str) else facts


_EMPTY: dict[str, dict[str, Any]] = {"messages": {}, "enums": {}, "services": {}}


def _dotted_names(facts: dict[str, Any], old: dict[str, Any], package: str) -> dict[str, str]:
    known = {flatten(name): name for name in [*old["messages"], *old["enums"]]}
    dotted: dict[str, str] = {}
    for name in sorted([*facts["messages"], *facts["enums"]], key=len):
        parents = [
            parent
            for parent, fields in facts["messages"].items()
            if name.startswith(parent)
            and name != parent
            and any(field["type"] == f".{package}.{name}" for field in fields.values())
        ]
        if flatten(name) in known:
            dotted[name] = known[flatten(name)]
        elif parents:
            parent = max(parents, key=len)
            dotted[name] = f"{dotted[parent]}.{name.removeprefix(parent)}"
        else:
            dotted[name] = name
    return dotted


def merge(old: Facts, new: Facts) -> Facts:
    """The superset: everything of either client; where they disagree about a type, the newer one holds.

    Spelling comes from the older client wherever both spell the same name, because its descriptors keep the
    original.
    """
    return {
        package: _merge_package(old.get(package, _EMPTY), new.get(package, _EMPTY))
        for package in sorted({*old, *new})
    }


def _merge_package(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    messages = {
        name: _merge_fields(old["messages"].get(name, {}), new["messages"].get(name, {}))
        for name in sorted({*old["messages"], *new["messages"]})
    }
    enums = {
        name: {**new["enums"].get(name, {}), **old["enums"].get(name, {})}
        for name in sorted({*old["enums"], *new["enums"]})
    }
    services = {
        name: {**old["services"].get(name, {}), **new["services"].get(name, {})}
        for name in sorted({*old["services"], *new["services"]})
    }
    return {"messages": messages, "enums": enums, "services": services}


def _merge_fields(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    merged = {}
    for number in sorted({*old, *new}, key=int):
        before, after = old.get(number), new.get(number)
        merged[number] = after or before
        if before and after and flatten(before["name"]) == flatten(after["name"]):
            merged[number] = {**after, "name": before["name"], "oneof": before["oneof"] or after["oneof"]}
    return merged
