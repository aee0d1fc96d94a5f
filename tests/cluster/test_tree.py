"""What holds for the tree of cluster-conf without rendering it."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import yaml

from tests.cluster.conftest import ROOT

CONF = ROOT / "cluster-conf"


def tracked(*patterns: str) -> list[Path]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in shown.splitlines() if (ROOT / name).is_file()]


def test_every_numbered_spec_is_delivered() -> None:
    generated = yaml.safe_load((ROOT / "pipelines/kustomization.yaml").read_text())["configMapGenerator"]
    (specs,) = generated
    assert specs["files"] == sorted(path.name for path in (ROOT / "pipelines").glob("[0-9]-*.yaml"))


def test_digests_stand_in_the_lock_and_nowhere_else() -> None:
    for path in tracked("cluster-conf", "pipelines/*.yaml", "images/*.yaml"):
        if path.name != "digests.lock" and "checks" not in path.parts:
            assert not re.search(r"calf/[\w-]+@sha256:", path.read_text()), path


def test_every_dashboard_asks_through_its_data_source_and_has_a_name_of_its_own() -> None:
    boards = [yaml.safe_load(path.read_text()) for path in sorted((CONF / "grafana").glob("*.json"))]
    assert len({board["uid"] for board in boards}) == len(boards) > 1
    for board in boards:
        assert {panel["datasource"]["uid"] for panel in board["panels"]} == {"${datasource}"}
        assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    generated = yaml.safe_load((CONF / "grafana/kustomization.yaml").read_text())["configMapGenerator"]
    assert generated[0]["files"] == sorted(path.name for path in (CONF / "grafana").glob("*.json"))


def test_pachyderm_is_led_to_the_stores_that_there_are() -> None:
    """Hosts, ports, names and Secrets of its values are those of data/ and of the ExternalSecrets."""
    values = yaml.safe_load((CONF / "pachyderm/values.yaml").read_text())
    database, store = values["global"]["postgresql"], values["pachd"]["storage"]["minio"]
    places = {f"{name}.calf-data.svc.cluster.local:{port}" for name, port in services()}
    assert {f"{database['postgresqlHost']}:{database['postgresqlPort']}", store["endpoint"]} == places
    (server,) = [part for part in documents("data/base/postgres.yaml") if part["kind"] == "StatefulSet"]
    variables = {entry["name"]: entry.get("value") for entry in containers(server)[0]["env"]}
    assert variables["POSTGRES_USER"] == database["postgresqlUsername"]
    assert variables["POSTGRES_DB"] == database["postgresqlDatabase"]
    secrets = {
        secret["spec"]["target"]["name"]: secret for secret in documents("pachyderm/base/secrets.yaml")
    }
    (entry,) = secrets[database["postgresqlExistingSecretName"]]["spec"]["data"]
    assert entry["secretKey"] == database["postgresqlExistingSecretKey"]
    policy = json.loads((CONF / "data/base/policy.json").read_text())
    resources = {resource for statement in policy["Statement"] for resource in statement["Resource"]}
    assert resources == {f"arn:aws:s3:::{store['bucket']}", f"arn:aws:s3:::{store['bucket']}/*"}


def test_who_may_look_can_read_why_a_delivery_failed_and_changes_nothing() -> None:
    """In every namespace: the alert about the delivery sends people to a log."""
    parts = documents("namespaces/base/people.yaml")
    places = {part["metadata"]["name"] for part in documents("namespaces/base/namespaces.yaml")}
    roles = {part["metadata"]["namespace"]: part["rules"] for part in parts if part["kind"] == "Role"}
    bound = {part["metadata"]["namespace"] for part in parts if part["kind"] == "RoleBinding"}
    assert set(roles) == bound == places
    for place, rules in roles.items():
        assert any("pods/log" in rule["resources"] and "get" in rule["verbs"] for rule in rules), place
        changing = [rule for rule in rules if set(rule["verbs"]) - {"get", "list", "watch"}]
        assert all(rule["resources"] == ["pods/portforward"] for rule in changing), place


def documents(file: str) -> list[Any]:
    return list(yaml.safe_load_all((CONF / file).read_text()))


def containers(server: Any) -> list[Any]:
    return list(server["spec"]["template"]["spec"]["containers"])


def services() -> list[tuple[str, int]]:
    parts = documents("data/base/postgres.yaml") + documents("data/base/object-store.yaml")
    return [
        (part["metadata"]["name"], part["spec"]["ports"][0]["port"])
        for part in parts
        if part["kind"] == "Service"
    ]


STORE_CLIENT = """#!/bin/sh
echo "$*" >> "$LOG"
case "$*" in
    "admin user info"*) test -f "$LOG.attached" && echo '{"policyName":"pachyderm"}' || echo '{}' ;;
    "admin policy attach"*) test ! -f "$LOG.attached" && touch "$LOG.attached" ;;
esac
"""


def test_the_bucket_s_script_can_be_run_again(tmp_path: Path) -> None:
    """Against a client that refuses, as MinIO's does, to attach a policy twice."""
    client = tmp_path / "mc"
    client.write_text(STORE_CLIENT)
    client.chmod(0o755)
    env = {
        "PATH": f"{tmp_path}:/usr/bin:/bin",
        "LOG": str(tmp_path / "log"),
        "USER_ID": "id",
        "USER_SECRET": "s",
    }
    for _ in range(2):
        subprocess.run(["/bin/sh", CONF / "data/base/bucket.sh"], env=env, check=True)
    asked = (tmp_path / "log").read_text().splitlines()
    assert asked.count("mb --ignore-existing store/pachyderm") == 2
    assert asked.count("admin policy attach store pachyderm --user id") == 1


def test_the_smallest_quota_has_room_for_all_stages_at_once() -> None:
    """With what Pachyderm asks for where a spec says nothing: one processor a stage, one its sidecar."""
    quotas = yaml.safe_load_all((CONF / "namespaces/base/quotas.yaml").read_text())
    (hard,) = [quota["spec"]["hard"] for quota in quotas if quota["metadata"]["namespace"] == "pachyderm"]
    (limits,) = [
        limit["spec"]["limits"][0]
        for limit in yaml.safe_load_all((CONF / "namespaces/base/limits.yaml").read_text())
        if limit["metadata"]["namespace"] == "pachyderm"
    ]
    assert "cpu" not in limits["default"], "a limit for the stages, too"
    specs = [yaml.safe_load(path.read_text()) for path in (ROOT / "pipelines").glob("[0-9]-*.yaml")]
    workers = {
        spec["pipeline"]["name"]: spec.get("parallelism_spec", {}).get("constant", 1) for spec in specs
    }
    memory = sum(
        workers[spec["pipeline"]["name"]] * (gibibytes(spec["resource_limits"]["memory"]) + 1)
        for spec in specs
    )
    others = 8
    assert int(hard["pods"]) >= sum(workers.values()) + others
    assert int(hard["requests.cpu"]) >= 2 * sum(workers.values()) + others / 2
    assert gibibytes(hard["limits.memory"]) >= memory + others
    assert gibibytes(hard["requests.memory"]) >= memory + others


def gibibytes(text: str) -> int:
    return int(text.removesuffix("Gi"))
