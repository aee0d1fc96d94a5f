"""Each rule of cluster-conf passes what is good, and catches what it is there for."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from checks import cluster_rules, delivery_rules, image_rules, name_rules, pod_rules, quota_rules
from checks.reach import End, reaches

from tests.cluster.conftest import REVISION

Things = dict[str, Any]
IMAGE = "registry.example.org/thing@sha256:" + "a" * 64
GOOD = f"""
apiVersion: v1
kind: Namespace
metadata: {{name: place, labels: {{pod-security.kubernetes.io/enforce: restricted}}}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {{name: all, namespace: place}}
spec: {{hard: {{pods: "1", requests.cpu: 1500m, limits.memory: 1Gi}}}}
---
apiVersion: v1
kind: LimitRange
metadata: {{name: containers, namespace: place}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: default-deny, namespace: place}}
spec: {{podSelector: {{}}, policyTypes: [Ingress, Egress]}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{name: looker, namespace: place}}
rules: [{{apiGroups: [""], resources: [pods], verbs: [get]}}]
---
apiVersion: v1
kind: ServiceAccount
metadata: {{name: worker, namespace: place}}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {{name: key, namespace: place}}
spec: {{target: {{name: key}}, data: [{{secretKey: password}}]}}
---
apiVersion: v1
kind: Service
metadata: {{name: store, namespace: place}}
spec: {{ports: [{{port: 9000}}]}}
---
apiVersion: batch/v1
kind: Job
metadata: {{name: work, namespace: place}}
spec:
  template:
    spec:
      serviceAccountName: worker
      automountServiceAccountToken: false
      securityContext: {{runAsNonRoot: true, runAsUser: 1000, seccompProfile: {{type: RuntimeDefault}}}}
      containers:
        - name: main
          image: {IMAGE}
          env: [{{name: PASSWORD, valueFrom: {{secretKeyRef: {{name: key, key: password}}}}}}]
          resources: {{requests: {{cpu: 1, memory: 1Gi}}, limits: {{cpu: 1, memory: 1Gi}}}}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {{drop: [ALL]}}
