"""What an image is made of, as CycloneDX JSON: the same bytes for the same image.

Names and versions are those that are really installed; that the lock says the same is checked on the way.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from building.debian import read_record
from building.layout import WHEN
from building.plans import BuildError
from calf.runner.images.packages import locked_packages, plain

_NAMESPACE = uuid.UUID("6f0f9a0e-5d3a-5c0e-9a8e-3f2d5d0c1b7a")
"""Chosen once: with the image's id it gives the document's number."""
Component = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Subject:
    """The image that is described; `sources` is what the lock says that it was built of."""

    name: str
    id: str
    digest: str
    base: str
    sources: str


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
    system = told["system"]
    components = [
        *(_python(told["python"]), _system(system)),
        *_debian(told["debian"], system),
        *_packages(told["packages"], hashes),
    ]
    properties = {
        "calf:image:base": subject.base,
        "calf:image:id": subject.id,
        "calf:image:sources": subject.sources,
    }
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
    """With the name that advisories have it by: a Python built by hand is in no package of Debian's."""
    cpe = f"cpe:2.3:a:python:python:{version}:*:*:*:*:*:*:*"
    licences = [{"license": {"id": "PSF-2.0"}}]
    return _component(
        "platform", f"pkg:generic/python@{version}", "python", version, cpe=cpe, licenses=licences
    )


def _system(told: Mapping[str, str]) -> Component:
    """Without it scanners do not know whose packages those of Debian are."""
    name, version = told["ID"], told["VERSION_ID"]
    return {
        "type": "operating-system",
        "bom-ref": f"os:{name}@{version}",
        "name": name,
        "version": version,
        "description": told["PRETTY_NAME"],
    }


def _debian(records: list[str], system: Mapping[str, str]) -> Iterator[Component]:
    for record in map(read_record, records):
        name, version = record["Package"], record["Version"]
        source = record.get("Source", name).partition(" ")[0]
        place = quote(f"{name}@{version}", safe="@:~")
        distribution = f"{system['ID']}-{system['VERSION_ID']}"
        told = f"arch={record['Architecture']}&distro={distribution}&upstream={quote(source)}"
        yield _component("library", f"pkg:deb/debian/{place}?{told}", name, version)


def _packages(found: list[Mapping[str, Any]], hashes: Mapping[str, str]) -> Iterator[Component]:
    for package in found:
        name, version, licence = plain(package["name"]), package["version"], package["license"]
        more: Component = {}
        if licence:
            more["licenses"] = [licence if "expression" in licence else {"license": licence}]
        if name in hashes:
            more["hashes"] = [{"alg": "SHA-256", "content": hashes[name]}]
        yield _component("library", f"pkg:pypi/{name}@{version}", name, version, **more)


def _component(kind: str, purl: str, name: str, version: str, **more: Any) -> Component:
    return {"type": kind, "bom-ref": purl, "purl": purl, "name": name, "version": version, **more}
