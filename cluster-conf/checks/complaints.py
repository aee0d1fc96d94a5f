"""What `make conf-check` prints: each thing that is wrong once, with the file that it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

from checks.objects import Finding
from checks.rendering import ENVIRONMENTS

_FOLDER = re.compile(r"recursed accumulation of path '([^']+)': ")
_AROUND = re.compile(r"^(?:accumulating resources: |accumulation err=')+")
_OBJECT = re.compile(r"(\w+) (?:[\w.-]+/)?([\w.-]+)")


def brief(said: str, copy: Path) -> str:
    """What kustomize says, without the folders that led there and without those of the copy."""
    text = said.replace(f"{copy}/", "")
    folders = _FOLDER.findall(text)
    if not folders:
        return text
    inner = text.rpartition(f"path '{folders[-1]}': ")[2].partition("': must build at directory")[0]
    return f"{folders[-1]}: {_AROUND.sub('', inner)}"


def lines(findings: Iterable[Finding], repository: Path) -> Iterator[str]:
    """A line for each thing, however many environments and versions of Kubernetes have it."""
    files = _files(repository)
    places: dict[tuple[str, str], list[str]] = {}
    rules: dict[tuple[str, str], list[str]] = {}
    for finding in findings:
        title, _, rest = finding.where.partition(": ")
        known = title in ENVIRONMENTS
        key = (rest if known else finding.where, finding.what)
        places.setdefault(key, []).extend([title] if known else [])
        rules.setdefault(key, []).append(finding.rule)
    for (where, what), found in rules.items():
        titles = list(dict.fromkeys(places[where, what]))
        parts = [
            ", ".join(titles) if len(titles) < len(ENVIRONMENTS) else "",
            where + files.get(_key(where), ""),
        ]
        yield f"{': '.join(part for part in (*parts, what) if part)} [{', '.join(dict.fromkeys(found))}]"


def _key(where: str) -> str:
    found = _OBJECT.match(where)
    return " ".join(found.groups()) if found else ""


def _files(repository: Path) -> dict[str, str]:
    """The files that objects stand in, by kind and name. Those that charts make have none."""
    found: dict[str, list[str]] = {}
    for path in sorted((repository / "cluster-conf").rglob("*.yaml")):
        try:
            things = list(yaml.safe_load_all(path.read_text()))
        except yaml.YAMLError:
            continue
        for thing in things:
            if isinstance(thing, dict) and isinstance(thing.get("metadata"), dict):
                key = f"{thing.get('kind')} {thing['metadata'].get('name')}"
                found.setdefault(key, []).append(str(path.relative_to(repository)))
    return {key: f" ({' or '.join(dict.fromkeys(paths))})" for key, paths in found.items()}