---
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {{name: calf, namespace: argocd}}
spec:
  sourceRepos: [https://git.example.org/calf.git]
  destinations: [{{server: here, namespace: place}}]
  namespaceResourceWhitelist: [{{group: batch, kind: Job}}]
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: part, namespace: argocd, annotations: {{argocd.argoproj.io/sync-wave: "1"}}}}
spec:
  project: calf
  destination: {{namespace: place}}
  sources: [{{repoURL: https://git.example.org/calf.git, targetRevision: "{REVISION}"}}]
"""


def things() -> Things:
    return {document["kind"]: document for document in yaml.safe_load_all(GOOD)}


def rules_broken(given: Things, unpinned: dict[str, str] | None = None) -> set[str]:
    listed = list(given.values())
    parts = (pod_rules, cluster_rules, delivery_rules, name_rules, quota_rules)
    rules = [rule for part in parts for rule in part.RULES]
    findings = [finding for rule in rules for finding in rule(listed)]
    findings += image_rules.by_digest(listed, unpinned or {})
    findings += delivery_rules.allowed(given["Application"], [given["Job"]], [given["AppProject"]])
    return {finding.rule for finding in findings}


def pod(given: Things) -> Any:
    return given["Job"]["spec"]["template"]["spec"]


def container(given: Things) -> Any:
    return pod(given)["containers"][0]


def source(given: Things) -> Any:
    return given["Application"]["spec"]["sources"][0]


def test_what_is_good_passes() -> None:
    assert rules_broken(things()) == set()


BREAKING: list[tuple[str, Callable[[Things], Any]]] = [
    ("non-root", lambda given: pod(given)["securityContext"].pop("runAsNonRoot")),
    ("non-root", lambda given: pod(given)["securityContext"].update(runAsUser=0)),
    ("non-root", lambda given: container(given)["securityContext"].update(runAsNonRoot=False)),
    ("read-only-root", lambda given: container(given)["securityContext"].pop("readOnlyRootFilesystem")),
    (
        "read-only-root",  # a pod cannot say it for its containers
        lambda given: pod(given)["securityContext"].update(
            readOnlyRootFilesystem=container(given)["securityContext"].pop("readOnlyRootFilesystem")
        ),
    ),
    ("no-escalation", lambda given: container(given)["securityContext"].pop("allowPrivilegeEscalation")),
    ("no-escalation", lambda given: container(given)["securityContext"].update(privileged=True)),
    ("no-capabilities", lambda given: container(given)["securityContext"].pop("capabilities")),
    (
        "no-capabilities",
        lambda given: container(given)["securityContext"]["capabilities"].update(add=["NET_RAW"]),
    ),
    ("seccomp", lambda given: pod(given)["securityContext"].pop("seccompProfile")),
    (
        "seccomp",
        lambda given: container(given)["securityContext"].update(seccompProfile={"type": "Unconfined"}),
    ),
    ("resources", lambda given: container(given)["resources"].pop("limits")),
    ("resources", lambda given: container(given)["resources"]["requests"].pop("memory")),
    ("resources", lambda given: pod(given).update(initContainers=[container(given) | {"resources": {}}])),
    ("no-host", lambda given: pod(given).update(hostNetwork=True)),
    ("no-host", lambda given: pod(given).update(volumes=[{"name": "node", "hostPath": {"path": "/"}}])),
    ("no-host", lambda given: container(given).update(ports=[{"containerPort": 1, "hostPort": 1}])),
    ("no-token", lambda given: pod(given).pop("automountServiceAccountToken")),
    ("no-token", lambda given: pod(given).pop("serviceAccountName")),
    ("by-digest", lambda given: container(given).update(image="registry.example.org/thing:1.2.3")),
    ("by-digest", lambda given: container(given).update(image="thing:latest")),
    ("by-digest", lambda given: container(given).update(image=f"thing@{image_rules.NONE_YET}")),
    ("no-secrets", lambda given: given.update(Secret={"kind": "Secret", "metadata": {"name": "key"}})),
    ("no-secrets", lambda given: container(given).update(env=[{"name": "PASSWORD", "value": "x"}])),
    ("least-privilege", lambda given: given["Role"]["rules"][0].update(verbs=["*"])),
    ("least-privilege", lambda given: given["Role"]["rules"][0].update(resources=["secrets"])),
    ("least-privilege", lambda given: given["Role"].update(kind="ClusterRole")),
    ("closed-namespaces", lambda given: given.pop("ResourceQuota")),
    ("closed-namespaces", lambda given: given.pop("LimitRange")),
    ("closed-namespaces", lambda given: given.pop("NetworkPolicy")),
    ("closed-namespaces", lambda given: given["NetworkPolicy"]["spec"].update(policyTypes=["Ingress"])),
    ("closed-namespaces", lambda given: given["Namespace"]["metadata"].pop("labels")),
    ("closed-namespaces", lambda given: given["Job"]["metadata"].update(namespace="elsewhere")),
    ("narrow-policies", lambda given: given["NetworkPolicy"]["spec"].update(egress=[{}])),
    (
        "narrow-policies",
        lambda given: given["NetworkPolicy"]["spec"].update(ingress=[{"from": [{"podSelector": {}}]}]),
    ),
    (
        "narrow-policies",
        lambda given: given["NetworkPolicy"]["spec"].update(
            egress=[{"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}]
        ),
    ),
    (
        "narrow-policies",
        lambda given: given["NetworkPolicy"]["spec"].update(
            ingress=[{"from": [{"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "a"}}}]}]
        ),
    ),
    *[
        (
            "narrow-policies",
            lambda given, text=text: given["NetworkPolicy"]["spec"].update(
                egress=[{"to": [{"ipBlock": {"cidr": text}}]}]
            ),
        )
        for text in ("10.96.0.1", "10.96.0.1/33", "10.96.0.1/8", "kubernetes/32")
    ],
    ("keys", lambda given: given["ExternalSecret"]["spec"].update(data=[{"secretKey": "pasword"}])),
    (
        "hosts",
        lambda given: container(given).update(args=["--to=http://stores.place.svc.cluster.local:9000"]),
    ),
    ("hosts", lambda given: container(given).update(args=["store.place.svc.cluster.local:9001"])),
    *[
        ("quota", lambda given, hard=hard: given["ResourceQuota"]["spec"].update(hard=hard))
        for hard in ({"pods": "0"}, {"requests.cpu": "500m"}, {"limits.memory": "1000M"}, {"pods": "some"})
    ],
    ("names", lambda given: given.pop("ServiceAccount")),
    ("names", lambda given: given.pop("ExternalSecret")),
    ("names", lambda given: pod(given).update(volumes=[{"name": "more", "configMap": {"name": "nowhere"}}])),
    *[
        ("pinned", lambda given, revision=revision: source(given).update(targetRevision=revision))
        for revision in ("HEAD", "main", "v1.0.0", "abc1234", "", "*")
    ],
    ("pinned", lambda given: source(given).pop("targetRevision")),
    ("pinned", lambda given: source(given).update(chart="pachyderm", targetRevision="2.x")),
    ("waves", lambda given: given["Application"]["metadata"].pop("annotations")),
    ("waves", lambda given: given.update(Second=copy.deepcopy(given["Application"]))),
    ("narrow-projects", lambda given: given["AppProject"]["spec"].update(sourceRepos=["*"])),
    ("narrow-projects", lambda given: given["AppProject"]["spec"]["destinations"][0].update(namespace="*")),
    ("allowed", lambda given: source(given).update(repoURL="https://elsewhere.example.org")),
    ("allowed", lambda given: given["Application"]["spec"].update(project="another")),
    ("allowed", lambda given: given["AppProject"]["spec"].update(destinations=[])),
    ("allowed", lambda given: given["AppProject"]["spec"].update(namespaceResourceWhitelist=[])),
]


@pytest.mark.parametrize(("rule", "breaking"), BREAKING)
def test_what_breaks_a_rule_is_caught_by_it(rule: str, breaking: Callable[[Things], Any]) -> None:
    given = things()
    breaking(given)
    assert rule in rules_broken(given)


def test_every_rule_is_broken_by_something() -> None:
    folder = Path(pod_rules.__file__).parent
    pure = [path.read_text() for path in folder.glob("*_rules.py") if path.name != "schema_rules.py"]
    named = {rule for text in pure for rule in re.findall(r'inding\(\s*"([a-z-]+)"', text)}
    assert {rule for rule, _ in BREAKING} | {"unpinned"} == named


def test_an_image_by_tag_passes_only_with_a_line_of_its_own() -> None:
    given = things()
    container(given)["image"] = "thing:1.2.3"
    assert rules_broken(given, {"thing:1.2.3": "no registry here"}) == set()
    assert rules_broken(given, {"thing:1.2.4": "no registry here"}) == {"by-digest"}


@pytest.mark.parametrize(
    ("line", "complaint"),
    [("thing:1", "no reason"), ("other:1 why", "is used nowhere"), (f"{IMAGE} why", "has a digest")],
)
def test_the_list_of_what_is_not_pinned_is_honest(line: str, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "unpinned.txt"
    path.write_text(f"# a comment\n\n{line}\n")
    unpinned = image_rules.read_unpinned(path)
    (found,) = image_rules.honest_list({"thing:1", IMAGE}, unpinned)
    assert found.what.startswith(complaint)


def test_a_chart_s_hosts_and_secret_are_ours_and_what_it_has_itself_is_not_asked_for() -> None:
    listed = list(things().values())
    database = {"postgresqlExistingSecretName": "key", "postgresqlExistingSecretKey": "password"}
    values = {"global": {"postgresql": database}, "endpoint": "store.place.svc.cluster.local:9000"}

    def said(given: Any) -> list[str]:
        found = name_rules.values_lead_somewhere(given, "values.yaml", listed, "place")
        return [finding.what for finding in found]

    assert said({**values, "proxy": "its-own.elsewhere.svc.cluster.local:80"}) == []
    assert said({"endpoint": "shop.place.svc.cluster.local:9000"}) == ["there is no Service shop in place"]
    database["postgresqlExistingSecretKey"] = "pass"
    assert said(values) == ["the Secret key has no key pass; it has password"]
    database["postgresqlExistingSecretName"] = "none"
    assert said(values) == ["no ExternalSecret makes the Secret none in place"]


def test_workers_are_reckoned_with_their_sidecars_and_with_what_is_laid_over_their_specs() -> None:
    spec = "{pipeline: {name: train}, resource_limits: {memory: 3Gi}, parallelism_spec: {constant: 2}}"
    overlay = "{resource_limits: {gpu: {type: nvidia.com/gpu, number: 1}}}"
    hard = {"pods": "2", "requests.cpu": "4", "limits.memory": "8Gi", "requests.nvidia.com/gpu": "2"}

    def found(**changed: str) -> list[str]:
        place = {"name": "all", "namespace": "pachyderm"}
        listed = [
            {"kind": "ConfigMap", "metadata": {"name": "pipeline-specs"}, "data": {"1-train.yaml": spec}},
            {"kind": "ConfigMap", "metadata": {"name": "pipeline-overlays"}, "data": {"train.yaml": overlay}},
            {"kind": "LimitRange", "metadata": place, "spec": {"limits": [{"default": {"memory": "1Gi"}}]}},
            {"kind": "ResourceQuota", "metadata": place, "spec": {"hard": {**hard, **changed}}},
        ]
        return [finding.what for finding in quota_rules.fits_quota(listed)]

    assert found() == []
    spec = spec.replace("limits", "requests")
    assert found() == ["train: asks for 3Gi and may have 1Gi: give resource_limits"]
    spec = spec.replace("requests", "limits")
    assert found(pods="1") == ["pods: 1, and what runs at once needs 2"]
    assert found(**{"requests.cpu": "3500m"}) == ["requests.cpu: 3500m, and what runs at once needs 4"]
    assert found(**{"limits.memory": "7Gi"}) == ["limits.memory: 7Gi, and what runs at once needs 8Gi"]
    assert found(**{"requests.nvidia.com/gpu": "1"}) == [
        "requests.nvidia.com/gpu: 1, and what runs at once needs 2"
    ]


def test_a_chart_s_values_may_name_secrets_and_hold_none() -> None:
    good = {
        "postgresql": {"postgresqlExistingSecretName": "a", "postgresqlExistingSecretKey": "b"},
        "secret": "by-reference",
    }
    assert list(cluster_rules.no_secret_values(good, "values.yaml")) == []
    (found,) = cluster_rules.no_secret_values({"global": {"postgresqlPassword": "x"}}, "values.yaml")
    assert found.what == "global.postgresqlPassword has a value"


@pytest.mark.parametrize(
    "peer",
    [
        {"podSelector": {"matchExpressions": [{"key": "app", "operator": "Exists"}]}},
        {"ipBlock": {"cidr": "10.0.0.1/32", "except": ["10.0.0.1/32"]}},
    ],
)
def test_what_a_policy_says_in_words_that_are_not_understood_is_not_guessed(peer: Any) -> None:
    given = things()
    given["NetworkPolicy"]["spec"].update(egress=[{"to": [peer]}])
    one, other = End("place"), End("place", address="10.0.0.1")
    with pytest.raises(ValueError, match="not understood"):
        reaches(list(given.values()), one, other, 80)
