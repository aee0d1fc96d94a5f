"""Every object against the schema of its kind: Kubernetes' own, version by version, or the resource's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import kubernetes_validate  # type: ignore[import-not-found]  # in the environment `cluster` only
from jsonschema.validators import Draft202012Validator  # type: ignore[import-untyped]

from checks.objects import Finding, Object, name

VERSIONS = ("1.34", "1.37")
"""Of Kubernetes: the newest, and the one three before it. docs/cluster.md names both."""
SCHEMAS = Path(__file__).parents[1] / "schemas"
VALUES = SCHEMAS / "pachyderm-values.json"


def valid(thing: Object) -> Iterator[Finding]:
    """What is wrong with an object. One of a kind that nobody knows is wrong, not passed over."""
    foreign = SCHEMAS / f"{thing.get('kind')}.json"
    if foreign.is_file():
        yield from _fits(thing, foreign, name(thing))
        return
    for version in VERSIONS:
        try:
            kubernetes_validate.validate(thing, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            path = ".".join(str(part) for part in error.path)
            yield Finding(f"Kubernetes {version}", name(thing), f"{path or 'object'}: {error.message}")
        except kubernetes_validate.SchemaNotFoundError:
            kind = f"{thing.get('apiVersion')} {thing.get('kind')}"
            yield Finding(
                f"Kubernetes {version}", name(thing), f"no schema of {kind}: nothing says it is valid"
            )


def known_values(values: Object, where: str) -> Iterator[Finding]:
    """What is wrong with the values of a chart: a key that nobody has looked up, one that is missing."""
    yield from _fits(values, VALUES, where)


def _fits(thing: Object, schema: Path, where: str) -> Iterator[Finding]:
    for error in _validator(schema).iter_errors(thing):
        path = ".".join(str(part) for part in error.path)
        yield Finding(schema.name, where, f"{path or 'object'}: {error.message}")


@cache
def _validator(schema: Path) -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema.read_text()))
