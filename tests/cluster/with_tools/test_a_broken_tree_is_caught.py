"""Broken manifests, each in a copy of the tree: `make conf-check` says what is wrong, and where."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from checks.complaints import lines
from checks.digests import digests
from checks.image_rules import NONE_YET
from checks.objects import name
from checks.rendering import NEEDED, render, wanted_images, workspace
from checks.run import check

from tests.cluster.conftest import ROOT

# What docs/cluster.md has people set may say anything: none of it stands here.
MORE = "/requests/storage, value: "
TOO_MUCH = MORE + "9Ti} # "


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what is checked, with a digest for each image."""
    for part in NEEDED:
        shutil.copytree(ROOT / part, tmp_path / part, symlinks=True)
    lines = [
        f"{image} sha256:{number:064x} # of sha256:{0:064x}\n"
        for number, image in enumerate(wanted_images(ROOT), 1)
    ]
    (tmp_path / "images/digests.lock").write_text("".join(lines))
    return tmp_path


def replace(tree: Path, file: str, before: str, after: str) -> None:
    path = tree / "cluster-conf" / file
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after, 1))


def test_every_environment_is_good_once_all_images_have_digests(tree: Path) -> None:
    heard: list[str] = []
    assert check(tree, say=heard.append) == []
    assert [line.split()[0] for line in heard] == ["dev", "prod", "dev-gpu", "prod-gpu"]


@pytest.mark.parametrize(
    ("file", "before", "after", "rule", "said"),
    [
        (
            "data/base/postgres.yaml",
            "replicas: 1",
            "replicas: one",
            "Kubernetes 1.34",
            "'one' is not of type",
        ),
        (
            "data/base/postgres.yaml",
            "replicas: 1",
            "replica: 1",
            "Kubernetes 1.37",
            "'replica' was unexpected",
        ),
        (
            "data/base/bucket.yaml",
            "batch/v1",
            "batch/v1beta9",
            "Kubernetes 1.34",
            "no schema of batch/v1beta9 Job",
        ),
        (
            "apps/templates/applications.yaml",
            "  project: calf",
            "  projekt: calf",
            "Application.json",
            "'projekt' was",
        ),
        (
            "root/templates/projects.yaml",
            "orphanedResources:",
            "orphaned:",
            "AppProject.json",
            "'orphaned' was",
        ),
        (
            "data/base/secrets.yaml",
            "  target:",
            "  targets:",
            "ExternalSecret.json",
            "'targets' was unexpected",
        ),
        (
            "monitoring/base/monitors.yaml",
            "interval: 30s",
            "intervall: 30s",
            "ServiceMonitor.json",
            "'intervall' was",
        ),
        (
            "monitoring/base/rules.yaml",
            "for: 5m",
            "for: 5",
            "PrometheusRule.json",
            "5 is not of type 'string'",
        ),
        ("data/base/kustomization.yaml", "- bucket.yaml", "- buckets.yaml", "renders", "buckets.yaml"),
        (
            "apps/templates/applications.yaml",
            "{{ $.Values.revision | quote }}",
            "HEAD",
            "pinned",
            "HEAD is not",
        ),
        ("apps/values.yaml", "version: 2.12.2", 'version: "2.*"', "pinned", "2.* is not an exact version"),
        ("apps/values.yaml", 'wave: "2"', 'wave: "1"', "waves", "wave 1 is that of"),
        (
            "root/templates/projects.yaml",
            '"StatefulSet"',
            '"DaemonSet"',
            "allowed",
            "does not allow StatefulSet",
        ),
        (
            "data/base/postgres.yaml",
            "/library/postgres:",
            "/library/postgres:latest # ",
            "by-digest",
            "which one that is can change",
        ),
        ("unpinned.txt", "chart:pachyderm:", "chart:pachyderms:", "by-digest", "are not in unpinned.txt"),
        (
            "pachyderm/values.yaml",
            "secret: by-reference",
            "secret: hunter2",
            "no-secrets",
            "minio.secret has a value",
        ),
        (
            "namespaces/base/limits.yaml",
            "LimitRange",
            "LimitRanges",
            "Kubernetes 1.34",
            "no schema of v1 LimitRanges",
        ),
        (
            "pachyderm/values.yaml",
            "lokiDeploy:",
            "lokiDeployed:",
            "pachyderm-values.json",
            "'lokiDeployed' was unexpected",
        ),
        (
            "pachyderm/values.yaml",
            "deployTarget: CUSTOM",
            "deployTarget: MINE",
            "pachyderm-values.json",
            "'MINE' is not one of",
        ),
        (
            "pachyderm/values-prod.yaml",
            "  resources:",
            "  resource:",
            "pachyderm-values.json",
            "'resource' was unexpected",
        ),
        ("apps/values-prod.yaml", "automated:", "automatd:", "renders", "'automatd' not allowed"),
        (
            "data/base/postgres.yaml",
            "key: password}",
            "key: pasword}",
            "keys",
            "no key pasword; it has password",
        ),
        (
            "pachyderm/values.yaml",
            "postgres.calf-data",
            "postgress.calf-data",
            "hosts",
            "no Service postgress in calf-data",
        ),
        (
            "pachyderm/values.yaml",
            "postgresqlExistingSecretKey: password",
            "postgresqlExistingSecretKey: pass",
            "keys",
            "the Secret pachyderm-postgres has no key pass",
        ),
        (
            "namespaces/overlays/prod/kustomization.yaml",
            "/hard/requests.memory, value: ",
            "/hard/requests.memory, value: 1Gi} # ",
            "quota",
            "requests.memory: 1Gi, and what runs at once needs ",
        ),
        ("data/overlays/prod/kustomization.yaml", MORE, TOO_MUCH, "quota", "requests.storage: "),
        (
            "pachyderm/overlays/prod/kustomization.yaml",
            "/32}",
            "}",
            "narrow-policies",
            "no range of addresses; one of them is ",
        ),
        ("delivery/base/job.yaml", "{name: pipeline-specs}", "{name: specs}", "names", "the ConfigMap specs"),
    ],
)
def test_a_broken_manifest_is_caught(
    tree: Path, file: str, before: str, after: str, rule: str, said: str
) -> None:
    replace(tree, file, before, after)
    findings = check(tree, ["prod"])
    assert any(finding.rule == rule and said in finding.what for finding in findings), findings


