"""Every name, number and type that we declare, against the two PyPI clients, each in its own environment."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from calf.wire.pool import load_descriptors

PROTO = Path(__file__).parents[2] / "proto"
CLIENTS = ["python-pachyderm", "pachyderm-sdk"]
pytestmark = pytest.mark.compat


@pytest.fixture(scope="module")
def facts() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(PROTO)
        module = importlib.import_module("facts")
        for client in CLIENTS:
            if not (module.ENVIRONMENTS / client / "bin" / "python").exists():
                pytest.skip(
                    f"no .cache/envs/{client}; `make compat-test` builds it from tests/compat/{client}.lock"
                )
        yield module


@pytest.fixture(scope="module")
def theirs(facts: Any) -> dict[str, Any]:
    old = facts.probe("python-pachyderm")
    return {"python-pachyderm": old, "pachyderm-sdk": facts.restore_names(facts.probe("pachyderm-sdk"), old)}


@pytest.fixture(scope="module")
def ours(facts: Any) -> Any:
    read_file = importlib.import_module("read_descriptors").read_file
    files = [file for file in load_descriptors().file if file.package != "google.protobuf"]
    return {file.package: read_file(file) for file in files}


def test_our_descriptors_are_the_union_of_both_clients_and_our_notes(
    facts: Any, theirs: Any, ours: Any
) -> None:
    union = facts.merge(theirs["python-pachyderm"], theirs["pachyderm-sdk"])
    notes = importlib.import_module("ours").OURS
    for package in ("pfs_v2", "pps_v2"):
        for name, message in notes[package]["messages"].items():
            assert not message.keys() & union[package]["messages"][name].keys()
    assert ours == facts.merge(union, notes)


@pytest.mark.parametrize("client", CLIENTS)
def test_each_client_agrees_with_us_about_every_number_and_type(theirs: Any, ours: Any, client: str) -> None:
    compared = 0
    for package, parts in theirs[client].items():
        for name, fields in parts["messages"].items():
            for number, field in fields.items():
                mine = ours[package]["messages"][name][number]
                assert [mine[key] for key in ("type", "repeated", "key")] == [
                    field[key] for key in ("type", "repeated", "key")
                ], f"{package}.{name} field {number}"
                compared += 1
        for name, values in parts["enums"].items():
            assert values.items() <= ours[package]["enums"][name].items()
        for name, methods in parts["services"].items():
            for method, ends in methods.items():
                mine = ours[package]["services"][name][method]
                response = {} if method == "DeleteRepo" else {"response": ends["response"]}
                assert mine == {**mine, "request": ends["request"], **response}
                assert mine["client_streaming"] == ends["client_streaming"]
                assert mine["server_streaming"] == ends["server_streaming"]
    assert compared > 800
