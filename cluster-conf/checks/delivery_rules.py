"""What holds for Argo CD's objects: revisions cannot move, and projects allow what Applications make."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.objects import Finding, Object, name, of_kind

_COMMIT = re.compile(r"[0-9a-f]{40}")
_VERSION = re.compile(r"\d+\.\d+\.\d+")
WAVE = "argocd.argoproj.io/sync-wave"


def pinned(things: list[Object]) -> Iterator[Finding]:
    """Sources in Git are whole ids of commits, charts are exact versions: no HEAD, branch, tag or range."""
    for application in of_kind(things, "Application"):
        for source in sources(application):
            revision = str(source.get("targetRevision", "HEAD"))
            wanted = _VERSION if "chart" in source else _COMMIT
            if not wanted.fullmatch(revision):
                what = "an exact version" if "chart" in source else "the whole id of a commit"
                yield Finding("pinned", name(application), f"targetRevision {revision} is not {what}")


def in_waves(things: list[Object]) -> Iterator[Finding]:
    """Each part has a wave of its own, so that what it needs is there before it begins."""
    seen: dict[str, str] = {}
    for application in of_kind(things, "Application"):
        if application["spec"].get("project") == "calf-root":
            continue
        wave = application["metadata"].get("annotations", {}).get(WAVE)
        if wave is None:
            yield Finding("waves", name(application), f"no {WAVE}")
        elif wave in seen:
            yield Finding("waves", name(application), f"wave {wave} is that of {seen[wave]}, too")
        else:
            seen[wave] = name(application)


def allowed(application: Object, made: list[Object], projects: list[Object]) -> Iterator[Finding]:
    """The Application's project is there and allows its sources, its namespaces and the kinds it makes."""
    spec = application["spec"]
    found = [project for project in projects if project["metadata"]["name"] == spec.get("project")]
    if not found:
        yield Finding("allowed", name(application), f"there is no project {spec.get('project')}")
        return
    project = found[0]["spec"]
    for source in sources(application):
        if source["repoURL"] not in project.get("sourceRepos", []):
            yield Finding("allowed", name(application), f"the project does not allow {source['repoURL']}")
    places = {place["namespace"] for place in project.get("destinations", [])}
    kinds = {
        (entry["group"], entry["kind"])
        for key in ("namespaceResourceWhitelist", "clusterResourceWhitelist")
        for entry in project.get(key, [])
    }
    for thing in made:
        place = thing["metadata"].get("namespace") or spec["destination"]["namespace"]
        if thing["kind"] != "Namespace" and place not in places:
            yield Finding("allowed", name(application), f"the project does not allow the namespace {place}")
        if (_group(thing), thing["kind"]) not in kinds:
            yield Finding("allowed", name(application), f"the project does not allow {name(thing)}")


def narrow_projects(things: list[Object]) -> Iterator[Finding]:
    """Projects name what they allow: nothing with a star."""
    for project in of_kind(things, "AppProject"):
        spec = project["spec"]
        words = list(spec.get("sourceRepos", []))
        for key in ("destinations", "namespaceResourceWhitelist", "clusterResourceWhitelist"):
            words += [value for entry in spec.get(key, []) for value in entry.values()]
        if any("*" in word for word in words):
            yield Finding("narrow-projects", name(project), "allows something with *")


def sources(application: Object) -> list[Object]:
    """Where an Application's manifests come from."""
    spec = application["spec"]
    return [*spec.get("sources", []), *([spec["source"]] if "source" in spec else [])]


def _group(thing: Object) -> str:
    return str(thing["apiVersion"].rpartition("/")[0])


RULES = (pinned, in_waves, narrow_projects)
