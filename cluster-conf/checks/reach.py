"""Who reaches whom, by the network policies: both ends have to allow it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from checks.objects import Object, of_kind

_OWN = "kubernetes.io/metadata.name"


@dataclass(frozen=True, slots=True)
class End:
    """A pod by its namespace and labels; or, without a namespace, an address outside of all policies."""

    namespace: str
    labels: dict[str, str] = field(default_factory=dict)
    address: str = ""


def reaches(things: list[Object], source: End, target: End, port: int) -> bool:
    """Whether a connection over TCP gets through."""
    policies = of_kind(things, "NetworkPolicy")
    out = _allows(policies, "Egress", source, target, port)
    return out and _allows(policies, "Ingress", target, source, port)


def _allows(policies: list[Object], direction: str, own: End, other: End, port: int) -> bool:
    """Whether the policies that are about a pod let it speak; a pod that none is about may do anything."""
    about = [
        policy["spec"]
        for policy in policies
        if policy["metadata"].get("namespace") == own.namespace
        and direction in policy["spec"]["policyTypes"]
        and _selects(policy["spec"]["podSelector"], own.labels)
    ]
    key, end = ("egress", "to") if direction == "Egress" else ("ingress", "from")
    return not about or any(
        _port(rule, port) and any(_is(peer, other, own.namespace) for peer in rule.get(end, []))
        for spec in about
        for rule in spec.get(key, [])
    )


def _is(peer: Object, other: End, home: str) -> bool:
    if "ipBlock" in peer:
        if "except" in peer["ipBlock"]:
            raise ValueError("an ipBlock with exceptions is not understood here")
        return bool(other.address) and peer["ipBlock"]["cidr"] == f"{other.address}/32"
    if "namespaceSelector" in peer:
        inside = bool(other.namespace) and _selects(peer["namespaceSelector"], {_OWN: other.namespace})
    else:
        inside = other.namespace == home
    return inside and _selects(peer.get("podSelector", {}), other.labels)


def _port(rule: Object, port: int) -> bool:
    return "ports" not in rule or any(
        entry.get("protocol", "TCP") == "TCP" and entry["port"] == port for entry in rule["ports"]
    )


def _selects(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    if unknown := set(selector) - {"matchLabels"}:
        raise ValueError(f"selectors by {', '.join(sorted(unknown))} are not understood here")
    return all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())
