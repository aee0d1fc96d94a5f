"""`make conf-check`: renders every environment as Argo CD would, and holds it against schemas and rules."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from checks import cluster_rules, delivery_rules, image_rules, pod_rules
from checks.digests import digests
from checks.objects import Finding, Object, laid_over, name
from checks.rendering import ENVIRONMENTS, Environment, render, workspace
from checks.schema_rules import VERSIONS, known_values, valid
from checks.tools import ToolFailedError

UNPINNED = "cluster-conf/unpinned.txt"
Rule = Callable[[list[Object]], Iterator[Finding]]
RULES: tuple[Rule, ...] = (*pod_rules.RULES, *cluster_rules.RULES, *delivery_rules.RULES)


def check(
    repository: Path,
    environments: Iterable[str] = tuple(ENVIRONMENTS),
    say: Callable[[str], None] = lambda _: None,
) -> list[Finding]:
    """All findings about the tree of a repository; `say` hears what is being looked at."""
    findings = list(digests(repository))
    unpinned = image_rules.read_unpinned(repository / UNPINNED)
    used: set[str] = set()
    with workspace(repository) as copy:
        for title in environments:
            try:
                environment = render(copy, title)
            except (ToolFailedError, OSError, ValueError) as error:
                findings.append(Finding("renders", title, str(error)))
                continue
            say(f"{title:8} {len(environment.everything)} objects in {len(environment.parts)} Applications")
            findings += (
                finding._replace(where=f"{title}: {finding.where}") for finding in look(environment, unpinned)
            )
            used |= image_rules.images(environment.everything) | charts(environment)
    findings += image_rules.honest_list(used, unpinned)
    return list(dict.fromkeys(findings))


def look(environment: Environment, unpinned: dict[str, str]) -> Iterator[Finding]:
    """What is wrong with one environment."""
    things = environment.everything
    for thing in things:
        yield from valid(thing)
    for rule in RULES:
        yield from rule(things)
    yield from image_rules.by_digest(things, unpinned)
    for chart in charts(environment) - set(unpinned):
        yield Finding("by-digest", chart, "the images of a chart are not in unpinned.txt")
    applications = [part.application for part in environment.parts]
    yield from delivery_rules.allowed(environment.root, applications, environment.projects)
    for part in environment.parts:
        yield from delivery_rules.allowed(part.application, part.made, environment.projects)
        for file, values in part.values.items():
            yield from cluster_rules.no_secret_values(values, file)
        if part.values:
            together: Object = {}
            for values in part.values.values():
                together = laid_over(together, values)
            yield from known_values(together, name(part.application))


def charts(environment: Environment) -> set[str]:
    """The charts of others, which bring images of their own, as unpinned.txt names them."""
    return {
        f"chart:{source['chart']}:{source['targetRevision']}"
        for part in environment.parts
        for source in delivery_rules.sources(part.application)
        if "chart" in source
    }


def main() -> int:
    """Check this repository; 1 if anything is wrong."""
    repository = Path(__file__).resolve().parents[2]
    findings = check(repository, say=lambda line: print(line, flush=True))
    for finding in findings:
        print(f"wrong: {finding}")
    if findings:
        print(f"{len(findings)} findings")
        return 1
    print(f"every object is valid for Kubernetes {' and '.join(VERSIONS)}, and all rules hold")
    return 0


if __name__ == "__main__":
    sys.exit(main())
