"""The list of an image's parts, and the promises that an image is held to on the way."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from building.plans import BuildError
from building.sbom import Subject, check_promises, document

LOCK = "numpy==2.4.6 \\\n    --hash=sha256:ab\nTyping_Extensions==4.15.0 \\\n    --hash=sha256:cd\n"
SUBJECT = Subject("calf/split", f"sha256:{'a' * 64}", f"sha256:{'b' * 64}", "a base", f"sha256:{'f' * 64}")


def told(**changes: Any) -> dict[str, Any]:
    packages = [
        {"name": "numpy", "version": "2.4.6", "license": {"expression": "BSD-3-Clause AND MIT"}},
        {"name": "typing_extensions", "version": "4.15.0", "license": {}},
    ]
    debian = [
        "Package: libstdc++6\nSource: gcc-12\nVersion: 12.2.0-14+deb12u1\nArchitecture: amd64\n",
        "Package: zlib1g\nSource: zlib (1)\nVersion: 1:1.2.13.dfsg-1\nArchitecture: amd64\n",
    ]
    system = {"ID": "debian", "VERSION_ID": "12", "PRETTY_NAME": "Debian 12"}
    good = {"python": "3.11.7", "system": system, "packages": packages, "debian": debian}
    return {**good, "user": 1000, "pip": False, "interfaces": ["lo"], "writable": [], **changes}


def test_a_list_names_python_packages_and_debian_s_and_is_the_same_each_time() -> None:
    first = document(SUBJECT, told(), {"numpy": "e" * 64})
    assert first == document(SUBJECT, told(), {"numpy": "e" * 64})
    value = json.loads(first)
    assert (value["bomFormat"], value["specVersion"]) == ("CycloneDX", "1.5")
    parts = {part["bom-ref"]: part for part in value["components"]}
    assert set(parts) == {
        "pkg:generic/python@3.11.7",
        "pkg:pypi/numpy@2.4.6",
        "pkg:pypi/typing-extensions@4.15.0",
        "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1?arch=amd64&distro=debian-12&upstream=gcc-12",
        "pkg:deb/debian/zlib1g@1:1.2.13.dfsg-1?arch=amd64&distro=debian-12&upstream=zlib",
        "os:debian@12",
    }
    assert parts["os:debian@12"]["type"] == "operating-system"
    assert parts["pkg:pypi/numpy@2.4.6"]["licenses"] == [{"expression": "BSD-3-Clause AND MIT"}]
    assert "licenses" not in parts["pkg:pypi/typing-extensions@4.15.0"]
    assert parts["pkg:pypi/numpy@2.4.6"]["hashes"] == [{"alg": "SHA-256", "content": "e" * 64}]
    assert value["metadata"]["component"]["version"] == SUBJECT.digest


def test_another_image_has_another_number() -> None:
    other = replace(SUBJECT, id=f"sha256:{'c' * 64}")
    numbers = {json.loads(document(subject, told(), {}))["serialNumber"] for subject in (SUBJECT, other)}
    assert len(numbers) == 2


def test_an_image_as_it_should_be() -> None:
    check_promises("calf/split", told(), LOCK)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"user": 0}, "runs as root"),
        ({"pip": True}, "still has pip"),
        ({"writable": ["/stage"]}, "can write to"),
        ({"interfaces": ["eth0", "lo"]}, "has a network"),
        ({"packages": told()["packages"][:1]}, "lacks typing-extensions"),
        (
            {"packages": [*told()["packages"], {"name": "setuptools", "version": "65.5.0", "license": {}}]},
            "has setuptools 65.5.0, which its lock does not name",
        ),
    ],
)
def test_a_broken_promise_is_an_error(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(BuildError, match=message):
        check_promises("calf/split", told(**changes), LOCK)
