from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import serving


@pytest.fixture(scope="module")
def server_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server for all of these: nothing here changes what it has."""
    with serving(tmp_path_factory.mktemp("shared")) as server:
        yield server.address


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ("auth whoami", "the auth service is not activated"),
        ("auth check repo images", "the auth service is not activated"),
        ("auth get cluster", "the auth service is not activated"),
        ("auth set project p projectOwner user:me", "the auth service is not activated"),
        ("auth roles-for-permission repoRead", "the auth service is not activated"),
        ("auth get-robot-token me --ttl 1h", "the auth service is not activated"),
        ("auth revoke --user me", "the auth service is not activated"),
        ("auth get-groups", "the auth service is not activated"),
        ("auth login", "the auth service is not activated"),
        ("license activate CODE", "license server is deprecated"),
        ("idp list-connector", "calf knows no users"),
        ("list snapshot", "calf backup"),
        ("create snapshot", "calf backup"),
        ("restart cluster", "calf up"),
        ("run pfs-load-test", "make bench"),
        ("run pps-load-test", "make bench"),
        ("debug trace t", "debug dump"),
    ],
)
def test_what_only_a_cluster_has_says_what_to_do_instead(pachctl: Any, args: str, text: str) -> None:
    ended = pachctl(*args.split(), code=1)
    assert text in ended.err
    assert "hint: " in ended.err


@pytest.mark.parametrize(
    ("args", "out"), [("kube-events", "LAST SEEN\t"), ("kube-events --raw", ""), ("loki {}", "")]
)
def test_without_kubernetes_there_are_no_events_but_logs(pachctl: Any, args: str, out: str) -> None:
    ended = pachctl(*args.split())
    assert ended.out.startswith(out)
    assert len(ended.out.splitlines()) == bool(out)
    assert "pachctl logs" in ended.err


@pytest.mark.parametrize("args", ["mount /m -r images@master", "debug analyze x.tgz", "debug local"])
def test_what_this_pachctl_does_not_do_it_says_without_a_server(offline: Any, args: str) -> None:
    ended = offline(*args.split())
    assert ended.code == 1
    assert "hint: " in ended.err


def test_scripts_may_forward_ports_and_unmount(pachctl: Any) -> None:
    assert "Nothing to forward: the server answers at " in pachctl("port-forward", "--remote-port", "1").err
    pachctl("unmount", "/m", "--all")
    pachctl("exit")


def test_enterprise_is_off(pachctl: Any) -> None:
    assert "UNPAUSED" in pachctl("enterprise", "pause-status").out
    assert json.loads(pachctl("enterprise", "get-state").out) == {"state": "NONE"}


def test_a_token_goes_along_once_it_is_kept(
    pachctl: Any, answer: Any, server_address: str, tmp_path: Path
) -> None:
    pachctl("connect", server_address, "--alias", "mine")
    answer("secret\n")
    assert pachctl("auth", "use-auth-token").err == ""  # it asks at a terminal only
    kept = json.loads((tmp_path / "pachyderm.json").read_text())
    assert kept["v2"]["contexts"]["mine"]["session_token"] == "secret"
    pachctl("list", "repo")
    pachctl("auth", "logout")
    kept = json.loads((tmp_path / "pachyderm.json").read_text())
    assert "session_token" not in kept["v2"]["contexts"]["mine"]


def test_what_this_pachctl_is_made_of(offline: Any) -> None:
    out = offline("buildinfo").out
    assert "calf: " in out
    assert "protobuf: " in out
    assert "API: 2." in out


def test_a_dump_is_an_archive_of_what_the_template_says(pachctl: Any, tmp_path: Path) -> None:
    pachctl("debug", "dump", str(tmp_path / "whole.tgz"))
    with tarfile.open(tmp_path / "whole.tgz") as archive:
        assert "pachd/version.json" in archive.getnames()
    (tmp_path / "template.yaml").write_text(pachctl("debug", "template").out)
    pachctl("debug", "dump", str(tmp_path / "same.tgz"), "-t", str(tmp_path / "template.yaml"))
    with tarfile.open(tmp_path / "same.tgz") as archive:
        assert "pachd/version.json" in archive.getnames()


def test_mounting_takes_its_flags_and_says_what_to_do_instead(offline: Any) -> None:
    ended = offline("mount", "-r", "images@master+w", "-w", "folder")
    assert ended.code == 1
    assert "`pachctl get file -r images@master:/ -o folder` makes a folder" in ended.err
    assert offline("unmount", "--all").code == 0
