"""What holds for an environment as a whole: who may do what, who reaches whom, what names lead to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_network

from checks.objects import Finding, Object, containers, name, of_kind, pods, walk

_SECRET_NAME = re.compile(
    r"password|passwd|secret|token|credential|access_?key|private_?key|api_?key", re.IGNORECASE
)
_STRICT = {"restricted", "baseline"}
NOTHING = {"", "by-reference"}
"""Values that stand where something else puts a secret."""


def no_secrets(things: list[Object]) -> Iterator[Finding]:
    """Secrets come by reference: no Secret, and no value beside a name that says secret."""
    for thing in of_kind(things, "Secret"):
        yield Finding("no-secrets", name(thing), "is a Secret: have an ExternalSecret make it")
    for thing, spec in pods(things):
        for container in containers(spec):
            for variable in container.get("env", []):
                if _SECRET_NAME.search(variable["name"]) and "value" in variable:
                    yield Finding(
                        "no-secrets", name(thing), f"{variable['name']} has a value: refer to a Secret"
                    )


def no_secret_values(values: Object, where: str) -> Iterator[Finding]:
    """The same of a chart's values, where what names a Secret or a key in one is allowed."""
    for path, value in walk(values):
        key = path.rpartition(".")[2]
        refers = re.search(r"(Name|SecretKey)$", key)
        if _SECRET_NAME.search(key) and not refers and isinstance(value, str) and value not in NOTHING:
            yield Finding("no-secrets", where, f"{path} has a value")


def least_privilege(things: list[Object]) -> Iterator[Finding]:
    """Roles are of a namespace, name what they are about, and reach no Secrets."""
    for thing in of_kind(things, "ClusterRole", "ClusterRoleBinding"):
        yield Finding("least-privilege", name(thing), "is for the whole cluster")
    for thing in of_kind(things, "Role", "ClusterRole"):
        for rule in thing.get("rules", []):
            words = {word for key in ("apiGroups", "resources", "verbs") for word in rule.get(key, [])}
            if any("*" in word for word in words):
                yield Finding("least-privilege", name(thing), "a rule with *")
            if words & {"secrets", "escalate", "bind", "impersonate", "pods/exec", "serviceaccounts/token"}:
                yield Finding("least-privilege", name(thing), "a rule that leads to more than it says")


def closed_namespaces(things: list[Object]) -> Iterator[Finding]:
    """Each namespace denies all traffic by default, is strict with pods, and has a quota and limits."""
    known = {thing["metadata"]["name"]: thing for thing in of_kind(things, "Namespace")}
    for namespace, thing in known.items():
        level = thing["metadata"].get("labels", {}).get("pod-security.kubernetes.io/enforce")
        if level not in _STRICT:
            yield Finding("closed-namespaces", name(thing), "pod-security.kubernetes.io/enforce is missing")
        for kind in ("ResourceQuota", "LimitRange"):
            if not any(_place(found) == namespace for found in of_kind(things, kind)):
                yield Finding("closed-namespaces", name(thing), f"no {kind}")
        if not any(
            _denies_all(found) for found in of_kind(things, "NetworkPolicy") if _place(found) == namespace
        ):
            yield Finding("closed-namespaces", name(thing), "no NetworkPolicy that denies all by default")
    for thing in things:
        if _place(thing) not in {"", "argocd", *known}:
            yield Finding("closed-namespaces", name(thing), "is in a namespace that is not ours")


def narrow_policies(things: list[Object]) -> Iterator[Finding]:
    """What a NetworkPolicy opens has another end: never everybody, never all addresses."""
    for thing in of_kind(things, "NetworkPolicy"):
        for direction, end in (("ingress", "from"), ("egress", "to")):
            for rule in thing["spec"].get(direction, []):
                ends = rule.get(end) or []
                if not ends or any(not any(peer.values()) for peer in ends):
                    yield Finding("narrow-policies", name(thing), f"{direction} from or to everybody")
                if any(peer.get("namespaceSelector") == {} for peer in ends):
                    yield Finding("narrow-policies", name(thing), f"{direction} from or to every namespace")
        for path, value in walk(thing["spec"]):
            if path.endswith("cidr"):
                yield from (Finding("narrow-policies", name(thing), what) for what in _range(str(value)))


def names_lead_somewhere(things: list[Object]) -> Iterator[Finding]:
    """ConfigMaps, Secrets, accounts that pods name are there; Secrets are those that ExternalSecrets make."""
    there = {(thing["kind"], _place(thing), thing["metadata"]["name"]) for thing in things}
    for thing in of_kind(things, "ExternalSecret"):
        target = thing["spec"].get("target", {}).get("name", thing["metadata"]["name"])
        there.add(("Secret", _place(thing), target))
    for thing, spec in pods(things):
        wanted = [("ServiceAccount", spec.get("serviceAccountName", ""))]
        for path, value in walk(spec):
            key = path.rpartition(".")[2]
            if isinstance(value, dict) and not value.get("optional"):
                if key in {"configMap", "configMapRef", "configMapKeyRef"}:
                    wanted.append(("ConfigMap", value.get("name", "")))
                if key in {"secretRef", "secretKeyRef", "secret"}:
                    wanted.append(("Secret", value.get("name") or value.get("secretName", "")))
        for kind, wanted_name in wanted:
            if (kind, _place(thing), wanted_name) not in there:
                yield Finding("names", name(thing), f"names the {kind} {wanted_name}, which is nowhere")


def _range(text: str) -> Iterator[str]:
    """What is wrong with a range of addresses. No schema sees that one has no length; the API server does."""
    try:
        addresses = ip_network(text)
    except ValueError:
        addresses = None
    if addresses is None or "/" not in text:
        yield f"{text}: no range of addresses; one of them is {text.partition('/')[0]}/32"
    elif addresses.prefixlen == 0:
        yield f"{text}: all addresses"


def _place(thing: Object) -> str:
    return str(thing.get("metadata", {}).get("namespace", ""))


def _denies_all(thing: Object) -> bool:
    spec = thing["spec"]
    both = set(spec.get("policyTypes", [])) == {"Ingress", "Egress"}
    return both and spec.get("podSelector") == {} and not spec.get("ingress") and not spec.get("egress")


RULES = (no_secrets, least_privilege, closed_namespaces, narrow_policies, names_lead_somewhere)
