"""Names that one object has for what is in another: keys of Secrets, hosts and ports of Services."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.objects import Finding, Object, name, of_kind, pods, walk

_HOST = re.compile(r"\b([a-z0-9-]+)\.([a-z0-9-]+)\.svc\.cluster\.local(?::(\d+))?")


def keys_lead_somewhere(things: list[Object]) -> Iterator[Finding]:
    """A key that a pod reads of a Secret is one that an ExternalSecret puts there."""
    made = _keys(things)
    for thing, spec in pods(things):
        place = thing["metadata"].get("namespace", "")
        for path, value in walk(spec):
            if not path.endswith("secretKeyRef") or value.get("optional"):
                continue
            if (place, value["name"]) in made:  # else cluster_rules says so
                yield from _missing(name(thing), made, place, value["name"], value["key"])


def hosts_lead_somewhere(things: list[Object]) -> Iterator[Finding]:
    """A name that ends as Services do is that of one of ours, in a namespace of ours, with that port."""
    for thing, spec in pods(things):
        yield from _hosts(spec, name(thing), things)


def values_lead_somewhere(values: Object, where: str, things: list[Object], place: str) -> Iterator[Finding]:
    """The same of a chart's values: its hosts are Services of ours, its Secret is there with its key."""
    yield from _hosts(values, where, things)
    database = values.get("global", {}).get("postgresql", {})
    secret, key = (database.get(f"postgresqlExistingSecret{end}", "") for end in ("Name", "Key"))
    if secret:
        yield from _missing(where, _keys(things), place, secret, key)


def _hosts(inside: Object, where: str, things: list[Object]) -> Iterator[Finding]:
    services: dict[tuple[str, str], set[str]] = {}
    for thing in of_kind(things, "Service"):
        ports = {str(port["port"]) for port in thing["spec"]["ports"]}
        services[thing["metadata"]["name"], thing["metadata"].get("namespace", "")] = ports
    ours = {place for _, place in services}
    for _, value in walk(inside):
        for service, place, port in _HOST.findall(value) if isinstance(value, str) else ():
            if place not in ours:
                continue  # a chart's, which nobody sees here
            if (service, place) not in services:
                yield Finding("hosts", where, f"there is no Service {service} in {place}")
            elif port and port not in services[service, place]:
                yield Finding("hosts", where, f"the Service {service} in {place} has no port {port}")


def _keys(things: list[Object]) -> dict[tuple[str, str], set[str]]:
    """The keys of each Secret that ExternalSecrets make, by namespace and name."""
    made: dict[tuple[str, str], set[str]] = {}
    for thing in of_kind(things, "ExternalSecret"):
        metadata, spec = thing["metadata"], thing["spec"]
        target = spec.get("target", {}).get("name", metadata["name"])
        keys = {entry["secretKey"] for entry in spec.get("data", [])}
        made.setdefault((metadata.get("namespace", ""), target), set()).update(keys)
    return made


def _missing(
    where: str, made: dict[tuple[str, str], set[str]], place: str, secret: str, key: str
) -> Iterator[Finding]:
    keys = made.get((place, secret))
    if keys is None:
        yield Finding("keys", where, f"no ExternalSecret makes the Secret {secret} in {place}")
    elif key not in keys:
        yield Finding(
            "keys", where, f"the Secret {secret} has no key {key}; it has {', '.join(sorted(keys))}"
        )


RULES = (keys_lead_somewhere, hosts_lead_somewhere)