def test_what_is_wrong_is_said_once_with_the_file_that_it_stands_in(tree: Path) -> None:
    replace(tree, "data/base/postgres.yaml", "replicas: 1", "replica: 1")
    (said,) = [line for line in lines(check(tree), tree) if "'replica' was" in line]
    assert said.startswith("StatefulSet calf-data/postgres (cluster-conf/data/base/postgres.yaml): spec: ")
    assert said.endswith("[Kubernetes 1.34, Kubernetes 1.37]")
    replace(tree, "data/base/postgres.yaml", "replica: 1", "replicas: 1")
    replace(tree, "data/overlays/prod/kustomization.yaml", MORE, TOO_MUCH)
    (said,) = lines(check(tree), tree)
    assert said.startswith("prod, prod-gpu: ResourceQuota calf-data/all (cluster-conf/namespaces/base/quotas")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("- postgres.yaml", "- postgress.yaml", "cluster-conf/data/base: .*postgress.yaml: no such file"),
        ("resources:", "resources: {", "cluster-conf/data/base.*yaml: line 4"),
    ],
)
def test_a_folder_that_does_not_render_is_named_and_nothing_follows_from_it(
    tree: Path, before: str, after: str, said: str
) -> None:
    """What was not rendered seems to use no image; nobody is to take lines out of unpinned.txt for that."""
    replace(tree, "data/base/kustomization.yaml", before, after)
    (line,) = lines(check(tree, ["dev"]), tree)
    assert re.search(said, line)
    assert len(line) < 400
    assert "/tmp" not in line


def test_without_digests_the_check_fails_and_says_what_to_do(tree: Path) -> None:
    (tree / "images/digests.lock").unlink()
    findings = check(tree, ["prod"])
    assert {finding.rule for finding in findings} == {"by-digest"}
    assert all("make images" in finding.what for finding in findings)


def test_an_image_that_the_lock_lacks_is_named(tree: Path) -> None:
    lock = tree / "images/digests.lock"
    kept = [line for line in lock.read_text().splitlines() if not re.match("calf/(tune|deliver) ", line)]
    lock.write_text("\n".join(kept))
    findings = check(tree, ["prod"])
    assert {finding.what for finding in findings if finding.rule == "by-digest"} == {
        "has no digest of calf/tune: make images",
        "has no digest of calf/deliver: make images",
    }
    (refused,) = [finding for finding in findings if finding.rule == "renders"]
    assert "images/digests.lock has no digest of calf/deliver" in refused.what


def test_a_digest_that_stands_for_none_is_no_digest(tree: Path) -> None:
    lock = tree / "images/digests.lock"
    lock.write_text("".join(f"{image} {NONE_YET}\n" for image in wanted_images(ROOT)))
    assert {finding.rule for finding in check(tree, ["prod"])} == {"by-digest"}


def test_a_line_of_the_lock_that_says_something_else_is_named(tree: Path) -> None:
    lock = tree / "images/digests.lock"
    count = len(lock.read_text().splitlines())
    lock.write_text(lock.read_text() + "calf/extra latest\ncalf/tune sha256:" + "a" * 64 + "\n# a comment\n")
    assert [finding.where for finding in digests(tree)] == [
        f"images/digests.lock:{count + 1}",
        f"images/digests.lock:{count + 2}",
    ]


def test_an_environment_without_gpus_leaves_no_config_map_of_one_with_them(tree: Path) -> None:
    """Nothing is pruned in prod: what is laid over specs has one name, and its content is replaced."""
    found = {}
    with workspace(tree) as copy:
        for title in ("prod", "prod-gpu"):
            found[title] = {
                name(thing): sorted(thing["data"])
                for thing in render(copy, title).everything
                if thing["kind"] == "ConfigMap"
            }
    overlays = "ConfigMap calf-delivery/pipeline-overlays"
    assert found["prod"] == {**found["prod-gpu"], overlays: ["README"]}
    assert found["prod-gpu"][overlays] == ["README", "train.yaml", "tune.yaml"]
