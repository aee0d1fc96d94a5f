from __future__ import annotations

import json
from pathlib import Path

import pytest

from calf.client.config import (
    Config,
    active_context,
    certificates,
    choose_address,
    find_config,
    is_secure,
    load_config,
    parse_address,
    qualify,
    save_config,
)
from calf.model.errors import InvalidArgument, NotFound


def test_the_file_is_found_by_environment_or_home(tmp_path: Path) -> None:
    assert find_config({}, tmp_path) == tmp_path / ".pachyderm" / "config.json"
    assert find_config({"PACH_CONFIG": "/x/y"}, tmp_path) == Path("/x/y")


def test_other_clients_keys_survive(tmp_path: Path) -> None:
    path = tmp_path / "sub" / "config.json"
    path.parent.mkdir()
    path.write_text(json.dumps({"user_id": "u", "v2": {"metrics": True, "contexts": {"a": {"source": 2}}}}))
    config = load_config(path).with_context("b", {"pachd_address": "grpc://b:1"}).with_active("b")
    save_config(config)
    assert json.loads(path.read_text()) == {
        "user_id": "u",
        "v2": {
            "metrics": True,
            "active_context": "b",
            "contexts": {"a": {"source": 2}, "b": {"pachd_address": "grpc://b:1"}},
        },
    }
    assert load_config(path).with_context("b", None).contexts.keys() == {"a"}


def test_no_file_is_an_empty_configuration_that_can_be_saved(tmp_path: Path) -> None:
    config = load_config(tmp_path / "new" / "config.json")
    assert (config.active, dict(config.contexts)) == ("", {})
    save_config(config.with_context("a", {}))
    assert load_config(config.path).contexts == {"a": {}}


@pytest.mark.parametrize("text", ["{", "[]"])
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(text)
    with pytest.raises(InvalidArgument, match=str(path)):
        load_config(path)


def test_the_address_is_the_environments_then_the_contexts_then_the_default() -> None:
    contexts = {"a": {"pachd_address": "grpc://a:1"}, "b": {"pachd_address": "grpc://b:2"}}
    config = Config(Path("c"), {"v2": {"active_context": "a", "contexts": contexts}})
    assert choose_address(config, {"PACHD_ADDRESS": "x:3"}) == "x:3"
    assert choose_address(config, {"PACH_CONTEXT": "b"}) == "grpc://b:2"
    assert choose_address(config, {}) == "grpc://a:1"
    assert choose_address(Config(Path("c")), {}) == "localhost:30650"
    with pytest.raises(NotFound, match="context z not found"):
        active_context(config, {"PACH_CONTEXT": "z"})


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("grpc://localhost:30650", "localhost:30650"),
        ("http://host:80/", "host:80"),
        ("localhost", "localhost:30650"),
        ("[::1]:5", "[::1]:5"),
        ("[::1]", "[::1]:30650"),
        ("unix:/run/calf.sock", "unix:/run/calf.sock"),
        ("grpcs://host", "host:30650"),
    ],
)
def test_addresses(address: str, target: str) -> None:
    assert parse_address(address) == target


@pytest.mark.parametrize(
    "address", ["ftp://host:1", "grpc://", "", "host:abc", "grpc://host:65536", "host:0", "host:"]
)
def test_addresses_that_cannot_be_used(address: str) -> None:
    with pytest.raises(InvalidArgument):
        parse_address(address)


def test_a_context_keeps_the_whole_address_and_whether_it_is_secure() -> None:
    assert qualify("host") == "grpc://host:30650"
    assert qualify("https://host:443/") == "grpcs://host:443"
    assert qualify("unix:/run/calf.sock") == "unix:/run/calf.sock"
    assert is_secure("grpcs://host")
    assert not is_secure("grpc://host")


def test_certificates_of_a_context_are_base64() -> None:
    assert certificates({}) is None
    assert certificates({"server_cas": "cGVt"}) == b"pem"
    with pytest.raises(InvalidArgument, match="server_cas"):
        certificates({"server_cas": "!"})
