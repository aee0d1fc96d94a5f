"""What holds for every container that runs by our manifests."""

from __future__ import annotations

from collections.abc import Iterator

from checks.objects import Finding, Object, containers, name, pods

MEASURES = ("cpu", "memory")
_FOR_ALL = ("runAsNonRoot", "runAsUser", "seccompProfile")
"""What a pod can say for all its containers, of what the rules ask for."""


def non_root(things: list[Object]) -> Iterator[Finding]:
    """Pods say that they are not root, and which user they are."""
    for thing, container, context in _contexts(things):
        if context.get("runAsNonRoot") is not True:
            yield _finding("non-root", thing, container, "runAsNonRoot is not true")
        if not context.get("runAsUser"):
            yield _finding("non-root", thing, container, "runAsUser is missing, or 0")


def read_only_root(things: list[Object]) -> Iterator[Finding]:
    """What a container writes goes to a volume."""
    for thing, container, context in _contexts(things):
        if context.get("readOnlyRootFilesystem") is not True:
            yield _finding("read-only-root", thing, container, "readOnlyRootFilesystem is not true")


def no_escalation(things: list[Object]) -> Iterator[Finding]:
    """Nobody becomes more than they are."""
    for thing, container, context in _contexts(things):
        if context.get("allowPrivilegeEscalation") is not False:
            yield _finding("no-escalation", thing, container, "allowPrivilegeEscalation is not false")
        if context.get("privileged"):
            yield _finding("no-escalation", thing, container, "privileged")


def no_capabilities(things: list[Object]) -> Iterator[Finding]:
    """All capabilities are dropped, and none is added."""
    for thing, container, context in _contexts(things):
        capabilities = context.get("capabilities", {})
        if capabilities.get("drop") != ["ALL"] or capabilities.get("add"):
            yield _finding("no-capabilities", thing, container, "capabilities are not just {drop: [ALL]}")


def seccomp(things: list[Object]) -> Iterator[Finding]:
    """The runtime's filter of system calls is on."""
    for thing, container, context in _contexts(things):
        if context.get("seccompProfile", {}).get("type") != "RuntimeDefault":
            yield _finding("seccomp", thing, container, "seccompProfile is not RuntimeDefault")


def requests_and_limits(things: list[Object]) -> Iterator[Finding]:
    """Each container says what it needs and what it may have at most."""
    for thing, spec in pods(things):
        for container in containers(spec):
            for part in ("requests", "limits"):
                given = container.get("resources", {}).get(part, {})
                for measure in MEASURES:
                    if not given.get(measure):
                        yield _finding("resources", thing, container, f"no {part} of {measure}")


def no_host(things: list[Object]) -> Iterator[Finding]:
    """Nothing of the node's own is shared with a pod."""
    for thing, spec in pods(things):
        shared = [key for key in ("hostNetwork", "hostPID", "hostIPC") if spec.get(key)]
        shared += [
            f"volume {volume.get('name')}" for volume in spec.get("volumes", []) if "hostPath" in volume
        ]
        shared += [
            f"hostPort of {container.get('name')}"
            for container in containers(spec)
            if any(port.get("hostPort") for port in container.get("ports", []))
        ]
        for what in shared:
            yield Finding("no-host", name(thing), f"shares the node's own: {what}")


def no_token(things: list[Object]) -> Iterator[Finding]:
    """No pod of ours speaks to Kubernetes, so none has a token for it, and each has an account of its own."""
    for thing, spec in pods(things):
        if spec.get("automountServiceAccountToken") is not False:
            yield Finding("no-token", name(thing), "automountServiceAccountToken is not false")
        if spec.get("serviceAccountName", "default") == "default":
            yield Finding("no-token", name(thing), "no serviceAccountName of its own")


def _contexts(things: list[Object]) -> Iterator[tuple[Object, Object, Object]]:
    """Each container with its security context, into which comes what its pod says for all of them."""
    for thing, spec in pods(things):
        said = spec.get("securityContext", {})
        common = {key: said[key] for key in _FOR_ALL if key in said}
        for container in containers(spec):
            yield thing, container, {**common, **container.get("securityContext", {})}


def _finding(rule: str, thing: Object, container: Object, what: str) -> Finding:
    return Finding(rule, f"{name(thing)}, container {container.get('name')}", what)


RULES = (
    non_root,
    read_only_root,
    no_escalation,
    no_capabilities,
    seccomp,
    requests_and_limits,
    no_host,
    no_token,
)
