"""What an image is made of, as CycloneDX JSON: the same bytes for the same image.

Names and versions are those that are really installed; that the lock says the same is checked on the way.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from building.debian import read_record
from building.layout import WHEN
from building.plans import BuildError
from calf.runner.images.packages import locked_packages, plain

_NAMESPACE = uuid.UUID("6f0f9a0e-5d3a-5c0e-9a8e-3f2d5d0c1b7a")
"""Chosen once: with the image's id it gives the document's number."""
Component = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Subject:
    """The image that is described."""

    name: str
    id: str
    digest: str
    base: str


def check_promises(name: str, told: Mapping[str, Any], lock: str) -> None:
    """Hold what a container told of itself against what we promise. Raises `BuildError` where it differs."""
    wrong = [
        ("runs as root", told["user"] == 0),
        ("still has pip, or the way to it", told["pip"]),
        (f"can write to {told['writable']}", bool(told["writable"])),
        (f"has a network without being given one: {told['interfaces']}", set(told["interfaces"]) - {"lo"}),
    ]
    for what, broken in wrong:
        if broken:
            raise BuildError(f"{name} {what}")
    wanted = {plain(entry.partition("==")[0]): entry.partition("==")[2] for entry in locked_packages(lock)}
    there = {plain(entry["name"]): entry["version"] for entry in told["packages"]}
    if extra := sorted(set(there.items()) - set(wanted.items())):
        raise BuildError(f"{name} has {extra[0][0]} {extra[0][1]}, which its lock does not name")
    lacking = sorted(set(wanted) - set(there))
    if lacking:
        raise BuildError(f"{name} lacks {lacking[0]}, which its lock names")


def document(subject: Subject, told: Mapping[str, Any], hashes: Mapping[str, str]) -> bytes:
    """The document. `told` is what a container said of itself, `hashes` are those of the installed wheels."""
    components = [_python(told["python"]), *_debian(told["debian"]), *_packages(told["packages"], hashes)]
    properties = {"calf:image:id": subject.id, "calf:image:base": subject.base}
    value = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, subject.id)}",
        "version": 1,
        "metadata": {
            "timestamp": WHEN,
            "component": {
                "type": "container",
                "bom-ref": "image",
                "name": subject.name,
                "version": subject.digest,
                "properties": [{"name": name, "value": text} for name, text in sorted(properties.items())],
            },
        },
        "components": sorted(components, key=lambda component: component["bom-ref"]),
    }
    return json.dumps(value, indent=1, sort_keys=True).encode() + b"\n"


def _python(version: str) -> Component:
    reference = f"pkg:generic/python@{version}"
    return {
        "type": "platform",
        "bom-ref": reference,
        "purl": reference,
        "name": "python",
        "version": version,
        "licenses": [{"license": {"id": "PSF-2.0"}}],
    }


def _debian(records: list[str]) -> Iterator[Component]:
    for record in map(read_record, records):
        name, version = record["Package"], record["Version"]
        place = f"{name}@{version}".replace("+", "%2B")
        reference = f"pkg:deb/debian/{place}?arch={record['Architecture']}"
        yield {
            "type": "library",
            "bom-ref": reference,
            "purl": reference,
            "name": name,
            "version": version,
        }


def _packages(found: list[Mapping[str, str]], hashes: Mapping[str, str]) -> Iterator[Component]:
    for package in found:
        name, version = plain(package["name"]), package["version"]
        reference = f"pkg:pypi/{name}@{version}"
        component: Component = {
            "type": "library",
            "bom-ref": reference,
            "purl": reference,
            "name": name,
            "version": version,
        }
        if package["license"]:
            component["licenses"] = [{"license": {"name": package["license"]}}]
        if name in hashes:
            component["hashes"] = [{"alg": "SHA-256", "content": hashes[name]}]
        yield component
