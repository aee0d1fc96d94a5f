from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def document(tmp_path: Path) -> Any:
    """Reads the configuration that the commands wrote."""
    return lambda: json.loads((tmp_path / "pachyderm.json").read_text())["v2"]


def test_connecting_again_keeps_what_belongs_to_people(offline: Any, document: Any) -> None:
    offline("connect", "host:1", "--alias", "mine")
    offline("config", "update", "context", "mine", "--project", "lab", "--cluster-name", "c")
    assert offline("connect", "grpc://host:1", "--alias", "mine").out == "Context 'mine' set as active\n"
    assert document()["contexts"]["mine"]["project"] == "lab"
    changed = offline("connect", "grpcs://other:2", "--alias", "mine").out
    assert changed.startswith("Context 'mine' changed, will connect to Pachyderm at grpcs://other:2\n")
    assert document()["contexts"]["mine"] == {
        "pachd_address": "grpcs://other:2",
        "project": "lab",
        "cluster_name": "c",
    }


def test_that_the_environment_wins_is_told_when_connecting(offline: Any, monkeypatch: Any) -> None:
    told = "warning: PACHD_ADDRESS is set and wins: commands go to 127.0.0.1:1\n"
    assert told in offline("connect", "127.0.0.1:2").err
    assert told not in offline("connect", "127.0.0.1:1").err
    monkeypatch.delenv("PACHD_ADDRESS")
    assert told not in offline("connect", "127.0.0.1:2").err


def test_the_active_context_is_edited_by_default(
    offline: Any, document: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "no active context" in offline("config", "update", "context", "--project", "x").err
    offline("connect", "a:1", "--alias", "a")
    offline("connect", "b:1", "--alias", "b")
    edited = offline("config", "update", "context", "--project", "lab")
    assert edited.out == 'editing the currently active context "b"\n'
    monkeypatch.setenv("PACH_CONTEXT", "a")
    assert offline("config", "get", "active-context").out == "a\n"
    offline("config", "update", "context", "--pachd-address", "c")
    assert document()["contexts"]["a"] == {"pachd_address": "grpc://c:30650"}


def test_a_context_is_set_from_json(offline: Any, answer: Any) -> None:
    answer('{"pachd_address": "grpc://x:1", "source": 2}')
    assert offline("config", "set", "context", "x").code == 0
    assert json.loads(offline("config", "get", "context", "x").out)["source"] == 2
    answer("{}")
    taken = offline("config", "set", "context", "x")
    assert (taken.code, taken.err) == (
        5,
        'error: context "x" already exists\nhint: replace it with --overwrite\n',
    )
    answer("[]")
    assert offline("config", "set", "context", "x", "--overwrite").code == 2
    assert "context y not found" in offline("config", "get", "context", "y").err


def test_metrics_and_the_enterprise_context(offline: Any) -> None:
    assert offline("config", "get", "metrics").out == "false\n"
    offline("config", "set", "metrics", "true")
    assert offline("config", "get", "metrics").out == "true\n"
    offline("connect", "a:1", "--alias", "a")
    offline("connect", "b:1", "--alias", "b")
    assert offline("config", "get", "active-enterprise-context").out == "b\n"
    offline("config", "set", "active-enterprise-context", "a")
    assert offline("config", "get", "active-enterprise-context").out == "a\n"
    assert offline("config", "list", "context").rows == [["E", "a"], ["*", "b"]]


def test_kubernetes_is_answered_with_a_way(offline: Any) -> None:
    ended = offline("config", "import-kube", "prod")
    assert ended.code == 1
    assert "pachctl connect localhost:30650 --alias prod" in ended.err


def test_the_wrong_server_is_refused(
    pachctl: Any, document: Any, server_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PACHD_ADDRESS")
    pachctl("connect", server_address, "--alias", "mine")
    pachctl("list", "repo")
    known = document()["contexts"]["mine"]["cluster_deployment_id"]
    assert known
    answer = {"pachd_address": f"grpc://{server_address}", "cluster_deployment_id": "other"}
    path = Path(os.environ["PACH_CONFIG"])
    path.write_text(json.dumps({"v2": {"active_context": "mine", "contexts": {"mine": answer}}}))
    refused = pachctl("list", "repo", code=5)
    assert f'wrong cluster (context cluster deployment ID = "other" vs reported = "{known}")' in refused.err
    pachctl("config", "update", "context", "--remove-cluster-deployment-id")
    pachctl("list", "repo")
    assert document()["contexts"]["mine"]["cluster_deployment_id"] == known


def test_the_file_is_as_all_clients_keep_it(offline: Any, tmp_path: Path) -> None:
    offline("connect", "host:1")
    first = json.loads((tmp_path / "pachyderm.json").read_text())
    offline("connect", "other:1")
    second = json.loads((tmp_path / "pachyderm.json").read_text())
    assert list(first) == ["user_id", "v2"]
    assert first["user_id"] == second["user_id"] != ""
    assert second["v2"]["active_context"] == "other:1"
