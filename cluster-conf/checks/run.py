"""`make conf-check`: renders every environment as Argo CD would, and holds it against schemas and rules."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from checks import cluster_rules, delivery_rules, image_rules, name_rules, pod_rules, quota_rules
from checks.complaints import brief, lines
from checks.digests import digests
from checks.objects import Finding, Object, laid_over, name
from checks.rendering import ENVIRONMENTS, Environment, render, workspace
from checks.schema_rules import VERSIONS, known_values, valid
from checks.tools import ToolFailedError

UNPINNED = "cluster-conf/unpinned.txt"
Rule = Callable[[list[Object]], Iterator[Finding]]
PARTS = (pod_rules, cluster_rules, delivery_rules, name_rules, quota_rules)
RULES: tuple[Rule, ...] = tuple(rule for part in PARTS for rule in part.RULES)


def check(
    repository: Path,
    environments: Iterable[str] = tuple(ENVIRONMENTS),
    say: Callable[[str], None] = lambda _: None,
) -> list[Finding]:
    """All findings about the tree of a repository; `say` hears what is being looked at."""
    findings = list(digests(repository))
    unpinned = image_rules.read_unpinned(repository / UNPINNED)
    used: set[str] = set()
    whole = True
    with workspace(repository) as copy:
        for title in environments:
            try:
                environment = render(copy, title)
            except (ToolFailedError, OSError, ValueError) as error:
                findings.append(Finding("renders", title, brief(str(error), copy)))
                whole = False
                continue
            say(f"{title:8} {len(environment.everything)} objects in {len(environment.parts)} Applications")
            findings += (
                finding._replace(where=f"{title}: {finding.where}") for finding in look(environment, unpinned)
            )
            used |= image_rules.images(environment.everything) | charts(environment)
    if whole:  # else what did not render would seem to be used nowhere
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
            where, place = name(part.application), part.application["spec"]["destination"]["namespace"]
            yield from known_values(together, where)
            yield from name_rules.values_lead_somewhere(together, where, things, place)


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
    wrong = list(lines(findings, repository))
    for line in wrong:
        print(f"wrong: {line}")
    if wrong:
        print(f"{len(wrong)} {'thing is' if len(wrong) == 1 else 'things are'} wrong")
        return 1
    print(f"every object is valid for Kubernetes {' and '.join(VERSIONS)}, and all rules hold")
    return 0


if __name__ == "__main__":
    sys.exit(main())
