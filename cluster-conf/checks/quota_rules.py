"""Whether what runs at once fits into the quotas: ours by its manifests, Pachyderm's workers by the specs.

The pods of Pachyderm's chart come on top; what is left is theirs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

import yaml

from checks.objects import Finding, Object, containers, laid_over, name, of_kind, pods

WORKERS = "pachyderm"
"""The namespace that Pachyderm makes workers in."""
SPECS, OVERLAYS = "pipeline-specs", "pipeline-overlays"
USUAL_CPU = "1"
"""What Pachyderm asks for a stage that does not say, and for the container beside it (its documentation)."""
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)(m|[kKMGT]i?)?")
_UNITS = {"": Fraction(1), "m": Fraction(1, 1000)}
_UNITS |= {unit: Fraction(1000) ** power for power, unit in enumerate("kMGT", 1)} | {"K": Fraction(1000)}
_UNITS |= {f"{unit}i": Fraction(1024) ** power for power, unit in enumerate("KMGT", 1)}
Amounts = Counter[str]


def fits_quota(things: list[Object]) -> Iterator[Finding]:
    """Each quota has room for all that its namespace is to run at once."""
    wanted: dict[str, Amounts] = {}
    try:
        for thing, spec in pods(things):
            place = wanted.setdefault(thing["metadata"].get("namespace", ""), Counter())
            place.update(_of_pods(thing, spec))
        wanted.setdefault(WORKERS, Counter()).update(_of_workers(things))
        for quota in of_kind(things, "ResourceQuota"):
            asked = wanted.get(quota["metadata"].get("namespace", ""), Counter())
            for measure, most in quota.get("spec", {}).get("hard", {}).items():
                if asked[measure] > amount(most):
                    what = f"{measure}: {most}, and what runs at once needs {_shown(asked[measure])}"
                    yield Finding("quota", name(quota), what)
    except ValueError as error:
        yield Finding("quota", "what is asked for", str(error))


def amount(text: object) -> int:
    """A quantity, in thousandths. Raises `ValueError` for what Kubernetes would not take."""
    found = _AMOUNT.fullmatch(str(text))
    if found is None:
        raise ValueError(f'"{text}" is no amount; write a number with m, Ki, Mi, Gi or Ti, such as 512Mi')
    return int(Fraction(found[1]) * _UNITS[found[2] or ""] * 1000)


def _of_pods(thing: Object, spec: Object) -> Amounts:
    """Of all pods of an object, and their volumes."""
    one: Amounts = Counter(pods=1000)
    for container in containers(spec):
        for part in ("requests", "limits"):
            for measure, text in container.get("resources", {}).get(part, {}).items():
                one[f"{part}.{measure}"] += amount(text)
    for claim in thing["spec"].get("volumeClaimTemplates", []):
        one["requests.storage"] += amount(claim["spec"]["resources"]["requests"]["storage"])
    return _times(one, int(thing["spec"].get("replicas", 1)))


def _of_workers(things: list[Object]) -> Amounts:
    """Of the workers of all pipelines, each with its sidecar."""
    maps = {thing["metadata"]["name"]: thing.get("data", {}) for thing in of_kind(things, "ConfigMap")}
    over = {file.removesuffix(".yaml"): text for file, text in maps.get(OVERLAYS, {}).items()}
    ranges = [thing["spec"]["limits"][0] for thing in of_kind(things, "LimitRange") if _at_workers(thing)]
    usual = ranges[0].get("default", {}).get("memory", 0) if ranges else 0
    total: Amounts = Counter()
    for text in maps.get(SPECS, {}).values():
        spec = yaml.safe_load(text)
        title = spec["pipeline"]["name"]
        spec = laid_over(spec, yaml.safe_load(over[title])) if title in over else spec
        asks, most = spec.get("resource_requests", {}), spec.get("resource_limits", {})
        limit = most.get("memory", usual)
        if usual and amount(asks.get("memory", 0)) > amount(limit):
            raise ValueError(f"{title}: asks for {asks['memory']} and may have {limit}: give resource_limits")
        one: Amounts = Counter(pods=1000)
        one["requests.cpu"] = amount(asks.get("cpu", USUAL_CPU)) + amount(USUAL_CPU)
        one["requests.memory"] = amount(asks.get("memory", limit)) + amount(usual)
        one["limits.memory"] = amount(limit) + amount(usual)
        gpu = most.get("gpu", {})
        one[f"requests.{gpu.get('type', 'no.gpu')}"] = amount(gpu.get("number", 0))
        total.update(_times(one, int(spec.get("parallelism_spec", {}).get("constant", 1))))
    return total


def _at_workers(thing: Object) -> bool:
    return bool(thing["metadata"].get("namespace") == WORKERS)


def _times(one: Amounts, number: int) -> Amounts:
    return Counter({measure: number * value for measure, value in one.items()})


def _shown(thousandths: int) -> str:
    """As people write it: in Gi where it is large."""
    value = Fraction(thousandths, 1000)
    return f"{float(value / 2**30):.4g}Gi" if value >= 2**27 else f"{float(value):.4g}"


RULES = (fits_quota,)
